/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Starts the two workers of an artifact: what each is told, which limits it gets, what of the
 * host it sees. */

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "artifact.h"
#include "stage-job.h"
#include "stage-side.h"

/* What nook-fetch brings. */
typedef struct {
        const char *url;         /* read only when input_fd is -1 */
        int input_fd;            /* an opened file instead; the worker then has no network */
        int output_fd;           /* where the bytes go */
        const char *digest_name; /* of the checksum to compute; NULL: none */
        uint64_t max_bytes;      /* 0: no limit */
} NookStageFetch;

/* Errors: those of nook_worker_start(). */
bool nook_stage_start_fetch(NookStageSide *side, const NookStageJobSpec *job,
                            const NookArtifactSource *source, const NookStageFetch *what,
                            GError **error);

/* Unpacks what input_fd yields (a stream for a tar, a file for a zip) into the job's part of the
 * stage directory. Errors: those of nook_worker_start(). */
bool nook_stage_start_unpack(NookStageSide *side, const NookStageJobSpec *job,
                             const NookArtifactSource *source, int input_fd, GError **error);

/* The limit for the body of an artifact, in bytes; 0: none. */
uint64_t nook_stage_max_body_bytes(const NookStageJobSpec *job, const NookArtifactSource *source);
