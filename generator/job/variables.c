/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "job/variables.h"

#include <string.h>

static void clear_validation(void *data) {
        NookValidation *validation = data;

        g_free(validation->message);
}

static void free_variable(void *data) {
        NookVariable *variable = data;

        g_free(variable->name);
        if (variable->type)
                hcl_type_unref(variable->type);
        hcl_value_unref(variable->value);
        g_array_unref(variable->validations);
        g_free(variable);
}

NookVariables *nook_variables_new(void) {
        NookVariables *variables = g_new0(NookVariables, 1);

        variables->list = g_ptr_array_new_with_free_func(free_variable);
        variables->by_name = g_hash_table_new(g_str_hash, g_str_equal);
        return variables;
}

void nook_variables_free(NookVariables *variables) {
        if (!variables)
                return;
        g_hash_table_unref(variables->by_name);
        g_ptr_array_unref(variables->list);
        g_free(variables);
}

NookVariable *nook_variables_find(const NookVariables *variables, const char *name) {
        return g_hash_table_lookup(variables->by_name, name);
}

/* A new variable, or NULL after reporting a second one of the same name. */
static NookVariable *add_variable(NookVariables *variables, const char *name, NookRange name_range,
                                  NookRange range, NookDiags *diags) {
        NookVariable *variable = nook_variables_find(variables, name);

        if (variable) {
                NookPos pos = nook_source_pos(variable->range.source, variable->range.start);

                nook_diags_error(diags, name_range, "Duplicate variable",
                                 "A variable \"%s\" was declared before, at "
                                 "%s:%" G_GUINT32_FORMAT ":%" G_GUINT32_FORMAT ".",
                                 name, nook_source_name(variable->range.source), pos.line,
                                 pos.column);
                return NULL;
        }

        variable = g_new0(NookVariable, 1);
        variable->name = g_strdup(name);
        variable->range = range;
        variable->validations = g_array_new(FALSE, TRUE, sizeof(NookValidation));
        g_array_set_clear_func(variable->validations, clear_validation);
        g_ptr_array_add(variables->list, variable);
        g_hash_table_insert(variables->by_name, variable->name, variable);
        return variable;
}

void nook_variables_declare_lines(NookVariables *variables, const HclBlock *block,
                                  NookDiags *diags) {
        const HclContent *content = hcl_body_just_attributes(block->body, diags);

        for (size_t i = 0; i < content->n_attributes; i++) {
                const HclAttribute *line = content->attributes[i];
                NookVariable *variable =
                        add_variable(variables, line->name, line->name_range, line->range, diags);

                if (!variable)
                        continue;
                variable->value = hcl_expr_value(line->expr, NULL, diags);
                variable->value_range = hcl_expr_range(line->expr);
                variable->from = "default";
                variable->type = hcl_value_type(variable->value);
                variable->is_broken = !hcl_value_is_known(variable->value);
        }
}

/* Source: HCL's identifiers, as far as ASCII goes; others are letters here. */
static bool is_identifier(const char *name) {
        if (!(g_ascii_isalpha(*name) || (guchar)*name >= 0x80))
                return false;
        for (; *name; name++)
                if (!(g_ascii_isalnum(*name) || *name == '_' || *name == '-' ||
                      (guchar)*name >= 0x80))
                        return false;

        return true;
}

static char *literal_text(const HclAttribute *attribute, NookDiags *diags) {
        g_autofree char *what = g_strdup_printf("attribute \"%s\"", attribute->name);
        g_autoptr(HclValue) value =
                hcl_expr_value_as(attribute->expr, NULL, &hcl_type_string, what, diags);

        if (!hcl_value_is_known(value))
                return NULL;
        if (hcl_value_is_null(value)) {
                nook_diags_error(diags, hcl_expr_range(attribute->expr), "Unsuitable value",
                                 "\"%s\" must not be null; leave the line out instead.",
                                 attribute->name);
                return NULL;
        }
        return g_strdup(hcl_value_text(value, NULL));
}

static void read_default(NookVariable *variable, const HclAttribute *attribute, NookDiags *diags) {
        g_autoptr(HclValue) value = hcl_expr_value(attribute->expr, NULL, diags);
        g_autofree char *reason = NULL;

        variable->value_range = hcl_expr_range(attribute->expr);
        variable->from = "default";
        if (!hcl_value_is_known(value)) {
                variable->is_broken = true;
                return;
        }
        if (!variable->type) {
                variable->type = hcl_value_type(value);
                variable->value = g_steal_pointer(&value);
                return;
        }
        variable->value = hcl_value_convert(value, variable->type, &reason);
        if (!variable->value) {
                variable->is_broken = true;
                nook_diags_error(diags, variable->value_range, "Invalid default value for variable",
                                 "This default value does not fit the type of variable \"%s\": %s.",
                                 variable->name, reason);
        }
}

/* ---- Validation rules ---- */

static bool refers_to(const HclTraversal *traversal, const char *name) {
        if (strcmp(traversal->root, "var") != 0 || traversal->n_steps == 0)
                return false;
        if (!traversal->steps[0].is_index)
                return strcmp(traversal->steps[0].name, name) == 0;
        return hcl_value_kind(traversal->steps[0].key) == HCL_KIND_STRING &&
               strcmp(hcl_value_text(traversal->steps[0].key, NULL), name) == 0;
}

/* A condition may look at its own variable only, and has to. */
static bool check_condition(const NookVariable *variable, const HclExpr *condition,
                            NookDiags *diags) {
        g_autoptr(GPtrArray) traversals = hcl_expr_traversals(condition);
        bool is_good = true, is_used = false;

        for (guint i = 0; i < traversals->len; i++) {
                const HclTraversal *traversal = traversals->pdata[i];

                if (refers_to(traversal, variable->name)) {
                        is_used = true;
                        continue;
                }
                is_good = false;
                nook_diags_error(diags, traversal->range,
                                 "Invalid reference in variable validation",
                                 "The condition for variable \"%s\" can only refer to the variable "
                                 "itself, using var.%s.",
                                 variable->name, variable->name);
        }
        if (is_good && !is_used) {
                is_good = false;
                nook_diags_error(diags, hcl_expr_range(condition),
                                 "Invalid variable validation condition",
                                 "The condition for variable \"%s\" must refer to var.%s in order "
                                 "to test incoming values.",
                                 variable->name, variable->name);
        }
        return is_good;
}

static bool is_blank(const char *text) {
        return text[strspn(text, " \t\r\n")] == '\0';
}

static void read_validation(NookVariable *variable, const HclBlock *block, NookDiags *diags) {
        static const HclAttributeSchema attributes[] = {
                {"condition", true},
                {"error_message", true},
        };
        static const HclSchema schema = {
                .attributes = attributes,
                .n_attributes = G_N_ELEMENTS(attributes),
        };
        const HclContent *content = hcl_body_content(block->body, &schema, diags);
        const HclAttribute *condition = hcl_content_attribute(content, "condition");
        const HclAttribute *message = hcl_content_attribute(content, "error_message");
        NookValidation validation = {.range = block->range};

        if (condition && check_condition(variable, condition->expr, diags))
                validation.condition = condition->expr;
        if (message) {
                validation.message = literal_text(message, diags);
                if (validation.message && is_blank(validation.message))
                        nook_diags_error(
                                diags, hcl_expr_range(message->expr),
                                "Invalid validation error message",
                                "An empty message helps nobody; say what a value must be.");
        }
        g_array_append_val(variable->validations, validation);
}

void nook_variables_declare(NookVariables *variables, const HclBlock *block, NookDiags *diags) {
        static const HclAttributeSchema attributes[] = {
                {"description", false},
                {"default", false},
                {"type", false},
        };
        static const HclBlockSchema blocks[] = {{"validation", NULL}};
        static const HclSchema schema = {
                .attributes = attributes,
                .n_attributes = G_N_ELEMENTS(attributes),
                .blocks = blocks,
                .n_blocks = G_N_ELEMENTS(blocks),
        };
        const char *name = block->labels[0];
        NookVariable *variable =
                add_variable(variables, name, block->label_ranges[0], block->range, diags);
        guint errors = nook_diags_count_errors(diags);
        const HclContent *content;
        const HclAttribute *type, *value, *description;
        bool is_odd;

        if (!variable)
                return;
        content = hcl_body_content(block->body, &schema, diags);
        is_odd = nook_diags_count_errors(diags) > errors; /* what is missing may be misspelt */
        type = hcl_content_attribute(content, "type");
        value = hcl_content_attribute(content, "default");
        description = hcl_content_attribute(content, "description");

        if (!is_identifier(name))
                nook_diags_error(diags, block->label_ranges[0], "Invalid variable name",
                                 "A name must start with a letter and may contain only letters, "
                                 "digits, underscores, and dashes.");
        if (description)
                g_free(literal_text(description, diags));
        if (type) {
                variable->type = hcl_expr_type(type->expr, true, diags);
                variable->is_broken = !variable->type;
        }
        if (value && !variable->is_broken)
                read_default(variable, value, diags);
        else if (!value && is_odd)
                variable->is_broken = true;
        for (size_t i = 0; i < content->n_blocks; i++)
                read_validation(variable, content->blocks[i], diags);
}

HclValue *nook_variables_to_value(const NookVariables *variables) {
        g_autoptr(HclMembers) members = hcl_members_new();

        for (guint i = 0; i < variables->list->len; i++) {
                const NookVariable *variable = variables->list->pdata[i];
                g_autoptr(HclValue) unknown = hcl_value_unknown();

                hcl_members_set(members, variable->name,
                                variable->value && !variable->is_broken ? variable->value
                                                                        : unknown);
        }
        return hcl_members_to_object(members);
}
