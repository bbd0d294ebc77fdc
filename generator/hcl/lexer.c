/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "hcl/lexer.h"

#include <string.h>

#include "hcl/lexer-internal.h"

#define LETTER (IS_IDENT | IS_IDENT_START)

/* __extension__: ranges in initializers are GNU C. */
__extension__ const uint8_t hcl_lexer_classes[256] = {
        ['a' ... 'z'] = LETTER,
        ['A' ... 'Z'] = LETTER,
        ['_'] = LETTER,
        ['-'] = IS_IDENT,
        ['0' ... '9'] = IS_IDENT | IS_DIGIT,
        ['"'] = ENDS_QUOTED,
        ['\\'] = ENDS_QUOTED,
        ['$'] = ENDS_QUOTED | ENDS_PLAIN,
        ['%'] = ENDS_QUOTED | ENDS_PLAIN,
        ['\n'] = ENDS_QUOTED | ENDS_PLAIN,
        ['\r'] = ENDS_QUOTED | ENDS_PLAIN,
        [0x80 ... 0xff] = ENDS_QUOTED | ENDS_PLAIN,
};

void hcl_lexer_init(HclLexer *lexer, const char *text, uint32_t size, HclLexStart start,
                    NookRange place, NookDiags *diags) {
        *lexer = (HclLexer){
                .text = text,
                .size = size,
                .place = place,
                .diags = diags,
                .top.mode = start == HCL_LEX_TEMPLATE ? MODE_TEMPLATE : MODE_CODE,
                .top.braces = -1,
        };
        /* A byte order mark is not part of the text, though some editors write one. */
        if (size >= 3 && memcmp(text, "\357\273\277", 3) == 0)
                lexer->at = 3;
}

void hcl_lexer_clear(HclLexer *lexer) {
        g_clear_pointer(&lexer->frames, g_free);
}

bool hcl_lexer_in_code(const HclLexer *lexer) {
        return lexer->top.mode == MODE_CODE;
}

void hcl_lexer_stop(HclLexer *lexer) {
        lexer->at = lexer->size;
        lexer->top.mode = MODE_CODE;
}

NookRange hcl_lexer_range(const HclLexer *lexer, uint32_t start, uint32_t end) {
        uint32_t width = lexer->place.end - lexer->place.start;

        return (NookRange){
                .source = lexer->place.source,
                .start = lexer->place.start + MIN(start, width),
                .end = lexer->place.start + MIN(end, width),
        };
}

void hcl_lexer_push(HclLexer *lexer, HclLexerFrame frame) {
        if (lexer->n_frames == lexer->frames_size) {
                lexer->frames_size = MAX(lexer->frames_size * 2, 8);
                lexer->frames = g_renew(HclLexerFrame, lexer->frames, lexer->frames_size);
        }
        lexer->frames[lexer->n_frames++] = lexer->top;
        lexer->top = frame;
}

void hcl_lexer_pop(HclLexer *lexer) {
        lexer->top = lexer->frames[--lexer->n_frames];
}

void hcl_lexer_end_string(HclLexer *lexer) {
        hcl_lexer_pop(lexer); /* the string that was opened just now */
        lexer->braces = lexer->top.braces - 1;
        hcl_lexer_pop(lexer); /* the sequence */
        hcl_lexer_pop(lexer); /* the string around it */
}

uint32_t hcl_lexer_count_misfits(const HclLexer *lexer) {
        uint32_t n = 0;

        for (size_t i = 0; i < HCL_LEXER_MISFITS; i++)
                n += lexer->met[i];
        return n;
}

void hcl_lexer_leave(HclLexer *lexer, size_t n_frames, uint32_t at) {
        while (lexer->n_frames > n_frames) {
                if (lexer->top.mode == MODE_CODE)
                        lexer->braces = lexer->top.braces - 1;
                hcl_lexer_pop(lexer);
        }
        lexer->at = at;
}

uint32_t hcl_lexer_newline_size(const HclLexer *lexer) {
        const char *at = lexer->text + lexer->at;
        uint32_t left = lexer->size - lexer->at;

        if (left > 0 && at[0] == '\n')
                return 1;
        return left > 1 && at[0] == '\r' && at[1] == '\n' ? 2 : 0;
}

HclToken hcl_lexer_next(HclLexer *lexer) {
        if (lexer->top.mode == MODE_CODE)
                return hcl_lexer_next_code(lexer);
        if (lexer->at >= lexer->size)
                return token(lexer, HCL_TOKEN_EOF, lexer->at);
        return lexer->top.mode == MODE_QUOTED ? hcl_lexer_next_quoted(lexer)
                                              : hcl_lexer_next_plain(lexer);
}

bool hcl_is_identifier(const char *text, gssize signed_size) {
        size_t size = signed_size < 0 ? strlen(text) : (size_t)signed_size;
        HclLexer lexer;
        HclToken only;

        if (size == 0 || size > G_MAXUINT32)
                return false;
        hcl_lexer_init(&lexer, text, (uint32_t)size, HCL_LEX_CODE, NOOK_RANGE_NONE, NULL);
        only = hcl_lexer_next(&lexer);
        hcl_lexer_clear(&lexer);
        return only.type == HCL_TOKEN_IDENT && only.start == 0 && only.end == size;
}
