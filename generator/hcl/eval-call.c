/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "hcl/eval.h"

struct HclCall {
        const HclCallExpr *self;
        const HclFunction *function;
        void *user;
        NookDiags *diags;
        GPtrArray *args; /* const HclExpr, after expansion */
        bool failed;     /* it has been reported */
};

void *hcl_call_user(const HclCall *call) {
        return call->user;
}

NookRange hcl_call_range(const HclCall *call) {
        return call->self->expr.range;
}

NookRange hcl_call_arg_range(const HclCall *call, size_t arg) {
        return arg < call->args->len ? ((const HclExpr *)call->args->pdata[arg])->range
                                     : call->self->expr.range;
}

NookDiags *hcl_call_diags(const HclCall *call) {
        return call->diags;
}

/* The parameter of an argument; NULL: there is none. */
static const HclParameter *parameter_of(const HclFunction *function, size_t arg) {
        return arg < function->n_parameters ? &function->parameters[arg] : function->variadic;
}

static NookRange arg_start_range(const HclCall *call, size_t arg) {
        return arg < call->args->len ? hcl_expr_start_range(call->args->pdata[arg])
                                     : call->self->expr.range;
}

static void report_arg(const HclCall *call, size_t arg, const char *why) {
        const HclParameter *parameter = parameter_of(call->function, arg);

        nook_diags_add_context(call->diags, NOOK_SEVERITY_ERROR, arg_start_range(call, arg),
                               call->self->expr.range, "Invalid function argument",
                               "Invalid value for \"%s\" parameter: %s.",
                               parameter ? parameter->name : "extra", why);
}

HclValue *hcl_call_fail(HclCall *call, int arg, const char *format, ...) {
        g_autofree char *why = NULL;
        va_list args;

        va_start(args, format);
        why = g_strdup_vprintf(format, args);
        va_end(args);
        call->failed = true;
        if (arg >= 0)
                report_arg(call, (size_t)arg, why);
        else
                nook_diags_add_context(
                        call->diags, NOOK_SEVERITY_ERROR, hcl_expr_start_range(&call->self->expr),
                        call->self->expr.range, "Error in function call",
                        "Call to function \"%s\" failed: %s.", call->self->name, why);
        return NULL;
}

/* Functions of other programs that read HCL, and what there is in their place. */
static const struct {
        const char *name, *advice;
} foreign[] = {
        {"tostring", "Write convert(value, string)."},
        {"tonumber", "Write convert(value, number)."},
        {"tobool", "Write convert(value, bool)."},
        {"tolist", "Write convert(value, list(any))."},
        {"toset", "Write convert(value, set(any))."},
        {"tomap", "Write convert(value, map(any))."},
        {"regex", "regex_replace() and can() may serve."},
        {"regexall", "regex_replace() and split() may serve."},
        {"startswith", "Compare with substr(text, 0, strlen(start))."},
        {"filesha256", "Write sha256(file(path))."},
        {"filemd5", "Write md5(file(path))."},
        {"one", "Write an index: list[0]."},
        {"sum", "Add the elements by \"+\"."},
        {"env",
         "The environment is known only when the task runs: \"${NAME}\" stands for a variable "
         "of it."},
};

static const char *foreign_advice(const char *name) {
        for (size_t i = 0; i < G_N_ELEMENTS(foreign); i++)
                if (strcmp(foreign[i].name, name) == 0)
                        return foreign[i].advice;
        return NULL;
}

static const HclFunction *find_function(const HclCallExpr *self, const HclScope *scope,
                                        void **ret_user, NookDiags *diags) {
        bool any;
        const HclFunction *found = hcl_scope_find_function(scope, self->name, ret_user, &any);
        g_autofree char *suggestion = NULL;

        if (found)
                return found;
        if (!any) {
                nook_diags_error(diags, self->expr.range, "Function calls not allowed",
                                 "Functions may not be called here.");
                return NULL;
        }
        if (foreign_advice(self->name))
                suggestion = g_strconcat(" ", foreign_advice(self->name), NULL);
        else
                suggestion = hcl_scope_suggest_function(scope, self->name);
        nook_diags_add_context(diags, NOOK_SEVERITY_ERROR, self->name_range, self->expr.range,
                               "Call to unknown function", "There is no function named \"%s\".%s",
                               self->name, suggestion);
        return NULL;
}

static bool check_count(const HclCall *call) {
        const HclCallExpr *self = call->self;
        const HclFunction *function = call->function;
        size_t n = call->args->len;

        if (n < function->n_parameters) {
                nook_diags_add_context(
                        call->diags, NOOK_SEVERITY_ERROR, self->close, self->expr.range,
                        "Not enough function arguments",
                        "Function \"%s\" expects%s %zu argument(s). Missing value for \"%s\".",
                        self->name, function->variadic ? " at least" : "", function->n_parameters,
                        function->parameters[n].name);
                return false;
        }
        if (n > function->n_parameters && !function->variadic) {
                nook_diags_add_context(call->diags, NOOK_SEVERITY_ERROR,
                                       arg_start_range(call, function->n_parameters),
                                       self->expr.range, "Too many function arguments",
                                       "Function \"%s\" expects only %zu argument(s).", self->name,
                                       function->n_parameters);
                return false;
        }
        return true;
}

static bool report_expansion(const HclCallExpr *self, NookDiags *diags, const char *what) {
        const HclExpr *last = self->args[self->n_args - 1];

        nook_diags_add_context(diags, NOOK_SEVERITY_ERROR, last->range, self->expr.range,
                               "Invalid expanding argument value",
                               "The expanding argument (indicated by ...) must %s.", what);
        return false;
}

/* Adds the elements of the last argument as arguments of their own; false: they are unknown, or
 * something was reported. *ret_literals is what they are kept in. */
static bool expand_last(const HclCallExpr *self, HclValue *last, GPtrArray *args,
                        HclLiteralExpr **ret_literals, NookDiags *diags) {
        HclKind kind = hcl_value_kind(last);
        size_t n;

        if (hcl_value_is_null(last))
                return report_expansion(self, diags, "not be null");
        if (kind == HCL_KIND_DYNAMIC)
                return false;
        if (kind != HCL_KIND_TUPLE && kind != HCL_KIND_LIST && kind != HCL_KIND_SET)
                return report_expansion(self, diags, "be of a tuple, list, or set type");
        if (!hcl_value_is_known(last))
                return false;
        n = hcl_value_length(last);
        *ret_literals = g_new(HclLiteralExpr, n);
        for (size_t i = 0; i < n; i++) {
                (*ret_literals)[i] = hcl_eval_literal(hcl_value_element(last, i),
                                                      self->args[self->n_args - 1]->range);
                g_ptr_array_add(args, &(*ret_literals)[i]);
        }
        return true;
}

/* An argument as its parameter wants it; NULL after reporting. */
static HclValue *argument_value(const HclCall *call, size_t arg, const HclScope *scope) {
        const HclExpr *expr = call->args->pdata[arg];
        const HclParameter *parameter = parameter_of(call->function, arg);
        g_autoptr(HclValue) given = hcl_expr_value(expr, scope, call->diags);
        g_autofree char *why = NULL;
        g_autoptr(HclValue) value = hcl_value_convert(given, parameter->type, &why);

        if (!value) {
                report_arg(call, arg, why);
                return NULL;
        }
        if (hcl_value_is_null(value) && !parameter->allow_null) {
                report_arg(call, arg, "argument must not be null");
                return NULL;
        }
        return g_steal_pointer(&value);
}

/* The result of a call with evaluated arguments; NULL: unknown, or something was reported. */
static HclValue *call_with_values(HclCall *call, const HclScope *scope) {
        g_autoptr(GPtrArray) values =
                g_ptr_array_new_with_free_func((GDestroyNotify)hcl_value_unref);
        guint errors = nook_diags_count_errors(call->diags);
        bool known = true;

        for (guint i = 0; i < call->args->len; i++) {
                HclValue *value = argument_value(call, i, scope);

                if (!value)
                        continue;
                known &= hcl_value_is_wholly_known(value);
                g_ptr_array_add(values, value);
        }
        if (nook_diags_count_errors(call->diags) != errors || !known)
                return NULL;
        return call->function->call(call, (HclValue *const *)values->pdata, values->len);
}

static HclValue *call_value(const HclExpr *expr, const HclScope *scope, NookDiags *diags) {
        const HclCallExpr *self = (const HclCallExpr *)expr;
        g_autoptr(GPtrArray) args = g_ptr_array_new();
        g_autoptr(HclValue) last = NULL;
        g_autofree HclLiteralExpr *literals = NULL;
        size_t n = self->n_args - (self->expand ? 1 : 0);
        HclCall call = {.self = self, .diags = diags, .args = args};
        HclValue *result;

        call.function = find_function(self, scope, &call.user, diags);
        if (!call.function)
                return hcl_value_unknown();
        for (size_t i = 0; i < n; i++)
                g_ptr_array_add(args, (gpointer)(uintptr_t)self->args[i]);
        if (self->expand) {
                last = hcl_expr_value(self->args[n], scope, diags);
                if (!expand_last(self, last, args, &literals, diags))
                        return hcl_value_unknown();
        }
        if (!check_count(&call))
                return hcl_value_unknown();
        result = call.function->call
                         ? call_with_values(&call, scope)
                         : call.function->call_lazily(&call, (const HclExpr *const *)args->pdata,
                                                      args->len, scope);
        return result ? hcl_eval_limit(result, expr->range, diags) : hcl_value_unknown();
}

static void call_walk(const HclExpr *expr, HclWalk *walk) {
        const HclCallExpr *self = (const HclCallExpr *)expr;

        for (size_t i = 0; i < self->n_args; i++)
                hcl_walk_expr(walk, self->args[i]);
}

static NookRange call_start_range(const HclExpr *expr) {
        const HclCallExpr *self = (const HclCallExpr *)expr;

        return nook_range_join(self->name_range, self->open);
}

const HclExprOps hcl_call_ops = {
        .value = call_value, .walk = call_walk, .start_range = call_start_range};
