/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "test.h"

#include <math.h>
#include <string.h>

#include "hcl-check.h"
#include "hcl/number.h"

static HclValue *value_of(const char *text) {
        g_autoptr(NookSource) source = nook_source_new_text("test", text);
        g_autoptr(NookDiags) diags = nook_diags_new();
        g_autoptr(HclFile) file = hcl_parse_expr(source, diags);
        g_autoptr(HclScope) scope = hcl_check_scope();
        HclValue *value = hcl_expr_value(hcl_file_expr(file), scope, diags);

        assert_int_equal(nook_diags_count(diags), 0);
        return value;
}

static const HclType *type_of(const char *text) {
        g_autoptr(NookSource) source = nook_source_new_text("test", text);
        g_autoptr(NookDiags) diags = nook_diags_new();
        g_autoptr(HclFile) file = hcl_parse_expr(source, diags);
        const HclType *type = hcl_expr_type(hcl_file_expr(file), true, diags);

        if (!type)
                nook_diags_print(diags, stderr, false);
        assert_non_null(type);
        return type;
}

/* ---- Values ---- */

static void members_are_sorted_and_the_last_of_a_name_counts(void **state) {
        g_autoptr(HclMembers) members = hcl_members_new();
        g_autoptr(HclValue) object = NULL;

        for (int i = 0; i < 100; i++) {
                g_autofree char *name = g_strdup_printf("k%02d", (i * 37) % 50);
                g_autoptr(HclValue) value = hcl_value_int64(i);

                hcl_members_set(members, name, value);
        }
        object = hcl_members_to_object(members);
        assert_int_equal(hcl_value_length(object), 50);
        for (size_t i = 0; i < 50; i++) {
                const char *name = hcl_value_text(hcl_value_key(object, i), NULL);
                int64_t number;

                assert_int_equal(atoi(name + 1), (int)i);
                assert_true(hcl_value_get_int64(hcl_value_element(object, i), &number));
                assert_true(number >= 50);
        }
        assert_null(hcl_value_member(object, "k50", -1));
        assert_non_null(hcl_value_member(object, "k07xxx", 3));
}

static void a_set_is_sorted_and_holds_each_value_once(void **state) {
        g_autoptr(HclValue) a = hcl_value_string("a", -1), b = hcl_value_string("b", -1);
        g_autoptr(HclValue) null = hcl_value_null(&hcl_type_string);
        HclValue *const items[] = {b, null, a, b, null};
        g_autoptr(HclValue) set = hcl_value_set(&hcl_type_string, items, G_N_ELEMENTS(items));

        assert_int_equal(hcl_value_length(set), 3);
        assert_string_equal(hcl_value_text(hcl_value_element(set, 0), NULL), "a");
        assert_true(hcl_value_is_null(hcl_value_element(set, 2)));
        assert_true(hcl_value_set_contains(set, a));
}

static void numbers_become_integers_only_when_whole(void **state) {
        int64_t number = 7;
        g_autoptr(HclValue) half = value_of("0.5"), big = value_of("9223372036854775808");
        g_autoptr(HclValue) most = value_of("9223372036854775807"), least = NULL;

        least = value_of("-9223372036854775808");
        assert_false(hcl_value_get_int64(half, &number));
        assert_false(hcl_value_get_int64(big, &number));
        assert_int_equal(number, 7);
        assert_true(hcl_value_get_int64(most, &number));
        assert_true(number == INT64_MAX);
        assert_true(hcl_value_get_int64(least, &number));
        assert_true(number == INT64_MIN);
        assert_true(hcl_value_get_double(half) == 0.5);
}

static void digits_depend_on_the_precision(void **state) {
        const struct {
                HclValue *value;
                const char *text;
        } cases[] = {
                {hcl_value_double(0.1), "0.1"},
                {hcl_value_double(1e300), NULL},
                {hcl_value_double(1152921504606846976.0), "1152921504606847000"},
                {hcl_value_int64(1152921504606846976), "1152921504606846976"},
                {hcl_value_double(5e-324), NULL},
                {hcl_value_double(INFINITY), "+Inf"},
                {hcl_value_number_parse("1e-7", -1), "0.0000001"},
                {hcl_value_number_parse("123456789012345678901234567890.5", -1),
                 "123456789012345678901234567890.5"},
        };

        for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
                g_autofree char *text = hcl_value_number_text(cases[i].value);

                if (cases[i].text)
                        assert_string_equal(text, cases[i].text);
                else
                        assert_true(g_ascii_strtod(text, NULL) ==
                                    hcl_value_get_double(cases[i].value));
                hcl_value_unref(cases[i].value);
        }
}

static void only_decimal_text_is_a_number(void **state) {
        const char *good[] = {"0", "+5", "-5", ".5", "5.", "1e3", "1E-3", "Inf", "-inf", "1p3"};
        const char *bad[] = {"", ".", "+", "1e", "0x10", "1_0", " 5", "5 ", "NaN", "1e99999999"};

        for (size_t i = 0; i < G_N_ELEMENTS(good); i++) {
                g_autoptr(HclValue) value = hcl_value_number_parse(good[i], -1);

                assert_non_null(value);
        }
        for (size_t i = 0; i < G_N_ELEMENTS(bad); i++)
                assert_null(hcl_value_number_parse(bad[i], -1));
        assert_null(hcl_value_number_parse("1\0002", 3));
}

static void ill_formed_text_is_repaired(void **state) {
        g_autoptr(HclValue) value = hcl_value_string("a\377b", 3);
        size_t size;

        assert_string_equal(hcl_value_text(value, &size), "a\357\277\275b");
        assert_int_equal(size, 5);
}

static void json_can_escape_as_go_does(void **state) {
        g_autoptr(HclValue) value = hcl_value_string("<a>&\342\200\250", -1);
        g_autoptr(GString) plain = g_string_new(NULL), escaped = g_string_new(NULL);

        assert_true(hcl_value_to_json(value, HCL_JSON_PLAIN, plain));
        assert_true(hcl_value_to_json(value, HCL_JSON_ESCAPE_HTML, escaped));
        assert_string_equal(plain->str, "\"<a>&\342\200\250\"");
        assert_string_equal(escaped->str, "\"\\u003ca\\u003e\\u0026\\u2028\"");
}

static void weight_counts_shared_parts_each_time(void **state) {
        g_autoptr(HclValue) value = value_of("[1, 2]");
        HclValue *const twice[] = {value, value};
        g_autoptr(HclValue) pair = hcl_value_tuple(twice, 2);

        assert_int_equal(hcl_value_weight(value), 3);
        assert_int_equal(hcl_value_weight(pair), 7);
}

/* ---- Types ---- */

static void type_expressions_read_back(void **state) {
        const char *texts[] = {"string",
                               "number",
                               "bool",
                               "any",
                               "list(string)",
                               "set(number)",
                               "map(list(any))",
                               "tuple([string, bool])",
                               "object({a=string, b=optional(number)})",
                               "object({})"};

        for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
                g_autoptr(HclTypeConst) type = type_of(texts[i]);
                g_autofree char *text = hcl_type_expression(type);

                assert_string_equal(text, texts[i]);
        }
}

static void types_have_ctys_json_notation(void **state) {
        g_autoptr(HclTypeConst) type =
                type_of("object({b = list(any), a = optional(tuple([string]))})");
        g_autoptr(GString) out = g_string_new(NULL);

        hcl_type_to_json(type, out);
        assert_string_equal(out->str, "[\"object\",{\"a\":[\"tuple\",[\"string\"]],\"b\":[\"list\","
                                      "\"dynamic\"]},[\"a\"]]");
}

static void wrong_type_expressions_are_explained(void **state) {
        const struct {
                const char *text, *detail;
                bool constraint;
        } cases[] = {
                {"strng", "\"strng\" is not a valid type specification", true},
                {"any", "an exact type is required", false},
                {"list", "requires one argument specifying the element type", true},
                {"object", "the attribute types", true},
                {"tuple", "the element types", true},
                {"string(number)", "does not expect arguments", true},
                {"list(string, number)", "exactly one argument, not 2", true},
                {"lst(string)", "\"lst\" is not a valid type constructor", true},
                {"tuple(string)", "requires a list of element types", true},
                {"object(string)", "requires a map", true},
                {"object({(a) = string})", "keys must be attribute names", true},
                {"object({a = string, a = bool})", "must be different", true},
                {"object({a = optional(string)})", "only for type constraints", false},
                {"object({a = optional()})", "requires one argument", true},
                {"optional(string)", "valid only as a modifier", true},
                {"\"string\"", "either a primitive type keyword", true},
        };

        for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
                g_autoptr(NookSource) source = nook_source_new_text("test", cases[i].text);
                g_autoptr(NookDiags) diags = nook_diags_new();
                g_autoptr(HclFile) file = hcl_parse_expr(source, diags);

                assert_null(hcl_expr_type(hcl_file_expr(file), cases[i].constraint, diags));
                assert_int_equal(nook_diags_count(diags), 1);
                if (!strstr(nook_diags_get(diags, 0)->detail, cases[i].detail))
                        fail_msg("%s: %s", cases[i].text, nook_diags_get(diags, 0)->detail);
        }
}

/* ---- Conversion ---- */

static void check_convert(const char *text, const char *type_text, const char *json) {
        g_autoptr(HclValue) value = value_of(text);
        g_autoptr(HclTypeConst) type = type_of(type_text);
        g_autofree char *why = NULL;
        g_autoptr(HclValue) converted = hcl_value_convert(value, type, &why);
        g_autoptr(GString) out = g_string_new(NULL);

        if (!converted)
                fail_msg("%s to %s: %s", text, type_text, why);
        (void)hcl_value_to_json(converted, HCL_JSON_PLAIN, out);
        assert_string_equal(out->str, json);
}

static void values_convert_where_nothing_is_lost(void **state) {
        check_convert("1.50", "string", "\"1.5\"");
        check_convert("true", "string", "\"true\"");
        check_convert("\"1.5\"", "number", "1.5");
        check_convert("\"1\"", "bool", "true");
        check_convert("\"false\"", "bool", "false");
        check_convert("null", "string", "null");
        check_convert("[1, \"a\"]", "list(string)", "[\"1\",\"a\"]");
        check_convert("[2, 1, 2]", "set(number)", "[1,2]");
        check_convert("[2, 1]", "set(string)", "[\"1\",\"2\"]");
        check_convert("{a = 1}", "map(string)", "{\"a\":\"1\"}");
        check_convert("[1, \"a\", null]", "list(any)", "[\"1\",\"a\",null]");
        check_convert("[[1], [\"a\"]]", "list(list(any))", "[[\"1\"],[\"a\"]]");
        check_convert("{a = 1, b = 2}", "object({a = string})", "{\"a\":\"1\"}");
        check_convert("{a = 1}", "object({a = number, b = optional(string)})",
                      "{\"a\":1,\"b\":null}");
        check_convert("m", "object({x = string})", "{\"x\":\"1\"}");
        check_convert("[1, 2]", "tuple([string, number])", "[\"1\",2]");
        check_convert("ss", "list(string)", "[\"p\",\"q\"]");
        check_convert("[]", "list(string)", "[]");
        check_convert("{a = [1]}", "any", "{\"a\":[1]}");
}

static void what_does_not_convert_says_where(void **state) {
        const struct {
                const char *text, *type, *why;
        } cases[] = {
                {"1", "bool", "bool required, not number"},
                {"true", "number", "number required, not bool"},
                {"\"x\"", "number", "a number is required, and \"x\" is not one"},
                {"\"yes\"", "bool", "neither \"true\" nor \"false\""},
                {"\"TRUE\"", "bool", "use lowercase \"true\""},
                {"[1, \"x\"]", "list(number)", "element 1: a number is required"},
                {"{a = {b = [1]}}", "map(map(string))", "attribute \"a\", attribute \"b\": string"},
                {"{a = 1}", "list(any)", "list of any single type required, not object"},
                {"[1]", "map(any)", "map of any single type required, not tuple"},
                {"{}", "object({a = string})", "attribute \"a\" is required"},
                {"[1]", "tuple([number, number])", "a tuple of 2 elements is required, not of 1"},
                {"[1, true]", "list(any)", "all list elements must have the same type"},
                {"{a = 1, b = []}", "map(any)", "all map elements must have the same type"},
                {"l", "string", "string required, not tuple"},
        };

        for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
                g_autoptr(HclValue) value = value_of(cases[i].text);
                g_autoptr(HclTypeConst) type = type_of(cases[i].type);
                g_autofree char *why = NULL;

                assert_null(hcl_value_convert(value, type, &why));
                if (!strstr(why, cases[i].why))
                        fail_msg("%s to %s: %s", cases[i].text, cases[i].type, why);
        }
}

static void unification_prefers_what_loses_nothing(void **state) {
        const struct {
                const char *a, *b, *common;
        } cases[] = {
                {"string", "number", "string"},
                {"bool", "string", "string"},
                {"number", "bool", NULL},
                {"list(string)", "list(number)", "list(string)"},
                {"list(string)", "tuple([number])", "list(string)"},
                {"set(string)", "list(string)", "list(string)"},
                {"map(number)", "object({a = string})", "map(string)"},
                {"object({a = string})", "object({b = number})", "map(string)"},
                {"tuple([string])", "tuple([number])", "tuple([string])"},
                {"tuple([string])", "tuple([number, number])", "list(string)"},
                {"tuple([])", "object({})", NULL},
                {"any", "string", "string"},
        };

        for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
                g_autoptr(HclTypeConst) a = type_of(cases[i].a), b = type_of(cases[i].b);
                const HclType *const types[] = {a, b};
                g_autoptr(HclTypeConst) common = hcl_type_unify(types, 2);
                g_autofree char *text = common ? hcl_type_expression(common) : NULL;

                if (g_strcmp0(text, cases[i].common) != 0)
                        fail_msg("%s and %s: %s", cases[i].a, cases[i].b, text);
        }
}

/* ---- References ---- */

static void references_leave_out_what_loops_define(void **state) {
        g_autoptr(NookSource) source = nook_source_new_text(
                "test", "[for x in a.b[0] : \"${x}${c[\"d\"].e}\" if f(x, g) && x[h]]");
        g_autoptr(NookDiags) diags = nook_diags_new();
        g_autoptr(HclFile) file = hcl_parse_expr(source, diags);
        g_autoptr(GPtrArray) found = hcl_expr_traversals(hcl_file_expr(file));
        const char *roots[] = {"a", "c", "g", "h"};

        assert_int_equal(found->len, G_N_ELEMENTS(roots));
        for (guint i = 0; i < found->len; i++)
                assert_string_equal(((const HclTraversal *)found->pdata[i])->root, roots[i]);
        assert_int_equal(((const HclTraversal *)found->pdata[0])->n_steps, 2);
        assert_string_equal(((const HclTraversal *)found->pdata[0])->steps[0].name, "b");
        assert_true(((const HclTraversal *)found->pdata[0])->steps[1].is_index);
}

static HclValue *keep_as_text(const HclTraversal *traversal, NookRange interpolation,
                              NookDiags *diags, void *user) {
        bool whole = interpolation.source != NULL;
        NookRange range = whole ? interpolation : traversal->range;
        const char *text = nook_source_text(range.source, NULL) + range.start;
        int size = (int)(range.end - range.start);

        return whole ? hcl_value_string(text, size)
                     : hcl_value_string_printf("${%.*s}", size, text);
}

static void an_unknown_root_can_be_kept_as_text(void **state) {
        g_autoptr(NookSource) source = nook_source_new_text(
                "test", "[NOMAD_A, \"${NOMAD_A}}\", \"x${ attr.a[\"b\"] }y\", \"${i}\"]");
        g_autoptr(NookDiags) diags = nook_diags_new();
        g_autoptr(HclFile) file = hcl_parse_expr(source, diags);
        g_autoptr(HclScope) scope = hcl_check_scope();
        g_autoptr(HclValue) value = NULL;
        g_autoptr(GString) out = g_string_new(NULL);

        hcl_scope_set_undefined_root(scope, keep_as_text, NULL);
        value = hcl_expr_value(hcl_file_expr(file), scope, diags);
        assert_int_equal(nook_diags_count(diags), 0);
        (void)hcl_value_to_json(value, HCL_JSON_PLAIN, out);
        assert_string_equal(out->str,
                            "[\"${NOMAD_A}\",\"${NOMAD_A}}\",\"x${ attr.a[\\\"b\\\"] }y\","
                            "5]");
}

static void without_a_scope_nothing_may_be_named(void **state) {
        g_autoptr(NookSource) source = nook_source_new_text("test", "[a, f(1)]");
        g_autoptr(NookDiags) diags = nook_diags_new();
        g_autoptr(HclFile) file = hcl_parse_expr(source, diags);
        g_autoptr(HclValue) value = hcl_expr_value(hcl_file_expr(file), NULL, diags);

        assert_int_equal(nook_diags_count(diags), 2);
        assert_string_equal(nook_diags_get(diags, 0)->summary, "Variables not allowed");
        assert_string_equal(nook_diags_get(diags, 1)->summary, "Function calls not allowed");
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(members_are_sorted_and_the_last_of_a_name_counts),
                cmocka_unit_test(a_set_is_sorted_and_holds_each_value_once),
                cmocka_unit_test(numbers_become_integers_only_when_whole),
                cmocka_unit_test(digits_depend_on_the_precision),
                cmocka_unit_test(only_decimal_text_is_a_number),
                cmocka_unit_test(ill_formed_text_is_repaired),
                cmocka_unit_test(json_can_escape_as_go_does),
                cmocka_unit_test(weight_counts_shared_parts_each_time),
                cmocka_unit_test(type_expressions_read_back),
                cmocka_unit_test(types_have_ctys_json_notation),
                cmocka_unit_test(wrong_type_expressions_are_explained),
                cmocka_unit_test(values_convert_where_nothing_is_lost),
                cmocka_unit_test(what_does_not_convert_says_where),
                cmocka_unit_test(unification_prefers_what_loses_nothing),
                cmocka_unit_test(references_leave_out_what_loops_define),
                cmocka_unit_test(an_unknown_root_can_be_kept_as_text),
                cmocka_unit_test(without_a_scope_nothing_may_be_named),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
