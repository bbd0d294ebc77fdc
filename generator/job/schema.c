/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "job/schema.h"

#include <string.h>

#include "base/diag.h"
#include "job/config.h"
#include "job/job.h"

/* What a block's label is called; an empty list where it has none. */
#define BLOCK(name) static const char *const labels_##name[] = {
#define FIELD(kind, member, hcl, api, emit, honour)
#define ONE(block, member, hcl, api, emit, honour)
#define MANY(block, member, hcl, api, emit, honour)
#define LABEL(member, api, emit) "name",
#define API(kind, member, api, emit)
#define API_ONE(block, member, api, emit)
#define API_MANY(block, member, api, emit)
#define PLAIN(declaration)
#define END(name)                                                                                  \
        NULL                                                                                       \
        }                                                                                          \
        ;
#include "job/blocks.def"
#include "job/config.def"
#include "job/blocks-end.h"

/* The attributes of each block. */
#define ATTRIBUTE_TEXT(name)          {name, false},
#define ATTRIBUTE_REQUIRED_TEXT(name) {name, true},
#define ATTRIBUTE_INT(name)           {name, false},
#define ATTRIBUTE_INT8(name)          {name, false},
#define ATTRIBUTE_UINT(name)          {name, false},
#define ATTRIBUTE_UINT8(name)         {name, false},
#define ATTRIBUTE_UINT16(name)        {name, false},
#define ATTRIBUTE_UINT32(name)        {name, false},
#define ATTRIBUTE_SIZE(name)          {name, false},
#define ATTRIBUTE_BOOL(name)          {name, false},
#define ATTRIBUTE_DURATION(name)      {name, false},
#define ATTRIBUTE_TEXTS(name)         {name, false},
#define ATTRIBUTE_INTS(name)          {name, false},
#define ATTRIBUTE_MAP(name)           {name, false},
#define ATTRIBUTE_PAIRS(name)
#define ATTRIBUTE_EITHER(name) {name, false},
#define ATTRIBUTE_PATHS(name)  {name, false},
#define ATTRIBUTE_LISTS(name)
#define ATTRIBUTE_ANY(name)
#define ATTRIBUTE_CONFIG(name)
#define ATTRIBUTE_RAW(name)
#define ATTRIBUTE_UNIT(name) {name, false},

#define BLOCK(name)                                 static const HclAttributeSchema attributes_##name[] = {
#define FIELD(kind, member, hcl, api, emit, honour) ATTRIBUTE_##kind(hcl)
#define ONE(block, member, hcl, api, emit, honour)
#define MANY(block, member, hcl, api, emit, honour)
#define LABEL(member, api, emit)
#define API(kind, member, api, emit)
#define API_ONE(block, member, api, emit)
#define API_MANY(block, member, api, emit)
#define PLAIN(declaration)
#define END(name)                                                                                  \
        { NULL, false }                                                                            \
        }                                                                                          \
        ;
#include "job/blocks.def"
#include "job/config.def"
#include "job/blocks-end.h"

/* The blocks in each block. */
#define INNER_TEXT(name)
#define INNER_REQUIRED_TEXT(name)
#define INNER_INT(name)
#define INNER_INT8(name)
#define INNER_UINT(name)
#define INNER_UINT8(name)
#define INNER_UINT16(name)
#define INNER_UINT32(name)
#define INNER_SIZE(name)
#define INNER_BOOL(name)
#define INNER_DURATION(name)
#define INNER_TEXTS(name)
#define INNER_INTS(name)
#define INNER_MAP(name)
#define INNER_PAIRS(name)  {name, NULL},
#define INNER_EITHER(name) {name, NULL},
#define INNER_PATHS(name)  {name, NULL},
#define INNER_LISTS(name)  {name, NULL},
#define INNER_ANY(name)    {name, NULL},
#define INNER_CONFIG(name) {name, NULL},
#define INNER_RAW(name)    {name, NULL},
#define INNER_UNIT(name)   {name, NULL},

#define BLOCK(name)                                 static const HclBlockSchema blocks_##name[] = {
#define FIELD(kind, member, hcl, api, emit, honour) INNER_##kind(hcl)
#define ONE(block, member, hcl, api, emit, honour)  {hcl, labels_##block},
#define MANY(block, member, hcl, api, emit, honour) {hcl, labels_##block},
#define LABEL(member, api, emit)
#define API(kind, member, api, emit)
#define API_ONE(block, member, api, emit)
#define API_MANY(block, member, api, emit)
#define PLAIN(declaration)
#define END(name)                                                                                  \
        { NULL, NULL }                                                                             \
        }                                                                                          \
        ;
#include "job/blocks.def"
#include "job/config.def"
#include "job/blocks-end.h"

/* The rows and the table itself. Each stands in a function, because `This`, which tells a row the
 * struct that it is an offset in, must mean another type in each block. An empty API name: none. */
#define NAME(text) (sizeof(text) > 1 ? (text) : NULL)
#define BLOCK(name)                                                                                \
        const NookSchema *nook_schema_##name(void) {                                               \
                typedef Nook##name This;                                                           \
                static const char schema_name[] = #name;                                           \
                static const NookSchemaField fields[] = {
#define FIELD(kind_, member, hcl_, api_, emit_, honour_)                                           \
        {.kind = NOOK_FIELD_##kind_,                                                               \
         .emit = NOOK_EMIT_##emit_,                                                                \
         .honour = NOOK_HONOUR_##honour_,                                                          \
         .offset = offsetof(This, member),                                                         \
         .name = hcl_,                                                                             \
         .api = NAME(api_)},
#define NESTED(kind_, block_, member, hcl_, api_, emit_, honour_)                                  \
        {.kind = NOOK_FIELD_##kind_,                                                               \
         .emit = NOOK_EMIT_##emit_,                                                                \
         .honour = NOOK_HONOUR_##honour_,                                                          \
         .offset = offsetof(This, member),                                                         \
         .name = hcl_,                                                                             \
         .api = NAME(api_),                                                                        \
         .block = nook_schema_##block_},
#define ONE(block, member, hcl, api, emit, honour)                                                 \
        NESTED(ONE, block, member, hcl, api, emit, honour)
#define MANY(block, member, hcl, api, emit, honour)                                                \
        NESTED(MANY, block, member, hcl, api, emit, honour)
#define LABEL(member, api, emit)           FIELD(LABEL, member, NULL, api, emit, YES)
#define API(kind, member, api, emit)       FIELD(kind, member, NULL, api, emit, YES)
#define API_ONE(block, member, api, emit)  NESTED(ONE, block, member, NULL, api, emit, YES)
#define API_MANY(block, member, api, emit) NESTED(MANY, block, member, NULL, api, emit, YES)
#define PLAIN(declaration)
#define END(name_)                                                                                 \
        { 0 }                                                                                      \
        }                                                                                          \
        ;                                                                                          \
        static const NookSchema schema = {                                                         \
                .name = schema_name,                                                               \
                .size = sizeof(This),                                                              \
                .fields = fields,                                                                  \
                .n_fields = G_N_ELEMENTS(fields) - 1,                                              \
                .hcl = {.attributes = attributes_##name_,                                          \
                        .n_attributes = G_N_ELEMENTS(attributes_##name_) - 1,                      \
                        .blocks = blocks_##name_,                                                  \
                        .n_blocks = G_N_ELEMENTS(blocks_##name_) - 1},                             \
        };                                                                                         \
                                                                                                   \
        return &schema;                                                                            \
        }
#include "job/blocks.def"
#include "job/config.def"
#include "job/blocks-end.h"

const NookSchemaField *nook_schema_find(const NookSchema *schema, const char *name) {
        for (guint i = 0; i < schema->n_fields; i++)
                if (schema->fields[i].name && strcmp(schema->fields[i].name, name) == 0)
                        return &schema->fields[i];

        return NULL;
}

const NookSchemaField *nook_schema_find_api(const NookSchema *schema, const char *name) {
        for (guint i = 0; i < schema->n_fields; i++)
                if (schema->fields[i].api && g_ascii_strcasecmp(schema->fields[i].api, name) == 0)
                        return &schema->fields[i];

        return NULL;
}

const char *nook_schema_suggest_api(const NookSchema *schema, const char *name) {
        g_autofree const char **names = g_new0(const char *, schema->n_fields + 1);
        guint n = 0;

        for (guint i = 0; i < schema->n_fields; i++)
                if (schema->fields[i].api)
                        names[n++] = schema->fields[i].api;

        return nook_suggest(name, names);
}

NookStorage nook_field_storage(NookFieldKind kind) {
        static const NookStorage storages[] = {
                [NOOK_FIELD_TEXT] = NOOK_STORED_TEXT,
                [NOOK_FIELD_LABEL] = NOOK_STORED_TEXT,
                [NOOK_FIELD_INT] = NOOK_STORED_INT,
                [NOOK_FIELD_INT8] = NOOK_STORED_INT,
                [NOOK_FIELD_UINT] = NOOK_STORED_INT,
                [NOOK_FIELD_UINT8] = NOOK_STORED_INT,
                [NOOK_FIELD_UINT16] = NOOK_STORED_INT,
                [NOOK_FIELD_UINT32] = NOOK_STORED_INT,
                [NOOK_FIELD_SIZE] = NOOK_STORED_INT,
                [NOOK_FIELD_BOOL] = NOOK_STORED_BOOL,
                [NOOK_FIELD_DURATION] = NOOK_STORED_DURATION,
                [NOOK_FIELD_TEXTS] = NOOK_STORED_TEXTS,
                [NOOK_FIELD_MAP] = NOOK_STORED_PAIRS,
                [NOOK_FIELD_PAIRS] = NOOK_STORED_PAIRS,
                [NOOK_FIELD_EITHER] = NOOK_STORED_PAIRS,
                [NOOK_FIELD_PATHS] = NOOK_STORED_PAIRS,
                [NOOK_FIELD_INTS] = NOOK_STORED_ANY,
                [NOOK_FIELD_LISTS] = NOOK_STORED_ANY,
                [NOOK_FIELD_ANY] = NOOK_STORED_ANY,
                [NOOK_FIELD_CONFIG] = NOOK_STORED_ANY,
                [NOOK_FIELD_RAW] = NOOK_STORED_ANY,
                [NOOK_FIELD_UNIT] = NOOK_STORED_UNIT,
                [NOOK_FIELD_ONE] = NOOK_STORED_ONE,
                [NOOK_FIELD_MANY] = NOOK_STORED_MANY,
        };

        return storages[kind];
}

/* Every value but a block or a list of them ends in {NookRange range; bool set;}, behind a part
 * that depends on its storage. */
static const NookBlockHead *value_tail(const NookSchemaField *field, const void *block) {
        static const gsize offsets[] = {
                [NOOK_STORED_TEXT] = offsetof(NookText, range),
                [NOOK_STORED_INT] = offsetof(NookInt, range),
                [NOOK_STORED_BOOL] = offsetof(NookBool, range),
                [NOOK_STORED_DURATION] = offsetof(NookDuration, range),
                [NOOK_STORED_TEXTS] = offsetof(NookTexts, range),
                [NOOK_STORED_PAIRS] = offsetof(NookPairs, range),
                [NOOK_STORED_ANY] = offsetof(NookAny, range),
                [NOOK_STORED_UNIT] = offsetof(NookUnitLines, range),
        };
        NookStorage storage = nook_field_storage(field->kind);

        g_assert(storage < G_N_ELEMENTS(offsets));
        return (const NookBlockHead *)((const char *)nook_schema_const_slot(field, block) +
                                       offsets[storage]);
}

/* The first block of a ONE or MANY field, or NULL. */
static const NookBlockHead *first_block(const NookSchemaField *field, const void *block) {
        const void *slot = nook_schema_const_slot(field, block);

        if (field->kind == NOOK_FIELD_ONE)
                return *(const NookBlockHead *const *)slot;
        if (field->kind == NOOK_FIELD_MANY) {
                const NookList *list = slot;

                return list->count > 0 ? list->items[0] : NULL;
        }
        return value_tail(field, block);
}

bool nook_schema_is_set(const NookSchemaField *field, const void *block) {
        const NookBlockHead *head = first_block(field, block);

        return head && head->set;
}

NookRange nook_schema_range(const NookSchemaField *field, const void *block) {
        const NookBlockHead *head = first_block(field, block);

        return head ? head->range : NOOK_RANGE_NONE;
}
