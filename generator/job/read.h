/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* The steps of reading a job file, shared by those who want the job and those who want its body. */

#include "hcl/functions.h"
#include "job/job.h"
#include "job/pool.h"
#include "job/variables.h"

/* A file of HCL or HCL-JSON on its way to a job. The pool keeps everything. */
typedef struct {
        NookDecoder decoder;       /* pool, scope, diags; borrowed by what is evaluated later */
        const HclContent *content; /* of the top level; NULL after an error */
        bool is_odd;               /* it holds what does not belong there */
        HclFileAccess access;
        HclFile *file;
} NookReader;

/* Parses the source and gives it functions and run-time references, as every file of this language
 * has them. false after errors that leave nothing to go on with. */
bool nook_reader_begin(NookReader *reader, NookPool *pool, NookSource *source,
                       const NookJobOptions *options, NookDiags *diags);

/* Goes on with a job file: finds the blocks of the top level, and defines `var` and `local`. */
void nook_reader_read_variables(NookReader *reader, const NookJobOptions *options);
void nook_reader_close(NookReader *reader);

/* What Nomad's parser sets in a job after decoding it (normalize.c): name and id, ports, templates,
 * vault and secrets of the job, the default identity. */
void nook_job_normalize(NookJob *job, NookDiags *diags);

/* Decodes API JSON (api-read.c). NULL after errors. */
NookJob *nook_job_read_api(NookPool *pool, NookSource *source, NookDiags *diags);

/* Whether a text is API JSON and not HCL-JSON (api-read.c). */
bool nook_job_is_api_json(NookSource *source);
