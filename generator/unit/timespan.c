/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "unit/timespan.h"

#include <string.h>

#include "base/error.h"

typedef struct {
        const char *name;
        guint64 usec;
} TimeUnit;

static const TimeUnit time_units[] = {
        {"seconds", G_USEC_PER_SEC},
        {"second", G_USEC_PER_SEC},
        {"sec", G_USEC_PER_SEC},
        {"s", G_USEC_PER_SEC},
        {"minutes", 60 * G_USEC_PER_SEC},
        {"minute", 60 * G_USEC_PER_SEC},
        {"min", 60 * G_USEC_PER_SEC},
        {"m", 60 * G_USEC_PER_SEC},
        {"months", G_GUINT64_CONSTANT(2629800000000)},
        {"month", G_GUINT64_CONSTANT(2629800000000)},
        {"M", G_GUINT64_CONSTANT(2629800000000)},
        {"msec", 1000},
        {"ms", 1000},
        {"hours", 3600 * (guint64)G_USEC_PER_SEC},
        {"hour", 3600 * (guint64)G_USEC_PER_SEC},
        {"hr", 3600 * (guint64)G_USEC_PER_SEC},
        {"h", 3600 * (guint64)G_USEC_PER_SEC},
        {"days", 86400 * (guint64)G_USEC_PER_SEC},
        {"day", 86400 * (guint64)G_USEC_PER_SEC},
        {"d", 86400 * (guint64)G_USEC_PER_SEC},
        {"weeks", 604800 * (guint64)G_USEC_PER_SEC},
        {"week", 604800 * (guint64)G_USEC_PER_SEC},
        {"w", 604800 * (guint64)G_USEC_PER_SEC},
        {"years", G_GUINT64_CONSTANT(31557600000000)},
        {"year", G_GUINT64_CONSTANT(31557600000000)},
        {"y", G_GUINT64_CONSTANT(31557600000000)},
        {"usec", 1},
        {"us", 1},
        {"\xc2\xb5s", 1}, /* micro sign */
        {"\xce\xbcs", 1}, /* Greek mu */
};

/* The unit at *p, which is moved behind it; `bare` where none stands. 0 for an unknown one. */
static guint64 read_unit(const char **p, guint64 bare, guint64 scale) {
        size_t size = strcspn(*p, " \t0123456789.");

        if (size == 0)
                return bare;
        for (gsize i = 0; i < G_N_ELEMENTS(time_units); i++)
                if (strlen(time_units[i].name) == size &&
                    strncmp(*p, time_units[i].name, size) == 0) {
                        *p += size;
                        return time_units[i].usec * scale;
                }
        if (scale == 1000 && size >= 2 && strncmp(*p, "nsec", size) == 0) {
                *p += size;
                return 1;
        }
        return 0;
}

/* One "12.5min" at *p, added to *span. */
static bool read_part(const char **p, guint64 bare, guint64 scale, guint64 *span) {
        guint64 whole = 0, unit, part = 0, fraction;
        const char *digits = *p, *behind_point = NULL, *c = *p;

        while (g_ascii_isdigit(*c))
                if (!g_uint64_checked_mul(&whole, whole, 10) ||
                    !g_uint64_checked_add(&whole, whole, (guint64)(*c++ - '0')))
                        return false;
        if (*c == '.') {
                behind_point = ++c;
                while (g_ascii_isdigit(*c))
                        c++;
        }
        if (c == digits || (behind_point != NULL && c == behind_point))
                return false;
        *p = c + strspn(c, " \t");
        unit = read_unit(p, bare, scale);
        if (unit == 0 || !g_uint64_checked_mul(&part, whole, unit))
                return false;

        fraction = unit / 10;
        for (c = behind_point; c != NULL && g_ascii_isdigit(*c); c++, fraction /= 10)
                part += fraction * (guint64)(*c - '0');
        return g_uint64_checked_add(span, *span, part);
}

bool nook_timespan_parse(const char *text, guint64 unit, guint64 scale, guint64 *ret_span,
                         GError **error) {
        g_autofree char *stripped = g_strstrip(g_strdup(text));
        const char *p = stripped;
        guint64 span = 0;

        if (g_str_equal(p, "infinity")) {
                *ret_span = NOOK_USEC_INFINITY;
                return true;
        }
        do {
                if (!read_part(&p, unit, scale, &span))
                        return nook_fail(error, NOOK_ERROR_INVALID,
                                         "'%s' is no time span like \"90s\", \"1min 30s\" or "
                                         "\"infinity\"",
                                         text);
                p += strspn(p, " \t");
        } while (*p != '\0');
        *ret_span = span;
        return true;
}

char *nook_timespan_format(guint64 usec) {
        if (usec == NOOK_USEC_INFINITY)
                return g_strdup("infinity");
        if (usec % G_USEC_PER_SEC == 0)
                return g_strdup_printf("%" G_GUINT64_FORMAT "s", usec / G_USEC_PER_SEC);
        if (usec % 1000 == 0)
                return g_strdup_printf("%" G_GUINT64_FORMAT "ms", usec / 1000);
        return g_strdup_printf("%" G_GUINT64_FORMAT "us", usec);
}
