/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Decoding specifications, as HashiCorp's hcldec has them: an HCL file of blocks that say which
 * value to make of a body.
 *
 * Source: HCL's cmd/hcldec/spec-format.md. */

#include "hcl/hcl.h"

typedef enum {
        SPEC_OBJECT,      /* an object of its children, by their names */
        SPEC_ARRAY,       /* a tuple of its children */
        SPEC_LITERAL,     /* a value of its own */
        SPEC_ATTR,        /* an attribute of the body */
        SPEC_BLOCK,       /* a block that occurs once; its children are read in its body */
        SPEC_BLOCK_LIST,  /* blocks as a list */
        SPEC_BLOCK_SET,   /* blocks as a set */
        SPEC_BLOCK_MAP,   /* blocks as a map, by their labels */
        SPEC_BLOCK_ATTRS, /* the attributes of a block as a map */
        SPEC_DEFAULT,     /* the first of its children that is not null */
        SPEC_TRANSFORM,   /* what an expression makes of the value of its only child */
} SpecKind;

typedef struct Spec Spec;

struct Spec {
        SpecKind kind;
        const char *key;     /* in an object: what the child is called */
        const char *name;    /* of the attribute, or type of the blocks */
        bool required;       /* attr, block, block_attrs */
        const HclType *type; /* attr; block_attrs: of an element */
        HclValue *value;     /* literal */
        const HclExpr *expr; /* transform; finds the child's value as `nested` */
        HclScope *scope;     /* transform: the functions of specifications */
        int64_t min_items, max_items;
        GPtrArray *labels; /* block_map: what the labels are called; ends with NULL */
        GPtrArray *children;
};

void spec_free(Spec *spec);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Spec, spec_free)

/* Reads a specification. NULL after adding to diags. Texts in it belong to `file`.
 *   scope  gets the variables and functions that the specification defines for the body
 *   keep   gets what these functions need, and must outlive them */
Spec *spec_read(HclFile *file, HclScope *scope, GPtrArray *keep, NookDiags *diags);

/* The type of the values that a specification makes, as far as it is known beforehand. */
const HclType *spec_type(const Spec *spec);
