/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Reading the files that a user names on the command line, as sources for findings. */

#include <glib.h>

#include "base/source.h"

/* Reads all of a file, or of standard input for "-". The caller owns the result.
 * Errors: NOOK_ERROR_NOT_FOUND, NOOK_ERROR_ACCESS, NOOK_ERROR_IO; NULL is returned. */
NookSource *nook_text_file_read(const char *path, GError **error);
