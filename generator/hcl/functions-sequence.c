/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "hcl/functions-impl.h"

/* Lists and tuples made from lists and tuples. */

static bool is_list_or_tuple(HclKind kind) {
        return kind == HCL_KIND_LIST || kind == HCL_KIND_TUPLE;
}

static void add_elements(GPtrArray *to, const HclValue *from) {
        for (size_t i = 0; i < hcl_value_length(from); i++)
                g_ptr_array_add(to, hcl_value_ref(hcl_value_element(from, i)));
}

/* ---- concat ---- */

/* The one list type of all arguments, or NULL: then the result is a tuple. */
static const HclType *common_list_type(HclValue *const *args, size_t n_args) {
        g_autoptr(GPtrArray) types = g_ptr_array_new_with_free_func((GDestroyNotify)hcl_type_unref);

        for (size_t i = 0; i < n_args; i++) {
                const HclType *type = hcl_value_type(args[i]);

                g_ptr_array_add(types, (gpointer)(uintptr_t)type);
                if (type->kind != HCL_KIND_LIST)
                        return NULL;
        }
        return hcl_type_unify((const HclType *const *)types->pdata, types->len);
}

static HclValue *concat_lists(HclCall *call, HclValue *const *args, size_t n_args,
                              const HclType *type) {
        g_autoptr(GPtrArray) items = hcl_value_array_new();

        for (size_t i = 0; i < n_args; i++) {
                g_autofree char *why = NULL;
                g_autoptr(HclValue) list = hcl_value_convert(args[i], type, &why);

                if (list == NULL)
                        return hcl_call_fail(call, (int)i, "%s", why);
                add_elements(items, list);
        }
        return hcl_value_list_of(type->element, items);
}

static HclValue *call_concat(HclCall *call, HclValue *const *args, size_t n_args) {
        g_autoptr(GPtrArray) items = hcl_value_array_new();
        g_autoptr(HclTypeConst) list = NULL;

        if (n_args == 0)
                return hcl_call_fail(call, -1, "at least one argument is required");
        list = common_list_type(args, n_args);
        if (list != NULL)
                return concat_lists(call, args, n_args, list);
        for (size_t i = 0; i < n_args; i++) {
                if (!is_list_or_tuple(hcl_value_kind(args[i]))) {
                        g_autoptr(HclTypeConst) type = hcl_value_type(args[i]);
                        g_autofree char *name = hcl_type_name(type);

                        return hcl_call_fail(call, (int)i,
                                             "all arguments must be lists or tuples; got %s", name);
                }
                add_elements(items, args[i]);
        }
        return hcl_value_tuple_of(items);
}

/* ---- Parts ---- */

static HclValue *call_chunklist(HclCall *call, HclValue *const *args, size_t n_args) {
        g_autoptr(HclTypeConst) type = hcl_value_type(args[0]);
        g_autoptr(GPtrArray) chunks = hcl_value_array_new();
        size_t length = hcl_value_length(args[0]), step;
        int64_t size;

        if (!hcl_call_get_int(call, args, 1, &size))
                return NULL;
        if (size < 0)
                return hcl_call_fail(call, -1, "the size argument must be positive");
        step = size == 0 ? length : MIN((size_t)size, length);
        for (size_t start = 0; start < length; start += step) {
                g_autoptr(GPtrArray) chunk = hcl_value_array_new();

                for (size_t i = start; i < MIN(start + step, length); i++)
                        g_ptr_array_add(chunk, hcl_value_ref(hcl_value_element(args[0], i)));
                g_ptr_array_add(chunks, hcl_value_list_of(type->element, chunk));
        }
        return hcl_value_list_of(type, chunks);
}

static bool get_slice_index(HclCall *call, HclValue *const *args, int arg, const char *which,
                            size_t length, size_t *ret) {
        int64_t index;

        if (!hcl_call_get_int(call, args, arg, &index))
                return false;
        if (index < 0 || (uint64_t)index > length) {
                hcl_call_fail(call, arg,
                              index < 0
                                      ? "%s index must not be less than zero"
                                      : "%s index must not be greater than the length of the list",
                              which);
                return false;
        }
        *ret = (size_t)index;
        return true;
}

static HclValue *call_slice(HclCall *call, HclValue *const *args, size_t n_args) {
        g_autoptr(HclTypeConst) type = hcl_value_type(args[0]);
        g_autoptr(GPtrArray) items = hcl_value_array_new();
        size_t start, end, length;

        if (type->kind == HCL_KIND_SET)
                return hcl_call_fail(call, 0,
                                     "cannot slice a set, because its elements do not have "
                                     "indices; explicitly convert to a list if the ordering of "
                                     "the result is not important");
        if (!is_list_or_tuple(type->kind))
                return hcl_call_fail(call, 0, "must be a list or tuple value");
        length = hcl_value_length(args[0]);
        if (!get_slice_index(call, args, 1, "start", length, &start) ||
            !get_slice_index(call, args, 2, "end", length, &end))
                return NULL;
        if (start > end)
                return hcl_call_fail(call, 1, "start index must not be greater than end index");
        for (size_t i = start; i < end; i++)
                g_ptr_array_add(items, hcl_value_ref(hcl_value_element(args[0], i)));
        return type->kind == HCL_KIND_TUPLE ? hcl_value_tuple_of(items)
                                            : hcl_value_list_of(type->element, items);
}

/* Leaves nulls and empty strings out. */
static HclValue *call_compact(HclCall *call, HclValue *const *args, size_t n_args) {
        g_autoptr(GPtrArray) items = hcl_value_array_new();

        for (size_t i = 0; i < hcl_value_length(args[0]); i++) {
                HclValue *item = hcl_value_element(args[0], i);
                size_t size = 0;

                if (!hcl_value_is_null(item))
                        hcl_value_text(item, &size);
                if (size > 0)
                        g_ptr_array_add(items, hcl_value_ref(item));
        }
        return hcl_value_list_of_strings(items);
}

/* Keeps the first of equal elements. */
static HclValue *call_distinct(HclCall *call, HclValue *const *args, size_t n_args) {
        g_autoptr(HclTypeConst) type = hcl_value_type(args[0]);
        g_autoptr(GPtrArray) items = hcl_value_array_new();

        for (size_t i = 0; i < hcl_value_length(args[0]); i++) {
                HclValue *item = hcl_value_element(args[0], i);
                bool known = false;

                for (guint j = 0; !known && j < items->len; j++)
                        known = hcl_value_equal(items->pdata[j], item);
                if (!known)
                        g_ptr_array_add(items, hcl_value_ref(item));
        }
        return hcl_value_list_of(type->element, items);
}

/* Appends the elements of a sequence and of those within it. */
static void flatten_into(GPtrArray *items, const HclValue *sequence) {
        for (size_t i = 0; i < hcl_value_length(sequence); i++) {
                HclValue *item = hcl_value_element(sequence, i);
                HclKind kind = hcl_value_kind(item);

                if (!hcl_value_is_null(item) && (is_list_or_tuple(kind) || kind == HCL_KIND_SET))
                        flatten_into(items, item);
                else
                        g_ptr_array_add(items, hcl_value_ref(item));
        }
}

static HclValue *call_flatten(HclCall *call, HclValue *const *args, size_t n_args) {
        g_autoptr(GPtrArray) items = hcl_value_array_new();
        HclKind kind = hcl_value_kind(args[0]);

        if (!is_list_or_tuple(kind) && kind != HCL_KIND_SET)
                return hcl_call_fail(call, -1, "can only flatten lists, sets and tuples");
        flatten_into(items, args[0]);
        return hcl_value_tuple_of(items);
}

/* ---- range ---- */

static HclValue *range_values(HclCall *call, HclValue *start, HclValue *end, HclValue *step) {
        g_autoptr(GPtrArray) items = hcl_value_array_new();
        g_autoptr(HclValue) number = hcl_value_ref(start);
        bool down = mpfr_sgn(hcl_value_get_number(step)) < 0;

        while (down ? hcl_number_compare(number, end) > 0 : hcl_number_compare(number, end) < 0) {
                HclValue *next;

                if (items->len >= HCL_RANGE_MAX)
                        return hcl_call_fail(call, -1,
                                             "more than %d values were generated; either decrease "
                                             "the difference between start and end or use a "
                                             "smaller step",
                                             HCL_RANGE_MAX);
                g_ptr_array_add(items, hcl_value_ref(number));
                next = hcl_number_add(number, step);
                if (next == NULL)
                        return hcl_call_fail(call, -1, "can't count with opposing infinities");
                hcl_value_unref(number);
                number = next;
        }
        return hcl_value_list_of(&hcl_type_number, items);
}

/* range(end), range(start, end) go up or down by 1; range(start, end, step) as step says, which is
 * looked at only where there is a way to go. */
static HclValue *call_range(HclCall *call, HclValue *const *args, size_t n_args) {
        g_autoptr(HclValue) start = NULL, end = NULL, step = NULL;
        int order;

        if (n_args < 1 || n_args > 3)
                return hcl_call_fail(call, -1, "must have one, two, or three arguments");
        start = n_args == 1 ? hcl_value_int64(0) : hcl_value_ref(args[0]);
        end = hcl_value_ref(args[n_args == 1 ? 0 : 1]);
        order = hcl_number_compare(start, end);
        step = n_args == 3 ? hcl_value_ref(args[2]) : hcl_value_int64(order > 0 ? -1 : 1);
        if (mpfr_zero_p(hcl_value_get_number(step)) && order != 0)
                return hcl_call_fail(call, 2, "step must not be zero");
        if (mpfr_sgn(hcl_value_get_number(step)) < 0 ? order < 0 : order > 0)
                return hcl_call_fail(call, 1,
                                     order < 0 ? "end must be less than start when step is negative"
                                               : "end must be greater than start when step is "
                                                 "positive");
        return range_values(call, start, end, step);
}

static const HclParameter sequences = {"seqs", &hcl_type_dynamic};
static const HclParameter list_and_size[] = {{"list", &hcl_type_list_of_any},
                                             {"size", &hcl_type_number}};
static const HclParameter slice_parameters[] = {{"list", &hcl_type_dynamic},
                                                {"start_index", &hcl_type_number},
                                                {"end_index", &hcl_type_number}};
static const HclParameter list_of_strings[] = {{"list", &hcl_type_list_of_string}};
static const HclParameter list_of_any[] = {{"list", &hcl_type_list_of_any}};
static const HclParameter one_list[] = {{"list", &hcl_type_dynamic}};
static const HclParameter numbers = {"params", &hcl_type_number};

/* clang-format off */
HCL_FUNCTION_TABLE(hcl_functions_sequence,
        {"chunklist", HCL_PARAMETERS(list_and_size), .call = call_chunklist},
        {"compact", HCL_PARAMETERS(list_of_strings), .call = call_compact},
        {"concat", .variadic = &sequences, .call = call_concat},
        {"distinct", HCL_PARAMETERS(list_of_any), .call = call_distinct},
        {"flatten", HCL_PARAMETERS(one_list), .call = call_flatten},
        {"range", .variadic = &numbers, .call = call_range},
        {"slice", HCL_PARAMETERS(slice_parameters), .call = call_slice});
/* clang-format on */
