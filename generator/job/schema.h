/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* The block lists (job/blocks.def, job/config.def) as tables: for each block its fields, with the
 * place of each in the struct. Decoders, printers and rules walk these and know no field by
 * themselves. */

#include <glib.h>
#include <stdbool.h>

#include "hcl/body.h"
#include "job/field.h"

typedef enum {
        NOOK_FIELD_TEXT,
        NOOK_FIELD_INT,
        NOOK_FIELD_INT8,
        NOOK_FIELD_UINT,
        NOOK_FIELD_UINT8,
        NOOK_FIELD_UINT16,
        NOOK_FIELD_UINT32,
        NOOK_FIELD_SIZE,
        NOOK_FIELD_BOOL,
        NOOK_FIELD_DURATION,
        NOOK_FIELD_TEXTS,
        NOOK_FIELD_INTS,
        NOOK_FIELD_MAP,
        NOOK_FIELD_PAIRS,
        NOOK_FIELD_EITHER,
        NOOK_FIELD_PATHS,
        NOOK_FIELD_LISTS,
        NOOK_FIELD_ANY,
        NOOK_FIELD_CONFIG,
        NOOK_FIELD_RAW,
        NOOK_FIELD_UNIT,
        NOOK_FIELD_LABEL,
        NOOK_FIELD_ONE,
        NOOK_FIELD_MANY,
        NOOK_FIELD_REQUIRED_TEXT = NOOK_FIELD_TEXT,
} NookFieldKind;

/* How a value lies in its block's struct, whatever is allowed in it. */
typedef enum {
        NOOK_STORED_TEXT,     /* NookText */
        NOOK_STORED_INT,      /* NookInt */
        NOOK_STORED_BOOL,     /* NookBool */
        NOOK_STORED_DURATION, /* NookDuration */
        NOOK_STORED_TEXTS,    /* NookTexts */
        NOOK_STORED_PAIRS,    /* NookPairs */
        NOOK_STORED_ANY,      /* NookAny */
        NOOK_STORED_UNIT,     /* NookUnitLines */
        NOOK_STORED_ONE,      /* a block's address, or NULL */
        NOOK_STORED_MANY,     /* NookList */
} NookStorage;

NookStorage nook_field_storage(NookFieldKind kind);

typedef enum {
        NOOK_EMIT_PTR,
        NOOK_EMIT_VAL,
        NOOK_EMIT_ZERO,
        NOOK_EMIT_OPT,
        NOOK_EMIT_NIL,
        NOOK_EMIT_DICT,
        NOOK_EMIT_NEVER,
} NookEmit;

typedef enum {
        NOOK_HONOUR_YES,
        NOOK_HONOUR_NOTE,
        NOOK_HONOUR_NO,
} NookHonour;

typedef struct NookSchema NookSchema;

typedef struct {
        NookFieldKind kind;
        NookEmit emit;
        NookHonour honour;
        gsize offset;                     /* in the struct */
        const char *name;                 /* in HCL; NULL: not there */
        const char *api;                  /* in API JSON; NULL: not there */
        const NookSchema *(*block)(void); /* of ONE and MANY */
} NookSchemaField;

struct NookSchema {
        const char *name; /* "Restart" */
        gsize size;       /* of the struct */
        const NookSchemaField *fields;
        guint n_fields;
        HclSchema hcl;
};

/* One per block, by its name: nook_schema_Job(). */
#define BLOCK(name) const NookSchema *nook_schema_##name(void);
#define FIELD(kind, member, hcl, api, emit, honour)
#define ONE(block, member, hcl, api, emit, honour)
#define MANY(block, member, hcl, api, emit, honour)
#define LABEL(member, api, emit)
#define API(kind, member, api, emit)
#define API_ONE(block, member, api, emit)
#define API_MANY(block, member, api, emit)
#define PLAIN(declaration)
#define END(name)
#include "job/blocks.def"
#include "job/config.def"
#include "job/blocks-end.h"

/* The field of an HCL name; NULL if there is none. */
const NookSchemaField *nook_schema_find(const NookSchema *schema, const char *name);

/* The field of an API name, letter case ignored as Go's decoder does; NULL if there is none. */
const NookSchemaField *nook_schema_find_api(const NookSchema *schema, const char *name);

/* The API name nearest to a misspelt one, or NULL; borrowed. */
const char *nook_schema_suggest_api(const NookSchema *schema, const char *name);

/* Whether the user wrote this field of a block. */
bool nook_schema_is_set(const NookSchemaField *field, const void *block);

/* The place of a field that is set. */
NookRange nook_schema_range(const NookSchemaField *field, const void *block);

/* A MANY field of any type: all lists have this layout. */
typedef struct {
        void **items;
        guint count;
} NookList;

static inline void *nook_schema_slot(const NookSchemaField *field, void *block) {
        return (char *)block + field->offset;
}

static inline const void *nook_schema_const_slot(const NookSchemaField *field, const void *block) {
        return (const char *)block + field->offset;
}

/* The head of a block. */
static inline const NookBlockHead *nook_schema_head(const void *block) {
        return block;
}
