/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* From a body of HCL to a struct of the model, by the schema tables. Used for jobs and for the
 * operator's configuration. All mistakes of a body are reported; a field that has one stays unset.
 */

#include "base/diag.h"
#include "hcl/hcl.h"
#include "job/pool.h"
#include "job/schema.h"

typedef struct {
        NookPool *pool;
        HclScope *scope; /* NULL: literals only */
        NookDiags *diags;
        bool is_json;      /* the file is HCL-JSON */
        bool allow_quoted; /* names of attributes may be quoted everywhere */
        bool in_config;    /* inside a driver's config, where other rules hold for references */
} NookDecoder;

/* Decodes a body that holds nothing but what the schema names. */
void nook_decode_body(NookDecoder *decoder, const NookSchema *schema, HclBody *body, void *block);

/* The same, but what the schema does not name is left in *ret_rest. */
void nook_decode_body_partly(NookDecoder *decoder, const NookSchema *schema, HclBody *body,
                             void *block, HclBody **ret_rest);

/* Decodes a block of HCL into a new struct: labels, head and body. */
void *nook_decode_block(NookDecoder *decoder, const NookSchema *schema, const HclBlock *hcl);

/* Refuses quoted names of attributes, which the parser lets pass for the sake of a few blocks. */
void nook_decode_check_names(NookDecoder *decoder, const HclContent *content);

/* ---- Single values (decode-value.c). Each reports what does not fit and leaves the slot unset. */

/* A value into the slot of a field.
 *   name   how messages call it: "count"
 *   expr   where list elements can be found one by one; NULL: all elements get `range`
 *   value  borrowed; unknown (poisoned) values are passed over */
void nook_decode_value(NookDecoder *decoder, const NookSchemaField *field, const char *name,
                       HclValue *value, const HclExpr *expr, NookRange range, void *slot);

/* A text from a string, number or bool. false after reporting. */
bool nook_decode_text(NookDecoder *decoder, const char *name, HclValue *value, NookRange range,
                      NookText *ret);

/* A list of texts, a map of texts. */
void nook_decode_texts(NookDecoder *decoder, const char *name, HclValue *value, const HclExpr *expr,
                       NookRange range, NookTexts *ret);
void nook_decode_pairs(NookDecoder *decoder, const char *name, HclValue *value, const HclExpr *expr,
                       NookRange range, NookPairs *ret);

/* Keeps a reference to a value for as long as the pool lives. */
HclValue *nook_decode_keep(NookDecoder *decoder, HclValue *value);

/* ---- Free-form blocks (decode-any.c). ---- */

/* The attributes of a block as a map of texts. may_quote: their names may be quoted. */
void nook_decode_pairs_body(NookDecoder *decoder, HclBody *body, NookRange range, bool may_quote,
                            NookPairs *ret);

/* A whole body as one object, as Nomad's parser makes a driver's config: a nested block becomes a
 * list of objects, its labels objects around it; an object attribute a list of one. */
void nook_decode_any_body(NookDecoder *decoder, HclBody *body, NookAny *ret);

/* A block whose attributes are lists of strings. */
void nook_decode_lists_body(NookDecoder *decoder, HclBody *body, NookAny *ret);

/* The lines of a `unit {}` block. */
void nook_decode_unit_body(NookDecoder *decoder, HclBody *body, NookRange range,
                           NookUnitLines *ret);
void nook_decode_unit_value(NookDecoder *decoder, HclValue *value, NookRange range,
                            NookUnitLines *ret);
