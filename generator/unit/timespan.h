/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Time spans as systemd writes them: "5min 20s", "1.5h", "infinity" (systemd.time(7)). */

#include <glib.h>
#include <stdbool.h>

#define NOOK_USEC_INFINITY G_MAXUINT64

/* Parses a time span.
 *   unit  what a bare number counts, in the units of the result (1000000: seconds to microseconds)
 *   scale microseconds are this many units of the result: 1, or 1000 for a result in nanoseconds
 * Errors: NOOK_ERROR_INVALID. Source: systemd.time(7), "Parsing Time Spans". */
bool nook_timespan_parse(const char *text, guint64 unit, guint64 scale, guint64 *ret_span,
                         GError **error);

/* Microseconds to text: "5s", "1500ms", "7us", "infinity". The caller's. */
char *nook_timespan_format(guint64 usec);
