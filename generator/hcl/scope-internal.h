/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* The inside of a scope. Those that users make live on the heap; the evaluator makes small ones on
 * its stack for `for` and for splats. */

#include "hcl/scope.h"

struct HclScope {
        guint refs; /* 0: on the stack, never counted */
        const HclScope *parent;

        GHashTable *variables; /* char * -> HclValue *; NULL: none were ever set */
        GArray *functions;     /* HclScopeFunctions; NULL: none were ever added */
        HclUndefinedRoot undefined_root;
        void *undefined_root_user;

        /* On the stack: */
        const char *names[2]; /* of `for`; NULL: not there */
        HclValue *values[2];
        bool open;             /* the values are not known yet: this is a trial of an `if` clause */
        const HclExpr *symbol; /* the placeholder of a splat, and what it stands for */
        HclValue *item;
        size_t *turns; /* how often loops have turned, of the outermost one */
};

/* A table of functions and what is handed to their calls. */
typedef struct {
        const HclFunction *functions;
        size_t n;
        void *user;
} HclScopeFunctions;

/* The function of this name, with its user data in *ret_user; NULL: there is none. *ret_any:
 * whether there are any functions at all. */
const HclFunction *hcl_scope_find_function(const HclScope *scope, const char *name, void **ret_user,
                                           bool *ret_any);

/* Whether any scope from here outwards has variables. */
bool hcl_scope_has_variables(const HclScope *scope);

/* ` Did you mean "x"?` for a name that is not a variable or function, or "". Caller's. */
char *hcl_scope_suggest_variable(const HclScope *scope, const char *name);
char *hcl_scope_suggest_function(const HclScope *scope, const char *name);
