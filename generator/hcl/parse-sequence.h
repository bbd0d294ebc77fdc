/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* The ${ } and %{ } of a template, and how reading goes on behind one that is wrong: scripts for a
 * shell are full of what looks like them, and each is to be found in one run. */

#include "hcl/template.h"

/* A template being read. */
typedef struct {
        HclParser *parser;
        HclTokenType end;
        HclToken open; /* the quotation mark or <<NAME; type EOF: a template without */
        NookRange start;
        GArray *parts;
        bool trim_next;     /* after ~} */
        bool can_trim_last; /* the last thing read was text */
        bool ended;         /* by a quotation mark, before a sequence was closed */
} HclTemplateReader;

void hcl_template_add_part(HclTemplateReader *reader, HclPart part);

/* Add the part that a sequence makes, whose opening has been read, and step behind its brace. */
void hcl_parse_interpolation(HclTemplateReader *reader, HclToken open);
void hcl_parse_directive(HclTemplateReader *reader, HclToken open);
