/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What stands behind bodies and expressions: for the syntaxes (native, JSON) that make them, not
 * for users of the library. A syntax defines structs that begin with HclBody or HclExpr, allocates
 * them from the file and fills in the operations. */

#include "hcl/hcl.h"

/* A file with nothing in it yet. */
HclFile *hcl_file_new(NookSource *source);
void hcl_file_set_body(HclFile *file, HclBody *body);
void hcl_file_set_expr(HclFile *file, const HclExpr *expr);

/* Zeroed memory, aligned for any type, that lives as long as the file. */
void *hcl_file_alloc(HclFile *file, size_t size);
#define hcl_file_new_struct(file, Type) ((Type *)hcl_file_alloc((file), sizeof(Type)))
char *hcl_file_strndup(HclFile *file, const char *text, size_t size); /* adds a NUL */
const void *hcl_file_memdup(HclFile *file, const void *data, size_t size);

/* Has `destroy` called with `data` when the file goes. Returns data. */
void *hcl_file_keep(HclFile *file, void *data, GDestroyNotify destroy);

/* Called for each reference in an expression. */
typedef struct HclWalk HclWalk;
void hcl_walk_traversal(HclWalk *walk, const HclTraversal *traversal);
void hcl_walk_expr(HclWalk *walk, const HclExpr *expr);
/* Names that hide variables until as many are popped. */
void hcl_walk_push_name(HclWalk *walk, const char *name);
void hcl_walk_pop_name(HclWalk *walk);

typedef struct {
        /* As hcl_expr_value(). */
        HclValue *(*value)(const HclExpr *expr, const HclScope *scope, NookDiags *diags);

        /* Hands every expression inside to hcl_walk_expr(), every reference to
         * hcl_walk_traversal(). NULL: there are none. */
        void (*walk)(const HclExpr *expr, HclWalk *walk);

        /* As hcl_expr_start_range(). NULL: all of it. */
        NookRange (*start_range)(const HclExpr *expr);

        /* The static looks of hcl/expr.h; NULL: it is not of that form. */
        bool (*list)(const HclExpr *expr, const HclExpr *const **ret_items, size_t *ret_n_items);
        bool (*map)(const HclExpr *expr, const HclExpr *const **ret_keys,
                    const HclExpr *const **ret_values, size_t *ret_n_items);

        /* The native expression that this one stands for in a static look at references, keywords
         * and calls (JSON: the text of a string parsed); NULL: itself, if it is native. */
        const HclExpr *(*native)(const HclExpr *expr);
} HclExprOps;

struct HclExpr {
        const HclExprOps *ops;
        NookRange range;
};

typedef struct {
        /* With ret_rest NULL: everything must be in the schema. */
        const HclContent *(*content)(HclBody *body, const HclSchema *schema, HclBody **ret_rest,
                                     NookDiags *diags);
        const HclContent *(*just_attributes)(HclBody *body, NookDiags *diags);
        const HclContent *(*everything)(HclBody *body, NookDiags *diags);
        NookRange (*missing_range)(const HclBody *body);
} HclBodyOps;

struct HclBody {
        const HclBodyOps *ops;
        HclFile *file; /* borrowed: the file owns the body */
};

/* Gathers attributes and blocks for a HclContent. */
typedef struct {
        GPtrArray *attributes; /* const HclAttribute */
        GPtrArray *blocks;     /* const HclBlock */
} HclContentBuilder;

void hcl_content_builder_init(HclContentBuilder *builder);
/* The content, in the file's memory; empties the builder. */
const HclContent *hcl_content_builder_end(HclContentBuilder *builder, HclFile *file,
                                          NookRange missing);

/* Whether a block has as many labels as its schema says; reports it if not. */
bool hcl_block_check_labels(const HclBlock *block, const HclBlockSchema *schema, NookDiags *diags);

/* Parses text that stands in a file of another syntax, decoded, into the memory of that file. Byte
 * offsets count from place.start and are kept inside of place. NULL after errors. */
const HclExpr *hcl_file_parse_expr(HclFile *file, const char *text, size_t size, NookRange place,
                                   NookDiags *diags);
const HclExpr *hcl_file_parse_template(HclFile *file, const char *text, size_t size,
                                       NookRange place, NookDiags *diags);
