/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Types of HCL values. A type is immutable and counted by references; the four below need no
 * counting and can stand in static tables. Types are values of the "cty" model: constructors in
 * the language yield tuples and objects only; lists, sets and maps come from conversions and from
 * functions. `dynamic` means "any type": of a null without a type, of a poisoned value, and in a
 * type constraint the place that fits itself to what is given.
 *
 * Static tables may hold collection types as well:
 *     static const HclType list_of_string = HCL_TYPE_STATIC(HCL_KIND_LIST, &hcl_type_string);
 *
 * Source: HCL's spec.md, "Types and Values". */

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

typedef enum {
        HCL_KIND_DYNAMIC,
        HCL_KIND_BOOL,
        HCL_KIND_NUMBER,
        HCL_KIND_STRING,
        HCL_KIND_LIST,
        HCL_KIND_SET,
        HCL_KIND_MAP,
        HCL_KIND_TUPLE,
        HCL_KIND_OBJECT,
} HclKind;

typedef struct HclType HclType;

/* One attribute of an object type. Names are UTF-8 in NFC and may be any text, NUL included. */
typedef struct {
        const char *name;
        size_t size; /* of the name in bytes; to make a type, 0 if it ends at its NUL */
        const HclType *type;
        bool optional; /* only in constraints: a conversion fills it with null when it is missing */
} HclTypeAttribute;

/* Public only so that static tables can be written; read it through the functions below. */
struct HclType {
        HclKind kind;
        guint refs;             /* 0: static, never counted */
        const HclType *element; /* list, set, map */
        size_t n;               /* tuple, object */
        const HclType **elements;
        HclTypeAttribute *attributes; /* sorted by name */
};

#define HCL_TYPE_STATIC(kind_, element_)                                                           \
        { .kind = (kind_), .element = (element_) }

extern const HclType hcl_type_dynamic;
extern const HclType hcl_type_bool;
extern const HclType hcl_type_number;
extern const HclType hcl_type_string;

/* New types; what they are made of is referenced or copied. Objects: attributes in any order,
 * names must differ. */
const HclType *hcl_type_list(const HclType *element);
const HclType *hcl_type_set(const HclType *element);
const HclType *hcl_type_map(const HclType *element);
const HclType *hcl_type_tuple(const HclType *const *elements, size_t n);
const HclType *hcl_type_object(const HclTypeAttribute *attributes, size_t n);

const HclType *hcl_type_ref(const HclType *type);
void hcl_type_unref(const HclType *type);
typedef const HclType HclTypeConst;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HclTypeConst, hcl_type_unref)

static inline HclKind hcl_type_kind(const HclType *type) {
        return type->kind;
}

/* bool, number or string. */
static inline bool hcl_type_is_primitive(const HclType *type) {
        return type->kind >= HCL_KIND_BOOL && type->kind <= HCL_KIND_STRING;
}

/* list, set or map. */
static inline bool hcl_type_is_collection(const HclType *type) {
        return type->kind >= HCL_KIND_LIST && type->kind <= HCL_KIND_MAP;
}

/* The same type, attribute by attribute and element by element, `optional` included. */
bool hcl_type_equal(const HclType *a, const HclType *b);

/* As memcmp() of two names, of which a shorter one comes first. */
int hcl_type_compare_names(const HclTypeAttribute *a, const HclTypeAttribute *b);

/* Whether `dynamic` stands anywhere in it. */
bool hcl_type_has_dynamic(const HclType *type);

/* The type as values have it: the same without `optional` anywhere. A new reference. */
const HclType *hcl_type_without_optional(const HclType *type);

/* The attribute of an object type, or NULL. size < 0: up to a NUL. */
const HclTypeAttribute *hcl_type_attribute(const HclType *type, const char *name, gssize size);

/* The attribute of an object type that has the name of another type's, or NULL. */
const HclTypeAttribute *hcl_type_same_attribute(const HclType *type, const HclTypeAttribute *other);

/* For people: "string", "list of number", "object". Caller's. */
char *hcl_type_name(const HclType *type);

/* The same with what an object or tuple is made of, in the form of a type expression:
 * "object({a=string, b=optional(number)})". Caller's. */
char *hcl_type_expression(const HclType *type);

/* Appends the type in cty's JSON notation: "string", ["list","string"],
 * ["object",{"a":"string"}], ["object",{..},["optional names"]]. */
void hcl_type_to_json(const HclType *type, GString *out);
