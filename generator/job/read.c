/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "job/read.h"

#include <string.h>

#include "hcl/json.h"
#include "job/references.h"

static const char *const one_label[] = {"name", NULL};

static HclFile *parse(NookReader *reader, NookSource *source) {
        uint32_t size;
        const char *text = nook_source_text(source, &size);

        reader->decoder.is_json = hcl_json_looks_like(text, size);
        if (reader->decoder.is_json)
                return hcl_json_parse(source, reader->decoder.diags);
        return hcl_parse_with(source, HCL_PARSE_QUOTED_NAMES, reader->decoder.diags);
}

/* The home directory that pathexpand() stands "~" for: the environment's, which is given. */
static const char *find_home(const NookJobOptions *options) {
        for (const char *const *env = options->env; env && *env; env++)
                if (g_str_has_prefix(*env, "HOME="))
                        return *env + strlen("HOME=");

        return NULL;
}

static void define_functions(NookReader *reader, HclScope *scope, const NookJobOptions *options) {
        reader->access = (HclFileAccess){
                .allowed = options->base_dir != NULL,
                .base_dir = options->base_dir ? options->base_dir : ".",
                .home_dir = find_home(options),
        };
        hcl_scope_add_standard_functions(scope);
        hcl_scope_add_file_functions(scope, &reader->access);
}

static bool has_block(const HclContent *content, const char *type) {
        for (size_t i = 0; i < content->n_blocks; i++)
                if (strcmp(content->blocks[i]->type, type) == 0)
                        return true;

        return false;
}

static void define_variables(NookReader *reader, const NookJobOptions *options) {
        g_autoptr(NookVariables) variables = nook_variables_new();
        g_autoptr(HclValue) object = NULL;
        NookDecoder *decoder = &reader->decoder;

        for (size_t i = 0; i < reader->content->n_blocks; i++) {
                const HclBlock *block = reader->content->blocks[i];

                if (strcmp(block->type, "variable") == 0 && block->n_labels == 1)
                        nook_variables_declare(variables, block, decoder->diags);
                else if (strcmp(block->type, "variables") == 0)
                        nook_variables_declare_lines(variables, block, decoder->diags);
        }
        nook_variables_assign(variables, options, decoder->pool, decoder->diags);
        object = nook_variables_to_value(variables);
        hcl_scope_set(decoder->scope, "var", object);
}

bool nook_reader_begin(NookReader *reader, NookPool *pool, NookSource *source,
                       const NookJobOptions *options, NookDiags *diags) {
        g_autoptr(HclScope) functions = hcl_scope_new(NULL);
        guint n_errors = nook_diags_count_errors(diags);

        *reader = (NookReader){.decoder = {.pool = pool, .diags = diags}};
        reader->file = parse(reader, source);
        nook_pool_keep(pool, reader->file, (GDestroyNotify)hcl_file_unref);
        if (nook_diags_count_errors(diags) > n_errors)
                return false;

        define_functions(reader, functions, options);
        reader->decoder.scope = hcl_scope_new(functions);
        nook_references_install(&reader->decoder);
        for (size_t i = 0; options->roots && i < hcl_value_length(options->roots); i++)
                hcl_scope_set(reader->decoder.scope,
                              hcl_value_text(hcl_value_key(options->roots, i), NULL),
                              hcl_value_element(options->roots, i));
        return true;
}

void nook_reader_read_variables(NookReader *reader, const NookJobOptions *options) {
        static const HclBlockSchema blocks[] = {
                {"variables", NULL}, {"variable", one_label}, {"locals", NULL},
                {"job", one_label},  {"group", one_label},    {"task", one_label},
        };
        static const HclSchema schema = {.blocks = blocks, .n_blocks = G_N_ELEMENTS(blocks)};

        guint errors = nook_diags_count_errors(reader->decoder.diags);

        reader->content =
                hcl_body_content(hcl_file_body(reader->file), &schema, reader->decoder.diags);
        reader->is_odd = nook_diags_count_errors(reader->decoder.diags) > errors;
        define_variables(reader, options);
        nook_locals_define(&reader->decoder, reader->content);
}

void nook_reader_close(NookReader *reader) {
        g_clear_pointer(&reader->decoder.scope, hcl_scope_unref);
}

/* ---- What the file holds ---- */

/* Blocks that `dynamic` stands for take its place. */
static void *decode_expanded(NookDecoder *decoder, const NookSchema *schema,
                             const HclBlock *block) {
        HclBlock expanded = *block;

        expanded.body = hcl_body_expand_dynamic(block->body, decoder->scope);
        return nook_decode_block(decoder, schema, &expanded);
}

static void report_missing(const NookReader *reader, NookSource *source) {
        bool has_others = reader->content->n_blocks > 0;
        NookRange start = {.source = source};

        nook_diags_error(reader->decoder.diags, start, "Missing job block",
                         "The file holds %s: a job, a group or a task is required.",
                         has_others ? "variables and locals only" : "nothing to run");
}

/* A job block, and nothing beside it. */
static NookJob *decode_job(NookReader *reader) {
        const HclBlock *first = NULL;
        NookJob *job = NULL;

        for (size_t i = 0; i < reader->content->n_blocks; i++) {
                const HclBlock *block = reader->content->blocks[i];
                bool is_job = strcmp(block->type, "job") == 0;

                if (!is_job && strcmp(block->type, "group") != 0 &&
                    strcmp(block->type, "task") != 0)
                        continue;
                if (is_job && !first) {
                        first = block;
                        job = decode_expanded(&reader->decoder, nook_schema_Job(), block);
                        continue;
                }
                if (is_job)
                        nook_diags_error(reader->decoder.diags, block->range, "Duplicate block",
                                         "A file holds one job; \"%s\" would be a second one.",
                                         block->labels[0]);
                else
                        nook_diags_error(reader->decoder.diags, block->range, "Misplaced block",
                                         "A %s beside a job belongs to nothing. Put it into the "
                                         "job.",
                                         block->type);
        }
        return job;
}

/* One job of one group, both with the label given. */
static NookJob *new_bare(NookPool *pool, NookGroup *group, const NookText *label) {
        NookJob *job = nook_pool_alloc(pool, sizeof *job);

        job->head.set = true;
        job->head.range = group->head.range;
        job->bare = true;
        job->is_bare = (NookBool){.value = true, .set = true};
        job->label = *label;
        job->groups.items = nook_pool_new_array(pool, NookGroup *, 1);
        job->groups.items[job->groups.count++] = group;
        return job;
}

static NookJob *decode_bare_group(NookReader *reader) {
        NookDecoder *decoder = &reader->decoder;
        NookGroup *group = NULL;

        for (size_t i = 0; i < reader->content->n_blocks; i++) {
                const HclBlock *block = reader->content->blocks[i];
                bool is_group = strcmp(block->type, "group") == 0;

                if (is_group && !group)
                        group = decode_expanded(decoder, nook_schema_Group(), block);
                else if (is_group || strcmp(block->type, "task") == 0)
                        nook_diags_error(decoder->diags, block->range, "Misplaced block",
                                         "A file without a job holds either one group or tasks.");
        }
        return new_bare(decoder->pool, group, &group->name);
}

static NookJob *decode_bare_tasks(NookReader *reader) {
        NookDecoder *decoder = &reader->decoder;
        NookGroup *group = nook_pool_alloc(decoder->pool, sizeof *group);

        group->tasks.items =
                nook_pool_new_array(decoder->pool, NookTask *, reader->content->n_blocks);
        for (size_t i = 0; i < reader->content->n_blocks; i++) {
                const HclBlock *block = reader->content->blocks[i];

                if (strcmp(block->type, "task") == 0)
                        group->tasks.items[group->tasks.count++] =
                                decode_expanded(decoder, nook_schema_Task(), block);
        }
        group->head = group->tasks.items[0]->head;
        group->name = group->tasks.items[0]->name;
        return new_bare(decoder->pool, group, &group->name);
}

static NookJob *read_hcl(NookPool *pool, NookSource *source, const NookJobOptions *options,
                         NookDiags *diags) {
        NookReader reader;
        NookJob *job = NULL;

        if (nook_reader_begin(&reader, pool, source, options, diags)) {
                nook_reader_read_variables(&reader, options);
                if (has_block(reader.content, "job"))
                        job = decode_job(&reader);
                else if (has_block(reader.content, "group"))
                        job = decode_bare_group(&reader);
                else if (has_block(reader.content, "task"))
                        job = decode_bare_tasks(&reader);
                else if (!reader.is_odd)
                        report_missing(&reader, source);
        }
        nook_reader_close(&reader);
        return job;
}

NookJob *nook_job_read(NookSource *source, const NookJobOptions *options, NookDiags *diags) {
        static const NookJobOptions none = {0};
        g_autoptr(NookPool) pool = nook_pool_new();
        guint n_errors = nook_diags_count_errors(diags);
        bool is_api;
        NookJob *job;

        if (!options)
                options = &none;
        nook_pool_keep(pool, nook_source_ref(source), (GDestroyNotify)nook_source_unref);
        is_api = options->format == NOOK_JOB_FORMAT_API_JSON ||
                 (options->format == NOOK_JOB_FORMAT_AUTO && nook_job_is_api_json(source));
        job = is_api ? nook_job_read_api(pool, source, diags)
                     : read_hcl(pool, source, options, diags);

        if (job) {
                job->pool = pool;
                if (!is_api)
                        nook_job_normalize(job, diags);
                if (!options->raw)
                        nook_job_complete(job, diags);
        }
        if (!job || nook_diags_count_errors(diags) > n_errors)
                return NULL;
        (void)g_steal_pointer(&pool);
        return job;
}

void nook_job_free(NookJob *job) {
        if (job)
                nook_pool_free(job->pool);
}
