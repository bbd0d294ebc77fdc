/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* A throw-away place for tests of the executor's files: STATE and CACHE in a temporary directory,
 * RUN on a tmpfs, since nook refuses secrets elsewhere. */

#include <glib.h>

#include "alloc.h"

typedef struct {
        char *top; /* a temporary directory of this test */
        char *run; /* another one, on /dev/shm */
        char *state;
        char *cache;
        NookDirs dirs;
} Fixture;

int fixture_setup(void **state);
int fixture_teardown(void **state);

/* TOP/NAME; caller's. */
char *fixture_path(const Fixture *fixture, const char *name);

/* Removes an absolute path by nook_tree_remove(). */
bool fixture_remove(const char *path, GError **error);

/* Writes TOP/NAME, parents included, with a mode. */
void fixture_write(const Fixture *fixture, const char *name, const char *text, unsigned mode);
