/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "hcl/parser.h"

#include <string.h>

/* Names are compared by size and bytes, so that they need not be copied to be looked up. */
typedef struct {
        const char *text;
        uint32_t size;
        uint32_t hash;
} Name;

static guint hash_name(gconstpointer key) {
        return ((const Name *)key)->hash;
}

static gboolean equal_names(gconstpointer a, gconstpointer b) {
        const Name *x = a, *y = b;

        return x->size == y->size && memcmp(x->text, y->text, x->size) == 0;
}

void hcl_parser_init(HclParser *parser, HclFile *file, const char *text, size_t size,
                     HclLexStart start, NookRange place, NookDiags *diags) {
        *parser = (HclParser){
                .file = file,
                .diags = diags,
                .newlines = true,
                .names = g_hash_table_new(hash_name, equal_names),
                .exprs = g_ptr_array_new(),
                .attributes = g_ptr_array_new(),
                .blocks = g_ptr_array_new(),
                .labels = g_array_new(FALSE, FALSE, sizeof(HclParserLabel)),
        };
        hcl_lexer_init(&parser->lexer, text, (uint32_t)MIN(size, G_MAXUINT32), start, place, diags);
}

void hcl_parser_clear(HclParser *parser) {
        hcl_lexer_clear(&parser->lexer);
        g_clear_pointer(&parser->names, g_hash_table_unref);
        g_clear_pointer(&parser->exprs, g_ptr_array_unref);
        g_clear_pointer(&parser->attributes, g_ptr_array_unref);
        g_clear_pointer(&parser->blocks, g_ptr_array_unref);
        g_clear_pointer(&parser->labels, g_array_unref);
}

void hcl_parser_push(GPtrArray *gathered, const void *item) {
        g_ptr_array_add(gathered, (gpointer)(uintptr_t)item);
}

const void *hcl_parser_take(HclParser *parser, GPtrArray *gathered, guint mark, size_t *ret_n) {
        const void *items = NULL;

        *ret_n = gathered->len - mark;
        if (*ret_n > 0)
                items = hcl_file_memdup(parser->file, gathered->pdata + mark,
                                        *ret_n * sizeof(gpointer));
        g_ptr_array_set_size(gathered, (gint)mark);
        return items;
}

/* A comment up to the end of its line is the newline as well. */
static bool is_newline(const HclParser *parser, HclToken token) {
        return token.type == HCL_TOKEN_NEWLINE ||
               (token.type == HCL_TOKEN_COMMENT && parser->lexer.text[token.end - 1] == '\n');
}

static void fill(HclParser *parser) {
        parser->newline.type = HCL_TOKEN_EOF;
        for (;;) {
                HclToken token = hcl_lexer_next(&parser->lexer);

                if (is_newline(parser, token)) {
                        if (parser->newline.type == HCL_TOKEN_EOF) {
                                parser->newline = token;
                                parser->newline.type = HCL_TOKEN_NEWLINE;
                        }
                } else if (token.type != HCL_TOKEN_COMMENT) {
                        parser->token = token;
                        break;
                }
        }
        parser->have_token = true;
}

HclToken hcl_parser_peek(HclParser *parser) {
        if (!parser->have_token)
                fill(parser);
        return parser->newlines && parser->newline.type == HCL_TOKEN_NEWLINE ? parser->newline
                                                                             : parser->token;
}

HclToken hcl_parser_read(HclParser *parser) {
        parser->previous = hcl_parser_peek(parser);
        parser->newline.type = HCL_TOKEN_EOF;
        if (parser->previous.type != HCL_TOKEN_NEWLINE)
                parser->have_token = false;
        return parser->previous;
}

bool hcl_parser_next_is(HclParser *parser, HclTokenType type) {
        return hcl_parser_peek(parser).type == type;
}

bool hcl_parser_next_is_word(HclParser *parser, const char *word) {
        HclToken token = hcl_parser_peek(parser);
        size_t size = strlen(word);

        return token.type == HCL_TOKEN_IDENT && token.end - token.start == size &&
               memcmp(hcl_parser_text(parser, token), word, size) == 0;
}

bool hcl_parser_set_newlines(HclParser *parser, bool newlines) {
        bool before = parser->newlines;

        parser->newlines = newlines;
        return before;
}

NookRange hcl_parser_range(const HclParser *parser, HclToken token) {
        return hcl_lexer_range(&parser->lexer, token.start, token.end);
}

const char *hcl_parser_text(const HclParser *parser, HclToken token) {
        return parser->lexer.text + token.start;
}

const char *hcl_parser_name(HclParser *parser, HclToken token) {
        return hcl_parser_intern(parser, hcl_parser_text(parser, token), token.end - token.start);
}

const char *hcl_parser_intern(HclParser *parser, const char *text, size_t size) {
        Name name = {.text = text, .size = (uint32_t)size};
        Name *known;

        name.hash = 5381;
        for (uint32_t i = 0; i < name.size; i++)
                name.hash = name.hash * 33 + (uint8_t)name.text[i];
        known = g_hash_table_lookup(parser->names, &name);
        if (!known) {
                known = hcl_file_new_struct(parser->file, Name);
                *known = name;
                known->text = hcl_file_strndup(parser->file, name.text, name.size);
                g_hash_table_add(parser->names, known);
        }
        return known->text;
}

/* Whether the lexer has reported what the parser stands at. */
static bool is_reported(const HclParser *parser) {
        return parser->previous.type == HCL_TOKEN_INVALID ||
               (parser->have_token && parser->token.type == HCL_TOKEN_INVALID);
}

void hcl_parser_error(HclParser *parser, NookRange subject, const char *summary, const char *detail,
                      ...) {
        g_autofree char *text = NULL;
        va_list args;

        parser->mistakes++;
        if (parser->recovering || is_reported(parser)) {
                parser->recovering = true;
                return;
        }
        parser->recovering = true;
        va_start(args, detail);
        text = g_strdup_vprintf(detail, args);
        va_end(args);
        nook_diags_error(parser->diags, subject, summary, "%s", text);
}

/* What a token opens; EOF: nothing. */
static HclTokenType closer_of(HclTokenType open) {
        switch (open) {
        case HCL_TOKEN_OPEN_BRACE:
                return HCL_TOKEN_CLOSE_BRACE;
        case HCL_TOKEN_OPEN_BRACKET:
                return HCL_TOKEN_CLOSE_BRACKET;
        case HCL_TOKEN_OPEN_PAREN:
                return HCL_TOKEN_CLOSE_PAREN;
        case HCL_TOKEN_OPEN_QUOTE:
                return HCL_TOKEN_CLOSE_QUOTE;
        case HCL_TOKEN_OPEN_HEREDOC:
                return HCL_TOKEN_CLOSE_HEREDOC;
        case HCL_TOKEN_OPEN_INTERPOLATION:
        case HCL_TOKEN_OPEN_DIRECTIVE:
                return HCL_TOKEN_CLOSE_SEQUENCE;
        default:
                return HCL_TOKEN_EOF;
        }
}

static bool is_closer(HclTokenType type) {
        return type == HCL_TOKEN_CLOSE_BRACE || type == HCL_TOKEN_CLOSE_BRACKET ||
               type == HCL_TOKEN_CLOSE_PAREN || type == HCL_TOKEN_CLOSE_QUOTE ||
               type == HCL_TOKEN_CLOSE_HEREDOC || type == HCL_TOKEN_CLOSE_SEQUENCE;
}

/* Follows what a token opens and closes. open: closers that are still to come. Returns false for a
 * closer that closes none of them. */
static bool track(GByteArray *open, HclTokenType type) {
        uint8_t closer = (uint8_t)closer_of(type);
        guint match = open->len;

        if (closer != HCL_TOKEN_EOF)
                g_byte_array_append(open, &closer, 1);
        if (!is_closer(type))
                return true;
        while (match > 0 && open->data[match - 1] != type)
                match--;
        if (match == 0)
                return false;
        g_byte_array_set_size(open, match - 1);
        return true;
}

HclToken hcl_parser_recover(HclParser *parser, HclTokenType close) {
        g_autoptr(GByteArray) open = g_byte_array_new();

        parser->recovering = true;
        for (;;) {
                HclToken next = hcl_parser_peek(parser);

                if (next.type == HCL_TOKEN_EOF)
                        return next;
                if (!track(open, next.type)) {
                        if (next.type == close)
                                return hcl_parser_read(parser);
                        /* It closes something further out: what is open here never was closed. */
                        if (next.type == HCL_TOKEN_CLOSE_BRACE ||
                            next.type == HCL_TOKEN_CLOSE_SEQUENCE)
                                return next;
                }
                (void)hcl_parser_read(parser);
        }
}

void hcl_parser_recover_item(HclParser *parser) {
        g_autoptr(GByteArray) open = g_byte_array_new();

        parser->recovering = true;
        for (;;) {
                HclToken next = hcl_parser_peek(parser);

                if (next.type == HCL_TOKEN_EOF)
                        return;
                if (!track(open, next.type) && next.type == HCL_TOKEN_CLOSE_BRACE &&
                    parser->in_block)
                        return;
                (void)hcl_parser_read(parser);
                if (next.type == HCL_TOKEN_NEWLINE && open->len == 0)
                        return;
        }
}

void hcl_parser_end_string(HclParser *parser) {
        parser->previous = parser->token;
        parser->have_token = false;
        hcl_lexer_end_string(&parser->lexer);
}

bool hcl_parser_enter(HclParser *parser) {
        if (++parser->depth <= HCL_DEPTH_MAX)
                return true;
        hcl_parser_error(parser, hcl_parser_range(parser, hcl_parser_peek(parser)),
                         "Nesting too deep",
                         "Blocks, brackets and templates may stand in each other at most %d deep.",
                         HCL_DEPTH_MAX);
        hcl_lexer_stop(&parser->lexer);
        parser->have_token = false;
        return false;
}

void hcl_parser_leave(HclParser *parser) {
        parser->depth--;
}

const HclExpr *hcl_parser_invalid(HclParser *parser, NookRange range) {
        return hcl_parser_literal(parser, HCL_LITERAL_INVALID, NULL, 0, range);
}

const HclExpr *hcl_parser_literal(HclParser *parser, HclLiteralKind kind, const char *text,
                                  size_t size, NookRange range) {
        HclLiteralExpr *literal = hcl_file_new_struct(parser->file, HclLiteralExpr);

        literal->expr = (HclExpr){.ops = &hcl_literal_ops, .range = range};
        literal->kind = kind;
        literal->text = text;
        literal->size = (uint32_t)size;
        return &literal->expr;
}

/* ---- The front door ---- */

static NookRange whole(NookSource *source) {
        NookRange range = {.source = source};

        (void)nook_source_text(source, &range.end);
        return range;
}

static void init_whole(HclParser *parser, NookSource *source, HclLexStart start, NookDiags *diags) {
        uint32_t size;
        const char *text = nook_source_text(source, &size);

        hcl_parser_init(parser, hcl_file_new(source), text, size, start, whole(source), diags);
}

HclFile *hcl_parse_with(NookSource *source, HclParseFlags flags, NookDiags *diags) {
        HclParser parser;

        init_whole(&parser, source, HCL_LEX_CODE, diags);
        parser.flags = flags;
        hcl_file_set_body(parser.file, hcl_parse_body(&parser, HCL_TOKEN_EOF));
        hcl_parser_clear(&parser);
        return parser.file;
}

HclFile *hcl_parse(NookSource *source, NookDiags *diags) {
        return hcl_parse_with(source, HCL_PARSE_DEFAULT, diags);
}

static const HclExpr *parse_only_expression(HclParser *parser) {
        const HclExpr *expr;
        HclToken next;

        (void)hcl_parser_set_newlines(parser, false);
        expr = hcl_parse_expression(parser);
        next = hcl_parser_peek(parser);
        if (next.type != HCL_TOKEN_EOF)
                hcl_parser_error(parser, hcl_parser_range(parser, next),
                                 "Extra characters after expression",
                                 "The expression ends before this.");
        return expr;
}

HclFile *hcl_parse_expr(NookSource *source, NookDiags *diags) {
        HclParser parser;

        init_whole(&parser, source, HCL_LEX_CODE, diags);
        hcl_file_set_expr(parser.file, parse_only_expression(&parser));
        hcl_parser_clear(&parser);
        return parser.file;
}

HclFile *hcl_parse_template(NookSource *source, NookDiags *diags) {
        HclParser parser;

        init_whole(&parser, source, HCL_LEX_TEMPLATE, diags);
        hcl_file_set_expr(parser.file, hcl_parse_template_until(&parser, HCL_TOKEN_EOF));
        hcl_parser_clear(&parser);
        return parser.file;
}

/* Text of another syntax: it must stay, since literals point into it. */
static const HclExpr *parse_within(HclFile *file, const char *text, size_t size, NookRange place,
                                   HclLexStart start, NookDiags *diags) {
        const char *kept = hcl_file_strndup(file, text, size);
        guint errors = nook_diags_count_errors(diags);
        HclParser parser;
        const HclExpr *expr;

        hcl_parser_init(&parser, file, kept, size, start, place, diags);
        expr = start == HCL_LEX_CODE ? parse_only_expression(&parser)
                                     : hcl_parse_template_until(&parser, HCL_TOKEN_EOF);
        hcl_parser_clear(&parser);
        return nook_diags_count_errors(diags) > errors ? NULL : expr;
}

const HclExpr *hcl_file_parse_expr(HclFile *file, const char *text, size_t size, NookRange place,
                                   NookDiags *diags) {
        return parse_within(file, text, size, place, HCL_LEX_CODE, diags);
}

const HclExpr *hcl_file_parse_template(HclFile *file, const char *text, size_t size,
                                       NookRange place, NookDiags *diags) {
        return parse_within(file, text, size, place, HCL_LEX_TEMPLATE, diags);
}

void hcl_parser_leave_sequence(HclParser *parser, size_t n_frames, uint32_t start, uint32_t end) {
        hcl_lexer_leave(&parser->lexer, n_frames, end);
        parser->previous = (HclToken){.type = HCL_TOKEN_CLOSE_SEQUENCE, .start = start, .end = end};
        parser->newline.type = HCL_TOKEN_EOF;
        parser->have_token = false;
}
