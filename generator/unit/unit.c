/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "unit/unit.h"

#include <string.h>

static void setting_free(gpointer data) {
        NookSetting *setting = data;

        g_variant_unref(setting->value);
        g_free(setting);
}

NookUnit *nook_unit_new(const char *name, NookUnitKind kind) {
        NookUnit *unit;

        g_assert(g_str_has_suffix(name, nook_unit_kind_to_suffix(kind)));

        unit = g_new0(NookUnit, 1);
        unit->name = g_strdup(name);
        unit->kind = kind;
        unit->settings = g_ptr_array_new_with_free_func(setting_free);
        return unit;
}

void nook_unit_free(NookUnit *unit) {
        if (unit == NULL)
                return;

        g_ptr_array_unref(unit->settings);
        g_free(unit->name);
        g_free(unit);
}

/* Whether the manager takes a value of this type for the row: its own signature, or the one of a
 * second form that the type's emit() turns into another property. */
static bool directive_accepts(const NookDirective *directive, GVariant *value) {
        return directive->type->emit != NULL ||
               g_str_equal(g_variant_get_type_string(value), directive->signature);
}

void nook_unit_add(NookUnit *unit, const char *key, GVariant *value, NookOrigin origin,
                   const char *reason, NookRange range) {
        const NookDirective *directive = nook_directive_find(key);
        NookSetting *setting;

        g_assert(directive != NULL);
        g_assert((directive->kinds & unit->kind) != 0);
        g_assert(directive_accepts(directive, value));

        if (!directive->type->is_list)
                nook_unit_remove(unit, key);
        setting = g_new0(NookSetting, 1);
        setting->directive = directive;
        setting->value = g_variant_ref_sink(value);
        setting->origin = origin;
        setting->reason = reason;
        setting->range = range;
        g_ptr_array_add(unit->settings, setting);
}

void nook_unit_add_text(NookUnit *unit, const char *key, const char *text, NookOrigin origin,
                        const char *reason) {
        const NookDirective *directive = nook_directive_find(key);
        g_autoptr(GVariant) value = NULL;

        g_assert(directive != NULL);
        value = nook_directive_parse(directive, text, NULL);
        g_assert(value != NULL);
        nook_unit_add(unit, key, value, origin, reason, NOOK_RANGE_NONE);
}

void nook_unit_remove(NookUnit *unit, const char *key) {
        guint i = unit->settings->len;

        while (i-- > 0) {
                const NookSetting *setting = g_ptr_array_index(unit->settings, i);

                if (g_str_equal(setting->directive->key, key))
                        g_ptr_array_remove_index(unit->settings, i);
        }
}

const NookSetting *nook_unit_find(const NookUnit *unit, const char *key) {
        guint i = unit->settings->len;

        while (i-- > 0) {
                const NookSetting *setting = g_ptr_array_index(unit->settings, i);

                if (g_str_equal(setting->directive->key, key))
                        return setting;
        }
        return NULL;
}

unsigned nook_unit_needs(const NookUnit *unit) {
        unsigned needs = 0;

        for (guint i = 0; i < unit->settings->len; i++) {
                const NookSetting *setting = g_ptr_array_index(unit->settings, i);

                needs |= setting->directive->needs;
        }
        return needs;
}

GVariant *nook_unit_to_properties(const NookUnit *unit) {
        g_auto(GVariantBuilder) builder = G_VARIANT_BUILDER_INIT(G_VARIANT_TYPE("a(sv)"));

        for (guint i = 0; i < unit->settings->len; i++) {
                const NookSetting *setting = g_ptr_array_index(unit->settings, i);

                nook_directive_emit(setting->directive, setting->value, &builder);
        }
        return g_variant_ref_sink(g_variant_builder_end(&builder));
}

static void append_comment(GString *text, const char *comment) {
        g_auto(GStrv) lines = g_strsplit(comment, "\n", -1);

        for (guint i = 0; lines[i] != NULL; i++)
                if (lines[i][0] != '\0' || lines[i + 1] != NULL)
                        g_string_append_printf(text, "# %s\n", lines[i]);
}

static void append_section(GString *text, const NookUnit *unit, NookSection section) {
        bool is_started = false;

        for (guint i = 0; i < unit->settings->len; i++) {
                const NookSetting *setting = g_ptr_array_index(unit->settings, i);
                g_autofree char *value = NULL;

                if (setting->directive->section != section)
                        continue;
                if (!is_started)
                        g_string_append_printf(text, "%s[%s]\n", text->len > 0 ? "\n" : "",
                                               section == NOOK_SECTION_UNIT
                                                       ? "Unit"
                                                       : nook_unit_kind_to_section(unit->kind));
                is_started = true;
                value = nook_directive_print(setting->directive, setting->value);
                g_string_append_printf(text, "%s=%s\n", setting->directive->key, value);
        }
}

char *nook_unit_to_file_text(const NookUnit *unit, const char *comment) {
        GString *text = g_string_new(NULL);

        if (comment != NULL)
                append_comment(text, comment);
        append_section(text, unit, NOOK_SECTION_UNIT);
        append_section(text, unit, NOOK_SECTION_OWN);
        return g_string_free(text, FALSE);
}
