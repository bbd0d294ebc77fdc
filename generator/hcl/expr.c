/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "hcl/expr.h"

#include <string.h>

#include "hcl/convert.h"
#include "hcl/eval.h"

NookRange hcl_expr_range(const HclExpr *expr) {
        return expr->range;
}

NookRange hcl_expr_start_range(const HclExpr *expr) {
        return expr->ops->start_range ? expr->ops->start_range(expr) : expr->range;
}

NookRange hcl_eval_first_byte(const HclExpr *expr) {
        NookRange range = expr->range;

        range.end = MIN(range.end, range.start + 1);
        return range;
}

HclValue *hcl_expr_value(const HclExpr *expr, const HclScope *scope, NookDiags *diags) {
        return expr->ops->value(expr, scope, diags);
}

HclValue *hcl_expr_value_as(const HclExpr *expr, const HclScope *scope, const HclType *type,
                            const char *what, NookDiags *diags) {
        g_autoptr(HclValue) value = hcl_expr_value(expr, scope, diags);
        g_autofree char *why = NULL;
        HclValue *converted = hcl_value_convert(value, type, &why);

        if (converted)
                return converted;
        nook_diags_error(diags, expr->range, "Incorrect attribute value type",
                         "Inappropriate value for %s: %s.", what, why);
        return hcl_value_unknown_of(type);
}

/* ---- References ---- */

struct HclWalk {
        GPtrArray *found;  /* const HclTraversal */
        GPtrArray *hidden; /* const char: names that the expression itself defines */
};

void hcl_walk_traversal(HclWalk *walk, const HclTraversal *traversal) {
        for (guint i = 0; i < walk->hidden->len; i++)
                if (strcmp(walk->hidden->pdata[i], traversal->root) == 0)
                        return;
        g_ptr_array_add(walk->found, (gpointer)(uintptr_t)traversal);
}

void hcl_walk_expr(HclWalk *walk, const HclExpr *expr) {
        if (expr->ops->walk)
                expr->ops->walk(expr, walk);
}

void hcl_walk_push_name(HclWalk *walk, const char *name) {
        g_ptr_array_add(walk->hidden, (gpointer)(uintptr_t)name);
}

void hcl_walk_pop_name(HclWalk *walk) {
        g_ptr_array_set_size(walk->hidden, (gint)walk->hidden->len - 1);
}

static gint by_place(gconstpointer a, gconstpointer b) {
        const HclTraversal *x = *(const HclTraversal *const *)a;
        const HclTraversal *y = *(const HclTraversal *const *)b;

        return (x->range.start > y->range.start) - (x->range.start < y->range.start);
}

GPtrArray *hcl_expr_traversals(const HclExpr *expr) {
        g_autoptr(GPtrArray) hidden = g_ptr_array_new();
        HclWalk walk = {.found = g_ptr_array_new(), .hidden = hidden};

        hcl_walk_expr(&walk, expr);
        g_ptr_array_sort(walk.found, by_place);
        return walk.found;
}

/* ---- Static looks ---- */

/* The native expression behind one, for looks at its form. */
static const HclExpr *native(const HclExpr *expr) {
        while (expr && expr->ops->native) {
                const HclExpr *inner = expr->ops->native(expr);

                if (inner == expr)
                        break;
                expr = inner;
        }
        return expr;
}

const HclTraversal *hcl_expr_traversal(const HclExpr *expr) {
        const HclExpr *inner = native(expr);

        return inner && inner->ops == &hcl_variable_ops
                       ? &((const HclVariableExpr *)inner)->traversal
                       : NULL;
}

const char *hcl_expr_keyword(const HclExpr *expr) {
        const HclExpr *inner = native(expr);
        const HclTraversal *traversal = hcl_expr_traversal(expr);

        if (traversal)
                return traversal->n_steps == 0 ? traversal->root : NULL;
        if (!inner || inner->ops != &hcl_literal_ops)
                return NULL;
        switch (((const HclLiteralExpr *)inner)->kind) {
        case HCL_LITERAL_NULL:
                return "null";
        case HCL_LITERAL_TRUE:
                return "true";
        case HCL_LITERAL_FALSE:
                return "false";
        default:
                return NULL;
        }
}

bool hcl_expr_call(const HclExpr *expr, const char **ret_name, NookRange *ret_name_range,
                   const HclExpr *const **ret_args, size_t *ret_n_args) {
        const HclExpr *inner = native(expr);
        const HclCallExpr *call = (const HclCallExpr *)inner;

        if (!inner || inner->ops != &hcl_call_ops)
                return false;
        *ret_name = call->name;
        *ret_name_range = call->name_range;
        *ret_args = call->args;
        *ret_n_args = call->n_args;
        return true;
}

bool hcl_expr_list(const HclExpr *expr, const HclExpr *const **ret_items, size_t *ret_n_items) {
        return expr->ops->list && expr->ops->list(expr, ret_items, ret_n_items);
}

bool hcl_expr_map(const HclExpr *expr, const HclExpr *const **ret_keys,
                  const HclExpr *const **ret_values, size_t *ret_n_items) {
        return expr->ops->map && expr->ops->map(expr, ret_keys, ret_values, ret_n_items);
}
