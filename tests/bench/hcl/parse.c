/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Parses a file and prints "SECONDS PEAK_KB": the CPU time of the parser alone, and the most memory
 * that the process had. bench.py runs it beside parse-go. */

#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>

#include "hcl/hcl.h"

static double cpu_seconds(void) {
        struct timespec now;

        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
        return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

int main(int argc, char **argv) {
        g_autoptr(NookDiags) diags = nook_diags_new();
        g_autoptr(NookSource) source = NULL;
        g_autoptr(HclFile) file = NULL;
        g_autoptr(GBytes) bytes = NULL;
        struct rusage usage;
        double start;
        char *text;
        gsize size;

        if (argc != 2 || !g_file_get_contents(argv[1], &text, &size, NULL))
                return EXIT_FAILURE;
        bytes = g_bytes_new_take(text, size);
        source = nook_source_new(argv[1], bytes);
        start = cpu_seconds();
        file = hcl_parse(source, diags);
        printf("%f ", cpu_seconds() - start);
        getrusage(RUSAGE_SELF, &usage);
        printf("%ld\n", usage.ru_maxrss);
        return nook_diags_count_errors(diags) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
