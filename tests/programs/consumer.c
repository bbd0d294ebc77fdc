/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A compiled program with a loader and a library, as an artifact brings one: says who and where it
 * is. */
#include <stdio.h>
#include <unistd.h>

int main(int argc, char *argv[]) {
        char path[4096];
        ssize_t size = readlink("/proc/self/exe", path, sizeof path - 1);

        if (size < 0)
                return 1;
        path[size] = 0;
        printf("consumer %s root=%d words=%d\n", path, getuid() == 0, argc - 1);
        return argc > 1 ? 0 : 3;
}
