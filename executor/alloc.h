/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Allocation directories: where the tasks of one instance of a group keep their files.
 *
 *     STATE/alloc/ALLOC_ID/              0700 nook's own user: nobody else walks in; locked (flock)
 *                                        while a nook process works on it
 *         .job.json                      the evaluated job, 0600
 *         .committed                     written last; without it the allocation is half made; has
 * the record's checksum and a note .stage/                        where workers put artifacts;
 * bound into no task alloc/{data,logs,tmp}          shared by the group: /alloc TASK/{local,tmp}
 * /local and /tmp of a task RUN/secrets/ALLOC_ID/TASK          /secrets, on a tmpfs
 *     RUN/env/ALLOC_ID.TASK              the task's environment, 0600, read by the manager
 *     RUN/link/ALLOC_ID.TASK/            clean names of bind sources with odd ones
 *
 * A command that keeps no files has its allocation in RUN/alloc instead, where making and removing
 * it waits for no disk: it is made with RUN for STATE. Everything that takes an id, lists, sweeps
 * or collects looks in both.
 *
 * What the task may write is at the leaves; everything that root trusts lies above them. Trees that
 * a task has written are hostile: they are walked by descriptors only, links are never followed and
 * mounts never entered. Any nook process may die at any moment: an allocation without a commit mark
 * whose lock is free is removed by nook_alloc_sweep(). Limits: one host, one file system per STATE.
 */

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "unit/plan.h"

/* The three directories nook works in; absolute, without a slash at the end. */
typedef struct {
        const char *state; /* "/var/lib/nook" */
        const char *run;   /* "/run/nook", on a tmpfs */
        const char *cache; /* "/var/cache/nook" */
} NookDirs;

/* An allocation that this process works on; holds its lock. */
typedef struct NookAlloc NookAlloc;

/* Makes the directory of a new allocation and locks it. The directories of NookDirs are made when
 * they are missing (0700; RUN 0755).
 *   id  a UUID; it becomes a file name
 * Errors: EXISTS when the id is taken; PATH; ACCESS, SPACE, IO. Nothing is left on failure. */
NookAlloc *nook_alloc_create(const NookDirs *dirs, const char *id, GError **error);

/* Opens and locks an existing, committed allocation, for a restart or a removal.
 * Errors: NOT_FOUND; EXISTS when another process works on it. */
NookAlloc *nook_alloc_open(const NookDirs *dirs, const char *id, GError **error);

/* Releases the lock and the memory; leaves the files as they are. NULL is fine. */
void nook_alloc_free(NookAlloc *alloc);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(NookAlloc, nook_alloc_free)

const char *nook_alloc_id(const NookAlloc *alloc);
const char *nook_alloc_path(const NookAlloc *alloc); /* STATE/alloc/ALLOC_ID */
int nook_alloc_fd(const NookAlloc *alloc);           /* that directory; borrowed */

/* Makes one of the allocation's directories; call it for parents first.
 *   path      absolute; below the allocation's own directory, or below RUN/secrets/ALLOC_ID
 *   uid, gid  its owner; (uid_t)-1: nook's own user
 * Errors: PATH elsewhere or for a name that nook uses itself; EXISTS; UNSUPPORTED when RUN is not
 * on a tmpfs: secrets never reach a disk. */
bool nook_alloc_add_directory(NookAlloc *alloc, const char *path, mode_t mode, uid_t uid, gid_t gid,
                              GError **error);

/* Makes a link below RUN/link/ALLOC_ID.TASK: a clean name for a bind source that has an odd one. */
bool nook_alloc_add_link(NookAlloc *alloc, const char *path, const char *target, GError **error);

/* Writes the environment file of a task, RUN/env/ALLOC_ID.TASK: 0600, by a rename. */
bool nook_alloc_write_env(NookAlloc *alloc, const char *path, const char *text, GError **error);

/* Everything above for a plan: the allocation's and its tasks' directories, links and environment
 * files. */
bool nook_alloc_make(NookAlloc *alloc, const NookPlanAlloc *plan, GError **error);

/* The evaluated job. Written 0600, before the commit; read by status, ps -a and restart. A reader
 * needs no lock. */
bool nook_alloc_write_record(NookAlloc *alloc, const char *text, size_t size, GError **error);
bool nook_alloc_read_record(const NookDirs *dirs, const char *id, char **ret_text, size_t *ret_size,
                            GError **error);

/* Writes any further small file of nook's own beside the record (name begins with a dot, e.g.
 * ".status.json"), by a rename; and reads it (NOT_FOUND when there is none). */
bool nook_alloc_write_file(NookAlloc *alloc, const char *name, const char *text, size_t size,
                           GError **error);
bool nook_alloc_read_file(const NookDirs *dirs, const char *id, const char *name, char **ret_text,
                          size_t *ret_size, GError **error);

/* Marks the allocation as complete, after what was written before has reached the disk. The lock
 * stays until nook_alloc_free().
 *   note  text that is kept in the same file, an inode less for each task; NULL: none */
bool nook_alloc_commit(NookAlloc *alloc, const char *note, GError **error);

/* The note of a committed allocation; the caller's. Errors: those of nook_alloc_read_file(). */
bool nook_alloc_read_note(const NookDirs *dirs, const char *id, char **ret_note, GError **error);

/* Removes the allocation with its secrets and environment files, and frees alloc, also on failure.
 * Errors: IO or ACCESS with the name that could not be removed; the allocation is then out of
 * sight and nook_alloc_sweep() tries again. */
bool nook_alloc_remove(NookAlloc *alloc, GError **error);

typedef struct {
        char *id;
        bool is_committed;
        bool is_locked;        /* a nook process works on it */
        uint64_t created_usec; /* CLOCK_REALTIME, from the commit mark */
} NookAllocInfo;

void nook_alloc_info_free(NookAllocInfo *info);

/* All allocations, oldest first: array of NookAllocInfo. Empty without STATE and RUN. */
GPtrArray *nook_alloc_list(const NookDirs *dirs, GError **error);

/* Removes what dead nook processes left half made: allocations without a commit mark whose lock is
 * free, interrupted removals, secrets and environment files of allocations that are no more.
 *   ret_count  number of allocations removed; may be NULL
 * The first failure is reported after everything else has been tried. */
bool nook_alloc_sweep(const NookDirs *dirs, guint *ret_count, GError **error);

/* Removes committed allocations that nothing uses, after a sweep, and bodies of artifacts that have
 * lain in the cache unused for 30 days.
 *   is_used  asked for each unlocked one; true keeps it
 * Same rules for errors as nook_alloc_sweep(). */
typedef bool (*NookAllocIsUsed)(const char *id, void *user);
bool nook_alloc_gc(const NookDirs *dirs, NookAllocIsUsed is_used, void *user, guint *ret_count,
                   GError **error);
