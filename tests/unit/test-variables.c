/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <glib/gstdio.h>

#include "job-text.h"

/* A job whose meta "x" is an expression. */
#define META(expression)                                                                           \
        "job \"j\" {\n  meta {\n    x = " expression "\n  }\n  group \"g\" {\n" TASK("") "  "      \
                                                                                         "}\n}\n"

static const char *meta_x(const NookJob *job) {
        return nook_pairs_find(&job->meta, "x")->text;
}

static void expect(const char *text, const NookJobOptions *options, const char *value) {
        g_autofree char *findings = NULL;
        g_autoptr(NookJob) job = read_text(text, options, &findings);

        assert_string_equal(findings, "");
        assert_string_equal(meta_x(job), value);
}

/* value NULL: the job is refused. */
static void expect_findings(const char *text, const NookJobOptions *options, const char *wanted,
                            const char *value) {
        g_autofree char *findings = NULL;
        g_autoptr(NookJob) job = read_text(text, options, &findings);

        assert_string_equal(findings, wanted);
        assert_true((job != NULL) == (value != NULL));
        if (job)
                assert_string_equal(meta_x(job), value);
}

static void variables_have_defaults_and_types(void **state) {
        expect("variable \"a\" {\n  default = \"d\"\n}\n" META("var.a"), NULL, "d");
        expect("variable \"a\" {\n  type = number\n  default = \"1.50\"\n}\n" META("var.a + 1"),
               NULL, "2.5");
        expect("variable \"a\" {\n  type = list(string)\n  default = [1, true]\n}\n" META(
                       "jsonencode(var.a)"),
               NULL, "[\"1\",\"true\"]");
        expect("variables {\n  a = 1\n  b = \"x\"\n}\n" META("\"${var.a}${var.b}\""), NULL, "1x");
}

static void later_sources_win(void **state) {
        static const char *const env[] = {"NOMAD_VAR_a=env", "NOMAD_VAR_unknown=1", "PATH=/", NULL};
        static const char *const words[] = {"a=one", "a=two=2", NULL};
        g_autoptr(NookSource) first = nook_source_new_text("first", "a = \"file\"\n");
        g_autoptr(NookSource) second = nook_source_new_text("second", "{\"a\": \"json\"}");
        NookSource *const files[] = {first, second, NULL};
        const char *text = "variable \"a\" {\n  default = \"d\"\n}\n" META("var.a");
        NookJobOptions options = {0};

        expect(text, &options, "d");
        options.env = env;
        expect(text, &options, "env");
        options.var_files = files;
        expect(text, &options, "json");
        options.vars = words;
        expect(text, &options, "two=2");
}

static void words_are_literal_for_texts_and_expressions_for_others(void **state) {
        static const char *const words[] = {"s=[1]", "l=[\"a\", \"b\"]", "u=${x}", "b=true", NULL};
        NookJobOptions options = {.vars = words};

        expect("variable \"s\" {\n  type = string\n}\nvariable \"l\" {\n  type = list(string)\n}\n"
               "variable \"u\" {}\nvariable \"b\" {\n  type = bool\n}\n" META(
                       "jsonencode([var.s, var.l, var.u, var.b])"),
               &options, "[\"[1]\",[\"a\",\"b\"],\"${x}\",true]");
}

static void a_variable_needs_a_value_of_its_type(void **state) {
        static const char *const words[] = {"a=x", NULL};
        NookJobOptions options = {.vars = words};

        expect_findings(
                "variable \"a\" {}\n" META("1"), NULL,
                "1:1 error: Unset variable: Variable \"a\" has no default value and is given "
                "none. Use --var a=VALUE, --var-file, or the environment variable NOMAD_VAR_a.",
                NULL);
        expect_findings(
                "variable \"a\" {\n  type = number\n}\n" META("var.a"), &options,
                "1:1 error: Invalid value for variable: The value for variable \"a\" does not "
                "fit its type: a number is required, and \"x\" is not one.",
                NULL);
        expect_findings(
                "variable \"a\" {\n  type = number\n  default = \"x\"\n}\n" META("var.a"), NULL,
                "3:13 error: Invalid default value for variable: This default value does not "
                "fit the type of variable \"a\": a number is required, and \"x\" is not one.",
                NULL);
}

static void undeclared_variables_are_errors_or_warnings(void **state) {
        static const char *const words[] = {"netwrk=1", NULL};
        static const char *const bad[] = {"network", NULL};
        g_autoptr(NookSource) file = nook_source_new_text("file", "\nnetwrk = 1\n");
        NookSource *const files[] = {file, NULL};
        const char *text = "variable \"network\" {\n  default = 1\n}\n" META("var.network");
        NookJobOptions options = {.vars = words};

        expect_findings(
                text, &options,
                "1:1 error: Undefined variable: The job file declares no variable \"netwrk\". "
                "Did you mean \"network\"?",
                NULL);
        options.lenient_vars = true;
        expect_findings(
                text, &options,
                "1:1 warning: Undefined variable: The job file declares no variable \"netwrk\". "
                "Did you mean \"network\"?",
                "1");
        options = (NookJobOptions){.var_files = files};
        expect_findings(
                text, &options,
                "2:1 error: Undefined variable: The job file declares no variable \"netwrk\". "
                "Did you mean \"network\"?",
                NULL);
        options = (NookJobOptions){.vars = bad};
        expect_findings(
                text, &options,
                "1:1 error: Invalid variable: --var needs NAME=VALUE, but this is \"network\".",
                NULL);
}

static void a_variable_file_declares_nothing(void **state) {
        g_autoptr(NookSource) file =
                nook_source_new_text("file", "variable \"a\" {\n  default = 1\n}\n");
        NookSource *const files[] = {file, NULL};
        NookJobOptions options = {.var_files = files};

        expect_findings("variable \"a\" {\n  default = 1\n}\n" META("var.a"), &options,
                        "1:1 error: Variable declaration in a variable file: A variable file gives "
                        "values to variables that the job file declares. Declare \"a\" there, and "
                        "write here: a = <value>",
                        NULL);
}

static void declarations_are_checked(void **state) {
        expect_findings(
                "variable \"a\" {\n  default = 1\n}\nvariables {\n  a = 2\n}\n" META("var.a"), NULL,
                "5:3 error: Duplicate variable: A variable \"a\" was declared before, at "
                "job.hcl:1:1.",
                NULL);
        expect_findings(
                "variable \"1a\" {\n  default = 1\n}\n" META("1"), NULL,
                "1:10 error: Invalid variable name: A name must start with a letter and may "
                "contain only letters, digits, underscores, and dashes.",
                NULL);
        expect_findings("variable \"a\" {\n  default = 1\n  description = null\n}\n" META("1"),
                        NULL,
                        "3:17 error: Unsuitable value: \"description\" must not be null; leave the "
                        "line out instead.",
                        NULL);
}

#define VALIDATED(value, condition, message)                                                       \
        "variable \"a\" {\n  default = " value "\n  validation {\n    condition = " condition      \
        "\n    error_message = " message "\n  }\n}\n" META("var.a")

static void validations_judge_the_value_in_force(void **state) {
        static const char *const words[] = {"a=2", NULL};
        NookJobOptions options = {.vars = words};

        expect(VALIDATED("5", "var.a > 3", "\"too small\""), NULL, "5");
        expect_findings(
                VALIDATED("5", "var.a > 3", "\"too small\""), &options,
                "1:1 error: Invalid value for variable: too small (variable \"a\", value from "
                "the command line; this is the rule at job.hcl:3:3)",
                NULL);
        expect_findings(VALIDATED("5", "var.b > 3", "\"m\""), NULL,
                        "4:17 error: Invalid reference in variable validation: The condition for "
                        "variable \"a\" can only refer to the variable itself, using var.a.",
                        NULL);
        expect_findings(VALIDATED("5", "true", "\"m\""), NULL,
                        "4:17 error: Invalid variable validation condition: The condition for "
                        "variable \"a\" must refer to var.a in order to test incoming values.",
                        NULL);
        expect_findings(
                VALIDATED("5", "var.a", "\"m\""), NULL,
                "4:17 error: Invalid variable validation result: The condition must be true "
                "or false, which this is not.",
                NULL);
        expect_findings(
                VALIDATED("5", "var.a == 5", "\" \""), NULL,
                "5:21 error: Invalid validation error message: An empty message helps nobody; "
                "say what a value must be.",
                NULL);
}

static void locals_may_stand_in_any_order(void **state) {
        expect("locals {\n  a = \"${local.b}!\"\n}\nlocals {\n  b = local.c\n  c = \"x\"\n}\n" META(
                       "local.a"),
               NULL, "x!");
        expect("locals {\n  a = length(local[\"b\"])\n  b = [1, 2]\n}\n" META("local.a"), NULL,
               "2");
        expect("locals {\n  a = keys(local.b)[0]\n  b = { k = 1 }\n}\n" META("local.a"), NULL, "k");
}

static void cycles_and_second_definitions_are_found(void **state) {
        expect_findings(
                "locals {\n  a = local.b\n  b = local.c\n  c = local.a\n}\n" META("local.a"), NULL,
                "2:3 error: Circular locals: local.a needs itself: local.a -> local.b -> "
                "local.c -> local.a.",
                NULL);
        expect_findings("locals {\n  a = local.a\n}\n" META("1"), NULL,
                        "2:3 error: Circular locals: local.a needs itself: local.a -> local.a.",
                        NULL);
        expect_findings(
                "locals {\n  a = 1\n}\nlocals {\n  a = 2\n}\n" META("local.a"), NULL,
                "5:3 warning: Duplicate local: \"a\" was defined before, at job.hcl:2:3; this "
                "definition replaces it.",
                "2");
}

static void a_long_chain_of_locals_is_refused_not_followed(void **state) {
        g_autoptr(GString) text = g_string_new("locals {\n");
        g_autofree char *findings = NULL;
        g_autoptr(NookJob) job = NULL;

        for (guint i = 0; i < 3000; i++)
                g_string_append_printf(text, "  l%u = local.l%u\n", i, i + 1);
        g_string_append(text, "  l3000 = 1\n}\n" META("1"));
        job = read_text(text->str, NULL, &findings);
        assert_null(job);
        assert_non_null(strstr(findings, "Locals may need each other over at most 500 steps."));
}

static void run_time_references_stay_as_text(void **state) {
        expect(META("\"${NOMAD_TASK_DIR}/x\""), NULL, "${NOMAD_TASK_DIR}/x");
        expect(META("NOMAD_TASK_DIR"), NULL, "${NOMAD_TASK_DIR}");
        expect(META("\"$${x}\""), NULL, "${x}");
        expect(META("upper(\"${attr.kernel.name}\")"), NULL, "${ATTR.KERNEL.NAME}");
        expect(META("\"${NOMAD_TASK_DIR}}\""), NULL, "${NOMAD_TASK_DIR}}");
        expect(META("\"${~ NOMAD_TASK_DIR ~}\""), NULL, "${NOMAD_TASK_DIR}");
        expect(META("\"${meta.a-b.c}\""), NULL, "${meta.a-b.c}");
        expect("locals {\n  a = \"${ NOMAD_TASK_DIR }\"\n}\n" META("local.a"), NULL,
               "${ NOMAD_TASK_DIR }");
}

static void what_run_time_never_replaces_is_warned_about(void **state) {
        expect_findings(META("\"${ NOMAD_TASK_DIR }\""), NULL,
                        "3:10 warning: Reference is never replaced: Outside of a driver's config a "
                        "reference with blanks is not replaced when the task runs; \"${ "
                        "NOMAD_TASK_DIR }\" would stay as it is. Write ${NOMAD_TASK_DIR}.",
                        "${ NOMAD_TASK_DIR }");
        expect_findings(
                META("\"${env[\"A\"]}\""), NULL,
                "3:10 warning: Reference is never replaced: Outside of a driver's config only "
                "the plain form is replaced when the task runs; \"${env[\"A\"]}\" would stay "
                "as it is. Write ${A}.",
                "${env[\"A\"]}");
        expect_findings(META("\"${node[\"a\"].b}\""), NULL,
                        "3:10 warning: Reference is never replaced: Outside of a driver's config a "
                        "reference with brackets is not replaced when the task runs; "
                        "\"${node[\"a\"].b}\" will stay as it is.",
                        "${node[\"a\"].b}");
        expect_findings(
                META("vra.x"), NULL,
                "3:9 warning: Unknown reference: There is no \"vra\" to refer to, so that this "
                "stays the text \"${vra.x}\". Did you mean \"var\"?",
                "${vra.x}");
        expect_findings(
                META("\"${locals.x}\""), NULL,
                "3:12 warning: Unknown reference: There is no \"locals\" to refer to, so that "
                "this stays the text \"${locals.x}\". Did you mean \"local\"?",
                "${locals.x}");
        expect_findings(
                META("NOMAD_TASKDIR"), NULL,
                "3:9 warning: Unknown reference: Nomad sets no variable NOMAD_TASKDIR. Did you "
                "mean NOMAD_TASK_DIR?",
                "${NOMAD_TASKDIR}");
}

static void config_takes_all_forms_of_references(void **state) {
        g_autofree char *findings = NULL;
        g_autoptr(NookJob) job = read_text("task \"t\" {\n  driver = \"exec\"\n  config {\n"
                                           "    command = \"${ NOMAD_TASK_DIR }/x\"\n"
                                           "    args = [\"${env[\"A.b\"]}\", FOO]\n  }\n}\n",
                                           NULL, &findings);
        const NookExecConfig *exec;

        assert_string_equal(findings, "");
        exec = &job->groups.items[0]->tasks.items[0]->exec;
        assert_string_equal(exec->command.text, "${ NOMAD_TASK_DIR }/x");
        assert_string_equal(exec->args.items[0].text, "${env[\"A.b\"]}");
        assert_string_equal(exec->args.items[1].text, "${FOO}");
}

static void files_are_read_only_where_that_is_allowed(void **state) {
        g_autofree char *dir = g_dir_make_tmp("nook-job-XXXXXX", NULL);
        g_autofree char *path = g_build_filename(dir, "motd", NULL);
        NookJobOptions options = {.base_dir = dir};

        assert_true(g_file_set_contents(path, "hello", -1, NULL));
        expect(META("file(\"motd\")"), &options, "hello");
        {
                g_autofree char *findings = NULL;
                g_autoptr(NookJob) job = read_text(META("file(\"motd\")"), NULL, &findings);

                assert_null(job);
                assert_non_null(strstr(findings, "3:"));
        }
        (void)g_remove(path);
        (void)g_rmdir(dir);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(variables_have_defaults_and_types),
                cmocka_unit_test(later_sources_win),
                cmocka_unit_test(words_are_literal_for_texts_and_expressions_for_others),
                cmocka_unit_test(a_variable_needs_a_value_of_its_type),
                cmocka_unit_test(undeclared_variables_are_errors_or_warnings),
                cmocka_unit_test(a_variable_file_declares_nothing),
                cmocka_unit_test(declarations_are_checked),
                cmocka_unit_test(validations_judge_the_value_in_force),
                cmocka_unit_test(locals_may_stand_in_any_order),
                cmocka_unit_test(cycles_and_second_definitions_are_found),
                cmocka_unit_test(a_long_chain_of_locals_is_refused_not_followed),
                cmocka_unit_test(run_time_references_stay_as_text),
                cmocka_unit_test(what_run_time_never_replaces_is_warned_about),
                cmocka_unit_test(config_takes_all_forms_of_references),
                cmocka_unit_test(files_are_read_only_where_that_is_allowed),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
