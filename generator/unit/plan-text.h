/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* A plan for people and for programs. Values of environment variables and the credentials in URLs
 * are in neither form: what is printed lands in logs. */

#include <glib.h>
#include <stdbool.h>
#include <stdio.h>

#include "unit/plan.h"

/* Writes units, root, walls with what each is for, what is left out, and notes. Allocations of one
 * group are alike: the first is shown in full, of the others the names.
 *   colour  with SGR sequences */
void nook_plan_print(const NookPlan *plan, FILE *stream, bool colour);

/* The same as text; the caller's. */
char *nook_plan_to_text(const NookPlan *plan, bool colour);

/* The whole plan as a JSON object without a newline; the caller's. */
char *nook_plan_to_json(const NookPlan *plan);

/* An artifact's source as it may be shown: without user, password and query. The caller's. */
char *nook_plan_redact_source(const char *source);
