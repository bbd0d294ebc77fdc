/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "hcl/eval.h"

static const char invalid_value[] = "Invalid template interpolation value";

/* Appends the text of a value; false when there is none, after reporting where it is not merely
 * unknown. */
static bool append_value(GString *out, HclValue *value, NookRange range, NookDiags *diags) {
        g_autoptr(HclValue) string = NULL;
        const char *text;
        size_t size;

        if (hcl_value_is_null(value)) {
                nook_diags_error(diags, range, invalid_value,
                                 "The expression result is null. Cannot include a null value in a "
                                 "string template.");
                return false;
        }
        string = hcl_eval_convert(value, &hcl_type_string, range, diags, invalid_value,
                                  "Cannot include the given value in a string template: %s.");
        if (!string || !hcl_value_is_known(string))
                return false;
        text = hcl_value_text(string, &size);
        if (out->len + size > HCL_RESULT_MAX) {
                nook_diags_error(diags, range, "Result too large",
                                 "The text would be longer than %d bytes.", HCL_RESULT_MAX);
                return false;
        }
        g_string_append_len(out, text, (gssize)size);
        return true;
}

static HclValue *template_value(const HclExpr *expr, const HclScope *scope, NookDiags *diags) {
        const HclTemplateExpr *self = (const HclTemplateExpr *)expr;
        g_autoptr(GString) out = g_string_new(NULL);
        bool known = true;

        for (size_t i = 0; i < self->n; i++) {
                g_autoptr(HclValue) part = hcl_expr_value(self->parts[i], scope, diags);

                known &= append_value(out, part, self->parts[i]->range, diags);
        }
        if (!known)
                return hcl_value_unknown_of(&hcl_type_string);
        return hcl_value_string(out->str, (gssize)out->len);
}

static void template_walk(const HclExpr *expr, HclWalk *walk) {
        const HclTemplateExpr *self = (const HclTemplateExpr *)expr;

        for (size_t i = 0; i < self->n; i++)
                hcl_walk_expr(walk, self->parts[i]);
}

static NookRange template_start_range(const HclExpr *expr) {
        return hcl_expr_start_range(((const HclTemplateExpr *)expr)->parts[0]);
}

const HclExprOps hcl_template_ops = {
        .value = template_value, .walk = template_walk, .start_range = template_start_range};

/* %{ for }: the texts of all turns, one after the other. */
static HclValue *join_value(const HclExpr *expr, const HclScope *scope, NookDiags *diags) {
        const HclJoinExpr *self = (const HclJoinExpr *)expr;
        g_autoptr(HclValue) tuple = hcl_expr_value(self->tuple, scope, diags);
        g_autoptr(GString) out = g_string_new(NULL);

        if (!hcl_value_is_known(tuple))
                return hcl_value_unknown_of(&hcl_type_string);
        for (size_t i = 0; i < hcl_value_length(tuple); i++)
                if (!append_value(out, hcl_value_element(tuple, i), expr->range, diags))
                        return hcl_value_unknown_of(&hcl_type_string);
        return hcl_value_string(out->str, (gssize)out->len);
}

static void join_walk(const HclExpr *expr, HclWalk *walk) {
        hcl_walk_expr(walk, ((const HclJoinExpr *)expr)->tuple);
}

const HclExprOps hcl_join_ops = {.value = join_value, .walk = join_walk};
