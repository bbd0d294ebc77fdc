/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A static program: needs no loader and no library in the task's root. Prints its words, ends with
 * the status that its first word names. */
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char *argv[]) {
        for (int i = 1; i < argc; i++)
                printf("hello %s\n", argv[i]);
        return argc > 1 ? atoi(argv[1]) : 0;
}
