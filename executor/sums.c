/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Lists of checksums: see artifact.h. They come from the network, so this is a parser of hostile
 * text; it only ever answers with hexadecimal digits. */
#include "artifact.h"

#include <string.h>

#include "base/error.h"
#include "beneath.h"

/* What one line says. */
typedef struct {
        const char *hex;
        size_t hex_size;
        char *file; /* NULL: a bare checksum */
} Line;

static void line_clear(Line *line) {
        g_free(line->file);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Line, line_clear)

static size_t hex_length(const char *text, const char *end) {
        const char *at = text;

        while (at < end && g_ascii_isxdigit(*at))
                at++;
        return (size_t)(at - text);
}

/* Undoes what GNU sha256sum does to a name with a newline or a backslash, whose line then begins
 * with a backslash. */
static char *unescape(const char *name, size_t size) {
        GString *out = g_string_new(NULL);

        for (size_t i = 0; i < size; i++) {
                char c = name[i];

                if (c == '\\' && i + 1 < size) {
                        c = name[++i];
                        c = c == 'n' ? '\n' : c == 'r' ? '\r' : c;
                }
                g_string_append_c(out, c);
        }
        return g_string_free(out, FALSE);
}

/* "SHA256 (NAME) = HEX" */
static bool parse_bsd(const char *at, const char *end, Line *ret) {
        const char *open = memchr(at, '(', (size_t)(end - at)), *close = NULL;

        if (open == NULL || open == at || open[-1] != ' ')
                return false;
        for (const char *c = open; c + 4 <= end; c++) {
                if (memcmp(c, ") = ", 4) == 0)
                        close = c;
        }
        if (close == NULL)
                return false;
        ret->hex = close + 4;
        ret->hex_size = hex_length(ret->hex, end);
        ret->file = g_strndup(open + 1, (gsize)(close - open - 1));
        return ret->hex + ret->hex_size == end;
}

/* "HEX  NAME", "HEX *NAME", "\HEX  NAME", "HEX" */
static bool parse_gnu(const char *at, const char *end, Line *ret) {
        bool is_escaped = at < end && *at == '\\';

        at += is_escaped;
        ret->hex = at;
        ret->hex_size = hex_length(at, end);
        at += ret->hex_size;
        if (at == end)
                return true;
        if (*at != ' ' && *at != '\t')
                return false;
        at++;
        if (at < end && (*at == ' ' || *at == '*'))
                at++;
        if (at == end)
                return false;
        ret->file =
                is_escaped ? unescape(at, (size_t)(end - at)) : g_strndup(at, (gsize)(end - at));
        return true;
}

static bool parse_line(const char *at, const char *end, Line *ret) {
        while (end > at && (end[-1] == '\r' || end[-1] == ' '))
                end--;
        if (at == end || *at == '#')
                return false;
        return (parse_bsd(at, end, ret) ||
                (line_clear(ret), *ret = (Line){0}, parse_gnu(at, end, ret))) &&
               nook_digest_name_of_length(ret->hex_size) != NULL;
}

static bool is_the_file(const char *listed, const char *file_name) {
        const char *slash = strrchr(listed, '/');

        return g_str_equal(slash != NULL ? slash + 1 : listed, file_name);
}

bool nook_sums_find(const char *text, size_t size, const char *file_name, const char **ret_name,
                    char **ret_hex, GError **error) {
        const char *end = text + size;
        g_autofree char *found = NULL, *bare = NULL;
        guint lines = 0;

        for (const char *at = text; at < end;) {
                const char *newline = memchr(at, '\n', (size_t)(end - at));
                const char *stop = newline != NULL ? newline : end;
                g_auto(Line) line = {0};

                if (parse_line(at, stop, &line)) {
                        g_autofree char *hex = g_ascii_strdown(line.hex, (gssize)line.hex_size);

                        lines++;
                        if (line.file == NULL) {
                                g_free(bare);
                                bare = g_steal_pointer(&hex);
                        } else if (is_the_file(line.file, file_name)) {
                                if (found != NULL && !g_str_equal(found, hex))
                                        return nook_fail(error, NOOK_ERROR_CHECKSUM,
                                                         "two different checksums are listed for "
                                                         "'%s'",
                                                         file_name);
                                g_free(found);
                                found = g_steal_pointer(&hex);
                        }
                }
                at = stop + 1;
        }
        /* A bare checksum is for this file only where there is nothing else it could be for. */
        if (found == NULL && bare != NULL && lines == 1)
                found = g_steal_pointer(&bare);
        if (found == NULL)
                return nook_fail(error, NOOK_ERROR_CHECKSUM, "no checksum is listed for '%s'",
                                 file_name);
        *ret_name = nook_digest_name_of_length(strlen(found));
        *ret_hex = g_steal_pointer(&found);
        return true;
}
