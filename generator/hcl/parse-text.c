/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>
#include <unistr.h>

#include "hcl/parser.h"

/* ---- Escapes ---- */

static void append_code_point(HclParser *parser, GString *out, const char *escape, size_t size,
                              NookRange range) {
        size_t digits = escape[1] == 'u' ? 4 : 8;
        gunichar c = 0;

        for (size_t i = 2; i < 2 + digits; i++) {
                if (i >= size || !g_ascii_isxdigit(escape[i])) {
                        hcl_parser_error(parser, range, "Invalid escape sequence",
                                         "The \\%c escape sequence must be followed by %zu "
                                         "hexadecimal digits.",
                                         escape[1], digits);
                        return;
                }
                c = c * 16 + (gunichar)g_ascii_xdigit_value(escape[i]);
        }
        if (c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
                hcl_parser_error(parser, range, "Invalid escape sequence",
                                 "There is no character U+%04x.", c);
        else if (c == 0)
                g_string_append_c(out, '\0');
        else
                g_string_append_unichar(out, c);
}

/* The bytes that a backslash and what belongs to it take. */
static size_t escape_size(const char *text, size_t size) {
        size_t n = 2;

        if (size < 2)
                return size;
        if (text[1] & 0x80) {
                int used = u8_mblen((const uint8_t *)text + 1, size - 1);

                return 1 + (size_t)MAX(used, 1);
        }
        if (text[1] == 'u' || text[1] == 'U')
                while (n < size && n < (text[1] == 'u' ? 6 : 10) && g_ascii_isxdigit(text[n]))
                        n++;
        return n;
}

static void append_escape(HclParser *parser, GString *out, const char *escape, size_t size,
                          NookRange range) {
        static const char codes[] = "nrt\"\\", meanings[] = "\n\r\t\"\\";
        const char *code = size > 1 && escape[1] != '\0' ? strchr(codes, escape[1]) : NULL;

        if (code)
                g_string_append_c(out, meanings[code - codes]);
        else if (size > 1 && (escape[1] == 'u' || escape[1] == 'U'))
                append_code_point(parser, out, escape, size, range);
        else
                hcl_parser_error(parser, range, "Invalid escape sequence",
                                 "The symbol \"%.*s\" is not a valid escape sequence selector. "
                                 "Write \\\\ for a backslash.",
                                 (int)size - 1, escape + 1);
}

/* Whether $${ or %%{ stands here. */
static bool is_escaped_sequence(const char *text, size_t size) {
        return size >= 3 && (text[0] == '$' || text[0] == '%') && text[1] == text[0] &&
               text[2] == '{';
}

static bool needs_decoding(const char *text, size_t size, bool quoted) {
        const char *at = text, *end = text + size;

        if (quoted && memchr(text, '\\', size))
                return true;
        while ((at = memchr(at, '{', (size_t)(end - at)))) {
                if (at - text >= 2 && is_escaped_sequence(at - 2, 3))
                        return true;
                at++;
        }
        return false;
}

const char *hcl_parse_text(HclParser *parser, HclToken piece, size_t *ret_size) {
        const char *text = hcl_parser_text(parser, piece);
        size_t size = piece.end - piece.start;
        bool quoted = piece.type == HCL_TOKEN_QUOTED_TEXT;
        g_autoptr(GString) out = NULL;

        *ret_size = size;
        if (!needs_decoding(text, size, quoted))
                return text;
        out = g_string_sized_new(size);
        for (size_t i = 0; i < size;) {
                size_t used = 1;

                if (quoted && text[i] == '\\') {
                        uint32_t at = piece.start + (uint32_t)i;

                        used = escape_size(text + i, size - i);
                        append_escape(parser, out, text + i, used,
                                      hcl_lexer_range(&parser->lexer, at, at + (uint32_t)used));
                } else if (is_escaped_sequence(text + i, size - i)) {
                        g_string_append_len(out, text + i + 1, 2);
                        used = 3;
                } else {
                        g_string_append_c(out, text[i]);
                }
                i += used;
        }
        *ret_size = out->len;
        return hcl_file_strndup(parser->file, out->str, out->len);
}

/* ---- Labels ---- */

const char *hcl_parse_label(HclParser *parser, NookRange *ret_range) {
        HclToken open = hcl_parser_read(parser);
        g_autoptr(GString) label = g_string_new(NULL);
        const char *text;
        size_t size;
        bool done = false;

        while (!done) {
                HclToken next = hcl_parser_read(parser);
                char mark = next.type == HCL_TOKEN_OPEN_DIRECTIVE ? '%' : '$';

                switch (next.type) {
                case HCL_TOKEN_QUOTED_TEXT:
                        text = hcl_parse_text(parser, next, &size);
                        g_string_append_len(label, text, (gssize)size);
                        break;
                case HCL_TOKEN_OPEN_DIRECTIVE:
                case HCL_TOKEN_OPEN_INTERPOLATION:
                        hcl_parser_error(parser, hcl_parser_range(parser, next),
                                         "Invalid string literal",
                                         "Template sequences are not allowed in this string. To "
                                         "include a literal \"%c\", double it (as \"%c%c\") to "
                                         "escape it.",
                                         mark, mark, mark);
                        (void)hcl_parser_recover(parser, HCL_TOKEN_CLOSE_SEQUENCE);
                        break;
                case HCL_TOKEN_EOF:
                        hcl_parser_error(parser, hcl_parser_range(parser, next),
                                         "Unterminated string literal",
                                         "Unable to find the closing quote mark before the end of "
                                         "the file.");
                        done = true;
                        break;
                case HCL_TOKEN_INVALID:
                        parser->mistakes++;
                        parser->recovering = true;
                        done = hcl_lexer_in_code(&parser->lexer);
                        break;
                default:
                        done = true;
                        break;
                }
        }
        *ret_range = nook_range_join(hcl_parser_range(parser, open),
                                     hcl_parser_range(parser, parser->previous));
        return hcl_parser_intern(parser, label->str, label->len);
}
