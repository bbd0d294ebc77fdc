/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* nook: the command line program. Everything it can do is a verb; this file only parses, calls
 * the verb and turns what it returns into an exit status. */

#include <stdio.h>
#include <unistd.h>

#include "base/error.h"
#include "cli.h"
#include "verbs.h"

/* Findings were printed where they were found; everything else is one line. */
static void print_error(const NookCli *cli, const GError *error) {
        if (error->message[0] == 0)
                return;
        if (cli->colour_stderr)
                fprintf(stderr, "\033[1;31m%s\033[0m\n", error->message);
        else
                fprintf(stderr, "nook: %s\n", error->message);
}

static int exit_status_of(const NookCli *cli, const GError *error) {
        bool runs = cli->verb != NULL && (cli->verb->flags & NOOK_VERB_RUNS_TASKS) != 0;

        return runs ? nook_error_exit_status(error) : 1;
}

/* Whoever may run tasks as root is root; a mode bit must not make everybody that. */
static bool check_rights(GError **error) {
        return (getuid() == geteuid() && getgid() == getegid()) ||
               nook_fail(error, NOOK_ERROR_REFUSED,
                         "nook is not made to be set-user-ID or set-group-ID: take the bit off "
                         "its file and use sudo");
}

int main(int argc, char **argv) {
        g_autoptr(NookCli) cli = nook_cli_new();
        g_autoptr(GError) error = NULL;
        bool done;
        int status;

        if (!check_rights(&error) || !nook_cli_parse(cli, nook_verbs, argc, argv, &done, &error)) {
                print_error(cli, error);
                return exit_status_of(cli, error);
        }
        if (done)
                return 0;
        status = cli->verb->run(cli, &error);
        if (status < 0) {
                print_error(cli, error);
                status = exit_status_of(cli, error);
        }
        /* Data that did not arrive is a failure, however well the rest went. */
        if (fflush(stdout) != 0 && status == 0) {
                perror("nook: write to standard output");
                status = 1;
        }
        return status;
}
