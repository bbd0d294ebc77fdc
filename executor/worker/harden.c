/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "worker/harden.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <sched.h>
#include <seccomp.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/error.h"
#include "base/fd.h"

/* --- Landlock -------------------------------------------------------------------------------- */

/* Kernel headers of the oldest supported system end with the second version; numbers are ABI. */
#define ACCESS_REFER     (UINT64_C(1) << 13) /* 2 */
#define ACCESS_TRUNCATE  (UINT64_C(1) << 14) /* 3 */
#define ACCESS_IOCTL_DEV (UINT64_C(1) << 15) /* 5 */
#define NET_BIND         (UINT64_C(1) << 0)  /* 4 */
#define NET_CONNECT      (UINT64_C(1) << 1)  /* 4 */
#define SCOPE_ABSTRACT   (UINT64_C(1) << 0)  /* 6 */
#define SCOPE_SIGNAL     (UINT64_C(1) << 1)  /* 6 */

typedef struct {
        uint64_t fs;
        uint64_t net;
        uint64_t scoped;
} Ruleset;

/* Everything that a ruleset of this kernel can take away. */
static Ruleset all_rights(int abi, NookWorkerKind kind) {
        Ruleset rights = {.fs = (UINT64_C(1) << 13) - 1};

        if (abi >= 2)
                rights.fs |= ACCESS_REFER;
        if (abi >= 3)
                rights.fs |= ACCESS_TRUNCATE;
        if (abi >= 5)
                rights.fs |= ACCESS_IOCTL_DEV;
        if (abi >= 4)
                rights.net = kind == NOOK_WORKER_FETCH ? NET_BIND : NET_BIND | NET_CONNECT;
        if (abi >= 6)
                rights.scoped = SCOPE_ABSTRACT | SCOPE_SIGNAL;
        return rights;
}

static bool allow_beneath(int ruleset_fd, int directory_fd, uint64_t access, GError **error) {
        struct landlock_path_beneath_attr rule = {
                .allowed_access = access,
                .parent_fd = directory_fd,
        };

        return syscall(SYS_landlock_add_rule, ruleset_fd, LANDLOCK_RULE_PATH_BENEATH, &rule, 0) ==
                       0 ||
               nook_fail_errno(error, errno, "restrict a worker by Landlock");
}

static bool restrict_files(NookWorkerKind kind, int directory_fd, GError **error) {
        int abi =
                (int)syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
        g_auto(NookFd) ruleset_fd = -1, root_fd = -1;
        Ruleset rights;
        size_t size;

        if (abi < 1) /* not in this kernel: the root, the uid and the mounts are the wall */
                return true;
        rights = all_rights(abi, kind);
        size = abi >= 6 ? sizeof(rights) : abi >= 4 ? 2 * sizeof(uint64_t) : sizeof(uint64_t);
        ruleset_fd = (int)syscall(SYS_landlock_create_ruleset, &rights, size, 0);
        if (ruleset_fd < 0)
                return nook_fail_errno(error, errno, "restrict a worker by Landlock");
        if (kind == NOOK_WORKER_FETCH) {
                root_fd = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
                if (!allow_beneath(ruleset_fd, root_fd,
                                   LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR,
                                   error))
                        return false;
        } else if (directory_fd >= 0 &&
                   !allow_beneath(ruleset_fd, directory_fd,
                                  LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_READ_DIR |
                                          LANDLOCK_ACCESS_FS_MAKE_REG |
                                          LANDLOCK_ACCESS_FS_MAKE_DIR |
                                          LANDLOCK_ACCESS_FS_MAKE_SYM |
                                          (rights.fs & (ACCESS_REFER | ACCESS_TRUNCATE)),
                                  error)) {
                return false;
        }
        return syscall(SYS_landlock_restrict_self, ruleset_fd, 0) == 0 ||
               nook_fail_errno(error, errno, "restrict a worker by Landlock");
}

/* --- system calls ---------------------------------------------------------------------------- */

/* Reading, writing, memory, time, ending: what both workers and their C library do. */
static const int common_calls[] = {
        SCMP_SYS(read),
        SCMP_SYS(readv),
        SCMP_SYS(pread64),
        SCMP_SYS(write),
        SCMP_SYS(writev),
        SCMP_SYS(pwrite64),
        SCMP_SYS(lseek),
        SCMP_SYS(close),
        SCMP_SYS(close_range),
        SCMP_SYS(fstat),
        SCMP_SYS(newfstatat),
        SCMP_SYS(fcntl),
        SCMP_SYS(dup),
        SCMP_SYS(mmap),
        SCMP_SYS(mprotect),
        SCMP_SYS(munmap),
        SCMP_SYS(mremap),
        SCMP_SYS(madvise),
        SCMP_SYS(brk),
        SCMP_SYS(futex),
        SCMP_SYS(rseq),
        SCMP_SYS(set_robust_list),
        SCMP_SYS(rt_sigaction),
        SCMP_SYS(rt_sigprocmask),
        SCMP_SYS(rt_sigreturn),
        SCMP_SYS(sigaltstack),
        SCMP_SYS(restart_syscall),
        SCMP_SYS(clock_gettime),
        SCMP_SYS(clock_getres),
        SCMP_SYS(clock_nanosleep),
        SCMP_SYS(nanosleep),
        SCMP_SYS(gettimeofday),
        SCMP_SYS(getrandom),
        SCMP_SYS(getpid),
        SCMP_SYS(gettid),
        SCMP_SYS(tgkill),
        SCMP_SYS(sched_yield),
        SCMP_SYS(sched_getaffinity),
        SCMP_SYS(poll),
        SCMP_SYS(ppoll),
        SCMP_SYS(exit),
        SCMP_SYS(exit_group),
};

/* Making a tree. */
static const int unpack_calls[] = {
        SCMP_SYS(openat2), SCMP_SYS(mkdirat),   SCMP_SYS(symlinkat), SCMP_SYS(linkat),
        SCMP_SYS(fchmod),  SCMP_SYS(ftruncate), SCMP_SYS(utimensat), SCMP_SYS(unlinkat),
};

/* Resolving names (in a thread), connecting, TLS. */
static const int fetch_calls[] = {
        SCMP_SYS(open),
        SCMP_SYS(openat),
        SCMP_SYS(openat2),
        SCMP_SYS(access),
        SCMP_SYS(faccessat),
        SCMP_SYS(faccessat2),
        SCMP_SYS(stat),
        SCMP_SYS(lstat),
        SCMP_SYS(statx),
        SCMP_SYS(readlink),
        SCMP_SYS(readlinkat),
        SCMP_SYS(getdents64),
        SCMP_SYS(fstatfs),
        SCMP_SYS(statfs),
        SCMP_SYS(getcwd),
        SCMP_SYS(ftruncate),
        SCMP_SYS(fadvise64),
        SCMP_SYS(socketpair),
        SCMP_SYS(connect),
        SCMP_SYS(bind),
        SCMP_SYS(getsockname),
        SCMP_SYS(getpeername),
        SCMP_SYS(getsockopt),
        SCMP_SYS(setsockopt),
        SCMP_SYS(sendto),
        SCMP_SYS(sendmsg),
        SCMP_SYS(sendmmsg),
        SCMP_SYS(recvfrom),
        SCMP_SYS(recvmsg),
        SCMP_SYS(recvmmsg),
        SCMP_SYS(shutdown),
        SCMP_SYS(ioctl),
        SCMP_SYS(pipe),
        SCMP_SYS(pipe2),
        SCMP_SYS(eventfd2),
        SCMP_SYS(epoll_create1),
        SCMP_SYS(epoll_ctl),
        SCMP_SYS(epoll_wait),
        SCMP_SYS(epoll_pwait),
        SCMP_SYS(select),
        SCMP_SYS(pselect6),
        SCMP_SYS(getuid),
        SCMP_SYS(geteuid),
        SCMP_SYS(getgid),
        SCMP_SYS(getegid),
        SCMP_SYS(getppid),
        SCMP_SYS(uname),
        SCMP_SYS(sysinfo),
        SCMP_SYS(getrlimit),
        SCMP_SYS(prlimit64),
        SCMP_SYS(prctl),
        SCMP_SYS(timerfd_create),
        SCMP_SYS(timerfd_settime),
};

#ifdef __SANITIZE_ADDRESS__
/* What the sanitizers of a developer's build do when they report something. */
static const int sanitizer_calls[] = {
        SCMP_SYS(open),      SCMP_SYS(openat), SCMP_SYS(readlink),
        SCMP_SYS(stat),      SCMP_SYS(getuid), SCMP_SYS(getrlimit),
        SCMP_SYS(prlimit64), SCMP_SYS(ioctl),  SCMP_SYS(process_vm_readv),
        SCMP_SYS(prctl),     SCMP_SYS(pipe2),  SCMP_SYS(getppid),
};
#endif

static int allow_calls(scmp_filter_ctx filter, const int *calls, size_t n_calls) {
        int r = 0;

        for (size_t i = 0; i < n_calls && r >= 0; i++) {
                /* A call that this architecture does not have needs no rule. */
                r = seccomp_rule_add(filter, SCMP_ACT_ALLOW, calls[i], 0);
                if (r == -EDOM || r == -EEXIST)
                        r = 0;
        }
        return r;
}

/* Threads, but no processes; the families of sockets that name resolution and HTTP need. */
static int allow_network(scmp_filter_ctx filter) {
        static const int families[] = {AF_UNIX, AF_INET, AF_INET6, AF_NETLINK};
        int r = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(clone), 1,
                                 SCMP_A0(SCMP_CMP_MASKED_EQ, CLONE_THREAD, CLONE_THREAD));

        for (size_t i = 0; i < G_N_ELEMENTS(families) && r >= 0; i++)
                r = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(socket), 1,
                                     SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)families[i]));
        return r;
}

/* A list of what is allowed; the rest fails with EPERM, so that a library which tries something
 * optional goes on without it. clone3() gets ENOSYS, upon which the C library takes clone(). */
static int fill_filter(scmp_filter_ctx filter, NookWorkerKind kind) {
        int r = allow_calls(filter, common_calls, G_N_ELEMENTS(common_calls));

        if (r >= 0 && kind == NOOK_WORKER_UNPACK)
                r = allow_calls(filter, unpack_calls, G_N_ELEMENTS(unpack_calls));
        if (r >= 0 && kind == NOOK_WORKER_FETCH)
                r = allow_calls(filter, fetch_calls, G_N_ELEMENTS(fetch_calls));
        if (r >= 0 && kind == NOOK_WORKER_FETCH)
                r = allow_network(filter);
#ifdef __SANITIZE_ADDRESS__
        if (r >= 0)
                r = allow_calls(filter, sanitizer_calls, G_N_ELEMENTS(sanitizer_calls));
#endif
        if (r >= 0)
                r = seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0);
        return r >= 0 ? seccomp_load(filter) : r;
}

static bool restrict_calls(NookWorkerKind kind, GError **error) {
        scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(EPERM));
        int r = filter != NULL ? fill_filter(filter, kind) : -ENOMEM;

        seccomp_release(filter);
        return r >= 0 ||
               nook_fail(error, NOOK_ERROR_UNSUPPORTED,
                         "restrict a worker's system calls (seccomp): %s", g_strerror(-r));
}

bool nook_worker_harden(NookWorkerKind kind, int directory_fd, GError **error) {
        /* The program that was just run may be looked into by its user's other processes. */
        if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
                return nook_fail_errno(error, errno, "keep others out of a worker");
        if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
                return nook_fail_errno(error, errno, "give up new privileges");
        return restrict_files(kind, directory_fd, error) && restrict_calls(kind, error);
}
