/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What must hold between the fields of a job, beyond each one's type. All are errors at the place
 * of the field that breaks the rule. */

#include "base/diag.h"
#include "job/job.h"

/* Of a completed job. */
void nook_job_check_rules(const NookJob *job, NookDiags *diags);

/* Its parts, by subject. */
void nook_rules_check_task(const NookJob *job, const NookGroup *group, const NookTask *task,
                           NookDiags *diags);
void nook_rules_check_artifact(const NookArtifact *artifact, NookDiags *diags);
void nook_rules_check_constraints(const NookConstraintList *constraints, NookDiags *diags);

/* Whether a text is one of the words of a list that ends with NULL; if not, reports it: "mode" must
 * be "fail" or "delay". A text that is not set passes. */
bool nook_rules_is_one_of(const NookText *text, const char *name, const char *const *words,
                          NookDiags *diags);

/* The paths of a chroot_env: absolute, without "..". */
void nook_rules_check_paths(const NookPairs *paths, NookDiags *diags);

/* Refuses what one host cannot honour and what may not be left out silently (unsupported.c). */
void nook_job_refuse_unsupported(const NookJob *job, NookDiags *diags);
