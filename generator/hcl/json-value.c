/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "hcl/json-value.h"

#include "hcl/number.h"

static HclValue *value_of(const HclJsonNode *node, char **ret_error);

static HclValue *tuple_of(const HclJsonNode *node, char **ret_error) {
        g_autoptr(GPtrArray) items =
                g_ptr_array_new_with_free_func((GDestroyNotify)hcl_value_unref);

        for (size_t i = 0; i < node->n; i++) {
                HclValue *item = value_of(node->items[i], ret_error);

                if (item == NULL)
                        return NULL;
                g_ptr_array_add(items, item);
        }
        return hcl_value_tuple((HclValue *const *)items->pdata, items->len);
}

static bool same_type(const HclValue *a, const HclValue *b) {
        g_autoptr(HclTypeConst) a_type = hcl_value_type(a);
        g_autoptr(HclTypeConst) b_type = hcl_value_type(b);

        return hcl_type_equal(a_type, b_type);
}

static HclValue *object_of(const HclJsonNode *node, char **ret_error) {
        g_autoptr(HclMembers) members = hcl_members_new();

        for (size_t i = 0; i < node->n; i++) {
                const HclJsonMember *member = &node->members[i];
                g_autoptr(HclValue) key = hcl_value_string(member->name, (gssize)member->name_size);
                g_autoptr(HclValue) value = value_of(member->value, ret_error);
                HclValue *earlier;

                if (value == NULL)
                        return NULL;
                earlier = hcl_members_get(members, key);
                if (earlier != NULL && !same_type(earlier, value)) {
                        *ret_error = g_strdup_printf("duplicate \"%s\" property in JSON object",
                                                     member->name);
                        return NULL;
                }
                hcl_members_set_key(members, key, value);
        }
        return hcl_members_to_object(members);
}

static HclValue *value_of(const HclJsonNode *node, char **ret_error) {
        switch (node->kind) {
        case HCL_JSON_NODE_NULL:
                return hcl_value_null(&hcl_type_dynamic);
        case HCL_JSON_NODE_BOOL:
                return hcl_value_bool(node->truth);
        case HCL_JSON_NODE_NUMBER:
                return hcl_value_number_parse(node->text, (gssize)node->size);
        case HCL_JSON_NODE_STRING:
                return hcl_value_string(node->text, (gssize)node->size);
        case HCL_JSON_NODE_ARRAY:
                return tuple_of(node, ret_error);
        case HCL_JSON_NODE_OBJECT:
                return object_of(node, ret_error);
        case HCL_JSON_NODE_INVALID:
                break;
        }
        g_assert_not_reached(); /* a text with such a node has a finding */
}

HclValue *hcl_value_from_json(const char *text, size_t size, char **ret_error) {
        g_autoptr(GBytes) bytes = g_bytes_new(text, size);
        g_autoptr(NookSource) source = nook_source_new("<json>", bytes);
        g_autoptr(NookDiags) diags = nook_diags_new();
        g_autoptr(HclFile) owner = NULL;
        const HclJsonNode *root = hcl_json_parse_nodes(source, &owner, diags);

        if (nook_diags_count_errors(diags) > 0) {
                const NookDiag *diag = nook_diags_get(diags, 0);

                *ret_error = g_strdup_printf("%s at byte %u of the JSON text", diag->summary,
                                             diag->subject.start);
                return NULL;
        }
        return value_of(root, ret_error);
}
