/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "job/decode.h"

void nook_decode_pairs_body(NookDecoder *decoder, HclBody *body, NookRange range, bool may_quote,
                            NookPairs *ret) {
        const HclContent *content = hcl_body_just_attributes(body, decoder->diags);
        NookPairs pairs = {.range = range, .set = true};

        if (!may_quote)
                nook_decode_check_names(decoder, content);
        pairs.items = nook_pool_new_array(decoder->pool, NookPair, content->n_attributes);
        for (size_t i = 0; i < content->n_attributes; i++) {
                const HclAttribute *attribute = content->attributes[i];
                g_autoptr(HclValue) value =
                        hcl_expr_value(attribute->expr, decoder->scope, decoder->diags);
                NookPair *pair = &pairs.items[pairs.count];

                if (!hcl_value_is_known(value))
                        continue;
                pair->key = (NookText){
                        .text = nook_pool_strndup(decoder->pool, attribute->name, -1),
                        .range = attribute->name_range,
                        .set = true,
                };
                if (nook_decode_text(decoder, attribute->name, value,
                                     hcl_expr_range(attribute->expr), &pair->value))
                        pairs.count++;
        }
        *ret = pairs;
}

/* ---- Free-form bodies ---- */

static HclValue *tuple_of_one(HclValue *value) {
        return hcl_value_tuple(&value, 1);
}

/* Of the native syntax only: JSON says by itself where it wants a list. */
static bool is_object_written_out(const NookDecoder *decoder, const HclExpr *expr) {
        const HclExpr *const *keys, *const *values;
        size_t n;

        return !decoder->is_json && hcl_expr_map(expr, &keys, &values, &n);
}

static HclValue *any_content(NookDecoder *decoder, const HclContent *content, bool is_top);

static HclValue *any_block(NookDecoder *decoder, const HclBlock *hcl) {
        HclValue *value =
                any_content(decoder, hcl_body_everything(hcl->body, decoder->diags), false);

        for (size_t i = hcl->n_labels; i > 0; i--) {
                g_autoptr(HclMembers) members = hcl_members_new();
                g_autoptr(HclValue) inner = value;
                g_autoptr(HclValue) list = tuple_of_one(inner);

                hcl_members_set(members, hcl->labels[i - 1], list);
                value = hcl_members_to_object(members);
        }
        return value;
}

/* Adds the blocks of a body, those of one type as a list under its name. */
static void add_blocks(NookDecoder *decoder, const HclContent *content, HclMembers *members) {
        g_autoptr(GHashTable) by_type = g_hash_table_new_full(g_str_hash, g_str_equal, NULL,
                                                              (GDestroyNotify)g_ptr_array_unref);

        for (size_t i = 0; i < content->n_blocks; i++) {
                const char *type = content->blocks[i]->type;
                GPtrArray *values = g_hash_table_lookup(by_type, type);

                if (!values) {
                        values = g_ptr_array_new_with_free_func((GDestroyNotify)hcl_value_unref);
                        g_hash_table_insert(by_type, (void *)(guintptr)type, values);
                }
                g_ptr_array_add(values, any_block(decoder, content->blocks[i]));
        }
        for (size_t i = 0; i < content->n_blocks; i++) {
                const char *type = content->blocks[i]->type;
                GPtrArray *values = g_hash_table_lookup(by_type, type);
                g_autoptr(HclValue) list = NULL;

                if (!values)
                        continue; /* done with the first block of this type */
                list = hcl_value_tuple((HclValue *const *)values->pdata, values->len);
                hcl_members_set(members, type, list);
                g_hash_table_remove(by_type, type);
        }
}

static HclValue *any_content(NookDecoder *decoder, const HclContent *content, bool is_top) {
        g_autoptr(HclMembers) members = hcl_members_new();

        nook_decode_check_names(decoder, content);
        for (size_t i = 0; i < content->n_attributes; i++) {
                const HclAttribute *attribute = content->attributes[i];
                g_autoptr(HclValue) value =
                        hcl_expr_value(attribute->expr, decoder->scope, decoder->diags);

                /* Go's map has no place for a nil at its top. */
                if (is_top && hcl_value_is_known(value) && hcl_value_is_null(value))
                        continue;
                if (is_object_written_out(decoder, attribute->expr)) {
                        g_autoptr(HclValue) list = tuple_of_one(value);

                        hcl_members_set(members, attribute->name, list);
                } else
                        hcl_members_set(members, attribute->name, value);
        }
        add_blocks(decoder, content, members);
        return hcl_members_to_object(members);
}

void nook_decode_any_body(NookDecoder *decoder, HclBody *body, NookAny *ret) {
        ret->content = hcl_body_everything(body, decoder->diags);
        ret->value = nook_decode_keep(decoder, any_content(decoder, ret->content, true));
}

void nook_decode_lists_body(NookDecoder *decoder, HclBody *body, NookAny *ret) {
        static const HclType texts = HCL_TYPE_STATIC(HCL_KIND_LIST, &hcl_type_string);
        g_autoptr(HclMembers) members = hcl_members_new();

        ret->content = hcl_body_just_attributes(body, decoder->diags);
        nook_decode_check_names(decoder, ret->content);
        for (size_t i = 0; i < ret->content->n_attributes; i++) {
                const HclAttribute *attribute = ret->content->attributes[i];
                g_autofree char *what = g_strdup_printf("\"%s\"", attribute->name);
                g_autoptr(HclValue) value = hcl_expr_value_as(attribute->expr, decoder->scope,
                                                              &texts, what, decoder->diags);

                hcl_members_set(members, attribute->name, value);
        }
        ret->value = nook_decode_keep(decoder, hcl_members_to_object(members));
}

/* ---- Lines for systemd ---- */

/* systemd says yes and no where HCL says true and false. */
static bool unit_text(NookDecoder *decoder, const char *key, HclValue *value, NookRange range,
                      NookText *ret) {
        if (!nook_decode_text(decoder, key, value, range, ret))
                return false;
        if (hcl_value_kind(value) == HCL_KIND_BOOL)
                ret->text = hcl_value_get_bool(value) ? "yes" : "no";
        return true;
}

static void unit_line(NookDecoder *decoder, HclValue *value, const HclExpr *expr, NookRange range,
                      NookUnitLine *line) {
        HclKind kind = hcl_value_kind(value);
        const HclExpr *const *items = NULL;
        size_t n_items = 0, n;

        line->values.range = range;
        line->values.set = true;
        line->is_list = kind == HCL_KIND_TUPLE || kind == HCL_KIND_LIST || kind == HCL_KIND_SET;
        n = line->is_list ? hcl_value_length(value) : 1;
        line->values.items = nook_pool_new_array(decoder->pool, NookText, n);
        if (!line->is_list) {
                line->values.count =
                        unit_text(decoder, line->key.text, value, range, &line->values.items[0]);
                return;
        }

        if (expr && !(hcl_expr_list(expr, &items, &n_items) && n_items == n))
                items = NULL;
        for (size_t i = 0; i < n; i++) {
                HclValue *element = hcl_value_element(value, i);

                if (hcl_value_is_known(element) &&
                    unit_text(decoder, line->key.text, element,
                              items ? hcl_expr_range(items[i]) : range,
                              &line->values.items[line->values.count]))
                        line->values.count++;
        }
}

void nook_decode_unit_body(NookDecoder *decoder, HclBody *body, NookRange range,
                           NookUnitLines *ret) {
        const HclContent *content = hcl_body_just_attributes(body, decoder->diags);
        NookUnitLines lines = {.range = range, .set = true};

        lines.items = nook_pool_new_array(decoder->pool, NookUnitLine, content->n_attributes);
        for (size_t i = 0; i < content->n_attributes; i++) {
                const HclAttribute *attribute = content->attributes[i];
                g_autoptr(HclValue) value =
                        hcl_expr_value(attribute->expr, decoder->scope, decoder->diags);
                NookUnitLine *line = &lines.items[lines.count];

                if (!hcl_value_is_known(value))
                        continue;
                line->key = (NookText){
                        .text = nook_pool_strndup(decoder->pool, attribute->name, -1),
                        .range = attribute->name_range,
                        .set = true,
                };
                unit_line(decoder, value, attribute->expr, hcl_expr_range(attribute->expr), line);
                lines.count++;
        }
        *ret = lines;
}

void nook_decode_unit_value(NookDecoder *decoder, HclValue *value, NookRange range,
                            NookUnitLines *ret) {
        NookUnitLines lines = {.range = range, .set = true};
        HclKind kind = hcl_value_kind(value);
        size_t n;

        if (kind != HCL_KIND_MAP && kind != HCL_KIND_OBJECT) {
                nook_diags_error(decoder->diags, range, "Unsuitable value",
                                 "\"unit\" must be a block of directives, such as "
                                 "unit { IOWeight = 50 }.");
                return;
        }
        n = hcl_value_length(value);
        lines.items = nook_pool_new_array(decoder->pool, NookUnitLine, n);
        for (size_t i = 0; i < n; i++) {
                HclValue *element = hcl_value_element(value, i);
                NookUnitLine *line = &lines.items[lines.count];

                if (!hcl_value_is_known(element) ||
                    !nook_decode_text(decoder, "unit", hcl_value_key(value, i), range, &line->key))
                        continue;
                unit_line(decoder, element, NULL, range, line);
                lines.count++;
        }
        *ret = lines;
}
