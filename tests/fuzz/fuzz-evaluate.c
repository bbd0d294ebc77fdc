/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The evaluator with all functions: expressions, templates, and bodies with dynamic blocks. */

#include "fuzz.h"

static void evaluate_text(NookSource *source, const HclScope *scope,
                          HclFile *(*parse)(NookSource *, NookDiags *)) {
        g_autoptr(NookDiags) diags = nook_diags_new();
        g_autoptr(HclFile) file = parse(source, diags);
        g_autoptr(GString) out = g_string_new(NULL);
        g_autoptr(HclValue) value = NULL;

        if (nook_diags_count_errors(diags) > 0)
                return;
        value = hcl_expr_value(hcl_file_expr(file), scope, diags);
        (void)hcl_value_to_json(value, HCL_JSON_PLAIN, out);
        fuzz_print(diags);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        g_autoptr(NookSource) source = fuzz_source(data, size);
        g_autoptr(HclScope) scope = fuzz_scope();
        g_autoptr(NookDiags) diags = nook_diags_new();
        g_autoptr(HclFile) file = hcl_parse(source, diags);
        g_autoptr(GString) out = g_string_new(NULL);

        evaluate_text(source, scope, hcl_parse_expr);
        evaluate_text(source, scope, hcl_parse_template);
        if (nook_diags_count_errors(diags) == 0)
                fuzz_evaluate_body(hcl_body_expand_dynamic(hcl_file_body(file), scope), scope,
                                   diags, out);
        return 0;
}
