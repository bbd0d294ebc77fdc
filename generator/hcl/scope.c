/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "hcl/scope.h"

#include <string.h>

#include "hcl/scope-internal.h"

/* Counting is the one thing about a parent that changes. */
static HclScope *writable(const HclScope *scope) {
        union {
                const HclScope *read;
                HclScope *write;
        } both = {.read = scope};

        return both.write;
}

HclScope *hcl_scope_new(HclScope *parent) {
        HclScope *scope = g_new0(HclScope, 1);

        scope->refs = 1;
        scope->parent = hcl_scope_ref(parent);
        return scope;
}

HclScope *hcl_scope_ref(HclScope *scope) {
        if (scope) {
                g_assert(scope->refs > 0);
                scope->refs++;
        }
        return scope;
}

void hcl_scope_unref(HclScope *scope) {
        while (scope && --scope->refs == 0) {
                HclScope *parent = writable(scope->parent);

                g_clear_pointer(&scope->variables, g_hash_table_unref);
                g_clear_pointer(&scope->functions, g_array_unref);
                g_free(scope);
                scope = parent;
        }
}

void hcl_scope_set(HclScope *scope, const char *name, HclValue *value) {
        if (!scope->variables)
                scope->variables = g_hash_table_new_full(g_str_hash, g_str_equal, g_free,
                                                         (GDestroyNotify)hcl_value_unref);
        g_hash_table_replace(scope->variables, g_strdup(name), hcl_value_ref(value));
}

void hcl_scope_add_functions(HclScope *scope, const HclFunction *functions, size_t n, void *user) {
        HclScopeFunctions table = {.functions = functions, .n = n, .user = user};

        if (!scope->functions)
                scope->functions = g_array_new(FALSE, FALSE, sizeof(HclScopeFunctions));
        g_array_append_val(scope->functions, table);
}

void hcl_scope_set_undefined_root(HclScope *scope, HclUndefinedRoot undefined_root, void *user) {
        scope->undefined_root = undefined_root;
        scope->undefined_root_user = user;
}

HclValue *hcl_scope_get(const HclScope *scope, const char *name) {
        for (; scope; scope = scope->parent) {
                HclValue *value;

                /* The later name of `for x, x in` hides the earlier one. */
                for (size_t i = G_N_ELEMENTS(scope->names); i-- > 0;)
                        if (scope->names[i] && strcmp(scope->names[i], name) == 0)
                                return scope->values[i];
                value = scope->variables ? g_hash_table_lookup(scope->variables, name) : NULL;
                if (value)
                        return value;
        }
        return NULL;
}

static const HclFunction *find_in_table(const HclScopeFunctions *table, const char *name) {
        for (size_t i = 0; i < table->n; i++)
                if (table->functions[i].name[0] == name[0] &&
                    strcmp(table->functions[i].name, name) == 0)
                        return &table->functions[i];
        return NULL;
}

/* The tables are short and few calls stand in a file: to index them would take longer than to look
 * through them, the newest first. */
const HclFunction *hcl_scope_find_function(const HclScope *scope, const char *name, void **ret_user,
                                           bool *ret_any) {
        *ret_any = false;
        for (; scope; scope = scope->parent) {
                for (guint i = scope->functions ? scope->functions->len : 0; i-- > 0;) {
                        const HclScopeFunctions *table =
                                &g_array_index(scope->functions, HclScopeFunctions, i);
                        const HclFunction *found = find_in_table(table, name);

                        *ret_any = true;
                        *ret_user = table->user;
                        if (found)
                                return found;
                }
        }
        return NULL;
}

const HclFunction *hcl_scope_get_function(const HclScope *scope, const char *name) {
        void *user;
        bool any;

        return hcl_scope_find_function(scope, name, &user, &any);
}

bool hcl_scope_has_variables(const HclScope *scope) {
        for (; scope; scope = scope->parent)
                if (scope->variables || scope->names[1])
                        return true;
        return false;
}

static void add_keys(GPtrArray *names, GHashTable *table) {
        GHashTableIter iter;
        gpointer key;

        if (!table)
                return;
        g_hash_table_iter_init(&iter, table);
        while (g_hash_table_iter_next(&iter, &key, NULL))
                g_ptr_array_add(names, key);
}

static void add_functions(GPtrArray *names, const HclScopeFunctions *table) {
        for (size_t i = 0; i < table->n; i++)
                g_ptr_array_add(names, (gpointer)(uintptr_t)table->functions[i].name);
}

static gint by_text(gconstpointer a, gconstpointer b) {
        return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Takes names. */
static char *suggest(GPtrArray *names, const char *name) {
        const char *nearest;

        g_ptr_array_sort(names, by_text); /* the same answer whatever the hash says */
        g_ptr_array_add(names, NULL);
        nearest = nook_suggest(name, (const char *const *)names->pdata);
        g_ptr_array_unref(names);
        return nearest ? g_strdup_printf(" Did you mean \"%s\"?", nearest) : g_strdup("");
}

char *hcl_scope_suggest_variable(const HclScope *scope, const char *name) {
        GPtrArray *names = g_ptr_array_new();

        for (; scope; scope = scope->parent) {
                for (size_t i = 0; i < G_N_ELEMENTS(scope->names); i++)
                        if (scope->names[i])
                                g_ptr_array_add(names, (gpointer)(uintptr_t)scope->names[i]);
                add_keys(names, scope->variables);
        }
        return suggest(names, name);
}

char *hcl_scope_suggest_function(const HclScope *scope, const char *name) {
        GPtrArray *names = g_ptr_array_new();

        for (; scope; scope = scope->parent)
                for (guint i = 0; scope->functions && i < scope->functions->len; i++)
                        add_functions(names,
                                      &g_array_index(scope->functions, HclScopeFunctions, i));
        return suggest(names, name);
}
