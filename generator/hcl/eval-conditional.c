/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "hcl/convert.h"
#include "hcl/eval.h"

/* ---- Why two types have nothing in common ---- */

static char *describe_mismatch(const HclType *yes, const HclType *no);

static char *describe_objects(const HclType *yes, const HclType *no) {
        for (size_t i = 0; i < yes->n; i++) {
                const HclTypeAttribute *mine = &yes->attributes[i];
                const HclTypeAttribute *other = hcl_type_same_attribute(no, mine);
                g_autofree char *inner = NULL;

                if (!other)
                        return g_strdup_printf("The 'true' value includes object attribute \"%s\", "
                                               "which is absent in the 'false' value",
                                               mine->name);
                if (hcl_type_equal(mine->type, other->type))
                        continue;
                inner = describe_mismatch(mine->type, other->type);
                return g_strdup_printf("Type mismatch for object attribute \"%s\": %s", mine->name,
                                       inner);
        }
        for (size_t i = 0; i < no->n; i++)
                if (!hcl_type_same_attribute(yes, &no->attributes[i]))
                        return g_strdup_printf("The 'false' value includes object attribute "
                                               "\"%s\", which is absent in the 'true' value",
                                               no->attributes[i].name);
        return NULL;
}

static char *describe_tuples(const HclType *yes, const HclType *no) {
        if (yes->n != no->n)
                return g_strdup_printf("The 'true' tuple has length %zu, but the 'false' tuple has "
                                       "length %zu",
                                       yes->n, no->n);
        for (size_t i = 0; i < yes->n; i++) {
                g_autofree char *inner = NULL;

                if (hcl_type_equal(yes->elements[i], no->elements[i]))
                        continue;
                inner = describe_mismatch(yes->elements[i], no->elements[i]);
                return g_strdup_printf("Type mismatch for tuple element %zu: %s", i, inner);
        }
        return NULL;
}

/* A sentence without its full stop. Caller's. */
static char *describe_mismatch(const HclType *yes, const HclType *no) {
        g_autofree char *yes_name = hcl_type_name(yes);
        g_autofree char *no_name = hcl_type_name(no);
        char *text = NULL;

        if (yes->kind == HCL_KIND_OBJECT && no->kind == HCL_KIND_OBJECT)
                text = describe_objects(yes, no);
        else if (yes->kind == HCL_KIND_TUPLE && no->kind == HCL_KIND_TUPLE)
                text = describe_tuples(yes, no);
        if (text)
                return text;
        if (strcmp(yes_name, no_name) == 0)
                return g_strdup("At least one deeply-nested attribute or element is not compatible "
                                "across both the 'true' and the 'false' value");
        return g_strdup_printf("The 'true' value is %s, but the 'false' value is %s", yes_name,
                               no_name);
}

/* ---- a ? b : c ---- */

static bool is_untyped_null(const HclValue *value) {
        return hcl_value_is_null(value) && hcl_value_kind(value) == HCL_KIND_DYNAMIC;
}

/* The type that both results are brought to; dynamic where they are left as they are. NULL after
 * reporting that there is none. A new reference. */
static const HclType *result_type(const HclConditionalExpr *self, const HclValue *yes,
                                  const HclValue *no, NookDiags *diags) {
        g_autoptr(HclTypeConst) yes_type = hcl_value_type(yes), no_type = hcl_value_type(no);
        const HclType *types[] = {yes_type, no_type};
        const HclType *common;
        g_autofree char *mismatch = NULL;

        if (is_untyped_null(yes))
                return hcl_type_ref(no_type);
        if (is_untyped_null(no))
                return hcl_type_ref(yes_type);
        if (yes_type->kind == HCL_KIND_DYNAMIC || no_type->kind == HCL_KIND_DYNAMIC)
                return &hcl_type_dynamic;
        common = hcl_type_unify(types, G_N_ELEMENTS(types));
        if (common)
                return common;
        mismatch = describe_mismatch(yes_type, no_type);
        nook_diags_add_context(diags, NOOK_SEVERITY_ERROR,
                               nook_range_join(self->yes->range, self->no->range), self->expr.range,
                               "Inconsistent conditional result types",
                               "The true and false result expressions must have consistent types. "
                               "%s.",
                               mismatch);
        return NULL;
}

/* The condition as a known bool; NULL, after reporting where it is not merely unknown. */
static HclValue *condition_value(const HclConditionalExpr *self, const HclScope *scope,
                                 NookDiags *diags) {
        g_autoptr(HclValue) given = hcl_expr_value(self->condition, scope, diags);
        NookRange range = self->condition->range;

        if (hcl_value_is_null(given)) {
                nook_diags_error(diags, range, "Null condition",
                                 "The condition value is null. Conditions must either be true or "
                                 "false.");
                return NULL;
        }
        if (!hcl_value_is_known(given))
                return NULL;
        return hcl_eval_convert(given, &hcl_type_bool, range, diags, "Incorrect condition type",
                                "The condition expression must be of type bool: %s.");
}

/* Both arms are evaluated for their types; what is wrong with the one that is not chosen does not
 * count. */
static HclValue *conditional_value(const HclExpr *expr, const HclScope *scope, NookDiags *diags) {
        const HclConditionalExpr *self = (const HclConditionalExpr *)expr;
        g_autoptr(HclValue) condition = condition_value(self, scope, diags);
        bool truth = condition && hcl_value_get_bool(condition);
        const HclExpr *chosen_expr = truth ? self->yes : self->no;
        g_autoptr(HclValue) chosen = NULL, other = NULL;
        g_autoptr(HclTypeConst) type = NULL;
        guint mark = nook_diags_count(diags);
        HclValue *result;

        other = hcl_expr_value(truth ? self->no : self->yes, scope, diags);
        nook_diags_truncate(diags, mark);
        chosen = hcl_expr_value(chosen_expr, scope, diags);
        if (!condition)
                nook_diags_truncate(diags, mark);
        type = result_type(self, truth ? chosen : other, truth ? other : chosen, diags);
        if (!type || !condition)
                return hcl_value_unknown_of(type ? type : &hcl_type_dynamic);
        result = hcl_eval_convert(chosen, type, chosen_expr->range, diags,
                                  "Inconsistent conditional result types",
                                  truth ? "The true result value has the wrong type: %s."
                                        : "The false result value has the wrong type: %s.");
        return result ? result : hcl_value_unknown_of(type);
}

static void conditional_walk(const HclExpr *expr, HclWalk *walk) {
        const HclConditionalExpr *self = (const HclConditionalExpr *)expr;

        hcl_walk_expr(walk, self->condition);
        hcl_walk_expr(walk, self->yes);
        hcl_walk_expr(walk, self->no);
}

static NookRange conditional_start_range(const HclExpr *expr) {
        return hcl_expr_start_range(((const HclConditionalExpr *)expr)->condition);
}

const HclExprOps hcl_conditional_ops = {
        .value = conditional_value,
        .walk = conditional_walk,
        .start_range = conditional_start_range,
};
