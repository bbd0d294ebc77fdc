/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Starts a worker program (nook-fetch, nook-unpack) behind walls and listens to it. Each worker has
 * mount, PID and IPC namespaces of its own, and a network namespace of its own unless it needs the
 * network; a root that holds libraries (for HTTP also certificates and what names are resolved by),
 * read-only, and the one directory it may write; an unprivileged user without capabilities and
 * without new privileges; limits. It dies with the process that started it. The program adds
 * Landlock and a system call filter itself (worker/harden.h). Not root: a user namespace is added,
 * and the worker's user is the caller's. If a wall cannot be built, nothing is started. */

#include <glib.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "worker/wire.h"

typedef struct {
        const char *program; /* absolute path */
        uid_t uid;           /* the worker's user; ignored when we are not root */
        gid_t gid;
        GVariant *orders;      /* consumed if floating */
        int input_fd;          /* borrowed; -1: none */
        int output_fd;         /* borrowed; -1: none, or `directory` is the output */
        const char *directory; /* absolute path of a directory that it may write, or NULL */
        bool with_network;
        bool with_certificates;  /* and what is needed to resolve names */
        const char *mount_point; /* any directory: the root is put together there, in the worker's
                                    own mount namespace */
        uint64_t max_file_bytes; /* 0: no limit */
} NookWorkerSpec;

typedef struct NookWorker NookWorker;

/* Starts it. Errors: UNSUPPORTED when the kernel or a container refuses a namespace. What fails
 * later inside is an answer of the worker. */
NookWorker *nook_worker_start(const NookWorkerSpec *spec, GError **error);

/* Kills it if it lives, reaps it, frees. NULL is fine. */
void nook_worker_free(NookWorker *worker);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(NookWorker, nook_worker_free)

/* Called for each answer; text in it is the caller's to keep for the time of the call only. */
typedef void (*NookWorkerAnswerFunc)(const NookAnswer *answer, void *user);

enum { NOOK_WORKER_FDS = 3 };

/* Fills in what to poll for: at most NOOK_WORKER_FDS entries. */
guint nook_worker_poll_fds(const NookWorker *worker, struct pollfd *ret_fds);

/* Reads whatever is there, without waiting. True once the worker has ended and everything that it
 * said has been heard. */
bool nook_worker_listen(NookWorker *worker, NookWorkerAnswerFunc answer, void *user);

/* After the end: whether it left with exit status 0. */
bool nook_worker_succeeded(const NookWorker *worker);

/* After the end, without an answer that explains it: "was killed by signal 11 (Segmentation
 * fault)", with what it wrote to its standard error. Caller's. */
char *nook_worker_describe_end(const NookWorker *worker);
