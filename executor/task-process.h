/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* The process of a running task, found by its unit: where a command that joins the task begins. It
 * is held by a descriptor from before anything is read of it, so that what is read is its own as
 * long as it lives. */

#include <glib.h>
#include <stdbool.h>
#include <sys/types.h>

#include "base/fd.h"
#include "units.h"

typedef struct {
        pid_t pid;
        NookFd fd; /* pidfd_open(2) */
        uid_t uid;
} NookTaskProcess;

/* Finds the process and takes hold of it; the caller closes ret_process->fd, also after a failure.
 *   has_private_pids  the task stands behind an outer process and an init of nook's
 * Errors: NOT_FOUND when none of the unit's control group runs; as errno has it. */
bool nook_task_process_find(const NookUnitEntry *entry, bool has_private_pids,
                            NookTaskProcess *ret_process, GError **error);

/* Whether it still runs: what was read of it before is then sure to have been its own. */
bool nook_task_process_is_alive(const NookTaskProcess *process);

/* The namespaces in which it differs from us, as flags of setns(2). */
int nook_task_process_namespaces(const NookTaskProcess *process);

/* Its environment as it was given, NAME=VALUE each; the caller's. NULL with an error: ACCESS. */
char **nook_task_process_environment(const NookTaskProcess *process, const char *unit,
                                     GError **error);
