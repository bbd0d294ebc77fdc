/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Everything between a plan and the first start: path checks in the tasks' future roots, the
 * allocation's directories, skeletons, artifacts, environment files, the record and the commit
 * mark. All allocations of a plan are prepared before any task is started, so what fails here
 * leaves nothing behind. */

#include <glib.h>
#include <stdbool.h>

#include "alloc.h"
#include "load.h"

typedef struct {
        bool is_kept; /* the allocation outlives this command: its commit must reach the disk */
        bool is_in_memory; /* it was planned to lie in RUN */
        int cancel_fd;     /* readable: give up; -1: none */
} NookPrepareOptions;

/* Checks what can be checked without making anything: commands, sources of binds, artifacts.
 * ret_n_deferred: tasks whose command an artifact may bring.
 * Errors: COMMAND_NOT_FOUND, COMMAND_NOT_EXECUTABLE, PATH, NOT_FOUND, UNSUPPORTED. */
bool nook_prepare_check(NookLoad *load, GError **error);

/* Makes one allocation, ready to be started. On failure nothing of it is left.
 *   record  the evaluated job, for its record
 *   ret_alloc  locked; the caller's */
bool nook_prepare_alloc(NookLoad *load, const NookPlanAlloc *plan, const char *record,
                        NookPrepareOptions options, NookAlloc **ret_alloc, GError **error);
