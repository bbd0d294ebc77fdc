/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "hcl/functions-impl.h"
#include "hcl/functions-verb.h"

#include <string.h>

/* ---- The format ---- */

static size_t read_number(const char *text, size_t size, size_t *i) {
        size_t number = 0;

        while (*i < size && g_ascii_isdigit(text[*i])) {
                number = MIN(number * 10 + (size_t)(text[*i] - '0'),
                             10 * (size_t)HCL_VERB_WIDTH_MAX);
                (*i)++;
        }
        return number;
}

static void read_flags(const char *text, size_t size, size_t *i, HclVerb *verb) {
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
static bool read_index(const char *text, size_t size, size_t *i, HclVerb *verb) {
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
static bool read_verb(HclFormatting *formatting, const char *text, size_t size, size_t *i,
                      size_t next_argument, HclVerb *verb) {
        bool valid = true;

        *verb = (HclVerb){.start = text + *i, .offset = *i, .argument = next_argument};
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
                return hcl_formatting_fail(formatting,
                                           "invalid format string starting at offset %zu", size);
        if (!valid || !g_ascii_isalpha(text[*i]))
                return hcl_formatting_fail(
                        formatting, "unrecognized format character '%.*s' at offset %zu",
                        (int)g_utf8_skip[(unsigned char)text[*i]], text + *i, *i);
        verb->mode = text[(*i)++];
        verb->size = (size_t)(text + *i - verb->start);
        return true;
}

/* Appends all of a format to formatting->out; false with formatting->error set. */
static bool format_all(HclFormatting *formatting, HclValue *format) {
        size_t size, i = 0, next = 1, highest = 0;
        const char *text = hcl_value_text(format, &size);

        while (i < size) {
                HclVerb verb;

                if (formatting->out->len > HCL_RESULT_MAX)
                        return hcl_formatting_fail(formatting, "the result is too large");
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
                    !hcl_formatting_append(formatting, &verb))
                        return false;
                highest = MAX(highest, verb.argument);
                next = verb.argument + 1;
        }
        if (highest == 0 && formatting->n_args > 0)
                return hcl_formatting_fail(formatting,
                                           "too many arguments; no verbs in format string");
        if (highest < formatting->n_args)
                return hcl_formatting_fail(
                        formatting, "too many arguments; only %zu used by format string", highest);
        return true;
}

static HclValue *format_once(HclFormatting *formatting, HclValue *format) {
        formatting->out = g_string_new(NULL);
        if (format_all(formatting, format))
                return hcl_value_take_string(formatting->out);
        g_string_free(formatting->out, TRUE);
        return NULL;
}

static HclValue *call_format(HclCall *call, HclValue *const *args, size_t n_args) {
        HclFormatting formatting = {.call = call, .args = args + 1, .n_args = n_args - 1};
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
                HclFormatting formatting = {.call = call, .args = row, .n_args = n_args - 1};
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
