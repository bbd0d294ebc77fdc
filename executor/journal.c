/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "journal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-id128.h>
#include <systemd/sd-journal.h>
#include <systemd/sd-messages.h>
#include <unistd.h>

G_DEFINE_AUTOPTR_CLEANUP_FUNC(sd_journal, sd_journal_close)

struct NookJournal {
        sd_journal *journal;
        bool is_user;
        bool has_match;
        /* systemd 252 may begin at the head when no entry that is wanted lies behind the place that
         * was looked for; so earlier ones are passed over here. */
        uint64_t first_monotonic_usec;
        uint64_t first_realtime_usec;
        /* Fields of the current entry; sd-journal's own memory is reused from field to field. */
        GString *unit;
        GString *identifier;
        GString *invocation;
        GString *pid;
};

bool nook_journal_open(NookJournalOptions options, NookJournal **ret_journal, GError **error) {
        g_autoptr(sd_journal) journal = NULL;
        NookJournal *self;
        int flags = SD_JOURNAL_LOCAL_ONLY;
        int r;

        if (options.is_system_only && !options.is_user)
                flags |= SD_JOURNAL_SYSTEM;
        r = sd_journal_open(&journal, flags);
        if (r < 0)
                return nook_fail_errno(error, r, "open the journal");
        (void)sd_journal_set_data_threshold(journal, 0);
        self = g_new0(NookJournal, 1);
        self->journal = g_steal_pointer(&journal);
        self->is_user = options.is_user;
        self->unit = g_string_new(NULL);
        self->identifier = g_string_new(NULL);
        self->invocation = g_string_new(NULL);
        self->pid = g_string_new(NULL);
        *ret_journal = self;
        return true;
}

void nook_journal_free(NookJournal *journal) {
        if (journal == NULL)
                return;
        sd_journal_close(journal->journal);
        g_string_free(journal->unit, TRUE);
        g_string_free(journal->identifier, TRUE);
        g_string_free(journal->invocation, TRUE);
        g_string_free(journal->pid, TRUE);
        g_free(journal);
}

/* Who may read other users' journals would else find their units of the same names in there. */
static void want_own(NookJournal *journal) {
        g_autofree char *match = g_strdup_printf("_UID=%u", getuid());

        if (journal->is_user)
                (void)sd_journal_add_match(journal->journal, match, 0);
}

void nook_journal_want_field(NookJournal *journal, const char *field_and_value) {
        if (journal->has_match)
                (void)sd_journal_add_disjunction(journal->journal);
        (void)sd_journal_add_match(journal->journal, field_and_value, 0);
        want_own(journal);
        journal->has_match = true;
}

void nook_journal_want_unit(NookJournal *journal, const char *unit) {
        g_autofree char *match = g_strdup_printf(
                "%s=%s", journal->is_user ? "_SYSTEMD_USER_UNIT" : "_SYSTEMD_UNIT", unit);

        nook_journal_want_field(journal, match);
}

/* UNIT= is what anybody may write; the fields that begin with an underscore are the journal's word.
 */
void nook_journal_want_manager(NookJournal *journal, const char *unit) {
        g_autofree char *match =
                g_strdup_printf("%s=%s", journal->is_user ? "USER_UNIT" : "UNIT", unit);

        nook_journal_want_field(journal, match);
        nook_journal_require(journal,
                             journal->is_user ? "_SYSTEMD_USER_UNIT=init.scope" : "_PID=1");
}

void nook_journal_require(NookJournal *journal, const char *field_and_value) {
        (void)sd_journal_add_conjunction(journal->journal);
        (void)sd_journal_add_match(journal->journal, field_and_value, 0);
}

bool nook_journal_seek_head(NookJournal *journal, GError **error) {
        int r = sd_journal_seek_head(journal->journal);

        return r >= 0 || nook_fail_errno(error, r, "find the beginning of the journal");
}

bool nook_journal_seek_monotonic(NookJournal *journal, uint64_t monotonic_usec, GError **error) {
        sd_id128_t boot_id;
        int r = sd_id128_get_boot(&boot_id);

        if (r >= 0)
                r = sd_journal_seek_monotonic_usec(journal->journal, boot_id, monotonic_usec);
        journal->first_monotonic_usec = monotonic_usec;
        return r >= 0 || nook_fail_errno(error, r, "find a time in the journal");
}

bool nook_journal_seek_realtime(NookJournal *journal, uint64_t realtime_usec, GError **error) {
        int r = sd_journal_seek_realtime_usec(journal->journal, realtime_usec);

        journal->first_realtime_usec = realtime_usec;
        return r >= 0 || nook_fail_errno(error, r, "find a time in the journal");
}

bool nook_journal_seek_tail(NookJournal *journal, uint64_t n, GError **error) {
        int r = sd_journal_seek_tail(journal->journal);

        if (r < 0)
                return nook_fail_errno(error, r, "find the end of the journal");
        /* One more than wanted: the next call to next() goes forward from there. */
        r = sd_journal_previous_skip(journal->journal, n + 1);
        if (r < 0)
                return nook_fail_errno(error, r, "go back in the journal");
        if ((uint64_t)r <= n)
                return nook_journal_seek_head(journal, error);
        return true;
}

/* The value of a field in sd-journal's memory; false: the entry has none. */
static bool get_data(sd_journal *journal, const char *field, const char **ret_value,
                     gsize *ret_size) {
        const void *data;
        size_t size;
        gsize prefix = strlen(field) + 1;

        if (sd_journal_get_data(journal, field, &data, &size) < 0 || size < prefix)
                return false;
        *ret_value = (const char *)data + prefix;
        *ret_size = size - prefix;
        return true;
}

static const char *copy_field(NookJournal *journal, const char *field, GString *buffer) {
        const char *value;
        gsize size;

        if (!get_data(journal->journal, field, &value, &size))
                return NULL;
        g_string_truncate(buffer, 0);
        g_string_append_len(buffer, value, (gssize)size);
        return buffer->str;
}

static bool field_is(NookJournal *journal, const char *field, const char *expected) {
        const char *value;
        gsize size;

        return get_data(journal->journal, field, &value, &size) && size == strlen(expected) &&
               memcmp(value, expected, size) == 0;
}

/* journald marks every way to end a line but the newline. */
static bool is_unterminated(NookJournal *journal) {
        const char *value;
        gsize size;

        return get_data(journal->journal, "_LINE_BREAK", &value, &size);
}

/* Whether the current entry lies before the place that was looked for. */
static bool is_too_early(NookJournal *journal) {
        uint64_t usec;
        sd_id128_t boot_id;

        if (journal->first_realtime_usec != 0 &&
            sd_journal_get_realtime_usec(journal->journal, &usec) >= 0)
                return usec < journal->first_realtime_usec;
        if (journal->first_monotonic_usec == 0)
                return false;
        /* With no boot to compare with, an entry of an earlier boot is an error of its own. */
        return sd_journal_get_monotonic_usec(journal->journal, &usec, NULL) == -ESTALE ||
               (sd_journal_get_monotonic_usec(journal->journal, &usec, &boot_id) >= 0 &&
                usec < journal->first_monotonic_usec);
}

/* Goes to the next entry that counts. Returns what sd_journal_next() does. */
static int go_on(NookJournal *journal) {
        int r;

        do
                r = sd_journal_next(journal->journal);
        while (r > 0 && is_too_early(journal));
        return r;
}

bool nook_journal_next(NookJournal *journal, NookJournalLine *ret_line, GError **error) {
        sd_journal *j = journal->journal;
        const char *value;
        gsize size;
        int r = go_on(journal);

        if (r < 0)
                return nook_fail_errno(error, r, "read the journal");
        if (r == 0)
                return false;
        *ret_line = (NookJournalLine){.priority = 6};
        (void)sd_journal_get_realtime_usec(j, &ret_line->realtime_usec);
        ret_line->unit = copy_field(
                journal, journal->is_user ? "_SYSTEMD_USER_UNIT" : "_SYSTEMD_UNIT", journal->unit);
        ret_line->identifier = copy_field(journal, "SYSLOG_IDENTIFIER", journal->identifier);
        ret_line->invocation = copy_field(journal, "_SYSTEMD_INVOCATION_ID", journal->invocation);
        ret_line->pid = copy_field(journal, "_PID", journal->pid);
        ret_line->is_stream = field_is(journal, "_TRANSPORT", "stdout");
        ret_line->is_unterminated = ret_line->is_stream && is_unterminated(journal);
        if (get_data(j, "PRIORITY", &value, &size) && size == 1 && value[0] >= '0' &&
            value[0] <= '7')
                ret_line->priority = value[0] - '0';
        /* Last, for its memory is lent until the next question. */
        if (!get_data(j, "MESSAGE", &ret_line->message, &ret_line->message_size))
                ret_line->message = "";
        return true;
}

char *nook_journal_field(NookJournal *journal, const char *field) {
        const char *value;
        gsize size;

        if (!get_data(journal->journal, field, &value, &size))
                return NULL;
        return g_strndup(value, size);
}

int nook_journal_fd(NookJournal *journal) {
        return sd_journal_get_fd(journal->journal);
}

void nook_journal_process(NookJournal *journal) {
        (void)sd_journal_process(journal->journal);
}

void nook_journal_wait(NookJournal *journal, uint64_t timeout_usec) {
        (void)sd_journal_wait(journal->journal, timeout_usec);
}

char *nook_journal_find_spawn_failure(bool is_user, const char *unit, int32_t pid,
                                      uint64_t since_realtime_usec) {
        g_autofree char *match = g_strdup_printf("%s=%s", is_user ? "USER_UNIT" : "UNIT", unit);
        g_autofree char *sender = g_strdup_printf("_PID=%d", (int)pid);
        g_autoptr(NookJournal) journal = NULL;
        NookJournalLine line;

        if (!nook_journal_open((NookJournalOptions){.is_user = is_user}, &journal, NULL))
                return NULL;
        nook_journal_want_field(journal, "MESSAGE_ID=" SD_MESSAGE_SPAWN_FAILED_STR);
        nook_journal_require(journal, match);
        nook_journal_require(journal, sender);
        if (!nook_journal_seek_realtime(journal, since_realtime_usec, NULL) ||
            !nook_journal_next(journal, &line, NULL))
                return NULL;
        return g_strndup(line.message, line.message_size);
}

uint64_t nook_journal_count_dropped(const char *unit, uint64_t since_realtime_usec) {
        g_autofree char *ending = g_strdup_printf(" messages from %s", unit);
        g_autoptr(NookJournal) journal = NULL;
        NookJournalLine line;
        uint64_t n = 0;

        if (!nook_journal_open((NookJournalOptions){0}, &journal, NULL))
                return 0;
        /* The transport cannot be forged: only journald itself writes by it. */
        nook_journal_want_field(journal, "MESSAGE_ID=" SD_MESSAGE_JOURNAL_DROPPED_STR);
        nook_journal_require(journal, "_TRANSPORT=driver");
        if (!nook_journal_seek_realtime(journal, since_realtime_usec, NULL))
                return 0;
        while (nook_journal_next(journal, &line, NULL)) {
                g_autofree char *message = g_strndup(line.message, line.message_size);
                g_autofree char *count = NULL;

                if (!g_str_has_suffix(message, ending))
                        continue;
                count = nook_journal_field(journal, "N_DROPPED");
                n += count != NULL ? g_ascii_strtoull(count, NULL, 10) : 1;
        }
        return n;
}
