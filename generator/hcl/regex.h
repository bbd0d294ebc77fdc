/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Regular expressions of Go (RE2's syntax) for others than the language's functions. */

#include <stdbool.h>

/* Whether a pattern matches a part of a text. Not for a pattern that is none, nor for one that
 * takes more than two million steps on the text: whoever wrote both does not keep us busy. */
bool hcl_regex_matches(const char *pattern, const char *text);
