/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "hcl/lexer.h"

#include <string.h>
#include <unictype.h>
#include <unistr.h>

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

#define LETTER (IS_IDENT | IS_IDENT_START)

/* __extension__: ranges in initializers are GNU C. */
__extension__ static const uint8_t classes[256] = {
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

static bool is_class(char c, uint8_t class) {
        return classes[(uint8_t)c] & class;
}

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

static void push(HclLexer *lexer, HclLexerFrame frame) {
        if (lexer->n_frames == lexer->frames_size) {
                lexer->frames_size = MAX(lexer->frames_size * 2, 8);
                lexer->frames = g_renew(HclLexerFrame, lexer->frames, lexer->frames_size);
        }
        lexer->frames[lexer->n_frames++] = lexer->top;
        lexer->top = frame;
}

static void pop(HclLexer *lexer) {
        lexer->top = lexer->frames[--lexer->n_frames];
}

/* Ends the token that began at start: it reaches up to here. */
static HclToken token(const HclLexer *lexer, HclTokenType type, uint32_t start) {
        return (HclToken){.type = type, .start = start, .end = lexer->at};
}

/* ---- What does not belong in HCL ---- */

typedef struct {
        const char *text; /* the offending characters; NULL: any */
        uint8_t group;    /* index of HclLexer.reported */
        uint8_t times;    /* reported at most so often, or EACH, or FIRST_OF_TWO */
        const char *summary;
        const char *detail;
} Misfit;

enum {
        MISFIT_BITWISE,
        MISFIT_POWER,
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

/* The invalid token of `size` bytes from here. */
static HclToken invalid(HclLexer *lexer, uint32_t size) {
        uint32_t start = lexer->at;
        const Misfit *misfit = misfits;

        lexer->at += size;
        while (misfit->text && (strlen(misfit->text) != size ||
                                memcmp(misfit->text, lexer->text + start, size) != 0))
                misfit++;
        return report(lexer, misfit, start);
}

static HclToken invalid_encoding(HclLexer *lexer) {
        return report(lexer, &bad_encoding, lexer->at++);
}

/* ---- Text of strings, heredocs and templates ---- */

/* Whether a sequence opens here: at a `$` or `%` before `{`. */
static bool at_sequence(const HclLexer *lexer) {
        return lexer->at + 1 < lexer->size && lexer->text[lexer->at + 1] == '{';
}

static HclToken open_sequence(HclLexer *lexer) {
        uint32_t start = lexer->at;
        bool directive = lexer->text[start] == '%';

        lexer->at += 2;
        if (lexer->at < lexer->size && lexer->text[lexer->at] == '~')
                lexer->at++;
        lexer->top.line_start = false;
        lexer->braces++;
        push(lexer, (HclLexerFrame){.mode = MODE_CODE, .braces = lexer->braces});
        return token(lexer, directive ? HCL_TOKEN_OPEN_DIRECTIVE : HCL_TOKEN_OPEN_INTERPOLATION,
                     start);
}

/* Steps over a character outside of ASCII; false at ill-formed ones. */
static bool skip_wide(HclLexer *lexer) {
        ucs4_t c;
        int used =
                u8_mbtoucr(&c, (const uint8_t *)lexer->text + lexer->at, lexer->size - lexer->at);

        if (used <= 0)
                return false;
        lexer->at += (uint32_t)used;
        return true;
}

/* Steps over text up to the next byte of a class that ends it, which may be a `$` that is text. */
static void skip_text(HclLexer *lexer, uint8_t ends) {
        const char *text = lexer->text;

        for (;;) {
                uint32_t at = lexer->at;
                char c;

                while (at < lexer->size && !is_class(text[at], ends))
                        at++;
                lexer->at = at;
                if (at == lexer->size)
                        return;
                c = text[at];
                if (c == '$' || c == '%') {
                        if (at_sequence(lexer))
                                return;
                        /* $${ stands for ${ */
                        if (lexer->at + 2 < lexer->size && text[lexer->at + 1] == c &&
                            text[lexer->at + 2] == '{')
                                lexer->at += 2;
                        lexer->at++;
                } else if (c == '\\' && lexer->at + 1 < lexer->size &&
                           !strchr("\r\n", text[lexer->at + 1])) {
                        lexer->at++;
                        if (!(text[lexer->at] & 0x80))
                                lexer->at++;
                } else if (!(c & 0x80) || !skip_wide(lexer)) {
                        return;
                }
        }
}

/* A newline in a quoted string: most likely its closing quote is missing, so that code goes on
 * after the newline. */
static HclToken end_at_newline(HclLexer *lexer) {
        uint32_t start = lexer->at;
        HclToken bad;

        while (lexer->at < lexer->size &&
               (lexer->text[lexer->at] == '\r' || lexer->text[lexer->at] == '\n'))
                lexer->at++;
        bad = report(lexer, &quoted_newline, start);
        lexer->at = start;
        pop(lexer);
        return bad;
}

static HclToken next_quoted(HclLexer *lexer) {
        uint32_t start = lexer->at;

        skip_text(lexer, ENDS_QUOTED);
        if (lexer->at > start)
                return token(lexer, HCL_TOKEN_QUOTED_TEXT, start);
        switch (lexer->text[start]) {
        case '"':
                lexer->at++;
                pop(lexer);
                return token(lexer, HCL_TOKEN_CLOSE_QUOTE, start);
        case '$':
        case '%':
                return open_sequence(lexer);
        case '\r':
        case '\n':
                return end_at_newline(lexer);
        case '\\':
                return invalid(lexer, 1);
        default:
                return invalid_encoding(lexer);
        }
}

/* The size of a newline here: 0, 1 or (CR LF) 2. */
static uint32_t newline_size(const HclLexer *lexer) {
        const char *at = lexer->text + lexer->at;
        uint32_t left = lexer->size - lexer->at;

        if (left > 0 && at[0] == '\n')
                return 1;
        return left > 1 && at[0] == '\r' && at[1] == '\n' ? 2 : 0;
}

static const char *trim(const char *text, uint32_t *size) {
        const uint8_t *start = (const uint8_t *)text, *end = start + *size;
        ucs4_t c;

        while (start < end) {
                int used = u8_mbtoucr(&c, start, (size_t)(end - start));

                if (used <= 0 || !uc_is_property_white_space(c))
                        break;
                start += used;
        }
        while (start < end) {
                const uint8_t *previous = u8_prev(&c, end, start);

                if (!previous || !uc_is_property_white_space(c))
                        break;
                end = previous;
        }
        *size = (uint32_t)(end - start);
        return (const char *)start;
}

/* Whether the line from start to here is the one that ends the heredoc. */
static bool is_marker(const HclLexer *lexer, uint32_t start) {
        uint32_t size = lexer->at - start;
        const char *line = trim(lexer->text + start, &size);

        return size == lexer->top.marker_size &&
               memcmp(line, lexer->text + lexer->top.marker_start, size) == 0;
}

static HclToken next_plain(HclLexer *lexer) {
        uint32_t start = lexer->at, newline;
        bool heredoc = lexer->top.mode == MODE_HEREDOC;

        skip_text(lexer, ENDS_PLAIN);
        newline = newline_size(lexer);
        if (newline > 0) {
                if (heredoc && lexer->top.line_start && is_marker(lexer, start)) {
                        pop(lexer);
                        return token(lexer, HCL_TOKEN_CLOSE_HEREDOC, start);
                }
                lexer->at += newline;
                lexer->top.line_start = true;
                return token(lexer, HCL_TOKEN_PLAIN_TEXT, start);
        }
        lexer->top.line_start = false;
        if (lexer->at > start)
                return token(lexer, HCL_TOKEN_PLAIN_TEXT, start);
        switch (lexer->text[start]) {
        case '$':
        case '%':
                return open_sequence(lexer);
        case '\r': /* alone: in a template, all that follows is text, as it is for the original */
                if (heredoc)
                        return invalid(lexer, 1);
                lexer->at = lexer->size;
                return token(lexer, HCL_TOKEN_PLAIN_TEXT, start);
        default:
                return invalid_encoding(lexer);
        }
}

/* ---- Code ---- */

/* Steps over the rest of an identifier. */
static void skip_ident(HclLexer *lexer) {
        for (;;) {
                const char *at = lexer->text + lexer->at, *end = lexer->text + lexer->size;
                ucs4_t wide;
                int used;

                while (at < end && is_class(*at, IS_IDENT))
                        at++;
                lexer->at = (uint32_t)(at - lexer->text);
                if (at == end || !(*at & 0x80))
                        return;
                used = u8_mbtoucr(&wide, (const uint8_t *)lexer->text + lexer->at,
                                  lexer->size - lexer->at);
                if (used <= 0 || !uc_is_property_id_continue(wide))
                        return;
                lexer->at += (uint32_t)used;
        }
}

static HclToken next_wide(HclLexer *lexer) {
        uint32_t start = lexer->at;
        ucs4_t c;
        int used = u8_mbtoucr(&c, (const uint8_t *)lexer->text + start, lexer->size - start);

        if (used <= 0)
                return invalid_encoding(lexer);
        if (!uc_is_property_id_start(c))
                return invalid(lexer, (uint32_t)used);
        lexer->at += (uint32_t)used;
        skip_ident(lexer);
        return token(lexer, HCL_TOKEN_IDENT, start);
}

/* The digit, point or exponent with its first digit that a number may go on with; 0: none. */
static uint32_t number_part_size(const HclLexer *lexer, uint32_t at) {
        const char *text = lexer->text;
        uint32_t digit = at + 1;

        if (at >= lexer->size)
                return 0;
        if (is_class(text[at], IS_DIGIT) || text[at] == '.')
                return 1;
        if ((text[at] | 0x20) != 'e')
                return 0;
        if (digit < lexer->size && (text[digit] == '+' || text[digit] == '-'))
                digit++;
        return digit < lexer->size && is_class(text[digit], IS_DIGIT) ? digit + 1 - at : 0;
}

/* Everything that looks like a number, 1.2.3 among others, is one token, which the parser then
 * refuses. A point at its end does not belong to it. */
static HclToken next_number(HclLexer *lexer) {
        uint32_t start = lexer->at, at = start, size;

        while ((size = number_part_size(lexer, at)) > 0) {
                if (lexer->text[at] != '.')
                        lexer->at = at + size;
                at += size;
        }
        return token(lexer, HCL_TOKEN_NUMBER, start);
}

static HclToken next_line_comment(HclLexer *lexer) {
        uint32_t start = lexer->at;
        const char *end = memchr(lexer->text + start, '\n', lexer->size - start);

        lexer->at = end ? (uint32_t)(end - lexer->text) + 1 : lexer->size;
        return token(lexer, HCL_TOKEN_COMMENT, start);
}

/* A comment that does not end is none; then the `/` is a token of its own. */
static bool skip_inline_comment(HclLexer *lexer) {
        const char *end = NULL;

        if (!lexer->comment_open)
                end = memmem(lexer->text + lexer->at + 2, lexer->size - lexer->at - 2, "*/", 2);
        lexer->comment_open = !end;
        if (end)
                lexer->at = (uint32_t)(end - lexer->text) + 2;
        return end;
}

/* <<NAME or <<-NAME and a newline. */
static bool open_heredoc(HclLexer *lexer) {
        uint32_t start = lexer->at, marker, newline;
        HclLexerFrame frame = {.mode = MODE_HEREDOC, .line_start = true};

        lexer->at += 2;
        if (lexer->at < lexer->size && lexer->text[lexer->at] == '-')
                lexer->at++;
        marker = lexer->at;
        if (marker < lexer->size &&
            (is_class(lexer->text[marker], IS_IDENT_START) || lexer->text[marker] & 0x80)) {
                skip_ident(lexer);
                newline = newline_size(lexer);
                if (newline > 0 && hcl_is_identifier(lexer->text + marker, lexer->at - marker)) {
                        frame.marker_start = marker;
                        frame.marker_size = lexer->at - marker;
                        lexer->at += newline;
                        push(lexer, frame);
                        return true;
                }
        }
        lexer->at = start;
        return false;
}

static HclToken close_brace(HclLexer *lexer, uint32_t size) {
        uint32_t start = lexer->at;
        bool closes = lexer->n_frames > 0 && lexer->top.braces == lexer->braces;

        lexer->at += size;
        lexer->braces--;
        if (closes)
                pop(lexer);
        return token(lexer, closes || size == 2 ? HCL_TOKEN_CLOSE_SEQUENCE : HCL_TOKEN_CLOSE_BRACE,
                     start);
}

/* Tokens of two or three characters that begin like one of one. */
typedef struct {
        char text[4];
        HclTokenType type;
} Symbol;

static const Symbol symbols[] = {
        {"...", HCL_TOKEN_ELLIPSIS}, {"==", HCL_TOKEN_EQUAL_TO},   {"=>", HCL_TOKEN_ARROW},
        {"!=", HCL_TOKEN_NOT_EQUAL}, {"<=", HCL_TOKEN_LESS_EQUAL}, {">=", HCL_TOKEN_GREATER_EQUAL},
        {"&&", HCL_TOKEN_AND},       {"||", HCL_TOKEN_OR},         {"::", HCL_TOKEN_DOUBLE_COLON},
};

static const uint8_t singles[128] = {
        ['['] = HCL_TOKEN_OPEN_BRACKET, [']'] = HCL_TOKEN_CLOSE_BRACKET,
        ['('] = HCL_TOKEN_OPEN_PAREN,   [')'] = HCL_TOKEN_CLOSE_PAREN,
        ['.'] = HCL_TOKEN_DOT,          [','] = HCL_TOKEN_COMMA,
        ['*'] = HCL_TOKEN_STAR,         ['/'] = HCL_TOKEN_SLASH,
        ['%'] = HCL_TOKEN_PERCENT,      ['+'] = HCL_TOKEN_PLUS,
        ['-'] = HCL_TOKEN_MINUS,        ['='] = HCL_TOKEN_EQUAL,
        ['<'] = HCL_TOKEN_LESS,         ['>'] = HCL_TOKEN_GREATER,
        ['!'] = HCL_TOKEN_NOT,          ['?'] = HCL_TOKEN_QUESTION,
        [':'] = HCL_TOKEN_COLON,
};

static bool starts_with(const HclLexer *lexer, const char *text) {
        size_t size = strlen(text);

        return lexer->size - lexer->at >= size && memcmp(lexer->text + lexer->at, text, size) == 0;
}

static HclToken next_symbol(HclLexer *lexer) {
        uint32_t start = lexer->at;
        char c = lexer->text[start], next = start + 1 < lexer->size ? lexer->text[start + 1] : ' ';

        /* What has two characters ends with one of these. */
        if (next == '=' || next == c || next == '>') {
                for (size_t i = 0; i < G_N_ELEMENTS(symbols); i++) {
                        if (!starts_with(lexer, symbols[i].text))
                                continue;
                        lexer->at += (uint32_t)strlen(symbols[i].text);
                        return token(lexer, symbols[i].type, start);
                }
                if (starts_with(lexer, "**"))
                        return invalid(lexer, 2);
        }
        if ((uint8_t)c >= G_N_ELEMENTS(singles) || singles[(uint8_t)c] == 0)
                return invalid(lexer, 1);
        lexer->at++;
        return token(lexer, singles[(uint8_t)c], start);
}

/* What begins with a character that tells a token from all others but its own kind. */
static HclToken next_mark(HclLexer *lexer) {
        uint32_t start = lexer->at;

        switch (lexer->text[start]) {
        case '"':
                lexer->at++;
                push(lexer, (HclLexerFrame){.mode = MODE_QUOTED});
                return token(lexer, HCL_TOKEN_OPEN_QUOTE, start);
        case '{':
                lexer->at++;
                lexer->braces++;
                return token(lexer, HCL_TOKEN_OPEN_BRACE, start);
        case '}':
                return close_brace(lexer, 1);
        case '~':
                return starts_with(lexer, "~}") ? close_brace(lexer, 2) : next_symbol(lexer);
        case '\n':
        case '\r':
                lexer->at += newline_size(lexer);
                return lexer->at > start ? token(lexer, HCL_TOKEN_NEWLINE, start)
                                         : invalid(lexer, 1);
        case '#':
                return next_line_comment(lexer);
        case '/':
                if (starts_with(lexer, "//"))
                        return next_line_comment(lexer);
                if (starts_with(lexer, "/*") && skip_inline_comment(lexer))
                        return token(lexer, HCL_TOKEN_COMMENT, start);
                return next_symbol(lexer);
        case '<':
                if (starts_with(lexer, "<<") && open_heredoc(lexer))
                        return token(lexer, HCL_TOKEN_OPEN_HEREDOC, start);
                return next_symbol(lexer);
        default:
                return next_symbol(lexer);
        }
}

static HclToken next_code(HclLexer *lexer) {
        const char *at = lexer->text + lexer->at, *end = lexer->text + lexer->size;
        uint32_t start;

        while (at < end && (*at == ' ' || *at == '\t'))
                at++;
        lexer->at = start = (uint32_t)(at - lexer->text);
        if (at == end)
                return token(lexer, HCL_TOKEN_EOF, start);
        if (is_class(*at, IS_IDENT_START)) {
                skip_ident(lexer);
                return token(lexer, HCL_TOKEN_IDENT, start);
        }
        if (is_class(*at, IS_DIGIT))
                return next_number(lexer);
        if (*at & 0x80)
                return next_wide(lexer);
        return next_mark(lexer);
}

HclToken hcl_lexer_next(HclLexer *lexer) {
        if (lexer->top.mode == MODE_CODE)
                return next_code(lexer);
        if (lexer->at >= lexer->size)
                return token(lexer, HCL_TOKEN_EOF, lexer->at);
        return lexer->top.mode == MODE_QUOTED ? next_quoted(lexer) : next_plain(lexer);
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
