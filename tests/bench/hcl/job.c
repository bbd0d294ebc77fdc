/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Reads a job file as `nook job` does, from opening it to the decoded job, and prints "COLD WARM
 * FAULTS": the CPU seconds of the first time in this process, those of the fastest of many more,
 * and the pages that the first time had to fault in. */

#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>

#include "job/job.h"

enum { WARM_RUNS = 200 };

static double cpu_seconds(void) {
        struct timespec now;

        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
        return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static long page_faults(void) {
        struct rusage usage;

        getrusage(RUSAGE_SELF, &usage);
        return usage.ru_minflt;
}

/* Seconds that reading, evaluating and decoding took; the program ends when it cannot be done. */
static double read_job(const char *path) {
        g_autoptr(NookDiags) diags = nook_diags_new();
        g_autoptr(NookSource) source = NULL;
        g_autoptr(GBytes) bytes = NULL;
        double start = cpu_seconds(), end;
        NookJob *job;
        char *text;
        gsize size;

        if (!g_file_get_contents(path, &text, &size, NULL))
                exit(EXIT_FAILURE);
        bytes = g_bytes_new_take(text, size);
        source = nook_source_new(path, bytes);
        job = nook_job_read(source, NULL, diags);
        end = cpu_seconds();
        if (!job)
                exit(EXIT_FAILURE);
        nook_job_free(job);
        return end - start;
}

int main(int argc, char **argv) {
        double cold, warm = 1;
        long faults;

        if (argc != 2)
                return EXIT_FAILURE;
        faults = page_faults();
        cold = read_job(argv[1]);
        faults = page_faults() - faults;
        for (int i = 0; i < WARM_RUNS; i++)
                warm = MIN(warm, read_job(argv[1]));
        printf("%f %f %ld\n", cold, warm, faults);
        return EXIT_SUCCESS;
}
