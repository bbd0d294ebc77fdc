/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "base/printable.h"
#include "cli.h"
#include "ended.h"
#include "journal.h"
#include "load.h"
#include "table.h"
#include "units.h"
#include "verbs.h"

static const NookOption status_options[] = {
        {"lines", 'n', "N", "How many lines of output to show (10)"},
        {NULL},
};

static void print_time(const char *label, guint64 usec) {
        g_autofree char *time = NULL;
        g_autofree char *span = NULL;
        guint64 now = (guint64)g_get_real_time();

        if (usec == 0)
                return;
        time = nook_text_of_time(usec);
        span = nook_text_of_span(now > usec ? now - usec : 0);
        printf("%10s: %s; %s ago\n", label, time, span);
}

static void print_numbers(const NookUnitEntry *entry) {
        if (entry->main_pid != 0)
                printf("%10s: %u\n", "PID", entry->main_pid);
        if (entry->n_restarts != 0)
                printf("%10s: %u\n", "Restarts", entry->n_restarts);
        if (entry->n_tasks != UINT64_MAX)
                printf("%10s: %" G_GUINT64_FORMAT "\n", "Processes", entry->n_tasks);
        if (entry->memory_bytes != UINT64_MAX) {
                g_autofree char *memory = nook_text_of_bytes(entry->memory_bytes);

                printf("%10s: %s\n", "Memory", memory);
        }
        if (entry->cpu_nsec != UINT64_MAX && entry->is_loaded) {
                g_autofree char *cpu = nook_text_of_span(entry->cpu_nsec / 1000);

                printf("%10s: %s\n", "CPU", cpu);
        }
}

static void print_dropped(const NookUnitEntry *entry, const NookCli *cli) {
        guint64 n = cli->user ? 0 : nook_journal_count_dropped(entry->unit, entry->start_usec);

        if (n > 0)
                printf("%10s: %" G_GUINT64_FORMAT " lines, by the journal's rate limit\n",
                       "Dropped", n);
}

/* The last lines of this run: its invocation tells it from earlier ones of the same name. */
static void print_lines(const NookUnitEntry *entry, const NookCli *cli, guint64 n) {
        g_autoptr(NookJournal) journal = NULL;
        NookJournalLine line;

        if (n == 0 ||
            !nook_journal_open((NookJournalOptions){.is_user = cli->user}, &journal, NULL))
                return;
        if (entry->invocation != NULL) {
                g_autofree char *match =
                        g_strdup_printf("_SYSTEMD_INVOCATION_ID=%s", entry->invocation);

                nook_journal_want_field(journal, match);
        } else {
                nook_journal_want_unit(journal, entry->unit);
        }
        if (!nook_journal_seek_tail(journal, n, NULL))
                return;
        for (bool is_first = true; nook_journal_next(journal, &line, NULL); is_first = false) {
                g_autofree char *time = nook_text_of_time(line.realtime_usec);
                g_autofree char *who = nook_printable_text(
                        line.identifier != NULL ? line.identifier : entry->unit, -1);
                g_autofree char *message =
                        nook_printable_text(line.message, (gssize)line.message_size);

                if (is_first)
                        putchar('\n');
                printf("%s %s: %s\n", time, who, message);
        }
}

static void print_entry(const NookUnitEntry *entry, const NookCli *cli, guint64 n_lines) {
        g_autofree char *state = nook_ended_state_text(entry);
        bool is_red = cli->colour_stdout && nook_ended_is_failed(entry);

        printf("%s%s%s - task '%s' of job '%s'\n", is_red ? "\033[1;31m" : "", entry->unit,
               is_red ? "\033[0m" : "", entry->task != NULL ? entry->task : "?",
               entry->job != NULL ? entry->job : "?");
        printf("%10s: %s%s%s\n", "State", state, entry->active_state != NULL ? ", " : "",
               entry->active_state != NULL ? entry->active_state : "");
        print_time("Started", entry->start_usec);
        print_time("Ended", entry->end_usec);
        if (entry->alloc_id != NULL)
                printf("%10s: %s\n", "Allocation", entry->alloc_id);
        if (entry->invocation != NULL)
                printf("%10s: %s\n", "Invocation", entry->invocation);
        print_numbers(entry);
        print_dropped(entry, cli);
        if (entry->control_group != NULL && entry->control_group[0] != 0)
                printf("%10s: %s\n", "CGroup", entry->control_group);
        print_lines(entry, cli, n_lines);
}

static void print_json(const GPtrArray *entries, const NookCli *cli) {
        static const char *const columns[] = {"UNIT",       "JOB",    "GROUP",     "TASK",
                                              "INDEX",      "ALLOC",  "STATE",     "ACTIVE",
                                              "RESULT",     "PID",    "EXIT CODE", "EXIT STATUS",
                                              "INVOCATION", "CGROUP", NULL};
        g_autoptr(NookTable) table = nook_table_new(columns);

        for (guint i = 0; i < entries->len; i++) {
                const NookUnitEntry *entry = g_ptr_array_index(entries, i);
                g_autofree char *state = nook_ended_state_text(entry);

                nook_table_add(table, entry->unit);
                nook_table_add(table, entry->job);
                nook_table_add(table, entry->group);
                nook_table_add(table, entry->task);
                nook_table_add_number(table, entry->index);
                nook_table_add(table, entry->alloc_id);
                nook_table_add(table, state);
                nook_table_add(table, entry->active_state);
                nook_table_add(table, entry->result);
                nook_table_add_number(table, entry->main_pid);
                nook_table_add_number(table, entry->exit_code);
                nook_table_add_number(table, entry->exit_status);
                nook_table_add(table, entry->invocation);
                nook_table_add(table, entry->control_group);
        }
        nook_table_print(table, cli, stdout);
}

/* As systemctl status: 0 while everything runs, 3 when something does not. */
static int verb_status(NookCli *cli, GError **error) {
        const char *lines = nook_cli_value(cli, "lines");
        guint64 n_lines = lines != NULL ? g_ascii_strtoull(lines, NULL, 10) : 10;
        g_autoptr(NookLoad) load = NULL;
        g_autoptr(GPtrArray) entries = NULL;
        int status = 0;

        if (!nook_load_new(cli, &load, error) || !nook_load_bus(load, error))
                return -1;
        entries = nook_units_find(load->bus, &load->dirs, cli->args[0], true, error);
        if (entries == NULL)
                return -1;
        for (guint i = 0; i < entries->len; i++) {
                NookUnitEntry *entry = g_ptr_array_index(entries, i);

                if (!entry->is_loaded)
                        nook_ended_look_up(entry, cli->user);
                if (g_strcmp0(entry->active_state, "active") != 0 &&
                    g_strcmp0(entry->active_state, "activating") != 0)
                        status = 3;
                if (cli->json != NOOK_JSON_OFF)
                        continue;
                if (i > 0)
                        putchar('\n');
                print_entry(entry, cli, n_lines);
        }
        if (cli->json != NOOK_JSON_OFF)
                print_json(entries, cli);
        return status;
}

const NookVerb nook_verb_status = {
        .name = "status",
        .min_args = 1,
        .max_args = 1,
        .run = verb_status,
        .usage = "NAME",
        .summary = "Show the state of a task or of a job's tasks",
        .options = status_options,
        .details = "NAME is a job, a task, a unit, JOB:GROUP:TASK:INDEX, or an allocation's id\n"
                   "(its first eight digits will do). The exit status is 0 while all of them\n"
                   "run, else 3.",
};
