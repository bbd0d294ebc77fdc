/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "hcl/functions-impl.h"

#include <string.h>

#include "hcl/functions-csv.h"
#include "hcl/json-value.h"

/* ---- Base 64 ---- */

static int base64_digit(char c) {
        static const char digits[] =
                "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        const char *found = c == '\0' ? NULL : strchr(digits, c);

        return found == NULL ? -1 : (int)(found - digits);
}

/* GLib's decoder passes over whatever it does not know. */
bool hcl_base64_decode(const char *text, size_t size, GByteArray *out) {
        guint32 group = 0;
        guint digits = 0, padding = 0;

        for (size_t i = 0; i < size; i++) {
                int digit = base64_digit(text[i]);

                if (text[i] == '\r' || text[i] == '\n')
                        continue;
                if (text[i] == '=')
                        padding++;
                else if (digit < 0 || padding > 0)
                        return false;
                group = group << 6 | (digit < 0 ? 0 : (guint32)digit);
                digits++;
                if (digits % 4 == 0) {
                        guint8 bytes[3] = {(guint8)(group >> 16), (guint8)(group >> 8),
                                           (guint8)group};

                        if (padding > 2)
                                return false;
                        g_byte_array_append(out, bytes, 3 - padding);
                        group = 0;
                }
        }
        return digits % 4 == 0 && (padding == 0 || digits > 0);
}

static HclValue *call_base64decode(HclCall *call, HclValue *const *args, size_t n_args) {
        g_autoptr(GByteArray) bytes = g_byte_array_new();
        size_t size;
        const char *text = hcl_arg_text(args, 0, &size);

        if (!hcl_base64_decode(text, size, bytes))
                return hcl_call_fail(call, -1, "failed to decode base64 data '%s'", text);
        if (!hcl_text_is_utf8((const char *)bytes->data, bytes->len))
                return hcl_call_fail(call, -1,
                                     "the result of decoding the provided string is not "
                                     "valid UTF-8");
        return hcl_value_string(bytes->len == 0 ? "" : (const char *)bytes->data,
                                (gssize)bytes->len);
}

static HclValue *call_base64encode(HclCall *call, HclValue *const *args, size_t n_args) {
        size_t size;
        const char *text = hcl_arg_text(args, 0, &size);
        g_autofree char *encoded = g_base64_encode((const guchar *)text, size);

        return hcl_value_string(encoded, -1);
}

/* ---- URLs ---- */

/* As the value of a query: a blank is '+'. */
static HclValue *call_urlencode(HclCall *call, HclValue *const *args, size_t n_args) {
        size_t size;
        const char *text = hcl_arg_text(args, 0, &size);
        GString *out = g_string_sized_new(size);

        for (size_t i = 0; i < size; i++) {
                if (g_ascii_isalnum(text[i]) || (text[i] != '\0' && strchr("-_.~", text[i])))
                        g_string_append_c(out, text[i]);
                else if (text[i] == ' ')
                        g_string_append_c(out, '+');
                else
                        g_string_append_printf(out, "%%%02X", (unsigned char)text[i]);
        }
        return hcl_value_take_string(out);
}

/* ---- JSON ---- */

static HclValue *call_jsonencode(HclCall *call, HclValue *const *args, size_t n_args) {
        g_autoptr(GString) out = g_string_new(NULL);

        if (!hcl_value_to_json(args[0], HCL_JSON_ESCAPE_HTML, out))
                return hcl_call_fail(call, -1, "cannot serialize infinity as JSON");
        return hcl_value_take_string(g_steal_pointer(&out));
}

static HclValue *call_jsondecode(HclCall *call, HclValue *const *args, size_t n_args) {
        g_autofree char *why = NULL;
        size_t size;
        const char *text = hcl_arg_text(args, 0, &size);
        HclValue *value = hcl_value_from_json(text, size, &why);

        return value != NULL ? value : hcl_call_fail(call, -1, "%s", why);
}

/* ---- CSV ---- */

static HclValue *call_csvdecode(HclCall *call, HclValue *const *args, size_t n_args) {
        g_autofree char *why = NULL;
        size_t size;
        const char *text = hcl_arg_text(args, 0, &size);
        HclValue *value = hcl_value_from_csv(text, size, &why);

        return value != NULL ? value : hcl_call_fail(call, -1, "%s", why);
}

static const HclParameter one_text[] = {{"str", &hcl_type_string}};
static const HclParameter one_value[] = {{"val", &hcl_type_dynamic, .allow_null = true}};

/* clang-format off */
HCL_FUNCTION_TABLE(hcl_functions_encoding,
        {"base64decode", HCL_PARAMETERS(one_text), .call = call_base64decode},
        {"base64encode", HCL_PARAMETERS(one_text), .call = call_base64encode},
        {"csvdecode", HCL_PARAMETERS(one_text), .call = call_csvdecode},
        {"jsondecode", HCL_PARAMETERS(one_text), .call = call_jsondecode},
        {"jsonencode", HCL_PARAMETERS(one_value), .call = call_jsonencode},
        {"urlencode", HCL_PARAMETERS(one_text), .call = call_urlencode});
/* clang-format on */
