/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "hcl/functions-impl.h"

#include <string.h>

enum {
        WIDTH_MAX = 1000000, /* of a field, and of the digits asked for; as in Go's fmt */
};

/* One `%...x` of a format. */
typedef struct {
        const char *start; /* at the '%' */
        size_t size;       /* up to and with the mode */
        size_t offset;     /* of '%' in the format */
        size_t argument;   /* from 1 */
        char mode;
        bool zero, sharp, plus, minus, space;
        bool has_width, has_precision;
        size_t width, precision;
} Verb;

typedef struct {
        HclCall *call;
        HclValue *const *args; /* what the verbs refer to */
        size_t n_args;
        GString *out;
        char *error; /* what went wrong, to stand in a message */
} Formatting;

static bool fail(Formatting *formatting, const char *format, ...) G_GNUC_PRINTF(2, 3);
static bool fail(Formatting *formatting, const char *format, ...) {
        va_list args;

        va_start(args, format);
        formatting->error = g_strdup_vprintf(format, args);
        va_end(args);
        return false;
}

static bool fail_value(Formatting *formatting, const Verb *verb, const char *why) {
        return fail(formatting, "unsupported value for \"%.*s\" at %zu: %s", (int)verb->size,
                    verb->start, verb->offset, why);
}

/* Appends text in a field of the verb's width, counted in grapheme clusters. */
static void append_padded(Formatting *formatting, const Verb *verb, const char *text, size_t size) {
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
static void append_number_field(Formatting *formatting, const Verb *verb, const char *sign,
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

static const char *sign_of(const Verb *verb, bool negative) {
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

static bool append_integer(Formatting *formatting, const Verb *verb, const HclValue *value) {
        mpfr_srcptr number = hcl_value_get_number(value);
        g_autofree char *digits = NULL;
        g_autofree char *all = NULL;
        const char *prefix = "";
        size_t length;

        if (!mpfr_integer_p(number))
                return fail_value(formatting, verb, "an integer is required");
        if (!mpfr_zero_p(number) && mpfr_get_exp(number) > WIDTH_MAX)
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
static char *float_digits(const Verb *verb, const HclValue *value) {
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

static bool append_float(Formatting *formatting, const Verb *verb, const HclValue *value) {
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
        if (!mpfr_zero_p(number) && ABS(mpfr_get_exp(number)) > WIDTH_MAX)
                return fail_value(formatting, verb, "the number is too large or too small");
        digits = float_digits(verb, value);
        append_number_field(formatting, verb, sign, "", digits, true);
        return true;
}

/* ---- The other values ---- */

static bool append_json(Formatting *formatting, const Verb *verb, const HclValue *value) {
        g_autoptr(GString) json = g_string_new(NULL);

        if (!hcl_value_to_json(value, HCL_JSON_ESCAPE_HTML, json))
                return fail_value(formatting, verb, "cannot serialize infinity as JSON");
        append_padded(formatting, verb, json->str, json->len);
        return true;
}

/* %v: strings and numbers as they are, all else as JSON. */
static bool append_as_is(Formatting *formatting, const Verb *verb, const HclValue *value) {
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

static bool append_string(Formatting *formatting, const Verb *verb, HclValue *value) {
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

static bool append_converted(Formatting *formatting, const Verb *verb, HclValue *value) {
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

static bool append_verb(Formatting *formatting, const Verb *verb) {
        HclValue *value;

        if (verb->argument > formatting->n_args)
                return fail(formatting,
                            "not enough arguments for \"%.*s\" at %zu: need index %zu but have "
                            "%zu total",
                            (int)verb->size, verb->start, verb->offset, verb->argument,
                            formatting->n_args);
        value = formatting->args[verb->argument - 1];
        if (strchr("vtbdoxXeEfgGsq", verb->mode) == NULL)
                return fail(formatting, "unsupported format verb '%c' in \"%.*s\" at offset %zu",
                            verb->mode, (int)verb->size, verb->start, verb->offset);
        if (verb->width > WIDTH_MAX || verb->precision > WIDTH_MAX)
                return fail_value(formatting, verb, "a field of this width is not supported");
        if (verb->mode == 'v')
                return append_as_is(formatting, verb, value);
        if (hcl_value_is_null(value))
                return fail_value(formatting, verb, "null value cannot be formatted");
        return append_converted(formatting, verb, value);
}

/* ---- The format ---- */

static size_t read_number(const char *text, size_t size, size_t *i) {
        size_t number = 0;

        while (*i < size && g_ascii_isdigit(text[*i])) {
                number = MIN(number * 10 + (size_t)(text[*i] - '0'), 10 * (size_t)WIDTH_MAX);
                (*i)++;
        }
        return number;
}

static void read_flags(const char *text, size_t size, size_t *i, Verb *verb) {
        for (; *i < size; (*i)++) {
                switch (text[*i]) {
                case '0':
                        verb->zero = true;
                        break;
                case '#':
                        verb->sharp = true;
                        break;
                case '-':
                        verb->minus = true;
                        break;
                case '+':
                        verb->plus = true;
                        break;
                case ' ':
                        verb->space = true;
                        break;
                default:
                        return;
                }
        }
}

/* Reads `[n]`; false if it is none. */
static bool read_index(const char *text, size_t size, size_t *i, Verb *verb) {
        (*i)++;
        if (*i >= size || text[*i] < '1' || text[*i] > '9')
                return false;
        verb->argument = read_number(text, size, i);
        if (*i >= size || text[*i] != ']')
                return false;
        (*i)++;
        return true;
}

/* Reads a verb whose '%' is at *i, which is moved behind it. */
static bool read_verb(Formatting *formatting, const char *text, size_t size, size_t *i,
                      size_t next_argument, Verb *verb) {
        bool valid = true;

        *verb = (Verb){.start = text + *i, .offset = *i, .argument = next_argument};
        (*i)++;
        read_flags(text, size, i, verb);
        if (*i < size && g_ascii_isdigit(text[*i])) {
                verb->has_width = true;
                verb->width = read_number(text, size, i);
        }
        if (*i < size && text[*i] == '.') {
                (*i)++;
                verb->has_precision = true;
                verb->precision = read_number(text, size, i);
        }
        if (*i < size && text[*i] == '[')
                valid = read_index(text, size, i, verb);
        if (*i >= size)
                return fail(formatting, "invalid format string starting at offset %zu", size);
        if (!valid || !g_ascii_isalpha(text[*i]))
                return fail(formatting, "unrecognized format character '%.*s' at offset %zu",
                            (int)g_utf8_skip[(unsigned char)text[*i]], text + *i, *i);
        verb->mode = text[(*i)++];
        verb->size = (size_t)(text + *i - verb->start);
        return true;
}

/* Appends all of a format to formatting->out; false with formatting->error set. */
static bool format_all(Formatting *formatting, HclValue *format) {
        size_t size, i = 0, next = 1, highest = 0;
        const char *text = hcl_value_text(format, &size);

        while (i < size) {
                Verb verb;

                if (formatting->out->len > HCL_RESULT_MAX)
                        return fail(formatting, "the result is too large");
                if (text[i] != '%') {
                        g_string_append_c(formatting->out, text[i++]);
                        continue;
                }
                if (i + 1 < size && text[i + 1] == '%') {
                        g_string_append_c(formatting->out, '%');
                        i += 2;
                        continue;
                }
                if (!read_verb(formatting, text, size, &i, next, &verb) ||
                    !append_verb(formatting, &verb))
                        return false;
                highest = MAX(highest, verb.argument);
                next = verb.argument + 1;
        }
        if (highest == 0 && formatting->n_args > 0)
                return fail(formatting, "too many arguments; no verbs in format string");
        if (highest < formatting->n_args)
                return fail(formatting, "too many arguments; only %zu used by format string",
                            highest);
        return true;
}

static HclValue *format_once(Formatting *formatting, HclValue *format) {
        formatting->out = g_string_new(NULL);
        if (format_all(formatting, format))
                return hcl_value_take_string(formatting->out);
        g_string_free(formatting->out, TRUE);
        return NULL;
}

static HclValue *call_format(HclCall *call, HclValue *const *args, size_t n_args) {
        Formatting formatting = {.call = call, .args = args + 1, .n_args = n_args - 1};
        HclValue *result = format_once(&formatting, args[0]);

        if (result == NULL)
                hcl_call_fail(call, -1, "%s", formatting.error);
        g_free(formatting.error);
        return result;
}

/* ---- formatlist ---- */

static bool is_sequence(const HclValue *value) {
        HclKind kind = hcl_value_kind(value);

        return !hcl_value_is_null(value) &&
               (kind == HCL_KIND_LIST || kind == HCL_KIND_SET || kind == HCL_KIND_TUPLE);
}

/* How many results: the length of the sequences, which must agree; 1 if there are none. */
static bool count_results(HclCall *call, HclValue *const *args, size_t n_args, size_t *ret) {
        size_t chooser = 0;

        *ret = 1;
        for (size_t i = 1; i < n_args; i++) {
                if (!is_sequence(args[i]))
                        continue;
                if (chooser == 0) {
                        chooser = i;
                        *ret = hcl_value_length(args[i]);
                } else if (hcl_value_length(args[i]) != *ret) {
                        hcl_call_fail(call, (int)i,
                                      "argument %zu has length %zu, which is inconsistent with "
                                      "argument %zu of length %zu",
                                      i, hcl_value_length(args[i]), chooser, *ret);
                        return false;
                }
        }
        return true;
}

static HclValue *call_formatlist(HclCall *call, HclValue *const *args, size_t n_args) {
        g_autoptr(GPtrArray) results = hcl_value_array_new();
        g_autofree HclValue **row = g_new0(HclValue *, n_args);
        size_t count, total = 0;

        if (!count_results(call, args, n_args, &count))
                return NULL;
        for (size_t i = 0; i < count; i++) {
                Formatting formatting = {.call = call, .args = row, .n_args = n_args - 1};
                HclValue *result;
                size_t size;

                for (size_t j = 1; j < n_args; j++)
                        row[j - 1] = is_sequence(args[j]) ? hcl_value_element(args[j], i) : args[j];
                result = format_once(&formatting, args[0]);
                if (result == NULL) {
                        hcl_call_fail(call, -1, "error on format iteration %zu: %s", i,
                                      formatting.error);
                        g_free(formatting.error);
                        return NULL;
                }
                g_ptr_array_add(results, result);
                hcl_value_text(result, &size);
                total += size;
                if (total > HCL_RESULT_MAX)
                        return hcl_call_fail(call, -1, "the result is too large");
        }
        return hcl_value_list_of_strings(results);
}

static const HclParameter one_format[] = {{"format", &hcl_type_string}};
static const HclParameter arguments = {"args", &hcl_type_dynamic, .allow_null = true};

/* clang-format off */
HCL_FUNCTION_TABLE(hcl_functions_format,
        {"format", HCL_PARAMETERS(one_format), .variadic = &arguments, .call = call_format},
        {"formatlist", HCL_PARAMETERS(one_format), .variadic = &arguments, .call = call_formatlist});
/* clang-format on */
