/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "worker-confine.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <linux/capability.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/error.h"
#include "base/fd.h"
#include "beneath.h"

enum {
        FIRST_SPARE_FD = 100, /* above all numbers that a worker's descriptors will have */
        OPEN_FILES_MAX = 128,
};

#ifdef __SANITIZE_ADDRESS__
static const bool is_sanitized = true;
#else
static const bool is_sanitized = false;
#endif

/* Memory of a worker: the largest window of zstd and xz, and a zip's directory, several times. */
static const rlim_t MEMORY_BYTES_MAX = (rlim_t)2 * 1024 * 1024 * 1024;

/* What every program needs. */
static const char *const library_paths[] = {
        "/usr/lib", "/usr/lib32", "/usr/lib64",       "/usr/libx32", "/lib",
        "/lib32",   "/lib64",     "/etc/ld.so.cache", "/libx32",
};

/* What resolving names and TLS need. */
static const char *const network_paths[] = {
        "/etc/resolv.conf",
        "/etc/hosts",
        "/etc/host.conf",
        "/etc/gai.conf",
        "/etc/nsswitch.conf",
        "/etc/services",
        "/etc/ssl/certs",
        "/etc/ssl/openssl.cnf",
        "/etc/ca-certificates",
        "/etc/pki/tls/certs",
        "/etc/pki/ca-trust/extracted",
        "/etc/crypto-policies",
        "/usr/share/ca-certificates",
        "/usr/local/share/ca-certificates",
        "/run/systemd/resolve",
};

static bool fail_wall(const char *what, GError **error) {
        return nook_fail(error, NOOK_ERROR_UNSUPPORTED, "confine a worker: %s: %s", what,
                         g_strerror(errno));
}

/* --- living and dying with the parent --------------------------------------------------------- */

static bool tie_to_parent(GError **error) {
        return prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) == 0 ||
               fail_wall("ask to die with nook", error);
}

/* Waits for the parent. Its death before the tie was made shows as the end of the pipe. */
static bool wait_for_go(int go_fd, GError **error) {
        char byte;
        ssize_t size;

        do
                size = read(go_fd, &byte, 1);
        while (size < 0 && errno == EINTR);
        return size == 1 || nook_fail(error, NOOK_ERROR_FAILED, "nook has died");
}

/* --- the root -------------------------------------------------------------------------------- */

/* Makes what a mount stands on: a file or a directory, with its parents. */
static bool make_mount_point(int root_fd, const char *path, bool is_directory, GError **error) {
        g_autofree char *parent = g_path_get_dirname(path + 1);
        g_auto(NookFd) fd = -1, parent_fd = -1;
        const char *name = NULL;

        parent_fd = nook_beneath_make_directories(root_fd, parent, 0755, NULL);
        if (parent_fd < 0)
                return fail_wall(path, error);
        name = strrchr(path, '/') + 1;
        if (is_directory)
                return mkdirat(parent_fd, name, 0755) == 0 || errno == EEXIST ||
                       fail_wall(path, error);
        fd = openat(parent_fd, name, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0444);
        return fd >= 0 || fail_wall(path, error);
}

static bool set_attributes(int fd, uint64_t attributes) {
        struct mount_attr attr = {.attr_set = attributes};

        return mount_setattr(fd, "", AT_EMPTY_PATH | AT_RECURSIVE, &attr, sizeof(attr)) == 0;
}

/* Takes a copy of the mounts at a path, attached nowhere yet. */
static int clone_mounts(const char *path) {
        return open_tree(AT_FDCWD, path, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE);
}

/* Attaches such a copy in the new root. */
static bool attach(int root_fd, int fd, const char *destination, uint64_t attributes,
                   GError **error) {
        struct stat st;

        if (fstat(fd, &st) < 0 || !set_attributes(fd, attributes))
                return fail_wall(destination, error);
        if (!make_mount_point(root_fd, destination, S_ISDIR(st.st_mode), error))
                return false;
        return move_mount(fd, "", root_fd, destination + 1, MOVE_MOUNT_F_EMPTY_PATH) == 0 ||
               fail_wall(destination, error);
}

/* Shows one of the host's paths in the new root: a link directly in the root stays a link, as on
 * hosts with a merged /usr. What the host does not have is left out. */
static bool show_path(int root_fd, const char *path, GError **error) {
        g_auto(NookFd) fd = -1;
        char text[PATH_MAX];
        struct stat st;
        ssize_t length;

        if (lstat(path, &st) < 0)
                return errno == ENOENT || errno == ENOTDIR || fail_wall(path, error);
        if (S_ISLNK(st.st_mode) && strchr(path + 1, '/') == NULL) {
                length = readlink(path, text, sizeof(text) - 1);
                if (length < 0)
                        return fail_wall(path, error);
                text[length] = '\0';
                return symlinkat(text, root_fd, path + 1) == 0 || fail_wall(path, error);
        }
        if (S_ISLNK(st.st_mode) && stat(path, &st) < 0)
                return true; /* leads nowhere */
        fd = clone_mounts(path);
        if (fd < 0)
                return fail_wall(path, error);
        return attach(root_fd, fd, path, MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV,
                      error);
}

static bool show_paths(int root_fd, const char *const *paths, size_t n_paths, GError **error) {
        for (size_t i = 0; i < n_paths; i++) {
                if (!show_path(root_fd, paths[i], error))
                        return false;
        }
        return true;
}

/* A small empty file system over the mount point. */
static bool make_root(const char *mount_point, int *ret_fd, GError **error) {
        g_auto(NookFd) context_fd = fsopen("tmpfs", FSOPEN_CLOEXEC);
        g_auto(NookFd) fd = -1;

        if (context_fd < 0 || fsconfig(context_fd, FSCONFIG_SET_STRING, "size", "256k", 0) < 0 ||
            fsconfig(context_fd, FSCONFIG_SET_STRING, "nr_inodes", "256", 0) < 0 ||
            fsconfig(context_fd, FSCONFIG_SET_STRING, "mode", "0755", 0) < 0 ||
            fsconfig(context_fd, FSCONFIG_CMD_CREATE, NULL, NULL, 0) < 0)
                return fail_wall("make a root", error);
        fd = fsmount(context_fd, FSMOUNT_CLOEXEC,
                     MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC);
        if (fd < 0 || move_mount(fd, "", AT_FDCWD, mount_point, MOVE_MOUNT_F_EMPTY_PATH) < 0)
                return fail_wall("make a root", error);
        *ret_fd = nook_fd_steal(&fd);
        return true;
}

/* Leaves the host's tree behind for good. */
static bool enter_root(int root_fd, GError **error) {
        struct mount_attr attr = {.attr_set = MOUNT_ATTR_RDONLY};

        if (mount_setattr(root_fd, "", AT_EMPTY_PATH, &attr, sizeof(attr)) < 0 ||
            fchdir(root_fd) < 0 || syscall(SYS_pivot_root, ".", ".") < 0 ||
            umount2(".", MNT_DETACH) < 0 || chdir("/") < 0)
                return fail_wall("enter a root", error);
        return true;
}

/* A directory that a worker writes: nothing in it runs, is a device or gives rights, and where the
 * kernel can (5.10), no link in it is followed by anybody on this mount. */
static bool attach_directory(int root_fd, int fd, GError **error) {
        static const uint64_t attributes = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC;

        (void)set_attributes(fd, MOUNT_ATTR_NOSYMFOLLOW);
        return attach(root_fd, fd, "/stage", attributes, error);
}

static bool build_root(const NookWorkerSpec *spec, GError **error) {
        g_auto(NookFd) root_fd = -1, directory_fd = -1;

        if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
                return fail_wall("make mounts private", error);
        /* Before the new root comes over the mount point, below which it may lie. */
        if (spec->directory != NULL) {
                directory_fd = clone_mounts(spec->directory);
                if (directory_fd < 0)
                        return fail_wall(spec->directory, error);
        }
        if (!make_root(spec->mount_point, &root_fd, error) ||
            !show_paths(root_fd, library_paths, G_N_ELEMENTS(library_paths), error) ||
            (spec->with_certificates &&
             !show_paths(root_fd, network_paths, G_N_ELEMENTS(network_paths), error)) ||
            (directory_fd >= 0 && !attach_directory(root_fd, directory_fd, error)))
                return false;
        /* The sanitizers of a developer's build read /proc/self. */
        if (is_sanitized &&
            (mkdirat(root_fd, "proc", 0755) < 0 || fchdir(root_fd) < 0 ||
             mount("proc", "proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL) < 0))
                return fail_wall("mount /proc for the sanitizers", error);
        return enter_root(root_fd, error);
}

/* --- rights ---------------------------------------------------------------------------------- */

static bool set_limit(int resource, rlim_t value, GError **error) {
        struct rlimit limit = {.rlim_cur = value, .rlim_max = value};

        return setrlimit(resource, &limit) == 0 || fail_wall("set limits", error);
}

static bool set_limits(const NookWorkerSpec *spec, GError **error) {
        return set_limit(RLIMIT_CORE, 0, error) &&
               set_limit(RLIMIT_NOFILE, OPEN_FILES_MAX, error) &&
               (is_sanitized || set_limit(RLIMIT_AS, MEMORY_BYTES_MAX, error)) &&
               (spec->max_file_bytes == 0 ||
                set_limit(RLIMIT_FSIZE, (rlim_t)spec->max_file_bytes, error));
}

static bool drop_rights(const NookWorkerSpec *spec, bool is_root, GError **error) {
        struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
        struct __user_cap_data_struct none[2] = {{0}, {0}};

        /* In a user namespace the ids are right already, and setgroups() is forbidden. */
        if (is_root && (setgroups(0, NULL) < 0 || setresgid(spec->gid, spec->gid, spec->gid) < 0))
                return fail_wall("become the worker's group", error);
        for (unsigned cap = 0; prctl(PR_CAPBSET_READ, cap, 0, 0, 0) >= 0; cap++) {
                if (prctl(PR_CAPBSET_DROP, cap, 0, 0, 0) < 0)
                        return fail_wall("drop capabilities", error);
        }
        if (is_root && setresuid(spec->uid, spec->uid, spec->uid) < 0)
                return fail_wall("become the worker's user", error);
        if (syscall(SYS_capset, &header, none) < 0)
                return fail_wall("drop capabilities", error);
        if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
                return fail_wall("give up new privileges", error);
        return true;
}

/* --- descriptors ----------------------------------------------------------------------------- */

/* Moves a descriptor out of the way of the numbers that will be given out. */
static int spare(int fd) {
        return fd >= 0 ? fcntl(fd, F_DUPFD_CLOEXEC, FIRST_SPARE_FD) : -1;
}

static bool place(int fd, int number, GError **error) {
        return fd < 0 || dup2(fd, number) == number || fail_wall("hand over descriptors", error);
}

/* Gives the descriptors their numbers; everything else goes, but the program itself, which goes
 * when it runs. */
static bool place_fds(const NookWorkerSpec *spec, NookConfineFds *fds, int *ret_program_fd,
                      GError **error) {
        int null_fd = spare(open("/dev/null", O_RDWR | O_CLOEXEC));
        int program_fd = spare(fds->program_fd), orders_fd = spare(fds->orders_fd);
        int answers_fd = spare(fds->answers_fd), errors_fd = spare(fds->errors_fd);
        int input_fd = spare(spec->input_fd), output_fd = spare(spec->output_fd);

        if (null_fd < 0 || program_fd < 0 || orders_fd < 0 || answers_fd < 0 || errors_fd < 0)
                return fail_wall("hand over descriptors", error);
        if (!place(null_fd, STDIN_FILENO, error) || !place(null_fd, STDOUT_FILENO, error) ||
            !place(errors_fd, STDERR_FILENO, error) || !place(orders_fd, NOOK_WIRE_ORDERS, error) ||
            !place(answers_fd, NOOK_WIRE_ANSWERS, error) ||
            !place(input_fd >= 0 ? input_fd : null_fd, NOOK_WIRE_INPUT, error) ||
            !place(output_fd >= 0 ? output_fd : null_fd, NOOK_WIRE_OUTPUT, error))
                return false;
        program_fd = dup3(program_fd, NOOK_WIRE_COUNT, O_CLOEXEC);
        if (program_fd < 0 || close_range(NOOK_WIRE_COUNT + 1, UINT_MAX, 0) < 0)
                return fail_wall("hand over descriptors", error);
        fds->answers_fd = NOOK_WIRE_ANSWERS;
        *ret_program_fd = program_fd;
        return true;
}

/* The output of a worker that makes a tree: the directory as its own root shows it. */
static bool place_directory(GError **error) {
        g_auto(NookFd) fd = open("/stage", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

        if (fd < 0)
                return fail_wall("open the stage", error);
        return place(fd, NOOK_WIRE_OUTPUT, error);
}

/* Signals as at the start of a session, whatever nook had set for itself. */
static void reset_signals(void) {
        sigset_t none;

        for (int number = 1; number < NSIG; number++) {
                if (number != SIGKILL && number != SIGSTOP)
                        (void)signal(number, SIG_DFL);
        }
        sigemptyset(&none);
        (void)sigprocmask(SIG_SETMASK, &none, NULL);
}

/* Proxies are the only thing that the caller's environment says to a worker. */
static char **worker_environment(const NookWorkerSpec *spec) {
        static const char *const names[] = {"http_proxy",  "https_proxy", "all_proxy", "no_proxy",
                                            "HTTPS_PROXY", "ALL_PROXY",   "NO_PROXY"};
        char **environment = g_new0(char *, 1);

        environment = g_environ_setenv(environment, "PATH", "/nonexistent", TRUE);
        if (is_sanitized)
                environment = g_environ_setenv(environment, "ASAN_OPTIONS", "detect_leaks=0", TRUE);
        for (size_t i = 0; spec->with_network && i < G_N_ELEMENTS(names); i++) {
                const char *value = g_getenv(names[i]);

                if (value != NULL)
                        environment = g_environ_setenv(environment, names[i], value, TRUE);
        }
        return environment;
}

void nook_worker_confine(const NookWorkerSpec *spec, NookConfineFds *fds, bool is_root,
                         GError **error) {
        g_autofree char *name = g_path_get_basename(spec->program);
        char *arguments[] = {name, NULL};
        g_auto(GStrv) environment = worker_environment(spec);
        int program_fd = -1;

        nook_fd_close(fds->go_write_fd);
        reset_signals();
        umask(0077);
        if (!tie_to_parent(error) || !wait_for_go(fds->go_fd, error) ||
            !place_fds(spec, fds, &program_fd, error) || !build_root(spec, error) ||
            (spec->directory != NULL && !place_directory(error)) || !set_limits(spec, error) ||
            !drop_rights(spec, is_root, error) ||
            /* A change of ids unties. If nook died in between, its pipes are closed, and the first
             * answer ends the worker. */
            !tie_to_parent(error))
                return;
        (void)syscall(SYS_execveat, program_fd, "", arguments, environment, AT_EMPTY_PATH);
        (void)fail_wall(spec->program, error);
}
