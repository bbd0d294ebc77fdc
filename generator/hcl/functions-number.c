/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "hcl/functions-impl.h"

#include <math.h>
#include <string.h>

static HclValue *call_abs(HclCall *call, HclValue *const *args, size_t n_args) {
        return mpfr_signbit(hcl_value_get_number(args[0])) ? hcl_number_negate(args[0])
                                                           : hcl_value_ref(args[0]);
}

/* A number of the precision of the argument, rounded to a whole one. */
static HclValue *round_with(const HclValue *value, int (*round)(mpfr_t, mpfr_srcptr)) {
        mpfr_srcptr number = hcl_value_get_number(value);
        HclValue *result;
        mpfr_t whole;

        mpfr_init2(whole, mpfr_get_prec(number));
        round(whole, number);
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

static HclValue *call_log(HclCall *call, HclValue *const *args, size_t n_args) {
        double number, base;

        if (!get_double(call, args, 0, &number) || !get_double(call, args, 1, &base))
                return NULL;
        return double_result(call, log(number) / log(base));
}

static HclValue *call_pow(HclCall *call, HclValue *const *args, size_t n_args) {
        double number, power;

        if (!get_double(call, args, 0, &number) || !get_double(call, args, 1, &power))
                return NULL;
        return double_result(call, pow(number, power));
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
