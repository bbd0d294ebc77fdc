/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Where the values of variables come from: environment, files, command line. */

#include <string.h>

#include "hcl/functions.h"
#include "hcl/json.h"
#include "job/variables.h"

#define ENV_PREFIX "NOMAD_VAR_"

/* Gives a variable a value that must fit its type. */
static void assign(NookVariable *variable, HclValue *value, NookRange range, const char *from,
                   NookDiags *diags) {
        g_autofree char *reason = NULL;
        HclValue *converted;

        if (variable->is_broken)
                return;
        if (!hcl_value_is_known(value)) {
                variable->is_broken = true;
                return;
        }
        converted = variable->type ? hcl_value_convert(value, variable->type, &reason)
                                   : hcl_value_ref(value);
        if (!converted) {
                variable->is_broken = true;
                nook_diags_error(diags, range, "Invalid value for variable",
                                 "The value for variable \"%s\" does not fit its type: %s.",
                                 variable->name, reason);
                return;
        }
        hcl_value_unref(variable->value);
        variable->value = converted;
        variable->value_range = range;
        variable->from = from;
}

/* A value given as a word: for strings, numbers and variables without a type it is the text itself,
 * else an expression. */
static void assign_word(NookVariable *variable, const char *source_name, const char *text,
                        const char *from, NookPool *pool, NookDiags *diags) {
        g_autoptr(NookSource) source = nook_source_new_text(source_name, text);
        NookRange whole = {source, 0, (uint32_t)strlen(text)};
        g_autoptr(HclValue) value = NULL;

        nook_pool_keep(pool, nook_source_ref(source), (GDestroyNotify)nook_source_unref);
        if (!variable->type || hcl_type_kind(variable->type) == HCL_KIND_STRING ||
            hcl_type_kind(variable->type) == HCL_KIND_NUMBER)
                value = hcl_value_string(text, -1);
        else {
                guint n_errors = nook_diags_count_errors(diags);
                HclFile *file = hcl_parse_expr(source, diags);

                nook_pool_keep(pool, file, (GDestroyNotify)hcl_file_unref);
                value = nook_diags_count_errors(diags) > n_errors
                                ? hcl_value_unknown()
                                : hcl_expr_value(hcl_file_expr(file), NULL, diags);
        }
        assign(variable, value, whole, from, diags);
}

/* Of the environment only what a variable is declared for counts. */
static void assign_env(NookVariables *variables, const char *const *env, NookPool *pool,
                       NookDiags *diags) {
        for (; env && *env; env++) {
                const char *equals = strchr(*env, '=');
                g_autofree char *name = NULL;
                NookVariable *variable;

                if (!equals || !g_str_has_prefix(*env, ENV_PREFIX))
                        continue;
                name = g_strndup(*env, (gsize)(equals - *env));
                variable = nook_variables_find(variables, name + strlen(ENV_PREFIX));
                if (variable)
                        assign_word(variable, name, equals + 1, "environment", pool, diags);
        }
}

static const char *suggest_variable(const NookVariables *variables, const char *name) {
        g_autofree const char **names = g_new0(const char *, variables->list->len + 1);

        for (guint i = 0; i < variables->list->len; i++)
                names[i] = ((const NookVariable *)variables->list->pdata[i])->name;
        return nook_suggest(name, names);
}

static void report_undeclared(const NookVariables *variables, const char *name, NookRange range,
                              bool lenient, NookDiags *diags) {
        const char *near = suggest_variable(variables, name);

        nook_diags_add(diags, lenient ? NOOK_SEVERITY_WARNING : NOOK_SEVERITY_ERROR, range,
                       "Undefined variable", "The job file declares no variable \"%s\".%s%s%s",
                       name, near ? " Did you mean \"" : "", near ? near : "", near ? "\"?" : "");
}

/* A file of values may not declare variables, which many try first. */
static bool refuse_declarations(const HclContent *content, NookDiags *diags) {
        bool found = false;

        for (size_t i = 0; i < content->n_blocks; i++) {
                const HclBlock *block = content->blocks[i];

                if (strcmp(block->type, "variable") != 0 || block->n_labels != 1)
                        continue;
                found = true;
                nook_diags_error(diags, block->type_range,
                                 "Variable declaration in a variable file",
                                 "A variable file gives values to variables that the job file "
                                 "declares. Declare \"%s\" there, and write here: %s = <value>",
                                 block->labels[0], block->labels[0]);
        }
        return found;
}

static void assign_file(NookVariables *variables, NookSource *source, bool lenient, NookPool *pool,
                        NookDiags *diags) {
        guint n_errors = nook_diags_count_errors(diags);
        const HclContent *content;
        uint32_t size;
        const char *text = nook_source_text(source, &size);
        HclFile *file = hcl_json_looks_like(text, size) ? hcl_json_parse(source, diags)
                                                        : hcl_parse(source, diags);

        nook_pool_keep(pool, file, (GDestroyNotify)hcl_file_unref);
        if (nook_diags_count_errors(diags) > n_errors ||
            refuse_declarations(hcl_body_everything(hcl_file_body(file), diags), diags))
                return;

        content = hcl_body_just_attributes(hcl_file_body(file), diags);
        for (size_t i = 0; i < content->n_attributes; i++) {
                const HclAttribute *line = content->attributes[i];
                NookVariable *variable = nook_variables_find(variables, line->name);
                g_autoptr(HclValue) value = NULL;

                if (!variable) {
                        report_undeclared(variables, line->name, line->name_range, lenient, diags);
                        continue;
                }
                value = hcl_expr_value(line->expr, NULL, diags);
                assign(variable, value, hcl_expr_range(line->expr), "variable file", diags);
        }
}

/* Whether a later word is for the variable of the first one. */
static bool is_given_again(const char *const *words) {
        const char *equals = strchr(*words, '=');

        for (const char *const *later = words + 1; equals && *later; later++)
                if (strncmp(*later, *words, (size_t)(equals - *words) + 1) == 0)
                        return true;
        return false;
}

/* Of several words for one variable only the last is looked at. */
static void assign_words(NookVariables *variables, const char *const *words, bool lenient,
                         NookPool *pool, NookDiags *diags) {
        for (; words && *words; words++) {
                const char *equals = strchr(*words, '=');
                g_autofree char *name = equals ? g_strndup(*words, (gsize)(equals - *words)) : NULL;
                g_autofree char *source_name = g_strdup_printf("--var %s", name ? name : *words);
                NookRange start = NOOK_RANGE_NONE;
                NookSource *source;
                NookVariable *variable;

                if (is_given_again(words))
                        continue;
                variable = name ? nook_variables_find(variables, name) : NULL;
                if (variable) {
                        assign_word(variable, source_name, equals + 1, "command line", pool, diags);
                        continue;
                }
                source = nook_source_new_text(source_name, *words);
                nook_pool_keep(pool, source, (GDestroyNotify)nook_source_unref);
                start.source = source;
                if (name)
                        report_undeclared(variables, name, start, lenient, diags);
                else
                        nook_diags_error(diags, start, "Invalid variable",
                                         "--var needs NAME=VALUE, but this is \"%s\".", *words);
        }
}

/* ---- Checks ---- */

static void check_validation(const NookVariable *variable, const NookValidation *validation,
                             HclScope *scope, NookDiags *diags) {
        g_autoptr(HclValue) result = NULL, truth = NULL;
        NookPos pos = nook_source_pos(validation->range.source, validation->range.start);

        if (!validation->condition)
                return;
        result = hcl_expr_value(validation->condition, scope, diags);
        if (!hcl_value_is_known(result))
                return;
        truth = hcl_value_is_null(result) ? NULL : hcl_value_convert(result, &hcl_type_bool, NULL);
        if (!truth) {
                nook_diags_error(diags, hcl_expr_range(validation->condition),
                                 "Invalid variable validation result",
                                 "The condition must be true or false, which this is not.");
                return;
        }
        if (!hcl_value_get_bool(truth))
                nook_diags_error(diags, variable->value_range, "Invalid value for variable",
                                 "%s (variable \"%s\", value from the %s; this is the rule at "
                                 "%s:%" G_GUINT32_FORMAT ":%" G_GUINT32_FORMAT ")",
                                 validation->message ? validation->message : "The rule is broken.",
                                 variable->name, variable->from,
                                 nook_source_name(validation->range.source), pos.line, pos.column);
}

/* Validations may call every function, but read no files. */
static HclScope *new_validation_scope(void) {
        static const HclFileAccess no_files = {.allowed = false, .base_dir = "."};
        HclScope *scope = hcl_scope_new(NULL);

        hcl_scope_add_standard_functions(scope);
        hcl_scope_add_file_functions(scope, &no_files);
        return scope;
}

static void check_variable(const NookVariable *variable, NookDiags *diags) {
        g_autoptr(HclScope) scope = NULL;
        g_autoptr(HclMembers) members = NULL;
        g_autoptr(HclValue) object = NULL;

        if (variable->is_broken)
                return;
        if (!variable->value) {
                nook_diags_error(diags, variable->range, "Unset variable",
                                 "Variable \"%s\" has no default value and is given none. Use "
                                 "--var %s=VALUE, --var-file, or the environment variable "
                                 "NOMAD_VAR_%s.",
                                 variable->name, variable->name, variable->name);
                return;
        }
        if (variable->validations->len == 0)
                return;

        scope = new_validation_scope();
        members = hcl_members_new();
        hcl_members_set(members, variable->name, variable->value);
        object = hcl_members_to_object(members);
        hcl_scope_set(scope, "var", object);
        for (guint i = 0; i < variable->validations->len; i++)
                check_validation(variable, &g_array_index(variable->validations, NookValidation, i),
                                 scope, diags);
}

void nook_variables_assign(NookVariables *variables, const NookJobOptions *options, NookPool *pool,
                           NookDiags *diags) {
        assign_env(variables, options->env, pool, diags);
        for (NookSource *const *file = options->var_files; file && *file; file++)
                assign_file(variables, *file, options->lenient_vars, pool, diags);
        assign_words(variables, options->vars, options->lenient_vars, pool, diags);

        for (guint i = 0; i < variables->list->len; i++)
                check_variable(variables->list->pdata[i], diags);
}
