/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "hcl/parse-advice.h"

/* A mistake since `mistakes` was taken that leaves the parser somewhere odd. */
static bool failed(const HclParser *parser, guint mistakes) {
        return parser->recovering && parser->mistakes > mistakes;
}

static NookRange next_range(HclParser *parser) {
        return hcl_parser_range(parser, hcl_parser_peek(parser));
}

/* ---- for ---- */

bool hcl_parse_for_names(HclParser *parser, bool is_directive, const char **names) {
        static const char *const wanted[] = {"a variable name after 'for'",
                                             "a value variable name after comma"};
        const char *what = is_directive ? "directive" : "expression";
        const char *summary = is_directive ? "Invalid 'for' directive" : "Invalid 'for' expression";

        for (size_t i = 0; i < 2; i++) {
                HclToken name = hcl_parser_peek(parser);

                if (name.type != HCL_TOKEN_IDENT) {
                        hcl_parser_error(parser, hcl_parser_range(parser, name), summary,
                                         "For %s requires %s.", what, wanted[i]);
                        return false;
                }
                (void)hcl_parser_read(parser);
                names[0] = names[1];
                names[1] = hcl_parser_name(parser, name);
                if (i == 1 || !hcl_parser_next_is(parser, HCL_TOKEN_COMMA))
                        break;
                (void)hcl_parser_read(parser);
        }
        if (!hcl_parser_next_is_word(parser, "in")) {
                hcl_parser_error(parser, next_range(parser), summary,
                                 "For %s requires the 'in' keyword after its name declarations.",
                                 what);
                return false;
        }
        (void)hcl_parser_read(parser);
        return true;
}

/* What is wrong with a loop as a whole: a tuple has no keys, an object needs them. */
static void check_for(HclParser *parser, const HclForExpr *loop, bool object, NookRange ellipsis) {
        if (!object && loop->key)
                hcl_parser_error(parser, loop->key->range, "Invalid 'for' expression",
                                 "Key expression is not valid when building a tuple.");
        else if (!object && loop->group)
                hcl_parser_error(parser, ellipsis, "Invalid 'for' expression",
                                 "Grouping ellipsis (...) cannot be used when building a tuple.");
        else if (object && !loop->key)
                hcl_parser_error(parser, loop->value->range, "Invalid 'for' expression",
                                 "Key expression is required when building an object.");
}

/* Everything after `for`, without the closing bracket; false after reporting. */
static bool parse_for_content(HclParser *parser, HclForExpr *loop, bool object) {
        guint mistakes = parser->mistakes;
        NookRange ellipsis = NOOK_RANGE_NONE;
        const char *names[2] = {NULL, NULL};

        if (!hcl_parse_for_names(parser, false, names))
                return false;
        loop->key_name = names[0];
        loop->value_name = names[1];
        loop->collection = hcl_parse_expression(parser);
        if (failed(parser, mistakes))
                return false;
        if (!hcl_parser_next_is(parser, HCL_TOKEN_COLON)) {
                hcl_parser_error(parser, next_range(parser), "Invalid 'for' expression",
                                 "For expression requires a colon after the collection "
                                 "expression.");
                return false;
        }
        (void)hcl_parser_read(parser);
        loop->value = hcl_parse_expression(parser);
        if (hcl_parser_next_is(parser, HCL_TOKEN_ARROW)) {
                (void)hcl_parser_read(parser);
                loop->key = loop->value;
                loop->value = hcl_parse_expression(parser);
        }
        if (failed(parser, mistakes))
                return false;
        if (hcl_parser_next_is(parser, HCL_TOKEN_ELLIPSIS)) {
                ellipsis = hcl_parser_range(parser, hcl_parser_read(parser));
                loop->group = true;
        }
        if (hcl_parser_next_is_word(parser, "if")) {
                (void)hcl_parser_read(parser);
                loop->condition = hcl_parse_expression(parser);
                if (failed(parser, mistakes))
                        return false;
        }
        if (!hcl_parser_next_is(parser, object ? HCL_TOKEN_CLOSE_BRACE : HCL_TOKEN_CLOSE_BRACKET)) {
                hcl_parser_error(parser, next_range(parser), "Invalid 'for' expression",
                                 "Extra characters after the end of the 'for' expression.");
                return false;
        }
        check_for(parser, loop, object, ellipsis);
        return !failed(parser, mistakes);
}

/* [for ... ] or {for ... }, with the bracket already read. */
static const HclExpr *parse_for(HclParser *parser, HclToken open) {
        bool object = open.type == HCL_TOKEN_OPEN_BRACE;
        HclTokenType closer = object ? HCL_TOKEN_CLOSE_BRACE : HCL_TOKEN_CLOSE_BRACKET;
        bool newlines = hcl_parser_set_newlines(parser, false);
        HclForExpr *loop = hcl_file_new_struct(parser->file, HclForExpr);
        NookRange range;
        bool good;

        (void)hcl_parser_read(parser); /* for */
        good = parse_for_content(parser, loop, object);
        if (good || hcl_parser_next_is(parser, closer))
                (void)hcl_parser_read(parser);
        else
                (void)hcl_parser_recover(parser, closer);
        (void)hcl_parser_set_newlines(parser, newlines);
        range = nook_range_join(hcl_parser_range(parser, open),
                                hcl_parser_range(parser, parser->previous));
        loop->expr = (HclExpr){.ops = &hcl_for_ops, .range = range};
        return good ? &loop->expr : hcl_parser_invalid(parser, range);
}

/* ---- [a, b] ---- */

/* Reads the separator after an item; false at the end or after reporting. */
static bool next_tuple_item(HclParser *parser, HclToken open) {
        HclToken next = hcl_parser_peek(parser);
        g_autofree char *opened = NULL;

        switch (next.type) {
        case HCL_TOKEN_CLOSE_BRACKET:
                return false;
        case HCL_TOKEN_COMMA:
                (void)hcl_parser_read(parser);
                return !hcl_parser_next_is(parser, HCL_TOKEN_CLOSE_BRACKET);
        case HCL_TOKEN_EOF:
                hcl_parser_error(parser, hcl_parser_range(parser, open),
                                 "Unterminated tuple constructor expression",
                                 "There is no corresponding closing bracket before the end of the "
                                 "file. This may be caused by incorrect bracket nesting elsewhere "
                                 "in this file.");
                return false;
        default:
                opened = hcl_advice_opened(parser, "list", open);
                hcl_parser_error(parser, hcl_parser_range(parser, next), "Missing item separator",
                                 "Expected a comma to mark the beginning of the next item, or a "
                                 "closing bracket \"]\" to end %s.",
                                 opened);
                return false;
        }
}

const HclExpr *hcl_parse_tuple(HclParser *parser) {
        HclToken open = hcl_parser_read(parser);
        bool newlines = hcl_parser_set_newlines(parser, false);
        guint mark = parser->exprs->len, mistakes = parser->mistakes;
        HclTupleExpr *tuple;

        if (hcl_parser_next_is_word(parser, "for")) {
                const HclExpr *loop = parse_for(parser, open);

                (void)hcl_parser_set_newlines(parser, newlines);
                return loop;
        }
        while (!hcl_parser_next_is(parser, HCL_TOKEN_CLOSE_BRACKET)) {
                hcl_parser_push(parser->exprs, hcl_parse_expression(parser));
                if (failed(parser, mistakes) || !next_tuple_item(parser, open))
                        break;
        }
        if (failed(parser, mistakes))
                (void)hcl_parser_recover(parser, HCL_TOKEN_CLOSE_BRACKET);
        else
                (void)hcl_parser_read(parser);
        (void)hcl_parser_set_newlines(parser, newlines);
        tuple = hcl_file_new_struct(parser->file, HclTupleExpr);
        tuple->expr =
                (HclExpr){.ops = &hcl_tuple_ops,
                          .range = nook_range_join(hcl_parser_range(parser, open),
                                                   hcl_parser_range(parser, parser->previous))};
        tuple->items = hcl_parser_take(parser, parser->exprs, mark, &tuple->n);
        return &tuple->expr;
}

/* ---- {a = b} ---- */

static void report_separator(HclParser *parser, HclToken open, HclToken next, bool after_key) {
        NookRange range = hcl_parser_range(parser, next);

        if (next.type == HCL_TOKEN_EOF)
                hcl_parser_error(parser, hcl_parser_range(parser, open),
                                 "Unterminated object constructor expression",
                                 "There is no corresponding closing brace before the end of the "
                                 "file. This may be caused by incorrect brace nesting elsewhere in "
                                 "this file.");
        else if (!after_key)
                hcl_parser_error(parser, range, "Missing attribute separator",
                                 "Expected a newline or comma to mark the beginning of the next "
                                 "attribute.");
        else if (next.type == HCL_TOKEN_NEWLINE || next.type == HCL_TOKEN_COMMA)
                hcl_parser_error(parser, range, "Missing attribute value",
                                 "Expected an attribute value, introduced by an equals sign "
                                 "(\"=\").");
        else if (next.type == HCL_TOKEN_IDENT)
                hcl_parser_error(parser, range, "Missing key/value separator",
                                 "Expected an equals sign (\"=\") to mark the beginning of the "
                                 "attribute value. If you intended to give an attribute name "
                                 "containing periods or spaces, write the name in quotes.");
        else
                hcl_parser_error(parser, range, "Missing key/value separator",
                                 "Expected an equals sign (\"=\") to mark the beginning of the "
                                 "attribute value.");
}

static const HclExpr *parse_key(HclParser *parser) {
        HclKeyExpr *key = hcl_file_new_struct(parser->file, HclKeyExpr);

        key->computed = hcl_parser_next_is(parser, HCL_TOKEN_OPEN_PAREN);
        key->inner = hcl_parse_expression(parser);
        key->expr = (HclExpr){.ops = &hcl_key_ops, .range = key->inner->range};
        return &key->expr;
}

/* key = value, gathered one after the other; false after reporting. */
static bool parse_object_item(HclParser *parser, HclToken open) {
        guint mistakes = parser->mistakes;
        const HclExpr *key = parse_key(parser), *value;
        HclToken next;

        if (failed(parser, mistakes))
                return false;
        next = hcl_parser_peek(parser);
        if (next.type != HCL_TOKEN_EQUAL && next.type != HCL_TOKEN_COLON) {
                report_separator(parser, open, next, true);
                return false;
        }
        (void)hcl_parser_read(parser);
        value = hcl_parse_expression(parser);
        hcl_parser_push(parser->exprs, key);
        hcl_parser_push(parser->exprs, value);
        if (failed(parser, mistakes))
                return false;
        next = hcl_parser_peek(parser);
        if (next.type == HCL_TOKEN_COMMA || next.type == HCL_TOKEN_NEWLINE) {
                (void)hcl_parser_read(parser);
                return true;
        }
        if (next.type == HCL_TOKEN_CLOSE_BRACE)
                return true;
        report_separator(parser, open, next, false);
        return false;
}

/* Whether `for` comes next, newlines or not. */
static bool next_is_for(HclParser *parser) {
        bool newlines = hcl_parser_set_newlines(parser, false);
        bool is_for = hcl_parser_next_is_word(parser, "for");

        (void)hcl_parser_set_newlines(parser, newlines);
        return is_for;
}

static void take_items(HclParser *parser, HclObjectExpr *object, guint mark) {
        size_t n = (parser->exprs->len - mark) / 2;
        const HclExpr **keys = hcl_file_alloc(parser->file, n * sizeof(HclExpr *));
        const HclExpr **values = hcl_file_alloc(parser->file, n * sizeof(HclExpr *));

        for (size_t i = 0; i < n; i++) {
                keys[i] = parser->exprs->pdata[mark + 2 * i];
                values[i] = parser->exprs->pdata[mark + 2 * i + 1];
        }
        g_ptr_array_set_size(parser->exprs, (gint)mark);
        object->keys = keys;
        object->values = values;
        object->n = n;
}

const HclExpr *hcl_parse_object(HclParser *parser) {
        HclToken open = hcl_parser_read(parser);
        guint mark = parser->exprs->len;
        HclObjectExpr *object;
        bool newlines, good = true;

        if (next_is_for(parser))
                return parse_for(parser, open);
        newlines = hcl_parser_set_newlines(parser, true);
        while (good && !hcl_parser_next_is(parser, HCL_TOKEN_CLOSE_BRACE)) {
                if (hcl_parser_next_is(parser, HCL_TOKEN_NEWLINE)) {
                        (void)hcl_parser_read(parser);
                } else {
                        good = parse_object_item(parser, open);
                }
        }
        if (good)
                (void)hcl_parser_read(parser);
        else
                (void)hcl_parser_recover(parser, HCL_TOKEN_CLOSE_BRACE);
        (void)hcl_parser_set_newlines(parser, newlines);
        object = hcl_file_new_struct(parser->file, HclObjectExpr);
        object->expr =
                (HclExpr){.ops = &hcl_object_ops,
                          .range = nook_range_join(hcl_parser_range(parser, open),
                                                   hcl_parser_range(parser, parser->previous))};
        take_items(parser, object, mark);
        return &object->expr;
}
