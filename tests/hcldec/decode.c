/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "decode.h"

#include <string.h>

/* A body that is being read. */
typedef struct {
        const HclContent *content;
        const HclScope *scope;
        NookDiags *diags;
} Decoding;

static HclValue *decode(Decoding *decoding, const Spec *spec);

/* ---- The schema ---- */

static bool is_block_spec(SpecKind kind) {
        return kind == SPEC_BLOCK || kind == SPEC_BLOCK_LIST || kind == SPEC_BLOCK_SET ||
               kind == SPEC_BLOCK_MAP || kind == SPEC_BLOCK_ATTRS;
}

/* Gathers what is read in the same body. */
static void add_to_schema(const Spec *spec, GArray *attributes, GArray *blocks) {
        if (spec->kind == SPEC_ATTR) {
                HclAttributeSchema attribute = {spec->name, spec->required};

                g_array_append_val(attributes, attribute);
        } else if (is_block_spec(spec->kind)) {
                HclBlockSchema block = {spec->name, NULL};

                if (spec->labels != NULL)
                        block.labels = (const char *const *)spec->labels->pdata;
                g_array_append_val(blocks, block);
        } else {
                for (guint i = 0; i < spec->children->len; i++)
                        add_to_schema(spec->children->pdata[i], attributes, blocks);
        }
}

static const HclContent *content_of(HclBody *body, const Spec *spec, NookDiags *diags) {
        g_autoptr(GArray) attributes = g_array_new(FALSE, TRUE, sizeof(HclAttributeSchema));
        g_autoptr(GArray) blocks = g_array_new(FALSE, TRUE, sizeof(HclBlockSchema));
        HclSchema schema;

        add_to_schema(spec, attributes, blocks);
        schema = (HclSchema){(const HclAttributeSchema *)(void *)attributes->data, attributes->len,
                             (const HclBlockSchema *)(void *)blocks->data, blocks->len};
        return hcl_body_content(body, &schema, diags);
}

/* ---- Values ---- */

static HclValue *null_of(const Spec *spec) {
        g_autoptr(HclTypeConst) type = spec_type(spec);

        return hcl_value_null(type);
}

static HclValue *decode_attr(Decoding *decoding, const Spec *spec) {
        const HclAttribute *attribute = hcl_content_attribute(decoding->content, spec->name);
        g_autoptr(HclValue) value = NULL;
        g_autofree char *why = NULL;
        HclValue *converted;

        if (attribute == NULL)
                return null_of(spec);
        value = hcl_expr_value(attribute->expr, decoding->scope, decoding->diags);
        converted = hcl_value_convert(value, spec->type, &why);
        if (converted != NULL)
                return converted;
        nook_diags_error(decoding->diags, hcl_expr_range(attribute->expr),
                         "Incorrect attribute value type",
                         "Inappropriate value for attribute \"%s\": %s.", spec->name, why);
        return hcl_value_unknown();
}

/* The next block of the type from *i, which is moved behind it; NULL: there are no more. */
static const HclBlock *next_block(const Decoding *decoding, const Spec *spec, size_t *i) {
        for (; *i < decoding->content->n_blocks; (*i)++) {
                if (strcmp(decoding->content->blocks[*i]->type, spec->name) == 0)
                        return decoding->content->blocks[(*i)++];
        }
        return NULL;
}

/* The one block; NULL, perhaps after a finding, if there is none. */
static const HclBlock *only_block(Decoding *decoding, const Spec *spec) {
        g_autofree char *summary = NULL;
        size_t i = 0;
        const HclBlock *block = next_block(decoding, spec, &i);
        const HclBlock *second = next_block(decoding, spec, &i);

        if (block == NULL && spec->required) {
                summary = g_strdup_printf("Missing %s block", spec->name);
                nook_diags_error(decoding->diags, decoding->content->missing, summary,
                                 "A block of type \"%s\" is required here.", spec->name);
        } else if (second != NULL) {
                summary = g_strdup_printf("Duplicate %s block", spec->name);
                nook_diags_error(decoding->diags, second->range, summary,
                                 "Only one block of type \"%s\" is allowed.", spec->name);
        }
        return block;
}

static HclValue *decode_block(Decoding *decoding, const Spec *spec) {
        const HclBlock *block = only_block(decoding, spec);

        if (block == NULL)
                return null_of(spec);
        return decode_body(block->body, spec->children->pdata[0], decoding->scope, decoding->diags);
}

static HclValue *decode_block_attrs(Decoding *decoding, const Spec *spec) {
        const HclBlock *block = only_block(decoding, spec);
        g_autoptr(HclMembers) members = hcl_members_new();
        const HclContent *content;

        if (block == NULL)
                return null_of(spec);
        content = hcl_body_just_attributes(block->body, decoding->diags);
        for (size_t i = 0; i < content->n_attributes; i++) {
                const HclAttribute *attribute = content->attributes[i];
                g_autoptr(HclValue) value =
                        hcl_expr_value_as(attribute->expr, decoding->scope, spec->type,
                                          attribute->name, decoding->diags);

                hcl_members_set(members, attribute->name, value);
        }
        return nook_diags_count_errors(decoding->diags) > 0
                       ? hcl_value_unknown()
                       : hcl_members_to_map(members, spec->type);
}

/* Where a specification finds its value in a body: an attribute's, or where something is missing.
 */
static NookRange place_in(HclBody *body, const Spec *spec) {
        g_autoptr(NookDiags) ignored = nook_diags_new();
        const HclAttribute *attribute;

        while (spec->kind == SPEC_TRANSFORM || spec->kind == SPEC_DEFAULT)
                spec = spec->children->pdata[0];
        attribute = spec->kind == SPEC_ATTR
                            ? hcl_content_attribute(content_of(body, spec, ignored), spec->name)
                            : NULL;
        return attribute ? hcl_expr_range(attribute->expr) : hcl_body_missing_range(body);
}

/* first: the first block over the limit, if there is one. */
static void check_count(Decoding *decoding, const Spec *spec, size_t count, const HclBlock *first) {
        g_autofree char *summary = NULL;

        if ((int64_t)count < spec->min_items) {
                summary = g_strdup_printf("Insufficient %s blocks", spec->name);
                nook_diags_error(decoding->diags, decoding->content->missing, summary,
                                 "At least %d \"%s\" blocks are required.", (int)spec->min_items,
                                 spec->name);
        } else if (spec->max_items > 0 && (int64_t)count > spec->max_items) {
                summary = g_strdup_printf("Too many %s blocks", spec->name);
                nook_diags_error(decoding->diags, place_in(first->body, spec->children->pdata[0]),
                                 summary, "No more than %d \"%s\" blocks are allowed.",
                                 (int)spec->max_items, spec->name);
        }
}

/* Brings values to one type; NULL after a finding. */
static const HclType *unify(Decoding *decoding, const Spec *spec, GPtrArray *values) {
        g_autoptr(GPtrArray) types = g_ptr_array_new_with_free_func((GDestroyNotify)hcl_type_unref);
        g_autoptr(HclTypeConst) common = NULL;
        bool fits = true;

        for (guint i = 0; i < values->len; i++)
                g_ptr_array_add(types, (gpointer)(uintptr_t)hcl_value_type(values->pdata[i]));
        common = hcl_type_unify((const HclType *const *)types->pdata, types->len);
        for (guint i = 0; common != NULL && fits && i < values->len; i++) {
                HclValue *converted = hcl_value_convert(values->pdata[i], common, NULL);

                fits = converted != NULL;
                if (fits) {
                        hcl_value_unref(values->pdata[i]);
                        values->pdata[i] = converted;
                }
        }
        if (common != NULL && fits)
                return g_steal_pointer(&common);
        nook_diags_error(decoding->diags, decoding->content->missing,
                         "Inconsistent argument types in blocks",
                         "Corresponding attributes in all \"%s\" blocks must be the same.",
                         spec->name);
        return NULL;
}

static HclValue *decode_sequence(Decoding *decoding, const Spec *spec) {
        g_autoptr(GPtrArray) values =
                g_ptr_array_new_with_free_func((GDestroyNotify)hcl_value_unref);
        g_autoptr(HclTypeConst) type = NULL;
        const HclBlock *block, *surplus = NULL;

        for (size_t i = 0; (block = next_block(decoding, spec, &i)) != NULL;) {
                if ((int64_t)values->len == spec->max_items)
                        surplus = block;
                g_ptr_array_add(values, decode_body(block->body, spec->children->pdata[0],
                                                    decoding->scope, decoding->diags));
        }
        check_count(decoding, spec, values->len, surplus);
        if (nook_diags_count_errors(decoding->diags) > 0)
                return hcl_value_unknown();
        type = values->len == 0 ? spec_type(spec->children->pdata[0])
                                : unify(decoding, spec, values);
        if (type == NULL)
                return hcl_value_unknown();
        return spec->kind == SPEC_BLOCK_LIST
                       ? hcl_value_list(type, (HclValue *const *)values->pdata, values->len)
                       : hcl_value_set(type, (HclValue *const *)values->pdata, values->len);
}

/* ---- block_map ---- */

static bool same_labels(const HclBlock *a, const HclBlock *b, size_t n) {
        for (size_t i = 0; i < n; i++) {
                if (strcmp(a->labels[i], b->labels[i]) != 0)
                        return false;
        }
        return true;
}

static void report_duplicate(Decoding *decoding, const Spec *spec, const HclBlock *block) {
        g_autofree char *summary = g_strdup_printf("Duplicate %s block", spec->name);

        nook_diags_error(decoding->diags, block->range, summary,
                         "A block with these labels was already defined. The %s labels must be "
                         "unique.",
                         spec->name);
}

/* The map of the blocks that agree with `like` in the first `level` labels, by the next label. */
static HclValue *label_map(Decoding *decoding, const Spec *spec, const HclBlock *like,
                           size_t level) {
        g_autoptr(HclMembers) members = hcl_members_new();
        g_autoptr(HclTypeConst) element = spec_type(spec->children->pdata[0]);
        size_t n_labels = spec->labels->len - 1;
        const HclBlock *block;

        for (size_t i = 0; (block = next_block(decoding, spec, &i)) != NULL;) {
                g_autoptr(HclValue) key = hcl_value_string(block->labels[level], -1);
                g_autoptr(HclValue) value = NULL;
                bool known = hcl_members_get(members, key) != NULL;

                if (like != NULL && !same_labels(like, block, level))
                        continue;
                if (known && level + 1 == n_labels)
                        report_duplicate(decoding, spec, block);
                if (known)
                        continue;
                value = level + 1 < n_labels ? label_map(decoding, spec, block, level + 1)
                                             : decode_body(block->body, spec->children->pdata[0],
                                                           decoding->scope, decoding->diags);
                hcl_members_set_key(members, key, value);
        }
        for (size_t i = level + 1; i < n_labels; i++) {
                const HclType *map = hcl_type_map(element);

                hcl_type_unref(element);
                element = map;
        }
        return nook_diags_count_errors(decoding->diags) > 0 ? hcl_value_unknown()
                                                            : hcl_members_to_map(members, element);
}

/* ---- All together ---- */

static HclValue *decode_members(Decoding *decoding, const Spec *spec) {
        g_autoptr(GPtrArray) values =
                g_ptr_array_new_with_free_func((GDestroyNotify)hcl_value_unref);
        g_autoptr(HclMembers) members = hcl_members_new();

        for (guint i = 0; i < spec->children->len; i++) {
                const Spec *child = spec->children->pdata[i];
                HclValue *value = decode(decoding, child);

                g_ptr_array_add(values, value);
                if (spec->kind == SPEC_OBJECT)
                        hcl_members_set(members, child->key, value);
        }
        return spec->kind == SPEC_OBJECT
                       ? hcl_members_to_object(members)
                       : hcl_value_tuple((HclValue *const *)values->pdata, values->len);
}

static HclValue *decode_default(Decoding *decoding, const Spec *spec) {
        for (guint i = 0; i < spec->children->len; i++) {
                g_autoptr(HclValue) value = decode(decoding, spec->children->pdata[i]);

                if (!hcl_value_is_null(value) || i + 1 == spec->children->len)
                        return g_steal_pointer(&value);
        }
        return hcl_value_null(&hcl_type_dynamic);
}

static HclValue *decode_transform(Decoding *decoding, const Spec *spec) {
        guint errors = nook_diags_count_errors(decoding->diags);
        g_autoptr(HclValue) nested = decode(decoding, spec->children->pdata[0]);
        g_autoptr(HclScope) scope = hcl_scope_new(spec->scope);

        if (nook_diags_count_errors(decoding->diags) > errors)
                return hcl_value_unknown();
        hcl_scope_set(scope, "nested", nested);
        return hcl_expr_value(spec->expr, scope, decoding->diags);
}

static HclValue *decode(Decoding *decoding, const Spec *spec) {
        switch (spec->kind) {
        case SPEC_OBJECT:
        case SPEC_ARRAY:
                return decode_members(decoding, spec);
        case SPEC_LITERAL:
                return hcl_value_ref(spec->value);
        case SPEC_ATTR:
                return decode_attr(decoding, spec);
        case SPEC_BLOCK:
                return decode_block(decoding, spec);
        case SPEC_BLOCK_LIST:
        case SPEC_BLOCK_SET:
                return decode_sequence(decoding, spec);
        case SPEC_BLOCK_MAP:
                return label_map(decoding, spec, NULL, 0);
        case SPEC_BLOCK_ATTRS:
                return decode_block_attrs(decoding, spec);
        case SPEC_TRANSFORM:
                return decode_transform(decoding, spec);
        case SPEC_DEFAULT:
                break;
        }
        return decode_default(decoding, spec);
}

HclValue *decode_body(HclBody *body, const Spec *spec, const HclScope *scope, NookDiags *diags) {
        Decoding decoding = {content_of(body, spec, diags), scope, diags};

        return decode(&decoding, spec);
}

/* Looks for the specification of a block's inside; NULL: its attributes are a map. */
static const Spec *inside_of(const Spec *spec, const char *type) {
        if (is_block_spec(spec->kind))
                return strcmp(spec->name, type) == 0 && spec->children->len > 0
                               ? spec->children->pdata[0]
                               : NULL;
        for (guint i = 0; i < spec->children->len; i++) {
                const Spec *found = inside_of(spec->children->pdata[i], type);

                if (found != NULL)
                        return found;
        }
        return NULL;
}

static void add_references(const HclContent *content, GPtrArray *references) {
        for (size_t i = 0; i < content->n_attributes; i++) {
                g_autoptr(GPtrArray) found = hcl_expr_traversals(content->attributes[i]->expr);

                g_ptr_array_extend(references, found, NULL, NULL);
        }
}

GPtrArray *decode_references(HclBody *body, const Spec *spec, NookDiags *diags) {
        const HclContent *content = content_of(body, spec, diags);
        GPtrArray *references = g_ptr_array_new();

        add_references(content, references);
        for (size_t i = 0; i < content->n_blocks; i++) {
                HclBody *inner = content->blocks[i]->body;
                const Spec *inside = inside_of(spec, content->blocks[i]->type);

                if (inside == NULL) {
                        add_references(hcl_body_just_attributes(inner, diags), references);
                } else {
                        g_autoptr(GPtrArray) found = decode_references(inner, inside, diags);

                        g_ptr_array_extend(references, found, NULL, NULL);
                }
        }
        return references;
}
