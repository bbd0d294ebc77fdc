/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Tokens of JSON with their places; the inside of hcl/json-node. A token's text is still as
 * written; hcl_json_token_string() decodes that of a string. */

#include "hcl/hcl.h"

typedef enum {
        HCL_JSON_TOKEN_PUNCTUATION, /* text[0] says which: { } [ ] , : = */
        HCL_JSON_TOKEN_KEYWORD,
        HCL_JSON_TOKEN_NUMBER,
        HCL_JSON_TOKEN_STRING,
        HCL_JSON_TOKEN_INVALID, /* a byte that begins nothing */
        HCL_JSON_TOKEN_EOF,
} HclJsonTokenKind;

typedef struct {
        HclJsonTokenKind kind;
        NookRange range;
        const char *text; /* not NUL-terminated */
        size_t size;
} HclJsonToken;

/* The token that begins at or after *offset, which is moved behind it. */
HclJsonToken hcl_json_token_next(NookSource *source, uint32_t *offset);

/* Decodes a string token: the text without quotes, escapes resolved; bytes that are not UTF-8 and
 * lone surrogates become U+FFFD, as in Go's reader. false: it is not a string of JSON; *ret_bad is
 * then the offset in the token of what is wrong. out is overwritten. */
bool hcl_json_token_string(const HclJsonToken *token, GString *out, size_t *ret_bad);

/* Whether a text is a number of JSON. */
bool hcl_json_is_number(const char *text, size_t size);
