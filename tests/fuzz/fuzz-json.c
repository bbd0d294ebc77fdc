/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* JSON as HCL, with a schema and without, and as a plain value. */

#include "fuzz.h"

#include "hcl/json-value.h"
#include "hcl/json.h"

static void read_with_schema(HclBody *body, const HclScope *scope, NookDiags *diags) {
        static const char *const one[] = {"name", NULL}, *const two[] = {"kind", "name", NULL};
        static const HclAttributeSchema attributes[] = {{"a", .required = true}, {"b"}};
        static const HclBlockSchema blocks[] = {{"blk"}, {"one", one}, {"two", two}};
        static const HclSchema schema = {attributes, G_N_ELEMENTS(attributes), blocks,
                                         G_N_ELEMENTS(blocks)};
        const HclContent *content = hcl_body_content(body, &schema, diags);

        for (size_t i = 0; i < content->n_attributes; i++)
                hcl_value_unref(hcl_expr_value(content->attributes[i]->expr, scope, diags));
        for (size_t i = 0; i < content->n_blocks; i++)
                read_with_schema(content->blocks[i]->body, scope, diags);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        g_autoptr(NookSource) source = fuzz_source(data, size);
        g_autoptr(NookDiags) diags = nook_diags_new();
        g_autoptr(HclScope) scope = fuzz_scope();
        g_autoptr(HclFile) file = hcl_json_parse(source, diags);
        g_autoptr(GString) out = g_string_new(NULL);
        g_autofree char *why = NULL;
        HclValue *value = hcl_value_from_json((const char *)data, size, &why);

        hcl_value_unref(value);
        read_with_schema(hcl_file_body(file), scope, diags);
        fuzz_evaluate_body(hcl_file_body(file), scope, diags, out);
        fuzz_print(diags);
        return 0;
}
