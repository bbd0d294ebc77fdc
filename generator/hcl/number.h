/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Numbers of HCL: binary floats by MPFR, rounded to nearest (ties to even). Every number carries
 * its own precision: 512 bits for literals and converted text, 64 for what counts things, 53 for
 * what came from a double; an operation works at the larger of its operands. There are infinities
 * and a negative zero, but no NaN: an operation that would yield it is an error.
 *
 * Source: go-cty (cty/value_ops.go), Go's math/big. */

#include <mpfr.h>

#include "hcl/value.h"

enum {
        HCL_NUMBER_PRECISION = 512, /* bits */
        HCL_NUMBER_INT_PRECISION = 64,
        HCL_NUMBER_DOUBLE_PRECISION = 53,
        HCL_NUMBER_DIGITS_MAX = 10000, /* longest text that is read as a number */
};

/* A new value of the precision and number of x, which must not be NaN. */
HclValue *hcl_value_number(mpfr_srcptr x);

/* A number from decimal text with 512 bits: sign, digits with one point, exponent, or "Inf" with a
 * sign; nothing else ("0x10", "1_0", " 1" are refused). NULL when it is none, or too long. */
HclValue *hcl_value_number_parse(const char *text, gssize size);

/* Whether the number can be written in full: hcl_value_number_text() of one beyond ten to the
 * +-1,000,000 or so yields an infinity or 0 instead of megabytes. */
bool hcl_value_number_has_text(const HclValue *value);

/* The number of a value; borrowed, not to be written to. */
mpfr_srcptr hcl_value_get_number(const HclValue *value);

/* Arithmetic as cty has it. Each returns a new value, or NULL where there is no result (Inf - Inf,
 * 0 * Inf, 0 / 0). modulo truncates, and yields a for b = 0. */
HclValue *hcl_number_add(const HclValue *a, const HclValue *b);
HclValue *hcl_number_subtract(const HclValue *a, const HclValue *b);
HclValue *hcl_number_multiply(const HclValue *a, const HclValue *b);
HclValue *hcl_number_divide(const HclValue *a, const HclValue *b);
HclValue *hcl_number_modulo(const HclValue *a, const HclValue *b);
HclValue *hcl_number_negate(const HclValue *a);
int hcl_number_compare(const HclValue *a, const HclValue *b); /* as strcmp() */
