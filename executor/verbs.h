/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* The table of verbs. Each verb is one file verb-NAME.c that defines `const NookVerb
 * nook_verb_NAME`; a line here and a line in verbs.c make it known. */

#include "cli.h"

/* NULL-terminated, in the order of the help. */
extern const NookVerb *const nook_verbs[];
