/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Names below a directory descriptor. Everything that root or a worker opens in a tree which a
 * stranger may have shaped goes through here: no link is followed, no mount entered, nothing
 * outside reached. Used by the executor and by its workers; errors are errno values, since only
 * the caller can say what a failure means. */

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include <glib.h>

#include "base/fd.h"

/* Beneath the descriptor, through no link, on the same mount. Source: openat2(2). */
#define NOOK_BENEATH_STRICT (UINT64_C(0x01) | UINT64_C(0x02) | UINT64_C(0x04) | UINT64_C(0x08))

/* openat2(); O_CLOEXEC is added. -1 and errno on failure: EXDEV for a way out or a mount, ELOOP for
 * a link. "" and "." mean the directory itself. */
int nook_beneath_open(int dir_fd, const char *path, int flags, mode_t mode, uint64_t resolve);

/* Opens the directory in which the last name of path stands.
 *   ret_name  that name, pointing into path
 * Returns a descriptor fit for the *at() calls, or -1 and errno; EINVAL when there is no name. */
int nook_beneath_open_parent(int dir_fd, const char *path, const char **ret_name);

/* Makes those directories of path that are missing, with a mode that the umask does not change, and
 * opens the last one (O_RDONLY).
 *   ret_made  counts the directories made; may be NULL
 * -1 and errno on failure. */
int nook_beneath_make_directories(int dir_fd, const char *path, mode_t mode, unsigned *ret_made);

/* Replaces a small file by writing a new one beside it and renaming that; never through a link.
 * Errors: errno values. */
bool nook_beneath_replace_file(int dir_fd, const char *name, const void *data, size_t size,
                               mode_t mode);

/* Reads a whole regular file of at most max bytes; EFBIG when it is longer, EINVAL when it is no
 * regular file. A NUL stands behind the text.
 *   ret_text  caller's */
bool nook_beneath_read_file(int dir_fd, const char *path, size_t max, char **ret_text,
                            size_t *ret_size);

/* write() until all is written. */
bool nook_write_all(int fd, const void *data, size_t size);

/* A name that a stranger chose, for a message: control characters and ill-formed UTF-8 become
 * \xNN, and more than 300 bytes are cut. Caller's. */
char *nook_printable(const char *name, gssize size);
