/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* HCL, the configuration language of HashiCorp's tools, version 2: parsing native syntax, and the
 * front door of this library. It knows nothing of jobs and keeps no global state; it uses GLib,
 * MPFR and libunistring; its functions (hcl/functions.h) use PCRE2, libyaml, libxcrypt and nettle.
 *
 *     g_autoptr(NookDiags) diags = nook_diags_new();
 *     g_autoptr(HclFile) file = hcl_parse(source, diags);
 *     const HclContent *content = hcl_body_content(hcl_file_body(file), &schema, diags);
 *
 * Parsing goes on after an error: one run reports all mistakes, and what could be read is there.
 * Limits keep hostile input in bounds: nesting (HCL_DEPTH_MAX), the digits of a number, the size
 * of results (HCL_RESULT_MAX). Parsing takes time and memory in proportion to the text.
 *
 * Source: HCL's hclsyntax/spec.md, and where prose and parser differ, the parser. */

#include "hcl/body.h"
#include "hcl/convert.h"
#include "hcl/expr.h"
#include "hcl/scope.h"
#include "hcl/value.h"

enum {
        HCL_DEPTH_MAX = 500,            /* blocks, brackets, operators, templates in each other */
        HCL_RESULT_MAX = 64 << 20,      /* bytes of a string that a template yields */
        HCL_RESULT_ITEMS_MAX = 1 << 20, /* turns of a `for` and of all that are inside of it */
        HCL_WEIGHT_MAX = 1 << 24,       /* parts of a value, see hcl_value_weight() */
};

/* The outcome of parsing one text; owns the memory of everything read from it. */
typedef struct HclFile HclFile;

typedef enum {
        HCL_PARSE_DEFAULT = 0,
        /* Names of attributes in bodies may be quoted, as version 1 of the language allowed:
         * "/bin" = "/usr/bin". */
        HCL_PARSE_QUOTED_NAMES = 1 << 0,
} HclParseFlags;

/* Parses a file, an expression, or a template (text with ${ } and %{ }, as between the quotes of
 * a string but without backslash escapes). Never NULL: after errors the file holds what could be
 * read. The source is referenced. */
HclFile *hcl_parse(NookSource *source, NookDiags *diags);
HclFile *hcl_parse_with(NookSource *source, HclParseFlags flags, NookDiags *diags);
HclFile *hcl_parse_expr(NookSource *source, NookDiags *diags);
HclFile *hcl_parse_template(NookSource *source, NookDiags *diags);

HclFile *hcl_file_ref(HclFile *file);
void hcl_file_unref(HclFile *file);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HclFile, hcl_file_unref)

NookSource *hcl_file_source(const HclFile *file);
HclBody *hcl_file_body(const HclFile *file);       /* of hcl_parse() */
const HclExpr *hcl_file_expr(const HclFile *file); /* of the other two */
