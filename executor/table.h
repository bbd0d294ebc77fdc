/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Lists for people and for programs: the same rows as aligned columns, or as JSON with a name for
 * each column. On a terminal the header is underlined; with --no-legend there is none. */

#include <glib.h>
#include <stdbool.h>
#include <stdio.h>

#include "cli.h"

typedef struct NookTable NookTable;

/* columns: their names, NULL at the end ("UNIT", "STATE"); in JSON in lower case. Borrowed. */
NookTable *nook_table_new(const char *const *columns);
void nook_table_free(NookTable *table);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(NookTable, nook_table_free)

/* Adds the next cell; after as many as there are columns a new row begins. NULL: "-", in JSON null.
 */
void nook_table_add(NookTable *table, const char *text);
void nook_table_add_number(NookTable *table, gint64 number);

/* is_bad: shown in red on a terminal. For the cell added last. */
void nook_table_mark(NookTable *table, bool is_bad);

void nook_table_print(const NookTable *table, const NookCli *cli, FILE *stream);

/* "1.2M", "3min 4s ago", "2026-11-24 17:40:01": as systemctl writes them. Caller's. */
char *nook_text_of_bytes(guint64 bytes);
char *nook_text_of_span(guint64 usec);
char *nook_text_of_time(guint64 realtime_usec);

/* Prints one JSON document that was built compact: as it is, or indented. */
void nook_json_print(const char *compact, const NookCli *cli, FILE *stream);
