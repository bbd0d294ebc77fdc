/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "cli.h"
#include "direct.h"
#include "exec-job.h"
#include "grant.h"
#include "grace.h"
#include "job/pool.h"
#include "load.h"
#include "run.h"
#include "verbs.h"

static const NookOption exec_options[] = {
        NOOK_EXEC_OPTIONS,
        {"scope", 0, NULL, "Run in a scope instead of a service"},
        {"direct", 0, NULL, "Run without a service manager"},
        {"sandbox", 0, "BUILDER", "Who builds the walls: \"systemd\" or \"nook\""},
        {"pty", 't', NULL, "Give it a terminal of its own"},
        {"pipe", 'P', NULL, "Join it to standard input, output and error"},
        {"wait", 0, NULL, "Wait for its end (the default)"},
        {"no-block", 0, NULL, "Return when it runs"},
        {"collect", 'G', NULL, "Forget the unit when it has ended (always so)"},
        {"die-with-parent", 0, NULL, "End it when nook ends (--direct: always so)"},
        {"strict-limits", 0, NULL, "Refuse where a limit cannot be enforced"},
        {NULL},
};

/* Which of the ways to start it were asked for. */
static bool check_options(const NookCli *cli, GError **error) {
        static const char *const exclusive[][2] = {
                {"scope", "direct"},         {"pty", "pipe"},
                {"wait", "no-block"},        {"pty", "no-block"},
                {"pipe", "no-block"},        {"direct", "no-block"},
                {"scope", "sandbox"},        {"direct", "sandbox"},
                {"no-isolation", "sandbox"}, {"same-dir", "working-directory"},
        };

        for (gsize i = 0; i < G_N_ELEMENTS(exclusive); i++)
                if (nook_cli_has(cli, exclusive[i][0]) && nook_cli_has(cli, exclusive[i][1]))
                        return nook_fail(error, NOOK_ERROR_USAGE,
                                         "--%s and --%s exclude each other", exclusive[i][0],
                                         exclusive[i][1]);
        if (nook_cli_has(cli, "die-with-parent") && !nook_cli_has(cli, "scope") &&
            !nook_cli_has(cli, "direct"))
                return nook_fail(error, NOOK_ERROR_USAGE,
                                 "--die-with-parent needs --scope or --direct: a service is the "
                                 "manager's child");
        return true;
}

/* "true-1a2b3c4d": what it runs, and something that no other call has. */
static char *choose_name(const NookCli *cli) {
        g_autofree char *id = nook_load_new_uuid();
        g_autofree char *base = g_path_get_basename(cli->args[0]);

        for (char *c = base; *c; c++)
                if (!g_ascii_isalnum(*c) && !strchr("._-", *c))
                        *c = '_';
        return g_strdup_printf("%.64s-%.8s", base, id);
}

static void allow_paths(const NookCli *cli, NookConfig *config) {
        g_autoptr(GPtrArray) values = nook_cli_values(cli, "chroot-env");

        for (guint i = 0; i < values->len; i++) {
                const char *text = g_ptr_array_index(values, i);
                const char *colon = strchr(text, ':');
                gssize size = colon != NULL ? colon - text : (gssize)strlen(text);
                const char *source = nook_pool_strndup(config->pool, text, size);

                nook_grant_path(config, source, colon != NULL ? colon + 1 : source);
        }
}

/* Whoever types an option here is who the operator's list would have to name. Not so behind sudo:
 * there the configuration is what a user is held to. */
static void allow_options(const NookCli *cli, NookConfig *config) {
        g_autofree const char **keys = nook_exec_job_directives(cli);
        g_autoptr(GPtrArray) capabilities = nook_cli_values(cli, "cap-add");
        static const char *const modes[] = {"pid"};

        if (g_getenv("SUDO_UID") || g_getenv("PKEXEC_UID"))
                return;
        nook_grant_texts(config, &config->exec->allow_directives, keys,
                         g_strv_length((char **)(gpointer)keys));
        nook_grant_texts(config, &config->exec->allow_caps,
                         (const char *const *)capabilities->pdata, capabilities->len);
        if (nook_cli_has(cli, "pid-mode"))
                nook_grant_texts(config, &config->exec->allow_host_modes, modes,
                                 G_N_ELEMENTS(modes));
        if (nook_cli_has(cli, "chroot-env"))
                allow_paths(cli, config);
        if (nook_cli_has(cli, "no-isolation"))
                config->raw_exec->enabled.value = true;
}

static bool load_exec(NookCli *cli, NookLoad **ret_load, bool *ret_is_light, GError **error) {
        g_autoptr(NookLoad) load = NULL;
        g_autofree char *name = choose_name(cli);
        g_autofree char *text = nook_exec_job_text(cli, name, error);
        NookLoadPlanOptions plan = {.is_scope = nook_cli_has(cli, "scope"),
                                    .is_direct = nook_cli_has(cli, "direct"),
                                    .is_strict = nook_cli_has(cli, "strict-limits")};

        if (text == NULL || !nook_load_new(cli, &load, error))
                return false;
        plan.is_in_memory = nook_exec_job_is_light(cli, load->config->exec->sandbox.text);
        allow_options(cli, load->config);
        if (!nook_load_job_text(load, "<command line>", text, error) ||
            (!plan.is_direct && !nook_load_bus(load, error)) || !nook_load_plan(load, plan, error))
                return false;

        if (!nook_exec_job_finish(cli, g_ptr_array_index(load->plan->allocs, 0), plan.is_in_memory,
                                  error))
                return false;
        *ret_is_light = plan.is_in_memory;
        *ret_load = g_steal_pointer(&load);
        return true;
}

static int verb_exec(NookCli *cli, GError **error) {
        g_autoptr(NookLoad) load = NULL;
        NookRunOptions options = {
                .is_detached = nook_cli_has(cli, "no-block"),
                .has_terminal = nook_cli_has(cli, "pty"),
                .is_piped = nook_cli_has(cli, "pipe"),
                .dies_with_parent = nook_cli_has(cli, "die-with-parent"),
        };

        if (!check_options(cli, error))
                return -1;
        if (!nook_cli_has(cli, "direct"))
                nook_grace_begin();
        if (!load_exec(cli, &load, &options.is_light, error))
                return -1;
        return nook_cli_has(cli, "direct") ? nook_direct_run(load, options, error)
                                           : nook_run_plan(load, options, error);
}

const NookVerb nook_verb_exec = {
        .name = "exec",
        .min_args = 1,
        .max_args = G_MAXINT,
        .flags = NOOK_VERB_STOP_AT_ARGUMENT | NOOK_VERB_RUNS_TASKS,
        .run = verb_exec,
        .usage = "[--] COMMAND [ARG...]",
        .summary = "Run one isolated command",
        .options = exec_options,
        .details = "What a task file can say, options say here; names are systemd-run's where it\n"
                   "has the option. Exit statuses are those of `nook run`.",
};
