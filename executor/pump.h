/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* A task's output where no journal takes it: from a pipe that the task writes to, to nook's own
 * output. The task does not get nook's descriptor itself when it could do more with it than write:
 * open a file again for reading, or talk to a terminal. */

#include <glib.h>
#include <stdbool.h>
#include <systemd/sd-event.h>

#include "base/error.h"

typedef struct NookPump NookPump;

/* Called once, when all that was written has been passed on; or the output is gone (is_broken). */
typedef void (*NookPumpDone)(bool is_broken, void *user_data);

/* Whether a task may have a descriptor of nook's as it is: a pipe, a socket, /dev/null. */
bool nook_pump_is_harmless(int fd);

/* Writes all of it to an output of nook's, and waits where that is full: it may be a descriptor
 * that somebody else has made non-blocking. False, with errno set, when the output is gone. */
bool nook_pump_write(int fd, const char *data, gsize size);

/* Makes the pipe.
 *   output_fd    borrowed
 *   label        put in front of each line, with " | "; NULL: none; copied
 *   ret_task_fd  the task's end; the caller's, to be closed once the task has it */
bool nook_pump_new(sd_event *event, int output_fd, const char *label, NookPumpDone done,
                   void *user_data, NookPump **ret_pump, int *ret_task_fd, GError **error);
void nook_pump_free(NookPump *pump);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(NookPump, nook_pump_free)

/* The task has ended: what is in the pipe is passed on, what others who hold it may write later is
 * not waited for. */
void nook_pump_finish(NookPump *pump);
