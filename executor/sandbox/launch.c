/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "launch.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/error.h"
#include "runner.h"

void nook_launch_clear(NookLaunch *launch) {
        nook_fd_close(nook_fd_steal(&launch->control_fd));
        if (launch->pid > 0) {
                (void)kill(launch->pid, SIGKILL);
                while (waitpid(launch->pid, NULL, 0) < 0 && errno == EINTR)
                        ;
        }
        launch->pid = -1;
        nook_fd_close(nook_fd_steal(&launch->pidfd));
}

/* The child's descriptors: three streams, the plan, the control socket. */
enum { PLAN_FD = 3, CONTROL_FD = 4 };

static int make_plan_file(GBytes *plan, GError **error) {
        gsize size;
        const char *data = g_bytes_get_data(plan, &size);
        g_auto(NookFd) fd = memfd_create("nook-plan", MFD_CLOEXEC | MFD_ALLOW_SEALING);

        if (fd < 0)
                return nook_fail_errno(error, errno, "make a file in memory"), -1;
        if (write(fd, data, size) != (ssize_t)size || fchmod(fd, 0600) < 0)
                return nook_fail_errno(error, errno, "write the sandbox's plan"), -1;
        return nook_fd_steal(&fd);
}

/* A copy above the numbers that the child's descriptors take: the actions of posix_spawn() are
 * carried out one after the other. */
static int lift(int fd) {
        return fcntl(fd, F_DUPFD_CLOEXEC, CONTROL_FD + 1);
}

static int spawn(const char *program, const int streams[3], int plan_fd, int control_fd,
                 char *const *environment, pid_t *ret_pid) {
        char name[] = "nook-sandbox", option[] = "--fd", plan[] = "3", control[] = "4";
        char *const words[] = {name, option, plan, control, NULL};
        char *const none[] = {NULL};
        int lifted[5] = {-1, -1, -1, -1, -1};
        const int wanted[5] = {streams[0], streams[1], streams[2], plan_fd, control_fd};
        posix_spawn_file_actions_t actions;
        posix_spawnattr_t attributes;
        sigset_t nothing;
        int r = 0;

        (void)posix_spawn_file_actions_init(&actions);
        (void)posix_spawnattr_init(&attributes);
        (void)sigemptyset(&nothing);
        (void)posix_spawnattr_setsigmask(&attributes, &nothing);
        (void)posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
        for (int i = 0; i < 5 && r == 0; i++) {
                lifted[i] = lift(wanted[i]);
                r = lifted[i] < 0 ? errno
                                  : posix_spawn_file_actions_adddup2(&actions, lifted[i], i);
        }
        if (r == 0)
                r = posix_spawn(ret_pid, program, &actions, &attributes, words,
                                environment ? environment : none);
        for (int i = 0; i < 5; i++)
                nook_fd_close(nook_fd_steal(&lifted[i]));
        (void)posix_spawn_file_actions_destroy(&actions);
        (void)posix_spawnattr_destroy(&attributes);
        return r;
}

bool nook_launch_start(const char *program, GBytes *plan, const int streams[3],
                       char *const *environment, NookLaunch *ret_launch, GError **error) {
        g_auto(NookLaunch) launch = NOOK_LAUNCH_NONE;
        g_auto(NookFd) plan_fd = make_plan_file(plan, error);
        int ends[2];

        if (plan_fd < 0)
                return false;
        if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
                return nook_fail_errno(error, errno, "make a socket pair");
        launch.control_fd = ends[0];
        g_auto(NookFd) child_end = ends[1];

        int r = spawn(program, streams, plan_fd, child_end, environment, &launch.pid);
        if (r)
                return nook_fail_errno(error, r, "start '%s'", program);
        launch.pidfd = pidfd_open(launch.pid, 0);
        if (launch.pidfd < 0)
                return nook_fail_errno(error, errno, "open a descriptor of the child");

        *ret_launch = launch;
        launch = NOOK_LAUNCH_NONE;
        return true;
}

/* --- reports --------------------------------------------------------------------------------- */

static ssize_t read_some(int fd, void *buffer, size_t size) {
        ssize_t n;

        while ((n = read(fd, buffer, size)) < 0 && errno == EINTR)
                ;
        return n;
}

static bool fail_with_report(const NookSandboxReport *report, const char *text, GError **error) {
        if (report->kind == NOOK_OP_EXEC)
                return nook_fail(error,
                                 report->errnum == ENOENT ? NOOK_ERROR_COMMAND_NOT_FOUND
                                                          : NOOK_ERROR_COMMAND_NOT_EXECUTABLE,
                                 "%s", text);
        if (report->kind == NOOK_OP_NAMESPACES &&
            (report->errnum == EPERM || report->errnum == ENOSPC) && geteuid() != 0)
                return nook_fail(error, NOOK_ERROR_ACCESS,
                                 "the kernel gives no user namespace to this user (%s): run nook "
                                 "as root, or allow it with sysctl "
                                 "kernel.unprivileged_userns_clone=1, "
                                 "user.max_user_namespaces=10000 and, where there is AppArmor, "
                                 "kernel.apparmor_restrict_unprivileged_userns=0",
                                 text);
        if (report->errnum == EPERM || report->errnum == EACCES)
                return nook_fail(error, NOOK_ERROR_ACCESS,
                                 "build the sandbox: %s; in a container this takes "
                                 "--privileged, or --cap-add SYS_ADMIN with "
                                 "--security-opt seccomp=unconfined",
                                 text);
        if (report->errnum == ENOSYS || report->errnum == EINVAL)
                return nook_fail(error, NOOK_ERROR_UNSUPPORTED,
                                 "build the sandbox: %s; it needs Linux 5.12 or later", text);
        return nook_fail(error, NOOK_ERROR_FAILED, "build the sandbox: %s", text);
}

/* Reads the rest of a report whose first byte is there, or finds that the child just died. */
static bool fail_with_rest(NookLaunch *launch, const void *first, size_t used, GError **error) {
        char bytes[sizeof(NookSandboxReport) + 1100] = {0};
        NookSandboxReport report;
        ssize_t n;

        memcpy(bytes, first, used);
        while (used < sizeof bytes - 1 &&
               (n = read_some(launch->control_fd, bytes + used, sizeof bytes - 1 - used)) > 0)
                used += (size_t)n;
        if (used < sizeof report)
                return nook_fail(error, NOOK_ERROR_FAILED,
                                 "build the sandbox: its process ended without a word");

        memcpy(&report, bytes, sizeof report);
        return fail_with_report(&report, bytes + sizeof report, error);
}

bool nook_launch_await_ready(NookLaunch *launch, GError **error) {
        char word = 0;
        ssize_t n = read_some(launch->control_fd, &word, 1);

        if (n == 1 && word == 'R')
                return true;

        bool r = fail_with_rest(launch, &word, n == 1 ? 1 : 0, error);
        nook_launch_clear(launch);
        return r;
}

bool nook_launch_go(NookLaunch *launch, GError **error) {
        if (send(launch->control_fd, "G", 1, MSG_NOSIGNAL) == 1)
                return true;
        return nook_fail_errno(error, errno, "tell the sandbox to go on");
}

/* The child's end closes with its execve(): nothing comes then. */
bool nook_launch_finish(NookLaunch *launch, GError **error) {
        char first;
        ssize_t n = read_some(launch->control_fd, &first, 1);

        if (n == 0) {
                nook_fd_close(nook_fd_steal(&launch->control_fd));
                return true;
        }

        bool r = n < 0 ? nook_fail_errno(error, errno, "read from the sandbox")
                       : fail_with_rest(launch, &first, 1, error);
        nook_launch_clear(launch);
        return r;
}

/* --- what every launch needs ----------------------------------------------------------------- */

void nook_launch_limits(struct rlimit limits[RLIM_NLIMITS]) {
        static const struct {
                int resource;
                rlim_t soft;
                rlim_t hard;
        } defaults[] = {
                {RLIMIT_CPU, RLIM_INFINITY, RLIM_INFINITY},
                {RLIMIT_FSIZE, RLIM_INFINITY, RLIM_INFINITY},
                {RLIMIT_DATA, RLIM_INFINITY, RLIM_INFINITY},
                {RLIMIT_STACK, 8 << 20, RLIM_INFINITY},
                {RLIMIT_CORE, 0, RLIM_INFINITY},
                {RLIMIT_RSS, RLIM_INFINITY, RLIM_INFINITY},
                {RLIMIT_NOFILE, 1024, 512 * 1024},
                {RLIMIT_AS, RLIM_INFINITY, RLIM_INFINITY},
                {RLIMIT_MEMLOCK, 8 << 20, 8 << 20},
                {RLIMIT_LOCKS, RLIM_INFINITY, RLIM_INFINITY},
                {RLIMIT_MSGQUEUE, 800 * 1024, 800 * 1024},
                {RLIMIT_NICE, 0, 0},
                {RLIMIT_RTPRIO, 0, 0},
                {RLIMIT_RTTIME, RLIM_INFINITY, RLIM_INFINITY},
        };
        bool may_raise = geteuid() == 0;

        for (int resource = 0; resource < RLIM_NLIMITS; resource++)
                (void)getrlimit((__rlimit_resource_t)resource, &limits[resource]);
        for (gsize i = 0; i < G_N_ELEMENTS(defaults); i++) {
                struct rlimit *limit = &limits[defaults[i].resource];
                /* The number of open files has a ceiling in the kernel, and containers lower it. */
                bool may = may_raise && defaults[i].resource != RLIMIT_NOFILE;
                rlim_t most = may ? RLIM_INFINITY : limit->rlim_max;

                limit->rlim_max = MIN(defaults[i].hard, most);
                limit->rlim_cur = MIN(defaults[i].soft, limit->rlim_max);
        }
}

bool nook_launch_make_covers(const char *cover_dir, GError **error) {
        g_autofree char *dir = g_build_filename(cover_dir, "dir", NULL);
        g_autofree char *file = g_build_filename(cover_dir, "file", NULL);

        if (access(dir, F_OK) == 0 && access(file, F_OK) == 0)
                return true;
        if (g_mkdir_with_parents(cover_dir, 0755) < 0)
                return nook_fail_errno(error, errno, "make '%s'", cover_dir);
        if (mkdir(dir, 0000) < 0 && errno != EEXIST)
                return nook_fail_errno(error, errno, "make '%s'", dir);

        g_auto(NookFd) fd = open(file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0000);
        if (fd < 0 && errno != EEXIST)
                return nook_fail_errno(error, errno, "make '%s'", file);
        return true;
}
