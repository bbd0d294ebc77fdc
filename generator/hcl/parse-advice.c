/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "hcl/parse-advice.h"

#include <string.h>

#include "hcl/lexer-internal.h"
#include "hcl/space.h"

enum { SHOWN_MAX = 24 }; /* bytes of a token that a message repeats */

char *hcl_advice_name(const HclParser *parser, HclToken token) {
        uint32_t size = token.end - token.start;

        if (token.type == HCL_TOKEN_NEWLINE)
                return g_strdup("the end of the line");
        if (token.type == HCL_TOKEN_EOF)
                return g_strdup("the end of the file");
        if (size == 0 || size > SHOWN_MAX)
                return g_strdup("something else");
        if (size == 1 && *hcl_parser_text(parser, token) == '"')
                return g_strdup("a quotation mark");
        return g_strdup_printf("\"%.*s\"", (int)size, hcl_parser_text(parser, token));
}

static guint line_of(const HclParser *parser, uint32_t at) {
        NookRange range = hcl_lexer_range(&parser->lexer, at, at);

        return nook_source_pos(range.source, range.start).line;
}

char *hcl_advice_opened(const HclParser *parser, const char *what, HclToken open) {
        return g_strdup_printf("the %s that begins in line %u", what, line_of(parser, open.start));
}

static bool is_word(const HclParser *parser, HclToken token, const char *word) {
        return token.type == HCL_TOKEN_IDENT && token.end - token.start == strlen(word) &&
               memcmp(hcl_parser_text(parser, token), word, strlen(word)) == 0;
}

/* Letters right behind a number: 10s, 0x1F, 1_000. */
static char *after_number(const HclParser *parser, HclToken number) {
        const char *text = hcl_parser_text(parser, number);
        size_t left = parser->lexer.size - number.start, size = 0;

        while (size < left && size < SHOWN_MAX &&
               (is_class(text[size], IS_IDENT) || text[size] == '.'))
                size++;
        if (memchr(text, '_', size) || (size > 1 && text[0] == '0' && g_ascii_isalpha(text[1])))
                return g_strdup(" Numbers are written with decimal digits alone.");
        return g_strdup_printf(
                " A number ends where its digits end; if a unit belongs to it, write a "
                "string: \"%.*s\".",
                (int)size, text);
}

char *hcl_advice_after_argument(const HclParser *parser, HclToken next) {
        HclToken previous = parser->previous;

        if (previous.type == HCL_TOKEN_NUMBER && next.start == previous.end)
                return after_number(parser, previous);
        if (is_word(parser, next, "and"))
                return g_strdup(" Did you mean the operator \"&&\"?");
        if (is_word(parser, next, "or"))
                return g_strdup(" Did you mean the operator \"||\"?");
        if (is_word(parser, previous, "not"))
                return g_strdup(" Did you mean the operator \"!\"?");
        if (next.type == HCL_TOKEN_EQUAL)
                return g_strdup(" To compare two values, write \"==\".");
        return g_strdup("");
}

/* ---- Heredocs ---- */

/* The line at `at`, without white space around it; *ret_next is where the next one begins. */
static const char *read_line(const HclParser *parser, uint32_t at, size_t *ret_size,
                             uint32_t *ret_next) {
        const char *text = parser->lexer.text + at;
        size_t left = parser->lexer.size - at;
        const char *end = memchr(text, '\n', left);
        size_t size = end ? (size_t)(end - text) : left, space = hcl_space_leading(text, size);

        *ret_next = at + (uint32_t)size + (end ? 1 : 0);
        *ret_size = hcl_space_trimmed(text + space, size - space);
        return text + space;
}

char *hcl_advice_unclosed_heredoc(const HclParser *parser, HclToken open) {
        size_t marker_size, size;
        uint32_t at;
        const char *marker = read_line(parser, open.start, &marker_size, &at), *line;
        guint first = line_of(parser, open.start);

        marker += 2 + (marker[2] == '-');
        marker_size -= (size_t)(marker - hcl_parser_text(parser, open));
        while (at < parser->lexer.size) {
                uint32_t here = at;

                line = read_line(parser, here, &size, &at);
                if (size < marker_size || memcmp(line, marker, marker_size) != 0 ||
                    (size > marker_size && is_class(line[marker_size], IS_IDENT)))
                        continue;
                if (size > marker_size)
                        return g_strdup_printf(
                                " Line %u begins with the marker of the heredoc of "
                                "line %u, \"%.*s\", but nothing else may stand there.",
                                line_of(parser, here), first, (int)marker_size, marker);
                return g_strdup_printf(
                        " The closing marker in line %u must be followed by a newline.",
                        line_of(parser, here));
        }
        return g_strdup_printf(" The heredoc that begins in line %u goes up to a line that holds "
                               "\"%.*s\" alone.",
                               first, (int)marker_size, marker);
}

/* The marker behind `<<` and blanks or quotes, up to the end of its line; its size, or 0. */
static size_t find_marker(const HclParser *parser, uint32_t at, const char **ret_marker) {
        uint32_t next;
        size_t size, n = 0;
        const char *line = read_line(parser, at, &size, &next), *start = line;

        while (size > 0 && strchr("<- \t\"'", *line)) {
                line++;
                size--;
        }
        while (n < size && is_class(line[n], IS_IDENT))
                n++;
        *ret_marker = line;
        if (n == 0 || line == start + 2)
                return 0;
        return n == size || (n + 1 == size && strchr("\"'", line[n])) ? n : 0;
}

bool hcl_advice_skip_heredoc(HclParser *parser) {
        HclLexer *lexer = &parser->lexer;
        uint32_t start = parser->token.start, at, here;
        const char *marker, *line;
        size_t marker_size, size;

        if (lexer->size - start < 3 || memcmp(lexer->text + start, "<<", 2) != 0)
                return false;
        marker_size = find_marker(parser, start, &marker);
        if (marker_size == 0)
                return false;
        hcl_parser_error(
                parser, hcl_lexer_range(lexer, start, start + 2), "Invalid heredoc",
                "The closing marker of a heredoc must stand right behind \"<<\" or \"<<-\", "
                "without blanks or quotes, at the end of the line: <<%.*s.",
                (int)marker_size, marker);
        read_line(parser, start, &size, &at);
        while (at < lexer->size) {
                here = at;
                line = read_line(parser, here, &size, &at);
                if (size != marker_size || memcmp(line, marker, size) != 0)
                        continue;
                lexer->at = (uint32_t)(line - lexer->text) + (uint32_t)size;
                parser->have_token = false;
                break;
        }
        return true;
}
