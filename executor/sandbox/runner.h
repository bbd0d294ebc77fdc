/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Carries a plan out: the code between the start of nook-sandbox and the task's execve(). It is
 * plain C over system calls and links nothing but the C library. It calls async-signal-safe
 * functions only (and a few that compute on their arguments alone: the list is checked when it is
 * built), allocates nothing and has no state but one NookRunner, so that it can as well run in the
 * child of a process with threads. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "plan-format.h"

typedef struct {
        const char *buffer; /* the plan, checked */
        int root_fd;        /* the root that is being built; -1 before ROOT */
        int control_fd;     /* to the launcher: its word at WAIT, our report; -1: none */
        int status_fd;      /* in a PID namespace: the init's end of the outer process's pipe */
        int report_fd;      /* the outer process's end, when it is listened to; -1 */
        pid_t parent;       /* who started us */
        char **environment; /* as it came */
        uid_t dynamic_uid;  /* of the manager's dynamic user, or -1 */
        char **slots;       /* room for the vectors of execve() */
        bool is_let_go;     /* the launcher's death is no longer ours */
        bool is_init;       /* this process is PID 1 of the plan's namespace */
} NookRunner;

/* What went wrong, as the launcher reads it from its end of control_fd: one of these, then text. */
typedef struct {
        uint32_t status; /* exit status: nook_sandbox_op_status() */
        uint32_t errnum; /* of the call that failed; 0: none */
        uint32_t op;     /* index in the plan */
        uint32_t kind;   /* NookSandboxOpKind */
} NookSandboxReport;

/* Carries the plan out and becomes the task; if it returns, then with the exit status of what went
 * wrong, which has been reported to control_fd or, without one, to standard error.
 *   buffer       checked by nook_sandbox_check()
 *   control_fd   a stream socket to the launcher, or -1
 *   environment  what KEEP_ENVIRONMENT keeps */
int nook_runner_run(const void *buffer, int control_fd, char **environment);

/* The parts, each for some kinds of operation. They return 0, or -1 with errno set. */
int nook_runner_mount(NookRunner *runner, const NookSandboxOp *op);
int nook_runner_process(NookRunner *runner, const NookSandboxOp *op);

/* PID_NAMESPACE: the caller's child goes on as the init of a namespace of its own; the caller
 * itself waits for it, passes signals on and ends as the task ended: it does not return.
 * FORK (is_new false): the same, but the child is not the first in its namespace. */
int nook_runner_enter_pid_namespace(NookRunner *runner, bool is_new);

/* INIT: the caller's child goes on; the caller becomes the init that reaps and forwards. */
int nook_runner_become_init(NookRunner *runner);

/* Whether the plan has an operation of a kind. */
bool nook_runner_has(const NookRunner *runner, unsigned kind);

/* Whether an environment entry (NAME=VALUE) has the name that another one begins with. */
bool nook_runner_same_name(const char *entry, const char *other);

/* The vector of environment entries for execve(): made from what came and what the plan says.
 * slots holds count + n_env + 1 pointers. */
void nook_runner_fill_environment(const NookRunner *runner, char **slots);
