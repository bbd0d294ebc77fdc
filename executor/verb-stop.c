/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "cli.h"
#include "load.h"
#include "unit-bus.h"
#include "units.h"
#include "verbs.h"

static const NookOption stop_options[] = {
        {"no-block", 0, NULL, "Do not wait until they have stopped"},
        {"keep", 0, NULL, "Keep the allocation's directory"},
        {NULL},
};

static const NookOption restart_options[] = {
        {"no-block", 0, NULL, "Do not wait until they run again"},
        {NULL},
};

static const NookOption signal_options[] = {
        {"main", 0, NULL, "Only the task's main process"},
        {NULL},
};

/* Queues a job for a unit. Returns the job's path, the caller's; NULL with error set. */
static char *queue_job(NookBus *bus, const char *method, const char *unit, GError **error) {
        g_autoptr(sd_bus_message) message = NULL;
        g_autoptr(sd_bus_message) reply = NULL;
        const char *job;
        int r;

        if (!nook_bus_new_call(bus, NULL, NULL, method, &message, error))
                return NULL;
        r = sd_bus_message_append(message, "ss", unit, "replace");
        if (r < 0) {
                (void)nook_fail_bus(error, r, NULL, "describe the job for '%s'", unit);
                return NULL;
        }
        if (!nook_bus_call(bus, message, &reply, error, "%s '%s'",
                           g_str_equal(method, "StopUnit") ? "stop" : "restart", unit))
                return NULL;
        r = sd_bus_message_read(reply, "o", &job);
        if (r < 0) {
                (void)nook_fail_bus(error, r, NULL, "read the manager's answer");
                return NULL;
        }
        return g_strdup(job);
}

typedef struct {
        NookBus *bus;
        GHashTable *jobs; /* paths of those awaited -> unit */
        char *bad_unit;   /* the first whose job did not end with "done" */
        char *bad_result;
} Waiting;

static int on_job_removed(sd_bus_message *message, void *user_data, sd_bus_error *bus_error) {
        Waiting *waiting = user_data;
        const char *job;
        const char *unit;
        const char *result;
        uint32_t id;

        (void)bus_error;
        if (!nook_bus_is_from_manager(waiting->bus, message) ||
            sd_bus_message_read(message, "uoss", &id, &job, &unit, &result) < 0 ||
            !g_hash_table_remove(waiting->jobs, job))
                return 0;
        if (!g_str_equal(result, "done") && waiting->bad_unit == NULL) {
                waiting->bad_unit = g_strdup(unit);
                waiting->bad_result = g_strdup(result);
        }
        return 0;
}

static bool wait_for_jobs(NookBus *bus, Waiting *waiting, GError **error) {
        while (g_hash_table_size(waiting->jobs) > 0) {
                int r = sd_bus_process(bus->bus, NULL);

                if (r == 0)
                        r = sd_bus_wait(bus->bus, UINT64_MAX);
                if (r < 0 && r != -EINTR)
                        return nook_fail_bus(error, r, NULL, "wait for the manager");
        }
        if (waiting->bad_unit != NULL)
                return nook_fail(error, NOOK_ERROR_JOB, "'%s': the manager's job ended with '%s'",
                                 waiting->bad_unit, waiting->bad_result);
        return true;
}

/* The signal is asked for before the calls, so that none can be missed. */
static bool do_jobs(NookBus *bus, const GPtrArray *entries, const char *method, bool is_blocking,
                    GError **error) {
        Waiting waiting = {
                .bus = bus,
                .jobs = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL),
        };
        sd_bus_slot *slot = NULL;
        bool is_ok = nook_bus_watch_manager(bus, error);
        int r = 0;

        if (is_ok)
                r = sd_bus_match_signal_async(bus->bus, &slot, bus->is_direct ? NULL : NOOK_SYSTEMD,
                                              NOOK_SYSTEMD_PATH, NOOK_SYSTEMD_MANAGER, "JobRemoved",
                                              on_job_removed, NULL, &waiting);
        if (r < 0)
                is_ok = nook_fail_bus(error, r, NULL, "ask the bus for signals");
        for (guint i = 0; is_ok && i < entries->len; i++) {
                const NookUnitEntry *entry = g_ptr_array_index(entries, i);
                char *job;

                if (!entry->is_loaded)
                        continue;
                job = queue_job(bus, method, entry->unit, error);
                is_ok = job != NULL;
                if (is_ok)
                        g_hash_table_add(waiting.jobs, job);
        }
        if (is_ok && is_blocking)
                is_ok = wait_for_jobs(bus, &waiting, error);
        sd_bus_slot_unref(slot);
        g_hash_table_unref(waiting.jobs);
        g_free(waiting.bad_unit);
        g_free(waiting.bad_result);
        return is_ok;
}

/* Allocations of which nothing is loaded any more; an attached `nook run` removes its own. */
static void remove_allocs(NookLoad *load, const GPtrArray *entries) {
        for (guint i = 0; i < entries->len; i++) {
                const NookUnitEntry *entry = g_ptr_array_index(entries, i);
                NookAlloc *alloc;
                g_autoptr(GError) error = NULL;

                if (entry->alloc_id == NULL)
                        continue;
                alloc = nook_alloc_open(&load->dirs, entry->alloc_id, NULL);
                if (alloc != NULL && !nook_alloc_remove(alloc, &error))
                        nook_cli_warn(load->cli, "%s", error->message);
        }
}

/* Whether every task of each allocation among the entries is among them: one task of a group is
 * stopped without taking the others' directories away. */
static bool covers_allocs(const GPtrArray *all, const GPtrArray *entries) {
        for (guint i = 0; i < all->len; i++) {
                const NookUnitEntry *other = g_ptr_array_index(all, i);
                bool is_ours = false;
                bool is_stopped = false;

                for (guint e = 0; e < entries->len; e++) {
                        const NookUnitEntry *entry = g_ptr_array_index(entries, e);

                        is_ours = is_ours || g_strcmp0(entry->alloc_id, other->alloc_id) == 0;
                        is_stopped = is_stopped || g_str_equal(entry->unit, other->unit);
                }
                if (is_ours && !is_stopped && other->is_loaded)
                        return false;
        }
        return true;
}

static int verb_stop(NookCli *cli, GError **error) {
        bool is_blocking = !nook_cli_has(cli, "no-block");
        g_autoptr(NookLoad) load = NULL;

        if (!nook_load_new(cli, &load, error) || !nook_load_bus(load, error))
                return -1;
        for (int i = 0; i < cli->n_args; i++) {
                g_autoptr(GPtrArray) entries =
                        nook_units_find(load->bus, &load->dirs, cli->args[i], true, error);
                g_autoptr(GPtrArray) all = NULL;

                if (entries == NULL || !do_jobs(load->bus, entries, "StopUnit", is_blocking, error))
                        return -1;
                if (!is_blocking || nook_cli_has(cli, "keep"))
                        continue;
                all = nook_units_list(load->bus, &load->dirs, false, error);
                if (all == NULL)
                        return -1;
                if (covers_allocs(all, entries))
                        remove_allocs(load, entries);
        }
        return 0;
}

static int verb_restart(NookCli *cli, GError **error) {
        bool is_blocking = !nook_cli_has(cli, "no-block");
        g_autoptr(NookLoad) load = NULL;

        if (!nook_load_new(cli, &load, error) || !nook_load_bus(load, error))
                return -1;
        for (int i = 0; i < cli->n_args; i++) {
                g_autoptr(GPtrArray) entries =
                        nook_units_find(load->bus, &load->dirs, cli->args[i], false, error);

                if (entries == NULL ||
                    !do_jobs(load->bus, entries, "RestartUnit", is_blocking, error))
                        return -1;
        }
        return 0;
}

/* "HUP", "SIGHUP", "1". */
static int parse_signal(const char *text) {
        const char *name = g_str_has_prefix(text, "SIG") ? text + 3 : text;
        char *end;
        long number = strtol(text, &end, 10);

        if (*end == 0 && number > 0 && number < NSIG)
                return (int)number;
        for (int i = 1; i < NSIG; i++)
                if (g_strcmp0(sigabbrev_np(i), name) == 0)
                        return i;
        return 0;
}

static int verb_signal(NookCli *cli, GError **error) {
        int number = parse_signal(cli->args[0]);
        const char *whom = nook_cli_has(cli, "main") ? "main" : "all";
        g_autoptr(NookLoad) load = NULL;
        g_autoptr(GPtrArray) entries = NULL;

        if (number == 0) {
                (void)nook_fail(error, NOOK_ERROR_USAGE, "'%s' is no signal", cli->args[0]);
                return -1;
        }
        if (!nook_load_new(cli, &load, error) || !nook_load_bus(load, error))
                return -1;
        entries = nook_units_find(load->bus, &load->dirs, cli->args[1], false, error);
        if (entries == NULL)
                return -1;
        for (guint i = 0; i < entries->len; i++) {
                const NookUnitEntry *entry = g_ptr_array_index(entries, i);

                if (!nook_unit_bus_kill(load->bus, entry->unit, whom, number, error))
                        return -1;
        }
        return 0;
}

const NookVerb nook_verb_stop = {
        .name = "stop",
        .min_args = 1,
        .max_args = G_MAXINT,
        .run = verb_stop,
        .usage = "NAME...",
        .summary = "Stop tasks and remove their allocations",
        .options = stop_options,
        .details = "They are stopped as their job says (kill_signal, kill_timeout). NAME as for\n"
                   "'nook status'.",
};

const NookVerb nook_verb_restart = {
        .name = "restart",
        .min_args = 1,
        .max_args = G_MAXINT,
        .run = verb_restart,
        .usage = "NAME...",
        .summary = "Restart tasks, with the same files",
        .options = restart_options,
};

const NookVerb nook_verb_signal = {
        .name = "signal",
        .min_args = 2,
        .max_args = 2,
        .run = verb_signal,
        .usage = "SIGNAL NAME",
        .summary = "Send a signal to tasks",
        .options = signal_options,
};
