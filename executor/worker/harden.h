/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* The walls that a worker builds around itself as its first act, once its libraries are loaded and
 * before it reads a hostile byte. Nook has built the others before it started the program:
 * namespaces, a root of its own, an unprivileged uid, limits (see executor/worker.h). */

#include <glib.h>
#include <stdbool.h>

typedef enum {
        NOOK_WORKER_FETCH,  /* reads files, uses the network */
        NOOK_WORKER_UNPACK, /* writes below one directory, and nothing else */
} NookWorkerKind;

/* Restricts this process for good: Landlock where the kernel has it, then a system call filter.
 *   directory_fd  NOOK_WORKER_UNPACK: where it may write; -1 for nowhere
 * Errors: UNSUPPORTED when the filter cannot be set. Source: landlock(7), seccomp(2). */
bool nook_worker_harden(NookWorkerKind kind, int directory_fd, GError **error);
