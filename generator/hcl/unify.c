/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "hcl/unify.h"

#include <string.h>

#include "hcl/convert.h"

/* Types gathered for a question; holds references. */
typedef GPtrArray TypeList;

static TypeList *type_list_new(void) {
        return g_ptr_array_new_with_free_func((GDestroyNotify)hcl_type_unref);
}

static void type_list_add(TypeList *list, const HclType *type) {
        g_ptr_array_add(list, (gpointer)(uintptr_t)hcl_type_ref(type));
}

/* What a tuple's elements or an object's attributes have as i-th type. */
static const HclType *part(const HclType *type, size_t i) {
        return type->kind == HCL_KIND_TUPLE ? type->elements[i] : type->attributes[i].type;
}

static TypeList *parts_of(const HclType *const *types, size_t n) {
        TypeList *list = type_list_new();

        for (size_t i = 0; i < n; i++)
                for (size_t j = 0; j < types[i]->n; j++)
                        type_list_add(list, part(types[i], j));
        return list;
}

static const HclType *unify_list(const TypeList *list) {
        return hcl_type_unify((const HclType *const *)list->pdata, list->len);
}

/* ---- Which types can be converted ---- */

static bool object_convertible(const HclType *from, const HclType *to) {
        for (size_t i = 0; i < to->n; i++) {
                const HclTypeAttribute *want = &to->attributes[i];
                const HclTypeAttribute *have = hcl_type_same_attribute(from, want);

                if (have ? !hcl_type_convertible(have->type, want->type) : !want->optional)
                        return false;
        }
        return true;
}

static bool map_to_object_convertible(const HclType *from, const HclType *to) {
        for (size_t i = 0; i < to->n; i++)
                if (!to->attributes[i].optional &&
                    !hcl_type_convertible(from->element, to->attributes[i].type))
                        return false;
        return true;
}

static bool tuple_convertible(const HclType *from, const HclType *to) {
        if (from->n != to->n)
                return false;
        for (size_t i = 0; i < to->n; i++)
                if (!hcl_type_convertible(from->elements[i], to->elements[i]))
                        return false;
        return true;
}

/* A tuple or an object to a collection with this element type. */
static bool parts_convertible(const HclType *from, const HclType *element) {
        g_autoptr(HclTypeConst) common = NULL;

        if (from->n == 0)
                return true;
        if (element->kind == HCL_KIND_DYNAMIC) {
                g_autoptr(GPtrArray) parts = parts_of(&from, 1);

                element = common = unify_list(parts);
                if (!element)
                        return false;
                if (element->kind == HCL_KIND_DYNAMIC && from->kind == HCL_KIND_TUPLE)
                        for (size_t i = 0; i < from->n; i++)
                                if (from->elements[i]->kind != HCL_KIND_DYNAMIC)
                                        return false;
        }
        for (size_t i = 0; i < from->n; i++)
                if (!hcl_type_convertible(part(from, i), element))
                        return false;
        return true;
}

bool hcl_type_convertible(const HclType *from, const HclType *to) {
        HclKind in = from->kind;

        if (to->kind == HCL_KIND_DYNAMIC || in == HCL_KIND_DYNAMIC)
                return true;
        switch (to->kind) {
        case HCL_KIND_OBJECT:
                return in == HCL_KIND_OBJECT ? object_convertible(from, to)
                       : in == HCL_KIND_MAP  ? map_to_object_convertible(from, to)
                                             : false;
        case HCL_KIND_TUPLE:
                return in == HCL_KIND_TUPLE && tuple_convertible(from, to);
        case HCL_KIND_LIST:
        case HCL_KIND_SET:
                if (in == HCL_KIND_LIST || in == HCL_KIND_SET)
                        return hcl_type_convertible(from->element, to->element);
                return in == HCL_KIND_TUPLE && parts_convertible(from, to->element);
        case HCL_KIND_MAP:
                if (in == HCL_KIND_MAP)
                        return hcl_type_convertible(from->element, to->element);
                return in == HCL_KIND_OBJECT && parts_convertible(from, to->element);
        default:
                return in == to->kind ||
                       (to->kind == HCL_KIND_STRING && hcl_type_is_primitive(from)) ||
                       in == HCL_KIND_STRING;
        }
}

/* ---- Filling in what a constraint leaves open ---- */

static const HclType *fill_element(const HclType *from, const HclType *element) {
        g_autoptr(GPtrArray) parts = NULL;
        g_autoptr(HclTypeConst) common = NULL;

        if (hcl_type_is_collection(from))
                return hcl_type_fill_dynamic(from->element, element);
        if (from->n == 0)
                return hcl_type_ref(element);
        parts = parts_of(&from, 1);
        common = unify_list(parts);
        return common ? hcl_type_fill_dynamic(common, element) : hcl_type_ref(element);
}

static const HclType *fill_object(const HclType *from, const HclType *to) {
        g_autofree HclTypeAttribute *attributes = g_new0(HclTypeAttribute, to->n);
        const HclType *type;

        for (size_t i = 0; i < to->n; i++) {
                const HclTypeAttribute *want = &to->attributes[i];
                const HclTypeAttribute *have =
                        from->kind == HCL_KIND_OBJECT ? hcl_type_same_attribute(from, want) : NULL;
                const HclType *there = from->kind == HCL_KIND_MAP ? from->element
                                       : have                     ? have->type
                                                                  : &hcl_type_dynamic;

                attributes[i].name = want->name;
                attributes[i].size = want->size;
                attributes[i].type = hcl_type_fill_dynamic(there, want->type);
        }
        type = hcl_type_object(attributes, to->n);
        for (size_t i = 0; i < to->n; i++)
                hcl_type_unref(attributes[i].type);
        return type;
}

static const HclType *fill_tuple(const HclType *from, const HclType *to) {
        g_autoptr(GPtrArray) parts = type_list_new();

        for (size_t i = 0; i < to->n; i++) {
                const HclType *there = from->kind == HCL_KIND_TUPLE && i < from->n
                                               ? from->elements[i]
                                               : &hcl_type_dynamic;

                g_ptr_array_add(parts,
                                (gpointer)(uintptr_t)hcl_type_fill_dynamic(there, to->elements[i]));
        }
        return hcl_type_tuple((const HclType *const *)parts->pdata, parts->len);
}

const HclType *hcl_type_fill_dynamic(const HclType *from, const HclType *to) {
        g_autoptr(HclTypeConst) element = NULL;

        if (from->kind == HCL_KIND_DYNAMIC || hcl_type_is_primitive(to))
                return hcl_type_ref(to);
        switch (to->kind) {
        case HCL_KIND_DYNAMIC:
                return hcl_type_ref(from);
        case HCL_KIND_OBJECT:
                return fill_object(from, to);
        case HCL_KIND_TUPLE:
                return fill_tuple(from, to);
        default:
                element = fill_element(from, to->element);
                return to->kind == HCL_KIND_LIST  ? hcl_type_list(element)
                       : to->kind == HCL_KIND_SET ? hcl_type_set(element)
                                                  : hcl_type_map(element);
        }
}

/* ---- Which of several types is to be preferred ---- */

static int compare_types(const HclType *a, const HclType *b);

/* Objects with the same names, tuples of the same length: by their parts, if those agree. */
static int compare_parts(const HclType *a, const HclType *b) {
        bool a_first = false, b_first = false;

        if (a->n != b->n)
                return 0;
        for (size_t i = 0; i < a->n; i++) {
                int order;

                if (a->kind == HCL_KIND_OBJECT &&
                    strcmp(a->attributes[i].name, b->attributes[i].name) != 0)
                        return 0;
                order = compare_types(part(a, i), part(b, i));
                a_first |= order < 0;
                b_first |= order > 0;
        }
        return a_first == b_first ? 0 : a_first ? -1 : 1;
}

/* The rank of kinds that can stand for each other: a list before a tuple before a set, a map before
 * an object. 0: none. */
static int sequence_rank(HclKind kind) {
        return kind == HCL_KIND_LIST    ? 1
               : kind == HCL_KIND_TUPLE ? 2
               : kind == HCL_KIND_SET   ? 3
                                        : 0;
}

static int mapping_rank(HclKind kind) {
        return kind == HCL_KIND_MAP ? 1 : kind == HCL_KIND_OBJECT ? 2 : 0;
}

/* Negative when a is to be preferred; 0 when neither is. */
static int compare_types(const HclType *a, const HclType *b) {
        if (a->kind == HCL_KIND_DYNAMIC || b->kind == HCL_KIND_DYNAMIC)
                return (a->kind == HCL_KIND_DYNAMIC) - (b->kind == HCL_KIND_DYNAMIC);
        if (hcl_type_is_primitive(a) && hcl_type_is_primitive(b))
                return (b->kind == HCL_KIND_STRING) - (a->kind == HCL_KIND_STRING);
        if (a->kind == b->kind)
                return hcl_type_is_collection(a) ? compare_types(a->element, b->element)
                       : a->kind == HCL_KIND_OBJECT || a->kind == HCL_KIND_TUPLE
                               ? compare_parts(a, b)
                               : 0;
        if (sequence_rank(a->kind) && sequence_rank(b->kind))
                return sequence_rank(a->kind) - sequence_rank(b->kind);
        if (mapping_rank(a->kind) && mapping_rank(b->kind))
                return mapping_rank(a->kind) - mapping_rank(b->kind);
        return 0;
}

/* ---- Unification ---- */

enum {
        KINDS = HCL_KIND_OBJECT + 1,
        /* More different types than this have nothing in common: comparing each with each must not
         * take minutes. */
        TYPES_MAX = 1000,
};

static const HclType *unify_elements(const HclType *const *types, size_t n, HclKind kind) {
        g_autoptr(GPtrArray) elements = type_list_new();
        g_autoptr(HclTypeConst) element = NULL;

        for (size_t i = 0; i < n; i++)
                type_list_add(elements, types[i]->element);
        element = unify_list(elements);
        if (!element)
                return NULL;
        return kind == HCL_KIND_LIST  ? hcl_type_list(element)
               : kind == HCL_KIND_SET ? hcl_type_set(element)
                                      : hcl_type_map(element);
}

/* Tuples as one list, objects as one map, of whatever their parts have in common. */
static const HclType *unify_as_collection(const HclType *const *types, size_t n, HclKind kind) {
        g_autoptr(GPtrArray) parts = parts_of(types, n);
        g_autoptr(HclTypeConst) element = unify_list(parts);

        if (!element || parts->len == 0)
                return NULL;
        for (size_t i = 0; i < n; i++)
                if (!parts_convertible(types[i], element))
                        return NULL;
        return kind == HCL_KIND_LIST ? hcl_type_list(element) : hcl_type_map(element);
}

static bool same_shape(const HclType *a, const HclType *b) {
        if (a->n != b->n)
                return false;
        for (size_t i = 0; a->kind == HCL_KIND_OBJECT && i < a->n; i++)
                if (hcl_type_compare_names(&a->attributes[i], &b->attributes[i]) != 0)
                        return false;
        return true;
}

/* Tuples of one length, or objects with the same names: part by part. */
static const HclType *unify_parts(const HclType *const *types, size_t n, HclKind kind) {
        g_autoptr(GPtrArray) parts = type_list_new();
        g_autofree HclTypeAttribute *attributes = NULL;

        for (size_t i = 1; i < n; i++)
                if (!same_shape(types[0], types[i]))
                        return unify_as_collection(
                                types, n, kind == HCL_KIND_TUPLE ? HCL_KIND_LIST : HCL_KIND_MAP);
        for (size_t j = 0; j < types[0]->n; j++) {
                g_autoptr(GPtrArray) across = type_list_new();
                const HclType *common;

                for (size_t i = 0; i < n; i++)
                        type_list_add(across, part(types[i], j));
                common = unify_list(across);
                if (!common)
                        return NULL;
                g_ptr_array_add(parts, (gpointer)(uintptr_t)common);
        }
        if (kind == HCL_KIND_TUPLE)
                return hcl_type_tuple((const HclType *const *)parts->pdata, parts->len);
        attributes = g_new0(HclTypeAttribute, parts->len);
        for (guint j = 0; j < parts->len; j++)
                attributes[j] = (HclTypeAttribute){.name = types[0]->attributes[j].name,
                                                   .size = types[0]->attributes[j].size,
                                                   .type = parts->pdata[j]};
        return hcl_type_object(attributes, parts->len);
}

/* Tuples among lists, or objects among maps: first made collections of their own. */
static const HclType *unify_mixed(const HclType *const *types, size_t n, HclKind loose,
                                  HclKind collection) {
        g_autoptr(GPtrArray) loose_types = type_list_new();
        g_autoptr(GPtrArray) all = type_list_new();
        g_autoptr(HclTypeConst) gathered = NULL;
        const HclType *result;

        for (size_t i = 0; i < n; i++)
                if (types[i]->kind == loose)
                        type_list_add(loose_types, types[i]);
        gathered = unify_as_collection((const HclType *const *)loose_types->pdata, loose_types->len,
                                       collection);
        if (!gathered)
                return NULL;
        for (size_t i = 0; i < n; i++)
                type_list_add(all, types[i]->kind == loose ? gathered : types[i]);
        result = unify_list(all);
        if (result && result->kind == collection)
                return result;
        hcl_type_unref(result);
        return NULL;
}

/* The indices of the types in order of preference: a topological order, in which a type comes after
 * all that are preferred to it and types without preference keep the order they were given in. */
static size_t *preference_order(const HclType *const *types, size_t n) {
        g_autofree size_t *before =
                g_new0(size_t, n); /* preferred ones that are not in order yet */
        size_t *order = g_new(size_t, n), ready = 0;

        for (size_t i = 0; i < n; i++) {
                for (size_t j = 0; j < n; j++)
                        before[i] += compare_types(types[j], types[i]) < 0;
                if (before[i] == 0)
                        order[ready++] = i;
        }
        for (size_t done = 0; done < ready; done++)
                for (size_t i = 0; i < n; i++)
                        if (compare_types(types[order[done]], types[i]) < 0 && --before[i] == 0)
                                order[ready++] = i;
        g_assert(ready == n);
        return order;
}

/* The most preferred type that all others can be converted to. */
static const HclType *unify_by_preference(const HclType *const *types, size_t n) {
        g_autofree size_t *order = preference_order(types, n);

        for (size_t tried = 0; tried < n; tried++) {
                const HclType *want = types[order[tried]];
                size_t fits = 0;

                while (fits < n && hcl_type_convertible(types[fits], want))
                        fits++;
                if (fits == n)
                        return hcl_type_ref(want);
        }
        return NULL;
}

static bool all_equal(const HclType *const *types, size_t n) {
        for (size_t i = 1; i < n; i++)
                if (!hcl_type_equal(types[0], types[i]))
                        return false;
        return true;
}

/* Repetitions say nothing new; a long tuple has few different types. */
static TypeList *distinct(const HclType *const *types, size_t n) {
        TypeList *list = type_list_new();

        for (size_t i = 0; i < n && list->len <= TYPES_MAX; i++) {
                guint j = 0;

                while (j < list->len && !hcl_type_equal(list->pdata[j], types[i]))
                        j++;
                if (j == list->len)
                        type_list_add(list, types[i]);
        }
        return list;
}

static const HclType *unify_distinct(const HclType *const *types, size_t n) {
        size_t count[KINDS] = {0}, dynamic;
        const HclType *result = NULL;

        for (size_t i = 0; i < n; i++)
                count[types[i]->kind]++;
        dynamic = count[HCL_KIND_DYNAMIC];
        for (HclKind kind = HCL_KIND_LIST; kind <= HCL_KIND_OBJECT; kind++) {
                if (count[kind] == 0 || count[kind] + dynamic < n)
                        continue;
                if (dynamic > 0)
                        return &hcl_type_dynamic;
                return kind >= HCL_KIND_TUPLE ? unify_parts(types, n, kind)
                                              : unify_elements(types, n, kind);
        }
        if (count[HCL_KIND_OBJECT] > 0 && count[HCL_KIND_TUPLE] > 0)
                return NULL;
        if (count[HCL_KIND_MAP] > 0 && count[HCL_KIND_MAP] + count[HCL_KIND_OBJECT] + dynamic == n)
                result = unify_mixed(types, n, HCL_KIND_OBJECT, HCL_KIND_MAP);
        else if (count[HCL_KIND_LIST] > 0 &&
                 count[HCL_KIND_LIST] + count[HCL_KIND_TUPLE] + dynamic == n)
                result = unify_mixed(types, n, HCL_KIND_TUPLE, HCL_KIND_LIST);
        return result ? result : unify_by_preference(types, n);
}

const HclType *hcl_type_unify(const HclType *const *types, size_t n) {
        g_autoptr(GPtrArray) list = NULL;

        if (n == 0)
                return &hcl_type_dynamic;
        if (all_equal(types, n))
                return hcl_type_ref(types[0]);
        list = distinct(types, n);
        if (list->len > TYPES_MAX)
                return NULL;
        return unify_distinct((const HclType *const *)list->pdata, list->len);
}
