/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* The syntax tree of native HCL. Each node begins with HclExpr, whose operations (eval-*.c) say how
 * it is evaluated; all memory is the file's. */

#include "hcl/impl.h"
#include "hcl/lexer.h"

typedef enum {
        HCL_LITERAL_INVALID, /* stands where something could not be parsed */
        HCL_LITERAL_NULL,
        HCL_LITERAL_TRUE,
        HCL_LITERAL_FALSE,
        HCL_LITERAL_NUMBER, /* decimal text */
        HCL_LITERAL_TEXT,
        HCL_LITERAL_VALUE, /* made by the evaluator, of a value that it already has */
} HclLiteralKind;

typedef struct {
        HclExpr expr;
        HclLiteralKind kind;
        uint32_t size;
        union {
                const char *text; /* in the source where it stands there as it is */
                HclValue *value;
        };
} HclLiteralExpr;

/* A variable and constant steps. */
typedef struct {
        HclExpr expr;
        HclTraversal traversal;
        NookRange interpolation; /* the ${ } around it, if it is all that this holds */
} HclVariableExpr;

/* Constant steps from the value of an expression. */
typedef struct {
        HclExpr expr;
        const HclExpr *from;
        HclTraversalStep *steps;
        size_t n_steps;
} HclStepsExpr;

typedef struct {
        HclExpr expr;
        const HclExpr *from;
        const HclExpr *key;
        NookRange bracket;
} HclIndexExpr;

/* from[*] or from.*: `each` is evaluated for each element, which `item` stands for in it. */
typedef struct {
        HclExpr expr;
        const HclExpr *from;
        const HclExpr *each;
        const HclExpr *item;
        NookRange marker;
} HclSplatExpr;

typedef struct {
        HclExpr expr;
        const HclExpr *inner;
} HclParenExpr; /* ( ) as well as a template that is one ${ } */

typedef struct {
        HclExpr expr;
        const char *name;
        NookRange name_range, open, close;
        const HclExpr *const *args;
        size_t n_args;
        bool expand; /* ... after the last argument */
} HclCallExpr;

typedef struct {
        HclExpr expr;
        const HclExpr *condition, *yes, *no;
} HclConditionalExpr;

/* Operands joined by operators of one precedence, evaluated from the left: a - b + c. One node,
 * since a long chain of nodes in each other would need as much stack. */
typedef struct {
        HclExpr expr;
        const HclExpr *const *operands; /* one more than operators */
        const uint8_t *operators;       /* HclTokenType */
        size_t n_operators;
} HclBinaryExpr;

typedef struct {
        HclExpr expr;
        const HclExpr *operand;
        HclTokenType op;
} HclUnaryExpr;

typedef struct {
        HclExpr expr;
        const HclExpr *const *items;
        size_t n;
} HclTupleExpr;

typedef struct {
        HclExpr expr;
        const HclExpr *const *keys; /* HclKeyExpr */
        const HclExpr *const *values;
        size_t n;
} HclObjectExpr;

/* A key of an object: a name alone is meant literally, unless in parentheses. */
typedef struct {
        HclExpr expr;
        const HclExpr *inner;
        bool computed;
} HclKeyExpr;

typedef struct {
        HclExpr expr;
        const char *key_name; /* NULL: none */
        const char *value_name;
        const HclExpr *collection;
        const HclExpr *key; /* NULL: makes a tuple */
        const HclExpr *value;
        const HclExpr *condition; /* NULL: none */
        bool group;
} HclForExpr;

typedef struct {
        HclExpr expr;
        const HclExpr *const *parts;
        size_t n;
} HclTemplateExpr;

typedef struct {
        HclExpr expr;
        const HclExpr *tuple; /* HclForExpr */
} HclJoinExpr;                /* %{ for } */

extern const HclExprOps hcl_literal_ops, hcl_variable_ops, hcl_steps_ops, hcl_index_ops,
        hcl_splat_ops, hcl_item_ops, hcl_paren_ops, hcl_call_ops, hcl_conditional_ops,
        hcl_binary_ops, hcl_unary_ops, hcl_tuple_ops, hcl_object_ops, hcl_key_ops, hcl_for_ops,
        hcl_template_ops, hcl_wrap_ops, hcl_join_ops;

typedef struct {
        HclBody body;
        const HclAttribute *const *attributes;
        size_t n_attributes;
        const HclBlock *const *blocks;
        size_t n_blocks;
        NookRange range;
        bool has_dynamic; /* maybe dynamic blocks, at any depth */
} HclNativeBody;

extern const HclBodyOps hcl_native_body_ops;
