/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A main() for a fuzz target without a fuzzer: runs it on every file of the folders it is given. */

#include <stdio.h>
#include <stdlib.h>

#include "fuzz.h"

static guint run_folder(const char *folder) {
        g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
        const char *name;
        guint count = 0;

        g_assert(dir != NULL);
        while ((name = g_dir_read_name(dir)) != NULL) {
                g_autofree char *path = g_build_filename(folder, name, NULL);
                g_autofree char *text = NULL;
                gsize size;

                g_assert(g_file_get_contents(path, &text, &size, NULL));
                fprintf(stderr, "%s\n", path); /* the last one is at fault if this ends early */
                LLVMFuzzerTestOneInput((const uint8_t *)text, size);
                count++;
        }
        return count;
}

int main(int argc, char **argv) {
        guint count = 0;

        for (int i = 1; i < argc; i++)
                count += run_folder(argv[i]);
        printf("%u inputs\n", count);
        return count > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
