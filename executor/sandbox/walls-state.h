/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What the rows of a task amount to, before the operations are put in order. Inside the walls
 * module only. */

#include "walls.h"

typedef struct {
        const NookPlanTask *task;
        const NookWallsOptions *options;
        NookSandbox *sandbox;
        NookFilter *filter;

        guint64 bound; /* capabilities that stay in the bounding set */
        guint64 ambient;
        bool no_new_privileges;
        bool ignores_pipe;
        bool private_ipc;
        bool private_network;
        bool own_hostname;
        bool private_tmp;
        bool protects_tunables;
        bool protects_logs;
        bool protects_modules;
        const char *protect_home; /* borrowed from the row; NULL: no */
        const char *protect_proc;
        const char *proc_subset;
        const char *keyring; /* "private" unless said otherwise */
        const char *work_dir;
        bool work_dir_is_optional;
        int umask;
        int nice;
        bool has_nice;
        int oom_score;
        guint64 core_filter;
        bool has_core_filter;
        guint64 timer_slack_nsec;
        int io_class, io_priority;
        int cpu_policy, cpu_priority;
        bool has_cpu_policy, cpu_reset_on_fork;
        GVariant *affinity; /* borrowed */
        int numa_policy;
        GVariant *numa_mask; /* borrowed */
        GPtrArray *unset;    /* of borrowed names */
        guint n_limits;
        struct {
                int resource;
                guint64 soft;
                guint64 hard;
        } limits[RLIM_NLIMITS];
        GPtrArray *read_only; /* borrowed paths in the root, "-" in front of optional ones */
        GPtrArray *read_write;
        GPtrArray *hidden;
        GPtrArray *no_exec;
        GPtrArray *may_exec;
} NookWalls;

/* Reads a setting into the state. */
bool nook_walls_read(NookWalls *walls, const NookSetting *setting, GError **error);

/* Appends the operations of the mount namespace, from PRIVATE to the last before PIVOT. */
void nook_walls_add_mounts(NookWalls *walls);
