/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "test.h"

#include "hcl-check.h"

#define NUMBER "number"
#define STRING "string"
#define BOOL   "bool"

/* ---- Numbers ---- */

static void numbers_print_with_the_fewest_digits(void **state) {
        hcl_check_expr("1", "1", NUMBER);
        hcl_check_expr("1.50", "1.5", NUMBER);
        hcl_check_expr("1e3", "1000", NUMBER);
        hcl_check_expr("1e-3", "0.001", NUMBER);
        hcl_check_expr("0.1 + 0.2", "0.3", NUMBER);
        hcl_check_expr("100000000000000000000000000000", "100000000000000000000000000000", NUMBER);
        hcl_check_expr("9007199254740993", "9007199254740993", NUMBER);
        hcl_check_expr("3.14159265358979323846264338327950288419716939937510582097494459",
                       "3.14159265358979323846264338327950288419716939937510582097494459", NUMBER);
}

static void numbers_may_have_points_and_exponents(void **state) {
        hcl_check_expr("1.e3", "1000", NUMBER);
        hcl_check_expr("1.2e-1", "0.12", NUMBER);
        hcl_check_expr_error("1.2.3", "1:1-1:6", "Invalid number literal", NULL);
        hcl_check_expr_error("1..2", "1:1-1:5", "Invalid number literal", NULL);
        hcl_check_expr_error("5.", "1:3-1:3", "Invalid attribute name", NULL);
        hcl_check_expr_refused(".5");
}

static void arithmetic_follows_precedence(void **state) {
        hcl_check_expr("1 + 2 * 3", "7", NUMBER);
        hcl_check_expr("(1 + 2) * 3", "9", NUMBER);
        hcl_check_expr("10 - 2 - 3", "5", NUMBER);
        hcl_check_expr("100 / 10 / 5", "2", NUMBER);
        hcl_check_expr("-2 + 5", "3", NUMBER);
        hcl_check_expr("- - 1", "1", NUMBER);
        hcl_check_expr("1 + 1 == 2 && 2 < 3 || false", "true", BOOL);
        hcl_check_expr("1 < 2 == true", "true", BOOL);
        hcl_check_expr("!true || true", "true", BOOL);
}

static void arithmetic_converts_text(void **state) {
        hcl_check_expr("\"5\" + 1", "6", NUMBER);
        hcl_check_expr("-\"5\"", "-5", NUMBER);
        hcl_check_expr("\"1\" < \"10\"", "true", BOOL);
        hcl_check_expr("\"+5\" + 0", "5", NUMBER);
        hcl_check_expr("\".5\" + 0", "0.5", NUMBER);
        hcl_check_expr("\"5.\" + 0", "5", NUMBER);
        hcl_check_expr("\"1e3\" + 0", "1000", NUMBER);
}

static void text_that_is_no_number_is_refused(void **state) {
        hcl_check_expr_error("\" 5\" + 0", "1:1-1:5", "Invalid operand", "\" 5\" is not one");
        hcl_check_expr_refused("\"0x10\" + 0");
        hcl_check_expr_refused("\"1_0\" + 0");
        hcl_check_expr_refused("\"\" + 0");
        hcl_check_expr_refused("true + 0");
        hcl_check_expr_refused("[1] + 0");
}

static void precision_belongs_to_the_value(void **state) {
        hcl_check_expr("length([1]) / length([1, 2, 3])", "0.33333333333333333334", NUMBER);
        hcl_check_expr("1 / 10", "0.1", NUMBER);
        hcl_check_expr(
                "11 % 5.1",
                "0.8000000000000000000000000000000000000000000000000000000000000000000000000000"
                "0000000000000000000000000000000000000000000000000000000000000000000000000000024",
                NUMBER);
}

static void division_by_zero_is_an_infinity(void **state) {
        hcl_check_expr("1 / 0", "+Inf", NUMBER);
        hcl_check_expr("-1 / 0", "-Inf", NUMBER);
        hcl_check_expr("\"Inf\" + 0", "+Inf", NUMBER);
        hcl_check_expr_error("0 / 0", "1:1-1:6", "Operation failed", "divided by zero");
        hcl_check_expr_refused("1 / 0 - 1 / 0");
        hcl_check_expr_refused("1 / 0 * 0");
}

static void remainders_are_truncated(void **state) {
        hcl_check_expr("7 % 3", "1", NUMBER);
        hcl_check_expr("-7 % 3", "-1", NUMBER);
        hcl_check_expr("7 % -3", "1", NUMBER);
        hcl_check_expr("5 % 0", "5", NUMBER);
}

static void a_negative_zero_prints_but_equals_zero(void **state) {
        hcl_check_expr("-0", "-0", NUMBER);
        hcl_check_expr("-0 == 0", "true", BOOL);
        hcl_check_expr("-0 % 3", "-0", NUMBER);
}

static void hyphens_belong_to_names(void **state) {
        hcl_check_expr_error("i-1", "1:1-1:4", "Unknown variable", "\"i-1\"");
        hcl_check_expr("i - 1", "4", NUMBER);
        hcl_check_expr("i -1", "4", NUMBER);
}

/* ---- Comparing ---- */

static void equality_is_typed(void **state) {
        hcl_check_expr("\"1\" == 1", "false", BOOL);
        hcl_check_expr("1 == 1.0", "true", BOOL);
        hcl_check_expr("null == n", "true", BOOL);
        hcl_check_expr("1 == null", "false", BOOL);
        hcl_check_expr("[1, 2] == [1, 2]", "true", BOOL);
        hcl_check_expr("{a = 1} == {a = 1}", "true", BOOL);
        hcl_check_expr("{a = 1} == {a = \"1\"}", "false", BOOL);
        hcl_check_expr("l == [1, 2, 3]", "true", BOOL);
        hcl_check_expr("ls == [\"p\", \"q\"]", "false", BOOL);
        hcl_check_expr("1 != 2", "true", BOOL);
}

static void only_numbers_have_an_order(void **state) {
        hcl_check_expr("2 <= 2", "true", BOOL);
        hcl_check_expr("3 > 2", "true", BOOL);
        hcl_check_expr("3 >= 4", "false", BOOL);
        hcl_check_expr_error("\"a\" < 1", "1:1-1:4", "Invalid operand", "a number is required");
        hcl_check_expr_refused("true < false");
        hcl_check_expr_refused("null < 1");
}

static void either_side_of_and_and_or_may_decide(void **state) {
        hcl_check_expr("true || n.x", "true", BOOL);
        hcl_check_expr("n.x || true", "true", BOOL);
        hcl_check_expr("false && n.x", "false", BOOL);
        hcl_check_expr("n.x && false", "false", BOOL);
        hcl_check_expr("nosuch() || true", "true", BOOL);
        hcl_check_expr("n != null && n.x", "false", BOOL);
        hcl_check_expr("nosuch || false || true", "true", BOOL);
        hcl_check_expr_refused("nosuch || false");
        hcl_check_expr_refused("nosuch && true");
}

static void a_side_that_can_be_no_bool_is_an_error_in_any_case(void **state) {
        hcl_check_expr_error("true || \"x\"", "1:9-1:12", "Invalid operand", NULL);
        hcl_check_expr_error("false && [1]", "1:10-1:13", "Invalid operand", NULL);
        hcl_check_expr_refused("true || [nosuch]");
        hcl_check_expr_refused("true || (1 + \"a\")");
        hcl_check_expr("true || 1 < \"a\"", "true", BOOL);
}

static void null_counts_as_false_for_and_only(void **state) {
        hcl_check_expr("n && true", "false", BOOL);
        hcl_check_expr("true && n", "false", BOOL);
        hcl_check_expr("n || true", "true", BOOL);
        hcl_check_expr_error("n || false", "1:1-1:11", "Operation failed", "left operand");
}

static void logic_converts_text(void **state) {
        hcl_check_expr("!\"true\"", "false", BOOL);
        hcl_check_expr("\"1\" && true", "true", BOOL);
        hcl_check_expr_error("!1", "1:2-1:3", "Invalid operand", "bool required");
        hcl_check_expr_error("!\"True\"", "1:2-1:8", "Invalid operand", "use lowercase \"true\"");
}

/* ---- Conditionals ---- */

static void both_arms_become_one_type(void **state) {
        hcl_check_expr("true ? 1 : \"a\"", "\"1\"", STRING);
        hcl_check_expr("true ? [1, 2] : [\"a\"]", "[\"1\",\"2\"]", "list(string)");
        hcl_check_expr("true ? [1] : [\"a\"]", "[\"1\"]", "tuple([string])");
        hcl_check_expr("true ? {a = 1} : {b = 2}", "{\"a\":1}", "map(number)");
        hcl_check_expr("true ? {a = 1} : {a = \"x\"}", "{\"a\":\"1\"}", "object({a=string})");
        hcl_check_expr("true ? {} : {b = \"x\"}", "{}", "map(string)");
        hcl_check_expr("true ? [[1]] : [[\"a\"], [2]]", "[[\"1\"]]", "list(tuple([string]))");
        hcl_check_expr("true ? ls : [1]", "[\"p\",\"q\"]", "list(string)");
}

static void null_takes_the_type_of_the_other_arm(void **state) {
        hcl_check_expr("true ? null : 1", "null", NUMBER);
        hcl_check_expr("false ? null : 1", "1", NUMBER);
        hcl_check_expr("true ? [null] : [\"a\"]", "[null]", "tuple([string])");
        hcl_check_expr("true ? null : null", "null", "any");
        hcl_check_expr("true ? {b = {x = 1}, c = null} : {d = null}",
                       "{\"b\":{\"x\":1},\"c\":null}", "map(object({x=number}))");
}

static void arms_with_nothing_in_common_are_refused(void **state) {
        const char *summary = "Inconsistent conditional result types";

        hcl_check_expr_error("true ? 1 : true", "1:8-1:16", summary,
                             "The 'true' value is number, but the 'false' value is bool.");
        hcl_check_expr_error("true ? [1] : [true]", "1:8-1:20", summary,
                             "Type mismatch for tuple element 0");
        hcl_check_expr_error("true ? {a = 1} : [1]", "1:8-1:21", summary, NULL);
        hcl_check_expr_error("true ? {a = 1} : {b = true}", "1:8-1:28", summary,
                             "The 'true' value includes object attribute \"a\"");
        hcl_check_expr_error("true ? {} : {b = {}, c = true}", NULL, summary,
                             "The 'false' value includes object attribute \"b\"");
        hcl_check_expr_error("true ? [1, 2] : [true]", NULL, summary, "has length 2");
}

static void the_error_of_an_arm_counts_only_if_chosen(void **state) {
        hcl_check_expr("false ? nosuch : 1", "1", NUMBER);
        hcl_check_expr("true ? 1 : n.x", "1", NUMBER);
        hcl_check_expr_error("true ? nosuch : 1", "1:8-1:14", "Unknown variable", NULL);
}

static void conditions_may_be_text(void **state) {
        hcl_check_expr("\"1\" ? 1 : 2", "1", NUMBER);
        hcl_check_expr("\"false\" ? 1 : 2", "2", NUMBER);
        hcl_check_expr_error("1 ? 1 : 2", "1:1-1:2", "Incorrect condition type", NULL);
        hcl_check_expr_error("null ? 1 : 2", "1:1-1:5", "Null condition", NULL);
}

static void conditionals_nest_to_the_right(void **state) {
        hcl_check_expr("false ? 1 : true ? 2 : 3", "2", NUMBER);
        hcl_check_expr("true ? false ? 1 : 2 : 3", "2", NUMBER);
}

/* ---- Collections ---- */

static void tuples_and_objects_hold_anything(void **state) {
        hcl_check_expr("[1, \"a\", true, null,]", "[1,\"a\",true,null]",
                       "tuple([number, string, bool, any])");
        hcl_check_expr("[]", "[]", "tuple([])");
        hcl_check_expr("{a = 1, b : 2,}", "{\"a\":1,\"b\":2}", "object({a=number, b=number})");
        hcl_check_expr("{\n a = 1\n b = 2\n}", "{\"a\":1,\"b\":2}", NULL);
        hcl_check_expr("{}", "{}", "object({})");
}

static void object_keys_are_names_text_or_computed(void **state) {
        hcl_check_expr("{s = 1}", "{\"s\":1}", NULL);
        hcl_check_expr("{(s) = 1}", "{\"str\":1}", NULL);
        hcl_check_expr("{\"a b\" = 1}", "{\"a b\":1}", NULL);
        hcl_check_expr("{\"x${s}\" = 1}", "{\"xstr\":1}", NULL);
        hcl_check_expr("{1.50 = 1}", "{\"1.5\":1}", NULL);
        hcl_check_expr("{-1 = 1}", "{\"-1\":1}", NULL);
        hcl_check_expr("{true = 1, null = 2}", "{\"null\":2,\"true\":1}", NULL);
        hcl_check_expr("{a = 1, a = 2}", "{\"a\":2}", NULL);
}

static void odd_object_keys_are_refused(void **state) {
        hcl_check_expr_error("{a.b = 1}", "1:2-1:5", "Ambiguous attribute key", NULL);
        hcl_check_expr_error("{(n) = 1}", "1:2-1:5", "Null value as key", NULL);
        hcl_check_expr_error("{([]) = 1}", "1:2-1:6", "Incorrect key type", NULL);
        hcl_check_expr_refused("{for = 1}");
        hcl_check_expr_refused("{a = 1\n, b = 2}");
}

/* ---- Access ---- */

static void elements_are_reached_by_index_and_name(void **state) {
        hcl_check_expr("l[0]", "1", NUMBER);
        hcl_check_expr("l[\"0\"]", "1", NUMBER);
        hcl_check_expr("l[i - 4]", "2", NUMBER);
        hcl_check_expr("o.b.c[1]", "20", NUMBER);
        hcl_check_expr("o[\"a\"]", "1", NUMBER);
        hcl_check_expr("m.x", "1", NUMBER);
        hcl_check_expr("m[\"y\"]", "2", NUMBER);
        hcl_check_expr("{\"1\" = 2}[1]", "2", NUMBER);
        hcl_check_expr("[[1, 2], [3]][0][1]", "2", NUMBER);
        hcl_check_expr("\"${l}\"[0]", "1", NUMBER);
        hcl_check_expr("(o).a", "1", NUMBER);
}

static void the_old_index_is_a_number_after_a_dot(void **state) {
        hcl_check_expr("l.0", "1", NUMBER);
        hcl_check_expr("lo.1.a", "2", NUMBER);
        hcl_check_expr("l.1e0", "2", NUMBER);
        hcl_check_expr("[[7]][0].0", "7", NUMBER);
        hcl_check_expr("[[7]].0[0]", "7", NUMBER);
        hcl_check_expr_error("l.0.0", "1:3-1:6", "Invalid legacy index syntax", "[0][0]");
}

static void what_is_not_there_is_named(void **state) {
        const char *no_index = "Invalid index";

        hcl_check_expr_error("l[5]", "1:2-1:5", no_index,
                             "5, is greater than or equal to the "
                             "length of the collection, 3");
        hcl_check_expr_error("l[-1]", "1:2-1:6", no_index, "a negative number, -1");
        hcl_check_expr_error("l[1.5]", "1:2-1:7", no_index, "1.5, has a fractional part");
        hcl_check_expr_error("e[0]", "1:2-1:5", no_index, "has no elements");
        hcl_check_expr_error("l[\"x\"]", "1:2-1:7", no_index, "a number is required");
        hcl_check_expr_error("l[n]", "1:2-1:5", no_index, "null value");
        hcl_check_expr_error("o[\"z\"]", "1:2-1:7", no_index, "none named \"z\"");
        hcl_check_expr_error("o[0]", "1:2-1:5", no_index, "not by numeric index");
        hcl_check_expr_error("ss[0]", "1:3-1:6", no_index, "Elements of a set");
        hcl_check_expr_error("s[0]", "1:2-1:5", no_index, "does not have any indices");
        hcl_check_expr_error("n[0]", "1:2-1:5", "Attempt to index null value", NULL);
        hcl_check_expr_error("n.x", "1:2-1:4", "Attempt to get attribute from null value", NULL);
        hcl_check_expr_error("m.z", "1:2-1:4", "Missing map element", "\"z\"");
        hcl_check_expr_error("{command = 1}.comand", "1:14-1:21", "Unsupported attribute",
                             "Did you mean \"command\"?");
        hcl_check_expr_error("s.x", "1:2-1:4", "Unsupported attribute", "(string)");
        hcl_check_expr_error("l.x", "1:2-1:4", "Unsupported attribute", NULL);
        hcl_check_expr_error("le.a", "1:3-1:5", "Unsupported attribute",
                             "for a specific element of the list");
}

static void an_unknown_variable_gets_a_suggestion(void **state) {
        hcl_check_expr_error("nosuch.x", "1:1-1:7", "Unknown variable", "\"nosuch\"");
        hcl_check_expr_error("[for item in l : iten]", "1:18-1:22", "Unknown variable",
                             "Did you mean \"item\"?");
}

/* ---- Splats ---- */

static void a_full_splat_applies_everything_after_it(void **state) {
        hcl_check_expr("lo[*].a", "[1,2]", "tuple([number, number])");
        hcl_check_expr("[[1, 2], [3]][*][0]", "[1,3]", NULL);
        hcl_check_expr("[{t = [1]}, {t = [2]}][*].t[0]", "[1,2]", NULL);
        hcl_check_expr("ls[*]", "[\"p\",\"q\"]", "list(string)");
        hcl_check_expr("ss[*]", "[\"p\",\"q\"]", "list(string)");
}

static void an_attribute_splat_ends_at_a_bracket(void **state) {
        hcl_check_expr("lo.*.a", "[1,2]", NULL);
        hcl_check_expr("lo.*.a[0]", "1", NUMBER);
        hcl_check_expr("[{t = [1]}, {t = [2]}].*.t[0]", "[1]", NULL);
        hcl_check_expr("[[1], [2]].*.0", "[1,2]", NULL);
        hcl_check_expr_error("lo.*.*", "1:6-1:7", "Nested splat expression not allowed", NULL);
        hcl_check_expr_error("[[[1]]].*.0.0", "1:9-1:10", "Invalid legacy index syntax", NULL);
}

static void a_splat_makes_a_sequence_of_anything(void **state) {
        hcl_check_expr("s[*]", "[\"str\"]", "tuple([string])");
        hcl_check_expr("o[*].a", "[1]", "tuple([number])");
        hcl_check_expr("null[*]", "[]", "tuple([])");
        hcl_check_expr("n.*", "[]", "tuple([])");
        hcl_check_expr("e[*].x", "[]", "tuple([])");
        hcl_check_expr("le[*].a", "[]", "list(string)");
}

static void nested_splats_of_a_list_must_agree(void **state) {
        hcl_check_expr_error("lns[*].a[*]", "1:4-1:12", "Invalid nested splat expressions", NULL);
}

static void findings_on_arguments_stand_at_their_start(void **state) {
        hcl_check_expr_error("length(\"abc\")", "1:9-1:12", "Invalid function argument", NULL);
        hcl_check_expr_error("length(\"x${i}y\")", "1:9-1:10", "Invalid function argument", NULL);
        hcl_check_expr_error("length(upper(s))", "1:8-1:14", "Invalid function argument", NULL);
        hcl_check_expr_error("length(-i)", "1:8-1:9", "Invalid function argument", NULL);
        hcl_check_expr_error("length(i + 1)", "1:8-1:9", "Invalid function argument", NULL);
        hcl_check_expr_error("length((i))", "1:9-1:10", "Invalid function argument", NULL);
        hcl_check_expr_error("upper(lo[*].a)", "1:9-1:12", "Invalid function argument", NULL);
        hcl_check_expr_error("upper(t ? l : [])", "1:7-1:8", "Invalid function argument", NULL);
        hcl_check_expr_error("length(l[i - 4])", "1:9-1:10", "Invalid function argument", NULL);
        hcl_check_expr_error("length(<<E\nabc\nde\nE\n)", "2:1-3:1", "Invalid function argument",
                             NULL);
}

static void a_splat_of_what_is_not_there_is_one_error(void **state) {
        hcl_check_expr_error("lo[*].z", "1:6-1:8", "Unsupported attribute", "\"z\"");
}

/* ---- for ---- */

static void for_makes_tuples(void **state) {
        hcl_check_expr("[for x in l : x * 2]", "[2,4,6]", NULL);
        hcl_check_expr("[for i, x in l : \"${i}=${x}\" if x > 1]", "[\"1=2\",\"2=3\"]", NULL);
        hcl_check_expr("[for k, v in o : k]", "[\"a\",\"b\"]", NULL);
        hcl_check_expr("[for k, v in ss : k == v]", "[true,true]", NULL);
        hcl_check_expr("[for x in [] : nosuch]", "[]", NULL);
        hcl_check_expr("[for x in l : [for y in l : x * y][0]]", "[1,2,3]", NULL);
}

static void for_makes_objects(void **state) {
        hcl_check_expr("{for i, x in l : x => i}", "{\"1\":0,\"2\":1,\"3\":2}", NULL);
        hcl_check_expr("{for x in lo : x.b => x.a if x.a > 1}", "{\"y\":2}", NULL);
        hcl_check_expr("{for x in lo : \"k\" => x.b...}", "{\"k\":[\"x\",\"y\"]}",
                       "object({k=tuple([string, string])})");
}

static void keywords_may_be_loop_variables(void **state) {
        hcl_check_expr("[for for in l : for]", "[1,2,3]", NULL);
        hcl_check_expr("[for null in l : null]", "[null,null,null]", NULL);
        hcl_check_expr("[for x, x in l : x]", "[1,2,3]", NULL);
}

static void what_a_loop_cannot_do_is_refused(void **state) {
        const char *condition = "Invalid 'for' condition", *loop = "Invalid 'for' expression";

        hcl_check_expr_error("[for x in n : x]", "1:11-1:12", "Iteration over null value", NULL);
        hcl_check_expr_error("[for x in s : x]", "1:11-1:12", "Iteration over non-iterable value",
                             "type string");
        hcl_check_expr_error("[for x in l : x if null]", "1:20-1:24", condition, NULL);
        hcl_check_expr_error("[for x in l : x if \"a\"]", "1:20-1:23", condition, NULL);
        hcl_check_expr_error("[for x in [] : x if nosuch]", "1:21-1:27", "Unknown variable", NULL);
        hcl_check_expr_error("[for x in l : nosuch]", "1:15-1:21", "Unknown variable", NULL);
        hcl_check_expr_error("{for x in lo : \"k\" => x.b}", "1:16-1:19", "Duplicate object key",
                             "\"k\"");
        hcl_check_expr_error("{for x in l : null => x}", "1:15-1:19", "Invalid object key", NULL);
        hcl_check_expr_error("{for x in l : [] => x}", "1:15-1:17", "Invalid object key", NULL);
        hcl_check_expr_error("[for x in l : k => x]", "1:15-1:16", loop, NULL);
        hcl_check_expr_error("[for x in l : x...]", "1:16-1:19", loop, NULL);
        hcl_check_expr_error("{for x in l : x}", "1:15-1:16", loop, NULL);
        hcl_check_expr_error("[for 1 in l : x]", "1:6-1:7", loop, NULL);
        hcl_check_expr_error("[for x, 1 in l : x]", "1:9-1:10", loop, NULL);
        hcl_check_expr_error("[for x l : x]", "1:8-1:9", loop, NULL);
        hcl_check_expr_error("[for x in l, x]", "1:12-1:13", loop, NULL);
        hcl_check_expr_error("[for x in l : x if true y]", "1:25-1:26", loop, NULL);
}

/* ---- Calls ---- */

static void calls_convert_their_arguments(void **state) {
        hcl_check_expr("upper(\"a\")", "\"A\"", STRING);
        hcl_check_expr("upper(1.50)", "\"1.5\"", STRING);
        hcl_check_expr("length(l,)", "3", NUMBER);
        hcl_check_expr("sum()", "0", NUMBER);
        hcl_check_expr("sum(1, \"2\", 3)", "6", NUMBER);
        hcl_check_expr("sum(l...)", "6", NUMBER);
        hcl_check_expr("sum(1, ls == [] ? [] : [2]...)", "3", NUMBER);
        hcl_check_expr("sum(\n1,\n2\n)", "3", NUMBER);
}

static void wrong_calls_are_refused(void **state) {
        hcl_check_expr_error("uper(\"a\")", "1:1-1:5", "Call to unknown function",
                             "Did you mean \"upper\"?");
        hcl_check_expr_error("nosuch(nosuch)", "1:1-1:7", "Call to unknown function", NULL);
        hcl_check_expr_error("upper()", "1:7-1:8", "Not enough function arguments", "\"str\"");
        hcl_check_expr_error("upper(1, 2)", "1:10-1:11", "Too many function arguments", NULL);
        hcl_check_expr_error("upper([])", "1:7-1:8", "Invalid function argument", "\"str\"");
        hcl_check_expr_error("upper(null)", "1:7-1:11", "Invalid function argument", "null");
        hcl_check_expr_error("length(1)", "1:8-1:9", "Invalid function argument",
                             "a collection is required");
        hcl_check_expr_error("fail(1)", "1:1-1:6", "Error in function call", "it always does");
        hcl_check_expr_error("sum(n...)", "1:5-1:6", "Invalid expanding argument value", "null");
        hcl_check_expr_error("sum(s...)", "1:5-1:6", "Invalid expanding argument value", NULL);
        hcl_check_expr_error("a::b(1)", "1:1-1:5", "Call to unknown function", "\"a::b\"");
        hcl_check_expr_refused("sum(l..., )");
        hcl_check_expr_refused("sum(,)");
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(numbers_print_with_the_fewest_digits),
                cmocka_unit_test(numbers_may_have_points_and_exponents),
                cmocka_unit_test(arithmetic_follows_precedence),
                cmocka_unit_test(arithmetic_converts_text),
                cmocka_unit_test(text_that_is_no_number_is_refused),
                cmocka_unit_test(precision_belongs_to_the_value),
                cmocka_unit_test(division_by_zero_is_an_infinity),
                cmocka_unit_test(remainders_are_truncated),
                cmocka_unit_test(a_negative_zero_prints_but_equals_zero),
                cmocka_unit_test(hyphens_belong_to_names),
                cmocka_unit_test(equality_is_typed),
                cmocka_unit_test(only_numbers_have_an_order),
                cmocka_unit_test(either_side_of_and_and_or_may_decide),
                cmocka_unit_test(a_side_that_can_be_no_bool_is_an_error_in_any_case),
                cmocka_unit_test(null_counts_as_false_for_and_only),
                cmocka_unit_test(logic_converts_text),
                cmocka_unit_test(both_arms_become_one_type),
                cmocka_unit_test(null_takes_the_type_of_the_other_arm),
                cmocka_unit_test(arms_with_nothing_in_common_are_refused),
                cmocka_unit_test(the_error_of_an_arm_counts_only_if_chosen),
                cmocka_unit_test(conditions_may_be_text),
                cmocka_unit_test(conditionals_nest_to_the_right),
                cmocka_unit_test(tuples_and_objects_hold_anything),
                cmocka_unit_test(object_keys_are_names_text_or_computed),
                cmocka_unit_test(odd_object_keys_are_refused),
                cmocka_unit_test(elements_are_reached_by_index_and_name),
                cmocka_unit_test(the_old_index_is_a_number_after_a_dot),
                cmocka_unit_test(what_is_not_there_is_named),
                cmocka_unit_test(an_unknown_variable_gets_a_suggestion),
                cmocka_unit_test(a_full_splat_applies_everything_after_it),
                cmocka_unit_test(an_attribute_splat_ends_at_a_bracket),
                cmocka_unit_test(a_splat_makes_a_sequence_of_anything),
                cmocka_unit_test(a_splat_of_what_is_not_there_is_one_error),
                cmocka_unit_test(nested_splats_of_a_list_must_agree),
                cmocka_unit_test(findings_on_arguments_stand_at_their_start),
                cmocka_unit_test(for_makes_tuples),
                cmocka_unit_test(for_makes_objects),
                cmocka_unit_test(keywords_may_be_loop_variables),
                cmocka_unit_test(what_a_loop_cannot_do_is_refused),
                cmocka_unit_test(calls_convert_their_arguments),
                cmocka_unit_test(wrong_calls_are_refused),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
