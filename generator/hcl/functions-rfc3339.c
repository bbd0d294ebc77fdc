/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "hcl/functions-time.h"

#include <glib.h>
#include <string.h>

enum {
        DAY_SECONDS = 24 * 60 * 60,
        DAYS_OF_400_YEARS = 146097,
};

/* ---- Calendar (proleptic Gregorian) ---- */

static bool is_leap(int64_t year) {
        return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

int hcl_time_days_in_month(int64_t year, int month) {
        static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

        return days[month - 1] + (month == 2 && is_leap(year) ? 1 : 0);
}

static int64_t floor_divide(int64_t a, int64_t b) {
        return a / b - (a % b < 0 ? 1 : 0);
}

/* Counts in years that begin with March, so that the leap day is the last one. */
int64_t hcl_time_days(int64_t year, int month, int day) {
        int64_t march_year = month > 2 ? year : year - 1;
        int64_t era = floor_divide(march_year, 400);
        int64_t year_of_era = march_year - era * 400;
        int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;

        return era * DAYS_OF_400_YEARS + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 +
               day_of_year - 719468; /* days from 0000-03-01 to 1970-01-01 */
}

/* The inverse of hcl_time_days(). */
static void date_of_days(int64_t days, HclTimeFields *fields) {
        int64_t since = days + 719468;
        int64_t era = floor_divide(since, DAYS_OF_400_YEARS);
        int64_t day_of_era = since - era * DAYS_OF_400_YEARS;
        int64_t year_of_era =
                (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
        int64_t day_of_year =
                day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        int64_t march_month = (5 * day_of_year + 2) / 153;

        fields->day = (int)(day_of_year - (153 * march_month + 2) / 5 + 1);
        fields->month = (int)(march_month < 10 ? march_month + 3 : march_month - 9);
        fields->year = year_of_era + era * 400 + (fields->month <= 2 ? 1 : 0);
}

HclTimeFields hcl_time_fields(const HclTime *time) {
        int64_t local = time->seconds + time->offset;
        int64_t days = floor_divide(local, DAY_SECONDS);
        int rest = (int)(local - days * DAY_SECONDS);
        HclTimeFields fields = {.hour = rest / 3600,
                                .minute = rest / 60 % 60,
                                .second = rest % 60,
                                .offset = time->offset};
        int64_t weekday = (days + 4) % 7; /* 1970-01-01 was a Thursday */

        fields.weekday = (int)(weekday < 0 ? weekday + 7 : weekday);
        date_of_days(days, &fields);
        return fields;
}

/* ---- RFC 3339 ---- */

/* n digits at `at`, as a number between min and max; -1 if they are not. */
static int read_digits(const char *text, size_t size, size_t at, size_t n, int min, int max) {
        int number = 0;

        if (at + n > size)
                return -1;
        for (size_t i = 0; i < n; i++) {
                if (!g_ascii_isdigit(text[at + i]))
                        return -1;
                number = number * 10 + (text[at + i] - '0');
        }
        return number < min || number > max ? -1 : number;
}

static bool has(const char *text, size_t size, size_t at, char c) {
        return at < size && text[at] == c;
}

/* Reads "2006-01-02T15:04:05" as seconds since 1970. */
static const char *read_date_and_time(const char *text, size_t size, int64_t *ret_seconds) {
        int year = read_digits(text, size, 0, 4, 0, 9999);
        int month = read_digits(text, size, 5, 2, 1, 12);
        int day = read_digits(text, size, 8, 2, 1,
                              year < 0 || month < 0 ? 31 : hcl_time_days_in_month(year, month));
        int hour = read_digits(text, size, 11, 2, 0, 23);
        int minute = read_digits(text, size, 14, 2, 0, 59);
        int second = read_digits(text, size, 17, 2, 0, 59);

        if (year < 0)
                return "it must begin with a year of four digits";
        if (!has(text, size, 4, '-') || !has(text, size, 7, '-'))
                return "year, month and day must be separated by '-'";
        if (month < 0)
                return "the month must be two digits between 01 and 12";
        if (day < 0)
                return "the day must be two digits and exist in that month";
        if (!has(text, size, 10, 'T'))
                return "missing required time introducer 'T'";
        if (hour < 0)
                return "hour must be two digits between 00 and 23";
        if (!has(text, size, 13, ':') || !has(text, size, 16, ':'))
                return "hour, minute and second must be separated by ':'";
        if (minute < 0 || second < 0)
                return "minute and second must be two digits between 00 and 59";
        *ret_seconds =
                hcl_time_days(year, month, day) * DAY_SECONDS + hour * 3600 + minute * 60 + second;
        return NULL;
}

/* Reads ".123" at *i; more than nine digits are cut. */
static int32_t read_fraction(const char *text, size_t size, size_t *i) {
        int32_t nanoseconds = 0;
        size_t digits = 0;

        if (!has(text, size, *i, '.') || *i + 1 >= size || !g_ascii_isdigit(text[*i + 1]))
                return 0;
        for ((*i)++; *i < size && g_ascii_isdigit(text[*i]); (*i)++) {
                if (digits++ < 9)
                        nanoseconds = nanoseconds * 10 + (text[*i] - '0');
        }
        for (; digits < 9; digits++)
                nanoseconds *= 10;
        return nanoseconds;
}

const char *hcl_time_parse(const char *text, size_t size, HclTime *ret) {
        HclTime time = {0};
        size_t i = strlen("2006-01-02T15:04:05");
        const char *why = read_date_and_time(text, size, &time.seconds);
        int hours, minutes;

        if (why != NULL)
                return why;
        time.nanoseconds = read_fraction(text, size, &i);
        if (!(i + 1 == size && text[i] == 'Z')) {
                hours = read_digits(text, size, i + 1, 2, 0, 23);
                minutes = read_digits(text, size, i + 4, 2, 0, 59);
                if (i + 6 != size || (text[i] != '+' && text[i] != '-') || hours < 0 ||
                    minutes < 0 || text[i + 3] != ':')
                        return "it must end with 'Z' or an offset such as '+01:00'";
                time.offset = (hours * 60 + minutes) * 60 * (text[i] == '-' ? -1 : 1);
                time.seconds -= time.offset;
        }
        *ret = time;
        return NULL;
}

/* ---- Durations ---- */

/* Nanoseconds of a unit at the start of a text, and its size; 0: there is none of that name. */
static uint64_t read_unit(const char *text, size_t size, size_t *ret_size) {
        static const struct {
                const char *name;
                uint64_t nanoseconds;
        } units[] = {
                {"ns", 1},
                {"us", 1000},
                {"\xC2\xB5s", 1000}, /* U+00B5 micro sign */
                {"\xCE\xBCs", 1000}, /* U+03BC Greek letter mu */
                {"ms", 1000000},
                {"s", 1000000000},
                {"m", 60 * UINT64_C(1000000000)},
                {"h", 3600 * UINT64_C(1000000000)},
        };
        size_t n = 0;

        while (n < size && text[n] != '.' && !g_ascii_isdigit(text[n]))
                n++;
        for (size_t i = 0; i < G_N_ELEMENTS(units); i++) {
                if (strlen(units[i].name) == n && memcmp(text, units[i].name, n) == 0) {
                        *ret_size = n;
                        return units[i].nanoseconds;
                }
        }
        return 0;
}

static bool add_digit(uint64_t *number, char digit) {
        return !__builtin_mul_overflow(*number, UINT64_C(10), number) &&
               !__builtin_add_overflow(*number, (uint64_t)(digit - '0'), number) &&
               *number <= UINT64_C(1) << 63;
}

/* Reads "1.5h" at *i and adds its nanoseconds to *total. */
static const char *read_component(const char *text, size_t size, size_t *i, uint64_t *total) {
        uint64_t whole = 0, fraction = 0, unit;
        double scale = 1;
        size_t start = *i, digits, unit_size;
        bool fits = true;

        for (; *i < size && g_ascii_isdigit(text[*i]); (*i)++)
                fits = fits && add_digit(&whole, text[*i]);
        digits = *i - start;
        if (*i < size && text[*i] == '.') {
                bool exact = true;

                for (start = ++*i; *i < size && g_ascii_isdigit(text[*i]); (*i)++) {
                        uint64_t longer = fraction;

                        /* Digits that do not fit any more are too small to count. */
                        exact = exact && add_digit(&longer, text[*i]) && longer < UINT64_C(1) << 63;
                        if (exact) {
                                fraction = longer;
                                scale *= 10;
                        }
                }
                digits += *i - start;
        }
        if (digits == 0)
                return "a number is missing";
        unit = read_unit(text + *i, size - *i, &unit_size);
        if (unit == 0)
                return *i >= size ? "a unit is missing: ns, us, ms, s, m or h"
                                  : "an unknown unit; they are ns, us, ms, s, m and h";
        *i += unit_size;
        if (!fits || __builtin_mul_overflow(whole, unit, &whole))
                return "it is too long";
        whole += (uint64_t)((double)fraction * ((double)unit / scale));
        if (whole > UINT64_C(1) << 63 || __builtin_add_overflow(*total, whole, total) ||
            *total > UINT64_C(1) << 63)
                return "it is too long";
        return NULL;
}

const char *hcl_duration_parse(const char *text, size_t size, int64_t *ret_nsec) {
        bool negative = size > 0 && text[0] == '-';
        size_t i = size > 0 && (text[0] == '-' || text[0] == '+') ? 1 : 0;
        uint64_t total = 0;

        if (size - i == 1 && text[i] == '0') {
                *ret_nsec = 0;
                return NULL;
        }
        if (i == size)
                return "it is empty";
        while (i < size) {
                const char *why = read_component(text, size, &i, &total);

                if (why != NULL)
                        return why;
        }
        if (!negative && total > INT64_MAX)
                return "it is too long";
        *ret_nsec = negative ? (int64_t)(0 - total) : (int64_t)total;
        return NULL;
}
