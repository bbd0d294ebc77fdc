/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "runner.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

static size_t append(char *line, size_t used, size_t size, const char *text) {
        size_t left = size - used, length = strnlen(text, left);

        memcpy(line + used, text, length);
        return used + length;
}

/* "bind '/src' on '/dst': Permission denied" to whoever started us. */
static int report(const NookRunner *runner, uint32_t index, int errnum) {
        const NookSandboxOp *op = &nook_sandbox_ops(runner->buffer)[index];
        const char *a = nook_sandbox_text(runner->buffer, op->a);
        const char *b = nook_sandbox_text(runner->buffer, op->b);
        NookSandboxReport head = {.status = (uint32_t)nook_sandbox_op_status(op->kind),
                                  .errnum = (uint32_t)errnum,
                                  .op = index,
                                  .kind = op->kind};
        const char *why = strerrordesc_np(errnum);
        char line[1024];
        size_t used = 0;

        used = append(line, used, sizeof line, nook_sandbox_op_name(op->kind));
        /* Environment and words may be secrets: their operations name no text. */
        if (op->kind != NOOK_OP_ENVIRONMENT && op->kind != NOOK_OP_ARGUMENT) {
                if (a) {
                        used = append(line, used, sizeof line, " '");
                        used = append(line, used, sizeof line, a);
                        used = append(line, used, sizeof line, "'");
                }
                if (b) {
                        used = append(line, used, sizeof line, a ? " on '" : " '");
                        used = append(line, used, sizeof line, b);
                        used = append(line, used, sizeof line, "'");
                }
        }
        used = append(line, used, sizeof line, ": ");
        used = append(line, used, sizeof line, why ? why : "unknown error");

        if (runner->control_fd >= 0) {
                struct iovec parts[] = {{&head, sizeof head}, {line, used}};
                struct msghdr message = {.msg_iov = parts, .msg_iovlen = 2};
                (void)sendmsg(runner->control_fd, &message, MSG_NOSIGNAL);
        } else {
                struct iovec parts[] = {{(char *)(uintptr_t) "nook-sandbox: ", 14},
                                        {line, used},
                                        {(char *)(uintptr_t) "\n", 1}};
                (void)!writev(STDERR_FILENO, parts, 3);
        }
        return (int)head.status;
}

bool nook_runner_has(const NookRunner *runner, unsigned kind) {
        const NookSandboxOp *ops = nook_sandbox_ops(runner->buffer);
        uint32_t n_ops = nook_sandbox_header(runner->buffer)->n_ops;

        for (uint32_t i = 0; i < n_ops; i++)
                if (ops[i].kind == kind)
                        return true;
        return false;
}

bool nook_runner_same_name(const char *entry, const char *other) {
        size_t size = strcspn(other, "=");

        return strncmp(entry, other, size) == 0 && entry[size] == '=';
}

/* Whether the plan drops an entry that came, or says something else under its name. */
static bool is_replaced(const NookRunner *runner, const char *entry) {
        const NookSandboxOp *ops = nook_sandbox_ops(runner->buffer);
        uint32_t n_ops = nook_sandbox_header(runner->buffer)->n_ops;

        for (uint32_t i = 0; i < n_ops; i++)
                if ((ops[i].kind == NOOK_OP_ENVIRONMENT || ops[i].kind == NOOK_OP_UNSET) &&
                    nook_runner_same_name(entry, nook_sandbox_text(runner->buffer, ops[i].a)))
                        return true;
        return false;
}

void nook_runner_fill_environment(const NookRunner *runner, char **slots) {
        const NookSandboxOp *ops = nook_sandbox_ops(runner->buffer);
        uint32_t n_ops = nook_sandbox_header(runner->buffer)->n_ops;
        bool is_kept = nook_runner_has(runner, NOOK_OP_KEEP_ENVIRONMENT);

        for (char **entry = runner->environment; is_kept && entry && *entry; entry++)
                if (!is_replaced(runner, *entry))
                        *slots++ = *entry;
        for (uint32_t i = 0; i < n_ops; i++)
                if (ops[i].kind == NOOK_OP_ENVIRONMENT)
                        *slots++ = (char *)(uintptr_t)(runner->buffer + ops[i].a);
        *slots = NULL;
}

static void fill_words(const NookRunner *runner, char **slots) {
        const NookSandboxOp *ops = nook_sandbox_ops(runner->buffer);
        uint32_t n_ops = nook_sandbox_header(runner->buffer)->n_ops;

        for (uint32_t i = 0; i < n_ops; i++)
                if (ops[i].kind == NOOK_OP_ARGUMENT)
                        *slots++ = (char *)(uintptr_t)(runner->buffer + ops[i].a);
        *slots = NULL;
}

/* Room for the vectors of words and environment, made while every system call is still there. */
static int make_slots(NookRunner *runner) {
        const NookSandboxHeader *header = nook_sandbox_header(runner->buffer);
        size_t n_kept = 0;

        for (char **entry = runner->environment; entry && *entry; entry++)
                n_kept++;

        size_t n_slots = header->n_words + 1 + n_kept + header->n_env + 1;
        runner->slots = mmap(NULL, n_slots * sizeof *runner->slots, PROT_READ | PROT_WRITE,
                             MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        return runner->slots == MAP_FAILED ? -1 : 0;
}

/* The task has a life of its own from here on, unless it was asked to have none. */
static int let_go(NookRunner *runner) {
        if (runner->is_let_go || nook_runner_has(runner, NOOK_OP_DIE_WITH_PARENT))
                return 0;
        runner->is_let_go = true;
        return prctl(PR_SET_PDEATHSIG, 0, 0, 0, 0);
}

static int do_exec(const NookRunner *runner, const NookSandboxOp *op) {
        char **environment = runner->slots + nook_sandbox_header(runner->buffer)->n_words + 1;

        fill_words(runner, runner->slots);
        nook_runner_fill_environment(runner, environment);
        return execve(nook_sandbox_text(runner->buffer, op->a), runner->slots, environment);
}

/* Says that everything so far is done and waits for the launcher's word. A launcher that is gone
 * gives none: the task does not start. */
static int do_wait(const NookRunner *runner) {
        char word = 'R';

        if (runner->control_fd < 0)
                return 0;
        if (send(runner->control_fd, &word, 1, MSG_NOSIGNAL) != 1)
                return -1;
        for (;;) {
                ssize_t n = read(runner->control_fd, &word, 1);
                if (n == 1 && word == 'G')
                        return 0;
                if (n < 0 && errno == EINTR)
                        continue;
                if (n >= 0)
                        errno = ECANCELED;
                return -1;
        }
}

static int carry_out(NookRunner *runner, const NookSandboxOp *op) {
        switch (op->kind) {
        case NOOK_OP_PRIVATE:
        case NOOK_OP_ROOT:
        case NOOK_OP_BIND:
        case NOOK_OP_TMPFS:
        case NOOK_OP_PROC:
        case NOOK_OP_MQUEUE:
        case NOOK_OP_DEVPTS:
        case NOOK_OP_DEVICE:
        case NOOK_OP_DIRECTORY:
        case NOOK_OP_LINK:
        case NOOK_OP_SEAL:
        case NOOK_OP_HIDE:
        case NOOK_OP_PIVOT:
                return nook_runner_mount(runner, op);
        case NOOK_OP_PID_NAMESPACE:
                return nook_runner_enter_pid_namespace(runner, true);
        case NOOK_OP_FORK:
                return nook_runner_enter_pid_namespace(runner, false);
        case NOOK_OP_INIT:
                return nook_runner_become_init(runner);
        case NOOK_OP_WAIT:
                return do_wait(runner);
        case NOOK_OP_KEEP_ENVIRONMENT:
        case NOOK_OP_UNSET:
        case NOOK_OP_ENVIRONMENT:
        case NOOK_OP_ARGUMENT:
                return 0; /* read when the program is run */
        case NOOK_OP_SECCOMP:
                return let_go(runner) < 0 ? -1 : nook_runner_process(runner, op);
        case NOOK_OP_EXEC:
                return let_go(runner) < 0 ? -1 : do_exec(runner, op);
        default:
                return nook_runner_process(runner, op);
        }
}

static bool is_left_out(const NookSandboxOp *op) {
        return op->flags & NOOK_OP_OPTIONAL && (errno == ENOENT || errno == ENOTDIR);
}

/* The manager's dynamic user: it keeps a link from the name to the number for programs that
 * cannot ask it. It lies in the root that PIVOT leaves, so it is read first. */
static uid_t find_dynamic_uid(const char *name) {
        char path[256] = "/run/systemd/dynamic-uid/direct:", text[16];
        uid_t uid = 0;

        if (strlen(path) + strlen(name) >= sizeof path || strchr(name, '/'))
                return (uid_t)-1;
        strcat(path, name);

        ssize_t size = readlink(path, text, sizeof text);
        if (size <= 0 || size > 9)
                return (uid_t)-1;
        for (ssize_t i = 0; i < size; i++) {
                if (text[i] < '0' || text[i] > '9')
                        return (uid_t)-1;
                uid = uid * 10 + (uid_t)(text[i] - '0');
        }
        return uid ? uid : (uid_t)-1;
}

/* Nothing of who started us goes into the task: no descriptor above 2 but the control socket,
 * which execve() closes, no signal disposition and no mask. */
static int start_clean(const NookRunner *runner) {
        static const struct { unsigned long handler, flags, restorer, mask[2]; } default_action;
        unsigned after = 3;
        sigset_t none;

        if (runner->control_fd >= 0) {
                unsigned control = (unsigned)runner->control_fd;
                if (control > after && syscall(SYS_close_range, after, control - 1, 0) < 0)
                        return -1;
                after = control + 1;
                if (fcntl(runner->control_fd, F_SETFD, FD_CLOEXEC) < 0)
                        return -1;
        }
        if (syscall(SYS_close_range, after, ~0u, 0) < 0)
                return -1;

        /* The C library keeps two signals to itself, and whoever spawned us has them ignored: the
         * kernel is asked itself. */
        for (int number = 1; number < 65; number++)
                (void)syscall(SYS_rt_sigaction, number, &default_action, NULL, 8);
        (void)sigemptyset(&none);
        (void)umask(0);
        return sigprocmask(SIG_SETMASK, &none, NULL);
}

int nook_runner_run(const void *buffer, int control_fd, char **environment) {
        NookRunner runner = {.buffer = buffer,
                             .root_fd = -1,
                             .control_fd = control_fd,
                             .status_fd = -1,
                             .report_fd = -1,
                             .parent = getppid(),
                             .environment = environment,
                             .dynamic_uid = (uid_t)-1};
        const NookSandboxOp *ops = nook_sandbox_ops(buffer);
        uint32_t n_ops = nook_sandbox_header(buffer)->n_ops;

        if (start_clean(&runner) < 0 || make_slots(&runner) < 0)
                return report(&runner, 0, errno);
        /* From where root's rights are given up to execve(), and in namespaces that a task has
         * already, its user is ours: our memory and files are not for his other processes. Without
         * rights it would close our own /proc/self to us, which writes the maps of ids. */
        if (geteuid() == 0 && prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
                return report(&runner, 0, errno);
        /* Until the task runs, it has no life without its launcher. */
        if (control_fd >= 0 && prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0)
                return report(&runner, 0, errno);

        for (uint32_t i = 0; i < n_ops; i++)
                if (ops[i].kind == NOOK_OP_USER && ops[i].a)
                        runner.dynamic_uid = find_dynamic_uid(nook_sandbox_text(buffer, ops[i].a));

        for (uint32_t i = 0; i < n_ops; i++)
                if (carry_out(&runner, &ops[i]) < 0 && !is_left_out(&ops[i]))
                        return report(&runner, i, errno);
        return 226;
}
