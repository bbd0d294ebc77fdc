/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "unit/directive.h"

#include <string.h>

#include "base/diag.h"
#include "base/error.h"

/* Key to row. Made once, from a table that never changes: the only state of this layer, and safe to
 * share. */
static GHashTable *directive_index(void) {
        static GHashTable *index;

        if (g_once_init_enter(&index)) {
                GHashTable *made = g_hash_table_new(g_str_hash, g_str_equal);
                gsize count;
                const NookDirective *table = nook_directive_table(&count);

                for (gsize i = 0; i < count; i++)
                        g_hash_table_insert(made, (gpointer)(gsize)table[i].key,
                                            (gpointer)(gsize)&table[i]);
                g_once_init_leave(&index, made);
        }
        return index;
}

const NookDirective *nook_directive_find(const char *key) {
        return g_hash_table_lookup(directive_index(), key);
}

const char *nook_directive_suggest(const char *key) {
        g_autofree const char **keys = NULL;
        gsize count;
        const NookDirective *table = nook_directive_table(&count);

        keys = g_new0(const char *, count + 1);
        for (gsize i = 0; i < count; i++) {
                if (g_ascii_strcasecmp(table[i].key, key) == 0)
                        return table[i].key;
                keys[i] = table[i].key;
        }
        return nook_suggest(key, keys);
}

GVariant *nook_directive_parse(const NookDirective *directive, const char *text, GError **error) {
        GError *reason = NULL;
        GVariant *value = directive->type->parse(directive, text, &reason);

        if (value != NULL)
                return g_variant_take_ref(value);
        (void)nook_fail(error, NOOK_ERROR_INVALID, "%s: %s", directive->key, reason->message);
        g_error_free(reason);
        return NULL;
}

char *nook_directive_print(const NookDirective *directive, GVariant *value) {
        GString *out = g_string_new(NULL);

        directive->type->print(directive, value, out);
        return g_string_free(out, FALSE);
}

void nook_directive_emit(const NookDirective *directive, GVariant *value, GVariantBuilder *out) {
        if (directive->type->emit != NULL)
                directive->type->emit(directive, value, out);
        else
                g_variant_builder_add(out, "(sv)", directive->property, value);
}

NookClass nook_directive_class_of(const NookDirective *directive, GVariant *value) {
        if (directive->class == NOOK_CLASS_OPENS)
                return NOOK_CLASS_OPENS;
        if (directive->type->is_safe == NULL || directive->type->is_safe(directive, value))
                return directive->class;
        return NOOK_CLASS_OPENS;
}

const char *nook_class_to_text(NookClass class) {
        switch (class) {
        case NOOK_CLASS_TIGHTENS:
                return "tightens";
        case NOOK_CLASS_NEUTRAL:
                return "neutral";
        case NOOK_CLASS_OPENS:
                return "opens";
        }
        g_assert_not_reached();
}

const char *nook_unit_kind_to_suffix(NookUnitKind kind) {
        switch (kind) {
        case NOOK_UNIT_SERVICE:
                return ".service";
        case NOOK_UNIT_SCOPE:
                return ".scope";
        case NOOK_UNIT_SLICE:
                return ".slice";
        default:
                g_assert_not_reached();
        }
}

const char *nook_unit_kind_to_section(NookUnitKind kind) {
        switch (kind) {
        case NOOK_UNIT_SERVICE:
                return "Service";
        case NOOK_UNIT_SCOPE:
                return "Scope";
        case NOOK_UNIT_SLICE:
                return "Slice";
        default:
                g_assert_not_reached();
        }
}
