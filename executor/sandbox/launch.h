/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Starts nook-sandbox as a child with a plan. Nothing of ours runs between fork and exec: the C
 * library's posix_spawn() does that part, and the child has no memory, no environment and no
 * descriptor of this process but those that are handed over. */

#include <glib.h>
#include <stdbool.h>
#include <sys/resource.h>
#include <sys/types.h>

#include "base/fd.h"

typedef struct {
        pid_t pid;
        NookFd pidfd;
        NookFd control_fd; /* the launcher's end; closed by nook_launch_finish() */
} NookLaunch;

#define NOOK_LAUNCH_NONE ((NookLaunch){-1, -1, -1})

/* Frees what is left of a launch. A child that was not let go is killed and reaped. */
void nook_launch_clear(NookLaunch *launch);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(NookLaunch, nook_launch_clear)

/* Starts the child.
 *   program      path of nook-sandbox
 *   plan         bytes of nook_sandbox_to_bytes()
 *   streams      standard input, output, error of the child; borrowed
 *   environment  NAME=VALUE..., NULL at the end, for a plan that keeps it; NULL: none */
bool nook_launch_start(const char *program, GBytes *plan, const int streams[3],
                       char *const *environment, NookLaunch *ret_launch, GError **error);

/* Waits until the child has built what it can and waits for our word (NOOK_OP_WAIT).
 * Errors: as nook_launch_finish(). */
bool nook_launch_await_ready(NookLaunch *launch, GError **error);

/* Gives the word, where the plan waits for one. */
bool nook_launch_go(NookLaunch *launch, GError **error);

/* Waits until the child has become the task. On an error it has ended and is reaped.
 * Errors: COMMAND_NOT_FOUND, COMMAND_NOT_EXECUTABLE for its program; ACCESS with what would grant
 * it, UNSUPPORTED, FAILED for a wall that could not be built. */
bool nook_launch_finish(NookLaunch *launch, GError **error);

/* The limits that a service has from a manager of default configuration, as far as this process
 * may set them: those of whoever typed a command are not the task's. */
void nook_launch_limits(struct rlimit limits[RLIM_NLIMITS]);

/* Makes RUN/cover/{dir,file}, what hidden places are covered with. */
bool nook_launch_make_covers(const char *cover_dir, GError **error);
