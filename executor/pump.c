/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "pump.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/fd.h"

struct NookPump {
        NookFd input_fd;
        int output_fd;
        char *label;
        bool is_in_line; /* the label of the current line is written */
        bool is_over;
        NookPumpDone done;
        void *user_data;
        sd_event_source *source;
};

bool nook_pump_is_harmless(int fd) {
        struct stat st;

        if (fstat(fd, &st) < 0)
                return false;
        return S_ISFIFO(st.st_mode) || S_ISSOCK(st.st_mode) ||
               (S_ISCHR(st.st_mode) && st.st_rdev == makedev(1, 3));
}

bool nook_pump_write(int fd, const char *data, gsize size) {
        while (size > 0) {
                ssize_t n = write(fd, data, size);

                if (n < 0 && errno == EAGAIN) {
                        struct pollfd wanted = {.fd = fd, .events = POLLOUT};
                        (void)poll(&wanted, 1, -1);
                        continue;
                }
                if (n < 0 && errno == EINTR)
                        continue;
                if (n < 0)
                        return false;
                data += n;
                size -= (gsize)n;
        }
        return true;
}

static bool pass_on(NookPump *pump, const char *data, gsize size) {
        g_autoptr(GString) labelled = NULL;

        if (!pump->label)
                return nook_pump_write(pump->output_fd, data, size);

        labelled = g_string_sized_new(size + 64);
        while (size > 0) {
                const char *newline = memchr(data, '\n', size);
                gsize piece = newline ? (gsize)(newline - data) + 1 : size;

                if (!pump->is_in_line)
                        g_string_append_printf(labelled, "%s | ", pump->label);
                g_string_append_len(labelled, data, (gssize)piece);
                pump->is_in_line = !newline;
                data += piece;
                size -= piece;
        }
        return nook_pump_write(pump->output_fd, labelled->str, labelled->len);
}

static void end(NookPump *pump, bool is_broken) {
        if (pump->is_over)
                return;
        pump->is_over = true;
        pump->source = sd_event_source_disable_unref(pump->source);
        nook_fd_close(nook_fd_steal(&pump->input_fd));
        pump->done(is_broken, pump->user_data);
}

/* Passes on what is there; false when there is no more, now or for ever. */
static bool step(NookPump *pump) {
        char buffer[32 * 1024];
        ssize_t n = read(pump->input_fd, buffer, sizeof buffer);

        if (n < 0 && errno == EINTR)
                return true;
        if (n < 0 && errno == EAGAIN)
                return false;
        if (n <= 0) {
                end(pump, false);
                return false;
        }
        if (pass_on(pump, buffer, (gsize)n))
                return true;
        end(pump, true);
        return false;
}

static int on_input(sd_event_source *source, int fd, uint32_t events, void *user_data) {
        (void)source;
        (void)fd;
        (void)events;
        (void)step(user_data);
        return 0;
}

bool nook_pump_new(sd_event *event, int output_fd, const char *label, NookPumpDone done,
                   void *user_data, NookPump **ret_pump, int *ret_task_fd, GError **error) {
        g_autoptr(NookPump) pump = g_new0(NookPump, 1);
        g_auto(NookFd) task_fd = -1;
        int ends[2], r;

        pump->input_fd = -1;
        if (pipe2(ends, O_CLOEXEC) < 0)
                return nook_fail_errno(error, errno, "make a pipe for the task's output");
        pump->input_fd = ends[0];
        task_fd = ends[1];
        pump->output_fd = output_fd;
        pump->label = g_strdup(label);
        pump->done = done;
        pump->user_data = user_data;
        if (fcntl(pump->input_fd, F_SETFL, O_NONBLOCK) < 0)
                return nook_fail_errno(error, errno, "set up the task's output");
        r = sd_event_add_io(event, &pump->source, pump->input_fd, EPOLLIN, on_input, pump);
        if (r < 0)
                return nook_fail_errno(error, r, "watch the task's output");
        *ret_pump = g_steal_pointer(&pump);
        *ret_task_fd = nook_fd_steal(&task_fd);
        return true;
}

void nook_pump_finish(NookPump *pump) {
        while (!pump->is_over && step(pump))
                ;
        end(pump, false);
}

void nook_pump_free(NookPump *pump) {
        if (!pump)
                return;
        (void)sd_event_source_disable_unref(pump->source);
        nook_fd_close(pump->input_fd);
        g_free(pump->label);
        g_free(pump);
}
