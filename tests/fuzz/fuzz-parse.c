/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Lexer and parser of the native syntax: a file, an expression and a template from the same bytes.
 */

#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        g_autoptr(NookSource) source = fuzz_source(data, size);
        HclFile *(*const parsers[])(NookSource *, NookDiags *) = {hcl_parse, hcl_parse_expr,
                                                                  hcl_parse_template};

        for (size_t i = 0; i < G_N_ELEMENTS(parsers); i++) {
                g_autoptr(NookDiags) diags = nook_diags_new();
                g_autoptr(HclFile) file = parsers[i](source, diags);

                fuzz_print(diags);
        }
        return 0;
}
