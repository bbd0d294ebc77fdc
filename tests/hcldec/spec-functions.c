/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "spec-functions.h"

#include "hcl/functions.h"

/* ---- Functions of specifications ---- */

/* The whole part of a number. */
static HclValue *call_int(HclCall *call, HclValue *const *args, size_t n_args) {
        const HclFunction *truncate = hcl_scope_get_function(
                hcl_call_user(call), hcl_value_get_double(args[0]) < 0 ? "ceil" : "floor");

        return truncate->call(call, args, n_args);
}

static HclValue *call_hasindex(HclCall *call, HclValue *const *args, size_t n_args) {
        g_autoptr(NookDiags) misses = nook_diags_new();
        g_autoptr(HclValue) element = NULL;

        switch (hcl_value_kind(args[0])) {
        case HCL_KIND_LIST:
        case HCL_KIND_TUPLE:
        case HCL_KIND_MAP:
                break;
        default:
                return hcl_call_fail(call, 0, "collection must be a list, a map or a tuple");
        }
        element = hcl_value_index(args[0], args[1], hcl_call_range(call), misses);
        return hcl_value_bool(nook_diags_count_errors(misses) == 0);
}

static const HclParameter number[] = {{"num", &hcl_type_number, false}};
static const HclParameter collection_and_key[] = {{"collection", &hcl_type_dynamic, false},
                                                  {"key", &hcl_type_dynamic, false}};

static const HclFunction own[] = {
        {"int", number, 1, NULL, call_int, NULL},
        {"hasindex", collection_and_key, 2, NULL, call_hasindex, NULL},
};

HclScope *spec_functions_new_scope(void) {
        static const char *const names[] = {"abs",        "coalesce", "concat", "jsondecode",
                                            "jsonencode", "ceil",     "floor",  "length",
                                            "lower",      "max",      "min",    "reverse",
                                            "strlen",     "substr",   "upper"};
        g_autoptr(HclScope) all = hcl_scope_new(NULL);
        HclScope *scope = hcl_scope_new(NULL);

        hcl_scope_add_standard_functions(all);
        for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
                hcl_scope_add_functions(scope, hcl_scope_get_function(all, names[i]), 1, NULL);
        hcl_scope_add_functions(scope, own, G_N_ELEMENTS(own), scope);
        return scope;
}

/* ---- Functions that a specification defines ---- */

typedef struct {
        HclFunction function;
        HclParameter *parameters;
        HclParameter variadic;
        const HclExpr *result;
        HclScope *base;
} UserFunction;

static void user_function_free(void *data) {
        UserFunction *user = data;

        hcl_scope_unref(user->base);
        g_free(user->parameters);
        g_free(user);
}

static HclValue *call_user_function(HclCall *call, HclValue *const *args, size_t n_args) {
        const UserFunction *user = hcl_call_user(call);
        g_autoptr(HclScope) scope = hcl_scope_new(user->base);
        size_t n = user->function.n_parameters;

        for (size_t i = 0; i < n; i++)
                hcl_scope_set(scope, user->parameters[i].name, args[i]);
        if (user->function.variadic) {
                g_autoptr(HclValue) rest = hcl_value_tuple(args + n, n_args - n);

                hcl_scope_set(scope, user->variadic.name, rest);
        }
        return hcl_expr_value(user->result, scope, hcl_call_diags(call));
}

/* A parameter by the name that an expression is; false after reporting that it is none. */
static bool read_parameter(HclParameter *parameter, const HclExpr *expr, const char *summary,
                           NookDiags *diags) {
        *parameter = (HclParameter){hcl_expr_keyword(expr), &hcl_type_dynamic, false};
        if (parameter->name)
                return true;
        nook_diags_error(diags, hcl_expr_range(expr), summary,
                         "The name of a parameter must be an identifier.");
        return false;
}

static bool read_parameters(UserFunction *user, const HclContent *content, NookDiags *diags) {
        const HclExpr *list = hcl_content_attribute(content, "params")->expr;
        const HclAttribute *variadic = hcl_content_attribute(content, "variadic_param");
        const HclExpr *const *names;
        size_t n;

        if (!hcl_expr_list(list, &names, &n)) {
                nook_diags_error(diags, hcl_expr_range(list), "Invalid expression",
                                 "A static list expression is required.");
                return false;
        }
        user->parameters = g_new0(HclParameter, n + 1);
        user->function.parameters = user->parameters;
        user->function.n_parameters = n;
        for (size_t i = 0; i < n; i++)
                if (!read_parameter(&user->parameters[i], names[i], "Invalid param element", diags))
                        return false;
        if (!variadic)
                return true;
        user->function.variadic = &user->variadic;
        return read_parameter(&user->variadic, variadic->expr, "Invalid variadic_param", diags);
}

static void define(const HclBlock *block, HclScope *base, HclScope *functions, GPtrArray *keep,
                   NookDiags *diags) {
        static const HclAttributeSchema attributes[] = {
                {"params", .required = true}, {"variadic_param"}, {"result", .required = true}};
        static const HclSchema schema = {attributes, G_N_ELEMENTS(attributes), NULL, 0};
        guint errors = nook_diags_count_errors(diags);
        const HclContent *content = hcl_body_content(block->body, &schema, diags);
        UserFunction *user;

        if (nook_diags_count_errors(diags) > errors)
                return;
        user = g_new0(UserFunction, 1);
        g_ptr_array_add(keep, user);
        user->function.name = block->labels[0];
        user->function.call = call_user_function;
        user->result = hcl_content_attribute(content, "result")->expr;
        user->base = hcl_scope_ref(base);
        if (read_parameters(user, content, diags))
                hcl_scope_add_functions(functions, &user->function, 1, user);
}

HclBody *spec_functions_define(HclBody *body, HclScope *base, HclScope *functions, GPtrArray *keep,
                               NookDiags *diags) {
        static const char *const name[] = {"name", NULL};
        static const HclBlockSchema blocks[] = {{"function", name}};
        static const HclSchema schema = {NULL, 0, blocks, G_N_ELEMENTS(blocks)};
        HclBody *rest;
        const HclContent *content = hcl_body_partial_content(body, &schema, &rest, diags);

        g_ptr_array_set_free_func(keep, user_function_free);
        for (size_t i = 0; i < content->n_blocks; i++)
                define(content->blocks[i], base, functions, keep, diags);
        return rest;
}
