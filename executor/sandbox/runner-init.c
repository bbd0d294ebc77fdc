/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "runner.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* A private PID namespace takes two processes of ours. The outer one is who the manager or the
 * launcher started, and tells them how the task ended, by ending in the same way: by the same
 * signal, if it was one, which the init of a namespace cannot do. The inner one is that init: it
 * reaps what is orphaned, passes signals on to the task and ends with it, whereupon the kernel
 * kills what is left in the namespace. */

/* Whether a signal comes to the task by itself: the manager signals all processes of a scope. The
 * outer process knows it by its sender; the init by what it is not, one that the outer process has
 * passed on. */
static bool comes_anyway(const NookRunner *runner, const siginfo_t *info, bool is_init) {
        if (!nook_runner_has(runner, NOOK_OP_WAIT) || info->si_code == SI_QUEUE)
                return false;
        return info->si_code == SI_USER && info->si_pid == (is_init ? 0 : 1);
}

/* Whether the init has reported how the task ended; it does so when nothing of the task is left. */
static bool is_reported(const NookRunner *runner, int *ret_status) {
        return runner->report_fd >= 0 &&
               read(runner->report_fd, ret_status, sizeof *ret_status) == sizeof *ret_status;
}

/* Waits with all signals blocked. Passes every signal on to `child`; returns its wait status when
 * it has ended, or the task's when that is known before; other children that end are reaped. */
static int wait_and_forward(const NookRunner *runner, pid_t child, bool is_init) {
        sigset_t all;

        (void)sigfillset(&all);
        for (;;) {
                siginfo_t info;
                int signal_number = sigwaitinfo(&all, &info), status;

                if (signal_number < 0)
                        continue;
                if (signal_number == SIGIO && !is_init && is_reported(runner, &status))
                        return status;
                if (signal_number != SIGCHLD) {
                        /* Stopping is between a terminal and its foreground: the task gets it from
                         * there; an init that is asked to stop has nothing to stop. */
                        if (signal_number != SIGTSTP && signal_number != SIGTTIN &&
                            signal_number != SIGTTOU && !comes_anyway(runner, &info, is_init))
                                (void)sigqueue(child, signal_number, (union sigval){0});
                        continue;
                }

                for (pid_t ended; (ended = waitpid(-1, &status, WNOHANG)) > 0;)
                        if (ended == child)
                                return status;
        }
}

static void close_control(NookRunner *runner) {
        if (runner->control_fd >= 0)
                (void)close(runner->control_fd);
        runner->control_fd = -1;
}

/* Ends this process as the task ended. No second core dump is written. */
static void end_like(int status) {
        struct rlimit no_core = {0, 0};
        sigset_t others;

        if (WIFEXITED(status))
                _exit(WEXITSTATUS(status));

        (void)setrlimit(RLIMIT_CORE, &no_core);
        (void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
        (void)signal(WTERMSIG(status), SIG_DFL);
        (void)kill(getpid(), WTERMSIG(status));
        /* Only that one is let through: another, as the sign of the init's report, may be waiting.
         */
        (void)sigfillset(&others);
        (void)sigdelset(&others, WTERMSIG(status));
        (void)sigprocmask(SIG_SETMASK, &others, NULL);
        _exit(128 + WTERMSIG(status));
}

static void block_all(sigset_t *ret_before) {
        sigset_t all;

        (void)sigfillset(&all);
        (void)sigprocmask(SIG_SETMASK, &all, ret_before);
}

/* For a launcher that waits: the outer process ends at the init's report and not at its end, which
 * the kernel delays until it has taken the namespaces apart. A manager would see a process left. */
static int listen_to_init(NookRunner *runner, int fd) {
        if (runner->control_fd < 0 || nook_runner_has(runner, NOOK_OP_WAIT))
                return 0;
        if (fcntl(fd, F_SETOWN, getpid()) < 0 || fcntl(fd, F_SETFL, O_ASYNC | O_NONBLOCK) < 0)
                return -1;
        runner->report_fd = fd;
        return 0;
}

int nook_runner_enter_pid_namespace(NookRunner *runner, bool is_new) {
        sigset_t before;
        int ends[2];

        if ((is_new && unshare(CLONE_NEWPID) < 0) || pipe2(ends, O_CLOEXEC) < 0)
                return -1;

        block_all(&before);
        if (is_new && listen_to_init(runner, ends[0]) < 0)
                return -1;
        pid_t child = _Fork();
        if (child < 0)
                return -1;
        if (child == 0) {
                (void)sigprocmask(SIG_SETMASK, &before, NULL);
                (void)close(ends[0]);
                runner->report_fd = -1;
                runner->parent = 0; /* not to be seen from in there */
                if (!is_new)
                        (void)close(ends[1]);
                runner->status_fd = is_new ? ends[1] : -1;
                runner->is_init = is_new;
                return prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
        }

        (void)close(ends[1]);
        close_control(runner);
        if (!nook_runner_has(runner, NOOK_OP_DIE_WITH_PARENT))
                (void)prctl(PR_SET_PDEATHSIG, 0, 0, 0, 0);
        int ended = wait_and_forward(runner, child, /* is_init= */ false), status;
        if (read(ends[0], &status, sizeof status) != sizeof status)
                status = ended; /* the init came to no task: its own status tells why */
        end_like(status);
        return -1;
}

/* The init keeps one capability, to pass signals on to another user's process, and nothing else. */
static void drop_rights(void) {
        struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
        struct __user_cap_data_struct data[2] = {
                {.effective = 1u << CAP_KILL, .permitted = 1u << CAP_KILL}};

        if (syscall(SYS_capset, &header, data) < 0 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
                _exit(218);
        (void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}

int nook_runner_become_init(NookRunner *runner) {
        sigset_t before;

        block_all(&before);
        pid_t task = _Fork();
        if (task < 0)
                return -1;
        if (task == 0) {
                (void)sigprocmask(SIG_SETMASK, &before, NULL);
                if (runner->status_fd >= 0)
                        (void)close(runner->status_fd);
                runner->is_init = false;
                runner->parent = getppid();
                return 0;
        }

        close_control(runner);
        drop_rights();
        int status = wait_and_forward(runner, task, /* is_init= */ true);
        (void)kill(-1, SIGKILL);
        while (waitpid(-1, NULL, 0) > 0)
                ;
        if (runner->status_fd >= 0)
                (void)!write(runner->status_fd, &status, sizeof status);
        _exit(WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
}
