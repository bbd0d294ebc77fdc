/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Reading the journal: the lines that tasks print, and what the manager says of their units. Only
 * fields that journald itself adds (they begin with "_") decide whose line it is; NOOK_* fields
 * can be forged where a task has a log socket.
 *
 * What journald does not keep cannot be shown: it drops empty lines, and splits lines at NUL and
 * at LineMax=. A line that did not end with a newline is marked, so that the output can be given
 * back as it was. */

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

typedef struct NookJournal NookJournal;

typedef struct {
        uint64_t realtime_usec;
        const char *unit; /* _SYSTEMD_UNIT; NULL: none. Borrowed, as all: until the next call */
        const char *identifier; /* SYSLOG_IDENTIFIER, or NULL */
        const char *invocation; /* 32 hex digits, or NULL */
        const char *pid;        /* or NULL */
        const char *message;    /* not NUL-terminated */
        gsize message_size;
        int priority;         /* 6 where it is not given */
        bool is_stream;       /* came by standard output or error, not by a log socket */
        bool is_unterminated; /* no newline stood at its end */
} NookJournalLine;

typedef struct {
        bool is_user;        /* a user's manager: _SYSTEMD_USER_UNIT */
        bool is_system_only; /* only the system's journal file: when no task runs as a person */
} NookJournalOptions;

/* Opens the local journal. Errors: ACCESS, IO. */
bool nook_journal_open(NookJournalOptions options, NookJournal **ret_journal, GError **error);
void nook_journal_free(NookJournal *journal);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(NookJournal, nook_journal_free)

/* Which entries are wanted; called several times, any of them is. Call before the first seek. */
void nook_journal_want_unit(NookJournal *journal, const char *unit);
void nook_journal_want_field(NookJournal *journal, const char *field_and_value);

/* What the manager says about a unit; to be wanted alone. */
void nook_journal_want_manager(NookJournal *journal, const char *unit);

/* One condition that every wanted entry must meet too ("_TRANSPORT=stdout"); after the others. */
void nook_journal_require(NookJournal *journal, const char *field_and_value);

/* Where to begin. monotonic_usec: CLOCK_MONOTONIC of this boot. */
bool nook_journal_seek_head(NookJournal *journal, GError **error);
bool nook_journal_seek_monotonic(NookJournal *journal, uint64_t monotonic_usec, GError **error);
bool nook_journal_seek_realtime(NookJournal *journal, uint64_t realtime_usec, GError **error);

/* Goes n entries back from the end, so that the last n are read next. */
bool nook_journal_seek_tail(NookJournal *journal, uint64_t n, GError **error);

/* The next entry; false at the end (try again when the journal has grown) or with error set. */
bool nook_journal_next(NookJournal *journal, NookJournalLine *ret_line, GError **error);

/* The value of any field of the entry that was read last; NULL: it has none. Caller's. */
char *nook_journal_field(NookJournal *journal, const char *field);

/* For an event loop: a descriptor that becomes readable when the journal may have grown, and what
 * to call then. -1: not to be had. */
int nook_journal_fd(NookJournal *journal);
void nook_journal_process(NookJournal *journal);

/* Blocks until the journal has grown, at most that long. */
void nook_journal_wait(NookJournal *journal, uint64_t timeout_usec);

/* How many lines of a unit journald says that it has dropped, because they came faster than its
 * rate limit allows. It says so with the first line that it takes again: what a unit printed last
 * may be missing without a word. 0 for units of a user's manager, whose lines it does not tell
 * apart. */
uint64_t nook_journal_count_dropped(const char *unit, uint64_t since_realtime_usec);

/* What the manager's child said when it could not start the command of a unit ("Failed at step EXEC
 * spawning /bin/x: No such file or directory"); NULL: nothing found. Caller's.
 *   pid  of that child, as the manager gives it (ExecMainPID): others may say anything of a unit */
char *nook_journal_find_spawn_failure(bool is_user, const char *unit, int32_t pid,
                                      uint64_t since_realtime_usec);
