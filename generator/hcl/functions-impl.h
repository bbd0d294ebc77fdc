/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What the files functions-*.c share: their tables, and how they read arguments. */

#include "hcl/functions.h"
#include "hcl/number.h"

/* One table for each subject; its length behind it. */
extern const HclFunction hcl_functions_cidr[];
extern const size_t hcl_functions_cidr_count;
extern const HclFunction hcl_functions_collection[];
extern const size_t hcl_functions_collection_count;
extern const HclFunction hcl_functions_crypto[];
extern const size_t hcl_functions_crypto_count;
extern const HclFunction hcl_functions_encoding[];
extern const size_t hcl_functions_encoding_count;
extern const HclFunction hcl_functions_expression[];
extern const size_t hcl_functions_expression_count;
extern const HclFunction hcl_functions_format[];
extern const size_t hcl_functions_format_count;
extern const HclFunction hcl_functions_number[];
extern const size_t hcl_functions_number_count;
extern const HclFunction hcl_functions_regex[];
extern const size_t hcl_functions_regex_count;
extern const HclFunction hcl_functions_sequence[];
extern const size_t hcl_functions_sequence_count;
extern const HclFunction hcl_functions_set[];
extern const size_t hcl_functions_set_count;
extern const HclFunction hcl_functions_string[];
extern const size_t hcl_functions_string_count;
extern const HclFunction hcl_functions_time[];
extern const size_t hcl_functions_time_count;
extern const HclFunction hcl_functions_yaml[];
extern const size_t hcl_functions_yaml_count;

/* A table and the constant that tells its length, from a static array. */
#define HCL_FUNCTION_TABLE(name, ...)                                                              \
        const HclFunction name[] = {__VA_ARGS__};                                                  \
        const size_t name##_count = G_N_ELEMENTS(name)

/* For `.parameters` and `.n_parameters` of an entry. */
#define HCL_PARAMETERS(array) (array), G_N_ELEMENTS(array)

extern const HclType hcl_type_list_of_string;
extern const HclType hcl_type_list_of_any;
extern const HclType hcl_type_set_of_any;

/* The number of an argument as a whole number of 64 bits; false after reporting that it is not. */
bool hcl_call_get_int(HclCall *call, HclValue *const *args, int arg, int64_t *ret);

/* The text of a string argument; borrowed. */
static inline const char *hcl_arg_text(HclValue *const *args, size_t arg, size_t *ret_size) {
        return hcl_value_text(args[arg], ret_size);
}

/* A string value of what a buffer holds, which is freed. */
HclValue *hcl_value_take_string(GString *text);

/* A new list of strings from values, which are not taken. */
HclValue *hcl_value_list_of_strings(GPtrArray *values);

/* An array for values that it unreferences. */
GPtrArray *hcl_value_array_new(void);

/* A tuple, or a list of `element`, from an array of values. */
HclValue *hcl_value_tuple_of(GPtrArray *values);
HclValue *hcl_value_list_of(const HclType *element, GPtrArray *values);

/* For each byte of a text of UTF-8 whether a grapheme cluster (UAX #29) begins there. Caller's. */
char *hcl_text_breaks(const char *text, size_t size);

/* Byte offset behind the first n clusters, and in *ret_found, unless it is NULL, how many there
 * were. */
size_t hcl_text_clusters(const char *text, size_t size, size_t n, size_t *ret_found);

/* Whether it is well-formed UTF-8, which NUL is part of. */
bool hcl_text_is_utf8(const char *text, size_t size);

/* Decodes base 64 as strictly as Go does: with padding; line breaks are passed over. */
bool hcl_base64_decode(const char *text, size_t size, GByteArray *out);
