/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What the parts of the evaluator share. */

#include "hcl/native.h"
#include "hcl/scope-internal.h"

/* The value as one of `type`, or NULL after reporting at range: FORMAT with the reason in place of
 * its only %s. */
HclValue *hcl_eval_convert(HclValue *value, const HclType *type, NookRange range, NookDiags *diags,
                           const char *summary, const char *format) G_GNUC_PRINTF(6, 0);

/* The value itself, or, after reporting, unknown when it is larger than HCL_WEIGHT_MAX. Takes
 * value. */
HclValue *hcl_eval_limit(HclValue *value, NookRange range, NookDiags *diags);

/* A literal of a value, for the time of an evaluation. Borrows value. */
HclLiteralExpr hcl_eval_literal(HclValue *value, NookRange range);

/* The start range of an expression that begins with a bracket or an operator. */
NookRange hcl_eval_first_byte(const HclExpr *expr);

/* Applies constant steps to a value, which is taken. */
HclValue *hcl_eval_steps(HclValue *value, const HclTraversalStep *steps, size_t n,
                         NookDiags *diags);
