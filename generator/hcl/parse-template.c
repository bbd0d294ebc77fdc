/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "hcl/parse-advice.h"
#include "hcl/parse-sequence.h"
#include "hcl/space.h"

static void add_text(HclTemplateReader *reader, HclToken piece) {
        size_t size;
        const char *text = hcl_parse_text(reader->parser, piece, &size);

        if (reader->trim_next) {
                size_t space = hcl_space_leading(text, size);

                text += space;
                size -= space;
        }
        reader->trim_next = false;
        hcl_template_add_part(reader, (HclPart){.kind = HCL_PART_TEXT,
                                                .text = text,
                                                .size = size,
                                                .range = hcl_parser_range(reader->parser, piece)});
}

static void report_unterminated(HclTemplateReader *reader, HclToken found) {
        g_autofree char *advice =
                reader->open.type == HCL_TOKEN_OPEN_HEREDOC
                        ? hcl_advice_unclosed_heredoc(reader->parser, reader->open)
                        : NULL;

        hcl_parser_error(reader->parser, hcl_parser_range(reader->parser, found),
                         "Unterminated template string",
                         "No closing marker was found for the string.%s", advice ? advice : "");
}

/* Reads everything up to and with the end of the template. */
static void read_parts(HclTemplateReader *reader) {
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
                        hcl_parse_interpolation(reader, next);
                        continue;
                case HCL_TOKEN_OPEN_DIRECTIVE:
                        hcl_parse_directive(reader, next);
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
        hcl_template_add_part(reader,
                              (HclPart){.kind = HCL_PART_END,
                                        .range = hcl_parser_range(parser, parser->previous)});
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
        HclTemplateReader reader = {.parser = parser, .end = end, .open = open, .parts = parts};
        const HclExpr *only;
        NookRange range;

        reader.start = hcl_parser_range(parser, hcl_parser_peek(parser));
        read_parts(&reader);
        range = nook_range_join(open.type == HCL_TOKEN_EOF ? reader.start
                                                           : hcl_parser_range(parser, open),
                                hcl_parser_range(parser, parser->previous));
        if (flush)
                hcl_template_strip_margin(parts);
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
