/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Drop-ins of the host that will apply to a transient unit of nook: service.d, the truncated names
 * (nook-.service.d) and the unit's own. The manager merges them without a word, so a fleet-wide
 * `User=root` or `ProtectSystem=no` would open a wall of every task. They are shown by `nook plan`
 * and judged before a start.
 * Source: systemd.unit(5), "Description" on drop-ins; the search path in its table 1. */

#include <glib.h>
#include <stdbool.h>

#include "unit/unit.h"

/* One setting of a drop-in. */
typedef struct {
        char *path; /* of the file */
        guint line;
        char *key;
        char *value;
        bool is_refused;
        char *reason; /* why it is refused; or NULL */
} NookDropIn;

void nook_drop_in_free(NookDropIn *drop_in);

/* The settings that apply to a unit, in the manager's order, judged against what the unit sets.
 * Array of NookDropIn. root: "" for the host's own directories, a directory in tests. */
GPtrArray *nook_drop_ins_of(const NookUnit *unit, const char *root, bool is_user);

/* Errors: REFUSED, with file, line and setting, when one of them opens a wall. */
bool nook_drop_ins_check(const NookUnit *unit, const char *root, bool is_user, GError **error);
