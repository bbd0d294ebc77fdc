/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What the parts of the lexer share. */

#include "hcl/lexer.h"

enum {
        MODE_CODE,
        MODE_QUOTED,
        MODE_HEREDOC,
        MODE_TEMPLATE,
};

/* What a byte may be part of. */
enum {
        IS_IDENT = 1 << 0, /* ASCII part of an identifier, but not its first character */
        IS_IDENT_START = 1 << 1,
        IS_DIGIT = 1 << 2,
        ENDS_QUOTED = 1 << 3, /* something else than text in a quoted string */
        ENDS_PLAIN = 1 << 4,  /* the same in heredocs and templates */
};

extern const uint8_t hcl_lexer_classes[256];

static inline bool is_class(char c, uint8_t class) {
        return hcl_lexer_classes[(uint8_t)c] & class;
}

/* Enters and leaves text in code, or code in text. */
void hcl_lexer_push(HclLexer *lexer, HclLexerFrame frame);
void hcl_lexer_pop(HclLexer *lexer);

/* Ends the token that began at start: it reaches up to here. */
static inline HclToken token(const HclLexer *lexer, HclTokenType type, uint32_t start) {
        return (HclToken){.type = type, .start = start, .end = lexer->at};
}

/* The size of a newline here: 0, 1 or (CR LF) 2. */
uint32_t hcl_lexer_newline_size(const HclLexer *lexer);

/* Invalid tokens, reported: `size` bytes that do not belong in HCL, an ill-formed byte, and the
 * newlines from start up to here in a quoted string. */
HclToken hcl_lexer_misfit(HclLexer *lexer, uint32_t size);
HclToken hcl_lexer_bad_encoding(HclLexer *lexer);
HclToken hcl_lexer_quoted_newline(HclLexer *lexer, uint32_t start);

HclToken hcl_lexer_next_quoted(HclLexer *lexer); /* lexer-text.c */
HclToken hcl_lexer_next_plain(HclLexer *lexer);  /* lexer-text.c: heredocs and templates */
HclToken hcl_lexer_next_code(HclLexer *lexer);   /* lexer-code.c */
