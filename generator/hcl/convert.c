/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "hcl/convert.h"

#include <string.h>

#include "hcl/number.h"
#include "hcl/unify.h"

/* An element that is being converted, in a value. */
typedef struct Place Place;
struct Place {
        const Place *outer; /* NULL: in the value as a whole */
        const HclValue *value;
        size_t index;
};

/* A conversion under way: where in the value it is, and what went wrong. */
typedef struct {
        const Place *place; /* NULL: the value as a whole */
        char *error;        /* first one only */
} Conversion;

static HclValue *convert(Conversion *conversion, HclValue *value, const HclType *type);

/* `attribute "a", element 0`, from the outside in. */
static void append_place(GString *out, const Place *place) {
        HclKind kind = hcl_value_kind(place->value);

        if (place->outer) {
                append_place(out, place->outer);
                g_string_append(out, ", ");
        }
        if (kind == HCL_KIND_OBJECT || kind == HCL_KIND_MAP)
                g_string_append_printf(
                        out, "%s \"%s\"", kind == HCL_KIND_OBJECT ? "attribute" : "element",
                        hcl_value_text(hcl_value_key(place->value, place->index), NULL));
        else
                g_string_append_printf(out, "element %zu", place->index);
}

static HclValue *fail(Conversion *conversion, const char *format, ...) G_GNUC_PRINTF(2, 3);
static HclValue *fail(Conversion *conversion, const char *format, ...) {
        g_autoptr(GString) what = NULL;
        va_list args;

        if (conversion->error)
                return NULL;
        what = g_string_new(NULL);
        if (conversion->place) {
                append_place(what, conversion->place);
                g_string_append(what, ": ");
        }
        va_start(args, format);
        g_string_append_vprintf(what, format, args);
        va_end(args);
        conversion->error = g_string_free(g_steal_pointer(&what), FALSE);
        return NULL;
}

static HclValue *number_to_text(Conversion *conversion, const HclValue *value) {
        g_autofree char *text = NULL;

        if (!hcl_value_number_has_text(value))
                return fail(conversion, "this number has too many digits to be written as text");
        text = hcl_value_number_text(value);
        return hcl_value_string(text, -1);
}

/* Text as a message shows it: quoted, short, on one line. */
static char *shown(const HclValue *value) {
        size_t size;
        const char *text = hcl_value_text(value, &size);
        g_autofree char *head = NULL;

        if (g_utf8_strlen(text, (gssize)size) <= 40)
                return g_strescape(text, NULL);
        head = g_utf8_substring(text, 0, 40);
        return g_strconcat(head, "...", NULL);
}

static HclValue *text_to_bool(Conversion *conversion, const HclValue *value) {
        size_t size;
        const char *text = hcl_value_text(value, &size);
        g_autofree char *quoted = NULL;

        if (strlen(text) == size) {
                if (strcmp(text, "true") == 0 || strcmp(text, "1") == 0)
                        return hcl_value_bool(true);
                if (strcmp(text, "false") == 0 || strcmp(text, "0") == 0)
                        return hcl_value_bool(false);
        }
        quoted = shown(value);
        if (g_ascii_strcasecmp(text, "true") == 0 || g_ascii_strcasecmp(text, "false") == 0)
                return fail(conversion,
                            "a bool is required; to convert from string, use lowercase \"%s\"",
                            g_ascii_tolower(*text) == 't' ? "true" : "false");
        return fail(conversion, "a bool is required, and \"%s\" is neither \"true\" nor \"false\"",
                    quoted);
}

static HclValue *text_to_number(Conversion *conversion, const HclValue *value) {
        size_t size;
        const char *text = hcl_value_text(value, &size);
        HclValue *number = hcl_value_number_parse(text, (gssize)size);
        g_autofree char *quoted = NULL;

        if (number)
                return number;
        quoted = shown(value);
        return fail(conversion, "a number is required, and \"%s\" is not one", quoted);
}

static HclValue *mismatch(Conversion *conversion, const HclValue *value, const HclType *type) {
        g_autofree char *want = hcl_type_name(type);
        g_autoptr(HclTypeConst) have_type = hcl_value_type(value);
        g_autofree char *have = hcl_type_name(have_type);

        if (strcmp(want, have) == 0)
                return fail(conversion, "a different %s is required", want);
        return fail(conversion, "%s required, not %s", want, have);
}

static HclValue *to_primitive(Conversion *conversion, HclValue *value, const HclType *type) {
        HclKind from = hcl_value_kind(value), to = hcl_type_kind(type);

        if (from == to)
                return hcl_value_ref(value);
        if (from == HCL_KIND_NUMBER && to == HCL_KIND_STRING)
                return number_to_text(conversion, value);
        if (from == HCL_KIND_BOOL && to == HCL_KIND_STRING)
                return hcl_value_string(hcl_value_get_bool(value) ? "true" : "false", -1);
        if (from == HCL_KIND_STRING && to == HCL_KIND_NUMBER)
                return text_to_number(conversion, value);
        if (from == HCL_KIND_STRING && to == HCL_KIND_BOOL)
                return text_to_bool(conversion, value);
        return mismatch(conversion, value, type);
}

/* Converts one element, with its place for messages. */
static HclValue *convert_element(Conversion *conversion, HclValue *value, size_t index,
                                 const HclType *type) {
        Place place = {.outer = conversion->place, .value = value, .index = index};
        HclValue *result;

        conversion->place = &place;
        result = convert(conversion, hcl_value_element(value, index), type);
        conversion->place = place.outer;
        return result;
}

static const char *collection_name(HclKind kind) {
        return kind == HCL_KIND_LIST ? "list" : kind == HCL_KIND_SET ? "set" : "map";
}

/* The type that all items can be brought to; NULL after reporting that there is none. */
static const HclType *common_type(Conversion *conversion, HclValue *const *items, size_t n,
                                  HclKind kind) {
        g_autofree const HclType **types = g_new(const HclType *, n);
        const HclType *common;

        for (size_t i = 0; i < n; i++)
                types[i] = hcl_value_type(items[i]);
        common = hcl_type_unify(types, n);
        for (size_t i = 0; i < n; i++)
                hcl_type_unref(types[i]);
        if (!common)
                (void)fail(conversion, "all %s elements must have the same type",
                           collection_name(kind));
        return common;
}

/* What the elements are converted to: the element type of the collection, or, where that is
 * `dynamic`, what the parts of a tuple or object have in common. NULL after reporting. */
static const HclType *wanted_element(Conversion *conversion, HclValue *value, HclKind kind,
                                     const HclType *element) {
        g_autoptr(HclTypeConst) type = NULL;
        const HclType *common;
        size_t n = hcl_value_length(value);
        g_autofree HclValue **items = NULL;

        if (hcl_type_kind(element) != HCL_KIND_DYNAMIC || n == 0)
                return hcl_type_ref(element);
        type = hcl_value_type(value);
        if (hcl_type_is_collection(type))
                return hcl_type_ref(element);
        items = g_new(HclValue *, n);
        for (size_t i = 0; i < n; i++)
                items[i] = hcl_value_element(value, i);
        common = common_type(conversion, items, n, kind);
        /* Only nulls of no type have nothing but `dynamic` in common, in lists and sets. */
        for (size_t i = 0; common && kind != HCL_KIND_MAP && i < n; i++) {
                if (hcl_type_kind(common) != HCL_KIND_DYNAMIC ||
                    hcl_value_kind(items[i]) == HCL_KIND_DYNAMIC)
                        continue;
                hcl_type_unref(common);
                common = NULL;
                (void)fail(conversion, "all %s elements must have the same type",
                           collection_name(kind));
        }
        return common;
}

/* Converts all items again, in place; false after reporting. */
static bool convert_again(Conversion *conversion, GPtrArray *items, const HclType *type) {
        for (guint i = 0; i < items->len; i++) {
                HclValue *item = convert(conversion, items->pdata[i], type);

                if (!item)
                        return false;
                hcl_value_unref(items->pdata[i]);
                items->pdata[i] = item;
        }
        return true;
}

/* The one type that all items have, not counting values of no type. NULL after reporting. */
static const HclType *single_type(Conversion *conversion, const GPtrArray *items, HclKind kind) {
        g_autoptr(HclTypeConst) single = &hcl_type_dynamic;

        for (guint i = 0; i < items->len; i++) {
                g_autoptr(HclTypeConst) type = hcl_value_type(items->pdata[i]);

                if (hcl_type_kind(single) == HCL_KIND_DYNAMIC) {
                        hcl_type_unref(single);
                        single = g_steal_pointer(&type);
                } else if (hcl_type_kind(type) != HCL_KIND_DYNAMIC &&
                           !hcl_type_equal(single, type)) {
                        (void)fail(conversion, "element types must all match for conversion to %s",
                                   collection_name(kind));
                        return NULL;
                }
        }
        return g_steal_pointer(&single);
}

/* Brings items that were converted to a type with `dynamic` in it to one type, as far as the
 * original does. Returns that type, a new reference, or NULL after reporting. */
static const HclType *settle(Conversion *conversion, const HclValue *value, GPtrArray *items,
                             HclKind kind, const HclType *element) {
        g_autoptr(HclTypeConst) common = NULL, single = NULL;
        bool structural =
                hcl_type_is_collection(element) || hcl_type_kind(element) == HCL_KIND_OBJECT;

        if ((kind == HCL_KIND_LIST && hcl_value_kind(value) == HCL_KIND_TUPLE) ||
            (kind == HCL_KIND_MAP && structural)) {
                common = common_type(conversion, (HclValue *const *)items->pdata, items->len, kind);
                if (!common || !convert_again(conversion, items, common))
                        return NULL;
        }
        single = single_type(conversion, items, kind);
        if (!single || !convert_again(conversion, items, single))
                return NULL;
        return g_steal_pointer(&single);
}

/* The element type of an empty collection, which keeps that of what it was made from where the
 * type leaves it open. */
static const HclType *empty_element(const HclValue *value, const HclType *element) {
        g_autoptr(HclTypeConst) type = hcl_value_type(value);

        if (hcl_type_kind(element) == HCL_KIND_DYNAMIC && hcl_type_is_collection(type))
                return hcl_type_ref(type->element);
        return hcl_type_without_optional(element);
}

/* Whether an empty value could become a collection of such elements: a collection has a type of
 * elements even without any. False after reporting. */
static bool fits_empty(Conversion *conversion, const HclValue *value, const HclType *element) {
        g_autoptr(HclTypeConst) type = hcl_value_type(value);
        g_autofree char *want = NULL, *have = NULL;

        if (!hcl_type_is_collection(type) || hcl_type_convertible(type->element, element))
                return true;
        want = hcl_type_name(element);
        have = hcl_type_name(type->element);
        (void)fail(conversion, "elements of type %s are required, not %s", want, have);
        return false;
}

/* The elements of a value, each converted to the element type of a collection. *ret_element is a
 * new reference. NULL after reporting. */
static GPtrArray *convert_elements(Conversion *conversion, HclValue *value,
                                   const HclType *collection, const HclType **ret_element) {
        g_autoptr(GPtrArray) items =
                g_ptr_array_new_with_free_func((GDestroyNotify)hcl_value_unref);
        HclKind kind = hcl_type_kind(collection);
        g_autoptr(HclTypeConst) wanted =
                wanted_element(conversion, value, kind, collection->element);
        size_t n = hcl_value_length(value);

        if (!wanted || (n == 0 && !fits_empty(conversion, value, wanted)))
                return NULL;
        for (size_t i = 0; i < n; i++) {
                HclValue *item = convert_element(conversion, value, i, wanted);

                if (!item)
                        return NULL;
                g_ptr_array_add(items, item);
        }
        if (n == 0)
                *ret_element = empty_element(value, wanted);
        else if (hcl_type_has_dynamic(wanted))
                *ret_element = settle(conversion, value, items, kind, wanted);
        else
                *ret_element = hcl_type_without_optional(wanted);
        return *ret_element ? g_steal_pointer(&items) : NULL;
}

static HclValue *to_sequence(Conversion *conversion, HclValue *value, const HclType *type) {
        HclKind from = hcl_value_kind(value);
        g_autoptr(HclTypeConst) element = NULL;
        g_autoptr(GPtrArray) items = NULL;
        HclValue *const *elements;

        if (from != HCL_KIND_LIST && from != HCL_KIND_SET && from != HCL_KIND_TUPLE)
                return mismatch(conversion, value, type);
        items = convert_elements(conversion, value, type, &element);
        if (!items)
                return NULL;
        elements = (HclValue *const *)items->pdata;
        return hcl_type_kind(type) == HCL_KIND_SET ? hcl_value_set(element, elements, items->len)
                                                   : hcl_value_list(element, elements, items->len);
}

static HclValue *to_map(Conversion *conversion, HclValue *value, const HclType *type) {
        HclKind from = hcl_value_kind(value);
        g_autoptr(HclTypeConst) element = NULL;
        g_autoptr(GPtrArray) items = NULL;
        g_autoptr(HclMembers) members = NULL;

        if (from != HCL_KIND_MAP && from != HCL_KIND_OBJECT)
                return mismatch(conversion, value, type);
        items = convert_elements(conversion, value, type, &element);
        if (!items)
                return NULL;
        members = hcl_members_new();
        for (guint i = 0; i < items->len; i++)
                hcl_members_set_key(members, hcl_value_key(value, i), items->pdata[i]);
        return hcl_members_to_map(members, element);
}

static HclValue *to_tuple(Conversion *conversion, HclValue *value, const HclType *type) {
        g_autoptr(GPtrArray) items =
                g_ptr_array_new_with_free_func((GDestroyNotify)hcl_value_unref);

        if (hcl_value_kind(value) != HCL_KIND_TUPLE)
                return mismatch(conversion, value, type);
        if (hcl_value_length(value) != type->n)
                return fail(conversion, "a tuple of %zu elements is required, not of %zu", type->n,
                            hcl_value_length(value));
        for (size_t i = 0; i < type->n; i++) {
                HclValue *item = convert_element(conversion, value, i, type->elements[i]);

                if (!item)
                        return NULL;
                g_ptr_array_add(items, item);
        }
        return hcl_value_tuple((HclValue *const *)items->pdata, items->len);
}

/* The index of a member among the keys, or G_MAXSIZE. Both are sorted, so the search goes on from
 * where the last one ended. */
static size_t find_key(const HclValue *value, const HclTypeAttribute *wanted, size_t from) {
        for (size_t i = from; i < hcl_value_length(value); i++) {
                HclTypeAttribute key = {0};
                int order;

                key.name = hcl_value_text(hcl_value_key(value, i), &key.size);
                order = hcl_type_compare_names(&key, wanted);

                if (order == 0)
                        return i;
                if (order > 0)
                        break;
        }
        return G_MAXSIZE;
}

static HclValue *to_object(Conversion *conversion, HclValue *value, const HclType *type) {
        HclKind from = hcl_value_kind(value);
        g_autoptr(HclMembers) members = hcl_members_new();
        size_t next = 0;

        if (from != HCL_KIND_MAP && from != HCL_KIND_OBJECT)
                return mismatch(conversion, value, type);
        for (size_t i = 0; i < type->n; i++) {
                const HclTypeAttribute *attribute = &type->attributes[i];
                size_t found = find_key(value, attribute, next);
                g_autoptr(HclValue) item = NULL;

                if (found != G_MAXSIZE) {
                        item = convert_element(conversion, value, found, attribute->type);
                        next = found + 1;
                } else if (attribute->optional) {
                        item = hcl_value_null(attribute->type);
                } else {
                        (void)fail(conversion, "attribute \"%s\" is required", attribute->name);
                }
                if (!item)
                        return NULL;
                if (found != G_MAXSIZE)
                        hcl_members_set_key(members, hcl_value_key(value, found), item);
                else
                        hcl_members_set(members, attribute->name, item);
        }
        return hcl_members_to_object(members);
}

static HclValue *convert(Conversion *conversion, HclValue *value, const HclType *type) {
        if (hcl_type_kind(type) == HCL_KIND_DYNAMIC)
                return hcl_value_ref(value);
        if (!hcl_value_is_known(value) || hcl_value_is_null(value)) {
                g_autoptr(HclTypeConst) from = hcl_value_type(value);
                g_autoptr(HclTypeConst) to = NULL;

                if (!hcl_type_convertible(from, type))
                        return mismatch(conversion, value, type);
                to = hcl_type_fill_dynamic(from, type);
                return hcl_value_is_null(value) ? hcl_value_null(to) : hcl_value_unknown_of(to);
        }
        switch (hcl_type_kind(type)) {
        case HCL_KIND_LIST:
        case HCL_KIND_SET:
                return to_sequence(conversion, value, type);
        case HCL_KIND_MAP:
                return to_map(conversion, value, type);
        case HCL_KIND_TUPLE:
                return to_tuple(conversion, value, type);
        case HCL_KIND_OBJECT:
                return to_object(conversion, value, type);
        default:
                return to_primitive(conversion, value, type);
        }
}

HclValue *hcl_value_convert(HclValue *value, const HclType *type, char **ret_error) {
        Conversion conversion = {0};
        HclValue *result;

        if (hcl_type_kind(type) == hcl_value_kind(value) && hcl_type_is_primitive(type))
                return hcl_value_ref(value);
        result = convert(&conversion, value, type);
        if (ret_error && !result)
                *ret_error = conversion.error;
        else
                g_free(conversion.error);
        return result;
}
