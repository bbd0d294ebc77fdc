/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Compiled filters on disk, by a hash of what they were compiled from: a start loads bytes. Inside
 * the filter module only. */

#include <glib.h>
#include <stdbool.h>

/* The programs kept under a key; NULL when there are none, or none that can be trusted: a file
 * (or its directory) that others could have written is passed over. */
GPtrArray *nook_filter_fetch(const char *cache_dir, const char *key);

/* Keeps programs under a key. That it cannot is no error: the next start compiles again. */
void nook_filter_keep(const char *cache_dir, const char *key, const GPtrArray *programs);
