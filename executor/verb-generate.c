/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "base/error.h"
#include "cli.h"
#include "load.h"
#include "verbs.h"

static const NookOption generate_options[] = {
        NOOK_LOAD_OPTIONS,
        {"output", 'o', "DIR", "Write one file for each unit into this directory"},
        {NULL},
};

typedef struct {
        const char *dir; /* NULL: to standard output */
        const char *comment;
        guint n_written;
} Output;

static bool write_unit(Output *output, const NookUnit *unit, GError **error) {
        g_autofree char *text = nook_unit_to_file_text(unit, output->comment);
        g_autofree char *path = NULL;
        g_autoptr(GError) cause = NULL;

        if (output->dir == NULL) {
                printf("%s# %s\n%s", output->n_written > 0 ? "\n" : "", unit->name, text);
                output->n_written++;
                return true;
        }
        path = g_build_filename(output->dir, unit->name, NULL);
        if (!g_file_set_contents_full(path, text, -1, G_FILE_SET_CONTENTS_CONSISTENT, 0644, &cause))
                return nook_fail(error, NOOK_ERROR_IO, "%s", cause->message);
        output->n_written++;
        return true;
}

static bool write_task(Output *output, const NookPlanTask *task, GError **error) {
        for (guint i = 0; i < task->auxiliary->len; i++)
                if (!write_unit(output, g_ptr_array_index(task->auxiliary, i), error))
                        return false;
        return write_unit(output, task->unit, error);
}

static bool write_plan(Output *output, const NookPlan *plan, GError **error) {
        for (guint a = 0; a < plan->allocs->len; a++) {
                const NookPlanAlloc *alloc = g_ptr_array_index(plan->allocs, a);

                for (guint t = 0; t < alloc->tasks->len; t++)
                        if (!write_task(output, g_ptr_array_index(alloc->tasks, t), error))
                                return false;
        }
        return true;
}

static int verb_generate(NookCli *cli, GError **error) {
        g_autofree char *comment = g_strdup_printf("Made by nook from '%s'.", cli->args[0]);
        Output output = {.dir = nook_cli_value(cli, "output"), .comment = comment};
        g_autoptr(NookLoad) load = NULL;

        if (!nook_load_new(cli, &load, error) || !nook_load_job(load, cli->args[0], error))
                return -1;
        /* A manager need not be there; where one is, its version is asked. */
        (void)nook_load_bus(load, NULL);
        if (!nook_load_plan(load, (NookLoadPlanOptions){.has_stable_ids = true, .is_file = true},
                            error) ||
            !write_plan(&output, load->plan, error))
                return -1;
        if (output.dir != NULL)
                nook_cli_info(cli, "Wrote %u unit%s into %s", output.n_written,
                              output.n_written == 1 ? "" : "s", output.dir);
        return 0;
}

const NookVerb nook_verb_generate = {
        .name = "generate",
        .min_args = 1,
        .max_args = 1,
        .run = verb_generate,
        .usage = "FILE|-",
        .summary = "Write a job's units as unit files",
        .options = generate_options,
        .details = "They show what 'nook run' sends to the manager. A unit that is started from\n"
                   "such a file finds no allocation; boot units come from nook-generator.",
};
