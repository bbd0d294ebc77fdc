/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "pty.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "base/fd.h"
#include "pump.h"

#define LEAVE_KEY   0x1d /* ^] */
#define LEAVE_COUNT 3
#define LEAVE_USEC  G_USEC_PER_SEC

#define LAST_OUTPUT_MSEC 100

struct NookPty {
        NookFd master_fd;
        NookFd task_fd;
        NookFd window_fd; /* signalfd of SIGWINCH */
        char *path;
        NookPtyHandler handler;
        void *user_data;
        sd_event_source *input;
        sd_event_source *output;
        sd_event_source *window;

        bool is_raw;
        struct termios before;
        pid_t guard;
        NookFd guard_fd;

        char keys[4096]; /* read, and not yet written to the task */
        gsize n_keys;
        guint n_leave;
        gint64 first_leave_usec;
        bool is_started; /* the task reads what is typed */
        bool is_over;    /* nobody is at our terminal: what the task writes is dropped */
};

/* --- our own terminal ------------------------------------------------------------------------ */

/* Waits until nook says that it has put the terminal back itself, or is gone without a word; then
 * puts it back. Only system calls are made between fork() and _exit(). */
static void guard_terminal(int fd, const struct termios *before) {
        struct sigaction ignore = {.sa_handler = SIG_IGN};
        ssize_t n;
        char byte;

        (void)sigaction(SIGTTOU, &ignore, NULL); /* to set a terminal from the background */
        (void)sigaction(SIGINT, &ignore, NULL);
        (void)sigaction(SIGTERM, &ignore, NULL);
        (void)sigaction(SIGHUP, &ignore, NULL);
        do
                n = read(fd, &byte, 1);
        while (n < 0 && errno == EINTR);
        if (n <= 0)
                (void)ioctl(STDIN_FILENO, TCSETS, before);
        _exit(0);
}

static bool start_guard(NookPty *pty, GError **error) {
        int ends[2];

        if (pipe2(ends, O_CLOEXEC) < 0)
                return nook_fail_errno(error, errno, "guard the terminal");
        pty->guard_fd = ends[1];
        pty->guard = fork();
        if (pty->guard == 0) {
                (void)close(ends[1]);
                if (pty->master_fd >= 0)
                        (void)close(pty->master_fd);
                if (pty->task_fd >= 0)
                        (void)close(pty->task_fd);
                guard_terminal(ends[0], &pty->before);
        }
        (void)close(ends[0]);
        return pty->guard > 0 || nook_fail_errno(error, errno, "guard the terminal");
}

static bool make_raw(NookPty *pty, GError **error) {
        struct termios raw;

        if (!isatty(STDIN_FILENO) || tcgetattr(STDIN_FILENO, &pty->before) < 0)
                return true;
        if (!start_guard(pty, error))
                return false;
        raw = pty->before;
        cfmakeraw(&raw);
        /* Output that goes elsewhere is not this terminal's business, but what goes here keeps its
         * own line ends: the task's terminal has made them already. */
        if (!isatty(STDOUT_FILENO))
                raw.c_oflag = pty->before.c_oflag;
        if (tcsetattr(STDIN_FILENO, TCSADRAIN, &raw) < 0)
                return nook_fail_errno(error, errno, "set the terminal to raw mode");
        pty->is_raw = true;
        return true;
}

/* At once: a terminal whose output is held would let us wait. What was typed ahead is kept. */
static void restore(NookPty *pty) {
        if (pty->is_raw)
                (void)tcsetattr(STDIN_FILENO, TCSANOW, &pty->before);
        pty->is_raw = false;
        if (pty->guard_fd >= 0)
                (void)!write(pty->guard_fd, "", 1);
        nook_fd_close(nook_fd_steal(&pty->guard_fd));
        if (pty->guard > 0)
                while (waitpid(pty->guard, NULL, 0) < 0 && errno == EINTR)
                        ;
        pty->guard = -1;
}

/* --- the window ------------------------------------------------------------------------------ */

static void copy_size(NookPty *pty) {
        struct winsize size;

        for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
                if (ioctl(fd, TIOCGWINSZ, &size) == 0 && (size.ws_row || size.ws_col)) {
                        (void)ioctl(pty->master_fd, TIOCSWINSZ, &size);
                        return;
                }
}

static int on_window(sd_event_source *source, int fd, uint32_t events, void *user_data) {
        struct signalfd_siginfo info;

        while (read(fd, &info, sizeof info) == (ssize_t)sizeof info)
                ;
        copy_size(user_data);
        return 0;
}

/* --- keys ------------------------------------------------------------------------------------ */

/* There is nobody at our terminal any more. What the task still writes, told to end or not, is read
 * and dropped: it must not wait for us. */
static void tell(NookPty *pty, NookPtyEvent event) {
        if (pty->is_over)
                return;
        pty->is_over = true;
        pty->input = sd_event_source_disable_unref(pty->input);
        pty->handler(event, pty->user_data);
}

/* Whether the keys to leave are complete with these. They go to the task as well, but the last. */
static bool wants_to_leave(NookPty *pty, const char *keys, gsize n) {
        for (gsize i = 0; i < n; i++) {
                gint64 now = g_get_monotonic_time();

                if (keys[i] != LEAVE_KEY) {
                        pty->n_leave = 0;
                        continue;
                }
                if (pty->n_leave == 0 || now - pty->first_leave_usec > LEAVE_USEC) {
                        pty->n_leave = 0;
                        pty->first_leave_usec = now;
                }
                if (++pty->n_leave == LEAVE_COUNT)
                        return true;
        }
        return false;
}

/* A task that does not read must not keep us from showing what it writes: keys wait. */
static void send_keys(NookPty *pty) {
        while (pty->is_started && pty->n_keys > 0) {
                ssize_t n = write(pty->master_fd, pty->keys, pty->n_keys);

                if (n < 0 && errno == EINTR)
                        continue;
                if (n <= 0)
                        break;
                pty->n_keys -= (gsize)n;
                memmove(pty->keys, pty->keys + n, pty->n_keys);
        }
        if (pty->input)
                (void)sd_event_source_set_enabled(
                        pty->input, pty->n_keys < sizeof pty->keys ? SD_EVENT_ON : SD_EVENT_OFF);
        if (pty->output)
                (void)sd_event_source_set_io_events(
                        pty->output, pty->is_started && pty->n_keys ? EPOLLIN | EPOLLOUT : EPOLLIN);
}

static int on_input(sd_event_source *source, int fd, uint32_t events, void *user_data) {
        NookPty *pty = user_data;
        char *start = pty->keys + pty->n_keys;
        ssize_t n = read(fd, start, sizeof pty->keys - pty->n_keys);

        if (n < 0 && (errno == EAGAIN || errno == EINTR))
                return 0;
        if (n <= 0) {
                pty->input = sd_event_source_disable_unref(pty->input);
                if (pty->is_raw) {
                        tell(pty, NOOK_PTY_LOST);
                } else {
                        /* The end of a file that is our input is the end of the task's. */
                        pty->keys[pty->n_keys] = 4; /* ^D */
                        pty->n_keys += pty->n_keys < sizeof pty->keys;
                        send_keys(pty);
                }
                return 0;
        }
        if (pty->is_raw && wants_to_leave(pty, start, (gsize)n)) {
                tell(pty, NOOK_PTY_LEFT);
                return 0;
        }
        pty->n_keys += (gsize)n;
        send_keys(pty);
        return 0;
}

/* --- output ---------------------------------------------------------------------------------- */

/* Passes on what is there: 1; 0 when there is nothing at the moment; -1 when the terminal has hung
 * up, which is so when nobody has its other end open. */
static int step(NookPty *pty) {
        char buffer[16 * 1024];
        ssize_t n = read(pty->master_fd, buffer, sizeof buffer);

        if (n < 0 && errno == EINTR)
                return 1;
        if (n < 0 && errno == EAGAIN)
                return 0;
        if (n <= 0)
                return -1;
        if (!pty->is_over && !nook_pump_write(STDOUT_FILENO, buffer, (gsize)n))
                tell(pty, NOOK_PTY_LOST);
        return 1;
}

static int on_output(sd_event_source *source, int fd, uint32_t events, void *user_data) {
        NookPty *pty = user_data;

        if (events & EPOLLOUT)
                send_keys(pty);
        if (events & (EPOLLIN | EPOLLHUP) && step(pty) < 0 && pty->output)
                /* The loop must not spin until the end of the task is known. */
                pty->output = sd_event_source_disable_unref(pty->output);
        return 0;
}

/* What was written last may still be on its way through the terminal when its writer has ended; the
 * hang-up comes after it. Others who still have it open are not waited for. */
void nook_pty_finish(NookPty *pty) {
        struct pollfd wanted = {.fd = pty->master_fd, .events = POLLIN};

        nook_pty_close_task_end(pty);
        while (!pty->is_over) {
                int r = step(pty);

                if (r < 0 || (r == 0 && poll(&wanted, 1, LAST_OUTPUT_MSEC) <= 0))
                        break;
        }
        pty->input = sd_event_source_disable_unref(pty->input);
        pty->output = sd_event_source_disable_unref(pty->output);
        pty->handler(NOOK_PTY_DRAINED, pty->user_data);
}

/* --- making ---------------------------------------------------------------------------------- */

static bool open_pair(NookPty *pty, GError **error) {
        char path[128];

        pty->master_fd = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK);
        if (pty->master_fd < 0 || grantpt(pty->master_fd) < 0 || unlockpt(pty->master_fd) < 0 ||
            ptsname_r(pty->master_fd, path, sizeof path) != 0)
                return nook_fail_errno(error, errno, "make a terminal for the task");
        pty->path = g_strdup(path);
        pty->task_fd = open(path, O_RDWR | O_NOCTTY | O_CLOEXEC);
        if (pty->task_fd < 0)
                return nook_fail_errno(error, errno, "open '%s'", path);
        copy_size(pty);
        return true;
}

static bool watch(NookPty *pty, sd_event *event, GError **error) {
        sigset_t mask;
        int r;

        (void)sigemptyset(&mask);
        (void)sigaddset(&mask, SIGWINCH);
        (void)sigprocmask(SIG_BLOCK, &mask, NULL);
        pty->window_fd = signalfd(-1, &mask, SFD_CLOEXEC | SFD_NONBLOCK);
        if (pty->window_fd < 0)
                return nook_fail_errno(error, errno, "watch the window's size");

        r = sd_event_add_io(event, &pty->window, pty->window_fd, EPOLLIN, on_window, pty);
        if (r >= 0)
                r = sd_event_add_io(event, &pty->output, pty->master_fd, EPOLLIN, on_output, pty);
        if (r >= 0) {
                r = sd_event_add_io(event, &pty->input, STDIN_FILENO, EPOLLIN, on_input, pty);
                if (r == -EPERM) /* a file, or /dev/null: nobody types */
                        r = 0;
        }
        return r >= 0 || nook_fail_errno(error, r, "watch the terminal");
}

bool nook_pty_new(sd_event *event, NookPtyHandler handler, void *user_data, NookPty **ret_pty,
                  GError **error) {
        g_autoptr(NookPty) pty = g_new0(NookPty, 1);

        pty->master_fd = pty->task_fd = pty->window_fd = pty->guard_fd = -1;
        pty->handler = handler;
        pty->user_data = user_data;
        if (!open_pair(pty, error) || !watch(pty, event, error) || !make_raw(pty, error))
                return false;
        *ret_pty = g_steal_pointer(&pty);
        return true;
}

void nook_pty_free(NookPty *pty) {
        if (!pty)
                return;
        (void)sd_event_source_disable_unref(pty->input);
        (void)sd_event_source_disable_unref(pty->output);
        (void)sd_event_source_disable_unref(pty->window);
        restore(pty);
        nook_fd_close(pty->master_fd);
        nook_fd_close(pty->task_fd);
        nook_fd_close(pty->window_fd);
        g_free(pty->path);
        g_free(pty);
}

void nook_pty_started(NookPty *pty) {
        pty->is_started = true;
        send_keys(pty);
}

int nook_pty_task_fd(const NookPty *pty) {
        return pty->task_fd;
}

void nook_pty_close_task_end(NookPty *pty) {
        nook_fd_close(nook_fd_steal(&pty->task_fd));
}

const char *nook_pty_path(const NookPty *pty) {
        return pty->path;
}
