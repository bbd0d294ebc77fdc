/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "hcl/functions.h"
#include "hcl/json-value.h"

/* Where function-cases.tsv lies: an expression, a tab, and what go-cty makes of it, or "error". */
static const char *cases_path;

/* Where expression-cases.tsv lies: the same of the language itself, with each expression as a JSON
 * string. */
static const char *expressions_path;

/* What these expressions may refer to. */
static const char variables[] =
        "{\"n\": 7, \"s\": \"hello\", \"e\": \"\", \"t\": true, \"nul\": null,"
        "\"l\": [\"a\", \"b\", \"c\"], \"nums\": [3, 1, 2], \"empty\": [], \"eo\": {},"
        "\"m\": {\"a\": 1, \"b\": 2, \"c-d\": 3}, \"ms\": {\"x\": \"one\", \"y\": \"two\"},"
        "\"o\": {\"name\": \"web\", \"list\": [1, 2, 3], \"in\": {\"k\": \"v\", \"deep\": {\"z\": "
        "9}}},"
        "\"objs\": [{\"id\": 1, \"tags\": [\"p\", \"q\"], \"o\": {\"v\": 1}},"
        "{\"id\": 2, \"tags\": [], \"o\": {\"v\": 2}}],"
        "\"multi\": \"line one\\n  line two\\nthree\\n\"}";

/* The answer to an expression: {"type": T, "value": V}, or "error". Caller's. */
static char *answer_to(HclScope *scope, NookSource *source) {
        g_autoptr(NookDiags) diags = nook_diags_new();
        g_autoptr(HclFile) file = hcl_parse_expr(source, diags);
        g_autoptr(HclValue) value = hcl_expr_value(hcl_file_expr(file), scope, diags);
        g_autoptr(HclTypeConst) type = hcl_value_type(value);
        g_autoptr(GString) out = g_string_new("{\"type\":");
        gsize start;

        if (nook_diags_count_errors(diags) > 0)
                return g_strdup("error");
        hcl_type_to_json(type, out);
        start = out->len;
        g_string_append(out, ",\"value\":");
        if (!hcl_value_to_json(value, HCL_JSON_PLAIN, out))
                g_string_truncate(out, start);
        g_string_append_c(out, '}');
        return g_string_free(g_steal_pointer(&out), FALSE);
}

static char *answer_in(HclScope *scope, const char *text) {
        g_autoptr(NookSource) source = nook_source_new_text("case", text);

        return answer_to(scope, source);
}

/* The first finding of an expression. Caller's. */
static char *error_of(const char *text) {
        g_autoptr(HclScope) scope = hcl_scope_new(NULL);
        g_autoptr(NookSource) source = nook_source_new_text("case", text);
        g_autoptr(NookDiags) diags = nook_diags_new();
        g_autoptr(HclFile) file = hcl_parse_expr(source, diags);
        g_autoptr(HclValue) value = NULL;

        hcl_scope_add_standard_functions(scope);
        value = hcl_expr_value(hcl_file_expr(file), scope, diags);
        return nook_diags_first_error(diags);
}

/* JSON in one spelling, so that escapes and the order of members do not matter. */
static char *normal_json(const char *text) {
        g_autoptr(GString) out = g_string_new(NULL);
        g_autofree char *why = NULL;
        g_autoptr(HclValue) value = hcl_value_from_json(text, strlen(text), &why);

        if (value == NULL)
                return g_strdup(text);
        assert_true(hcl_value_to_json(value, HCL_JSON_PLAIN, out));
        return g_string_free(g_steal_pointer(&out), FALSE);
}

static void each_function_answers_as_go_cty_does(void **state) {
        g_autoptr(HclScope) scope = hcl_scope_new(NULL);
        g_autofree char *text = NULL;
        g_auto(GStrv) lines = NULL;
        guint wrong = 0;

        assert_true(g_file_get_contents(cases_path, &text, NULL, NULL));
        lines = g_strsplit(text, "\n", -1);
        assert_true(g_strv_length(lines) > 300);
        hcl_scope_add_standard_functions(scope);
        for (size_t i = 0; lines[i] != NULL && lines[i][0] != '\0'; i++) {
                char *tab = strchr(lines[i], '\t');
                g_autofree char *ours = NULL, *left = NULL, *right = NULL;

                assert_non_null(tab);
                *tab = '\0';
                ours = answer_in(scope, lines[i]);
                left = normal_json(ours);
                right = normal_json(tab + 1);
                if (strcmp(left, right) == 0)
                        continue;
                print_error("line %zu: %s\n  expected %s\n  found    %s\n", i + 1, lines[i],
                            tab + 1, ours);
                wrong++;
        }
        assert_int_equal(wrong, 0);
}

/* Reads the text that a JSON string stands for, which may hold anything. */
static NookSource *source_of_json(const char *json) {
        g_autofree char *why = NULL;
        g_autoptr(HclValue) value = hcl_value_from_json(json, strlen(json), &why);
        g_autoptr(GBytes) bytes = NULL;
        const char *text;
        size_t size;

        assert_non_null(value);
        text = hcl_value_text(value, &size);
        bytes = g_bytes_new(text, size);
        return nook_source_new("case", bytes);
}

static HclScope *scope_with_variables(void) {
        g_autofree char *why = NULL;
        g_autoptr(HclValue) object = hcl_value_from_json(variables, strlen(variables), &why);
        HclScope *scope = hcl_scope_new(NULL);

        assert_non_null(object);
        hcl_scope_add_standard_functions(scope);
        for (size_t i = 0; i < hcl_value_length(object); i++)
                hcl_scope_set(scope, hcl_value_text(hcl_value_key(object, i), NULL),
                              hcl_value_element(object, i));
        return scope;
}

static void each_expression_comes_to_what_hcl_makes_of_it(void **state) {
        g_autoptr(HclScope) scope = scope_with_variables();
        g_autofree char *text = NULL;
        g_auto(GStrv) lines = NULL;
        guint wrong = 0;

        assert_true(g_file_get_contents(expressions_path, &text, NULL, NULL));
        lines = g_strsplit(text, "\n", -1);
        assert_true(g_strv_length(lines) > 1000);
        for (size_t i = 0; lines[i] != NULL && lines[i][0] != '\0'; i++) {
                char *tab = strchr(lines[i], '\t');
                g_autofree char *ours = NULL, *left = NULL, *right = NULL;
                g_autoptr(NookSource) source = NULL;

                assert_non_null(tab);
                *tab = '\0';
                source = source_of_json(lines[i]);
                ours = answer_to(scope, source);
                left = normal_json(ours);
                right = normal_json(tab + 1);
                if (strcmp(left, right) == 0)
                        continue;
                print_error("line %zu: %s\n  expected %s\n  found    %s\n", i + 1, lines[i],
                            tab + 1, ours);
                wrong++;
        }
        assert_int_equal(wrong, 0);
}

static void a_failed_call_names_the_function_and_the_argument(void **state) {
        g_autofree char *first = error_of("lookup([1], \"a\", 2)");
        g_autofree char *second = error_of("format(\"%d\", \"x\")");

        assert_non_null(strstr(first, "Invalid function argument"));
        assert_non_null(strstr(first, "inputMap"));
        assert_non_null(strstr(second, "format"));
        assert_non_null(strstr(second, "%d"));
}

static void try_tells_what_the_first_expression_lacked(void **state) {
        g_autofree char *error = error_of("try(nope, 1 + null)");

        assert_non_null(strstr(error, "no expression succeeded"));
        assert_non_null(strstr(error, "nope"));
}

static void random_uuids_differ_and_are_of_version_4(void **state) {
        g_autoptr(HclScope) scope = hcl_scope_new(NULL);
        g_autofree char *first = NULL, *second = NULL;

        hcl_scope_add_standard_functions(scope);
        first = answer_in(scope, "uuidv4()");
        second = answer_in(scope, "uuidv4()");
        assert_string_not_equal(first, second);
        assert_true(g_regex_match_simple("\"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-"
                                         "[0-9a-f]{12}\"",
                                         first, 0, 0));
}

static void bcrypt_makes_salted_hashes_up_to_a_cost(void **state) {
        g_autoptr(HclScope) scope = hcl_scope_new(NULL);
        g_autofree char *first = NULL, *second = NULL, *costly = NULL, *too_costly = NULL;

        hcl_scope_add_standard_functions(scope);
        first = answer_in(scope, "bcrypt(\"secret\", 4)");
        second = answer_in(scope, "bcrypt(\"secret\", 4)");
        costly = answer_in(scope, "bcrypt(\"secret\", 31)");
        too_costly = answer_in(scope, "bcrypt(\"secret\", 32)");
        assert_non_null(strstr(first, "\"$2a$04$"));
        assert_string_not_equal(first, second);
        assert_string_equal(costly, "error");
        assert_string_equal(too_costly, "error");
}

static void hostile_patterns_and_sizes_end_with_an_error(void **state) {
        g_autoptr(HclScope) scope = hcl_scope_new(NULL);
        static const char *const texts[] = {
                "regex_replace(format(\"%05000s\", \"b\"), \"(0+0+)+[yz]\", \"x\")",
                /* Each match is within the limit for one; thousands of them are not. */
                "regex_replace(join(\"c\", [for i in range(1000) : format(\"%020d\", 0)]), "
                "\"(0+)+1|0\", \"\")",
                "indent(1000000000000, \"a\\nb\")",
                "format(\"%999999999d\", 1)",
                "format(\"%.999999999f\", 1)",
                "replace(format(\"%0900000s\", \"\"), \"0\", format(\"%0900000s\", \"\"))",
                "join(format(\"%0900000s\", \"\"), range(1000), range(1000))",
                "setproduct(range(1000), range(1000), range(1000))",
                "yamldecode(\"a: &a [x,x,x,x,x,x,x,x,x]\\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\\nc: "
                "&c "
                "[*b,*b,*b,*b,*b,*b,*b,*b,*b]\\nd: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c]\\ne: &e "
                "[*d,*d,*d,*d,*d,*d,*d,*d,*d]\\nf: &f [*e,*e,*e,*e,*e,*e,*e,*e,*e]\\ng: "
                "[*f,*f,*f,*f,*f,*f,*f,*f,*f]\")",
        };

        hcl_scope_add_standard_functions(scope);
        for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
                g_autofree char *answer = answer_in(scope, texts[i]);

                if (strcmp(answer, "error") != 0)
                        fail_msg("no error: %s", texts[i]);
        }
}

/* ---- File functions ---- */

static HclScope *file_scope(const HclFileAccess *access) {
        HclScope *scope = hcl_scope_new(NULL);

        hcl_scope_add_file_functions(scope, access);
        return scope;
}

static void write_file(const char *dir, const char *name, const char *text) {
        g_autofree char *path = g_build_filename(dir, name, NULL);

        assert_true(g_file_set_contents(path, text, -1, NULL));
}

static void make_dir(const char *dir, const char *name) {
        g_autofree char *path = g_build_filename(dir, name, NULL);

        assert_int_equal(mkdir(path, 0700), 0);
}

static int make_folder(void **state) {
        char *dir = g_dir_make_tmp("nook-functions-XXXXXX", NULL);
        g_autofree char *link = g_build_filename(dir, "out", NULL);

        assert_non_null(dir);
        write_file(dir, "a.txt", "hello\n");
        write_file(dir, "b.bin", "\xff\xfe");
        make_dir(dir, "sub");
        make_dir(dir, "sub/deep");
        write_file(dir, "sub/c.txt", "c");
        write_file(dir, "sub/deep/d.txt", "d");
        assert_int_equal(symlink("/etc/passwd", link), 0);
        *state = dir;
        return 0;
}

static int remove_folder(void **state) {
        static const char *const names[] = {"a.txt",          "b.bin",    "out", "sub/c.txt",
                                            "sub/deep/d.txt", "sub/deep", "sub", ""};
        char *dir = *state;

        for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
                g_autofree char *path = g_build_filename(dir, names[i], NULL);

                (void)remove(path);
        }
        g_free(dir);
        return 0;
}

static void assert_answer(HclScope *scope, const char *text, const char *expected) {
        g_autofree char *answer = answer_in(scope, text);

        if (strcmp(answer, expected) != 0)
                fail_msg("%s\n  expected %s\n  found    %s", text, expected, answer);
}

#define TEXT(value) "{\"type\":\"string\",\"value\":" value "}"

static void files_below_the_folder_can_be_read(void **state) {
        HclFileAccess access = {.allowed = true, .base_dir = *state};
        g_autoptr(HclScope) scope = file_scope(&access);
        g_autofree char *absolute = g_strdup_printf("file(\"%s/a.txt\")", (char *)*state);

        assert_answer(scope, "file(\"a.txt\")", TEXT("\"hello\\n\""));
        assert_answer(scope, "file(\"./sub/../a.txt\")", TEXT("\"hello\\n\""));
        assert_answer(scope, absolute, TEXT("\"hello\\n\""));
        assert_answer(scope, "filebase64(\"b.bin\")", TEXT("\"//4=\""));
        assert_answer(scope, "file(\"b.bin\")", "error");
        assert_answer(scope, "file(\"sub\")", "error");
        assert_answer(scope, "file(\"none\")", "error");
        assert_answer(scope, "fileexists(\"a.txt\")", "{\"type\":\"bool\",\"value\":true}");
        assert_answer(scope, "fileexists(\"none\")", "{\"type\":\"bool\",\"value\":false}");
        assert_answer(scope, "fileexists(\"sub\")", "error");
}

static void nothing_outside_of_the_folder_can_be_read(void **state) {
        HclFileAccess access = {.allowed = true, .base_dir = *state, .home_dir = "/root"};
        g_autoptr(HclScope) scope = file_scope(&access);

        assert_answer(scope, "file(\"/etc/passwd\")", "error");
        assert_answer(scope, "file(\"../../../../etc/passwd\")", "error");
        assert_answer(scope, "file(\"out\")", "error");
        assert_answer(scope, "file(\"~/.profile\")", "error");
        assert_answer(scope, "fileexists(\"/etc/passwd\")", "error");
        assert_answer(scope, "fileset(\"..\", \"*\")", "error");
        assert_answer(scope, "fileset(\".\", \"../*\")", "error");
}

static void file_functions_can_be_forbidden_altogether(void **state) {
        HclFileAccess access = {.allowed = false, .base_dir = *state};
        g_autoptr(HclScope) scope = file_scope(&access);

        assert_answer(scope, "file(\"a.txt\")", "error");
        assert_answer(scope, "basename(\"a/b\")", "error");
        assert_answer(scope, "abspath(\"a\")", "error");
}

#define FILES(value) "{\"type\":[\"set\",\"string\"],\"value\":" value "}"

static void globs_find_files_at_any_depth(void **state) {
        HclFileAccess access = {.allowed = true, .base_dir = *state};
        g_autoptr(HclScope) scope = file_scope(&access);

        assert_answer(scope, "fileset(\".\", \"*.txt\")", FILES("[\"a.txt\"]"));
        assert_answer(scope, "fileset(\".\", \"**/*.txt\")",
                      FILES("[\"a.txt\",\"sub/c.txt\",\"sub/deep/d.txt\"]"));
        assert_answer(scope, "fileset(\"sub\", \"**\")", FILES("[\"c.txt\",\"deep/d.txt\"]"));
        assert_answer(scope, "fileset(\".\", \"{a,b}.*\")", FILES("[\"a.txt\",\"b.bin\"]"));
        assert_answer(scope, "fileset(\".\", \"[^a].b?n\")", FILES("[\"b.bin\"]"));
        assert_answer(scope, "fileset(\"none\", \"*\")", FILES("[]"));
        assert_answer(scope, "fileset(\".\", \"{a\")", "error");
        assert_answer(scope, "fileset(\".\", join(\"\", [for i in range(9000) : \"{a,b}\"]))",
                      "error");
}

static void paths_are_taken_apart_as_text(void **state) {
        HclFileAccess access = {
                .allowed = true, .base_dir = ".", .home_dir = "/home/u", .work_dir = "/w/d"};
        g_autoptr(HclScope) scope = file_scope(&access);

        assert_answer(scope, "basename(\"/a/b/\")", TEXT("\"b\""));
        assert_answer(scope, "basename(\"\")", TEXT("\".\""));
        assert_answer(scope, "basename(\"//\")", TEXT("\"/\""));
        assert_answer(scope, "dirname(\"/a/b/\")", TEXT("\"/a/b\""));
        assert_answer(scope, "dirname(\"a\")", TEXT("\".\""));
        assert_answer(scope, "dirname(\"/a\")", TEXT("\"/\""));
        assert_answer(scope, "abspath(\"x/../y\")", TEXT("\"/w/d/y\""));
        assert_answer(scope, "abspath(\"/x//y\")", TEXT("\"/x/y\""));
        assert_answer(scope, "pathexpand(\"~/x\")", TEXT("\"/home/u/x\""));
        assert_answer(scope, "pathexpand(\"~\")", TEXT("\"/home/u\""));
        assert_answer(scope, "pathexpand(\"~other/x\")", "error");
        assert_answer(scope, "pathexpand(\"a/../b\")", TEXT("\"a/../b\""));
}

int main(int argc, char **argv) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(each_function_answers_as_go_cty_does),
                cmocka_unit_test(each_expression_comes_to_what_hcl_makes_of_it),
                cmocka_unit_test(a_failed_call_names_the_function_and_the_argument),
                cmocka_unit_test(try_tells_what_the_first_expression_lacked),
                cmocka_unit_test(random_uuids_differ_and_are_of_version_4),
                cmocka_unit_test(bcrypt_makes_salted_hashes_up_to_a_cost),
                cmocka_unit_test(hostile_patterns_and_sizes_end_with_an_error),
                cmocka_unit_test(files_below_the_folder_can_be_read),
                cmocka_unit_test(nothing_outside_of_the_folder_can_be_read),
                cmocka_unit_test(file_functions_can_be_forbidden_altogether),
                cmocka_unit_test(globs_find_files_at_any_depth),
                cmocka_unit_test(paths_are_taken_apart_as_text),
        };

        g_assert(argc == 3);
        cases_path = argv[1];
        expressions_path = argv[2];
        return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
