/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Paths in a task's future root. That root exists only as a list of mounts over a skeleton, so a
 * path is walked over the list: for each component the deepest mount that covers it is taken, the
 * component is opened below the mount's source without following links, and a link's text is
 * walked from the start again in the virtual root. So a link resolves where the task will resolve
 * it, never on the host. Limits: what the manager mounts itself (/proc, /dev, a tmpfs) is an empty
 * directory here. */

#include <glib.h>
#include <stdbool.h>
#include <sys/stat.h>
#include <sys/types.h>

#include "base/fd.h"
#include "unit/plan.h"

/* The virtual root. */
typedef struct NookRoot NookRoot;

NookRoot *nook_root_new(void);
void nook_root_free(NookRoot *root);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(NookRoot, nook_root_free)

/* Adds a mount; a later one covers an earlier one at the same place.
 *   destination  absolute, clean path in the root
 *   source       path on the host, links in it are followed as a bind does; NULL for a directory
 *                that is empty as far as is known (a tmpfs, a directory not made yet)
 *   no_exec      nothing in it can be executed
 * Errors: PATH when destination is not absolute or has ".."; NOT_FOUND when there is no source. */
bool nook_root_add_mount(NookRoot *root, const char *destination, const char *source, bool no_exec,
                         GError **error);

/* Adds a link of the skeleton, "/bin" -> "usr/bin". Directories of the skeleton that are mount
 * points or above one need no mention. */
bool nook_root_add_link(NookRoot *root, const char *path, const char *target, GError **error);

/* The root of a plan's task. Sources are checked here: one that is missing is an error unless the
 * mount is optional or is one of the allocation's own, which need not be made yet.
 * Errors: as nook_root_add_mount(), with the place in the job file where there is one. */
NookRoot *nook_root_new_for_task(const NookPlanTask *task, GError **error);

/* Where a path leads. */
typedef struct {
        char *path;          /* in the root, without links */
        NookFd fd;           /* O_PATH; -1 for a directory that is no one's source */
        struct stat stat;    /* of fd; only st_mode is set when fd is -1 */
        bool no_exec;        /* on a mount where nothing can be executed */
        GArray *directories; /* of NookFd (O_PATH): what was walked through, for access checks */
} NookResolved;

void nook_resolved_clear(NookResolved *resolved);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(NookResolved, nook_resolved_clear)

/* Walks a path; links are followed, at most 40.
 * Errors: NOT_FOUND with the component that is missing (and, when the host has it, the chroot_env
 * entry that would bring it); PATH for too many links or a component that is no directory. */
bool nook_root_resolve(const NookRoot *root, const char *path, NookResolved *ret, GError **error);

/* The ids under which a task will run. */
typedef struct {
        bool is_dynamic; /* an id that owns nothing is used in the question */
        uid_t uid;
        gid_t gid;
        const gid_t *groups; /* supplementary */
        guint n_groups;
} NookRunAs;

/* Finds a task's command and checks that it can be started: a regular file, every directory to it
 * searchable and the file executable for the task's user (asked of the kernel with those ids, so
 * that access lists count), not on a noexec mount, its script interpreters and its ELF loader there
 * and executable too. Nothing is changed to make it so. One thread only: it borrows the ids.
 *   command     as the job wrote it, for messages
 *   candidates  absolute paths in the root, in order of preference, NULL at the end; the first
 *               that is a regular file is taken
 *   ret_path    the candidate taken, as given (argv[0]); caller's
 * Errors: COMMAND_NOT_FOUND, COMMAND_NOT_EXECUTABLE, PATH. */
bool nook_root_find_command(const NookRoot *root, const char *command,
                            const char *const *candidates, const NookRunAs *run_as, char **ret_path,
                            GError **error);

/* The same for a plan's task; a raw_exec task's command is looked for on the host. Call it before
 * staging and, when the task has artifacts, again after it: before, COMMAND_NOT_FOUND may only mean
 * that an artifact will bring it.
 *   ret_path  for nook_plan_task_set_command(); caller's */
bool nook_path_check_command(const NookPlanTask *task, char **ret_path, GError **error);

/* Whether a path can be a place in a root: absolute, no "..", ".", empty component or NUL, at most
 * 4095 bytes. Reason is a static text when it cannot. */
bool nook_path_is_clean(const char *path, const char **ret_reason);
