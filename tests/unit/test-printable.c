/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "test.h"

#include <string.h>

#include "base/diag.h"
#include "base/error.h"
#include "base/printable.h"

static void what_a_terminal_would_obey_is_shown(void **state) {
        static const char *const pairs[][2] = {
                {"plain, Zoë ☃ 🎈\n\tx", "plain, Zoë ☃ 🎈\n\tx"},
                {"\033]0;title\a", "\\x1b]0;title\\x07"},
                {"a\rb\bc\177", "a\\x0db\\x08c\\x7f"},
                {"\xc2\x9b"
                 "31m",
                 "\\x9b31m"},               /* CSI as one character */
                {"\x9b\xff", "\\x9b\\xff"}, /* and as a byte */
                {"abc\xe2\x80\xae"
                 "fed",
                 "abc\\u202e"
                 "fed"}, /* writes backwards */
                {"", ""},
        };

        for (gsize i = 0; i < G_N_ELEMENTS(pairs); i++) {
                g_autofree char *shown = nook_printable_text(pairs[i][0], -1);

                assert_string_equal(shown, pairs[i][1]);
        }
}

static void output_keeps_its_colours_and_ends_them(void **state) {
        static const char *const pairs[][2] = {
                {"\033[1;31mred\033[m", "\033[1;31mred\033[m\033[0m"},
                {"\033[38:2::1:2:3mx", "\033[38:2::1:2:3mx\033[0m"},
                {"\033[2J", "\\x1b[2J"},
                {"\033[31", "\\x1b[31"},
                {"\033[?25lm", "\\x1b[?25lm"},
                {"\033", "\\x1b"},
                {"plain", "plain"},
        };

        for (gsize i = 0; i < G_N_ELEMENTS(pairs); i++) {
                g_autofree char *shown = nook_printable_output(pairs[i][0], -1);

                assert_string_equal(shown, pairs[i][1]);
        }
}

static void errors_and_findings_pass_nothing_on(void **state) {
        static const char text[] = "x = \"\033[2J\" \r y\n";
        g_autoptr(NookSource) source = nook_source_new_text("\033[31mjob", text);
        const NookRange range = {source, 4, 10};
        g_autoptr(NookDiags) diags = nook_diags_new();
        g_autoptr(GError) error = NULL;
        g_autofree char *printed = NULL;
        size_t size;
        FILE *stream = open_memstream(&printed, &size);

        (void)nook_fail(&error, NOOK_ERROR_IO, "read '%s'", "\033[2J");
        assert_string_equal(error->message, "read '\\x1b[2J'");
        nook_diags_error(diags, range, "Bad", "\"%s\" is bad.", "\033[2J");
        nook_diags_print(diags, stream, false);
        (void)fclose(stream);
        assert_string_equal(printed, "\\x1b[31mjob:1:5: error: Bad: \"\\x1b[2J\" is bad.\n"
                                     "    1 | x = \"\xef\xbf\xbd[2J\" \xef\xbf\xbd y\n"
                                     "      |     ^~~~~~\n");
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(what_a_terminal_would_obey_is_shown),
                cmocka_unit_test(output_keeps_its_colours_and_ends_them),
                cmocka_unit_test(errors_and_findings_pass_nothing_on),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
