/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli.h"
#include "load.h"
#include "verbs.h"

static const NookOption job_options[] = {
        NOOK_LOAD_OPTIONS,
        {"compact", 0, NULL, "Leave out what is not set; one line"},
        {NULL},
};

static int verb_job(NookCli *cli, GError **error) {
        g_autoptr(NookLoad) load = NULL;
        g_autofree char *text = NULL;

        if (!nook_load_new(cli, &load, error))
                return -1;
        load->wants_raw_job = true;
        if (!nook_load_job(load, cli->args[0], error))
                return -1;
        nook_load_print_findings(load);
        text = nook_job_to_json(load->job,
                                nook_cli_has(cli, "compact") ? NOOK_JOB_JSON_COMPACT : 0);
        fputs(text, stdout);
        return 0;
}

const NookVerb nook_verb_job = {
        .name = "job",
        .min_args = 1,
        .max_args = 1,
        .run = verb_job,
        .usage = "FILE|-",
        .summary = "Print a job in Nomad's API JSON",
        .options = job_options,
        .details =
                "The output is that of `nomad job run -output`: variables, locals and functions\n"
                "are evaluated, defaults are not filled in.",
};
