/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What an expression may use: variables by their root name, functions, and an outer scope that is
 * asked next. */

#include "base/diag.h"
#include "hcl/value.h"

typedef struct HclScope HclScope;
typedef struct HclCall HclCall;
typedef struct HclTraversal HclTraversal;
typedef struct HclExpr HclExpr;

/* A parameter of a function. An argument is converted to its type before the call. */
typedef struct {
        const char *name;    /* as messages call it */
        const HclType *type; /* hcl_type_dynamic: as it comes */
        bool allow_null;     /* otherwise null is refused before the call */
} HclParameter;

/* A function. Tables of these are static and constant. */
typedef struct {
        const char *name;
        const HclParameter *parameters;
        size_t n_parameters;
        const HclParameter *variadic; /* of the arguments after these; NULL: there are none */

        /* Computes the result from n_args arguments, which are borrowed, known all through and as
         * the parameters say. Returns a new reference, or NULL after hcl_call_fail(). */
        HclValue *(*call)(HclCall *call, HclValue *const *args, size_t n_args);

        /* Instead of call, of a function that looks at its arguments itself (try, can): the
         * expressions as written, and the scope to evaluate them in. */
        HclValue *(*call_lazily)(HclCall *call, const HclExpr *const *args, size_t n_args,
                                 const HclScope *scope);
} HclFunction;

/* Reports why a call has no result; returns NULL, so that `return hcl_call_fail(...)` reads well.
 *   arg     index of the argument to blame, or -1 for the call as a whole
 *   format  a sentence part without a full stop that stands after "Invalid value for "x"
 *           parameter: " or "Call to function "f" failed: " */
HclValue *hcl_call_fail(HclCall *call, int arg, const char *format, ...) G_GNUC_PRINTF(3, 4);

void *hcl_call_user(const HclCall *call); /* what came with the table of functions */
NookRange hcl_call_range(const HclCall *call);
NookRange hcl_call_arg_range(const HclCall *call, size_t arg);
NookDiags *hcl_call_diags(const HclCall *call); /* for warnings */

/* An empty scope inside `parent`, which may be NULL and is referenced. */
HclScope *hcl_scope_new(HclScope *parent);
HclScope *hcl_scope_ref(HclScope *scope);
void hcl_scope_unref(HclScope *scope);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HclScope, hcl_scope_unref)

/* Defines or replaces a variable; value is referenced, name copied. */
void hcl_scope_set(HclScope *scope, const char *name, HclValue *value);

/* Adds the n functions of a table, which must outlive the scope. `user` is handed to each call. */
void hcl_scope_add_functions(HclScope *scope, const HclFunction *functions, size_t n, void *user);

/* What to do with a variable whose root name no scope knows, instead of reporting it.
 *   traversal      the reference as written
 *   interpolation  the `${ ... }` whose whole content it is, braces included; no place otherwise
 * Returns a new reference; NULL: report it as unknown. */
typedef HclValue *(*HclUndefinedRoot)(const HclTraversal *traversal, NookRange interpolation,
                                      NookDiags *diags, void *user);
void hcl_scope_set_undefined_root(HclScope *scope, HclUndefinedRoot undefined_root, void *user);

/* The variable of this name here or further out; borrowed, or NULL. */
HclValue *hcl_scope_get(const HclScope *scope, const char *name);
const HclFunction *hcl_scope_get_function(const HclScope *scope, const char *name);
