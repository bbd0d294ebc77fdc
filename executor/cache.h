/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Bodies of artifacts, kept by their checksum: CACHE/artifacts/DIGEST-HEX, 0600, in a directory
 * that only nook's own user enters. What is in it is hashed again when it is used, so that nothing
 * has to be believed. */

#include <glib.h>
#include <stdbool.h>

/* Opens a kept body for reading; *ret_fd is -1 when there is none. */
bool nook_cache_open(const char *cache_dir, const char *digest_name, const char *hex, int *ret_fd,
                     GError **error);

/* A new file without a name, on the cache's file system, to be filled.
 *   ret_fd  for reading and writing */
bool nook_cache_new_file(const char *cache_dir, int *ret_fd, GError **error);

/* Gives a verified file its name. One that is there already is replaced: it may be damaged. */
bool nook_cache_keep(const char *cache_dir, const char *digest_name, const char *hex, int fd,
                     GError **error);

/* Removes bodies that nobody has used for so long, and what an interrupted process has left.
 *   now_usec, max_age_usec  CLOCK_REALTIME; the last use is a file's mtime */
bool nook_cache_collect(const char *cache_dir, int64_t now_usec, int64_t max_age_usec,
                        GError **error);
