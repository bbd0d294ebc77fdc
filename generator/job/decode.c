/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "job/decode.h"

#include <string.h>

static NookText label_text(NookDecoder *decoder, const HclBlock *hcl) {
        return (NookText){
                .text = nook_pool_strndup(decoder->pool, hcl->labels[0], -1),
                .range = hcl->label_ranges[0],
                .set = true,
        };
}

void *nook_decode_block(NookDecoder *decoder, const NookSchema *schema, const HclBlock *hcl) {
        void *block = nook_pool_alloc(decoder->pool, schema->size);
        NookBlockHead *head = block;

        head->range = hcl->range;
        head->set = true;
        for (guint i = 0; i < schema->n_fields && hcl->n_labels > 0; i++)
                if (schema->fields[i].kind == NOOK_FIELD_LABEL) {
                        NookText *label = nook_schema_slot(&schema->fields[i], block);

                        *label = label_text(decoder, hcl);
                        break;
                }

        nook_decode_body(decoder, schema, hcl->body, block);
        return block;
}

static void report_second(NookDecoder *decoder, const char *type, NookRange second,
                          NookRange first) {
        NookPos pos = nook_source_pos(first.source, first.start);

        nook_diags_error(decoder->diags, second, "Duplicate block",
                         "Only one %s block is allowed here. Another was defined at "
                         "%s:%" G_GUINT32_FORMAT ":%" G_GUINT32_FORMAT ".",
                         type, nook_source_name(first.source), pos.line, pos.column);
}

static void append_block(NookDecoder *decoder, const NookSchemaField *field,
                         const HclContent *content, const HclBlock *hcl, NookList *list) {
        if (!list->items) {
                gsize n = 0;

                for (size_t i = 0; i < content->n_blocks; i++)
                        n += strcmp(content->blocks[i]->type, hcl->type) == 0;
                list->items = nook_pool_new_array(decoder->pool, void *, n);
        }
        list->items[list->count++] = nook_decode_block(decoder, field->block(), hcl);
}

static void decode_config(NookDecoder *decoder, const HclBlock *hcl, NookAny *any) {
        bool was_in_config = decoder->in_config;

        decoder->in_config = true;
        nook_decode_any_body(decoder, hcl->body, any);
        decoder->in_config = was_in_config;
}

/* A block whose content is one value of its own kind. */
static void decode_value_block(NookDecoder *decoder, const NookSchemaField *field,
                               const HclBlock *hcl, void *slot) {
        NookAny *any = slot;

        switch (field->kind) {
        case NOOK_FIELD_PAIRS:
        case NOOK_FIELD_EITHER:
        case NOOK_FIELD_PATHS:
                nook_decode_pairs_body(decoder, hcl->body, hcl->range,
                                       field->kind == NOOK_FIELD_PATHS, slot);
                return;
        case NOOK_FIELD_UNIT:
                nook_decode_unit_body(decoder, hcl->body, hcl->range, slot);
                return;
        case NOOK_FIELD_CONFIG:
                decode_config(decoder, hcl, any);
                break;
        case NOOK_FIELD_RAW:
                any->body = hcl->body;
                break;
        case NOOK_FIELD_LISTS:
                nook_decode_lists_body(decoder, hcl->body, any);
                break;
        default:
                nook_decode_any_body(decoder, hcl->body, any);
                break;
        }
        any->range = hcl->range;
        any->set = true;
}

static void decode_inner_block(NookDecoder *decoder, const NookSchemaField *field,
                               const HclContent *content, const HclBlock *hcl, void *block) {
        void *slot = nook_schema_slot(field, block);

        if (field->kind == NOOK_FIELD_MANY) {
                append_block(decoder, field, content, hcl, slot);
                return;
        }
        if (nook_schema_is_set(field, block)) {
                report_second(decoder, hcl->type, hcl->range, nook_schema_range(field, block));
                return;
        }
        if (field->kind == NOOK_FIELD_ONE)
                *(void **)slot = nook_decode_block(decoder, field->block(), hcl);
        else
                decode_value_block(decoder, field, hcl, slot);
}

static void decode_attribute(NookDecoder *decoder, const NookSchemaField *field,
                             const HclAttribute *attribute, void *block) {
        g_autoptr(HclValue) value = hcl_expr_value(attribute->expr, decoder->scope, decoder->diags);

        nook_decode_value(decoder, field, attribute->name, value, attribute->expr,
                          hcl_expr_range(attribute->expr), nook_schema_slot(field, block));
}

void nook_decode_check_names(NookDecoder *decoder, const HclContent *content) {
        if (decoder->allow_quoted || decoder->is_json)
                return;
        for (size_t i = 0; i < content->n_attributes; i++)
                if (content->attributes[i]->quoted)
                        nook_diags_error(decoder->diags, content->attributes[i]->name_range,
                                         "Invalid argument name",
                                         "Argument names must not be quoted.");
}

static void decode_content(NookDecoder *decoder, const NookSchema *schema,
                           const HclContent *content, void *block) {
        nook_decode_check_names(decoder, content);
        for (size_t i = 0; i < content->n_attributes; i++) {
                const HclAttribute *attribute = content->attributes[i];
                const NookSchemaField *field = nook_schema_find(schema, attribute->name);

                g_assert(field);
                decode_attribute(decoder, field, attribute, block);
        }
        for (size_t i = 0; i < content->n_blocks; i++) {
                const HclBlock *hcl = content->blocks[i];
                const NookSchemaField *field = nook_schema_find(schema, hcl->type);

                g_assert(field);
                decode_inner_block(decoder, field, content, hcl, block);
        }
}

void nook_decode_body(NookDecoder *decoder, const NookSchema *schema, HclBody *body, void *block) {
        guint errors = nook_diags_count_errors(decoder->diags);
        const HclContent *content = hcl_body_content(body, &schema->hcl, decoder->diags);

        ((NookBlockHead *)block)->is_odd = nook_diags_count_errors(decoder->diags) > errors;
        decode_content(decoder, schema, content, block);
}

void nook_decode_body_partly(NookDecoder *decoder, const NookSchema *schema, HclBody *body,
                             void *block, HclBody **ret_rest) {
        decode_content(decoder, schema,
                       hcl_body_partial_content(body, &schema->hcl, ret_rest, decoder->diags),
                       block);
}
