/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "base/error.h"
#include "cli.h"
#include "direct.h"
#include "grace.h"
#include "load.h"
#include "run.h"
#include "verbs.h"

static const NookOption run_options[] = {
        NOOK_LOAD_OPTIONS,
        {"detach", 'd', NULL, "Return when the tasks run"},
        {"replace", 0, NULL, "Stop the job's running tasks first"},
        {"keep", 0, NULL, "Keep the allocation's directory after the end"},
        {"pty", 't', NULL, "Give one task a terminal, joined to this one"},
        {"pipe", 'P', NULL, "Join one task to these streams, byte for byte"},
        {"timeout", 0, "TIME", "Stop after this time (90, 1h30m); status 124"},
        {"scope", 0, NULL, "Run the tasks in scopes"},
        {"direct", 0, NULL, "Run without a service manager"},
        {"strict-limits", 0, NULL, "Refuse where a limit cannot be enforced"},
        {NULL},
};

/* "90" are seconds, as for timeout(1); else Go's form, as in job files. */
static bool parse_time(const char *text, uint64_t *ret_usec, GError **error) {
        static const struct {
                const char *unit;
                double usec;
        } units[] = {{"ms", 1e3}, {"us", 1}, {"h", 3600e6}, {"m", 60e6}, {"s", 1e6}};
        const char *p = text;
        double total = 0;

        while (*p != 0) {
                char *end;
                double number = g_ascii_strtod(p, &end);
                double factor = 0;

                if (end == p || number < 0)
                        break;
                p = end;
                for (gsize i = 0; i < G_N_ELEMENTS(units) && factor == 0; i++)
                        if (g_str_has_prefix(p, units[i].unit)) {
                                factor = units[i].usec;
                                p += strlen(units[i].unit);
                        }
                if (factor == 0 && *p == 0 && total == 0)
                        factor = 1e6;
                if (factor == 0)
                        return nook_fail(error, NOOK_ERROR_USAGE,
                                         "--timeout: '%s' is no time; write 90, 30s or 1h30m",
                                         text);
                total += number * factor;
        }
        if (*p != 0 || total < 1 || total > 1e17)
                return nook_fail(error, NOOK_ERROR_USAGE,
                                 "--timeout: '%s' is no time; write 90, 30s or 1h30m", text);
        *ret_usec = (uint64_t)total;
        return true;
}

static int verb_run(NookCli *cli, GError **error) {
        g_autoptr(NookLoad) load = NULL;
        NookLoadPlanOptions plan = {.is_scope = nook_cli_has(cli, "scope"),
                                    .is_direct = nook_cli_has(cli, "direct"),
                                    .is_strict = nook_cli_has(cli, "strict-limits")};
        NookRunOptions options = {.is_detached = nook_cli_has(cli, "detach"),
                                  .is_replacing = nook_cli_has(cli, "replace"),
                                  .is_kept = nook_cli_has(cli, "keep"),
                                  .has_terminal = nook_cli_has(cli, "pty"),
                                  .is_piped = nook_cli_has(cli, "pipe")};
        const char *timeout = nook_cli_value(cli, "timeout");

        if (timeout != NULL && !parse_time(timeout, &options.timeout_usec, error))
                return -1;
        if (options.is_detached && (timeout != NULL || options.is_piped || options.has_terminal)) {
                (void)nook_fail(error, NOOK_ERROR_USAGE,
                                "--%s needs somebody who waits: not with --detach",
                                timeout != NULL    ? "timeout"
                                : options.is_piped ? "pipe"
                                                   : "pty");
                return -1;
        }
        if (options.is_piped && options.has_terminal) {
                (void)nook_fail(error, NOOK_ERROR_USAGE, "--pty and --pipe exclude each other");
                return -1;
        }
        if (cli->json != NOOK_JSON_OFF && !options.is_detached) {
                (void)nook_fail(error, NOOK_ERROR_USAGE,
                                "--json would stand among the tasks' output: only with --detach");
                return -1;
        }
        if (!plan.is_direct)
                nook_grace_begin();
        if (!nook_load_new(cli, &load, error) || !nook_load_job(load, cli->args[0], error) ||
            (!plan.is_direct && !nook_load_bus(load, error)) || !nook_load_plan(load, plan, error))
                return -1;
        return plan.is_direct ? nook_direct_run(load, options, error)
                              : nook_run_plan(load, options, error);
}

const NookVerb nook_verb_run = {
        .name = "run",
        .min_args = 1,
        .max_args = 1,
        .flags = NOOK_VERB_RUNS_TASKS,
        .run = verb_run,
        .usage = "FILE|-",
        .summary = "Start a job and follow it to its end",
        .options = run_options,
        .details =
                "The exit status is the task's own; 128+N when signal N killed it; of several\n"
                "tasks the first that is not 0, in the order of the file. 124: its time was\n"
                "over. 125: nook failed before the start. 126, 127: the command cannot be\n"
                "executed, is not there. 130: Ctrl-C.\n\n"
                "The output comes from the journal, line by line: journald drops empty lines and\n"
                "blanks at the end of lines. With --pipe it comes as it was written.",
};
