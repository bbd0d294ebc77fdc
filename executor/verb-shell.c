/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <systemd/sd-event.h>
#include <unistd.h>

#include "attach.h"
#include "base/error.h"
#include "base/fd.h"
#include "cli.h"
#include "grant.h"
#include "launch.h"
#include "load.h"
#include "sandbox.h"
#include "sandboxed.h"
#include "scope.h"
#include "task-process.h"
#include "unit-bus.h"
#include "units.h"
#include "verbs.h"

G_DEFINE_AUTOPTR_CLEANUP_FUNC(sd_event, sd_event_unref)

/* From being told to end to being killed. */
#define PATIENCE_USEC (5 * G_USEC_PER_SEC)

/* A command in a running task's place: its namespaces, user, rights, filters and environment, in a
 * scope of its own beside the task's unit, so that limits and logs of the two are told apart and
 * stopping one does not stop the other. */
typedef struct {
        NookLoad *load;
        NookUnitEntry *entry;
        NookPlanTask *task;
        NookTaskProcess process; /* the task's */
        sd_event *event;
        NookAttach *attach;
        NookLaunch launch;
        NookUnitState *state;
        int status;
        uint64_t kill_usec; /* CLOCK_MONOTONIC, once it has been told to end */
        int stop_signal;    /* that came, or stands for what ended us; 0: none */
        bool is_terminal;
} Shell;

static void shell_clear(Shell *shell) {
        nook_attach_free(shell->attach);
        nook_launch_clear(&shell->launch);
        nook_unit_state_free(shell->state);
        sd_event_unref(shell->event);
        nook_fd_close(shell->process.fd);
        nook_unit_entry_free(shell->entry);
        nook_load_free(shell->load);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Shell, shell_clear)

/* The task's own environment; but the terminal's kind is that of ours. */
static bool take_environment(Shell *shell, GError **error) {
        char **env = nook_task_process_environment(&shell->process, shell->entry->unit, error);

        if (env == NULL)
                return false;
        env = g_environ_unsetenv(env, "TERM");
        if (g_getenv("TERM"))
                env = g_environ_setenv(env, "TERM", g_getenv("TERM"), TRUE);
        g_strfreev(shell->task->env);
        shell->task->env = env;
        return true;
}

/* --- the plan --------------------------------------------------------------------------------- */

/* The record spells out what the job file left to the defaults. Taken for the user's own words, a
 * restart policy would be refused for a scope, which never had one. */
static void forget_restarts(NookJob *job) {
        for (guint g = 0; g < job->groups.count; g++) {
                NookGroup *group = job->groups.items[g];

                for (guint t = 0; t < group->tasks.count; t++)
                        if (group->tasks.items[t]->restart != NULL)
                                group->tasks.items[t]->restart->head.set = false;
        }
}

/* The task as the allocation's record has it, planned again: what is wanted of it are its user,
 * rights and filters. */
static bool plan_task(Shell *shell, GError **error) {
        NookUnitEntry *entry = shell->entry;
        NookLoadPlanOptions options = {.is_direct = true, .has_stable_ids = true};
        g_autofree char *record = NULL;
        size_t size;

        if (!entry->alloc_id || !entry->task ||
            !nook_alloc_read_record(&shell->load->dirs, entry->alloc_id, &record, &size, error))
                return nook_fail(error, NOOK_ERROR_NOT_FOUND,
                                 "'%s' has no allocation that says how it was started",
                                 entry->unit);
        if (!nook_load_job_text(shell->load, entry->unit, record, error))
                return false;
        nook_grant_job(shell->load->config, shell->load->job);
        forget_restarts(shell->load->job);
        if (!nook_load_plan(shell->load, options, error))
                return false;

        for (guint a = 0; a < shell->load->plan->allocs->len; a++) {
                const NookPlanAlloc *alloc = g_ptr_array_index(shell->load->plan->allocs, a);

                for (guint t = 0; t < alloc->tasks->len; t++) {
                        NookPlanTask *task = g_ptr_array_index(alloc->tasks, t);

                        if (alloc->index == entry->index && g_str_equal(task->name, entry->task))
                                shell->task = task;
                }
        }
        return shell->task ||
               nook_fail(error, NOOK_ERROR_NOT_FOUND, "'%s' is not in its own record", entry->unit);
}

/* What to run: words of the command line, or a shell. Paths are the task's. */
static void set_command(Shell *shell, const NookCli *cli) {
        static const char *const shells[] = {"/bin/sh", NULL};
        const char *const *words = (const char *const *)cli->args + 1;

        if (*words && g_str_equal(*words, "--"))
                words++;
        if (!*words)
                words = shells;

        g_strfreev(shell->task->argv);
        shell->task->argv = g_strdupv((char **)(guintptr)words);
        g_free(shell->task->command);
        shell->task->command = g_strdup(words[0]);
}

/* A command without a slash is looked for where the task would find it. */
static void find_command(Shell *shell) {
        static const char *const places[] = {"/usr/local/bin", "/usr/bin", "/bin", "/usr/sbin"};

        if (strchr(shell->task->command, '/'))
                return;
        for (gsize i = 0; i < G_N_ELEMENTS(places); i++) {
                g_autofree char *path = g_build_filename(places[i], shell->task->command, NULL);
                g_autofree char *seen =
                        g_strdup_printf("/proc/%d/root%s", (int)shell->process.pid, path);
                struct stat what;

                if (lstat(seen, &what) < 0)
                        continue;
                g_free(shell->task->command);
                shell->task->command = g_steal_pointer(&path);
                return;
        }
}

/* --- start and end ---------------------------------------------------------------------------- */

static bool launch(Shell *shell, bool has_terminal, GError **error) {
        NookSandboxedOptions options = {.form = NOOK_FORM_SCOPE,
                                        .has_terminal = has_terminal,
                                        .dies_with_parent = true,
                                        .join_pid = shell->process.pid,
                                        .join_flags = nook_task_process_namespaces(&shell->process),
                                        .join_uid = shell->process.uid};
        g_autoptr(NookSandbox) sandbox =
                nook_sandboxed_plan(shell->load, shell->task, options, error);
        int streams[3];

        if (!sandbox)
                return false;

        g_autoptr(GBytes) plan = nook_sandbox_to_bytes(sandbox);
        nook_attach_streams(shell->attach, streams);
        return nook_launch_start(nook_sandboxed_program(), plan, streams, NULL, &shell->launch,
                                 error);
}

static NookUnit *make_scope(const Shell *shell) {
        g_autofree char *id = nook_load_new_uuid();
        g_autofree char *name = g_strdup_printf("nook-shell-%.8s.scope", id);
        g_autofree char *description = g_strdup_printf("nook shell in %s", shell->entry->unit);
        NookUnit *unit = nook_unit_new(name, NOOK_UNIT_SCOPE);

        nook_unit_add(unit, "Description", g_variant_new_string(description), NOOK_ORIGIN_NOOK,
                      NULL, NOOK_RANGE_NONE);
        nook_unit_add_text(unit, "CollectMode", "inactive-or-failed", NOOK_ORIGIN_NOOK, NULL);
        nook_unit_add_text(unit, "SendSIGHUP", "yes", NOOK_ORIGIN_NOOK, NULL);
        if (shell->entry->slice)
                nook_unit_add(unit, "Slice", g_variant_new_string(shell->entry->slice),
                              NOOK_ORIGIN_NOOK, NULL, NOOK_RANGE_NONE);
        return unit;
}

static int on_job_removed(sd_bus_message *message, void *user_data, sd_bus_error *bus_error) {
        Shell *shell = user_data;
        const char *job, *unit, *result;
        uint32_t id;

        (void)bus_error;
        if (nook_bus_is_from_manager(shell->load->bus, message) &&
            sd_bus_message_read(message, "uoss", &id, &job, &unit, &result) >= 0 &&
            g_str_equal(unit, shell->state->name))
                nook_unit_state_read_job_removed(shell->state, job, result);
        return 0;
}

static bool start_scope(Shell *shell, GError **error) {
        NookBus *bus = shell->load->bus;
        g_autoptr(NookUnit) unit = make_scope(shell);
        NookUnitFds fds = NOOK_UNIT_FDS_NONE;
        g_autoptr(sd_bus_message) message = NULL;
        uint64_t deadline = (uint64_t)g_get_monotonic_time() + NOOK_BUS_DEADLINE_USEC;

        fds.pid = shell->launch.pid;
        if (shell->load->host->manager_version >= 255)
                fds.pid_fd = shell->launch.pidfd;
        shell->state = nook_unit_state_new(unit->name);
        if (!nook_bus_watch_manager(bus, error))
                return false;
        if (sd_bus_match_signal_async(bus->bus, NULL, NOOK_SYSTEMD, NOOK_SYSTEMD_PATH,
                                      NOOK_SYSTEMD_MANAGER, "JobRemoved", on_job_removed, NULL,
                                      shell) < 0 ||
            !nook_unit_bus_start_message(bus, unit, NULL, fds, true, &message, error) ||
            !nook_unit_bus_start(bus, message, shell->state, error))
                return false;

        while (!shell->state->is_job_done) {
                uint64_t now = (uint64_t)g_get_monotonic_time();
                int r = sd_bus_process(bus->bus, NULL);

                if (r == 0)
                        r = now < deadline ? sd_bus_wait(bus->bus, deadline - now) : -ETIMEDOUT;
                if (r < 0)
                        return nook_fail_bus(error, r, NULL, "wait for '%s'", unit->name);
        }
        return g_str_equal(shell->state->job_result, "done") ||
               nook_fail(error, NOOK_ERROR_JOB, "start '%s': its job ended with '%s'", unit->name,
                         shell->state->job_result);
}

static int on_end(sd_event_source *source, int fd, uint32_t events, void *user_data) {
        Shell *shell = user_data;
        int code, status;

        if (!nook_scope_reap(&shell->launch, &code, &status))
                return 0;
        (void)sd_event_source_set_enabled(source, SD_EVENT_OFF);
        shell->status = code == CLD_EXITED ? status : 128 + status;
        if (shell->stop_signal != 0)
                shell->status = 128 + shell->stop_signal;
        /* What it has left behind in its scope ends with it. */
        (void)nook_unit_bus_stop_heard(shell->load->bus, shell->state->name, NULL);
        nook_attach_finish(shell->attach);
        return 0;
}

static void kill_all(const Shell *shell) {
        (void)nook_unit_bus_kill(shell->load->bus, shell->state->name, "all", SIGKILL, NULL);
}

/* Reminds it until its time is over. */
static int on_patience(sd_event_source *source, uint64_t usec, void *user_data) {
        Shell *shell = user_data;

        if (usec >= shell->kill_usec) {
                kill_all(shell);
                return 0;
        }
        if (shell->is_terminal && shell->launch.pid > 0)
                (void)kill(shell->launch.pid, SIGHUP);
        (void)sd_event_source_set_time_relative(source, NOOK_ATTACH_REMINDER_USEC);
        return sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
}

/* Passes a signal on; one that means the end ends it: a shell at a terminal goes by SIGHUP alone,
 * and what does not go is killed. ^C is the command's own matter. */
static void stop(Shell *shell, int number) {
        bool is_again = shell->stop_signal != 0;

        if (shell->launch.pid <= 0)
                return;
        (void)kill(shell->launch.pid, number);
        if (number == SIGINT)
                return;
        shell->stop_signal = number;
        if (is_again) {
                kill_all(shell);
                return;
        }
        if (shell->is_terminal && number != SIGHUP)
                (void)kill(shell->launch.pid, SIGHUP);
        shell->kill_usec = (uint64_t)g_get_monotonic_time() + PATIENCE_USEC;
        (void)sd_event_add_time_relative(shell->event, NULL, CLOCK_MONOTONIC,
                                         NOOK_ATTACH_REMINDER_USEC, 0, on_patience, shell);
}

static void on_attached(NookAttachEvent event, void *user_data) {
        Shell *shell = user_data;

        if (event == NOOK_ATTACH_DONE) {
                (void)sd_event_exit(shell->event, 0);
        } else {
                stop(shell, SIGHUP);
                shell->stop_signal = event == NOOK_ATTACH_LEFT ? SIGHUP : SIGPIPE;
        }
}

static int on_signal(sd_event_source *source, int fd, uint32_t events, void *user_data) {
        struct signalfd_siginfo info;

        if (read(fd, &info, sizeof info) == (ssize_t)sizeof info)
                stop(user_data, (int)info.ssi_signo);
        return 0;
}

static int take_signals(void) {
        sigset_t mask;

        (void)signal(SIGPIPE, SIG_IGN);
        (void)sigemptyset(&mask);
        (void)sigaddset(&mask, SIGINT);
        (void)sigaddset(&mask, SIGTERM);
        (void)sigaddset(&mask, SIGHUP);
        (void)sigprocmask(SIG_BLOCK, &mask, NULL);
        return signalfd(-1, &mask, SFD_CLOEXEC | SFD_NONBLOCK);
}

static bool conduct(Shell *shell, bool has_terminal, GError **error) {
        shell->is_terminal = has_terminal;
        g_auto(NookFd) signals = take_signals();
        int r = sd_event_new(&shell->event);

        if (r < 0 || signals < 0)
                return nook_fail_errno(error, r < 0 ? r : errno, "set up the event loop");
        if (!nook_attach_new(shell->event, has_terminal ? NOOK_ATTACH_TERMINAL : NOOK_ATTACH_PIPES,
                             NULL, true, on_attached, shell, &shell->attach, error) ||
            !launch(shell, has_terminal, error) || !start_scope(shell, error))
                return false;
        if (!nook_launch_await_ready(&shell->launch, error))
                return false;
        if (!nook_task_process_is_alive(&shell->process))
                return nook_fail(error, NOOK_ERROR_NOT_FOUND, "'%s' has just ended",
                                 shell->entry->unit);
        if (!nook_launch_go(&shell->launch, error) || !nook_launch_finish(&shell->launch, error))
                return false;
        nook_attach_handed_over(shell->attach);
        nook_attach_started(shell->attach);

        r = sd_event_add_io(shell->event, NULL, shell->launch.pidfd, EPOLLIN, on_end, shell);
        if (r >= 0)
                r = sd_event_add_io(shell->event, NULL, signals, EPOLLIN, on_signal, shell);
        if (r >= 0)
                r = sd_event_loop(shell->event);
        return r >= 0 || nook_fail_errno(error, r, "wait for the command");
}

/* --- the verb --------------------------------------------------------------------------------- */

static const NookOption shell_options[] = {
        {"pty", 't', NULL, "Give it a terminal (the default on a terminal)"},
        {"pipe", 'P', NULL, "Join it to standard input, output and error"},
        {NULL},
};

static bool find_entry(Shell *shell, const NookCli *cli, GError **error) {
        g_autoptr(GPtrArray) entries =
                nook_units_find(shell->load->bus, &shell->load->dirs, cli->args[0], false, error);

        if (!entries)
                return false;
        if (entries->len > 1)
                return nook_fail(error, NOOK_ERROR_USAGE,
                                 "'%s' means %u tasks; name one of them ('nook ps')", cli->args[0],
                                 entries->len);
        g_ptr_array_set_free_func(entries, NULL);
        shell->entry = g_ptr_array_index(entries, 0);
        return true;
}

static int verb_shell(NookCli *cli, GError **error) {
        g_auto(Shell) shell = {.process = {.fd = -1}, .launch = NOOK_LAUNCH_NONE};
        bool has_terminal =
                nook_cli_has(cli, "pty") ||
                (!nook_cli_has(cli, "pipe") && isatty(STDIN_FILENO) && isatty(STDOUT_FILENO));

        if (!nook_load_new(cli, &shell.load, error) || !nook_load_bus(shell.load, error) ||
            !find_entry(&shell, cli, error) || !plan_task(&shell, error) ||
            !nook_task_process_find(shell.entry, shell.task->has_private_pids, &shell.process,
                                    error) ||
            !take_environment(&shell, error))
                return -1;
        set_command(&shell, cli);
        find_command(&shell);
        return conduct(&shell, has_terminal, error) ? shell.status : -1;
}

const NookVerb nook_verb_shell = {
        .name = "shell",
        .min_args = 1,
        .max_args = G_MAXINT,
        .flags = NOOK_VERB_STOP_AT_ARGUMENT | NOOK_VERB_RUNS_TASKS,
        .run = verb_shell,
        .usage = "NAME [--] [COMMAND [ARG...]]",
        .summary = "Run a shell or a command where a task runs",
        .options = shell_options,
        .details =
                "The command has the task's root, namespaces, user, rights and environment, and\n"
                "a scope of its own in the task's slice. `^]` three times leaves it.",
};
