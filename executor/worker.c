/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "worker.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fd.h"
#include "beneath.h"
#include "worker-confine.h"

enum { ERRORS_KEPT_BYTES = 2000 };

struct NookWorker {
        char *name;
        pid_t pid; /* 0: reaped */
        NookFd pid_fd;
        NookFd answers_fd; /* -1: it has closed its end */
        NookFd errors_fd;
        GString *line;   /* an answer that is not complete yet */
        GString *errors; /* the last of what it wrote to its standard error */
        int status;      /* as waitpid() gives it */
};

/* --- starting -------------------------------------------------------------------------------- */

static bool make_pipe(int *ret_read_fd, int *ret_write_fd, GError **error) {
        int ends[2];

        if (pipe2(ends, O_CLOEXEC) < 0)
                return nook_fail_errno(error, errno, "make a pipe");
        *ret_read_fd = ends[0];
        *ret_write_fd = ends[1];
        return true;
}

/* fork() into new namespaces, with a descriptor of the child. Source: clone(2). */
static pid_t fork_into(uint64_t namespaces, int *ret_pid_fd) {
        struct clone_args arguments = {
                .flags = namespaces | CLONE_PIDFD,
                .pidfd = (uint64_t)(uintptr_t)ret_pid_fd,
                .exit_signal = SIGCHLD,
        };

        return (pid_t)syscall(SYS_clone3, &arguments, sizeof(arguments));
}

static bool write_proc(pid_t pid, const char *name, const char *text, GError **error) {
        g_autofree char *path = g_strdup_printf("/proc/%d/%s", pid, name);
        g_auto(NookFd) fd = open(path, O_WRONLY | O_CLOEXEC);

        return (fd >= 0 && nook_write_all(fd, text, strlen(text))) ||
               nook_fail(error, NOOK_ERROR_UNSUPPORTED,
                         "confine a worker: map its user in a user namespace: %s",
                         g_strerror(errno));
}

/* Without privileges: inside, the worker's ids are those of "nobody"; outside, the caller's. */
static bool map_ids(pid_t pid, GError **error) {
        g_autofree char *uids = g_strdup_printf("65534 %u 1\n", geteuid());
        g_autofree char *gids = g_strdup_printf("65534 %u 1\n", getegid());

        return write_proc(pid, "setgroups", "deny", error) &&
               write_proc(pid, "uid_map", uids, error) && write_proc(pid, "gid_map", gids, error);
}

static void run_child(const NookWorkerSpec *spec, NookConfineFds *fds, bool is_root) {
        g_autoptr(GError) error = NULL;

        nook_worker_confine(spec, fds, is_root, &error);
        nook_wire_send_error(fds->answers_fd, error);
        _exit(EXIT_FAILURE);
}

static bool start_process(NookWorker *worker, const NookWorkerSpec *spec, NookConfineFds *fds,
                          GError **error) {
        bool is_root = geteuid() == 0;
        uint64_t namespaces = CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWIPC;
        pid_t pid;

        if (!spec->with_network)
                namespaces |= CLONE_NEWNET;
        if (!is_root)
                namespaces |= CLONE_NEWUSER;
        pid = fork_into(namespaces, &worker->pid_fd);
        if (pid < 0)
                return nook_fail(error, NOOK_ERROR_UNSUPPORTED,
                                 "confine %s: make namespaces for it: %s", worker->name,
                                 g_strerror(errno));
        if (pid == 0)
                run_child(spec, fds, is_root);
        worker->pid = pid;
        return is_root || map_ids(pid, error);
}

NookWorker *nook_worker_start(const NookWorkerSpec *spec, GError **error) {
        g_autoptr(NookWorker) worker = g_new0(NookWorker, 1);
        g_auto(NookFd) program_fd = -1, orders_fd = -1, go_fd = -1, go_write_fd = -1;
        g_auto(NookFd) answers_write_fd = -1, errors_write_fd = -1;
        NookConfineFds fds;

        worker->name = g_path_get_basename(spec->program);
        worker->pid_fd = worker->answers_fd = worker->errors_fd = -1;
        worker->line = g_string_new(NULL);
        worker->errors = g_string_new(NULL);
        orders_fd = nook_wire_seal_orders(spec->orders, error);
        if (orders_fd < 0)
                return NULL;
        program_fd = open(spec->program, O_PATH | O_CLOEXEC);
        if (program_fd < 0) {
                (void)nook_fail_errno(error, errno, "open the worker '%s'", spec->program);
                return NULL;
        }
        if (!make_pipe(&go_fd, &go_write_fd, error) ||
            !make_pipe(&worker->answers_fd, &answers_write_fd, error) ||
            !make_pipe(&worker->errors_fd, &errors_write_fd, error))
                return NULL;
        fds = (NookConfineFds){.program_fd = program_fd,
                               .go_fd = go_fd,
                               .go_write_fd = go_write_fd,
                               .orders_fd = orders_fd,
                               .answers_fd = answers_write_fd,
                               .errors_fd = errors_write_fd};
        if (!start_process(worker, spec, &fds, error))
                return NULL;
        if (!nook_write_all(go_write_fd, "g", 1)) {
                (void)nook_fail_errno(error, errno, "start '%s'", worker->name);
                return NULL;
        }
        if (fcntl(worker->answers_fd, F_SETFL, O_NONBLOCK) < 0 ||
            fcntl(worker->errors_fd, F_SETFL, O_NONBLOCK) < 0) {
                (void)nook_fail_errno(error, errno, "listen to '%s'", worker->name);
                return NULL;
        }
        return g_steal_pointer(&worker);
}

static void reap(NookWorker *worker) {
        pid_t pid;

        do
                pid = waitpid(worker->pid, &worker->status, 0);
        while (pid < 0 && errno == EINTR);
        if (pid < 0)
                worker->status = W_EXITCODE(EXIT_FAILURE, 0); /* somebody else has reaped it */
        worker->pid = 0;
}

void nook_worker_free(NookWorker *worker) {
        if (worker == NULL)
                return;
        if (worker->pid > 0) {
                (void)kill(worker->pid, SIGKILL);
                reap(worker);
        }
        nook_fd_close(worker->pid_fd);
        nook_fd_close(worker->answers_fd);
        nook_fd_close(worker->errors_fd);
        if (worker->line != NULL)
                g_string_free(worker->line, TRUE);
        if (worker->errors != NULL)
                g_string_free(worker->errors, TRUE);
        g_free(worker->name);
        g_free(worker);
}

/* --- listening ------------------------------------------------------------------------------- */

guint nook_worker_poll_fds(const NookWorker *worker, struct pollfd *ret_fds) {
        const int fds[] = {worker->answers_fd, worker->errors_fd,
                           worker->pid > 0 ? worker->pid_fd : -1};
        guint n = 0;

        for (size_t i = 0; i < G_N_ELEMENTS(fds); i++) {
                if (fds[i] >= 0)
                        ret_fds[n++] = (struct pollfd){.fd = fds[i], .events = POLLIN};
        }
        return n;
}

/* Takes the complete lines out of what has been read. A line that is no answer, or too long to be
 * one, is dropped: the worker's end will be judged by its exit status. */
static void take_lines(NookWorker *worker, NookWorkerAnswerFunc answer, void *user) {
        for (;;) {
                const char *newline = memchr(worker->line->str, '\n', worker->line->len);
                NookAnswer parsed = {0};
                size_t size;

                if (newline == NULL)
                        break;
                size = (size_t)(newline - worker->line->str);
                if (nook_wire_parse_answer(worker->line->str, size, &parsed)) {
                        answer(&parsed, user);
                        g_free(parsed.text);
                }
                g_string_erase(worker->line, 0, (gssize)size + 1);
        }
        if (worker->line->len > NOOK_WIRE_LINE_MAX)
                g_string_truncate(worker->line, 0);
}

/* Reads what is there. Returns false when the other end is closed. */
static bool read_some(int fd, GString *into) {
        char buffer[NOOK_WIRE_LINE_MAX];
        ssize_t size = read(fd, buffer, sizeof(buffer));

        if (size > 0)
                g_string_append_len(into, buffer, size);
        return size > 0 || (size < 0 && (errno == EAGAIN || errno == EINTR));
}

static bool has_ended(const NookWorker *worker) {
        struct pollfd poll_fd = {.fd = worker->pid_fd, .events = POLLIN};

        return poll(&poll_fd, 1, 0) == 1;
}

bool nook_worker_listen(NookWorker *worker, NookWorkerAnswerFunc answer, void *user) {
        /* Asked first: what it said before its end is then sure to be in the pipes. */
        bool ended = worker->pid == 0 || has_ended(worker);

        do {
                if (worker->answers_fd >= 0 && !read_some(worker->answers_fd, worker->line))
                        nook_fd_close(nook_fd_steal(&worker->answers_fd));
                take_lines(worker, answer, user);
                if (worker->errors_fd >= 0 && !read_some(worker->errors_fd, worker->errors))
                        nook_fd_close(nook_fd_steal(&worker->errors_fd));
                if (worker->errors->len > ERRORS_KEPT_BYTES)
                        g_string_erase(worker->errors, 0,
                                       (gssize)(worker->errors->len - ERRORS_KEPT_BYTES));
        } while (ended && (worker->answers_fd >= 0 || worker->errors_fd >= 0));
        if (!ended)
                return false;
        if (worker->pid > 0)
                reap(worker);
        return true;
}

bool nook_worker_succeeded(const NookWorker *worker) {
        return worker->pid == 0 && WIFEXITED(worker->status) && WEXITSTATUS(worker->status) == 0;
}

char *nook_worker_describe_end(const NookWorker *worker) {
        g_autofree char *errors = nook_printable(worker->errors->str, (gssize)worker->errors->len);
        g_autofree char *end = NULL;

        if (WIFSIGNALED(worker->status))
                end = g_strdup_printf("was killed by signal %d (%s)", WTERMSIG(worker->status),
                                      strsignal(WTERMSIG(worker->status)));
        else
                end = g_strdup_printf("ended with status %d", WEXITSTATUS(worker->status));
        if (worker->errors->len == 0)
                return g_strdup_printf("%s %s", worker->name, end);
        return g_strdup_printf("%s %s, saying: %s", worker->name, end, errors);
}
