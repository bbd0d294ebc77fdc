/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A job as API JSON, by the schema tables. */

#include <string.h>

#include "job/job.h"
#include "job/json-writer.h"
#include "job/schema.h"

typedef struct {
        NookJsonWriter json;
        bool effective; /* defaults count as written */
} Writer;

static void write_block(Writer *writer, const NookSchema *schema, const void *block);

static void write_texts(Writer *writer, const NookTexts *texts) {
        bool had_members = writer->json.has_members;

        nook_json_open(&writer->json, '[');
        for (guint i = 0; i < texts->count; i++) {
                nook_json_member(&writer->json, NULL);
                nook_json_text(&writer->json, texts->items[i].text);
        }
        nook_json_close(&writer->json, ']', had_members);
}

static int compare_pairs(const void *a, const void *b) {
        const NookPair *const *left = a, *const *right = b;

        return strcmp((*left)->key.text, (*right)->key.text);
}

/* Go sorts the keys of a map. */
static void write_pairs(Writer *writer, const NookPairs *pairs) {
        g_autofree const NookPair **sorted = g_new(const NookPair *, pairs->count);
        bool had_members = writer->json.has_members;

        for (guint i = 0; i < pairs->count; i++)
                sorted[i] = &pairs->items[i];
        if (pairs->count > 0)
                qsort(sorted, pairs->count, sizeof *sorted, compare_pairs);

        nook_json_open(&writer->json, '{');
        for (guint i = 0; i < pairs->count; i++) {
                nook_json_member(&writer->json, sorted[i]->key.text);
                nook_json_text(&writer->json, sorted[i]->value.text);
        }
        nook_json_close(&writer->json, '}', had_members);
}

/* An extension: {"IOWeight": "50", "ReadOnlyPaths": ["/a"]}, in the order written. */
static void write_unit(Writer *writer, const NookUnitLines *lines) {
        bool had_members = writer->json.has_members;

        nook_json_open(&writer->json, '{');
        for (guint i = 0; i < lines->count; i++) {
                const NookUnitLine *line = &lines->items[i];

                nook_json_member(&writer->json, line->key.text);
                if (line->is_list)
                        write_texts(writer, &line->values);
                else
                        nook_json_text(&writer->json,
                                       line->values.count > 0 ? line->values.items[0].text : "");
        }
        nook_json_close(&writer->json, '}', had_members);
}

static const char *label_of(const NookSchema *schema, const void *block) {
        for (guint i = 0; i < schema->n_fields; i++)
                if (schema->fields[i].kind == NOOK_FIELD_LABEL)
                        return ((const NookText *)nook_schema_const_slot(&schema->fields[i], block))
                                ->text;

        return NULL;
}

static int compare_labels(const void *a, const void *b, void *schema) {
        return g_strcmp0(label_of(schema, *(void *const *)a), label_of(schema, *(void *const *)b));
}

static void write_list(Writer *writer, const NookSchemaField *field, const NookList *given) {
        bool is_dict = field->emit == NOOK_EMIT_DICT, had_members = writer->json.has_members;
        g_autofree void **sorted =
                is_dict ? g_memdup2(given->items, given->count * sizeof(void *)) : NULL;
        NookList copy = {.items = sorted, .count = given->count};
        const NookList *list = is_dict ? &copy : given;

        if (is_dict)
                g_qsort_with_data(sorted, (int)given->count, sizeof *sorted, compare_labels,
                                  (void *)(guintptr)field->block());
        nook_json_open(&writer->json, is_dict ? '{' : '[');
        for (guint i = 0; i < list->count; i++) {
                nook_json_member(&writer->json,
                                 is_dict ? label_of(field->block(), list->items[i]) : NULL);
                write_block(writer, field->block(), list->items[i]);
        }
        nook_json_close(&writer->json, is_dict ? '}' : ']', had_members);
}

static void write_value(Writer *writer, const NookSchemaField *field, const void *slot) {
        switch (nook_field_storage(field->kind)) {
        case NOOK_STORED_TEXT: {
                const char *text = ((const NookText *)slot)->text;

                nook_json_text(&writer->json, text ? text : "");
                break;
        }
        case NOOK_STORED_INT:
                nook_json_int(&writer->json, ((const NookInt *)slot)->value);
                break;
        case NOOK_STORED_BOOL:
                nook_json_bool(&writer->json, ((const NookBool *)slot)->value);
                break;
        case NOOK_STORED_DURATION:
                nook_json_int(&writer->json, ((const NookDuration *)slot)->nsec);
                break;
        case NOOK_STORED_TEXTS:
                write_texts(writer, slot);
                break;
        case NOOK_STORED_PAIRS:
                write_pairs(writer, slot);
                break;
        case NOOK_STORED_ANY:
                nook_json_value(&writer->json, ((const NookAny *)slot)->value);
                break;
        case NOOK_STORED_UNIT:
                write_unit(writer, slot);
                break;
        case NOOK_STORED_ONE:
                write_block(writer, field->block(), *(const void *const *)slot);
                break;
        case NOOK_STORED_MANY:
                write_list(writer, field, slot);
                break;
        }
}

/* Whether there is a value to print: a written one, or with `effective` a default. Numbers and
 * truths without `set` count only if they are not zero. */
static bool is_there(const Writer *writer, const NookSchemaField *field, const void *block) {
        const void *slot = nook_schema_const_slot(field, block);

        if (field->kind == NOOK_FIELD_MANY)
                return ((const NookList *)slot)->items != NULL;
        if (nook_schema_is_set(field, block))
                return true;
        if (!writer->effective)
                return false;

        switch (nook_field_storage(field->kind)) {
        case NOOK_STORED_TEXT:
                return ((const NookText *)slot)->text != NULL;
        case NOOK_STORED_INT:
                return ((const NookInt *)slot)->value != 0;
        case NOOK_STORED_BOOL:
                return ((const NookBool *)slot)->value;
        case NOOK_STORED_DURATION:
                return ((const NookDuration *)slot)->nsec != 0;
        case NOOK_STORED_ONE:
                return *(const void *const *)slot != NULL;
        default:
                return false;
        }
}

/* A value of Go that cannot be null prints its zero when nobody wrote it. */
static const void *zero_of(const NookSchemaField *field) {
        static const union {
                NookText text;
                NookInt number;
                NookBool truth;
                NookDuration duration;
        } zero;

        g_assert(field->kind <= NOOK_FIELD_DURATION || field->kind == NOOK_FIELD_LABEL);
        return &zero;
}

static void write_field(Writer *writer, const NookSchemaField *field, const void *block) {
        if (!field->api || field->emit == NOOK_EMIT_NEVER)
                return;
        if (is_there(writer, field, block)) {
                nook_json_member(&writer->json, field->api);
                write_value(writer, field, nook_schema_const_slot(field, block));
        } else if (field->emit == NOOK_EMIT_VAL || field->emit == NOOK_EMIT_ZERO) {
                nook_json_member(&writer->json, field->api);
                write_value(writer, field, zero_of(field));
        } else if (field->emit != NOOK_EMIT_OPT)
                nook_json_null_member(&writer->json, field->api);
}

static void write_block(Writer *writer, const NookSchema *schema, const void *block) {
        bool had_members = writer->json.has_members;

        nook_json_open(&writer->json, '{');
        for (guint i = 0; i < schema->n_fields; i++)
                write_field(writer, &schema->fields[i], block);
        nook_json_close(&writer->json, '}', had_members);
}

char *nook_job_to_json(const NookJob *job, NookJobJsonFlags flags) {
        bool compact = flags & NOOK_JOB_JSON_COMPACT;
        Writer writer = {
                .json = {.out = g_string_new(NULL), .indent = !compact, .omit_null = compact},
                .effective = flags & NOOK_JOB_JSON_EFFECTIVE,
        };

        nook_json_open(&writer.json, '{');
        nook_json_member(&writer.json, "Job");
        write_block(&writer, nook_schema_Job(), job);
        nook_json_close(&writer.json, '}', false);
        g_string_append_c(writer.json.out, '\n');
        return g_string_free(writer.json.out, FALSE);
}
