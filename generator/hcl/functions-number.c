/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "hcl/functions-impl.h"

#include <math.h>
#include <string.h>

static HclValue *call_abs(HclCall *call, HclValue *const *args, size_t n_args) {
        return mpfr_signbit(hcl_value_get_number(args[0])) ? hcl_number_negate(args[0])
                                                           : hcl_value_ref(args[0]);
}

/* A number of the precision of the argument, rounded to a whole one, of which zero has no sign. */
static HclValue *round_with(const HclValue *value, int (*round)(mpfr_t, mpfr_srcptr)) {
        mpfr_srcptr number = hcl_value_get_number(value);
        HclValue *result;
        mpfr_t whole;

        mpfr_init2(whole, mpfr_get_prec(number));
        round(whole, number);
        if (mpfr_zero_p(whole))
                mpfr_set_zero(whole, 1);
        result = hcl_value_number(whole);
        mpfr_clear(whole);
        return result;
}

static int round_up(mpfr_t result, mpfr_srcptr number) {
        return mpfr_ceil(result, number);
}

static int round_down(mpfr_t result, mpfr_srcptr number) {
        return mpfr_floor(result, number);
}

static HclValue *call_ceil(HclCall *call, HclValue *const *args, size_t n_args) {
        return round_with(args[0], round_up);
}

static HclValue *call_floor(HclCall *call, HclValue *const *args, size_t n_args) {
        return round_with(args[0], round_down);
}

/* The nearest double, which may be an infinity only if the number is one. */
static bool get_double(HclCall *call, HclValue *const *args, int arg, double *ret) {
        double number = hcl_value_get_double(args[arg]);

        if (isinf(number) && !mpfr_inf_p(hcl_value_get_number(args[arg]))) {
                hcl_call_fail(call, arg, "the number is too large for this function");
                return false;
        }
        *ret = number;
        return true;
}

static HclValue *double_result(HclCall *call, double number) {
        if (isnan(number))
                return hcl_call_fail(call, -1, "the result is not a number");
        return hcl_value_double(number);
}

/* The natural logarithm as Go computes it, so that the last digit agrees: x = 2^k * (1 + f) with f
 * near 0, and log(1 + f) by a polynomial in s = f / (2 + f).
 * Source: the method and the coefficients are those of fdlibm's e_log.c. */
static double go_log(double x) {
        static const double odd[] = {6.666666666666735130e-01, 2.857142874366239149e-01,
                                     1.818357216161805012e-01, 1.479819860511658591e-01};
        static const double even[] = {3.999999999940941908e-01, 2.222219843214978396e-01,
                                      1.531383769920937332e-01};
        static const double ln2_high = 6.93147180369123816490e-01;
        static const double ln2_low = 1.90821492927058770002e-10;
        double fraction, f, s, s2, s4, rest, half;
        int exponent;

        if (!isfinite(x) || x <= 0)
                return log(x);
        fraction = frexp(x, &exponent);
        if (fraction < M_SQRT1_2) {
                fraction *= 2;
                exponent--;
        }
        f = fraction - 1;
        s = f / (2 + f);
        s2 = s * s;
        s4 = s2 * s2;
        rest = s2 * (odd[0] + s4 * (odd[1] + s4 * (odd[2] + s4 * odd[3]))) +
               s4 * (even[0] + s4 * (even[1] + s4 * even[2]));
        half = 0.5 * f * f;
        return exponent * ln2_high - ((half - (s * (half + rest) + exponent * ln2_low)) - f);
}

static HclValue *call_log(HclCall *call, HclValue *const *args, size_t n_args) {
        double number, base;

        if (!get_double(call, args, 0, &number) || !get_double(call, args, 1, &base))
                return NULL;
        return double_result(call, go_log(number) / go_log(base));
}

/* x^n for a whole n >= 0 by squaring, with the exponent kept apart, times `start`; 1 divided by it
 * where `inverse` is set. */
static double whole_power(double x, int64_t n, double start, bool inverse) {
        int exponent;
        int64_t total = 0, square;
        double factor = frexp(x, &exponent), result = start;

        for (square = exponent; n != 0; n >>= 1) {
                if (square < -(1 << 12) || square > 1 << 12) {
                        /* Overflow or underflow is certain, and so is which of them. */
                        total += square;
                        break;
                }
                if (n & 1) {
                        result *= factor;
                        total += square;
                }
                factor *= factor;
                square *= 2;
                if (factor < 0.5) {
                        factor += factor;
                        square--;
                }
        }
        total = CLAMP(total, -100000, 100000);
        return inverse ? ldexp(1 / result, (int)-total) : ldexp(result, (int)total);
}

/* e^x as Go computes it on amd64 with fused multiplication: x = n ln 2 + 16 r, and e^r - 1 by its
 * series, of which the square of e^r four times makes e^(16 r). Only for results that are neither
 * subnormal nor too large.
 * Source: the method is that of Shibata, Efficient evaluation methods of elementary functions
 * suitable for SIMD computation, 2010. */
static double go_exp(double x) {
        static const double ln2_high = 0.69314718055966295651160180568695068359375;
        static const double ln2_low = 0.28235290563031577122588448175013436025525412068e-12;
        static const double series[] = {1.0 / 5040, 1.0 / 720, 1.0 / 120, 1.0 / 24,
                                        1.0 / 6,    0.5,       1};
        double n = nearbyint(x * M_LOG2E);
        double r = 0.0625 * fma(-ln2_low, n, fma(-ln2_high, n, x));
        double sum = 1.0 / 40320;

        for (size_t i = 0; i < G_N_ELEMENTS(series); i++)
                sum = fma(sum, r, series[i]);
        r *= sum;
        for (int i = 0; i < 3; i++) /* (e^r - 1) (e^r + 1) = e^2r - 1 */
                r *= r + 2;
        return ldexp(fma(r, r + 2, 1), (int)n);
}

/* pow() as Go computes it: the whole part of the power by squaring, the rest by exp() and log().
 * Its last digits are not those of the C library, which rounds better. */
static double go_pow(double x, double power) {
        double whole, rest = modf(fabs(power), &whole), start = 1;

        if (x == 0 || x == 1 || power == 0 || !isfinite(x) || !isfinite(power) || whole >= 0x1p62 ||
            (rest != 0 && x < 0))
                return pow(x, power);
        if (power == 0.5 || power == -0.5)
                return power > 0 ? sqrt(x) : 1 / sqrt(x);
        if (rest > 0.5) {
                rest--;
                whole++;
        }
        if (rest != 0)
                start = go_exp(rest * go_log(x));
        return whole_power(x, (int64_t)whole, start, power < 0);
}

static HclValue *call_pow(HclCall *call, HclValue *const *args, size_t n_args) {
        double number, power;

        if (!get_double(call, args, 0, &number) || !get_double(call, args, 1, &power))
                return NULL;
        return double_result(call, go_pow(number, power));
}

static HclValue *extreme(HclCall *call, HclValue *const *args, size_t n_args, int sign) {
        HclValue *found;

        if (n_args == 0)
                return hcl_call_fail(call, -1, "must pass at least one number");
        found = args[0];
        for (size_t i = 1; i < n_args; i++) {
                if (hcl_number_compare(args[i], found) * sign > 0)
                        found = args[i];
        }
        return hcl_value_ref(found);
}

static HclValue *call_max(HclCall *call, HclValue *const *args, size_t n_args) {
        return extreme(call, args, n_args, 1);
}

static HclValue *call_min(HclCall *call, HclValue *const *args, size_t n_args) {
        return extreme(call, args, n_args, -1);
}

static HclValue *call_signum(HclCall *call, HclValue *const *args, size_t n_args) {
        int64_t number;

        if (!hcl_call_get_int(call, args, 0, &number))
                return NULL;
        return hcl_value_int64((number > 0) - (number < 0));
}

/* What a digit stands for: up to base 36 letters of either case are 10 to 35; above, lower case is
 * 10 to 35 and upper case 36 to 61. -1: no digit. */
static int digit_value(char digit, int64_t base) {
        int value = -1;

        if (g_ascii_isdigit(digit))
                value = digit - '0';
        else if (g_ascii_islower(digit))
                value = digit - 'a' + 10;
        else if (g_ascii_isupper(digit))
                value = digit - 'A' + (base <= 36 ? 10 : 36);
        return value < base ? value : -1;
}

/* As precise as a whole number needs, but not less than an integer. */
static HclValue *exact_integer(mpfr_t number) {
        mpfr_prec_t bits = mpfr_zero_p(number) ? 1 : mpfr_get_exp(number);
        HclValue *result;
        mpfr_t exact;

        mpfr_init2(exact, MAX(bits, HCL_NUMBER_INT_PRECISION));
        mpfr_set(exact, number, MPFR_RNDN);
        result = hcl_value_number(exact);
        mpfr_clear(exact);
        return result;
}

static HclValue *parse_digits(HclCall *call, const char *text, size_t size, int64_t base) {
        bool negative = size > 0 && text[0] == '-';
        size_t start = size > 0 && (text[0] == '-' || text[0] == '+') ? 1 : 0;
        bool valid = size > start && size <= HCL_NUMBER_DIGITS_MAX;
        HclValue *result = NULL;
        mpfr_t number;

        mpfr_init2(number, (mpfr_prec_t)(MIN(size, HCL_NUMBER_DIGITS_MAX) * 6 + 64));
        mpfr_set_zero(number, 1);
        for (size_t i = start; valid && i < size; i++) {
                int digit = digit_value(text[i], base);

                valid = digit >= 0;
                mpfr_mul_ui(number, number, (unsigned long)base, MPFR_RNDN);
                mpfr_add_si(number, number, digit, MPFR_RNDN);
        }
        if (negative && !mpfr_zero_p(number))
                mpfr_neg(number, number, MPFR_RNDN);
        if (valid)
                result = exact_integer(number);
        mpfr_clear(number);
        if (valid)
                return result;
        return hcl_call_fail(call, 0, "cannot parse \"%s\" as a base %d integer", text, (int)base);
}

static HclValue *call_parseint(HclCall *call, HclValue *const *args, size_t n_args) {
        g_autofree char *kind = NULL;
        const char *text;
        int64_t base;
        size_t size;

        if (hcl_value_kind(args[0]) != HCL_KIND_STRING) {
                g_autoptr(HclTypeConst) type = hcl_value_type(args[0]);

                kind = hcl_type_name(type);
                return hcl_call_fail(call, 0, "first argument must be a string, not %s", kind);
        }
        if (!hcl_value_get_int64(args[1], &base) || base < 2 || base > 62)
                return hcl_call_fail(call, 1,
                                     "base must be a whole number between 2 and 62 inclusive");
        text = hcl_arg_text(args, 0, &size);
        return parse_digits(call, text, size, base);
}

static const HclParameter one_number[] = {{"num", &hcl_type_number}};
static const HclParameter number_and_base[] = {{"num", &hcl_type_number},
                                               {"base", &hcl_type_number}};
static const HclParameter number_and_power[] = {{"num", &hcl_type_number},
                                                {"power", &hcl_type_number}};
static const HclParameter numbers = {"numbers", &hcl_type_number};
static const HclParameter text_and_base[] = {{"number", &hcl_type_dynamic},
                                             {"base", &hcl_type_number}};

/* clang-format off */
HCL_FUNCTION_TABLE(hcl_functions_number,
        {"abs", HCL_PARAMETERS(one_number), .call = call_abs},
        {"ceil", HCL_PARAMETERS(one_number), .call = call_ceil},
        {"floor", HCL_PARAMETERS(one_number), .call = call_floor},
        {"log", HCL_PARAMETERS(number_and_base), .call = call_log},
        {"max", .variadic = &numbers, .call = call_max},
        {"min", .variadic = &numbers, .call = call_min},
        {"parseint", HCL_PARAMETERS(text_and_base), .call = call_parseint},
        {"pow", HCL_PARAMETERS(number_and_power), .call = call_pow},
        {"signum", HCL_PARAMETERS(one_number), .call = call_signum});
/* clang-format on */
