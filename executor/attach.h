/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* The streams of a task that is joined to nook's own standard streams instead of the journal: by
 * pipes, or by a terminal of its own. What a task could do more with than read and write (a file
 * can be opened again, a terminal can be typed into) is never handed over itself. */

#include <glib.h>
#include <stdbool.h>
#include <systemd/sd-event.h>

#include "base/error.h"
#include "unit/plan.h"

/* From one hang-up to the next, where a task at a terminal is to end: a shell that is told between
 * its last command and its prompt may take notice only when it is told again. */
#define NOOK_ATTACH_REMINDER_USEC (G_USEC_PER_SEC / 2)

typedef struct NookAttach NookAttach;

typedef enum {
        NOOK_ATTACH_PIPES,
        NOOK_ATTACH_TERMINAL,
} NookAttachKind;

typedef enum {
        NOOK_ATTACH_DONE, /* after nook_attach_finish(): all output is written */
        NOOK_ATTACH_LEFT, /* the keys to leave the task alone were pressed */
        NOOK_ATTACH_LOST, /* nobody reads our output any more, or our terminal is gone */
} NookAttachEvent;

typedef void (*NookAttachHandler)(NookAttachEvent event, void *user_data);

/* Makes the streams.
 *   label        put in front of each line (pipes only); NULL: none
 *   takes_input  nook's standard input is for this task; else it reads nothing */
bool nook_attach_new(sd_event *event, NookAttachKind kind, const char *label, bool takes_input,
                     NookAttachHandler handler, void *user_data, NookAttach **ret_attach,
                     GError **error);
void nook_attach_free(NookAttach *attach);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(NookAttach, nook_attach_free)

/* The task's standard input, output and error; borrowed. */
void nook_attach_streams(const NookAttach *attach, int ret_streams[3]);

/* The task has them: our copies are closed, so that the end of a pipe can be seen. */
void nook_attach_handed_over(NookAttach *attach);

/* The task has begun: see nook_pty_started(). */
void nook_attach_started(NookAttach *attach);

/* Tells a task what kind of terminal it will have: TERM, as nook has it. See
 * nook_plan_task_default_env(). */
void nook_attach_tell_kind(NookPlanTask *task);

/* The terminal's path; NULL for pipes. */
const char *nook_attach_terminal(const NookAttach *attach);

/* The task has ended: its last output is written, then the handler is called, perhaps from within
 * this call. */
void nook_attach_finish(NookAttach *attach);
