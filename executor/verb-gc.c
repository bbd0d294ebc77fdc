/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "alloc.h"
#include "cli.h"
#include "load.h"
#include "notice.h"
#include "sandboxed.h"
#include "scope.h"
#include "unit-bus.h"
#include "units.h"
#include "verbs.h"

/* user: the loaded units. */
static bool is_used(const char *id, void *user) {
        const GPtrArray *entries = user;

        for (guint i = 0; i < entries->len; i++) {
                const NookUnitEntry *entry = g_ptr_array_index(entries, i);

                if (g_strcmp0(entry->alloc_id, id) == 0)
                        return true;
        }
        return false;
}

/* A scope of which the manager has never seen the end: when nook is killed in the very moment of
 * the start, the process may be dying when the manager moves it, which the kernel then passes over
 * without a word, and the group stays empty. */
static bool is_empty_scope(const NookUnitEntry *entry) {
        g_autofree char *group = NULL;

        if (!g_str_has_suffix(entry->unit, ".scope") ||
            g_strcmp0(entry->active_state, "active") != 0)
                return false;
        group = nook_scope_group_directory(entry->control_group);
        return group != NULL && nook_scope_group_is_empty(group);
}

static void stop_empty_scopes(NookLoad *load, const GPtrArray *entries) {
        for (guint i = 0; i < entries->len; i++) {
                const NookUnitEntry *entry = g_ptr_array_index(entries, i);
                g_autoptr(GError) error = NULL;

                if (!is_empty_scope(entry))
                        continue;
                if (nook_unit_bus_stop(load->bus, entry->unit, &error))
                        nook_cli_info(load->cli, "Stopped the empty scope '%s'", entry->unit);
                else
                        nook_cli_warn(load->cli, "%s", error->message);
        }
}

static int verb_gc(NookCli *cli, GError **error) {
        g_autoptr(NookLoad) load = NULL;
        g_autoptr(GPtrArray) entries = NULL;
        guint n_swept = 0;
        guint n_removed = 0;

        if (!nook_load_new(cli, &load, error) || !nook_load_bus(load, error))
                return -1;
        entries = nook_units_list(load->bus, &load->dirs, false, error);
        if (entries == NULL || !nook_alloc_sweep(&load->dirs, &n_swept, error))
                return -1;
        stop_empty_scopes(load, entries);
        nook_notice_send_leftovers(n_swept);
        if (!nook_alloc_gc(&load->dirs, is_used, entries, &n_removed, error))
                return -1;
        nook_sandboxed_sweep(load);
        nook_cli_info(cli, "Removed %u allocation%s", n_swept + n_removed,
                      n_swept + n_removed == 1 ? "" : "s");
        return 0;
}

const NookVerb nook_verb_gc = {
        .name = "gc",
        .min_args = 0,
        .max_args = 0,
        .run = verb_gc,
        .usage = "",
        .summary = "Remove the allocations of ended tasks",
};
