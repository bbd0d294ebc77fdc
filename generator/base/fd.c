/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/fd.h"

#include <errno.h>
#include <unistd.h>

void nook_fd_close(NookFd fd) {
        int saved = errno;

        if (fd >= 0)
                (void)close(fd); /* Linux has released it even when close() reports an error */
        errno = saved;
}
