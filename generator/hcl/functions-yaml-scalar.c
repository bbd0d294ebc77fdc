/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "hcl/functions-yaml.h"

#include <math.h>
#include <string.h>

#include "hcl/functions-impl.h"
#include "hcl/functions-time.h"

/* The words of YAML 1.1, as go-cty-yaml reads them. */

static bool is_one_of(const char *text, const char *const *words) {
        return g_strv_contains(words, text);
}

/* The value that a word has by itself, or NULL. */
static HclValue *word_value(const char *text) {
        static const char *const yes[] = {"y",    "Y",    "yes", "Yes", "YES", "true",
                                          "True", "TRUE", "on",  "On",  "ON",  NULL};
        static const char *const no[] = {"n",     "N",     "no",  "No",  "NO",  "false",
                                         "False", "FALSE", "off", "Off", "OFF", NULL};
        static const char *const null[] = {"", "~", "null", "Null", "NULL", NULL};
        static const char *const infinity[] = {".inf",  ".Inf",  ".INF", "+.inf",
                                               "+.Inf", "+.INF", NULL};
        static const char *const negative[] = {"-.inf", "-.Inf", "-.INF", NULL};

        if (is_one_of(text, yes))
                return hcl_value_bool(true);
        if (is_one_of(text, no))
                return hcl_value_bool(false);
        if (is_one_of(text, null))
                return hcl_value_null(&hcl_type_dynamic);
        if (is_one_of(text, infinity))
                return hcl_value_double(INFINITY);
        if (is_one_of(text, negative))
                return hcl_value_double(-INFINITY);
        return NULL;
}

/* ---- Numbers ---- */

/* 0x1F, 0o17, 0b11 with a sign, as far as 64 bits reach. */
static HclValue *prefixed_number(const char *text) {
        static const struct {
                char letter;
                int base;
        } prefixes[] = {{'x', 16}, {'X', 16}, {'o', 8}, {'O', 8}, {'b', 2}, {'B', 2}};
        bool negative = text[0] == '-';
        const char *digits = text + (text[0] == '-' || text[0] == '+');
        HclValue *value = NULL;

        if (digits[0] != '0')
                return NULL;
        for (size_t i = 0; i < G_N_ELEMENTS(prefixes); i++) {
                guint64 number;
                mpfr_t exact;

                if (digits[1] != prefixes[i].letter ||
                    !g_ascii_string_to_unsigned(digits + 2, (guint)prefixes[i].base, 0,
                                                negative ? (guint64)1 << 63 : G_MAXUINT64, &number,
                                                NULL))
                        continue;
                mpfr_init2(exact, HCL_NUMBER_INT_PRECISION);
                mpfr_set_uj(exact, number, MPFR_RNDN);
                if (negative)
                        mpfr_neg(exact, exact, MPFR_RNDN);
                value = hcl_value_number(exact);
                mpfr_clear(exact);
        }
        return value;
}

static HclValue *number_value(const char *text) {
        g_autoptr(GString) plain = g_string_new(text);
        HclValue *value;

        g_string_replace(plain, "_", "", 0);
        value = hcl_value_number_parse(plain->str, (gssize)plain->len);
        return value != NULL ? value : prefixed_number(plain->str);
}

/* Whether an untagged scalar that begins with a digit or sign is a number: decimal without
 * underscores, 0o or 0x. */
static bool looks_like_number(const char *text) {
        const char *digits = text + (text[0] == '-' || text[0] == '+');
        g_autoptr(HclValue) value = NULL;

        if (digits == text && g_str_has_prefix(text, "0o"))
                return text[2] != '\0' && strspn(text + 2, "01234567") == strlen(text + 2);
        if (digits == text && g_str_has_prefix(text, "0x"))
                return text[2] != '\0' &&
                       strspn(text + 2, "0123456789abcdefABCDEF") == strlen(text + 2);
        if (strspn(digits, "0123456789.eE+-") != strlen(digits))
                return false;
        value = hcl_value_number_parse(text, -1);
        return value != NULL;
}

/* ---- Times ---- */

/* One or two digits at *text; -1: none, or more than max. */
static int read_short(const char **text, int max) {
        int number = 0, digits = 0;

        for (; digits < 2 && g_ascii_isdigit(**text); digits++, (*text)++)
                number = number * 10 + (**text - '0');
        return digits == 0 || number > max ? -1 : number;
}

/* Reads what may follow the seconds: a fraction, which is dropped, and an offset. */
static bool read_offset(const char *text, bool with_zone, int *ret_offset) {
        int hours, minutes;
        char sign;

        if ((text[0] == '.' || text[0] == ',') && g_ascii_isdigit(text[1]))
                for (text++; g_ascii_isdigit(*text); text++)
                        ;
        *ret_offset = 0;
        if (!with_zone || strcmp(text, "Z") == 0)
                return !with_zone ? *text == '\0' : true;
        sign = text[0];
        if ((sign != '+' && sign != '-') || strlen(text) != 6 || text[3] != ':' ||
            !g_ascii_isdigit(text[1]) || !g_ascii_isdigit(text[2]) || !g_ascii_isdigit(text[4]) ||
            !g_ascii_isdigit(text[5]))
                return false;
        hours = (text[1] - '0') * 10 + text[2] - '0';
        minutes = (text[4] - '0') * 10 + text[5] - '0';
        *ret_offset = (hours * 60 + minutes) * (sign == '-' ? -60 : 60);
        return hours <= 24 && minutes < 60;
}

/* A time in one of YAML's notations as text of RFC 3339; NULL if it is none. */
static HclValue *time_value(const char *text) {
        int year, month, day, hour = 0, minute = 0, second = 0, offset = 0;
        char zone[8] = "Z";

        if (strspn(text, "0123456789") != 4 || text[4] != '-')
                return NULL;
        year = (int)g_ascii_strtoull(text, NULL, 10);
        text += 5;
        month = read_short(&text, 12);
        if (month < 1 || *text++ != '-')
                return NULL;
        day = read_short(&text, hcl_time_days_in_month(year, month));
        if (day < 1)
                return NULL;
        if (*text != '\0') {
                char separator = *text++;

                if (separator != 'T' && separator != 't' && separator != ' ')
                        return NULL;
                hour = read_short(&text, 23);
                if (hour < 0 || *text++ != ':')
                        return NULL;
                minute = read_short(&text, 59);
                if (minute < 0 || *text++ != ':')
                        return NULL;
                second = read_short(&text, 59);
                if (second < 0 || !read_offset(text, separator != ' ', &offset))
                        return NULL;
        }
        if (offset != 0)
                g_snprintf(zone, sizeof(zone), "%c%02d:%02d", offset < 0 ? '-' : '+',
                           ABS(offset) / 3600, ABS(offset) / 60 % 60);
        return hcl_value_string_printf("%04d-%02d-%02dT%02d:%02d:%02d%s", year, month, day, hour,
                                       minute, second, zone);
}

/* ---- All together ---- */

static HclValue *fail(char **ret_error, const char *text, const char *tag) {
        *ret_error = g_strdup_printf("cannot parse \"%s\" as %s", text, tag);
        return NULL;
}

static bool is_tag(const char *tag, const char *name) {
        return strcmp(tag, name) == 0;
}

/* What an explicit tag makes of a text. */
static HclValue *tagged_value(const char *tag, const char *text, size_t size, char **ret_error) {
        g_autoptr(GByteArray) bytes = g_byte_array_new();
        g_autoptr(HclValue) value = NULL;

        if (is_tag(tag, "tag:yaml.org,2002:binary") && !hcl_base64_decode(text, size, bytes))
                return fail(ret_error, text, "binary: it is not valid base64");
        if (is_tag(tag, YAML_STR_TAG) || is_tag(tag, "tag:yaml.org,2002:binary"))
                return hcl_value_string(text, (gssize)size);
        if (is_tag(tag, YAML_NULL_TAG))
                return hcl_value_null(&hcl_type_dynamic);
        if (is_tag(tag, YAML_FLOAT_TAG) || is_tag(tag, YAML_INT_TAG))
                value = number_value(text);
        else if (is_tag(tag, YAML_TIMESTAMP_TAG))
                value = time_value(text);
        else if (is_tag(tag, YAML_BOOL_TAG))
                value = word_value(text);
        if (value == NULL || (is_tag(tag, YAML_BOOL_TAG) && hcl_value_kind(value) != HCL_KIND_BOOL))
                return fail(ret_error, text, tag);
        return g_steal_pointer(&value);
}

static bool is_known_tag(const char *tag) {
        static const char *const tags[] = {YAML_STR_TAG,
                                           YAML_BOOL_TAG,
                                           YAML_INT_TAG,
                                           YAML_FLOAT_TAG,
                                           YAML_NULL_TAG,
                                           YAML_TIMESTAMP_TAG,
                                           "tag:yaml.org,2002:binary",
                                           NULL};

        return g_strv_contains(tags, tag);
}

/* Whether a scalar may be a word, a number or a time, by its first byte. */
static bool may_mean_something(const char *text, size_t size) {
        return size == 0 ||
               (text[0] != '\0' && strchr("+-0123456789.yYnNtTfFoO~", text[0]) != NULL);
}

HclValue *hcl_yaml_resolve(const char *tag, const char *text, size_t size, bool quoted,
                           char **ret_error) {
        static const char *const nan[] = {".nan", ".NaN", ".NAN", NULL};
        HclValue *value = NULL;
        bool is_text = tag != NULL &&
                       (is_tag(tag, YAML_STR_TAG) || is_tag(tag, "tag:yaml.org,2002:binary"));

        if (tag != NULL && !is_known_tag(tag)) {
                *ret_error = g_strdup_printf("unsupported tag \"%s\"", tag);
                return NULL;
        }
        if (may_mean_something(text, size) && !is_text) {
                if (quoted)
                        return hcl_value_string(text, (gssize)size);
                value = word_value(text);
                if (value == NULL && tag == NULL && g_strv_contains(nan, text)) {
                        *ret_error = g_strdup("floating point NaN is not supported");
                        return NULL;
                }
                if (value == NULL && (tag == NULL || is_tag(tag, YAML_TIMESTAMP_TAG)))
                        value = time_value(text);
                if (value == NULL && looks_like_number(text))
                        value = number_value(text);
        }
        if (value != NULL)
                return value;
        return tag == NULL ? hcl_value_string(text, (gssize)size)
                           : tagged_value(tag, text, size, ret_error);
}
