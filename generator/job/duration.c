/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "job/duration.h"

#include <string.h>

typedef struct {
        const char *name;
        uint64_t factor;
} Unit;

/* The longer of two that begin alike first. Both signs for micro: U+00B5 and U+03BC. */
static const Unit duration_units[] = {
        {"ns", 1},
        {"us", 1000},
        {"\302\265s", 1000},
        {"\316\274s", 1000},
        {"ms", 1000000},
        {"s", 1000000000},
        {"m", 60 * UINT64_C(1000000000)},
        {"h", 3600 * UINT64_C(1000000000)},
};

static const Unit *find_unit(const char *text, gsize length) {
        for (guint i = 0; i < G_N_ELEMENTS(duration_units); i++)
                if (strlen(duration_units[i].name) == length &&
                    strncmp(duration_units[i].name, text, length) == 0)
                        return &duration_units[i];

        return NULL;
}

static char *explain_unit(const char *number, gsize number_length, const char *unit,
                          gsize unit_length) {
        if (unit_length == 0)
                return g_strdup_printf("a unit is missing: write \"%.*ss\" for seconds",
                                       (int)number_length, number);
        if (unit_length == 1 && (unit[0] == 'd' || unit[0] == 'w'))
                return g_strdup_printf("there is no unit \"%c\": the largest is \"h\", hours",
                                       unit[0]);
        return g_strdup_printf("\"%.*s\" is no unit; the units are ns, us, ms, s, m, h",
                               (int)unit_length, unit);
}

/* Digits with at most one point, then a unit. Adds to *total, in nanoseconds. */
static bool parse_part(const char **at, uint64_t *total, char **ret_reason) {
        const char *start = *at, *p = *at, *unit_start;
        uint64_t whole = 0, fraction = 0, scale = 1, value;
        bool has_digits = false;
        const Unit *unit;

        for (; g_ascii_isdigit(*p); p++) {
                has_digits = true;
                if (__builtin_mul_overflow(whole, 10, &whole) ||
                    __builtin_add_overflow(whole, (uint64_t)(*p - '0'), &whole)) {
                        *ret_reason = g_strdup("it is too long");
                        return false;
                }
        }
        if (*p == '.') {
                for (p++; g_ascii_isdigit(*p); p++) {
                        has_digits = true;
                        /* Digits beyond a nanosecond of an hour add nothing. */
                        if (scale < UINT64_C(100000000000000)) {
                                fraction = fraction * 10 + (uint64_t)(*p - '0');
                                scale *= 10;
                        }
                }
        }
        if (!has_digits) {
                *ret_reason = g_strdup("a number is missing");
                return false;
        }

        unit_start = p;
        while (*p && *p != '.' && !g_ascii_isdigit(*p))
                p++;
        unit = find_unit(unit_start, (gsize)(p - unit_start));
        if (!unit) {
                *ret_reason = explain_unit(start, (gsize)(unit_start - start), unit_start,
                                           (gsize)(p - unit_start));
                return false;
        }
        if (__builtin_mul_overflow(whole, unit->factor, &value) ||
            __builtin_add_overflow(
                    value, (uint64_t)((double)fraction * ((double)unit->factor / (double)scale)),
                    &value) ||
            __builtin_add_overflow(*total, value, total)) {
                *ret_reason = g_strdup("it is too long");
                return false;
        }
        *at = p;
        return true;
}

bool nook_duration_parse(const char *text, int64_t *ret_nsec, char **ret_reason) {
        const char *p = text;
        bool negative = *p == '-';
        uint64_t total = 0;

        if (*p == '-' || *p == '+')
                p++;
        if (strcmp(p, "0") == 0) {
                *ret_nsec = 0;
                return true;
        }
        if (*p == '\0') {
                *ret_reason = g_strdup("it is empty");
                return false;
        }
        while (*p)
                if (!parse_part(&p, &total, ret_reason))
                        return false;

        if (total > (uint64_t)INT64_MAX + (negative ? 1 : 0)) {
                *ret_reason = g_strdup("it is too long");
                return false;
        }
        *ret_nsec = negative ? (int64_t)(0 - total) : (int64_t)total;
        return true;
}

/* A number of a unit with its fraction, without zeros at its end. */
static void append_fraction(GString *out, uint64_t value, uint64_t unit, const char *name) {
        uint64_t rest = value % unit;

        g_string_append_printf(out, "%" G_GUINT64_FORMAT, value / unit);
        if (rest > 0) {
                g_string_append_c(out, '.');
                for (unit /= 10; rest > 0; unit /= 10) {
                        g_string_append_c(out, (char)('0' + rest / unit));
                        rest %= unit;
                }
        }
        g_string_append(out, name);
}

char *nook_duration_to_text(int64_t nsec) {
        uint64_t value = nsec < 0 ? 0 - (uint64_t)nsec : (uint64_t)nsec;
        GString *out = g_string_new(nsec < 0 ? "-" : "");
        uint64_t seconds = value / 1000000000;

        if (value == 0)
                g_string_append(out, "0s");
        else if (value < 1000)
                append_fraction(out, value, 1, "ns");
        else if (value < 1000000)
                append_fraction(out, value, 1000, "us");
        else if (value < 1000000000)
                append_fraction(out, value, 1000000, "ms");
        else {
                if (seconds >= 3600)
                        g_string_append_printf(out, "%" G_GUINT64_FORMAT "h", seconds / 3600);
                if (seconds >= 60)
                        g_string_append_printf(out, "%" G_GUINT64_FORMAT "m", seconds / 60 % 60);
                append_fraction(out, value % (60 * UINT64_C(1000000000)), 1000000000, "s");
        }
        return g_string_free(out, FALSE);
}

bool nook_size_parse(const char *text, int64_t *ret_bytes) {
        static const Unit units[] = {
                {"", 1},
                {"b", 1},
                {"k", 1000},
                {"kb", 1000},
                {"kib", 1024},
                {"ki", 1024},
                {"m", 1000000},
                {"mb", 1000000},
                {"mib", 1 << 20},
                {"mi", 1 << 20},
                {"g", 1000000000},
                {"gb", 1000000000},
                {"gib", 1 << 30},
                {"gi", 1 << 30},
                {"t", UINT64_C(1000000000000)},
                {"tb", UINT64_C(1000000000000)},
                {"tib", UINT64_C(1) << 40},
                {"ti", UINT64_C(1) << 40},
        };
        char *end = NULL;
        double number;

        if (!g_ascii_isdigit(*text))
                return false;
        number = g_ascii_strtod(text, &end);
        while (*end == ' ')
                end++;

        for (guint i = 0; i < G_N_ELEMENTS(units); i++)
                if (g_ascii_strcasecmp(end, units[i].name) == 0) {
                        number *= (double)units[i].factor;
                        if (number >= 9.2e18)
                                return false;
                        *ret_bytes = (int64_t)number;
                        return true;
                }

        return false;
}
