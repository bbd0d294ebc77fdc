/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "hcl/functions-impl.h"

/* The three functions that look at an argument before, or instead of, its value. */

/* The first expression that can be evaluated; the errors of those before it do not count. */
static HclValue *call_try(HclCall *call, const HclExpr *const *args, size_t n_args,
                          const HclScope *scope) {
        g_autoptr(NookDiags) trial = nook_diags_new();
        g_autofree char *first = NULL;

        if (n_args == 0)
                return hcl_call_fail(call, -1, "at least one argument is required");
        for (size_t i = 0; i < n_args; i++) {
                g_autoptr(HclValue) value = NULL;

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
        g_autoptr(HclValue) value = hcl_expr_value(args[0], scope, trial);

        return hcl_value_bool(nook_diags_count_errors(trial) == 0);
}

/* Whether optional() stands anywhere in a type: it says how to fill a variable's default in, which
 * a conversion does not do. */
static bool has_optional(const HclType *type) {
        bool found = type->element != NULL && has_optional(type->element);

        for (size_t i = 0; !found && i < type->n; i++)
                found = type->kind == HCL_KIND_TUPLE
                                ? has_optional(type->elements[i])
                                : type->attributes[i].optional ||
                                          has_optional(type->attributes[i].type);
        return found;
}

static HclValue *call_convert(HclCall *call, const HclExpr *const *args, size_t n_args,
                              const HclScope *scope) {
        g_autoptr(HclValue) value = hcl_expr_value(args[0], scope, hcl_call_diags(call));
        g_autoptr(HclTypeConst) type = hcl_expr_type(args[1], true, hcl_call_diags(call));
        g_autofree char *why = NULL;
        HclValue *converted;

        if (type == NULL || !hcl_value_is_wholly_known(value))
                return hcl_value_unknown(); /* has been reported */
        if (has_optional(type))
                return hcl_call_fail(call, 1, "optional() is valid only in the type of a variable");
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
