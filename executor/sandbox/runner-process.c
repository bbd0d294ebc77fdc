/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "runner.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/keyctl.h>
#include <linux/seccomp.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static int write_text(const char *path, const char *text) {
        size_t size = strlen(text);
        int fd = open(path, O_WRONLY | O_CLOEXEC | O_NOFOLLOW);

        if (fd < 0)
                return -1;

        ssize_t written = write(fd, text, size);
        int errnum = written < 0 ? errno : EIO;
        (void)close(fd);
        if (written == (ssize_t)size)
                return 0;
        errno = errnum;
        return -1;
}

/* A user namespace maps the caller to one user and one group; the kernel asks that setgroups() be
 * given up before somebody without rights may map a group. */
static int do_namespaces(const NookRunner *runner, const NookSandboxOp *op) {
        const char *uids = nook_sandbox_text(runner->buffer, op->a);
        const char *gids = nook_sandbox_text(runner->buffer, op->b);

        if (unshare((int)op->x) < 0)
                return -1;
        if (!(op->x & CLONE_NEWUSER))
                return 0;
        if (uids && write_text("/proc/self/uid_map", uids) < 0)
                return -1;
        if (gids && (write_text("/proc/self/setgroups", "deny") < 0 ||
                     write_text("/proc/self/gid_map", gids) < 0))
                return -1;
        return 0;
}

/* The process may end meanwhile; the launcher, who has a descriptor of it, looks again before it
 * lets us go on. */
static int do_join(const NookSandboxOp *op) {
        int fd = (int)syscall(SYS_pidfd_open, op->number, 0);

        if (fd < 0)
                return -1;

        int r = (int)syscall(SYS_setns, fd, (int)op->x);
        int errnum = errno;
        (void)close(fd);
        errno = errnum;
        return r;
}

static int do_process_file(const NookRunner *runner, const NookSandboxOp *op) {
        char path[128] = "/proc/self/";
        const char *name = nook_sandbox_text(runner->buffer, op->a);

        if (strlen(name) + strlen(path) >= sizeof path || strchr(name, '/')) {
                errno = EINVAL;
                return -1;
        }
        strcat(path, name);
        return write_text(path, nook_sandbox_text(runner->buffer, op->b));
}

static int do_loopback(void) {
        struct ifreq request = {.ifr_name = "lo", .ifr_flags = IFF_UP};
        int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

        if (fd < 0)
                return -1;

        int r = ioctl(fd, SIOCSIFFLAGS, &request);
        int errnum = errno;
        (void)close(fd);
        errno = errnum;
        return r;
}

static int do_limit(const NookSandboxOp *op) {
        struct rlimit limit = {.rlim_cur = op->x, .rlim_max = op->y};

        return setrlimit((__rlimit_resource_t)op->number, &limit);
}

static int do_scheduler(const NookSandboxOp *op) {
        struct sched_param parameters = {.sched_priority = (int)op->x};

        return sched_setscheduler(0, op->number | (op->y ? SCHED_RESET_ON_FORK : 0), &parameters);
}

/* Where the kernel has no keyrings, or gives them to nobody in this container, there is none to be
 * kept apart from. */
static int do_keyring(const NookSandboxOp *op) {
        if (syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL, 0, 0, 0) < 0)
                return errno == ENOSYS || errno == EPERM || errno == EACCES ? 0 : -1;
        if (op->number == 1)
                return (int)syscall(SYS_keyctl, KEYCTL_LINK, KEY_SPEC_USER_KEYRING,
                                    KEY_SPEC_SESSION_KEYRING, 0, 0);
        return 0;
}

/* A service's main process has session and terminal from the manager; its child in a PID namespace
 * takes the terminal over, or there would be no job control in there. */
static int do_terminal(void) {
        if (setsid() < 0 && errno != EPERM)
                return -1;
        return ioctl(STDIN_FILENO, TIOCSCTTY, 1);
}

/* A session leader already has its session (a service's main process is one). */
static int do_session(void) {
        return setsid() < 0 && errno != EPERM ? -1 : 0;
}

/* Capabilities are kept over the change of user here and taken by CAPS, which always follows. */
static int do_user(const NookRunner *runner, const NookSandboxOp *op) {
        uid_t uid = op->a ? runner->dynamic_uid : (uid_t)op->x;
        gid_t gid = op->a ? (gid_t)runner->dynamic_uid : (gid_t)op->y;
        const gid_t *groups =
                op->blob ? (const gid_t *)(const void *)(runner->buffer + op->blob) : NULL;
        size_t n_groups = op->blob_size / sizeof *groups;

        if (uid == (uid_t)-1 || gid == (gid_t)-1) {
                errno = EINVAL;
                return -1;
        }
        /* A dynamic user has its own group as a supplementary one too, as the manager does it. */
        if (op->a && !groups) {
                groups = &gid;
                n_groups = 1;
        }
        if (prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) < 0 || syscall(SYS_setgroups, n_groups, groups) < 0)
                return -1;
        /* Not the C library's, which would first look for threads. */
        if (syscall(SYS_setresgid, gid, gid, gid) < 0 || syscall(SYS_setresuid, uid, uid, uid) < 0)
                return -1;
        return prctl(PR_SET_KEEPCAPS, 0, 0, 0, 0);
}

static int do_bound(const NookSandboxOp *op) {
        for (unsigned long capability = 0; capability < 64; capability++) {
                if (op->x & (UINT64_C(1) << capability))
                        continue;

                int is_bound = prctl(PR_CAPBSET_READ, capability, 0, 0, 0);
                if (is_bound < 0) /* the kernel knows no more of them */
                        return errno == EINVAL ? 0 : -1;
                if (is_bound && prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) < 0)
                        return -1;
        }
        return 0;
}

static int do_capabilities(const NookSandboxOp *op) {
        struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
        struct __user_cap_data_struct data[2];

        for (int i = 0; i < 2; i++) {
                data[i].effective = data[i].permitted = (uint32_t)(op->x >> (32 * i));
                data[i].inheritable = (uint32_t)(op->y >> (32 * i));
        }
        if (syscall(SYS_capset, &header, data) < 0 ||
            prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) < 0)
                return -1;

        for (unsigned long capability = 0; capability < 64; capability++)
                if (op->y & (UINT64_C(1) << capability) &&
                    prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, capability, 0, 0) < 0)
                        return -1;
        return 0;
}

static int do_seccomp(const NookRunner *runner, const NookSandboxOp *op) {
        const char *filter = runner->buffer + op->blob;
        struct sock_fprog program = {
                .len = (unsigned short)(op->blob_size / sizeof(struct sock_filter)),
                .filter = (struct sock_filter *)(uintptr_t)filter,
        };

        if (op->blob_size % sizeof(struct sock_filter) ||
            op->blob_size / sizeof(struct sock_filter) > BPF_MAXINSNS) {
                errno = EINVAL;
                return -1;
        }
        return (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program);
}

/* The parent may have died before the kernel knew that it matters. */
static int do_die_with_parent(const NookRunner *runner, const NookSandboxOp *op) {
        if (prctl(PR_SET_PDEATHSIG, op->number, 0, 0, 0) < 0)
                return -1;
        if (!runner->is_init && runner->parent > 1 && getppid() != runner->parent)
                (void)kill(getpid(), op->number);
        return 0;
}

int nook_runner_process(NookRunner *runner, const NookSandboxOp *op) {
        const char *a = nook_sandbox_text(runner->buffer, op->a);

        switch (op->kind) {
        case NOOK_OP_NAMESPACES:
                return do_namespaces(runner, op);
        case NOOK_OP_JOIN:
                return do_join(op);
        case NOOK_OP_LOOPBACK:
                return do_loopback();
        case NOOK_OP_HOSTNAME:
                return sethostname(a, strlen(a));
        case NOOK_OP_PROCESS:
                return do_process_file(runner, op);
        case NOOK_OP_LIMIT:
                return do_limit(op);
        case NOOK_OP_NICE:
                return setpriority(PRIO_PROCESS, 0, op->number);
        case NOOK_OP_IO_PRIORITY:
                return (int)syscall(SYS_ioprio_set, 1, 0, op->number);
        case NOOK_OP_SCHEDULER:
                return do_scheduler(op);
        case NOOK_OP_AFFINITY:
                return (int)syscall(SYS_sched_setaffinity, 0, op->blob_size,
                                    runner->buffer + op->blob);
        case NOOK_OP_MEMORY_POLICY:
                return (int)syscall(SYS_set_mempolicy, op->number,
                                    op->blob ? runner->buffer + op->blob : NULL,
                                    op->blob_size ? op->blob_size * 8 + 1 : 0);
        case NOOK_OP_TIMER_SLACK:
                return prctl(PR_SET_TIMERSLACK, (unsigned long)op->x, 0, 0, 0);
        case NOOK_OP_UMASK:
                (void)umask((mode_t)op->number);
                return 0;
        case NOOK_OP_PERSONALITY:
                return personality((unsigned long)op->x) < 0 ? -1 : 0;
        case NOOK_OP_KEYRING:
                return do_keyring(op);
        case NOOK_OP_IGNORE_PIPE:
                return signal(SIGPIPE, SIG_IGN) == SIG_ERR ? -1 : 0;
        case NOOK_OP_TERMINAL:
                return do_terminal();
        case NOOK_OP_SESSION:
                return do_session();
        case NOOK_OP_USER:
                return do_user(runner, op);
        case NOOK_OP_BOUND:
                return do_bound(op);
        case NOOK_OP_CAPS:
                return do_capabilities(op);
        case NOOK_OP_NO_NEW_PRIVILEGES:
                return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
        case NOOK_OP_SECCOMP:
                return do_seccomp(runner, op);
        case NOOK_OP_DIE_WITH_PARENT:
                return do_die_with_parent(runner, op);
        case NOOK_OP_DIRECTORY_WORKING:
                return chdir(a);
        default:
                errno = ENOSYS;
                return -1;
        }
}
