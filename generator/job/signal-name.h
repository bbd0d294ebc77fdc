/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Signals by name. */

/* "SIGINT", "sigint" or "INT" to its number; 0 for a name that Linux does not have. */
int nook_signal_number(const char *name);

/* The name nearest to a misspelt one, "SIGTERM"; NULL for none. */
const char *nook_signal_suggest(const char *name);
