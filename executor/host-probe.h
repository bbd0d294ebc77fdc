/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Fills in what the pure half must know of this machine. What cannot change while the manager
 * runs (its version and features, what the kernel lets it build) is asked once and kept in
 * RUN/manager, under the identity of PID 1's program: a start then asks nothing. What costs much
 * and is seldom wanted (processor, addresses, storage) is only looked at when asked for. */

#include <glib.h>
#include <stdbool.h>

#include "bus.h"
#include "job/config.h"
#include "job/host.h"

typedef struct {
        const char *run_dir; /* where the answers are kept; NULL: they are asked anew */
        bool is_user;        /* a user's manager */
        bool wants_all;      /* every attr.*, the number of mounts */
} NookProbeOptions;

/* Makes the host value.
 *   bus     to ask the manager when no answer is kept; NULL: a manager is not asked, and
 *           manager_version is 0 unless an answer is kept
 *   config  for what it says of the node; NULL: nothing
 * Errors: BUS when the manager does not answer. */
NookHost *nook_host_probe(NookBus *bus, const NookConfig *config, NookProbeOptions options,
                          GError **error);

/* Looks one path up and adds it. */
void nook_host_probe_path(NookHost *host, const char *path);

/* Looks one user up (passwd database with all its services) and adds it, or that it is missing. */
void nook_host_probe_user(NookHost *host, const char *name);

/* Every attr.* of this machine, under Nomad's names: for constraints and `nook doctor`. */
void nook_host_probe_attributes(NookHost *host);
