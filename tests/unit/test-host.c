/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "job/constraint.h"
#include "job/duration.h"
#include "job/interpolate.h"
#include "job/version.h"

static NookHost *make_host(void) {
        NookHost *host = nook_host_new();

        nook_host_set_attr(host, "kernel.name", "linux");
        nook_host_set_attr(host, "kernel.version", "6.1.0-18-amd64");
        nook_host_set_attr(host, "cpu.numcores", "8");
        nook_host_set_attr(host, "os.version", "12");
        nook_host_set_attr(host, "tags", "a, b,c");
        nook_host_set_node(host, "datacenter", "dc1");
        nook_host_set_meta(host, "zone", "north");
        return host;
}

static bool holds(const char *attribute, const char *op, const char *value) {
        g_autoptr(NookHost) host = make_host();
        NookConstraint constraint = {
                .attribute.text = attribute,
                .op.text = op,
                .value.text = value,
        };

        return nook_constraint_holds(&constraint, host, NULL);
}

static void equality_compares_texts(void **state) {
        for (const char *const *op = (const char *const[]){"=", "==", "is", NULL}; *op; op++) {
                assert_true(holds("${attr.kernel.name}", *op, "linux"));
                assert_false(holds("${attr.kernel.name}", *op, "windows"));
                assert_false(holds("${attr.nothing}", *op, "linux"));
        }
        assert_true(holds("${attr.kernel.name}", NULL, "linux"));
        assert_true(holds("linux", "=", "${attr.kernel.name}"));
}

static void inequality_holds_for_what_is_unknown(void **state) {
        assert_true(holds("${attr.kernel.name}", "!=", "windows"));
        assert_true(holds("${attr.nothing}", "not", "windows"));
        assert_false(holds("${attr.kernel.name}", "not", "linux"));
}

static void order_is_numeric_where_both_sides_are_numbers(void **state) {
        assert_true(holds("${attr.cpu.numcores}", "<", "16"));
        assert_true(holds("${attr.cpu.numcores}", ">=", "8"));
        assert_true(holds("${attr.cpu.numcores}", "<", "8.5"));
        assert_false(holds("${attr.cpu.numcores}", ">", "10"));
        assert_true(holds("abc", "<", "abd"));
        assert_true(holds("${attr.cpu.numcores}", "<", "9x"));
        assert_true(holds("${attr.cpu.numcores}", ">", "16x"));
        assert_false(holds("${attr.nothing}", "<", "16"));
}

static void sets_and_regular_expressions(void **state) {
        assert_true(holds("${attr.tags}", "set_contains", "a,c"));
        assert_true(holds("${attr.tags}", "set_contains_all", "b"));
        assert_false(holds("${attr.tags}", "set_contains_all", "a,d"));
        assert_true(holds("${attr.tags}", "set_contains_any", "d,b"));
        assert_false(holds("${attr.tags}", "set_contains_any", "d,e"));
        assert_true(holds("${attr.kernel.version}", "regexp", "^6\\.[0-9]+"));
        assert_false(holds("${attr.kernel.version}", "regexp", "^5"));
        assert_false(holds("${attr.kernel.version}", "regexp", "("));
        assert_false(holds("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab", "regexp", "(a+)+$"));
}

static void presence_is_asked_of_the_attribute(void **state) {
        assert_true(holds("${meta.zone}", "is_set", NULL));
        assert_false(holds("${meta.rack}", "is_set", NULL));
        assert_true(holds("${meta.rack}", "is_not_set", NULL));
        assert_true(holds("${node.datacenter}", "=", "dc1"));
}

static void one_host_is_distinct_and_unknown_operators_fail(void **state) {
        assert_true(holds("${node.datacenter}", "distinct_property", "1"));
        assert_true(holds(NULL, "distinct_hosts", "true"));
        assert_false(holds("${meta.zone}", "resembles", "north"));
}

static void the_reason_names_the_value_found(void **state) {
        g_autoptr(NookHost) host = make_host();
        NookConstraint constraint = {
                .attribute.text = "${attr.kernel.name}",
                .op.text = "=",
                .value.text = "windows",
        };
        g_autofree char *reason = NULL;

        assert_false(nook_constraint_holds(&constraint, host, &reason));
        assert_string_equal(reason, "${attr.kernel.name} is \"linux\"");
}

static bool satisfies(const char *version, const char *constraint) {
        bool valid;

        return nook_version_satisfies(version, constraint, false, &valid);
}

static bool satisfies_semver(const char *version, const char *constraint) {
        bool valid;

        return nook_version_satisfies(version, constraint, true, &valid);
}

static void versions_compare_number_by_number(void **state) {
        assert_true(satisfies("1.10", "> 1.9"));
        assert_true(satisfies("1.2", "= 1.2.0"));
        assert_true(satisfies("1.2.3", ">= 1.2, < 2"));
        assert_false(satisfies("2.0", ">= 1.2, < 2"));
        assert_true(satisfies("1.2.3", "1.2.3"));
        assert_true(satisfies("v1.2.3", "!= 1.2.4"));
        assert_true(satisfies("1.2.5", "~> 1.2.3"));
        assert_false(satisfies("1.3.0", "~> 1.2.3"));
        assert_true(satisfies("1.3.0", "~> 1.2"));
        assert_false(satisfies("2.0", "~> 1.2"));
}

static void prereleases_follow_the_dialect(void **state) {
        assert_false(satisfies("1.3.0-beta1", ">= 1.0"));
        assert_true(satisfies("1.3.0-beta2", ">= 1.3.0-beta1"));
        assert_false(satisfies("1.4.0-beta2", ">= 1.3.0-beta1"));
        assert_true(satisfies("1.3.0beta2", "= 1.3.0-beta2"));
        assert_true(satisfies_semver("1.3.0-beta1", ">= 1.0.0"));
        assert_true(satisfies_semver("1.3.0-beta1", "< 1.3.0"));
        assert_true(satisfies_semver("1.0.0-alpha.1", "< 1.0.0-alpha.beta"));
        assert_true(satisfies_semver("1.0.0-2", "< 1.0.0-10"));
        assert_false(satisfies_semver("1.2.5", "~> 1.2.3"));
}

static void what_is_no_version_is_told_apart(void **state) {
        bool valid = true;

        assert_false(nook_version_satisfies("one", "> 1", false, &valid));
        assert_false(valid);
        assert_false(nook_version_satisfies("1.0", "> x", false, &valid));
        assert_false(valid);
        assert_false(nook_version_satisfies("1.0", "", false, &valid));
        assert_false(valid);
}

static void references_are_replaced_once_and_only_in_their_exact_form(void **state) {
        g_autoptr(NookHost) host = make_host();
        g_autoptr(GHashTable) env = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
        NookTaskLookup lookup = {.env = env, .host = host};
        g_autofree char *unknown = NULL;
        g_autofree char *a = NULL, *b = NULL, *c = NULL;

        g_hash_table_insert(env, g_strdup("NOMAD_TASK_DIR"), g_strdup("/local"));
        g_hash_table_insert(env, g_strdup("loop"), g_strdup("${loop}"));
        a = nook_interpolate("$ ${NOMAD_TASK_DIR}/${attr.kernel.name}-${meta.zone}${loop}$",
                             nook_task_lookup, &lookup, &unknown);
        assert_string_equal(a, "$ /local/linux-north${loop}$");
        assert_null(unknown);

        b = nook_interpolate("${ NOMAD_TASK_DIR } ${env[\"loop\"]} ${} ${nope} ${x",
                             nook_task_lookup, &lookup, &unknown);
        assert_string_equal(b, "${ NOMAD_TASK_DIR } ${env[\"loop\"]} ${} ${nope} ${x");
        assert_string_equal(unknown, "nope");

        c = nook_interpolate_config("${ NOMAD_TASK_DIR } ${env[\"loop\"]}", nook_task_lookup,
                                    &lookup, NULL);
        assert_string_equal(c, "/local ${loop}");
}

static void nomads_names_are_known_and_misspelt_ones_suggested(void **state) {
        assert_true(nook_is_nomad_variable("NOMAD_TASK_DIR"));
        assert_true(nook_is_nomad_variable("NOMAD_PORT_http"));
        assert_false(nook_is_nomad_variable("NOMAD_TASKDIR"));
        assert_string_equal(nook_suggest_nomad_variable("NOMAD_TASKDIR"), "NOMAD_TASK_DIR");
}

static void add_on_demand(NookHost *host, const char *name, void *user) {
        guint *calls = user;

        (*calls)++;
        if (name[0] == '/')
                nook_host_add_path(host, name, NOOK_PATH_LINK, "usr/bin", "/usr/bin",
                                   NOOK_PATH_DIR);
        else
                nook_host_add_missing_user(host, name);
}

static void a_probe_is_asked_once_for_each_name(void **state) {
        g_autoptr(NookHost) host = nook_host_new();
        guint calls = 0;

        assert_int_equal(nook_host_path(host, "/bin")->kind, NOOK_PATH_MISSING);
        host->probe_path = host->probe_user = add_on_demand;
        host->probe_data = &calls;
        assert_string_equal(nook_host_path(host, "/bin")->target, "usr/bin");
        assert_string_equal(nook_host_path(host, "/bin")->resolved, "/usr/bin");
        assert_null(nook_host_user(host, "nobody"));
        assert_null(nook_host_user(host, "nobody"));
        assert_int_equal(calls, 2);

        nook_host_add_user(host, "web", 33, 33, "/var/www", "/bin/sh", (gid_t[]){4}, 1);
        assert_int_equal(nook_host_user(host, "web")->groups[0], 4);
}

static void check_duration(const char *text, int64_t nsec) {
        int64_t got = -1;
        g_autofree char *reason = NULL;

        assert_true(nook_duration_parse(text, &got, &reason));
        assert_int_equal(got, nsec);
}

static void check_bad_duration(const char *text, const char *wanted) {
        int64_t got = -1;
        g_autofree char *reason = NULL;

        assert_false(nook_duration_parse(text, &got, &reason));
        assert_string_equal(reason, wanted);
        assert_int_equal(got, -1);
}

static void durations_are_in_gos_notation(void **state) {
        check_duration("0", 0);
        check_duration("30s", 30 * INT64_C(1000000000));
        check_duration("1h30m", 5400 * INT64_C(1000000000));
        check_duration("1.5h", 5400 * INT64_C(1000000000));
        check_duration("-500ms", -500000000);
        check_duration("+.5s", 500000000);
        check_duration("10us", 10000);
        check_duration("10\302\265s", 10000);
        check_duration("1ns", 1);
        check_duration("-2562047h47m16.854775808s", INT64_MIN);
        check_bad_duration("30", "a unit is missing: write \"30s\" for seconds");
        check_bad_duration("1d", "there is no unit \"d\": the largest is \"h\", hours");
        check_bad_duration("3x", "\"x\" is no unit; the units are ns, us, ms, s, m, h");
        check_bad_duration("", "it is empty");
        check_bad_duration("s", "a number is missing");
        check_bad_duration("9223372036854775808ns", "it is too long");
        check_bad_duration("99999999999999999999s", "it is too long");
}

static void check_text(int64_t nsec, const char *wanted) {
        g_autofree char *text = nook_duration_to_text(nsec);

        assert_string_equal(text, wanted);
}

static void durations_print_as_go_prints_them(void **state) {
        check_text(0, "0s");
        check_text(30 * INT64_C(1000000000), "30s");
        check_text(5400 * INT64_C(1000000000), "1h30m0s");
        check_text(1500000000, "1.5s");
        check_text(1500000, "1.5ms");
        check_text(-1, "-1ns");
        check_text(61000000001, "1m1.000000001s");
}

static void sizes_have_decimal_and_binary_units(void **state) {
        int64_t bytes = 0;

        assert_true(nook_size_parse("100GB", &bytes));
        assert_int_equal(bytes, INT64_C(100000000000));
        assert_true(nook_size_parse("1 MiB", &bytes));
        assert_int_equal(bytes, 1 << 20);
        assert_true(nook_size_parse("4096", &bytes));
        assert_int_equal(bytes, 4096);
        assert_false(nook_size_parse("lots", &bytes));
        assert_false(nook_size_parse("-1", &bytes));
        assert_false(nook_size_parse("1XB", &bytes));
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(equality_compares_texts),
                cmocka_unit_test(inequality_holds_for_what_is_unknown),
                cmocka_unit_test(order_is_numeric_where_both_sides_are_numbers),
                cmocka_unit_test(sets_and_regular_expressions),
                cmocka_unit_test(presence_is_asked_of_the_attribute),
                cmocka_unit_test(one_host_is_distinct_and_unknown_operators_fail),
                cmocka_unit_test(the_reason_names_the_value_found),
                cmocka_unit_test(versions_compare_number_by_number),
                cmocka_unit_test(prereleases_follow_the_dialect),
                cmocka_unit_test(what_is_no_version_is_told_apart),
                cmocka_unit_test(references_are_replaced_once_and_only_in_their_exact_form),
                cmocka_unit_test(nomads_names_are_known_and_misspelt_ones_suggested),
                cmocka_unit_test(a_probe_is_asked_once_for_each_name),
                cmocka_unit_test(durations_are_in_gos_notation),
                cmocka_unit_test(durations_print_as_go_prints_them),
                cmocka_unit_test(sizes_have_decimal_and_binary_units),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
