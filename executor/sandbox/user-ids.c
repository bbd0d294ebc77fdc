/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "user-ids.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/fd.h"

enum { N_UIDS = NOOK_UID_LAST - NOOK_UID_FIRST + 1 };

/* Where the search for an allocation's id begins: spread, and the same at each call. */
static guint first_try(const char *alloc_id) {
        return g_str_hash(alloc_id) % N_UIDS;
}

static char *read_owner(int dir, const char *name) {
        g_auto(NookFd) fd = openat(dir, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
        char text[64];
        ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof text);

        return n < 0 ? NULL : g_strndup(text, (gsize)n);
}

/* Whether the allocation that has an id is there still. A file that is being written has no owner
 * yet and is somebody's. */
static bool is_owned(const char *alloc_dir, const char *owner) {
        g_autofree char *path = g_build_filename(alloc_dir, owner, NULL);

        return !*owner || access(path, F_OK) == 0;
}

/* One id: 1 taken, 0 somebody else's, -1 with errno. */
static int try_id(int dir, const char *alloc_dir, const char *alloc_id, uid_t uid) {
        g_autofree char *name = g_strdup_printf("%u", uid);
        g_auto(NookFd) fd =
                openat(dir, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);

        if (fd < 0 && errno == EEXIST) {
                g_autofree char *owner = read_owner(dir, name);

                if (owner && strcmp(owner, alloc_id) == 0)
                        return 1;
                if (!owner || is_owned(alloc_dir, owner))
                        return 0;
                if (unlinkat(dir, name, 0) < 0)
                        return -1;
                fd = openat(dir, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
        }
        if (fd < 0)
                return -1;

        size_t size = strlen(alloc_id);
        return write(fd, alloc_id, size) == (ssize_t)size ? 1 : -1;
}

bool nook_user_ids_take(const char *uid_dir, const char *alloc_dir, const char *alloc_id,
                        uid_t *ret_uid, GError **error) {
        if (g_mkdir_with_parents(uid_dir, 0700) < 0)
                return nook_fail_errno(error, errno, "make '%s'", uid_dir);

        /* Held while one is looked for, so that an id is not taken over twice. */
        g_auto(NookFd) dir = open(uid_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
        if (dir < 0 || flock(dir, LOCK_EX) < 0)
                return nook_fail_errno(error, errno, "open '%s'", uid_dir);

        for (guint i = 0, start = first_try(alloc_id); i < N_UIDS; i++) {
                uid_t uid = NOOK_UID_FIRST + (start + i) % N_UIDS;
                int r = try_id(dir, alloc_dir, alloc_id, uid);

                if (r < 0)
                        return nook_fail_errno(error, errno, "take user id %u in '%s'", uid,
                                               uid_dir);
                if (r > 0) {
                        *ret_uid = uid;
                        return true;
                }
        }
        return nook_fail(error, NOOK_ERROR_LIMIT, "all user ids from %d to %d are in use",
                         NOOK_UID_FIRST, NOOK_UID_LAST);
}

/* It is near where the search began; the first number that nobody has ends it. */
void nook_user_ids_give_back(const char *uid_dir, const char *alloc_id) {
        g_auto(NookFd) dir = open(uid_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);

        if (dir < 0)
                return;
        for (guint i = 0, start = first_try(alloc_id); i < N_UIDS; i++) {
                g_autofree char *name =
                        g_strdup_printf("%u", NOOK_UID_FIRST + (start + i) % N_UIDS);
                g_autofree char *owner = read_owner(dir, name);

                if (owner && strcmp(owner, alloc_id) == 0)
                        (void)unlinkat(dir, name, 0);
                if (!owner || strcmp(owner, alloc_id) == 0)
                        return;
        }
}
