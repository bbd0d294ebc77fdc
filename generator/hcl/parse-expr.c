/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "hcl/number.h"
#include "hcl/parse-advice.h"

/* ---- Operators ---- */

enum { LEVEL_LOWEST = 1, LEVEL_HIGHEST = 6 };

/* The precedence of a binary operator; 0: it is none. */
static int level_of(HclTokenType type) {
        switch (type) {
        case HCL_TOKEN_OR:
                return 1;
        case HCL_TOKEN_AND:
                return 2;
        case HCL_TOKEN_EQUAL_TO:
        case HCL_TOKEN_NOT_EQUAL:
                return 3;
        case HCL_TOKEN_LESS:
        case HCL_TOKEN_LESS_EQUAL:
        case HCL_TOKEN_GREATER:
        case HCL_TOKEN_GREATER_EQUAL:
                return 4;
        case HCL_TOKEN_PLUS:
        case HCL_TOKEN_MINUS:
                return 5;
        case HCL_TOKEN_STAR:
        case HCL_TOKEN_SLASH:
        case HCL_TOKEN_PERCENT:
                return LEVEL_HIGHEST;
        default:
                return 0;
        }
}

static const HclExpr *parse_postfix(HclParser *parser);
static const HclExpr *parse_binary(HclParser *parser, int lowest);

/* The operators of one level that follow `first`, with their operands. */
static const HclExpr *parse_chain(HclParser *parser, const HclExpr *first, int level) {
        g_autoptr(GByteArray) operators = g_byte_array_new();
        guint mark = parser->exprs->len, mistakes = parser->mistakes;
        HclBinaryExpr *binary;
        const HclExpr *last = first;
        size_t n;

        hcl_parser_push(parser->exprs, first);
        while (level_of(hcl_parser_peek(parser).type) == level) {
                uint8_t op = (uint8_t)hcl_parser_read(parser).type;

                last = parse_binary(parser, level + 1);
                g_byte_array_append(operators, &op, 1);
                hcl_parser_push(parser->exprs, last);
                if (parser->recovering && parser->mistakes > mistakes)
                        break;
        }
        binary = hcl_file_new_struct(parser->file, HclBinaryExpr);
        binary->expr = (HclExpr){.ops = &hcl_binary_ops,
                                 .range = nook_range_join(first->range, last->range)};
        binary->operands = hcl_parser_take(parser, parser->exprs, mark, &n);
        binary->operators = hcl_file_memdup(parser->file, operators->data, operators->len);
        binary->n_operators = operators->len;
        return &binary->expr;
}

static const HclExpr *parse_binary(HclParser *parser, int lowest) {
        guint mistakes = parser->mistakes;
        const HclExpr *left = parse_postfix(parser);

        for (;;) {
                int level;

                if (parser->recovering && parser->mistakes > mistakes)
                        return left;
                level = level_of(hcl_parser_peek(parser).type);
                if (level < lowest)
                        return left;
                left = parse_chain(parser, left, level);
        }
}

static const HclExpr *parse_conditional(HclParser *parser) {
        guint mistakes = parser->mistakes;
        const HclExpr *condition = parse_binary(parser, LEVEL_LOWEST), *yes, *no;
        HclConditionalExpr *conditional;
        HclToken colon;

        if ((parser->recovering && parser->mistakes > mistakes) ||
            !hcl_parser_next_is(parser, HCL_TOKEN_QUESTION))
                return condition;
        (void)hcl_parser_read(parser);
        yes = hcl_parse_expression(parser);
        if (parser->recovering && parser->mistakes > mistakes)
                return condition;
        colon = hcl_parser_peek(parser);
        if (colon.type != HCL_TOKEN_COLON) {
                hcl_parser_error(parser, hcl_parser_range(parser, colon),
                                 "Missing false expression in conditional",
                                 "The conditional operator (...?...:...) requires a false "
                                 "expression, delimited by a colon.");
                return condition;
        }
        (void)hcl_parser_read(parser);
        no = hcl_parse_expression(parser);
        conditional = hcl_file_new_struct(parser->file, HclConditionalExpr);
        conditional->expr = (HclExpr){.ops = &hcl_conditional_ops,
                                      .range = nook_range_join(condition->range, no->range)};
        conditional->condition = condition;
        conditional->yes = yes;
        conditional->no = no;
        return &conditional->expr;
}

const HclExpr *hcl_parse_expression(HclParser *parser) {
        const HclExpr *expr;

        if (hcl_parser_enter(parser))
                expr = parse_conditional(parser);
        else
                expr = hcl_parser_invalid(parser,
                                          hcl_parser_range(parser, hcl_parser_peek(parser)));
        hcl_parser_leave(parser);
        return expr;
}

/* ---- Terms ---- */

static const HclExpr *parse_parens(HclParser *parser) {
        HclToken open = hcl_parser_read(parser), close;
        bool newlines = hcl_parser_set_newlines(parser, false);
        guint mistakes = parser->mistakes;
        const HclExpr *inner = hcl_parse_expression(parser);
        HclParenExpr *parens;

        close = hcl_parser_peek(parser);
        if (parser->recovering && parser->mistakes > mistakes) {
                (void)hcl_parser_recover(parser, HCL_TOKEN_CLOSE_PAREN);
        } else if (close.type != HCL_TOKEN_CLOSE_PAREN) {
                g_autofree char *opened = hcl_advice_opened(parser, "expression", open);

                hcl_parser_error(parser, hcl_parser_range(parser, close), "Unbalanced parentheses",
                                 "Expected a closing parenthesis \")\" to terminate %s.", opened);
        } else {
                (void)hcl_parser_read(parser);
        }
        (void)hcl_parser_set_newlines(parser, newlines);
        parens = hcl_file_new_struct(parser->file, HclParenExpr);
        parens->expr =
                (HclExpr){.ops = &hcl_paren_ops,
                          .range = nook_range_join(hcl_parser_range(parser, open),
                                                   hcl_parser_range(parser, parser->previous))};
        parens->inner = inner;
        return &parens->expr;
}

static const HclExpr *parse_unary(HclParser *parser) {
        HclToken op = hcl_parser_read(parser);
        HclUnaryExpr *unary = hcl_file_new_struct(parser->file, HclUnaryExpr);

        unary->operand = hcl_parser_enter(parser)
                                 ? parse_postfix(parser)
                                 : hcl_parser_invalid(parser, hcl_parser_range(parser, op));
        hcl_parser_leave(parser);
        unary->expr = (HclExpr){
                .ops = &hcl_unary_ops,
                .range = nook_range_join(hcl_parser_range(parser, op), unary->operand->range)};
        unary->op = op.type;
        return &unary->expr;
}

static bool is_digits(const char *text, uint32_t size) {
        for (uint32_t i = 0; i < size; i++)
                if (!g_ascii_isdigit(text[i]))
                        return false;
        return true;
}

static const HclExpr *parse_number(HclParser *parser, HclToken token) {
        NookRange range = hcl_parser_range(parser, token);
        uint32_t size = token.end - token.start;
        const char *text = hcl_parser_text(parser, token);
        g_autoptr(HclValue) value = NULL;

        /* A few digits are read without trouble; all else is tried here, so that a literal in the
         * tree always has a value. */
        if (size > 18 || !is_digits(text, size)) {
                value = hcl_value_number_parse(text, size);
                if (!value) {
                        hcl_parser_error(
                                parser, range, "Invalid number literal",
                                "This is not a number, or one with more digits or a larger "
                                "exponent than can be read.");
                        return hcl_parser_invalid(parser, range);
                }
        }
        return hcl_parser_literal(parser, HCL_LITERAL_NUMBER, text, size, range);
}

/* The arguments of a call, with the opening parenthesis already read. */
static void parse_args(HclParser *parser, HclCallExpr *call) {
        guint mark = parser->exprs->len, mistakes = parser->mistakes;

        while (!hcl_parser_next_is(parser, HCL_TOKEN_CLOSE_PAREN)) {
                HclToken separator;

                hcl_parser_push(parser->exprs, hcl_parse_expression(parser));
                if (parser->recovering && parser->mistakes > mistakes)
                        break;
                separator = hcl_parser_peek(parser);
                if (separator.type == HCL_TOKEN_CLOSE_PAREN)
                        break;
                if (separator.type == HCL_TOKEN_ELLIPSIS) {
                        call->expand = true;
                        (void)hcl_parser_read(parser);
                        if (!hcl_parser_next_is(parser, HCL_TOKEN_CLOSE_PAREN))
                                hcl_parser_error(parser, hcl_parser_range(parser, separator),
                                                 "Missing closing parenthesis",
                                                 "An expanded function argument (with ...) must be "
                                                 "immediately followed by closing parentheses.");
                        break;
                }
                if (separator.type == HCL_TOKEN_EOF) {
                        hcl_parser_error(parser, nook_range_join(call->name_range, call->open),
                                         "Unterminated function call",
                                         "There is no closing parenthesis for this function call "
                                         "before the end of the file. This may be caused by "
                                         "incorrect parenthesis nesting elsewhere in this file.");
                        break;
                }
                if (separator.type != HCL_TOKEN_COMMA) {
                        hcl_parser_error(parser, hcl_parser_range(parser, separator),
                                         "Missing argument separator",
                                         "Expected a comma to separate each function argument from "
                                         "the next, or a closing parenthesis \")\" to end the call "
                                         "of \"%s\".",
                                         call->name);
                        break;
                }
                (void)hcl_parser_read(parser);
        }
        if (parser->recovering && parser->mistakes > mistakes)
                (void)hcl_parser_recover(parser, HCL_TOKEN_CLOSE_PAREN);
        else
                (void)hcl_parser_read(parser);
        call->close = hcl_parser_range(parser, parser->previous);
        call->args = hcl_parser_take(parser, parser->exprs, mark, &call->n_args);
}

/* name::space::function: the whole name, with its first part already read. */
static const char *parse_function_name(HclParser *parser, HclToken first, NookRange *ret_range) {
        g_autoptr(GString) name = NULL;
        HclToken last = first;

        *ret_range = hcl_parser_range(parser, first);
        if (!hcl_parser_next_is(parser, HCL_TOKEN_DOUBLE_COLON))
                return hcl_parser_name(parser, first);
        name = g_string_new(hcl_parser_name(parser, first));
        while (hcl_parser_next_is(parser, HCL_TOKEN_DOUBLE_COLON)) {
                (void)hcl_parser_read(parser);
                last = hcl_parser_peek(parser);
                if (last.type != HCL_TOKEN_IDENT) {
                        hcl_parser_error(parser, hcl_parser_range(parser, last),
                                         "Missing function name",
                                         "A name is required after \"::\".");
                        break;
                }
                (void)hcl_parser_read(parser);
                g_string_append_printf(name, "::%s", hcl_parser_name(parser, last));
        }
        *ret_range = nook_range_join(*ret_range, hcl_parser_range(parser, parser->previous));
        return hcl_parser_intern(parser, name->str, name->len);
}

static const HclExpr *parse_call(HclParser *parser, HclToken name) {
        HclCallExpr *call = hcl_file_new_struct(parser->file, HclCallExpr);
        bool newlines;

        call->name = parse_function_name(parser, name, &call->name_range);
        call->expr.ops = &hcl_call_ops;
        call->expr.range = call->name_range;
        if (!hcl_parser_next_is(parser, HCL_TOKEN_OPEN_PAREN)) {
                hcl_parser_error(parser, hcl_parser_range(parser, hcl_parser_peek(parser)),
                                 "Missing open parenthesis",
                                 "A name with \"::\" is that of a function, which must be called: "
                                 "with parentheses.");
                return hcl_parser_invalid(parser, call->name_range);
        }
        call->open = hcl_parser_range(parser, hcl_parser_read(parser));
        newlines = hcl_parser_set_newlines(parser, false);
        parse_args(parser, call);
        (void)hcl_parser_set_newlines(parser, newlines);
        call->expr.range = nook_range_join(call->name_range, call->close);
        return &call->expr;
}

static const HclExpr *parse_name(HclParser *parser) {
        HclToken token = hcl_parser_read(parser);
        NookRange range = hcl_parser_range(parser, token);
        const char *name = hcl_parser_name(parser, token);
        HclTokenType next = hcl_parser_peek(parser).type;
        HclVariableExpr *variable;

        if (next == HCL_TOKEN_OPEN_PAREN || next == HCL_TOKEN_DOUBLE_COLON)
                return parse_call(parser, token);
        if (strcmp(name, "true") == 0)
                return hcl_parser_literal(parser, HCL_LITERAL_TRUE, NULL, 0, range);
        if (strcmp(name, "false") == 0)
                return hcl_parser_literal(parser, HCL_LITERAL_FALSE, NULL, 0, range);
        if (strcmp(name, "null") == 0)
                return hcl_parser_literal(parser, HCL_LITERAL_NULL, NULL, 0, range);
        variable = hcl_file_new_struct(parser->file, HclVariableExpr);
        variable->expr = (HclExpr){.ops = &hcl_variable_ops, .range = range};
        variable->traversal = (HclTraversal){
                .root = (char *)(uintptr_t)name, .root_range = range, .range = range};
        return &variable->expr;
}

static void report_no_expression(HclParser *parser, HclToken found) {
        g_autofree char *name = hcl_advice_name(parser, found);

        hcl_parser_error(parser, hcl_parser_range(parser, found), "Invalid expression",
                         "Expected the start of an expression, but found %s.", name);
}

static const HclExpr *parse_term(HclParser *parser) {
        HclToken start = hcl_parser_peek(parser);
        NookRange range = hcl_parser_range(parser, start);

        switch (start.type) {
        case HCL_TOKEN_OPEN_PAREN:
                return parse_parens(parser);
        case HCL_TOKEN_NUMBER:
                return parse_number(parser, hcl_parser_read(parser));
        case HCL_TOKEN_IDENT:
                return parse_name(parser);
        case HCL_TOKEN_OPEN_QUOTE:
        case HCL_TOKEN_OPEN_HEREDOC:
                return hcl_parse_string(parser);
        case HCL_TOKEN_MINUS:
        case HCL_TOKEN_NOT:
                return parse_unary(parser);
        case HCL_TOKEN_OPEN_BRACKET:
                return hcl_parse_tuple(parser);
        case HCL_TOKEN_OPEN_BRACE:
                return hcl_parse_object(parser);
        case HCL_TOKEN_EOF:
                hcl_parser_error(parser, range, "Missing expression",
                                 "Expected the start of an expression, but found the end of the "
                                 "file.");
                return hcl_parser_invalid(parser, range);
        default:
                if (start.type != HCL_TOKEN_LESS || !hcl_advice_skip_heredoc(parser))
                        report_no_expression(parser, start);
                return hcl_parser_invalid(parser, range);
        }
}

static const HclExpr *parse_postfix(HclParser *parser) {
        const HclExpr *term = parse_term(parser);
        HclTokenType next = hcl_parser_peek(parser).type;

        if (next != HCL_TOKEN_DOT && next != HCL_TOKEN_OPEN_BRACKET)
                return term;
        return hcl_parse_steps(parser, term);
}
