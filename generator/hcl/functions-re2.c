/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "hcl/functions-re2.h"

#include <stdbool.h>
#include <string.h>

enum {
        REPEAT_MAX = 1000,
};

typedef struct {
        const char *text;
        gsize size;
        gsize at;
        GString *out;
        bool repeatable; /* whether what was read last may be repeated */
        bool repeated;   /* whether it has been already */
        guint depth;     /* of groups */
} Reader;

static char peek(const Reader *reader, gsize ahead) {
        return reader->at + ahead < reader->size ? reader->text[reader->at + ahead] : '\0';
}

static void copy(Reader *reader, gsize n) {
        g_string_append_len(reader->out, reader->text + reader->at, (gssize)n);
        reader->at += n;
}

static void set_atom(Reader *reader, bool repeatable) {
        reader->repeatable = repeatable;
        reader->repeated = false;
}

/* Copies one character, whatever it is, so that it stands for itself. */
static void copy_literal(Reader *reader) {
        gsize n = g_utf8_skip[(unsigned char)reader->text[reader->at]];

        if (n == 1 && g_ascii_ispunct(reader->text[reader->at]))
                g_string_append_c(reader->out, '\\');
        copy(reader, MIN(n, reader->size - reader->at));
}

/* \p{Name}, \p{^Name}, \pN: the names are left to PCRE2. */
static const char *read_property(Reader *reader) {
        const char *end;

        if (peek(reader, 2) != '{') {
                if (peek(reader, 2) == '\0')
                        return "invalid character class range";
                copy(reader, 3);
                return NULL;
        }
        end = memchr(reader->text + reader->at, '}', reader->size - reader->at);
        if (end == NULL)
                return "invalid character class range";
        copy(reader, (gsize)(end - (reader->text + reader->at)) + 1);
        return NULL;
}

/* \123: up to three digits; a single one that is not 0 would refer back. */
static const char *read_octal(Reader *reader) {
        unsigned value = 0;
        gsize n = 1;

        if (peek(reader, 1) != '0' && (peek(reader, 2) < '0' || peek(reader, 2) > '7'))
                return "invalid escape sequence";
        while (n <= 3 && peek(reader, n) >= '0' && peek(reader, n) <= '7')
                value = value * 8 + (unsigned)(peek(reader, n++) - '0');
        g_string_append_printf(reader->out, "\\x{%x}", value);
        reader->at += n;
        return NULL;
}

/* \x41 or \x{10FFFF}. */
static const char *read_hexadecimal(Reader *reader) {
        gsize n = 3, digits = 0;

        if (peek(reader, 2) != '{') {
                if (!g_ascii_isxdigit(peek(reader, 2)) || !g_ascii_isxdigit(peek(reader, 3)))
                        return "invalid escape sequence";
                copy(reader, 4);
                return NULL;
        }
        while (g_ascii_isxdigit(peek(reader, n + digits)))
                digits++;
        if (digits == 0 || peek(reader, n + digits) != '}')
                return "invalid escape sequence";
        copy(reader, n + digits + 1);
        return NULL;
}

/* \Q...\E: everything stands for itself. */
static void read_quotation(Reader *reader) {
        for (reader->at += 2; reader->at < reader->size;) {
                if (peek(reader, 0) == '\\' && peek(reader, 1) == 'E') {
                        reader->at += 2;
                        return;
                }
                copy_literal(reader);
                set_atom(reader, true);
        }
}

/* What a backslash stands before, inside a class or outside. */
static const char *read_escape(Reader *reader, bool in_class) {
        char c = peek(reader, 1);

        if (reader->at + 1 >= reader->size)
                return "trailing backslash at end of expression";
        if (c == 'Q' && !in_class) {
                read_quotation(reader);
                return NULL;
        }
        set_atom(reader, true);
        if (c == 'p' || c == 'P')
                return read_property(reader);
        if (c >= '0' && c <= '7')
                return read_octal(reader);
        if (c == 'x')
                return read_hexadecimal(reader);
        if (c == 's' || c == 'S') {
                /* RE2's white space has no vertical tab. */
                if (!in_class)
                        g_string_append(reader->out,
                                        c == 's' ? "[\\t\\n\\f\\r ]" : "[^\\t\\n\\f\\r ]");
                else if (c == 's')
                        g_string_append(reader->out, "\\t\\n\\f\\r ");
                else
                        g_string_append(reader->out, "\\S\\x0B");
                reader->at += 2;
        } else if (c == 'v') { /* RE2: the vertical tab; PCRE2: a class */
                g_string_append(reader->out, "\\x0B");
                reader->at += 2;
        } else if (strchr("afnrtdDwW", c) != NULL || (!in_class && strchr("AbBz", c) != NULL)) {
                copy(reader, 2);
        } else if (g_ascii_ispunct(c)) {
                copy(reader, 2);
        } else {
                return "invalid escape sequence";
        }
        return NULL;
}

static const char *read_class(Reader *reader) {
        bool first = true;

        copy(reader, 1);
        if (peek(reader, 0) == '^')
                copy(reader, 1);
        for (; reader->at < reader->size; first = false) {
                const char *why = NULL;

                if (peek(reader, 0) == ']' && !first) {
                        copy(reader, 1);
                        set_atom(reader, true);
                        return NULL;
                }
                if (peek(reader, 0) == '[' && peek(reader, 1) == ':') {
                        const char *end = g_strstr_len(reader->text + reader->at,
                                                       (gssize)(reader->size - reader->at), ":]");

                        if (end != NULL)
                                copy(reader, (gsize)(end - (reader->text + reader->at)) + 2);
                        else
                                copy_literal(reader);
                } else if (peek(reader, 0) == '\\') {
                        why = read_escape(reader, true);
                } else if (peek(reader, 0) == '-') {
                        copy(reader, 1);
                } else {
                        copy_literal(reader);
                }
                if (why != NULL)
                        return why;
        }
        return "missing closing ]";
}

/* (?P<name> or (?<name>, or flags: (?i), (?s-m:. Nothing else may follow "(?". */
static const char *read_group_kind(Reader *reader) {
        gsize name = peek(reader, 2) == 'P' ? 4 : 3, n = 2;
        bool seen = false;

        if (peek(reader, name - 1) == '<') {
                gsize length = 0;

                while (g_ascii_isalnum(peek(reader, name + length)) ||
                       peek(reader, name + length) == '_')
                        length++;
                if (length == 0 || peek(reader, name + length) != '>')
                        return "invalid named capture";
                copy(reader, name + length + 1);
                reader->depth++;
                set_atom(reader, false);
                return NULL;
        }
        while (peek(reader, n) != '\0' && strchr("imsU-", peek(reader, n)) != NULL) {
                seen = seen || peek(reader, n) != '-';
                n++;
        }
        if (peek(reader, n) == ':')
                reader->depth++;
        else if (peek(reader, n) != ')' || !seen)
                return "invalid or unsupported Perl syntax";
        copy(reader, n + 1);
        set_atom(reader, false);
        return NULL;
}

/* {n}, {n,}, {n,m}: its size; 0 where the brace stands for itself; *why where it is too much. */
static gsize repeat_size(const Reader *reader, const char **why) {
        guint64 bounds[2] = {0, 0};
        gsize n = 1, digits[2] = {0, 0};
        bool comma = false;

        for (int i = 0; i < 2; i++) {
                for (; g_ascii_isdigit(peek(reader, n)); n++, digits[i]++)
                        bounds[i] = MIN(bounds[i] * 10 + (guint64)(peek(reader, n) - '0'), 100000);
                if (i == 0 && peek(reader, n) == ',') {
                        comma = true;
                        n++;
                } else {
                        break;
                }
        }
        if (digits[0] == 0 || peek(reader, n) != '}')
                return 0;
        if (bounds[0] > REPEAT_MAX || bounds[1] > REPEAT_MAX ||
            (comma && digits[1] > 0 && bounds[0] > bounds[1]))
                *why = "invalid repeat count";
        return n + 1;
}

static const char *read_repeat(Reader *reader, gsize n) {
        if (reader->repeated)
                return "invalid nested repetition operator";
        if (!reader->repeatable)
                return "missing argument to repetition operator";
        copy(reader, n);
        if (peek(reader, 0) == '?')
                copy(reader, 1);
        reader->repeated = true;
        return NULL;
}

static const char *read_one(Reader *reader) {
        const char *why = NULL;
        gsize n;

        switch (peek(reader, 0)) {
        case '\\':
                return read_escape(reader, false);
        case '[':
                return read_class(reader);
        case '(':
                if (peek(reader, 1) == '?')
                        return read_group_kind(reader);
                copy(reader, 1);
                reader->depth++;
                set_atom(reader, false);
                if (peek(reader, 0) == '*') /* else PCRE2 sees a verb */
                        return "missing argument to repetition operator";
                return NULL;
        case ')':
                if (reader->depth == 0)
                        return "unexpected )";
                copy(reader, 1);
                reader->depth--;
                set_atom(reader, true);
                return NULL;
        case '|':
                copy(reader, 1);
                set_atom(reader, false);
                return NULL;
        case '*':
        case '+':
        case '?':
                return read_repeat(reader, 1);
        case '{':
                n = repeat_size(reader, &why);
                if (why != NULL)
                        return why;
                if (n > 0)
                        return read_repeat(reader, n);
                copy_literal(reader);
                break;
        case '^':
        case '$':
        case '.':
                copy(reader, 1);
                break;
        default:
                copy_literal(reader);
        }
        set_atom(reader, true);
        return NULL;
}

const char *hcl_re2_to_pcre(const char *pattern, gsize size, GString *out) {
        Reader reader = {.text = pattern, .size = size, .out = out};

        while (reader.at < size) {
                const char *why = read_one(&reader);

                if (why != NULL)
                        return why;
        }
        return reader.depth > 0 ? "missing closing )" : NULL;
}
