/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "hcl/functions-time.h"

#include <stdlib.h>
#include <string.h>

#include "hcl/functions-impl.h"

static const char *const month_names[] = {"January",   "February", "March",    "April",
                                          "May",       "June",     "July",     "August",
                                          "September", "October",  "November", "December"};
static const char *const day_names[] = {"Sunday",   "Monday", "Tuesday", "Wednesday",
                                        "Thursday", "Friday", "Saturday"};

/* ---- formatdate ---- */

/* A letter, repeated: what may stand in a format, and how it is written. */
typedef struct {
        const HclTimeFields *time;
        char letter;
        size_t count;
        GString *out;
} Verb;

static void append_number(Verb *verb, int64_t number, int width) {
        g_string_append_printf(verb->out, "%0*" G_GINT64_FORMAT, width, number);
}

/* For letters that may stand alone or in pairs. */
static const char *append_one_or_two(Verb *verb, int64_t number, const char *rule) {
        if (verb->count > 2)
                return rule;
        append_number(verb, number, verb->count == 2 ? 2 : 1);
        return NULL;
}

static const char *append_year(Verb *verb) {
        if (verb->count == 2)
                append_number(verb, verb->time->year % 100, 2);
        else if (verb->count == 4)
                append_number(verb, verb->time->year, 4);
        else
                return "year must either be \"YY\" or \"YYYY\"";
        return NULL;
}

static const char *append_month(Verb *verb) {
        const char *name = month_names[verb->time->month - 1];

        if (verb->count <= 2)
                return append_one_or_two(verb, verb->time->month, "");
        if (verb->count > 4)
                return "month must be \"M\", \"MM\", \"MMM\", or \"MMMM\"";
        g_string_append_len(verb->out, name, verb->count == 3 ? 3 : -1);
        return NULL;
}

static const char *append_weekday(Verb *verb) {
        if (verb->count != 3 && verb->count != 4)
                return "day of week must either be \"EEE\" or \"EEEE\"";
        g_string_append_len(verb->out, day_names[verb->time->weekday], verb->count == 3 ? 3 : -1);
        return NULL;
}

static const char *append_half_of_day(Verb *verb) {
        bool upper = verb->letter == 'A';

        if (verb->count != 2)
                return upper ? "must be \"AA\"" : "must be \"aa\"";
        g_string_append(verb->out,
                        verb->time->hour < 12 ? (upper ? "AM" : "am") : (upper ? "PM" : "pm"));
        return NULL;
}

static void append_offset(GString *out, int offset, const char *colon) {
        int minutes = abs(offset) / 60;

        g_string_append_printf(out, "%c%02d%s%02d", offset < 0 ? '-' : '+', minutes / 60, colon,
                               minutes % 60);
}

static const char *append_zone(Verb *verb) {
        int offset = verb->time->offset;

        if (verb->count == 1 && offset == 0)
                g_string_append_c(verb->out, 'Z');
        else if (verb->count == 3 && offset / 60 == 0)
                g_string_append(verb->out, "UTC");
        else if (verb->count == 1 || verb->count == 5)
                append_offset(verb->out, offset, ":");
        else if (verb->count == 3 || verb->count == 4)
                append_offset(verb->out, offset, "");
        else
                return "timezone must be Z, ZZZZ, or ZZZZZ";
        return NULL;
}

/* NULL, or the rule that the verb breaks. */
static const char *append_verb(Verb *verb) {
        const HclTimeFields *time = verb->time;

        switch (verb->letter) {
        case 'Y':
                return append_year(verb);
        case 'M':
                return append_month(verb);
        case 'D':
                return append_one_or_two(verb, time->day,
                                         "day of month must either be \"D\" or \"DD\"");
        case 'E':
                return append_weekday(verb);
        case 'h':
                return append_one_or_two(verb, time->hour,
                                         "24-hour must either be \"h\" or \"hh\"");
        case 'H':
                return append_one_or_two(verb, time->hour % 12 == 0 ? 12 : time->hour % 12,
                                         "12-hour must either be \"H\" or \"HH\"");
        case 'A':
        case 'a':
                return append_half_of_day(verb);
        case 'm':
                return append_one_or_two(verb, time->minute,
                                         "minute must either be \"m\" or \"mm\"");
        case 's':
                return append_one_or_two(verb, time->second,
                                         "second must either be \"s\" or \"ss\"");
        case 'Z':
                return append_zone(verb);
        default:
                return "no such letter; text goes between quotes, as 'this'";
        }
}

/* Appends the text between quotes at *i, which is moved behind it; '' is one quote, inside and
 * alone. false: it does not end. */
static bool append_literal(const char *format, size_t size, size_t *i, GString *out) {
        size_t start = ++*i;

        if (start < size && format[start] == '\'') {
                g_string_append_c(out, '\'');
                *i = start + 1;
                return true;
        }
        while (*i < size) {
                if (format[*i] != '\'') {
                        g_string_append_c(out, format[(*i)++]);
                } else if (*i + 1 < size && format[*i + 1] == '\'') {
                        g_string_append_c(out, '\'');
                        *i += 2;
                } else {
                        (*i)++;
                        return true;
                }
        }
        return false;
}

static HclValue *call_formatdate(HclCall *call, HclValue *const *args, size_t n_args) {
        g_autoptr(GString) out = g_string_new(NULL);
        size_t size, time_size, i = 0;
        const char *format = hcl_arg_text(args, 0, &size);
        const char *text = hcl_arg_text(args, 1, &time_size);
        HclTimeFields fields;
        HclTime time;
        const char *why = hcl_time_parse(text, time_size, &time);

        if (why != NULL)
                return hcl_call_fail(call, 1, "not a valid RFC3339 timestamp: %s", why);
        fields = hcl_time_fields(&time);
        while (i < size) {
                Verb verb = {.time = &fields, .letter = format[i], .out = out};

                if (format[i] == '\'') {
                        if (!append_literal(format, size, &i, out))
                                return hcl_call_fail(call, 0, "unterminated literal '");
                } else if (!g_ascii_isalpha(format[i])) {
                        g_string_append_c(out, format[i++]);
                } else {
                        for (; i < size && format[i] == verb.letter; i++)
                                verb.count++;
                        why = append_verb(&verb);
                        if (why != NULL)
                                return hcl_call_fail(
                                        call, 0, "invalid date format verb \"%.*s\": %s",
                                        (int)MIN(verb.count, 20), format + i - verb.count, why);
                }
        }
        return hcl_value_take_string(g_steal_pointer(&out));
}

/* ---- timeadd ---- */

static HclValue *call_timeadd(HclCall *call, HclValue *const *args, size_t n_args) {
        enum { NSEC = 1000000000 };
        size_t time_size, duration_size;
        const char *text = hcl_arg_text(args, 0, &time_size);
        const char *duration_text = hcl_arg_text(args, 1, &duration_size);
        int64_t duration, nanoseconds;
        HclTimeFields fields;
        HclTime time;
        GString *out;
        const char *why = hcl_time_parse(text, time_size, &time);

        if (why != NULL)
                return hcl_call_fail(call, -1, "not a valid RFC3339 timestamp: %s", why);
        why = hcl_duration_parse(duration_text, duration_size, &duration);
        if (why != NULL)
                return hcl_call_fail(call, -1, "invalid duration \"%s\": %s", duration_text, why);
        nanoseconds = time.nanoseconds + duration % NSEC;
        time.seconds += duration / NSEC + (nanoseconds < 0 ? -1 : nanoseconds >= NSEC ? 1 : 0);
        fields = hcl_time_fields(&time);
        out = g_string_new(NULL);
        if (fields.year < 0)
                g_string_append_c(out, '-');
        g_string_append_printf(out, "%04" G_GINT64_FORMAT "-%02d-%02dT%02d:%02d:%02d",
                               ABS(fields.year), fields.month, fields.day, fields.hour,
                               fields.minute, fields.second);
        if (fields.offset == 0)
                g_string_append_c(out, 'Z');
        else
                append_offset(out, fields.offset, ":");
        return hcl_value_take_string(out);
}

static const HclParameter format_and_time[] = {{"format", &hcl_type_string},
                                               {"time", &hcl_type_string}};
static const HclParameter time_and_duration[] = {{"timestamp", &hcl_type_string},
                                                 {"duration", &hcl_type_string}};

/* clang-format off */
HCL_FUNCTION_TABLE(hcl_functions_time,
        {"formatdate", HCL_PARAMETERS(format_and_time), .call = call_formatdate},
        {"timeadd", HCL_PARAMETERS(time_and_duration), .call = call_timeadd});
/* clang-format on */
