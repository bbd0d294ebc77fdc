/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "run-private.h"

#include <errno.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/error.h"
#include "unit-bus.h"

void nook_run_fail_take(Run *run, GError *error) {
        if (run->error == NULL)
                run->error = error;
        else
                g_error_free(error);
}

static void kill_all(Run *run) {
        for (guint i = 0; i < run->tasks->len; i++) {
                RunTask *task = g_ptr_array_index(run->tasks, i);

                if (task->phase == PHASE_STARTING || task->phase == PHASE_RUNNING)
                        (void)nook_unit_bus_kill(run->load->bus, task->state->name, "all", SIGKILL,
                                                 NULL);
        }
}

/* The manager sends a hang-up once. */
static int on_reminder(sd_event_source *source, uint64_t usec, void *user_data) {
        Run *run = user_data;

        (void)usec;
        for (guint i = 0; i < run->tasks->len; i++) {
                RunTask *task = g_ptr_array_index(run->tasks, i);

                if (task->phase == PHASE_RUNNING)
                        (void)nook_unit_bus_kill(run->load->bus, task->state->name, "all", SIGHUP,
                                                 NULL);
        }
        (void)sd_event_source_set_time_relative(source, NOOK_ATTACH_REMINDER_USEC);
        return sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
}

void nook_run_stop_all(Run *run) {
        if (run->is_stopping)
                return;
        run->is_stopping = true;
        if (run->options.has_terminal)
                (void)sd_event_add_time_relative(run->event, NULL, CLOCK_MONOTONIC,
                                                 NOOK_ATTACH_REMINDER_USEC, 0, on_reminder, run);
        for (guint i = 0; i < run->tasks->len; i++) {
                RunTask *task = g_ptr_array_index(run->tasks, i);

                if (task->phase == PHASE_STARTING || task->phase == PHASE_RUNNING) {
                        GError *error = NULL;

                        if (!nook_unit_bus_stop(run->load->bus, task->state->name, &error)) {
                                run->is_unsure = true;
                                nook_run_fail_take(run, error);
                        }
                }
        }
        for (guint i = run->n_next; i < run->order->len; i++) {
                RunTask *task = g_ptr_array_index(run->order, i);

                task->outcome.status = 125;
                nook_run_finish_task(task);
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
                nook_cli_info(nook_run_cli(run), "Killing what is left");
                kill_all(run);
                return 0;
        }
        run->stop_signal = (int)info.ssi_signo;
        nook_cli_info(nook_run_cli(run), "Stopping; once more kills");
        nook_run_stop_all(run);
        return 0;
}

static int on_timeout(sd_event_source *source, uint64_t usec, void *user_data) {
        Run *run = user_data;

        (void)source;
        (void)usec;
        run->is_time_over = true;
        nook_cli_warn(nook_run_cli(run), "The time given by --timeout is over");
        nook_run_stop_all(run);
        return 0;
}

/* After each round of the loop: nobody reads our output any more. */
static int on_round(sd_event_source *source, void *user_data) {
        Run *run = user_data;

        (void)source;
        if (run->follow != NULL && nook_follow_is_broken(run->follow) && !run->is_stopping) {
                run->stop_signal = SIGPIPE;
                nook_run_stop_all(run);
        }
        return 0;
}

bool nook_run_take_signals(Run *run, GError **error) {
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

bool nook_run_watch_stops(Run *run, GError **error) {
        int r = 0;

        if (run->signal_fd >= 0)
                r = sd_event_add_io(run->event, NULL, run->signal_fd, EPOLLIN, on_signal, run);
        if (r >= 0 && run->options.timeout_usec != 0)
                r = sd_event_add_time_relative(run->event, NULL, CLOCK_MONOTONIC,
                                               run->options.timeout_usec, 0, on_timeout, run);
        if (r >= 0)
                r = sd_event_add_post(run->event, NULL, on_round, run);
        if (r < 0)
                return nook_fail_errno(error, r, "set up the event loop");
        return true;
}
