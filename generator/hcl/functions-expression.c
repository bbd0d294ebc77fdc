/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "hcl/eval.h"
#include "hcl/functions-impl.h"

/* The three functions that look at an argument before, or instead of, its value. */

/* Whether a loop here is only tried, without an element. */
static bool is_trial(const HclScope *scope) {
        while (scope && !scope->open)
                scope = scope->parent;
        return scope;
}

/* Whether an expression refers to what is not known yet, so that nobody can tell whether it will
 * succeed. */
static bool depends_on_unknown(const HclExpr *expr, const HclScope *scope) {
        g_autoptr(GPtrArray) traversals = NULL;
        g_autoptr(NookDiags) unused = NULL;
        bool depends = false;

        if (!is_trial(scope))
                return false;
        traversals = hcl_expr_traversals(expr);
        unused = nook_diags_new();
        for (guint i = 0; i < traversals->len && !depends; i++) {
                const HclTraversal *traversal = traversals->pdata[i];
                HclValue *root = hcl_scope_get(scope, traversal->root);
                g_autoptr(HclValue) value = NULL;

                if (!root)
                        continue;
                nook_diags_truncate(unused, 0);
                value = hcl_eval_steps(hcl_value_ref(root), traversal->steps, traversal->n_steps,
                                       unused);
                depends = nook_diags_count_errors(unused) == 0 && !hcl_value_is_wholly_known(value);
        }
        return depends;
}

/* The first expression that can be evaluated; the errors of those before it do not count. */
static HclValue *call_try(HclCall *call, const HclExpr *const *args, size_t n_args,
                          const HclScope *scope) {
        g_autoptr(NookDiags) trial = nook_diags_new();
        g_autofree char *first = NULL;

        if (n_args == 0)
                return hcl_call_fail(call, -1, "at least one argument is required");
        for (size_t i = 0; i < n_args; i++) {
                g_autoptr(HclValue) value = NULL;

                if (depends_on_unknown(args[i], scope))
                        return hcl_value_unknown();
                nook_diags_truncate(trial, 0);
                value = hcl_expr_value(args[i], scope, trial);
                if (nook_diags_count_errors(trial) == 0)
                        return g_steal_pointer(&value);
                if (first == NULL)
                        first = nook_diags_first_error(trial);
        }
        return hcl_call_fail(call, -1,
                             "no expression succeeded; the first one failed with %s. At least one "
                             "expression must produce a successful result",
                             first);
}

static HclValue *call_can(HclCall *call, const HclExpr *const *args, size_t n_args,
                          const HclScope *scope) {
        g_autoptr(NookDiags) trial = nook_diags_new();
        g_autoptr(HclValue) value = NULL;

        if (depends_on_unknown(args[0], scope))
                return hcl_value_unknown_of(&hcl_type_bool);
        value = hcl_expr_value(args[0], scope, trial);
        return hcl_value_bool(nook_diags_count_errors(trial) == 0);
}

static HclValue *call_convert(HclCall *call, const HclExpr *const *args, size_t n_args,
                              const HclScope *scope) {
        g_autoptr(HclValue) value = hcl_expr_value(args[0], scope, hcl_call_diags(call));
        g_autoptr(HclTypeConst) constraint = hcl_expr_type(args[1], true, hcl_call_diags(call));
        g_autoptr(HclTypeConst) type = NULL;
        g_autofree char *why = NULL;
        HclValue *converted;

        if (constraint == NULL || !hcl_value_is_wholly_known(value))
                return hcl_value_unknown(); /* has been reported */
        /* A conversion fills nothing in, as in go-cty. */
        type = hcl_type_without_optional(constraint);
        converted = hcl_value_convert(value, type, &why);
        return converted != NULL ? converted : hcl_call_fail(call, 0, "%s", why);
}

static const HclParameter one_expression[] = {
        {"expression", &hcl_type_dynamic, .allow_null = true}};
static const HclParameter expressions = {"expressions", &hcl_type_dynamic, .allow_null = true};
static const HclParameter value_and_type[] = {{"value", &hcl_type_dynamic, .allow_null = true},
                                              {"type", &hcl_type_dynamic, .allow_null = true}};

/* clang-format off */
HCL_FUNCTION_TABLE(hcl_functions_expression,
        {"can", HCL_PARAMETERS(one_expression), .call_lazily = call_can},
        {"convert", HCL_PARAMETERS(value_and_type), .call_lazily = call_convert},
        {"try", .variadic = &expressions, .call_lazily = call_try});
/* clang-format on */
