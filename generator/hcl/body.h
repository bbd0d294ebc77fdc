/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Bodies: the attributes and blocks of a file or a block. What a body holds is asked for with a
 * schema, because JSON syntax cannot tell an attribute from a block without one. Everything that is
 * returned here belongs to the HclFile of the body and lives as long as that, unless a comment
 * says otherwise. Attributes and blocks come in source order. */

#include "base/diag.h"
#include "hcl/expr.h"

typedef struct HclBody HclBody;

typedef struct {
        const char *name;
        NookRange name_range;
        NookRange range; /* name to end of the expression */
        bool quoted;     /* the name was written in quotes: HCL_PARSE_QUOTED_NAMES, or JSON */
        const HclExpr *expr;
} HclAttribute;

typedef struct {
        const char *type;
        NookRange type_range;
        const char *const *labels; /* n_labels of them, then NULL */
        const NookRange *label_ranges;
        size_t n_labels;
        NookRange range; /* the header: type to last label. What HCL calls DefRange */
        NookRange open_brace, close_brace; /* where there are any */
        HclBody *body;
} HclBlock;

typedef struct {
        const char *name;
        bool required;
} HclAttributeSchema;

typedef struct {
        const char *type;
        const char *const *labels; /* what each label is called ("name"), then NULL; NULL: none */
} HclBlockSchema;

typedef struct {
        const HclAttributeSchema *attributes;
        size_t n_attributes;
        const HclBlockSchema *blocks;
        size_t n_blocks;
} HclSchema;

typedef struct {
        const HclAttribute *const *attributes;
        size_t n_attributes;
        const HclBlock *const *blocks;
        size_t n_blocks;
        NookRange missing; /* where to say that something is missing */
} HclContent;

/* The content of a body that holds nothing but what the schema names. Reports unknown attributes
 * and blocks (with a suggestion), missing required attributes and wrong counts of labels; what
 * fits is returned in any case. */
const HclContent *hcl_body_content(HclBody *body, const HclSchema *schema, NookDiags *diags);

/* The same, but what the schema does not name is left for later in *ret_rest. */
const HclContent *hcl_body_partial_content(HclBody *body, const HclSchema *schema,
                                           HclBody **ret_rest, NookDiags *diags);

/* All attributes of a body of which the names are not known beforehand; a block is reported. */
const HclContent *hcl_body_just_attributes(HclBody *body, NookDiags *diags);

/* Everything that is still in the body, without a schema. JSON syntax yields attributes only. diags
 * is for dynamic blocks that cannot be expanded; a body without them adds nothing. */
const HclContent *hcl_body_everything(HclBody *body, NookDiags *diags);

/* Where to say that something is missing from this body. */
NookRange hcl_body_missing_range(const HclBody *body);

/* The attribute of this name, or NULL. */
const HclAttribute *hcl_content_attribute(const HclContent *content, const char *name);

/* A view of the body in which each `dynamic "TYPE" { for_each, iterator, labels, content {} }`, at
 * any depth, is replaced by the blocks it stands for.
 *   scope  for for_each, iterator and labels; referenced. The expressions of expanded blocks find
 *          their iterator in front of whatever scope they are evaluated in
 * Where for_each is wrong, it is reported when the content is asked for. */
HclBody *hcl_body_expand_dynamic(HclBody *body, HclScope *scope);
