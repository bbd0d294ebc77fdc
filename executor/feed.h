/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Standard input for a task: what nook reads, it writes into a pipe whose other end the task has.
 * The task never gets nook's own descriptor, which it could open again for writing. */

#include <glib.h>
#include <stdbool.h>
#include <systemd/sd-event.h>

#include "base/error.h"

typedef struct NookFeed NookFeed;

/* Whether there is anything to hand on: standard input is open and is not /dev/null. */
bool nook_feed_is_wanted(int input_fd);

/* Makes the pipe and begins to feed it when the loop runs.
 *   input_fd    borrowed; its flags are not changed
 *   ret_task_fd the task's end; the caller's, to be closed once the task has it */
bool nook_feed_new(sd_event *event, int input_fd, NookFeed **ret_feed, int *ret_task_fd,
                   GError **error);
void nook_feed_free(NookFeed *feed);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(NookFeed, nook_feed_free)
