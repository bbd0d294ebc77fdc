/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* `variable`, `variables` and `locals`: what a job file may refer to as var.x and local.x. */

#include "hcl/hcl.h"
#include "job/decode.h"
#include "job/job.h"

typedef struct {
        const HclExpr *condition; /* NULL after an error */
        char *message;
        NookRange range; /* the validation block */
} NookValidation;

typedef struct {
        char *name;
        NookRange range;     /* the block, or the line in `variables` */
        const HclType *type; /* NULL: neither a type nor a default was given */
        HclValue *value;     /* the last one given; NULL: none yet */
        NookRange value_range;
        const char *from;    /* where the value is from, for messages: "default" */
        bool is_broken;      /* its declaration has an error: not judged any further */
        GArray *validations; /* NookValidation */
} NookVariable;

/* The variables of a file. */
typedef struct {
        GPtrArray *list;     /* NookVariable, in source order */
        GHashTable *by_name; /* the same, borrowed */
} NookVariables;

NookVariables *nook_variables_new(void);
void nook_variables_free(NookVariables *variables);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(NookVariables, nook_variables_free)

NookVariable *nook_variables_find(const NookVariables *variables, const char *name);

/* Reads a `variable "NAME" {}` block, or the lines of a `variables {}` block. Defaults are
 * evaluated without functions and variables, as Nomad does. */
void nook_variables_declare(NookVariables *variables, const HclBlock *block, NookDiags *diags);
void nook_variables_declare_lines(NookVariables *variables, const HclBlock *block,
                                  NookDiags *diags);

/* Gives variables their values from environment, files and command line, in Nomad's order of
 * precedence, then checks them: each must have one, and must pass its validations.
 *   pool  keeps what the values' places point into */
void nook_variables_assign(NookVariables *variables, const NookJobOptions *options, NookPool *pool,
                           NookDiags *diags);

/* All values as one object, for `var`; a new reference. */
HclValue *nook_variables_to_value(const NookVariables *variables);

/* Evaluates the lines of all `locals` blocks in the order of their dependencies and defines `local`
 * in the decoder's scope. A cycle is an error; a second definition of a name is a warning. */
void nook_locals_define(NookDecoder *decoder, const HclContent *content);
