/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "hcl/functions-impl.h"

#include <string.h>

/* Whatever a function makes of a text may not grow beyond this. */
static bool too_large(size_t size) {
        return size > HCL_RESULT_MAX;
}

static HclValue *fail_too_large(HclCall *call) {
        return hcl_call_fail(call, -1, "the result is larger than %d MiB", HCL_RESULT_MAX >> 20);
}

/* White space as Go's unicode.IsSpace() has it. */
static bool is_space(gunichar c) {
        return (c >= '\t' && c <= '\r') || c == ' ' || c == 0x85 || c == 0xA0 || c == 0x1680 ||
               (c >= 0x2000 && c <= 0x200A) || c == 0x2028 || c == 0x2029 || c == 0x202F ||
               c == 0x205F || c == 0x3000;
}

static size_t character_size(const char *text) {
        return (size_t)g_utf8_skip[(unsigned char)text[0]];
}

/* ---- Letters ---- */

static HclValue *map_characters(HclValue *text, gunichar (*map)(gunichar)) {
        size_t size;
        const char *in = hcl_value_text(text, &size);
        GString *out = g_string_sized_new(size);

        for (size_t i = 0; i < size; i += character_size(in + i)) {
                if (in[i] == '\0')
                        g_string_append_c(out, '\0');
                else
                        g_string_append_unichar(out, map(g_utf8_get_char(in + i)));
        }
        return hcl_value_take_string(out);
}

static HclValue *call_upper(HclCall *call, HclValue *const *args, size_t n_args) {
        return map_characters(args[0], g_unichar_toupper);
}

static HclValue *call_lower(HclCall *call, HclValue *const *args, size_t n_args) {
        return map_characters(args[0], g_unichar_tolower);
}

/* What a word does not go over: all of ASCII but letters, digits and '_', and any white space. */
static bool is_separator(gunichar c) {
        if (c < 0x80)
                return !g_ascii_isalnum((char)c) && c != '_';
        return is_space(c);
}

static HclValue *call_title(HclCall *call, HclValue *const *args, size_t n_args) {
        size_t size;
        const char *in = hcl_arg_text(args, 0, &size);
        GString *out = g_string_sized_new(size);
        bool starts = true;

        for (size_t i = 0; i < size; i += character_size(in + i)) {
                gunichar c = g_utf8_get_char(in + i);

                if (c == 0)
                        g_string_append_c(out, '\0');
                else
                        g_string_append_unichar(out, starts ? g_unichar_totitle(c) : c);
                starts = is_separator(c);
        }
        return hcl_value_take_string(out);
}

/* ---- Grapheme clusters ---- */

static HclValue *call_reverse(HclCall *call, HclValue *const *args, size_t n_args) {
        size_t size;
        const char *in = hcl_arg_text(args, 0, &size);
        g_autofree char *breaks = hcl_text_breaks(in, size);
        GString *out = g_string_sized_new(size);

        for (size_t end = size; end > 0;) {
                size_t start = end - 1;

                while (start > 0 && !breaks[start])
                        start--;
                g_string_append_len(out, in + start, (gssize)(end - start));
                end = start;
        }
        return hcl_value_take_string(out);
}

static HclValue *call_strlen(HclCall *call, HclValue *const *args, size_t n_args) {
        size_t size, found;
        const char *text = hcl_arg_text(args, 0, &size);

        hcl_text_clusters(text, size, SIZE_MAX, &found);
        return hcl_value_int64((int64_t)found);
}

/* A negative offset counts from the end, a negative length means all that follows. A length of 0
 * means none only where the offset is not negative; otherwise it means all, as in go-cty. */
static HclValue *call_substr(HclCall *call, HclValue *const *args, size_t n_args) {
        int64_t offset, length;
        size_t size, found, start = 0;
        const char *text = hcl_arg_text(args, 0, &size);

        if (!hcl_call_get_int(call, args, 1, &offset) || !hcl_call_get_int(call, args, 2, &length))
                return NULL;
        if (offset < 0) {
                hcl_text_clusters(text, size, SIZE_MAX, &found);
                offset += (int64_t)found;
        } else if (length == 0) {
                return hcl_value_string("", 0);
        }
        if (offset > 0)
                start = hcl_text_clusters(text, size, (size_t)offset, NULL);
        text += start;
        size -= start;
        if (length > 0)
                size = hcl_text_clusters(text, size, (size_t)length, NULL);
        return hcl_value_string(text, (gssize)size);
}

/* ---- Ends ---- */

static HclValue *call_chomp(HclCall *call, HclValue *const *args, size_t n_args) {
        size_t size;
        const char *text = hcl_arg_text(args, 0, &size);

        while (size > 0 && (text[size - 1] == '\n' || text[size - 1] == '\r'))
                size--;
        return hcl_value_string(text, (gssize)size);
}

/* Whether a character is to be trimmed; set is a text of the characters, NULL for white space. */
static bool is_trimmed(gunichar c, const char *set, size_t set_size) {
        if (set == NULL)
                return is_space(c);
        for (size_t i = 0; i < set_size; i += character_size(set + i)) {
                if (g_utf8_get_char(set + i) == c)
                        return true;
        }
        return false;
}

static HclValue *trim(const char *text, size_t size, const char *set, size_t set_size) {
        while (size > 0 && is_trimmed(g_utf8_get_char(text), set, set_size)) {
                size -= character_size(text);
                text += character_size(text);
        }
        while (size > 0) {
                size_t last = size - 1;

                while (last > 0 && ((unsigned char)text[last] & 0xC0) == 0x80)
                        last--;
                if (!is_trimmed(g_utf8_get_char(text + last), set, set_size))
                        break;
                size = last;
        }
        return hcl_value_string(text, (gssize)size);
}

static HclValue *call_trim(HclCall *call, HclValue *const *args, size_t n_args) {
        size_t size, set_size;
        const char *text = hcl_arg_text(args, 0, &size);
        const char *set = hcl_arg_text(args, 1, &set_size);

        return trim(text, size, set, set_size);
}

static HclValue *call_trimspace(HclCall *call, HclValue *const *args, size_t n_args) {
        size_t size;
        const char *text = hcl_arg_text(args, 0, &size);

        return trim(text, size, NULL, 0);
}

static HclValue *call_trimprefix(HclCall *call, HclValue *const *args, size_t n_args) {
        size_t size, prefix_size;
        const char *text = hcl_arg_text(args, 0, &size);
        const char *prefix = hcl_arg_text(args, 1, &prefix_size);

        if (prefix_size > size || memcmp(text, prefix, prefix_size) != 0)
                return hcl_value_ref(args[0]);
        return hcl_value_string(text + prefix_size, (gssize)(size - prefix_size));
}

static HclValue *call_trimsuffix(HclCall *call, HclValue *const *args, size_t n_args) {
        size_t size, suffix_size;
        const char *text = hcl_arg_text(args, 0, &size);
        const char *suffix = hcl_arg_text(args, 1, &suffix_size);

        if (suffix_size > size || memcmp(text + size - suffix_size, suffix, suffix_size) != 0)
                return hcl_value_ref(args[0]);
        return hcl_value_string(text, (gssize)(size - suffix_size));
}

/* ---- Pieces ---- */

/* Replaces every `old`; an empty one stands before each character and at the end. NULL: the result
 * would be too large. */
static GString *replace_all(const char *text, size_t size, const char *old, size_t old_size,
                            const char *new, size_t new_size) {
        g_autoptr(GString) out = g_string_sized_new(size);
        size_t i = 0;

        while (i < size || old_size == 0) {
                size_t step = 0;

                if (too_large(out->len + new_size))
                        return NULL;
                if (old_size == 0) {
                        g_string_append_len(out, new, (gssize)new_size);
                        if (i >= size)
                                break;
                        step = character_size(text + i);
                } else {
                        const char *found = memmem(text + i, size - i, old, old_size);

                        step = found == NULL ? size - i : (size_t)(found - (text + i));
                }
                g_string_append_len(out, text + i, (gssize)step);
                i += step;
                if (old_size > 0 && i < size) {
                        g_string_append_len(out, new, (gssize)new_size);
                        i += old_size;
                }
        }
        return g_steal_pointer(&out);
}

static HclValue *call_replace(HclCall *call, HclValue *const *args, size_t n_args) {
        size_t size, old_size, new_size;
        const char *text = hcl_arg_text(args, 0, &size);
        const char *old = hcl_arg_text(args, 1, &old_size);
        const char *new = hcl_arg_text(args, 2, &new_size);
        GString *out = replace_all(text, size, old, old_size, new, new_size);

        return out == NULL ? fail_too_large(call) : hcl_value_take_string(out);
}

/* Indents every line but the first. */
static HclValue *call_indent(HclCall *call, HclValue *const *args, size_t n_args) {
        g_autofree char *line = NULL;
        int64_t spaces;
        size_t size;
        const char *text = hcl_arg_text(args, 1, &size);
        GString *out;

        if (!hcl_call_get_int(call, args, 0, &spaces))
                return NULL;
        if (spaces < 0)
                return hcl_call_fail(call, 0, "the number of spaces must not be negative");
        if (spaces > HCL_RESULT_MAX)
                return fail_too_large(call);
        line = g_strnfill((gsize)spaces + 1, ' ');
        line[0] = '\n';
        out = replace_all(text, size, "\n", 1, line, (size_t)spaces + 1);
        return out == NULL ? fail_too_large(call) : hcl_value_take_string(out);
}

static HclValue *call_split(HclCall *call, HclValue *const *args, size_t n_args) {
        g_autoptr(GPtrArray) pieces = hcl_value_array_new();
        size_t separator_size, size, i = 0;
        const char *separator = hcl_arg_text(args, 0, &separator_size);
        const char *text = hcl_arg_text(args, 1, &size);

        while (separator_size == 0 && i < size) {
                size_t step = character_size(text + i);

                g_ptr_array_add(pieces, hcl_value_string(text + i, (gssize)step));
                i += step;
        }
        while (separator_size > 0) {
                const char *found = memmem(text + i, size - i, separator, separator_size);
                size_t step = found == NULL ? size - i : (size_t)(found - (text + i));

                g_ptr_array_add(pieces, hcl_value_string(text + i, (gssize)step));
                if (found == NULL)
                        break;
                i += step + separator_size;
        }
        return hcl_value_list_of_strings(pieces);
}

static HclValue *call_join(HclCall *call, HclValue *const *args, size_t n_args) {
        size_t separator_size;
        const char *separator = hcl_arg_text(args, 0, &separator_size);
        g_autoptr(GString) out = g_string_new(NULL);
        bool first = true;

        if (n_args < 2)
                return hcl_call_fail(call, -1, "at least one list is required");
        for (size_t i = 1; i < n_args; i++) {
                for (size_t j = 0; j < hcl_value_length(args[i]); j++) {
                        HclValue *item = hcl_value_element(args[i], j);
                        size_t size;
                        const char *text;

                        if (hcl_value_is_null(item))
                                return hcl_call_fail(
                                        call, (int)i,
                                        "element %zu is null; cannot concatenate null values", j);
                        text = hcl_value_text(item, &size);
                        if (too_large(out->len + separator_size + size))
                                return fail_too_large(call);
                        if (!first)
                                g_string_append_len(out, separator, (gssize)separator_size);
                        g_string_append_len(out, text, (gssize)size);
                        first = false;
                }
        }
        return hcl_value_take_string(g_steal_pointer(&out));
}

static int compare_texts(gconstpointer a, gconstpointer b) {
        size_t a_size, b_size;
        const char *a_text = hcl_value_text(*(HclValue *const *)a, &a_size);
        const char *b_text = hcl_value_text(*(HclValue *const *)b, &b_size);
        int order = memcmp(a_text, b_text, MIN(a_size, b_size));

        return order != 0 ? order : (a_size > b_size) - (a_size < b_size);
}

static HclValue *call_sort(HclCall *call, HclValue *const *args, size_t n_args) {
        g_autoptr(GPtrArray) items = hcl_value_array_new();

        for (size_t i = 0; i < hcl_value_length(args[0]); i++) {
                HclValue *item = hcl_value_element(args[0], i);

                if (hcl_value_is_null(item))
                        return hcl_call_fail(call, -1,
                                             "given list element %zu is null; a null string "
                                             "cannot be sorted",
                                             i);
                g_ptr_array_add(items, hcl_value_ref(item));
        }
        g_ptr_array_sort(items, compare_texts);
        return hcl_value_list_of_strings(items);
}

static const HclParameter one_text[] = {{"str", &hcl_type_string}};
static const HclParameter text_and_set[] = {{"str", &hcl_type_string},
                                            {"cutset", &hcl_type_string}};
static const HclParameter text_and_prefix[] = {{"str", &hcl_type_string},
                                               {"prefix", &hcl_type_string}};
static const HclParameter text_and_suffix[] = {{"str", &hcl_type_string},
                                               {"suffix", &hcl_type_string}};
static const HclParameter text_and_part[] = {
        {"str", &hcl_type_string}, {"offset", &hcl_type_number}, {"length", &hcl_type_number}};
static const HclParameter text_and_substitute[] = {
        {"str", &hcl_type_string}, {"substr", &hcl_type_string}, {"replace", &hcl_type_string}};
static const HclParameter spaces_and_text[] = {{"spaces", &hcl_type_number},
                                               {"str", &hcl_type_string}};
static const HclParameter separator_and_text[] = {{"separator", &hcl_type_string},
                                                  {"str", &hcl_type_string}};
static const HclParameter one_separator[] = {{"separator", &hcl_type_string}};
static const HclParameter lists = {"lists", &hcl_type_list_of_string};
static const HclParameter one_list[] = {{"list", &hcl_type_list_of_string}};

/* clang-format off */
HCL_FUNCTION_TABLE(hcl_functions_string,
        {"chomp", HCL_PARAMETERS(one_text), .call = call_chomp},
        {"indent", HCL_PARAMETERS(spaces_and_text), .call = call_indent},
        {"join", HCL_PARAMETERS(one_separator), .variadic = &lists, .call = call_join},
        {"lower", HCL_PARAMETERS(one_text), .call = call_lower},
        {"replace", HCL_PARAMETERS(text_and_substitute), .call = call_replace},
        {"reverse", HCL_PARAMETERS(one_text), .call = call_reverse},
        {"sort", HCL_PARAMETERS(one_list), .call = call_sort},
        {"split", HCL_PARAMETERS(separator_and_text), .call = call_split},
        {"strlen", HCL_PARAMETERS(one_text), .call = call_strlen},
        {"strrev", HCL_PARAMETERS(one_text), .call = call_reverse},
        {"substr", HCL_PARAMETERS(text_and_part), .call = call_substr},
        {"title", HCL_PARAMETERS(one_text), .call = call_title},
        {"trim", HCL_PARAMETERS(text_and_set), .call = call_trim},
        {"trimprefix", HCL_PARAMETERS(text_and_prefix), .call = call_trimprefix},
        {"trimspace", HCL_PARAMETERS(one_text), .call = call_trimspace},
        {"trimsuffix", HCL_PARAMETERS(text_and_suffix), .call = call_trimsuffix},
        {"upper", HCL_PARAMETERS(one_text), .call = call_upper});
/* clang-format on */
