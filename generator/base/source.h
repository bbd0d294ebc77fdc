/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* A text that findings point into: a job file, an operator's configuration, a variable's value.
 * Tokens and syntax trees carry byte ranges only (16 bytes each); lines and columns are worked out
 * here when somebody asks, which is when a finding is printed. */

#include <glib.h>
#include <stdint.h>

typedef struct NookSource NookSource;

/* Where something stands, for people. */
typedef struct {
        uint32_t line;   /* from 1 */
        uint32_t column; /* from 1, in grapheme clusters (Unicode UAX #29), as editors and HCL count
                          */
        uint32_t byte;   /* from 0, from the start of the text */
} NookPos;

/* Bytes [start, end) of a source. source is borrowed, except in a finding; NULL: no place. */
typedef struct {
        NookSource *source;
        uint32_t start;
        uint32_t end;
} NookRange;

#define NOOK_RANGE_NONE ((NookRange){0})

/* A new source.
 *   name  what findings call it: a path as the user typed it, "<stdin>", "-var count"; copied
 *   text  its bytes, of which at most G_MAXUINT32 are used; a reference is taken */
NookSource *nook_source_new(const char *name, GBytes *text);
NookSource *nook_source_new_text(const char *name, const char *text); /* copies both */
NookSource *nook_source_ref(NookSource *source);
void nook_source_unref(NookSource *source);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(NookSource, nook_source_unref)

const char *nook_source_name(const NookSource *source);
const char *nook_source_text(const NookSource *source, uint32_t *ret_size); /* not NUL-terminated */

/* Line and column of a byte offset; an offset past the end means the end. */
NookPos nook_source_pos(NookSource *source, uint32_t byte);

/* The bytes of a line (from 1) without its newline; borrowed. */
const char *nook_source_line(NookSource *source, uint32_t line, uint32_t *ret_size);

/* How many grapheme clusters a text has. Not u8_grapheme_next(): that looks at two characters only,
 * and takes a family joined by U+200D for several. Bytes that are not UTF-8 count one each. */
uint32_t nook_grapheme_count(const char *text, size_t size);

/* The smallest range that holds both; they must be of one source. */
NookRange nook_range_join(NookRange a, NookRange b);
