/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "hcl/number.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "hcl/value-internal.h"

enum {
        LIMB_BYTES = sizeof(mp_limb_t),
        /* Largest power of ten that is read, and longest text that is written: a short literal must
         * not turn into gigabytes. */
        EXPONENT_MAX = 1000000,
};

/* A number value of this precision, not set yet. */
static HclValue *new_number(mpfr_prec_t precision) {
        size_t limbs = mpfr_custom_get_size(precision);
        HclValue *value = hcl_value_alloc(HCL_KIND_NUMBER, sizeof(__mpfr_struct) + limbs);
        void *significand = (char *)&value->number + sizeof(__mpfr_struct);

        mpfr_custom_init(significand, precision);
        mpfr_custom_init_set(&value->number, MPFR_ZERO_KIND, 0, precision, significand);
        return value;
}

HclValue *hcl_value_int64(int64_t number) {
        HclValue *value = new_number(HCL_NUMBER_INT_PRECISION);

        mpfr_set_sj(&value->number, number, MPFR_RNDN);
        return value;
}

HclValue *hcl_value_double(double number) {
        HclValue *value = new_number(HCL_NUMBER_DOUBLE_PRECISION);

        g_assert(!isnan(number));
        mpfr_set_d(&value->number, number, MPFR_RNDN);
        return value;
}

HclValue *hcl_value_number(mpfr_srcptr x) {
        HclValue *value = new_number(mpfr_get_prec(x));

        g_assert(!mpfr_nan_p(x));
        mpfr_set(&value->number, x, MPFR_RNDN);
        return value;
}

mpfr_srcptr hcl_value_get_number(const HclValue *value) {
        g_assert(value->kind == HCL_KIND_NUMBER && value->state == STATE_KNOWN);
        return &value->number;
}

static size_t count_digits(const char *text) {
        size_t n = 0;

        while (g_ascii_isdigit(text[n]))
                n++;
        return n;
}

/* Whether text is a number as Go's big.Float reads one in base 10; ret_binary: the exponent is one
 * of two ("p"). */
static bool check_number(const char *text, bool *ret_binary) {
        size_t before, after = 0;

        *ret_binary = false;
        if (*text == '+' || *text == '-')
                text++;
        if (strcmp(text, "inf") == 0 || strcmp(text, "Inf") == 0)
                return true;
        text += before = count_digits(text);
        if (*text == '.') {
                text++;
                text += after = count_digits(text);
        }
        if (before + after == 0)
                return false;
        if (*text == '\0')
                return true;
        if (!strchr("eEpP", *text))
                return false;
        *ret_binary = g_ascii_tolower(*text) == 'p';
        text++;
        if (*text == '+' || *text == '-')
                text++;
        before = count_digits(text);
        return before > 0 && text[before] == '\0' && strtoul(text, NULL, 10) <= EXPONENT_MAX;
}

/* Short whole numbers are by far the most frequent ones. */
static bool parse_small(const char *text, size_t size, unsigned long *ret) {
        unsigned long number = 0;

        if (size == 0 || size > 18)
                return false;
        for (size_t i = 0; i < size; i++) {
                if (!g_ascii_isdigit(text[i]))
                        return false;
                number = number * 10 + (unsigned long)(text[i] - '0');
        }
        *ret = number;
        return true;
}

HclValue *hcl_value_number_parse(const char *text, gssize signed_size) {
        size_t size = signed_size < 0 ? strlen(text) : (size_t)signed_size;
        g_autofree char *copy = NULL;
        g_autoptr(HclValue) value = NULL;
        unsigned long small;
        bool binary;

        if (parse_small(text, size, &small)) {
                value = new_number(HCL_NUMBER_PRECISION);
                mpfr_set_ui(&value->number, small, MPFR_RNDN);
                return g_steal_pointer(&value);
        }
        if (size > HCL_NUMBER_DIGITS_MAX)
                return NULL;
        copy = g_strndup(text, size);
        if (strlen(copy) != size || !check_number(copy, &binary))
                return NULL;
        value = new_number(HCL_NUMBER_PRECISION);
        if (binary) {
                char *mark = strpbrk(copy, "pP");
                long exponent = strtol(mark + 1, NULL, 10);

                *mark = '\0';
                mpfr_strtofr(&value->number, copy, NULL, 10, MPFR_RNDN);
                mpfr_mul_2si(&value->number, &value->number, exponent, MPFR_RNDN);
        } else {
                mpfr_strtofr(&value->number, copy, NULL, 10, MPFR_RNDN);
        }
        return g_steal_pointer(&value);
}

/* A whole number of less than 63 bits, read off its bits. MPFR keeps 0.1xxx times two to the
 * exponent, the highest limb last; bits below the point must be zero. */
static bool read_small(mpfr_srcptr x, int64_t *ret) {
        const mp_limb_t *limbs = mpfr_custom_get_significand(x);
        size_t last = ((size_t)mpfr_get_prec(x) - 1) / GMP_NUMB_BITS;
        mpfr_exp_t exponent = mpfr_get_exp(x);
        int64_t whole;

        if (GMP_NUMB_BITS != 64 || exponent <= 0 || exponent > 62 || limbs[last] << exponent != 0)
                return false;
        for (size_t i = 0; i < last; i++)
                if (limbs[i] != 0)
                        return false;
        whole = (int64_t)(limbs[last] >> (64 - exponent));
        *ret = mpfr_signbit(x) ? -whole : whole;
        return true;
}

bool hcl_value_get_int64(const HclValue *value, int64_t *ret) {
        mpfr_srcptr x = hcl_value_get_number(value);

        if (mpfr_zero_p(x)) {
                *ret = 0;
                return true;
        }
        if (mpfr_regular_p(x) && read_small(x, ret))
                return true;
        if (!mpfr_integer_p(x) || !mpfr_fits_intmax_p(x, MPFR_RNDN))
                return false;
        *ret = mpfr_get_sj(x, MPFR_RNDN);
        return true;
}

double hcl_value_get_double(const HclValue *value) {
        return mpfr_get_d(hcl_value_get_number(value), MPFR_RNDN);
}

/* Whether the decimal 0.DIGITS times ten to the exponent lies as near to x as all that reads back
 * as x. Below a power of two, numbers lie closer together than above it; Go's math/big, after which
 * HCL writes its numbers, goes by those above on both sides. */
static bool reads_back(const char *digits, mpfr_exp_t exponent, mpfr_srcptr x) {
        const char *sign = *digits == '-' ? "-" : "";
        g_autofree char *text =
                g_strdup_printf("%s0.%se%ld", sign, digits + strlen(sign), (long)exponent);
        mpfr_t back;
        bool same;

        mpfr_init2(back, mpfr_get_prec(x));
        if (mpfr_min_prec(x) == 1) {
                mpfr_strtofr(back, text, NULL, 10, MPFR_RNDA);
                if (mpfr_cmpabs(back, x) <= 0)
                        mpfr_set_prec(back, mpfr_get_prec(x) - 1);
        }
        mpfr_strtofr(back, text, NULL, 10, MPFR_RNDN);
        same = mpfr_equal_p(back, x);
        mpfr_clear(back);
        return same;
}

/* The fewest digits that read back as x. If n digits do, more do as well, so n is searched for by
 * halves. */
static char *shortest_digits(mpfr_srcptr x, mpfr_exp_t *ret_exponent) {
        size_t low = 1, high = mpfr_get_str_ndigits(10, mpfr_get_prec(x));

        while (low < high) {
                size_t middle = low + (high - low) / 2;
                char *digits = mpfr_get_str(NULL, ret_exponent, 10, middle, x, MPFR_RNDN);

                if (reads_back(digits, *ret_exponent, x))
                        high = middle;
                else
                        low = middle + 1;
                mpfr_free_str(digits);
        }
        return mpfr_get_str(NULL, ret_exponent, 10, low, x, MPFR_RNDN);
}

/* 0.DIGITS times ten to the exponent, written without an exponent. */
static char *plain_notation(const char *digits, mpfr_exp_t exponent) {
        g_autoptr(GString) out = g_string_new(NULL);
        size_t n;

        if (*digits == '-')
                g_string_append_c(out, *digits++);
        n = strlen(digits);
        while (n > 1 && digits[n - 1] == '0')
                n--;
        if (exponent <= 0) {
                g_string_append(out, "0.");
                for (mpfr_exp_t i = exponent; i < 0; i++)
                        g_string_append_c(out, '0');
                g_string_append_len(out, digits, (gssize)n);
        } else if ((size_t)exponent >= n) {
                g_string_append_len(out, digits, (gssize)n);
                for (size_t i = n; i < (size_t)exponent; i++)
                        g_string_append_c(out, '0');
        } else {
                g_string_append_len(out, digits, (gssize)exponent);
                g_string_append_c(out, '.');
                g_string_append_len(out, digits + exponent, (gssize)n - (gssize)exponent);
        }
        return g_string_free(g_steal_pointer(&out), FALSE);
}

bool hcl_value_number_has_text(const HclValue *value) {
        mpfr_srcptr x = hcl_value_get_number(value);

        /* log2(10) is a little over 3.3 */
        return !mpfr_regular_p(x) || labs(mpfr_get_exp(x)) <= (long)EXPONENT_MAX * 4;
}

static char *int64_text(int64_t number) {
        char text[24], *at = text + sizeof text - 1;
        uint64_t rest = number < 0 ? -(uint64_t)number : (uint64_t)number;

        *at = '\0';
        do
                *--at = (char)('0' + rest % 10);
        while ((rest /= 10) > 0);
        if (number < 0)
                *--at = '-';
        return g_strdup(at);
}

char *hcl_value_number_text(const HclValue *value) {
        mpfr_srcptr x = hcl_value_get_number(value);
        mpfr_exp_t exponent;
        char *digits, *text;
        int64_t whole;

        if (mpfr_inf_p(x))
                return g_strdup(mpfr_signbit(x) ? "-Inf" : "+Inf");
        if (mpfr_zero_p(x))
                return g_strdup(mpfr_signbit(x) ? "-0" : "0");
        if (mpfr_get_exp(x) <= MIN(mpfr_get_prec(x), 62) && hcl_value_get_int64(value, &whole))
                return int64_text(whole);
        if (!hcl_value_number_has_text(value))
                return g_strdup(mpfr_get_exp(x) < 0 ? "0" : mpfr_signbit(x) ? "-Inf" : "+Inf");
        digits = shortest_digits(x, &exponent);
        text = plain_notation(digits, exponent);
        mpfr_free_str(digits);
        return text;
}

/* What an operation works at. */
static mpfr_prec_t larger_precision(const HclValue *a, const HclValue *b) {
        return MAX(mpfr_get_prec(&a->number), mpfr_get_prec(&b->number));
}

/* The result, or NULL where there is none. */
static HclValue *checked(HclValue *value) {
        if (!mpfr_nan_p(&value->number))
                return value;
        hcl_value_unref(value);
        return NULL;
}

HclValue *hcl_number_add(const HclValue *a, const HclValue *b) {
        HclValue *sum = new_number(larger_precision(a, b));

        mpfr_add(&sum->number, &a->number, &b->number, MPFR_RNDN);
        return checked(sum);
}

HclValue *hcl_number_subtract(const HclValue *a, const HclValue *b) {
        HclValue *difference = new_number(larger_precision(a, b));

        mpfr_sub(&difference->number, &a->number, &b->number, MPFR_RNDN);
        return checked(difference);
}

/* A product keeps all bits that it needs, up to 512. */
HclValue *hcl_number_multiply(const HclValue *a, const HclValue *b) {
        HclValue *wide = new_number(HCL_NUMBER_PRECISION), *product;
        mpfr_prec_t precision;

        mpfr_mul(&wide->number, &a->number, &b->number, MPFR_RNDN);
        precision = MAX(larger_precision(a, b), (mpfr_prec_t)mpfr_min_prec(&wide->number));
        if (precision == HCL_NUMBER_PRECISION || mpfr_nan_p(&wide->number))
                return checked(wide);
        product = new_number(precision);
        mpfr_set(&product->number, &wide->number, MPFR_RNDN);
        hcl_value_unref(wide);
        return product;
}

HclValue *hcl_number_divide(const HclValue *a, const HclValue *b) {
        HclValue *quotient = new_number(larger_precision(a, b));

        mpfr_div(&quotient->number, &a->number, &b->number, MPFR_RNDN);
        return checked(quotient);
}

/* a - b * trunc(a / b), each step rounded, as cty computes it. */
HclValue *hcl_number_modulo(const HclValue *a, const HclValue *b) {
        g_autoptr(HclValue) quotient = NULL;
        HclValue *rest;

        if (mpfr_zero_p(&b->number))
                return hcl_value_number(&a->number);
        if (!mpfr_number_p(&a->number) || !mpfr_number_p(&b->number))
                return NULL;
        quotient = hcl_number_divide(a, b);
        rest = new_number(mpfr_get_prec(&a->number));
        mpfr_trunc(&quotient->number, &quotient->number);
        if (mpfr_zero_p(&quotient->number))
                mpfr_set_zero(&quotient->number, 1); /* an integer has no negative zero */
        mpfr_set(&rest->number, &quotient->number, MPFR_RNDN);
        mpfr_mul(&rest->number, &b->number, &rest->number, MPFR_RNDN);
        mpfr_sub(&rest->number, &a->number, &rest->number, MPFR_RNDN);
        return checked(rest);
}

HclValue *hcl_number_negate(const HclValue *a) {
        HclValue *negative = new_number(mpfr_get_prec(&a->number));

        mpfr_neg(&negative->number, &a->number, MPFR_RNDN);
        return negative;
}

int hcl_number_compare(const HclValue *a, const HclValue *b) {
        return mpfr_cmp(&a->number, &b->number);
}
