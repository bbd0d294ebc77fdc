/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Words of a unit file: splitting and quoting by systemd's rules (systemd.syntax(7), "Quoting"),
 * and the writing of plain values. What is quoted here is read back by systemd as it was. */

#include <glib.h>
#include <stdbool.h>

/* Splits text into words at blanks; '…' and "…" keep blanks, a backslash starts a C escape (\n,
 * \x41, \101, \u00e4, \s for a blank). The result is the caller's (g_strfreev).
 * Errors: NOOK_ERROR_INVALID for an open quote, a bad escape, a NUL or text that is not UTF-8. */
char **nook_quote_split(const char *text, GError **error);

/* The text with its C escapes replaced; quotes and blanks stay. Caller's.
 * Errors: NOOK_ERROR_INVALID for an unknown escape. */
char *nook_quote_unescape(const char *text, GError **error);

/* Appends a word with a `%` doubled, quoted if it must be. */
void nook_quote_append(GString *out, const char *word);

/* Appends a value that systemd reads to the end of the line without unquoting: `%` doubled, a last
 * backslash kept from joining the next line. The text must hold no newline. */
void nook_quote_append_plain(GString *out, const char *text);

/* Whether text can stand in a unit file at all: UTF-8, no control characters. */
bool nook_quote_is_printable(const char *text);
