/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* nook-sandbox PLAN              a service's ExecStart: builds the walls of a plan file, runs it
 * nook-sandbox --fd PLAN [CTL]   the same for nook, which hands over descriptors
 * The plan must be root's (or the caller's own) and nobody else's to write. */

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
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
        (void)close(fd);
        return nook_runner_run(buffer, control, environ);
}
