/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/printable.h"
#include "cli.h"
#include "ended.h"
#include "journal-stream.h"
#include "journal.h"
#include "load.h"
#include "unit-bus.h"
#include "units.h"
#include "verbs.h"

static const NookOption logs_options[] = {
        {"follow", 'f', NULL, "Go on until the tasks have ended"},
        {"lines", 'n', "N", "Only the last N lines"},
        {"stdout", 0, NULL, "Only what went to standard output"},
        {"stderr", 0, NULL, "Only what went to standard error"},
        {"timestamps", 't', NULL, "Put the time in front of each line"},
        {NULL},
};

typedef struct {
        const NookCli *cli;
        bool wants_stdout;
        bool wants_stderr;
        bool has_times;
        bool is_labelled;
        bool is_terminal[2]; /* standard output, error */
} Style;

/* Ended and forgotten units are looked at now and then, for nobody sends signals about them. */
#define LOOK_USEC (G_USEC_PER_SEC / 2)

static void print_line(const Style *style, const NookJournalLine *line) {
        bool is_error = line->priority <= NOOK_PRIORITY_STDERR;
        FILE *stream = is_error && style->wants_stdout ? stderr : stdout;

        if (is_error ? !style->wants_stderr : !style->wants_stdout)
                return;
        if (style->has_times) {
                g_autoptr(GDateTime) time =
                        g_date_time_new_from_unix_local((gint64)(line->realtime_usec / 1000000));
                g_autofree char *text = g_date_time_format(time, "%Y-%m-%dT%H:%M:%S");

                fprintf(stream, "%s.%06u ", text, (unsigned)(line->realtime_usec % 1000000));
        }
        if (style->is_labelled) {
                g_autofree char *who = nook_printable_text(
                        line->identifier != NULL ? line->identifier : line->unit, -1);

                fprintf(stream, "%s | ", who);
        }
        /* Unchanged into files and pipes; a terminal would obey it. */
        if (style->is_terminal[stream == stderr]) {
                g_autofree char *message =
                        nook_printable_output(line->message, (gssize)line->message_size);

                fputs(message, stream);
        } else {
                (void)fwrite(line->message, 1, line->message_size, stream);
        }
        fputc('\n', stream);
}

static bool print_all(const Style *style, NookJournal *journal, GError **error) {
        g_autoptr(GError) cause = NULL;
        NookJournalLine line;

        while (nook_journal_next(journal, &line, &cause))
                print_line(style, &line);
        fflush(stdout);
        if (cause == NULL)
                return true;
        g_propagate_error(error, g_steal_pointer(&cause));
        return false;
}

/* Whether any of the units is still loaded and not at its end. */
static bool is_any_running(NookLoad *load, bool *ret_is_running, GError **error) {
        g_autoptr(GPtrArray) entries =
                nook_units_find(load->bus, &load->dirs, load->cli->args[0], true, error);

        if (entries == NULL)
                return false;
        *ret_is_running = false;
        for (guint i = 0; i < entries->len; i++) {
                const NookUnitEntry *entry = g_ptr_array_index(entries, i);

                if (entry->is_loaded && g_strcmp0(entry->active_state, "inactive") != 0 &&
                    g_strcmp0(entry->active_state, "failed") != 0)
                        *ret_is_running = true;
        }
        return true;
}

static bool follow(NookLoad *load, const Style *style, NookJournal *journal, GError **error) {
        gint64 looked_usec = 0;
        bool is_running = true;

        (void)nook_journal_fd(journal); /* from here on it is watched */
        while (is_running) {
                if (!print_all(style, journal, error))
                        return false;
                if (g_get_monotonic_time() - looked_usec >= LOOK_USEC) {
                        g_autoptr(GError) gone = NULL;

                        looked_usec = g_get_monotonic_time();
                        if (!is_any_running(load, &is_running, &gone)) {
                                if (!g_error_matches(gone, NOOK_ERROR, NOOK_ERROR_NOT_FOUND)) {
                                        g_propagate_error(error, g_steal_pointer(&gone));
                                        return false;
                                }
                                is_running = false;
                        }
                }
                nook_journal_wait(journal, is_running ? LOOK_USEC : LOOK_USEC / 5);
        }
        return print_all(style, journal, error);
}

/* One run of a unit is told from another by its invocation; where that is not known (any more),
 * by the time its allocation was made. */
static guint64 want_entries(NookJournal *journal, const GPtrArray *entries) {
        guint64 start_usec = UINT64_MAX;

        for (guint i = 0; i < entries->len; i++) {
                const NookUnitEntry *entry = g_ptr_array_index(entries, i);

                nook_journal_want_unit(journal, entry->unit);
                start_usec = MIN(start_usec, entry->start_usec);
        }
        return start_usec;
}

static void tell_dropped(const NookCli *cli, const GPtrArray *entries) {
        for (guint i = 0; i < entries->len && !cli->user; i++) {
                const NookUnitEntry *entry = g_ptr_array_index(entries, i);
                guint64 n = nook_journal_count_dropped(entry->unit, entry->start_usec);

                if (n > 0)
                        nook_cli_warn(cli,
                                      "The journal has dropped %" G_GUINT64_FORMAT
                                      " lines of '%s': they came faster than its rate limit allows",
                                      n, entry->unit);
        }
}

static int verb_logs(NookCli *cli, GError **error) {
        const char *lines = nook_cli_value(cli, "lines");
        bool only_out = nook_cli_has(cli, "stdout");
        bool only_err = nook_cli_has(cli, "stderr");
        g_autoptr(NookLoad) load = NULL;
        g_autoptr(GPtrArray) entries = NULL;
        g_autoptr(NookJournal) journal = NULL;
        Style style = {.cli = cli,
                       .wants_stdout = !only_err || only_out,
                       .wants_stderr = !only_out || only_err,
                       .has_times = nook_cli_has(cli, "timestamps"),
                       .is_terminal = {isatty(STDOUT_FILENO) == 1, isatty(STDERR_FILENO) == 1}};
        guint64 start_usec;

        if (!nook_load_new(cli, &load, error) || !nook_load_bus(load, error))
                return -1;
        entries = nook_units_find(load->bus, &load->dirs, cli->args[0], true, error);
        if (entries == NULL ||
            !nook_journal_open((NookJournalOptions){.is_user = cli->user}, &journal, error))
                return -1;
        style.is_labelled = entries->len > 1;
        start_usec = want_entries(journal, entries);
        if (lines != NULL
                    ? !nook_journal_seek_tail(journal, g_ascii_strtoull(lines, NULL, 10), error)
                    : !nook_journal_seek_realtime(journal, start_usec, error))
                return -1;
        if (nook_cli_has(cli, "follow") ? !follow(load, &style, journal, error)
                                        : !print_all(&style, journal, error))
                return -1;
        tell_dropped(cli, entries);
        return 0;
}

const NookVerb nook_verb_logs = {
        .name = "logs",
        .min_args = 1,
        .max_args = 1,
        .run = verb_logs,
        .usage = "NAME",
        .summary = "Show what tasks have printed",
        .options = logs_options,
        .details = "What a task wrote to its standard error comes on standard error. NAME as for\n"
                   "'nook status'. On a terminal control characters are shown as \\x1b and the\n"
                   "like, all but those for colours.",
};
