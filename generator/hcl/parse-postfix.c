/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "hcl/number.h"
#include "hcl/parser.h"

/* What follows a term: .name .0 .* [key] [*] */

/* Constant steps that wait to be added to what they lead away from. */
typedef struct {
        HclParser *parser;
        const HclExpr *from;
        GArray *steps;   /* HclTraversalStep; NULL: none yet */
        NookRange start; /* of the whole expression */
} Postfix;

static void add_step(Postfix *postfix, HclTraversalStep step) {
        if (!postfix->steps)
                postfix->steps = g_array_new(FALSE, FALSE, sizeof(HclTraversalStep));
        g_array_append_val(postfix->steps, step);
}

/* Makes the waiting steps part of the expression. */
static void flush_steps(Postfix *postfix) {
        HclFile *file = postfix->parser->file;
        HclTraversalStep *steps;
        size_t n = postfix->steps ? postfix->steps->len : 0;
        NookRange range;

        if (n == 0)
                return;
        steps = hcl_file_alloc(file, n * sizeof(HclTraversalStep));
        memcpy(steps, postfix->steps->data, n * sizeof(HclTraversalStep));
        g_array_set_size(postfix->steps, 0);
        range = nook_range_join(postfix->from->range, steps[n - 1].range);
        if (postfix->from->ops == &hcl_variable_ops) {
                HclVariableExpr *variable = hcl_file_new_struct(file, HclVariableExpr);

                *variable = *(const HclVariableExpr *)postfix->from;
                variable->traversal.steps = steps;
                variable->traversal.n_steps = n;
                variable->traversal.range = variable->expr.range = range;
                postfix->from = &variable->expr;
        } else {
                HclStepsExpr *expr = hcl_file_new_struct(file, HclStepsExpr);

                expr->expr = (HclExpr){.ops = &hcl_steps_ops, .range = range};
                expr->from = postfix->from;
                expr->steps = steps;
                expr->n_steps = n;
                postfix->from = &expr->expr;
        }
}

static HclTraversalStep index_step(HclParser *parser, HclValue *key, NookRange range) {
        return (HclTraversalStep){
                .is_index = true,
                .key = hcl_file_keep(parser->file, key, (GDestroyNotify)hcl_value_unref),
                .range = range,
        };
}

/* .0, the old way of writing [0]; with the number already read. */
static HclTraversalStep legacy_index(HclParser *parser, HclToken dot, HclToken number,
                                     NookRange blame, const char *advice) {
        const char *text = hcl_parser_text(parser, number);
        int size = (int)(number.end - number.start);
        const char *point = memchr(text, '.', (size_t)size);
        NookRange range =
                nook_range_join(hcl_parser_range(parser, dot), hcl_parser_range(parser, number));
        HclValue *key = point ? NULL : hcl_value_number_parse(text, size);

        if (point)
                hcl_parser_error(parser, blame, "Invalid legacy index syntax",
                                 "When using the legacy index syntax, chaining two indexes "
                                 "together is not permitted. Use the proper index syntax %s, like "
                                 "[%.*s][%.*s].",
                                 advice, (int)(point - text), text, size - (int)(point - text) - 1,
                                 point + 1);
        else if (!key)
                hcl_parser_error(parser, range, "Invalid number literal",
                                 "This number cannot be read.");
        return index_step(parser, key ? key : hcl_value_unknown(), range);
}

static HclTraversalStep name_step(HclParser *parser, HclToken dot, HclToken name) {
        return (HclTraversalStep){
                .name = (char *)(uintptr_t)hcl_parser_name(parser, name),
                .range = nook_range_join(hcl_parser_range(parser, dot),
                                         hcl_parser_range(parser, name)),
        };
}

static const HclExpr *new_item(HclParser *parser, NookRange range) {
        HclExpr *item = hcl_file_new_struct(parser->file, HclExpr);

        *item = (HclExpr){.ops = &hcl_item_ops, .range = range};
        return item;
}

static void set_splat(Postfix *postfix, const HclExpr *item, const HclExpr *each, NookRange marker,
                      NookRange end) {
        HclSplatExpr *splat;

        flush_steps(postfix);
        splat = hcl_file_new_struct(postfix->parser->file, HclSplatExpr);
        splat->expr =
                (HclExpr){.ops = &hcl_splat_ops, .range = nook_range_join(postfix->start, end)};
        splat->from = postfix->from;
        splat->each = each;
        splat->item = item;
        splat->marker = marker;
        postfix->from = &splat->expr;
}

/* .* and the names and numbers after it, with the dot already read. */
static void parse_attribute_splat(Postfix *postfix, HclToken dot) {
        HclParser *parser = postfix->parser;
        HclToken star = hcl_parser_read(parser);
        NookRange marker =
                nook_range_join(hcl_parser_range(parser, dot), hcl_parser_range(parser, star));
        const HclExpr *item = new_item(parser, marker);
        Postfix each = {.parser = parser, .from = item, .start = marker};

        while (hcl_parser_next_is(parser, HCL_TOKEN_DOT)) {
                HclToken inner_dot = hcl_parser_read(parser);
                HclToken next = hcl_parser_peek(parser);
                NookRange range = hcl_parser_range(parser, next);

                if (next.type == HCL_TOKEN_NUMBER) {
                        (void)hcl_parser_read(parser);
                        add_step(&each, legacy_index(parser, inner_dot, next,
                                                     hcl_parser_range(parser, star),
                                                     "with a full splat expression [*] instead"));
                } else if (next.type == HCL_TOKEN_IDENT) {
                        (void)hcl_parser_read(parser);
                        add_step(&each, name_step(parser, inner_dot, next));
                } else if (next.type == HCL_TOKEN_STAR) {
                        hcl_parser_error(parser, range, "Nested splat expression not allowed",
                                         "A splat expression (*) cannot be used inside another "
                                         "attribute-only splat expression.");
                        break;
                } else {
                        hcl_parser_error(parser, hcl_parser_range(parser, star),
                                         "Invalid attribute name",
                                         "An attribute name is required after a dot.");
                        break;
                }
        }
        flush_steps(&each);
        g_clear_pointer(&each.steps, g_array_unref);
        set_splat(postfix, item, each.from, marker, hcl_parser_range(parser, parser->previous));
}

static void parse_dot(Postfix *postfix) {
        HclParser *parser = postfix->parser;
        HclToken dot = hcl_parser_read(parser);
        HclToken next = hcl_parser_peek(parser);

        switch (next.type) {
        case HCL_TOKEN_IDENT:
                (void)hcl_parser_read(parser);
                add_step(postfix, name_step(parser, dot, next));
                return;
        case HCL_TOKEN_NUMBER:
                (void)hcl_parser_read(parser);
                add_step(postfix, legacy_index(parser, dot, next, hcl_parser_range(parser, next),
                                               "instead"));
                return;
        case HCL_TOKEN_STAR:
                parse_attribute_splat(postfix, dot);
                return;
        default:
                hcl_parser_error(parser, hcl_parser_range(parser, next), "Invalid attribute name",
                                 "An attribute name is required after a dot.");
                return;
        }
}

/* Reads the closing bracket of an index. Where something else comes first, that is reported at the
 * bracket, if there is one, as the original does. */
static HclToken close_index(HclParser *parser, const char *summary, const char *detail) {
        HclToken next = hcl_parser_peek(parser), close;
        bool recovering = parser->recovering;

        if (next.type == HCL_TOKEN_CLOSE_BRACKET)
                return hcl_parser_read(parser);
        close = hcl_parser_recover(parser, HCL_TOKEN_CLOSE_BRACKET);
        parser->recovering = recovering || next.type == HCL_TOKEN_INVALID;
        hcl_parser_error(
                parser,
                hcl_parser_range(parser, close.type == HCL_TOKEN_CLOSE_BRACKET ? close : next),
                summary, "%s", detail);
        return close;
}

/* [*] and everything after it, with the bracket already read. */
static void parse_full_splat(Postfix *postfix, HclToken open) {
        HclParser *parser = postfix->parser;
        HclToken close;
        NookRange marker;
        const HclExpr *item, *each;

        (void)hcl_parser_read(parser); /* * */
        close = close_index(parser, "Missing close bracket on splat index",
                            "The star for a full splat operator must be immediately followed by a "
                            "closing bracket (\"]\").");
        marker = nook_range_join(hcl_parser_range(parser, open), hcl_parser_range(parser, close));
        item = new_item(parser, marker);
        each = hcl_parser_enter(parser) ? hcl_parse_steps(parser, item) : item;
        hcl_parser_leave(parser);
        set_splat(postfix, item, each, marker, each->range);
}

/* The value of a key that is written as a literal; NULL: it is none. */
static HclValue *constant_key(const HclExpr *key) {
        g_autoptr(NookDiags) none = NULL;

        if (key->ops != &hcl_literal_ops ||
            ((const HclLiteralExpr *)key)->kind == HCL_LITERAL_INVALID)
                return NULL;
        none = nook_diags_new();
        return hcl_expr_value(key, NULL, none);
}

static void parse_index(Postfix *postfix, HclToken open) {
        HclParser *parser = postfix->parser;
        bool newlines = hcl_parser_set_newlines(parser, false);
        guint mistakes = parser->mistakes;
        const HclExpr *key = hcl_parse_expression(parser);
        HclIndexExpr *index;
        HclToken close;
        NookRange bracket;
        HclValue *constant;

        if (parser->recovering && parser->mistakes > mistakes)
                close = hcl_parser_recover(parser, HCL_TOKEN_CLOSE_BRACKET);
        else
                close = close_index(parser, "Missing close bracket on index",
                                    "The index operator must end with a closing bracket (\"]\").");
        (void)hcl_parser_set_newlines(parser, newlines);
        bracket = nook_range_join(hcl_parser_range(parser, open), hcl_parser_range(parser, close));
        constant = constant_key(key);
        if (constant) {
                add_step(postfix, index_step(parser, constant, bracket));
                return;
        }
        flush_steps(postfix);
        index = hcl_file_new_struct(parser->file, HclIndexExpr);
        index->expr =
                (HclExpr){.ops = &hcl_index_ops, .range = nook_range_join(postfix->start, bracket)};
        index->from = postfix->from;
        index->key = key;
        index->bracket = bracket;
        postfix->from = &index->expr;
}

/* Each step nests, since it is evaluated after what is before it. */
const HclExpr *hcl_parse_steps(HclParser *parser, const HclExpr *from) {
        Postfix postfix = {.parser = parser, .from = from, .start = from->range};
        guint depth = parser->depth;
        guint mistakes = parser->mistakes;

        while (!parser->recovering || parser->mistakes == mistakes) {
                HclTokenType next = hcl_parser_peek(parser).type;
                HclToken open;

                if (next == HCL_TOKEN_DOT) {
                        parse_dot(&postfix);
                        continue;
                }
                if (next != HCL_TOKEN_OPEN_BRACKET || !hcl_parser_enter(parser))
                        break;
                open = hcl_parser_read(parser);
                if (hcl_parser_next_is(parser, HCL_TOKEN_STAR))
                        parse_full_splat(&postfix, open);
                else
                        parse_index(&postfix, open);
        }
        parser->depth = depth;
        flush_steps(&postfix);
        g_clear_pointer(&postfix.steps, g_array_unref);
        return postfix.from;
}
