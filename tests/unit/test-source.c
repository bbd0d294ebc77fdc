/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "test.h"

#include <string.h>

#include "base/source.h"

static void assert_pos(NookSource *source, uint32_t byte, uint32_t line, uint32_t column) {
        NookPos pos = nook_source_pos(source, byte);

        assert_int_equal(pos.line, line);
        assert_int_equal(pos.column, column);
}

static void a_byte_offset_becomes_line_and_column(void **state) {
        g_autoptr(NookSource) source = nook_source_new_text("a.hcl", "one\n\ntwo three\n");

        assert_pos(source, 0, 1, 1);
        assert_pos(source, 3, 1, 4);
        assert_pos(source, 4, 2, 1);
        assert_pos(source, 9, 3, 5);
        assert_pos(source, 15, 4, 1);
}

static void an_offset_past_the_end_is_the_end(void **state) {
        g_autoptr(NookSource) source = nook_source_new_text("a.hcl", "ab");

        assert_pos(source, 99, 1, 3);
}

static void columns_count_grapheme_clusters(void **state) {
        /* e + combining acute, then a family of three joined by ZWJ, then x */
        const char *text = "e\u0301\U0001F468\u200D\U0001F469\u200D\U0001F467x";
        g_autoptr(NookSource) source = nook_source_new_text("a.hcl", text);

        assert_pos(source, (uint32_t)strlen(text) - 1, 1, 3);
}

static void a_position_does_not_depend_on_those_asked_for_before(void **state) {
        const char *text = "ab e\u0301 \r\nx\u0301\u0301\U0001F468\u200D\U0001F469 z\ty\n\nlast";
        uint32_t size = (uint32_t)strlen(text);
        g_autoptr(NookSource) source = nook_source_new_text("a.hcl", text);

        for (uint32_t first = 0; first <= size; first++)
                for (uint32_t then = 0; then <= size; then++) {
                        g_autoptr(NookSource) fresh = nook_source_new_text("a.hcl", text);
                        NookPos pos = nook_source_pos(fresh, then);

                        (void)nook_source_pos(source, first);
                        assert_pos(source, then, pos.line, pos.column);
                }
}

static void a_line_comes_without_its_end(void **state) {
        g_autoptr(NookSource) source = nook_source_new_text("a.hcl", "one\r\ntwo");
        uint32_t size;

        assert_memory_equal(nook_source_line(source, 1, &size), "one", 3);
        assert_int_equal(size, 3);
        assert_memory_equal(nook_source_line(source, 2, &size), "two", 3);
        assert_int_equal(size, 3);
}

static void joined_ranges_hold_both(void **state) {
        g_autoptr(NookSource) source = nook_source_new_text("a.hcl", "0123456789");
        NookRange joined = nook_range_join((NookRange){source, 6, 8}, (NookRange){source, 2, 3});

        assert_int_equal(joined.start, 2);
        assert_int_equal(joined.end, 8);
        joined = nook_range_join(NOOK_RANGE_NONE, (NookRange){source, 2, 3});
        assert_int_equal(joined.start, 2);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_byte_offset_becomes_line_and_column),
                cmocka_unit_test(an_offset_past_the_end_is_the_end),
                cmocka_unit_test(columns_count_grapheme_clusters),
                cmocka_unit_test(a_position_does_not_depend_on_those_asked_for_before),
                cmocka_unit_test(a_line_comes_without_its_end),
                cmocka_unit_test(joined_ranges_hold_both),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
