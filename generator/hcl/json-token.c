/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "hcl/json-token.h"

#include <string.h>

/* Words may hold '_' so that a misspelt keyword is reported whole. */
static size_t keyword_size(const char *text, size_t size) {
        size_t n = 0;

        while (n < size && (g_ascii_isalpha(text[n]) || text[n] == '_'))
                n++;
        return n;
}

/* Takes every byte that a number may hold, in any order: "1-2" is then one bad number and not two
 * good ones. */
static size_t number_size(const char *text, size_t size) {
        size_t n = 0;

        while (n < size && (g_ascii_isdigit(text[n]) || strchr("+-.eE", text[n]) != NULL))
                n++;
        return n;
}

/* From the opening quote to the closing one, or to the first control character or the end. */
static size_t string_size(const char *text, size_t size) {
        size_t n = 1;

        while (n < size && (unsigned char)text[n] >= 0x20) {
                if (text[n] == '"')
                        return n + 1;
                if (text[n] == '\\' && n + 1 < size && (unsigned char)text[n + 1] >= 0x20)
                        n++;
                n++;
        }
        return n;
}

HclJsonToken hcl_json_token_next(NookSource *source, uint32_t *offset) {
        HclJsonToken token = {0};
        uint32_t size;
        const char *text = nook_source_text(source, &size);
        uint32_t start = *offset;

        while (start < size && strchr(" \t\r\n", text[start]) != NULL && text[start] != '\0')
                start++;
        token.text = text + start;
        if (start >= size) {
                token.kind = HCL_JSON_TOKEN_EOF;
                start = size;
        } else if (text[start] != '\0' && strchr("{}[],:=", text[start]) != NULL) {
                token.kind = HCL_JSON_TOKEN_PUNCTUATION;
                token.size = 1;
        } else if (text[start] == '"') {
                token.kind = HCL_JSON_TOKEN_STRING;
                token.size = string_size(token.text, size - start);
        } else if (g_ascii_isdigit(text[start]) ||
                   (text[start] != '\0' && strchr("+-.", text[start]) != NULL)) {
                token.kind = HCL_JSON_TOKEN_NUMBER;
                token.size = number_size(token.text, size - start);
        } else if (g_ascii_isalpha(text[start])) {
                token.kind = HCL_JSON_TOKEN_KEYWORD;
                token.size = keyword_size(token.text, size - start);
        } else {
                token.kind = HCL_JSON_TOKEN_INVALID;
                token.size = 1;
        }
        *offset = start + (uint32_t)token.size;
        token.range = (NookRange){source, start, *offset};
        return token;
}

static bool read_hex4(const char *text, size_t size, gunichar *ret) {
        gunichar code = 0;

        if (size < 4)
                return false;
        for (size_t i = 0; i < 4; i++) {
                if (!g_ascii_isxdigit(text[i]))
                        return false;
                code = code << 4 | (gunichar)g_ascii_xdigit_value(text[i]);
        }
        *ret = code;
        return true;
}

/* Decodes \uXXXX, or two of them that make a surrogate pair; text is behind the 'u'. Returns the
 * bytes used, 0 if they are not four hexadecimal digits. */
static size_t decode_unicode(const char *text, size_t size, GString *out) {
        gunichar high, low;

        if (!read_hex4(text, size, &high))
                return 0;
        if (high >= 0xD800 && high < 0xDC00 && size >= 10 && text[4] == '\\' && text[5] == 'u' &&
            read_hex4(text + 6, size - 6, &low) && low >= 0xDC00 && low < 0xE000) {
                g_string_append_unichar(out, 0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00));
                return 10;
        }
        if (high == 0)
                g_string_append_c(out, '\0');
        else
                g_string_append_unichar(out, high >= 0xD800 && high < 0xE000 ? 0xFFFD : high);
        return 4;
}

/* Decodes the escape behind a backslash; 0 if there is none of that name. */
static size_t decode_escape(const char *text, size_t size, GString *out) {
        static const char names[] = "\"\\/bfnrt", values[] = "\"\\/\b\f\n\r\t";
        const char *found;

        if (size == 0)
                return 0;
        if (text[0] == 'u') {
                size_t used = decode_unicode(text + 1, size - 1, out);

                return used == 0 ? 0 : used + 1;
        }
        found = text[0] == '\0' ? NULL : strchr(names, text[0]);
        if (found == NULL)
                return 0;
        g_string_append_c(out, values[found - names]);
        return 1;
}

/* Copies one character, or U+FFFD for a byte that begins none. */
static size_t copy_character(const char *text, size_t size, GString *out) {
        gunichar code;

        if ((unsigned char)text[0] < 0x80) {
                g_string_append_c(out, text[0]);
                return 1;
        }
        code = g_utf8_get_char_validated(text, (gssize)size);
        if (code == (gunichar)-1 || code == (gunichar)-2) {
                g_string_append(out, "\xEF\xBF\xBD");
                return 1;
        }
        g_string_append_unichar(out, code);
        return (size_t)g_utf8_skip[(unsigned char)text[0]];
}

bool hcl_json_token_string(const HclJsonToken *token, GString *out, size_t *ret_bad) {
        size_t i = 1;

        g_string_truncate(out, 0);
        while (i < token->size && token->text[i] != '"') {
                if (token->text[i] == '\\') {
                        size_t used = decode_escape(token->text + i + 1, token->size - i - 1, out);

                        if (used == 0) {
                                *ret_bad = MIN(i + 1, token->size - 1);
                                return false;
                        }
                        i += 1 + used;
                } else {
                        i += copy_character(token->text + i, token->size - i, out);
                }
        }
        if (i < token->size)
                return true;
        *ret_bad = token->size - 1; /* no closing quote */
        return false;
}

static size_t skip_digits(const char *text, size_t size, size_t i) {
        while (i < size && g_ascii_isdigit(text[i]))
                i++;
        return i;
}

bool hcl_json_is_number(const char *text, size_t size) {
        size_t i = 0, start;

        if (i < size && text[i] == '-')
                i++;
        start = i;
        i = skip_digits(text, size, i);
        if (i == start || (text[start] == '0' && i - start > 1))
                return false;
        if (i < size && text[i] == '.') {
                start = ++i;
                i = skip_digits(text, size, i);
                if (i == start)
                        return false;
        }
        if (i < size && (text[i] == 'e' || text[i] == 'E')) {
                i++;
                if (i < size && (text[i] == '+' || text[i] == '-'))
                        i++;
                start = i;
                i = skip_digits(text, size, i);
                if (i == start)
                        return false;
        }
        return i == size;
}
