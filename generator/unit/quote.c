/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "unit/quote.h"

#include <string.h>

#include "base/error.h"

#define BLANKS " \t\n\r"

/* Reads up to `most` digits of a base; returns how many there were. */
static int read_digits(const char *text, int base, int most, guint32 *ret_value) {
        guint32 value = 0;
        int n = 0;

        for (; n < most; n++) {
                int digit = g_ascii_xdigit_value(text[n]);

                if (digit < 0 || digit >= base)
                        break;
                value = value * (guint32)base + (guint32)digit;
        }
        *ret_value = value;
        return n;
}

/* One numeric escape; p stands on the letter or first digit. Returns the bytes read, 0 if bad. */
static int unescape_number(const char *p, GString *word) {
        guint32 value;
        int wanted = *p == 'x' ? 2 : *p == 'u' ? 4 : *p == 'U' ? 8 : 3;
        int skip = *p >= '0' && *p <= '7' ? 0 : 1;

        if (read_digits(p + skip, skip == 0 ? 8 : 16, wanted, &value) != wanted || value == 0)
                return 0;
        if (*p == 'u' || *p == 'U') {
                if (!g_unichar_validate(value))
                        return 0;
                g_string_append_unichar(word, value);
        } else {
                if (value > 255)
                        return 0;
                g_string_append_c(word, (char)value);
        }
        return skip + wanted;
}

/* One escape behind a backslash; returns the bytes read, 0 if bad. */
static int unescape(const char *p, GString *word) {
        static const char letters[] = "abfnrtvs\\\"'";
        static const char meanings[] = "\a\b\f\n\r\t\v \\\"'";
        const char *found = *p != '\0' ? strchr(letters, *p) : NULL;

        if (found != NULL) {
                g_string_append_c(word, meanings[found - letters]);
                return 1;
        }
        if (*p == 'x' || *p == 'u' || *p == 'U' || (*p >= '0' && *p <= '7'))
                return unescape_number(p, word);
        return 0;
}

/* Reads one word at *p and moves behind it. */
static bool read_word(const char **p, GString *word, GError **error) {
        char quote = '\0';
        const char *c = *p;

        while (*c != '\0') {
                if (*c == '\\') {
                        int n = unescape(c + 1, word);

                        if (n == 0)
                                return nook_fail(error, NOOK_ERROR_INVALID,
                                                 "'%s' has an unknown escape at '%.4s'", *p, c);
                        c += 1 + n;
                        continue;
                }
                if (quote == '\0' && strchr(BLANKS, *c) != NULL)
                        break;
                if (quote == '\0' && (*c == '"' || *c == '\''))
                        quote = *c;
                else if (quote == *c)
                        quote = '\0';
                else
                        g_string_append_c(word, *c);
                c++;
        }
        if (quote != '\0')
                return nook_fail(error, NOOK_ERROR_INVALID, "'%s' has a quote that is not closed",
                                 *p);
        *p = c;
        return true;
}

char **nook_quote_split(const char *text, GError **error) {
        g_autoptr(GPtrArray) words = g_ptr_array_new_with_free_func(g_free);
        const char *p = text + strspn(text, BLANKS);

        while (*p != '\0') {
                g_autoptr(GString) word = g_string_new(NULL);

                if (!read_word(&p, word, error))
                        return NULL;
                if (!g_utf8_validate_len(word->str, word->len, NULL)) {
                        (void)nook_fail(error, NOOK_ERROR_INVALID, "a word of '%s' is not UTF-8",
                                        text);
                        return NULL;
                }
                g_ptr_array_add(words, g_strdup(word->str));
                p += strspn(p, BLANKS);
        }
        g_ptr_array_add(words, NULL);
        return (char **)g_ptr_array_steal(words, NULL);
}

char *nook_quote_unescape(const char *text, GError **error) {
        g_autoptr(GString) bytes = g_string_new(NULL);

        for (const char *c = text; *c != '\0';) {
                int n = *c == '\\' ? unescape(c + 1, bytes) : 0;

                if (*c == '\\' && n == 0) {
                        (void)nook_fail(error, NOOK_ERROR_INVALID, "unknown escape at '%.4s'", c);
                        return NULL;
                }
                if (n == 0)
                        g_string_append_c(bytes, *c);
                c += 1 + n;
        }
        return g_strdup(bytes->str);
}

static bool must_be_quoted(const char *word) {
        if (*word == '\0' || g_str_equal(word, ";"))
                return true;
        for (const char *c = word; *c != '\0'; c++)
                if ((unsigned char)*c <= ' ' || *c == 0x7f || strchr("\"'\\", *c) != NULL)
                        return true;
        return false;
}

void nook_quote_append(GString *out, const char *word) {
        bool is_quoted = must_be_quoted(word);

        if (is_quoted)
                g_string_append_c(out, '"');
        for (const char *c = word; *c != '\0'; c++)
                if (*c == '%')
                        g_string_append(out, "%%");
                else if (*c == '"' || *c == '\\')
                        g_string_append_printf(out, "\\%c", *c);
                else if ((unsigned char)*c < ' ' || *c == 0x7f)
                        g_string_append_printf(out, "\\x%02x", (unsigned char)*c);
                else
                        g_string_append_c(out, *c);
        if (is_quoted)
                g_string_append_c(out, '"');
}

void nook_quote_append_plain(GString *out, const char *text) {
        gsize trailing = 0;

        for (const char *c = text; *c != '\0'; c++) {
                trailing = *c == '\\' ? trailing + 1 : 0;
                g_string_append_c(out, *c);
                if (*c == '%')
                        g_string_append_c(out, '%');
        }
        /* A blank behind the backslash is stripped again, but keeps it from being the last. */
        if (trailing % 2 == 1)
                g_string_append_c(out, ' ');
}

bool nook_quote_is_printable(const char *text) {
        if (!g_utf8_validate(text, -1, NULL))
                return false;
        for (const char *c = text; *c != '\0'; c++)
                if ((unsigned char)*c < ' ' || *c == 0x7f)
                        return false;
        return true;
}
