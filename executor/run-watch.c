/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "run-private.h"

#include "base/error.h"
#include "journal.h"
#include "unit-bus.h"
#include "units.h"

/* Named one by one up to so many. */
#define MAX_NAMED 10

/* --- the end of a task ------------------------------------------------------------------------ */

void nook_run_finish_task(RunTask *task) {
        Run *run = task->run;

        task->phase = PHASE_DONE;
        g_clear_pointer(&task->pam, nook_pam_close);
        run->n_done++;
        /* With more to come the manager need not keep it until we leave. */
        if (run->n_done < run->tasks->len)
                nook_unit_bus_release(run->load->bus, task->state->name);
        nook_run_leave_alloc(run, task->home);
        if (run->n_done == run->tasks->len)
                (void)sd_event_exit(run->event, 0);
}

static void on_followed(void *user_data) {
        nook_run_finish_task(user_data);
}

static void explain_spawn_failure(RunTask *task) {
        const NookCli *cli = nook_run_cli(task->run);
        g_autofree char *reason = NULL;

        /* The manager's child wrote it just before it ended; journald may be a moment behind. */
        for (int i = 0; i < 50 && reason == NULL; i++) {
                reason = nook_journal_find_spawn_failure(cli->user, task->state->name,
                                                         task->state->last_pid, task->start_usec);
                if (reason == NULL)
                        g_usleep(20 * 1000);
        }
        task->outcome.status = nook_outcome_spawn_status(task->state->exit_status, reason);
        nook_cli_warn(cli, "Task '%s' %s%s%s", task->task->name, task->outcome.text,
                      reason != NULL ? ": " : "", reason != NULL ? reason : "");
        /* 126 and 127 are about the command, which is the task's own matter. */
        if (task->outcome.status == 125)
                nook_notice_send(NOOK_NOTICE_START_FAILED, nook_run_subject_of(task),
                                 "Task '%s' %s%s%s", task->task->name, task->outcome.text,
                                 reason != NULL ? ": " : "", reason != NULL ? reason : "");
}

static void explain(RunTask *task) {
        if (task->outcome.is_spawn_failure)
                explain_spawn_failure(task);
        else if (task->outcome.text != NULL && !task->run->is_stopping)
                nook_cli_warn(nook_run_cli(task->run), "Task '%s' %s", task->task->name,
                              task->outcome.text);
}

static void end_task(RunTask *task) {
        Run *run = task->run;

        task->phase = PHASE_ENDING;
        nook_outcome_of_unit(task->state, task->task->max_run_usec != 0, &task->outcome);
        explain(task);
        if (run->attach != NULL)
                nook_attach_finish(run->attach);
        else if (run->follow != NULL)
                nook_follow_finish(run->follow, task->state->name, on_followed, task);
        else
                nook_run_finish_task(task);
}

/* --- what the manager says -------------------------------------------------------------------- */

static void look_at(RunTask *task);

static void announce(const RunTask *task) {
        g_autofree char *invocation = NULL;

        if (task->run->tasks->len > MAX_NAMED)
                return;
        invocation = nook_units_invocation_of(task->state->name, nook_run_cli(task->run)->user);
        nook_cli_info(nook_run_cli(task->run), "Running as unit: %s%s%s", task->state->name,
                      invocation != NULL ? "; invocation ID: " : "",
                      invocation != NULL ? invocation : "");
}

/* The task of a scope is nook's child: the manager knows when its unit is empty, nook how it
 * ended. What a task leaves behind in its scope ends with it. */
static int on_launch_end(sd_event_source *source, int fd, uint32_t events, void *user_data) {
        RunTask *task = user_data;

        (void)source;
        (void)fd;
        (void)events;
        if (!nook_scope_reap(&task->launch, &task->state->exit_code, &task->state->exit_status))
                return 0;
        task->launch_end = sd_event_source_disable_unref(task->launch_end);
        if (task->phase != PHASE_RUNNING)
                return 0;
        /* An empty scope is the manager's to clear up; nobody needs to wait for that. */
        if (task->group != NULL && nook_scope_group_is_empty(task->group)) {
                end_task(task);
                return 0;
        }
        if (!nook_unit_state_is_ended(task->state))
                (void)nook_unit_bus_stop(task->run->load->bus, task->state->name, NULL);
        look_at(task);
        return 0;
}

/* The scope is there: its child becomes the task. */
static void let_scope_go(RunTask *task) {
        Run *run = task->run;
        GError *error = NULL;

        task->group = nook_scope_group_of(task->launch.pid);
        if (nook_scope_let_go(&task->launch, &error)) {
                int r = sd_event_add_io(run->event, &task->launch_end, task->launch.pidfd, EPOLLIN,
                                        on_launch_end, task);
                if (r >= 0)
                        return;
                (void)nook_fail_errno(&error, r, "watch the task '%s'", task->task->name);
        }
        task->outcome.status = nook_error_exit_status(error);
        nook_run_fail_take(run, error);
        nook_run_stop_all(run);
}

static void start_job_is_done(RunTask *task) {
        Run *run = task->run;

        run->n_starting--;
        task->phase = PHASE_RUNNING;
        if (g_str_equal(task->state->job_result, "done")) {
                if (task->launch.pid > 0)
                        let_scope_go(task);
                if (run->attach != NULL)
                        nook_attach_started(run->attach);
                if (run->error == NULL)
                        announce(task);
                if (run->options.is_detached) {
                        task->launch.pid = -1; /* it is on its own */
                        nook_run_finish_task(task);
                }
        } else {
                nook_launch_clear(&task->launch); /* it waits in vain */
                /* One that cannot be started takes the others with it. */
                if (run->tasks->len > 1)
                        nook_run_stop_all(run);
        }
        nook_run_start_more(run);
}

/* A scope's unit may be seen to end before the child is reaped. */
static bool is_ended(RunTask *task) {
        return nook_unit_state_is_ended(task->state) &&
               (task->launch.pid <= 0 ||
                nook_scope_reap(&task->launch, &task->state->exit_code, &task->state->exit_status));
}

static void look_at(RunTask *task) {
        if (task->phase == PHASE_STARTING && task->state->is_job_done)
                start_job_is_done(task);
        if (task->phase == PHASE_RUNNING && is_ended(task))
                end_task(task);
}

static void lose_manager(Run *run) {
        GError *error = NULL;

        (void)nook_fail(&error, NOOK_ERROR_BUS,
                        "lost the connection to the service manager; the tasks run on "
                        "(see 'nook ps')");
        run->is_unsure = true;
        nook_run_fail_take(run, error);
        (void)sd_event_exit(run->event, 0);
}

int nook_run_on_message(sd_bus_message *message, void *user_data, sd_bus_error *bus_error) {
        Run *run = user_data;
        RunTask *task = NULL;
        const char *job;
        const char *unit;
        const char *result;
        uint32_t id;

        (void)bus_error;
        if (sd_bus_message_is_signal(message, "org.freedesktop.DBus.Local", "Disconnected")) {
                lose_manager(run);
                return 0;
        }
        if (!nook_bus_is_from_manager(run->load->bus, message))
                return 0;
        if (sd_bus_message_is_signal(message, NOOK_DBUS_PROPERTIES, "PropertiesChanged")) {
                task = g_hash_table_lookup(run->by_path, sd_bus_message_get_path(message));
                if (task != NULL && nook_unit_state_read_properties(task->state, message) < 0)
                        task = NULL;
        } else if (sd_bus_message_is_signal(message, NOOK_SYSTEMD_MANAGER, "JobRemoved")) {
                if (sd_bus_message_read(message, "uoss", &id, &job, &unit, &result) < 0)
                        return 0;
                task = g_hash_table_lookup(run->by_name, unit);
                if (task != NULL)
                        nook_unit_state_read_job_removed(task->state, job, result);
        }
        if (task != NULL)
                look_at(task);
        return 0;
}
