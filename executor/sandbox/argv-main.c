/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* nook-argv PATH WORD...: runs PATH with the words, all of them coded (base/word.h). It is bound
 * into a task's root and becomes the task: no process of it stays. Static and small, because the
 * root need not hold a C library. Exit status: 126 when PATH cannot be run, 127 when it is not
 * there, 125 for words that nook did not write. */

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "word-decode.h"

extern char **environ;

static void say(const char *what, const char *why) {
        char line[512];
        int length = snprintf(line, sizeof line, "nook-argv: %s: %s\n", what, why);

        if (length > 0)
                (void)!write(STDERR_FILENO, line, strnlen(line, sizeof line));
}

int main(int argc, char **argv) {
        if (argc < 3) {
                say("usage", "nook-argv PATH WORD...");
                return 125;
        }

        for (int i = 1; i < argc; i++) {
                if (!nook_word_decode(argv[i])) {
                        say(argv[i], "not a coded word");
                        return 125;
                }
        }

        execve(argv[1], argv + 2, environ);
        int errnum = errno;
        say(argv[1], strerror(errnum));
        return errnum == ENOENT ? 127 : 126;
}
