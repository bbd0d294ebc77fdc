/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "base/diag.h"
#include "hcl/number.h"
#include "hcl/value-internal.h"

/* Writes a character as Go's encoder does; returns the bytes that it took, 0 for others. */
static size_t append_escaped(const char *text, GString *out) {
        if (*text == '<' || *text == '>' || *text == '&') {
                g_string_append_printf(out, "\\u%04x", (guint)*text);
                return 1;
        }
        if (strncmp(text, "\342\200\250", 3) == 0 || strncmp(text, "\342\200\251", 3) == 0) {
                g_string_append(out, text[2] == '\250' ? "\\u2028" : "\\u2029");
                return 3;
        }
        return 0;
}

static void append_string(const HclValue *value, HclJsonFlags flags, GString *out) {
        g_autoptr(GString) plain = NULL;

        if (!(flags & HCL_JSON_ESCAPE_HTML)) {
                nook_json_append_string(out, value->text, (gssize)value->size);
                return;
        }
        plain = g_string_sized_new(value->size + 2);
        nook_json_append_string(plain, value->text, (gssize)value->size);
        for (size_t i = 0; i < plain->len;) {
                size_t taken = append_escaped(plain->str + i, out);

                if (taken == 0)
                        g_string_append_c(out, plain->str[i]);
                i += MAX(taken, 1);
        }
}

bool hcl_value_to_json(const HclValue *value, HclJsonFlags flags, GString *out) {
        bool keyed = hcl_value_has_keys(value);
        bool finite = true;
        g_autofree char *number = NULL;

        if (value->state != STATE_KNOWN) {
                g_string_append(out, "null");
                return true;
        }
        switch (value->kind) {
        case HCL_KIND_BOOL:
                g_string_append(out, value->truth ? "true" : "false");
                return true;
        case HCL_KIND_NUMBER:
                number = hcl_value_number_text(value);
                g_string_append(out, number);
                return !mpfr_inf_p(&value->number);
        case HCL_KIND_STRING:
                append_string(value, flags, out);
                return true;
        default:
                break;
        }
        g_string_append_c(out, keyed ? '{' : '[');
        for (size_t i = 0; i < value->size; i++) {
                g_string_append(out, i > 0 ? "," : "");
                if (keyed) {
                        append_string(value->items[2 * i], flags, out);
                        g_string_append_c(out, ':');
                }
                finite &= hcl_value_to_json(hcl_value_element(value, i), flags, out);
        }
        g_string_append_c(out, keyed ? '}' : ']');
        return finite;
}
