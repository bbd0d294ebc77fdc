/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* HCL's regular expressions are those of RE2; what matches them here is PCRE2, which knows more and
 * means something else by a few words. This checks a pattern against RE2's syntax and says it in
 * PCRE2's.
 *
 * Source: RE2's syntax page, Go's regexp/syntax, pcre2pattern(3). */

#include <glib.h>

/* Appends the pattern in PCRE2's words. Returns NULL, or what RE2 does not accept: a static text.
 */
const char *hcl_re2_to_pcre(const char *pattern, gsize size, GString *out);
