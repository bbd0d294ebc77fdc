/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* PAM sessions for tasks that no manager opens one for: scopes and --direct. nook opens the session
 * before it starts the task, hands the session's environment to it, and closes it when the task has
 * ended; so it is the parent that stays. libpam is loaded when it is wanted: hardly a task asks for
 * it, and each would pay for it. */

#include <glib.h>
#include <stdbool.h>

#include "unit/plan.h"

typedef struct NookPam NookPam;

/* The service that a task names by PAMName=; NULL: none. Borrowed. */
const char *nook_pam_service_of(const NookPlanTask *task);

/* Opens a session for the task's user, if it names a service (else *ret_pam is NULL). Variables of
 * the session that the task does not set itself are added to the task's.
 * Errors: ACCESS when PAM refuses; UNSUPPORTED without libpam or for a dynamic user. */
bool nook_pam_open(NookPlanTask *task, NookPam **ret_pam, GError **error);

/* Closes the session; NULL is fine. */
void nook_pam_close(NookPam *pam);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(NookPam, nook_pam_close)
