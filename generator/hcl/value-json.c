/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "base/diag.h"
#include "hcl/number.h"
#include "hcl/value-internal.h"

static void append_string(const HclValue *value, HclJsonFlags flags, GString *out) {
        size_t from = out->len;

        nook_json_append_string(out, value->text, (gssize)value->size);
        if (!(flags & HCL_JSON_ESCAPE_HTML))
                return;
        for (size_t i = from; i < out->len; i++) {
                char c = out->str[i];
                char escape[7];

                if (c == '<' || c == '>' || c == '&') {
                        g_snprintf(escape, sizeof(escape), "\\u%04x", (guint)c);
                        g_string_erase(out, (gssize)i, 1);
                } else if (strncmp(out->str + i, "\342\200\250", 3) == 0 ||
                           strncmp(out->str + i, "\342\200\251", 3) == 0) {
                        g_strlcpy(escape, out->str[i + 2] == '\250' ? "\\u2028" : "\\u2029",
                                  sizeof(escape));
                        g_string_erase(out, (gssize)i, 3);
                } else {
                        continue;
                }
                g_string_insert(out, (gssize)i, escape);
                i += 5;
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
