/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "hcl/lexer-internal.h"

/* What does not belong in HCL, but is often written, and what to say about it. */

typedef struct {
        const char *text; /* the offending characters; NULL: any */
        uint8_t group;    /* index of HclLexer.met */
        uint8_t times;    /* reported at most so often, or EACH, or FIRST_OF_TWO */
        const char *summary;
        const char *detail;
} Misfit;

enum {
        MISFIT_BITWISE,
        MISFIT_POWER,
        MISFIT_COMMENT,
        MISFIT_BACKTICK,
        MISFIT_APOSTROPHE,
        MISFIT_CURLY_QUOTE,
        MISFIT_SEMICOLON,
        MISFIT_OTHER,
        MISFIT_ENCODING,
        MISFIT_NEWLINE,
        _MISFIT_MAX,

        EACH = 255,
        FIRST_OF_TWO = 254, /* quotes come in pairs */
};

static const Misfit misfits[] = {
        {"&", MISFIT_BITWISE, 4, "Unsupported operator",
         "Bitwise operators are not supported. Did you mean boolean AND (\"&&\")?"},
        {"|", MISFIT_BITWISE, 4, "Unsupported operator",
         "Bitwise operators are not supported. Did you mean boolean OR (\"||\")?"},
        {"~", MISFIT_BITWISE, 4, "Unsupported operator",
         "Bitwise operators are not supported. Did you mean boolean NOT (\"!\")?"},
        {"^", MISFIT_BITWISE, 4, "Unsupported operator", "Bitwise operators are not supported."},
        {"**", MISFIT_POWER, 1, "Unsupported operator",
         "\"**\" is not a supported operator: there is none for powers."},
        {"/*", MISFIT_COMMENT, 1, "Unterminated comment",
         "There is no \"*/\" that ends this comment."},
        {"`", MISFIT_BACKTICK, FIRST_OF_TWO, "Invalid character",
         "The \"`\" character is not valid. To write a string of several lines, use the heredoc "
         "syntax, which begins like \"<<EOT\"."},
        {"'", MISFIT_APOSTROPHE, FIRST_OF_TWO, "Invalid character",
         "Single quotes are not valid. Use double quotes (\") to enclose strings."},
        {";", MISFIT_SEMICOLON, 1, "Invalid character",
         "The \";\" character is not valid. Use newlines to separate arguments and blocks, and "
         "commas to separate items in collections."},
        {"\342\200\234", MISFIT_CURLY_QUOTE, FIRST_OF_TWO, "Invalid character",
         "\"Curly quotes\" are not valid here; text editors and web pages put them in place of "
         "straight ones (\")."},
        {"\342\200\235", MISFIT_CURLY_QUOTE, FIRST_OF_TWO, "Invalid character",
         "\"Curly quotes\" are not valid here; text editors and web pages put them in place of "
         "straight ones (\")."},
        {NULL, MISFIT_OTHER, EACH, "Invalid character",
         "This character is not used within the language."},
};

static const Misfit bad_encoding = {
        NULL, MISFIT_ENCODING, 1, "Invalid character encoding",
        "All input files must be UTF-8 encoded. Make sure that your editor saves as UTF-8."};

static const Misfit quoted_newline = {
        NULL, MISFIT_NEWLINE, EACH, "Invalid multi-line string",
        "Quoted strings may not be split over several lines. Write \\n for a newline, or use the "
        "heredoc syntax for a text of several lines."};

G_STATIC_ASSERT((int)_MISFIT_MAX <= (int)HCL_LEXER_MISFITS);

/* Whether a misfit is to be reported that was met so many times before. */
static bool is_worth_reporting(const Misfit *misfit, uint32_t before) {
        return misfit->times == EACH           ? true
               : misfit->times == FIRST_OF_TWO ? before % 2 == 0
                                               : before < misfit->times;
}

static HclToken report(HclLexer *lexer, const Misfit *misfit, uint32_t start) {
        if (lexer->diags && is_worth_reporting(misfit, lexer->met[misfit->group]))
                nook_diags_error(lexer->diags, hcl_lexer_range(lexer, start, lexer->at),
                                 misfit->summary, "%s", misfit->detail);
        lexer->met[misfit->group]++;
        return token(lexer, HCL_TOKEN_INVALID, start);
}

HclToken hcl_lexer_misfit(HclLexer *lexer, uint32_t size) {
        uint32_t start = lexer->at;
        const Misfit *misfit = misfits;

        lexer->at += size;
        while (misfit->text && (strlen(misfit->text) != size ||
                                memcmp(misfit->text, lexer->text + start, size) != 0))
                misfit++;
        return report(lexer, misfit, start);
}

HclToken hcl_lexer_bad_encoding(HclLexer *lexer) {
        return report(lexer, &bad_encoding, lexer->at++);
}

HclToken hcl_lexer_quoted_newline(HclLexer *lexer, uint32_t start) {
        return report(lexer, &quoted_newline, start);
}
