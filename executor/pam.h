/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* PAM sessions for tasks that no manager opens one for: scopes and --direct. A child of nook opens
 * the session before the task is started, tells what came of it (environment, limits), and stays,
 * to close it when the task has ended. It does so also when nook is gone, which a task in a scope
 * may outlive. Nothing of the session touches nook itself.
 * Limits: one session a task; the child is one process more as long as the task runs. */

#include <glib.h>
#include <stdbool.h>

#include "unit/plan.h"
#include "walls.h"

typedef struct NookPam NookPam;

/* The service that a task names by PAMName=; NULL: none. Borrowed. */
const char *nook_pam_service_of(const NookPlanTask *task);

/* Opens a session for the task's user, if it names a service (else *ret_pam is NULL). The task's
 * environment becomes what the session's modules have made of it, as for a service.
 * Errors: ACCESS when PAM refuses; UNSUPPORTED without libpam or for a dynamic user. */
bool nook_pam_open(NookPlanTask *task, NookPam **ret_pam, GError **error);

/* What the session has set on its process, for the task; borrowed. NULL for NULL. */
const NookWallsSession *nook_pam_marks(const NookPam *pam);

/* The session is that of this process: without nook it is closed when the process has ended. NULL
 * is fine. */
void nook_pam_set_task(NookPam *pam, int pidfd);

/* Closes the session and waits until it is closed; NULL is fine. */
void nook_pam_close(NookPam *pam);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(NookPam, nook_pam_close)
