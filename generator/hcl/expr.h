/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Expressions: evaluating them, and looking at them without doing so. An expression belongs to the
 * HclFile it was parsed with and lives as long as that. It comes from native syntax or from JSON;
 * nothing here tells the two apart. */

#include "base/diag.h"
#include "hcl/scope.h"

NookRange hcl_expr_range(const HclExpr *expr);

/* The part of it that tells what it is: the opening bracket of a list, a name with its parenthesis,
 * the text of a string. Findings on arguments of calls stand there. */
NookRange hcl_expr_start_range(const HclExpr *expr);

/* Evaluates. scope may be NULL: then neither variables nor functions are allowed. Always returns a
 * new reference: after an error, which is added to diags, it is the unknown value. */
HclValue *hcl_expr_value(const HclExpr *expr, const HclScope *scope, NookDiags *diags);

/* The same, converted to `type`; what does not fit is reported as
 * `Inappropriate value for WHAT: ...`, e.g. `attribute "count"`. */
HclValue *hcl_expr_value_as(const HclExpr *expr, const HclScope *scope, const HclType *type,
                            const char *what, NookDiags *diags);

/* value[key] and value.name as the language has them, for functions that do the same. What does not
 * exist is reported at range, and the result is unknown. */
HclValue *hcl_value_index(HclValue *value, HclValue *key, NookRange range, NookDiags *diags);
HclValue *hcl_value_attribute(HclValue *value, const char *name, NookRange range, NookDiags *diags);

/* ---- References ---- */

typedef struct {
        bool is_index;   /* [key], or .0 in the old form; otherwise .name */
        char *name;      /* of .name */
        HclValue *key;   /* of [key]: a string or number */
        NookRange range; /* with the dot or the brackets */
} HclTraversalStep;

/* A variable and the constant steps after it: a.b[0]["c"]. */
struct HclTraversal {
        char *root;
        NookRange root_range;
        HclTraversalStep *steps;
        size_t n_steps;
        NookRange range;
};

/* The references in an expression, in source order, without those to variables that the expression
 * itself defines (for). The array is the caller's, its HclTraversal are borrowed. */
GPtrArray *hcl_expr_traversals(const HclExpr *expr);

/* ---- Static looks, without evaluating. Each answers NULL or false when it is not of that form;
 * results are borrowed and live as long as the file. ---- */

/* The reference that this expression is, and nothing else. */
const HclTraversal *hcl_expr_traversal(const HclExpr *expr);

/* The single name that this expression is: `string`, `any`. */
const char *hcl_expr_keyword(const HclExpr *expr);

/* name(args): the name, its place and the arguments. */
bool hcl_expr_call(const HclExpr *expr, const char **ret_name, NookRange *ret_name_range,
                   const HclExpr *const **ret_args, size_t *ret_n_args);

/* [a, b]: its elements. */
bool hcl_expr_list(const HclExpr *expr, const HclExpr *const **ret_items, size_t *ret_n_items);

/* {a = b}: its keys and values, pairwise. An identifier as key is a literal string. */
bool hcl_expr_map(const HclExpr *expr, const HclExpr *const **ret_keys,
                  const HclExpr *const **ret_values, size_t *ret_n_items);

/* Reads a type expression: string, number, bool, any, list(T), set(T), map(T), tuple([..]),
 * object({..}) with optional(T). A new reference, or NULL after adding to diags.
 *   constraint  whether `any` and `optional` may be used */
const HclType *hcl_expr_type(const HclExpr *expr, bool constraint, NookDiags *diags);
