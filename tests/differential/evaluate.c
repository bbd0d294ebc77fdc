/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The half of the differential test that speaks for nook: reads cases from standard input, each a
 * line "KIND SIZE" and SIZE bytes, and answers each with one line of JSON. main.go beside this file
 * is the other half. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hcl/format.h"
#include "hcl/functions.h"
#include "hcl/json-value.h"
#include "hcl/json.h"

typedef struct {
        HclScope *scope; /* with the variables and functions that both halves have */
        NookDiags *diags;
        GString *out;
} Evaluation;

/* {"type": T, "value": V}; an infinity has no value. */
static void append_value(GString *out, const HclValue *value) {
        g_autoptr(HclTypeConst) type = hcl_value_type(value);
        gsize start;

        if (!hcl_value_is_wholly_known(value)) {
                g_string_append(out, "{\"unknown\":true}");
                return;
        }
        g_string_append(out, "{\"type\":");
        hcl_type_to_json(type, out);
        start = out->len;
        g_string_append(out, ",\"value\":");
        if (!hcl_value_to_json(value, HCL_JSON_PLAIN, out))
                g_string_truncate(out, start);
        g_string_append_c(out, '}');
}

static void append_attributes(Evaluation *evaluation, const HclContent *content) {
        g_string_append(evaluation->out, "\"attributes\":{");
        for (size_t i = 0; i < content->n_attributes; i++) {
                const HclAttribute *attribute = content->attributes[i];
                g_autoptr(HclValue) value =
                        hcl_expr_value(attribute->expr, evaluation->scope, evaluation->diags);

                if (i > 0)
                        g_string_append_c(evaluation->out, ',');
                nook_json_append_string(evaluation->out, attribute->name, -1);
                g_string_append_c(evaluation->out, ':');
                append_value(evaluation->out, value);
        }
        g_string_append(evaluation->out, "}");
}

/* How the content of a body is asked for. */
typedef const HclContent *(*Content)(HclBody *body, NookDiags *diags);

static void append_body(Evaluation *evaluation, HclBody *body, Content content_of) {
        const HclContent *content = content_of(body, evaluation->diags);
        GString *out = evaluation->out;

        g_string_append_c(out, '{');
        append_attributes(evaluation, content);
        g_string_append(out, ",\"blocks\":[");
        for (size_t i = 0; i < content->n_blocks; i++) {
                const HclBlock *block = content->blocks[i];

                g_string_append(out, i > 0 ? ",{\"type\":" : "{\"type\":");
                nook_json_append_string(out, block->type, -1);
                g_string_append(out, ",\"labels\":[");
                for (size_t j = 0; j < block->n_labels; j++) {
                        if (j > 0)
                                g_string_append_c(out, ',');
                        nook_json_append_string(out, block->labels[j], -1);
                }
                g_string_append(out, "],\"body\":");
                append_body(evaluation, block->body, content_of);
                g_string_append_c(out, '}');
        }
        g_string_append(out, "]}");
}

static const HclContent *everything(HclBody *body, NookDiags *diags) {
        return hcl_body_everything(body, diags);
}

/* The shape that main.go reads JSON documents and dynamic blocks with. */
static const HclContent *with_schema(HclBody *body, NookDiags *diags) {
        static const char *const one[] = {"name", NULL}, *const two[] = {"kind", "name", NULL};
        static const HclAttributeSchema attributes[] = {{"a"}, {"b"}, {"c"}, {"x"}};
        static const HclBlockSchema blocks[] = {{"blk"}, {"one", one}, {"two", two}};
        static const HclSchema schema = {attributes, G_N_ELEMENTS(attributes), blocks,
                                         G_N_ELEMENTS(blocks)};

        return hcl_body_content(body, &schema, diags);
}

static void evaluate_expr(Evaluation *evaluation, HclFile *file) {
        g_autoptr(HclValue) value = NULL;

        if (nook_diags_count_errors(evaluation->diags) > 0)
                return;
        value = hcl_expr_value(hcl_file_expr(file), evaluation->scope, evaluation->diags);
        append_value(evaluation->out, value);
}

static void format_text(Evaluation *evaluation, NookSource *source) {
        uint32_t size;
        const char *text = nook_source_text(source, &size);
        GString *formatted = hcl_format(text, size);

        g_string_append(evaluation->out, "{\"text\":");
        nook_json_append_string(evaluation->out, formatted->str, (gssize)formatted->len);
        g_string_append_c(evaluation->out, '}');
        g_string_free(formatted, TRUE);
}

/* Appends the answer to evaluation->out, or adds findings. */
static void evaluate(Evaluation *evaluation, const char *kind, NookSource *source) {
        NookDiags *diags = evaluation->diags;
        g_autoptr(HclFile) file = NULL;

        if (strcmp(kind, "expr") == 0) {
                file = hcl_parse_expr(source, diags);
                evaluate_expr(evaluation, file);
                return;
        }
        if (strcmp(kind, "template") == 0) {
                file = hcl_parse_template(source, diags);
                evaluate_expr(evaluation, file);
                return;
        }
        file = strcmp(kind, "json") == 0 ? hcl_json_parse(source, diags) : hcl_parse(source, diags);
        if (nook_diags_count_errors(diags) > 0)
                return;
        if (strcmp(kind, "format") == 0)
                format_text(evaluation, source);
        else if (strcmp(kind, "body") == 0)
                append_body(evaluation, hcl_file_body(file), everything);
        else if (strcmp(kind, "dynamic") == 0)
                append_body(evaluation,
                            hcl_body_expand_dynamic(hcl_file_body(file), evaluation->scope),
                            with_schema);
        else
                append_body(evaluation, hcl_file_body(file), with_schema);
}

static void append_error(GString *out, const NookDiags *diags) {
        for (guint i = 0; i < nook_diags_count(diags); i++) {
                const NookDiag *diag = nook_diags_get(diags, i);

                if (diag->severity != NOOK_SEVERITY_ERROR)
                        continue;
                g_string_append(out, "{\"error\":");
                nook_json_append_string(out, diag->summary, -1);
                g_string_append(out, ",\"detail\":");
                nook_json_append_string(out, diag->detail != NULL ? diag->detail : "", -1);
                g_string_append_c(out, '}');
                return;
        }
}

static void answer(HclScope *scope, const char *kind, GBytes *text, GString *out) {
        g_autoptr(NookSource) source = nook_source_new("case", text);
        g_autoptr(NookDiags) diags = nook_diags_new();
        Evaluation evaluation = {scope, diags, out};

        evaluate(&evaluation, kind, source);
        if (nook_diags_count_errors(diags) > 0) {
                g_string_truncate(out, 0);
                append_error(out, diags);
        }
}

/* The members of a JSON object as variables. */
static void set_variables(HclScope *scope, GBytes *text) {
        g_autofree char *why = NULL;
        gsize size;
        const char *json = g_bytes_get_data(text, &size);
        g_autoptr(HclValue) variables = hcl_value_from_json(json, size, &why);

        g_assert(variables != NULL);
        for (size_t i = 0; i < hcl_value_length(variables); i++)
                hcl_scope_set(scope, hcl_value_text(hcl_value_key(variables, i), NULL),
                              hcl_value_element(variables, i));
}

int main(int argc, char **argv) {
        g_autoptr(HclScope) scope = hcl_scope_new(NULL);
        char kind[32];
        size_t size;

        hcl_scope_add_standard_functions(scope);
        while (scanf("%31s %zu", kind, &size) == 2 && getchar() == '\n') {
                g_autofree char *text = g_malloc(size + 1);
                g_autoptr(GBytes) bytes = NULL;
                g_autoptr(GString) out = g_string_new(NULL);

                if (fread(text, 1, size, stdin) != size)
                        return EXIT_FAILURE;
                bytes = g_bytes_new(text, size);
                if (strcmp(kind, "vars") == 0) {
                        set_variables(scope, bytes);
                        g_string_append(out, "{}");
                } else {
                        answer(scope, kind, bytes, out);
                }
                puts(out->str);
                fflush(stdout);
        }
        return EXIT_SUCCESS;
}
