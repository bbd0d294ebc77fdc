/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* One of the two workers of an artifact, and what it has said so far. */

#include <glib.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "worker.h"

typedef struct {
        NookWorker *worker; /* NULL: never started */
        GError *said;       /* its error */
        bool ended_well;
        bool has_ended;
        uint64_t done, total; /* bytes */
        char *digest;         /* hexadecimal */
} NookStageSide;

/* Back to "never started"; what still runs is killed. */
void nook_stage_side_clear(NookStageSide *side);

/* Starts a worker on this side, in place of an earlier one.
 * Errors: those of nook_worker_start(). */
bool nook_stage_side_start(NookStageSide *side, const NookWorkerSpec *spec, GError **error);

/* Hears what there is, without waiting. True when the worker has ended, or was never started; why
 * it failed, if it did, is in side->said.
 *   code  of the error when it ends without saying why */
bool nook_stage_side_listen(NookStageSide *side, NookErrorCode code);

/* As nook_worker_poll_fds(), for a worker that may not be there. */
guint nook_stage_side_poll_fds(const NookStageSide *side, struct pollfd *ret_fds);
