/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "run.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <systemd/sd-event.h>
#include <unistd.h>

#include "attach.h"
#include "base/error.h"
#include "base/fd.h"
#include "dropin.h"
#include "feed.h"
#include "follow.h"
#include "journal-stream.h"
#include "journal.h"
#include "needs.h"
#include "outcome.h"
#include "pam.h"
#include "prepare.h"
#include "replace.h"
#include "sandboxed.h"
#include "scope.h"
#include "table.h"
#include "unit-bus.h"
#include "units.h"

/* Starts in flight: beyond 8 per core they only get in each other's way in the manager, and far
 * beyond 100 the manager has been seen to lose its bus. */
#define STARTS_PER_CORE 8
#define MAX_STARTS      100

/* Named one by one up to so many. */
#define MAX_NAMED 10

G_DEFINE_AUTOPTR_CLEANUP_FUNC(sd_event, sd_event_unref)

typedef enum {
        PHASE_WAITING, /* not started yet */
        PHASE_STARTING,
        PHASE_RUNNING,
        PHASE_ENDING, /* ended; its last lines are awaited */
        PHASE_DONE,
} Phase;

typedef struct {
        struct Run *run;
        NookPlanTask *task;
        NookUnitState *state;
        Phase phase;
        NookOutcome outcome;
        uint64_t start_usec; /* CLOCK_REALTIME */
        NookLaunch launch;   /* of a scope's task; else nothing */
        sd_event_source *launch_end;
        NookPam *pam;      /* likewise */
        char *group;       /* the scope's control group */
        NookFd streams[2]; /* into the journal; -1: not open, or handed on */
} RunTask;

typedef struct Run {
        NookLoad *load;
        NookRunOptions options;
        sd_event *event;
        NookFollow *follow;
        NookFeed *feed;
        NookAttach *attach;
        GPtrArray *tasks;  /* of RunTask, in the plan's order: that of the file */
        GPtrArray *order;  /* the same in the order of their starts: leaders first */
        GPtrArray *allocs; /* of NookAlloc */
        GHashTable *by_path;
        GHashTable *by_name;
        NookFd signal_fd;
        guint n_next; /* first of order that is still waiting */
        guint n_starting;
        guint n_done;
        int stop_signal; /* the first one that came; 0: none */
        bool is_stopping;
        bool is_time_over;
        bool is_left;  /* by the keys that leave a task alone */
        GError *error; /* a task could not be started, or the manager is lost */
} Run;

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
        if (run->load->bus != NULL)
                (void)sd_bus_detach_event(run->load->bus->bus);
        sd_event_unref(run->event);
        nook_fd_close(run->signal_fd);
        g_clear_error(&run->error);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Run, run_clear)

static const NookCli *cli_of(const Run *run) {
        return run->load->cli;
}

/* --- the end of a task ------------------------------------------------------------------------ */

static void start_more(Run *run);
static void stop_all(Run *run);
static void look_at(RunTask *task);

static void finish_task(RunTask *task) {
        Run *run = task->run;

        task->phase = PHASE_DONE;
        run->n_done++;
        /* With more to come the manager need not keep it until we leave. */
        if (run->n_done < run->tasks->len)
                nook_unit_bus_release(run->load->bus, task->state->name);
        if (run->n_done == run->tasks->len)
                (void)sd_event_exit(run->event, 0);
}

static void on_followed(void *user_data) {
        finish_task(user_data);
}

static void explain_spawn_failure(RunTask *task) {
        const NookCli *cli = cli_of(task->run);
        g_autofree char *reason = NULL;

        /* The manager's child wrote it just before it ended; journald may be a moment behind. */
        for (int i = 0; i < 50 && reason == NULL; i++) {
                reason = nook_journal_find_spawn_failure(cli->user, task->state->name,
                                                         task->start_usec);
                if (reason == NULL)
                        g_usleep(20 * 1000);
        }
        task->outcome.status = nook_outcome_spawn_status(task->state->exit_status, reason);
        nook_cli_warn(cli, "Task '%s' %s%s%s", task->task->name, task->outcome.text,
                      reason != NULL ? ": " : "", reason != NULL ? reason : "");
}

static void explain(RunTask *task) {
        if (task->outcome.is_spawn_failure)
                explain_spawn_failure(task);
        else if (task->outcome.text != NULL && !task->run->is_stopping)
                nook_cli_warn(cli_of(task->run), "Task '%s' %s", task->task->name,
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
                finish_task(task);
}

/* --- what the manager says -------------------------------------------------------------------- */

/* Whether a single task is joined to our own streams instead of the journal. */
static bool is_attached(const Run *run) {
        return run->options.has_terminal || run->options.is_piped;
}

static void announce(const RunTask *task) {
        g_autofree char *invocation = NULL;

        if (task->run->tasks->len > MAX_NAMED)
                return;
        invocation = nook_units_invocation_of(task->state->name, cli_of(task->run)->user);
        nook_cli_info(cli_of(task->run), "Running as unit: %s%s%s", task->state->name,
                      invocation != NULL ? "; invocation ID: " : "",
                      invocation != NULL ? invocation : "");
}

/* What a program needs to find the tasks again. */
static void print_started(const Run *run) {
        static const char *const columns[] = {"UNIT", "TASK", "ALLOC", "INVOCATION ID", NULL};
        g_autoptr(NookTable) table = nook_table_new(columns);

        for (guint i = 0; i < run->tasks->len; i++) {
                const RunTask *task = g_ptr_array_index(run->tasks, i);
                g_autofree char *invocation =
                        nook_units_invocation_of(task->state->name, cli_of(run)->user);

                nook_table_add(table, task->state->name);
                nook_table_add(table, task->task->name);
                nook_table_add(table, task->task->alloc->id);
                nook_table_add(table, invocation);
        }
        nook_table_print(table, cli_of(run), stdout);
}

static void fail_run(Run *run, GError *error) {
        if (run->error == NULL)
                run->error = error;
        else
                g_error_free(error);
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
        fail_run(run, error);
        stop_all(run);
}

static void start_job_is_done(RunTask *task) {
        Run *run = task->run;

        run->n_starting--;
        task->phase = PHASE_RUNNING;
        if (g_str_equal(task->state->job_result, "done")) {
                if (task->launch.pid > 0)
                        let_scope_go(task);
                if (run->error == NULL)
                        announce(task);
                if (run->options.is_detached) {
                        task->launch.pid = -1; /* it is on its own */
                        finish_task(task);
                }
        } else {
                nook_launch_clear(&task->launch); /* it waits in vain */
                /* One that cannot be started takes the others with it. */
                if (run->tasks->len > 1)
                        stop_all(run);
        }
        start_more(run);
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

static int on_message(sd_bus_message *message, void *user_data, sd_bus_error *bus_error) {
        Run *run = user_data;
        RunTask *task = NULL;
        const char *job;
        const char *unit;
        const char *result;
        uint32_t id;

        (void)bus_error;
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
        } else if (sd_bus_message_is_signal(message, "org.freedesktop.DBus.Local",
                                            "Disconnected")) {
                GError *error = NULL;

                (void)nook_fail(&error, NOOK_ERROR_BUS,
                                "lost the connection to the service manager; the tasks run on "
                                "(see 'nook ps')");
                fail_run(run, error);
                (void)sd_event_exit(run->event, 0);
        }
        if (task != NULL)
                look_at(task);
        return 0;
}

static int on_started(sd_bus_message *reply, void *user_data, sd_bus_error *bus_error) {
        RunTask *task = user_data;
        Run *run = task->run;
        const sd_bus_error *why = sd_bus_message_get_error(reply);
        GError *error = NULL;
        const char *job;

        (void)bus_error;
        if (why == NULL && sd_bus_message_read(reply, "o", &job) >= 0) {
                task->state->job_path = g_strdup(job);
                return 0;
        }
        (void)nook_fail_bus(&error, EBADMSG, why, "start '%s'", task->state->name);
        fail_run(run, error);
        run->n_starting--;
        task->outcome.status = 125;
        stop_all(run);
        finish_task(task);
        return 0;
}

/* --- the start of a task -----------------------------------------------------------------------
 */

/* The task's streams into the journal, if they are not open yet. */
static bool open_streams(RunTask *task, GError **error) {
        static const int priorities[] = {NOOK_PRIORITY_STDOUT, NOOK_PRIORITY_STDERR};

        for (int i = 0; i < 2; i++)
                if (task->streams[i] < 0 &&
                    !nook_journal_stream_open(NOOK_JOURNAL_SOCKET, task->task->name,
                                              task->state->name, priorities[i], &task->streams[i],
                                              error))
                        return false;
        return true;
}

static bool open_input(Run *run, int *ret_fd, GError **error) {
        if (run->options.is_detached || run->tasks->len > 1 || !nook_feed_is_wanted(STDIN_FILENO))
                return true;
        return nook_feed_new(run->event, STDIN_FILENO, &run->feed, ret_fd, error);
}

static char *label_of(const NookPlanTask *task) {
        const NookPlanAlloc *alloc = task->alloc;

        return alloc->group->count.value > 1 ? g_strdup_printf("%s[%u]", task->name, alloc->index)
                                             : g_strdup(task->name);
}

/* The child of a scope's task has the streams itself; the unit is told which process it begins
 * with. It builds its walls while the manager works. */
static bool launch_scope(RunTask *task, NookUnitFds *fds, GError **error) {
        const NookLoad *load = task->run->load;
        g_auto(NookFd) null = -1;
        int input = fds->stdin_fd;

        if (nook_pam_service_of(task->task) != NULL && task->run->options.is_detached)
                return nook_fail(error, NOOK_ERROR_USAGE,
                                 "PAMName= in a scope needs nook to stay until the task's end: not "
                                 "detached");
        if (!nook_pam_open(task->task, &task->pam, error))
                return false;
        if (input < 0)
                input = null = open("/dev/null", O_RDONLY | O_CLOEXEC);
        const NookScopeOptions options = {task->run->options.has_terminal,
                                          task->run->options.dies_with_parent};
        const int streams[] = {input, fds->stdout_fd, fds->stderr_fd};
        if (!nook_scope_launch(load, task->task, streams, options, &task->launch, error))
                return false;
        *fds = NOOK_UNIT_FDS_NONE;
        fds->pid = task->launch.pid;
        if (load->host->manager_version >= 255)
                fds->pid_fd = task->launch.pidfd;
        return true;
}

static void on_attached(NookAttachEvent event, void *user_data) {
        RunTask *task = user_data;
        Run *run = task->run;

        if (event == NOOK_ATTACH_DONE) {
                finish_task(task);
        } else if (event == NOOK_ATTACH_LEFT) {
                nook_cli_info(cli_of(run), "Left; its terminal hangs up, the unit is %s",
                              task->state->name);
                run->is_left = true;
                (void)sd_event_exit(run->event, 0);
        } else if (!run->is_stopping) {
                run->stop_signal = SIGPIPE;
                stop_all(run);
        }
}

/* The three streams without the journal. A service is told the terminal's name, so that the manager
 * makes it the task's own. */
static bool attach(RunTask *task, NookUnitFds *fds, GError **error) {
        Run *run = task->run;
        NookAttachKind kind = run->options.has_terminal ? NOOK_ATTACH_TERMINAL : NOOK_ATTACH_PIPES;
        int streams[3];

        if (!nook_attach_new(run->event, kind, NULL, true, on_attached, task, &run->attach, error))
                return false;
        nook_attach_streams(run->attach, streams);
        *fds = (NookUnitFds){streams[0], streams[1], streams[2], 0, -1};
        if (run->options.has_terminal && task->task->unit->kind == NOOK_UNIT_SERVICE)
                nook_unit_add_text(task->task->unit, "TTYPath", nook_attach_terminal(run->attach),
                                   NOOK_ORIGIN_NOOK, "the task's terminal");
        return true;
}

static bool open_journal(RunTask *task, NookUnitFds *fds, GError **error) {
        if (!open_streams(task, error))
                return false;
        *fds = NOOK_UNIT_FDS_NONE;
        fds->stdout_fd = task->streams[0];
        fds->stderr_fd = task->streams[1];
        return open_input(task->run, &fds->stdin_fd, error);
}

static bool start_task(RunTask *task, GError **error) {
        Run *run = task->run;
        NookBus *bus = run->load->bus;
        g_autoptr(sd_bus_message) message = NULL;
        NookUnitFds fds;
        g_auto(NookFd) input = -1;
        int r;

        if (is_attached(run)) {
                if (!attach(task, &fds, error))
                        return false;
        } else {
                bool ok = open_journal(task, &fds, error);

                input = fds.stdin_fd;
                if (!ok)
                        return false;
        }
        if (task->task->unit->kind == NOOK_UNIT_SCOPE && !launch_scope(task, &fds, error))
                return false;
        if (!nook_unit_bus_start_message(bus, task->task->unit, task->task->auxiliary, fds,
                                         /* is_held= */ true, &message, error))
                return false;
        if (run->attach != NULL)
                nook_attach_handed_over(run->attach);
        if (run->follow != NULL) {
                g_autofree char *label = label_of(task->task);

                nook_follow_add(run->follow, task->state->name, label,
                                nook_fd_steal(&task->streams[0]), nook_fd_steal(&task->streams[1]));
        }
        r = sd_bus_call_async(bus->bus, NULL, message, on_started, task, NOOK_BUS_DEADLINE_USEC);
        if (r < 0)
                return nook_fail_bus(error, r, NULL, "start '%s'", task->state->name);
        task->start_usec = (uint64_t)g_get_real_time();
        task->phase = PHASE_STARTING;
        run->n_starting++;
        return true;
}

static void start_more(Run *run) {
        guint window = MIN(run->load->host->n_cpus * STARTS_PER_CORE, MAX_STARTS);

        while (!run->is_stopping && run->n_next < run->tasks->len && run->n_starting < window) {
                RunTask *task = g_ptr_array_index(run->order, run->n_next++);
                GError *error = NULL;

                if (start_task(task, &error))
                        continue;
                fail_run(run, error);
                task->outcome.status = 125;
                finish_task(task);
                stop_all(run);
        }
}

/* --- stopping -----------------------------------------------------------------------------------
 */

static void kill_all(Run *run) {
        for (guint i = 0; i < run->tasks->len; i++) {
                RunTask *task = g_ptr_array_index(run->tasks, i);

                if (task->phase == PHASE_STARTING || task->phase == PHASE_RUNNING)
                        (void)nook_unit_bus_kill(run->load->bus, task->state->name, "all", SIGKILL,
                                                 NULL);
        }
}

static void stop_all(Run *run) {
        if (run->is_stopping)
                return;
        run->is_stopping = true;
        for (guint i = 0; i < run->tasks->len; i++) {
                RunTask *task = g_ptr_array_index(run->tasks, i);

                if (task->phase == PHASE_STARTING || task->phase == PHASE_RUNNING) {
                        GError *error = NULL;

                        if (!nook_unit_bus_stop(run->load->bus, task->state->name, &error))
                                fail_run(run, error);
                }
        }
        for (guint i = run->n_next; i < run->order->len; i++) {
                RunTask *task = g_ptr_array_index(run->order, i);

                task->outcome.status = 125;
                finish_task(task);
        }
        run->n_next = run->tasks->len;
}

static int on_signal(sd_event_source *source, int fd, uint32_t events, void *user_data) {
        Run *run = user_data;
        struct signalfd_siginfo info;

        (void)source;
        (void)events;
        if (read(fd, &info, sizeof info) != (ssize_t)sizeof info)
                return 0;
        if (run->stop_signal != 0) {
                nook_cli_info(cli_of(run), "Killing what is left");
                kill_all(run);
                return 0;
        }
        run->stop_signal = (int)info.ssi_signo;
        nook_cli_info(cli_of(run), "Stopping; once more kills");
        stop_all(run);
        return 0;
}

static int on_timeout(sd_event_source *source, uint64_t usec, void *user_data) {
        Run *run = user_data;

        (void)source;
        (void)usec;
        run->is_time_over = true;
        nook_cli_warn(cli_of(run), "The time given by --timeout is over");
        stop_all(run);
        return 0;
}

/* After each round of the loop: nobody reads our output any more. */
static int on_round(sd_event_source *source, void *user_data) {
        Run *run = user_data;

        (void)source;
        if (run->follow != NULL && nook_follow_is_broken(run->follow) && !run->is_stopping) {
                run->stop_signal = SIGPIPE;
                stop_all(run);
        }
        return 0;
}

/* --- the whole ----------------------------------------------------------------------------------
 */

static bool is_person(const NookPlanTask *task) {
        return task->user->kind == NOOK_USER_SELF ||
               (task->user->kind == NOOK_USER_STATIC && task->user->uid >= 1000);
}

static bool make_follow(Run *run, GError **error) {
        g_autofree char *narrow = g_strdup_printf("NOOK_JOB=%s", run->load->job->id.text);
        NookFollowOptions options = {
                .is_user = cli_of(run)->user,
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

static RunTask *run_task_new(Run *run, NookPlanTask *plan) {
        RunTask *task = g_new0(RunTask, 1);

        task->run = run;
        task->launch = NOOK_LAUNCH_NONE;
        task->streams[0] = task->streams[1] = -1;
        task->task = plan;
        task->state = nook_unit_state_new(plan->unit->name);
        return task;
}

static void collect_tasks(Run *run) {
        const NookPlan *plan = run->load->plan;

        run->tasks = g_ptr_array_new_with_free_func(run_task_free);
        run->order = g_ptr_array_new();
        run->by_path = g_hash_table_new(g_str_hash, g_str_equal);
        run->by_name = g_hash_table_new(g_str_hash, g_str_equal);
        for (guint a = 0; a < plan->allocs->len; a++) {
                const NookPlanAlloc *alloc = g_ptr_array_index(plan->allocs, a);
                const NookPlanTask *first = nook_plan_alloc_first_task(alloc);
                guint place = run->order->len;

                for (guint t = 0; t < alloc->tasks->len; t++) {
                        RunTask *task = run_task_new(run, g_ptr_array_index(alloc->tasks, t));

                        g_ptr_array_add(run->tasks, task);
                        g_ptr_array_insert(run->order, task->task == first ? (gint)place : -1,
                                           task);
                        g_hash_table_insert(run->by_path, task->state->path, task);
                        g_hash_table_insert(run->by_name, task->state->name, task);
                }
        }
}

/* From here on signals are read from a descriptor, also while artifacts are staged. */
static bool take_signals(Run *run, GError **error) {
        sigset_t mask;

        (void)signal(SIGPIPE, SIG_IGN);
        sigemptyset(&mask);
        sigaddset(&mask, SIGINT);
        sigaddset(&mask, SIGTERM);
        sigaddset(&mask, SIGHUP);
        if (run->options.is_detached)
                return true;
        if (sigprocmask(SIG_BLOCK, &mask, NULL) < 0)
                return nook_fail_errno(error, errno, "hold signals");
        run->signal_fd = signalfd(-1, &mask, SFD_CLOEXEC | SFD_NONBLOCK);
        if (run->signal_fd < 0)
                return nook_fail_errno(error, errno, "take signals");
        return true;
}

/* Who waits for the output wants all of it, however fast it comes. */
static void lift_rate_limit(NookUnit *unit) {
        if (unit->kind == NOOK_UNIT_SERVICE &&
            nook_unit_find(unit, "LogRateLimitIntervalSec") == NULL)
                nook_unit_add_text(unit, "LogRateLimitIntervalSec", "0", NOOK_ORIGIN_NOOK,
                                   "attached: nothing of the output may be dropped");
}

static bool check_units(Run *run, GError **error) {
        for (guint i = 0; i < run->tasks->len; i++) {
                const RunTask *task = g_ptr_array_index(run->tasks, i);

                if (!nook_drop_ins_check(task->task->unit, "", cli_of(run)->user, error))
                        return false;
                if (!run->options.is_detached)
                        lift_rate_limit(task->task->unit);
        }
        return true;
}

static bool make_sandboxed(Run *run, const NookPlanAlloc *plan, NookAlloc *alloc, GError **error) {
        for (guint t = 0; t < plan->tasks->len; t++) {
                NookPlanTask *task = g_ptr_array_index(plan->tasks, t);

                if (nook_sandboxed_is(task) && task->unit->kind == NOOK_UNIT_SERVICE &&
                    !nook_sandboxed_make_service(run->load, alloc, task, error))
                        return false;
        }
        return true;
}

static bool prepare(Run *run, GError **error) {
        const NookPlan *plan = run->load->plan;
        g_autofree char *record =
                nook_job_to_json(run->load->job, NOOK_JOB_JSON_COMPACT | NOOK_JOB_JSON_EFFECTIVE);
        NookPrepareOptions options = {
                .is_kept = run->options.is_kept || run->options.is_detached,
                .cancel_fd = run->signal_fd,
        };

        /* Early: by the start journald has read what a stream begins with, and what it reads later
         * is the task's. */
        if (run->tasks->len == 1 && !is_attached(run) &&
            !open_streams(g_ptr_array_index(run->tasks, 0), error))
                return false;
        run->allocs = g_ptr_array_new_with_free_func((GDestroyNotify)nook_alloc_free);
        for (guint a = 0; a < plan->allocs->len; a++) {
                NookAlloc *alloc;

                if (!nook_prepare_alloc(run->load, g_ptr_array_index(plan->allocs, a), record,
                                        options, &alloc, error))
                        return false;
                g_ptr_array_add(run->allocs, alloc);
                if (!make_sandboxed(run, g_ptr_array_index(plan->allocs, a), alloc, error))
                        return false;
        }
        return true;
}

static void remove_allocs(Run *run) {
        const NookPlan *plan = run->load->plan;

        for (guint a = 0; a < plan->allocs->len; a++)
                nook_sandboxed_forget(run->load, g_ptr_array_index(plan->allocs, a));
        while (run->allocs != NULL && run->allocs->len > 0) {
                g_autoptr(GError) error = NULL;
                NookAlloc *alloc = g_ptr_array_steal_index(run->allocs, run->allocs->len - 1);

                if (!nook_alloc_remove(alloc, &error))
                        nook_cli_warn(cli_of(run), "%s", error->message);
        }
}

static bool set_up_loop(Run *run, GError **error) {
        sd_bus *bus = run->load->bus->bus;
        int r = sd_event_new(&run->event);

        if (r >= 0)
                r = sd_bus_attach_event(bus, run->event, SD_EVENT_PRIORITY_NORMAL);
        if (r >= 0)
                r = sd_bus_add_filter(bus, NULL, on_message, run);
        if (r >= 0 && run->signal_fd >= 0)
                r = sd_event_add_io(run->event, NULL, run->signal_fd, EPOLLIN, on_signal, run);
        if (r >= 0 && run->options.timeout_usec != 0)
                r = sd_event_add_time_relative(run->event, NULL, CLOCK_MONOTONIC,
                                               run->options.timeout_usec, 0, on_timeout, run);
        if (r >= 0)
                r = sd_event_add_post(run->event, NULL, on_round, run);
        if (r < 0)
                return nook_fail_errno(error, r, "set up the event loop");
        return run->options.is_detached || is_attached(run) || make_follow(run, error);
}

static bool watch_units(Run *run, GError **error) {
        const RunTask *only = run->tasks->len == 1 ? g_ptr_array_index(run->tasks, 0) : NULL;

        return nook_unit_bus_watch(run->load->bus, only != NULL ? only->state : NULL, error);
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
                nook_cli_warn(cli_of(run), "The tasks' output could not be shown: %s",
                              error->message);
}

static int conduct(Run *run, GError **error) {
        int r;

        start_more(run);
        if (run->n_done < run->tasks->len) {
                r = sd_event_loop(run->event);
                if (r < 0) {
                        (void)nook_fail_errno(error, r, "wait for the tasks");
                        return -1;
                }
        }
        report_follow(run);
        if (run->options.is_detached && cli_of(run)->json != NOOK_JSON_OFF)
                print_started(run);
        if (run->error != NULL) {
                g_propagate_error(error, g_steal_pointer(&run->error));
                return -1;
        }
        return status_of(run);
}

int nook_run_plan(NookLoad *load, NookRunOptions options, GError **error) {
        g_auto(Run) run = {.load = load, .options = options, .signal_fd = -1};
        bool is_left;
        int status;

        collect_tasks(&run);
        if (is_attached(&run) && run.tasks->len != 1) {
                (void)nook_fail(error, NOOK_ERROR_USAGE,
                                "%u tasks cannot be joined to one terminal or pipe",
                                run.tasks->len);
                return -1;
        }
        nook_needs_tell(load);
        if (!take_signals(&run, error) || !check_units(&run, error) ||
            !nook_replace_check(load, options.is_replacing, error) ||
            !nook_prepare_check(load, error) || !nook_alloc_sweep(&load->dirs, NULL, error))
                return -1;
        if (!prepare(&run, error) || !set_up_loop(&run, error) || !watch_units(&run, error)) {
                remove_allocs(&run);
                return -1;
        }
        status = conduct(&run, error);
        is_left = options.is_kept || run.is_left || (options.is_detached && status == 0) ||
                  (status < 0 && error != NULL && *error != NULL &&
                   g_error_matches(*error, NOOK_ERROR, NOOK_ERROR_BUS));
        if (!is_left)
                remove_allocs(&run);
        return status;
}
