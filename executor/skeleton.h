/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* The skeleton: the empty root directory that tasks share. It holds mount points and links and
 * nothing else; everything a task sees is mounted on them. One skeleton per set of mount points,
 * under RUN/root, named by the hash of its content, made once per boot. It belongs to root and is
 * writable by nobody else; starting a task makes no inode in it. */

#include <glib.h>
#include <stdbool.h>

#include "alloc.h"

typedef enum {
        NOOK_SKELETON_DIRECTORY, /* mount point for a directory; 0755 */
        NOOK_SKELETON_FILE,      /* mount point for a file; empty, 0644 */
        NOOK_SKELETON_LINK,      /* symbolic link with the text of target */
} NookSkeletonKind;

typedef struct {
        NookSkeletonKind kind;
        const char *path;   /* absolute, clean; parents come before children */
        const char *target; /* of a link, else NULL */
} NookSkeletonEntry;

/* Makes the skeleton, or checks the one that is there entry by entry (kind, owner, mode, link text,
 * nothing more and nothing less). One that differs is put aside and made anew: running tasks keep
 * the old one, since renaming it does not touch their mounts.
 *   name      file name below RUN/root: the content's hash
 *   ret_path  its absolute path; caller's
 * Errors: PATH for an entry that cannot be one; ACCESS, SPACE, IO. */
bool nook_skeleton_ensure(const NookDirs *dirs, const char *name, const NookSkeletonEntry *entries,
                          guint n_entries, char **ret_path, GError **error);
