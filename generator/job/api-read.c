/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* API JSON to a job, by the schema tables: names as Go's decoder takes them, in any letter case;
 * strings literal; durations in nanoseconds. What Nomad passes over without a word, an unknown
 * name, is warned about. */

#include <string.h>

#include "hcl/json-node.h"
#include "hcl/json.h"
#include "hcl/number.h"
#include "job/duration.h"
#include "job/read.h"

typedef struct {
        NookPool *pool;
        NookDiags *diags;
} Reader;

static void read_block(Reader *reader, const NookSchema *schema, const HclJsonNode *node,
                       void *block);

static const char *const node_names[] = {
        [HCL_JSON_NODE_INVALID] = "an error", [HCL_JSON_NODE_NULL] = "null",
        [HCL_JSON_NODE_BOOL] = "a boolean",   [HCL_JSON_NODE_NUMBER] = "a number",
        [HCL_JSON_NODE_STRING] = "a string",  [HCL_JSON_NODE_ARRAY] = "an array",
        [HCL_JSON_NODE_OBJECT] = "an object",
};

static void refuse(Reader *reader, const char *name, const HclJsonNode *node, const char *wanted) {
        if (node->kind != HCL_JSON_NODE_INVALID)
                nook_diags_error(reader->diags, hcl_json_node_start(node), "Unsuitable value",
                                 "\"%s\" must be %s, but this is %s.", name, wanted,
                                 node_names[node->kind]);
}

static bool expect(Reader *reader, const char *name, const HclJsonNode *node, HclJsonNodeKind kind,
                   const char *wanted) {
        if (node->kind == kind)
                return true;
        refuse(reader, name, node, wanted);
        return false;
}

static bool read_text(Reader *reader, const char *name, const HclJsonNode *node, NookText *ret) {
        if (!expect(reader, name, node, HCL_JSON_NODE_STRING, "a string"))
                return false;
        if (strlen(node->text) != node->size) {
                nook_diags_error(reader->diags, node->range, "Unsuitable value",
                                 "\"%s\" holds a NUL character, which no path, argument or "
                                 "variable can carry.",
                                 name);
                return false;
        }
        *ret = (NookText){
                .text = nook_pool_strndup(reader->pool, node->text, (gssize)node->size),
                .range = node->range,
                .set = true,
        };
        return true;
}

static bool read_number(Reader *reader, const char *name, const HclJsonNode *node, int64_t *ret) {
        g_autoptr(HclValue) number = NULL;

        if (!expect(reader, name, node, HCL_JSON_NODE_NUMBER, "a whole number"))
                return false;
        number = hcl_value_number_parse(node->text, (gssize)node->size);
        if (number && hcl_value_get_int64(number, ret))
                return true;
        nook_diags_error(reader->diags, node->range, "Unsuitable value",
                         "\"%s\" must be a whole number, but this is %s.", name, node->text);
        return false;
}

static void read_int(Reader *reader, const char *name, const HclJsonNode *node, NookInt *ret) {
        NookInt result = {.range = node->range, .set = true};

        if (read_number(reader, name, node, &result.value))
                *ret = result;
}

static void read_duration(Reader *reader, const char *name, const HclJsonNode *node,
                          NookDuration *ret) {
        NookDuration result = {.range = node->range, .set = true};
        g_autofree char *reason = NULL;

        if (node->kind != HCL_JSON_NODE_STRING) {
                if (read_number(reader, name, node, &result.nsec))
                        *ret = result;
                return;
        }
        if (nook_duration_parse(node->text, &result.nsec, &reason))
                *ret = result;
        else
                nook_diags_error(reader->diags, node->range, "Unsuitable duration",
                                 "\"%s\" must be nanoseconds or a duration such as \"30s\", but of "
                                 "\"%s\" %s.",
                                 name, node->text, reason);
}

static void read_texts(Reader *reader, const char *name, const HclJsonNode *node, NookTexts *ret) {
        NookTexts texts = {.range = node->range, .set = true};

        if (!expect(reader, name, node, HCL_JSON_NODE_ARRAY, "an array of strings"))
                return;
        texts.items = nook_pool_new_array(reader->pool, NookText, node->n);
        for (size_t i = 0; i < node->n; i++)
                texts.count += read_text(reader, name, node->items[i], &texts.items[texts.count]);
        *ret = texts;
}

static NookText member_name(Reader *reader, const HclJsonMember *member) {
        return (NookText){
                .text = nook_pool_strndup(reader->pool, member->name, -1),
                .range = member->name_range,
                .set = true,
        };
}

/* A later member of the same name wins, as in Go. */
static bool is_repeated_later(const HclJsonNode *node, size_t index) {
        for (size_t i = index + 1; i < node->n; i++)
                if (strcmp(node->members[i].name, node->members[index].name) == 0)
                        return true;

        return false;
}

static void read_pairs(Reader *reader, const char *name, const HclJsonNode *node, NookPairs *ret) {
        NookPairs pairs = {.range = node->range, .set = true};

        if (!expect(reader, name, node, HCL_JSON_NODE_OBJECT, "an object of strings"))
                return;
        pairs.items = nook_pool_new_array(reader->pool, NookPair, node->n);
        for (size_t i = 0; i < node->n; i++) {
                NookPair *pair = &pairs.items[pairs.count];

                if (is_repeated_later(node, i) ||
                    !read_text(reader, node->members[i].name, node->members[i].value, &pair->value))
                        continue;
                pair->key = member_name(reader, &node->members[i]);
                pairs.count++;
        }
        *ret = pairs;
}

/* ---- Free-form values ---- */

static HclValue *to_value(const HclJsonNode *node);

static HclValue *object_value(const HclJsonNode *node) {
        g_autoptr(HclMembers) members = hcl_members_new();

        for (size_t i = 0; i < node->n; i++) {
                g_autoptr(HclValue) value = to_value(node->members[i].value);

                hcl_members_set(members, node->members[i].name, value);
        }
        return hcl_members_to_object(members);
}

static HclValue *array_value(const HclJsonNode *node) {
        g_autoptr(GPtrArray) values =
                g_ptr_array_new_with_free_func((GDestroyNotify)hcl_value_unref);

        for (size_t i = 0; i < node->n; i++)
                g_ptr_array_add(values, to_value(node->items[i]));
        return hcl_value_tuple((HclValue *const *)values->pdata, values->len);
}

static HclValue *to_value(const HclJsonNode *node) {
        HclValue *number;

        switch (node->kind) {
        case HCL_JSON_NODE_BOOL:
                return hcl_value_bool(node->truth);
        case HCL_JSON_NODE_NUMBER:
                number = hcl_value_number_parse(node->text, (gssize)node->size);
                return number ? number : hcl_value_unknown();
        case HCL_JSON_NODE_STRING:
                return hcl_value_string(node->text, (gssize)node->size);
        case HCL_JSON_NODE_ARRAY:
                return array_value(node);
        case HCL_JSON_NODE_OBJECT:
                return object_value(node);
        default:
                return hcl_value_null(&hcl_type_dynamic);
        }
}

static void read_any(Reader *reader, const HclJsonNode *node, NookAny *ret) {
        HclValue *value = to_value(node);

        nook_pool_keep(reader->pool, value, (GDestroyNotify)hcl_value_unref);
        *ret = (NookAny){.value = value, .range = hcl_json_node_start(node), .set = true};
}

static void read_unit(Reader *reader, const HclJsonNode *node, NookUnitLines *ret) {
        NookUnitLines lines = {.range = node->range, .set = true};

        if (!expect(reader, "Unit", node, HCL_JSON_NODE_OBJECT, "an object of directives"))
                return;
        lines.items = nook_pool_new_array(reader->pool, NookUnitLine, node->n);
        for (size_t i = 0; i < node->n; i++) {
                const HclJsonMember *member = &node->members[i];
                NookUnitLine *line = &lines.items[lines.count++];

                line->key = member_name(reader, member);
                line->is_list = member->value->kind == HCL_JSON_NODE_ARRAY;
                if (line->is_list) {
                        read_texts(reader, member->name, member->value, &line->values);
                        continue;
                }
                line->values.items = nook_pool_new_array(reader->pool, NookText, 1);
                line->values.range = member->value->range;
                line->values.set = true;
                line->values.count =
                        read_text(reader, member->name, member->value, line->values.items);
        }
        *ret = lines;
}

/* ---- Blocks ---- */

static void *new_block(Reader *reader, const NookSchema *schema, const HclJsonNode *node) {
        NookBlockHead *head = nook_pool_alloc(reader->pool, schema->size);

        head->range = hcl_json_node_start(node);
        head->set = true;
        read_block(reader, schema, node, head);
        return head;
}

/* The key of a member names the block where it does not name itself. */
static void set_label(Reader *reader, const NookSchema *schema, const HclJsonMember *member,
                      void *block) {
        for (guint i = 0; i < schema->n_fields; i++) {
                NookText *label = nook_schema_slot(&schema->fields[i], block);

                if (schema->fields[i].kind == NOOK_FIELD_LABEL && !label->set)
                        *label = member_name(reader, member);
        }
}

static void read_dict(Reader *reader, const NookSchemaField *field, const HclJsonNode *node,
                      NookList *ret) {
        NookList list = {.items = nook_pool_new_array(reader->pool, void *, node->n)};

        for (size_t i = 0; i < node->n; i++) {
                const HclJsonMember *member = &node->members[i];

                if (is_repeated_later(node, i) ||
                    !expect(reader, member->name, member->value, HCL_JSON_NODE_OBJECT, "an object"))
                        continue;
                list.items[list.count] = new_block(reader, field->block(), member->value);
                set_label(reader, field->block(), member, list.items[list.count++]);
        }
        *ret = list;
}

static void read_list(Reader *reader, const NookSchemaField *field, const HclJsonNode *node,
                      NookList *ret) {
        NookList list = {0};

        if (field->emit == NOOK_EMIT_DICT) {
                if (expect(reader, field->api, node, HCL_JSON_NODE_OBJECT, "an object of objects"))
                        read_dict(reader, field, node, ret);
                return;
        }
        if (!expect(reader, field->api, node, HCL_JSON_NODE_ARRAY, "an array of objects"))
                return;
        list.items = nook_pool_new_array(reader->pool, void *, node->n + 1);
        for (size_t i = 0; i < node->n; i++)
                if (expect(reader, field->api, node->items[i], HCL_JSON_NODE_OBJECT, "an object"))
                        list.items[list.count++] =
                                new_block(reader, field->block(), node->items[i]);
        *ret = list;
}

static void read_field(Reader *reader, const NookSchemaField *field, const HclJsonNode *node,
                       void *block) {
        void *slot = nook_schema_slot(field, block);
        NookBool *truth = slot;

        switch (nook_field_storage(field->kind)) {
        case NOOK_STORED_TEXT:
                (void)read_text(reader, field->api, node, slot);
                break;
        case NOOK_STORED_INT:
                read_int(reader, field->api, node, slot);
                break;
        case NOOK_STORED_BOOL:
                if (expect(reader, field->api, node, HCL_JSON_NODE_BOOL, "true or false"))
                        *truth = (NookBool){node->truth, node->range, true};
                break;
        case NOOK_STORED_DURATION:
                read_duration(reader, field->api, node, slot);
                break;
        case NOOK_STORED_TEXTS:
                read_texts(reader, field->api, node, slot);
                break;
        case NOOK_STORED_PAIRS:
                read_pairs(reader, field->api, node, slot);
                break;
        case NOOK_STORED_ANY:
                read_any(reader, node, slot);
                break;
        case NOOK_STORED_UNIT:
                read_unit(reader, node, slot);
                break;
        case NOOK_STORED_ONE:
                if (expect(reader, field->api, node, HCL_JSON_NODE_OBJECT, "an object"))
                        *(void **)slot = new_block(reader, field->block(), node);
                break;
        case NOOK_STORED_MANY:
                read_list(reader, field, node, slot);
                break;
        }
}

static void warn_unknown(Reader *reader, const NookSchema *schema, const HclJsonMember *member) {
        const char *near = nook_schema_suggest_api(schema, member->name);

        nook_diags_warning(reader->diags, member->name_range, "Unknown name",
                           "\"%s\" is no member of a %s and is passed over.%s%s%s", member->name,
                           schema->name, near ? " Did you mean \"" : "", near ? near : "",
                           near ? "\"?" : "");
}

static void read_block(Reader *reader, const NookSchema *schema, const HclJsonNode *node,
                       void *block) {
        for (size_t i = 0; i < node->n; i++) {
                const HclJsonMember *member = &node->members[i];
                const NookSchemaField *field = nook_schema_find_api(schema, member->name);

                if (!field)
                        warn_unknown(reader, schema, member);
                else if (member->value->kind != HCL_JSON_NODE_NULL)
                        read_field(reader, field, member->value, block);
        }
}

/* ---- The file ---- */

/* The value of "Job" in any letter case, or the object itself. */
static const HclJsonNode *find_job(const HclJsonNode *root) {
        const HclJsonNode *job = root;

        if (root->kind != HCL_JSON_NODE_OBJECT)
                return NULL;
        for (size_t i = 0; i < root->n; i++)
                if (g_ascii_strcasecmp(root->members[i].name, "Job") == 0)
                        job = root->members[i].value;

        return job->kind == HCL_JSON_NODE_OBJECT ? job : NULL;
}

NookJob *nook_job_read_api(NookPool *pool, NookSource *source, NookDiags *diags) {
        Reader reader = {.pool = pool, .diags = diags};
        guint n_errors = nook_diags_count_errors(diags);
        HclFile *owner = NULL;
        const HclJsonNode *root = hcl_json_parse_nodes(source, &owner, diags), *node;
        NookJob *job;

        nook_pool_keep(pool, owner, (GDestroyNotify)hcl_file_unref);
        if (nook_diags_count_errors(diags) > n_errors)
                return NULL;
        node = find_job(root);
        if (!node) {
                nook_diags_error(diags, hcl_json_node_start(root), "Missing job",
                                 "A job in API JSON is an object, or {\"Job\": {...}}.");
                return NULL;
        }

        job = new_block(&reader, nook_schema_Job(), node);
        job->bare = job->is_bare.value;
        return job;
}

bool nook_job_is_api_json(NookSource *source) {
        g_autoptr(NookDiags) unused = nook_diags_new();
        g_autoptr(HclFile) owner = NULL;
        const HclJsonNode *root;
        uint32_t size;
        const char *text = nook_source_text(source, &size);

        if (!hcl_json_looks_like(text, size))
                return false;
        root = hcl_json_parse_nodes(source, &owner, unused);
        if (root->kind != HCL_JSON_NODE_OBJECT)
                return false;
        return hcl_json_node_member(root, "Job") ||
               (hcl_json_node_member(root, "ID") && hcl_json_node_member(root, "TaskGroups"));
}
