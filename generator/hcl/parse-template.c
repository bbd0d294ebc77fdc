/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "hcl/space.h"
#include "hcl/parse-advice.h"
#include "hcl/template.h"

/* ---- Reading parts ---- */

typedef struct {
        HclParser *parser;
        HclTokenType end;
        HclToken open; /* the quotation mark or <<NAME; type EOF: a template without */
        NookRange start;
        GArray *parts;
        bool trim_next;     /* after ~} */
        bool can_trim_last; /* the last thing read was text */
        bool ended;         /* by a quotation mark, before a sequence was closed */
} Reader;

static void add_part(Reader *reader, HclPart part) {
        g_array_append_val(reader->parts, part);
        reader->can_trim_last = part.kind == HCL_PART_TEXT;
}

static void add_text(Reader *reader, HclToken piece) {
        size_t size;
        const char *text = hcl_parse_text(reader->parser, piece, &size);

        if (reader->trim_next) {
                size_t space = hcl_space_leading(text, size);

                text += space;
                size -= space;
        }
        reader->trim_next = false;
        add_part(reader, (HclPart){.kind = HCL_PART_TEXT,
                                   .text = text,
                                   .size = size,
                                   .range = hcl_parser_range(reader->parser, piece)});
}

/* At ${~ or %{~: takes the white space off the text before it. */
static void open_sequence(Reader *reader, HclToken open) {
        HclPart *last;

        if (open.end - open.start == 3 && reader->can_trim_last) {
                last = &g_array_index(reader->parts, HclPart, reader->parts->len - 1);
                last->size = hcl_space_trimmed(last->text, last->size);
        }
        reader->can_trim_last = false;
        reader->trim_next = false;
}

/* At } or ~}. */
static void close_sequence(Reader *reader) {
        HclToken close = hcl_parser_read(reader->parser);

        reader->trim_next = close.end - close.start == 2;
}

/* The source text of a sequence from its opening to the brace that seems to close it on the same
 * line, for advice; "" when there is none. */
static char *sequence_text(const HclParser *parser, HclToken open) {
        const char *start = hcl_parser_text(parser, open);
        size_t left = parser->lexer.size - open.start, size = 0;

        while (size < left && size < 60 && start[size] != '\n' && start[size] != '}')
                size++;
        return size < left && start[size] == '}' ? g_strndup(start, size + 1) : g_strdup("");
}

static void report_unclosed_value(Reader *reader, HclToken open, HclToken found) {
        HclParser *parser = reader->parser;
        const char *unclosed = "Unclosed template interpolation sequence";
        g_autofree char *text = sequence_text(parser, open);
        NookRange found_range = hcl_parser_range(parser, found);

        if (found.type == HCL_TOKEN_EOF)
                hcl_parser_error(parser, reader->start, unclosed,
                                 "There is no closing brace for this interpolation sequence before "
                                 "the end of the file. This might be caused by incorrect nesting "
                                 "inside the given expression.");
        else if ((found.type == HCL_TOKEN_OPEN_QUOTE || found.type == HCL_TOKEN_CLOSE_QUOTE) &&
                 reader->end == HCL_TOKEN_CLOSE_QUOTE)
                hcl_parser_error(parser, reader->start, unclosed,
                                 "There is no closing brace for this interpolation sequence before "
                                 "the end of the quoted template. This might be caused by "
                                 "incorrect nesting inside the given expression.");
        else if (*text)
                hcl_parser_error(parser, found_range,
                                 "Extra characters after interpolation expression",
                                 "Expected a closing brace to end the interpolation that begins at "
                                 "\"%.*s\". If this is meant for another language, such as a "
                                 "shell, escape it: write $%s to keep it as text.",
                                 (int)(open.end - open.start), hcl_parser_text(parser, open), text);
        else
                hcl_parser_error(parser, found_range,
                                 "Extra characters after interpolation expression",
                                 "Expected a closing brace to end the interpolation. To write "
                                 "\"${\" as text, for another language, escape it: \"$${\".");
}

/* Whether a quotation mark in a sequence must be the one that ends the string: nothing that could
 * be inside of another string follows. */
static bool ends_string(const Reader *reader, HclToken found) {
        const HclLexer *lexer = &reader->parser->lexer;
        uint32_t at = found.end;

        if (found.type != HCL_TOKEN_OPEN_QUOTE || reader->end != HCL_TOKEN_CLOSE_QUOTE)
                return false;
        while (at < lexer->size && (lexer->text[at] == ' ' || lexer->text[at] == '\t'))
                at++;
        return at == lexer->size || strchr("\r\n,])}#", lexer->text[at]);
}

static void read_value(Reader *reader, HclToken open) {
        HclParser *parser = reader->parser;
        bool newlines = hcl_parser_set_newlines(parser, false);
        const HclExpr *expr;
        HclToken close;

        open_sequence(reader, open);
        expr = hcl_parse_expression(parser);
        close = hcl_parser_peek(parser);
        if (close.type == HCL_TOKEN_CLOSE_SEQUENCE) {
                close_sequence(reader);
        } else {
                report_unclosed_value(reader, open, close);
                reader->ended = ends_string(reader, close);
                if (reader->ended)
                        hcl_parser_end_string(parser);
                else
                        (void)hcl_parser_recover(parser, HCL_TOKEN_CLOSE_SEQUENCE);
                if (!reader->ended && hcl_parser_next_is(parser, HCL_TOKEN_CLOSE_SEQUENCE))
                        close_sequence(reader);
        }
        (void)hcl_parser_set_newlines(parser, newlines);
        add_part(reader,
                 (HclPart){.kind = HCL_PART_VALUE,
                           .expr = expr,
                           .range = nook_range_join(hcl_parser_range(parser, open),
                                                    hcl_parser_range(parser, parser->previous))});
}

const char *const hcl_directives[] = {"if", "else", "endif", "for", "endfor", NULL};
const HclPartKind hcl_directive_kinds[] = {HCL_PART_IF, HCL_PART_ELSE, HCL_PART_ENDIF, HCL_PART_FOR,
                                           HCL_PART_ENDFOR};

/* for NAME in EXPR or for NAME, NAME in EXPR, with the keyword already read. */
static bool read_for(HclParser *parser, HclPart *part) {
        if (!hcl_parse_for_names(parser, true, part->names))
                return false;
        part->expr = hcl_parse_expression(parser);
        return true;
}

/* The part that a directive makes, up to its closing brace; false after reporting. */
static bool read_directive_content(HclParser *parser, HclToken open, HclPart *part) {
        HclToken keyword = hcl_parser_peek(parser);
        NookRange range = hcl_parser_range(parser, keyword);
        g_autofree char *word = NULL;
        g_autofree char *text = NULL;
        const char *nearest;
        size_t i = 0;

        if (keyword.type != HCL_TOKEN_IDENT) {
                hcl_parser_error(parser, range, "Invalid template directive",
                                 "A template directive keyword (\"if\", \"for\", etc) is expected "
                                 "at the beginning of a %%{ sequence. To write \"%%{\" as text, "
                                 "escape it: \"%%%%{\".");
                return false;
        }
        (void)hcl_parser_read(parser);
        word = g_strndup(hcl_parser_text(parser, keyword), keyword.end - keyword.start);
        while (hcl_directives[i] && strcmp(hcl_directives[i], word) != 0)
                i++;
        if (!hcl_directives[i]) {
                text = sequence_text(parser, open);
                nearest = nook_suggest(word, hcl_directives);
                hcl_parser_error(parser, range, "Invalid template control keyword",
                                 "\"%s\" is not a valid template control keyword.%s%s%s If this is "
                                 "meant as text, escape it: write %%%s.",
                                 word, nearest ? " Did you mean \"" : "", nearest ? nearest : "",
                                 nearest ? "\"?" : "", *text ? text : "%{");
                return false;
        }
        part->kind = hcl_directive_kinds[i];
        if (part->kind == HCL_PART_IF)
                part->expr = hcl_parse_expression(parser);
        else if (part->kind == HCL_PART_FOR && !read_for(parser, part))
                return false;
        if (hcl_parser_next_is(parser, HCL_TOKEN_CLOSE_SEQUENCE))
                return true;
        hcl_parser_error(parser, hcl_parser_range(parser, hcl_parser_peek(parser)),
                         "Extra characters in template directive",
                         "Expected a closing brace to end the \"%s\" directive, but found extra "
                         "characters.",
                         word);
        return false;
}

static void read_directive(Reader *reader, HclToken open) {
        HclParser *parser = reader->parser;
        bool newlines = hcl_parser_set_newlines(parser, false);
        HclPart part = {0};
        bool good;

        open_sequence(reader, open);
        good = read_directive_content(parser, open, &part);
        if (!good)
                (void)hcl_parser_recover(parser, HCL_TOKEN_CLOSE_SEQUENCE);
        if (hcl_parser_next_is(parser, HCL_TOKEN_CLOSE_SEQUENCE))
                close_sequence(reader);
        (void)hcl_parser_set_newlines(parser, newlines);
        part.range = nook_range_join(hcl_parser_range(parser, open),
                                     hcl_parser_range(parser, parser->previous));
        if (good)
                add_part(reader, part);
}

static void report_unterminated(Reader *reader, HclToken found) {
        g_autofree char *advice =
                reader->open.type == HCL_TOKEN_OPEN_HEREDOC
                        ? hcl_advice_unclosed_heredoc(reader->parser, reader->open)
                        : NULL;

        hcl_parser_error(reader->parser, hcl_parser_range(reader->parser, found),
                         "Unterminated template string",
                         "No closing marker was found for the string.%s", advice ? advice : "");
}

/* Reads everything up to and with the end of the template. */
static void read_parts(Reader *reader) {
        HclParser *parser = reader->parser;

        while (!reader->ended) {
                HclToken next = hcl_parser_read(parser);

                if (next.type == reader->end)
                        break;
                switch (next.type) {
                case HCL_TOKEN_QUOTED_TEXT:
                case HCL_TOKEN_PLAIN_TEXT:
                        add_text(reader, next);
                        continue;
                case HCL_TOKEN_OPEN_INTERPOLATION:
                        read_value(reader, next);
                        continue;
                case HCL_TOKEN_OPEN_DIRECTIVE:
                        read_directive(reader, next);
                        continue;
                case HCL_TOKEN_INVALID:
                        parser->mistakes++;
                        parser->recovering = true;
                        if (hcl_lexer_in_code(&parser->lexer)) /* a newline has ended the string */
                                break;
                        continue;
                default:
                        report_unterminated(reader, next);
                        break;
                }
                break;
        }
        add_part(reader, (HclPart){.kind = HCL_PART_END,
                                   .range = hcl_parser_range(parser, parser->previous)});
}

/* ---- The margin of <<- ---- */

/* Takes from each line as much white space as the line with the least of it begins with. Lines of
 * nothing else do not count; a line that begins with a sequence has none. */
static void strip_margin(GArray *parts) {
        g_autoptr(GPtrArray) lines = g_ptr_array_new(); /* HclPart: the first one of a line */
        size_t margin = SIZE_MAX;
        bool line_start = true;

        for (guint i = 0; i + 1 < parts->len; i++) {
                HclPart *part = &g_array_index(parts, HclPart, i);
                bool text = part->kind == HCL_PART_TEXT;
                bool ends_line = text && part->size > 0 && part->text[part->size - 1] == '\n';

                if (line_start) {
                        size_t space = text ? hcl_space_leading(part->text, part->size) : 0;

                        if (!ends_line || space < part->size) {
                                margin = MIN(margin,
                                             text ? hcl_graphemes_count(part->text, space) : 0);
                                if (text)
                                        g_ptr_array_add(lines, part);
                        }
                }
                line_start = ends_line;
        }
        for (guint i = 0; i < lines->len; i++) {
                HclPart *part = lines->pdata[i];
                size_t size = hcl_graphemes_size(part->text, part->size, margin);

                part->text += size;
                part->size -= size;
        }
}

/* A variable that is all of its ${ } is told so, for those who keep its text. */
static const HclExpr *mark_interpolations(HclParser *parser, GArray *parts) {
        for (guint i = 0; i < parts->len; i++) {
                HclPart *part = &g_array_index(parts, HclPart, i);
                HclVariableExpr *variable;

                if (part->kind != HCL_PART_VALUE || part->expr->ops != &hcl_variable_ops)
                        continue;
                variable = hcl_file_new_struct(parser->file, HclVariableExpr);
                *variable = *(const HclVariableExpr *)part->expr;
                variable->interpolation = part->range;
                part->expr = &variable->expr;
        }
        return parts->len == 2 && g_array_index(parts, HclPart, 0).kind == HCL_PART_VALUE
                       ? g_array_index(parts, HclPart, 0).expr
                       : NULL;
}

/* The whole of a template; open: the quotation mark or <<NAME before it; type EOF: there is none.
 */
static const HclExpr *parse_template(HclParser *parser, HclTokenType end, bool flush,
                                     HclToken open) {
        g_autoptr(GArray) parts = g_array_new(FALSE, FALSE, sizeof(HclPart));
        Reader reader = {.parser = parser, .end = end, .open = open, .parts = parts};
        const HclExpr *only;
        NookRange range;

        reader.start = hcl_parser_range(parser, hcl_parser_peek(parser));
        read_parts(&reader);
        range = nook_range_join(open.type == HCL_TOKEN_EOF ? reader.start
                                                           : hcl_parser_range(parser, open),
                                hcl_parser_range(parser, parser->previous));
        if (flush)
                strip_margin(parts);
        only = mark_interpolations(parser, parts);
        if (only) {
                HclParenExpr *wrap = hcl_file_new_struct(parser->file, HclParenExpr);

                wrap->expr = (HclExpr){.ops = &hcl_wrap_ops, .range = range};
                wrap->inner = only;
                return &wrap->expr;
        }
        return hcl_template_build(parser, parts, range);
}

const HclExpr *hcl_parse_template_until(HclParser *parser, HclTokenType end) {
        return parse_template(parser, end, false, (HclToken){.type = HCL_TOKEN_EOF});
}

/* "text" without anything special, which most strings are; NULL, with nothing read, otherwise. */
static const HclExpr *parse_plain_string(HclParser *parser, HclToken open) {
        HclToken piece = hcl_parser_peek(parser);
        NookRange range = hcl_parser_range(parser, open);
        const char *text = "";
        size_t size = 0;

        if (piece.type == HCL_TOKEN_QUOTED_TEXT && parser->lexer.at < parser->lexer.size &&
            parser->lexer.text[parser->lexer.at] == '"') {
                text = hcl_parse_text(parser, hcl_parser_read(parser), &size);
        } else if (piece.type != HCL_TOKEN_CLOSE_QUOTE) {
                return NULL;
        }
        range = nook_range_join(range, hcl_parser_range(parser, hcl_parser_read(parser)));
        return hcl_parser_literal(parser, HCL_LITERAL_TEXT, text, size, range);
}

const HclExpr *hcl_parse_string(HclParser *parser) {
        HclToken open = hcl_parser_read(parser);
        bool heredoc = open.type == HCL_TOKEN_OPEN_HEREDOC;
        bool flush = heredoc && hcl_parser_text(parser, open)[2] == '-';
        const HclExpr *plain = heredoc ? NULL : parse_plain_string(parser, open);

        if (plain)
                return plain;
        return parse_template(parser, heredoc ? HCL_TOKEN_CLOSE_HEREDOC : HCL_TOKEN_CLOSE_QUOTE,
                              flush, open);
}
