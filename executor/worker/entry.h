/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Names and link texts as archives give them. Names are bytes: nothing is converted, normalised or
 * guessed. What cannot be a place below the destination is refused, not repaired: an archive that
 * says "../x" does not mean "x". Pure. */

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

/* Turns an entry's name into a path below the destination.
 *   name, size  as it stands in the archive
 *   strip       leading names to take off
 *   max_depth   names allowed in the result
 *   ret_path    relative, clean; NULL when nothing is left after stripping, or for "." itself;
 *               caller's
 * Errors: UNPACK for a NUL, an absolute name, "..", no name, a name over 255 bytes; LIMIT for depth
 * and for a path over 4095 bytes. */
bool nook_entry_path(const char *name, size_t size, unsigned strip, unsigned max_depth,
                     char **ret_path, GError **error);

/* Refuses a symbolic link that leads out of the tree, judged by its text alone; links on its way
 * are judged by the kernel when the tree is finished.
 *   path    where the link will be, as nook_entry_path() gave it
 *   target  its text
 * Errors: UNPACK. */
bool nook_entry_check_link(const char *path, const char *target, size_t target_size,
                           GError **error);
