/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/printable.h"

#include <string.h>

bool nook_printable_is_control(gunichar c) {
        return c < ' ' || (c >= 0x7f && c < 0xa0) || (c >= 0x202a && c <= 0x202e) ||
               (c >= 0x2066 && c <= 0x2069);
}

/* The size of a sequence that sets colours, "ESC [ 1 ; 31 m"; 0: it is something else. */
static gsize colour_size(const char *text, const char *end) {
        const char *at = text + 2;

        if (end - text < 3 || text[0] != '\033' || text[1] != '[')
                return 0;
        while (at < end && (g_ascii_isdigit(*at) || *at == ';' || *at == ':'))
                at++;
        return at < end && *at == 'm' ? (gsize)(at - text) + 1 : 0;
}

/* Appends the character at text and returns its size. */
static gsize append_one(GString *out, const char *text, const char *end) {
        gunichar c = g_utf8_get_char_validated(text, end - text);
        bool is_byte = c == (gunichar)-1 || c == (gunichar)-2;
        gsize size = is_byte ? 1 : (gsize)g_unichar_to_utf8(c, NULL);

        if (is_byte)
                g_string_append_printf(out, "\\x%02x", (unsigned char)*text);
        else if (c == '\n' || c == '\t' || !nook_printable_is_control(c))
                g_string_append_len(out, text, (gssize)size);
        else
                g_string_append_printf(out, c < 0x100 ? "\\x%02x" : "\\u%04x", c);
        return size;
}

static char *make_printable(const char *text, gssize size, bool keeps_colours) {
        const char *end = text + (size < 0 ? strlen(text) : (gsize)size);
        GString *out = g_string_sized_new((gsize)(end - text));
        bool is_coloured = false;

        while (text < end) {
                gsize colour = keeps_colours ? colour_size(text, end) : 0;

                if (colour > 0) {
                        g_string_append_len(out, text, (gssize)colour);
                        is_coloured = true;
                        text += colour;
                } else if (*text >= ' ' && *text < 0x7f) {
                        g_string_append_c(out, *text++);
                } else {
                        text += append_one(out, text, end);
                }
        }
        if (is_coloured)
                g_string_append(out, "\033[0m");
        return g_string_free(out, FALSE);
}

char *nook_printable_text(const char *text, gssize size) {
        return make_printable(text, size, false);
}

char *nook_printable_output(const char *text, gssize size) {
        return make_printable(text, size, true);
}
