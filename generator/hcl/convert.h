/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Conversions between types, and the one type that several can be brought to.
 *
 * Source: go-cty (cty/convert): string and number and bool as text, tuples to lists and sets,
 * objects to maps, element by element; an object to an object drops members that the type does
 * not name. */

#include "hcl/value.h"

/* The value as one of `type`, in which `dynamic` fits itself to what is given. A new reference, or
 * NULL with *ret_error (caller's, may be NULL) saying what does not fit and where, to stand
 * after a colon: "element 2: a number is required, have string". Null stays null; unknown stays
 * unknown. */
HclValue *hcl_value_convert(HclValue *value, const HclType *type, char **ret_error);

/* The type to which all of these can be converted without loss, preferring string to number and
 * bool, or NULL if there is none. A new reference. n = 0 gives dynamic. */
const HclType *hcl_type_unify(const HclType *const *types, size_t n);
