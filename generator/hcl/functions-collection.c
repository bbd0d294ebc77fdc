/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "hcl/functions-impl.h"

#include <string.h>

/* Maps and objects, and what asks a collection for one thing; functions-sequence.c has what makes
 * lists of lists. */

static bool is_mapping(HclKind kind) {
        return kind == HCL_KIND_MAP || kind == HCL_KIND_OBJECT;
}

static HclValue *call_length(HclCall *call, HclValue *const *args, size_t n_args) {
        HclKind kind = hcl_value_kind(args[0]);

        if (kind != HCL_KIND_TUPLE && kind != HCL_KIND_LIST && kind != HCL_KIND_MAP &&
            kind != HCL_KIND_SET)
                return hcl_call_fail(call, -1, "collection must be a list, a map or a tuple%s",
                                     kind == HCL_KIND_STRING
                                             ? "; the length of a string is that of strlen()"
                                             : "");
        return hcl_value_int64((int64_t)hcl_value_length(args[0]));
}

static HclValue *index_sequence(HclCall *call, HclValue *const *args) {
        int64_t index;

        if (hcl_value_kind(args[1]) != HCL_KIND_NUMBER)
                return hcl_call_fail(call, -1, "key for %s must be number",
                                     hcl_value_kind(args[0]) == HCL_KIND_TUPLE ? "tuple" : "list");
        if (!hcl_value_get_int64(args[1], &index) || index < 0 ||
            (uint64_t)index >= hcl_value_length(args[0]))
                return hcl_call_fail(call, -1, "invalid index");
        return hcl_value_ref(hcl_value_element(args[0], (size_t)index));
}

static HclValue *call_index(HclCall *call, HclValue *const *args, size_t n_args) {
        HclValue *found;
        size_t size;
        const char *key;

        switch (hcl_value_kind(args[0])) {
        case HCL_KIND_TUPLE:
        case HCL_KIND_LIST:
                return index_sequence(call, args);
        case HCL_KIND_MAP:
                if (hcl_value_kind(args[1]) != HCL_KIND_STRING)
                        return hcl_call_fail(call, -1, "key for map must be string");
                key = hcl_arg_text(args, 1, &size);
                found = hcl_value_member(args[0], key, (gssize)size);
                return found != NULL ? hcl_value_ref(found)
                                     : hcl_call_fail(call, -1, "invalid index");
        default:
                return hcl_call_fail(call, -1, "collection must be a list, a map or a tuple");
        }
}

/* The index goes round: -1 is the last element. */
static HclValue *call_element(HclCall *call, HclValue *const *args, size_t n_args) {
        HclKind kind = hcl_value_kind(args[0]);
        int64_t index, length;

        if (kind != HCL_KIND_LIST && kind != HCL_KIND_TUPLE) {
                g_autoptr(HclTypeConst) type = hcl_value_type(args[0]);
                g_autofree char *name = hcl_type_name(type);

                return hcl_call_fail(call, -1, "cannot read elements from %s", name);
        }
        if (!hcl_call_get_int(call, args, 1, &index))
                return NULL;
        length = (int64_t)hcl_value_length(args[0]);
        if (length == 0)
                return hcl_call_fail(call, -1, "cannot use element function with an empty list");
        index %= length;
        return hcl_value_ref(
                hcl_value_element(args[0], (size_t)(index < 0 ? index + length : index)));
}

static HclValue *call_keys(HclCall *call, HclValue *const *args, size_t n_args) {
        g_autoptr(GPtrArray) keys = hcl_value_array_new();

        if (!is_mapping(hcl_value_kind(args[0])))
                return hcl_call_fail(call, 0, "must have map or object type");
        for (size_t i = 0; i < hcl_value_length(args[0]); i++)
                g_ptr_array_add(keys, hcl_value_ref(hcl_value_key(args[0], i)));
        if (hcl_value_kind(args[0]) == HCL_KIND_OBJECT)
                return hcl_value_tuple_of(keys);
        return hcl_value_list_of_strings(keys);
}

static HclValue *call_values(HclCall *call, HclValue *const *args, size_t n_args) {
        g_autoptr(GPtrArray) values = hcl_value_array_new();
        g_autoptr(HclTypeConst) type = hcl_value_type(args[0]);

        if (!is_mapping(type->kind))
                return hcl_call_fail(call, -1, "values() requires a map as the first argument");
        for (size_t i = 0; i < hcl_value_length(args[0]); i++)
                g_ptr_array_add(values, hcl_value_ref(hcl_value_element(args[0], i)));
        if (type->kind == HCL_KIND_OBJECT)
                return hcl_value_tuple_of(values);
        return hcl_value_list_of(type->element, values);
}

static HclValue *call_lookup(HclCall *call, HclValue *const *args, size_t n_args) {
        g_autoptr(HclTypeConst) type = hcl_value_type(args[0]);
        g_autofree char *why = NULL;
        g_autoptr(HclValue) otherwise = NULL;
        size_t size;
        const char *key = hcl_arg_text(args, 1, &size);
        HclValue *found;

        if (!is_mapping(type->kind))
                return hcl_call_fail(call, 0, "lookup() requires a map as the first argument");
        /* The default of a map must fit even where it is not used. */
        if (type->kind == HCL_KIND_MAP) {
                otherwise = hcl_value_convert(args[2], type->element, &why);
                if (otherwise == NULL)
                        return hcl_call_fail(call, 2,
                                             "the default value must have the same type as the "
                                             "map elements");
        } else {
                otherwise = hcl_value_ref(args[2]);
        }
        found = hcl_value_member(args[0], key, (gssize)size);
        return hcl_value_ref(found != NULL ? found : otherwise);
}

/* Whether all arguments are of one type, and that is a map; nulls of objects count as {}. */
static bool all_are_maps_of_one_type(HclValue *const *args, size_t n_args) {
        g_autoptr(HclTypeConst) first = n_args > 0 ? hcl_value_type(args[0]) : NULL;

        for (size_t i = 1; i < n_args; i++) {
                g_autoptr(HclTypeConst) type = hcl_value_type(args[i]);

                if (!hcl_type_equal(first, type))
                        return false;
        }
        return first != NULL && first->kind == HCL_KIND_MAP;
}

/* Whether merge() takes an argument. Behind a null of no type go-cty no longer looks at types: what
 * adds nothing may be anything. */
static bool can_merge(const HclValue *value, bool untyped) {
        HclKind kind = hcl_value_kind(value);

        if (is_mapping(kind))
                return true;
        return untyped && (hcl_value_is_null(value) ||
                           (kind >= HCL_KIND_LIST && hcl_value_length(value) == 0));
}

static HclValue *call_merge(HclCall *call, HclValue *const *args, size_t n_args) {
        g_autoptr(HclMembers) members = hcl_members_new();
        g_autoptr(HclTypeConst) first = NULL;
        bool untyped = false;

        for (size_t i = 0; i < n_args; i++) {
                g_autoptr(HclTypeConst) type = hcl_value_type(args[i]);

                untyped = untyped || type->kind == HCL_KIND_DYNAMIC;
                if (!can_merge(args[i], untyped)) {
                        g_autofree char *name = hcl_type_name(type);

                        return hcl_call_fail(call, -1,
                                             "arguments must be maps or objects, got \"%s\"", name);
                }
                for (size_t j = 0; !hcl_value_is_null(args[i]) && j < hcl_value_length(args[i]);
                     j++)
                        hcl_members_set_key(members, hcl_value_key(args[i], j),
                                            hcl_value_element(args[i], j));
        }
        if (!all_are_maps_of_one_type(args, n_args))
                return hcl_members_to_object(members);
        first = hcl_value_type(args[0]);
        return hcl_members_to_map(members, first->element);
}

static HclValue *call_zipmap(HclCall *call, HclValue *const *args, size_t n_args) {
        g_autoptr(HclMembers) members = hcl_members_new();
        g_autoptr(HclTypeConst) type = hcl_value_type(args[1]);
        size_t n = hcl_value_length(args[0]);

        if (type->kind != HCL_KIND_LIST && type->kind != HCL_KIND_TUPLE)
                return hcl_call_fail(call, -1, "values argument must be a list or tuple value");
        if (n != hcl_value_length(args[1]))
                return hcl_call_fail(call, -1,
                                     "number of keys (%zu) does not match number of values (%zu)",
                                     n, hcl_value_length(args[1]));
        for (size_t i = 0; i < n; i++) {
                if (hcl_value_is_null(hcl_value_element(args[0], i)))
                        return hcl_call_fail(call, -1, "keys list has null value at index %zu", i);
                hcl_members_set_key(members, hcl_value_element(args[0], i),
                                    hcl_value_element(args[1], i));
        }
        return type->kind == HCL_KIND_LIST ? hcl_members_to_map(members, type->element)
                                           : hcl_members_to_object(members);
}

/* As the language's `==`: a null equals a null of whatever type, other values only what is of
 * their own type. */
static bool is_same(const HclValue *a, const HclValue *b) {
        if (hcl_value_is_null(a) || hcl_value_is_null(b))
                return hcl_value_is_null(a) && hcl_value_is_null(b);
        return hcl_value_equal(a, b);
}

static HclValue *call_contains(HclCall *call, HclValue *const *args, size_t n_args) {
        HclKind kind = hcl_value_kind(args[0]);
        bool found = false;

        if (kind != HCL_KIND_LIST && kind != HCL_KIND_TUPLE && kind != HCL_KIND_SET)
                return hcl_call_fail(call, -1, "argument must be list, tuple, or set");
        if (hcl_value_kind(args[1]) == HCL_KIND_DYNAMIC)
                return hcl_call_fail(call, 1, "argument must not be null");
        for (size_t i = 0; !found && i < hcl_value_length(args[0]); i++)
                found = is_same(args[1], hcl_value_element(args[0], i));
        return hcl_value_bool(found);
}

/* The first value that is not null, as the type to which all can be converted. */
static HclValue *call_coalesce(HclCall *call, HclValue *const *args, size_t n_args) {
        g_autoptr(GPtrArray) types = g_ptr_array_new_with_free_func((GDestroyNotify)hcl_type_unref);
        g_autoptr(HclTypeConst) common = NULL;
        g_autofree char *why = NULL;

        for (size_t i = 0; i < n_args; i++)
                g_ptr_array_add(types, (gpointer)(uintptr_t)hcl_value_type(args[i]));
        common = hcl_type_unify((const HclType *const *)types->pdata, types->len);
        if (common == NULL)
                return hcl_call_fail(call, -1, "all arguments must have the same type");
        for (size_t i = 0; i < n_args; i++) {
                HclValue *converted;

                if (hcl_value_is_null(args[i]))
                        continue;
                converted = hcl_value_convert(args[i], common, &why);
                return converted != NULL ? converted : hcl_call_fail(call, (int)i, "%s", why);
        }
        return hcl_call_fail(call, -1, "no non-null arguments");
}

static HclValue *call_coalescelist(HclCall *call, HclValue *const *args, size_t n_args) {
        HclValue *found = NULL;

        if (n_args == 0)
                return hcl_call_fail(call, -1, "at least one argument is required");
        for (size_t i = 0; i < n_args; i++) {
                HclKind kind = hcl_value_kind(args[i]);

                if (kind != HCL_KIND_LIST && kind != HCL_KIND_TUPLE)
                        return hcl_call_fail(call, -1,
                                             "coalescelist arguments must be lists or tuples");
                if (found == NULL && !hcl_value_is_null(args[i]) && hcl_value_length(args[i]) > 0)
                        found = args[i];
        }
        return found != NULL ? hcl_value_ref(found)
                             : hcl_call_fail(call, -1, "no non-null arguments");
}

static const HclParameter one_collection[] = {{"collection", &hcl_type_dynamic}};
static const HclParameter collection_and_key[] = {{"collection", &hcl_type_dynamic},
                                                  {"key", &hcl_type_dynamic}};
static const HclParameter list_and_index[] = {{"list", &hcl_type_dynamic},
                                              {"index", &hcl_type_number}};
static const HclParameter one_mapping[] = {{"mapping", &hcl_type_dynamic}};
static const HclParameter lookup_parameters[] = {
        {"inputMap", &hcl_type_dynamic}, {"key", &hcl_type_string}, {"default", &hcl_type_dynamic}};
static const HclParameter maps = {"maps", &hcl_type_dynamic, .allow_null = true};
static const HclParameter keys_and_values[] = {{"keys", &hcl_type_list_of_string},
                                               {"values", &hcl_type_dynamic}};
static const HclParameter list_and_value[] = {{"list", &hcl_type_dynamic},
                                              {"value", &hcl_type_dynamic, .allow_null = true}};
static const HclParameter values = {"vals", &hcl_type_dynamic, .allow_null = true};

/* clang-format off */
HCL_FUNCTION_TABLE(hcl_functions_collection,
        {"coalesce", .variadic = &values, .call = call_coalesce},
        {"coalescelist", .variadic = &values, .call = call_coalescelist},
        {"contains", HCL_PARAMETERS(list_and_value), .call = call_contains},
        {"element", HCL_PARAMETERS(list_and_index), .call = call_element},
        {"index", HCL_PARAMETERS(collection_and_key), .call = call_index},
        {"keys", HCL_PARAMETERS(one_mapping), .call = call_keys},
        {"length", HCL_PARAMETERS(one_collection), .call = call_length},
        {"lookup", HCL_PARAMETERS(lookup_parameters), .call = call_lookup},
        {"merge", .variadic = &maps, .call = call_merge},
        {"values", HCL_PARAMETERS(one_mapping), .call = call_values},
        {"zipmap", HCL_PARAMETERS(keys_and_values), .call = call_zipmap});
/* clang-format on */
