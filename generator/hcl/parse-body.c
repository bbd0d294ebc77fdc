/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "hcl/parse-advice.h"

/* A body being gathered: its part of the parser's attributes and blocks. */
typedef struct {
        guint attributes, blocks; /* where it begins */
        GHashTable *by_name;      /* attributes, once there are many; names are unique pointers */
} Items;

enum { ITEMS_INDEXED = 12 };

static void items_init(Items *items, const HclParser *parser) {
        *items = (Items){.attributes = parser->attributes->len, .blocks = parser->blocks->len};
}

/* A misspelt `dynamic` counts as well, so that the right one is suggested. */
static bool has_dynamic(const HclBlock *block) {
        return strncmp(block->type, "dy", 2) == 0 ||
               ((const HclNativeBody *)block->body)->has_dynamic;
}

static HclBody *items_end(Items *items, HclParser *parser, NookRange range) {
        HclNativeBody *body = hcl_file_new_struct(parser->file, HclNativeBody);

        body->body = (HclBody){.ops = &hcl_native_body_ops, .file = parser->file};
        body->attributes =
                hcl_parser_take(parser, parser->attributes, items->attributes, &body->n_attributes);
        body->blocks = hcl_parser_take(parser, parser->blocks, items->blocks, &body->n_blocks);
        body->range = range;
        for (size_t i = 0; i < body->n_blocks && !body->has_dynamic; i++)
                body->has_dynamic = has_dynamic(body->blocks[i]);
        g_clear_pointer(&items->by_name, g_hash_table_unref);
        return &body->body;
}

static const HclAttribute *find_attribute(const Items *items, const HclParser *parser,
                                          const char *name) {
        if (items->by_name)
                return g_hash_table_lookup(items->by_name, name);
        for (guint i = items->attributes; i < parser->attributes->len; i++) {
                const HclAttribute *attribute = parser->attributes->pdata[i];

                if (attribute->name == name)
                        return attribute;
        }
        return NULL;
}

static void index_attributes(Items *items, const HclParser *parser) {
        items->by_name = g_hash_table_new(NULL, NULL);
        for (guint i = items->attributes; i < parser->attributes->len; i++) {
                HclAttribute *attribute = parser->attributes->pdata[i];

                g_hash_table_insert(items->by_name, (gpointer)(uintptr_t)attribute->name,
                                    attribute);
        }
}

static void add_attribute(Items *items, HclParser *parser, HclAttribute *attribute) {
        const HclAttribute *earlier = find_attribute(items, parser, attribute->name);

        if (earlier) {
                NookPos pos =
                        nook_source_pos(earlier->name_range.source, earlier->name_range.start);

                nook_diags_error(parser->diags, attribute->name_range, "Attribute redefined",
                                 "The argument \"%s\" was already set at line %u, column %u. Each "
                                 "argument may be set only once.",
                                 attribute->name, pos.line, pos.column);
                return;
        }
        hcl_parser_push(parser->attributes, attribute);
        if (items->by_name)
                g_hash_table_insert(items->by_name, (gpointer)(uintptr_t)attribute->name,
                                    attribute);
        else if (parser->attributes->len - items->attributes >= ITEMS_INDEXED)
                index_attributes(items, parser);
}

/* ---- Attributes ---- */

/* Ends an attribute: a newline, or after a mistake wherever an item ends. */
static void end_attribute(HclParser *parser) {
        HclToken end = hcl_parser_peek(parser);
        g_autofree char *advice = NULL;

        if (end.type == HCL_TOKEN_NEWLINE || end.type == HCL_TOKEN_EOF) {
                (void)hcl_parser_read(parser);
                return;
        }
        advice = hcl_advice_after_argument(parser, end);
        if (end.type == HCL_TOKEN_COMMA)
                hcl_parser_error(parser, hcl_parser_range(parser, end),
                                 "Unexpected comma after argument",
                                 "Argument definitions must be separated by newlines, not commas.");
        else
                hcl_parser_error(parser, hcl_parser_range(parser, end),
                                 "Missing newline after argument",
                                 "An argument definition must end with a newline.%s", advice);
        hcl_parser_recover_item(parser);
}

/* name = expression, with the name already read. one_line: in a block on one line. */
static HclAttribute *parse_attribute(HclParser *parser, const char *name, NookRange name_range,
                                     bool quoted, bool one_line) {
        HclAttribute *attribute = hcl_file_new_struct(parser->file, HclAttribute);
        guint mistakes = parser->mistakes;

        (void)hcl_parser_read(parser); /* = */
        attribute->name = name;
        attribute->name_range = name_range;
        attribute->quoted = quoted;
        attribute->expr = hcl_parse_expression(parser);
        attribute->range = nook_range_join(name_range, hcl_parser_range(parser, parser->previous));
        if (parser->recovering && parser->mistakes > mistakes)
                hcl_parser_recover_item(parser);
        else if (!one_line)
                end_attribute(parser);
        return attribute;
}

/* ---- Blocks ---- */

static void add_label(HclParser *parser, const char *text, NookRange range) {
        HclParserLabel label = {.text = text, .range = range};

        g_array_append_val(parser->labels, label);
}

/* How far from the start of its line a token is, in bytes. */
static size_t indent_of(const HclParser *parser, HclToken token) {
        uint32_t start = token.start;

        while (start > 0 && parser->lexer.text[start - 1] != '\n')
                start--;
        return token.start - start;
}

/* Whether a block follows whose opening brace is elsewhere, or was forgotten. */
static bool has_content(const HclParser *parser, HclToken type) {
        return parser->recovering || parser->token.type == HCL_TOKEN_OPEN_BRACE ||
               (parser->token.type != HCL_TOKEN_EOF &&
                indent_of(parser, parser->token) > indent_of(parser, type));
}

/* At the newline behind a name and labels from mark on: a block whose brace is on the next line, or
 * an argument without its equals sign. */
static void report_no_brace(HclParser *parser, HclToken type, guint mark, NookRange newline) {
        bool quoted = parser->previous.type == HCL_TOKEN_CLOSE_QUOTE;
        g_autofree char *advice = NULL;

        if (has_content(parser, type))
                parser->lost_braces++;
        else if (parser->labels->len == mark + 1)
                advice = g_strdup_printf(
                        " If this is an argument, its equals sign is missing: %s = %s%s%s.",
                        hcl_parser_name(parser, type), quoted ? "\"" : "",
                        g_array_index(parser->labels, HclParserLabel, mark).text,
                        quoted ? "\"" : "");
        hcl_parser_error(parser, newline, "Invalid block definition",
                         "A block definition must have block content delimited by \"{\" and \"}\", "
                         "starting on the same line as the block header.%s",
                         advice ? advice : "");
}

/* Reads labels up to the opening brace; false after reporting that something else is there. */
static bool parse_labels(HclParser *parser, HclToken type) {
        guint mark = parser->labels->len;

        for (;;) {
                HclToken token = hcl_parser_peek(parser);
                NookRange range = hcl_parser_range(parser, token);
                const char *label;

                switch (token.type) {
                case HCL_TOKEN_OPEN_BRACE:
                        return true;
                case HCL_TOKEN_OPEN_QUOTE:
                        label = hcl_parse_label(parser, &range);
                        add_label(parser, label, range);
                        continue;
                case HCL_TOKEN_IDENT:
                        (void)hcl_parser_read(parser);
                        add_label(parser, hcl_parser_name(parser, token), range);
                        continue;
                case HCL_TOKEN_EQUAL:
                        hcl_parser_error(parser, range, "Invalid block definition",
                                         "The equals sign \"=\" indicates an argument definition, "
                                         "and must not be used when defining a block.");
                        return false;
                case HCL_TOKEN_NEWLINE:
                        report_no_brace(parser, type, mark, range);
                        return false;
                default:
                        hcl_parser_error(parser, range, "Invalid block definition",
                                         "Either a quoted string block label or an opening brace "
                                         "(\"{\") is expected here.");
                        return false;
                }
        }
}

static void report_unclosed(HclParser *parser, NookRange open) {
        hcl_parser_error(parser, open, "Unclosed configuration block",
                         "There is no closing brace for this block before the end of the file. "
                         "This may be caused by incorrect brace nesting elsewhere in this file.");
}

/* Ends a block on one line. */
static void end_one_line(HclParser *parser, NookRange open) {
        HclToken next = hcl_parser_peek(parser);
        NookRange range = hcl_parser_range(parser, next);
        const char *summary = "Invalid single-argument block definition";

        switch (next.type) {
        case HCL_TOKEN_CLOSE_BRACE:
                (void)hcl_parser_read(parser);
                return;
        case HCL_TOKEN_EOF:
                report_unclosed(parser, open);
                break;
        case HCL_TOKEN_COMMA:
                hcl_parser_error(parser, range, summary,
                                 "A block on one line can hold only one argument. To define "
                                 "several, write each on a line of its own.");
                break;
        case HCL_TOKEN_NEWLINE:
                hcl_parser_error(parser, range, summary,
                                 "An argument on the same line as the opening brace makes a block "
                                 "on one line, which must be closed on that line. Place the "
                                 "closing brace right after the argument, or the argument on the "
                                 "next line.");
                break;
        default:
                hcl_parser_error(parser, range, summary,
                                 "A block on one line must end with a closing brace right after "
                                 "its single argument.");
                break;
        }
        (void)hcl_parser_recover(parser, HCL_TOKEN_CLOSE_BRACE);
}

/* type { name = expression }: the item after the brace. */
static void parse_one_line_item(HclParser *parser, Items *items) {
        HclToken name = hcl_parser_read(parser);
        NookRange range = hcl_parser_range(parser, name);
        HclToken next = hcl_parser_peek(parser);

        if (name.type == HCL_TOKEN_IDENT && next.type == HCL_TOKEN_EQUAL) {
                add_attribute(
                        items, parser,
                        parse_attribute(parser, hcl_parser_name(parser, name), range, false, true));
                return;
        }
        if (name.type == HCL_TOKEN_IDENT &&
            (next.type == HCL_TOKEN_OPEN_QUOTE || next.type == HCL_TOKEN_OPEN_BRACE ||
             next.type == HCL_TOKEN_IDENT))
                hcl_parser_error(parser, nook_range_join(range, hcl_parser_range(parser, next)),
                                 "Argument definition required",
                                 "A block on one line can hold only a single argument. If you "
                                 "meant to define argument \"%s\", use an equals sign to assign it "
                                 "a value. To define a nested block, place it on a line of its own "
                                 "within its parent block.",
                                 hcl_parser_name(parser, name));
        else
                hcl_parser_error(parser, range, "Argument or block definition required",
                                 "An argument is required here: a name, an equals sign and a "
                                 "value.");
        hcl_parser_recover_item(parser);
}

static HclBody *parse_one_line_body(HclParser *parser, NookRange open) {
        Items items;
        guint mistakes = parser->mistakes;

        items_init(&items, parser);
        parse_one_line_item(parser, &items);
        /* After most mistakes the rest of the line is gone, its closing brace with it. */
        if (!parser->recovering || parser->mistakes == mistakes)
                end_one_line(parser, open);
        return items_end(&items, parser, open);
}

static HclBody *parse_braced_body(HclParser *parser, NookRange open) {
        HclToken next = hcl_parser_peek(parser);
        HclBody *body;

        if (!hcl_parser_enter(parser))
                body = parse_one_line_body(parser, open); /* at the end of the file by now */
        else if (next.type == HCL_TOKEN_NEWLINE || next.type == HCL_TOKEN_EOF ||
                 next.type == HCL_TOKEN_CLOSE_BRACE)
                body = hcl_parse_body(parser, HCL_TOKEN_CLOSE_BRACE);
        else
                body = parse_one_line_body(parser, open);
        hcl_parser_leave(parser);
        return body;
}

static void end_block(HclParser *parser) {
        HclToken end = hcl_parser_peek(parser);

        if (end.type == HCL_TOKEN_NEWLINE || end.type == HCL_TOKEN_EOF) {
                (void)hcl_parser_read(parser);
                return;
        }
        hcl_parser_error(parser, hcl_parser_range(parser, end),
                         "Missing newline after block definition",
                         "A block definition must end with a newline.");
        hcl_parser_recover_item(parser);
}

/* The labels gathered from mark on. */
static void take_labels(HclParser *parser, HclBlock *block, guint mark) {
        size_t n = parser->labels->len - mark;
        const char **labels = hcl_file_alloc(parser->file, (n + 1) * sizeof(char *));
        NookRange *ranges = hcl_file_alloc(parser->file, n * sizeof(NookRange));

        for (size_t i = 0; i < n; i++) {
                const HclParserLabel *label =
                        &g_array_index(parser->labels, HclParserLabel, mark + i);

                labels[i] = label->text;
                ranges[i] = label->range;
        }
        g_array_set_size(parser->labels, mark);
        block->labels = labels;
        block->label_ranges = ranges;
        block->n_labels = n;
}

/* type label label { body }, with the type already read. */
static HclBlock *parse_block(HclParser *parser, HclToken type) {
        HclBlock *block = hcl_file_new_struct(parser->file, HclBlock);
        guint mark = parser->labels->len;
        bool opened = parse_labels(parser, type);

        take_labels(parser, block, mark);
        block->type = hcl_parser_name(parser, type);
        block->type_range = hcl_parser_range(parser, type);
        block->range = block->type_range;
        if (block->n_labels > 0)
                block->range = nook_range_join(block->type_range,
                                               block->label_ranges[block->n_labels - 1]);
        if (!opened) {
                Items none;

                hcl_parser_recover_item(parser);
                block->open_brace = block->close_brace = block->type_range;
                items_init(&none, parser);
                block->body = items_end(&none, parser, block->type_range);
                return block;
        }
        block->open_brace = hcl_parser_range(parser, hcl_parser_read(parser));
        block->body = parse_braced_body(parser, block->open_brace);
        block->close_brace = hcl_parser_range(parser, parser->previous);
        end_block(parser);
        return block;
}

/* ---- Bodies ---- */

/* An item that begins with a name. */
static void parse_item(HclParser *parser, Items *items) {
        HclToken name = hcl_parser_read(parser);
        HclToken next = hcl_parser_peek(parser);

        switch (next.type) {
        case HCL_TOKEN_EQUAL:
                add_attribute(items, parser,
                              parse_attribute(parser, hcl_parser_name(parser, name),
                                              hcl_parser_range(parser, name), false, false));
                return;
        case HCL_TOKEN_OPEN_QUOTE:
        case HCL_TOKEN_OPEN_BRACE:
        case HCL_TOKEN_IDENT:
                hcl_parser_push(parser->blocks, parse_block(parser, name));
                return;
        default:
                hcl_parser_error(parser, hcl_parser_range(parser, name),
                                 "Argument or block definition required",
                                 "An argument or block definition is required here. To set an "
                                 "argument, use the equals sign \"=\" to introduce the argument "
                                 "value.");
                hcl_parser_recover_item(parser);
        }
}

/* An attribute whose name is quoted. */
static void parse_quoted_item(HclParser *parser, Items *items) {
        NookRange range;
        HclToken open = hcl_parser_peek(parser);
        const char *label = hcl_parse_label(parser, &range);
        HclToken name = {.start = open.start, .end = open.end};

        if (parser->flags & HCL_PARSE_QUOTED_NAMES && hcl_parser_next_is(parser, HCL_TOKEN_EQUAL)) {
                g_autoptr(HclValue) normal = hcl_value_string(label, -1);
                size_t size;
                const char *text = hcl_value_text(normal, &size);

                label = hcl_parser_intern(parser, text, size);
                add_attribute(items, parser, parse_attribute(parser, label, range, true, false));
                return;
        }
        hcl_parser_error(parser, hcl_parser_range(parser, name), "Invalid argument name",
                         "Argument names must not be quoted.");
        hcl_parser_recover_item(parser);
}

/* Something that cannot begin an item. In a block, what follows is not looked at: its braces may
 * not be what they seem. Returns whether the body ends here. */
static bool parse_misplaced(HclParser *parser, HclTokenType end, NookRange open) {
        HclToken bad = hcl_parser_peek(parser);
        NookRange range = hcl_parser_range(parser, bad);

        if (bad.type == HCL_TOKEN_EOF) {
                report_unclosed(parser, open);
                return true;
        }
        if (bad.type == HCL_TOKEN_CLOSE_BRACE && end == HCL_TOKEN_EOF) {
                if (parser->lost_braces > 0) {
                        parser->lost_braces--;
                        (void)hcl_parser_read(parser);
                        return false;
                }
                hcl_parser_error(parser, range, "Argument or block definition required",
                                 "An argument or block definition is required here; this closing "
                                 "brace does not belong to any block.");
                (void)hcl_parser_read(parser);
                return false;
        }
        hcl_parser_error(parser, range, "Argument or block definition required",
                         "An argument or block definition is required here.");
        hcl_parser_recover_item(parser);
        return false;
}

HclBody *hcl_parse_body(HclParser *parser, HclTokenType end) {
        bool newlines = hcl_parser_set_newlines(parser, true);
        bool in_block = parser->in_block;
        NookRange open, close;
        Items items;
        bool done = false;

        open = hcl_parser_range(parser,
                                end == HCL_TOKEN_EOF ? hcl_parser_peek(parser) : parser->previous);
        items_init(&items, parser);
        parser->in_block = end == HCL_TOKEN_CLOSE_BRACE;
        while (!done) {
                HclToken next = hcl_parser_peek(parser);

                if (next.type == end) {
                        (void)hcl_parser_read(parser);
                        break;
                }
                switch (next.type) {
                case HCL_TOKEN_NEWLINE:
                        (void)hcl_parser_read(parser);
                        break;
                case HCL_TOKEN_IDENT:
                        parser->recovering = false;
                        parse_item(parser, &items);
                        break;
                case HCL_TOKEN_OPEN_QUOTE:
                        parse_quoted_item(parser, &items);
                        break;
                default: /* after a mistake this is most likely the rest of it */
                        done = parse_misplaced(parser, end, open);
                        break;
                }
        }
        close = hcl_parser_range(parser, parser->previous);
        parser->in_block = in_block;
        (void)hcl_parser_set_newlines(parser, newlines);
        return items_end(&items, parser, nook_range_join(open, close));
}
