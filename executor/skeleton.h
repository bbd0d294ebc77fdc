/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* The skeleton: the empty root directory that tasks share. It holds mount points and links and
 * nothing else; everything a task sees is mounted on them. One skeleton per set of mount points,
 * under RUN/root, named by the hash of its content, made once per boot. It belongs to root and is
 * writable by nobody else; starting a task makes no inode in it. */

#include <glib.h>
#include <stdbool.h>

#include "unit/plan.h"

/* Makes the skeleton, or checks the one that is there entry by entry (kind, owner, mode, link text,
 * nothing more and nothing less). One that differs is put aside and made anew: running tasks keep
 * the old one, since renaming it does not touch their mounts.
 *   skeleton  of a plan; made at its path, in whose parent (made when missing) the new one is built
 *             before it is renamed
 * Errors: PATH for an entry that cannot be one; ACCESS, SPACE, IO. */
bool nook_skeleton_ensure(const NookSkeleton *skeleton, GError **error);
