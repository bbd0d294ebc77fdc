/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "direct.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <systemd/sd-event.h>
#include <unistd.h>

#include "base/error.h"
#include "attach.h"
#include "base/fd.h"
#include "launch.h"
#include "needs.h"
#include "outcome.h"
#include "pam.h"
#include "path.h"
#include "prepare.h"
#include "sandbox.h"
#include "sandboxed.h"
#include "skeleton.h"

typedef struct Direct Direct;

typedef struct {
        Direct *direct;
        NookPlanTask *task;
        NookLaunch launch;
        NookAttach *attach;
        NookPam *pam;
        NookUnitState *state; /* only to say how it ended, as for a unit */
        sd_event_source *end;
        sd_event_source *killer;
        uint64_t kill_usec; /* CLOCK_MONOTONIC, once it has been told to end */
        int status;
        bool is_done;
} DirectTask;

struct Direct {
        NookLoad *load;
        NookRunOptions options;
        sd_event *event;
        GPtrArray *tasks;  /* of DirectTask */
        GPtrArray *allocs; /* of NookAlloc */
        NookFd signal_fd;
        int stop_signal;
        bool is_stopping;
        bool is_time_over;
};

static void direct_task_free(gpointer pointer) {
        DirectTask *task = pointer;

        (void)sd_event_source_disable_unref(task->end);
        (void)sd_event_source_disable_unref(task->killer);
        nook_launch_clear(&task->launch);
        nook_attach_free(task->attach);
        nook_pam_close(task->pam);
        nook_unit_state_free(task->state);
        g_free(task);
}

static void direct_clear(Direct *direct) {
        g_clear_pointer(&direct->tasks, g_ptr_array_unref);
        g_clear_pointer(&direct->allocs, g_ptr_array_unref);
        (void)sd_event_unref(direct->event);
        nook_fd_close(direct->signal_fd);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Direct, direct_clear)

/* --- stopping -------------------------------------------------------------------------------- */

static void kill_task(DirectTask *task) {
        if (task->launch.pidfd >= 0)
                (void)pidfd_send_signal(task->launch.pidfd, SIGKILL, NULL, 0);
}

/* Reminds it until its time is over. */
static int on_patience(sd_event_source *source, uint64_t usec, void *user_data) {
        DirectTask *task = user_data;

        if (task->launch.pidfd < 0 || usec >= task->kill_usec) {
                kill_task(task);
                return 0;
        }
        (void)pidfd_send_signal(task->launch.pidfd, SIGHUP, NULL, 0);
        (void)sd_event_source_set_time(source,
                                       MIN(usec + NOOK_ATTACH_REMINDER_USEC, task->kill_usec));
        return sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
}

static void stop_task(DirectTask *task) {
        int number = task->task->kill_signal ? task->task->kill_signal : SIGINT;

        if (task->is_done || task->launch.pidfd < 0)
                return;
        (void)pidfd_send_signal(task->launch.pidfd, number, NULL, 0);
        task->kill_usec = (uint64_t)g_get_monotonic_time() + task->task->kill_timeout_usec;
        uint64_t next_usec = task->kill_usec;
        if (task->direct->options.has_terminal) { /* a shell at a terminal goes by this alone */
                (void)pidfd_send_signal(task->launch.pidfd, SIGHUP, NULL, 0);
                next_usec = MIN(next_usec,
                                (uint64_t)g_get_monotonic_time() + NOOK_ATTACH_REMINDER_USEC);
        }
        (void)sd_event_add_time(task->direct->event, &task->killer, CLOCK_MONOTONIC, next_usec, 0,
                                on_patience, task);
}

static void stop_all(Direct *direct) {
        if (direct->is_stopping)
                return;
        direct->is_stopping = true;
        for (guint i = 0; i < direct->tasks->len; i++)
                stop_task(g_ptr_array_index(direct->tasks, i));
}

static int on_signal(sd_event_source *source, int fd, uint32_t events, void *user_data) {
        Direct *direct = user_data;
        struct signalfd_siginfo info;

        if (read(fd, &info, sizeof info) != (ssize_t)sizeof info)
                return 0;
        if (!direct->stop_signal) {
                direct->stop_signal = (int)info.ssi_signo;
                stop_all(direct);
                return 0;
        }
        for (guint i = 0; i < direct->tasks->len; i++)
                kill_task(g_ptr_array_index(direct->tasks, i));
        return 0;
}

static int on_timeout(sd_event_source *source, uint64_t usec, void *user_data) {
        Direct *direct = user_data;

        direct->is_time_over = true;
        nook_cli_warn(direct->load->cli, "The time given by --timeout is over");
        stop_all(direct);
        return 0;
}

/* --- the end of a task ----------------------------------------------------------------------- */

static void end_if_all_are_done(Direct *direct) {
        for (guint i = 0; i < direct->tasks->len; i++)
                if (!((DirectTask *)g_ptr_array_index(direct->tasks, i))->is_done)
                        return;
        (void)sd_event_exit(direct->event, 0);
}

static void on_attached(NookAttachEvent event, void *user_data) {
        DirectTask *task = user_data;
        Direct *direct = task->direct;

        if (event == NOOK_ATTACH_DONE) {
                g_clear_pointer(&task->pam, nook_pam_close);
                task->is_done = true;
                end_if_all_are_done(direct);
                return;
        }
        /* Nobody reads any more, or the user has left: without a manager the task ends too. */
        if (!direct->is_stopping) {
                direct->stop_signal = event == NOOK_ATTACH_LEFT ? SIGHUP : SIGPIPE;
                stop_all(direct);
        }
}

static void explain(DirectTask *task) {
        g_auto(NookOutcome) outcome = {0};

        nook_outcome_of_unit(task->state, false, &outcome);
        task->status = outcome.status;
        if (outcome.text != NULL && !task->direct->is_stopping)
                nook_cli_warn(task->direct->load->cli, "Task '%s' %s", task->task->name,
                              outcome.text);
}

static int on_end(sd_event_source *source, int fd, uint32_t events, void *user_data) {
        DirectTask *task = user_data;
        siginfo_t info = {0};

        if (waitid(P_PIDFD, (id_t)fd, &info, WEXITED) < 0)
                return -errno;
        task->launch.pid = -1;
        task->end = sd_event_source_disable_unref(task->end);
        task->state->exit_code = info.si_code;
        task->state->exit_status = info.si_status;
        explain(task);
        nook_attach_finish(task->attach);
        return 0;
}

/* --- the start ------------------------------------------------------------------------------- */

static bool start_task(DirectTask *task, GError **error) {
        Direct *direct = task->direct;
        NookSandboxedOptions options = {.form = NOOK_FORM_DIRECT,
                                        .has_terminal = direct->options.has_terminal,
                                        .dies_with_parent = true};
        g_autoptr(NookSandbox) sandbox = NULL;
        bool is_alone = direct->tasks->len == 1;
        int streams[3];

        if (!nook_pam_open(task->task, &task->pam, error))
                return false;
        options.session = nook_pam_marks(task->pam);
        sandbox = nook_sandboxed_plan(direct->load, task->task, options, error);
        if (sandbox == NULL ||
            !nook_attach_new(direct->event,
                             options.has_terminal ? NOOK_ATTACH_TERMINAL : NOOK_ATTACH_PIPES,
                             is_alone ? NULL : task->task->name, is_alone, on_attached, task,
                             &task->attach, error))
                return false;

        g_autoptr(GBytes) plan = nook_sandbox_to_bytes(sandbox);
        nook_attach_streams(task->attach, streams);
        if (!nook_launch_start(nook_sandboxed_program(), plan, streams, NULL, &task->launch,
                               error) ||
            !nook_launch_finish(&task->launch, error)) {
                /* What was not looked at before may have a better reason. */
                if (direct->options.is_light && nook_error_exit_status(*error) != 125) {
                        g_autoptr(GError) reason = NULL;

                        if (!nook_prepare_check(direct->load, &reason)) {
                                g_clear_error(error);
                                g_propagate_error(error, g_steal_pointer(&reason));
                        }
                }
                return false;
        }
        nook_pam_set_task(task->pam, task->launch.pidfd);
        nook_attach_handed_over(task->attach);
        nook_attach_started(task->attach);

        int r = sd_event_add_io(direct->event, &task->end, task->launch.pidfd, EPOLLIN, on_end,
                                task);
        return r >= 0 || nook_fail_errno(error, r, "watch the task");
}

/* What the job asks for and nobody is there to do. */
static void say_what_is_missing(const Direct *direct) {
        unsigned limits = 0;
        bool restarts = false;

        for (guint i = 0; i < direct->tasks->len; i++) {
                const NookPlanTask *task =
                        ((DirectTask *)g_ptr_array_index(direct->tasks, i))->task;

                limits |= task->unit->kind != 0 ? nook_unit_needs(task->unit) : 0;
                restarts |= task->task->restart != NULL && task->task->restart->attempts.value > 0;
        }
        nook_cli_info(direct->load->cli, "Without a manager: no journal%s%s",
                      limits & NOOK_NEED_CONTROLLERS ? ", no limits of memory, CPU and tasks" : "",
                      restarts ? ", no restart" : "");
}

static bool take_signals(Direct *direct, GError **error) {
        sigset_t mask;

        (void)signal(SIGPIPE, SIG_IGN);
        (void)sigemptyset(&mask);
        (void)sigaddset(&mask, SIGINT);
        (void)sigaddset(&mask, SIGTERM);
        (void)sigaddset(&mask, SIGHUP);
        if (sigprocmask(SIG_BLOCK, &mask, NULL) < 0)
                return nook_fail_errno(error, errno, "hold signals");
        direct->signal_fd = signalfd(-1, &mask, SFD_CLOEXEC | SFD_NONBLOCK);
        if (direct->signal_fd < 0)
                return nook_fail_errno(error, errno, "take signals");
        return true;
}

static bool set_up_loop(Direct *direct, GError **error) {
        int r = sd_event_new(&direct->event);

        if (r >= 0)
                r = sd_event_add_io(direct->event, NULL, direct->signal_fd, EPOLLIN, on_signal,
                                    direct);
        if (r >= 0 && direct->options.timeout_usec != 0)
                r = sd_event_add_time_relative(direct->event, NULL, CLOCK_MONOTONIC,
                                               direct->options.timeout_usec, 0, on_timeout, direct);
        return r >= 0 || nook_fail_errno(error, r, "set up the event loop");
}

static void collect_tasks(Direct *direct) {
        const NookPlan *plan = direct->load->plan;

        direct->tasks = g_ptr_array_new_with_free_func(direct_task_free);
        for (guint a = 0; a < plan->allocs->len; a++) {
                const NookPlanAlloc *alloc = g_ptr_array_index(plan->allocs, a);

                for (guint t = 0; t < alloc->tasks->len; t++) {
                        DirectTask *task = g_new0(DirectTask, 1);

                        task->direct = direct;
                        task->task = g_ptr_array_index(alloc->tasks, t);
                        task->launch = NOOK_LAUNCH_NONE;
                        task->state = nook_unit_state_new(task->task->name);
                        g_ptr_array_add(direct->tasks, task);
                }
        }
}

/* Where nothing is on disk a missing command is told by its own execve(); only where it is must be
 * known. Checked in full, it is also explained. */
static bool find_command(NookPlanTask *task) {
        g_autoptr(NookRoot) root = nook_root_new_for_task(task, NULL);

        for (char **place = task->lookup; root != NULL && place != NULL && *place != NULL;
             place++) {
                g_auto(NookResolved) found = {.fd = -1};

                if (!nook_root_resolve(root, *place, &found, NULL) || !S_ISREG(found.stat.st_mode))
                        continue;
                nook_plan_task_set_command(task, *place);
                return true;
        }
        return false;
}

static bool check(Direct *direct, GError **error) {
        DirectTask *first = g_ptr_array_index(direct->tasks, 0);

        if (direct->options.is_light && direct->tasks->len == 1 && find_command(first->task))
                return true;
        return nook_prepare_check(direct->load, error);
}

static bool prepare(Direct *direct, GError **error) {
        const NookPlan *plan = direct->load->plan;
        g_autofree char *record = NULL;
        NookPrepareOptions options = {.is_kept = direct->options.is_kept,
                                      .cancel_fd = direct->signal_fd};

        direct->allocs = g_ptr_array_new_with_free_func((GDestroyNotify)nook_alloc_free);
        if (direct->options.is_light) {
                const DirectTask *only = g_ptr_array_index(direct->tasks, 0);

                return nook_skeleton_ensure(only->task->skeleton, error);
        }
        record = nook_job_to_json(direct->load->job,
                                  NOOK_JOB_JSON_COMPACT | NOOK_JOB_JSON_EFFECTIVE);
        for (guint a = 0; a < plan->allocs->len; a++) {
                NookAlloc *alloc;

                if (!nook_prepare_alloc(direct->load, g_ptr_array_index(plan->allocs, a), record,
                                        options, &alloc, error))
                        return false;
                g_ptr_array_add(direct->allocs, alloc);
        }
        return true;
}

static void remove_allocs(Direct *direct) {
        const NookPlan *plan = direct->load->plan;

        for (guint a = 0; a < plan->allocs->len; a++)
                nook_sandboxed_forget(direct->load, g_ptr_array_index(plan->allocs, a));
        while (direct->allocs != NULL && direct->allocs->len > 0) {
                g_autoptr(GError) error = NULL;
                NookAlloc *alloc = g_ptr_array_steal_index(direct->allocs, direct->allocs->len - 1);

                if (!nook_alloc_remove(alloc, &error))
                        nook_cli_warn(direct->load->cli, "%s", error->message);
        }
}

static int status_of(const Direct *direct) {
        if (direct->stop_signal)
                return 128 + direct->stop_signal;
        if (direct->is_time_over)
                return 124;
        for (guint i = 0; i < direct->tasks->len; i++) {
                const DirectTask *task = g_ptr_array_index(direct->tasks, i);

                if (task->status != 0)
                        return task->status;
        }
        return 0;
}

static int conduct(Direct *direct, GError **error) {
        for (guint i = 0; i < direct->tasks->len; i++)
                if (!start_task(g_ptr_array_index(direct->tasks, i), error))
                        return -1;

        int r = sd_event_loop(direct->event);
        if (r < 0)
                return nook_fail_errno(error, r, "wait for the tasks") ? 0 : -1;
        return status_of(direct);
}

int nook_direct_run(NookLoad *load, NookRunOptions options, GError **error) {
        g_auto(Direct) direct = {.load = load, .options = options, .signal_fd = -1};
        int status;

        if (options.is_detached)
                return nook_fail(error, NOOK_ERROR_USAGE,
                                 "--detach needs a manager that keeps the task: not with --direct")
                               ? 0
                               : -1;
        collect_tasks(&direct);
        if (!nook_run_check_attached(options, direct.tasks->len, error))
                return -1;
        if (options.has_terminal)
                nook_attach_tell_kind(((DirectTask *)g_ptr_array_index(direct.tasks, 0))->task);
        if (!nook_needs_check_direct(load->plan, error) || !take_signals(&direct, error) ||
            !check(&direct, error))
                return -1;
        say_what_is_missing(&direct);
        status = prepare(&direct, error) && set_up_loop(&direct, error) ? conduct(&direct, error)
                                                                        : -1;
        /* Tasks that still run when one could not be started end with their launch. */
        g_clear_pointer(&direct.tasks, g_ptr_array_unref);
        if (!options.is_kept)
                remove_allocs(&direct);
        return status;
}
