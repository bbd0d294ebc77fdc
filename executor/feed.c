/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "feed.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/fd.h"

struct NookFeed {
        int input_fd;
        NookFd pipe_fd;
        sd_event_source *input;  /* NULL for files, which are always ready */
        sd_event_source *output; /* on while there is something to write or a file to read */
        char buffer[16 * 1024];
        gsize start;
        gsize end;
};

bool nook_feed_is_wanted(int input_fd) {
        struct stat st;

        if (fstat(input_fd, &st) < 0)
                return false;
        return !S_ISCHR(st.st_mode) || st.st_rdev != makedev(1, 3);
}

static void stop(NookFeed *feed) {
        feed->input = sd_event_source_disable_unref(feed->input);
        feed->output = sd_event_source_disable_unref(feed->output);
        nook_fd_close(nook_fd_steal(&feed->pipe_fd));
}

/* Fills the empty buffer; false at the end of the input. */
static bool fill(NookFeed *feed) {
        ssize_t n = read(feed->input_fd, feed->buffer, sizeof feed->buffer);

        if (n < 0 && (errno == EAGAIN || errno == EINTR))
                return true;
        if (n <= 0)
                return false;
        feed->start = 0;
        feed->end = (gsize)n;
        return true;
}

/* Listens to one side at a time: to the pipe while there is something to write. */
static void choose_side(NookFeed *feed) {
        bool has_data = feed->start < feed->end;

        if (feed->input != NULL)
                (void)sd_event_source_set_enabled(feed->input,
                                                  has_data ? SD_EVENT_OFF : SD_EVENT_ON);
        (void)sd_event_source_set_enabled(
                feed->output, has_data || feed->input == NULL ? SD_EVENT_ON : SD_EVENT_OFF);
}

static int on_input(sd_event_source *source, int fd, uint32_t events, void *user_data) {
        NookFeed *feed = user_data;

        (void)source;
        (void)fd;
        (void)events;
        if (!fill(feed))
                stop(feed);
        else
                choose_side(feed);
        return 0;
}

static int on_output(sd_event_source *source, int fd, uint32_t events, void *user_data) {
        NookFeed *feed = user_data;
        ssize_t n;

        (void)source;
        (void)fd;
        (void)events;
        if (feed->start == feed->end && !fill(feed)) {
                stop(feed);
                return 0;
        }
        n = write(feed->pipe_fd, feed->buffer + feed->start, feed->end - feed->start);
        if (n < 0 && errno != EAGAIN && errno != EINTR) {
                stop(feed); /* the task has closed its input */
                return 0;
        }
        if (n > 0)
                feed->start += (gsize)n;
        choose_side(feed);
        return 0;
}

bool nook_feed_new(sd_event *event, int input_fd, NookFeed **ret_feed, int *ret_task_fd,
                   GError **error) {
        g_autoptr(NookFeed) feed = g_new0(NookFeed, 1);
        g_auto(NookFd) task_fd = -1;
        int fds[2];
        int r;

        feed->pipe_fd = -1;
        if (pipe2(fds, O_CLOEXEC) < 0)
                return nook_fail_errno(error, errno, "make a pipe for the task's input");
        task_fd = fds[0];
        feed->pipe_fd = fds[1];
        feed->input_fd = input_fd;
        if (fcntl(feed->pipe_fd, F_SETFL, O_NONBLOCK) < 0)
                return nook_fail_errno(error, errno, "set up the task's input");
        r = sd_event_add_io(event, &feed->output, feed->pipe_fd, EPOLLOUT, on_output, feed);
        if (r >= 0) {
                r = sd_event_add_io(event, &feed->input, input_fd, EPOLLIN, on_input, feed);
                if (r == -EPERM)
                        r = 0; /* a file */
        }
        if (r < 0)
                return nook_fail_errno(error, r, "watch standard input");
        choose_side(feed);
        *ret_feed = g_steal_pointer(&feed);
        *ret_task_fd = nook_fd_steal(&task_fd);
        return true;
}

void nook_feed_free(NookFeed *feed) {
        if (feed == NULL)
                return;
        stop(feed);
        g_free(feed);
}
