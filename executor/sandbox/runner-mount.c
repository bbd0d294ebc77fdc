/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "runner.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Everything inside the root is looked up by descriptor, as if the root were "/" already: links in
 * it, wherever they point, lead to places in it. */
static int open_inside(const NookRunner *runner, const char *path, int flags) {
        struct open_how how = {
                .flags = (uint64_t)(O_PATH | O_CLOEXEC | flags),
                .resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS,
        };

        while (*path == '/')
                path++;
        return (int)syscall(SYS_openat2, runner->root_fd, *path ? path : ".", &how, sizeof how);
}

static void close_keeping_errno(int fd) {
        int errnum = errno;

        (void)close(fd);
        errno = errnum;
}

static int set_attributes(int fd, const NookSandboxOp *op) {
        struct mount_attr attributes = {.attr_set = op->x, .attr_clr = op->y};
        unsigned flags = AT_EMPTY_PATH | (op->flags & NOOK_OP_RECURSIVE ? AT_RECURSIVE : 0);

        if (!op->x && !op->y)
                return 0;
        return mount_setattr(fd, "", flags, &attributes, sizeof attributes);
}

/* Puts a detached tree on a place inside the root. */
static int attach(const NookRunner *runner, int tree_fd, const char *destination) {
        int place = open_inside(runner, destination, 0);

        if (place < 0)
                return -1;

        int r = move_mount(tree_fd, "", place, "",
                           MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH);
        close_keeping_errno(place);
        return r;
}

static int open_clone(int directory_fd, const char *path, unsigned flags) {
        return open_tree(directory_fd, path,
                         OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC |
                                 (flags & NOOK_OP_RECURSIVE ? AT_RECURSIVE : 0) |
                                 (*path ? 0 : AT_EMPTY_PATH));
}

/* The new root is attached over the directory that it shows, in this namespace only, because a
 * tree must be attached before others can be put on it. */
static int do_root(NookRunner *runner, const NookSandboxOp *op) {
        const char *source = nook_sandbox_text(runner->buffer, op->a);
        int tree = open_clone(AT_FDCWD, source, op->flags);

        if (tree < 0)
                return -1;
        if (set_attributes(tree, op) < 0 ||
            move_mount(tree, "", AT_FDCWD, source, MOVE_MOUNT_F_EMPTY_PATH) < 0) {
                close_keeping_errno(tree);
                return -1;
        }
        runner->root_fd = tree;
        return 0;
}

static int do_bind(NookRunner *runner, const NookSandboxOp *op, const char *source) {
        const char *destination = nook_sandbox_text(runner->buffer, op->b);
        int from = AT_FDCWD;

        if (op->flags & NOOK_OP_SOURCE_IN) {
                from = open_inside(runner, source, 0);
                source = "";
                if (from < 0)
                        return -1;
        }

        int tree = open_clone(from, source, op->flags);
        if (from >= 0)
                close_keeping_errno(from);
        if (tree < 0)
                return -1;

        int r = set_attributes(tree, op);
        if (r == 0)
                r = attach(runner, tree, destination);
        close_keeping_errno(tree);
        return r;
}

/* Splits "mode=1777,size=64M" into single settings of a file system that is being configured. */
static int configure(int context, const char *options) {
        char pair[256];

        while (options && *options) {
                size_t size = strcspn(options, ",");
                if (size >= sizeof pair) {
                        errno = E2BIG;
                        return -1;
                }

                memcpy(pair, options, size);
                pair[size] = '\0';
                options += size;
                options += *options == ',';
                if (!size)
                        continue;

                char *value = strchr(pair, '=');
                if (value)
                        *value++ = '\0';
                if (fsconfig(context, value ? FSCONFIG_SET_STRING : FSCONFIG_SET_FLAG, pair, value,
                             0) < 0)
                        return -1;
        }
        return fsconfig(context, FSCONFIG_CMD_CREATE, NULL, NULL, 0);
}

static int do_file_system(NookRunner *runner, const NookSandboxOp *op, const char *type,
                          const char *options) {
        int context = fsopen(type, FSOPEN_CLOEXEC);

        if (context < 0)
                return -1;

        int tree = -1, r = configure(context, options);
        if (r == 0)
                r = tree = fsmount(context, FSMOUNT_CLOEXEC, (unsigned)op->x);
        close_keeping_errno(context);
        if (r < 0)
                return -1;

        r = attach(runner, tree, nook_sandbox_text(runner->buffer, op->b));
        close_keeping_errno(tree);
        return r;
}

/* A mount takes the attributes itself; any other place is put on itself as a mount first. */
static int do_seal(NookRunner *runner, const NookSandboxOp *op) {
        int place = open_inside(runner, nook_sandbox_text(runner->buffer, op->b), 0);
        struct statx what;

        if (place < 0)
                return -1;

        int r = statx(place, "", AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW, 0, &what);
        if (r == 0 && what.stx_attributes & STATX_ATTR_MOUNT_ROOT) {
                r = set_attributes(place, op);
        } else if (r == 0) {
                int tree = r = open_clone(place, "", op->flags);
                if (r >= 0)
                        r = set_attributes(tree, op);
                if (r == 0)
                        r = move_mount(tree, "", place, "",
                                       MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH);
                if (tree >= 0)
                        close_keeping_errno(tree);
        }
        close_keeping_errno(place);
        return r;
}

static int do_hide(NookRunner *runner, const NookSandboxOp *op) {
        const char *covers = nook_sandbox_text(runner->buffer, op->a);
        const char *destination = nook_sandbox_text(runner->buffer, op->b);
        char cover[512];
        struct stat what;

        int place = open_inside(runner, destination, 0);
        if (place < 0)
                return -1;
        int r = fstat(place, &what);
        close_keeping_errno(place);
        if (r < 0)
                return -1;

        size_t size = strlen(covers);
        if (size + sizeof "/file" > sizeof cover) {
                errno = ENAMETOOLONG;
                return -1;
        }
        memcpy(cover, covers, size);
        strcpy(cover + size, S_ISDIR(what.st_mode) ? "/dir" : "/file");
        return do_bind(runner, op, cover);
}

/* The directory in which a new entry is made, and the entry's name in it. */
static int open_parent(const NookRunner *runner, const char *path, const char **ret_name) {
        char parent[4096];
        const char *slash = strrchr(path, '/');
        size_t size = (size_t)(slash - path);

        if (size >= sizeof parent) {
                errno = ENAMETOOLONG;
                return -1;
        }
        memcpy(parent, path, size);
        parent[size] = '\0';
        *ret_name = slash + 1;
        return open_inside(runner, parent, O_DIRECTORY);
}

static int do_entry(NookRunner *runner, const NookSandboxOp *op) {
        const char *name;
        int parent = open_parent(runner, nook_sandbox_text(runner->buffer, op->b), &name);
        int r = -1;

        if (parent < 0)
                return -1;
        if (op->kind == NOOK_OP_DEVICE)
                r = mknodat(parent, name, (mode_t)op->y, (dev_t)op->x);
        else if (op->kind == NOOK_OP_DIRECTORY)
                r = mkdirat(parent, name, (mode_t)op->y);
        else
                r = symlinkat(nook_sandbox_text(runner->buffer, op->a), parent, name);
        close_keeping_errno(parent);
        return r;
}

/* The old root ends up below the new one for a moment, in the same place, and is taken off. */
static int do_pivot(NookRunner *runner) {
        if (fchdir(runner->root_fd) < 0 || syscall(SYS_pivot_root, ".", ".") < 0 ||
            umount2(".", MNT_DETACH) < 0 || chdir("/") < 0)
                return -1;

        (void)close(runner->root_fd);
        runner->root_fd = -1;
        return 0;
}

int nook_runner_mount(NookRunner *runner, const NookSandboxOp *op) {
        const char *a = nook_sandbox_text(runner->buffer, op->a);

        /* Below this line every kind but these needs the root. */
        if (op->kind == NOOK_OP_PRIVATE)
                return mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL);
        if (op->kind == NOOK_OP_ROOT)
                return do_root(runner, op);
        if (runner->root_fd < 0) {
                errno = EBADF;
                return -1;
        }

        switch (op->kind) {
        case NOOK_OP_BIND:
                return do_bind(runner, op, a);
        case NOOK_OP_TMPFS:
                return do_file_system(runner, op, "tmpfs", a);
        case NOOK_OP_PROC:
                return do_file_system(runner, op, "proc", a);
        case NOOK_OP_MQUEUE:
                return do_file_system(runner, op, "mqueue", a);
        case NOOK_OP_DEVPTS:
                return do_file_system(runner, op, "devpts", a);
        case NOOK_OP_DEVICE:
        case NOOK_OP_DIRECTORY:
        case NOOK_OP_LINK:
                return do_entry(runner, op);
        case NOOK_OP_SEAL:
                return do_seal(runner, op);
        case NOOK_OP_HIDE:
                return do_hide(runner, op);
        case NOOK_OP_PIVOT:
                return do_pivot(runner);
        default:
                errno = ENOSYS;
                return -1;
        }
}
