/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* nook-sandbox PLAN              a service's ExecStart: builds the walls of a plan file, runs it
 * nook-sandbox --fd PLAN [CTL]   the same for nook, which hands over descriptors
 * The plan must be root's (or the caller's own) and nobody else's to write. */

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "runner.h"

extern char **environ;

static int complain(const char *what, const char *why) {
        const char *parts[] = {"nook-sandbox: ", what, ": ", why, "\n"};

        for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
                (void)!write(STDERR_FILENO, parts[i], strlen(parts[i]));
        return 226;
}

static int number(const char *text) {
        int value = 0;

        if (!*text || strlen(text) > 6)
                return -1;
        for (; *text; text++) {
                if (*text < '0' || *text > '9')
                        return -1;
                value = value * 10 + (*text - '0');
        }
        return value;
}

/* The file of a plan is trusted as far as its owner: whoever could write it could as well run
 * anything as the user who runs this. */
static const char *check_owner(const struct stat *what) {
        if (!S_ISREG(what->st_mode))
                return "not a file";
        if (what->st_uid != 0 && what->st_uid != geteuid())
                return "belongs to somebody else";
        if (what->st_mode & (S_IWGRP | S_IWOTH))
                return "others can write to it";
        if (what->st_size <= 0 || what->st_size > NOOK_SANDBOX_MAX)
                return "not a plan";
        return NULL;
}

/* Whether the task will be root, to whom the file of this very program belongs, in walls that keep
 * it from the host's files. */
static bool is_for_root(const char *buffer) {
        const NookSandboxOp *ops = nook_sandbox_ops(buffer);
        uint32_t n_ops = nook_sandbox_header(buffer)->n_ops;
        bool has_walls = false;

        for (uint32_t i = 0; i < n_ops; i++) {
                if (ops[i].kind == NOOK_OP_USER && (ops[i].a || ops[i].x != 0))
                        return false;
                has_walls |= ops[i].kind == NOOK_OP_ROOT || ops[i].kind == NOOK_OP_JOIN;
        }
        return has_walls && geteuid() == 0;
}

/* A task that is root sees this program as a process of its own: as the init of its namespace, as
 * what brings a command into it, or by having it run "/proc/self/exe". By that process's "exe" it
 * can reach the program's file, past all mounts of its own, and change what the host runs next as
 * root. So the program runs from a mount of itself that is read-only and attached nowhere. Returns
 * when it does; NULL, or what could not be done. */
static const char *run_read_only(char **argv) {
        static char again[] = "nook-sandbox: read-only";
        struct mount_attr read_only = {.attr_set = MOUNT_ATTR_RDONLY};
        struct statvfs what;
        int own = open("/proc/self/exe", O_PATH | O_CLOEXEC);

        if (own < 0 || fstatvfs(own, &what) < 0)
                return "find its own file";
        if (what.f_flag & ST_RDONLY) {
                (void)close(own);
                (void)prctl(PR_SET_NAME, "nook-sandbox"); /* else the number of a descriptor */
                return NULL;
        }
        if (strcmp(argv[0], again) == 0)
                return "run from a read-only mount";

        int tree = open_tree(own, "", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH);
        /* Root of a user namespace only: the file is not his. */
        if (tree < 0 && errno == EPERM)
                return NULL;
        if (tree < 0 || mount_setattr(tree, "", AT_EMPTY_PATH, &read_only, sizeof read_only) < 0)
                return "make a read-only mount of itself";
        argv[0] = again;
        (void)syscall(SYS_execveat, tree, "", argv, environ, AT_EMPTY_PATH);
        return "run from a read-only mount";
}

int main(int argc, char **argv) {
        bool by_fd = argc >= 3 && strcmp(argv[1], "--fd") == 0;
        int control = -1;
        struct stat what;

        if (argc < 2 || argc > (by_fd ? 4 : 2))
                return complain("usage", "nook-sandbox PLAN");
        if (by_fd && argc == 4 && (control = number(argv[3])) < 3)
                return complain(argv[3], "not a descriptor");

        const char *name = by_fd ? argv[2] : argv[1];
        int fd = by_fd ? number(name) : open(name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY);
        if (fd < 0 || fstat(fd, &what) < 0)
                return complain(name, strerrordesc_np(errno));

        const char *problem = check_owner(&what);
        if (problem)
                return complain(name, problem);

        /* Private: what the file becomes afterwards must not change what was checked. */
        size_t size = (size_t)what.st_size;
        char *buffer = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (buffer == MAP_FAILED)
                return complain(name, strerrordesc_np(errno));
        for (size_t used = 0; used < size;) {
                ssize_t n = pread(fd, buffer + used, size - used, (off_t)used);
                if (n <= 0)
                        return complain(name,
                                        n < 0 ? strerrordesc_np(errno) : "shorter than it was");
                used += (size_t)n;
        }

        problem = nook_sandbox_check(buffer, size);
        if (problem)
                return complain(name, problem);
        problem = is_for_root(buffer) ? run_read_only(argv) : NULL;
        if (problem)
                return complain(problem, strerrordesc_np(errno));
        (void)close(fd);
        return nook_runner_run(buffer, control, environ);
}
