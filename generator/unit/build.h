/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* How a plan is made: one step per subject, each of which reads the job and adds its part to the
 * task of the plan and to its unit. The steps run in the order in which they stand here. Nothing
 * outside of this folder needs to know them. */

#include "unit/name.h"
#include "unit/plan.h"

/* Where nook-argv is in a task's root. */
#define NOOK_ARGV_PROGRAM "/.nook/argv"

typedef struct NookSkeletonSpec NookSkeletonSpec;

/* The lines that an operator adds to allow what was refused; a format for one text. */
#define NOOK_ALLOW_LINES(plugin, assignment)                                                       \
        "; the operator allows it by adding to /etc/nook:\n"                                       \
        "    plugin \"" plugin "\" {\n      config {\n        " assignment "\n      }\n    }"

/* What the steps of one task share. */
typedef struct {
        const NookPlanOptions *options;
        const NookJob *job;
        const NookGroup *group;
        const NookTask *task;
        const NookConfig *config;
        const NookHost *host;
        NookPlan *plan;
        NookPlanAlloc *alloc;
        NookPlanTask *made;
        char *unit_name;      /* of the service or scope */
        NookUnit *unit;       /* everything, as if the manager built all walls; split at the end */
        GHashTable *env;      /* name to value: what references in the job are replaced by */
        GPtrArray *env_names; /* in the order in which they came */
        NookSkeletonSpec *skeleton;
        GPtrArray *block_mounts; /* of NookMount: from the job's `unit {}`, for the root to take */
        NookDiags *diags;
} NookBuild;

/* The text with its run-time references replaced; the caller's. A reference to one of Nomad's own
 * names that has no value here is an error at the text's place. */
char *nook_build_text(NookBuild *build, NookText text);

/* Adds a setting to the unit under construction. */
void nook_build_add(NookBuild *build, const char *key, GVariant *value, NookOrigin origin,
                    const char *reason, NookRange range);
void nook_build_add_text(NookBuild *build, const char *key, const char *text, NookOrigin origin,
                         const char *reason, NookRange range);

void nook_build_leave_out(NookBuild *build, const char *what, const char *why, NookRange range);
void nook_build_note(NookBuild *build, const char *format, ...) G_GNUC_PRINTF(2, 3);

/* The version of the manager, or that of the oldest supported one when there is none. */
guint nook_build_version(const NookBuild *build);

/* env.c: the environment; first, since texts refer to it. The end makes the list of it. */
void nook_build_env(NookBuild *build);
void nook_build_env_set(NookBuild *build, const char *name, const char *value);
bool nook_build_is_denied_variable(const NookBuild *build, const char *name);
void nook_build_env_finish(NookBuild *build);

/* identity.c: user, capabilities. */
void nook_build_identity(NookBuild *build);

/* walls.c: the default walls that are not mounts. */
void nook_build_walls(NookBuild *build);

/* limits.c: resources, restart, kill, logs, slice. */
void nook_build_limits(NookBuild *build);

/* With a PAM session of the manager's the task stops so that it is closed. After the block. */
void nook_build_pam_stop(NookBuild *build);

/* block.c: the job's `unit {}`; mounts in it go to made->mounts. */
void nook_build_block(NookBuild *build);
void nook_build_group_block(NookBuild *build, NookUnit *slice);

/* command.c: argv, work_dir, lookup. */
void nook_build_command(NookBuild *build);

/* root.c: mounts, skeleton, directories, links; chroot.c: the entries of chroot_env. */
void nook_build_root(NookBuild *build);
void nook_build_chroot(NookBuild *build);
void nook_build_volumes(NookBuild *build);     /* volume.c */
bool nook_build_is_reserved(const char *path); /* the task's own or the kernel's place */

/* artifact.c */
void nook_build_artifacts(NookBuild *build);

/* split.c: who builds the walls (needs the user); at the end the unit is taken apart accordingly.
 */
void nook_build_choose_builder(NookBuild *build);
void nook_build_split(NookBuild *build);
/* In a unit file; the task is in its allocation already. */
void nook_build_file_launcher(NookBuild *build);

/* needs.c: what the host cannot do. */
void nook_build_check_host(NookPlan *plan, const NookPlanOptions *options, NookDiags *diags);

/* skeleton.c: adds to a specification; hash and path come last. */
NookSkeletonSpec *nook_skeleton_spec_new(void);
void nook_skeleton_spec_free(NookSkeletonSpec *spec);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(NookSkeletonSpec, nook_skeleton_spec_free)
/* Parents are added as directories. false: the path is there already as something else. */
bool nook_skeleton_spec_add_directory(NookSkeletonSpec *spec, const char *path);
bool nook_skeleton_spec_add_file(NookSkeletonSpec *spec, const char *path);
bool nook_skeleton_spec_add_link(NookSkeletonSpec *spec, const char *path, const char *target);
NookSkeleton *nook_skeleton_spec_finish(const NookSkeletonSpec *spec, const char *run_dir);
void nook_skeleton_free(NookSkeleton *skeleton);

/* Constructors whose lists own what is added. */
NookMount *nook_plan_add_mount(NookPlanTask *task, NookMountKind kind, NookMountRole role,
                               const char *destination, const char *source);
void nook_plan_add_directory(GPtrArray *directories, const char *path, mode_t mode);

/* Destructors of list members. */
void nook_plan_mount_free(gpointer data);
void nook_plan_link_free(gpointer data);
void nook_plan_directory_free(gpointer data);
void nook_plan_left_out_free(gpointer data);
void nook_plan_artifact_free(gpointer data);
void nook_plan_task_free(gpointer data);
void nook_plan_alloc_free(gpointer data);
