/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "fuzz.h"

#include "hcl/json-value.h"

NookSource *fuzz_source(const uint8_t *data, size_t size) {
        g_autoptr(GBytes) bytes = g_bytes_new(data, size);

        return nook_source_new("input", bytes);
}

HclScope *fuzz_scope(void) {
        static const char variables[] =
                "{\"n\": 7, \"s\": \"text\", \"t\": true, \"nul\": null, \"l\": [1, \"a\", null],"
                " \"o\": {\"a\": {\"b\": [1, 2]}}, \"m\": {\"x\": \"y\"}}";
        HclScope *scope = hcl_scope_new(NULL);
        g_autofree char *why = NULL;
        g_autoptr(HclValue) values = hcl_value_from_json(variables, sizeof(variables) - 1, &why);

        hcl_scope_add_standard_functions(scope);
        for (size_t i = 0; i < hcl_value_length(values); i++)
                hcl_scope_set(scope, hcl_value_text(hcl_value_key(values, i), NULL),
                              hcl_value_element(values, i));
        return scope;
}

static void evaluate_attribute(const HclAttribute *attribute, const HclScope *scope,
                               NookDiags *diags, GString *out) {
        g_autoptr(GPtrArray) references = hcl_expr_traversals(attribute->expr);
        g_autoptr(HclValue) value = hcl_expr_value(attribute->expr, scope, diags);
        g_autoptr(HclTypeConst) type = hcl_value_type(value);

        nook_json_append_string(out, attribute->name, -1);
        g_string_append_printf(out, " (%u): ", references->len);
        hcl_type_to_json(type, out);
        (void)hcl_value_to_json(value, HCL_JSON_PLAIN, out);
        g_string_append_c(out, '\n');
}

void fuzz_evaluate_body(HclBody *body, const HclScope *scope, NookDiags *diags, GString *out) {
        const HclContent *content = hcl_body_everything(body, diags);

        for (size_t i = 0; i < content->n_attributes; i++)
                evaluate_attribute(content->attributes[i], scope, diags, out);
        for (size_t i = 0; i < content->n_blocks; i++) {
                const HclBlock *block = content->blocks[i];

                g_string_append(out, block->type);
                for (size_t j = 0; j < block->n_labels; j++)
                        g_string_append_printf(out, " \"%s\"", block->labels[j]);
                g_string_append(out, " {\n");
                fuzz_evaluate_body(block->body, scope, diags, out);
                g_string_append(out, "}\n");
        }
}

void fuzz_print(const NookDiags *diags) {
        char *text = NULL;
        size_t size = 0;
        FILE *stream = open_memstream(&text, &size);

        nook_diags_print(diags, stream, false);
        nook_diags_print_json(diags, stream);
        fclose(stream);
        free(text);
}
