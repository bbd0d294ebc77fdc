/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What tasks need of kernel and manager, held against what is there. The plan refuses walls that
 * cannot be built; this module tells people: `nook doctor`, and one line of `nook run` about
 * limits, which are not walls. */

#include <glib.h>
#include <stdbool.h>

#include "load.h"

/* Says which limits of the plan have no effect on this host, if any. */
void nook_needs_tell(const NookLoad *load);

/* Refuses a plan with a wall that the manager would leave out without a word and that the plan
 * cannot judge, since its host value does not say: RestrictFileSystems= without the BPF security
 * module, a private PID namespace without the kernel's. Errors: UNSUPPORTED. */
bool nook_needs_check(const NookLoad *load, GError **error);

/* Refuses a plan with a wall that only systemd can build, where the task is to run without it:
 * rules for devices, addresses, ports and file systems are BPF programs of a control group. Errors:
 * UNSUPPORTED. */
bool nook_needs_check_direct(const NookPlan *plan, GError **error);

/* The needs of a mask that this host cannot meet, as a mask. */
unsigned nook_needs_missing(const NookHost *host, unsigned needs);

/* What one need is called: "system call filters". Static. */
const char *nook_need_to_text(unsigned need);
