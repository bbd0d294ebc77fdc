/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "test.h"

#include <string.h>

#include "hcl-check.h"
#include "hcl/number.h"

/* ---- Functions ---- */

static HclValue *call_length(HclCall *call, HclValue *const *args, size_t n_args) {
        if (hcl_value_kind(args[0]) < HCL_KIND_LIST)
                return hcl_call_fail(call, 0, "a collection is required");
        return hcl_value_int64((int64_t)hcl_value_length(args[0]));
}

static HclValue *call_upper(HclCall *call, HclValue *const *args, size_t n_args) {
        g_autofree char *upper = g_ascii_strup(hcl_value_text(args[0], NULL), -1);

        return hcl_value_string(upper, -1);
}

static HclValue *call_fail(HclCall *call, HclValue *const *args, size_t n_args) {
        return hcl_call_fail(call, -1, "it always does");
}

static HclValue *call_sum(HclCall *call, HclValue *const *args, size_t n_args) {
        HclValue *sum = hcl_value_int64(0);

        for (size_t i = 0; i < n_args; i++) {
                HclValue *next = hcl_number_add(sum, args[i]);

                hcl_value_unref(sum);
                sum = next;
        }
        return sum;
}

static const HclParameter any_parameter = {.name = "value", .type = &hcl_type_dynamic};
static const HclParameter string_parameter = {.name = "str", .type = &hcl_type_string};
static const HclParameter number_parameter = {.name = "num", .type = &hcl_type_number};

static const HclFunction functions[] = {
        {.name = "length", .parameters = &any_parameter, .n_parameters = 1, .call = call_length},
        {.name = "upper", .parameters = &string_parameter, .n_parameters = 1, .call = call_upper},
        {.name = "fail", .parameters = &any_parameter, .n_parameters = 1, .call = call_fail},
        {.name = "sum", .variadic = &number_parameter, .call = call_sum},
};

/* ---- Variables ---- */

static const char variables[] =
        "{n = null, t = true, f = false, s = \"str\", i = 5, l = [1, 2, 3], lo = [{a = 1, b = "
        "\"x\"}, {a = 2, b = \"y\"}], o = {a = 1, b = {c = [10, 20]}}, e = []}";

static HclValue *evaluate(const char *text) {
        g_autoptr(NookSource) source = nook_source_new_text("variables", text);
        g_autoptr(NookDiags) diags = nook_diags_new();
        g_autoptr(HclFile) file = hcl_parse_expr(source, diags);
        HclValue *value = hcl_expr_value(hcl_file_expr(file), NULL, diags);

        assert_int_equal(nook_diags_count(diags), 0);
        return value;
}

/* Defines a variable of a type that no literal has. */
static void set_converted(HclScope *scope, const char *name, const char *text, const char *type) {
        g_autoptr(NookSource) source = nook_source_new_text("type", type);
        g_autoptr(NookDiags) diags = nook_diags_new();
        g_autoptr(HclFile) file = hcl_parse_expr(source, diags);
        g_autoptr(HclTypeConst) wanted = hcl_expr_type(hcl_file_expr(file), true, diags);
        g_autoptr(HclValue) given = evaluate(text);
        g_autoptr(HclValue) value = hcl_value_convert(given, wanted, NULL);

        assert_non_null(value);
        hcl_scope_set(scope, name, value);
}

HclScope *hcl_check_scope(void) {
        HclScope *scope = hcl_scope_new(NULL);
        g_autoptr(HclValue) all = evaluate(variables);

        for (size_t i = 0; i < hcl_value_length(all); i++)
                hcl_scope_set(scope, hcl_value_text(hcl_value_key(all, i), NULL),
                              hcl_value_element(all, i));
        set_converted(scope, "ls", "[\"p\", \"q\"]", "list(string)");
        set_converted(scope, "le", "[]", "list(object({a = string}))");
        set_converted(scope, "lns", "[{a = null}, {a = \"x\"}]", "list(object({a = string}))");
        set_converted(scope, "ss", "[\"q\", \"p\", \"q\"]", "set(string)");
        set_converted(scope, "m", "{x = 1, y = 2}", "map(number)");
        hcl_scope_add_functions(scope, functions, G_N_ELEMENTS(functions), NULL);
        return scope;
}

/* ---- Values ---- */

static void fail_with_findings(const char *text, const NookDiags *diags) {
        if (nook_diags_count(diags) == 0)
                return;
        nook_diags_print(diags, stderr, false);
        fail_msg("unexpected findings in: %s", text);
}

static void check_value(HclValue *value, const char *text, const char *json, const char *type) {
        g_autoptr(HclTypeConst) value_type = hcl_value_type(value);
        g_autofree char *type_text = hcl_type_expression(value_type);
        g_autoptr(GString) out = g_string_new(NULL);

        assert_true(hcl_value_is_wholly_known(value));
        (void)hcl_value_to_json(value, HCL_JSON_PLAIN, out);
        if (strcmp(out->str, json) != 0)
                fail_msg("%s is %s, not %s", text, out->str, json);
        if (type && strcmp(type_text, type) != 0)
                fail_msg("%s is a %s, not a %s", text, type_text, type);
}

typedef HclFile *(*Parse)(NookSource *source, NookDiags *diags);

static void check(Parse parse, const char *text, const char *value, const char *type) {
        g_autoptr(NookSource) source = nook_source_new_text("test", text);
        g_autoptr(NookDiags) diags = nook_diags_new();
        g_autoptr(HclFile) file = parse(source, diags);
        g_autoptr(HclScope) scope = hcl_check_scope();
        g_autoptr(HclValue) result = NULL;

        fail_with_findings(text, diags);
        result = hcl_expr_value(hcl_file_expr(file), scope, diags);
        fail_with_findings(text, diags);
        check_value(result, text, value, type);
}

void hcl_check_expr(const char *text, const char *value, const char *type) {
        check(hcl_parse_expr, text, value, type);
}

void hcl_check_template(const char *text, const char *value, const char *type) {
        check(hcl_parse_template, text, value, type);
}

HclFile *hcl_check_parse(const char *text) {
        g_autoptr(NookSource) source = nook_source_new_text("test", text);
        g_autoptr(NookDiags) diags = nook_diags_new();
        HclFile *file = hcl_parse(source, diags);

        fail_with_findings(text, diags);
        return file;
}

void hcl_check_attribute(const char *text, const char *value) {
        g_autoptr(HclFile) file = hcl_check_parse(text);
        g_autoptr(NookDiags) diags = nook_diags_new();
        g_autoptr(HclScope) scope = hcl_check_scope();
        const HclContent *content = hcl_body_everything(hcl_file_body(file), diags);
        const HclAttribute *attribute = hcl_content_attribute(content, "a");
        g_autoptr(HclValue) result = NULL;

        assert_non_null(attribute);
        result = hcl_expr_value(attribute->expr, scope, diags);
        fail_with_findings(text, diags);
        check_value(result, text, value, NULL);
}

/* ---- Errors ---- */

static void evaluate_body(HclBody *body, const HclScope *scope, NookDiags *diags) {
        const HclContent *content = hcl_body_everything(body, diags);

        for (size_t i = 0; i < content->n_attributes; i++)
                hcl_value_unref(hcl_expr_value(content->attributes[i]->expr, scope, diags));
        for (size_t i = 0; i < content->n_blocks; i++)
                evaluate_body(content->blocks[i]->body, scope, diags);
}

static NookDiags *findings_in(Parse parse, const char *text) {
        g_autoptr(NookSource) source = nook_source_new_text("test", text);
        NookDiags *diags = nook_diags_new();
        g_autoptr(HclFile) file = parse(source, diags);
        g_autoptr(HclScope) scope = hcl_check_scope();

        if (nook_diags_count(diags) > 0)
                return diags;
        if (parse == hcl_parse)
                evaluate_body(hcl_file_body(file), scope, diags);
        else
                hcl_value_unref(hcl_expr_value(hcl_file_expr(file), scope, diags));
        return diags;
}

static void check_error(Parse parse, const char *text, const char *range, const char *summary,
                        const char *detail) {
        g_autoptr(NookDiags) diags = findings_in(parse, text);
        g_autofree char *place = NULL;
        const NookDiag *diag;
        NookPos start, end;

        if (nook_diags_count(diags) != 1) {
                nook_diags_print(diags, stderr, false);
                fail_msg("%u findings instead of one in: %s", nook_diags_count(diags), text);
        }
        diag = nook_diags_get(diags, 0);
        start = nook_source_pos(diag->subject.source, diag->subject.start);
        end = nook_source_pos(diag->subject.source, diag->subject.end);
        place = g_strdup_printf("%u:%u-%u:%u", start.line, start.column, end.line, end.column);
        if (range && strcmp(place, range) != 0)
                fail_msg("the error in %s is at %s, not %s", text, place, range);
        if (summary && strcmp(diag->summary, summary) != 0)
                fail_msg("the error in %s is \"%s\", not \"%s\"", text, diag->summary, summary);
        if (detail && !strstr(diag->detail, detail))
                fail_msg("the error in %s says \"%s\", not \"%s\"", text, diag->detail, detail);
}

void hcl_check_expr_error(const char *text, const char *range, const char *summary,
                          const char *detail) {
        check_error(hcl_parse_expr, text, range, summary, detail);
}

void hcl_check_template_error(const char *text, const char *range, const char *summary,
                              const char *detail) {
        check_error(hcl_parse_template, text, range, summary, detail);
}

void hcl_check_body_error(const char *text, const char *range, const char *summary,
                          const char *detail) {
        check_error(hcl_parse, text, range, summary, detail);
}

static void check_refused(Parse parse, const char *text) {
        g_autoptr(NookDiags) diags = findings_in(parse, text);

        if (nook_diags_count_errors(diags) == 0)
                fail_msg("accepted: %s", text);
}

void hcl_check_expr_refused(const char *text) {
        check_refused(hcl_parse_expr, text);
}

void hcl_check_body_refused(const char *text) {
        check_refused(hcl_parse, text);
}

void hcl_check_body_accepted(const char *text) {
        g_autoptr(HclFile) file = hcl_check_parse(text);

        assert_non_null(file);
}
