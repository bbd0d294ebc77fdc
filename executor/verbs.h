/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* The table of verbs. Each verb is one file verb-NAME.c that defines `const NookVerb
 * nook_verb_NAME`; a line here and a line in verbs.c make it known. */

#include "cli.h"

extern const NookVerb nook_verb_run;
extern const NookVerb nook_verb_exec;
extern const NookVerb nook_verb_plan;
extern const NookVerb nook_verb_validate;
extern const NookVerb nook_verb_generate;
extern const NookVerb nook_verb_prepare;
extern const NookVerb nook_verb_job;
extern const NookVerb nook_verb_hcl;
extern const NookVerb nook_verb_fmt;
extern const NookVerb nook_verb_ps;
extern const NookVerb nook_verb_status;
extern const NookVerb nook_verb_logs;
extern const NookVerb nook_verb_stop;
extern const NookVerb nook_verb_restart;
extern const NookVerb nook_verb_signal;
extern const NookVerb nook_verb_shell;
extern const NookVerb nook_verb_path;
extern const NookVerb nook_verb_gc;
extern const NookVerb nook_verb_doctor;

/* NULL-terminated, in the order of the help. */
extern const NookVerb *const nook_verbs[];
