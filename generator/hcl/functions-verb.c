/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "hcl/functions-verb.h"

#include <string.h>

bool hcl_formatting_fail(HclFormatting *formatting, const char *format, ...) {
        va_list args;

        va_start(args, format);
        formatting->error = g_strdup_vprintf(format, args);
        va_end(args);
        return false;
}

static bool fail_value(HclFormatting *formatting, const HclVerb *verb, const char *why) {
        return hcl_formatting_fail(formatting, "unsupported value for \"%.*s\" at %zu: %s",
                                   (int)verb->size, verb->start, verb->offset, why);
}

/* Appends text in a field of the verb's width, counted in grapheme clusters. */
static void append_padded(HclFormatting *formatting, const HclVerb *verb, const char *text,
                          size_t size) {
        size_t length, missing = 0;

        if (verb->has_width) {
                hcl_text_clusters(text, size, SIZE_MAX, &length);
                missing = verb->width > length ? verb->width - length : 0;
        }
        if (!verb->minus)
                for (size_t i = 0; i < missing; i++)
                        g_string_append_c(formatting->out, verb->zero ? '0' : ' ');
        g_string_append_len(formatting->out, text, (gssize)size);
        if (verb->minus)
                for (size_t i = 0; i < missing; i++)
                        g_string_append_c(formatting->out, verb->zero ? '0' : ' ');
}

/* ---- Numbers ---- */

/* Sign, prefix and digits in a field: as Go's fmt does for its large numbers. */
static void append_number_field(HclFormatting *formatting, const HclVerb *verb, const char *sign,
                                const char *prefix, const char *digits, bool pad_zero) {
        size_t length = strlen(sign) + strlen(prefix) + strlen(digits);
        size_t missing = verb->has_width && verb->width > length ? verb->width - length : 0;
        bool zeros = pad_zero && verb->zero && !verb->minus;

        for (size_t i = 0; i < missing && !zeros && !verb->minus; i++)
                g_string_append_c(formatting->out, ' ');
        g_string_append(formatting->out, sign);
        g_string_append(formatting->out, prefix);
        for (size_t i = 0; i < missing && zeros; i++)
                g_string_append_c(formatting->out, '0');
        g_string_append(formatting->out, digits);
        for (size_t i = 0; i < missing && verb->minus; i++)
                g_string_append_c(formatting->out, ' ');
}

static const char *sign_of(const HclVerb *verb, bool negative) {
        return negative ? "-" : verb->plus ? "+" : verb->space ? " " : "";
}

/* The digits of a whole number without sign. */
static char *integer_digits(mpfr_srcptr number, char mode) {
        int base = mode == 'b' ? 2 : mode == 'o' ? 8 : mode == 'd' ? 10 : 16;
        g_autofree char *digits = NULL;
        mpfr_exp_t exponent;
        char *raw;

        if (mpfr_zero_p(number))
                return g_strdup("0");
        if (base == 10) {
                mpfr_asprintf(&raw, "%.0Rf", number);
                digits = g_strdup(raw + (raw[0] == '-'));
        } else {
                /* Enough digits for every bit: in these bases the text is then exact. */
                mpfr_exp_t bits = mpfr_get_exp(number);
                size_t count = (size_t)(bits / (base == 2 ? 1 : base == 8 ? 3 : 4)) + 2;

                raw = mpfr_get_str(NULL, &exponent, base, count, number, MPFR_RNDN);
                digits = g_strndup(raw + (raw[0] == '-'), (size_t)exponent);
        }
        mpfr_free_str(raw);
        return mode == 'X' ? g_ascii_strup(digits, -1) : g_steal_pointer(&digits);
}

static bool append_integer(HclFormatting *formatting, const HclVerb *verb, const HclValue *value) {
        mpfr_srcptr number = hcl_value_get_number(value);
        g_autofree char *digits = NULL;
        g_autofree char *all = NULL;
        const char *prefix = "";
        size_t length;

        if (!mpfr_integer_p(number))
                return fail_value(formatting, verb, "an integer is required");
        if (!mpfr_zero_p(number) && mpfr_get_exp(number) > HCL_VERB_WIDTH_MAX)
                return fail_value(formatting, verb, "the number is too large");
        digits = integer_digits(number, verb->mode);
        length = strlen(digits);
        if (verb->sharp)
                prefix = verb->mode == 'b'   ? "0b"
                         : verb->mode == 'o' ? "0"
                         : verb->mode == 'x' ? "0x"
                         : verb->mode == 'X' ? "0X"
                                             : "";
        if (verb->has_precision && verb->precision == 0 && strcmp(digits, "0") == 0)
                return true; /* prints nothing at all, not even the field */
        if (verb->has_precision && verb->precision > length) {
                g_autofree char *zeros = g_strnfill(verb->precision - length, '0');

                all = g_strconcat(zeros, digits, NULL);
        }
        append_number_field(formatting, verb,
                            sign_of(verb, !mpfr_zero_p(number) && mpfr_signbit(number)), prefix,
                            all != NULL ? all : digits, !verb->has_precision);
        return true;
}

/* The shortest digits, with an exponent where it is below -4 or above 5: Go's %g of its large
 * numbers. Without sign. */
static char *shortest_general(const HclValue *value, char letter) {
        g_autofree char *plain = hcl_value_number_text(value);
        const char *text = plain + (plain[0] == '-');
        const char *point = strchr(text, '.');
        size_t whole = point != NULL ? (size_t)(point - text) : strlen(text);
        g_autoptr(GString) digits = g_string_new_len(text, (gssize)whole);
        size_t zeros = 0;
        long exponent;
        GString *out;

        if (point != NULL)
                g_string_append(digits, point + 1);
        while (zeros + 1 < digits->len && digits->str[zeros] == '0')
                zeros++;
        exponent = (long)whole - (long)zeros - 1; /* of the first digit */
        g_string_erase(digits, 0, (gssize)zeros);
        if (strcmp(digits->str, "0") == 0)
                exponent = 0;
        while (digits->len > 1 && digits->str[digits->len - 1] == '0')
                g_string_truncate(digits, digits->len - 1);
        if (exponent >= -4 && exponent <= 5)
                return g_strdup(text);
        out = g_string_new(NULL);
        g_string_append_c(out, digits->str[0]);
        if (digits->len > 1)
                g_string_append_printf(out, ".%s", digits->str + 1);
        g_string_append_printf(out, "%c%c%02ld", letter, exponent < 0 ? '-' : '+', ABS(exponent));
        return g_string_free(out, FALSE);
}

static bool is_negative(const HclValue *value) {
        return mpfr_signbit(hcl_value_get_number(value)) != 0;
}

/* The digits of a number in one of the modes e E f g G, without sign. */
static char *float_digits(const HclVerb *verb, const HclValue *value) {
        static const struct {
                char mode;
                const char *format;
        } formats[] = {
                {'e', "%.*Re"}, {'E', "%.*RE"}, {'f', "%.*Rf"}, {'g', "%.*Rg"}, {'G', "%.*RG"}};
        mpfr_srcptr number = hcl_value_get_number(value);
        int precision = verb->has_precision ? (int)verb->precision : 6;
        char *raw = NULL;
        char *digits;

        if ((verb->mode == 'g' || verb->mode == 'G') && !verb->has_precision)
                return shortest_general(value, verb->mode == 'g' ? 'e' : 'E');
        for (size_t i = 0; i < G_N_ELEMENTS(formats); i++) {
                if (formats[i].mode == verb->mode)
                        mpfr_asprintf(&raw, formats[i].format, precision, number);
        }
        g_assert(raw != NULL);
        digits = g_strdup(raw + (raw[0] == '-'));
        mpfr_free_str(raw);
        return digits;
}

static bool append_float(HclFormatting *formatting, const HclVerb *verb, const HclValue *value) {
        mpfr_srcptr number = hcl_value_get_number(value);
        g_autofree char *digits = NULL;
        const char *sign = sign_of(verb, is_negative(value));

        if (mpfr_inf_p(number)) {
                /* Go writes the plus sign of an infinity, or a blank where one is asked for. */
                if (!is_negative(value))
                        sign = verb->space ? " " : "+";
                append_number_field(formatting, verb, sign, "", "Inf", false);
                return true;
        }
        if (!mpfr_zero_p(number) && ABS(mpfr_get_exp(number)) > HCL_VERB_WIDTH_MAX)
                return fail_value(formatting, verb, "the number is too large or too small");
        digits = float_digits(verb, value);
        append_number_field(formatting, verb, sign, "", digits, true);
        return true;
}

/* ---- The other values ---- */

static bool append_json(HclFormatting *formatting, const HclVerb *verb, const HclValue *value) {
        g_autoptr(GString) json = g_string_new(NULL);

        if (!hcl_value_to_json(value, HCL_JSON_ESCAPE_HTML, json))
                return fail_value(formatting, verb, "cannot serialize infinity as JSON");
        append_padded(formatting, verb, json->str, json->len);
        return true;
}

/* %v: strings and numbers as they are, all else as JSON. */
static bool append_as_is(HclFormatting *formatting, const HclVerb *verb, const HclValue *value) {
        HclKind kind = hcl_value_kind(value);

        if (!verb->sharp && !hcl_value_is_null(value) && kind == HCL_KIND_STRING) {
                size_t size;
                const char *text = hcl_value_text(value, &size);

                append_padded(formatting, verb, text, size);
                return true;
        }
        if (!verb->sharp && !hcl_value_is_null(value) && kind == HCL_KIND_NUMBER) {
                bool infinite = mpfr_inf_p(hcl_value_get_number(value)) != 0;
                g_autofree char *digits = infinite ? g_strdup("Inf") : shortest_general(value, 'e');
                g_autofree char *text = g_strconcat(is_negative(value) ? "-"
                                                    : infinite         ? "+"
                                                                       : "",
                                                    digits, NULL);

                append_padded(formatting, verb, text, strlen(text));
                return true;
        }
        return append_json(formatting, verb, value);
}

static bool append_string(HclFormatting *formatting, const HclVerb *verb, HclValue *value) {
        size_t size;
        const char *text = hcl_value_text(value, &size);
        g_autoptr(HclValue) cut = NULL;

        if (verb->precision > 0)
                size = hcl_text_clusters(text, size, verb->precision, NULL);
        if (verb->mode == 's') {
                append_padded(formatting, verb, text, size);
                return true;
        }
        cut = hcl_value_string(text, (gssize)size);
        return append_json(formatting, verb, cut);
}

static bool append_converted(HclFormatting *formatting, const HclVerb *verb, HclValue *value) {
        const HclType *type = verb->mode == 't'                        ? &hcl_type_bool
                              : verb->mode == 's' || verb->mode == 'q' ? &hcl_type_string
                                                                       : &hcl_type_number;
        g_autofree char *why = NULL;
        g_autoptr(HclValue) converted = hcl_value_convert(value, type, &why);

        if (converted == NULL)
                return fail_value(formatting, verb, why);
        if (type == &hcl_type_string)
                return append_string(formatting, verb, converted);
        if (type == &hcl_type_number)
                return strchr("bdoxX", verb->mode) != NULL
                               ? append_integer(formatting, verb, converted)
                               : append_float(formatting, verb, converted);
        g_string_append(formatting->out, hcl_value_get_bool(converted) ? "true" : "false");
        return true;
}

bool hcl_formatting_append(HclFormatting *formatting, const HclVerb *verb) {
        HclValue *value;

        if (verb->argument > formatting->n_args)
                return hcl_formatting_fail(
                        formatting,
                        "not enough arguments for \"%.*s\" at %zu: need index %zu but have "
                        "%zu total",
                        (int)verb->size, verb->start, verb->offset, verb->argument,
                        formatting->n_args);
        value = formatting->args[verb->argument - 1];
        if (strchr("vtbdoxXeEfgGsq", verb->mode) == NULL)
                return hcl_formatting_fail(formatting,
                                           "unsupported format verb '%c' in \"%.*s\" at offset %zu",
                                           verb->mode, (int)verb->size, verb->start, verb->offset);
        if (verb->width > HCL_VERB_WIDTH_MAX || verb->precision > HCL_VERB_WIDTH_MAX)
                return fail_value(formatting, verb, "a field of this width is not supported");
        if (verb->mode == 'v')
                return append_as_is(formatting, verb, value);
        if (hcl_value_is_null(value))
                return fail_value(formatting, verb, "null value cannot be formatted");
        return append_converted(formatting, verb, value);
}
