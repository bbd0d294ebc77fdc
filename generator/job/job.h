/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* The job model: a job file as plain structs, Nomad's words and structure throughout. What may
 * stand in which block is listed once, in job/blocks.def: each BLOCK(Restart) there is the struct
 * NookRestart here, each line one member of it, and a member's name is the attribute's own name
 * (plus its unit, where it has one). So `restart { attempts = 3 }` of a task is
 *     task->restart->attempts.value == 3
 * and .range says where the 3 stands.
 *
 *     NookJob > groups > NookGroup > tasks > NookTask > config, exec, resources, artifacts ...
 *
 * The model knows nothing of systemd. Values are as the user meant them: variables, locals and
 * functions are evaluated; run-time references such as ${NOMAD_TASK_DIR} are still text, for
 * job/interpolate.h.
 *
 * A pointer to a block is NULL where the file has none; after nook_job_complete() `resources`,
 * `restart` and `logs` of a task and `restart` of a group are always there. */

#include <glib.h>
#include <stdbool.h>
#include <stdio.h>

#include "base/diag.h"
#include "base/error.h"
#include "job/field.h"

/* The `config` of the drivers exec and raw_exec, checked and with places. */
typedef struct {
        NookText command;
        NookTexts args;
        NookText work_dir;
        NookText pid_mode; /* "private", "host"; exec only */
        NookText ipc_mode;
        NookTexts cap_add; /* as written: any case, with or without CAP_, or "all" */
        NookTexts cap_drop;
        NookInt oom_score_adj; /* raw_exec only, from here on */
        NookText cgroup_v2_override;
        NookPairs cgroup_v1_override;
        NookTexts denied_envvars;
} NookExecConfig;

/* First the names, so that structs may refer to each other, then the structs. */
#include "job/blocks-names.h"
#include "job/blocks.def"
#include "job/blocks-end.h"

#include "job/blocks-struct.h"
#include "job/blocks.def"
#include "job/blocks-end.h"

void nook_job_free(NookJob *job);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(NookJob, nook_job_free)

typedef enum {
        NOOK_JOB_FORMAT_AUTO, /* HCL; HCL-JSON where the first byte but spaces is '{'; API JSON
                                 where that object has "Job", or "ID" and "TaskGroups" */
        NOOK_JOB_FORMAT_HCL,
        NOOK_JOB_FORMAT_API_JSON,
} NookJobFormat;

/* How to read a job file. All members may be zero. Everything is borrowed. */
typedef struct {
        NookJobFormat format;
        const char *const *vars;      /* "NAME=VALUE" of --var in order, NULL at the end */
        NookSource *const *var_files; /* of --var-file in order, NULL at the end */
        const char *const *env;       /* "NAME=VALUE" (environ): NOMAD_VAR_*, and HOME for `~` */
        HclValue *roots;              /* an object: further variables by their root names */
        bool lenient_vars;            /* an undeclared variable warns only (-hcl2-strict=false) */
        const char *base_dir; /* where file() and its like may read; NULL: they are refused */
        bool raw;             /* do not call nook_job_complete(): for `nook job` */
} NookJobOptions;

/* Reads, evaluates, decodes and completes a job.
 *   source   the file; referenced by the job
 *   options  NULL for none
 *   diags    findings are added
 * Returns the job, or NULL if an error was found. The caller owns it. A file may also hold a bare
 * group or bare tasks: then `bare` is set, and job and group take the (first) task's name. */
NookJob *nook_job_read(NookSource *source, const NookJobOptions *options, NookDiags *diags);

/* Fills in what is in force where the user wrote nothing, spreads what groups give to their tasks
 * (restart, meta), and checks the rules between fields: all findings that need no host. `set` stays
 * false on defaults. Errors are findings; a second call does nothing.
 * Source: Nomad's documentation of the job specification; for a bare task the design's defaults. */
void nook_job_complete(NookJob *job, NookDiags *diags);

/* One note for each thing that is accepted but has no effect on one host (`datacenters`, `update`
 * ...): for `nook validate`. */
void nook_job_note_unused(const NookJob *job, NookDiags *diags);

typedef enum {
        NOOK_JOB_JSON_COMPACT = 1 << 0,   /* null members left out, no indentation */
        NOOK_JOB_JSON_EFFECTIVE = 1 << 1, /* defaults written out: reads back without them */
} NookJobJsonFlags;

/* The job as API JSON, {"Job": {...}} and a newline, in the order and with the nulls of
 * `nomad job run -output` (indented by four blanks). Extensions of nook appear only where they are
 * used. Caller's. */
char *nook_job_to_json(const NookJob *job, NookJobJsonFlags flags);

/* The body of the file evaluated, as {"attributes":{},"blocks":[{"type","labels","attributes",
 * "blocks"}]}: of a job file the `job` block alone, its variables and locals used up, else the
 * whole file. In JSON syntax the job's schema tells its blocks from its attributes; a file without
 * a job shows its members as attributes. NULL if an error was found; caller's. */
char *nook_job_body_to_json(NookSource *source, const NookJobOptions *options, NookDiags *diags);

/* "true" for the types batch and sysbatch. */
bool nook_job_is_batch(const NookJob *job);
