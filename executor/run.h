/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Starts the tasks of a plan and follows them to their end: the order is check, prepare, start,
 * follow. Until the first start everything is undone on failure. While tasks run, one event loop
 * serves the manager's signals, the tasks' output, standard input, Ctrl-C and the time limit; no
 * question is asked of the manager besides one call per task. nook may die at any moment: tasks
 * run on. */

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "load.h"

typedef struct {
        bool is_detached;  /* return when the start jobs are done */
        bool is_replacing; /* stop the job's running tasks first */
        bool is_kept;      /* keep the allocation after the end */
        bool has_terminal; /* one task, joined to nook's terminal by one of its own */
        bool is_light; /* keeps no files: its allocation is in memory, with --direct there is none
                        */
        bool dies_with_parent; /* scopes: the task ends when nook does */
        bool is_piped;         /* one task, joined to nook's standard streams, not the journal */
        uint64_t timeout_usec; /* 0: none */
} NookRunOptions;

/* Runs load->plan. Returns the exit status as nook(1) lists them, or -1 with an error set when
 * nothing was started. */
int nook_run_plan(NookLoad *load, NookRunOptions options, GError **error);

/* Refuses to join more tasks than one to our terminal or streams. Errors: USAGE. */
bool nook_run_check_attached(NookRunOptions options, guint n_tasks, GError **error);
