/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* How a task ended that the manager has forgotten: the manager wrote it into the journal. */

#include <glib.h>
#include <stdbool.h>

#include "units.h"

/* Fills in result, exit_code, exit_status, end_usec and invocation of an entry that is not loaded,
 * as far as the journal still has them. */
void nook_ended_look_up(NookUnitEntry *entry, bool is_user);

/* "running", "exited (3)", "killed (SIGKILL)", "ended"; caller's. */
char *nook_ended_state_text(const NookUnitEntry *entry);
bool nook_ended_is_failed(const NookUnitEntry *entry);
