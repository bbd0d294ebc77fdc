/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What the end of a unit means to whoever ran it: an exit status, and a sentence where the status
 * alone would not tell. Pure. Exit statuses are those that shells, env(1) and timeout(1) use: the
 * task's own, 128+N on signal N, 124 when its time was over, 125 when it was never started, 126
 * and 127 when its command could not be.
 * Source: systemd.exec(5), "Process Exit Codes". */

#include <glib.h>
#include <stdbool.h>

#include "unit-state.h"

typedef struct {
        int status;
        bool is_spawn_failure; /* systemd could not start the command: the journal says why */
        bool is_clean;         /* ended by itself with an exit status: nothing to explain */
        char *text;            /* "was killed by signal SEGV"; NULL when is_clean */
} NookOutcome;

/* has_time_limit: the unit has a RuntimeMaxSec=, so the result "timeout" is that. */
void nook_outcome_of_unit(const NookUnitState *state, bool has_time_limit,
                          NookOutcome *ret_outcome);
void nook_outcome_clear(NookOutcome *outcome);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(NookOutcome, nook_outcome_clear)

/* The step that a status of 200 and more of systemd's own stands for ("EXEC", "CHDIR"); NULL: none.
 * Static. */
const char *nook_outcome_spawn_step(int status);

/* The exit status for a failed spawn, from its status and the journal's sentence (or NULL): 127,
 * 126 or 125. */
int nook_outcome_spawn_status(int status, const char *reason);
