/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "test.h"

#include <string.h>

#include "hcl-check.h"

/* ---- Structure ---- */

static void attributes_and_blocks_come_in_source_order(void **state) {
        g_autoptr(HclFile) file = hcl_check_parse("z = 1\nb \"one\" two {\n}\na = 2\nb {\n}\n");
        g_autoptr(NookDiags) diags = nook_diags_new();
        const HclContent *content = hcl_body_everything(hcl_file_body(file), diags);

        assert_int_equal(content->n_attributes, 2);
        assert_string_equal(content->attributes[0]->name, "z");
        assert_string_equal(content->attributes[1]->name, "a");
        assert_int_equal(content->n_blocks, 2);
        assert_int_equal(content->blocks[0]->n_labels, 2);
        assert_string_equal(content->blocks[0]->labels[0], "one");
        assert_string_equal(content->blocks[0]->labels[1], "two");
        assert_null(content->blocks[0]->labels[2]);
        assert_int_equal(content->blocks[1]->n_labels, 0);
}

static void ranges_cover_what_they_name(void **state) {
        g_autoptr(HclFile) file = hcl_check_parse("\nb \"x\" {\n  a = 1 + 2 # c\n}\n");
        g_autoptr(NookDiags) diags = nook_diags_new();
        const HclContent *content = hcl_body_everything(hcl_file_body(file), diags);
        const HclBlock *block = content->blocks[0];
        const HclAttribute *attribute = hcl_body_everything(block->body, diags)->attributes[0];

        assert_int_equal(block->type_range.start, 1);
        assert_int_equal(block->range.end, 6);
        assert_int_equal(block->open_brace.start, 7);
        assert_int_equal(block->close_brace.start, 25);
        assert_int_equal(attribute->name_range.start, 11);
        assert_int_equal(attribute->range.end, 20);
        assert_int_equal(hcl_expr_range(attribute->expr).start, 15);
        assert_int_equal(hcl_body_missing_range(block->body).start, 7);
}

static void a_block_may_be_on_one_line(void **state) {
        hcl_check_body_accepted("b {}\nc { }\nd { a = 1 }\ne { a = {} }\n");
        hcl_check_body_accepted("b {\n}\n");
        hcl_check_body_accepted("b { a = [\n1,\n2\n] }\n");
}

static void words_of_expressions_are_names_in_bodies(void **state) {
        hcl_check_body_accepted("in = 1\nfor {}\nnull {}\ntrue = 1\na = 1\na {}\n");
        hcl_check_attribute("\303\251t\303\251 = 1\na = 2\n", "2");
}

static void comments_stand_anywhere(void **state) {
        hcl_check_attribute("# one\n// two\n/* three */ a /* four */ = /* five\n */ 1 # six\n",
                            "1");
        hcl_check_attribute("a = 1 // no newline", "1");
        hcl_check_body_refused("a = 1 /* no end");
}

static void newlines_do_not_count_in_brackets(void **state) {
        hcl_check_attribute("a = (1 +\n2)\n", "3");
        hcl_check_attribute("a = [\n1\n,\n2\n]\n", "[1,2]");
        hcl_check_attribute("a = l[\n0\n]\n", "1");
        hcl_check_attribute("a = sum(\n1,\n2,\n)\n", "3");
        hcl_check_attribute("a = [for x in l :\nx\nif x > 2\n]\n", "[3]");
        hcl_check_attribute("a = {\nfor x in l :\nx => x\nif x > 2\n}\n", "{\"3\":3}");
        hcl_check_body_refused("a = 1 +\n2\n");
        hcl_check_body_refused("a = t ?\n1 : 2\n");
}

static void line_ends_may_be_those_of_windows(void **state) {
        hcl_check_attribute("b = 1\r\na = 2\r\n", "2");
        hcl_check_body_refused("b = 1\ra = 2\n");
}

static void a_byte_order_mark_may_stand_at_the_start_only(void **state) {
        hcl_check_attribute("\357\273\277a = 1\n", "1");
        hcl_check_body_error("b = 1\n\357\273\277a = 1\n", "2:1-2:2", "Invalid character", NULL);
}

/* ---- Mistakes ---- */

static void items_end_with_a_newline(void **state) {
        hcl_check_body_error("a = 1, b = 2\n", "1:6-1:7", "Unexpected comma after argument", NULL);
        hcl_check_body_error("a = 1 b = 2\n", "1:7-1:8", "Missing newline after argument", NULL);
        hcl_check_body_error("b {} c {}\n", "1:6-1:7", "Missing newline after block definition",
                             NULL);
        hcl_check_body_error("a = 1_000\n", "1:6-1:10", "Missing newline after argument", NULL);
        hcl_check_body_error("a = 1e\n", "1:6-1:7", "Missing newline after argument", NULL);
        hcl_check_body_error("a = 0x1F\n", "1:6-1:9", "Missing newline after argument", NULL);
}

static void items_must_be_arguments_or_blocks(void **state) {
        const char *summary = "Argument or block definition required";

        hcl_check_body_error("a\n", "1:1-1:2", summary, "equals sign");
        hcl_check_body_error("a: 1\n", "1:1-1:2", summary, NULL);
        hcl_check_body_error("= 1\n", "1:1-1:2", summary, NULL);
        hcl_check_body_error("}\n", "1:1-1:2", summary, "does not belong to any block");
        hcl_check_body_error("\"a\" = 1\n", "1:1-1:2", "Invalid argument name", "quoted");
        hcl_check_body_error("a = 1\nb = 2\na = 3\n", "3:1-3:2", "Attribute redefined",
                             "line 1, column 1");
}

static void block_headers_end_with_a_brace(void **state) {
        const char *summary = "Invalid block definition";

        hcl_check_body_error("b \"x\"\n{\n}\n", "1:6-2:1", summary, "same line");
        hcl_check_body_error("b x = 1\n", "1:5-1:6", summary, "equals sign");
        hcl_check_body_error("b x 1 {\n}\n", "1:5-1:6", summary, "opening brace");
        hcl_check_body_error("b \"${s}\" {\n}\n", "1:4-1:6", "Invalid string literal", "$$");
        hcl_check_body_error("b {\n  a = 1\n", "1:3-1:4", "Unclosed configuration block", NULL);
}

static void a_block_on_one_line_holds_one_argument(void **state) {
        const char *summary = "Invalid single-argument block definition";

        hcl_check_body_error("b { a = 1, c = 2 }\n", "1:10-1:11", summary, "only one argument");
        hcl_check_body_error("b { a = 1\n}\n", "1:10-2:1", summary, "closed on that line");
        hcl_check_body_error("b { a = 1 c }\n", "1:11-1:12", summary, NULL);
        hcl_check_body_error("b { c {} }\n", "1:5-1:8", "Argument definition required", "\"c\"");
        hcl_check_body_error("b { a = 1", "1:3-1:4", "Unclosed configuration block", NULL);
}

static void unclosed_brackets_are_reported_where_they_open(void **state) {
        hcl_check_body_error("a = [1, 2", "1:5-1:6", "Unterminated tuple constructor expression",
                             NULL);
        hcl_check_body_error("a = {b = 1", "1:5-1:6", "Unterminated object constructor expression",
                             NULL);
        hcl_check_body_error("a = f(1", "1:5-1:7", "Unterminated function call", NULL);
        hcl_check_body_error("a = (1", "1:7-1:7", "Unbalanced parentheses", NULL);
        hcl_check_body_error("a = \"x", "1:7-1:7", "Unterminated template string", NULL);
        hcl_check_body_error("a = {b = 1\n", "2:1-2:1", "Missing expression", NULL);
}

static void separators_are_needed_in_collections(void **state) {
        hcl_check_body_error("a = [1 2]\n", "1:8-1:9", "Missing item separator", NULL);
        hcl_check_body_error("a = {b = 1 c = 2}\n", "1:12-1:13", "Missing attribute separator",
                             NULL);
        hcl_check_body_error("a = {b 1}\n", "1:8-1:9", "Missing key/value separator", NULL);
        hcl_check_body_error("a = {b c = 1}\n", "1:8-1:9", "Missing key/value separator",
                             "in quotes");
        hcl_check_body_error("a = {b\n}\n", "1:7-2:1", "Missing attribute value", NULL);
        hcl_check_body_error("a = f(1 2)\n", "1:9-1:10", "Missing argument separator", NULL);
        hcl_check_body_error("a = f(b..., 1)\n", "1:8-1:11", "Missing closing parenthesis", NULL);
        hcl_check_body_error("a = l[0\n", NULL, "Missing close bracket on index", NULL);
        hcl_check_body_error("a = l[*\n", NULL, "Missing close bracket on splat index", NULL);
        hcl_check_body_error("a = l.\n", "1:7-2:1", "Invalid attribute name", NULL);
        hcl_check_body_error("a = t ? 1\n", "1:10-2:1", "Missing false expression in conditional",
                             NULL);
}

static void foreign_characters_are_explained(void **state) {
        const char *character = "Invalid character", *unsupported = "Unsupported operator";

        hcl_check_body_error("a = 'x'\n", NULL, character, "double quotes");
        hcl_check_body_error("a = `x`\n", NULL, character, "heredoc");
        hcl_check_body_error("a = 1;\n", "1:6-1:7", character, "newlines to separate");
        hcl_check_body_error("a = \342\200\234x\n", "1:5-1:6", character, "Curly quotes");
        hcl_check_body_error("a = @\n", "1:5-1:6", character, "not used");
        hcl_check_body_error("a\302\240= 1\n", "1:2-1:3", character, NULL);
        hcl_check_body_error("a = 1 & 2\n", "1:7-1:8", unsupported, "(\"&&\")");
        hcl_check_body_error("a = 1 | 2\n", "1:7-1:8", unsupported, "(\"||\")");
        hcl_check_body_error("a = ~1\n", "1:5-1:6", unsupported, "(\"!\")");
        hcl_check_body_error("a = 2 ** 3\n", "1:7-1:9", unsupported, "powers");
        hcl_check_body_error("a = \"\377\"\n", "1:6-1:7", "Invalid character encoding", "UTF-8");
}

static void columns_are_grapheme_clusters(void **state) {
        hcl_check_body_error("a = \"e\314\201\360\237\221\250\342\200\215\360\237\221\251\" 1\n",
                             "1:10-1:11", "Missing newline after argument", NULL);
}

static void one_mistake_is_one_finding(void **state) {
        hcl_check_body_error("b \"x\"\n  a = 1\n}\n", "1:6-2:1", "Invalid block definition", NULL);
        hcl_check_body_error("a = 1 +\n2\n", "1:8-2:1", "Invalid expression", NULL);
        hcl_check_body_error("b {\n  a = [1\n}\nc = 1\n", "3:1-3:2", "Missing item separator",
                             NULL);
        hcl_check_body_error("a = f(1\nb = 2\n", "2:1-2:2", "Missing argument separator", NULL);
        hcl_check_body_error("a = l[0 1]\n", "1:10-1:11", "Missing close bracket on index", NULL);
}

static void what_was_meant_is_said(void **state) {
        hcl_check_body_error("b {\n  user \"root\"\n}\n", "2:14-3:1", "Invalid block definition",
                             "its equals sign is missing: user = \"root\".");
        hcl_check_body_error("a = 10s\n", "1:7-1:8", "Missing newline after argument",
                             "write a string: \"10s\".");
        hcl_check_body_error("a = 1_000\n", "1:6-1:10", "Missing newline after argument",
                             "decimal digits alone");
        hcl_check_body_error("a = b and c\n", "1:7-1:10", "Missing newline after argument",
                             "\"&&\"");
        hcl_check_body_error("a = not c\n", "1:9-1:10", "Missing newline after argument", "\"!\"");
        hcl_check_body_error("a = b = c\n", "1:7-1:8", "Missing newline after argument",
                             "write \"==\"");
        hcl_check_body_error("a =\n", "1:4-2:1", "Invalid expression", "the end of the line");
        hcl_check_body_error("a = \"${}\"\n", "1:8-1:9", "Invalid expression", "found \"}\"");
        hcl_check_body_error("a = [1\nb = 2\n", "2:1-2:2", "Missing item separator",
                             "the list that begins in line 1");
        hcl_check_body_error("a = \"${n\"\nb = 2\n", "1:6-1:8",
                             "Unclosed template interpolation sequence", NULL);
        hcl_check_body_error("/* a\nb = 'x'\n", "1:1-1:3", "Unterminated comment", NULL);
}

static void a_heredoc_that_does_not_end_is_explained(void **state) {
        hcl_check_body_error("a = << EOT\nx y\nEOT\nb = 1\n", "1:5-1:7", "Invalid heredoc",
                             "<<EOT");
        hcl_check_body_error("a = <<-\"EOT\"\n'\n  EOT\nb = 1\n", "1:5-1:7", "Invalid heredoc",
                             "<<EOT");
        hcl_check_body_error("a = <<EOT\nx\n EOT # c\n", "4:1-4:1", "Unterminated template string",
                             "Line 3 begins with the marker of the heredoc of line 1");
        hcl_check_body_error("a = <<EOT\nEOTX\nEOT", "3:4-3:4", "Unterminated template string",
                             "line 3 must be followed by a newline");
        hcl_check_body_error("a = <<EOT\nx\n", "3:1-3:1", "Unterminated template string",
                             "goes up to a line that holds \"EOT\" alone");
}

static void one_run_reports_all_mistakes(void **state) {
        g_autoptr(NookSource) source = nook_source_new_text(
                "test", "a = \nb {\n  c = [1\n}\nd = 'x'\ne = 1 2\nf = \"x\ng = 1\n");
        g_autoptr(NookDiags) diags = nook_diags_new();
        g_autoptr(HclFile) file = hcl_parse(source, diags);
        const HclContent *content = hcl_body_everything(hcl_file_body(file), diags);
        const uint32_t lines[] = {1, 4, 5, 6, 7};

        for (size_t i = 0; i < G_N_ELEMENTS(lines); i++) {
                uint32_t start;

                assert_true(i < nook_diags_count(diags));
                start = nook_diags_get(diags, (guint)i)->subject.start;
                assert_int_equal(nook_source_pos(source, start).line, lines[i]);
        }
        assert_int_equal(nook_diags_count(diags), G_N_ELEMENTS(lines));
        assert_non_null(hcl_content_attribute(content, "g"));
}

/* ---- Schemas ---- */

static const HclAttributeSchema attribute_schemas[] = {
        {.name = "command", .required = true}, {.name = "args"}, {.name = "env"}};
static const char *const one_label[] = {"name", NULL};
static const HclBlockSchema block_schemas[] = {{.type = "task", .labels = one_label},
                                               {.type = "logs"}};
static const HclSchema schema = {.attributes = attribute_schemas,
                                 .n_attributes = G_N_ELEMENTS(attribute_schemas),
                                 .blocks = block_schemas,
                                 .n_blocks = G_N_ELEMENTS(block_schemas)};

static void check_schema_error(const char *text, const char *summary, const char *detail) {
        g_autoptr(HclFile) file = hcl_check_parse(text);
        g_autoptr(NookDiags) diags = nook_diags_new();
        const NookDiag *diag;

        (void)hcl_body_content(hcl_file_body(file), &schema, diags);
        assert_int_equal(nook_diags_count(diags), 1);
        diag = nook_diags_get(diags, 0);
        assert_string_equal(diag->summary, summary);
        if (!strstr(diag->detail, detail))
                fail_msg("\"%s\" does not say \"%s\"", diag->detail, detail);
}

static void a_schema_picks_what_it_names(void **state) {
        g_autoptr(HclFile) file =
                hcl_check_parse("command = 1\ntask \"a\" {\n}\nlogs {\n}\ntask \"b\" {\n}\n");
        g_autoptr(NookDiags) diags = nook_diags_new();
        const HclContent *content = hcl_body_content(hcl_file_body(file), &schema, diags);

        assert_int_equal(nook_diags_count(diags), 0);
        assert_int_equal(content->n_attributes, 1);
        assert_int_equal(content->n_blocks, 3);
        assert_null(hcl_content_attribute(content, "args"));
}

static void what_a_schema_does_not_name_is_reported(void **state) {
        check_schema_error("command = 1\narg = 1\n", "Unsupported argument",
                           "Did you mean \"args\"?");
        check_schema_error("command = 1\nlogs = 1\n", "Unsupported argument",
                           "Did you mean to define a block of type \"logs\"?");
        check_schema_error("command = 1\nlog {\n}\n", "Unsupported block type",
                           "Did you mean \"logs\"?");
        check_schema_error("command = 1\nenv {\n}\n", "Unsupported block type",
                           "Did you mean to define argument \"env\"?");
        check_schema_error("args = 1\n", "Missing required argument", "\"command\"");
        check_schema_error("command = 1\ntask {\n}\n", "Missing name for task", "1 label (name)");
        check_schema_error("command = 1\ntask \"a\" \"b\" {\n}\n", "Extraneous label for task",
                           "Only 1 label (name)");
        check_schema_error("command = 1\nlogs \"a\" {\n}\n", "Extraneous label for logs",
                           "No labels are expected");
}

static void partial_content_leaves_the_rest(void **state) {
        static const HclAttributeSchema first[] = {{.name = "x"}};
        static const HclBlockSchema first_blocks[] = {{.type = "b"}};
        const HclSchema first_schema = {
                .attributes = first, .n_attributes = 1, .blocks = first_blocks, .n_blocks = 1};
        g_autoptr(HclFile) file = hcl_check_parse("x = 1\ncommand = 2\nb {\n}\nlogs {\n}\n");
        g_autoptr(NookDiags) diags = nook_diags_new();
        HclBody *rest;
        const HclContent *content =
                hcl_body_partial_content(hcl_file_body(file), &first_schema, &rest, diags);

        assert_int_equal(content->n_attributes, 1);
        assert_int_equal(content->n_blocks, 1);
        content = hcl_body_content(rest, &schema, diags);
        assert_int_equal(nook_diags_count(diags), 0);
        assert_int_equal(content->n_attributes, 1);
        assert_int_equal(content->n_blocks, 1);
        content = hcl_body_just_attributes(rest, diags);
        assert_int_equal(nook_diags_count(diags), 1);
        assert_string_equal(nook_diags_get(diags, 0)->summary, "Unexpected \"logs\" block");
        assert_int_equal(content->n_attributes, 1);
}

static void quoted_names_can_be_allowed(void **state) {
        g_autoptr(NookSource) source =
                nook_source_new_text("test", "\"/bin\" = \"/usr/bin\"\nplain = 1\n");
        g_autoptr(NookDiags) diags = nook_diags_new();
        g_autoptr(HclFile) file = hcl_parse_with(source, HCL_PARSE_QUOTED_NAMES, diags);
        const HclContent *content = hcl_body_everything(hcl_file_body(file), diags);

        assert_int_equal(nook_diags_count(diags), 0);
        assert_int_equal(content->n_attributes, 2);
        assert_string_equal(content->attributes[0]->name, "/bin");
        assert_true(content->attributes[0]->quoted);
        assert_false(content->attributes[1]->quoted);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(attributes_and_blocks_come_in_source_order),
                cmocka_unit_test(ranges_cover_what_they_name),
                cmocka_unit_test(a_block_may_be_on_one_line),
                cmocka_unit_test(words_of_expressions_are_names_in_bodies),
                cmocka_unit_test(comments_stand_anywhere),
                cmocka_unit_test(newlines_do_not_count_in_brackets),
                cmocka_unit_test(line_ends_may_be_those_of_windows),
                cmocka_unit_test(a_byte_order_mark_may_stand_at_the_start_only),
                cmocka_unit_test(items_end_with_a_newline),
                cmocka_unit_test(items_must_be_arguments_or_blocks),
                cmocka_unit_test(block_headers_end_with_a_brace),
                cmocka_unit_test(a_block_on_one_line_holds_one_argument),
                cmocka_unit_test(unclosed_brackets_are_reported_where_they_open),
                cmocka_unit_test(separators_are_needed_in_collections),
                cmocka_unit_test(foreign_characters_are_explained),
                cmocka_unit_test(columns_are_grapheme_clusters),
                cmocka_unit_test(one_mistake_is_one_finding),
                cmocka_unit_test(what_was_meant_is_said),
                cmocka_unit_test(a_heredoc_that_does_not_end_is_explained),
                cmocka_unit_test(one_run_reports_all_mistakes),
                cmocka_unit_test(a_schema_picks_what_it_names),
                cmocka_unit_test(what_a_schema_does_not_name_is_reported),
                cmocka_unit_test(partial_content_leaves_the_rest),
                cmocka_unit_test(quoted_names_can_be_allowed),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
