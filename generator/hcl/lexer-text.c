/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>
#include <unistr.h>

#include "hcl/lexer-internal.h"
#include "hcl/space.h"

/* Text of strings, heredocs and templates. */

static bool is_mark(char c) {
        return c == '$' || c == '%';
}

/* Whether a sequence opens here: at a `$` or `%` before `{`. */
static bool at_sequence(const HclLexer *lexer) {
        return lexer->at + 1 < lexer->size && lexer->text[lexer->at + 1] == '{';
}

static HclToken open_sequence(HclLexer *lexer) {
        uint32_t start = lexer->at;
        bool directive = lexer->text[start] == '%';

        lexer->at += 2;
        if (lexer->at < lexer->size && lexer->text[lexer->at] == '~')
                lexer->at++;
        lexer->top.line_start = false;
        lexer->braces++;
        hcl_lexer_push(lexer, (HclLexerFrame){.mode = MODE_CODE, .braces = lexer->braces});
        return token(lexer, directive ? HCL_TOKEN_OPEN_DIRECTIVE : HCL_TOKEN_OPEN_INTERPOLATION,
                     start);
}

/* Steps over a character outside of ASCII; false at ill-formed ones. */
static bool skip_wide(HclLexer *lexer) {
        ucs4_t c;
        int used =
                u8_mbtoucr(&c, (const uint8_t *)lexer->text + lexer->at, lexer->size - lexer->at);

        if (used <= 0)
                return false;
        lexer->at += (uint32_t)used;
        return true;
}

/* Steps over text up to the next byte of a class that ends it, which may be a `$` that is text. */
static void skip_text(HclLexer *lexer, uint8_t ends) {
        const char *text = lexer->text;

        for (;;) {
                uint32_t at = lexer->at;
                char c;

                while (at < lexer->size && !is_class(text[at], ends))
                        at++;
                lexer->at = at;
                if (at == lexer->size)
                        return;
                c = text[at];
                if (is_mark(c)) {
                        if (at_sequence(lexer))
                                return;
                        /* $${ stands for ${ */
                        if (lexer->at + 2 < lexer->size && text[lexer->at + 1] == c &&
                            text[lexer->at + 2] == '{')
                                lexer->at += 2;
                        lexer->at++;
                } else if (c == '\\' && lexer->at + 1 < lexer->size &&
                           !strchr("\r\n", text[lexer->at + 1])) {
                        lexer->at++;
                        if (!(text[lexer->at] & 0x80))
                                lexer->at++;
                } else if (!(c & 0x80) || !skip_wide(lexer)) {
                        return;
                }
        }
}

/* A newline in a quoted string: most likely its closing quote is missing, so that code goes on
 * after the newline. */
static HclToken end_at_newline(HclLexer *lexer) {
        uint32_t start = lexer->at;
        HclToken bad;

        while (lexer->at < lexer->size &&
               (lexer->text[lexer->at] == '\r' || lexer->text[lexer->at] == '\n'))
                lexer->at++;
        bad = hcl_lexer_quoted_newline(lexer, start);
        lexer->at = start;
        hcl_lexer_pop(lexer);
        return bad;
}

HclToken hcl_lexer_next_quoted(HclLexer *lexer) {
        uint32_t start = lexer->at;

        skip_text(lexer, ENDS_QUOTED);
        if (lexer->at > start)
                return token(lexer, HCL_TOKEN_QUOTED_TEXT, start);
        switch (lexer->text[start]) {
        case '"':
                lexer->at++;
                hcl_lexer_pop(lexer);
                return token(lexer, HCL_TOKEN_CLOSE_QUOTE, start);
        case '$':
        case '%':
                return open_sequence(lexer);
        case '\r':
        case '\n':
                return end_at_newline(lexer);
        case '\\':
                return hcl_lexer_misfit(lexer, 1);
        default:
                return hcl_lexer_bad_encoding(lexer);
        }
}

/* Whether the line from start to here is the one that ends the heredoc. */
static bool is_marker(const HclLexer *lexer, uint32_t start) {
        const char *line = lexer->text + start;
        size_t size = hcl_space_trimmed(line, lexer->at - start);
        size_t space = hcl_space_leading(line, size);

        return size - space == lexer->top.marker_size &&
               memcmp(line + space, lexer->text + lexer->top.marker_start, size - space) == 0;
}

/* The original takes a lone `$` or `%` before the last character of a line for a piece that ends
 * with that character, so that a `~` behind the newline does not reach it. Steps over the CR of a
 * CR LF when it is that character; true: this piece ends here. */
static bool end_at_lone_mark(HclLexer *lexer, uint32_t start) {
        const char *text = lexer->text;
        uint32_t size = lexer->at - start;

        if (size >= 1 && is_mark(text[lexer->at - 1]) &&
            !(size >= 2 && is_mark(text[lexer->at - 2])) && hcl_lexer_newline_size(lexer) == 2) {
                lexer->at++;
                return true;
        }
        return size >= 2 && is_mark(text[lexer->at - 2]) &&
               memchr(" \t\v\f", text[lexer->at - 1], 4);
}

HclToken hcl_lexer_next_plain(HclLexer *lexer) {
        uint32_t start = lexer->at, newline;
        bool heredoc = lexer->top.mode == MODE_HEREDOC;

        skip_text(lexer, ENDS_PLAIN);
        newline = end_at_lone_mark(lexer, start) ? 0 : hcl_lexer_newline_size(lexer);
        if (newline > 0) {
                if (heredoc && lexer->top.line_start && is_marker(lexer, start)) {
                        hcl_lexer_pop(lexer);
                        return token(lexer, HCL_TOKEN_CLOSE_HEREDOC, start);
                }
                lexer->at += newline;
                lexer->top.line_start = true;
                return token(lexer, HCL_TOKEN_PLAIN_TEXT, start);
        }
        lexer->top.line_start = false;
        if (lexer->at > start)
                return token(lexer, HCL_TOKEN_PLAIN_TEXT, start);
        switch (lexer->text[start]) {
        case '$':
        case '%':
                return open_sequence(lexer);
        case '\r': /* alone: in a template, all that follows is text, as it is for the original */
                if (heredoc)
                        return hcl_lexer_misfit(lexer, 1);
                lexer->at = lexer->size;
                return token(lexer, HCL_TOKEN_PLAIN_TEXT, start);
        default:
                return hcl_lexer_bad_encoding(lexer);
        }
}
