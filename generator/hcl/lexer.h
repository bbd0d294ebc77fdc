/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* From bytes to tokens of HCL's native syntax, one at a time and without memory of its own but a
 * small stack: templates switch between text and code, and `${` may nest strings and heredocs.
 * What never belongs in HCL (curly quotes, `**`, tabs in odd places) is reported here.
 *
 * Tokens carry byte offsets into the text. White space lies between tokens; comments are tokens. A
 * comment to the end of a line includes its newline.
 *
 * Source: HCL's hclsyntax/spec.md and scan_tokens.rl. */

#include "base/diag.h"

typedef enum {
        HCL_TOKEN_EOF,
        HCL_TOKEN_NEWLINE,
        HCL_TOKEN_COMMENT,
        HCL_TOKEN_IDENT,
        HCL_TOKEN_NUMBER,

        HCL_TOKEN_OPEN_BRACE,
        HCL_TOKEN_CLOSE_BRACE,
        HCL_TOKEN_OPEN_BRACKET,
        HCL_TOKEN_CLOSE_BRACKET,
        HCL_TOKEN_OPEN_PAREN,
        HCL_TOKEN_CLOSE_PAREN,
        HCL_TOKEN_OPEN_QUOTE,
        HCL_TOKEN_CLOSE_QUOTE,
        HCL_TOKEN_OPEN_HEREDOC,  /* <<NAME or <<-NAME with the newline */
        HCL_TOKEN_CLOSE_HEREDOC, /* the name with the white space around it, without the newline */
        HCL_TOKEN_OPEN_INTERPOLATION, /* ${ or ${~ */
        HCL_TOKEN_OPEN_DIRECTIVE,     /* %{ or %{~ */
        HCL_TOKEN_CLOSE_SEQUENCE,     /* } or ~} of either */

        HCL_TOKEN_QUOTED_TEXT, /* a piece of a string, with backslash escapes */
        HCL_TOKEN_PLAIN_TEXT,  /* a piece of a heredoc or a template; ends after a newline */

        HCL_TOKEN_STAR,
        HCL_TOKEN_SLASH,
        HCL_TOKEN_PERCENT,
        HCL_TOKEN_PLUS,
        HCL_TOKEN_MINUS,
        HCL_TOKEN_EQUAL, /* = */
        HCL_TOKEN_EQUAL_TO,
        HCL_TOKEN_NOT_EQUAL,
        HCL_TOKEN_LESS,
        HCL_TOKEN_LESS_EQUAL,
        HCL_TOKEN_GREATER,
        HCL_TOKEN_GREATER_EQUAL,
        HCL_TOKEN_AND,
        HCL_TOKEN_OR,
        HCL_TOKEN_NOT,
        HCL_TOKEN_DOT,
        HCL_TOKEN_COMMA,
        HCL_TOKEN_ELLIPSIS,
        HCL_TOKEN_ARROW,
        HCL_TOKEN_QUESTION,
        HCL_TOKEN_COLON,
        HCL_TOKEN_DOUBLE_COLON,

        HCL_TOKEN_INVALID, /* reported already */
} HclTokenType;

typedef struct {
        HclTokenType type;
        uint32_t start, end;
} HclToken;

/* What the lexer is in the middle of. */
typedef struct {
        uint8_t mode;
        bool line_start;                    /* heredoc: nothing of this line is read yet */
        uint32_t marker_start, marker_size; /* heredoc: the name that ends it */
        int braces;                         /* code in a template: depth at its own brace */
} HclLexerFrame;

enum { HCL_LEXER_MISFITS = 10 };

typedef struct {
        const char *text;
        uint32_t size;
        uint32_t at;
        NookRange place;       /* added to what is reported: where text stands in its source */
        NookDiags *diags;      /* NULL: nothing is reported */
        HclLexerFrame *frames; /* the outer ones; none: plain code */
        size_t n_frames, frames_size;
        HclLexerFrame top; /* the innermost one */
        int braces;
        uint32_t met[HCL_LEXER_MISFITS]; /* how often each kind of invalid token was met */
} HclLexer;

typedef enum {
        HCL_LEX_CODE,     /* a file or an expression */
        HCL_LEX_TEMPLATE, /* text with ${ } and %{ } */
} HclLexStart;

/* Begins to read text, which is borrowed.
 *   place  the source and the range in it where text stands; offsets in findings count from its
 *          start and are kept inside of it */
void hcl_lexer_init(HclLexer *lexer, const char *text, uint32_t size, HclLexStart start,
                    NookRange place, NookDiags *diags);
void hcl_lexer_clear(HclLexer *lexer);

/* The next token; after the end, HCL_TOKEN_EOF again and again. */
HclToken hcl_lexer_next(HclLexer *lexer);

/* Whether what comes next is code, and not text of a string or template. */
bool hcl_lexer_in_code(const HclLexer *lexer);

/* How many invalid tokens there were. */
uint32_t hcl_lexer_count_misfits(const HclLexer *lexer);

/* The whole rest is not looked at any more. */
void hcl_lexer_stop(HclLexer *lexer);

/* Right behind a quotation mark that opened a string in a ${ }: takes it for the end of the string
 * around that instead. */
void hcl_lexer_end_string(HclLexer *lexer);

/* Goes on at this byte in the text that stands n_frames deep in the frames; there are more now. */
void hcl_lexer_leave(HclLexer *lexer, size_t n_frames, uint32_t at);

/* Where [start, end) of the text stands in its source. */
NookRange hcl_lexer_range(const HclLexer *lexer, uint32_t start, uint32_t end);

/* Whether text is one identifier and nothing else. */
bool hcl_is_identifier(const char *text, gssize size);
