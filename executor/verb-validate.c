/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli.h"
#include "load.h"
#include "verbs.h"

static const NookOption validate_options[] = {
        NOOK_LOAD_OPTIONS,
        {NULL},
};

static int verb_validate(NookCli *cli, GError **error) {
        g_autoptr(NookLoad) load = NULL;
        guint n_errors;

        if (!nook_load_new(cli, &load, error) || !nook_load_job(load, cli->args[0], error))
                return -1;
        nook_job_note_unused(load->job, load->diags);
        nook_plan_check_blocks(load->job, load->config, load->diags);
        n_errors = nook_diags_count_errors(load->diags);
        nook_load_print_findings(load);
        if (n_errors > 0) {
                (void)nook_fail(error, NOOK_ERROR_INVALID, "%s", "");
                return -1;
        }
        if (!load->is_diags_json)
                nook_cli_info(cli, "%s is valid", cli->args[0]);
        return 0;
}

const NookVerb nook_verb_validate = {
        .name = "validate",
        .min_args = 1,
        .max_args = 1,
        .run = verb_validate,
        .usage = "FILE|-",
        .summary = "Check a job file",
        .options = validate_options,
        .details = "Reports every mistake with its place, and what the job asks for that has no\n"
                   "effect on one host. Neither the host nor its manager is asked: see plan.",
};
