/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "hcl/format.h"

static void assert_layout(const char *text, const char *expected) {
        g_autoptr(GString) once = hcl_format(text, strlen(text));
        g_autoptr(GString) twice = hcl_format(once->str, once->len);

        assert_string_equal(once->str, expected);
        assert_string_equal(twice->str, expected);
}

static void each_level_is_two_blanks(void **state) {
        assert_layout("job \"x\" {\ngroup \"g\" {\n\t\tcount=1\n}\n}\n",
                      "job \"x\" {\n  group \"g\" {\n    count = 1\n  }\n}\n");
        assert_layout("a = [{\nb = [\n1\n]\n}]\n", "a = [{\n  b = [\n    1\n  ]\n}]\n");
}

static void assignments_of_neighbouring_lines_stand_below_each_other(void **state) {
        assert_layout("a=1\nlonger = 2\n\nb=3\n", "a      = 1\nlonger = 2\n\nb = 3\n");
        assert_layout("é=1\nab=2\n", "é  = 1\nab = 2\n");
        assert_layout("a = {\nb = 1\n}\nccc = 2\n", "a = {\n  b = 1\n}\nccc = 2\n");
}

static void comments_of_neighbouring_lines_stand_below_each_other(void **state) {
        assert_layout("a = 1 # x\nbc = 22  // y\n# alone\n",
                      "a  = 1  # x\nbc = 22 // y\n# alone\n");
}

static void words_have_one_blank_between_them(void **state) {
        assert_layout("a=1+2*  -b\n", "a = 1 + 2 * -b\n");
        assert_layout("a = f( x ,y ... )\n", "a = f(x, y...)\n");
        assert_layout("a = b [ 0 ] . c\n", "a = b[0].c\n");
        assert_layout("a = ! b&&c?d:e\n", "a = !b && c ? d : e\n");
        assert_layout("a = {b=1}\nc={}\n", "a = { b = 1 }\nc = {}\n");
        assert_layout("a = [for x in [1]:x]\n", "a = [for x in [1] : x]\n");
        assert_layout("a   \"x\"   y   { b=1 }\n", "a \"x\" y { b = 1 }\n");
}

static void texts_stay_as_they_are(void **state) {
        assert_layout("a = \"x   ${ b   }  y\"\n", "a = \"x   ${b}  y\"\n");
        assert_layout("a = <<EOT\n   x  \n EOT\nb=1\n", "a = <<EOT\n   x  \n EOT\nb = 1\n");
        assert_layout("/* a\n   b */\n", "/* a\n   b */\n");
}

static void an_index_does_not_become_a_number(void **state) {
        assert_layout("a = b.0 . 1\n", "a = b.0 .1\n");
}

static void what_is_no_hcl_is_kept(void **state) {
        assert_layout("", "");
        assert_layout("a = \"\n", "a = \"\n");
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(each_level_is_two_blanks),
                cmocka_unit_test(assignments_of_neighbouring_lines_stand_below_each_other),
                cmocka_unit_test(comments_of_neighbouring_lines_stand_below_each_other),
                cmocka_unit_test(words_have_one_blank_between_them),
                cmocka_unit_test(texts_stay_as_they_are),
                cmocka_unit_test(an_index_does_not_become_a_number),
                cmocka_unit_test(what_is_no_hcl_is_kept),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
