/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What the boot generator knows of the host: files, and nothing else. No daemon runs yet, and a
 * generator may talk to none, so users come from /etc/passwd and /etc/group alone.
 * Source: systemd.generator(7), "Notes about writing generators". */

#include "job/host.h"

/* root: "" for the host itself; a directory in tests, below which everything is looked up. Borrowed
 * for the life of the host value. */
NookHost *nook_files_host_new(const char *root);
