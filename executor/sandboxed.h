/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Tasks whose walls nook's sandbox builds instead of the manager: scopes, --direct, and services
 * with sandbox = "nook". This module holds what they have in common: from a task of the plan to
 * the bytes that nook-sandbox reads, the user id where no manager has one, and, for a service, the
 * file with those bytes and the unit that starts from it. */

#include <glib.h>
#include <stdbool.h>

#include "load.h"
#include "walls.h"

/* Whether the sandbox builds a task's walls. */
bool nook_sandboxed_is(const NookPlanTask *task);

/* Whether the task is alone in a PID namespace of its own: pid_mode = "private", every task of
 * root (who could else reach the host's processes), and every task without a manager (who else
 * would end its children?). */
bool nook_sandboxed_has_own_pids(const NookPlanTask *task, NookForm form);

typedef struct {
        NookForm form;
        bool has_terminal;
        bool dies_with_parent;
        bool is_file;           /* a service from a unit file */
        bool keeps_environment; /* see NookWallsOptions */
        pid_t join_pid;         /* likewise, from here on */
        int join_flags;
        const NookWallsSession *session;
        uid_t join_uid; /* who that process is: a dynamic user's id */
} NookSandboxedOptions;

/* The operations for a task whose command is known. Takes a user id for its allocation, if it
 * needs one. Errors: as nook_walls_new() and nook_user_ids_take(). */
NookSandbox *nook_sandboxed_plan(const NookLoad *load, const NookPlanTask *task,
                                 NookSandboxedOptions options, GError **error);

typedef struct {
        bool has_terminal; /* its standard input will be a terminal, which becomes its own */
        bool is_file;      /* the unit comes from a file that nook-generator has written */
} NookSandboxedService;

/* Writes the plan file of a service into its allocation's directory and makes the task's unit start
 * nook-sandbox with it. Call it when the allocation is prepared, before the start.
 * Errors: as nook_sandboxed_plan(); IO. */
bool nook_sandboxed_make_service(const NookLoad *load, NookAlloc *alloc, NookPlanTask *task,
                                 NookSandboxedService service, GError **error);

/* Gives back what an allocation's tasks took. The files of an allocation go with it. */
void nook_sandboxed_forget(const NookLoad *load, const NookPlanAlloc *alloc);

/* Gives back what tasks took whose nook was killed. */
void nook_sandboxed_sweep(const NookLoad *load);

/* The program. Static. */
const char *nook_sandboxed_program(void);
