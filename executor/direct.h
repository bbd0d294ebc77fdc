/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Tasks without a service manager: children of nook in the same walls, each alone in a PID
 * namespace of its own, so that nothing of it outlives it, or nook. What only a manager can do
 * (limits of the control group, the journal, restarts) is missing and is said to be. */

#include <glib.h>
#include <stdbool.h>

#include "load.h"
#include "run.h"

/* Runs load->plan, which must be one for --direct. Returns the exit status as nook_run_plan() does,
 * or -1 with an error set when nothing was started.
 * Errors: UNSUPPORTED for a task that cannot be had this way; ACCESS, with what would grant it,
 * when there are no rights for a wall. */
int nook_direct_run(NookLoad *load, NookRunOptions options, GError **error);
