/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "hcl/eval.h"
#include "hcl/number.h"

/* ---- Equality ---- */

/* Whether two types could become equal once the unknown parts of them are known. */
static bool may_conform(const HclType *a, const HclType *b) {
        if (a->kind == HCL_KIND_DYNAMIC || b->kind == HCL_KIND_DYNAMIC)
                return true;
        if (a->kind != b->kind)
                return false;
        if (hcl_type_is_collection(a))
                return may_conform(a->element, b->element);
        if (a->n != b->n)
                return false;
        for (size_t i = 0; i < a->n; i++) {
                if (a->kind == HCL_KIND_TUPLE) {
                        if (!may_conform(a->elements[i], b->elements[i]))
                                return false;
                        continue;
                }
                if (hcl_type_compare_names(&a->attributes[i], &b->attributes[i]) != 0 ||
                    !may_conform(a->attributes[i].type, b->attributes[i].type))
                        return false;
        }
        return true;
}

/* a == b: nulls of any type are equal; values of different types never are. */
static HclValue *equal_values(const HclValue *a, const HclValue *b) {
        g_autoptr(HclTypeConst) a_type = NULL, b_type = NULL;

        if (hcl_value_is_null(a) && hcl_value_is_null(b))
                return hcl_value_bool(true);
        if (hcl_value_is_known(a) && hcl_value_is_known(b) &&
            (hcl_value_is_null(a) || hcl_value_is_null(b)))
                return hcl_value_bool(false);
        if (hcl_value_is_wholly_known(a) && hcl_value_is_wholly_known(b))
                return hcl_value_bool(hcl_value_equal(a, b));
        a_type = hcl_value_type(a);
        b_type = hcl_value_type(b);
        return may_conform(a_type, b_type) ? hcl_value_unknown_of(&hcl_type_bool)
                                           : hcl_value_bool(false);
}

/* ---- Operators on numbers ---- */

static HclValue *arithmetic(HclTokenType op, const HclValue *a, const HclValue *b) {
        switch (op) {
        case HCL_TOKEN_PLUS:
                return hcl_number_add(a, b);
        case HCL_TOKEN_MINUS:
                return hcl_number_subtract(a, b);
        case HCL_TOKEN_STAR:
                return hcl_number_multiply(a, b);
        case HCL_TOKEN_SLASH:
                return hcl_number_divide(a, b);
        case HCL_TOKEN_PERCENT:
                return hcl_number_modulo(a, b);
        case HCL_TOKEN_LESS:
                return hcl_value_bool(hcl_number_compare(a, b) < 0);
        case HCL_TOKEN_LESS_EQUAL:
                return hcl_value_bool(hcl_number_compare(a, b) <= 0);
        case HCL_TOKEN_GREATER:
                return hcl_value_bool(hcl_number_compare(a, b) > 0);
        default:
                return hcl_value_bool(hcl_number_compare(a, b) >= 0);
        }
}

static bool is_comparison(HclTokenType op) {
        return op == HCL_TOKEN_LESS || op == HCL_TOKEN_LESS_EQUAL || op == HCL_TOKEN_GREATER ||
               op == HCL_TOKEN_GREATER_EQUAL;
}

static HclValue *no_result(NookRange range, NookDiags *diags, const char *what) {
        nook_diags_error(diags, range, "Operation failed", "%s", what);
        return hcl_value_unknown_of(&hcl_type_number);
}

/* ---- Operands ---- */

typedef struct {
        HclTokenType op;
        HclValue *left, *right; /* borrowed */
        NookRange left_range, right_range;
        bool failed; /* there are errors in the operands */
        NookDiags *diags;
} Operation;

/* The operands converted to what the operator works on; false after reporting. */
static bool convert_operands(const Operation *operation, const HclType *type, HclValue **ret_left,
                             HclValue **ret_right) {
        *ret_left = hcl_eval_convert(operation->left, type, operation->left_range, operation->diags,
                                     "Invalid operand", "Unsuitable value for left operand: %s.");
        *ret_right =
                hcl_eval_convert(operation->right, type, operation->right_range, operation->diags,
                                 "Invalid operand", "Unsuitable value for right operand: %s.");
        return *ret_left && *ret_right;
}

/* range: of the whole operation. */
static bool report_null(const HclValue *value, const char *side, NookRange range,
                        NookDiags *diags) {
        if (!hcl_value_is_null(value))
                return false;
        nook_diags_error(diags, range, "Operation failed",
                         "Error during operation: the %s must not be null.", side);
        return true;
}

static HclValue *numeric_value(const Operation *operation) {
        const HclType *result_type =
                is_comparison(operation->op) ? &hcl_type_bool : &hcl_type_number;
        NookRange range = nook_range_join(operation->left_range, operation->right_range);
        g_autoptr(HclValue) left = NULL, right = NULL;
        HclValue *result;

        if (!convert_operands(operation, &hcl_type_number, &left, &right) ||
            report_null(left, "left operand", range, operation->diags) ||
            report_null(right, "right operand", range, operation->diags) ||
            !hcl_value_is_known(left) || !hcl_value_is_known(right))
                return hcl_value_unknown_of(result_type);
        result = arithmetic(operation->op, left, right);
        if (result)
                return result;
        return no_result(range, operation->diags,
                         operation->op == HCL_TOKEN_SLASH
                                 ? "Zero cannot be divided by zero, nor infinity by infinity."
                         : operation->op == HCL_TOKEN_PERCENT
                                 ? "There is no remainder with an infinity."
                                 : "This operation on infinities has no result.");
}

static HclValue *equality_value(const Operation *operation) {
        g_autoptr(HclValue) equal = NULL;

        /* What is wrong equals nothing, and differs from nothing. */
        if (operation->failed)
                return hcl_value_unknown_of(&hcl_type_bool);
        equal = equal_values(operation->left, operation->right);
        if (operation->op == HCL_TOKEN_EQUAL_TO || !hcl_value_is_known(equal))
                return g_steal_pointer(&equal);
        return hcl_value_bool(!hcl_value_get_bool(equal));
}

/* ---- && and || ---- */

/* What a side says by itself: false for &&, where null counts as false, and true for ||. */
static bool decides(HclTokenType op, const HclValue *side) {
        if (!side || !hcl_value_is_known(side))
                return false;
        if (hcl_value_is_null(side))
                return op == HCL_TOKEN_AND;
        return hcl_value_get_bool(side) == (op == HCL_TOKEN_OR);
}

/* One side as a bool; NULL after reporting. Takes value. */
static HclValue *logical_operand(HclValue *value, NookRange range, const char *format,
                                 NookDiags *diags) {
        HclValue *converted;

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
        converted =
                hcl_eval_convert(value, &hcl_type_bool, range, diags, "Invalid operand", format);
#pragma GCC diagnostic pop
        hcl_value_unref(value);
        return converted;
}

/* left && right, left || right, where either side may decide; then the errors of evaluating the
 * other do not count. What cannot be a bool at all is an error in any case. mark: findings there
 * were before the left side. Takes left_value. */
static HclValue *logical_value(HclTokenType op, HclValue *left_value, NookRange left_range,
                               const HclExpr *right_expr, const HclScope *scope, guint mark,
                               NookDiags *diags) {
        NookRange range = nook_range_join(left_range, right_expr->range);
        guint before_right = nook_diags_count(diags);
        g_autoptr(HclValue) right_value = hcl_expr_value(right_expr, scope, diags);
        guint errors = nook_diags_count_errors(diags);
        g_autoptr(HclValue) left = logical_operand(left_value, left_range,
                                                   "Unsuitable value for left operand: %s.", diags);
        g_autoptr(HclValue) right =
                logical_operand(hcl_value_ref(right_value), right_expr->range,
                                "Unsuitable value for right operand: %s.", diags);

        if (nook_diags_count_errors(diags) != errors)
                return hcl_value_unknown_of(&hcl_type_bool);
        if (decides(op, left)) {
                nook_diags_truncate(diags, before_right);
                return hcl_value_bool(op == HCL_TOKEN_OR);
        }
        if (decides(op, right)) {
                nook_diags_remove(diags, mark, before_right);
                return hcl_value_bool(op == HCL_TOKEN_OR);
        }
        if (!hcl_value_is_known(left) && before_right == mark)
                nook_diags_truncate(diags, before_right);
        if (!hcl_value_is_known(left) || !hcl_value_is_known(right) ||
            report_null(left, "left operand", range, diags) ||
            report_null(right, "right operand", range, diags))
                return hcl_value_unknown_of(&hcl_type_bool);
        return hcl_value_bool(op == HCL_TOKEN_AND);
}

/* ---- Expressions ---- */

static HclValue *binary_value(const HclExpr *expr, const HclScope *scope, NookDiags *diags) {
        const HclBinaryExpr *self = (const HclBinaryExpr *)expr;
        guint mark = nook_diags_count(diags), errors = nook_diags_count_errors(diags);
        HclValue *left = hcl_expr_value(self->operands[0], scope, diags);
        NookRange left_range = self->operands[0]->range;

        for (size_t i = 0; i < self->n_operators; i++) {
                const HclExpr *right_expr = self->operands[i + 1];
                HclTokenType op = self->operators[i];

                if (op == HCL_TOKEN_AND || op == HCL_TOKEN_OR) {
                        left = logical_value(op, left, left_range, right_expr, scope, mark, diags);
                } else {
                        g_autoptr(HclValue) right = hcl_expr_value(right_expr, scope, diags);
                        Operation operation = {.op = op,
                                               .left = left,
                                               .right = right,
                                               .left_range = left_range,
                                               .right_range = right_expr->range,
                                               .failed = nook_diags_count_errors(diags) > errors,
                                               .diags = diags};
                        HclValue *result = op == HCL_TOKEN_EQUAL_TO || op == HCL_TOKEN_NOT_EQUAL
                                                   ? equality_value(&operation)
                                                   : numeric_value(&operation);

                        hcl_value_unref(left);
                        left = result;
                }
                left_range = nook_range_join(left_range, right_expr->range);
        }
        return left;
}

static void binary_walk(const HclExpr *expr, HclWalk *walk) {
        const HclBinaryExpr *self = (const HclBinaryExpr *)expr;

        for (size_t i = 0; i <= self->n_operators; i++)
                hcl_walk_expr(walk, self->operands[i]);
}

static NookRange binary_start_range(const HclExpr *expr) {
        return hcl_expr_start_range(((const HclBinaryExpr *)expr)->operands[0]);
}

const HclExprOps hcl_binary_ops = {
        .value = binary_value, .walk = binary_walk, .start_range = binary_start_range};

static HclValue *unary_value(const HclExpr *expr, const HclScope *scope, NookDiags *diags) {
        const HclUnaryExpr *self = (const HclUnaryExpr *)expr;
        bool negate = self->op == HCL_TOKEN_MINUS;
        const HclType *type = negate ? &hcl_type_number : &hcl_type_bool;
        g_autoptr(HclValue) given = hcl_expr_value(self->operand, scope, diags);
        g_autoptr(HclValue) operand =
                hcl_eval_convert(given, type, self->operand->range, diags, "Invalid operand",
                                 "Unsuitable value for unary operand: %s.");

        if (!operand || report_null(operand, "operand", expr->range, diags) ||
            !hcl_value_is_known(operand))
                return hcl_value_unknown_of(type);
        return negate ? hcl_number_negate(operand) : hcl_value_bool(!hcl_value_get_bool(operand));
}

static void unary_walk(const HclExpr *expr, HclWalk *walk) {
        hcl_walk_expr(walk, ((const HclUnaryExpr *)expr)->operand);
}

const HclExprOps hcl_unary_ops = {
        .value = unary_value, .walk = unary_walk, .start_range = hcl_eval_first_byte};
