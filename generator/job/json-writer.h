/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* JSON as Go's encoder prints it: indented by four blanks or not at all, < > & escaped, numbers in
 * Go's forms. */

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "hcl/value.h"

typedef struct {
        GString *out;
        bool indent;    /* else on one line */
        bool omit_null; /* leave out members that are null */
        guint depth;
        bool has_members; /* of the object or array that is open */
} NookJsonWriter;

void nook_json_open(NookJsonWriter *writer, char bracket); /* '{' or '[' */
void nook_json_close(NookJsonWriter *writer, char bracket, bool outer_has_members);

/* Begins a member; the value must follow. name NULL: an element of an array. */
void nook_json_member(NookJsonWriter *writer, const char *name);

void nook_json_null_member(NookJsonWriter *writer, const char *name); /* or nothing, if omitted */
void nook_json_text(NookJsonWriter *writer, const char *text);
void nook_json_int(NookJsonWriter *writer, int64_t number);
void nook_json_bool(NookJsonWriter *writer, bool truth);

/* Any value of HCL, as Nomad's parser turns it into Go's types; an infinity becomes null. */
void nook_json_value(NookJsonWriter *writer, const HclValue *value);
