/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Moves a staged tree into its destination. The tree was made by a worker that is dead now, out of
 * an archive that nobody trusts: every entry is looked at again, gets its owner and mode, and is
 * moved by renaming, beneath descriptors, through no link, onto no other mount, replacing nothing.
 * Directories merge. Names in messages are relative to the destination's root. */

#include <glib.h>
#include <stdbool.h>

#include "stage.h"

/* Remembers which artifact has brought what, to name both in a conflict. */
typedef struct NookMerge NookMerge;

NookMerge *nook_merge_new(const NookStageLimits *limits);
void nook_merge_free(NookMerge *merge);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(NookMerge, nook_merge_free)

/* Moves one staged tree.
 *   tree_fd       the directory that holds it; what is not wanted of it stays there
 *   subdirectory  the part wanted, may be a pattern that matches once; NULL: all
 *   is_file       the tree is one file, put into the destination or at it
 *   label         "artifact 'https://host/a.zip'"
 * Errors: EXISTS for a conflict, UNPACK and LIMIT for what an archive may not hold, PATH for a
 * destination that leads through a link, SPACE, IO. */
bool nook_merge_tree(NookMerge *merge, int tree_fd, const NookStageArtifact *artifact,
                     const char *subdirectory, bool is_file, const char *label, GError **error);

/* The last look at all that has been merged: no link in any destination's root leads out of it. */
bool nook_merge_check(NookMerge *merge, GError **error);
