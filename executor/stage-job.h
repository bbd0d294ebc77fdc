/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* One artifact on its way: from its source to a verified tree in a stage directory. A job is a
 * small machine that is driven by its workers' answers and ends; several run side by side in one
 * poll loop (stage.c), which alone waits.
 *
 *     list of checksums?  ->  body  ->  tree
 *
 * A tar is unpacked while it arrives; a zip, and whatever is to be kept in the cache, is stored
 * first. In each case the tree counts only when the checksum of the whole body is right. */

#include <glib.h>
#include <poll.h>
#include <stdbool.h>

#include "artifact.h"
#include "stage.h"
#include "worker.h"

typedef struct {
        const NookStageArtifact *artifact;
        const NookStageSetup *setup;
        const NookDirs *dirs;
        const char *stage_dir; /* absolute path of a directory that is nook's alone */
        int stage_fd;          /* the same */
        guint index;           /* of the artifact: names its part of the stage directory */
} NookStageJobSpec;

typedef struct NookStageJob NookStageJob;

/* Reads the source; starts nothing. Errors as nook_stage_check(). */
NookStageJob *nook_stage_job_new(const NookStageJobSpec *spec, GError **error);
void nook_stage_job_free(NookStageJob *job); /* kills what still runs */

/* Starts its first worker. */
bool nook_stage_job_start(NookStageJob *job, GError **error);

enum { NOOK_STAGE_JOB_FDS = 2 * NOOK_WORKER_FDS };
guint nook_stage_job_poll_fds(const NookStageJob *job, struct pollfd *ret_fds);

/* Hears what there is, without waiting, and goes on from there.
 * Errors: the artifact cannot be had; all messages begin with its label. */
bool nook_stage_job_advance(NookStageJob *job, GError **error);

bool nook_stage_job_is_running(const NookStageJob *job);
bool nook_stage_job_is_done(const NookStageJob *job);

/* The tree, once it is done. */
int nook_stage_job_tree(const NookStageJob *job);
const NookStageArtifact *nook_stage_job_artifact(const NookStageJob *job);
const NookArtifactSource *nook_stage_job_source(const NookStageJob *job);
const char *nook_stage_job_label(const NookStageJob *job); /* "artifact 'https://host/a.zip'" */

/* How far it is. */
void nook_stage_job_progress(const NookStageJob *job, NookStageProgress *ret);
