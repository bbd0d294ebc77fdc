/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "hcl/template.h"

#include "hcl/space.h"

#include <string.h>

typedef struct {
        HclParser *parser;
        const GArray *parts;
        guint at;
} Builder;

static const HclPart *peek_part(const Builder *builder) {
        return &g_array_index(builder->parts, HclPart, builder->at);
}

/* A run of text as one literal: most pieces lie side by side in the source. */
static const HclExpr *build_text(Builder *builder) {
        const HclPart *first = peek_part(builder), *last = first;
        const char *text = first->text;
        size_t size = 0;
        bool adjoining = true;
        guint from = builder->at;

        for (; peek_part(builder)->kind == HCL_PART_TEXT; builder->at++) {
                last = peek_part(builder);
                adjoining &= last->text == text + size;
                size += last->size;
        }
        if (!adjoining) {
                char *joined = hcl_file_alloc(builder->parser->file, size + 1), *end = joined;

                for (guint i = from; i < builder->at; i++) {
                        const HclPart *part = &g_array_index(builder->parts, HclPart, i);

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

/* What stands between two hcl_directives, as one expression. */
static const HclExpr *new_section(HclParser *parser, GPtrArray *parts, NookRange at) {
        const HclExpr *first, *last;

        if (parts->len == 0)
                return empty_text(parser, at);
        first = parts->pdata[0];
        last = parts->pdata[parts->len - 1];
        return new_template(parser, parts, nook_range_join(first->range, last->range));
}

static const HclExpr *build_part(Builder *builder);

static const char *directive_name(HclPartKind kind) {
        for (size_t i = 0; hcl_directives[i]; i++)
                if (hcl_directive_kinds[i] == kind)
                        return hcl_directives[i];
        return "";
}

/* Adds parts up to one that ends a section, which is not read. */
static void build_section(Builder *builder, GPtrArray *section) {
        for (;;) {
                HclPartKind kind = peek_part(builder)->kind;

                if (kind == HCL_PART_END || kind == HCL_PART_ELSE || kind == HCL_PART_ENDIF ||
                    kind == HCL_PART_ENDFOR)
                        return;
                g_ptr_array_add(section, (gpointer)(uintptr_t)build_part(builder));
        }
}

static void report_unexpected(const Builder *builder, const HclPart *part, const char *format, ...)
        G_GNUC_PRINTF(3, 4);
static void report_unexpected(const Builder *builder, const HclPart *part, const char *format,
                              ...) {
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
static const HclExpr *wrong_end(Builder *builder, const HclPart *open, HclPartKind want) {
        const HclPart *end = peek_part(builder);
        NookPos pos = nook_source_pos(open->range.source, open->range.start);

        if (end->kind == HCL_PART_END) {
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
        const HclPart *open = peek_part(builder);
        HclConditionalExpr *expr;
        NookRange end;

        builder->at++;
        build_section(builder, yes);
        if (peek_part(builder)->kind == HCL_PART_ELSE) {
                builder->at++;
                build_section(builder, no);
        }
        if (peek_part(builder)->kind != HCL_PART_ENDIF)
                return wrong_end(builder, open, HCL_PART_ENDIF);
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
        const HclPart *open = peek_part(builder);
        HclForExpr *loop;
        HclJoinExpr *join;
        NookRange range;

        builder->at++;
        build_section(builder, content);
        if (peek_part(builder)->kind != HCL_PART_ENDFOR)
                return wrong_end(builder, open, HCL_PART_ENDFOR);
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
        const HclPart *part = peek_part(builder);
        const HclExpr *expr;

        switch (part->kind) {
        case HCL_PART_TEXT:
                return build_text(builder);
        case HCL_PART_VALUE:
                builder->at++;
                return part->expr;
        default:
                if (!hcl_parser_enter(builder->parser)) {
                        expr = hcl_parser_invalid(builder->parser, part->range);
                        builder->at = builder->parts->len - 1;
                } else {
                        expr = part->kind == HCL_PART_IF ? build_if(builder) : build_for(builder);
                }
                hcl_parser_leave(builder->parser);
                return expr;
        }
}

/* Parts at the outermost level, where nothing is open that could end. */
static void build_root(Builder *builder, GPtrArray *root) {
        for (;;) {
                const HclPart *part;

                build_section(builder, root);
                part = peek_part(builder);
                if (part->kind == HCL_PART_END)
                        return;
                report_unexpected(builder, part, "There is nothing open that it could belong to.");
                builder->at++;
        }
}

const HclExpr *hcl_template_build(HclParser *parser, const GArray *parts, NookRange range) {
        g_autoptr(GPtrArray) root = g_ptr_array_new();
        Builder builder = {.parser = parser, .parts = parts};
        const HclExpr *only;

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

void hcl_template_strip_margin(GArray *parts) {
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
