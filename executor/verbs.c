/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "verbs.h"

const NookVerb *const nook_verbs[] = {
        &nook_verb_run,      &nook_verb_exec,    &nook_verb_plan,   &nook_verb_validate,
        &nook_verb_generate, &nook_verb_prepare, &nook_verb_job,    &nook_verb_hcl,
        &nook_verb_fmt,      &nook_verb_ps,      &nook_verb_status, &nook_verb_logs,
        &nook_verb_stop,     &nook_verb_restart, &nook_verb_signal, &nook_verb_shell,
        &nook_verb_path,     &nook_verb_gc,      &nook_verb_doctor, NULL,
};
