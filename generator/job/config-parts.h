/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* The steps from several files to one configuration (config.c). */

#include "base/diag.h"
#include "job/config.h"
#include "job/pool.h"

/* Adds what `from` says to `into`: a value replaces the earlier one, a map adds its members, a list
 * of blocks adds to it by label. `from` must live as long as `into`. */
void nook_config_merge(NookPool *pool, NookConfig *into, const NookConfig *from);

/* Fills in what is in force where nothing was written; `set` stays false on it. */
void nook_config_apply_defaults(NookConfig *config);

/* Reports what is wrong in a configuration with its defaults. */
void nook_config_check_rules(const NookConfig *config, NookDiags *diags);
