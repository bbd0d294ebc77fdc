/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "run-private.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include "base/error.h"
#include "journal-stream.h"
#include "journal.h"
#include "unit-bus.h"

/* Starts in flight: beyond 8 per core they only get in each other's way in the manager, and far
 * beyond 100 the manager has been seen to lose its bus. */
#define STARTS_PER_CORE 8
#define MAX_STARTS      100

bool nook_run_is_attached(const Run *run) {
        return run->options.has_terminal || run->options.is_piped;
}

bool nook_run_open_streams(RunTask *task, GError **error) {
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

static bool open_journal(RunTask *task, NookUnitFds *fds, GError **error) {
        if (!nook_run_open_streams(task, error))
                return false;
        *fds = NOOK_UNIT_FDS_NONE;
        fds->stdout_fd = task->streams[0];
        fds->stderr_fd = task->streams[1];
        return open_input(task->run, &fds->stdin_fd, error);
}

static void on_attached(NookAttachEvent event, void *user_data) {
        RunTask *task = user_data;
        Run *run = task->run;

        if (event == NOOK_ATTACH_DONE) {
                nook_run_finish_task(task);
        } else if (event == NOOK_ATTACH_LEFT) {
                nook_cli_info(nook_run_cli(run), "Left; its terminal hangs up, the unit is %s",
                              task->state->name);
                run->is_left = true;
                task->launch.pid = -1; /* a scope's is on its own */
                (void)sd_event_exit(run->event, 0);
        } else if (!run->is_stopping) {
                run->stop_signal = SIGPIPE;
                nook_run_stop_all(run);
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
        /* A shell at a terminal goes by this alone. */
        if (run->options.has_terminal && nook_unit_find(task->task->unit, "SendSIGHUP") == NULL)
                nook_unit_add_text(task->task->unit, "SendSIGHUP", "yes", NOOK_ORIGIN_NOOK,
                                   "its terminal goes");
        if (run->options.has_terminal && task->task->unit->kind == NOOK_UNIT_SERVICE)
                nook_unit_add_text(task->task->unit, "TTYPath", nook_attach_terminal(run->attach),
                                   NOOK_ORIGIN_NOOK, "the task's terminal");
        return true;
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
                                          task->run->options.dies_with_parent,
                                          nook_pam_marks(task->pam)};
        const int streams[] = {input, fds->stdout_fd, fds->stderr_fd};
        if (!nook_scope_launch(load, task->task, streams, options, &task->launch, error))
                return false;
        nook_pam_set_task(task->pam, task->launch.pidfd);
        *fds = NOOK_UNIT_FDS_NONE;
        fds->pid = task->launch.pid;
        if (load->host->manager_version >= 255)
                fds->pid_fd = task->launch.pidfd;
        return true;
}

static char *label_of(const NookPlanTask *task) {
        const NookPlanAlloc *alloc = task->alloc;

        return alloc->group->count.value > 1 ? g_strdup_printf("%s[%u]", task->name, alloc->index)
                                             : g_strdup(task->name);
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
        /* Only a refusal says that nothing has been started. */
        if (why == NULL || sd_bus_error_has_name(why, SD_BUS_ERROR_NO_REPLY))
                run->is_unsure = true;
        else
                nook_notice_send(NOOK_NOTICE_START_REFUSED, nook_run_subject_of(task), "Cannot %s",
                                 error->message);
        nook_run_fail_take(run, error);
        run->n_starting--;
        task->outcome.status = 125;
        nook_run_stop_all(run);
        nook_run_finish_task(task);
        return 0;
}

static bool start_task(RunTask *task, GError **error) {
        Run *run = task->run;
        NookBus *bus = run->load->bus;
        g_autoptr(sd_bus_message) message = NULL;
        NookUnitFds fds;
        g_auto(NookFd) input = -1;
        int r;

        if (!nook_run_make_alloc(run, task->home, error))
                return false;
        if (nook_run_is_attached(run)) {
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

/* While the manager starts one, journald reads what the streams of the next begin with. What fails
 * here is tried again, and reported, when that one starts. */
static void open_streams_of_next(Run *run) {
        if (run->n_next < run->order->len && !nook_run_is_attached(run))
                (void)nook_run_open_streams(g_ptr_array_index(run->order, run->n_next), NULL);
}

void nook_run_start_more(Run *run) {
        guint window = MIN(run->load->host->n_cpus * STARTS_PER_CORE, MAX_STARTS);

        while (!run->is_stopping && run->n_next < run->tasks->len && run->n_starting < window) {
                RunTask *task = g_ptr_array_index(run->order, run->n_next++);
                GError *error = NULL;

                if (start_task(task, &error)) {
                        open_streams_of_next(run);
                        continue;
                }
                nook_run_fail_take(run, error);
                task->outcome.status = 125;
                nook_run_finish_task(task);
                nook_run_stop_all(run);
        }
}
