/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Plain JSON as a value: objects and tuples of what the text says, strings as they are, a null
 * without a type. */

#include "hcl/json-node.h"

/* The value of a JSON text; a new reference, or NULL with *ret_error (caller's) saying why there is
 * none. A name may be repeated if both values are of one type: the last one counts, as in go-cty.
 */
HclValue *hcl_value_from_json(const char *text, size_t size, char **ret_error);
