/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "hcl/convert.h"
#include "hcl/eval.h"
#include "hcl/number.h"

HclValue *hcl_eval_convert(HclValue *value, const HclType *type, NookRange range, NookDiags *diags,
                           const char *summary, const char *format) {
        g_autofree char *why = NULL;
        HclValue *converted = hcl_value_convert(value, type, &why);

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
        if (!converted)
                nook_diags_error(diags, range, summary, format, why);
#pragma GCC diagnostic pop
        return converted;
}

HclValue *hcl_eval_limit(HclValue *value, NookRange range, NookDiags *diags) {
        if (hcl_value_weight(value) <= HCL_WEIGHT_MAX)
                return value;
        nook_diags_error(diags, range, "Result too large",
                         "This value would have more than %d parts.", HCL_WEIGHT_MAX);
        hcl_value_unref(value);
        return hcl_value_unknown();
}

/* ---- Literals ---- */

HclLiteralExpr hcl_eval_literal(HclValue *value, NookRange range) {
        return (HclLiteralExpr){
                .expr = {.ops = &hcl_literal_ops, .range = range},
                .kind = HCL_LITERAL_VALUE,
                .value = value,
        };
}

static HclValue *literal_value(const HclExpr *expr, const HclScope *scope, NookDiags *diags) {
        const HclLiteralExpr *literal = (const HclLiteralExpr *)expr;
        HclValue *number;

        switch (literal->kind) {
        case HCL_LITERAL_NULL:
                return hcl_value_null(&hcl_type_dynamic);
        case HCL_LITERAL_TRUE:
                return hcl_value_bool(true);
        case HCL_LITERAL_FALSE:
                return hcl_value_bool(false);
        case HCL_LITERAL_NUMBER:
                number = hcl_value_number_parse(literal->text, literal->size);
                g_assert(number); /* the parser has tried it */
                return number;
        case HCL_LITERAL_TEXT:
                return hcl_value_string(literal->text, literal->size);
        case HCL_LITERAL_VALUE:
                return hcl_value_ref(literal->value);
        default:
                return hcl_value_unknown();
        }
}

/* Of a quoted string what stands between the quotes, of a heredoc its first line. */
static NookRange literal_start_range(const HclExpr *expr) {
        NookRange range = expr->range;
        uint32_t size;
        const char *text = nook_source_text(range.source, &size), *newline;

        if (((const HclLiteralExpr *)expr)->kind != HCL_LITERAL_TEXT || range.end - range.start < 2)
                return range;
        if (text[range.start] == '"') {
                range.start++;
                range.end--;
        } else if (text[range.start] == '<') {
                newline = memchr(text + range.start, '\n', range.end - range.start);
                range.start = newline ? (uint32_t)(newline - text) + 1 : range.start;
                newline = memchr(text + range.start, '\n', range.end - range.start);
                range.end = newline ? (uint32_t)(newline - text) + 1 : range.end;
        }
        return range;
}

const HclExprOps hcl_literal_ops = {.value = literal_value, .start_range = literal_start_range};

/* ---- Variables and constant steps ---- */

HclValue *hcl_eval_steps(HclValue *value, const HclTraversalStep *steps, size_t n,
                         NookDiags *diags) {
        for (size_t i = 0; i < n; i++) {
                HclValue *next =
                        steps[i].is_index
                                ? hcl_value_index(value, steps[i].key, steps[i].range, diags)
                                : hcl_value_attribute(value, steps[i].name, steps[i].range, diags);

                hcl_value_unref(value);
                value = next;
        }
        return value;
}

static HclValue *undefined_variable(const HclVariableExpr *self, const HclScope *scope,
                                    NookDiags *diags) {
        g_autofree char *suggestion = NULL;
        const HclTraversal *traversal = &self->traversal;

        for (const HclScope *outer = scope; outer; outer = outer->parent) {
                HclValue *value;

                if (!outer->undefined_root)
                        continue;
                value = outer->undefined_root(traversal, self->interpolation, diags,
                                              outer->undefined_root_user);
                if (value)
                        return value;
                break;
        }
        if (!hcl_scope_has_variables(scope)) {
                nook_diags_error(diags, traversal->root_range, "Variables not allowed",
                                 "Variables may not be used here, but there is \"%s\". If text is "
                                 "meant, write it in quotes.",
                                 traversal->root);
                return hcl_value_unknown();
        }
        suggestion = hcl_scope_suggest_variable(scope, traversal->root);
        nook_diags_error(diags, traversal->root_range, "Unknown variable",
                         "There is no variable named \"%s\".%s", traversal->root, suggestion);
        return hcl_value_unknown();
}

static HclValue *variable_value(const HclExpr *expr, const HclScope *scope, NookDiags *diags) {
        const HclVariableExpr *self = (const HclVariableExpr *)expr;
        HclValue *root = hcl_scope_get(scope, self->traversal.root);

        if (!root)
                return undefined_variable(self, scope, diags);
        return hcl_eval_steps(hcl_value_ref(root), self->traversal.steps, self->traversal.n_steps,
                              diags);
}

static void variable_walk(const HclExpr *expr, HclWalk *walk) {
        hcl_walk_traversal(walk, &((const HclVariableExpr *)expr)->traversal);
}

const HclExprOps hcl_variable_ops = {.value = variable_value, .walk = variable_walk};

static HclValue *steps_value(const HclExpr *expr, const HclScope *scope, NookDiags *diags) {
        const HclStepsExpr *self = (const HclStepsExpr *)expr;
        HclValue *from = hcl_expr_value(self->from, scope, diags);

        return hcl_eval_steps(from, self->steps, self->n_steps, diags);
}

static void steps_walk(const HclExpr *expr, HclWalk *walk) {
        hcl_walk_expr(walk, ((const HclStepsExpr *)expr)->from);
}

const HclExprOps hcl_steps_ops = {.value = steps_value, .walk = steps_walk};

static HclValue *index_value(const HclExpr *expr, const HclScope *scope, NookDiags *diags) {
        const HclIndexExpr *self = (const HclIndexExpr *)expr;
        g_autoptr(HclValue) from = hcl_expr_value(self->from, scope, diags);
        g_autoptr(HclValue) key = hcl_expr_value(self->key, scope, diags);

        return hcl_value_index(from, key, self->bracket, diags);
}

static void index_walk(const HclExpr *expr, HclWalk *walk) {
        hcl_walk_expr(walk, ((const HclIndexExpr *)expr)->from);
        hcl_walk_expr(walk, ((const HclIndexExpr *)expr)->key);
}

static NookRange index_start_range(const HclExpr *expr) {
        NookRange range = ((const HclIndexExpr *)expr)->bracket;

        range.end = range.start + 1;
        return range;
}

const HclExprOps hcl_index_ops = {
        .value = index_value, .walk = index_walk, .start_range = index_start_range};

/* ---- Parentheses, and templates that are one ${ } ---- */

static HclValue *paren_value(const HclExpr *expr, const HclScope *scope, NookDiags *diags) {
        return hcl_expr_value(((const HclParenExpr *)expr)->inner, scope, diags);
}

static void paren_walk(const HclExpr *expr, HclWalk *walk) {
        hcl_walk_expr(walk, ((const HclParenExpr *)expr)->inner);
}

static NookRange paren_start_range(const HclExpr *expr) {
        return hcl_expr_start_range(((const HclParenExpr *)expr)->inner);
}

const HclExprOps hcl_paren_ops = {
        .value = paren_value, .walk = paren_walk, .start_range = paren_start_range};
const HclExprOps hcl_wrap_ops = {.value = paren_value, .walk = paren_walk};

/* ---- Splats ---- */

static HclValue *item_value(const HclExpr *expr, const HclScope *scope, NookDiags *diags) {
        for (; scope; scope = scope->parent)
                if (scope->symbol == expr)
                        return hcl_value_ref(scope->item);
        return hcl_value_unknown();
}

const HclExprOps hcl_item_ops = {.value = item_value};

static HclValue *each_value(const HclSplatExpr *self, HclValue *item, const HclScope *scope,
                            NookDiags *diags) {
        HclScope inner = {.parent = scope, .symbol = self->item, .item = item};

        return hcl_expr_value(self->each, &inner, diags);
}

/* The type of what `each` yields for an element of which only the type is known. */
static const HclType *each_type(const HclSplatExpr *self, const HclType *element,
                                const HclScope *scope, NookDiags *diags) {
        g_autoptr(HclValue) item = hcl_value_unknown_of(element);
        g_autoptr(HclValue) value = each_value(self, item, scope, diags);

        return hcl_value_type(value);
}

/* The type of the result for a sequence of which only the type is known. */
static const HclType *splat_type(const HclSplatExpr *self, const HclType *from,
                                 const HclScope *scope, NookDiags *diags) {
        g_autoptr(HclTypeConst) element = NULL;
        g_autofree const HclType **elements = NULL;
        const HclType *type;

        if (hcl_type_kind(from) != HCL_KIND_TUPLE) {
                element = each_type(self, from->element, scope, diags);
                return hcl_type_list(element);
        }
        elements = g_new(const HclType *, from->n + 1);
        for (size_t i = 0; i < from->n; i++)
                elements[i] = each_type(self, from->elements[i], scope, diags);
        type = hcl_type_tuple(elements, from->n);
        for (size_t i = 0; i < from->n; i++)
                hcl_type_unref(elements[i]);
        return type;
}

/* The one type of all results, not counting nulls of no type; NULL: they have several. */
static const HclType *results_type(const GPtrArray *results) {
        g_autoptr(HclTypeConst) single = &hcl_type_dynamic;

        for (guint i = 0; i < results->len; i++) {
                g_autoptr(HclTypeConst) type = hcl_value_type(results->pdata[i]);

                if (hcl_type_kind(single) == HCL_KIND_DYNAMIC)
                        single = g_steal_pointer(&type);
                else if (hcl_type_kind(type) != HCL_KIND_DYNAMIC && !hcl_type_equal(single, type))
                        return NULL;
        }
        return g_steal_pointer(&single);
}

/* The result for a list or set. */
static HclValue *splat_list(const HclSplatExpr *self, HclValue *from, GPtrArray *results,
                            const HclScope *scope, NookDiags *diags) {
        g_autoptr(HclTypeConst) type = hcl_value_type(from);
        g_autoptr(HclTypeConst) element = results->len > 0
                                                  ? results_type(results)
                                                  : each_type(self, type->element, scope, diags);

        if (!element) {
                nook_diags_add_context(
                        diags, NOOK_SEVERITY_ERROR, self->each->range, self->expr.range,
                        "Invalid nested splat expressions",
                        "The second splat yields elements of different types, which "
                        "cannot be in one list. Consider a 'for' expression instead, "
                        "which makes a tuple.");
                return hcl_value_unknown();
        }
        for (guint i = 0; i < results->len; i++) {
                HclValue *result = hcl_value_convert(results->pdata[i], element, NULL);

                hcl_value_unref(results->pdata[i]);
                results->pdata[i] = result; /* of this type already, or null of none */
        }
        return hcl_value_list(element, (HclValue *const *)results->pdata, results->len);
}

/* Of a sequence of which only the type counts: since it is not known, or since what it holds has
 * been found to be wrong. */
static HclValue *splat_unknown(const HclSplatExpr *self, const HclValue *from,
                               const HclScope *scope, NookDiags *diags) {
        g_autoptr(HclTypeConst) given = hcl_value_type(from);
        g_autoptr(HclTypeConst) type = splat_type(self, given, scope, diags);

        return hcl_value_unknown_of(type);
}

static HclValue *splat_known(const HclSplatExpr *self, HclValue *from, const HclScope *scope,
                             NookDiags *diags) {
        g_autoptr(GPtrArray) results =
                g_ptr_array_new_with_free_func((GDestroyNotify)hcl_value_unref);
        guint errors = nook_diags_count_errors(diags);
        HclValue *value;

        for (size_t i = 0; i < hcl_value_length(from); i++) {
                g_ptr_array_add(results,
                                each_value(self, hcl_value_element(from, i), scope, diags));
                if (nook_diags_count_errors(diags) > errors) {
                        g_autoptr(NookDiags) unused = nook_diags_new();

                        return splat_unknown(self, from, scope, unused);
                }
        }
        value = hcl_value_kind(from) == HCL_KIND_TUPLE
                        ? hcl_value_tuple((HclValue *const *)results->pdata, results->len)
                        : splat_list(self, from, results, scope, diags);
        return hcl_eval_limit(value, self->expr.range, diags);
}

/* Of a single value, or of none. */
static HclValue *splat_single(const HclSplatExpr *self, HclValue *from, const HclScope *scope,
                              NookDiags *diags) {
        HclValue *const only[] = {from};
        g_autoptr(HclValue) sequence = hcl_value_tuple(only, 1);
        g_autoptr(HclValue) result = NULL;

        if (hcl_value_is_null(from))
                return hcl_value_tuple(NULL, 0);
        result = splat_known(self, sequence, scope, diags);
        return hcl_value_is_known(from) ? g_steal_pointer(&result) : hcl_value_unknown();
}

static HclValue *splat_value(const HclExpr *expr, const HclScope *scope, NookDiags *diags) {
        const HclSplatExpr *self = (const HclSplatExpr *)expr;
        guint errors = nook_diags_count_errors(diags);
        g_autoptr(HclValue) from = hcl_expr_value(self->from, scope, diags);
        HclKind kind = hcl_value_kind(from);

        if (nook_diags_count_errors(diags) > errors)
                return hcl_value_unknown();
        if (kind == HCL_KIND_DYNAMIC && !hcl_value_is_null(from))
                return hcl_value_unknown();
        if (kind != HCL_KIND_TUPLE && kind != HCL_KIND_LIST && kind != HCL_KIND_SET)
                return splat_single(self, from, scope, diags);
        if (hcl_value_is_null(from)) {
                nook_diags_error(diags, self->from->range, "Splat of null value",
                                 "Splat expressions (with the * symbol) cannot be applied to null "
                                 "sequences.");
                return hcl_value_unknown();
        }
        return hcl_value_is_known(from) ? splat_known(self, from, scope, diags)
                                        : splat_unknown(self, from, scope, diags);
}

static void splat_walk(const HclExpr *expr, HclWalk *walk) {
        hcl_walk_expr(walk, ((const HclSplatExpr *)expr)->from);
        hcl_walk_expr(walk, ((const HclSplatExpr *)expr)->each);
}

static NookRange splat_start_range(const HclExpr *expr) {
        return ((const HclSplatExpr *)expr)->marker;
}

const HclExprOps hcl_splat_ops = {
        .value = splat_value, .walk = splat_walk, .start_range = splat_start_range};
