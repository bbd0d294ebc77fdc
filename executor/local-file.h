/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Local files as artifacts: only from below directories that somebody has named. */

#include <glib.h>
#include <stdbool.h>

/* Opens a regular file.
 *   path     absolute, or relative to the first of dirs
 *   dirs     absolute directories, NULL at the end; the file must lie beneath one of them, with all
 *            links in its path resolved
 *   ret_fd   read-only
 * Errors: PATH, NOT_FOUND, ACCESS, IO. */
bool nook_local_file_open(const char *path, const char *const *dirs, int *ret_fd, GError **error);
