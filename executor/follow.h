/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* The output of running tasks, from the journal to nook's own standard output and error, whole and
 * apart. Tasks write to journald directly, on streams that nook opened; nook holds duplicates. The
 * kernel tells a holder of a stream when the other side has read from it: so nook knows, without
 * asking anybody, whether a task has printed anything at all (the journal is not even opened for
 * one that has not) and when the last line has been taken in (see NookStreamBarrier).
 *
 * Limits: lines that a task sends to the journal by other ways are not shown here, `nook logs`
 * shows them. One thread, one event loop. */

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>
#include <systemd/sd-event.h>

#include "base/error.h"

typedef struct NookFollow NookFollow;

typedef struct {
        bool is_user;        /* a user's manager */
        bool is_system_only; /* no task runs as a person: one journal file less to open */
        bool is_labelled;    /* several tasks: each line begins with the task's label */
        const char *narrow;  /* "NOOK_JOB=web": limits what is read where tasks are many; NULL */
        uint64_t start_usec; /* CLOCK_MONOTONIC: nothing before it is of interest */
} NookFollowOptions;

/* event is referenced. narrow is copied. */
bool nook_follow_new(sd_event *event, NookFollowOptions options, NookFollow **ret_follow,
                     GError **error);
void nook_follow_free(NookFollow *follow);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(NookFollow, nook_follow_free)

/* Follows a unit from now on; call it before the unit is started.
 *   unit        its name; copied
 *   label       of its lines; copied
 *   stdout_fd, stderr_fd  its journal streams; taken over */
void nook_follow_add(NookFollow *follow, const char *unit, const char *label, int stdout_fd,
                     int stderr_fd);

/* Called when all that a unit has printed has been written. */
typedef void (*NookFollowDone)(void *user_data);

/* The unit has ended: its last lines are waited for (not longer than some seconds), then done is
 * called, from within this call if there is nothing to wait for. */
void nook_follow_finish(NookFollow *follow, const char *unit, NookFollowDone done, void *user_data);

/* Whether nook's own output is gone (its reader went away): the caller should end the tasks. */
bool nook_follow_is_broken(const NookFollow *follow);

/* Whether a task's end was told before all of its output was, because journald read no more. */
bool nook_follow_is_incomplete(const NookFollow *follow);

/* The first thing that went wrong while reading, or NULL; borrowed. */
const GError *nook_follow_error(const NookFollow *follow);
