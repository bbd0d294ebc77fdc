/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* YAML texts as values and back; libyaml reads and writes them. */

#include "hcl/value.h"

/* The value of the one document of a YAML text, or NULL with *ret_error (caller's). */
HclValue *hcl_value_from_yaml(const char *text, size_t size, char **ret_error);

/* What a plain or quoted scalar means; the inside of the above.
 *   tag      NULL: none
 *   quoted   between quotes of either kind
 * A new reference, or NULL with *ret_error. */
HclValue *hcl_yaml_resolve(const char *tag, const char *text, size_t size, bool quoted,
                           char **ret_error);

/* Appends a value as a YAML document: strings in double quotes, or as a literal block where they
 * have a line break. Returns NULL, or why it cannot be: a static text. */
const char *hcl_value_to_yaml(const HclValue *value, GString *out);
