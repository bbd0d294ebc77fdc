/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* HCL's JSON syntax: a JSON object, or an array of objects, read as a body. With a schema, a
 * property is an attribute or stands for blocks, whose labels are further levels of objects;
 * every string is a template, in names of object properties as well; the property "//" is a
 * comment. Bodies and expressions answer through hcl/body.h and hcl/expr.h like those of the
 * native syntax.
 *
 * Source: HCL's json/spec.md. */

#include "hcl/hcl.h"

/* Parses a file in JSON syntax. Never NULL: after errors the file holds what could be read. The
 * source is referenced. */
HclFile *hcl_json_parse(NookSource *source, NookDiags *diags);

/* Whether a text is to be read as JSON: its first byte that is not a blank is `{`. So does Nomad
 * choose; a line break before the brace makes it native syntax. */
bool hcl_json_looks_like(const char *text, size_t size);
