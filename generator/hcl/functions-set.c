/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "hcl/functions-impl.h"

/* ---- Union and intersection ---- */

/* The set type to which all arguments can be brought, or NULL. An empty set without an element type
 * fits any other. */
static const HclType *common_set_type(HclValue *const *args, size_t n_args) {
        g_autoptr(GPtrArray) types = g_ptr_array_new_with_free_func((GDestroyNotify)hcl_type_unref);
        g_autoptr(HclTypeConst) element = NULL;

        for (size_t i = 0; i < n_args; i++) {
                g_autoptr(HclTypeConst) type = hcl_value_type(args[i]);

                if (hcl_value_length(args[i]) > 0 || type->element->kind != HCL_KIND_DYNAMIC)
                        g_ptr_array_add(types, (gpointer)(uintptr_t)hcl_type_ref(type->element));
        }
        if (types->len == 0)
                return hcl_type_set(&hcl_type_dynamic);
        element = hcl_type_unify((const HclType *const *)types->pdata, types->len);
        return element == NULL ? NULL : hcl_type_set(element);
}

/* Appends what belongs to the result: of a union everything, of an intersection what `all` hold. */
static void add_members(GPtrArray *items, const HclValue *set, GPtrArray *all) {
        for (size_t i = 0; i < hcl_value_length(set); i++) {
                HclValue *item = hcl_value_element(set, i);
                bool everywhere = true;

                for (guint j = 0; all != NULL && everywhere && j < all->len; j++)
                        everywhere = hcl_value_set_contains(all->pdata[j], item);
                if (everywhere)
                        g_ptr_array_add(items, hcl_value_ref(item));
        }
}

static HclValue *combine(HclCall *call, HclValue *const *args, size_t n_args, bool intersection) {
        g_autoptr(HclTypeConst) type = common_set_type(args, n_args);
        g_autoptr(GPtrArray) sets = hcl_value_array_new();
        g_autoptr(GPtrArray) items = hcl_value_array_new();

        if (type == NULL)
                return hcl_call_fail(call, -1, "given sets must all have compatible element types");
        for (size_t i = 0; i < n_args; i++) {
                g_autofree char *why = NULL;
                HclValue *set = hcl_value_convert(args[i], type, &why);

                if (set == NULL)
                        return hcl_call_fail(call, (int)i, "%s", why);
                g_ptr_array_add(sets, set);
        }
        for (guint i = 0; i < (intersection ? 1 : sets->len); i++)
                add_members(items, sets->pdata[i], intersection ? sets : NULL);
        return hcl_value_set(type->element, (HclValue *const *)items->pdata, items->len);
}

static HclValue *call_setunion(HclCall *call, HclValue *const *args, size_t n_args) {
        return combine(call, args, n_args, false);
}

static HclValue *call_setintersection(HclCall *call, HclValue *const *args, size_t n_args) {
        return combine(call, args, n_args, true);
}

/* ---- Product ---- */

/* The type of the elements of a set, list or tuple; NULL after reporting that there is none. */
static const HclType *element_type(HclCall *call, HclValue *const *args, size_t arg) {
        g_autoptr(HclTypeConst) type = hcl_value_type(args[arg]);
        const HclType *common;

        if (type->kind == HCL_KIND_SET || type->kind == HCL_KIND_LIST)
                return hcl_type_ref(type->element);
        if (type->kind != HCL_KIND_TUPLE) {
                hcl_call_fail(call, (int)arg, "a set or a list is required");
                return NULL;
        }
        common = hcl_type_unify(type->elements, type->n);
        if (common == NULL)
                hcl_call_fail(call, (int)arg, "all elements must be of the same type");
        return common;
}

/* Element number `index` of the product: its digits, the last argument's counting fastest. NULL
 * after reporting. */
static HclValue *product_element(HclCall *call, HclValue *const *args, size_t n_args,
                                 const HclType *const *types, size_t index) {
        g_autoptr(GPtrArray) parts = hcl_value_array_new();

        g_ptr_array_set_size(parts, (gint)n_args);
        for (size_t i = n_args; i > 0; i--) {
                size_t length = hcl_value_length(args[i - 1]);
                g_autofree char *why = NULL;

                parts->pdata[i - 1] = hcl_value_convert(
                        hcl_value_element(args[i - 1], index % length), types[i - 1], &why);
                index /= length;
                if (parts->pdata[i - 1] == NULL)
                        return hcl_call_fail(call, (int)i - 1, "%s", why);
        }
        return hcl_value_tuple_of(parts);
}

static HclValue *product(HclCall *call, HclValue *const *args, size_t n_args,
                         const HclType *const *types, size_t total, bool is_list) {
        g_autoptr(HclTypeConst) element = hcl_type_tuple(types, n_args);
        g_autoptr(GPtrArray) items = hcl_value_array_new();

        for (size_t i = 0; i < total; i++) {
                HclValue *item = product_element(call, args, n_args, types, i);

                if (item == NULL)
                        return NULL;
                g_ptr_array_add(items, item);
        }
        return is_list ? hcl_value_list_of(element, items)
                       : hcl_value_set(element, (HclValue *const *)items->pdata, items->len);
}

static HclValue *call_setproduct(HclCall *call, HclValue *const *args, size_t n_args) {
        g_autoptr(GPtrArray) types = g_ptr_array_new_with_free_func((GDestroyNotify)hcl_type_unref);
        size_t total = 1;
        bool is_list = true;

        if (n_args < 2)
                return hcl_call_fail(call, -1, "at least two arguments are required");
        for (size_t i = 0; i < n_args; i++) {
                const HclType *type = element_type(call, args, i);

                if (type == NULL)
                        return NULL;
                g_ptr_array_add(types, (gpointer)(uintptr_t)type);
                is_list = is_list && hcl_value_kind(args[i]) != HCL_KIND_SET;
                total *= hcl_value_length(args[i]);
                if (total > HCL_RESULT_ITEMS_MAX)
                        return hcl_call_fail(call, -1, "the result has more than %d elements",
                                             HCL_RESULT_ITEMS_MAX);
        }
        return product(call, args, n_args, (const HclType *const *)types->pdata, total, is_list);
}

static const HclParameter first_set[] = {{"first_set", &hcl_type_set_of_any}};
static const HclParameter other_sets = {"other_sets", &hcl_type_set_of_any};
static const HclParameter sets = {"sets", &hcl_type_dynamic};

/* clang-format off */
HCL_FUNCTION_TABLE(hcl_functions_set,
        {"setintersection", HCL_PARAMETERS(first_set), .variadic = &other_sets,
         .call = call_setintersection},
        {"setproduct", .variadic = &sets, .call = call_setproduct},
        {"setunion", HCL_PARAMETERS(first_set), .variadic = &other_sets, .call = call_setunion});
/* clang-format on */
