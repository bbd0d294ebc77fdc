/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "unit/convert.h"

#include <string.h>

#include "unit/timespan.h"

/* Types that measure: time, bytes, shares, limits. */

const char nook_zero_is_infinity[] = "zero is infinity";
const char nook_zero_is_refused[] = "zero is refused";
const char nook_no_percent[] = "no share of the whole";
const bool nook_weight_idle = true;

/* --- time ---------------------------------------------------------------------------------------
 */

static GVariant *usec_parse(const NookDirective *directive, const char *text, GError **error) {
        guint64 usec;

        if (!nook_timespan_parse(text, G_USEC_PER_SEC, 1, &usec, error))
                return NULL;
        if (usec == 0 && directive->argument == nook_zero_is_infinity)
                usec = NOOK_USEC_INFINITY;
        if (usec == 0 && directive->argument == nook_zero_is_refused)
                return nook_convert_fail(error, "the time must be more than zero");
        return g_variant_new_uint64(usec);
}

static void usec_print(const NookDirective *directive, GVariant *value, GString *out) {
        g_autofree char *text = nook_timespan_format(g_variant_get_uint64(value));

        g_string_append(out, text);
}

const NookDirectiveType nook_type_usec = {
        .name = "a time span",
        .parse = usec_parse,
        .print = usec_print,
};

static GVariant *nsec_parse(const NookDirective *directive, const char *text, GError **error) {
        guint64 nsec;

        if (!nook_timespan_parse(text, 1, 1000, &nsec, error))
                return NULL;
        return g_variant_new_uint64(nsec);
}

static void nsec_print(const NookDirective *directive, GVariant *value, GString *out) {
        guint64 nsec = g_variant_get_uint64(value);

        if (nsec == NOOK_USEC_INFINITY)
                g_string_append(out, "infinity");
        else
                g_string_append_printf(out, "%" G_GUINT64_FORMAT, nsec);
}

const NookDirectiveType nook_type_nsec = {
        .name = "a time span in nanoseconds",
        .parse = nsec_parse,
        .print = nsec_print,
};

/* --- per cent -----------------------------------------------------------------------------------
 */

/* "12.5%" to ten-thousandths; at most two decimals, as systemd reads them. */
static bool parse_permyriad(const char *text, guint64 most, guint64 *ret_value) {
        g_autofree char *number = NULL;
        char *point;
        guint64 whole, part = 0;

        if (!g_str_has_suffix(text, "%"))
                return false;
        number = g_strndup(text, strlen(text) - 1);
        point = strchr(number, '.');
        if (point != NULL) {
                size_t digits = strlen(point + 1);

                *point = '\0';
                if (digits < 1 || digits > 2 || !nook_convert_uint(point + 1, 99, &part))
                        return false;
                if (digits == 1)
                        part *= 10;
        }
        if (!nook_convert_uint(number, most / 100, &whole) || whole * 100 + part > most)
                return false;
        *ret_value = whole * 100 + part;
        return true;
}

static void print_permyriad(guint64 permyriad, GString *out) {
        g_string_append_printf(out, "%" G_GUINT64_FORMAT, permyriad / 100);
        if (permyriad % 10 != 0)
                g_string_append_printf(out, ".%02d", (int)(permyriad % 100));
        else if (permyriad % 100 != 0)
                g_string_append_printf(out, ".%d", (int)(permyriad % 100 / 10));
        g_string_append_c(out, '%');
}

/* The manager takes fractions as shares of 2^32 - 1; both ways round to nearest. */
static guint32 scale_from_permyriad(guint64 permyriad) {
        return (guint32)((permyriad * G_MAXUINT32 + 5000) / 10000);
}

static guint64 scale_to_permyriad(guint32 scale) {
        return ((guint64)scale * 10000 + G_MAXUINT32 / 2) / G_MAXUINT32;
}

static GVariant *percent_parse(const NookDirective *directive, const char *text, GError **error) {
        guint64 permyriad;

        if (!parse_permyriad(text, 10000, &permyriad))
                return nook_convert_fail(error, "'%s' is not between 0%% and 100%%", text);
        return g_variant_new_uint32(scale_from_permyriad(permyriad));
}

static void percent_print(const NookDirective *directive, GVariant *value, GString *out) {
        print_permyriad(scale_to_permyriad(g_variant_get_uint32(value)), out);
}

const NookDirectiveType nook_type_percent = {
        .name = "per cent",
        .parse = percent_parse,
        .print = percent_print,
};

static GVariant *quota_parse(const NookDirective *directive, const char *text, GError **error) {
        guint64 permyriad;

        if (g_str_equal(text, "infinity") || *text == '\0')
                return g_variant_new_uint64(NOOK_USEC_INFINITY);
        if (!parse_permyriad(text, G_GUINT64_CONSTANT(10000000000), &permyriad) || permyriad == 0)
                return nook_convert_fail(error, "'%s' is no share of CPU time like 150%%", text);
        return g_variant_new_uint64(permyriad * (G_USEC_PER_SEC / 10000));
}

static void quota_print(const NookDirective *directive, GVariant *value, GString *out) {
        guint64 usec = g_variant_get_uint64(value);

        if (usec != NOOK_USEC_INFINITY)
                print_permyriad(usec / (G_USEC_PER_SEC / 10000), out);
}

const NookDirectiveType nook_type_quota = {
        .name = "per cent of one CPU",
        .parse = quota_parse,
        .print = quota_print,
};

/* --- sizes and counts ---------------------------------------------------------------------------
 */

/* "512M", "1.5G", "4096" to bytes, units of 1024. */
static bool parse_bytes(const char *text, guint64 *ret_bytes) {
        static const char suffixes[] = "BKMGTPE";
        guint64 whole, bytes, unit = 1;
        double fraction = 0;
        const char *c = text, *decimals = NULL, *found;
        g_autofree char *digits = NULL;

        while (g_ascii_isdigit(*c))
                c++;
        digits = g_strndup(text, (gsize)(c - text));
        if (!nook_convert_uint(digits, G_MAXUINT64, &whole))
                return false;
        if (*c == '.') {
                decimals = ++c;
                while (g_ascii_isdigit(*c))
                        c++;
        }
        c += strspn(c, " ");
        if (*c != '\0') {
                found = strchr(suffixes, *c);
                if (found == NULL || c[1] != '\0')
                        return false;
                unit <<= 10 * (found - suffixes);
        }
        if (!g_uint64_checked_mul(&bytes, whole, unit))
                return false;
        for (double place = 0.1; decimals != NULL && g_ascii_isdigit(*decimals); place /= 10)
                fraction += place * (*decimals++ - '0');
        bytes += (guint64)(fraction * (double)unit + 0.5);
        *ret_bytes = bytes;
        return true;
}

static GVariant *quantity_parse(const NookDirective *directive, const char *text,
                                bool (*parse)(const char *, guint64 *), GError **error) {
        guint64 value;

        if (g_str_equal(text, "infinity"))
                return g_variant_new_uint64(G_MAXUINT64);
        if (directive->argument != nook_no_percent && parse_permyriad(text, 10000, &value)) {
                if (value == 0 && directive->argument == nook_zero_is_refused)
                        return nook_convert_fail(error, "the value must be more than zero");
                return g_variant_new_uint32(scale_from_permyriad(value));
        }
        if (!parse(text, &value) || value == G_MAXUINT64)
                return nook_convert_fail(error, "'%s' is %s, nor per cent, nor 'infinity'", text,
                                         parse == parse_bytes ? "neither a size like 512M"
                                                              : "neither a number");
        if (value == 0 && directive->argument == nook_zero_is_refused)
                return nook_convert_fail(error, "the value must be more than zero");
        return g_variant_new_uint64(value);
}

static void print_uint(guint64 value, GString *out) {
        if (value == G_MAXUINT64)
                g_string_append(out, "infinity");
        else
                g_string_append_printf(out, "%" G_GUINT64_FORMAT, value);
}

static void print_bytes(guint64 bytes, GString *out) {
        static const char suffixes[] = "KMGT";
        int power = 0;

        if (bytes == G_MAXUINT64 || bytes == 0) {
                print_uint(bytes, out);
                return;
        }
        while (power < 4 && bytes % 1024 == 0) {
                bytes /= 1024;
                power++;
        }
        g_string_append_printf(out, "%" G_GUINT64_FORMAT, bytes);
        if (power > 0)
                g_string_append_c(out, suffixes[power - 1]);
}

static void quantity_emit(const NookDirective *directive, GVariant *value, GVariantBuilder *out) {
        bool is_scale = g_variant_is_of_type(value, G_VARIANT_TYPE_UINT32);
        g_autofree char *property = g_strconcat(directive->property, is_scale ? "Scale" : "", NULL);

        g_variant_builder_add(out, "(sv)", property, value);
}

static GVariant *size_parse(const NookDirective *directive, const char *text, GError **error) {
        return quantity_parse(directive, text, parse_bytes, error);
}

static void size_print(const NookDirective *directive, GVariant *value, GString *out) {
        if (g_variant_is_of_type(value, G_VARIANT_TYPE_UINT32))
                percent_print(directive, value, out);
        else
                print_bytes(g_variant_get_uint64(value), out);
}

const NookDirectiveType nook_type_size = {
        .name = "a size",
        .parse = size_parse,
        .print = size_print,
        .emit = quantity_emit,
};

static bool parse_count(const char *text, guint64 *ret_count) {
        return nook_convert_uint(text, G_MAXUINT64, ret_count);
}

static GVariant *count_parse(const NookDirective *directive, const char *text, GError **error) {
        return quantity_parse(directive, text, parse_count, error);
}

static void count_print(const NookDirective *directive, GVariant *value, GString *out) {
        if (g_variant_is_of_type(value, G_VARIANT_TYPE_UINT32))
                percent_print(directive, value, out);
        else
                print_uint(g_variant_get_uint64(value), out);
}

const NookDirectiveType nook_type_count = {
        .name = "a number",
        .parse = count_parse,
        .print = count_print,
        .emit = quantity_emit,
};

/* --- weights ------------------------------------------------------------------------------------
 */

static GVariant *weight_parse(const NookDirective *directive, const char *text, GError **error) {
        guint64 weight;
        bool may_idle = directive->argument == &nook_weight_idle;

        if (may_idle && g_str_equal(text, "idle"))
                return g_variant_new_uint64(0);
        if (!nook_convert_uint(text, 10000, &weight) || weight == 0)
                return nook_convert_fail(error, "'%s' is no number from 1 to 10000%s", text,
                                         may_idle ? ", nor 'idle'" : "");
        return g_variant_new_uint64(weight);
}

static void weight_print(const NookDirective *directive, GVariant *value, GString *out) {
        guint64 weight = g_variant_get_uint64(value);

        if (weight == 0)
                g_string_append(out, "idle");
        else
                print_uint(weight, out);
}

const NookDirectiveType nook_type_weight = {
        .name = "a weight",
        .parse = weight_parse,
        .print = weight_print,
};

/* --- resource limits: "soft:hard" ---------------------------------------------------------------
 */

typedef bool (*LimitParse)(const char *text, guint64 *ret_value);

static GVariant *limit_parse_as(const char *text, LimitParse parse, GError **error) {
        g_auto(GStrv) parts = g_strsplit(text, ":", 2);
        guint64 values[2];
        guint n = g_strv_length(parts);

        for (guint i = 0; i < n; i++)
                if (g_str_equal(parts[i], "infinity"))
                        values[i] = G_MAXUINT64;
                else if (!parse(parts[i], &values[i]))
                        return nook_convert_fail(
                                error,
                                "'%s' is no limit like \"1024\", \"1024:4096\", \"infinity\"",
                                text);
        if (n == 0)
                return nook_convert_fail(error, "a limit is missing");
        if (n == 1)
                values[1] = values[0];
        if (values[0] > values[1])
                return nook_convert_fail(error, "the soft limit of '%s' is above the hard one",
                                         text);
        return g_variant_new("(tt)", values[0], values[1]);
}

static void limit_print_as(GVariant *value, void (*print)(guint64, GString *), GString *out) {
        guint64 soft, hard;

        g_variant_get(value, "(tt)", &soft, &hard);
        print(soft, out);
        if (soft == hard)
                return;
        g_string_append_c(out, ':');
        print(hard, out);
}

/* The hard limit goes first: the manager refuses a soft one that is above the hard one it has. */
static void limit_emit(const NookDirective *directive, GVariant *value, GVariantBuilder *out) {
        g_autofree char *soft_property = g_strconcat(directive->property, "Soft", NULL);
        guint64 soft, hard;

        g_variant_get(value, "(tt)", &soft, &hard);
        g_variant_builder_add(out, "(sv)", directive->property, g_variant_new_uint64(hard));
        g_variant_builder_add(out, "(sv)", soft_property, g_variant_new_uint64(soft));
}

static GVariant *limit_parse(const NookDirective *directive, const char *text, GError **error) {
        return limit_parse_as(text, parse_count, error);
}

static void limit_print(const NookDirective *directive, GVariant *value, GString *out) {
        limit_print_as(value, print_uint, out);
}

const NookDirectiveType nook_type_limit = {
        .name = "a limit", .parse = limit_parse, .print = limit_print, .emit = limit_emit};

static GVariant *limit_bytes_parse(const NookDirective *directive, const char *text,
                                   GError **error) {
        return limit_parse_as(text, parse_bytes, error);
}

static void limit_bytes_print(const NookDirective *directive, GVariant *value, GString *out) {
        limit_print_as(value, print_bytes, out);
}

const NookDirectiveType nook_type_limit_bytes = {.name = "a limit in bytes",
                                                 .parse = limit_bytes_parse,
                                                 .print = limit_bytes_print,
                                                 .emit = limit_emit};

/* CPU time is limited in whole seconds; a part of one counts as one. */
static bool parse_seconds(const char *text, guint64 *ret_seconds) {
        guint64 usec;

        if (!nook_timespan_parse(text, G_USEC_PER_SEC, 1, &usec, NULL))
                return false;
        *ret_seconds = usec / G_USEC_PER_SEC + (usec % G_USEC_PER_SEC != 0);
        return true;
}

static GVariant *limit_seconds_parse(const NookDirective *directive, const char *text,
                                     GError **error) {
        return limit_parse_as(text, parse_seconds, error);
}

const NookDirectiveType nook_type_limit_seconds = {.name = "a limit in seconds",
                                                   .parse = limit_seconds_parse,
                                                   .print = limit_print,
                                                   .emit = limit_emit};

static bool parse_usec(const char *text, guint64 *ret_usec) {
        return nook_timespan_parse(text, 1, 1, ret_usec, NULL);
}

static GVariant *limit_usec_parse(const NookDirective *directive, const char *text,
                                  GError **error) {
        return limit_parse_as(text, parse_usec, error);
}

const NookDirectiveType nook_type_limit_usec = {.name = "a limit in microseconds",
                                                .parse = limit_usec_parse,
                                                .print = limit_print,
                                                .emit = limit_emit};

/* A signed number is a nice level, 20 below which is the kernel's own count.
 * Source: systemd.exec(5), "LimitNICE=". */
static bool parse_nice(const char *text, guint64 *ret_limit) {
        gint64 nice;

        if (*text != '+' && *text != '-')
                return nook_convert_uint(text, 40, ret_limit);
        if (!g_ascii_string_to_signed(text + (*text == '+'), 10, -20, 19, &nice, NULL))
                return false;
        *ret_limit = (guint64)(20 - nice);
        return true;
}

static GVariant *limit_nice_parse(const NookDirective *directive, const char *text,
                                  GError **error) {
        return limit_parse_as(text, parse_nice, error);
}

const NookDirectiveType nook_type_limit_nice = {.name = "a nice limit",
                                                .parse = limit_nice_parse,
                                                .print = limit_print,
                                                .emit = limit_emit};
