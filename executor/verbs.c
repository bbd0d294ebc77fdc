/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "verbs.h"

const NookVerb *const nook_verbs[] = {
        &nook_verb_validate,
        &nook_verb_job,
        NULL,
};
