/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* A stream into the journal, opened by nook and handed to a task as its standard output or error.
 * Because nook opens it, the two can be told apart in the journal by their priority, and because
 * nook keeps a duplicate it can find out when journald has taken in the last line, without asking
 * journald anything: see NookStreamBarrier. The task writes to journald directly; nook may die.
 *
 * journald attributes each line to the process that wrote it, by its cgroup, and to the unit named
 * here when that process is gone already. Only root may name a unit.
 * Source: systemd src/journal/journald-stream.c. */

#include <glib.h>
#include <stdbool.h>

#define NOOK_JOURNAL_SOCKET "/run/systemd/journal/stdout"

#define NOOK_PRIORITY_STDOUT 6 /* LOG_INFO */
#define NOOK_PRIORITY_STDERR 4 /* LOG_WARNING */

/* Opens a stream.
 *   socket_path  NOOK_JOURNAL_SOCKET, or a test's
 *   identifier   SYSLOG_IDENTIFIER of the lines
 *   unit         the unit that will write
 *   priority     0 to 7
 *   ret_fd       the caller's */
bool nook_journal_stream_open(const char *socket_path, const char *identifier, const char *unit,
                              int priority, int *ret_fd, GError **error);

/* Bytes that journald has not read yet; 0 also when that cannot be known. */
int nook_journal_stream_unread(int fd);

/* The state of waiting until journald has taken in everything that was written to a stream.
 * An empty line is written (journald drops empty lines, but a last line without a newline is
 * completed by it); when that is read, all before it was read too. journald handles one piece
 * after the other, so when a second empty line, written after the first was read, is read as
 * well, whatever came before the first stands in the journal. */
typedef struct {
        int fd; /* borrowed */
        int n_sent;
        bool is_over; /* reached, or journald has closed the stream */
} NookStreamBarrier;

/* Goes on as far as it can without waiting; call it again when fd has become writable
 * (edge-triggered) or after a short while. Returns is_over. */
bool nook_stream_barrier_advance(NookStreamBarrier *barrier);
