/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Users of allocations that no manager allocates: scopes, --direct, and the fast form on systemd
 * 252, whose way to say "run this as root, but have a dynamic user" is lost at daemon-reload. The
 * ids come from a range that neither systemd (61184 to 65519) nor Debian's subordinate ids (from
 * 100000) use. Who has which is a directory of files, RUN/uid/NUMBER, each naming its allocation;
 * so it is gone after a boot, and what belongs to no allocation any more is taken over.
 * Source: systemd's UIDS-GIDS, useradd(8). */

#include <glib.h>
#include <stdbool.h>
#include <sys/types.h>

#define NOOK_UID_FIRST 70000
#define NOOK_UID_LAST  99999

/* The id of an allocation; taken if it has none yet.
 *   uid_dir    RUN/uid, made if it is not there (0700)
 *   alloc_dir  STATE/alloc: an id whose allocation is not in it is free
 *   alloc_id   UUID
 * Errors: LIMIT when all are taken; ACCESS, IO. */
bool nook_user_ids_take(const char *uid_dir, const char *alloc_dir, const char *alloc_id,
                        uid_t *ret_uid, GError **error);

/* Gives the id of an allocation back, if it has one. No error: the next who needs one finds it. */
void nook_user_ids_give_back(const char *uid_dir, const char *alloc_id);
