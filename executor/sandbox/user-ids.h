/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Users of allocations that no manager allocates: scopes, --direct, and the fast form on systemd
 * 252, whose way to say "run this as root, but have a dynamic user" is lost at daemon-reload. The
 * ids come from the manager's own range of dynamic users, because the journal keeps what such users
 * write with the system's and opens a file for each other one. Who has which is a directory of
 * files, RUN/uid/NUMBER, each naming its allocation: it is gone after a boot, and what belongs to
 * no allocation any more is taken over. The manager takes no id that it has locked, and none that
 * owns something in shared memory: so each id that is taken here owns an empty file there.
 * Source: systemd's UIDS-GIDS, and src/core/dynamic-user.c for what it looks at. */

#include <glib.h>
#include <stdbool.h>
#include <sys/types.h>

#define NOOK_UID_FIRST 61184
#define NOOK_UID_LAST  65519

typedef struct {
        const char *uid_dir;   /* RUN/uid; made if it is not there (0700) */
        const char *alloc_dir; /* STATE/alloc: an id whose allocation is in neither is free */
        const char *brief_dir; /* RUN/alloc */
        const char *lock_dir;  /* NOOK_UID_LOCKS; need not be there */
        const char *mark_dir;  /* NOOK_UID_MARKS */
} NookUserIds;

#define NOOK_UID_LOCKS "/run/systemd/dynamic-uid"
#define NOOK_UID_MARKS "/dev/shm"

/* The id of an allocation (a UUID); taken if it has none yet.
 *   ret_lock_fd  to be kept open while this process needs the id, for one whose allocation is not
 *                on disk; -1 when the allocation had the id already
 * Errors: LIMIT when all are taken; ACCESS, IO. */
bool nook_user_ids_take(const NookUserIds *ids, const char *alloc_id, uid_t *ret_uid,
                        int *ret_lock_fd, GError **error);

/* Gives the id of an allocation back, if it has one. No error: the next who needs one finds it. */
void nook_user_ids_give_back(const NookUserIds *ids, const char *alloc_id);

/* Gives back all that nobody has any more, because their nook was killed. No error, as above. */
void nook_user_ids_sweep(const NookUserIds *ids);
