/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "hcl/dynamic.h"
#include "hcl/scope-internal.h"

typedef struct {
        HclExpr expr;
        HclFile *file;
        const HclExpr *inner;
        const HclTurn *turn;
} BoundExpr;

HclValue *hcl_turn_value(const HclExpr *expr, const HclTurn *turn, const HclScope *scope,
                         NookDiags *diags) {
        g_autofree HclScope *scopes = NULL;
        size_t n = 0, i;

        for (const HclTurn *outer = turn; outer; outer = outer->outer)
                n++;
        if (n == 0)
                return hcl_expr_value(expr, scope, diags);
        scopes = g_new0(HclScope, n);
        for (i = n; i-- > 0; turn = turn->outer) {
                scopes[i].parent = i > 0 ? &scopes[i - 1] : scope;
                scopes[i].names[1] = turn->name;
                scopes[i].values[1] = turn->value;
        }
        return hcl_expr_value(expr, &scopes[n - 1], diags);
}

static HclValue *bound_value(const HclExpr *expr, const HclScope *scope, NookDiags *diags) {
        const BoundExpr *self = (const BoundExpr *)expr;

        return hcl_turn_value(self->inner, self->turn, scope, diags);
}

static void bound_walk(const HclExpr *expr, HclWalk *walk) {
        const BoundExpr *self = (const BoundExpr *)expr;

        for (const HclTurn *turn = self->turn; turn; turn = turn->outer)
                hcl_walk_push_name(walk, turn->name);
        hcl_walk_expr(walk, self->inner);
        for (const HclTurn *turn = self->turn; turn; turn = turn->outer)
                hcl_walk_pop_name(walk);
}

static const HclExpr *const *bind_all(const BoundExpr *self, const HclExpr *const *exprs,
                                      size_t n) {
        const HclExpr **bound = hcl_file_alloc(self->file, n * sizeof(HclExpr *));

        for (size_t i = 0; i < n; i++)
                bound[i] = hcl_turn_bind(self->file, exprs[i], self->turn);
        return bound;
}

static bool bound_list(const HclExpr *expr, const HclExpr *const **ret_items, size_t *ret_n) {
        const BoundExpr *self = (const BoundExpr *)expr;

        if (!hcl_expr_list(self->inner, ret_items, ret_n))
                return false;
        *ret_items = bind_all(self, *ret_items, *ret_n);
        return true;
}

static bool bound_map(const HclExpr *expr, const HclExpr *const **ret_keys,
                      const HclExpr *const **ret_values, size_t *ret_n) {
        const BoundExpr *self = (const BoundExpr *)expr;

        if (!hcl_expr_map(self->inner, ret_keys, ret_values, ret_n))
                return false;
        *ret_keys = bind_all(self, *ret_keys, *ret_n);
        *ret_values = bind_all(self, *ret_values, *ret_n);
        return true;
}

static const HclExpr *bound_native(const HclExpr *expr) {
        return ((const BoundExpr *)expr)->inner;
}

static const HclExprOps bound_ops = {
        .value = bound_value,
        .walk = bound_walk,
        .list = bound_list,
        .map = bound_map,
        .native = bound_native,
};

const HclExpr *hcl_turn_bind(HclFile *file, const HclExpr *expr, const HclTurn *turn) {
        BoundExpr *bound = hcl_file_new_struct(file, BoundExpr);

        bound->expr = (HclExpr){.ops = &bound_ops, .range = expr->range};
        bound->file = file;
        bound->inner = expr;
        bound->turn = turn;
        return &bound->expr;
}
