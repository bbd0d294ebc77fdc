/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Downloads as people see them: one line that is rewritten on a terminal, one plain line for each
 * finished artifact elsewhere, nothing with --quiet. */

#include <glib.h>

#include "cli.h"
#include "stage.h"

typedef struct NookProgress NookProgress;

NookProgress *nook_progress_new(const NookCli *cli);
void nook_progress_free(NookProgress *progress);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(NookProgress, nook_progress_free)

/* A NookStageProgressFunc; user is a NookProgress. */
void nook_progress_show(const NookStageProgress *state, void *user);
