/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* A template between being read and becoming a tree: a flat row of parts. Strip markers and the
 * margin of <<- are applied to that, before %{if} and %{for} make a tree of it. */

#include "hcl/parser.h"

typedef enum {
        HCL_PART_TEXT,
        HCL_PART_VALUE, /* ${ } */
        HCL_PART_IF,
        HCL_PART_ELSE,
        HCL_PART_ENDIF,
        HCL_PART_FOR,
        HCL_PART_ENDFOR,
        HCL_PART_END, /* after the last one */
} HclPartKind;

typedef struct {
        HclPartKind kind;
        NookRange range;
        const char *text; /* TEXT */
        size_t size;
        const HclExpr *expr;  /* VALUE; condition of IF; collection of FOR */
        const char *names[2]; /* FOR: key, or NULL, and value */
} HclPart;

/* The keywords of directives, and which part each makes. */
extern const char *const hcl_directives[]; /* NULL at the end */
extern const HclPartKind hcl_directive_kinds[];

/* The tree of the parts, of which the last is an end.
 *   range  of the whole template */
const HclExpr *hcl_template_build(HclParser *parser, const GArray *parts, NookRange range);

/* The margin of <<-: takes from each line as much white space as the line with the least of it
 * begins with. Lines of nothing else do not count; a line that begins with a sequence has none. */
void hcl_template_strip_margin(GArray *parts);
