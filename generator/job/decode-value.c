/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "job/decode.h"
#include "job/duration.h"

enum {
        SHOWN_MAX = 60, /* bytes of a found text that a message repeats */
};

static const char wanted_bool[] = "true or false";

HclValue *nook_decode_keep(NookDecoder *decoder, HclValue *value) {
        nook_pool_keep(decoder->pool, value, (GDestroyNotify)hcl_value_unref);
        return value;
}

/* What was found, for messages: `the string "abc"`, `a list`. Caller's. */
static char *describe(HclValue *value) {
        const char *text;
        size_t size;

        if (hcl_value_is_null(value))
                return g_strdup("null");

        switch (hcl_value_kind(value)) {
        case HCL_KIND_STRING:
                text = hcl_value_text(value, &size);
                if (size > SHOWN_MAX || memchr(text, '\n', size) || strlen(text) < size)
                        return g_strdup("a string");
                return g_strdup_printf("the string \"%s\"", text);
        case HCL_KIND_NUMBER: {
                g_autofree char *number = hcl_value_number_text(value);

                if (strstr(number, "Inf"))
                        return g_strdup("infinite: something is divided by zero");
                return g_strdup_printf("the number %s", number);
        }
        case HCL_KIND_BOOL:
                return g_strdup(hcl_value_get_bool(value) ? "true" : "false");
        case HCL_KIND_LIST:
        case HCL_KIND_SET:
        case HCL_KIND_TUPLE:
                return g_strdup("a list");
        default:
                return g_strdup("an object");
        }
}

/* What may be meant by a value that is neither true nor false: ` Did you mean true?`, or "". */
static const char *suggest_bool(HclValue *value) {
        static const char *const yes[] = {"yes", "on", "true", "${yes}", "${on}", "${true}", NULL};
        static const char *const no[] = {"no", "off", "false", "${no}", "${off}", "${false}", NULL};
        g_autofree char *word = NULL;

        if (hcl_value_is_null(value) || hcl_value_kind(value) != HCL_KIND_STRING)
                return "";
        word = g_ascii_strdown(hcl_value_text(value, NULL), -1);
        return g_strv_contains(yes, word)  ? " Did you mean true?"
               : g_strv_contains(no, word) ? " Did you mean false?"
                                           : "";
}

/* A warning on the same value is part of the same mistake: the error says it better. */
static void drop_warning(NookDiags *diags, NookRange range) {
        guint n = nook_diags_count(diags);
        const NookDiag *last = n > 0 ? nook_diags_get(diags, n - 1) : NULL;

        if (last && last->severity == NOOK_SEVERITY_WARNING && last->subject.start == range.start &&
            last->subject.end == range.end)
                nook_diags_truncate(diags, n - 1);
}

static void refuse(NookDecoder *decoder, const char *name, HclValue *value, NookRange range,
                   const char *wanted) {
        g_autofree char *found = describe(value);
        bool want_bool = strcmp(wanted, wanted_bool) == 0;

        drop_warning(decoder->diags, range);
        nook_diags_error(decoder->diags, range, "Unsuitable value",
                         "\"%s\" must be %s, but this is %s.%s", name, wanted, found,
                         want_bool ? suggest_bool(value) : "");
}

static bool is_primitive(HclValue *value) {
        HclKind kind = hcl_value_kind(value);

        return kind == HCL_KIND_STRING || kind == HCL_KIND_NUMBER || kind == HCL_KIND_BOOL;
}

bool nook_decode_text(NookDecoder *decoder, const char *name, HclValue *value, NookRange range,
                      NookText *ret) {
        g_autofree char *number = NULL;
        const char *text;
        size_t size;

        if (hcl_value_is_null(value) || !is_primitive(value)) {
                refuse(decoder, name, value, range, "a string");
                return false;
        }
        switch (hcl_value_kind(value)) {
        case HCL_KIND_STRING:
                text = hcl_value_text(value, &size);
                break;
        case HCL_KIND_NUMBER:
                text = number = hcl_value_number_text(value);
                size = strlen(text);
                break;
        default:
                text = hcl_value_get_bool(value) ? "true" : "false";
                size = strlen(text);
                break;
        }
        if (memchr(text, '\0', size)) {
                nook_diags_error(decoder->diags, range, "Unsuitable value",
                                 "\"%s\" holds a NUL character, which no path, argument or "
                                 "variable can carry.",
                                 name);
                return false;
        }

        *ret = (NookText){
                .text = nook_pool_strndup(decoder->pool, text, (gssize)size),
                .range = range,
                .set = true,
        };
        return true;
}

/* The place of the i-th element: its own where the list is written out, else the whole one. */
static NookRange item_range(const HclExpr *const *items, size_t n_items, size_t i,
                            NookRange range) {
        return items && i < n_items ? hcl_expr_range(items[i]) : range;
}

static bool is_sequence(HclValue *value) {
        HclKind kind = hcl_value_kind(value);

        return kind == HCL_KIND_TUPLE || kind == HCL_KIND_LIST || kind == HCL_KIND_SET;
}

/* An element that may be none; it is called args[1] in messages. */
static bool decode_item(NookDecoder *decoder, const char *name, size_t i, HclValue *element,
                        NookRange range, NookText *ret) {
        g_autofree char *item_name = g_strdup_printf("%s[%zu]", name, i);

        return nook_decode_text(decoder, item_name, element, range, ret);
}

void nook_decode_texts(NookDecoder *decoder, const char *name, HclValue *value, const HclExpr *expr,
                       NookRange range, NookTexts *ret) {
        const HclExpr *const *items = NULL;
        size_t n_items = 0, n;
        NookTexts texts = {.range = range, .set = true};

        if (!is_sequence(value)) {
                refuse(decoder, name, value, range, "a list of strings");
                return;
        }
        n = hcl_value_length(value);
        if (expr && !(hcl_expr_list(expr, &items, &n_items) && n_items == n))
                items = NULL;

        texts.items = nook_pool_new_array(decoder->pool, NookText, n);
        for (size_t i = 0; i < n; i++) {
                HclValue *element = hcl_value_element(value, i);
                NookRange place = item_range(items, n_items, i, range);
                NookText *text = &texts.items[texts.count];

                if (!hcl_value_is_known(element))
                        continue;
                if (hcl_value_kind(element) == HCL_KIND_STRING)
                        texts.count += nook_decode_text(decoder, name, element, place, text);
                else
                        texts.count += decode_item(decoder, name, i, element, place, text);
        }
        *ret = texts;
}

/* Of an object written out, key text -> its index among keys and values plus 1; NULL where there is
 * none. Keys are evaluated once more for this, without reporting again. */
static GHashTable *index_members(const HclExpr *expr, const HclScope *scope) {
        const HclExpr *const *keys, *const *values;
        g_autoptr(NookDiags) unused = NULL;
        GHashTable *index;
        size_t n;

        if (!expr || !hcl_expr_map(expr, &keys, &values, &n))
                return NULL;
        unused = nook_diags_new();
        index = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
        for (size_t i = 0; i < n; i++) {
                g_autoptr(HclValue) key = hcl_expr_value(keys[i], scope, unused);
                g_autoptr(HclValue) name = hcl_value_is_known(key) && !hcl_value_is_null(key)
                                                   ? hcl_value_convert(key, &hcl_type_string, NULL)
                                                   : NULL;

                if (name)
                        g_hash_table_replace(index, g_strdup(hcl_value_text(name, NULL)),
                                             GSIZE_TO_POINTER(i + 1));
        }
        return index;
}

/* The places of the key and the value of a member. */
static void member_ranges(const HclExpr *expr, GHashTable *index, const char *key,
                          NookRange *ret_key, NookRange *ret_value) {
        const HclExpr *const *keys, *const *values;
        gsize at = index ? GPOINTER_TO_SIZE(g_hash_table_lookup(index, key)) : 0;
        size_t n;

        if (at == 0 || !hcl_expr_map(expr, &keys, &values, &n))
                return;
        *ret_key = hcl_expr_range(keys[at - 1]);
        *ret_value = hcl_expr_range(values[at - 1]);
}

void nook_decode_pairs(NookDecoder *decoder, const char *name, HclValue *value, const HclExpr *expr,
                       NookRange range, NookPairs *ret) {
        NookPairs pairs = {.range = range, .set = true};
        HclKind kind = hcl_value_kind(value);
        g_autoptr(GHashTable) index = NULL;
        size_t n;

        if (kind != HCL_KIND_MAP && kind != HCL_KIND_OBJECT) {
                refuse(decoder, name, value, range, "a map of strings");
                return;
        }
        n = hcl_value_length(value);
        index = index_members(expr, decoder->scope);
        pairs.items = nook_pool_new_array(decoder->pool, NookPair, n);
        for (size_t i = 0; i < n; i++) {
                HclValue *element = hcl_value_element(value, i);
                NookPair *pair = &pairs.items[pairs.count];
                NookRange key_range = range, value_range = range;

                if (!hcl_value_is_known(element) ||
                    !nook_decode_text(decoder, name, hcl_value_key(value, i), range, &pair->key))
                        continue;
                member_ranges(expr, index, pair->key.text, &key_range, &value_range);
                pair->key.range = key_range;
                if (nook_decode_text(decoder, pair->key.text, element, value_range, &pair->value))
                        pairs.count++;
        }
        *ret = pairs;
}

/* The numbers that Go's type of a field can hold. */
static const struct {
        NookFieldKind kind;
        int64_t least;
        int64_t most;
        const char *wanted;
} int_ranges[] = {
        {NOOK_FIELD_INT8, -128, 127, "a whole number from -128 to 127"},
        {NOOK_FIELD_UINT, 0, INT64_MAX, "a whole number that is not negative"},
        {NOOK_FIELD_UINT8, 0, 255, "a whole number from 0 to 255"},
        {NOOK_FIELD_UINT16, 0, 65535, "a whole number from 0 to 65535"},
        {NOOK_FIELD_UINT32, 0, UINT32_MAX, "a whole number from 0 to 4294967295"},
        {NOOK_FIELD_INT, INT64_MIN, INT64_MAX, "a whole number"},
};

static void decode_int(NookDecoder *decoder, NookFieldKind kind, const char *name, HclValue *value,
                       NookRange range, NookInt *ret) {
        g_autoptr(HclValue) number = hcl_value_convert(value, &hcl_type_number, NULL);
        NookInt result = {.range = range, .set = true};
        guint i = 0;

        while (int_ranges[i].kind != kind && int_ranges[i].kind != NOOK_FIELD_INT)
                i++;
        if (number && hcl_value_get_int64(number, &result.value) &&
            result.value >= int_ranges[i].least && result.value <= int_ranges[i].most)
                *ret = result;
        else
                refuse(decoder, name, value, range, int_ranges[i].wanted);
}

static void decode_bool(NookDecoder *decoder, const char *name, HclValue *value, NookRange range,
                        NookBool *ret) {
        g_autoptr(HclValue) truth = hcl_value_convert(value, &hcl_type_bool, NULL);

        if (!truth) {
                refuse(decoder, name, value, range, wanted_bool);
                return;
        }
        *ret = (NookBool){.value = hcl_value_get_bool(truth), .range = range, .set = true};
}

/* A bare number is nanoseconds to Nomad, which nobody means; it is read like that, with a warning,
 * so that the job stays the same job. */
static void decode_duration(NookDecoder *decoder, const char *name, HclValue *value,
                            NookRange range, NookDuration *ret) {
        NookDuration result = {.range = range, .set = true};
        g_autofree char *reason = NULL;

        if (hcl_value_kind(value) == HCL_KIND_STRING) {
                const char *text = hcl_value_text(value, NULL);

                if (nook_duration_parse(text, &result.nsec, &reason))
                        *ret = result;
                else
                        nook_diags_error(decoder->diags, range, "Unsuitable duration",
                                         "\"%s\" must be a duration such as \"30s\" or \"1h30m\", "
                                         "but of \"%s\" %s.",
                                         name, text, reason);
                return;
        }
        if (hcl_value_kind(value) != HCL_KIND_NUMBER || !hcl_value_get_int64(value, &result.nsec)) {
                refuse(decoder, name, value, range, "a duration such as \"30s\"");
                return;
        }
        if (result.nsec != 0) {
                g_autofree char *number = hcl_value_number_text(value);

                nook_diags_warning(decoder->diags, range, "Duration without a unit",
                                   "The number %s means %s nanoseconds here. For seconds write "
                                   "\"%ss\".",
                                   number, number, number);
        }
        *ret = result;
}

static void decode_size(NookDecoder *decoder, const char *name, HclValue *value, NookRange range,
                        NookInt *ret) {
        NookInt result = {.range = range, .set = true};
        NookText text;

        if (!nook_decode_text(decoder, name, value, range, &text))
                return;
        if (nook_size_parse(text.text, &result.value))
                *ret = result;
        else
                refuse(decoder, name, value, range, "a size such as \"100MB\" or \"1GiB\"");
}

static bool has_null(HclValue *list) {
        for (size_t i = 0; i < hcl_value_length(list); i++)
                if (hcl_value_is_null(hcl_value_element(list, i)))
                        return true;

        return false;
}

static void decode_ints(NookDecoder *decoder, const char *name, HclValue *value, NookRange range,
                        NookAny *ret) {
        static const HclType numbers = HCL_TYPE_STATIC(HCL_KIND_LIST, &hcl_type_number);
        HclValue *list = hcl_value_convert(value, &numbers, NULL);

        if (!list || has_null(list)) {
                hcl_value_unref(list);
                refuse(decoder, name, value, range, "a list of numbers");
                return;
        }
        ret->value = nook_decode_keep(decoder, list);
        ret->range = range;
        ret->set = true;
}

/* Null unsets what the API can leave out, and cannot stand for what it cannot. */
static void decode_null(NookDecoder *decoder, const NookSchemaField *field, const char *name,
                        NookRange range) {
        if (field->emit == NOOK_EMIT_VAL || field->kind == NOOK_FIELD_DURATION)
                nook_diags_error(decoder->diags, range, "Unsuitable value",
                                 "\"%s\" must not be null; leave the line out instead.", name);
}

void nook_decode_value(NookDecoder *decoder, const NookSchemaField *field, const char *name,
                       HclValue *value, const HclExpr *expr, NookRange range, void *slot) {
        NookAny *any = slot;

        if (!hcl_value_is_known(value))
                return;
        if (hcl_value_is_null(value)) {
                decode_null(decoder, field, name, range);
                return;
        }

        switch (field->kind) {
        case NOOK_FIELD_TEXT:
        case NOOK_FIELD_LABEL:
                (void)nook_decode_text(decoder, name, value, range, slot);
                break;
        case NOOK_FIELD_INT:
        case NOOK_FIELD_INT8:
        case NOOK_FIELD_UINT:
        case NOOK_FIELD_UINT8:
        case NOOK_FIELD_UINT16:
        case NOOK_FIELD_UINT32:
                decode_int(decoder, field->kind, name, value, range, slot);
                break;
        case NOOK_FIELD_SIZE:
                decode_size(decoder, name, value, range, slot);
                break;
        case NOOK_FIELD_BOOL:
                decode_bool(decoder, name, value, range, slot);
                break;
        case NOOK_FIELD_DURATION:
                decode_duration(decoder, name, value, range, slot);
                break;
        case NOOK_FIELD_TEXTS:
                nook_decode_texts(decoder, name, value, expr, range, slot);
                break;
        case NOOK_FIELD_MAP:
        case NOOK_FIELD_PAIRS:
        case NOOK_FIELD_EITHER:
        case NOOK_FIELD_PATHS:
                nook_decode_pairs(decoder, name, value, expr, range, slot);
                break;
        case NOOK_FIELD_UNIT:
                nook_decode_unit_value(decoder, value, range, slot);
                break;
        case NOOK_FIELD_INTS:
                decode_ints(decoder, name, value, range, any);
                break;
        case NOOK_FIELD_LISTS:
        case NOOK_FIELD_ANY:
        case NOOK_FIELD_CONFIG:
        case NOOK_FIELD_RAW:
                any->value = nook_decode_keep(decoder, hcl_value_ref(value));
                any->range = range;
                any->set = true;
                break;
        case NOOK_FIELD_ONE:
        case NOOK_FIELD_MANY:
                g_assert_not_reached();
        }
}
