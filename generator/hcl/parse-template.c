/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>
#include <unictype.h>
#include <unigbrk.h>
#include <unistr.h>

#include "hcl/parser.h"

/* A template is first read as a flat row of parts; strip markers and the margin of <<- are applied
 * to that; then %{if} and %{for} make a tree of it. */

typedef enum {
        PART_TEXT,
        PART_VALUE, /* ${ } */
        PART_IF,
        PART_ELSE,
        PART_ENDIF,
        PART_FOR,
        PART_ENDFOR,
        PART_END, /* after the last one */
} PartKind;

typedef struct {
        PartKind kind;
        NookRange range;
        const char *text; /* PART_TEXT */
        size_t size;
        const HclExpr *expr;  /* PART_VALUE; condition of PART_IF; collection of PART_FOR */
        const char *names[2]; /* PART_FOR: key, or NULL, and value */
} Part;

/* ---- White space ---- */

/* The bytes of white space that text begins with. */
static size_t leading_space(const char *text, size_t size) {
        const uint8_t *at = (const uint8_t *)text, *end = at + size;

        while (at < end) {
                ucs4_t c;
                int used = u8_mbtoucr(&c, at, (size_t)(end - at));

                if (used <= 0 || !uc_is_property_white_space(c))
                        break;
                at += used;
        }
        return (size_t)(at - (const uint8_t *)text);
}

static size_t without_trailing_space(const char *text, size_t size) {
        const uint8_t *start = (const uint8_t *)text, *end = start + size;

        while (end > start) {
                ucs4_t c;
                const uint8_t *previous = u8_prev(&c, end, start);

                if (!previous || !uc_is_property_white_space(c))
                        break;
                end = previous;
        }
        return (size_t)(end - start);
}

static size_t count_graphemes(const char *text, size_t size) {
        const uint8_t *at = (const uint8_t *)text, *end = at + size;
        size_t n = 0;

        for (; at && at < end; n++)
                at = u8_grapheme_next(at, end);
        return n;
}

static size_t graphemes_size(const char *text, size_t size, size_t n) {
        const uint8_t *at = (const uint8_t *)text, *end = at + size;

        while (n-- > 0 && at < end)
                at = u8_grapheme_next(at, end);
        return (size_t)(at - (const uint8_t *)text);
}

/* ---- Text of a piece ---- */

static void append_code_point(HclParser *parser, GString *out, const char *escape, size_t size,
                              NookRange range) {
        size_t digits = escape[1] == 'u' ? 4 : 8;
        gunichar c = 0;

        for (size_t i = 2; i < 2 + digits; i++) {
                if (i >= size || !g_ascii_isxdigit(escape[i])) {
                        hcl_parser_error(parser, range, "Invalid escape sequence",
                                         "The \\%c escape sequence must be followed by %zu "
                                         "hexadecimal digits.",
                                         escape[1], digits);
                        return;
                }
                c = c * 16 + (gunichar)g_ascii_xdigit_value(escape[i]);
        }
        if (c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
                hcl_parser_error(parser, range, "Invalid escape sequence",
                                 "There is no character U+%04x.", c);
        else if (c == 0)
                g_string_append_c(out, '\0');
        else
                g_string_append_unichar(out, c);
}

/* The bytes that a backslash and what belongs to it take. */
static size_t escape_size(const char *text, size_t size) {
        size_t n = 2;

        if (size < 2)
                return size;
        if (text[1] & 0x80) {
                int used = u8_mblen((const uint8_t *)text + 1, size - 1);

                return 1 + (size_t)MAX(used, 1);
        }
        if (text[1] == 'u' || text[1] == 'U')
                while (n < size && n < (text[1] == 'u' ? 6 : 10) && g_ascii_isxdigit(text[n]))
                        n++;
        return n;
}

static void append_escape(HclParser *parser, GString *out, const char *escape, size_t size,
                          NookRange range) {
        static const char codes[] = "nrt\"\\", meanings[] = "\n\r\t\"\\";
        const char *code = size > 1 && escape[1] != '\0' ? strchr(codes, escape[1]) : NULL;

        if (code)
                g_string_append_c(out, meanings[code - codes]);
        else if (size > 1 && (escape[1] == 'u' || escape[1] == 'U'))
                append_code_point(parser, out, escape, size, range);
        else
                hcl_parser_error(parser, range, "Invalid escape sequence",
                                 "The symbol \"%.*s\" is not a valid escape sequence selector. "
                                 "Write \\\\ for a backslash.",
                                 (int)size - 1, escape + 1);
}

/* Whether $${ or %%{ stands here. */
static bool is_escaped_sequence(const char *text, size_t size) {
        return size >= 3 && (text[0] == '$' || text[0] == '%') && text[1] == text[0] &&
               text[2] == '{';
}

static bool needs_decoding(const char *text, size_t size, bool quoted) {
        const char *at = text, *end = text + size;

        if (quoted && memchr(text, '\\', size))
                return true;
        while ((at = memchr(at, '{', (size_t)(end - at)))) {
                if (at - text >= 2 && is_escaped_sequence(at - 2, 3))
                        return true;
                at++;
        }
        return false;
}

const char *hcl_parse_text(HclParser *parser, HclToken piece, size_t *ret_size) {
        const char *text = hcl_parser_text(parser, piece);
        size_t size = piece.end - piece.start;
        bool quoted = piece.type == HCL_TOKEN_QUOTED_TEXT;
        g_autoptr(GString) out = NULL;

        *ret_size = size;
        if (!needs_decoding(text, size, quoted))
                return text;
        out = g_string_sized_new(size);
        for (size_t i = 0; i < size;) {
                size_t used = 1;

                if (quoted && text[i] == '\\') {
                        uint32_t at = piece.start + (uint32_t)i;

                        used = escape_size(text + i, size - i);
                        append_escape(parser, out, text + i, used,
                                      hcl_lexer_range(&parser->lexer, at, at + (uint32_t)used));
                } else if (is_escaped_sequence(text + i, size - i)) {
                        g_string_append_len(out, text + i + 1, 2);
                        used = 3;
                } else {
                        g_string_append_c(out, text[i]);
                }
                i += used;
        }
        *ret_size = out->len;
        return hcl_file_strndup(parser->file, out->str, out->len);
}

/* ---- Reading parts ---- */

typedef struct {
        HclParser *parser;
        HclTokenType end;
        NookRange start;
        GArray *parts;
        bool trim_next;     /* after ~} */
        bool can_trim_last; /* the last thing read was text */
} Reader;

static void add_part(Reader *reader, Part part) {
        g_array_append_val(reader->parts, part);
        reader->can_trim_last = part.kind == PART_TEXT;
}

static void add_text(Reader *reader, HclToken piece) {
        size_t size;
        const char *text = hcl_parse_text(reader->parser, piece, &size);

        if (reader->trim_next) {
                size_t space = leading_space(text, size);

                text += space;
                size -= space;
        }
        reader->trim_next = false;
        add_part(reader, (Part){.kind = PART_TEXT,
                                .text = text,
                                .size = size,
                                .range = hcl_parser_range(reader->parser, piece)});
}

/* At ${~ or %{~: takes the white space off the text before it. */
static void open_sequence(Reader *reader, HclToken open) {
        Part *last;

        if (open.end - open.start == 3 && reader->can_trim_last) {
                last = &g_array_index(reader->parts, Part, reader->parts->len - 1);
                last->size = without_trailing_space(last->text, last->size);
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
        NookRange open_range = hcl_parser_range(parser, open);
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
                hcl_parser_error(parser, nook_range_join(found_range, found_range),
                                 "Extra characters after interpolation expression",
                                 "Expected a closing brace to end the interpolation at byte %u. To "
                                 "write \"${\" as text for another language, escape it: \"$${\".",
                                 open_range.start);
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
                (void)hcl_parser_recover(parser, HCL_TOKEN_CLOSE_SEQUENCE);
                if (hcl_parser_next_is(parser, HCL_TOKEN_CLOSE_SEQUENCE))
                        close_sequence(reader);
        }
        (void)hcl_parser_set_newlines(parser, newlines);
        add_part(reader,
                 (Part){.kind = PART_VALUE,
                        .expr = expr,
                        .range = nook_range_join(hcl_parser_range(parser, open),
                                                 hcl_parser_range(parser, parser->previous))});
}

static const char *const directives[] = {"if", "else", "endif", "for", "endfor", NULL};
static const PartKind directive_kinds[] = {PART_IF, PART_ELSE, PART_ENDIF, PART_FOR, PART_ENDFOR};

/* for NAME in EXPR or for NAME, NAME in EXPR, with the keyword already read. */
static bool read_for(HclParser *parser, Part *part) {
        static const char *const what[] = {"variable name after 'for'",
                                           "value variable name after comma"};

        for (size_t i = 0; i < 2; i++) {
                HclToken name = hcl_parser_peek(parser);

                if (name.type != HCL_TOKEN_IDENT) {
                        hcl_parser_error(parser, hcl_parser_range(parser, name),
                                         "Invalid 'for' directive", "For directive requires %s.",
                                         what[i]);
                        return false;
                }
                (void)hcl_parser_read(parser);
                part->names[0] = part->names[1];
                part->names[1] = hcl_parser_name(parser, name);
                if (i == 1 || !hcl_parser_next_is(parser, HCL_TOKEN_COMMA))
                        break;
                (void)hcl_parser_read(parser);
        }
        if (!hcl_parser_next_is_word(parser, "in")) {
                hcl_parser_error(parser, hcl_parser_range(parser, hcl_parser_peek(parser)),
                                 "Invalid 'for' directive",
                                 "For directive requires 'in' keyword after names.");
                return false;
        }
        (void)hcl_parser_read(parser);
        part->expr = hcl_parse_expression(parser);
        return true;
}

/* The part that a directive makes, up to its closing brace; false after reporting. */
static bool read_directive_content(HclParser *parser, HclToken open, Part *part) {
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
        while (directives[i] && strcmp(directives[i], word) != 0)
                i++;
        if (!directives[i]) {
                text = sequence_text(parser, open);
                nearest = nook_suggest(word, directives);
                hcl_parser_error(parser, range, "Invalid template control keyword",
                                 "\"%s\" is not a valid template control keyword.%s%s%s If this is "
                                 "meant as text, escape it: write %%%s.",
                                 word, nearest ? " Did you mean \"" : "", nearest ? nearest : "",
                                 nearest ? "\"?" : "", *text ? text : "%{");
                return false;
        }
        part->kind = directive_kinds[i];
        if (part->kind == PART_IF)
                part->expr = hcl_parse_expression(parser);
        else if (part->kind == PART_FOR && !read_for(parser, part))
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
        Part part = {0};
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

/* Reads everything up to and with the end of the template. */
static void read_parts(Reader *reader) {
        HclParser *parser = reader->parser;

        for (;;) {
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
                        hcl_parser_error(parser, hcl_parser_range(parser, next),
                                         "Unterminated template string",
                                         "No closing marker was found for the string.");
                        break;
                }
                break;
        }
        add_part(reader,
                 (Part){.kind = PART_END, .range = hcl_parser_range(parser, parser->previous)});
}

/* ---- The margin of <<- ---- */

/* Takes from each line as much white space as the line with the least of it begins with. Lines of
 * nothing else do not count; a line that begins with a sequence has none. */
static void strip_margin(GArray *parts) {
        g_autoptr(GPtrArray) lines = g_ptr_array_new(); /* Part: the first one of a line */
        size_t margin = SIZE_MAX;
        bool line_start = true;

        for (guint i = 0; i + 1 < parts->len; i++) {
                Part *part = &g_array_index(parts, Part, i);
                bool text = part->kind == PART_TEXT;
                bool ends_line = text && part->size > 0 && part->text[part->size - 1] == '\n';

                if (line_start) {
                        size_t space = text ? leading_space(part->text, part->size) : 0;

                        if (!ends_line || space < part->size) {
                                margin = MIN(margin, text ? count_graphemes(part->text, space) : 0);
                                if (text)
                                        g_ptr_array_add(lines, part);
                        }
                }
                line_start = ends_line;
        }
        for (guint i = 0; i < lines->len; i++) {
                Part *part = lines->pdata[i];
                size_t size = graphemes_size(part->text, part->size, margin);

                part->text += size;
                part->size -= size;
        }
}

/* ---- The tree ---- */

typedef struct {
        HclParser *parser;
        GArray *parts;
        guint at;
} Builder;

static const Part *peek_part(const Builder *builder) {
        return &g_array_index(builder->parts, Part, builder->at);
}

/* A run of text as one literal: most pieces lie side by side in the source. */
static const HclExpr *build_text(Builder *builder) {
        const Part *first = peek_part(builder), *last = first;
        const char *text = first->text;
        size_t size = 0;
        bool adjoining = true;
        guint from = builder->at;

        for (; peek_part(builder)->kind == PART_TEXT; builder->at++) {
                last = peek_part(builder);
                adjoining &= last->text == text + size;
                size += last->size;
        }
        if (!adjoining) {
                char *joined = hcl_file_alloc(builder->parser->file, size + 1), *end = joined;

                for (guint i = from; i < builder->at; i++) {
                        const Part *part = &g_array_index(builder->parts, Part, i);

                        memcpy(end, part->text, part->size);
                        end += part->size;
                }
                text = joined;
        }
        return hcl_parser_literal(builder->parser, HCL_LITERAL_TEXT, text, size,
                                  nook_range_join(first->range, last->range));
}

static const HclExpr *empty_text(HclParser *parser, NookRange at) {
        return hcl_parser_literal(parser, HCL_LITERAL_TEXT, "", 0, at);
}

static const HclExpr *new_template(HclParser *parser, GPtrArray *parts, NookRange range) {
        HclTemplateExpr *expr = hcl_file_new_struct(parser->file, HclTemplateExpr);

        expr->expr = (HclExpr){.ops = &hcl_template_ops, .range = range};
        expr->parts = hcl_file_memdup(parser->file, parts->pdata, parts->len * sizeof(gpointer));
        expr->n = parts->len;
        return &expr->expr;
}

/* What stands between two directives, as one expression. */
static const HclExpr *new_section(HclParser *parser, GPtrArray *parts, NookRange at) {
        const HclExpr *first, *last;

        if (parts->len == 0)
                return empty_text(parser, at);
        first = parts->pdata[0];
        last = parts->pdata[parts->len - 1];
        return new_template(parser, parts, nook_range_join(first->range, last->range));
}

static const HclExpr *build_part(Builder *builder);

static const char *directive_name(PartKind kind) {
        for (size_t i = 0; i < G_N_ELEMENTS(directive_kinds); i++)
                if (directive_kinds[i] == kind)
                        return directives[i];
        return "";
}

/* Adds parts up to one that ends a section, which is not read. */
static void build_section(Builder *builder, GPtrArray *section) {
        for (;;) {
                PartKind kind = peek_part(builder)->kind;

                if (kind == PART_END || kind == PART_ELSE || kind == PART_ENDIF ||
                    kind == PART_ENDFOR)
                        return;
                g_ptr_array_add(section, (gpointer)(uintptr_t)build_part(builder));
        }
}

static void report_unexpected(const Builder *builder, const Part *part, const char *format, ...)
        G_GNUC_PRINTF(3, 4);
static void report_unexpected(const Builder *builder, const Part *part, const char *format, ...) {
        g_autofree char *summary =
                g_strdup_printf("Unexpected %s directive", directive_name(part->kind));
        g_autofree char *detail = NULL;
        va_list args;

        va_start(args, format);
        detail = g_strdup_vprintf(format, args);
        va_end(args);
        hcl_parser_error(builder->parser, part->range, summary, "%s", detail);
}

/* Reports that a directive ends with something else than it must. */
static const HclExpr *wrong_end(Builder *builder, const Part *open, PartKind want) {
        const Part *end = peek_part(builder);
        NookPos pos = nook_source_pos(open->range.source, open->range.start);

        if (end->kind == PART_END) {
                hcl_parser_error(builder->parser, end->range, "Unexpected end of template",
                                 "The %s directive at line %u, column %u is missing its "
                                 "corresponding %s directive.",
                                 directive_name(open->kind), pos.line, pos.column,
                                 directive_name(want));
        } else {
                report_unexpected(builder, end,
                                  "Expecting an %s directive for the %s that begins "
                                  "at line %u, column %u.",
                                  directive_name(want), directive_name(open->kind), pos.line,
                                  pos.column);
                builder->at++;
        }
        return hcl_parser_invalid(builder->parser, open->range);
}

static const HclExpr *build_if(Builder *builder) {
        g_autoptr(GPtrArray) yes = g_ptr_array_new();
        g_autoptr(GPtrArray) no = g_ptr_array_new();
        HclParser *parser = builder->parser;
        const Part *open = peek_part(builder);
        HclConditionalExpr *expr;
        NookRange end;

        builder->at++;
        build_section(builder, yes);
        if (peek_part(builder)->kind == PART_ELSE) {
                builder->at++;
                build_section(builder, no);
        }
        if (peek_part(builder)->kind != PART_ENDIF)
                return wrong_end(builder, open, PART_ENDIF);
        end = peek_part(builder)->range;
        builder->at++;
        expr = hcl_file_new_struct(parser->file, HclConditionalExpr);
        expr->expr =
                (HclExpr){.ops = &hcl_conditional_ops, .range = nook_range_join(open->range, end)};
        expr->condition = open->expr;
        expr->yes = new_section(parser, yes, open->range);
        expr->no = new_section(parser, no, end);
        return &expr->expr;
}

static const HclExpr *build_for(Builder *builder) {
        g_autoptr(GPtrArray) content = g_ptr_array_new();
        HclParser *parser = builder->parser;
        const Part *open = peek_part(builder);
        HclForExpr *loop;
        HclJoinExpr *join;
        NookRange range;

        builder->at++;
        build_section(builder, content);
        if (peek_part(builder)->kind != PART_ENDFOR)
                return wrong_end(builder, open, PART_ENDFOR);
        range = nook_range_join(open->range, peek_part(builder)->range);
        builder->at++;
        loop = hcl_file_new_struct(parser->file, HclForExpr);
        loop->expr = (HclExpr){.ops = &hcl_for_ops, .range = range};
        loop->key_name = open->names[0];
        loop->value_name = open->names[1];
        loop->collection = open->expr;
        loop->value = new_section(parser, content, open->range);
        join = hcl_file_new_struct(parser->file, HclJoinExpr);
        join->expr = (HclExpr){.ops = &hcl_join_ops, .range = range};
        join->tuple = &loop->expr;
        return &join->expr;
}

/* One part that is no end of anything. */
static const HclExpr *build_part(Builder *builder) {
        const Part *part = peek_part(builder);
        const HclExpr *expr;

        switch (part->kind) {
        case PART_TEXT:
                return build_text(builder);
        case PART_VALUE:
                builder->at++;
                return part->expr;
        default:
                if (!hcl_parser_enter(builder->parser)) {
                        expr = hcl_parser_invalid(builder->parser, part->range);
                        builder->at = builder->parts->len - 1;
                } else {
                        expr = part->kind == PART_IF ? build_if(builder) : build_for(builder);
                }
                hcl_parser_leave(builder->parser);
                return expr;
        }
}

/* Parts at the outermost level, where nothing is open that could end. */
static void build_root(Builder *builder, GPtrArray *root) {
        for (;;) {
                const Part *part;

                build_section(builder, root);
                part = peek_part(builder);
                if (part->kind == PART_END)
                        return;
                report_unexpected(builder, part, "There is nothing open that it could belong to.");
                builder->at++;
        }
}

/* A variable that is all of its ${ } is told so, for those who keep its text. */
static const HclExpr *mark_interpolations(HclParser *parser, GArray *parts) {
        for (guint i = 0; i < parts->len; i++) {
                Part *part = &g_array_index(parts, Part, i);
                HclVariableExpr *variable;

                if (part->kind != PART_VALUE || part->expr->ops != &hcl_variable_ops)
                        continue;
                variable = hcl_file_new_struct(parser->file, HclVariableExpr);
                *variable = *(const HclVariableExpr *)part->expr;
                variable->interpolation = part->range;
                part->expr = &variable->expr;
        }
        return parts->len == 2 && g_array_index(parts, Part, 0).kind == PART_VALUE
                       ? g_array_index(parts, Part, 0).expr
                       : NULL;
}

/* The whole of a template; outer: the range with its quotes or markers, or nothing. */
static const HclExpr *parse_template(HclParser *parser, HclTokenType end, bool flush,
                                     NookRange outer) {
        g_autoptr(GArray) parts = g_array_new(FALSE, FALSE, sizeof(Part));
        g_autoptr(GPtrArray) root = g_ptr_array_new();
        Reader reader = {.parser = parser, .end = end, .parts = parts};
        Builder builder = {.parser = parser, .parts = parts};
        const HclExpr *only;
        NookRange range;

        reader.start = hcl_parser_range(parser, hcl_parser_peek(parser));
        read_parts(&reader);
        range = nook_range_join(outer.source ? outer : reader.start,
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
        build_root(&builder, root);
        if (root->len == 0)
                return empty_text(parser, range);
        only = root->pdata[0];
        if (root->len == 1 && only->ops == &hcl_literal_ops) {
                const HclLiteralExpr *literal = (const HclLiteralExpr *)only;

                return hcl_parser_literal(parser, literal->kind, literal->text, literal->size,
                                          range);
        }
        return new_template(parser, root, range);
}

const HclExpr *hcl_parse_template_until(HclParser *parser, HclTokenType end) {
        return parse_template(parser, end, false, NOOK_RANGE_NONE);
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
                              flush, hcl_parser_range(parser, open));
}

/* ---- Labels ---- */

const char *hcl_parse_label(HclParser *parser, NookRange *ret_range) {
        HclToken open = hcl_parser_read(parser);
        g_autoptr(GString) label = g_string_new(NULL);
        const char *text;
        size_t size;
        bool done = false;

        while (!done) {
                HclToken next = hcl_parser_read(parser);
                char mark = next.type == HCL_TOKEN_OPEN_DIRECTIVE ? '%' : '$';

                switch (next.type) {
                case HCL_TOKEN_QUOTED_TEXT:
                        text = hcl_parse_text(parser, next, &size);
                        g_string_append_len(label, text, (gssize)size);
                        break;
                case HCL_TOKEN_OPEN_DIRECTIVE:
                case HCL_TOKEN_OPEN_INTERPOLATION:
                        hcl_parser_error(parser, hcl_parser_range(parser, next),
                                         "Invalid string literal",
                                         "Template sequences are not allowed in this string. To "
                                         "include a literal \"%c\", double it (as \"%c%c\") to "
                                         "escape it.",
                                         mark, mark, mark);
                        (void)hcl_parser_recover(parser, HCL_TOKEN_CLOSE_SEQUENCE);
                        break;
                case HCL_TOKEN_EOF:
                        hcl_parser_error(parser, hcl_parser_range(parser, next),
                                         "Unterminated string literal",
                                         "Unable to find the closing quote mark before the end of "
                                         "the file.");
                        done = true;
                        break;
                case HCL_TOKEN_INVALID:
                        parser->mistakes++;
                        parser->recovering = true;
                        done = hcl_lexer_in_code(&parser->lexer);
                        break;
                default:
                        done = true;
                        break;
                }
        }
        *ret_range = nook_range_join(hcl_parser_range(parser, open),
                                     hcl_parser_range(parser, parser->previous));
        return hcl_parser_intern(parser, label->str, label->len);
}
