/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/word.h"
#include "word-decode.h"

static void every_byte_comes_back_as_it_was(void **state) {
        char word[256];

        for (int i = 1; i < 256; i++)
                word[i - 1] = (char)i;
        word[255] = '\0';

        g_autofree char *coded = nook_word_encode(word);
        for (const char *c = coded; *c; c++)
                assert_true(g_ascii_isalnum(*c) || strchr("_./:,@+-=", *c));
        assert_true(nook_word_decode(coded));
        assert_string_equal(coded, word);
}

static void an_empty_word_stays_a_word(void **state) {
        g_autofree char *coded = nook_word_encode("");

        assert_string_equal(coded, "=");
        assert_true(nook_word_decode(coded));
        assert_string_equal(coded, "");
}

static void what_a_manager_would_expand_is_coded(void **state) {
        g_autofree char *coded = nook_word_encode("$HOME;%n \"x\" \\ =");

        assert_string_equal(coded, "=24HOME=3B=25n=20=22x=22=20=5C=20=3D");
}

static void words_that_no_encoder_wrote_are_refused(void **state) {
        const char *bad[] = {"a=", "=2", "=2g", "=2f", "=00", "a b", "$x", "x=0", "==", "=3"};

        for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
                g_autofree char *copy = g_strdup(bad[i]);
                if (nook_word_decode(copy))
                        fail_msg("'%s' was decoded", bad[i]);
        }
}

static void a_command_names_its_program_path_and_words(void **state) {
        const char *argv[] = {"my sh", "-c", "echo $x", NULL};
        g_auto(GStrv) words = nook_word_encode_command("/.nook/argv", "/bin/sh", argv);

        assert_int_equal(g_strv_length(words), 5);
        assert_string_equal(words[0], "/.nook/argv");
        assert_string_equal(words[1], "/bin/sh");
        assert_string_equal(words[2], "my=20sh");
        assert_string_equal(words[3], "-c");
        assert_string_equal(words[4], "echo=20=24x");
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(every_byte_comes_back_as_it_was),
                cmocka_unit_test(an_empty_word_stays_a_word),
                cmocka_unit_test(what_a_manager_would_expand_is_coded),
                cmocka_unit_test(words_that_no_encoder_wrote_are_refused),
                cmocka_unit_test(a_command_names_its_program_path_and_words),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
