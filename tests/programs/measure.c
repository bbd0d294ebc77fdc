/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Runs a command without its output and prints what it took: wall time and CPU time in
 * microseconds, peak resident memory in KiB. A program of its own, because the kernel counts the
 * memory of whoever forks into the peak of the child, and an interpreter's hides a small program's.
 * Exit status: the command's. */

#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static int64_t now_usec(void) {
        struct timespec now;

        (void)clock_gettime(CLOCK_MONOTONIC, &now);
        return now.tv_sec * INT64_C(1000000) + now.tv_nsec / 1000;
}

static int64_t usec_of(struct timeval time) {
        return time.tv_sec * INT64_C(1000000) + time.tv_usec;
}

static void run(char **argv) {
        int null = open("/dev/null", O_RDWR | O_CLOEXEC);

        for (int fd = 0; fd <= 2; fd++)
                (void)dup2(null, fd);
        execvp(argv[0], argv);
        _exit(127);
}

int main(int argc, char **argv) {
        int64_t start = now_usec();
        struct rusage usage;
        int status;
        pid_t pid;

        if (argc < 2)
                return 2;
        pid = fork();
        if (pid == 0)
                run(argv + 1);
        if (pid < 0 || wait4(pid, &status, 0, &usage) < 0)
                return 125;
        printf("%jd %jd %ld\n", (intmax_t)(now_usec() - start),
               (intmax_t)(usec_of(usage.ru_utime) + usec_of(usage.ru_stime)), usage.ru_maxrss);
        return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
