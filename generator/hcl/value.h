/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* HCL values: immutable, counted by references, of one type each. A value may be null (of some
 * type), and it may be *unknown*: the poison that an evaluation yields after it has reported an
 * error, so that what depends on it does not report the same mistake again.
 *
 * Strings are UTF-8 in NFC and may hold NUL bytes. Numbers are binary floats that carry their own
 * precision (hcl/number.h). Maps, objects and sets iterate in one fixed order: maps and objects
 * sorted by the bytes of their keys, sets by value.
 *
 * Reference counts are not atomic: a value belongs to one thread at a time.
 *
 * Source: HCL's spec.md, "Types and Values"; go-cty's documentation on its concepts. */

#include <stdint.h>

#include "hcl/type.h"

typedef struct HclValue HclValue;

HclValue *hcl_value_ref(HclValue *value);
void hcl_value_unref(HclValue *value); /* NULL is fine */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HclValue, hcl_value_unref)

/* ---- Making values. Each returns a new reference. ---- */

HclValue *hcl_value_null(const HclType *type); /* hcl_type_dynamic: null without a type */
HclValue *hcl_value_unknown(void);
HclValue *hcl_value_unknown_of(const HclType *type); /* what would have been of this type */
HclValue *hcl_value_bool(bool truth);
HclValue *hcl_value_int64(int64_t number); /* 64 bits of precision, as cty's whole numbers */
HclValue *hcl_value_double(double number); /* 53 bits; NaN is a bug of the caller */

/* A string; size < 0: up to a NUL. Ill-formed UTF-8 is replaced by U+FFFD, the rest brought into
 * NFC. */
HclValue *hcl_value_string(const char *text, gssize size);
HclValue *hcl_value_string_printf(const char *format, ...) G_GNUC_PRINTF(1, 2);

/* Sequences of n elements; the elements are referenced. Of a list and a set every element must be
 * of the type `element`; a set drops repetitions. */
HclValue *hcl_value_tuple(HclValue *const *elements, size_t n);
HclValue *hcl_value_list(const HclType *element, HclValue *const *elements, size_t n);
HclValue *hcl_value_set(const HclType *element, HclValue *const *elements, size_t n);

/* Members of a map or an object on their way in. A repeated key replaces the earlier member. */
typedef struct HclMembers HclMembers;
HclMembers *hcl_members_new(void);
void hcl_members_free(HclMembers *members);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HclMembers, hcl_members_free)
void hcl_members_set(HclMembers *members, const char *name, HclValue *value);
void hcl_members_set_key(HclMembers *members, HclValue *key, HclValue *value); /* key: a string */
HclValue *hcl_members_get(HclMembers *members, HclValue *key);             /* borrowed, or NULL */
HclValue *hcl_members_to_object(HclMembers *members);                      /* empties members */
HclValue *hcl_members_to_map(HclMembers *members, const HclType *element); /* the same */

/* ---- Reading values. ---- */

/* Of null: the kind of its type. Of unknown: HCL_KIND_DYNAMIC. */
HclKind hcl_value_kind(const HclValue *value);
const HclType *hcl_value_type(const HclValue *value); /* new reference */
bool hcl_value_is_null(const HclValue *value);
bool hcl_value_is_known(const HclValue *value);
bool hcl_value_is_wholly_known(const HclValue *value); /* looks into collections as well */

/* How large the value would be if no part of it were shared: one for itself, for each part and for
 * each 16 bytes of text; never more than UINT32_MAX. Values share their parts, so that a few lines
 * can stand for more than memory holds as soon as somebody walks through it. */
uint32_t hcl_value_weight(const HclValue *value);

/* Each asserts that the value is known, not null, and of that kind. */
bool hcl_value_get_bool(const HclValue *value);
const char *hcl_value_text(const HclValue *value, size_t *ret_size); /* NUL-terminated; borrowed */

/* The number as int64_t or double. int64: false, and *ret unchanged, when it is not whole or too
 * large. double: the nearest; may be an infinity. */
bool hcl_value_get_int64(const HclValue *value, int64_t *ret);
double hcl_value_get_double(const HclValue *value);

/* The shortest decimal digits that read back as the same number, never in exponent form: "1.5".
 * Infinities: "+Inf", "-Inf". Caller's. */
char *hcl_value_number_text(const HclValue *value);

/* Elements of a list, set, tuple, map or object, in order; borrowed. hcl_value_key: the key of a
 * map's or object's member, a string value. */
size_t hcl_value_length(const HclValue *value);
HclValue *hcl_value_element(const HclValue *value, size_t index);
HclValue *hcl_value_key(const HclValue *value, size_t index);

/* The member of a map or object with this key, borrowed, or NULL. size < 0: up to a NUL. */
HclValue *hcl_value_member(const HclValue *value, const char *key, gssize size);

/* Whether a set holds this value. */
bool hcl_value_set_contains(const HclValue *set, const HclValue *element);

/* The same type and content; null equals null of the same type; unknown equals unknown. -0 equals
 * 0, and precision does not count. The language's `==` differs in that nulls of all
 * types are equal. */
bool hcl_value_equal(const HclValue *a, const HclValue *b);

/* For hash tables whose keys are string values. */
guint hcl_value_text_hash(gconstpointer value);
gboolean hcl_value_text_equal(gconstpointer a, gconstpointer b);

typedef enum {
        HCL_JSON_PLAIN = 0,
        HCL_JSON_ESCAPE_HTML = 1 << 0, /* < > & U+2028 U+2029 as \uXXXX, as Go's encoder does */
} HclJsonFlags;

/* Appends the value as JSON; sets and lists as arrays, null and unknown as null. false when it
 * holds an infinity, which JSON cannot say; what was appended is then to be thrown away. */
bool hcl_value_to_json(const HclValue *value, HclJsonFlags flags, GString *out);
