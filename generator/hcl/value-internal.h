/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* The inside of a value, shared by the files that make values only. One allocation each. */

#include <mpfr.h>

#include "hcl/value.h"

typedef enum {
        STATE_KNOWN,
        STATE_NULL,
        STATE_UNKNOWN,
} ValueState;

struct HclValue {
        uint32_t refs; /* 0: static, never counted */
        uint8_t kind;  /* HclKind; of null and unknown: of their type */
        uint8_t state; /* ValueState */
        bool truth;
        uint32_t weight;     /* see hcl_value_weight() */
        const HclType *type; /* null, unknown: their type; list, set, map: of an element */
        size_t size;         /* string: bytes; sequences: elements; map, object: members */
        union {
                __mpfr_struct number; /* its limbs follow in the same allocation */
                char text[1];         /* size bytes and a NUL */
                HclValue *items[1];   /* map, object: key, value, key, value ..., sorted by key */
        };
};

/* A value with room for `extra` bytes from its union on. */
HclValue *hcl_value_alloc(HclKind kind, size_t extra);

/* A sequence of this kind; the elements are referenced. element: NULL for tuples. */
HclValue *hcl_value_new_sequence(HclKind kind, const HclType *element, HclValue *const *elements,
                                 size_t n);

void hcl_value_add_weight(HclValue *value, size_t weight);

/* The order of two strings by their bytes. */
int hcl_value_compare_text(const HclValue *a, const HclValue *b);

static inline bool hcl_value_has_keys(const HclValue *value) {
        return value->kind == HCL_KIND_MAP || value->kind == HCL_KIND_OBJECT;
}
