/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* The parser's state and its parts: recursive descent over the lexer's tokens, with one token of
 * look-ahead. After a mistake it reports once, finds a place where an item of a body can begin, and
 * goes on. */

#include "hcl/native.h"

typedef struct {
        HclFile *file;
        HclLexer lexer;
        NookDiags *diags;
        HclParseFlags flags;

        HclToken token;   /* the next one that is not a newline */
        HclToken newline; /* the first of the newlines before it; type EOF: there is none */
        HclToken previous;
        bool have_token;
        bool in_block; /* in a body that ends with a brace */
        bool newlines; /* whether newlines mean something here */

        bool recovering;   /* a mistake in this item is reported; others may follow from it */
        guint mistakes;    /* reported or not */
        guint rereads;     /* of text behind a sequence that was wrong */
        guint lost_braces; /* of blocks whose headers went wrong; theirs will come all the same */
        guint depth;
        GHashTable *names; /* identifiers seen, as strings in the file's memory */

        /* What is being gathered, by all that is open at the moment: each remembers where its own
         * part begins, and takes it off when it is complete. */
        GPtrArray *exprs; /* const HclExpr */
        GPtrArray *attributes, *blocks;
        GArray *labels; /* HclParserLabel */
} HclParser;

typedef struct {
        const char *text;
        NookRange range;
} HclParserLabel;

/* ---- parser.c: tokens, mistakes, recovery ---- */

/* text stands at `place` of the file's source; see hcl_lexer_init(). */
void hcl_parser_init(HclParser *parser, HclFile *file, const char *text, size_t size,
                     HclLexStart start, NookRange place, NookDiags *diags);
void hcl_parser_clear(HclParser *parser);

HclToken hcl_parser_peek(HclParser *parser);
HclToken hcl_parser_read(HclParser *parser);
bool hcl_parser_next_is(HclParser *parser, HclTokenType type);
bool hcl_parser_next_is_word(HclParser *parser, const char *word);

/* Sets whether newlines mean something; returns what was before. */
bool hcl_parser_set_newlines(HclParser *parser, bool newlines);

NookRange hcl_parser_range(const HclParser *parser, HclToken token);
const char *hcl_parser_text(const HclParser *parser, HclToken token); /* its first byte */

/* The text of an identifier, the same pointer for the same text. */
const char *hcl_parser_name(HclParser *parser, HclToken token);

const char *hcl_parser_intern(HclParser *parser, const char *text, size_t size);

/* Reports a mistake unless it may follow from an earlier one in the same item. */
void hcl_parser_error(HclParser *parser, NookRange subject, const char *summary, const char *detail,
                      ...) G_GNUC_PRINTF(4, 5);

/* Steps over everything up to and with the token that closes what is open now; returns it. */
HclToken hcl_parser_recover(HclParser *parser, HclTokenType close);
/* The same up to the newline that ends an item of a body. */
void hcl_parser_recover_item(HclParser *parser);

/* Takes the quotation mark that was peeked at, which seemed to open a string in a ${ }, for the end
 * of the string around that. */
void hcl_parser_end_string(HclParser *parser);

/* Goes on behind the sequence [start, end) in the text that stands n_frames deep in the lexer's
 * frames, whatever has been read since it began. */
void hcl_parser_leave_sequence(HclParser *parser, size_t n_frames, uint32_t start, uint32_t end);

/* Enters something that nests; false, after reporting, when it is too deep. hcl_parser_leave() in
 * either case. */
bool hcl_parser_enter(HclParser *parser);
void hcl_parser_leave(HclParser *parser);

/* Takes what was gathered from `mark` on off the array, into the file's memory. */
const void *hcl_parser_take(HclParser *parser, GPtrArray *gathered, guint mark, size_t *ret_n);
void hcl_parser_push(GPtrArray *gathered, const void *item);

/* A placeholder for what could not be parsed. */
const HclExpr *hcl_parser_invalid(HclParser *parser, NookRange range);
const HclExpr *hcl_parser_literal(HclParser *parser, HclLiteralKind kind, const char *text,
                                  size_t size, NookRange range);

/* ---- the grammar ---- */

HclBody *hcl_parse_body(HclParser *parser, HclTokenType end);           /* parse-body.c */
const HclExpr *hcl_parse_expression(HclParser *parser);                 /* parse-expr.c */
const HclExpr *hcl_parse_steps(HclParser *parser, const HclExpr *from); /* parse-postfix.c */
const HclExpr *hcl_parse_tuple(HclParser *parser);                      /* parse-collection.c */
const HclExpr *hcl_parse_object(HclParser *parser);                     /* parse-collection.c */
const HclExpr *hcl_parse_string(HclParser *parser);                     /* parse-template.c */
const HclExpr *hcl_parse_template_until(HclParser *parser, HclTokenType end); /* parse-template.c */

/* NAME in, or NAME, NAME in, after the word `for` of an expression or a directive; false after
 * reporting. parse-collection.c
 *   names  [0] the key's or NULL, [1] the value's; both NULL before */
bool hcl_parse_for_names(HclParser *parser, bool is_directive, const char **names);

/* The text of a piece of a string without its escapes, in the source or the file's memory. */
const char *hcl_parse_text(HclParser *parser, HclToken piece, size_t *ret_size);

/* "a string" without ${ }: a label. */
const char *hcl_parse_label(HclParser *parser, NookRange *ret_range);
