/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* One job runs once: before a start, its units of before are looked for (by job, whatever its
 * groups and tasks are called now) and are either in the way or are stopped first. */

#include <glib.h>
#include <stdbool.h>

#include "load.h"

/* Errors: EXISTS when the job runs and is not to be replaced; TIMEOUT, BUS. */
bool nook_replace_check(NookLoad *load, bool is_replacing, GError **error);
