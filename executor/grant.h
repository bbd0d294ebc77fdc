/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What the operator's configuration need not be asked for again: options that the operator has
 * typed, and tasks that run already. The lists of a configuration in memory become longer; nothing
 * is written. */

#include <glib.h>

#include "job/config.h"
#include "job/job.h"

/* Adds words to a list of the configuration.
 *   texts  n of them; borrowed for as long as the configuration lives */
void nook_grant_texts(NookConfig *config, NookTexts *allowed, const char *const *texts, guint n);

/* Adds source and destination to the operator's chroot_env; borrowed likewise. */
void nook_grant_path(NookConfig *config, const char *source, const char *destination);

/* Adds what the tasks of a job ask for. For one that runs: it has been allowed when it was started,
 * by the configuration of then or by who typed it. The job must live as long as the configuration.
 */
void nook_grant_job(NookConfig *config, const NookJob *job);
