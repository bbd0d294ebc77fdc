/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>
#include <unictype.h>
#include <unistr.h>

#include "hcl/lexer-internal.h"

/* Steps over the rest of an identifier. */
static void skip_ident(HclLexer *lexer) {
        for (;;) {
                const char *at = lexer->text + lexer->at, *end = lexer->text + lexer->size;
                ucs4_t wide;
                int used;

                while (at < end && is_class(*at, IS_IDENT))
                        at++;
                lexer->at = (uint32_t)(at - lexer->text);
                if (at == end || !(*at & 0x80))
                        return;
                used = u8_mbtoucr(&wide, (const uint8_t *)lexer->text + lexer->at,
                                  lexer->size - lexer->at);
                if (used <= 0 || !uc_is_property_id_continue(wide))
                        return;
                lexer->at += (uint32_t)used;
        }
}

static HclToken next_wide(HclLexer *lexer) {
        uint32_t start = lexer->at;
        ucs4_t c;
        int used = u8_mbtoucr(&c, (const uint8_t *)lexer->text + start, lexer->size - start);

        if (used <= 0)
                return hcl_lexer_bad_encoding(lexer);
        if (!uc_is_property_id_start(c))
                return hcl_lexer_misfit(lexer, (uint32_t)used);
        lexer->at += (uint32_t)used;
        skip_ident(lexer);
        return token(lexer, HCL_TOKEN_IDENT, start);
}

/* The digit, point or exponent with its first digit that a number may go on with; 0: none. */
static uint32_t number_part_size(const HclLexer *lexer, uint32_t at) {
        const char *text = lexer->text;
        uint32_t digit = at + 1;

        if (at >= lexer->size)
                return 0;
        if (is_class(text[at], IS_DIGIT) || text[at] == '.')
                return 1;
        if ((text[at] | 0x20) != 'e')
                return 0;
        if (digit < lexer->size && (text[digit] == '+' || text[digit] == '-'))
                digit++;
        return digit < lexer->size && is_class(text[digit], IS_DIGIT) ? digit + 1 - at : 0;
}

/* Everything that looks like a number, 1.2.3 among others, is one token, which the parser then
 * refuses. A point at its end does not belong to it. */
static HclToken next_number(HclLexer *lexer) {
        uint32_t start = lexer->at, at = start, size;

        while ((size = number_part_size(lexer, at)) > 0) {
                if (lexer->text[at] != '.')
                        lexer->at = at + size;
                at += size;
        }
        return token(lexer, HCL_TOKEN_NUMBER, start);
}

static HclToken next_line_comment(HclLexer *lexer) {
        uint32_t start = lexer->at;
        const char *end = memchr(lexer->text + start, '\n', lexer->size - start);

        lexer->at = end ? (uint32_t)(end - lexer->text) + 1 : lexer->size;
        return token(lexer, HCL_TOKEN_COMMENT, start);
}

/* false: it does not end. */
static bool skip_inline_comment(HclLexer *lexer) {
        const char *end = memmem(lexer->text + lexer->at + 2, lexer->size - lexer->at - 2, "*/", 2);

        if (end)
                lexer->at = (uint32_t)(end - lexer->text) + 2;
        return end;
}

/* A comment that does not end takes all that follows. */
static HclToken open_comment(HclLexer *lexer) {
        HclToken comment = hcl_lexer_misfit(lexer, 2);

        lexer->at = comment.end = lexer->size;
        return comment;
}

/* <<NAME or <<-NAME and a newline. */
static bool open_heredoc(HclLexer *lexer) {
        uint32_t start = lexer->at, marker, newline;
        HclLexerFrame frame = {.mode = MODE_HEREDOC, .line_start = true};

        lexer->at += 2;
        if (lexer->at < lexer->size && lexer->text[lexer->at] == '-')
                lexer->at++;
        marker = lexer->at;
        if (marker < lexer->size &&
            (is_class(lexer->text[marker], IS_IDENT_START) || lexer->text[marker] & 0x80)) {
                skip_ident(lexer);
                newline = hcl_lexer_newline_size(lexer);
                if (newline > 0 && hcl_is_identifier(lexer->text + marker, lexer->at - marker)) {
                        frame.marker_start = marker;
                        frame.marker_size = lexer->at - marker;
                        lexer->at += newline;
                        hcl_lexer_push(lexer, frame);
                        return true;
                }
        }
        lexer->at = start;
        return false;
}

static HclToken close_brace(HclLexer *lexer, uint32_t size) {
        uint32_t start = lexer->at;
        bool closes = lexer->n_frames > 0 && lexer->top.braces == lexer->braces;

        lexer->at += size;
        lexer->braces--;
        if (closes)
                hcl_lexer_pop(lexer);
        return token(lexer, closes || size == 2 ? HCL_TOKEN_CLOSE_SEQUENCE : HCL_TOKEN_CLOSE_BRACE,
                     start);
}

/* Tokens of two or three characters that begin like one of one. */
typedef struct {
        char text[4];
        HclTokenType type;
} Symbol;

static const Symbol symbols[] = {
        {"...", HCL_TOKEN_ELLIPSIS}, {"==", HCL_TOKEN_EQUAL_TO},   {"=>", HCL_TOKEN_ARROW},
        {"!=", HCL_TOKEN_NOT_EQUAL}, {"<=", HCL_TOKEN_LESS_EQUAL}, {">=", HCL_TOKEN_GREATER_EQUAL},
        {"&&", HCL_TOKEN_AND},       {"||", HCL_TOKEN_OR},         {"::", HCL_TOKEN_DOUBLE_COLON},
};

static const uint8_t singles[128] = {
        ['['] = HCL_TOKEN_OPEN_BRACKET, [']'] = HCL_TOKEN_CLOSE_BRACKET,
        ['('] = HCL_TOKEN_OPEN_PAREN,   [')'] = HCL_TOKEN_CLOSE_PAREN,
        ['.'] = HCL_TOKEN_DOT,          [','] = HCL_TOKEN_COMMA,
        ['*'] = HCL_TOKEN_STAR,         ['/'] = HCL_TOKEN_SLASH,
        ['%'] = HCL_TOKEN_PERCENT,      ['+'] = HCL_TOKEN_PLUS,
        ['-'] = HCL_TOKEN_MINUS,        ['='] = HCL_TOKEN_EQUAL,
        ['<'] = HCL_TOKEN_LESS,         ['>'] = HCL_TOKEN_GREATER,
        ['!'] = HCL_TOKEN_NOT,          ['?'] = HCL_TOKEN_QUESTION,
        [':'] = HCL_TOKEN_COLON,
};

static bool starts_with(const HclLexer *lexer, const char *text) {
        size_t size = strlen(text);

        return lexer->size - lexer->at >= size && memcmp(lexer->text + lexer->at, text, size) == 0;
}

static HclToken next_symbol(HclLexer *lexer) {
        uint32_t start = lexer->at;
        char c = lexer->text[start], next = start + 1 < lexer->size ? lexer->text[start + 1] : ' ';

        /* What has two characters ends with one of these. */
        if (next == '=' || next == c || next == '>') {
                for (size_t i = 0; i < G_N_ELEMENTS(symbols); i++) {
                        if (!starts_with(lexer, symbols[i].text))
                                continue;
                        lexer->at += (uint32_t)strlen(symbols[i].text);
                        return token(lexer, symbols[i].type, start);
                }
                if (starts_with(lexer, "**"))
                        return hcl_lexer_misfit(lexer, 2);
        }
        if ((uint8_t)c >= G_N_ELEMENTS(singles) || singles[(uint8_t)c] == 0)
                return hcl_lexer_misfit(lexer, 1);
        lexer->at++;
        return token(lexer, singles[(uint8_t)c], start);
}

/* What begins with a character that tells a token from all others but its own kind. */
static HclToken next_mark(HclLexer *lexer) {
        uint32_t start = lexer->at;

        switch (lexer->text[start]) {
        case '"':
                lexer->at++;
                hcl_lexer_push(lexer, (HclLexerFrame){.mode = MODE_QUOTED});
                return token(lexer, HCL_TOKEN_OPEN_QUOTE, start);
        case '{':
                lexer->at++;
                lexer->braces++;
                return token(lexer, HCL_TOKEN_OPEN_BRACE, start);
        case '}':
                return close_brace(lexer, 1);
        case '~':
                return starts_with(lexer, "~}") ? close_brace(lexer, 2) : next_symbol(lexer);
        case '\n':
        case '\r':
                lexer->at += hcl_lexer_newline_size(lexer);
                return lexer->at > start ? token(lexer, HCL_TOKEN_NEWLINE, start)
                                         : hcl_lexer_misfit(lexer, 1);
        case '#':
                return next_line_comment(lexer);
        case '/':
                if (starts_with(lexer, "//"))
                        return next_line_comment(lexer);
                if (starts_with(lexer, "/*"))
                        return skip_inline_comment(lexer) ? token(lexer, HCL_TOKEN_COMMENT, start)
                                                          : open_comment(lexer);
                return next_symbol(lexer);
        case '<':
                if (starts_with(lexer, "<<") && open_heredoc(lexer))
                        return token(lexer, HCL_TOKEN_OPEN_HEREDOC, start);
                return next_symbol(lexer);
        default:
                return next_symbol(lexer);
        }
}

HclToken hcl_lexer_next_code(HclLexer *lexer) {
        const char *at = lexer->text + lexer->at, *end = lexer->text + lexer->size;
        uint32_t start;

        while (at < end && (*at == ' ' || *at == '\t'))
                at++;
        lexer->at = start = (uint32_t)(at - lexer->text);
        if (at == end)
                return token(lexer, HCL_TOKEN_EOF, start);
        if (is_class(*at, IS_IDENT_START)) {
                skip_ident(lexer);
                return token(lexer, HCL_TOKEN_IDENT, start);
        }
        if (is_class(*at, IS_DIGIT))
                return next_number(lexer);
        if (*at & 0x80)
                return next_wide(lexer);
        return next_mark(lexer);
}
