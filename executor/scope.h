/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* A task in a scope: nook's child in the task's walls, which the manager puts into a unit of its
 * own (slice, control group, limits, how it is stopped). The child builds its mounts while the
 * manager works, waits until the unit is there, and becomes the task. From then on nothing of nook
 * is left in it, and the task lives on without nook. */

#include <glib.h>
#include <stdbool.h>

#include "launch.h"
#include "load.h"
#include "walls.h"

typedef struct {
        bool has_terminal;     /* the first stream is a terminal that becomes the task's own */
        bool dies_with_parent; /* the task ends when nook does */
        const NookWallsSession *session; /* of PAM; borrowed; NULL: none */
} NookScopeOptions;

/* Starts the child of a task, which then builds and waits.
 *   streams   standard input, output, error; borrowed

 * Errors: as nook_sandboxed_plan() and nook_launch_start(). */
bool nook_scope_launch(const NookLoad *load, const NookPlanTask *task, const int streams[3],
                       NookScopeOptions options, NookLaunch *ret_launch, GError **error);

/* The unit is there: lets the child become the task and waits until it has. On an error the child
 * is gone. Errors: as nook_launch_finish(). */
bool nook_scope_let_go(NookLaunch *launch, GError **error);

/* The directory of a control group ("/nook.slice/nook-a.scope", as the manager names it); NULL when
 * it cannot be found. Caller's. */
char *nook_scope_group_directory(const char *control_group);

/* The control group that a process is in, by its directory; NULL when it cannot be found. Caller's.
 */
char *nook_scope_group_of(pid_t pid);

/* Whether nothing is left in a control group: its directory is gone, or names no process. */
bool nook_scope_group_is_empty(const char *directory);

/* Reaps a task that has ended, without waiting for it.
 *   ret_code    CLD_EXITED, CLD_KILLED or CLD_DUMPED
 *   ret_status  exit status or signal
 * Returns false while it runs. */
bool nook_scope_reap(NookLaunch *launch, int *ret_code, int *ret_status);
