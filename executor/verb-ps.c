/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli.h"
#include "ended.h"
#include "load.h"
#include "table.h"
#include "units.h"
#include "verbs.h"

static const NookOption ps_options[] = {
        {"all", 'a', NULL, "Show ended tasks too, while their files are kept"},
        {NULL},
};

static void add_row(NookTable *table, const NookUnitEntry *entry) {
        guint64 now = (guint64)g_get_real_time();
        g_autofree char *age = NULL;
        g_autofree char *memory = NULL;
        g_autofree char *state = nook_ended_state_text(entry);

        if (entry->start_usec != 0 && entry->start_usec < now)
                age = nook_text_of_span(now - entry->start_usec);
        if (entry->memory_bytes != UINT64_MAX)
                memory = nook_text_of_bytes(entry->memory_bytes);
        nook_table_add(table, entry->unit);
        nook_table_add(table, entry->job);
        nook_table_add(table, entry->task);
        nook_table_add(table, entry->alloc_id);
        nook_table_add(table, state);
        nook_table_mark(table, nook_ended_is_failed(entry));
        if (entry->main_pid != 0)
                nook_table_add_number(table, entry->main_pid);
        else
                nook_table_add(table, NULL);
        nook_table_add(table, memory);
        nook_table_add(table, age);
}

static int verb_ps(NookCli *cli, GError **error) {
        static const char *const columns[] = {"UNIT", "JOB",    "TASK", "ALLOC", "STATE",
                                              "PID",  "MEMORY", "AGE",  NULL};
        bool wants_all = nook_cli_has(cli, "all");
        g_autoptr(NookLoad) load = NULL;
        g_autoptr(GPtrArray) entries = NULL;
        g_autoptr(NookTable) table = nook_table_new(columns);

        if (!nook_load_new(cli, &load, error) || !nook_load_bus(load, error))
                return -1;
        entries = nook_units_list(load->bus, &load->dirs, wants_all, error);
        if (entries == NULL)
                return -1;
        for (guint i = 0; i < entries->len; i++) {
                NookUnitEntry *entry = g_ptr_array_index(entries, i);

                if (!entry->is_loaded)
                        nook_ended_look_up(entry, cli->user);
                add_row(table, entry);
        }
        nook_table_print(table, cli, stdout);
        return 0;
}

const NookVerb nook_verb_ps = {
        .name = "ps",
        .min_args = 0,
        .max_args = 0,
        .run = verb_ps,
        .usage = "",
        .summary = "List tasks",
        .options = ps_options,
};
