/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "hcl/json.h"

#include <inttypes.h>
#include <string.h>

#include "hcl/impl.h"
#include "hcl/json-expr.h"
#include "hcl/json-node.h"

/* A body: an object, or an array of objects whose members count as if they were in one. Anything
 * else is found out when its content is asked for. */
typedef struct {
        HclBody body;
        const HclJsonNode *node;
        const GPtrArray *hidden; /* names that an earlier schema has taken; or NULL */
} JsonBody;

/* Labels from the outside in, while a property is taken apart. */
typedef struct {
        const char *type;
        NookRange type_range;
        const HclBlockSchema *schema;
        GPtrArray *labels;
        GArray *ranges;
        HclContentBuilder *builder;
        HclFile *file;
        NookDiags *diags;
} Unpacking;

static JsonBody *json_body(HclBody *body) {
        return (JsonBody *)body;
}

static HclBody *new_body(HclFile *file, const HclJsonNode *node, const GPtrArray *hidden);

static bool is_comment(const char *name) {
        return strcmp(name, "//") == 0;
}

static bool is_hidden(const JsonBody *self, const char *name) {
        for (guint i = 0; self->hidden != NULL && i < self->hidden->len; i++) {
                if (strcmp(self->hidden->pdata[i], name) == 0)
                        return true;
        }
        return false;
}

static void add_members(const HclJsonNode *object, GPtrArray *members) {
        for (size_t i = 0; i < object->n; i++)
                g_ptr_array_add(members, (gpointer)(uintptr_t)&object->members[i]);
}

/* The members of an object, or of all objects of an array; null has none. `label` is what the names
 * are the labels of, NULL where they are attributes and blocks. */
static GPtrArray *collect_members(const HclJsonNode *node, const char *label, NookDiags *diags) {
        GPtrArray *members = g_ptr_array_new();
        g_autofree char *use = NULL;

        use = label != NULL ? g_strdup_printf("to specify %s labels for this block", label)
                            : g_strdup("to define arguments and child blocks");
        if (node->kind == HCL_JSON_NODE_OBJECT) {
                add_members(node, members);
        } else if (node->kind == HCL_JSON_NODE_ARRAY) {
                for (size_t i = 0; i < node->n; i++) {
                        if (node->items[i]->kind == HCL_JSON_NODE_OBJECT)
                                add_members(node->items[i], members);
                        else if (node->items[i]->kind != HCL_JSON_NODE_INVALID)
                                nook_diags_error(diags, hcl_json_node_start(node->items[i]),
                                                 "Incorrect JSON value type",
                                                 "A JSON object is required here, %s.", use);
                }
        } else if (node->kind != HCL_JSON_NODE_NULL && node->kind != HCL_JSON_NODE_INVALID) {
                nook_diags_error(diags, hcl_json_node_start(node), "Incorrect JSON value type",
                                 "Either a JSON object or JSON array of objects is required here, "
                                 "%s.",
                                 use);
        }
        return members;
}

static HclAttribute *add_attribute(HclContentBuilder *builder, HclFile *file,
                                   const HclJsonMember *member) {
        HclAttribute *attribute = hcl_file_new_struct(file, HclAttribute);

        attribute->name = member->name;
        attribute->name_range = member->name_range;
        attribute->range = nook_range_join(member->name_range, member->value->range);
        attribute->expr = hcl_json_expr(file, member->value);
        g_ptr_array_add(builder->attributes, attribute);
        return attribute;
}

static void add_block(Unpacking *unpacking, const HclJsonNode *node, NookRange open) {
        HclFile *file = unpacking->file;
        HclBlock *block = hcl_file_new_struct(file, HclBlock);
        size_t n = unpacking->labels->len;
        const char **labels = hcl_file_alloc(file, (n + 1) * sizeof(char *));

        for (size_t i = 0; i < n; i++)
                labels[i] = unpacking->labels->pdata[i];
        block->type = unpacking->type;
        block->type_range = unpacking->type_range;
        block->labels = labels;
        block->label_ranges =
                n == 0 ? NULL
                       : hcl_file_memdup(file, unpacking->ranges->data, n * sizeof(NookRange));
        block->n_labels = n;
        block->range = open;
        block->open_brace = open;
        if (node->kind == HCL_JSON_NODE_OBJECT && node->range.end > node->range.start)
                block->close_brace =
                        (NookRange){node->range.source, node->range.end - 1, node->range.end};
        block->body = new_body(file, node, NULL);
        g_ptr_array_add(unpacking->builder->blocks, block);
}

/* Where no labels are left: an object is a block, an array holds several. */
static void unpack_bodies(Unpacking *unpacking, const HclJsonNode *node) {
        NookRange open = hcl_json_node_start(node);

        switch (node->kind) {
        case HCL_JSON_NODE_NULL:
        case HCL_JSON_NODE_INVALID:
                break;
        case HCL_JSON_NODE_OBJECT:
                add_block(unpacking, node, open);
                break;
        case HCL_JSON_NODE_ARRAY:
                for (size_t i = 0; i < node->n; i++)
                        add_block(unpacking, node->items[i], open);
                break;
        default:
                nook_diags_error(unpacking->diags, open, "Incorrect JSON value type",
                                 "Either a JSON object or a JSON array is required, representing "
                                 "the contents of one or more \"%s\" blocks.",
                                 unpacking->type);
        }
}

/* Takes the names of one level as labels, then goes a level deeper. */
static void unpack_blocks(Unpacking *unpacking, const HclJsonNode *node) {
        guint level = unpacking->labels->len;
        const char *label =
                unpacking->schema->labels != NULL ? unpacking->schema->labels[level] : NULL;
        g_autoptr(GPtrArray) members = NULL;

        if (label == NULL) {
                unpack_bodies(unpacking, node);
                return;
        }
        members = collect_members(node, label, unpacking->diags);
        if (members->len == 0 && node->kind != HCL_JSON_NODE_INVALID)
                nook_diags_error(unpacking->diags, hcl_json_node_start(node), "Missing block label",
                                 "At least one object property is required, whose name represents "
                                 "the %s block's %s.",
                                 unpacking->type, label);
        for (guint i = 0; i < members->len; i++) {
                const HclJsonMember *member = members->pdata[i];

                g_ptr_array_add(unpacking->labels, (gpointer)(uintptr_t)member->name);
                g_array_append_val(unpacking->ranges, member->name_range);
                unpack_blocks(unpacking, member->value);
                g_ptr_array_set_size(unpacking->labels, (gint)level);
                g_array_set_size(unpacking->ranges, level);
        }
}

static void unpack(HclContentBuilder *builder, HclFile *file, const HclJsonMember *member,
                   const HclBlockSchema *schema, NookDiags *diags) {
        g_autoptr(GPtrArray) labels = g_ptr_array_new();
        g_autoptr(GArray) ranges = g_array_new(FALSE, FALSE, sizeof(NookRange));
        Unpacking unpacking = {
                member->name, member->name_range, schema, labels, ranges, builder, file, diags};

        unpack_blocks(&unpacking, member->value);
}

/* Adds the attribute unless one of that name is in `seen` (name -> HclAttribute). */
static void add_attribute_once(HclContentBuilder *builder, HclFile *file, GHashTable *seen,
                               const HclJsonMember *member, NookDiags *diags) {
        const HclAttribute *earlier = g_hash_table_lookup(seen, member->name);
        NookPos pos;

        if (earlier == NULL) {
                HclAttribute *attribute = add_attribute(builder, file, member);

                g_hash_table_insert(seen, (gpointer)(uintptr_t)attribute->name, attribute);
                return;
        }
        pos = nook_source_pos(earlier->range.source, earlier->range.start);
        nook_diags_add_context(
                diags, NOOK_SEVERITY_ERROR, member->name_range,
                nook_range_join(member->name_range, member->value->range), "Duplicate argument",
                "The argument \"%s\" was already set at %s:%" PRIu32 ",%" PRIu32 ".", member->name,
                nook_source_name(earlier->range.source), pos.line, pos.column);
}

static const HclAttributeSchema *schema_attribute(const HclSchema *schema, const char *name) {
        for (size_t i = 0; i < schema->n_attributes; i++) {
                if (strcmp(schema->attributes[i].name, name) == 0)
                        return &schema->attributes[i];
        }
        return NULL;
}

static const HclBlockSchema *schema_block(const HclSchema *schema, const char *name) {
        for (size_t i = 0; i < schema->n_blocks; i++) {
                if (strcmp(schema->blocks[i].type, name) == 0)
                        return &schema->blocks[i];
        }
        return NULL;
}

static void report_missing(const HclSchema *schema, GHashTable *seen, NookRange missing,
                           NookDiags *diags) {
        for (size_t i = 0; i < schema->n_attributes; i++) {
                const HclAttributeSchema *attribute = &schema->attributes[i];

                if (attribute->required && g_hash_table_lookup(seen, attribute->name) == NULL)
                        nook_diags_error(diags, missing, "Missing required argument",
                                         "The argument \"%s\" is required, but no definition was "
                                         "found.",
                                         attribute->name);
        }
}

static void report_unknown(const HclSchema *schema, const HclJsonMember *member, NookDiags *diags) {
        g_autoptr(GPtrArray) names = g_ptr_array_new();
        const char *suggestion;
        NookRange whole = nook_range_join(member->name_range, member->value->range);

        for (size_t i = 0; i < schema->n_attributes; i++)
                g_ptr_array_add(names, (gpointer)(uintptr_t)schema->attributes[i].name);
        for (size_t i = 0; i < schema->n_blocks; i++)
                g_ptr_array_add(names, (gpointer)(uintptr_t)schema->blocks[i].type);
        g_ptr_array_add(names, NULL);
        suggestion = nook_suggest(member->name, (const char *const *)names->pdata);
        if (suggestion != NULL)
                nook_diags_add_context(diags, NOOK_SEVERITY_ERROR, member->name_range, whole,
                                       "Extraneous JSON object property",
                                       "No argument or block type is named \"%s\". Did you mean "
                                       "\"%s\"?",
                                       member->name, suggestion);
        else
                nook_diags_add_context(diags, NOOK_SEVERITY_ERROR, member->name_range, whole,
                                       "Extraneous JSON object property",
                                       "No argument or block type is named \"%s\".", member->name);
}

static NookRange body_missing_range(const HclBody *body) {
        const HclJsonNode *node = ((const JsonBody *)body)->node;
        NookRange range = hcl_json_node_start(node);

        if (node->kind == HCL_JSON_NODE_OBJECT && node->range.end > node->range.start)
                range = (NookRange){range.source, node->range.end - 1, node->range.end};
        return range;
}

/* The names that the rest of a body does not show again. */
static const GPtrArray *hide_more(const JsonBody *self, const HclSchema *schema) {
        GPtrArray *hidden = g_ptr_array_new();

        for (guint i = 0; self->hidden != NULL && i < self->hidden->len; i++)
                g_ptr_array_add(hidden, self->hidden->pdata[i]);
        for (size_t i = 0; i < schema->n_attributes; i++)
                g_ptr_array_add(hidden,
                                hcl_file_strndup(self->body.file, schema->attributes[i].name,
                                                 strlen(schema->attributes[i].name)));
        for (size_t i = 0; i < schema->n_blocks; i++)
                g_ptr_array_add(hidden, hcl_file_strndup(self->body.file, schema->blocks[i].type,
                                                         strlen(schema->blocks[i].type)));
        return hcl_file_keep(self->body.file, hidden, (GDestroyNotify)g_ptr_array_unref);
}

static const HclContent *body_content(HclBody *body, const HclSchema *schema, HclBody **ret_rest,
                                      NookDiags *diags) {
        JsonBody *self = json_body(body);
        g_autoptr(GPtrArray) members = collect_members(self->node, NULL, diags);
        g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);
        HclContentBuilder builder;

        hcl_content_builder_init(&builder);
        for (guint i = 0; i < members->len; i++) {
                const HclJsonMember *member = members->pdata[i];
                const HclBlockSchema *block = schema_block(schema, member->name);

                if (is_hidden(self, member->name))
                        continue;
                if (schema_attribute(schema, member->name) != NULL)
                        add_attribute_once(&builder, body->file, seen, member, diags);
                else if (block != NULL)
                        unpack(&builder, body->file, member, block, diags);
                else if (ret_rest == NULL && !is_comment(member->name))
                        report_unknown(schema, member, diags);
        }
        report_missing(schema, seen, body_missing_range(body), diags);
        if (ret_rest != NULL)
                *ret_rest = new_body(body->file, self->node, hide_more(self, schema));
        return hcl_content_builder_end(&builder, body->file, body_missing_range(body));
}

/* How many members a body without a schema has: it must be one object. */
static size_t count_own_members(const HclJsonNode *node, NookDiags *diags) {
        if (node->kind == HCL_JSON_NODE_OBJECT)
                return node->n;
        if (node->kind != HCL_JSON_NODE_INVALID)
                nook_diags_error(diags, hcl_json_node_start(node), "Incorrect JSON value type",
                                 "A JSON object is required here, setting the arguments for this "
                                 "block.");
        return 0;
}

static const HclContent *body_just_attributes(HclBody *body, NookDiags *diags) {
        JsonBody *self = json_body(body);
        g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);
        size_t n = count_own_members(self->node, diags);
        HclContentBuilder builder;

        hcl_content_builder_init(&builder);
        for (size_t i = 0; i < n; i++) {
                const HclJsonMember *member = &self->node->members[i];

                if (!is_comment(member->name) && !is_hidden(self, member->name))
                        add_attribute_once(&builder, body->file, seen, member, diags);
        }
        return hcl_content_builder_end(&builder, body->file, body_missing_range(body));
}

static const HclContent *body_everything(HclBody *body, NookDiags *diags) {
        JsonBody *self = json_body(body);
        size_t n = count_own_members(self->node, diags);
        HclContentBuilder builder;

        hcl_content_builder_init(&builder);
        for (size_t i = 0; i < n; i++) {
                const HclJsonMember *member = &self->node->members[i];

                if (!is_comment(member->name) && !is_hidden(self, member->name))
                        add_attribute(&builder, body->file, member);
        }
        return hcl_content_builder_end(&builder, body->file, body_missing_range(body));
}

static const HclBodyOps json_body_ops = {
        .content = body_content,
        .just_attributes = body_just_attributes,
        .everything = body_everything,
        .missing_range = body_missing_range,
};

static HclBody *new_body(HclFile *file, const HclJsonNode *node, const GPtrArray *hidden) {
        JsonBody *self = hcl_file_new_struct(file, JsonBody);

        self->body.ops = &json_body_ops;
        self->body.file = file;
        self->node = node;
        self->hidden = hidden;
        return &self->body;
}

HclFile *hcl_json_parse(NookSource *source, NookDiags *diags) {
        HclFile *file;
        const HclJsonNode *root = hcl_json_parse_nodes(source, &file, diags);

        if (root->kind != HCL_JSON_NODE_OBJECT && root->kind != HCL_JSON_NODE_ARRAY &&
            root->kind != HCL_JSON_NODE_INVALID)
                nook_diags_error(diags, hcl_json_node_start(root), "Root value must be object",
                                 "The root value in a JSON-based configuration must be either a "
                                 "JSON object or a JSON array of objects.");
        hcl_file_set_body(file, new_body(file, root, NULL));
        return file;
}

bool hcl_json_looks_like(const char *text, size_t size) {
        size_t i = 0;

        while (i < size && text[i] == ' ')
                i++;
        return i < size && text[i] == '{';
}
