/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Words of a command line, coded so that no manager reads anything into them. systemd expands "$"
 * and ends a command at ";" in an ExecStart, and on some versions writes both back wrongly at
 * daemon-reload. A coded word holds only A-Z a-z 0-9 _ . / : , @ + - and "=", where "=XX" stands
 * for the byte of that (upper-case, hexadecimal) value and a lone "=" for the empty word. The
 * program nook-argv decodes words and runs them. */

#include <glib.h>
#include <stdbool.h>

/* The coded form of a word; the caller's. Any bytes may stand in it. */
char *nook_word_encode(const char *word);

/* The words of a command that runs argv through nook-argv.
 *   program  path of nook-argv as the task sees it; not coded, so it must need no coding
 *   path     what execve() is to run, resolved already
 *   argv     ends with NULL; argv[0] may differ from path
 * Returns {program, coded path, coded words..., NULL}; the caller's. */
char **nook_word_encode_command(const char *program, const char *path, const char *const *argv);
