/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "hcl/value.h"

#include <stddef.h>
#include <string.h>
#include <uninorm.h>
#include <unistr.h>

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

void hcl_value_add_weight(HclValue *value, size_t weight) {
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
        hcl_value_add_weight(value, size / 16);
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

HclValue *hcl_value_new_sequence(HclKind kind, const HclType *element, HclValue *const *elements,
                                 size_t n) {
        HclValue *value = hcl_value_alloc(kind, n * sizeof(HclValue *));

        value->type = element ? hcl_type_without_optional(element) : NULL;
        value->size = n;
        for (size_t i = 0; i < n; i++)
                hcl_value_add_weight(value, elements[i]->weight);
        for (size_t i = 0; i < n; i++)
                value->items[i] = hcl_value_ref(elements[i]);
        return value;
}

HclValue *hcl_value_tuple(HclValue *const *elements, size_t n) {
        return hcl_value_new_sequence(HCL_KIND_TUPLE, NULL, elements, n);
}

HclValue *hcl_value_list(const HclType *element, HclValue *const *elements, size_t n) {
        return hcl_value_new_sequence(HCL_KIND_LIST, element, elements, n);
}

int hcl_value_compare_text(const HclValue *a, const HclValue *b) {
        int order = memcmp(a->text, b->text, MIN(a->size, b->size));

        return order ? order : (a->size > b->size) - (a->size < b->size);
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
                attributes[i].size = value->items[2 * i]->size;
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

HclValue *hcl_value_element(const HclValue *value, size_t index) {
        g_assert(value->kind >= HCL_KIND_LIST && value->state == STATE_KNOWN &&
                 index < value->size);
        return value->items[hcl_value_has_keys(value) ? 2 * index + 1 : index];
}

HclValue *hcl_value_key(const HclValue *value, size_t index) {
        g_assert(hcl_value_has_keys(value) && value->state == STATE_KNOWN && index < value->size);
        return value->items[2 * index];
}

HclValue *hcl_value_member(const HclValue *value, const char *key, gssize signed_size) {
        size_t size = signed_size < 0 ? strlen(key) : (size_t)signed_size;
        size_t low = 0, high = value->size;

        g_assert(hcl_value_has_keys(value) && value->state == STATE_KNOWN);
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
                return hcl_value_compare_text(a, b) == 0;
        default:
                if (a->size != b->size || (a->type && !hcl_type_equal(a->type, b->type)))
                        return false;
                for (size_t i = 0, n = count_items(a); i < n; i++)
                        if (!hcl_value_equal(a->items[i], b->items[i]))
                                return false;
                return true;
        }
}

guint hcl_value_text_hash(gconstpointer key) {
        const HclValue *value = key;
        guint hash = 5381;

        for (size_t i = 0; i < value->size; i++)
                hash = hash * 33 + (guchar)value->text[i];
        return hash;
}

gboolean hcl_value_text_equal(gconstpointer a, gconstpointer b) {
        return hcl_value_compare_text(a, b) == 0;
}
