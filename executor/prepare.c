/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "prepare.h"

#include <string.h>

#include "base/error.h"
#include "blame.h"
#include "path.h"
#include "progress.h"
#include "skeleton.h"
#include "stage.h"
#include "unit/plan-text.h"
#include "units.h"

/* Instances of one group differ in their own directories only, so a command that was found in the
 * first one's root is at the same place in the others. */
static const char *command_of_first(const NookLoad *load, const NookPlanTask *task) {
        for (guint a = 0; a < load->plan->allocs->len; a++) {
                const NookPlanAlloc *alloc = g_ptr_array_index(load->plan->allocs, a);

                if (alloc == task->alloc)
                        return NULL;
                for (guint t = 0; t < alloc->tasks->len; t++) {
                        const NookPlanTask *other = g_ptr_array_index(alloc->tasks, t);

                        if (other->task == task->task && other->artifacts->len == 0)
                                return other->command;
                }
        }
        return NULL;
}

static bool check_command(NookPlanTask *task, GError **error) {
        g_autofree char *path = NULL;

        if (!nook_path_check_command(task, &path, error))
                return false;
        nook_plan_task_set_command(task, path);
        return true;
}

static bool check_task(NookLoad *load, NookPlanTask *task, GError **error) {
        const char *known = command_of_first(load, task);
        g_autoptr(GError) cause = NULL;

        if (known != NULL) {
                nook_plan_task_set_command(task, known);
                return true;
        }
        if (check_command(task, &cause))
                return true;
        /* What is not there yet may come with an artifact; it is looked for again after staging. */
        if (task->artifacts->len > 0 &&
            g_error_matches(cause, NOOK_ERROR, NOOK_ERROR_COMMAND_NOT_FOUND))
                return true;
        (void)nook_blame(load, task->command_range, &cause);
        g_propagate_error(error, g_steal_pointer(&cause));
        return false;
}

bool nook_prepare_check(NookLoad *load, GError **error) {
        for (guint a = 0; a < load->plan->allocs->len; a++) {
                const NookPlanAlloc *alloc = g_ptr_array_index(load->plan->allocs, a);

                for (guint t = 0; t < alloc->tasks->len; t++)
                        if (!check_task(load, g_ptr_array_index(alloc->tasks, t), error))
                                return false;
        }
        return true;
}

/* --- staging --------------------------------------------------------------------------------- */

static NookStageLimits limits_of(const NookConfig *config) {
        const NookConfigArtifact *artifact = config->client->artifact;
        NookStageLimits limits = nook_stage_limits_default();

        if (artifact->http_read_timeout.set)
                limits.timeout_usec = nook_duration_usec(artifact->http_read_timeout);
        if (artifact->http_max_size.set)
                limits.download_max_bytes = (uint64_t)artifact->http_max_size.value;
        if (artifact->decompression_size_limit.set)
                limits.unpack_max_bytes = (uint64_t)artifact->decompression_size_limit.value;
        if (artifact->decompression_file_count_limit.set)
                limits.unpack_max_entries =
                        (uint64_t)artifact->decompression_file_count_limit.value;
        if (artifact->max_ratio.set)
                limits.unpack_max_ratio = (uint64_t)artifact->max_ratio.value;
        if (artifact->max_depth.set)
                limits.max_depth = (unsigned)artifact->max_depth.value;
        return limits;
}

/* Local files may come from beside the job file and from where the operator says. */
static char **local_dirs_of(const NookLoad *load) {
        const NookTexts *allowed = &load->config->client->artifact->local_paths;
        GPtrArray *dirs = g_ptr_array_new();

        if (load->base_dir != NULL)
                g_ptr_array_add(dirs, g_canonicalize_filename(load->base_dir, NULL));
        for (guint i = 0; i < allowed->count; i++)
                g_ptr_array_add(dirs, g_strdup(allowed->items[i].text));
        g_ptr_array_add(dirs, NULL);
        return (char **)g_ptr_array_free(dirs, FALSE);
}

/* The place of the artifact that an error of staging names; of the only one; or none. */
static NookRange artifact_named_by(const NookPlanTask *task, const GError *error) {
        for (guint i = 0; i < task->artifacts->len; i++) {
                const NookPlanArtifact *artifact = g_ptr_array_index(task->artifacts, i);
                g_autofree char *shown = nook_plan_redact_source(artifact->source);

                if (task->artifacts->len == 1 || strstr(error->message, shown) != NULL)
                        return artifact->source_range;
        }
        return NOOK_RANGE_NONE;
}

static bool stage(NookLoad *load, NookAlloc *alloc, NookPlanTask *task, int cancel_fd,
                  GError **error) {
        g_auto(GStrv) local_dirs = NULL;
        g_autoptr(NookProgress) progress = NULL;
        NookStageSetup setup = {.libexec_dir = NOOK_LIBEXEC_DIR};
        g_autoptr(GError) cause = NULL;

        if (task->artifacts->len == 0)
                return true;
        if (!nook_stage_find_worker_user(&setup.worker_uid, &setup.worker_gid, error))
                return false;
        local_dirs = local_dirs_of(load);
        setup.local_dirs = (const char *const *)local_dirs;
        setup.limits = limits_of(load->config);
        progress = nook_progress_new(load->cli);
        if (!nook_stage_task(alloc, &load->dirs, task, &setup, nook_progress_show, progress,
                             cancel_fd, &cause))
                (void)nook_blame(load, artifact_named_by(task, cause), &cause);
        else if (!check_command(task, &cause))
                (void)nook_blame(load, task->command_range, &cause);
        if (cause == NULL)
                return true;
        g_propagate_error(error, g_steal_pointer(&cause));
        return false;
}

/* --- one allocation -------------------------------------------------------------------------- */

static bool fill(NookLoad *load, const NookPlanAlloc *plan, const char *record,
                 NookPrepareOptions options, NookAlloc *alloc, GError **error) {
        g_autofree char *units = nook_units_list_text(load->plan, plan);

        if (!nook_alloc_make(alloc, plan, error))
                return false;
        for (guint t = 0; t < plan->tasks->len; t++) {
                NookPlanTask *task = g_ptr_array_index(plan->tasks, t);

                if (!task->is_raw && !nook_skeleton_ensure(task->skeleton, error))
                        return false;
                if (!stage(load, alloc, task, options.cancel_fd, error))
                        return false;
        }
        return nook_alloc_write_record(alloc, record, strlen(record), error) &&
               nook_alloc_commit(alloc, units, error);
}

bool nook_prepare_alloc(NookLoad *load, const NookPlanAlloc *plan, const char *record,
                        NookPrepareOptions options, NookAlloc **ret_alloc, GError **error) {
        const NookDirs dirs = {options.is_in_memory ? load->dirs.run : load->dirs.state,
                               load->dirs.run, load->dirs.cache};
        g_autoptr(NookAlloc) alloc = nook_alloc_create(&dirs, plan->id, error);

        if (alloc == NULL)
                return false;
        if (!fill(load, plan, record, options, alloc, error)) {
                (void)nook_alloc_remove(g_steal_pointer(&alloc), NULL);
                return false;
        }
        *ret_alloc = g_steal_pointer(&alloc);
        return true;
}
