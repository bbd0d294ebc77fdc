/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* A terminal for a task: a pair of its own, whose other end nook joins to the terminal that it runs
 * in. That one is put into raw mode and is put back when nook ends, however it ends: a child waits
 * on a pipe for the end of a nook that is killed, and does nothing else. Keys, output and the
 * window's size go through; `^]` three times within a second lets go of the task. When nook is gone
 * the task's terminal hangs up. Limits: one a process, one event loop. */

#include <glib.h>
#include <stdbool.h>
#include <systemd/sd-event.h>

#include "base/error.h"

typedef struct NookPty NookPty;

typedef enum {
        NOOK_PTY_DRAINED, /* all output has been written after nook_pty_finish() */
        NOOK_PTY_LEFT,    /* the keys for it were pressed */
        NOOK_PTY_LOST,    /* our own terminal is gone */
} NookPtyEvent;

typedef void (*NookPtyHandler)(NookPtyEvent event, void *user_data);

/* Makes the pair and joins it to our standard input and output. Where those are no terminals,
 * nothing is put into raw mode, and the bytes go through all the same.
 * Errors: IO. */
bool nook_pty_new(sd_event *event, NookPtyHandler handler, void *user_data, NookPty **ret_pty,
                  GError **error);

/* Puts our terminal back and frees. */
void nook_pty_free(NookPty *pty);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(NookPty, nook_pty_free)

/* The task's end; borrowed, to be closed by nook_pty_close_task_end() once the task has it. */
int nook_pty_task_fd(const NookPty *pty);
void nook_pty_close_task_end(NookPty *pty);

/* The task has begun: keys go to it from now on. What was typed before waits for this, because the
 * manager empties the terminal that it gives to a service. */
void nook_pty_started(NookPty *pty);

/* Its path, for TTYPath=; borrowed. */
const char *nook_pty_path(const NookPty *pty);

/* The task has ended: what it has written is still read, unless nobody is there to see it, then the
 * handler is called from within this call. */
void nook_pty_finish(NookPty *pty);
