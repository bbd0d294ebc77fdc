/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "job/json-writer.h"

#include <math.h>
#include <string.h>

static void new_line(NookJsonWriter *writer) {
        if (!writer->indent)
                return;
        g_string_append_c(writer->out, '\n');
        for (guint i = 0; i < writer->depth; i++)
                g_string_append(writer->out, "    ");
}

void nook_json_open(NookJsonWriter *writer, char bracket) {
        g_string_append_c(writer->out, bracket);
        writer->depth++;
        writer->has_members = false;
}

void nook_json_close(NookJsonWriter *writer, char bracket, bool outer_has_members) {
        writer->depth--;
        if (writer->has_members)
                new_line(writer);
        g_string_append_c(writer->out, bracket);
        writer->has_members = outer_has_members;
}

void nook_json_member(NookJsonWriter *writer, const char *name) {
        if (writer->has_members)
                g_string_append_c(writer->out, ',');
        new_line(writer);
        writer->has_members = true;
        if (!name)
                return;
        nook_json_text(writer, name);
        g_string_append(writer->out, writer->indent ? ": " : ":");
}

void nook_json_null_member(NookJsonWriter *writer, const char *name) {
        if (writer->omit_null)
                return;
        nook_json_member(writer, name);
        g_string_append(writer->out, "null");
}

static void append_escaped(GString *out, gunichar c) {
        switch (c) {
        case '"':
                g_string_append(out, "\\\"");
                break;
        case '\\':
                g_string_append(out, "\\\\");
                break;
        case '\n':
                g_string_append(out, "\\n");
                break;
        case '\r':
                g_string_append(out, "\\r");
                break;
        case '\t':
                g_string_append(out, "\\t");
                break;
        case '\b':
                g_string_append(out, "\\b");
                break;
        case '\f':
                g_string_append(out, "\\f");
                break;
        default:
                if (c < 0x20 || c == '<' || c == '>' || c == '&' || c == 0x2028 || c == 0x2029)
                        g_string_append_printf(out, "\\u%04x", c);
                else
                        g_string_append_unichar(out, c);
        }
}

static void append_text(GString *out, const char *text, gsize size) {
        const char *end = text + size;

        g_string_append_c(out, '"');
        while (text < end) {
                /* Plain ASCII in one go; the rest sign by sign. */
                gsize plain = 0;

                while (text + plain < end && (guchar)text[plain] >= 0x20 &&
                       (guchar)text[plain] < 0x80 && !strchr("\"\\<>&", text[plain]))
                        plain++;
                g_string_append_len(out, text, (gssize)plain);
                text += plain;
                if (text < end) {
                        append_escaped(out, g_utf8_get_char(text));
                        text += g_utf8_skip[(guchar)*text];
                }
        }
        g_string_append_c(out, '"');
}

void nook_json_text(NookJsonWriter *writer, const char *text) {
        append_text(writer->out, text, strlen(text));
}

void nook_json_int(NookJsonWriter *writer, int64_t number) {
        g_string_append_printf(writer->out, "%" G_GINT64_FORMAT, number);
}

void nook_json_bool(NookJsonWriter *writer, bool truth) {
        g_string_append(writer->out, truth ? "true" : "false");
}

/* The least precision, in digits after the first, with which a number reads back. */
static int shortest_precision(double number) {
        char digits[64];

        for (int precision = 0; precision < 16; precision++) {
                char format[8];

                g_snprintf(format, sizeof format, "%%.%de", precision);
                if (g_ascii_strtod(g_ascii_formatd(digits, sizeof digits, format, number), NULL) ==
                    number)
                        return precision;
        }
        return 16;
}

/* The shortest digits that read back, plain from 1e-6 up to 1e21, else with an exponent that has no
 * zeros in front. Source: Go's encoding/json. */
static void append_double(GString *out, double number) {
        int precision = shortest_precision(number), exponent;
        char format[8], digits[64];

        g_snprintf(format, sizeof format, "%%.%de", precision);
        g_ascii_formatd(digits, sizeof digits, format, number);
        exponent = (int)g_ascii_strtoll(strchr(digits, 'e') + 1, NULL, 10);
        if (number != 0 && (exponent < -6 || exponent >= 21)) {
                *strchr(digits, 'e') = '\0';
                g_string_append_printf(out, "%se%c%d", digits, exponent < 0 ? '-' : '+',
                                       ABS(exponent));
                return;
        }
        g_snprintf(format, sizeof format, "%%.%df", MAX(precision - exponent, 0));
        g_string_append(out, g_ascii_formatd(digits, sizeof digits, format, number));
}

static void append_number(NookJsonWriter *writer, const HclValue *value) {
        int64_t whole;
        double number;

        if (hcl_value_get_int64(value, &whole)) {
                nook_json_int(writer, whole);
                return;
        }
        number = hcl_value_get_double(value);
        if (isfinite(number))
                append_double(writer->out, number);
        else
                g_string_append(writer->out, "null");
}

static void append_elements(NookJsonWriter *writer, const HclValue *value, bool is_object) {
        bool had_members = writer->has_members;

        nook_json_open(writer, is_object ? '{' : '[');
        for (size_t i = 0; i < hcl_value_length(value); i++) {
                HclValue *element = hcl_value_element(value, i);
                const char *name = is_object ? hcl_value_text(hcl_value_key(value, i), NULL) : NULL;

                nook_json_member(writer, name);
                nook_json_value(writer, element);
        }
        nook_json_close(writer, is_object ? '}' : ']', had_members);
}

void nook_json_value(NookJsonWriter *writer, const HclValue *value) {
        const char *text;
        size_t size;

        if (!hcl_value_is_known(value) || hcl_value_is_null(value)) {
                g_string_append(writer->out, "null");
                return;
        }
        switch (hcl_value_kind(value)) {
        case HCL_KIND_BOOL:
                nook_json_bool(writer, hcl_value_get_bool(value));
                break;
        case HCL_KIND_NUMBER:
                append_number(writer, value);
                break;
        case HCL_KIND_STRING:
                text = hcl_value_text(value, &size);
                append_text(writer->out, text, size);
                break;
        case HCL_KIND_MAP:
        case HCL_KIND_OBJECT:
                append_elements(writer, value, true);
                break;
        default:
                append_elements(writer, value, false);
                break;
        }
}
