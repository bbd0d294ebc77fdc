/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Several configuration files as one. */

#include "job/config.h"
#include "job/pool.h"

/* Adds what `from` says to `into`: a value replaces the earlier one, a map adds its members, a list
 * of blocks adds to it by label. `from` must live as long as `into`. */
void nook_config_merge(NookPool *pool, NookConfig *into, const NookConfig *from);
