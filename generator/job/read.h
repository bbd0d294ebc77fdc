/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* The steps of reading a job file, shared by those who want the job and those who want its body. */

#include "hcl/functions.h"
#include "job/job.h"
#include "job/pool.h"
#include "job/variables.h"

/* A file of HCL or HCL-JSON on its way to a job: parsed, its variables and locals evaluated. */
typedef struct {
        NookDecoder decoder;       /* pool, scope, diags; borrowed by what is evaluated later */
        const HclContent *content; /* of the top level; NULL after an error */
        HclFileAccess access;
} NookReader;

/* Parses the source and defines `var` and `local`. The pool keeps everything. false after errors
 * that leave nothing to go on with. */
bool nook_reader_open(NookReader *reader, NookPool *pool, NookSource *source,
                      const NookJobOptions *options, NookDiags *diags);
void nook_reader_close(NookReader *reader);

/* What Nomad's parser sets in a job after decoding it (normalize.c): name and id, ports, templates,
 * vault and secrets of the job, the default identity. */
void nook_job_normalize(NookJob *job, NookDiags *diags);

/* Decodes API JSON (api-read.c). NULL after errors. */
NookJob *nook_job_read_api(NookPool *pool, NookSource *source, NookDiags *diags);

/* Whether a text is API JSON and not HCL-JSON (api-read.c). */
bool nook_job_is_api_json(NookSource *source);
