/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "hcl/functions-impl.h"

#include <inttypes.h>
#include <unigbrk.h>
#include <unistr.h>

const HclType hcl_type_list_of_string = HCL_TYPE_STATIC(HCL_KIND_LIST, &hcl_type_string);
const HclType hcl_type_list_of_any = HCL_TYPE_STATIC(HCL_KIND_LIST, &hcl_type_dynamic);
const HclType hcl_type_set_of_any = HCL_TYPE_STATIC(HCL_KIND_SET, &hcl_type_dynamic);

void hcl_scope_add_standard_functions(HclScope *scope) {
        const struct {
                const HclFunction *functions;
                size_t count;
        } tables[] = {
                {hcl_functions_cidr, hcl_functions_cidr_count},
                {hcl_functions_collection, hcl_functions_collection_count},
                {hcl_functions_crypto, hcl_functions_crypto_count},
                {hcl_functions_encoding, hcl_functions_encoding_count},
                {hcl_functions_expression, hcl_functions_expression_count},
                {hcl_functions_format, hcl_functions_format_count},
                {hcl_functions_number, hcl_functions_number_count},
                {hcl_functions_regex, hcl_functions_regex_count},
                {hcl_functions_sequence, hcl_functions_sequence_count},
                {hcl_functions_set, hcl_functions_set_count},
                {hcl_functions_string, hcl_functions_string_count},
                {hcl_functions_time, hcl_functions_time_count},
                {hcl_functions_yaml, hcl_functions_yaml_count},
        };

        for (size_t i = 0; i < G_N_ELEMENTS(tables); i++)
                hcl_scope_add_functions(scope, tables[i].functions, tables[i].count, NULL);
}

bool hcl_call_get_int(HclCall *call, HclValue *const *args, int arg, int64_t *ret) {
        if (hcl_value_get_int64(args[arg], ret))
                return true;
        hcl_call_fail(call, arg, "value must be a whole number, between %" PRId64 " and %" PRId64,
                      INT64_MIN, INT64_MAX);
        return false;
}

HclValue *hcl_value_take_string(GString *text) {
        HclValue *value = hcl_value_string(text->str, (gssize)text->len);

        g_string_free(text, TRUE);
        return value;
}

GPtrArray *hcl_value_array_new(void) {
        return g_ptr_array_new_with_free_func((GDestroyNotify)hcl_value_unref);
}

HclValue *hcl_value_tuple_of(GPtrArray *values) {
        return hcl_value_tuple((HclValue *const *)values->pdata, values->len);
}

HclValue *hcl_value_list_of(const HclType *element, GPtrArray *values) {
        return hcl_value_list(element, (HclValue *const *)values->pdata, values->len);
}

HclValue *hcl_value_list_of_strings(GPtrArray *values) {
        return hcl_value_list_of(&hcl_type_string, values);
}

char *hcl_text_breaks(const char *text, size_t size) {
        char *breaks = g_malloc0(size + 1);

        u8_grapheme_breaks((const uint8_t *)text, size, breaks);
        return breaks;
}

size_t hcl_text_clusters(const char *text, size_t size, size_t n, size_t *ret_found) {
        g_autofree char *breaks = hcl_text_breaks(text, size);
        size_t found = 0, offset = 0;

        while (offset < size && found < n) {
                offset++;
                while (offset < size && !breaks[offset])
                        offset++;
                found++;
        }
        if (ret_found != NULL)
                *ret_found = found;
        return offset;
}

bool hcl_text_is_utf8(const char *text, size_t size) {
        return u8_check((const uint8_t *)text, size) == NULL;
}
