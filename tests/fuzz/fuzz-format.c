/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The canonical layout: of any bytes without harm; of a valid file twice is the same as once, and
 * what is laid out anew has the same meaning. */

#include "fuzz.h"

#include "hcl/format.h"

/* What a file holds, evaluated; NULL if it has errors of syntax. */
static GString *meaning(const char *text, size_t size) {
        g_autoptr(GBytes) bytes = g_bytes_new(text, size);
        g_autoptr(NookSource) source = nook_source_new("input", bytes);
        g_autoptr(NookDiags) diags = nook_diags_new();
        g_autoptr(HclScope) scope = fuzz_scope();
        g_autoptr(HclFile) file = hcl_parse(source, diags);
        g_autoptr(GString) out = g_string_new(NULL);

        if (nook_diags_count_errors(diags) > 0)
                return NULL;
        fuzz_evaluate_body(hcl_file_body(file), scope, diags, out);
        g_string_append_printf(out, "%u errors\n", nook_diags_count_errors(diags));
        return g_steal_pointer(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        g_autoptr(GString) once = hcl_format((const char *)data, size);
        g_autoptr(GString) before = meaning((const char *)data, size);
        g_autoptr(GString) twice = NULL, after = NULL;

        if (before == NULL)
                return 0;
        twice = hcl_format(once->str, once->len);
        g_assert_cmpstr(once->str, ==, twice->str);
        after = meaning(once->str, once->len);
        g_assert(after != NULL);
        g_assert_cmpstr(before->str, ==, after->str);
        return 0;
}
