/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "progress.h"

#include <unistd.h>

#include "base/printable.h"

#define REDRAW_USEC (100 * 1000)
#define BAR_WIDTH   24

struct NookProgress {
        const NookCli *cli;
        bool is_terminal;
        bool has_line;
        gint64 drawn_usec;
};

NookProgress *nook_progress_new(const NookCli *cli) {
        NookProgress *progress = g_new0(NookProgress, 1);

        progress->cli = cli;
        progress->is_terminal = isatty(STDERR_FILENO);
        return progress;
}

static void clear_line(NookProgress *progress) {
        if (progress->has_line)
                fputs("\r\033[K", stderr);
        progress->has_line = false;
}

void nook_progress_free(NookProgress *progress) {
        if (progress == NULL)
                return;
        clear_line(progress);
        g_free(progress);
}

static void draw(NookProgress *progress, const NookStageProgress *state) {
        g_autofree char *name = nook_printable_text(state->name, -1);
        g_autofree char *done = g_format_size_full(state->done_bytes, G_FORMAT_SIZE_IEC_UNITS);
        char bar[BAR_WIDTH + 1];

        clear_line(progress);
        if (state->total_bytes == 0) {
                fprintf(stderr, "%s  %s", name, done);
        } else {
                double part = (double)state->done_bytes / (double)state->total_bytes;

                for (int i = 0; i < BAR_WIDTH; i++)
                        bar[i] = i < part * BAR_WIDTH ? '=' : ' ';
                bar[BAR_WIDTH] = 0;
                fprintf(stderr, "%s  [%s] %3.0f%%  %s", name, bar, MIN(part, 1) * 100, done);
        }
        progress->has_line = true;
        fflush(stderr);
}

void nook_progress_show(const NookStageProgress *state, void *user) {
        NookProgress *progress = user;

        if (progress->cli->quiet)
                return;
        if (state->is_complete) {
                g_autofree char *size =
                        g_format_size_full(state->done_bytes, G_FORMAT_SIZE_IEC_UNITS);

                clear_line(progress);
                nook_cli_info(progress->cli, "Fetched %s (%s)", state->name, size);
                return;
        }
        if (!progress->is_terminal || g_get_monotonic_time() - progress->drawn_usec < REDRAW_USEC)
                return;
        progress->drawn_usec = g_get_monotonic_time();
        draw(progress, state);
}
