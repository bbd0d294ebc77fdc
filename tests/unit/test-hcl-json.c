/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "hcl/functions.h"
#include "hcl/json-node.h"
#include "hcl/json.h"

/* A document on its way through a test. */
typedef struct {
        NookSource *source;
        NookDiags *diags;
        HclFile *file;
} Document;

static Document parse(const char *text) {
        Document document = {.source = nook_source_new_text("t.json", text),
                             .diags = nook_diags_new()};

        document.file = hcl_json_parse(document.source, document.diags);
        return document;
}

static void finish(Document *document) {
        hcl_file_unref(document->file);
        nook_diags_free(document->diags);
        nook_source_unref(document->source);
}

/* The content by a schema of the attributes a and b and of blocks with no, one and two labels. */
static const HclContent *content(Document *document) {
        static const char *const one[] = {"name", NULL}, *const two[] = {"kind", "name", NULL};
        static const HclAttributeSchema attributes[] = {{"a"}, {"b"}};
        static const HclBlockSchema blocks[] = {{"blk"}, {"one", one}, {"two", two}};
        static const HclSchema schema = {attributes, G_N_ELEMENTS(attributes), blocks,
                                         G_N_ELEMENTS(blocks)};

        return hcl_body_content(hcl_file_body(document->file), &schema, document->diags);
}

static char *value_text(Document *document, const HclAttribute *attribute) {
        g_autoptr(HclScope) scope = hcl_scope_new(NULL);
        g_autoptr(HclValue) s = hcl_value_string("S", -1);
        g_autoptr(HclValue) value = NULL;
        GString *out = g_string_new(NULL);

        hcl_scope_add_standard_functions(scope);
        hcl_scope_set(scope, "s", s);
        value = hcl_expr_value(attribute->expr, scope, document->diags);
        (void)hcl_value_to_json(value, HCL_JSON_PLAIN, out);
        return g_string_free(out, FALSE);
}

static void assert_value(const char *json, const char *expected) {
        g_autofree char *text = g_strdup_printf("{\"a\": %s}", json);
        Document document = parse(text);
        const HclContent *found = content(&document);
        g_autofree char *value = NULL;

        assert_int_equal(found->n_attributes, 1);
        value = value_text(&document, found->attributes[0]);
        assert_int_equal(nook_diags_count_errors(document.diags), 0);
        assert_string_equal(value, expected);
        finish(&document);
}

/* The first finding of a document, read with the schema and evaluated. Its line and column too. */
static void assert_finding(const char *text, const char *summary, uint32_t line, uint32_t column) {
        Document document = parse(text);
        const HclContent *found = content(&document);
        const NookDiag *diag;
        NookPos pos;

        for (size_t i = 0; i < found->n_attributes; i++)
                g_free(value_text(&document, found->attributes[i]));
        if (nook_diags_count(document.diags) == 0)
                fail_msg("no finding: %s", text);
        diag = nook_diags_get(document.diags, 0);
        pos = nook_source_pos(document.source, diag->subject.start);
        assert_string_equal(diag->summary, summary);
        assert_int_equal(pos.line, line);
        assert_int_equal(pos.column, column);
        finish(&document);
}

static void strings_are_templates(void **state) {
        assert_value("\"x${s}y\"", "\"xSy\"");
        assert_value("\"${[1, 2]}\"", "[1,2]");
        assert_value("\"%{ if true }yes%{ endif }\"", "\"yes\"");
        assert_value("\"$${s} \\\"${upper(\\\"q\\\")}\\\"\"", "\"${s} \\\"Q\\\"\"");
        assert_value("{\"k${s}\": [\"${s}\"]}", "{\"kS\":[\"S\"]}");
}

static void other_values_are_what_they_are(void **state) {
        assert_value("null", "null");
        assert_value("true", "true");
        assert_value("-1.50e1", "-15");
        assert_value("123456789012345678901234567890", "123456789012345678901234567890");
        assert_value("[1, {\"x\": []}]", "[1,{\"x\":[]}]");
        assert_value("\"\\u00e9\\ud83d\\ude00\\/\\t\"", "\"é😀/\\t\"");
}

static void without_a_scope_a_string_stands_for_itself(void **state) {
        Document document = parse("{\"a\": \"x${s}\"}");
        const HclContent *found = content(&document);
        g_autoptr(HclValue) value =
                hcl_expr_value(found->attributes[0]->expr, NULL, document.diags);

        assert_string_equal(hcl_value_text(value, NULL), "x${s}");
        finish(&document);
}

static void blocks_come_from_objects_and_arrays(void **state) {
        Document document =
                parse("{\"blk\": [{\"a\": 1}, {}], \"one\": {\"x\": {\"a\": 2}, \"y\": [{}, "
                      "{}]}, \"two\": [{\"k\": {\"n\": {}}}], \"//\": \"no\"}");
        static const char *const expected[] = {"blk", "blk", "one x", "one y", "one y", "two k n"};
        const HclContent *found = content(&document);

        assert_int_equal(nook_diags_count(document.diags), 0);
        assert_int_equal(found->n_blocks, G_N_ELEMENTS(expected));
        for (size_t i = 0; i < found->n_blocks; i++) {
                const HclBlock *block = found->blocks[i];
                g_autofree char *labels = g_strjoinv(" ", (char **)(uintptr_t)block->labels);
                g_autofree char *text = g_strdup_printf("%s%s%s", block->type,
                                                        block->n_labels > 0 ? " " : "", labels);

                assert_string_equal(text, expected[i]);
        }
        finish(&document);
}

static void a_name_may_repeat_where_it_stands_for_blocks(void **state) {
        Document document = parse("[{\"blk\": {}}, {\"blk\": {}, \"a\": 1}]");
        const HclContent *found = content(&document);

        assert_int_equal(nook_diags_count(document.diags), 0);
        assert_int_equal(found->n_blocks, 2);
        assert_int_equal(found->n_attributes, 1);
        finish(&document);
}

static void what_is_wrong_is_named_with_its_place(void **state) {
        assert_finding("{\"a\": 1, \"a\": 2}", "Duplicate argument", 1, 10);
        assert_finding("{\"zzz\": 1}", "Extraneous JSON object property", 1, 2);
        assert_finding("{\"blk\": 1}", "Incorrect JSON value type", 1, 9);
        assert_finding("{\"one\": {}}", "Missing block label", 1, 9);
        assert_finding("{\"one\": [1]}", "Incorrect JSON value type", 1, 10);
        assert_finding("{\"a\": {\"k\": 1, \"k\": 2}}", "Duplicate object attribute", 1, 16);
        assert_finding("{\"a\": {\"${null}\": 1}}", "Invalid object key expression", 1, 8);
        assert_finding("{\n\"a\": \"é${nope}\"}", "Unknown variable", 2, 10);
        assert_finding("12", "Root value must be object", 1, 1);
}

static void broken_documents_are_refused(void **state) {
        assert_finding("{\"a\": 01}", "Invalid JSON number", 1, 7);
        assert_finding("{\"a\": tru}", "Invalid JSON keyword", 1, 7);
        assert_finding("{\"a\": NaN}", "Invalid JSON keyword", 1, 7);
        assert_finding("{\"a\": \"x\\q\"}", "Invalid JSON string", 1, 10);
        assert_finding("{\"a\": 1,}", "Trailing comma in object", 1, 8);
        assert_finding("{\"a\": [1,]}", "Trailing comma in array", 1, 9);
        assert_finding("{\"a\": 1", "Unclosed object", 1, 1);
        assert_finding("{\"a\": [1", "Unclosed array", 1, 7);
        assert_finding("{\"a\": [1}", "Mismatched brackets", 1, 9);
        assert_finding("{\"a\": 1]", "Mismatched braces", 1, 8);
        assert_finding("{\"a\" = 1}", "Missing property value colon", 1, 6);
        assert_finding("{\"a\"}", "Missing object value", 1, 5);
        assert_finding("{a: 1}", "Invalid object property name", 1, 2);
        assert_finding("{\"a\": 1 \"b\": 2}", "Missing separator comma", 1, 9);
        assert_finding("{\"a\": 1} x", "Extraneous data after value", 1, 10);
        assert_finding("", "Missing value", 1, 1);
        assert_finding("{\"a\": 'x'}", "Invalid start of value", 1, 7);
}

static void nesting_has_a_limit(void **state) {
        g_autofree char *open = g_strnfill(600, '[');
        g_autofree char *text = g_strdup_printf("{\"a\": %s", open);
        Document document = parse(text);

        assert_string_equal(nook_diags_get(document.diags, 0)->summary, "Nesting too deep");
        finish(&document);
}

static void nodes_keep_order_repetitions_and_numbers(void **state) {
        g_autoptr(NookSource) source =
                nook_source_new_text("t.json", "{\"b\": 1.50, \"a\": \"${x}\", \"b\": [1, 2]}");
        g_autoptr(NookDiags) diags = nook_diags_new();
        g_autoptr(HclFile) owner = NULL;
        const HclJsonNode *root = hcl_json_parse_nodes(source, &owner, diags);

        assert_int_equal(root->n, 3);
        assert_string_equal(root->members[0].value->text, "1.50");
        assert_string_equal(root->members[1].value->text, "${x}");
        assert_int_equal(hcl_json_node_member(root, "b")->value->n, 2);
        assert_null(hcl_json_node_member(root, "c"));
        assert_int_equal(hcl_json_node_start(root).end, 1);
}

static void json_is_chosen_by_its_first_brace(void **state) {
        assert_true(hcl_json_looks_like("  {}", 4));
        assert_false(hcl_json_looks_like("\n{}", 3));
        assert_false(hcl_json_looks_like("a {}", 4));
        assert_false(hcl_json_looks_like("", 0));
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(strings_are_templates),
                cmocka_unit_test(other_values_are_what_they_are),
                cmocka_unit_test(without_a_scope_a_string_stands_for_itself),
                cmocka_unit_test(blocks_come_from_objects_and_arrays),
                cmocka_unit_test(a_name_may_repeat_where_it_stands_for_blocks),
                cmocka_unit_test(what_is_wrong_is_named_with_its_place),
                cmocka_unit_test(broken_documents_are_refused),
                cmocka_unit_test(nesting_has_a_limit),
                cmocka_unit_test(nodes_keep_order_repetitions_and_numbers),
                cmocka_unit_test(json_is_chosen_by_its_first_brace),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
