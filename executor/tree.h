/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Removal of trees that a task has written. Nothing in them is trusted: names, depth, modes,
 * immutable flags, links, mounts. Links are removed, never followed; mounts are never entered and
 * are reported. Depth costs neither descriptors nor stack: what lies too deep is first moved up. */

#include <glib.h>
#include <stdbool.h>

/* Removes the entry `name` of a directory, whatever it is. One that is not there is fine.
 *   name  one name, without a slash
 *   path  how messages call it
 * Errors: PATH for a mount, ACCESS, IO: the first one; everything else that can be removed is. */
bool nook_tree_remove(int dir_fd, const char *name, const char *path, GError **error);
