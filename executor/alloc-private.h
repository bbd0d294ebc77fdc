/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What alloc.c (one allocation) and alloc-list.c (all of them) share: nobody else includes this. */

#include "alloc.h"
#include "base/fd.h"

#define NOOK_ALLOC_COMMIT ".committed"
#define NOOK_ALLOC_RECORD ".job.json"
/* An allocation on its way out is renamed to this and its id: from then on it does not exist. */
#define NOOK_ALLOC_DEAD ".dead-"

/* The second home of allocations: RUN/alloc, in memory. */
static inline NookDirs nook_alloc_in_memory(const NookDirs *dirs) {
        return (NookDirs){.state = dirs->run, .run = dirs->run, .cache = dirs->cache};
}

/* Opens STATE/alloc. Without make and without the directory: true and *ret_fd is -1. */
bool nook_alloc_open_all(const NookDirs *dirs, bool make, int *ret_fd, GError **error);

/* Takes the gate: while it is held, allocations neither appear nor disappear. Held for the few
 * system calls that make or unmake a name. Released by closing *ret_fd. */
bool nook_alloc_take_gate(int all_fd, int *ret_fd, GError **error);

/* Whether a name can be an allocation's id: letters, digits and dashes. */
bool nook_alloc_id_is_valid(const char *id);

/* Tries to lock an allocation's directory.
 *   ret_fd  holds the lock; -1 when another process has it */
bool nook_alloc_try_lock(int fd, int *ret_fd, GError **error);

/* Removes what a dead allocation has left, all places, under STATE last: while its directory is
 * there, a later sweep knows what else to look for. */
bool nook_alloc_remove_dead(const NookDirs *dirs, int all_fd, const char *id, GError **error);
