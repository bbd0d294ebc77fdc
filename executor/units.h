/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Which units belong to nook: found again from what the manager keeps in its own directories and
 * from allocation directories, never from a register of our own. Names are nook-TASK.service and
 * nook-JOB:GROUP:TASK:INDEX.service (or .scope). */

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "alloc.h"
#include "bus.h"
#include "unit/plan.h"

/* One task of nook, running or ended. */
typedef struct {
        char *unit;
        char *job;
        char *group;
        char *task;
        guint index;
        char *alloc_id; /* NULL: unknown */
        bool is_alloc_there;

        /* What the manager says; is_loaded false: it does not know the unit (any more). */
        bool is_loaded;
        char *active_state; /* "active", ... NULL when not loaded */
        char *sub_state;
        char *result;
        guint main_pid;
        int exit_code; /* CLD_...; 0: none */
        int exit_status;
        guint n_restarts;
        uint64_t start_usec; /* CLOCK_REALTIME; 0: unknown */
        uint64_t end_usec;
        uint64_t memory_bytes; /* UINT64_MAX: unknown */
        uint64_t cpu_nsec;     /* UINT64_MAX: unknown */
        uint64_t n_tasks;      /* UINT64_MAX: unknown */
        char *invocation;      /* 32 hex digits, or NULL */
        char *slice;
        char *control_group;
} NookUnitEntry;

void nook_unit_entry_free(NookUnitEntry *entry);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(NookUnitEntry, nook_unit_entry_free)

/* The note of an allocation, which names its units: one line each, UNIT JOB GROUP TASK INDEX with
 * tabs between. Caller's. */
char *nook_units_list_text(const NookPlan *plan, const NookPlanAlloc *alloc);

/* Names of the loaded units of the plan's job, whatever their groups are called now. Array of
 * char *. */
GPtrArray *nook_units_of_job(const NookPlan *plan, bool is_user);

/* The allocation of a loaded unit, or NULL. Caller's. */
char *nook_units_alloc_of(const char *unit, bool is_user);

/* The invocation of an active unit: 32 hex digits, or NULL where the manager does not publish it
 * (a user's). Caller's. */
char *nook_units_invocation_of(const char *unit, bool is_user);

/* All tasks: loaded ones, and with want_ended those whose allocation is still there. Sorted by
 * name. Array of NookUnitEntry.
 *   bus  to ask about loaded ones */
GPtrArray *nook_units_list(NookBus *bus, const NookDirs *dirs, bool want_ended, GError **error);

/* The entries that a name of the command line means: a unit with or without "nook-" and suffix, a
 * job (all its tasks), JOB:GROUP:TASK:INDEX, a task where that is not ambiguous, an allocation id
 * or its first eight digits or more. Array of NookUnitEntry, never empty.
 * Errors: NOT_FOUND, with the nearest name. */
GPtrArray *nook_units_find(NookBus *bus, const NookDirs *dirs, const char *name, bool want_ended,
                           GError **error);
