/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* The names of Linux capabilities, as jobs and operators write them. */

#include <glib.h>

#include "base/diag.h"
#include "job/field.h"

/* "NET_RAW", "cap_net_raw", "Cap_Net_Raw" to "CAP_NET_RAW"; "all" to "ALL". Static; NULL for a name
 * that no kernel up to 6.12 has. Source: capabilities(7). */
const char *nook_capability_normalize(const char *name);

/* The name nearest to a misspelt one, without CAP_; NULL for none. */
const char *nook_capability_suggest(const char *name);

/* Reports each name of a list that is none. */
void nook_capability_check(const NookTexts *names, NookDiags *diags);
