/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "pager.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fd.h"

/* One pager for the process's one standard output. */
static pid_t pager_pid;

static const char *chosen_pager(void) {
        const char *pager = g_getenv("SYSTEMD_PAGER");

        if (pager == NULL)
                pager = g_getenv("PAGER");
        return pager;
}

static void become_pager(const char *command, int input_fd) {
        bool is_lent = g_getenv("SUDO_UID") != NULL || g_getenv("PKEXEC_UID") != NULL;

        (void)prctl(PR_SET_PDEATHSIG, SIGTERM);
        (void)dup2(input_fd, STDIN_FILENO);
        (void)setenv("LESS", "FRSXMK", false);
        if (is_lent)
                (void)setenv("LESSSECURE", "1", true);
        if (command != NULL && !is_lent)
                (void)execl("/bin/sh", "sh", "-c", command, (char *)NULL);
        (void)execlp("less", "less", (char *)NULL);
        (void)execlp("cat", "cat", (char *)NULL);
        _exit(127);
}

void nook_pager_open(const NookCli *cli) {
        const char *command = chosen_pager();
        int fds[2];

        if (cli->no_pager || cli->json != NOOK_JSON_OFF || !isatty(STDOUT_FILENO) ||
            (command != NULL && (command[0] == 0 || g_str_equal(command, "cat"))))
                return;
        if (pipe2(fds, O_CLOEXEC) < 0)
                return;
        fflush(stdout);
        pager_pid = fork();
        if (pager_pid == 0)
                become_pager(command, fds[0]);
        if (pager_pid > 0)
                (void)dup2(fds[1], STDOUT_FILENO);
        nook_fd_close(fds[0]);
        nook_fd_close(fds[1]);
        (void)signal(SIGPIPE, SIG_IGN);
}

void nook_pager_close(void) {
        if (pager_pid <= 0)
                return;
        (void)fflush(stdout);
        (void)freopen("/dev/null", "w", stdout);
        while (waitpid(pager_pid, NULL, 0) < 0 && errno == EINTR)
                continue;
        pager_pid = 0;
}
