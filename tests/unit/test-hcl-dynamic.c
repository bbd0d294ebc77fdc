/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "test.h"

#include <string.h>

#include "hcl-check.h"

static const char *const one_label[] = {"name", NULL};
static const HclBlockSchema blocks[] = {{.type = "port", .labels = one_label}, {.type = "check"}};
static const HclSchema schema = {.blocks = blocks, .n_blocks = G_N_ELEMENTS(blocks)};

/* Appends the blocks of a body: "port x {a=1}". */
static void describe(HclBody *body, const HclScope *scope, NookDiags *diags, GString *out) {
        const HclContent *content = hcl_body_everything(body, diags);

        for (size_t i = 0; i < content->n_attributes; i++) {
                g_autoptr(HclValue) value =
                        hcl_expr_value(content->attributes[i]->expr, scope, diags);

                g_string_append_printf(out, "%s=", content->attributes[i]->name);
                (void)hcl_value_to_json(value, HCL_JSON_PLAIN, out);
                g_string_append_c(out, ' ');
        }
        for (size_t i = 0; i < content->n_blocks; i++) {
                const HclBlock *block = content->blocks[i];

                g_string_append(out, block->type);
                for (size_t j = 0; j < block->n_labels; j++)
                        g_string_append_printf(out, " %s", block->labels[j]);
                g_string_append(out, " {");
                describe(block->body, scope, diags, out);
                g_string_append(out, "} ");
        }
}

static void check_expansion(const char *text, const char *expected) {
        g_autoptr(HclFile) file = hcl_check_parse(text);
        g_autoptr(NookDiags) diags = nook_diags_new();
        g_autoptr(HclScope) scope = hcl_check_scope();
        HclBody *body = hcl_body_expand_dynamic(hcl_file_body(file), scope);
        g_autoptr(GString) out = g_string_new(NULL);

        (void)hcl_body_content(body, &schema, diags);
        describe(body, scope, diags, out);
        nook_diags_print(diags, stderr, false);
        assert_int_equal(nook_diags_count(diags), 0);
        g_strchomp(out->str);
        assert_string_equal(out->str, expected);
}

static void check_finding(const char *text, const char *summary, const char *detail) {
        g_autoptr(HclFile) file = hcl_check_parse(text);
        g_autoptr(NookDiags) diags = nook_diags_new();
        g_autoptr(HclScope) scope = hcl_check_scope();
        HclBody *body = hcl_body_expand_dynamic(hcl_file_body(file), scope);

        (void)hcl_body_content(body, &schema, diags);
        nook_diags_print(diags, stderr, false);
        assert_int_equal(nook_diags_count(diags), 1);
        assert_string_equal(nook_diags_get(diags, 0)->summary, summary);
        if (detail)
                assert_non_null(strstr(nook_diags_get(diags, 0)->detail, detail));
}

static void each_element_makes_a_block(void **state) {
        check_expansion("dynamic \"check\" {\n for_each = l\n content {\n a = check.value\n }\n}\n",
                        "check {a=1 } check {a=2 } check {a=3 }");
        check_expansion("dynamic check {\n for_each = {y = 1, x = 2}\n content {\n"
                        " a = \"${check.key}${check.value}\"\n }\n}\n",
                        "check {a=\"x2\" } check {a=\"y1\" }");
        check_expansion("dynamic \"check\" {\n for_each = ss\n content {\n"
                        " a = check.key == check.value\n }\n}\n",
                        "check {a=true } check {a=true }");
}

static void an_iterator_has_a_name_of_its_own(void **state) {
        check_expansion("dynamic \"check\" {\n for_each = l\n iterator = it\n content {\n"
                        " a = it.key\n }\n}\n",
                        "check {a=0 } check {a=1 } check {a=2 }");
}

static void labels_are_a_list_of_expressions(void **state) {
        check_expansion("dynamic \"port\" {\n for_each = lo\n labels = [port.value.b]\n content {\n"
                        " a = port.value.a\n }\n}\n",
                        "port x {a=1 } port y {a=2 }");
}

static void dynamic_blocks_nest(void **state) {
        check_expansion(
                "dynamic \"check\" {\n for_each = [1, 2]\n content {\n"
                " dynamic \"inner\" {\n for_each = [10, 20]\n content {\n"
                " a = check.value + inner.value\n }\n }\n }\n}\n",
                "check {inner {a=11 } inner {a=21 } } check {inner {a=12 } inner {a=22 } }");
        check_expansion("check {\n dynamic \"inner\" {\n for_each = [s]\n content {\n"
                        " a = inner.value\n }\n }\n}\n",
                        "check {inner {a=\"str\" } }");
}

static void generated_blocks_stand_among_the_others(void **state) {
        check_expansion("check {\n a = 1\n}\ndynamic \"check\" {\n for_each = [2]\n content {\n"
                        " a = check.value\n }\n}\ncheck {\n a = 3\n}\n",
                        "check {a=1 } check {a=2 } check {a=3 }");
}

static void content_is_not_evaluated_without_elements(void **state) {
        check_expansion("dynamic \"check\" {\n for_each = []\n content {\n a = nosuch\n }\n}\n",
                        "");
}

static void blocks_not_asked_for_stay_for_later(void **state) {
        const HclSchema first = {.blocks = &blocks[1], .n_blocks = 1};
        g_autoptr(HclFile) file =
                hcl_check_parse("dynamic \"port\" {\n for_each = lo\n labels = [port.value.b]\n"
                                " content {\n }\n}\ncheck {\n}\n");
        g_autoptr(NookDiags) diags = nook_diags_new();
        g_autoptr(HclScope) scope = hcl_check_scope();
        HclBody *body = hcl_body_expand_dynamic(hcl_file_body(file), scope), *rest;
        const HclContent *content = hcl_body_partial_content(body, &first, &rest, diags);

        assert_int_equal(content->n_blocks, 1);
        content = hcl_body_content(rest, &schema, diags);
        assert_int_equal(nook_diags_count(diags), 0);
        assert_int_equal(content->n_blocks, 2);
        assert_string_equal(content->blocks[1]->labels[0], "y");
}

static void references_leave_out_the_iterators(void **state) {
        g_autoptr(HclFile) file = hcl_check_parse("dynamic \"check\" {\n for_each = l\n content {\n"
                                                  " a = [check.value, i]\n }\n}\n");
        g_autoptr(NookDiags) diags = nook_diags_new();
        g_autoptr(HclScope) scope = hcl_check_scope();
        HclBody *body = hcl_body_expand_dynamic(hcl_file_body(file), scope);
        const HclContent *content = hcl_body_content(body, &schema, diags);
        const HclContent *inner = hcl_body_everything(content->blocks[0]->body, diags);
        g_autoptr(GPtrArray) found = hcl_expr_traversals(inner->attributes[0]->expr);
        const HclExpr *const *items;
        size_t n;

        assert_int_equal(found->len, 1);
        assert_string_equal(((const HclTraversal *)found->pdata[0])->root, "i");
        assert_true(hcl_expr_list(inner->attributes[0]->expr, &items, &n));
        assert_int_equal(n, 2);
}

#define DYNAMIC(inside) "dynamic \"check\" {\n" inside "\n}\n"
#define CONTENT         "\ncontent {\n}"

static void wrong_dynamic_blocks_are_reported(void **state) {
        const char *for_each = "Invalid dynamic for_each value";

        check_finding(DYNAMIC("for_each = n" CONTENT), for_each, "null");
        check_finding(DYNAMIC("for_each = s" CONTENT), for_each, "string");
        check_finding(DYNAMIC("for_each = nosuch" CONTENT), "Unknown variable", NULL);
        check_finding(DYNAMIC(CONTENT), "Missing required argument", "for_each");
        check_finding(DYNAMIC("for_each = l"), "Missing dynamic content block", NULL);
        check_finding(DYNAMIC("for_each = l" CONTENT CONTENT), "Extraneous dynamic content block",
                      NULL);
        check_finding(DYNAMIC("for_each = l\niterator = a.b" CONTENT),
                      "Invalid dynamic iterator name", NULL);
        check_finding(DYNAMIC("for_each = l\nlabels = []" CONTENT), "Unsupported argument",
                      "labels");
        check_finding(DYNAMIC("for_each = l\nother = 1" CONTENT), "Unsupported argument", "other");
        check_finding("dynamic \"nosuch\" {\nfor_each = l" CONTENT "\n}\n",
                      "Unsupported block type", "\"nosuch\"");
        check_finding("dynamic {\n}\n", "Missing type for dynamic", NULL);
        check_finding("dynamic \"port\" {\nfor_each = l" CONTENT "\n}\n",
                      "Insufficient dynamic block labels", "\"port\"");
        check_finding("dynamic \"port\" {\nfor_each = l\nlabels = [1, 2]" CONTENT "\n}\n",
                      "Extraneous dynamic block label", NULL);
        check_finding("dynamic \"port\" {\nfor_each = l\nlabels = l" CONTENT "\n}\n",
                      "Invalid expression", "static list");
        check_finding("dynamic \"port\" {\nfor_each = [1]\nlabels = [null]" CONTENT "\n}\n",
                      "Invalid dynamic block label", "null");
        check_finding("dynamic \"port\" {\nfor_each = [1]\nlabels = [[]]" CONTENT "\n}\n",
                      "Invalid dynamic block label", NULL);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(each_element_makes_a_block),
                cmocka_unit_test(an_iterator_has_a_name_of_its_own),
                cmocka_unit_test(labels_are_a_list_of_expressions),
                cmocka_unit_test(dynamic_blocks_nest),
                cmocka_unit_test(generated_blocks_stand_among_the_others),
                cmocka_unit_test(content_is_not_evaluated_without_elements),
                cmocka_unit_test(blocks_not_asked_for_stay_for_later),
                cmocka_unit_test(references_leave_out_the_iterators),
                cmocka_unit_test(wrong_dynamic_blocks_are_reported),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
