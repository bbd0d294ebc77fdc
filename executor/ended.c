/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "ended.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <systemd/sd-messages.h>

#include "journal.h"

static int code_of_text(const char *text) {
        if (g_strcmp0(text, "exited") == 0)
                return CLD_EXITED;
        if (g_strcmp0(text, "killed") == 0)
                return CLD_KILLED;
        if (g_strcmp0(text, "dumped") == 0)
                return CLD_DUMPED;
        return 0;
}

/* EXIT_STATUS is a number: an exit status, or a signal. */
static void read_exit(NookUnitEntry *entry, NookJournal *journal) {
        g_autofree char *code = nook_journal_field(journal, "EXIT_CODE");
        g_autofree char *status = nook_journal_field(journal, "EXIT_STATUS");

        entry->exit_code = code_of_text(code);
        if (status != NULL)
                entry->exit_status = (int)strtol(status, NULL, 10);
}

static void set_result(NookUnitEntry *entry, const char *result) {
        g_free(entry->result);
        entry->result = g_strdup(result);
}

void nook_ended_look_up(NookUnitEntry *entry, bool is_user) {
        g_autoptr(NookJournal) journal = NULL;
        NookJournalLine line;

        if (!nook_journal_open((NookJournalOptions){.is_user = is_user}, &journal, NULL))
                return;
        nook_journal_want_manager(journal, entry->unit);
        if (!nook_journal_seek_realtime(journal, entry->start_usec, NULL))
                return;
        while (nook_journal_next(journal, &line, NULL)) {
                g_autofree char *id = nook_journal_field(journal, "MESSAGE_ID");
                bool is_exit = g_strcmp0(id, SD_MESSAGE_UNIT_PROCESS_EXIT_STR) == 0;
                bool is_success = g_strcmp0(id, SD_MESSAGE_UNIT_SUCCESS_STR) == 0;
                bool is_failure = g_strcmp0(id, SD_MESSAGE_UNIT_FAILURE_RESULT_STR) == 0;

                if (!is_exit && !is_success && !is_failure)
                        continue;
                entry->end_usec = line.realtime_usec;
                g_free(entry->invocation);
                entry->invocation = nook_journal_field(journal, "INVOCATION_ID");
                if (is_exit) {
                        read_exit(entry, journal);
                } else if (is_success) {
                        set_result(entry, "success");
                        if (entry->exit_code == 0)
                                entry->exit_code = CLD_EXITED;
                } else {
                        g_autofree char *result = nook_journal_field(journal, "UNIT_RESULT");

                        set_result(entry, result);
                }
        }
}

char *nook_ended_state_text(const NookUnitEntry *entry) {
        const char *name;

        if (entry->is_loaded && g_strcmp0(entry->active_state, "inactive") != 0 &&
            g_strcmp0(entry->active_state, "failed") != 0)
                return g_strdup(entry->sub_state);
        if (entry->exit_code == CLD_EXITED)
                return g_strdup_printf("exited (%d)", entry->exit_status);
        if (entry->exit_code == CLD_KILLED || entry->exit_code == CLD_DUMPED) {
                const char *why =
                        g_strcmp0(entry->result, "oom-kill") == 0 ? ": out of memory" : "";

                name = sigabbrev_np(entry->exit_status);
                return name != NULL ? g_strdup_printf("killed (SIG%s%s)", name, why)
                                    : g_strdup_printf("killed (%d%s)", entry->exit_status, why);
        }
        if (entry->result != NULL)
                return g_strdup_printf("ended (%s)", entry->result);
        return g_strdup("ended");
}

bool nook_ended_is_failed(const NookUnitEntry *entry) {
        return g_strcmp0(entry->active_state, "failed") == 0 ||
               (entry->exit_code == CLD_EXITED && entry->exit_status != 0) ||
               entry->exit_code == CLD_KILLED || entry->exit_code == CLD_DUMPED;
}
