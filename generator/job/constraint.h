/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Whether this host satisfies a job's constraints, evaluated as Nomad's scheduler does, for a
 * cluster of one. */

#include <glib.h>
#include <stdbool.h>

#include "base/diag.h"
#include "job/host.h"
#include "job/job.h"

/* Evaluates one constraint; attribute and value may hold references.
 *   ret_reason  set on false: a clause such as `attr.kernel.name is "linux"`; caller's; may be NULL
 * Operators: = == is != not < <= > >= regexp version semver set_contains set_contains_all
 * set_contains_any is_set is_not_set distinct_hosts distinct_property.
 * Source: Nomad's constraint block, and its scheduler's feasibility check. */
bool nook_constraint_holds(const NookConstraint *constraint, const NookHost *host,
                           char **ret_reason);

/* Checks the constraints of the job, its groups and its tasks: an error for each that does not
 * hold, at its place. distinct_hosts fails where a group of count > 1 would need several hosts. */
void nook_job_check_constraints(const NookJob *job, const NookHost *host, NookDiags *diags);
