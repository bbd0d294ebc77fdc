/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "run-private.h"

#include "base/error.h"
#include "prepare.h"
#include "sandboxed.h"

static void run_alloc_free(gpointer pointer) {
        RunAlloc *home = pointer;

        nook_alloc_free(home->alloc);
        g_free(home);
}

void nook_run_collect_allocs(Run *run) {
        const NookPlan *plan = run->load->plan;

        run->allocs = g_ptr_array_new_with_free_func(run_alloc_free);
        for (guint a = 0; a < plan->allocs->len; a++) {
                RunAlloc *home = g_new0(RunAlloc, 1);

                home->plan = g_ptr_array_index(plan->allocs, a);
                home->n_left = home->plan->tasks->len;
                g_ptr_array_add(run->allocs, home);
        }
}

/* --- made ------------------------------------------------------------------------------------- */

static bool make_sandboxed(Run *run, const NookPlanAlloc *plan, NookAlloc *alloc, GError **error) {
        for (guint t = 0; t < plan->tasks->len; t++) {
                NookPlanTask *task = g_ptr_array_index(plan->tasks, t);

                if (nook_sandboxed_is(task) && task->unit->kind == NOOK_UNIT_SERVICE &&
                    !nook_sandboxed_make_service(
                            run->load, alloc, task,
                            (NookSandboxedService){.has_terminal = run->options.has_terminal},
                            error))
                        return false;
        }
        return true;
}

bool nook_run_make_alloc(Run *run, RunAlloc *home, GError **error) {
        NookPrepareOptions options = {
                .is_kept = run->options.is_kept || run->options.is_detached,
                .is_in_memory = run->options.is_light,
                .cancel_fd = run->signal_fd,
        };

        if (home->alloc != NULL)
                return true;
        return nook_prepare_alloc(run->load, home->plan, run->record, options, &home->alloc,
                                  error) &&
               make_sandboxed(run, home->plan, home->alloc, error);
}

static bool has_artifacts(const NookPlanAlloc *plan) {
        for (guint t = 0; t < plan->tasks->len; t++) {
                const NookPlanTask *task = g_ptr_array_index(plan->tasks, t);

                if (task->artifacts->len > 0)
                        return true;
        }
        return false;
}

bool nook_run_prepare(Run *run, GError **error) {
        run->record =
                nook_job_to_json(run->load->job, NOOK_JOB_JSON_COMPACT | NOOK_JOB_JSON_EFFECTIVE);
        /* Early: by the start journald has read what a stream begins with, and what it reads later
         * is the task's. */
        if (run->tasks->len == 1 && !nook_run_is_attached(run) &&
            !nook_run_open_streams(g_ptr_array_index(run->tasks, 0), error))
                return false;
        for (guint a = 0; a < run->allocs->len; a++) {
                RunAlloc *home = g_ptr_array_index(run->allocs, a);

                if ((a == 0 || has_artifacts(home->plan)) && !nook_run_make_alloc(run, home, error))
                        return false;
        }
        return true;
}

/* --- removed ---------------------------------------------------------------------------------- */

static void remove_alloc(Run *run, RunAlloc *home) {
        NookAlloc *alloc = g_steal_pointer(&home->alloc);
        g_autoptr(GError) error = NULL;

        if (alloc == NULL)
                return;
        nook_sandboxed_forget(run->load, home->plan);
        if (!nook_alloc_remove(alloc, &error))
                nook_cli_warn(nook_run_cli(run), "%s", error->message);
}

void nook_run_leave_alloc(Run *run, RunAlloc *home) {
        home->n_left--;
        /* The last one of all goes when everything else is said. */
        if (home->n_left > 0 || run->n_done == run->tasks->len || run->options.is_kept ||
            run->options.is_detached || run->is_left || run->is_unsure)
                return;
        remove_alloc(run, home);
}

void nook_run_remove_allocs(Run *run) {
        for (guint a = 0; a < run->allocs->len; a++)
                remove_alloc(run, g_ptr_array_index(run->allocs, a));
}
