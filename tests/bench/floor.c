/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The least that the kernel takes for a program in namespaces and a root of its own: the namespaces
 * and mounts that `bwrap --unshare-all` of the bench makes, by one static program, in one clone,
 * with nothing checked, dropped, limited or filtered. usage: floor PROGRAM */

#define _GNU_SOURCE
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#define BIND_FLAGS (MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV)

static void must(long result, const char *what) {
        if (result >= 0)
                return;
        perror(what);
        _exit(125);
}

static void bind(int root, const char *path) {
        struct mount_attr attributes = {.attr_set = BIND_FLAGS};
        int tree = open_tree(AT_FDCWD, path, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);

        must(tree, path);
        must(mount_setattr(tree, "", AT_EMPTY_PATH, &attributes, sizeof attributes), path);
        must(mkdirat(root, path + 1, 0755), path);
        must(move_mount(tree, "", root, path + 1, MOVE_MOUNT_F_EMPTY_PATH), path);
}

static void make_root(void) {
        static const char *const links[] = {"bin", "lib", "lib64", "sbin"};
        static const unsigned char devices[][2] = {{1, 3}, {1, 5}, {1, 7}, {1, 8}, {1, 9}, {5, 0}};
        int root;

        must(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL), "private");
        must(mount("tmpfs", "/mnt", "tmpfs", MS_NOSUID, "mode=755"), "root");
        root = open("/mnt", O_PATH | O_DIRECTORY | O_CLOEXEC);
        must(root, "root");
        bind(root, "/etc");
        bind(root, "/usr");
        for (size_t i = 0; i < sizeof links / sizeof *links; i++) {
                char target[32];

                (void)snprintf(target, sizeof target, "usr/%s", links[i]);
                must(symlinkat(target, root, links[i]), links[i]);
        }
        must(mkdirat(root, "dev", 0755), "dev");
        must(mkdirat(root, "proc", 0755), "proc");
        must(mount("proc", "/mnt/proc", "proc", MS_NOSUID, NULL), "proc");
        must(mount("tmpfs", "/mnt/dev", "tmpfs", MS_NOSUID, "mode=755"), "dev");
        for (size_t i = 0; i < sizeof devices / sizeof *devices; i++) {
                char name[32];

                (void)snprintf(name, sizeof name, "dev/%zu", i);
                must(mknodat(root, name, S_IFCHR | 0666, makedev(devices[i][0], devices[i][1])),
                     "device");
        }
        must(fchdir(root), "root");
        must(syscall(SYS_pivot_root, ".", "."), "pivot");
        must(umount2(".", MNT_DETACH), "old root");
        must(chdir("/"), "root");
}

int main(int argc, char **argv) {
        const unsigned long flags = CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWIPC | CLONE_NEWUTS |
                                    CLONE_NEWNET | CLONE_NEWCGROUP | CLONE_VFORK | SIGCHLD;
        int status;
        long child;

        if (argc < 2)
                return 2;
        child = syscall(SYS_clone, flags, NULL, NULL, NULL, NULL);
        must(child, "clone");
        if (child == 0) {
                make_root();
                (void)execv(argv[1], argv + 1);
                _exit(127);
        }
        must(waitpid((pid_t)child, &status, 0), "wait");
        return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
