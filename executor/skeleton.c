/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "skeleton.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/fd.h"
#include "beneath.h"
#include "path.h"
#include "tree.h"

G_DEFINE_AUTOPTR_CLEANUP_FUNC(DIR, closedir)

/* The two places that programs expect to be everybody's; the task's own mount comes over them. */
static mode_t directory_mode(const char *path) {
        return g_str_equal(path, "/tmp") || g_str_equal(path, "/var/tmp") ? 01777 : 0755;
}

static const mode_t FILE_MODE = 0444;

static bool check_path(const char *path, GError **error) {
        const char *reason;

        return nook_path_is_clean(path, &reason) ||
               nook_fail(error, NOOK_ERROR_PATH, "'%s' cannot be in a skeleton: %s", path, reason);
}

/* --- making ---------------------------------------------------------------------------------- */

static bool make_directory(int root_fd, const char *path, GError **error) {
        g_auto(NookFd) parent_fd = -1, fd = -1;
        const char *name;

        parent_fd = nook_beneath_open_parent(root_fd, path + 1, &name);
        if (parent_fd < 0 || mkdirat(parent_fd, name, 0700) < 0)
                return nook_fail_errno(error, errno, "make '%s' in a skeleton", path);
        fd = nook_beneath_open(parent_fd, name, O_RDONLY | O_DIRECTORY, 0, NOOK_BENEATH_STRICT);
        if (fd < 0 || fchmod(fd, directory_mode(path)) < 0)
                return nook_fail_errno(error, errno, "make '%s' in a skeleton", path);
        return true;
}

static bool make_file(int root_fd, const char *path, GError **error) {
        g_auto(NookFd) parent_fd = -1, fd = -1;
        const char *name;

        parent_fd = nook_beneath_open_parent(root_fd, path + 1, &name);
        if (parent_fd >= 0)
                fd = nook_beneath_open(parent_fd, name, O_WRONLY | O_CREAT | O_EXCL, FILE_MODE,
                                       NOOK_BENEATH_STRICT);
        if (fd < 0 || fchmod(fd, FILE_MODE) < 0)
                return nook_fail_errno(error, errno, "make '%s' in a skeleton", path);
        return true;
}

static bool make_link(int root_fd, const char *path, const char *target, GError **error) {
        g_auto(NookFd) parent_fd = -1;
        const char *name;

        parent_fd = nook_beneath_open_parent(root_fd, path + 1, &name);
        if (parent_fd < 0 || symlinkat(target, parent_fd, name) < 0)
                return nook_fail_errno(error, errno, "make the link '%s' in a skeleton", path);
        return true;
}

static bool fill(const NookSkeleton *skeleton, int root_fd, GError **error) {
        for (char **d = skeleton->directories; d != NULL && *d != NULL; d++) {
                if (!check_path(*d, error) ||
                    (!g_str_equal(*d, "/") && !make_directory(root_fd, *d, error)))
                        return false;
        }
        for (char **f = skeleton->files; f != NULL && *f != NULL; f++) {
                if (!check_path(*f, error) || !make_file(root_fd, *f, error))
                        return false;
        }
        for (char **l = skeleton->links; l != NULL && *l != NULL; l += 2) {
                if (!check_path(l[0], error) || !make_link(root_fd, l[0], l[1], error))
                        return false;
        }
        return fchmod(root_fd, 0755) == 0 ||
               nook_fail_errno(error, errno, "set the mode of a skeleton");
}

/* --- checking -------------------------------------------------------------------------------- */

typedef struct {
        GHashTable *expected; /* "etc/passwd" -> link text, or "" for a file, "/" for a directory */
        guint seen;
} Check;

static char directory_text[] = "/", file_text[] = "";

static GHashTable *expected_entries(const NookSkeleton *skeleton) {
        GHashTable *expected = g_hash_table_new(g_str_hash, g_str_equal);

        for (char **d = skeleton->directories; d != NULL && *d != NULL; d++) {
                if (!g_str_equal(*d, "/"))
                        g_hash_table_insert(expected, *d + 1, directory_text);
        }
        for (char **f = skeleton->files; f != NULL && *f != NULL; f++)
                g_hash_table_insert(expected, *f + 1, file_text);
        for (char **l = skeleton->links; l != NULL && *l != NULL; l += 2)
                g_hash_table_insert(expected, l[0] + 1, l[1]);
        return expected;
}

/* Whether an entry is what the specification says: kind, owner, mode, size, text. */
static bool is_as_expected(int dir_fd, const char *name, const char *relative, const char *expected,
                           const struct stat *st) {
        char text[PATH_MAX];
        ssize_t length;

        if (st->st_uid != geteuid())
                return false;
        if (S_ISDIR(st->st_mode)) {
                g_autofree char *path = g_strconcat("/", relative, NULL);

                return g_str_equal(expected, "/") && (st->st_mode & 07777) == directory_mode(path);
        }
        if (S_ISREG(st->st_mode))
                return *expected == '\0' && (st->st_mode & 07777) == FILE_MODE && st->st_size == 0;
        if (!S_ISLNK(st->st_mode))
                return false;
        length = readlinkat(dir_fd, name, text, sizeof(text));
        return length >= 0 && (size_t)length == strlen(expected) &&
               memcmp(text, expected, (size_t)length) == 0;
}

static bool check_directory(Check *check, int fd, const char *relative) {
        g_autoptr(DIR) dir = NULL;
        int own_fd = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        struct dirent *entry;

        dir = own_fd >= 0 ? fdopendir(own_fd) : NULL;
        if (dir == NULL)
                return false;
        while ((entry = readdir(dir)) != NULL) {
                g_autofree char *path = NULL;
                g_auto(NookFd) sub_fd = -1;
                const char *expected;
                struct stat st;

                if (g_str_equal(entry->d_name, ".") || g_str_equal(entry->d_name, ".."))
                        continue;
                path = *relative == '\0' ? g_strdup(entry->d_name)
                                         : g_build_filename(relative, entry->d_name, NULL);
                expected = g_hash_table_lookup(check->expected, path);
                if (expected == NULL || fstatat(fd, entry->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0 ||
                    !is_as_expected(fd, entry->d_name, path, expected, &st))
                        return false;
                check->seen++;
                if (!S_ISDIR(st.st_mode))
                        continue;
                sub_fd = nook_beneath_open(fd, entry->d_name, O_RDONLY | O_DIRECTORY, 0,
                                           NOOK_BENEATH_STRICT);
                if (sub_fd < 0 || !check_directory(check, sub_fd, path))
                        return false;
        }
        return true;
}

static bool check_all(const NookSkeleton *skeleton, int root_fd) {
        g_autoptr(GHashTable) expected = expected_entries(skeleton);
        Check check = {.expected = expected};
        struct stat st;

        if (fstat(root_fd, &st) < 0 || st.st_uid != geteuid() || (st.st_mode & 07777) != 0755)
                return false;
        return check_directory(&check, root_fd, "") && check.seen == g_hash_table_size(expected);
}

static bool is_earlier(struct timespec time, struct timespec other) {
        return time.tv_sec != other.tv_sec ? time.tv_sec < other.tv_sec
                                           : time.tv_nsec < other.tv_nsec;
}

/* Whether an entry is of its kind and mode and has not been changed since a moment. What is made,
 * removed or renamed in a directory changes the directory. */
static bool is_unchanged_since(int root_fd, const char *path, mode_t mode, struct timespec then) {
        struct stat st;

        return fstatat(root_fd, path + 1, &st, AT_SYMLINK_NOFOLLOW) == 0 && st.st_mode == mode &&
               st.st_uid == geteuid() && is_earlier(st.st_ctim, then);
}

/* When a skeleton was last seen whole is noted in its top directory: the time of its last change,
 * and one nanosecond less as that of the last access. A new entry, a removed one and whoever reads
 * the directory undo that relation. */
static bool read_note(int root_fd, struct timespec *ret_then) {
        struct stat top;

        if (fstat(root_fd, &top) < 0 || top.st_uid != geteuid() || (top.st_mode & 07777) != 0755 ||
            top.st_mtim.tv_sec != top.st_atim.tv_sec ||
            top.st_mtim.tv_nsec != top.st_atim.tv_nsec + 1)
                return false;
        *ret_then = top.st_atim;
        return true;
}

/* Only saves time: what cannot be noted is looked at again in full. The clock is that of the file
 * systems' own times, which stand still for some milliseconds: what bears the note's own time
 * counts as changed. */
static void write_note(int root_fd) {
        struct timespec times[2];

        if (clock_gettime(CLOCK_REALTIME_COARSE, &times[0]) < 0)
                return;
        times[0].tv_nsec -= times[0].tv_nsec == 999999999;
        times[1] = times[0];
        times[1].tv_nsec++;
        (void)futimens(root_fd, times);
}

/* Looks only at what would have changed if anything had since the skeleton was seen whole. */
static bool is_unchanged(const NookSkeleton *skeleton, int root_fd) {
        struct timespec then;

        if (!read_note(root_fd, &then))
                return false;
        for (char **d = skeleton->directories; d != NULL && *d != NULL; d++)
                if (!g_str_equal(*d, "/") &&
                    !is_unchanged_since(root_fd, *d, S_IFDIR | directory_mode(*d), then))
                        return false;
        for (char **f = skeleton->files; f != NULL && *f != NULL; f++)
                if (!is_unchanged_since(root_fd, *f, S_IFREG | FILE_MODE, then))
                        return false;
        return true;
}

static bool is_whole(const NookSkeleton *skeleton, int root_fd) {
        if (is_unchanged(skeleton, root_fd))
                return true;
        if (!check_all(skeleton, root_fd))
                return false;
        write_note(root_fd);
        return true;
}

/* --- both ------------------------------------------------------------------------------------ */

/* Opens the directory that holds all skeletons; it must be nook's alone. */
static bool open_parent(const char *path, int *ret_fd, GError **error) {
        g_auto(NookFd) fd = -1;
        struct stat st;

        if (g_mkdir_with_parents(path, 0755) < 0)
                return nook_fail_errno(error, errno, "make '%s'", path);
        fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (fd < 0 || fstat(fd, &st) < 0)
                return nook_fail_errno(error, errno, "open '%s'", path);
        if (st.st_uid != geteuid() || (st.st_mode & 0022) != 0)
                return nook_fail(error, NOOK_ERROR_PATH,
                                 "'%s' must belong to uid %u and be writable by nobody else", path,
                                 geteuid());
        *ret_fd = nook_fd_steal(&fd);
        return true;
}

/* Puts aside a skeleton that is not what its name says. */
static bool put_aside(int parent_fd, const char *name, GError **error) {
        for (unsigned i = 0; i < 10000; i++) {
                g_autofree char *aside = g_strdup_printf(".old-%s-%u", name, i);

                if (renameat2(parent_fd, name, parent_fd, aside, RENAME_NOREPLACE) == 0 ||
                    errno == ENOENT)
                        return true;
                if (errno != EEXIST)
                        break;
        }
        return nook_fail_errno(error, errno, "put the damaged skeleton '%s' aside", name);
}

/* Builds a skeleton under a name of its own and renames it. *ret_is_taken: another process was
 * faster; the caller looks at its work. */
static bool build(const NookSkeleton *skeleton, int parent_fd, const char *name, bool *ret_is_taken,
                  GError **error) {
        g_autofree char *uuid = g_uuid_string_random();
        /* With the pid, since GLib's random numbers are the same in processes forked from one. */
        g_autofree char *temporary = g_strdup_printf(".new-%d-%s", getpid(), uuid);
        g_auto(NookFd) fd = -1;
        bool made;

        if (mkdirat(parent_fd, temporary, 0700) < 0)
                return nook_fail_errno(error, errno, "make the skeleton '%s'", skeleton->path);
        fd = nook_beneath_open(parent_fd, temporary, O_RDONLY | O_DIRECTORY, 0,
                               NOOK_BENEATH_STRICT);
        made = fd >= 0 ? fill(skeleton, fd, error)
                       : nook_fail_errno(error, errno, "open the skeleton '%s'", skeleton->path);
        *ret_is_taken = false;
        if (made && renameat2(parent_fd, temporary, parent_fd, name, RENAME_NOREPLACE) == 0)
                return true;
        if (made && errno == EEXIST)
                *ret_is_taken = true;
        else if (made)
                made = nook_fail_errno(error, errno, "make the skeleton '%s'", skeleton->path);
        (void)nook_tree_remove(parent_fd, temporary, skeleton->path, NULL);
        return made;
}

bool nook_skeleton_ensure(const NookSkeleton *skeleton, GError **error) {
        g_autofree char *parent = g_path_get_dirname(skeleton->path);
        g_autofree char *name = g_path_get_basename(skeleton->path);
        g_auto(NookFd) parent_fd = -1;

        if (!check_path(skeleton->path, error) || !open_parent(parent, &parent_fd, error))
                return false;
        for (unsigned tries = 0; tries < 8; tries++) {
                g_auto(NookFd) fd = nook_beneath_open(parent_fd, name, O_RDONLY | O_DIRECTORY, 0,
                                                      NOOK_BENEATH_STRICT);
                bool is_taken;

                if (fd >= 0 && is_whole(skeleton, fd))
                        return true;
                if ((fd >= 0 || errno != ENOENT) && !put_aside(parent_fd, name, error))
                        return false;
                if (!build(skeleton, parent_fd, name, &is_taken, error))
                        return false;
                if (!is_taken)
                        return true;
        }
        return nook_fail(error, NOOK_ERROR_FAILED,
                         "make the skeleton '%s': others keep changing it", skeleton->path);
}
