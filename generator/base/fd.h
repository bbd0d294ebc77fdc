/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/* A file descriptor that closes itself at the end of its scope: g_auto(NookFd) fd = -1;
 * hand it over with nook_fd_steal(). Negative means "none". */
typedef int NookFd;

/* Closes fd unless it is negative; errno is kept. */
void nook_fd_close(NookFd fd);

/* Returns *fd and leaves -1 behind: the caller owns the result. */
static inline int nook_fd_steal(NookFd *fd) {
        int taken = *fd;

        *fd = -1;
        return taken;
}

G_DEFINE_AUTO_CLEANUP_FREE_FUNC(NookFd, nook_fd_close, -1)
