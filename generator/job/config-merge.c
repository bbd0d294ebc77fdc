/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "job/config-parts.h"

#include <string.h>

#include "job/schema.h"

static void merge_pairs(NookPool *pool, NookPairs *into, const NookPairs *from) {
        NookPair *items = nook_pool_new_array(pool, NookPair, into->count + from->count);
        guint n = 0;

        for (guint i = 0; i < into->count; i++)
                if (!nook_pairs_find(from, into->items[i].key.text))
                        items[n++] = into->items[i];
        for (guint i = 0; i < from->count; i++)
                items[n++] = from->items[i];

        *into = *from;
        into->items = items;
        into->count = n;
}

/* The label of a block, or NULL. */
static const char *label_of(const NookSchema *schema, const void *block) {
        for (guint i = 0; i < schema->n_fields; i++)
                if (schema->fields[i].kind == NOOK_FIELD_LABEL) {
                        const NookText *label = nook_schema_const_slot(&schema->fields[i], block);

                        return label->text;
                }

        return NULL;
}

static void add_block(const NookSchema *schema, NookList *list, void *block) {
        const char *label = label_of(schema, block);

        for (guint i = 0; label && i < list->count; i++)
                if (g_strcmp0(label_of(schema, list->items[i]), label) == 0) {
                        list->items[i] = block;
                        return;
                }

        list->items[list->count++] = block;
}

static void merge_list(NookPool *pool, const NookSchema *schema, NookList *into,
                       const NookList *from) {
        NookList all = {.items = nook_pool_new_array(pool, void *, into->count + from->count)};

        for (guint i = 0; i < into->count; i++)
                add_block(schema, &all, into->items[i]);
        for (guint i = 0; i < from->count; i++)
                add_block(schema, &all, from->items[i]);
        *into = all;
}

static void merge_block(NookPool *pool, const NookSchema *schema, void *into, const void *from);

/* Of a value that is neither a block nor a list of them. */
static gsize value_size(NookStorage storage) {
        static const gsize sizes[] = {
                [NOOK_STORED_TEXT] = sizeof(NookText),
                [NOOK_STORED_INT] = sizeof(NookInt),
                [NOOK_STORED_BOOL] = sizeof(NookBool),
                [NOOK_STORED_DURATION] = sizeof(NookDuration),
                [NOOK_STORED_TEXTS] = sizeof(NookTexts),
                [NOOK_STORED_PAIRS] = sizeof(NookPairs),
                [NOOK_STORED_ANY] = sizeof(NookAny),
                [NOOK_STORED_UNIT] = sizeof(NookUnitLines),
        };

        g_assert(storage < G_N_ELEMENTS(sizes));
        return sizes[storage];
}

static void merge_field(NookPool *pool, const NookSchemaField *field, void *into,
                        const void *from) {
        void *slot = nook_schema_slot(field, into);
        const void *source = nook_schema_const_slot(field, from);

        switch (nook_field_storage(field->kind)) {
        case NOOK_STORED_PAIRS:
                merge_pairs(pool, slot, source);
                break;
        case NOOK_STORED_MANY:
                merge_list(pool, field->block(), slot, source);
                break;
        case NOOK_STORED_ONE:
                if (*(void **)slot)
                        merge_block(pool, field->block(), *(void **)slot,
                                    *(const void *const *)source);
                else
                        memcpy(slot, source, sizeof(void *));
                break;
        default:
                memcpy(slot, source, value_size(nook_field_storage(field->kind)));
                break;
        }
}

static void merge_block(NookPool *pool, const NookSchema *schema, void *into, const void *from) {
        for (guint i = 0; i < schema->n_fields; i++)
                if (nook_schema_is_set(&schema->fields[i], from))
                        merge_field(pool, &schema->fields[i], into, from);
}

/* A block that the tables do not reach, because it is not decoded by them alone. */
#define MERGE_PLAIN(pool, block, member, into, from)                                               \
        do {                                                                                       \
                if ((into)->member && (from)->member)                                              \
                        merge_block((pool), nook_schema_##block(), (into)->member,                 \
                                    (from)->member);                                               \
                else if ((from)->member)                                                           \
                        (into)->member = (from)->member;                                           \
        } while (false)

void nook_config_merge(NookPool *pool, NookConfig *into, const NookConfig *from) {
        merge_block(pool, nook_schema_Config(), into, from);
        MERGE_PLAIN(pool, ConfigClient, client, into, from);
        MERGE_PLAIN(pool, ConfigExec, exec, into, from);
        MERGE_PLAIN(pool, ConfigRawExec, raw_exec, into, from);
}
