/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "spec.h"

#include <string.h>

#include "spec-functions.h"

static const struct {
        const char *word;
        SpecKind kind;
} words[] = {
        {"object", SPEC_OBJECT},
        {"array", SPEC_ARRAY},
        {"literal", SPEC_LITERAL},
        {"attr", SPEC_ATTR},
        {"block", SPEC_BLOCK},
        {"block_list", SPEC_BLOCK_LIST},
        {"block_set", SPEC_BLOCK_SET},
        {"block_map", SPEC_BLOCK_MAP},
        {"block_attrs", SPEC_BLOCK_ATTRS},
        {"default", SPEC_DEFAULT},
        {"transform", SPEC_TRANSFORM},
};

/* What is being read. */
typedef struct {
        HclScope *scope; /* the functions of specifications */
        NookDiags *diags;
} Reading;

static Spec *read_block(Reading *reading, const HclBlock *block);

static Spec *spec_new(SpecKind kind) {
        Spec *spec = g_new0(Spec, 1);

        spec->kind = kind;
        spec->children = g_ptr_array_new_with_free_func((GDestroyNotify)spec_free);
        return spec;
}

void spec_free(Spec *spec) {
        if (spec == NULL)
                return;
        if (spec->type != NULL)
                hcl_type_unref(spec->type);
        hcl_value_unref(spec->value);
        hcl_scope_unref(spec->scope);
        g_clear_pointer(&spec->labels, g_ptr_array_unref);
        g_ptr_array_unref(spec->children);
        g_free(spec);
}

/* The children of a body, each with a label where they are named. */
static const HclContent *child_content(HclBody *body, bool named, NookDiags *diags) {
        static const char *const key[] = {"key", NULL};
        HclBlockSchema blocks[G_N_ELEMENTS(words)];
        HclSchema schema = {.blocks = blocks, .n_blocks = G_N_ELEMENTS(blocks)};

        for (size_t i = 0; i < G_N_ELEMENTS(words); i++)
                blocks[i] = (HclBlockSchema){words[i].word, named ? key : NULL};
        return hcl_body_content(body, &schema, diags);
}

static void add_children(Reading *reading, Spec *spec, HclBody *body, bool named) {
        const HclContent *content = child_content(body, named, reading->diags);

        for (size_t i = 0; i < content->n_blocks; i++) {
                Spec *child = read_block(reading, content->blocks[i]);

                if (child != NULL)
                        g_ptr_array_add(spec->children, child);
        }
}

/* The one child that says how to read the inside. */
static void add_only_child(Reading *reading, Spec *spec, HclBody *body) {
        NookDiags *diags = reading->diags;
        guint errors = nook_diags_count_errors(diags);

        add_children(reading, spec, body, false);
        if (spec->children->len != 1 && nook_diags_count_errors(diags) == errors)
                nook_diags_error(diags, hcl_body_missing_range(body),
                                 spec->children->len == 0 ? "Missing spec block"
                                                          : "Extraneous spec block",
                                 "Exactly one spec block must be here.");
}

/* ---- Settings ---- */

static HclValue *setting(const HclContent *content, const char *name, const HclType *type,
                         NookDiags *diags) {
        const HclAttribute *attribute = hcl_content_attribute(content, name);

        return attribute == NULL ? NULL
                                 : hcl_expr_value_as(attribute->expr, NULL, type, name, diags);
}

static bool is_usable(const HclValue *value) {
        return value != NULL && hcl_value_is_wholly_known(value) && !hcl_value_is_null(value);
}

static void read_name(Spec *spec, const HclContent *content, const char *setting_name,
                      NookDiags *diags) {
        g_autoptr(HclValue) value = setting(content, setting_name, &hcl_type_string, diags);

        if (is_usable(value))
                spec->name = g_intern_string(hcl_value_text(value, NULL));
        if (spec->name == NULL)
                spec->name = spec->key;
        if (spec->name == NULL)
                nook_diags_error(diags, content->missing, "Missing name in spec",
                                 "The %s attribute is required here.", setting_name);
}

static void read_required(Spec *spec, const HclContent *content, NookDiags *diags) {
        g_autoptr(HclValue) value = setting(content, "required", &hcl_type_bool, diags);

        spec->required = is_usable(value) && hcl_value_get_bool(value);
}

static int64_t read_count(const HclContent *content, const char *name, NookDiags *diags) {
        g_autoptr(HclValue) value = setting(content, name, &hcl_type_number, diags);
        int64_t count = 0;

        if (is_usable(value))
                hcl_value_get_int64(value, &count);
        return count;
}

static void read_type(Spec *spec, const HclContent *content, const char *name, NookDiags *diags) {
        const HclAttribute *attribute = hcl_content_attribute(content, name);

        if (attribute != NULL)
                spec->type = hcl_expr_type(attribute->expr, true, diags);
        if (spec->type == NULL)
                spec->type = &hcl_type_dynamic;
}

static void read_labels(Spec *spec, const HclContent *content, NookDiags *diags) {
        static const HclType list = HCL_TYPE_STATIC(HCL_KIND_LIST, &hcl_type_string);
        g_autoptr(HclValue) value = setting(content, "labels", &list, diags);

        spec->labels = g_ptr_array_new();
        for (size_t i = 0; is_usable(value) && i < hcl_value_length(value); i++) {
                const char *label = hcl_value_text(hcl_value_element(value, i), NULL);

                g_ptr_array_add(spec->labels, (gpointer)(uintptr_t)g_intern_string(label));
        }
        if (spec->labels->len == 0)
                nook_diags_error(diags, content->missing, "Invalid block label name list",
                                 "A block_map must have at least one label specified.");
        g_ptr_array_add(spec->labels, NULL);
}

/* ---- Blocks of the specification ---- */

static void read_attr(Spec *spec, HclBody *body, NookDiags *diags) {
        static const HclAttributeSchema attributes[] = {{"name"}, {"type"}, {"required"}};
        static const HclSchema schema = {attributes, G_N_ELEMENTS(attributes), NULL, 0};
        const HclContent *content = hcl_body_content(body, &schema, diags);

        read_name(spec, content, "name", diags);
        read_required(spec, content, diags);
        read_type(spec, content, "type", diags);
}

static void read_literal(Reading *reading, Spec *spec, HclBody *body) {
        static const HclAttributeSchema attributes[] = {{"value", .required = true}};
        static const HclSchema schema = {attributes, G_N_ELEMENTS(attributes), NULL, 0};
        const HclContent *content = hcl_body_content(body, &schema, reading->diags);
        const HclAttribute *attribute = hcl_content_attribute(content, "value");

        spec->value = attribute == NULL
                              ? hcl_value_null(&hcl_type_dynamic)
                              : hcl_expr_value(attribute->expr, reading->scope, reading->diags);
}

static void read_transform(Reading *reading, Spec *spec, HclBody *body) {
        static const HclAttributeSchema attributes[] = {{"result", .required = true}};
        static const HclSchema schema = {attributes, G_N_ELEMENTS(attributes), NULL, 0};
        HclBody *rest;
        const HclContent *content = hcl_body_partial_content(body, &schema, &rest, reading->diags);
        const HclAttribute *result = hcl_content_attribute(content, "result");

        spec->expr = result ? result->expr : NULL;
        spec->scope = hcl_scope_ref(reading->scope);
        add_only_child(reading, spec, rest);
}

static void read_block_attrs(Spec *spec, HclBody *body, NookDiags *diags) {
        static const HclAttributeSchema attributes[] = {
                {"block_type"}, {"element_type"}, {"required"}};
        static const HclSchema schema = {attributes, G_N_ELEMENTS(attributes), NULL, 0};
        const HclContent *content = hcl_body_content(body, &schema, diags);

        read_name(spec, content, "block_type", diags);
        read_required(spec, content, diags);
        read_type(spec, content, "element_type", diags);
}

/* Blocks of every kind whose inside has a specification of its own. */
static void read_nesting(Reading *reading, Spec *spec, HclBody *body) {
        static const HclAttributeSchema attributes[] = {
                {"block_type"}, {"required"}, {"min_items"}, {"max_items"}, {"labels"}};
        static const HclSchema schema = {attributes, G_N_ELEMENTS(attributes), NULL, 0};
        NookDiags *diags = reading->diags;
        HclBody *rest;
        const HclContent *content = hcl_body_partial_content(body, &schema, &rest, diags);

        read_name(spec, content, "block_type", diags);
        read_required(spec, content, diags);
        spec->min_items = read_count(content, "min_items", diags);
        spec->max_items = read_count(content, "max_items", diags);
        if (spec->kind == SPEC_BLOCK_MAP)
                read_labels(spec, content, diags);
        add_only_child(reading, spec, rest);
}

static Spec *read_block(Reading *reading, const HclBlock *block) {
        NookDiags *diags = reading->diags;
        guint errors = nook_diags_count_errors(diags);
        g_autoptr(Spec) spec = NULL;

        for (size_t i = 0; i < G_N_ELEMENTS(words); i++) {
                if (strcmp(block->type, words[i].word) == 0)
                        spec = spec_new(words[i].kind);
        }
        g_assert(spec != NULL); /* the schema knows no other */
        spec->key = block->n_labels > 0 ? block->labels[0] : NULL;
        switch (spec->kind) {
        case SPEC_OBJECT:
        case SPEC_ARRAY:
        case SPEC_DEFAULT:
                add_children(reading, spec, block->body, spec->kind == SPEC_OBJECT);
                break;
        case SPEC_LITERAL:
                read_literal(reading, spec, block->body);
                break;
        case SPEC_ATTR:
                read_attr(spec, block->body, diags);
                break;
        case SPEC_TRANSFORM:
                read_transform(reading, spec, block->body);
                break;
        case SPEC_BLOCK_ATTRS:
                read_block_attrs(spec, block->body, diags);
                break;
        default:
                read_nesting(reading, spec, block->body);
        }
        return nook_diags_count_errors(diags) > errors ? NULL : g_steal_pointer(&spec);
}

static HclBody *read_variables(Reading *reading, HclBody *body, HclScope *variables) {
        static const HclBlockSchema blocks[] = {{"variables"}};
        static const HclSchema schema = {NULL, 0, blocks, G_N_ELEMENTS(blocks)};
        NookDiags *diags = reading->diags;
        HclBody *rest;
        const HclContent *content = hcl_body_partial_content(body, &schema, &rest, diags);

        for (size_t i = 0; i < content->n_blocks; i++) {
                const HclContent *values =
                        hcl_body_just_attributes(content->blocks[i]->body, diags);

                for (size_t j = 0; j < values->n_attributes; j++) {
                        g_autoptr(HclValue) value =
                                hcl_expr_value(values->attributes[j]->expr, reading->scope, diags);

                        hcl_scope_set(variables, values->attributes[j]->name, value);
                }
        }
        return rest;
}

Spec *spec_read(HclFile *file, HclScope *scope, GPtrArray *keep, NookDiags *diags) {
        g_autoptr(HclScope) functions = spec_functions_new_scope();
        Reading reading = {.scope = functions, .diags = diags};
        HclBody *body = spec_functions_define(hcl_file_body(file), functions, scope, keep, diags);
        g_autoptr(Spec) root = spec_new(SPEC_ARRAY);

        body = read_variables(&reading, body, scope);
        add_only_child(&reading, root, body);
        if (nook_diags_count_errors(diags) > 0)
                return NULL;
        return g_ptr_array_steal_index(root->children, 0);
}

/* ---- Types ---- */

static const HclType *members_type(const Spec *spec) {
        size_t n = spec->children->len;
        g_autofree const HclType **types = g_new0(const HclType *, n + 1);
        g_autofree HclTypeAttribute *attributes = g_new0(HclTypeAttribute, n + 1);
        const HclType *type;

        for (size_t i = 0; i < n; i++) {
                const Spec *child = spec->children->pdata[i];

                types[i] = spec_type(child);
                attributes[i] = (HclTypeAttribute){.name = child->key, .type = types[i]};
        }
        type = spec->kind == SPEC_OBJECT ? hcl_type_object(attributes, n)
                                         : hcl_type_tuple(types, n);
        for (size_t i = 0; i < n; i++)
                hcl_type_unref(types[i]);
        return type;
}

/* What is known of the result without the value. */
static const HclType *transformed_type(const Spec *spec) {
        g_autoptr(NookDiags) ignored = nook_diags_new();
        g_autoptr(HclScope) scope = hcl_scope_new(spec->scope);
        g_autoptr(HclValue) unknown = hcl_value_unknown();
        g_autoptr(HclValue) result = NULL;

        hcl_scope_set(scope, "nested", unknown);
        result = hcl_expr_value(spec->expr, scope, ignored);
        return hcl_value_type(result);
}

/* A map for each label around the type of the inside. */
static const HclType *label_maps(const Spec *spec) {
        const HclType *type = spec_type(spec->children->pdata[0]);

        for (guint i = 0; i + 1 < spec->labels->len; i++) {
                const HclType *map = hcl_type_map(type);

                hcl_type_unref(type);
                type = map;
        }
        return type;
}

const HclType *spec_type(const Spec *spec) {
        g_autoptr(HclTypeConst) inside = NULL;

        switch (spec->kind) {
        case SPEC_OBJECT:
        case SPEC_ARRAY:
                return members_type(spec);
        case SPEC_LITERAL:
                return hcl_value_type(spec->value);
        case SPEC_ATTR:
                return hcl_type_ref(spec->type);
        case SPEC_BLOCK_ATTRS:
                return hcl_type_map(spec->type);
        case SPEC_BLOCK_MAP:
                return label_maps(spec);
        case SPEC_BLOCK:
        case SPEC_DEFAULT:
                return spec_type(spec->children->pdata[0]);
        case SPEC_TRANSFORM:
                return transformed_type(spec);
        case SPEC_BLOCK_LIST:
        case SPEC_BLOCK_SET:
                break;
        }
        inside = spec_type(spec->children->pdata[0]);
        return spec->kind == SPEC_BLOCK_LIST ? hcl_type_list(inside) : hcl_type_set(inside);
}
