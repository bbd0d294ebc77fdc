/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What a plan needs of kernel and manager, held against what is there. PID 1 skips some walls
 * without an error where it cannot build them; so nook asks first and refuses. Limits are not
 * walls: a missing cgroup controller is said in one line, or refused with --strict-limits. */

#include <glib.h>
#include <stdbool.h>

#include "load.h"

/* Errors: UNSUPPORTED, naming the wall, what it needs, and which directive asks for it. */
bool nook_needs_check(const NookLoad *load, bool is_strict, GError **error);

/* The needs of a mask that this host cannot meet, as a mask. */
unsigned nook_needs_missing(const NookHost *host, unsigned needs);

/* What one need is called: "system call filters". Static. */
const char *nook_need_to_text(unsigned need);
