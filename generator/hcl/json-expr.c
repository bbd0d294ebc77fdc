/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "hcl/json-expr.h"

#include <inttypes.h>

#include "hcl/number.h"

/* What an expression has worked out, apart from it, because expressions are constant: a template
 * is parsed when it is first asked for, since most strings of most files never are. */
typedef struct {
        const HclExpr *template;
        const HclExpr *native;
} Parsed;

typedef struct {
        HclExpr expr;
        HclFile *file;
        const HclJsonNode *node;
        Parsed *parsed;              /* of a string */
        const HclExpr *const *items; /* of an array: its values; of an object: its values */
        const HclExpr *const *keys;  /* of an object */
} JsonExpr;

static const JsonExpr *json_expr(const HclExpr *expr) {
        return (const JsonExpr *)expr;
}

/* The place of a string without its quotes. */
static NookRange inside_quotes(NookRange range) {
        return (NookRange){range.source, range.start + 1, MAX(range.start + 1, range.end - 1)};
}

static const HclExpr *string_template(const JsonExpr *self, NookDiags *diags) {
        if (self->parsed->template == NULL)
                self->parsed->template =
                        hcl_file_parse_template(self->file, self->node->text, self->node->size,
                                                inside_quotes(self->expr.range), diags);
        return self->parsed->template;
}

/* Without a scope a string stands for itself. */
static HclValue *string_value(const JsonExpr *self, const HclScope *scope, NookDiags *diags) {
        const HclExpr *template;

        if (scope == NULL)
                return hcl_value_string(self->node->text, (gssize)self->node->size);
        template = string_template(self, diags);
        return template == NULL ? hcl_value_unknown() : hcl_expr_value(template, scope, diags);
}

static HclValue *array_value(const JsonExpr *self, const HclScope *scope, NookDiags *diags) {
        g_autoptr(GPtrArray) items =
                g_ptr_array_new_with_free_func((GDestroyNotify)hcl_value_unref);

        for (size_t i = 0; i < self->node->n; i++)
                g_ptr_array_add(items, hcl_expr_value(self->items[i], scope, diags));
        return hcl_value_tuple((HclValue *const *)items->pdata, items->len);
}

/* The text of a key, or NULL: unknown, or a finding was added. */
static HclValue *key_value(const HclExpr *key, const HclScope *scope, NookDiags *diags) {
        g_autoptr(HclValue) value = hcl_expr_value(key, scope, diags);
        g_autofree char *why = NULL;
        HclValue *text;

        if (!hcl_value_is_known(value))
                return NULL;
        text = hcl_value_convert(value, &hcl_type_string, &why);
        if (text == NULL) {
                nook_diags_error(diags, key->range, "Invalid object key expression",
                                 "Cannot use this expression as an object key: %s.", why);
        } else if (hcl_value_is_null(text)) {
                nook_diags_error(diags, key->range, "Invalid object key expression",
                                 "Cannot use null value as an object key.");
                g_clear_pointer(&text, hcl_value_unref);
        }
        return text;
}

static void report_duplicate(const HclExpr *key, HclValue *name, NookRange earlier,
                             NookDiags *diags) {
        NookPos pos = nook_source_pos(earlier.source, earlier.start);

        nook_diags_error(
                diags, key->range, "Duplicate object attribute",
                "An attribute named \"%s\" was already defined at %s:%" PRIu32 ",%" PRIu32 ".",
                hcl_value_text(name, NULL), nook_source_name(earlier.source), pos.line, pos.column);
}

static HclValue *object_value(const JsonExpr *self, const HclScope *scope, NookDiags *diags) {
        g_autoptr(HclMembers) members = hcl_members_new();
        g_autoptr(GHashTable) places = /* key as in members -> where it was first */
                g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
        bool complete = true;

        for (size_t i = 0; i < self->node->n; i++) {
                const HclExpr *key = self->keys[i];
                g_autoptr(HclValue) name = key_value(key, scope, diags);
                g_autoptr(HclValue) value = hcl_expr_value(self->items[i], scope, diags);

                if (name == NULL) {
                        complete = false;
                } else if (hcl_members_get(members, name) != NULL) {
                        const HclExpr *earlier =
                                g_hash_table_lookup(places, hcl_value_text(name, NULL));

                        report_duplicate(key, name, (earlier != NULL ? earlier : key)->range,
                                         diags);
                } else {
                        hcl_members_set_key(members, name, value);
                        g_hash_table_insert(places, g_strdup(hcl_value_text(name, NULL)),
                                            (gpointer)(uintptr_t)key);
                }
        }
        return complete ? hcl_members_to_object(members) : hcl_value_unknown();
}

static HclValue *expr_value(const HclExpr *expr, const HclScope *scope, NookDiags *diags) {
        const JsonExpr *self = json_expr(expr);

        switch (self->node->kind) {
        case HCL_JSON_NODE_NULL:
                return hcl_value_null(&hcl_type_dynamic);
        case HCL_JSON_NODE_BOOL:
                return hcl_value_bool(self->node->truth);
        case HCL_JSON_NODE_NUMBER:
                return hcl_value_number_parse(self->node->text, (gssize)self->node->size);
        case HCL_JSON_NODE_STRING:
                return string_value(self, scope, diags);
        case HCL_JSON_NODE_ARRAY:
                return array_value(self, scope, diags);
        case HCL_JSON_NODE_OBJECT:
                return object_value(self, scope, diags);
        case HCL_JSON_NODE_INVALID:
                break;
        }
        return hcl_value_unknown();
}

static void expr_walk(const HclExpr *expr, HclWalk *walk) {
        const JsonExpr *self = json_expr(expr);

        if (self->node->kind == HCL_JSON_NODE_STRING) {
                g_autoptr(NookDiags) ignored = nook_diags_new(); /* reported by the evaluation */
                const HclExpr *template = string_template(self, ignored);

                if (template != NULL)
                        hcl_walk_expr(walk, template);
        }
        for (size_t i = 0; self->items != NULL && i < self->node->n; i++) {
                if (self->keys != NULL)
                        hcl_walk_expr(walk, self->keys[i]);
                hcl_walk_expr(walk, self->items[i]);
        }
}

static bool expr_list(const HclExpr *expr, const HclExpr *const **ret_items, size_t *ret_n_items) {
        const JsonExpr *self = json_expr(expr);

        if (self->node->kind != HCL_JSON_NODE_ARRAY)
                return false;
        *ret_items = self->items;
        *ret_n_items = self->node->n;
        return true;
}

static bool expr_map(const HclExpr *expr, const HclExpr *const **ret_keys,
                     const HclExpr *const **ret_values, size_t *ret_n_items) {
        const JsonExpr *self = json_expr(expr);

        if (self->node->kind != HCL_JSON_NODE_OBJECT)
                return false;
        *ret_keys = self->keys;
        *ret_values = self->items;
        *ret_n_items = self->node->n;
        return true;
}

/* A reference, a keyword or a call is written in a string: "list(string)". */
static const HclExpr *expr_native(const HclExpr *expr) {
        const JsonExpr *self = json_expr(expr);

        if (self->node->kind != HCL_JSON_NODE_STRING)
                return NULL;
        if (self->parsed->native == NULL) {
                g_autoptr(NookDiags) ignored = nook_diags_new(); /* then it is of no such form */

                self->parsed->native =
                        hcl_file_parse_expr(self->file, self->node->text, self->node->size,
                                            inside_quotes(expr->range), ignored);
        }
        return self->parsed->native;
}

static const HclExprOps json_expr_ops = {
        .value = expr_value,
        .walk = expr_walk,
        .list = expr_list,
        .map = expr_map,
        .native = expr_native,
};

static JsonExpr *new_expr(HclFile *file, const HclJsonNode *node) {
        JsonExpr *self = hcl_file_new_struct(file, JsonExpr);

        self->expr.ops = &json_expr_ops;
        self->expr.range = node->range;
        self->file = file;
        self->node = node;
        if (node->kind == HCL_JSON_NODE_STRING)
                self->parsed = hcl_file_new_struct(file, Parsed);
        return self;
}

/* A name is a template too, so it becomes an expression of its own. */
static const HclExpr *key_expr(HclFile *file, const HclJsonMember *member) {
        HclJsonNode *node = hcl_file_new_struct(file, HclJsonNode);

        node->kind = HCL_JSON_NODE_STRING;
        node->range = member->name_range;
        node->text = member->name;
        node->size = member->name_size;
        return &new_expr(file, node)->expr;
}

const HclExpr *hcl_json_expr(HclFile *file, const HclJsonNode *node) {
        JsonExpr *self = new_expr(file, node);
        const HclExpr **items, **keys;

        if (node->n == 0)
                return &self->expr;
        items = hcl_file_alloc(file, node->n * sizeof(HclExpr *));
        self->items = items;
        if (node->kind == HCL_JSON_NODE_OBJECT) {
                keys = hcl_file_alloc(file, node->n * sizeof(HclExpr *));
                self->keys = keys;
                for (size_t i = 0; i < node->n; i++) {
                        keys[i] = key_expr(file, &node->members[i]);
                        items[i] = hcl_json_expr(file, node->members[i].value);
                }
        } else {
                for (size_t i = 0; i < node->n; i++)
                        items[i] = hcl_json_expr(file, node->items[i]);
        }
        return &self->expr;
}
