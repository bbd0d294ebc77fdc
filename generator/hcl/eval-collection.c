/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "hcl/eval.h"

/* ---- [a, b] ---- */

static HclValue *tuple_value(const HclExpr *expr, const HclScope *scope, NookDiags *diags) {
        const HclTupleExpr *self = (const HclTupleExpr *)expr;
        g_autofree HclValue **items = g_new(HclValue *, self->n);
        HclValue *value;

        for (size_t i = 0; i < self->n; i++)
                items[i] = hcl_expr_value(self->items[i], scope, diags);
        value = hcl_value_tuple(items, self->n);
        for (size_t i = 0; i < self->n; i++)
                hcl_value_unref(items[i]);
        return hcl_eval_limit(value, expr->range, diags);
}

static void tuple_walk(const HclExpr *expr, HclWalk *walk) {
        const HclTupleExpr *self = (const HclTupleExpr *)expr;

        for (size_t i = 0; i < self->n; i++)
                hcl_walk_expr(walk, self->items[i]);
}

static bool tuple_list(const HclExpr *expr, const HclExpr *const **ret_items, size_t *ret_n) {
        const HclTupleExpr *self = (const HclTupleExpr *)expr;

        *ret_items = self->items;
        *ret_n = self->n;
        return true;
}

const HclExprOps hcl_tuple_ops = {
        .value = tuple_value,
        .walk = tuple_walk,
        .start_range = hcl_eval_first_byte,
        .list = tuple_list,
};

/* ---- {a = b} ---- */

/* The key as a string, or NULL, after reporting where it is not merely unknown. */
static HclValue *object_key(const HclExpr *key_expr, const HclScope *scope, NookDiags *diags) {
        g_autoptr(HclValue) key = hcl_expr_value(key_expr, scope, diags);
        HclValue *name;

        if (hcl_value_is_null(key)) {
                nook_diags_error(diags, key_expr->range, "Null value as key",
                                 "Can't use a null value as a key.");
                return NULL;
        }
        name = hcl_eval_convert(key, &hcl_type_string, key_expr->range, diags, "Incorrect key type",
                                "Can't use this value as a key: %s.");
        if (name && !hcl_value_is_known(name))
                g_clear_pointer(&name, hcl_value_unref);
        return name;
}

static HclValue *object_value(const HclExpr *expr, const HclScope *scope, NookDiags *diags) {
        const HclObjectExpr *self = (const HclObjectExpr *)expr;
        g_autoptr(HclMembers) members = hcl_members_new();
        bool known = true;

        for (size_t i = 0; i < self->n; i++) {
                g_autoptr(HclValue) key = object_key(self->keys[i], scope, diags);
                g_autoptr(HclValue) value = hcl_expr_value(self->values[i], scope, diags);

                if (key)
                        hcl_members_set_key(members, key, value);
                known &= key != NULL;
        }
        if (!known)
                return hcl_value_unknown();
        return hcl_eval_limit(hcl_members_to_object(members), expr->range, diags);
}

static void object_walk(const HclExpr *expr, HclWalk *walk) {
        const HclObjectExpr *self = (const HclObjectExpr *)expr;

        for (size_t i = 0; i < self->n; i++) {
                hcl_walk_expr(walk, self->keys[i]);
                hcl_walk_expr(walk, self->values[i]);
        }
}

static bool object_map(const HclExpr *expr, const HclExpr *const **ret_keys,
                       const HclExpr *const **ret_values, size_t *ret_n) {
        const HclObjectExpr *self = (const HclObjectExpr *)expr;

        *ret_keys = self->keys;
        *ret_values = self->values;
        *ret_n = self->n;
        return true;
}

const HclExprOps hcl_object_ops = {
        .value = object_value,
        .walk = object_walk,
        .start_range = hcl_eval_first_byte,
        .map = object_map,
};

static HclValue *key_value(const HclExpr *expr, const HclScope *scope, NookDiags *diags) {
        const HclKeyExpr *self = (const HclKeyExpr *)expr;
        const char *name = self->computed ? NULL : hcl_expr_keyword(self->inner);

        if (name)
                return hcl_value_string(name, -1);
        if (!self->computed && self->inner->ops == &hcl_variable_ops) {
                nook_diags_error(diags, expr->range, "Ambiguous attribute key",
                                 "If this expression is intended to be a reference, wrap it in "
                                 "parentheses. If it's instead intended as a literal name "
                                 "containing periods, wrap it in quotes.");
                return hcl_value_unknown();
        }
        return hcl_expr_value(self->inner, scope, diags);
}

static void key_walk(const HclExpr *expr, HclWalk *walk) {
        const HclKeyExpr *self = (const HclKeyExpr *)expr;

        if (self->computed || !hcl_expr_keyword(self->inner))
                hcl_walk_expr(walk, self->inner);
}

static const HclExpr *key_native(const HclExpr *expr) {
        const HclKeyExpr *self = (const HclKeyExpr *)expr;

        return self->computed ? expr : self->inner;
}

const HclExprOps hcl_key_ops = {.value = key_value, .walk = key_walk, .native = key_native};
