/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "hcl/space.h"

#include <stdbool.h>
#include <stdint.h>
#include <unictype.h>
#include <unigbrk.h>
#include <unistr.h>

/* White space of ASCII, which is what nearly all text holds: U+0009 to U+000D and the blank. */
static bool is_ascii_space(uint8_t c) {
        return c == ' ' || (c >= '\t' && c <= '\r');
}

size_t hcl_space_leading(const char *text, size_t size) {
        const uint8_t *at = (const uint8_t *)text, *end = at + size;

        while (at < end) {
                ucs4_t c;
                int used;

                if (*at < 0x80) {
                        if (!is_ascii_space(*at))
                                break;
                        at++;
                        continue;
                }
                used = u8_mbtoucr(&c, at, (size_t)(end - at));
                if (used <= 0 || !uc_is_property_white_space(c))
                        break;
                at += used;
        }
        return (size_t)(at - (const uint8_t *)text);
}

size_t hcl_space_trimmed(const char *text, size_t size) {
        const uint8_t *start = (const uint8_t *)text, *end = start + size;

        while (end > start) {
                ucs4_t c;
                const uint8_t *previous;

                if (end[-1] < 0x80) {
                        if (!is_ascii_space(end[-1]))
                                break;
                        end--;
                        continue;
                }
                previous = u8_prev(&c, end, start);
                if (!previous || !uc_is_property_white_space(c))
                        break;
                end = previous;
        }
        return (size_t)(end - start);
}

size_t hcl_graphemes_count(const char *text, size_t size) {
        const uint8_t *at = (const uint8_t *)text, *end = at + size;
        size_t n = 0;

        for (; at && at < end; n++)
                at = u8_grapheme_next(at, end);
        return n;
}

size_t hcl_graphemes_size(const char *text, size_t size, size_t n) {
        const uint8_t *at = (const uint8_t *)text, *end = at + size;

        while (n-- > 0 && at < end)
                at = u8_grapheme_next(at, end);
        return (size_t)(at - (const uint8_t *)text);
}
