/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "job/constraint.h"
#include "unit/build.h"
#include "unit/quote.h"

/* The plan of a job: one allocation for each instance of a group, one unit for each task. */

/* --- helpers of the steps -----------------------------------------------------------------------
 */

void nook_build_add(NookBuild *build, const char *key, GVariant *value, NookOrigin origin,
                    const char *reason, NookRange range) {
        nook_unit_add(build->unit, key, value, origin, reason, range);
}

void nook_build_add_text(NookBuild *build, const char *key, const char *text, NookOrigin origin,
                         const char *reason, NookRange range) {
        const NookDirective *directive = nook_directive_find(key);
        g_autoptr(GError) error = NULL;
        g_autoptr(GVariant) value = nook_directive_parse(directive, text, &error);

        if (value != NULL)
                nook_build_add(build, key, value, origin, reason, range);
        else
                nook_diags_error(build->diags, range, "Invalid value", "%s.", error->message);
}

void nook_build_leave_out(NookBuild *build, const char *what, const char *why, NookRange range) {
        NookLeftOut *left_out;

        for (guint i = 0; i < build->plan->left_out->len; i++) {
                left_out = g_ptr_array_index(build->plan->left_out, i);
                if (g_str_equal(left_out->what, what))
                        return;
        }
        left_out = g_new0(NookLeftOut, 1);
        left_out->what = g_strdup(what);
        left_out->why = g_strdup(why);
        left_out->range = range;
        g_ptr_array_add(build->plan->left_out, left_out);
}

void nook_build_note(NookBuild *build, const char *format, ...) {
        g_autofree char *note = NULL;
        va_list args;

        va_start(args, format);
        note = g_strdup_vprintf(format, args);
        va_end(args);
        if (!g_ptr_array_find_with_equal_func(build->plan->notes, note, g_str_equal, NULL))
                g_ptr_array_add(build->plan->notes, g_steal_pointer(&note));
}

guint nook_build_version(const NookBuild *build) {
        if (build->options->file_version > 0)
                return build->options->file_version;
        return build->host->manager_version > 0 ? build->host->manager_version : 252;
}

NookMount *nook_plan_add_mount(NookPlanTask *task, NookMountKind kind, NookMountRole role,
                               const char *destination, const char *source) {
        NookMount *mount = g_new0(NookMount, 1);

        mount->kind = kind;
        mount->role = role;
        mount->destination = g_strdup(destination);
        mount->source = g_strdup(source);
        g_ptr_array_add(task->mounts, mount);
        return mount;
}

void nook_plan_add_directory(GPtrArray *directories, const char *path, mode_t mode) {
        NookPlanDirectory *directory = g_new0(NookPlanDirectory, 1);

        directory->path = g_strdup(path);
        directory->mode = mode;
        g_ptr_array_add(directories, directory);
}

/* --- what every unit has ------------------------------------------------------------------------
 */

static void add_frame(NookBuild *build) {
        NookPlanTask *made = build->made;
        g_autofree char *description = NULL;

        description =
                g_strdup_printf("nook task %s (job %s, group %s, allocation %.8s)", made->name,
                                build->job->id.text, build->group->name.text, build->alloc->id);
        nook_build_add(build, "Description", g_variant_new_string(description), NOOK_ORIGIN_NOOK,
                       NULL, NOOK_RANGE_NONE);
        if (!build->options->is_file)
                nook_build_add_text(build, "CollectMode", "inactive-or-failed", NOOK_ORIGIN_NOOK,
                                    "a failed unit does not block its name", NOOK_RANGE_NONE);
        nook_build_add_text(build, "Type", "exec", NOOK_ORIGIN_NOOK,
                            "a program that cannot be run fails the start", NOOK_RANGE_NONE);
}

static void add_env_file(NookBuild *build) {
        g_auto(GVariantBuilder) files = G_VARIANT_BUILDER_INIT(G_VARIANT_TYPE("a(sb)"));
        NookPlanTask *made = build->made;
        g_autofree char *name = nook_name_for_path(made->name);

        made->env_file =
                g_strdup_printf("%s/env/%s.%s", build->options->run_dir, build->alloc->id, name);
        g_variant_builder_add(&files, "(sb)", made->env_file, FALSE);
        nook_build_add(build, "EnvironmentFile", g_variant_builder_end(&files), NOOK_ORIGIN_NOOK,
                       "what only root may read; Environment= is for all to see", NOOK_RANGE_NONE);
}

/* The end of a leader is the end of the others. */
static void add_leader(NookBuild *build, const char *leader_name) {
        if (leader_name == NULL || build->made->is_leader)
                return;
        nook_build_add_text(build, "BindsTo", leader_name, NOOK_ORIGIN_JOB, "the group's leader",
                            NOOK_RANGE_NONE);
        nook_build_add_text(build, "After", leader_name, NOOK_ORIGIN_JOB, "the group's leader",
                            NOOK_RANGE_NONE);
}

/* --- one task -----------------------------------------------------------------------------------
 */

static bool is_scope(const NookBuild *build) {
        const char *kind = build->task->kind.text;

        return build->options->is_scope || (kind != NULL && g_str_equal(kind, "scope"));
}

static void check_driver(NookBuild *build) {
        NookText driver = build->task->driver;

        if (driver.text != NULL && g_str_equal(driver.text, "raw_exec")) {
                build->made->is_raw = true;
                if (!build->config->raw_exec->enabled.value)
                        nook_diags_error(build->diags, driver.range, "Driver not enabled",
                                         "raw_exec runs without any wall" NOOK_ALLOW_LINES(
                                                 "raw_exec", "enabled = true"));
        } else if (driver.text == NULL || !g_str_equal(driver.text, "exec")) {
                nook_diags_error(build->diags, driver.range, "Unsupported driver",
                                 "\"%s\" is neither \"exec\" nor \"raw_exec\".",
                                 driver.text ? driver.text : "");
        }
}

static void check_name(NookBuild *build, const char *what, NookText name) {
        if (nook_quote_is_printable(name.text))
                return;
        nook_diags_error(build->diags, name.range, "Invalid name",
                         "The name of a %s has control characters.", what);
}

static void name_task(NookBuild *build) {
        NookPlanTask *made = build->made;
        NookUnitKind kind = made->is_scope ? NOOK_UNIT_SCOPE : NOOK_UNIT_SERVICE;
        g_autofree char *name = nook_name_for_path(made->name);
        g_autofree char *service = NULL;

        build->unit_name =
                nook_name_of_task(build->job, build->group, build->task, build->alloc->index, kind);
        if (strlen(build->unit_name) > NOOK_UNIT_NAME_MOST)
                nook_diags_error(build->diags, build->task->name.range, "Name too long",
                                 "The unit's name has %zu bytes, systemd takes %d: \"%s\".",
                                 strlen(build->unit_name), NOOK_UNIT_NAME_MOST, build->unit_name);
        service = nook_name_of_task(build->job, build->group, build->task, build->alloc->index,
                                    NOOK_UNIT_SERVICE);
        build->unit = nook_unit_new(service, NOOK_UNIT_SERVICE);
        made->secrets_dir = g_strdup_printf("%s/secrets/%s/%s", build->options->run_dir,
                                            build->alloc->id, name);
        made->stage_dir = g_strdup_printf("%s/.stage", build->alloc->dir);
        made->argv_program = made->is_raw
                                     ? g_strdup_printf("%s/nook-argv", build->options->libexec_dir)
                                     : g_strdup(NOOK_ARGV_PROGRAM);
}

static void set_secrets_size(NookBuild *build) {
        const NookResources *resources = build->task->resources;
        gint64 mib = resources != NULL && resources->secrets_mb.value > 0
                             ? resources->secrets_mb.value
                             : 1;

        build->made->secrets_bytes = (guint64)mib * 1024 * 1024;
}

static NookPlanTask *task_new(const NookPlanAlloc *alloc, const NookTask *task) {
        NookPlanTask *made = g_new0(NookPlanTask, 1);

        made->alloc = alloc;
        made->task = task;
        made->name = g_strdup(task->name.text);
        made->is_leader = task->leader.value;
        made->auxiliary = g_ptr_array_new_with_free_func((GDestroyNotify)nook_unit_free);
        made->mounts = g_ptr_array_new_with_free_func(nook_plan_mount_free);
        made->links = g_ptr_array_new_with_free_func(nook_plan_link_free);
        made->directories = g_ptr_array_new_with_free_func(nook_plan_directory_free);
        made->artifacts = g_ptr_array_new_with_free_func(nook_plan_artifact_free);
        return made;
}

static void build_task(NookBuild *build, const char *leader_name) {
        NookPlanTask *made = build->made;

        check_name(build, "task", build->task->name);
        check_driver(build);
        made->is_scope = is_scope(build);
        name_task(build);
        set_secrets_size(build);
        add_frame(build);
        nook_build_env(build);
        nook_build_identity(build);
        nook_build_choose_builder(build);
        nook_build_command(build);
        if (!made->is_raw)
                nook_build_walls(build);
        nook_build_limits(build);
        nook_build_block(build);
        nook_build_pam_stop(build);
        nook_build_root(build);
        nook_build_artifacts(build);
        add_env_file(build);
        add_leader(build, leader_name);
        nook_build_env_finish(build);
        nook_build_split(build);
        nook_plan_task_set_command(made, made->command);
        made->needs = nook_unit_needs(made->unit);
        if (made->exec != NULL)
                made->needs |= nook_unit_needs(made->exec);
        build->plan->needs |= made->needs;
}

static void add_task(const NookBuild *shared, const NookTask *task, const char *leader_name) {
        NookBuild build = *shared;
        g_autoptr(GHashTable) env = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
        g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
        g_autoptr(GPtrArray) mounts = g_ptr_array_new_with_free_func(nook_plan_mount_free);
        g_autoptr(NookSkeletonSpec) skeleton = nook_skeleton_spec_new();

        build.task = task;
        build.made = task_new(build.alloc, task);
        build.env = env;
        build.env_names = names;
        build.block_mounts = mounts;
        build.skeleton = skeleton;
        build_task(&build, leader_name);
        g_free(build.unit_name);
        g_ptr_array_add(build.alloc->tasks, build.made);
        nook_build_file_launcher(&build);
}

/* --- one allocation -----------------------------------------------------------------------------
 */

static NookUnit *new_slice(const char *name) {
        NookUnit *slice = nook_unit_new(name, NOOK_UNIT_SLICE);

        nook_unit_add_text(slice, "StopWhenUnneeded", "yes", NOOK_ORIGIN_NOOK,
                           "goes with its last task");
        return slice;
}

/* A slice costs a start some time (1.2 ms, and 2 more when it is brought along), and many units in
 * one slice cost each start more. So a lone task lives in nook's own slice; a job of several tasks
 * has one slice; an allocation has one where the group's directives need a place. */
static void choose_slice(NookBuild *build, GPtrArray *slices) {
        bool is_many = build->job->groups.count > 1 || build->group->count.value > 1 ||
                       build->group->tasks.count > 1 || build->options->wants_own_slice;
        bool has_directives = build->group->unit.count > 0;
        g_autofree char *job_slice = nook_name_of_job_slice(build->job);

        if (!is_many && !has_directives) {
                build->alloc->slice = g_strdup("nook.slice");
                return;
        }
        if (build->plan->allocs->len == 0)
                g_ptr_array_add(slices, new_slice(job_slice));
        if (!has_directives) {
                build->alloc->slice = g_steal_pointer(&job_slice);
                return;
        }
        build->alloc->slice = nook_name_of_alloc_slice(build->job, build->alloc->id);
        g_ptr_array_add(slices, new_slice(build->alloc->slice));
        nook_build_group_block(build, g_ptr_array_index(slices, slices->len - 1));
}

static void add_shared_directories(NookBuild *build) {
        static const char *const names[] = {"alloc", "alloc/data", "alloc/logs", "alloc/tmp"};
        NookPlanAlloc *alloc = build->alloc;
        g_autofree char *secrets =
                g_strdup_printf("%s/secrets/%s", build->options->run_dir, alloc->id);

        for (gsize i = 0; i < G_N_ELEMENTS(names); i++) {
                g_autofree char *path = g_strdup_printf("%s/%s", alloc->dir, names[i]);

                nook_plan_add_directory(alloc->directories, path, 0777);
        }
        nook_plan_add_directory(alloc->directories, secrets, 0700);
}

static char *name_of_leader(const NookBuild *build) {
        for (guint i = 0; i < build->group->tasks.count; i++) {
                const NookTask *task = build->group->tasks.items[i];

                if (task->leader.value && build->group->tasks.count > 1)
                        return nook_name_of_task(build->job, build->group, task,
                                                 build->alloc->index, NOOK_UNIT_SERVICE);
        }
        return NULL;
}

static NookPlanAlloc *alloc_new(const NookBuild *build, guint index) {
        const NookPlanOptions *options = build->options;
        NookPlanAlloc *alloc = g_new0(NookPlanAlloc, 1);
        const char *group = build->group->name.text;

        alloc->index = index;
        alloc->group = build->group;
        alloc->id = options->new_alloc_id != NULL
                            ? options->new_alloc_id(build->job, group, index, options->user_data)
                            : nook_name_derive_id(build->job, group, index);
        alloc->name = nook_name_of_alloc(build->job, build->group, index);
        alloc->user_name = nook_name_of_user(alloc->id);
        alloc->dir = g_strdup_printf("%s/alloc/%s", options->state_dir, alloc->id);
        alloc->directories = g_ptr_array_new_with_free_func(nook_plan_directory_free);
        alloc->tasks = g_ptr_array_new_with_free_func(nook_plan_task_free);
        return alloc;
}

static void add_alloc(NookBuild *build, guint index) {
        g_autoptr(GPtrArray) slices = g_ptr_array_new();
        g_autofree char *leader = NULL;

        build->alloc = alloc_new(build, index);
        choose_slice(build, slices);
        add_shared_directories(build);
        leader = name_of_leader(build);
        for (guint i = 0; i < build->group->tasks.count; i++)
                add_task(build, build->group->tasks.items[i], leader);
        /* The first task that is sent brings the slices; a second one that brought them would be
         * refused. */
        for (guint i = 0; i < slices->len && build->alloc->tasks->len > 0; i++) {
                NookPlanTask *first = nook_plan_alloc_first_task(build->alloc);

                g_ptr_array_add(first->auxiliary, g_ptr_array_index(slices, i));
        }
        g_ptr_array_add(build->plan->allocs, build->alloc);
}

NookPlanTask *nook_plan_alloc_first_task(const NookPlanAlloc *alloc) {
        for (guint i = 0; i < alloc->tasks->len; i++) {
                NookPlanTask *task = g_ptr_array_index(alloc->tasks, i);

                if (task->is_leader)
                        return task;
        }
        return g_ptr_array_index(alloc->tasks, 0);
}

/* --- the plan -----------------------------------------------------------------------------------
 */

static void add_group(NookBuild *build, const NookGroup *group) {
        build->group = group;
        check_name(build, "group", group->name);
        for (gint64 i = 0; i < group->count.value; i++)
                add_alloc(build, (guint)i);
}

NookPlan *nook_plan_new(const NookJob *job, const NookConfig *config, const NookHost *host,
                        const NookPlanOptions *options, NookDiags *diags) {
        g_autoptr(NookPlan) plan = g_new0(NookPlan, 1);
        guint n_errors = nook_diags_count_errors(diags);
        NookBuild build = {
                .options = options,
                .job = job,
                .config = config,
                .host = host,
                .plan = plan,
                .diags = diags,
        };

        plan->job = job;
        plan->config = config;
        plan->host = host;
        plan->allocs = g_ptr_array_new_with_free_func(nook_plan_alloc_free);
        plan->left_out = g_ptr_array_new_with_free_func(nook_plan_left_out_free);
        plan->notes = g_ptr_array_new_with_free_func(g_free);
        check_name(&build, "job", job->id);
        for (guint i = 0; i < job->groups.count; i++)
                add_group(&build, job->groups.items[i]);
        nook_job_check_constraints(job, host, diags);
        nook_build_check_host(plan, options, diags);
        if (nook_diags_count_errors(diags) > n_errors)
                return NULL;
        return g_steal_pointer(&plan);
}
