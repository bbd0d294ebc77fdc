/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* From a task of the plan to the sandbox's operations: the same walls as the directives of a
 * service have, in the order in which they can be built. Pure but for the compiled filters, which
 * are looked up. What cannot be had this way is refused by its name, with the row's place. */

#include <glib.h>
#include <stdbool.h>
#include <sys/resource.h>

#include "filter.h"
#include "sandbox.h"
#include "unit/plan.h"

typedef enum {
        NOOK_FORM_SERVICE, /* the main process of a unit: environment and streams are its */
        NOOK_FORM_SCOPE,   /* a child that waits until the manager has its scope */
        NOOK_FORM_DIRECT,  /* a child, no manager */
} NookForm;

/* What a PAM session has set on its process, and the task is to have. */
typedef struct {
        struct rlimit limits[RLIM_NLIMITS];
        guint32 limits_set; /* 1 << RLIMIT_...: which of them it has changed */
        bool has_umask;
        bool has_nice;
        mode_t umask;
        int nice;
} NookWallsSession;

typedef struct {
        NookForm form;
        bool is_root;         /* the builder has root's rights; else a user namespace is used */
        bool is_user_managed; /* the manager has a dynamic user for the unit */
        uid_t uid;            /* of a dynamic user that the manager does not have */
        bool has_own_pids;    /* a PID namespace of its own */
        bool has_terminal;    /* standard input is a terminal that becomes the task's */
        bool dies_with_parent;
        bool keeps_environment; /* what nook-sandbox is started with stays (a manager's, or PAM's)
                                 */
        pid_t join_pid; /* the namespaces of this process are entered instead of made; 0: none */
        int join_flags; /* which: CLONE_NEW* */
        const char *cover_dir;       /* holds "dir" and "file", which nobody may read: RUN/cover */
        const char *filter_dir;      /* compiled filters: RUN/filter; NULL: none are kept */
        const struct rlimit *limits; /* RLIM_NLIMITS of them: what holds where the task says
                                        nothing; NULL: what is inherited */
        const NookWallsSession *session; /* wins over what the task says, as in a service; NULL */
} NookWallsOptions;

/* The operations for a task.
 *   task  its `exec` unit says what the sandbox carries out; its command must be set
 * Errors: NOOK_ERROR_UNSUPPORTED for a directive that the sandbox does not carry,
 * NOOK_ERROR_INVALID for a value that it cannot read; both name the directive. */
NookSandbox *nook_walls_new(const NookPlanTask *task, const NookWallsOptions *options,
                            GError **error);

/* Whether the sandbox carries a directive out (by itself or as a part of the plan's mounts). The
 * table's carrier column says the same; a test compares the two. */
bool nook_walls_carries(const char *key);
