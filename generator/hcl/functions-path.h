/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Paths as text: shortening, joining, taking apart. Nothing here looks at a file. */

#include <glib.h>
#include <stdbool.h>

/* The shortest path that means the same, with '..' taken back by its name alone; "." for an empty
 * one. Caller's. */
char *hcl_path_clean(const char *path);

/* Both, joined and cleaned; an absolute path stands alone. Caller's. */
char *hcl_path_join(const char *base, const char *path);

/* The part of a clean path below a clean base; "." is the base itself. NULL: it is not below. */
const char *hcl_path_below(const char *base, const char *path);

/* A glob over files: *, ?, [a-z], {a,b}, and ** for any number of folders. Calls `found` with each
 * regular file's path below the folder of `dir_fd`.
 * Returns NULL, or why the walk ended early: a static text. */
const char *hcl_glob(int dir_fd, const char *pattern, void (*found)(const char *path, void *user),
                     void *user);
