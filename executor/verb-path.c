/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "base/error.h"
#include "cli.h"
#include "load.h"
#include "units.h"
#include "verbs.h"

static char *place_in_alloc(const NookLoad *load, const NookUnitEntry *entry, const char *what) {
        if (what == NULL)
                return g_build_filename(load->state_dir, "alloc", entry->alloc_id, NULL);
        if (g_str_equal(what, "alloc"))
                return g_build_filename(load->state_dir, "alloc", entry->alloc_id, "alloc", NULL);
        if (g_str_equal(what, "local") || g_str_equal(what, "tmp"))
                return g_build_filename(load->state_dir, "alloc", entry->alloc_id, entry->task,
                                        what, NULL);
        if (g_str_equal(what, "secrets"))
                return g_build_filename(load->run_dir, "secrets", entry->alloc_id, entry->task,
                                        NULL);
        return NULL;
}

static int verb_path(NookCli *cli, GError **error) {
        const char *what = cli->n_args > 1 ? cli->args[1] : NULL;
        g_autoptr(NookLoad) load = NULL;
        g_autoptr(GPtrArray) entries = NULL;

        if (!nook_load_new(cli, &load, error) || !nook_load_bus(load, error))
                return -1;
        entries = nook_units_find(load->bus, &load->dirs, cli->args[0], true, error);
        if (entries == NULL)
                return -1;
        for (guint i = 0; i < entries->len; i++) {
                const NookUnitEntry *entry = g_ptr_array_index(entries, i);
                g_autofree char *path = NULL;

                if (entry->alloc_id == NULL || entry->task == NULL) {
                        (void)nook_fail(error, NOOK_ERROR_NOT_FOUND,
                                        "'%s' has no allocation that nook knows", entry->unit);
                        return -1;
                }
                path = place_in_alloc(load, entry, what);
                if (path == NULL) {
                        (void)nook_fail(error, NOOK_ERROR_USAGE,
                                        "'%s' is not one of alloc, local, tmp, secrets", what);
                        return -1;
                }
                puts(path);
        }
        return 0;
}

const NookVerb nook_verb_path = {
        .name = "path",
        .min_args = 1,
        .max_args = 2,
        .run = verb_path,
        .usage = "NAME [alloc|local|tmp|secrets]",
        .summary = "Print where a task's directories are on this host",
};
