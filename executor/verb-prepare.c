/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <unistd.h>

#include "cli.h"
#include "load.h"
#include "prepare.h"
#include "sandboxed.h"
#include "verbs.h"

static const NookOption prepare_options[] = {NOOK_LOAD_OPTIONS, {NULL}};

/* The environment file is written last of what lies in RUN, which a boot clears. */
static bool is_ready(const NookLoad *load, const NookPlanAlloc *plan) {
        g_autofree char *record = NULL;
        size_t size;

        for (guint t = 0; t < plan->tasks->len; t++) {
                const NookPlanTask *task = g_ptr_array_index(plan->tasks, t);

                if (access(task->env_file, F_OK) < 0)
                        return false;
                if (nook_sandboxed_is(task)) {
                        g_autofree char *walls = nook_plan_task_walls_path(task);

                        if (access(walls, F_OK) < 0)
                                return false;
                }
                if (task->skeleton != NULL && access(task->skeleton->path, F_OK) < 0)
                        return false;
        }
        return nook_alloc_read_record(&load->dirs, plan->id, &record, &size, NULL);
}

/* One that an earlier boot has left is of no use: its secrets and links are gone. */
static bool remove_old(const NookLoad *load, const char *id, GError **error) {
        g_autoptr(GError) cause = NULL;
        NookAlloc *alloc = nook_alloc_open(&load->dirs, id, &cause);

        if (alloc != NULL)
                return nook_alloc_remove(alloc, error);
        if (g_error_matches(cause, NOOK_ERROR, NOOK_ERROR_NOT_FOUND))
                return true;
        g_propagate_error(error, g_steal_pointer(&cause));
        return false;
}

static bool prepare_alloc(NookLoad *load, const NookPlanAlloc *plan, GError **error) {
        g_autofree char *record =
                nook_job_to_json(load->job, NOOK_JOB_JSON_COMPACT | NOOK_JOB_JSON_EFFECTIVE);
        NookPrepareOptions options = {.is_kept = true, .cancel_fd = -1};
        g_autoptr(NookAlloc) alloc = NULL;

        if (is_ready(load, plan))
                return true;
        if (!remove_old(load, plan->id, error) ||
            !nook_prepare_alloc(load, plan, record, options, &alloc, error))
                return false;
        for (guint t = 0; t < plan->tasks->len; t++) {
                NookPlanTask *task = g_ptr_array_index(plan->tasks, t);

                if (nook_sandboxed_is(task) &&
                    !nook_sandboxed_make_service(load, alloc, task,
                                                 (NookSandboxedService){.is_file = true}, error))
                        return false;
        }
        return true;
}

static int verb_prepare(NookCli *cli, GError **error) {
        g_autoptr(NookLoad) load = NULL;

        if (!nook_load_new(cli, &load, error) || !nook_load_job(load, cli->args[0], error) ||
            !nook_load_plan(load, (NookLoadPlanOptions){.is_file = true, .has_stable_ids = true},
                            error) ||
            !nook_prepare_check(load, error))
                return -1;
        for (guint i = 0; i < load->plan->allocs->len; i++)
                if (!prepare_alloc(load, g_ptr_array_index(load->plan->allocs, i), error))
                        return -1;
        return 0;
}

const NookVerb nook_verb_prepare = {
        .name = "prepare",
        .min_args = 1,
        .max_args = 1,
        .run = verb_prepare,
        .usage = "FILE",
        .summary = "Make the directories for a job's unit files",
        .options = prepare_options,
        .details = "nookboot@.service calls it for the job files in /etc/nook/jobs, of which\n"
                   "nook-generator has made units. What is there already is left alone.",
};
