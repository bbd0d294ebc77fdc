/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* From a command line to a plan: reads the operator's configuration and the job file, learns what
 * must be known of this host, and makes the plan. Used by every verb that takes a FILE. Findings
 * are collected over all steps and printed by nook_load_print_findings(). */

#include <glib.h>
#include <stdbool.h>

#include "alloc.h"
#include "base/diag.h"
#include "bus.h"
#include "cli.h"
#include "job/config.h"
#include "job/host.h"
#include "job/job.h"
#include "unit/plan.h"

typedef struct {
        const NookCli *cli;
        bool is_diags_json; /* findings for editors: --diags=json */
        NookDirs dirs;      /* strings owned below */
        char *state_dir;
        char *run_dir;
        char *cache_dir;
        char *base_dir; /* of the job file: file() and local artifacts read below it; NULL: none */

        bool wants_raw_job; /* set before nook_load_job(): without defaults and rules */
        NookDiags *diags;
        GPtrArray *config_sources;
        GPtrArray *sources; /* the job file and --var-file */
        NookConfig *config;
        NookJob *job;
        NookBus *bus; /* NULL until nook_load_bus() */
        NookHost *host;
        NookPlan *plan;
} NookLoad;

/* Options that verbs with a FILE share; put them into the verb's own table. */
#define NOOK_LOAD_OPTIONS                                                                          \
        {"var", 0, "NAME=VALUE", "Set a variable of the job file"},                                \
                {"var-file", 0, "FILE", "Read values of variables from a file"},                   \
                {"json-job", 0, NULL, "The file is a job in Nomad's API JSON"}, {                  \
                "diags", 0, "text|json", "How findings are written to standard error"              \
        }

/* What kind of plan is wanted. */
typedef struct {
        bool is_scope;
        bool is_direct;
        bool is_strict;      /* a limit that cannot be kept here is an error */
        bool is_file;        /* for unit files, not for the manager */
        bool is_in_memory;   /* allocations lie in RUN, which is a tmpfs */
        bool has_stable_ids; /* the same allocation ids at each call: for plan and generate */
} NookLoadPlanOptions;

/* Decides the directories and reads the configuration.
 * Errors: INVALID (findings), ACCESS, NOT_FOUND; REFUSED for a --config that is not root's when
 * nook was started through sudo or pkexec. */
bool nook_load_new(const NookCli *cli, NookLoad **ret_load, GError **error);
void nook_load_free(NookLoad *load);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(NookLoad, nook_load_free)

/* Reads the job. path: "-" for standard input. Errors: INVALID with findings; NOT_FOUND, ... */
bool nook_load_job(NookLoad *load, const char *path, GError **error);

/* The same for a text that nook itself has made of a command line.
 *   name  what findings call it */
bool nook_load_job_text(NookLoad *load, const char *name, const char *text, GError **error);

/* Connects to the manager, if that is not done yet. */
bool nook_load_bus(NookLoad *load, GError **error);

/* Probes the host and makes the plan; the job must be loaded. Without a connection (load->bus NULL)
 * a manager is not asked. Errors: INVALID with findings; BUS. */
bool nook_load_plan(NookLoad *load, NookLoadPlanOptions options, GError **error);

/* Prints what was found, to stderr for people or with --json to stdout, and forgets it. Without
 * errors and with --quiet nothing is printed. */
void nook_load_print_findings(NookLoad *load);

/* A new random UUID. Caller's. */
char *nook_load_new_uuid(void);
