/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What happens in a worker's process between its birth and its program: see worker.h. Private to
 * worker.c; a file of its own because it runs on the other side of the wall. */

#include "worker.h"

/* Descriptors of the new process, as numbered in the parent. */
typedef struct {
        int program_fd;
        int go_fd; /* readable when the parent has done its part; ends when the parent has died */
        int go_write_fd; /* the parent's end: closed at once, or its death would go unnoticed */
        int orders_fd;
        int answers_fd; /* becomes NOOK_WIRE_ANSWERS: changed here when it has */
        int errors_fd;  /* becomes standard error */
} NookConfineFds;

/* Builds the walls and becomes the program. Returns only on failure, with an error. */
void nook_worker_confine(const NookWorkerSpec *spec, NookConfineFds *fds, bool is_root,
                         GError **error);
