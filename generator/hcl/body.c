/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "hcl/body.h"

#include <string.h>

#include "hcl/native.h"

/* ---- Any body ---- */

const HclContent *hcl_body_content(HclBody *body, const HclSchema *schema, NookDiags *diags) {
        return body->ops->content(body, schema, NULL, diags);
}

const HclContent *hcl_body_partial_content(HclBody *body, const HclSchema *schema,
                                           HclBody **ret_rest, NookDiags *diags) {
        return body->ops->content(body, schema, ret_rest, diags);
}

const HclContent *hcl_body_just_attributes(HclBody *body, NookDiags *diags) {
        return body->ops->just_attributes(body, diags);
}

const HclContent *hcl_body_everything(HclBody *body, NookDiags *diags) {
        return body->ops->everything(body, diags);
}

NookRange hcl_body_missing_range(const HclBody *body) {
        return body->ops->missing_range(body);
}

const HclAttribute *hcl_content_attribute(const HclContent *content, const char *name) {
        for (size_t i = 0; i < content->n_attributes; i++)
                if (strcmp(content->attributes[i]->name, name) == 0)
                        return content->attributes[i];
        return NULL;
}

void hcl_content_builder_init(HclContentBuilder *builder) {
        builder->attributes = g_ptr_array_new();
        builder->blocks = g_ptr_array_new();
}

const HclContent *hcl_content_builder_end(HclContentBuilder *builder, HclFile *file,
                                          NookRange missing) {
        HclContent *content = hcl_file_new_struct(file, HclContent);

        content->n_attributes = builder->attributes->len;
        content->attributes = hcl_file_memdup(file, builder->attributes->pdata,
                                              builder->attributes->len * sizeof(gpointer));
        content->n_blocks = builder->blocks->len;
        content->blocks = hcl_file_memdup(file, builder->blocks->pdata,
                                          builder->blocks->len * sizeof(gpointer));
        content->missing = missing;
        g_clear_pointer(&builder->attributes, g_ptr_array_unref);
        g_clear_pointer(&builder->blocks, g_ptr_array_unref);
        return content;
}

/* ---- Bodies of native syntax ---- */

/* A schema in use. Bodies can hold more attributes than one would like to compare with each name.
 */
typedef struct {
        const HclSchema *schema;
        bool *seen; /* of each attribute of the schema */
} Lookup;

static const HclAttributeSchema *find_attribute(const HclSchema *schema, const char *name) {
        for (size_t i = 0; i < schema->n_attributes; i++)
                if (strcmp(schema->attributes[i].name, name) == 0)
                        return &schema->attributes[i];
        return NULL;
}

static const HclBlockSchema *find_block(const HclSchema *schema, const char *type) {
        for (size_t i = 0; i < schema->n_blocks; i++)
                if (strcmp(schema->blocks[i].type, type) == 0)
                        return &schema->blocks[i];
        return NULL;
}

static void report_attribute(const Lookup *lookup, const HclAttribute *attribute,
                             NookDiags *diags) {
        const HclSchema *schema = lookup->schema;
        g_autoptr(GPtrArray) names = g_ptr_array_new();
        g_autofree char *hint = NULL;
        const char *nearest;

        for (size_t i = 0; i < schema->n_attributes; i++)
                if (!lookup->seen[i])
                        g_ptr_array_add(names, (gpointer)(uintptr_t)schema->attributes[i].name);
        g_ptr_array_add(names, NULL);
        nearest = nook_suggest(attribute->name, (const char *const *)names->pdata);
        if (nearest)
                hint = g_strdup_printf(" Did you mean \"%s\"?", nearest);
        else if (find_block(schema, attribute->name))
                hint = g_strdup_printf(" Did you mean to define a block of type \"%s\"?",
                                       attribute->name);
        nook_diags_error(diags, attribute->name_range, "Unsupported argument",
                         "An argument named \"%s\" is not expected here.%s", attribute->name,
                         hint ? hint : "");
}

static void report_block(const HclSchema *schema, const HclBlock *block, NookDiags *diags) {
        g_autoptr(GPtrArray) types = g_ptr_array_new();
        g_autofree char *hint = NULL;
        const char *nearest;

        for (size_t i = 0; i < schema->n_blocks; i++)
                g_ptr_array_add(types, (gpointer)(uintptr_t)schema->blocks[i].type);
        g_ptr_array_add(types, NULL);
        nearest = nook_suggest(block->type, (const char *const *)types->pdata);
        if (nearest)
                hint = g_strdup_printf(" Did you mean \"%s\"?", nearest);
        else if (find_attribute(schema, block->type))
                hint = g_strdup_printf(" Did you mean to define argument \"%s\"? If so, use the "
                                       "equals sign to assign it a value.",
                                       block->type);
        nook_diags_error(diags, block->type_range, "Unsupported block type",
                         "Blocks of type \"%s\" are not expected here.%s", block->type,
                         hint ? hint : "");
}

static char *join_labels(const char *const *labels) {
        return g_strjoinv(", ", (char **)(uintptr_t)labels);
}

static void report_extra_label(const HclBlock *block, const HclBlockSchema *schema, size_t want,
                               NookDiags *diags) {
        g_autofree char *summary = g_strdup_printf("Extraneous label for %s", block->type);
        g_autofree char *names = want > 0 ? join_labels(schema->labels) : NULL;
        NookRange context = nook_range_join(block->type_range, block->open_brace);

        if (want == 0)
                nook_diags_add_context(diags, NOOK_SEVERITY_ERROR, block->label_ranges[0], context,
                                       summary, "No labels are expected for %s blocks.",
                                       block->type);
        else
                nook_diags_add_context(
                        diags, NOOK_SEVERITY_ERROR, block->label_ranges[want], context, summary,
                        "Only %zu label%s (%s) %s expected for %s blocks.", want,
                        want == 1 ? "" : "s", names, want == 1 ? "is" : "are", block->type);
}

static void report_missing_label(const HclBlock *block, const HclBlockSchema *schema, size_t want,
                                 NookDiags *diags) {
        g_autofree char *summary =
                g_strdup_printf("Missing %s for %s", schema->labels[block->n_labels], block->type);
        g_autofree char *names = join_labels(schema->labels);

        nook_diags_add_context(diags, NOOK_SEVERITY_ERROR, block->open_brace,
                               nook_range_join(block->type_range, block->open_brace), summary,
                               "All %s blocks must have %zu label%s (%s).", block->type, want,
                               want == 1 ? "" : "s", names);
}

bool hcl_block_check_labels(const HclBlock *block, const HclBlockSchema *schema, NookDiags *diags) {
        size_t want = 0;

        while (schema->labels && schema->labels[want])
                want++;
        if (block->n_labels > want)
                report_extra_label(block, schema, want, diags);
        else if (block->n_labels < want)
                report_missing_label(block, schema, want, diags);
        return block->n_labels == want;
}

/* Sorts attributes into what the schema names and the rest. */
static void take_attributes(const HclNativeBody *self, Lookup *lookup, GPtrArray *taken,
                            GPtrArray *rest) {
        for (size_t i = 0; i < self->n_attributes; i++) {
                const HclAttribute *attribute = self->attributes[i];
                const HclAttributeSchema *found = find_attribute(lookup->schema, attribute->name);

                if (found)
                        lookup->seen[found - lookup->schema->attributes] = true;
                g_ptr_array_add(found ? taken : rest, (gpointer)(uintptr_t)attribute);
        }
}

static void take_blocks(const HclNativeBody *self, const HclSchema *schema, GPtrArray *taken,
                        GPtrArray *rest, NookDiags *diags) {
        for (size_t i = 0; i < self->n_blocks; i++) {
                const HclBlock *block = self->blocks[i];
                const HclBlockSchema *found = find_block(schema, block->type);

                if (!found)
                        g_ptr_array_add(rest, (gpointer)(uintptr_t)block);
                else if (hcl_block_check_labels(block, found, diags))
                        g_ptr_array_add(taken, (gpointer)(uintptr_t)block);
        }
}

static void report_missing(const HclNativeBody *self, const Lookup *lookup, NookDiags *diags) {
        for (size_t i = 0; i < lookup->schema->n_attributes; i++) {
                const HclAttributeSchema *attribute = &lookup->schema->attributes[i];

                if (attribute->required && !lookup->seen[i])
                        nook_diags_error(diags, hcl_body_missing_range(&self->body),
                                         "Missing required argument",
                                         "The argument \"%s\" is required, but no definition was "
                                         "found.",
                                         attribute->name);
        }
}

static HclBody *new_rest(const HclNativeBody *self, GPtrArray *attributes, GPtrArray *blocks) {
        HclFile *file = self->body.file;
        HclNativeBody *rest = hcl_file_new_struct(file, HclNativeBody);

        *rest = *self;
        rest->attributes =
                hcl_file_memdup(file, attributes->pdata, attributes->len * sizeof(gpointer));
        rest->n_attributes = attributes->len;
        rest->blocks = hcl_file_memdup(file, blocks->pdata, blocks->len * sizeof(gpointer));
        rest->n_blocks = blocks->len;
        return &rest->body;
}

static const HclContent *native_content(HclBody *body, const HclSchema *schema, HclBody **ret_rest,
                                        NookDiags *diags) {
        const HclNativeBody *self = (const HclNativeBody *)body;
        g_autofree bool *seen = g_new0(bool, schema->n_attributes);
        g_autoptr(GPtrArray) attributes = g_ptr_array_new();
        g_autoptr(GPtrArray) blocks = g_ptr_array_new();
        Lookup lookup = {.schema = schema, .seen = seen};
        HclContentBuilder builder;

        hcl_content_builder_init(&builder);
        take_attributes(self, &lookup, builder.attributes, attributes);
        take_blocks(self, schema, builder.blocks, blocks, diags);
        report_missing(self, &lookup, diags);
        if (ret_rest) {
                *ret_rest = new_rest(self, attributes, blocks);
        } else {
                for (guint i = 0; i < attributes->len; i++)
                        report_attribute(&lookup, attributes->pdata[i], diags);
                for (guint i = 0; i < blocks->len; i++)
                        report_block(schema, blocks->pdata[i], diags);
        }
        return hcl_content_builder_end(&builder, body->file, hcl_body_missing_range(body));
}

static const HclContent *native_everything(HclBody *body, NookDiags *diags) {
        const HclNativeBody *self = (const HclNativeBody *)body;
        HclContent *content = hcl_file_new_struct(body->file, HclContent);

        content->attributes = self->attributes;
        content->n_attributes = self->n_attributes;
        content->blocks = self->blocks;
        content->n_blocks = self->n_blocks;
        content->missing = hcl_body_missing_range(body);
        return content;
}

static const HclContent *native_just_attributes(HclBody *body, NookDiags *diags) {
        const HclNativeBody *self = (const HclNativeBody *)body;
        HclContent *content = hcl_file_new_struct(body->file, HclContent);
        g_autofree char *summary = NULL;

        if (self->n_blocks > 0) {
                summary = g_strdup_printf("Unexpected \"%s\" block", self->blocks[0]->type);
                nook_diags_error(diags, self->blocks[0]->type_range, summary,
                                 "Blocks are not allowed here.");
        }
        content->attributes = self->attributes;
        content->n_attributes = self->n_attributes;
        content->missing = hcl_body_missing_range(body);
        return content;
}

static NookRange native_missing_range(const HclBody *body) {
        NookRange range = ((const HclNativeBody *)body)->range;

        range.end = range.start;
        return range;
}

const HclBodyOps hcl_native_body_ops = {
        .content = native_content,
        .just_attributes = native_just_attributes,
        .everything = native_everything,
        .missing_range = native_missing_range,
};
