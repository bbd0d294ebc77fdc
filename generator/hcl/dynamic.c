/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "hcl/dynamic.h"
#include "hcl/eval.h"

/* A view of another body in which dynamic blocks are expanded. */
typedef struct {
        HclBody body;
        HclBody *original;
        const HclBlock *const *pending; /* dynamic blocks taken out of it, but not asked for yet */
        size_t n_pending;
        HclScope *scope;
        const HclTurn *turn; /* NULL: outside of dynamic blocks */
        size_t *expanded;    /* blocks made so far, of all views of one body */
} DynamicBody;

static HclBody *new_view(const DynamicBody *like, HclBody *original, const HclTurn *turn);

static const HclAttribute *bind_attribute(const DynamicBody *self, const HclAttribute *attribute) {
        HclAttribute *bound;

        if (!self->turn)
                return attribute;
        bound = hcl_file_new_struct(self->body.file, HclAttribute);
        *bound = *attribute;
        bound->expr = hcl_turn_bind(self->body.file, attribute->expr, self->turn);
        return bound;
}

/* ---- One dynamic block ---- */

typedef struct {
        const DynamicBody *body;
        const HclBlock *block; /* the dynamic one */
        NookDiags *diags;
        const char *iterator;
        const HclExpr *const *labels;
        size_t n_labels;
        const HclBlock *content;
        HclValue *for_each;
} Spec;

static const char invalid_for_each[] = "Invalid dynamic for_each value";

static bool read_for_each(Spec *spec, const HclExpr *expr) {
        g_autoptr(HclValue) value =
                hcl_turn_value(expr, spec->body->turn, spec->body->scope, spec->diags);
        g_autoptr(HclTypeConst) type = hcl_value_type(value);
        g_autofree char *name = hcl_type_name(type);

        if (hcl_value_is_null(value)) {
                nook_diags_error(spec->diags, expr->range, invalid_for_each,
                                 "Cannot use a null value in for_each.");
                return false;
        }
        if (hcl_type_is_primitive(type)) {
                nook_diags_error(spec->diags, expr->range, invalid_for_each,
                                 "Cannot use a %s value in for_each. An iterable collection is "
                                 "required.",
                                 name);
                return false;
        }
        if (!hcl_value_is_known(value))
                return false;
        spec->for_each = g_steal_pointer(&value);
        return true;
}

static bool read_iterator(Spec *spec, const HclAttribute *attribute) {
        const char *name;

        spec->iterator = spec->block->labels[0];
        if (!attribute)
                return true;
        name = hcl_expr_keyword(attribute->expr);
        if (!name) {
                nook_diags_error(spec->diags, attribute->expr->range,
                                 "Invalid dynamic iterator name",
                                 "Dynamic iterator must be a single variable name.");
                return false;
        }
        spec->iterator = name;
        return true;
}

/* want: how many labels such a block has; SIZE_MAX: as many as there are. */
static bool read_block_labels(Spec *spec, const HclAttribute *attribute, size_t want) {
        NookRange place = attribute ? attribute->expr->range : spec->block->range;

        if (attribute && !hcl_expr_list(attribute->expr, &spec->labels, &spec->n_labels)) {
                nook_diags_error(spec->diags, place, "Invalid expression",
                                 "A static list expression is required for the labels of a dynamic "
                                 "block.");
                return false;
        }
        if (want == SIZE_MAX || spec->n_labels == want)
                return true;
        if (spec->n_labels > want)
                nook_diags_error(spec->diags, spec->labels[want]->range,
                                 "Extraneous dynamic block label",
                                 "Blocks of type \"%s\" require %zu label(s).",
                                 spec->block->labels[0], want);
        else
                nook_diags_error(spec->diags, place, "Insufficient dynamic block labels",
                                 "Blocks of type \"%s\" require %zu label(s).",
                                 spec->block->labels[0], want);
        return false;
}

static bool read_content(Spec *spec, const HclContent *content) {
        if (content->n_blocks == 0) {
                nook_diags_error(spec->diags, content->missing, "Missing dynamic content block",
                                 "A dynamic block must have a nested block of type \"content\" to "
                                 "describe the body of each generated block.");
                return false;
        }
        if (content->n_blocks > 1) {
                nook_diags_error(spec->diags, content->blocks[1]->range,
                                 "Extraneous dynamic content block",
                                 "Only one nested content block is allowed for each dynamic "
                                 "block.");
                return false;
        }
        spec->content = content->blocks[0];
        return true;
}

/* What a dynamic block holds; false when it cannot be expanded. */
static bool read_spec(Spec *spec, size_t want_labels) {
        static const HclAttributeSchema attributes[] = {
                {.name = "for_each", .required = true}, {.name = "iterator"}, {.name = "labels"}};
        static const HclBlockSchema blocks[] = {{.type = "content"}};
        HclSchema schema = {
                .attributes = attributes,
                .n_attributes = G_N_ELEMENTS(attributes) - (want_labels == 0 ? 1 : 0),
                .blocks = blocks,
                .n_blocks = G_N_ELEMENTS(blocks),
        };
        guint errors = nook_diags_count_errors(spec->diags);
        const HclContent *content = hcl_body_content(spec->block->body, &schema, spec->diags);

        return nook_diags_count_errors(spec->diags) == errors &&
               read_for_each(spec, hcl_content_attribute(content, "for_each")->expr) &&
               read_iterator(spec, hcl_content_attribute(content, "iterator")) &&
               read_block_labels(spec, hcl_content_attribute(content, "labels"), want_labels) &&
               read_content(spec, content);
}

/* One label of one block; NULL after reporting. */
static const char *label_value(const Spec *spec, const HclExpr *expr, const HclTurn *turn) {
        static const char summary[] = "Invalid dynamic block label";
        g_autoptr(HclValue) given = hcl_turn_value(expr, turn, spec->body->scope, spec->diags);
        g_autoptr(HclValue) label =
                hcl_eval_convert(given, &hcl_type_string, expr->range, spec->diags, summary,
                                 "Cannot use this value as a dynamic block label: %s.");
        const char *text;
        size_t size;

        if (label && hcl_value_is_null(label))
                nook_diags_error(spec->diags, expr->range, summary,
                                 "Cannot use a null value as a dynamic block label.");
        if (!label || hcl_value_is_null(label) || !hcl_value_is_known(label))
                return NULL;
        text = hcl_value_text(label, &size);
        return hcl_file_strndup(spec->body->body.file, text, size);
}

/* The block of one turn; NULL after reporting. */
static const HclBlock *new_block(const Spec *spec, const HclTurn *turn) {
        HclFile *file = spec->body->body.file;
        HclBlock *block = hcl_file_new_struct(file, HclBlock);
        const char **labels = hcl_file_alloc(file, (spec->n_labels + 1) * sizeof(char *));
        NookRange *ranges = hcl_file_alloc(file, spec->n_labels * sizeof(NookRange));

        for (size_t i = 0; i < spec->n_labels; i++) {
                labels[i] = label_value(spec, spec->labels[i], turn);
                ranges[i] = spec->labels[i]->range;
                if (!labels[i])
                        return NULL;
        }
        *block = (HclBlock){
                .type = spec->block->labels[0],
                .type_range = spec->block->label_ranges[0],
                .labels = labels,
                .label_ranges = ranges,
                .n_labels = spec->n_labels,
                .range = spec->block->range,
                .open_brace = spec->content->open_brace,
                .close_brace = spec->content->close_brace,
                .body = new_view(spec->body, spec->content->body, turn),
        };
        return block;
}

/* The turn with the i-th element. */
static const HclTurn *new_turn(const Spec *spec, size_t i) {
        HclFile *file = spec->body->body.file;
        HclKind kind = hcl_value_kind(spec->for_each);
        HclValue *value = hcl_value_element(spec->for_each, i);
        g_autoptr(HclValue) key = NULL;
        g_autoptr(HclMembers) members = hcl_members_new();
        HclTurn *turn = hcl_file_new_struct(file, HclTurn);

        key = kind == HCL_KIND_MAP || kind == HCL_KIND_OBJECT
                      ? hcl_value_ref(hcl_value_key(spec->for_each, i))
              : kind == HCL_KIND_SET ? hcl_value_ref(value)
                                     : hcl_value_int64((int64_t)i);
        hcl_members_set(members, "key", key);
        hcl_members_set(members, "value", value);
        turn->outer = spec->body->turn;
        turn->name = spec->iterator;
        turn->value = hcl_file_keep(file, hcl_members_to_object(members),
                                    (GDestroyNotify)hcl_value_unref);
        return turn;
}

/* Adds the blocks that a dynamic block stands for. */
static void expand(const DynamicBody *self, const HclBlock *block, size_t want_labels,
                   GPtrArray *blocks, NookDiags *diags) {
        Spec spec = {.body = self, .block = block, .diags = diags};
        g_autoptr(HclValue) for_each = NULL;
        bool good = read_spec(&spec, want_labels);

        for_each = spec.for_each;
        for (size_t i = 0; good && i < hcl_value_length(for_each); i++) {
                const HclBlock *made;

                if (++*self->expanded > HCL_RESULT_ITEMS_MAX) {
                        nook_diags_error(diags, block->range, "Result too large",
                                         "Dynamic blocks would make more than %d blocks.",
                                         HCL_RESULT_ITEMS_MAX);
                        return;
                }
                made = new_block(&spec, new_turn(&spec, i));
                if (made)
                        g_ptr_array_add(blocks, (gpointer)(uintptr_t)made);
        }
}

/* ---- Bodies ---- */

/* Whether the body is of native syntax, without dynamic blocks: nothing to see differently. */
static bool is_plain(const HclBody *body) {
        return body->ops == &hcl_native_body_ops && !((const HclNativeBody *)body)->has_dynamic;
}

/* A plain block inside of a view: its body is a view as well. */
static const HclBlock *view_block(const DynamicBody *self, const HclBlock *block) {
        HclBlock *copy;

        if (!self->turn && is_plain(block->body))
                return block;
        copy = hcl_file_new_struct(self->body.file, HclBlock);
        *copy = *block;
        copy->body = new_view(self, block->body, self->turn);
        return copy;
}

static bool is_dynamic(const HclBlock *block) {
        return strcmp(block->type, "dynamic") == 0 && block->n_labels == 1;
}

static gint by_place(gconstpointer a, gconstpointer b) {
        const HclBlock *x = *(const HclBlock *const *)a, *y = *(const HclBlock *const *)b;

        return (x->type_range.start > y->type_range.start) -
               (x->type_range.start < y->type_range.start);
}

/* How many labels blocks of a type have; false when the schema does not name it. */
static bool find_label_count(const HclSchema *schema, const char *type, size_t *ret) {
        for (size_t i = 0; i < schema->n_blocks; i++) {
                const char *const *labels = schema->blocks[i].labels;

                if (strcmp(schema->blocks[i].type, type) != 0)
                        continue;
                for (*ret = 0; labels && labels[*ret];)
                        ++*ret;
                return true;
        }
        return false;
}

/* The schema with dynamic blocks added. Its blocks are the caller's. */
static HclSchema with_dynamic(const HclSchema *schema) {
        static const char *const labels[] = {"type", NULL};
        HclSchema extended = *schema;
        HclBlockSchema *blocks = g_new(HclBlockSchema, schema->n_blocks + 1);

        if (schema->n_blocks > 0)
                memcpy(blocks, schema->blocks, schema->n_blocks * sizeof(HclBlockSchema));
        blocks[schema->n_blocks] = (HclBlockSchema){.type = "dynamic", .labels = labels};
        extended.blocks = blocks;
        extended.n_blocks++;
        return extended;
}

static void report_type(const HclSchema *schema, const HclBlock *block, NookDiags *diags) {
        g_autofree const char **types = g_new0(const char *, schema->n_blocks + 1);
        const char *near;

        for (size_t i = 0; i < schema->n_blocks; i++)
                types[i] = schema->blocks[i].type;
        near = nook_suggest(block->labels[0], types);
        nook_diags_error(diags, block->label_ranges[0], "Unsupported block type",
                         "Blocks of type \"%s\" are not expected here.%s%s%s", block->labels[0],
                         near ? " Did you mean \"" : "", near ? near : "", near ? "\"?" : "");
}

/* A dynamic block of a type that was asked for is expanded; others are left for later, or, where
 * there is no later, reported. */
static void take_dynamic(const DynamicBody *self, const HclBlock *block, const HclSchema *schema,
                         GPtrArray *taken, GPtrArray *later, NookDiags *diags) {
        size_t want;

        if (find_label_count(schema, block->labels[0], &want))
                expand(self, block, want, taken, diags);
        else if (later)
                g_ptr_array_add(later, (gpointer)(uintptr_t)block);
        else
                report_type(schema, block, diags);
}

static const HclContent *dynamic_content(HclBody *body, const HclSchema *schema, HclBody **ret_rest,
                                         NookDiags *diags) {
        const DynamicBody *self = (const DynamicBody *)body;
        HclSchema extended = with_dynamic(schema);
        g_autofree const HclBlockSchema *owned = extended.blocks;
        HclBody *original_rest = NULL;
        const HclContent *raw = self->original->ops->content(
                self->original, &extended, ret_rest ? &original_rest : NULL, diags);
        g_autoptr(GPtrArray) found = g_ptr_array_new();
        g_autoptr(GPtrArray) later = g_ptr_array_new();
        HclContentBuilder builder;

        hcl_content_builder_init(&builder);
        for (size_t i = 0; i < raw->n_attributes; i++)
                g_ptr_array_add(builder.attributes,
                                (gpointer)(uintptr_t)bind_attribute(self, raw->attributes[i]));
        for (size_t i = 0; i < raw->n_blocks; i++)
                g_ptr_array_add(found, (gpointer)(uintptr_t)raw->blocks[i]);
        for (size_t i = 0; i < self->n_pending; i++)
                g_ptr_array_add(found, (gpointer)(uintptr_t)self->pending[i]);
        if (self->n_pending > 0)
                g_ptr_array_sort(found, by_place);
        for (guint i = 0; i < found->len; i++) {
                const HclBlock *block = found->pdata[i];

                if (is_dynamic(block))
                        take_dynamic(self, block, schema, builder.blocks, ret_rest ? later : NULL,
                                     diags);
                else
                        g_ptr_array_add(builder.blocks,
                                        (gpointer)(uintptr_t)view_block(self, block));
        }
        if (ret_rest) {
                DynamicBody *rest = (DynamicBody *)new_view(self, original_rest, self->turn);

                rest->pending =
                        hcl_file_memdup(body->file, later->pdata, later->len * sizeof(gpointer));
                rest->n_pending = later->len;
                *ret_rest = &rest->body;
        }
        return hcl_content_builder_end(&builder, body->file, raw->missing);
}

static const HclContent *rebind(const DynamicBody *self, const HclContent *raw, bool blocks,
                                NookDiags *diags) {
        HclContentBuilder builder;

        hcl_content_builder_init(&builder);
        for (size_t i = 0; i < raw->n_attributes; i++)
                g_ptr_array_add(builder.attributes,
                                (gpointer)(uintptr_t)bind_attribute(self, raw->attributes[i]));
        for (size_t i = 0; blocks && i < raw->n_blocks; i++) {
                if (is_dynamic(raw->blocks[i]))
                        expand(self, raw->blocks[i], SIZE_MAX, builder.blocks, diags);
                else
                        g_ptr_array_add(builder.blocks,
                                        (gpointer)(uintptr_t)view_block(self, raw->blocks[i]));
        }
        return hcl_content_builder_end(&builder, self->body.file, raw->missing);
}

static const HclContent *dynamic_just_attributes(HclBody *body, NookDiags *diags) {
        const DynamicBody *self = (const DynamicBody *)body;

        return rebind(self, hcl_body_just_attributes(self->original, diags), false, diags);
}

static const HclContent *dynamic_everything(HclBody *body, NookDiags *diags) {
        const DynamicBody *self = (const DynamicBody *)body;

        return rebind(self, hcl_body_everything(self->original, diags), true, diags);
}

static NookRange dynamic_missing_range(const HclBody *body) {
        return hcl_body_missing_range(((const DynamicBody *)body)->original);
}

static const HclBodyOps dynamic_ops = {
        .content = dynamic_content,
        .just_attributes = dynamic_just_attributes,
        .everything = dynamic_everything,
        .missing_range = dynamic_missing_range,
};

static HclBody *new_view(const DynamicBody *like, HclBody *original, const HclTurn *turn) {
        DynamicBody *view = hcl_file_new_struct(original->file, DynamicBody);

        view->body = (HclBody){.ops = &dynamic_ops, .file = original->file};
        view->original = original;
        view->scope = like->scope;
        view->turn = turn;
        view->expanded = like->expanded;
        return &view->body;
}

HclBody *hcl_body_expand_dynamic(HclBody *body, HclScope *scope) {
        DynamicBody like = {.scope = scope};

        if (is_plain(body))
                return body;
        like.expanded = hcl_file_alloc(body->file, sizeof(size_t));
        if (scope)
                (void)hcl_file_keep(body->file, hcl_scope_ref(scope),
                                    (GDestroyNotify)hcl_scope_unref);
        return new_view(&like, body, NULL);
}
