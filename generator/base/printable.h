/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Text of others on its way to a terminal. A terminal obeys what is written to it: a job file, a
 * server or a task could rename the window, hide lines or answer for the user. What it would obey
 * is shown as an escape instead. */

#include <glib.h>
#include <stdbool.h>

/* Replaces control characters but newline and tab, characters that change the direction of writing,
 * and bytes that are no UTF-8, by \x1b, \u202e and the like.
 *   size  in bytes; negative: up to the NUL
 * Returns the caller's text. */
char *nook_printable_text(const char *text, gssize size);

/* The same for what a task has printed: its colours (ECMA-48, "SGR") stay, and end with the text.
 */
char *nook_printable_output(const char *text, gssize size);

/* Whether a terminal would do something at a character instead of showing it. */
bool nook_printable_is_control(gunichar c);
