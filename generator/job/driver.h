/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* The options of the drivers exec and raw_exec: the `config` block of a task. Nomad leaves them to
 * its clients, which report mistakes late and without a place; here they are checked at once. */

#include "job/decode.h"
#include "job/job.h"

/* Whether nook has a driver of this name. */
bool nook_driver_is_known(const char *name);

/* Decodes task->config into task->exec and checks it. Findings point into the block; of a job in
 * API JSON, at the whole config. */
void nook_driver_decode(NookDecoder *decoder, NookTask *task);
