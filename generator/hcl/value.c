/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "hcl/value.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <uninorm.h>
#include <unistr.h>

#include "base/diag.h"
#include "hcl/number.h"
#include "hcl/value-internal.h"

/* Constants: handed out without counting. They are never written to. */
static HclValue value_true = {.kind = HCL_KIND_BOOL, .truth = true, .weight = 1};
static HclValue value_false = {.kind = HCL_KIND_BOOL, .weight = 1};
static HclValue value_null = {.state = STATE_NULL, .weight = 1, .type = &hcl_type_dynamic};
static HclValue value_unknown = {.state = STATE_UNKNOWN, .weight = 1, .type = &hcl_type_dynamic};

HclValue *hcl_value_alloc(HclKind kind, size_t extra) {
        HclValue *value = g_malloc(MAX(offsetof(HclValue, number) + extra, sizeof(HclValue)));

        value->refs = 1;
        value->kind = (uint8_t)kind;
        value->state = STATE_KNOWN;
        value->truth = false;
        value->weight = 1;
        value->type = NULL;
        value->size = 0;
        return value;
}

HclValue *hcl_value_ref(HclValue *value) {
        if (value && value->refs > 0)
                value->refs++;
        return value;
}

uint32_t hcl_value_weight(const HclValue *value) {
        return value->weight;
}

static void add_weight(HclValue *value, size_t weight) {
        value->weight = (uint32_t)MIN((size_t)value->weight + weight, UINT32_MAX);
}

/* How many values the items of a value are. */
static size_t count_items(const HclValue *value) {
        if (value->state != STATE_KNOWN || value->kind < HCL_KIND_LIST)
                return 0;
        return value->kind == HCL_KIND_MAP || value->kind == HCL_KIND_OBJECT ? value->size * 2
                                                                             : value->size;
}

void hcl_value_unref(HclValue *value) {
        if (!value || value->refs == 0 || --value->refs > 0)
                return;
        for (size_t i = 0, n = count_items(value); i < n; i++)
                hcl_value_unref(value->items[i]);
        hcl_type_unref(value->type);
        g_free(value);
}

static HclValue *new_without_content(const HclType *type, ValueState state) {
        HclValue *value = hcl_value_alloc(hcl_type_kind(type), 0);

        value->state = (uint8_t)state;
        value->type = hcl_type_without_optional(type);
        return value;
}

HclValue *hcl_value_null(const HclType *type) {
        return type == &hcl_type_dynamic ? &value_null : new_without_content(type, STATE_NULL);
}

HclValue *hcl_value_unknown(void) {
        return &value_unknown;
}

HclValue *hcl_value_unknown_of(const HclType *type) {
        return type == &hcl_type_dynamic ? &value_unknown
                                         : new_without_content(type, STATE_UNKNOWN);
}

HclValue *hcl_value_bool(bool truth) {
        return truth ? &value_true : &value_false;
}

static HclValue *new_string(const char *text, size_t size) {
        HclValue *value = hcl_value_alloc(HCL_KIND_STRING, size + 1);

        value->size = size;
        add_weight(value, size / 16);
        memcpy(value->text, text, size);
        value->text[size] = '\0';
        return value;
}

static bool is_ascii(const char *text, size_t size) {
        size_t i = 0;

        for (; i + sizeof(uint64_t) <= size; i += sizeof(uint64_t)) {
                uint64_t word;

                memcpy(&word, text + i, sizeof(word));
                if (word & G_GUINT64_CONSTANT(0x8080808080808080))
                        return false;
        }
        for (; i < size; i++)
                if (text[i] & 0x80)
                        return false;
        return true;
}

/* Replaces each ill-formed byte by U+FFFD; NUL bytes stay, which g_utf8_make_valid() forbids. */
static char *make_valid(const char *text, size_t size, size_t *ret_size) {
        g_autoptr(GString) out = g_string_sized_new(size);

        while (size > 0) {
                ucs4_t c;
                int used = u8_mbtoucr(&c, (const uint8_t *)text, size);

                if (used < 0)
                        g_string_append(out, "\357\277\275");
                else
                        g_string_append_len(out, text, used);
                text += MAX(used, 1);
                size -= (size_t)MAX(used, 1);
        }
        *ret_size = out->len;
        return g_string_free(g_steal_pointer(&out), FALSE);
}

HclValue *hcl_value_string(const char *text, gssize signed_size) {
        size_t size = signed_size < 0 ? strlen(text) : (size_t)signed_size;
        g_autofree char *valid = NULL;
        g_autofree char *normal = NULL;
        size_t normal_size;

        if (is_ascii(text, size))
                return new_string(text, size);
        if (u8_check((const uint8_t *)text, size))
                text = valid = make_valid(text, size, &size);
        normal = (char *)u8_normalize(UNINORM_NFC, (const uint8_t *)text, size, NULL, &normal_size);
        g_assert(normal || normal_size == 0);
        return new_string(normal, normal_size);
}

HclValue *hcl_value_string_printf(const char *format, ...) {
        g_autofree char *text = NULL;
        va_list args;

        va_start(args, format);
        text = g_strdup_vprintf(format, args);
        va_end(args);
        return hcl_value_string(text, -1);
}

static HclValue *new_sequence(HclKind kind, const HclType *element, HclValue *const *elements,
                              size_t n) {
        HclValue *value = hcl_value_alloc(kind, n * sizeof(HclValue *));

        value->type = element ? hcl_type_without_optional(element) : NULL;
        value->size = n;
        for (size_t i = 0; i < n; i++)
                add_weight(value, elements[i]->weight);
        for (size_t i = 0; i < n; i++)
                value->items[i] = hcl_value_ref(elements[i]);
        return value;
}

HclValue *hcl_value_tuple(HclValue *const *elements, size_t n) {
        return new_sequence(HCL_KIND_TUPLE, NULL, elements, n);
}

HclValue *hcl_value_list(const HclType *element, HclValue *const *elements, size_t n) {
        return new_sequence(HCL_KIND_LIST, element, elements, n);
}

static int compare_text(const HclValue *a, const HclValue *b) {
        int order = memcmp(a->text, b->text, MIN(a->size, b->size));

        return order ? order : (a->size > b->size) - (a->size < b->size);
}

/* Appends what the elements of sets that are not primitive are sorted by. Its form is go-cty's
 * (set_internals.go), since the order of iteration follows from it. */
static void append_sort_key(const HclValue *value, GString *out) {
        bool plain = value->kind == HCL_KIND_LIST || value->kind == HCL_KIND_SET;
        bool keyed = value->kind == HCL_KIND_MAP;

        if (value->state != STATE_KNOWN) {
                g_string_append_c(out, value->state == STATE_NULL ? '~' : '?');
        } else if (value->kind == HCL_KIND_BOOL) {
                g_string_append_c(out, value->truth ? 'T' : 'F');
        } else if (value->kind == HCL_KIND_NUMBER) {
                g_autofree char *text = hcl_value_number_text(value);

                g_string_append(out, text);
        } else if (value->kind == HCL_KIND_STRING) {
                nook_json_append_string(out, value->text, (gssize)value->size);
        } else {
                g_string_append_c(out, keyed ? '{' : plain ? '[' : '<');
                for (size_t i = 0; i < value->size; i++) {
                        if (keyed) {
                                append_sort_key(hcl_value_key(value, i), out);
                                g_string_append_c(out, ':');
                        }
                        append_sort_key(hcl_value_element(value, i), out);
                        g_string_append_c(out, ';');
                }
                g_string_append_c(out, keyed ? '}' : plain ? ']' : '>');
        }
}

/* The order of elements in a set: by value, then null, then unknown. */
static int compare_elements(const HclValue *a, const HclValue *b) {
        g_autoptr(GString) x = NULL, y = NULL;

        if (a->state != b->state)
                return a->state < b->state ? -1 : 1;
        if (a->state != STATE_KNOWN)
                return 0;
        switch (a->kind) {
        case HCL_KIND_BOOL:
                return (int)a->truth - (int)b->truth;
        case HCL_KIND_NUMBER:
                return hcl_number_compare(a, b);
        case HCL_KIND_STRING:
                return compare_text(a, b);
        default:
                x = g_string_new(NULL);
                y = g_string_new(NULL);
                append_sort_key(a, x);
                append_sort_key(b, y);
                return strcmp(x->str, y->str);
        }
}

static int by_element(const void *a, const void *b) {
        return compare_elements(*(HclValue *const *)a, *(HclValue *const *)b);
}

HclValue *hcl_value_set(const HclType *element, HclValue *const *elements, size_t n) {
        HclValue *set = new_sequence(HCL_KIND_SET, element, elements, n);
        size_t kept = 0;

        if (n > 1)
                qsort(set->items, n, sizeof(HclValue *), by_element);
        for (size_t i = 0; i < n; i++) {
                HclValue *item = set->items[i];

                if (kept > 0 && item->state != STATE_UNKNOWN &&
                    compare_elements(set->items[kept - 1], item) == 0)
                        hcl_value_unref(item);
                else
                        set->items[kept++] = item;
        }
        set->size = kept;
        return set;
}

bool hcl_value_set_contains(const HclValue *set, const HclValue *element) {
        size_t low = 0, high = set->size;

        g_assert(set->kind == HCL_KIND_SET && set->state == STATE_KNOWN);
        while (low < high) {
                size_t middle = low + (high - low) / 2;
                int order = compare_elements(element, set->items[middle]);

                if (order == 0)
                        return true;
                if (order < 0)
                        high = middle;
                else
                        low = middle + 1;
        }
        return false;
}

/* Key and value alternate; an index from key to place is made once there are many. */
struct HclMembers {
        GPtrArray *items;   /* HclValue */
        GHashTable *places; /* key -> place of its value, from MEMBERS_INDEXED on */
};

enum { MEMBERS_INDEXED = 16 };

HclMembers *hcl_members_new(void) {
        HclMembers *members = g_new0(HclMembers, 1);

        members->items = g_ptr_array_new_with_free_func((GDestroyNotify)hcl_value_unref);
        return members;
}

void hcl_members_free(HclMembers *members) {
        if (!members)
                return;
        g_ptr_array_unref(members->items);
        g_clear_pointer(&members->places, g_hash_table_unref);
        g_free(members);
}

static guint hash_key(gconstpointer key) {
        const HclValue *value = key;
        guint hash = 5381;

        for (size_t i = 0; i < value->size; i++)
                hash = hash * 33 + (guchar)value->text[i];
        return hash;
}

static gboolean equal_keys(gconstpointer a, gconstpointer b) {
        return compare_text(a, b) == 0;
}

static void index_members(HclMembers *members) {
        members->places = g_hash_table_new(hash_key, equal_keys);
        for (guint i = 0; i < members->items->len; i += 2)
                g_hash_table_insert(members->places, members->items->pdata[i],
                                    GUINT_TO_POINTER(i + 1));
}

/* Where the value of this key stands in items; 0: nowhere. */
static guint find_member(HclMembers *members, HclValue *key) {
        if (members->places)
                return GPOINTER_TO_UINT(g_hash_table_lookup(members->places, key));
        for (guint i = 0; i < members->items->len; i += 2)
                if (equal_keys(members->items->pdata[i], key))
                        return i + 1;
        return 0;
}

void hcl_members_set_key(HclMembers *members, HclValue *key, HclValue *value) {
        guint place;

        g_assert(key->kind == HCL_KIND_STRING && key->state == STATE_KNOWN);
        place = find_member(members, key);
        if (place > 0) {
                hcl_value_unref(members->items->pdata[place]);
                members->items->pdata[place] = hcl_value_ref(value);
                return;
        }
        g_ptr_array_add(members->items, hcl_value_ref(key));
        g_ptr_array_add(members->items, hcl_value_ref(value));
        if (members->places)
                g_hash_table_insert(members->places, key,
                                    GUINT_TO_POINTER(members->items->len - 1));
        else if (members->items->len >= 2 * MEMBERS_INDEXED)
                index_members(members);
}

void hcl_members_set(HclMembers *members, const char *name, HclValue *value) {
        g_autoptr(HclValue) key = hcl_value_string(name, -1);

        hcl_members_set_key(members, key, value);
}

HclValue *hcl_members_get(HclMembers *members, HclValue *key) {
        guint place = find_member(members, key);

        return place > 0 ? members->items->pdata[place] : NULL;
}

static int by_key(const void *a, const void *b) {
        return compare_text(*(HclValue *const *)a, *(HclValue *const *)b);
}

static HclValue *members_to(HclMembers *members, HclKind kind, const HclType *element) {
        guint n = members->items->len;
        HclValue *value = hcl_value_alloc(kind, n * sizeof(HclValue *));

        value->type = element ? hcl_type_without_optional(element) : NULL;
        value->size = n / 2;
        if (n > 0)
                memcpy(value->items, members->items->pdata, n * sizeof(HclValue *));
        if (n > 2)
                qsort(value->items, n / 2, 2 * sizeof(HclValue *), by_key);
        for (guint i = 0; i < n; i++)
                add_weight(value, value->items[i]->weight);
        g_clear_pointer(&members->places, g_hash_table_unref);
        g_ptr_array_set_free_func(members->items, NULL); /* value has them now */
        g_ptr_array_set_size(members->items, 0);
        g_ptr_array_set_free_func(members->items, (GDestroyNotify)hcl_value_unref);
        return value;
}

HclValue *hcl_members_to_object(HclMembers *members) {
        return members_to(members, HCL_KIND_OBJECT, NULL);
}

HclValue *hcl_members_to_map(HclMembers *members, const HclType *element) {
        return members_to(members, HCL_KIND_MAP, element);
}

HclKind hcl_value_kind(const HclValue *value) {
        return value->kind;
}

static const HclType *tuple_type(const HclValue *value) {
        g_autofree const HclType **elements = g_new(const HclType *, value->size);
        const HclType *type;

        for (size_t i = 0; i < value->size; i++)
                elements[i] = hcl_value_type(value->items[i]);
        type = hcl_type_tuple(elements, value->size);
        for (size_t i = 0; i < value->size; i++)
                hcl_type_unref(elements[i]);
        return type;
}

static const HclType *object_type(const HclValue *value) {
        g_autofree HclTypeAttribute *attributes = g_new0(HclTypeAttribute, value->size);
        const HclType *type;

        for (size_t i = 0; i < value->size; i++) {
                attributes[i].name = value->items[2 * i]->text;
                attributes[i].type = hcl_value_type(value->items[2 * i + 1]);
        }
        type = hcl_type_object(attributes, value->size);
        for (size_t i = 0; i < value->size; i++)
                hcl_type_unref(attributes[i].type);
        return type;
}

const HclType *hcl_value_type(const HclValue *value) {
        if (value->state != STATE_KNOWN)
                return hcl_type_ref(value->type);
        switch (value->kind) {
        case HCL_KIND_BOOL:
                return &hcl_type_bool;
        case HCL_KIND_NUMBER:
                return &hcl_type_number;
        case HCL_KIND_STRING:
                return &hcl_type_string;
        case HCL_KIND_LIST:
                return hcl_type_list(value->type);
        case HCL_KIND_SET:
                return hcl_type_set(value->type);
        case HCL_KIND_MAP:
                return hcl_type_map(value->type);
        case HCL_KIND_TUPLE:
                return tuple_type(value);
        default:
                return object_type(value);
        }
}

bool hcl_value_is_null(const HclValue *value) {
        return value->state == STATE_NULL;
}

bool hcl_value_is_known(const HclValue *value) {
        return value->state != STATE_UNKNOWN;
}

bool hcl_value_is_wholly_known(const HclValue *value) {
        if (value->state == STATE_UNKNOWN)
                return false;
        for (size_t i = 0, n = count_items(value); i < n; i++)
                if (!hcl_value_is_wholly_known(value->items[i]))
                        return false;
        return true;
}

bool hcl_value_get_bool(const HclValue *value) {
        g_assert(value->kind == HCL_KIND_BOOL && value->state == STATE_KNOWN);
        return value->truth;
}

const char *hcl_value_text(const HclValue *value, size_t *ret_size) {
        g_assert(value->kind == HCL_KIND_STRING && value->state == STATE_KNOWN);
        if (ret_size)
                *ret_size = value->size;
        return value->text;
}

size_t hcl_value_length(const HclValue *value) {
        g_assert(value->kind >= HCL_KIND_LIST && value->state == STATE_KNOWN);
        return value->size;
}

static bool has_keys(const HclValue *value) {
        return value->kind == HCL_KIND_MAP || value->kind == HCL_KIND_OBJECT;
}

HclValue *hcl_value_element(const HclValue *value, size_t index) {
        g_assert(value->kind >= HCL_KIND_LIST && value->state == STATE_KNOWN &&
                 index < value->size);
        return value->items[has_keys(value) ? 2 * index + 1 : index];
}

HclValue *hcl_value_key(const HclValue *value, size_t index) {
        g_assert(has_keys(value) && value->state == STATE_KNOWN && index < value->size);
        return value->items[2 * index];
}

HclValue *hcl_value_member(const HclValue *value, const char *key, gssize signed_size) {
        size_t size = signed_size < 0 ? strlen(key) : (size_t)signed_size;
        size_t low = 0, high = value->size;

        g_assert(has_keys(value) && value->state == STATE_KNOWN);
        while (low < high) {
                size_t middle = low + (high - low) / 2;
                const HclValue *there = value->items[2 * middle];
                int order = memcmp(key, there->text, MIN(size, there->size));

                if (order == 0)
                        order = (size > there->size) - (size < there->size);
                if (order == 0)
                        return value->items[2 * middle + 1];
                if (order < 0)
                        high = middle;
                else
                        low = middle + 1;
        }
        return NULL;
}

bool hcl_value_equal(const HclValue *a, const HclValue *b) {
        if (a == b)
                return true;
        if (a->kind != b->kind || a->state != b->state)
                return false;
        if (a->state != STATE_KNOWN)
                return hcl_type_equal(a->type, b->type);
        switch (a->kind) {
        case HCL_KIND_BOOL:
                return a->truth == b->truth;
        case HCL_KIND_NUMBER:
                return mpfr_equal_p(&a->number, &b->number);
        case HCL_KIND_STRING:
                return compare_text(a, b) == 0;
        default:
                if (a->size != b->size || (a->type && !hcl_type_equal(a->type, b->type)))
                        return false;
                for (size_t i = 0, n = count_items(a); i < n; i++)
                        if (!hcl_value_equal(a->items[i], b->items[i]))
                                return false;
                return true;
        }
}

static void append_string(const HclValue *value, HclJsonFlags flags, GString *out) {
        size_t from = out->len;

        nook_json_append_string(out, value->text, (gssize)value->size);
        if (!(flags & HCL_JSON_ESCAPE_HTML))
                return;
        for (size_t i = from; i < out->len; i++) {
                char c = out->str[i];
                char escape[7];

                if (c == '<' || c == '>' || c == '&') {
                        g_snprintf(escape, sizeof(escape), "\\u%04x", (guint)c);
                        g_string_erase(out, (gssize)i, 1);
                } else if (strncmp(out->str + i, "\342\200\250", 3) == 0 ||
                           strncmp(out->str + i, "\342\200\251", 3) == 0) {
                        g_strlcpy(escape, out->str[i + 2] == '\250' ? "\\u2028" : "\\u2029",
                                  sizeof(escape));
                        g_string_erase(out, (gssize)i, 3);
                } else {
                        continue;
                }
                g_string_insert(out, (gssize)i, escape);
                i += 5;
        }
}

bool hcl_value_to_json(const HclValue *value, HclJsonFlags flags, GString *out) {
        bool keyed = has_keys(value);
        bool finite = true;
        g_autofree char *number = NULL;

        if (value->state != STATE_KNOWN) {
                g_string_append(out, "null");
                return true;
        }
        switch (value->kind) {
        case HCL_KIND_BOOL:
                g_string_append(out, value->truth ? "true" : "false");
                return true;
        case HCL_KIND_NUMBER:
                number = hcl_value_number_text(value);
                g_string_append(out, number);
                return !mpfr_inf_p(&value->number);
        case HCL_KIND_STRING:
                append_string(value, flags, out);
                return true;
        default:
                break;
        }
        g_string_append_c(out, keyed ? '{' : '[');
        for (size_t i = 0; i < value->size; i++) {
                g_string_append(out, i > 0 ? "," : "");
                if (keyed) {
                        append_string(value->items[2 * i], flags, out);
                        g_string_append_c(out, ':');
                }
                finite &= hcl_value_to_json(hcl_value_element(value, i), flags, out);
        }
        g_string_append_c(out, keyed ? '}' : ']');
        return finite;
}
