/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "hcl/convert.h"
#include "hcl/expr.h"
#include "hcl/number.h"

#define NO_ELEMENT "The given key does not identify an element in this collection value"

static HclValue *bad_index(NookDiags *diags, NookRange range, const char *detail) {
        nook_diags_error(diags, range, "Invalid index", "%s", detail);
        return hcl_value_unknown();
}

/* The key as a number or string; NULL after reporting. */
static HclValue *convert_key(HclValue *key, const HclType *type, NookRange range,
                             NookDiags *diags) {
        g_autofree char *why = NULL;
        HclValue *converted = hcl_value_convert(key, type, &why);

        if (!converted)
                nook_diags_error(diags, range, "Invalid index", NO_ELEMENT ": %s.", why);
        return converted;
}

static HclValue *report_sequence_index(size_t length, HclValue *key, NookRange range,
                                       NookDiags *diags) {
        mpfr_srcptr number = hcl_value_get_number(key);
        g_autofree char *text = hcl_value_number_text(key);

        if (!mpfr_integer_p(number))
                nook_diags_error(diags, range, "Invalid index",
                                 NO_ELEMENT ": indexing a sequence requires a whole number, but "
                                            "the given index, %s, has a fractional part.",
                                 text);
        else if (mpfr_sgn(number) < 0)
                nook_diags_error(diags, range, "Invalid index",
                                 NO_ELEMENT ": a negative number, %s, is not a valid index for a "
                                            "sequence.",
                                 text);
        else if (length == 0)
                nook_diags_error(diags, range, "Invalid index",
                                 NO_ELEMENT ": the collection has no elements.");
        else
                nook_diags_error(diags, range, "Invalid index",
                                 NO_ELEMENT ": the given index, %s, is greater than or equal to "
                                            "the length of the collection, %zu.",
                                 text, length);
        return hcl_value_unknown();
}

/* An index into what is not known: of a tuple, the type tells what each index yields. */
static HclValue *index_unknown(HclValue *value, HclValue *number, NookRange range,
                               NookDiags *diags) {
        g_autoptr(HclTypeConst) type = hcl_value_type(value);
        int64_t index;

        if (type->element)
                return hcl_value_unknown_of(type->element);
        if (!hcl_value_is_known(number))
                return hcl_value_unknown();
        if (!hcl_value_get_int64(number, &index) || index < 0 || (size_t)index >= type->n)
                return report_sequence_index(type->n, number, range, diags);
        return hcl_value_unknown_of(type->elements[index]);
}

static HclValue *index_sequence(HclValue *value, HclValue *key, NookRange range, NookDiags *diags) {
        g_autoptr(HclValue) number = convert_key(key, &hcl_type_number, range, diags);
        int64_t index;

        if (!number)
                return hcl_value_unknown();
        if (!hcl_value_is_known(value) || !hcl_value_is_known(number))
                return index_unknown(value, number, range, diags);
        if (!hcl_value_get_int64(number, &index) || index < 0 ||
            (size_t)index >= hcl_value_length(value))
                return report_sequence_index(hcl_value_length(value), number, range, diags);
        return hcl_value_ref(hcl_value_element(value, (size_t)index));
}

/* ` Did you mean "x"?` among the keys of a map or object, or "". Caller's. */
static char *suggest_key(const HclValue *value, const char *key) {
        g_autoptr(GPtrArray) keys = g_ptr_array_new();
        const char *nearest;

        for (size_t i = 0; i < MIN(hcl_value_length(value), 1000); i++)
                g_ptr_array_add(keys,
                                (gpointer)(uintptr_t)hcl_value_text(hcl_value_key(value, i), NULL));
        g_ptr_array_add(keys, NULL);
        nearest = nook_suggest(key, (const char *const *)keys->pdata);
        return nearest ? g_strdup_printf(" Did you mean \"%s\"?", nearest) : g_strdup("");
}

static HclValue *index_mapping(HclValue *value, HclValue *key, NookRange range, NookDiags *diags) {
        g_autoptr(HclValue) name = convert_key(key, &hcl_type_string, range, diags);
        bool object = hcl_value_kind(value) == HCL_KIND_OBJECT;
        g_autoptr(HclTypeConst) type = NULL;
        g_autofree char *suggestion = NULL;
        HclValue *found;
        const char *text;
        size_t size;

        if (!name)
                return hcl_value_unknown();
        if (!hcl_value_is_known(value) || !hcl_value_is_known(name)) {
                type = hcl_value_type(value);
                return type->element ? hcl_value_unknown_of(type->element) : hcl_value_unknown();
        }
        text = hcl_value_text(name, &size);
        found = hcl_value_member(value, text, (gssize)size);
        if (found)
                return hcl_value_ref(found);
        suggestion = suggest_key(value, text);
        nook_diags_error(diags, range, "Invalid index",
                         NO_ELEMENT ": there is none named \"%s\".%s%s", text, suggestion,
                         object && hcl_value_kind(key) == HCL_KIND_NUMBER
                                 ? " An object only supports looking up attributes by name, not by "
                                   "numeric index."
                                 : "");
        return hcl_value_unknown();
}

HclValue *hcl_value_index(HclValue *value, HclValue *key, NookRange range, NookDiags *diags) {
        if (hcl_value_is_null(value)) {
                nook_diags_error(diags, range, "Attempt to index null value",
                                 "This value is null, so it does not have any indices.");
                return hcl_value_unknown();
        }
        if (hcl_value_is_null(key))
                return bad_index(diags, range, "Can't use a null value as an indexing key.");
        if (hcl_value_kind(value) == HCL_KIND_DYNAMIC || hcl_value_kind(key) == HCL_KIND_DYNAMIC)
                return hcl_value_unknown();
        switch (hcl_value_kind(value)) {
        case HCL_KIND_LIST:
        case HCL_KIND_TUPLE:
                return index_sequence(value, key, range, diags);
        case HCL_KIND_MAP:
        case HCL_KIND_OBJECT:
                return index_mapping(value, key, range, diags);
        case HCL_KIND_SET:
                return bad_index(diags, range,
                                 "Elements of a set are identified only by their value and don't "
                                 "have any separate index or key to select with, so it's only "
                                 "possible to perform operations across all elements of the set.");
        default:
                return bad_index(diags, range, "This value does not have any indices.");
        }
}

/* .name of something that has no attributes. */
static HclValue *report_no_attributes(const HclValue *value, const char *name, NookRange range,
                                      NookDiags *diags) {
        g_autoptr(HclTypeConst) type = hcl_value_type(value);
        g_autofree char *type_name = hcl_type_name(type);
        bool of_objects = type->element && type->element->kind == HCL_KIND_OBJECT;
        const char *summary = "Unsupported attribute";

        if (type->kind == HCL_KIND_LIST && of_objects)
                nook_diags_error(diags, range, summary,
                                 "Can't access attributes on a list of objects. Did you mean to "
                                 "access attribute \"%s\" for a specific element of the list, or "
                                 "across all elements of the list?",
                                 name);
        else if (type->kind == HCL_KIND_SET && of_objects)
                nook_diags_error(diags, range, summary,
                                 "Can't access attributes on a set of objects. Did you mean to "
                                 "access attribute \"%s\" across all elements of the set?",
                                 name);
        else if (hcl_type_is_primitive(type))
                nook_diags_error(diags, range, summary,
                                 "Can't access attributes on a primitive-typed value (%s).",
                                 type_name);
        else if (type->kind == HCL_KIND_TUPLE)
                nook_diags_error(diags, range, summary,
                                 "This value, a tuple, does not have any attributes. Of one of its "
                                 "elements write [0].%s, of all of them [*].%s.",
                                 name, name);
        else
                nook_diags_error(diags, range, summary,
                                 "This value, a %s, does not have any attributes.", type_name);
        return hcl_value_unknown();
}

/* What an attribute of an unknown value would be. */
static HclValue *unknown_attribute(const HclValue *value, const char *name, NookRange range,
                                   NookDiags *diags) {
        g_autoptr(HclTypeConst) type = hcl_value_type(value);
        const HclTypeAttribute *attribute;

        if (type->kind == HCL_KIND_MAP)
                return hcl_value_unknown_of(type->element);
        attribute = hcl_type_attribute(type, name, -1);
        if (attribute)
                return hcl_value_unknown_of(attribute->type);
        nook_diags_error(diags, range, "Unsupported attribute",
                         "This object does not have an attribute named \"%s\".", name);
        return hcl_value_unknown();
}

HclValue *hcl_value_attribute(HclValue *value, const char *name, NookRange range,
                              NookDiags *diags) {
        HclKind kind = hcl_value_kind(value);
        g_autofree char *suggestion = NULL;
        HclValue *found;

        if (hcl_value_is_null(value)) {
                nook_diags_error(diags, range, "Attempt to get attribute from null value",
                                 "This value is null, so it does not have any attributes.");
                return hcl_value_unknown();
        }
        if (kind == HCL_KIND_DYNAMIC)
                return hcl_value_unknown();
        if (kind != HCL_KIND_OBJECT && kind != HCL_KIND_MAP)
                return report_no_attributes(value, name, range, diags);
        if (!hcl_value_is_known(value))
                return unknown_attribute(value, name, range, diags);
        found = hcl_value_member(value, name, -1);
        if (found)
                return hcl_value_ref(found);
        suggestion = suggest_key(value, name);
        if (kind == HCL_KIND_OBJECT)
                nook_diags_error(diags, range, "Unsupported attribute",
                                 "This object does not have an attribute named \"%s\".%s", name,
                                 suggestion);
        else
                nook_diags_error(diags, range, "Missing map element",
                                 "This map does not have an element with the key \"%s\".%s", name,
                                 suggestion);
        return hcl_value_unknown();
}
