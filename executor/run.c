/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "run.h"

#include <signal.h>

#include "base/error.h"
#include "dropin.h"
#include "needs.h"
#include "prepare.h"
#include "replace.h"
#include "run-private.h"
#include "table.h"
#include "unit-bus.h"
#include "units.h"

static void run_task_free(gpointer pointer) {
        RunTask *task = pointer;

        sd_event_source_disable_unref(task->launch_end);
        nook_launch_clear(&task->launch);
        nook_pam_close(task->pam);
        g_free(task->group);
        nook_fd_close(task->streams[0]);
        nook_fd_close(task->streams[1]);
        nook_unit_state_free(task->state);
        nook_outcome_clear(&task->outcome);
        g_free(task);
}

static void run_clear(Run *run) {
        nook_attach_free(run->attach);
        nook_feed_free(run->feed);
        nook_follow_free(run->follow);
        g_clear_pointer(&run->by_path, g_hash_table_unref);
        g_clear_pointer(&run->by_name, g_hash_table_unref);
        g_clear_pointer(&run->order, g_ptr_array_unref);
        g_clear_pointer(&run->tasks, g_ptr_array_unref);
        g_clear_pointer(&run->allocs, g_ptr_array_unref);
        g_free(run->record);
        if (run->load->bus != NULL)
                (void)sd_bus_detach_event(run->load->bus->bus);
        sd_event_unref(run->event);
        nook_fd_close(run->signal_fd);
        g_clear_error(&run->error);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Run, run_clear)

/* --- before the first start ------------------------------------------------------------------- */

static bool is_person(const NookPlanTask *task) {
        return task->user->kind == NOOK_USER_SELF ||
               (task->user->kind == NOOK_USER_STATIC && task->user->uid >= 1000);
}

static bool make_follow(Run *run, GError **error) {
        g_autofree char *narrow = g_strdup_printf("NOOK_JOB=%s", run->load->job->id.text);
        NookFollowOptions options = {
                .is_user = nook_run_cli(run)->user,
                .is_system_only = true,
                .is_labelled = run->tasks->len > 1,
                .narrow = narrow,
                .start_usec = (uint64_t)g_get_monotonic_time(),
        };

        for (guint i = 0; i < run->tasks->len; i++)
                if (is_person(((RunTask *)g_ptr_array_index(run->tasks, i))->task))
                        options.is_system_only = false;
        return nook_follow_new(run->event, options, &run->follow, error);
}

static RunTask *run_task_new(Run *run, RunAlloc *home, NookPlanTask *plan) {
        RunTask *task = g_new0(RunTask, 1);

        task->run = run;
        task->home = home;
        task->launch = NOOK_LAUNCH_NONE;
        task->streams[0] = task->streams[1] = -1;
        task->task = plan;
        task->state = nook_unit_state_new(plan->unit->name);
        return task;
}

static void collect_tasks(Run *run) {
        run->tasks = g_ptr_array_new_with_free_func(run_task_free);
        run->order = g_ptr_array_new();
        run->by_path = g_hash_table_new(g_str_hash, g_str_equal);
        run->by_name = g_hash_table_new(g_str_hash, g_str_equal);
        for (guint a = 0; a < run->allocs->len; a++) {
                RunAlloc *home = g_ptr_array_index(run->allocs, a);
                const NookPlanAlloc *alloc = home->plan;
                const NookPlanTask *first = nook_plan_alloc_first_task(alloc);
                guint place = run->order->len;

                for (guint t = 0; t < alloc->tasks->len; t++) {
                        RunTask *task = run_task_new(run, home, g_ptr_array_index(alloc->tasks, t));

                        g_ptr_array_add(run->tasks, task);
                        g_ptr_array_insert(run->order, task->task == first ? (gint)place : -1,
                                           task);
                        g_hash_table_insert(run->by_path, task->state->path, task);
                        g_hash_table_insert(run->by_name, task->state->name, task);
                }
        }
}

/* Who waits for the output wants all of it, however fast it comes. An interval of 0 does not reach
 * journald, which then keeps to its own; in one of a microsecond no task goes beyond any burst. */
static void lift_rate_limit(NookUnit *unit) {
        if (unit->kind == NOOK_UNIT_SERVICE &&
            nook_unit_find(unit, "LogRateLimitIntervalSec") == NULL)
                nook_unit_add_text(unit, "LogRateLimitIntervalSec", "1us", NOOK_ORIGIN_NOOK,
                                   "attached: nothing of the output may be dropped");
}

static bool check_units(Run *run, GError **error) {
        for (guint i = 0; i < run->tasks->len; i++) {
                const RunTask *task = g_ptr_array_index(run->tasks, i);

                if (!nook_drop_ins_check(task->task->unit, "", nook_run_cli(run)->user, error))
                        return false;
                if (!run->options.is_detached)
                        lift_rate_limit(task->task->unit);
        }
        return true;
}

static bool set_up_loop(Run *run, GError **error) {
        sd_bus *bus = run->load->bus->bus;
        int r = sd_event_new(&run->event);

        if (r >= 0)
                r = sd_bus_attach_event(bus, run->event, SD_EVENT_PRIORITY_NORMAL);
        if (r >= 0)
                r = sd_bus_add_filter(bus, NULL, nook_run_on_message, run);
        if (r < 0)
                return nook_fail_errno(error, r, "set up the event loop");
        if (!nook_run_watch_stops(run, error))
                return false;
        return run->options.is_detached || nook_run_is_attached(run) || make_follow(run, error);
}

static bool watch_units(Run *run, GError **error) {
        const RunTask *only = run->tasks->len == 1 ? g_ptr_array_index(run->tasks, 0) : NULL;

        return nook_unit_bus_watch(run->load->bus, only != NULL ? only->state : NULL, error);
}

/* --- the whole -------------------------------------------------------------------------------- */

/* What a program needs to find the tasks again. */
static void print_started(const Run *run) {
        static const char *const columns[] = {"UNIT", "TASK", "ALLOC", "INVOCATION ID", NULL};
        g_autoptr(NookTable) table = nook_table_new(columns);

        for (guint i = 0; i < run->tasks->len; i++) {
                const RunTask *task = g_ptr_array_index(run->tasks, i);
                g_autofree char *invocation =
                        nook_units_invocation_of(task->state->name, nook_run_cli(run)->user);

                nook_table_add(table, task->state->name);
                nook_table_add(table, task->task->name);
                nook_table_add(table, task->task->alloc->id);
                nook_table_add(table, invocation);
        }
        nook_table_print(table, nook_run_cli(run), stdout);
}

/* Statuses in file order; what stopped the whole comes first. */
static int status_of(const Run *run) {
        if (run->stop_signal == SIGINT)
                return 130;
        if (run->stop_signal != 0)
                return 128 + run->stop_signal;
        if (run->is_time_over)
                return 124;
        for (guint i = 0; i < run->tasks->len; i++) {
                const RunTask *task = g_ptr_array_index(run->tasks, i);

                if (task->outcome.status != 0)
                        return task->outcome.status;
        }
        return 0;
}

static void report_follow(const Run *run) {
        const GError *error = run->follow != NULL ? nook_follow_error(run->follow) : NULL;

        if (error != NULL)
                nook_cli_warn(nook_run_cli(run), "The tasks' output could not be shown: %s",
                              error->message);
        else if (run->follow != NULL && nook_follow_is_incomplete(run->follow))
                nook_cli_warn(nook_run_cli(run),
                              "The journal did not take in all output in time: 'nook logs' may "
                              "know more");
}

static int conduct(Run *run, GError **error) {
        int r;

        nook_run_start_more(run);
        if (run->n_done < run->tasks->len) {
                r = sd_event_loop(run->event);
                if (r < 0) {
                        run->is_unsure = true;
                        (void)nook_fail_errno(error, r, "wait for the tasks");
                        return -1;
                }
        }
        report_follow(run);
        if (run->options.is_detached && nook_run_cli(run)->json != NOOK_JSON_OFF)
                print_started(run);
        if (run->error != NULL) {
                g_propagate_error(error, g_steal_pointer(&run->error));
                return -1;
        }
        return status_of(run);
}

bool nook_run_check_attached(NookRunOptions options, guint n_tasks, GError **error) {
        return n_tasks == 1 || !(options.has_terminal || options.is_piped) ||
               nook_fail(error, NOOK_ERROR_USAGE,
                         "%u tasks cannot be joined to one terminal or pipe", n_tasks);
}

int nook_run_plan(NookLoad *load, NookRunOptions options, GError **error) {
        g_auto(Run) run = {.load = load, .options = options, .signal_fd = -1};
        guint n_swept = 0;
        bool is_left;
        int status;

        nook_run_collect_allocs(&run);
        collect_tasks(&run);
        if (!nook_run_check_attached(options, run.tasks->len, error))
                return -1;
        if (options.has_terminal)
                nook_attach_tell_kind(((RunTask *)g_ptr_array_index(run.tasks, 0))->task);
        nook_needs_tell(load);
        if (!nook_needs_check(load, error) || !nook_run_take_signals(&run, error) ||
            !check_units(&run, error) || !nook_replace_check(load, options.is_replacing, error) ||
            !nook_prepare_check(load, error) || !nook_alloc_sweep(&load->dirs, &n_swept, error))
                return -1;
        nook_notice_send_leftovers(n_swept);
        if (!nook_run_prepare(&run, error) || !set_up_loop(&run, error) ||
            !watch_units(&run, error)) {
                nook_run_remove_allocs(&run);
                return -1;
        }
        status = conduct(&run, error);
        is_left = options.is_kept || run.is_left || run.is_unsure ||
                  (options.is_detached && status == 0);
        if (!is_left)
                nook_run_remove_allocs(&run);
        return status;
}
