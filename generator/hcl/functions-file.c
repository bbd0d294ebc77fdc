/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/fd.h"
#include "hcl/functions-impl.h"
#include "hcl/functions-path.h"

/* Nomad reads any file that its user can read. Here a job file, which may be somebody else's, sees
 * its own folder only: paths are resolved beneath it by the kernel. */

/* Expands "~" and "~/...": NULL after reporting. */
static char *expand_home(HclCall *call, const char *path) {
        const HclFileAccess *access = hcl_call_user(call);

        if (path[0] != '~')
                return g_strdup(path);
        if (path[1] != '\0' && path[1] != '/')
                return (void *)hcl_call_fail(call, 0,
                                             "cannot expand the home directory of another user");
        if (access->home_dir == NULL)
                return (void *)hcl_call_fail(call, 0,
                                             "failed to expand ~: there is no home directory");
        return hcl_path_join(access->home_dir, path[1] == '\0' ? "." : path + 2);
}

static bool is_allowed(HclCall *call) {
        const HclFileAccess *access = hcl_call_user(call);

        if (!access->allowed)
                hcl_call_fail(call, -1, "filesystem functions are disabled here");
        return access->allowed;
}

/* A string argument as a path; NULL after reporting. */
static const char *get_path(HclCall *call, HclValue *const *args, int arg) {
        size_t size;
        const char *path = hcl_arg_text(args, (size_t)arg, &size);

        if (!is_allowed(call))
                return NULL;
        if (strlen(path) == size)
                return path;
        hcl_call_fail(call, arg, "a path cannot hold a NUL character");
        return NULL;
}

/* The folder of the job file, as an absolute path. */
static char *absolute_base(const HclFileAccess *access) {
        g_autofree char *current = access->work_dir == NULL ? g_get_current_dir() : NULL;

        return hcl_path_join(access->work_dir != NULL ? access->work_dir : current,
                             access->base_dir);
}

/* Where a path leads below the base: clean and relative. NULL after reporting. */
static char *path_below_base(HclCall *call, HclValue *const *args) {
        const HclFileAccess *access = hcl_call_user(call);
        const char *path = get_path(call, args, 0);
        g_autofree char *expanded = path == NULL ? NULL : expand_home(call, path);
        g_autofree char *base = absolute_base(access);
        g_autofree char *absolute = NULL;
        const char *below;

        if (expanded == NULL)
                return NULL;
        absolute = hcl_path_join(base, expanded);
        below = hcl_path_below(base, absolute);
        if (below == NULL)
                return hcl_call_fail(call, 0,
                                     "%s is outside of %s; only files of that folder can "
                                     "be read",
                                     absolute, base),
                       NULL;
        return g_strdup(below);
}

/* Opens a path beneath the base; negative errno on failure. */
static int open_beneath(const HclFileAccess *access, const char *path, guint64 flags) {
        g_auto(NookFd) base = open(access->base_dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
        struct open_how how = {.flags = flags | O_CLOEXEC | O_NONBLOCK | O_NOCTTY,
                               .resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS};
        long fd;

        if (base < 0)
                return -errno;
        if (flags & O_PATH)
                how.flags = flags | O_CLOEXEC;
        fd = syscall(SYS_openat2, base, path, &how, sizeof(how));
        return fd < 0 ? -errno : (int)fd;
}

static HclValue *fail_open(HclCall *call, const char *path, int errnum) {
        if (errnum == -ENOENT)
                return hcl_call_fail(call, 0, "no file exists at %s", path);
        if (errnum == -EXDEV)
                return hcl_call_fail(call, 0, "%s leads out of the folder of the job file", path);
        return hcl_call_fail(call, 0, "failed to read %s: %s", path, g_strerror(-errnum));
}

/* ---- file, filebase64 ---- */

/* Reads all of a regular file; NULL after reporting. */
static GByteArray *read_all(HclCall *call, int fd, const char *path) {
        g_autoptr(GByteArray) bytes = g_byte_array_new();
        struct stat info;
        ssize_t n;

        if (fstat(fd, &info) < 0 || !S_ISREG(info.st_mode))
                return (void *)hcl_call_fail(call, 0, "%s is not a regular file", path);
        do {
                guint8 buffer[16384];

                n = read(fd, buffer, sizeof(buffer));
                if (n > 0)
                        g_byte_array_append(bytes, buffer, (guint)n);
                if (bytes->len > HCL_FILE_SIZE_MAX)
                        return (void *)hcl_call_fail(call, 0, "%s is larger than %d MiB", path,
                                                     HCL_FILE_SIZE_MAX >> 20);
        } while (n > 0 || (n < 0 && errno == EINTR));
        if (n < 0)
                return (void *)fail_open(call, path, -errno);
        return g_steal_pointer(&bytes);
}

static GByteArray *read_argument(HclCall *call, HclValue *const *args) {
        g_autofree char *path = path_below_base(call, args);
        g_auto(NookFd) fd = -1;

        if (path == NULL)
                return NULL;
        fd = open_beneath(hcl_call_user(call), path, O_RDONLY);
        if (fd < 0)
                return (void *)fail_open(call, path, fd);
        return read_all(call, fd, path);
}

static HclValue *call_file(HclCall *call, HclValue *const *args, size_t n_args) {
        g_autoptr(GByteArray) bytes = read_argument(call, args);

        if (bytes == NULL)
                return NULL;
        if (bytes->len > 0 && !hcl_text_is_utf8((const char *)bytes->data, bytes->len))
                return hcl_call_fail(call, 0,
                                     "contents of %s are not valid UTF-8; use the "
                                     "filebase64 function to obtain the Base64 encoded "
                                     "contents",
                                     hcl_arg_text(args, 0, NULL));
        return hcl_value_string(bytes->len == 0 ? "" : (const char *)bytes->data,
                                (gssize)bytes->len);
}

static HclValue *call_filebase64(HclCall *call, HclValue *const *args, size_t n_args) {
        g_autoptr(GByteArray) bytes = read_argument(call, args);
        g_autofree char *encoded = NULL;

        if (bytes == NULL)
                return NULL;
        encoded = g_base64_encode(bytes->len == 0 ? (const guint8 *)"" : bytes->data, bytes->len);
        return hcl_value_string(encoded, -1);
}

/* ---- fileexists, fileset ---- */

static HclValue *call_fileexists(HclCall *call, HclValue *const *args, size_t n_args) {
        g_autofree char *path = path_below_base(call, args);
        g_auto(NookFd) fd = -1;
        struct stat info;

        if (path == NULL)
                return NULL;
        fd = open_beneath(hcl_call_user(call), path, O_PATH);
        if (fd == -ENOENT || fd == -ENOTDIR)
                return hcl_value_bool(false);
        if (fd < 0)
                return fail_open(call, path, fd);
        if (fstat(fd, &info) < 0 || !S_ISREG(info.st_mode))
                return hcl_call_fail(call, 0, "%s is not a regular file", path);
        return hcl_value_bool(true);
}

static void add_found(const char *path, void *user) {
        g_ptr_array_add(user, hcl_value_string(path, -1));
}

static HclValue *call_fileset(HclCall *call, HclValue *const *args, size_t n_args) {
        g_autofree char *path = path_below_base(call, args);
        g_autoptr(GPtrArray) found = hcl_value_array_new();
        g_auto(NookFd) fd = -1;
        const char *pattern = path == NULL ? NULL : get_path(call, args, 1);
        const char *why;

        if (pattern == NULL)
                return NULL;
        fd = open_beneath(hcl_call_user(call), path, O_RDONLY | O_DIRECTORY);
        if (fd == -ENOENT || fd == -ENOTDIR)
                return hcl_value_set(&hcl_type_string, NULL, 0);
        if (fd < 0)
                return fail_open(call, path, fd);
        why = hcl_glob(fd, pattern, add_found, found);
        if (why != NULL)
                return hcl_call_fail(call, 1, "failed to glob pattern (%s): %s", pattern, why);
        return hcl_value_set(&hcl_type_string, (HclValue *const *)found->pdata, found->len);
}

/* ---- Paths as text ---- */

static HclValue *take_path(char *path) {
        HclValue *value = path == NULL ? NULL : hcl_value_string(path, -1);

        g_free(path);
        return value;
}

static HclValue *call_abspath(HclCall *call, HclValue *const *args, size_t n_args) {
        const HclFileAccess *access = hcl_call_user(call);
        const char *path = get_path(call, args, 0);
        g_autofree char *base =
                access->work_dir != NULL ? g_strdup(access->work_dir) : absolute_base(access);

        return path == NULL ? NULL : take_path(hcl_path_join(base, path));
}

/* Without slashes at its end; "." of an empty path, "/" of nothing but slashes. */
static HclValue *call_basename(HclCall *call, HclValue *const *args, size_t n_args) {
        const char *path = get_path(call, args, 0);
        g_autofree char *copy = NULL;
        size_t size;
        const char *slash;

        if (path == NULL)
                return NULL;
        if (path[0] == '\0')
                return hcl_value_string(".", 1);
        size = strlen(path);
        while (size > 0 && path[size - 1] == '/')
                size--;
        if (size == 0)
                return hcl_value_string("/", 1);
        copy = g_strndup(path, size);
        slash = strrchr(copy, '/');
        return hcl_value_string(slash != NULL ? slash + 1 : copy, -1);
}

static HclValue *call_dirname(HclCall *call, HclValue *const *args, size_t n_args) {
        const char *path = get_path(call, args, 0);
        const char *slash = path == NULL ? NULL : strrchr(path, '/');
        g_autofree char *folder = NULL;

        if (path == NULL)
                return NULL;
        folder = slash == NULL ? g_strdup("") : g_strndup(path, (gsize)(slash - path) + 1);
        return take_path(hcl_path_clean(folder));
}

static HclValue *call_pathexpand(HclCall *call, HclValue *const *args, size_t n_args) {
        const char *path = get_path(call, args, 0);

        return path == NULL ? NULL : take_path(expand_home(call, path));
}

static const HclParameter one_path[] = {{"path", &hcl_type_string}};
static const HclParameter path_and_pattern[] = {{"path", &hcl_type_string},
                                                {"pattern", &hcl_type_string}};

static const HclFunction file_functions[] = {
        {"abspath", HCL_PARAMETERS(one_path), .call = call_abspath},
        {"basename", HCL_PARAMETERS(one_path), .call = call_basename},
        {"dirname", HCL_PARAMETERS(one_path), .call = call_dirname},
        {"file", HCL_PARAMETERS(one_path), .call = call_file},
        {"filebase64", HCL_PARAMETERS(one_path), .call = call_filebase64},
        {"fileexists", HCL_PARAMETERS(one_path), .call = call_fileexists},
        {"fileset", HCL_PARAMETERS(path_and_pattern), .call = call_fileset},
        {"pathexpand", HCL_PARAMETERS(one_path), .call = call_pathexpand},
};

void hcl_scope_add_file_functions(HclScope *scope, const HclFileAccess *access) {
        union {
                const HclFileAccess *access;
                void *user;
        } as_user = {.access = access};

        hcl_scope_add_functions(scope, file_functions, G_N_ELEMENTS(file_functions), as_user.user);
}
