/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "base/diag.h"
#include "base/error.h"
#include "cli.h"
#include "dropin.h"
#include "load.h"
#include "pager.h"
#include "prepare.h"
#include "sandboxed.h"
#include "table.h"
#include "unit/plan-text.h"
#include "verbs.h"

static const NookOption plan_options[] = {
        NOOK_LOAD_OPTIONS,
        {"scope", 0, NULL, "As 'nook run --scope' would"},
        {"direct", 0, NULL, "As 'nook run --direct' would"},
        {"sandbox", 0, NULL, "Show what nook's sandbox does, step by step"},
        {"no-check", 0, NULL, "Do not look for commands and sources on this host"},
        {NULL},
};

/* For each task of the first allocation: the others are alike. */
typedef bool (*TaskFunc)(NookLoad *load, NookPlanTask *task, void *user, GError **error);

static bool for_each_task(NookLoad *load, TaskFunc function, void *user, GError **error) {
        const NookPlanAlloc *alloc = g_ptr_array_index(load->plan->allocs, 0);

        for (guint t = 0; t < alloc->tasks->len; t++)
                if (!function(load, g_ptr_array_index(alloc->tasks, t), user, error))
                        return false;
        return true;
}

static bool print_drop_ins(NookLoad *load, NookPlanTask *task, void *user, GError **error) {
        g_autoptr(GPtrArray) drop_ins = nook_drop_ins_of(task->unit, "", load->cli->user);
        bool *is_refused = user;

        (void)error;
        for (guint i = 0; i < drop_ins->len; i++) {
                const NookDropIn *drop_in = g_ptr_array_index(drop_ins, i);

                if (i == 0)
                        printf("\nDrop-ins of this host for %s\n", task->unit->name);
                printf("  %s:%u: %s=%s%s%s\n", drop_in->path, drop_in->line, drop_in->key,
                       drop_in->value, drop_in->is_refused ? "  refused: " : "",
                       drop_in->is_refused ? drop_in->reason : "");
                *is_refused = *is_refused || drop_in->is_refused;
        }
        return true;
}

static bool print_sandbox(NookLoad *load, NookPlanTask *task, void *user, GError **error) {
        NookSandboxedOptions options = {
                .form = task->unit->kind == NOOK_UNIT_SCOPE ? NOOK_FORM_SCOPE : NOOK_FORM_SERVICE};
        g_autoptr(NookSandbox) sandbox = NULL;
        g_autofree char *text = NULL;

        if (nook_cli_has(load->cli, "direct"))
                options.form = NOOK_FORM_DIRECT;
        (void)user;
        sandbox = nook_sandboxed_plan(load, task, options, error);
        if (sandbox == NULL)
                return false;
        text = nook_sandbox_to_text(sandbox);
        printf("%s\n%s", task->unit->name, text);
        return true;
}

static bool print_for_people(NookLoad *load, GError **error) {
        bool is_refused = false;

        nook_pager_open(load->cli);
        nook_plan_print(load->plan, stdout, load->cli->colour_stdout);
        (void)for_each_task(load, print_drop_ins, &is_refused, NULL);
        nook_pager_close();
        if (is_refused)
                return nook_fail(error, NOOK_ERROR_REFUSED,
                                 "A drop-in of this host opens a wall: 'nook run' would refuse");
        return true;
}

static int verb_plan(NookCli *cli, GError **error) {
        g_autoptr(NookLoad) load = NULL;
        g_autoptr(GError) unreached = NULL;
        NookLoadPlanOptions options = {.is_scope = nook_cli_has(cli, "scope"),
                                       .is_direct = nook_cli_has(cli, "direct"),
                                       .has_stable_ids = true};

        if (!nook_load_new(cli, &load, error) || !nook_load_job(load, cli->args[0], error))
                return -1;
        /* A plan can be made without a manager; then it is not held against what that can do. */
        if (!options.is_direct && !nook_load_bus(load, &unreached))
                nook_cli_info(cli, "%s; the plan is made without it", unreached->message);
        if (!nook_load_plan(load, options, error))
                return -1;
        if (!nook_cli_has(cli, "no-check") && !nook_prepare_check(load, error))
                return -1;
        if (nook_cli_has(cli, "sandbox"))
                return for_each_task(load, print_sandbox, NULL, error) ? 0 : -1;
        if (cli->json != NOOK_JSON_OFF) {
                g_autofree char *json = nook_plan_to_json(load->plan);

                nook_json_print(json, cli, stdout);
                return 0;
        }
        return print_for_people(load, error) ? 0 : -1;
}

const NookVerb nook_verb_plan = {
        .name = "plan",
        .min_args = 1,
        .max_args = 1,
        .run = verb_plan,
        .usage = "FILE|-",
        .summary = "Show what would be started, with every wall",
        .options = plan_options,
        .details = "Nothing is made. Values of environment variables and credentials in URLs are\n"
                   "not shown.",
};
