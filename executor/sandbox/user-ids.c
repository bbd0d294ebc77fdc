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

enum { N_UIDS = NOOK_UID_LAST - NOOK_UID_FIRST + 1, LOOK_AT_MOST = 64 };

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

/* Whether somebody has an id still: a nook that lives holds its file locked, a task that lives
 * without one has its allocation. */
static bool is_owned(const NookUserIds *ids, int dir, const char *name, const char *owner) {
        g_autofree char *path = g_build_filename(ids->alloc_dir, owner, NULL);
        g_autofree char *brief = g_build_filename(ids->brief_dir, owner, NULL);
        g_auto(NookFd) fd = openat(dir, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);

        return (*owner && (access(path, F_OK) == 0 || access(brief, F_OK) == 0)) ||
               (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) < 0);
}

static char *mark_path(const NookUserIds *ids, uid_t uid) {
        return g_strdup_printf("%s/nook-uid-%u", ids->mark_dir, uid);
}

/* Whether the id owns the file that keeps the manager from it. */
static bool is_marked(const NookUserIds *ids, uid_t uid) {
        g_autofree char *path = mark_path(ids, uid);
        struct stat what;

        return lstat(path, &what) == 0 && (what.st_uid == uid || geteuid() != 0);
}

/* Everybody may put something into the directory of marks. What has a mark's name makes room: a
 * directory, which may not be empty, by another name. */
static void make_room(const char *path) {
        g_autofree char *word = g_uuid_string_random();
        g_autofree char *aside = g_strconcat(path, "-not-", word, NULL);

        if (unlink(path) < 0 && errno != ENOENT)
                (void)rename(path, aside);
}

/* Gives the id its mark. */
static bool mark(const NookUserIds *ids, uid_t uid) {
        g_autofree char *path = mark_path(ids, uid);

        make_room(path);

        g_auto(NookFd) fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0000);
        if (fd < 0)
                return false;
        /* Without rights there is no manager who could be kept from anything. */
        return fchown(fd, uid, (gid_t)uid) == 0 || geteuid() != 0;
}

/* Takes the manager's lock on an id while the mark is made: 1 got it (or there is no manager), 0 it
 * is in use. */
static int lock(const NookUserIds *ids, uid_t uid, NookFd *ret_fd) {
        g_autofree char *path = g_strdup_printf("%s/%u", ids->lock_dir, uid);

        *ret_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY, 0600);
        if (*ret_fd < 0)
                return 1;
        return flock(*ret_fd, LOCK_EX | LOCK_NB) == 0;
}

static void unlock(const NookUserIds *ids, uid_t uid, NookFd fd) {
        g_autofree char *path = g_strdup_printf("%s/%u", ids->lock_dir, uid);

        if (fd < 0)
                return;
        (void)unlink(path);
        nook_fd_close(fd);
}

static bool write_owner(int dir, const char *name, const char *alloc_id, int *ret_lock_fd) {
        size_t size = strlen(alloc_id);
        g_auto(NookFd) fd =
                openat(dir, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);

        if (fd < 0 || flock(fd, LOCK_EX | LOCK_NB) < 0 ||
            write(fd, alloc_id, size) != (ssize_t)size)
                return false;
        *ret_lock_fd = nook_fd_steal(&fd);
        return true;
}

/* One id: 1 taken, 0 somebody else's, -1 with errno. */
static int try_id(const NookUserIds *ids, int dir, const char *alloc_id, uid_t uid,
                  int *ret_lock_fd) {
        g_autofree char *name = g_strdup_printf("%u", uid);
        g_autofree char *owner = read_owner(dir, name);
        NookFd held = -1;
        int r;

        if (owner && strcmp(owner, alloc_id) == 0 && is_marked(ids, uid))
                return 1;
        if (owner && strcmp(owner, alloc_id) != 0 && is_owned(ids, dir, name, owner))
                return 0;
        if (!lock(ids, uid, &held)) {
                nook_fd_close(held);
                return 0;
        }
        r = mark(ids, uid) && write_owner(dir, name, alloc_id, ret_lock_fd) ? 1 : -1;

        int errnum = errno;
        unlock(ids, uid, held);
        errno = errnum;
        /* Who is as quick as that keeps us from this one. */
        return r < 0 && errnum == EEXIST ? 0 : r;
}

bool nook_user_ids_take(const NookUserIds *ids, const char *alloc_id, uid_t *ret_uid,
                        int *ret_lock_fd, GError **error) {
        *ret_lock_fd = -1;
        if (g_mkdir_with_parents(ids->uid_dir, 0700) < 0)
                return nook_fail_errno(error, errno, "make '%s'", ids->uid_dir);

        /* Held while one is looked for, so that an id is not taken over twice. */
        g_auto(NookFd) dir = open(ids->uid_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
        if (dir < 0 || flock(dir, LOCK_EX) < 0)
                return nook_fail_errno(error, errno, "open '%s'", ids->uid_dir);

        for (guint i = 0, start = first_try(alloc_id); i < N_UIDS; i++) {
                uid_t uid = NOOK_UID_FIRST + (start + i) % N_UIDS;
                int r = try_id(ids, dir, alloc_id, uid, ret_lock_fd);

                if (r < 0)
                        return nook_fail_errno(error, errno, "take user id %u in '%s'", uid,
                                               ids->uid_dir);
                if (r > 0) {
                        *ret_uid = uid;
                        return true;
                }
        }
        return nook_fail(error, NOOK_ERROR_LIMIT, "all user ids from %d to %d are in use",
                         NOOK_UID_FIRST, NOOK_UID_LAST);
}

void nook_user_ids_sweep(const NookUserIds *ids) {
        g_auto(NookFd) fd = open(ids->uid_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
        g_autoptr(GDir) dir = NULL;
        const char *name;

        if (fd < 0 || flock(fd, LOCK_EX) < 0)
                return;
        dir = g_dir_open(ids->uid_dir, 0, NULL);
        while (dir != NULL && (name = g_dir_read_name(dir)) != NULL) {
                g_autofree char *owner = read_owner(fd, name);
                guint64 uid;

                if (owner == NULL || is_owned(ids, fd, name, owner) ||
                    !g_ascii_string_to_unsigned(name, 10, NOOK_UID_FIRST, NOOK_UID_LAST, &uid,
                                                NULL))
                        continue;

                g_autofree char *path = mark_path(ids, (uid_t)uid);
                (void)unlinkat(fd, name, 0);
                (void)unlink(path);
        }
}

/* It is near where the search began: what was passed over then were numbers in use. */
void nook_user_ids_give_back(const NookUserIds *ids, const char *alloc_id) {
        g_auto(NookFd) dir = open(ids->uid_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);

        if (dir < 0 || flock(dir, LOCK_EX) < 0)
                return;
        for (guint i = 0, start = first_try(alloc_id); i < LOOK_AT_MOST; i++) {
                uid_t uid = NOOK_UID_FIRST + (start + i) % N_UIDS;
                g_autofree char *name = g_strdup_printf("%u", uid);
                g_autofree char *owner = read_owner(dir, name);
                g_autofree char *path = mark_path(ids, uid);

                if (owner && strcmp(owner, alloc_id) == 0) {
                        (void)unlinkat(dir, name, 0);
                        (void)unlink(path);
                        return;
                }
        }
}
