/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tree.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <linux/fs.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/fd.h"
#include "beneath.h"

enum {
        DEPTH_MAX = 32,    /* directories open at once */
        PASSES_MAX = 1000, /* readings of one directory that somebody may be filling meanwhile */
};

typedef struct {
        int top_fd;       /* the tree's own top: too deep directories are moved there */
        unsigned counter; /* of moved directories, for their names */
        const char *path; /* the tree, for messages */
        GError *error;    /* the first one */
} Removal;

G_DEFINE_AUTOPTR_CLEANUP_FUNC(DIR, closedir)

static void remember(Removal *removal, int errnum, const char *name) {
        g_autofree char *shown = NULL;

        if (removal->error != NULL)
                return;
        shown = nook_printable(name, -1);
        if (errnum == EXDEV || errnum == EBUSY)
                (void)nook_fail(&removal->error, NOOK_ERROR_PATH,
                                "remove '%s': '%s' in it is a mount point", removal->path, shown);
        else
                (void)nook_fail_errno(&removal->error, errnum, "remove '%s': '%s' in it",
                                      removal->path, shown);
}

/* Takes away the flags that forbid removal. Only root could set them, so this is for tasks that
 * were root. Source: ioctl_iflags(2). */
static bool clear_flags(int fd) {
        int flags;

        if (ioctl(fd, FS_IOC_GETFLAGS, &flags) < 0 ||
            (flags & (FS_IMMUTABLE_FL | FS_APPEND_FL)) == 0)
                return false;
        flags &= ~(FS_IMMUTABLE_FL | FS_APPEND_FL);
        return ioctl(fd, FS_IOC_SETFLAGS, &flags) == 0;
}

/* The same for a name, and for the directory it stands in. */
static bool clear_flags_at(int dir_fd, const char *name) {
        g_auto(NookFd) fd = -1;
        struct stat st;
        bool cleared = clear_flags(dir_fd);

        if (fstatat(dir_fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0 ||
            (!S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode)))
                return cleared;
        fd = nook_beneath_open(dir_fd, name, O_RDONLY | O_NONBLOCK, 0, NOOK_BENEATH_STRICT);
        return (fd >= 0 && clear_flags(fd)) || cleared;
}

/* Opens a directory to be emptied. Without privileges its mode may lock even its owner out. */
static int open_directory(int dir_fd, const char *name) {
        g_auto(NookFd) path_fd = -1;
        g_autofree char *proc = NULL;
        int fd = nook_beneath_open(dir_fd, name, O_RDONLY | O_DIRECTORY, 0, NOOK_BENEATH_STRICT);

        if (fd >= 0) {
                if (geteuid() != 0)
                        (void)fchmod(fd, 0700);
                return fd;
        }
        if (errno != EACCES)
                return -1;
        path_fd = nook_beneath_open(dir_fd, name, O_PATH | O_DIRECTORY, 0, NOOK_BENEATH_STRICT);
        if (path_fd < 0)
                return -1;
        proc = g_strdup_printf("/proc/self/fd/%d", path_fd);
        if (chmod(proc, 0700) < 0)
                return -1;
        return nook_beneath_open(dir_fd, name, O_RDONLY | O_DIRECTORY, 0, NOOK_BENEATH_STRICT);
}

static bool unlink_at(int dir_fd, const char *name, int flags) {
        if (unlinkat(dir_fd, name, flags) == 0 || errno == ENOENT)
                return true;
        if ((errno == EPERM || errno == EACCES) && clear_flags_at(dir_fd, name))
                return unlinkat(dir_fd, name, flags) == 0 || errno == ENOENT;
        return false;
}

static void empty_directory(Removal *removal, int fd, unsigned depth);

/* Moves a directory to the tree's top, under a name that nobody else has taken. */
static bool move_to_top(Removal *removal, int dir_fd, const char *name) {
        for (unsigned tries = 0; tries < 100000; tries++) {
                g_autofree char *moved = g_strdup_printf(".nook-deep-%u", removal->counter++);

                if (renameat2(dir_fd, name, removal->top_fd, moved, RENAME_NOREPLACE) == 0)
                        return true;
                if (errno != EEXIST)
                        return false;
        }
        return false;
}

static bool remove_directory(Removal *removal, int dir_fd, const char *name, unsigned depth) {
        g_auto(NookFd) fd = -1;

        if (unlinkat(dir_fd, name, AT_REMOVEDIR) == 0 || errno == ENOENT)
                return true;
        if (errno == EBUSY)
                return false;
        fd = open_directory(dir_fd, name);
        if (fd < 0)
                return errno == ENOENT;
        if (depth >= DEPTH_MAX && move_to_top(removal, dir_fd, name))
                return true;
        if (depth >= DEPTH_MAX && clear_flags_at(dir_fd, name))
                return move_to_top(removal, dir_fd, name);
        if (depth >= DEPTH_MAX)
                return false;
        empty_directory(removal, fd, depth + 1);
        return unlink_at(dir_fd, name, AT_REMOVEDIR);
}

static bool remove_entry(Removal *removal, int dir_fd, const char *name, unsigned depth) {
        struct stat st;

        if (fstatat(dir_fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
                return errno == ENOENT;
        if (S_ISDIR(st.st_mode))
                return remove_directory(removal, dir_fd, name, depth);
        return unlink_at(dir_fd, name, 0);
}

/* One reading of a directory. Returns whether it found anything that it could remove. */
static bool empty_once(Removal *removal, int fd, unsigned depth, bool *ret_is_empty) {
        g_autoptr(DIR) dir = NULL;
        int own_fd = nook_beneath_open(fd, ".", O_RDONLY | O_DIRECTORY, 0, NOOK_BENEATH_STRICT);
        bool progress = false;
        struct dirent *entry;

        *ret_is_empty = true;
        dir = own_fd >= 0 ? fdopendir(own_fd) : NULL;
        if (dir == NULL) {
                remember(removal, errno, ".");
                nook_fd_close(own_fd);
                return false;
        }
        while ((entry = readdir(dir)) != NULL) {
                if (g_str_equal(entry->d_name, ".") || g_str_equal(entry->d_name, ".."))
                        continue;
                *ret_is_empty = false;
                if (remove_entry(removal, fd, entry->d_name, depth))
                        progress = true;
                else
                        remember(removal, errno, entry->d_name);
        }
        return progress;
}

/* Reads again until a reading finds nothing: entries may be skipped while others are removed, deep
 * directories arrive at the top, and a task that is still alive may be making new ones. */
static void empty_directory(Removal *removal, int fd, unsigned depth) {
        bool is_empty = false;

        for (unsigned pass = 0; pass < PASSES_MAX && !is_empty; pass++) {
                if (!empty_once(removal, fd, depth, &is_empty))
                        return;
        }
}

bool nook_tree_remove(int dir_fd, const char *name, const char *path, GError **error) {
        Removal removal = {.path = path};
        g_auto(NookFd) fd = -1;
        struct stat st;

        if (fstatat(dir_fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
                return errno == ENOENT || nook_fail_errno(error, errno, "remove '%s'", path);
        if (!S_ISDIR(st.st_mode))
                return unlink_at(dir_fd, name, 0) ||
                       nook_fail_errno(error, errno, "remove '%s'", path);

        fd = open_directory(dir_fd, name);
        if (fd < 0 && errno == ENOENT)
                return true;
        if (fd < 0 && errno == EXDEV)
                return nook_fail(error, NOOK_ERROR_PATH, "remove '%s': it is a mount point", path);
        if (fd < 0)
                return nook_fail_errno(error, errno, "remove '%s'", path);
        removal.top_fd = fd;
        empty_directory(&removal, fd, 0);
        if (unlink_at(dir_fd, name, AT_REMOVEDIR)) {
                /* An error on the way that a later reading has made good is none. */
                g_clear_error(&removal.error);
                return true;
        }
        remember(&removal, errno, ".");
        g_propagate_error(error, g_steal_pointer(&removal.error));
        return false;
}
