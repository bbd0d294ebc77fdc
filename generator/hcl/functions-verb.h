/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What one verb of format() and formatlist() makes of its argument: `%05.1f` and the like. Internal
 * to the function table. Source: the documentation of Go's fmt and of cty's stdlib. */

#include "hcl/functions-impl.h"

/* Of a field, and of the digits asked for; as in Go's fmt. */
enum { HCL_VERB_WIDTH_MAX = 1000000 };

/* One `%...x` of a format. */
typedef struct {
        const char *start; /* at the '%' */
        size_t size;       /* up to and with the mode */
        size_t offset;     /* of '%' in the format */
        size_t argument;   /* from 1 */
        char mode;
        bool zero, sharp, plus, minus, space;
        bool has_width, has_precision;
        size_t width, precision;
} HclVerb;

typedef struct {
        HclCall *call;
        HclValue *const *args; /* what the verbs refer to */
        size_t n_args;
        GString *out;
        char *error; /* what went wrong, to stand in a message */
} HclFormatting;

/* Fails with formatting->error, which must not be set yet. Returns false. */
bool hcl_formatting_fail(HclFormatting *formatting, const char *format, ...) G_GNUC_PRINTF(2, 3);

/* Appends to formatting->out what a verb makes of the argument it refers to; false, with
 * formatting->error set, if it cannot: no such argument or verb, a value it is not for. */
bool hcl_formatting_append(HclFormatting *formatting, const HclVerb *verb);
