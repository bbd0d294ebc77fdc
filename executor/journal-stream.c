/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "journal-stream.h"

#include <errno.h>
#include <linux/sockios.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/error.h"
#include "base/fd.h"

/* As large as the manager makes it for its own streams: a task that prints much and ends does not
 * wait for journald. */
#define SEND_BUFFER_BYTES (8 * 1024 * 1024)

static void enlarge_send_buffer(int fd) {
        int size = SEND_BUFFER_BYTES;

        if (setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof size) < 0)
                (void)setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
}

bool nook_journal_stream_open(const char *socket_path, const char *identifier, const char *unit,
                              int priority, int *ret_fd, GError **error) {
        /* identifier, unit, priority, then: no <N> prefixes, no copies to syslog, kmsg, console */
        g_autofree char *header =
                g_strdup_printf("%s\n%s\n%d\n0\n0\n0\n0\n", identifier, unit, priority);
        struct sockaddr_un address = {.sun_family = AF_UNIX};
        g_auto(NookFd) fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        gsize size = strlen(header);

        if (fd < 0)
                return nook_fail_errno(error, errno, "make a socket for the journal");
        g_assert(strlen(socket_path) < sizeof address.sun_path);
        strcpy(address.sun_path, socket_path);
        if (connect(fd, (struct sockaddr *)&address, sizeof address) < 0)
                return nook_fail_errno(error, errno, "open a stream to the journal at '%s'",
                                       socket_path);
        enlarge_send_buffer(fd);
        if (send(fd, header, size, MSG_NOSIGNAL) != (gssize)size)
                return nook_fail_errno(error, errno, "begin a stream to the journal");
        *ret_fd = nook_fd_steal(&fd);
        return true;
}

int nook_journal_stream_unread(int fd) {
        int unread = 0;

        return ioctl(fd, SIOCOUTQ, &unread) < 0 ? 0 : unread;
}

bool nook_stream_barrier_advance(NookStreamBarrier *barrier) {
        while (!barrier->is_over && nook_journal_stream_unread(barrier->fd) == 0) {
                if (barrier->n_sent == 2) {
                        barrier->is_over = true;
                        break;
                }
                if (send(barrier->fd, "\n", 1, MSG_NOSIGNAL | MSG_DONTWAIT) < 0) {
                        barrier->is_over = errno != EAGAIN;
                        break;
                }
                barrier->n_sent++;
        }
        return barrier->is_over;
}
