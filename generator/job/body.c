/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A file's body with everything evaluated, as JSON: what the expressions of a job file come to,
 * before any of it is taken for a job. JSON does not tell blocks from attributes; in a job the
 * schema does, so that the same job shows the same body in either syntax. */

#include <string.h>

#include "hcl/json.h"
#include "job/json-writer.h"
#include "job/read.h"

typedef struct {
        NookDecoder *decoder;
        NookJsonWriter json;
} Writer;

static void write_content(Writer *writer, const HclContent *content, const NookSchema *schema);

static void write_value(Writer *writer, const HclAttribute *attribute) {
        NookDecoder *decoder = writer->decoder;
        g_autoptr(HclValue) value = hcl_expr_value(attribute->expr, decoder->scope, decoder->diags);

        nook_json_member(&writer->json, attribute->name);
        if (!hcl_value_to_json(value, HCL_JSON_PLAIN, writer->json.out))
                nook_diags_error(decoder->diags, attribute->range, "Infinite number",
                                 "The value of \"%s\" holds an infinity, which JSON cannot say.",
                                 attribute->name);
}

/* What is inside of the blocks of a type: a schema, or NULL where anything may stand. */
static const NookSchema *schema_inside(const NookSchema *schema, const char *type) {
        const NookSchemaField *field = schema ? nook_schema_find(schema, type) : NULL;

        return field && field->block ? field->block() : NULL;
}

static const HclContent *content_of(Writer *writer, HclBody *body, const NookSchema *schema) {
        NookDecoder *decoder = writer->decoder;

        return schema && decoder->is_json ? hcl_body_content(body, &schema->hcl, decoder->diags)
                                          : hcl_body_everything(body, decoder->diags);
}

/* schema: of what is inside; NULL: not known. */
static void write_block(Writer *writer, const HclBlock *block, const NookSchema *schema) {
        HclBody *body = hcl_body_expand_dynamic(block->body, writer->decoder->scope);
        bool had_members = writer->json.has_members;

        nook_json_open(&writer->json, '{');
        nook_json_member(&writer->json, "type");
        nook_json_text(&writer->json, block->type);
        nook_json_member(&writer->json, "labels");
        nook_json_open(&writer->json, '[');
        for (size_t i = 0; i < block->n_labels; i++) {
                nook_json_member(&writer->json, NULL);
                nook_json_text(&writer->json, block->labels[i]);
        }
        nook_json_close(&writer->json, ']', true);
        write_content(writer, content_of(writer, body, schema), schema);
        nook_json_close(&writer->json, '}', had_members);
}

static void write_attributes(Writer *writer, const HclContent *content) {
        nook_json_member(&writer->json, "attributes");
        nook_json_open(&writer->json, '{');
        for (size_t i = 0; content && i < content->n_attributes; i++)
                write_value(writer, content->attributes[i]);
        nook_json_close(&writer->json, '}', true);
}

/* The members "attributes" and "blocks" of the object that is open. */
static void write_content(Writer *writer, const HclContent *content, const NookSchema *schema) {
        write_attributes(writer, content);
        nook_json_member(&writer->json, "blocks");
        nook_json_open(&writer->json, '[');
        for (size_t i = 0; i < content->n_blocks; i++) {
                nook_json_member(&writer->json, NULL);
                write_block(writer, content->blocks[i],
                            schema_inside(schema, content->blocks[i]->type));
        }
        nook_json_close(&writer->json, ']', true);
}

/* The same of a job file's top level, of which only the job is left. */
static void write_job(Writer *writer, const HclContent *content) {
        write_attributes(writer, NULL);
        nook_json_member(&writer->json, "blocks");
        nook_json_open(&writer->json, '[');
        for (size_t i = 0; i < content->n_blocks; i++) {
                if (strcmp(content->blocks[i]->type, "job") != 0)
                        continue;
                nook_json_member(&writer->json, NULL);
                write_block(writer, content->blocks[i], nook_schema_Job());
        }
        nook_json_close(&writer->json, ']', true);
}

/* Whether the top level has a job, in either syntax. */
static bool has_job(const HclContent *content) {
        for (size_t i = 0; i < content->n_blocks; i++)
                if (strcmp(content->blocks[i]->type, "job") == 0)
                        return true;
        for (size_t i = 0; i < content->n_attributes; i++)
                if (strcmp(content->attributes[i]->name, "job") == 0)
                        return true;

        return false;
}

/* A job file shows its job, any other file all that it holds. */
static void write_file(Writer *writer, NookReader *reader, const NookJobOptions *options) {
        NookDiags *diags = reader->decoder.diags;
        HclBody *body = hcl_file_body(reader->file);

        if (has_job(hcl_body_everything(body, diags))) {
                nook_reader_read_variables(reader, options);
                write_job(writer, reader->content);
        } else {
                body = hcl_body_expand_dynamic(body, reader->decoder.scope);
                write_content(writer, hcl_body_everything(body, diags), NULL);
        }
}

char *nook_job_body_to_json(NookSource *source, const NookJobOptions *options, NookDiags *diags) {
        static const NookJobOptions none = {0};
        g_autoptr(NookPool) pool = nook_pool_new();
        guint n_errors = nook_diags_count_errors(diags);
        Writer writer = {.json = {.out = g_string_new(NULL), .indent = true}};
        NookReader reader;

        nook_pool_keep(pool, nook_source_ref(source), (GDestroyNotify)nook_source_unref);
        if (nook_reader_begin(&reader, pool, source, options ? options : &none, diags)) {
                writer.decoder = &reader.decoder;
                nook_json_open(&writer.json, '{');
                write_file(&writer, &reader, options ? options : &none);
                nook_json_close(&writer.json, '}', false);
                g_string_append_c(writer.json.out, '\n');
        }
        nook_reader_close(&reader);
        return g_string_free(writer.json.out, nook_diags_count_errors(diags) > n_errors);
}
