/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What a job asks for and one host cannot give, by the honour column of the tables: some of it has
 * no effect here and is accepted, the rest is refused by name and place. */

#include "job/rules.h"
#include "job/schema.h"

typedef struct {
        NookDiags *diags;
        NookHonour wanted;
        GHashTable *seen; /* blocks that several tasks share: reported once */
} Walk;

static void walk_block(Walk *walk, const NookSchema *schema, const void *block);

static void report(Walk *walk, const NookSchemaField *field, NookRange range) {
        const char *name = field->name ? field->name : field->api;

        if (walk->wanted == NOOK_HONOUR_NO)
                nook_diags_error(walk->diags, range, "Unsupported by nook",
                                 "nook cannot honour \"%s\", and without it the task would be "
                                 "another one.",
                                 name);
        else
                nook_diags_note(walk->diags, range, "No effect on one host",
                                "\"%s\" is for the scheduler of a cluster.", name);
}

/* Whether this is the first time that the block is met. */
static bool is_new(Walk *walk, const void *block) {
        return g_hash_table_add(walk->seen, (void *)(guintptr)block);
}

/* Nomad's API writes every field, and this is how it writes one that nobody has set. */
static bool is_empty(const NookSchemaField *field, const void *slot) {
        const NookText *text = slot;

        return field->kind == NOOK_FIELD_TEXT && (text->text == NULL || *text->text == '\0');
}

static void walk_field(Walk *walk, const NookSchemaField *field, const void *block) {
        const void *slot = nook_schema_const_slot(field, block);
        const NookList *list = slot;

        if (field->honour == walk->wanted && !is_empty(field, slot)) {
                const void *subject = slot;

                if (field->kind == NOOK_FIELD_ONE)
                        subject = *(const void *const *)slot;
                else if (field->kind == NOOK_FIELD_MANY)
                        subject = list->items[0];
                if (is_new(walk, subject))
                        report(walk, field, nook_schema_range(field, block));
        }
        if (field->honour != NOOK_HONOUR_YES)
                return;
        if (field->kind == NOOK_FIELD_ONE)
                walk_block(walk, field->block(), *(const void *const *)slot);
        for (guint i = 0; field->kind == NOOK_FIELD_MANY && i < list->count; i++)
                walk_block(walk, field->block(), list->items[i]);
}

static void walk_block(Walk *walk, const NookSchema *schema, const void *block) {
        for (guint i = 0; i < schema->n_fields; i++)
                if (nook_schema_is_set(&schema->fields[i], block))
                        walk_field(walk, &schema->fields[i], block);
}

static void walk_job(const NookJob *job, NookHonour wanted, NookDiags *diags) {
        g_autoptr(GHashTable) seen = g_hash_table_new(NULL, NULL);
        Walk walk = {.diags = diags, .wanted = wanted, .seen = seen};

        walk_block(&walk, nook_schema_Job(), job);
}

void nook_job_refuse_unsupported(const NookJob *job, NookDiags *diags) {
        walk_job(job, NOOK_HONOUR_NO, diags);
}

void nook_job_note_unused(const NookJob *job, NookDiags *diags) {
        walk_job(job, NOOK_HONOUR_NOTE, diags);
}
