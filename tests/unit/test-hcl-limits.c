/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "test.h"

#include <string.h>

#include "hcl-check.h"

/* n times text. Caller's. */
static char *repeat(const char *text, size_t n) {
        g_autoptr(GString) out = g_string_new(NULL);

        while (n-- > 0)
                g_string_append(out, text);
        return g_string_free(g_steal_pointer(&out), FALSE);
}

/* n times before, middle, n times after. Caller's. */
static char *nest(const char *before, const char *middle, const char *after, size_t n) {
        g_autofree char *head = repeat(before, n);
        g_autofree char *tail = repeat(after, n);

        return g_strconcat(head, middle, tail, NULL);
}

static void nesting_ends_somewhere(void **state) {
        const struct {
                const char *before, *middle, *after;
        } cases[] = {
                {"(", "1", ")"},      {"[", "1", "]"},          {"{a = ", "1", "}"},
                {"\"${", "1", "}\""}, {"-", "1", ""},           {"!", "true", ""},
                {"f(", "1", ")"},     {"true ? 1 : ", "2", ""}, {"[for x in ", "l", " : x]"},
                {"l[", "0", "]"},     {"", "l", "[*]"},         {"", "l", "[i]"},
        };

        for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
                g_autofree char *text =
                        nest(cases[i].before, cases[i].middle, cases[i].after, 20000);

                hcl_check_expr_error(text, NULL, "Nesting too deep", NULL);
        }
}

static void blocks_and_directives_nest_as_far(void **state) {
        g_autofree char *blocks = nest("b {\n", "", "}\n", 20000);
        g_autofree char *directives = nest("%{if true}", "", "%{endif}", 20000);
        g_autofree char *fine = nest("b {\n", "a = [[[1]]]\n", "}\n", 100);

        hcl_check_body_error(blocks, NULL, "Nesting too deep", NULL);
        hcl_check_template_error(directives, NULL, "Nesting too deep", NULL);
        hcl_check_body_accepted(fine);
}

static void some_nesting_is_evaluated(void **state) {
        g_autofree char *parens = nest("(", "1", ")", 400);
        g_autofree char *templates = nest("\"${", "1", "}\"", 400);
        g_autofree char *tuples = nest("[", "1", "][0]", 200);
        g_autofree char *loops = nest("[for x in [0] : ", "1", "][0]", 200);

        hcl_check_expr(parens, "1", "number");
        hcl_check_expr(templates, "1", "number");
        hcl_check_expr(tuples, "1", "number");
        hcl_check_expr(loops, "1", "number");
}

static void long_chains_are_not_deep(void **state) {
        g_autofree char *ones = nest("1 + ", "0", "", 20000);
        g_autofree char *ands = nest("true && ", "true", "", 20000);

        hcl_check_expr(ones, "20000", "number");
        hcl_check_expr(ands, "true", "bool");
}

static void numbers_have_so_many_digits(void **state) {
        g_autofree char *digits = repeat("1", 20000);
        g_autofree char *text = g_strdup_printf("\"%s\" + 0", digits);

        hcl_check_expr_error(digits, NULL, "Invalid number literal", NULL);
        hcl_check_expr_error(text, NULL, "Invalid operand", NULL);
        hcl_check_expr_error("1e99999999999", NULL, "Invalid number literal", NULL);
        hcl_check_expr_error("\"${1e999999 * 1e999999}x\"", NULL,
                             "Invalid template interpolation value", "too many digits");
}

static void results_do_not_explode(void **state) {
        g_autofree char *thousand = nest("0, ", "0", "", 999);
        g_autofree char *loops = g_strdup_printf(
                "[for l in [[%s]] : [for a in l : [for b in l : [for c in l : 1]]]]", thousand);
        g_autofree char *doubled = nest("[for x in [", "l", "] : [x, x, x, x]]", 15);
        g_autofree char *text = nest("[for x in [", "\"0123456789\"", "] : \"${x}${x}\"][0]", 40);

        hcl_check_expr_error(loops, NULL, "Result too large", NULL);
        hcl_check_expr_error(doubled, NULL, "Result too large", NULL);
        hcl_check_expr_error(text, NULL, "Result too large", NULL);
}

/* A test of time would be a test of the machine; these texts would take hours if anything about
 * them grew with the square of their size. */
static void nothing_is_quadratic(void **state) {
        g_autofree char *comments = repeat("/*", 50000);
        g_autofree char *heredocs = nest("<<a", "", "", 50000);
        g_autofree char *names = NULL;
        g_autofree char *quotes = repeat("\"\n", 50000);
        g_autofree char *lines = repeat("$x\n", 20000);
        g_autofree char *heredoc = g_strdup_printf("a = <<-E\n%sE\n", lines);
        g_autoptr(GString) attributes = g_string_new(NULL);

        for (int i = 0; i < 30000; i++)
                g_string_append_printf(attributes, "a%d = 1\n", i);
        names = g_strdup(attributes->str);
        hcl_check_body_refused(comments);
        hcl_check_body_refused(heredocs);
        hcl_check_body_refused(quotes);
        hcl_check_body_accepted(names);
        hcl_check_body_accepted(heredoc);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(nesting_ends_somewhere),
                cmocka_unit_test(blocks_and_directives_nest_as_far),
                cmocka_unit_test(some_nesting_is_evaluated),
                cmocka_unit_test(long_chains_are_not_deep),
                cmocka_unit_test(numbers_have_so_many_digits),
                cmocka_unit_test(results_do_not_explode),
                cmocka_unit_test(nothing_is_quadratic),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
