/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "hcl/format.h"

#include <string.h>

#include "hcl/lexer.h"

typedef struct {
        HclTokenType type;
        uint32_t start, end;
        size_t blanks; /* in front of it */
} Token;

/* Some tokens that follow each other. */
typedef struct {
        Token *tokens;
        size_t n;
} Cell;

/* A line in up to three cells: what comes first; from the `=` of an assignment that ends on its
 * line; a comment behind the two. A heredoc belongs to the line that it begins in. */
typedef struct {
        Cell lead, assign, comment;
} Line;

typedef struct {
        const char *text;
        GArray *tokens; /* Token; the last one is EOF */
        GArray *lines;  /* Line */
} Layout;

static int bracket_change(HclTokenType type) {
        switch (type) {
        case HCL_TOKEN_OPEN_BRACE:
        case HCL_TOKEN_OPEN_BRACKET:
        case HCL_TOKEN_OPEN_PAREN:
        case HCL_TOKEN_OPEN_DIRECTIVE:
        case HCL_TOKEN_OPEN_INTERPOLATION:
                return 1;
        case HCL_TOKEN_CLOSE_BRACE:
        case HCL_TOKEN_CLOSE_BRACKET:
        case HCL_TOKEN_CLOSE_PAREN:
        case HCL_TOKEN_CLOSE_SEQUENCE:
                return -1;
        default:
                return 0;
        }
}

static int cell_bracket_change(Cell cell) {
        int change = 0;

        for (size_t i = 0; i < cell.n; i++)
                change += bracket_change(cell.tokens[i].type);
        return change;
}

/* ---- Tokens and lines ---- */

static GArray *read_tokens(const char *text, size_t size) {
        GArray *tokens = g_array_new(FALSE, FALSE, sizeof(Token));
        NookRange place = {NULL, 0, (uint32_t)size};
        uint32_t end = 0;
        HclLexer lexer;
        HclToken token;

        hcl_lexer_init(&lexer, text, (uint32_t)size, HCL_LEX_CODE, place, NULL);
        do {
                Token written;

                token = hcl_lexer_next(&lexer);
                /* An invalid token may reach into the next one: what is written is written. */
                token.start = MAX(token.start, end);
                token.end = MAX(token.end, token.start);
                written = (Token){token.type, token.start, token.end, token.start - end};
                g_array_append_val(tokens, written);
                end = token.end;
        } while (token.type != HCL_TOKEN_EOF);
        hcl_lexer_clear(&lexer);
        return tokens;
}

/* A comment to the end of the line takes the newline with it. */
static bool ends_line(const Layout *layout, const Token *token) {
        return token->type == HCL_TOKEN_NEWLINE ||
               (token->type == HCL_TOKEN_COMMENT && token->end > token->start &&
                layout->text[token->end - 1] == '\n');
}

/* Moves the last `n` tokens of a cell to another. */
static Cell split_off(Cell *cell, size_t n) {
        Cell rest = {cell->tokens + cell->n - n, n};

        cell->n -= n;
        return rest;
}

static Line make_line(Token *tokens, size_t n) {
        Line line = {.lead = {tokens, n}};

        if (n > 1 && tokens[n - 1].type == HCL_TOKEN_COMMENT)
                line.comment = split_off(&line.lead, 1);
        for (size_t i = 1; i < line.lead.n; i++) {
                Cell rest = {tokens + i, line.lead.n - i};

                if (tokens[i].type != HCL_TOKEN_EQUAL)
                        continue;
                if (cell_bracket_change(rest) == 0)
                        line.assign = split_off(&line.lead, rest.n);
                break;
        }
        return line;
}

static void make_lines(Layout *layout) {
        Token *tokens = (Token *)(void *)layout->tokens->data;
        size_t start = 0, n = layout->tokens->len - 1; /* without EOF */

        for (size_t i = 0; i < n; i++) {
                if (ends_line(layout, &tokens[i]) || i + 1 == n) {
                        Line line = make_line(tokens + start, i + 1 - start);

                        g_array_append_val(layout->lines, line);
                        start = i + 1;
                }
        }
}

static Line *line_at(const Layout *layout, guint i) {
        return &g_array_index(layout->lines, Line, i);
}

/* ---- Indentation ---- */

/* What a line opens and closes, all in all; what stands in a heredoc does not count. */
static int line_bracket_change(const Line *line) {
        int change = 0;

        for (size_t i = 0; i < line->lead.n; i++) {
                change += bracket_change(line->lead.tokens[i].type);
                if (line->lead.tokens[i].type == HCL_TOKEN_OPEN_HEREDOC)
                        break;
        }
        return change + cell_bracket_change(line->assign);
}

/* Takes back as many levels as `closed` brackets had opened. A level is one line's brackets,
 * however many they are. */
static void close_levels(GArray *levels, int closed) {
        while (closed > 0 && levels->len > 0) {
                int *last = &g_array_index(levels, int, levels->len - 1);

                if (closed < *last) {
                        *last -= closed;
                        return;
                }
                closed -= *last;
                g_array_set_size(levels, levels->len - 1);
        }
}

static void indent_lines(const Layout *layout) {
        g_autoptr(GArray) levels = g_array_new(FALSE, FALSE, sizeof(int));

        for (guint i = 0; i < layout->lines->len; i++) {
                Line *line = line_at(layout, i);
                int change;

                if (line->lead.tokens[0].type == HCL_TOKEN_NEWLINE) {
                        line->lead.tokens[0].blanks = 0;
                        continue;
                }
                change = line_bracket_change(line);
                if (change < 0)
                        close_levels(levels, -change);
                line->lead.tokens[0].blanks = 2 * (size_t)levels->len;
                if (change > 0)
                        g_array_append_val(levels, change);
        }
}

/* ---- Blanks between tokens ---- */

/* Whether a minus stands for a negation: what is before it cannot end an expression. */
static bool is_negation(HclTokenType before) {
        switch (before) {
        case HCL_TOKEN_EOF: /* nothing is before it */
        case HCL_TOKEN_OPEN_PAREN:
        case HCL_TOKEN_OPEN_BRACE:
        case HCL_TOKEN_OPEN_BRACKET:
        case HCL_TOKEN_EQUAL:
        case HCL_TOKEN_COLON:
        case HCL_TOKEN_COMMA:
        case HCL_TOKEN_QUESTION:
        case HCL_TOKEN_PLUS:
        case HCL_TOKEN_STAR:
        case HCL_TOKEN_SLASH:
        case HCL_TOKEN_PERCENT:
        case HCL_TOKEN_MINUS:
        case HCL_TOKEN_EQUAL_TO:
        case HCL_TOKEN_NOT_EQUAL:
        case HCL_TOKEN_GREATER:
        case HCL_TOKEN_GREATER_EQUAL:
        case HCL_TOKEN_LESS:
        case HCL_TOKEN_LESS_EQUAL:
        case HCL_TOKEN_AND:
        case HCL_TOKEN_OR:
        case HCL_TOKEN_NOT:
                return true;
        default:
                return false;
        }
}

/* Whether two tokens belong to one word, or to the text of a template. */
static bool is_joined(HclTokenType subject, HclTokenType after) {
        bool ident = subject == HCL_TOKEN_IDENT;

        if ((ident && (after == HCL_TOKEN_OPEN_PAREN || after == HCL_TOKEN_DOUBLE_COLON)) ||
            (subject == HCL_TOKEN_DOUBLE_COLON && after == HCL_TOKEN_IDENT))
                return true;
        return subject == HCL_TOKEN_DOT || after == HCL_TOKEN_DOT || after == HCL_TOKEN_COMMA ||
               after == HCL_TOKEN_ELLIPSIS;
}

static bool is_in_template(HclTokenType subject, HclTokenType after) {
        return subject == HCL_TOKEN_QUOTED_TEXT || subject == HCL_TOKEN_PLAIN_TEXT ||
               subject == HCL_TOKEN_OPEN_QUOTE || subject == HCL_TOKEN_OPEN_HEREDOC ||
               after == HCL_TOKEN_QUOTED_TEXT || after == HCL_TOKEN_PLAIN_TEXT ||
               after == HCL_TOKEN_CLOSE_QUOTE || after == HCL_TOKEN_CLOSE_HEREDOC;
}

static bool is_sequence_start(HclTokenType type) {
        return type == HCL_TOKEN_OPEN_INTERPOLATION || type == HCL_TOKEN_OPEN_DIRECTIVE;
}

/* Around braces and the marks of sequences, and inside of other brackets. */
static bool blank_at_bracket(HclTokenType subject, HclTokenType after) {
        if (subject == HCL_TOKEN_OPEN_BRACE || after == HCL_TOKEN_CLOSE_BRACE)
                return !(subject == HCL_TOKEN_OPEN_BRACE && after == HCL_TOKEN_CLOSE_BRACE);
        if (is_sequence_start(subject) && after == HCL_TOKEN_OPEN_BRACE)
                return true;
        if (subject == HCL_TOKEN_CLOSE_BRACE && after == HCL_TOKEN_CLOSE_SEQUENCE)
                return true;
        if (subject == HCL_TOKEN_CLOSE_SEQUENCE && is_sequence_start(after))
                return false;
        return bracket_change(subject) <= 0 && bracket_change(after) >= 0;
}

static bool is_word(const Layout *layout, const Token *token, const char *word) {
        size_t size = strlen(word);

        return token->type == HCL_TOKEN_IDENT && token->end - token->start == size &&
               memcmp(layout->text + token->start, word, size) == 0;
}

/* Whether a blank follows `subject`. before: the type of the token in front, EOF for none. */
static bool blank_after(const Layout *layout, const Token *subject, HclTokenType before,
                        HclTokenType after) {
        if (after == HCL_TOKEN_NEWLINE || is_joined(subject->type, after))
                return false;
        if (subject->type == HCL_TOKEN_COMMA)
                return true;
        if (is_in_template(subject->type, after))
                return false;
        if (is_word(layout, subject, "in") && before == HCL_TOKEN_IDENT)
                return true; /* [for x in [1, 2] : x] */
        if (after == HCL_TOKEN_OPEN_BRACKET &&
            (subject->type == HCL_TOKEN_IDENT || subject->type == HCL_TOKEN_NUMBER ||
             bracket_change(subject->type) < 0))
                return false;
        if (subject->type == HCL_TOKEN_NOT)
                return false;
        if (subject->type == HCL_TOKEN_MINUS)
                return !is_negation(before);
        return blank_at_bracket(subject->type, after);
}

/* `1 . 2` is an index of 1, and `1.2` a number: hclfmt takes the blanks out, we keep one. */
static bool would_be_number(Cell cell, size_t i) {
        return i + 2 < cell.n && cell.tokens[i].type == HCL_TOKEN_NUMBER &&
               cell.tokens[i + 1].type == HCL_TOKEN_DOT &&
               cell.tokens[i + 2].type == HCL_TOKEN_NUMBER;
}

static void space_cell(const Layout *layout, Cell cell) {
        for (size_t i = 0; i + 1 < cell.n; i++) {
                HclTokenType before = i > 0 ? cell.tokens[i - 1].type : HCL_TOKEN_EOF;

                if (would_be_number(cell, i)) {
                        cell.tokens[i + 1].blanks = 1;
                        continue;
                }
                cell.tokens[i + 1].blanks =
                        blank_after(layout, &cell.tokens[i], before, cell.tokens[i + 1].type) ? 1
                                                                                              : 0;
        }
}

static void space_lines(const Layout *layout) {
        for (guint i = 0; i < layout->lines->len; i++) {
                Line *line = line_at(layout, i);

                space_cell(layout, line->lead);
                if (line->assign.n > 0)
                        line->assign.tokens[0].blanks = 1;
                space_cell(layout, line->assign);
        }
}

/* ---- Columns ---- */

static size_t cell_columns(const Layout *layout, Cell cell) {
        size_t columns = 0;

        for (size_t i = 0; i < cell.n; i++)
                columns += cell.tokens[i].blanks +
                           nook_grapheme_count(layout->text + cell.tokens[i].start,
                                               cell.tokens[i].end - cell.tokens[i].start);
        return columns;
}

typedef enum {
        ALIGN_ASSIGNMENTS,
        ALIGN_COMMENTS,
} Align;

static Cell *aligned_cell(Line *line, Align align) {
        return align == ALIGN_ASSIGNMENTS ? &line->assign : &line->comment;
}

/* Brings the cells of the lines [start, end), which all have one, below each other; columns[i] is
 * where the text before that of line i ends. */
static void align_chain(const Layout *layout, Align align, guint start, guint end,
                        const size_t *columns) {
        size_t most = 0;

        for (guint i = start; i < end; i++)
                most = MAX(most, columns[i]);
        for (guint i = start; i < end; i++)
                aligned_cell(line_at(layout, i), align)->tokens[0].blanks = most - columns[i] + 1;
}

static void align_cells(const Layout *layout, Align align) {
        g_autofree size_t *columns = g_new0(size_t, layout->lines->len + 1);
        guint start = 0;

        for (guint i = 0; i < layout->lines->len; i++) {
                Line *line = line_at(layout, i);

                if (aligned_cell(line, align)->n == 0) {
                        align_chain(layout, align, start, i, columns);
                        start = i + 1;
                        continue;
                }
                columns[i] = cell_columns(layout, line->lead);
                if (align == ALIGN_COMMENTS)
                        columns[i] += cell_columns(layout, line->assign);
        }
        align_chain(layout, align, start, layout->lines->len, columns);
}

/* ---- All together ---- */

static GString *write_tokens(const Layout *layout, size_t size) {
        GString *out = g_string_sized_new(size);

        for (guint i = 0; i < layout->tokens->len; i++) {
                const Token *token = &g_array_index(layout->tokens, Token, i);

                for (size_t j = 0; j < token->blanks; j++)
                        g_string_append_c(out, ' ');
                g_string_append_len(out, layout->text + token->start, token->end - token->start);
        }
        return out;
}

GString *hcl_format(const char *text, size_t size) {
        g_autoptr(GArray) tokens = read_tokens(text, size);
        g_autoptr(GArray) lines = g_array_new(FALSE, FALSE, sizeof(Line));
        Layout layout = {.text = text, .tokens = tokens, .lines = lines};

        make_lines(&layout);
        indent_lines(&layout);
        space_lines(&layout);
        align_cells(&layout, ALIGN_ASSIGNMENTS);
        align_cells(&layout, ALIGN_COMMENTS);
        return write_tokens(&layout, size);
}
