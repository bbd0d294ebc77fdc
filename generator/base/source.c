/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/source.h"

#include <string.h>
#include <unigbrk.h>

struct NookSource {
        gatomicrefcount refs;
        char *name;
        GBytes *bytes;
        const char *text;
        uint32_t size;
        GArray *line_starts; /* uint32_t byte offsets; made when a position is first asked for */
        NookPos known;       /* a position that was asked for; line 0: none */
};

NookSource *nook_source_new(const char *name, GBytes *bytes) {
        NookSource *source = g_new0(NookSource, 1);
        gsize size;

        g_atomic_ref_count_init(&source->refs);
        source->name = g_strdup(name);
        source->bytes = g_bytes_ref(bytes);
        source->text = g_bytes_get_data(bytes, &size);
        source->size = (uint32_t)MIN(size, G_MAXUINT32);
        if (!source->text)
                source->text = "";
        return source;
}

NookSource *nook_source_new_text(const char *name, const char *text) {
        g_autoptr(GBytes) bytes = g_bytes_new(text, strlen(text));

        return nook_source_new(name, bytes);
}

NookSource *nook_source_ref(NookSource *source) {
        if (source)
                g_atomic_ref_count_inc(&source->refs);
        return source;
}

void nook_source_unref(NookSource *source) {
        if (!source || !g_atomic_ref_count_dec(&source->refs))
                return;
        g_free(source->name);
        g_bytes_unref(source->bytes);
        g_clear_pointer(&source->line_starts, g_array_unref);
        g_free(source);
}

const char *nook_source_name(const NookSource *source) {
        return source->name;
}

const char *nook_source_text(const NookSource *source, uint32_t *ret_size) {
        if (ret_size)
                *ret_size = source->size;
        return source->text;
}

static GArray *line_starts(NookSource *source) {
        uint32_t start = 0;

        if (source->line_starts)
                return source->line_starts;

        source->line_starts = g_array_new(FALSE, FALSE, sizeof(uint32_t));
        g_array_append_val(source->line_starts, start);
        for (uint32_t i = 0; i < source->size; i++) {
                if (source->text[i] != '\n')
                        continue;
                start = i + 1;
                g_array_append_val(source->line_starts, start);
        }
        return source->line_starts;
}

/* Index of the last line that starts at or before byte. */
static uint32_t line_index(GArray *starts, uint32_t byte) {
        uint32_t low = 0, high = starts->len;

        while (high - low > 1) {
                uint32_t middle = low + (high - low) / 2;

                if (g_array_index(starts, uint32_t, middle) <= byte)
                        low = middle;
                else
                        high = middle;
        }
        return low;
}

uint32_t nook_grapheme_count(const char *text, size_t size) {
        g_autofree char *breaks = g_malloc(size + 1);
        uint32_t count = 0;

        u8_grapheme_breaks((const uint8_t *)text, size, breaks);
        for (size_t i = 0; i < size; i++)
                count += breaks[i] != 0;
        return count;
}

/* Whether no grapheme cluster reaches from before this byte to behind it, as far as that can be
 * told from two characters of ASCII. */
static bool is_plain_boundary(const NookSource *source, uint32_t byte) {
        const char *text = source->text;

        return byte > 0 && byte < source->size && !(text[byte - 1] & 0x80) &&
               !(text[byte] & 0x80) && text[byte - 1] != '\r';
}

NookPos nook_source_pos(NookSource *source, uint32_t byte) {
        GArray *starts = line_starts(source);
        NookPos pos = {.column = 1};

        byte = MIN(byte, source->size);
        pos.line = line_index(starts, byte) + 1;
        pos.byte = g_array_index(starts, uint32_t, pos.line - 1);
        /* Findings are printed in their order: in a long line, counting goes on from the last. */
        if (source->known.line == pos.line && source->known.byte <= byte)
                pos = source->known;
        pos.column += nook_grapheme_count(source->text + pos.byte, byte - pos.byte);
        pos.byte = byte;
        if (is_plain_boundary(source, byte))
                source->known = pos;
        return pos;
}

const char *nook_source_line(NookSource *source, uint32_t line, uint32_t *ret_size) {
        GArray *starts = line_starts(source);
        uint32_t start, end;

        g_assert(line >= 1 && line <= starts->len);
        start = g_array_index(starts, uint32_t, line - 1);
        end = line < starts->len ? g_array_index(starts, uint32_t, line) - 1 : source->size;
        if (end > start && source->text[end - 1] == '\r')
                end--;
        *ret_size = end - start;
        return source->text + start;
}

NookRange nook_range_join(NookRange a, NookRange b) {
        if (!a.source)
                return b;
        if (!b.source)
                return a;
        g_assert(a.source == b.source);
        return (NookRange){
                .source = a.source, .start = MIN(a.start, b.start), .end = MAX(a.end, b.end)};
}
