/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "test.h"

#include <stdlib.h>
#include <string.h>

#include "base/diag.h"

static char *printed(const NookDiags *diags, bool json) {
        char *text = NULL;
        size_t size;
        FILE *stream = open_memstream(&text, &size);

        assert_non_null(stream);
        if (json)
                nook_diags_print_json(diags, stream);
        else
                nook_diags_print(diags, stream, /* colour= */ false);
        fclose(stream);
        return text;
}

static void a_finding_shows_place_line_and_caret(void **state) {
        g_autoptr(NookSource) source =
                nook_source_new_text("web.hcl", "config {\n\targ = [\"-c\"]\n}\n");
        g_autoptr(NookDiags) diags = nook_diags_new();
        g_autofree char *text = NULL;

        nook_diags_error(diags, ((NookRange){source, 10, 13}), "Unsupported argument",
                         "An argument named \"%s\" is not expected here.", "arg");
        text = printed(diags, false);
        assert_string_equal(
                text, "web.hcl:2:2: error: Unsupported argument: An argument named \"arg\" is "
                      "not expected here.\n"
                      "    2 | \targ = [\"-c\"]\n"
                      "      | \t^~~\n");
}

static void findings_come_in_the_order_of_their_places(void **state) {
        g_autoptr(NookSource) source = nook_source_new_text("a.hcl", "one\ntwo\n");
        g_autoptr(NookDiags) diags = nook_diags_new();
        g_autofree char *first = NULL;

        nook_diags_error(diags, ((NookRange){source, 4, 7}), "Second", NULL);
        nook_diags_warning(diags, ((NookRange){source, 0, 3}), "First", NULL);
        assert_int_equal(nook_diags_count(diags), 2);
        assert_int_equal(nook_diags_count_errors(diags), 1);
        first = printed(diags, false);
        assert_true(g_str_has_prefix(first, "a.hcl:1:1: warning: First\n"));
}

static void a_wide_character_moves_the_caret_by_two_columns(void **state) {
        g_autoptr(NookSource) source = nook_source_new_text("a.hcl", "\u4e2d = x\n");
        g_autoptr(NookDiags) diags = nook_diags_new();
        g_autofree char *text = NULL;

        nook_diags_error(diags, ((NookRange){source, 6, 7}), "Bad", NULL);
        text = printed(diags, false);
        assert_string_equal(text, "a.hcl:1:5: error: Bad\n    1 | \u4e2d = x\n      |      ^\n");
}

static void of_a_very_long_line_a_part_is_shown(void **state) {
        g_autofree char *much = g_strnfill(1000, 'x');
        g_autofree char *line = g_strdup_printf("%s\u4e2d!%s", much, much);
        g_autoptr(NookSource) source = nook_source_new_text("a.hcl", line);
        g_autoptr(NookDiags) diags = nook_diags_new();
        g_autofree char *text = NULL, *expected = NULL;

        nook_diags_error(diags, ((NookRange){source, 1003, 1004}), "Bad", NULL);
        text = printed(diags, false);
        expected = g_strdup_printf("a.hcl:1:1002: error: Bad\n"
                                   "    1 | ...%.117s\u4e2d!%.279s...\n"
                                   "      | %*s^\n",
                                   much, much, 3 + 117 + 2, "");
        assert_string_equal(text, expected);
}

static void a_range_over_several_lines_marks_the_first(void **state) {
        g_autoptr(NookSource) source = nook_source_new_text("a.hcl", "ab {\n}\n");
        g_autoptr(NookDiags) diags = nook_diags_new();
        g_autofree char *text = NULL;

        nook_diags_error(diags, ((NookRange){source, 3, 6}), "Bad", NULL);
        text = printed(diags, false);
        assert_string_equal(text, "a.hcl:1:4: error: Bad\n    1 | ab {\n      |    ^\n");
}

static void json_has_the_form_of_hcldec(void **state) {
        g_autoptr(NookSource) source = nook_source_new_text("a.hcl", "x");
        g_autoptr(NookDiags) diags = nook_diags_new();
        g_autofree char *text = NULL;

        nook_diags_error(diags, ((NookRange){source, 0, 1}), "Bad \"x\"", "Line\nend.");
        text = printed(diags, true);
        assert_string_equal(
                text, "{\"diagnostics\":[{\"severity\":\"error\",\"summary\":\"Bad \\\"x\\\"\","
                      "\"detail\":\"Line\\nend.\",\"subject\":{\"filename\":\"a.hcl\","
                      "\"start\":{\"line\":1,\"column\":1,\"byte\":0},"
                      "\"end\":{\"line\":1,\"column\":2,\"byte\":1}}}]}\n");
}

static void a_trial_can_be_taken_back(void **state) {
        g_autoptr(NookDiags) diags = nook_diags_new();

        nook_diags_note(diags, NOOK_RANGE_NONE, "Kept", NULL);
        nook_diags_error(diags, NOOK_RANGE_NONE, "Dropped", NULL);
        nook_diags_truncate(diags, 1);
        assert_int_equal(nook_diags_count(diags), 1);
        assert_int_equal(nook_diags_count_errors(diags), 0);
}

static void too_many_findings_are_counted_not_kept(void **state) {
        g_autoptr(NookDiags) diags = nook_diags_new();
        g_autofree char *text = NULL;

        for (int i = 0; i < 1005; i++)
                nook_diags_error(diags, NOOK_RANGE_NONE, "Bad", NULL);
        text = printed(diags, false);
        assert_int_equal(nook_diags_count_errors(diags), 1005);
        assert_true(g_str_has_suffix(text, "error: Bad\n5 more findings are not shown\n"));
}

static void the_nearest_name_is_suggested(void **state) {
        const char *const names[] = {"command", "args", "kill_signal", NULL};

        assert_string_equal(nook_suggest("comand", names), "command");
        assert_string_equal(nook_suggest("Kill-Signal", names), "kill_signal");
        assert_string_equal(nook_suggest("arg", names), "args");
        assert_null(nook_suggest("volume", names));
        assert_null(nook_suggest("", names));
}

static void ill_formed_bytes_do_not_break_the_output(void **state) {
        const char *const samples[] = {"\xff\xfe x", "\xe4\xb8", "a\x80\x01", NULL};

        for (int i = 0; samples[i]; i++) {
                g_autoptr(NookSource) source = nook_source_new_text("a.hcl", samples[i]);
                g_autoptr(NookDiags) diags = nook_diags_new();
                g_autofree char *text = NULL, *json = NULL;

                nook_diags_error(diags, ((NookRange){source, 0, (uint32_t)strlen(samples[i])}),
                                 samples[i], NULL);
                text = printed(diags, false);
                json = printed(diags, true);
                assert_true(g_utf8_validate(json, -1, NULL));
        }
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_finding_shows_place_line_and_caret),
                cmocka_unit_test(findings_come_in_the_order_of_their_places),
                cmocka_unit_test(a_wide_character_moves_the_caret_by_two_columns),
                cmocka_unit_test(of_a_very_long_line_a_part_is_shown),
                cmocka_unit_test(a_range_over_several_lines_marks_the_first),
                cmocka_unit_test(json_has_the_form_of_hcldec),
                cmocka_unit_test(a_trial_can_be_taken_back),
                cmocka_unit_test(too_many_findings_are_counted_not_kept),
                cmocka_unit_test(the_nearest_name_is_suggested),
                cmocka_unit_test(ill_formed_bytes_do_not_break_the_output),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
