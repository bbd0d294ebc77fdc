/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "test.h"

#include "hcl-check.h"

#define STRING "string"

/* ---- Quoted strings ---- */

static void backslashes_escape_in_quoted_strings(void **state) {
        hcl_check_expr("\"a\\n\\r\\t\\\"\\\\\"", "\"a\\n\\r\\t\\\"\\\\\"", STRING);
        hcl_check_expr("\"\\u00e9\\U0001f600\"", "\"\303\251\360\237\230\200\"", STRING);
        hcl_check_expr("\"\\u0000\"", "\"\\u0000\"", STRING);
}

static void wrong_escapes_are_refused(void **state) {
        const char *summary = "Invalid escape sequence";

        hcl_check_expr_error("\"a\\q\"", "1:3-1:5", summary, "\"q\"");
        hcl_check_expr_error("\"\\u12\"", "1:2-1:6", summary, "4 hexadecimal digits");
        hcl_check_expr_error("\"\\ud83d\"", "1:2-1:8", summary, "U+d83d");
        hcl_check_expr_error("\"\\U00110000\"", "1:2-1:12", summary, "U+110000");
        hcl_check_expr_error("\"\\${i}\"", "1:2-1:4", summary, "\"$\"");
}

static void text_is_brought_into_nfc(void **state) {
        hcl_check_expr("\"e\\u0301\"", "\"\303\251\"", STRING);
        hcl_check_expr("\"e\314\201\" == \"\303\251\"", "true", "bool");
        hcl_check_expr("\"e${\"\\u0301\"}\"", "\"\303\251\"", STRING);
}

static void a_quoted_string_ends_on_its_line(void **state) {
        hcl_check_expr_error("\"a\nb\"", "1:3-2:1", "Invalid multi-line string", "heredoc");
        hcl_check_expr("\"a${\n1\n}b\"", "\"a1b\"", STRING);
        hcl_check_expr_error("\"abc", "1:5-1:5", "Unterminated template string", NULL);
}

/* ---- Interpolation ---- */

static void values_are_interpolated_as_text(void **state) {
        hcl_check_expr("\"a${1.50}b${true}c${\"d\"}\"", "\"a1.5btruecd\"", STRING);
        hcl_check_expr("\"x${\"y${s}\"}\"", "\"xystr\"", STRING);
        hcl_check_expr("\"${\"}\"}${\"{\"}\"", "\"}{\"", STRING);
        hcl_check_expr("\"${{a = 1}.a}!\"", "\"1!\"", STRING);
}

static void a_template_of_one_interpolation_is_its_value(void **state) {
        hcl_check_expr("\"${1}\"", "1", "number");
        hcl_check_expr("\"${l}\"", "[1,2,3]", NULL);
        hcl_check_expr("\"${n}\"", "null", "any");
        hcl_check_expr("\"${~ 1 ~}\"", "1", "number");
        hcl_check_template("${true}", "true", "bool");
        hcl_check_expr("\"%{ if true }${1}%{ endif }\"", "\"1\"", STRING);
}

static void doubled_marks_are_text(void **state) {
        hcl_check_expr("\"$${s} %%{if}\"", "\"${s} %{if}\"", STRING);
        hcl_check_expr("\"$$${i}\"", "\"$${i}\"", STRING);
        hcl_check_expr("\"$$$${i}\"", "\"$$${i}\"", STRING);
        hcl_check_expr("\"$ % $$ %% $x %x\"", "\"$ % $$ %% $x %x\"", STRING);
        hcl_check_template("a$", "\"a$\"", STRING);
        hcl_check_template("$${", "\"${\"", STRING);
}

static void null_and_collections_have_no_text(void **state) {
        const char *summary = "Invalid template interpolation value";

        hcl_check_expr_error("\"x${n}\"", "1:5-1:6", summary, "null");
        hcl_check_expr_error("\"x${l}\"", "1:5-1:6", summary, "string required");
        hcl_check_expr_error("\"x${o}\"", "1:5-1:6", summary, "string required");
        hcl_check_expr_error("\"%{for x in [null]}${x}%{endfor}\"", NULL, summary, "null");
}

static void text_of_a_shell_is_advised_to_be_escaped(void **state) {
        const char *summary = "Extra characters after interpolation expression";

        hcl_check_expr_error("\"${HOME:-x}\"", "1:8-1:9", summary, "write $${HOME:-x}");
        hcl_check_template_error("${1 2}", "1:5-1:6", summary, "write $${1 2}");
        hcl_check_template_error("-w %{http_code}", "1:6-1:15", "Invalid template control keyword",
                                 "write %%{http_code}");
}

static void unclosed_interpolations_are_reported(void **state) {
        hcl_check_expr_error("\"${s\"", "1:2-1:4", "Unclosed template interpolation sequence",
                             NULL);
        hcl_check_expr_error("\"${", "1:4-1:4", "Missing expression", NULL);
        hcl_check_template_error("${}", "1:3-1:4", "Invalid expression", NULL);
}

/* ---- Directives ---- */

static void directives_choose_and_repeat(void **state) {
        hcl_check_template("%{if t}a%{else}b%{endif}", "\"a\"", STRING);
        hcl_check_template("%{ if f }a%{ else }b%{ endif }", "\"b\"", STRING);
        hcl_check_template("%{if f}a%{endif}", "\"\"", STRING);
        hcl_check_template("%{if t}%{endif}x", "\"x\"", STRING);
        hcl_check_template("%{for x in l}${x},%{endfor}", "\"1,2,3,\"", STRING);
        hcl_check_template("%{for i, x in l}${i}=${x};%{endfor}", "\"0=1;1=2;2=3;\"", STRING);
        hcl_check_template("%{for k, v in m}${k}%{if v > 1}!%{endif}%{endfor}", "\"xy!\"", STRING);
        hcl_check_template("%{for x in l}%{endfor}", "\"\"", STRING);
        hcl_check_template("%{if true}%{if false}x%{else}y%{endif}%{endif}", "\"y\"", STRING);
}

static void unbalanced_directives_are_reported(void **state) {
        const char *end = "Unexpected end of template";

        hcl_check_template_error("%{if t}a", "1:9-1:9", end, "missing its corresponding endif");
        hcl_check_template_error("%{for x in l}a", "1:15-1:15", end, "endfor");
        hcl_check_template_error("a%{endif}", "1:2-1:10", "Unexpected endif directive", NULL);
        hcl_check_template_error("a%{else}", "1:2-1:9", "Unexpected else directive", NULL);
        hcl_check_template_error("%{if t}a%{endfor}", "1:9-1:18", "Unexpected endfor directive",
                                 "Expecting an endif");
        hcl_check_template_error("%{for x in l}%{else}%{endfor}", "1:14-1:21",
                                 "Unexpected else directive", NULL);
        hcl_check_template_error("%{if t}a%{else}b%{else}c%{endif}", "1:17-1:24",
                                 "Unexpected else directive", NULL);
}

static void wrong_directives_are_reported(void **state) {
        hcl_check_template_error("%{}", "1:3-1:4", "Invalid template directive", NULL);
        hcl_check_template_error("%{endfro}", "1:3-1:9", "Invalid template control keyword",
                                 "Did you mean \"endfor\"?");
        hcl_check_template_error("%{for}", "1:6-1:7", "Invalid 'for' directive", "after 'for'");
        hcl_check_template_error("%{for x, 1 in l}", "1:10-1:11", "Invalid 'for' directive",
                                 "after comma");
        hcl_check_template_error("%{for x l}", "1:9-1:10", "Invalid 'for' directive", "'in'");
        hcl_check_template_error("%{endif x}", "1:9-1:10", "Extra characters in template directive",
                                 "\"endif\"");
        hcl_check_template_error("%{if n}a%{endif}", "1:6-1:7", "Null condition", NULL);
}

/* ---- Strip markers ---- */

static void strip_markers_take_white_space_off_the_neighbour(void **state) {
        hcl_check_template("a  ${~ 1 ~}  b", "\"a1b\"", STRING);
        hcl_check_template("a  %{~ if true ~}  b  %{~ endif ~}  c", "\"abc\"", STRING);
        hcl_check_expr("\"a\\n ${~ 1 ~} \\t b\"", "\"a1b\"", STRING);
        hcl_check_template("\302\240${~ 1}!", "\"1!\"", STRING);
}

static void strip_markers_stop_at_a_newline(void **state) {
        hcl_check_template("${1 ~} \n\n b", "\"1\\n b\"", STRING);
        hcl_check_template("a \n \n ${~ 1}", "\"a \\n \\n1\"", STRING);
        hcl_check_template("%{ if true ~}\n  x\n%{ endif ~}\ny", "\"  x\\ny\"", STRING);
}

static void strip_markers_do_not_reach_over_sequences(void **state) {
        hcl_check_template(" ${s}${~ 1 ~}${s} ", "\" str1str \"", STRING);
}

/* ---- Heredocs ---- */

static void a_heredoc_is_the_lines_up_to_its_mark(void **state) {
        hcl_check_attribute("a = <<EOT\none\n  two\nEOT\n", "\"one\\n  two\\n\"");
        hcl_check_attribute("a = <<EOT\nEOT\n", "\"\"");
        hcl_check_attribute("a = <<EOT\n\nEOT\n", "\"\\n\"");
        hcl_check_attribute("a = [<<A\n1\nA\n, 2]\n", "[\"1\\n\",2]");
}

static void the_closing_mark_may_be_indented(void **state) {
        hcl_check_attribute("a = <<EOT\none\n   EOT\n", "\"one\\n\"");
        hcl_check_attribute("a = <<EOT\none\n\tEOT \t\n", "\"one\\n\"");
}

static void only_a_line_of_its_own_closes(void **state) {
        hcl_check_attribute("a = <<EOT\nEOT # c\nEOTX\nx EOT\nEOT\n",
                            "\"EOT # c\\nEOTX\\nx EOT\\n\"");
        hcl_check_attribute("a = <<EOT\n${\"x\"}EOT\nEOT\n", "\"xEOT\\n\"");
        hcl_check_body_refused("a = <<EOT\none\nEOT");
        hcl_check_body_refused("a = <<EOT \none\nEOT\n");
        hcl_check_body_error("a = <<EOT\none\n", "3:1-3:1", "Unterminated template string", NULL);
}

static void heredocs_have_no_backslash_escapes(void **state) {
        hcl_check_attribute("a = <<EOT\n\\n \\u0041 \"q\" $${x} %%{y} $x\nEOT\n",
                            "\"\\\\n \\\\u0041 \\\"q\\\" ${x} %{y} $x\\n\"");
}

static void heredocs_keep_carriage_returns(void **state) {
        hcl_check_attribute("a = <<EOT\r\none\r\nEOT\r\n", "\"one\\r\\n\"");
}

static void names_of_heredocs_may_have_hyphens(void **state) {
        hcl_check_attribute("a = <<E-T\none\nE-T\n", "\"one\\n\"");
        hcl_check_body_refused("a = <<1\none\n1\n");
}

static void a_flushed_heredoc_loses_its_margin(void **state) {
        hcl_check_attribute("a = <<-EOT\n    one\n      two\n    EOT\n", "\"one\\n  two\\n\"");
        hcl_check_attribute("a = <<-EOT\n\tone\n  two\nEOT\n", "\"one\\n two\\n\"");
        hcl_check_attribute("a = <<-EOT\n\302\240\302\240one\n  two\nEOT\n", "\"one\\ntwo\\n\"");
}

static void lines_of_white_space_have_no_margin(void **state) {
        hcl_check_attribute("a = <<-EOT\n    one\n\n  \n    two\n    EOT\n",
                            "\"one\\n\\n  \\ntwo\\n\"");
}

static void a_line_that_begins_with_a_sequence_has_no_margin(void **state) {
        hcl_check_attribute("a = <<-EOT\n    one\n${\"x\"}\n    EOT\n", "\"    one\\nx\\n\"");
        hcl_check_attribute("a = <<-EOT\n    ${\"  x\"}\n      y\n    EOT\n", "\"  x\\n  y\\n\"");
}

static void what_a_strip_marker_leaves_keeps_its_margin(void **state) {
        hcl_check_attribute("a = <<-EOT\n    %{ if true ~}\n    b\n    %{ endif ~}\n    c\n  EOT\n",
                            "\"    b\\n    c\\n\"");
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(backslashes_escape_in_quoted_strings),
                cmocka_unit_test(wrong_escapes_are_refused),
                cmocka_unit_test(text_is_brought_into_nfc),
                cmocka_unit_test(a_quoted_string_ends_on_its_line),
                cmocka_unit_test(values_are_interpolated_as_text),
                cmocka_unit_test(a_template_of_one_interpolation_is_its_value),
                cmocka_unit_test(doubled_marks_are_text),
                cmocka_unit_test(null_and_collections_have_no_text),
                cmocka_unit_test(text_of_a_shell_is_advised_to_be_escaped),
                cmocka_unit_test(unclosed_interpolations_are_reported),
                cmocka_unit_test(directives_choose_and_repeat),
                cmocka_unit_test(unbalanced_directives_are_reported),
                cmocka_unit_test(wrong_directives_are_reported),
                cmocka_unit_test(strip_markers_take_white_space_off_the_neighbour),
                cmocka_unit_test(strip_markers_stop_at_a_newline),
                cmocka_unit_test(strip_markers_do_not_reach_over_sequences),
                cmocka_unit_test(a_heredoc_is_the_lines_up_to_its_mark),
                cmocka_unit_test(the_closing_mark_may_be_indented),
                cmocka_unit_test(only_a_line_of_its_own_closes),
                cmocka_unit_test(heredocs_have_no_backslash_escapes),
                cmocka_unit_test(heredocs_keep_carriage_returns),
                cmocka_unit_test(names_of_heredocs_may_have_hyphens),
                cmocka_unit_test(a_flushed_heredoc_loses_its_margin),
                cmocka_unit_test(lines_of_white_space_have_no_margin),
                cmocka_unit_test(a_line_that_begins_with_a_sequence_has_no_margin),
                cmocka_unit_test(what_a_strip_marker_leaves_keeps_its_margin),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
