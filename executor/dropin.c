/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "dropin.h"

#include <dirent.h>
#include <string.h>

#include "base/error.h"
#include "unit/directive.h"

G_DEFINE_AUTOPTR_CLEANUP_FUNC(DIR, closedir)

static const char *const system_dirs[] = {
        "/etc/systemd/system.control",
        "/run/systemd/system.control",
        "/run/systemd/transient",
        "/etc/systemd/system",
        "/run/systemd/system",
        "/usr/local/lib/systemd/system",
        "/usr/lib/systemd/system",
        "/lib/systemd/system",
        NULL,
};

static const char *const user_dirs[] = {
        "/etc/systemd/user",
        "/run/systemd/user",
        "/usr/local/lib/systemd/user",
        "/usr/lib/systemd/user",
        NULL,
};

void nook_drop_in_free(NookDropIn *drop_in) {
        if (drop_in == NULL)
                return;
        g_free(drop_in->path);
        g_free(drop_in->key);
        g_free(drop_in->value);
        g_free(drop_in->reason);
        g_free(drop_in);
}

/* "nook-a-b.service": service.d, nook-.service.d, nook-a-.service.d, nook-a-b.service.d. */
static GPtrArray *names_of(const char *unit) {
        GPtrArray *names = g_ptr_array_new_with_free_func(g_free);
        const char *suffix = strrchr(unit, '.');

        g_ptr_array_add(names, g_strdup_printf("%s.d", suffix + 1));
        for (const char *dash = strchr(unit, '-'); dash != NULL && dash < suffix;
             dash = strchr(dash + 1, '-'))
                g_ptr_array_add(names,
                                g_strdup_printf("%.*s%s.d", (int)(dash + 1 - unit), unit, suffix));
        g_ptr_array_add(names, g_strdup_printf("%s.d", unit));
        return names;
}

/* What the unit's own section may be given from outside: limits and the like, and walls that it
 * does not have itself. Everything in [Unit] concerns the order of units, not the task. */
static char *judge(const NookUnit *unit, const char *section, const char *key) {
        const NookDirective *directive;

        if (g_str_equal(section, "Unit") || g_str_equal(section, "Install"))
                return NULL;
        directive = nook_directive_find(key);
        if (directive == NULL)
                return g_strdup("nook does not know what it does to a task's walls");
        if (directive->class == NOOK_CLASS_OPENS)
                return g_strdup("it opens a wall");
        if (directive->class == NOOK_CLASS_TIGHTENS && nook_unit_find(unit, key) != NULL)
                return g_strdup("it replaces a wall of the task");
        return NULL;
}

static void read_file(const NookUnit *unit, const char *path, const char *shown, GPtrArray *found) {
        g_autofree char *text = NULL;
        g_autofree char *section = g_strdup("");
        g_auto(GStrv) lines = NULL;

        if (!g_file_get_contents(path, &text, NULL, NULL))
                return;
        lines = g_strsplit(text, "\n", -1);
        for (guint i = 0; lines[i] != NULL; i++) {
                char *line = g_strstrip(lines[i]);
                char *equals = strchr(line, '=');
                NookDropIn *drop_in;

                if (line[0] == '[') {
                        g_free(section);
                        section = g_strndup(line + 1, strcspn(line + 1, "]"));
                }
                if (line[0] == '[' || line[0] == '#' || line[0] == ';' || equals == NULL)
                        continue;
                drop_in = g_new0(NookDropIn, 1);
                drop_in->path = g_strdup(shown);
                drop_in->line = i + 1;
                drop_in->key = g_strstrip(g_strndup(line, (gsize)(equals - line)));
                drop_in->value = g_strdup(g_strstrip(equals + 1));
                drop_in->reason = judge(unit, section, drop_in->key);
                drop_in->is_refused = drop_in->reason != NULL;
                g_ptr_array_add(found, drop_in);
        }
}

static gint compare_texts(gconstpointer a, gconstpointer b) {
        return strcmp(*(char *const *)a, *(char *const *)b);
}

static void read_dir(const NookUnit *unit, const char *root, const char *dir, const char *name,
                     GPtrArray *found) {
        g_autofree char *shown = g_build_filename(dir, name, NULL);
        g_autofree char *path = g_strconcat(root, shown, NULL);
        g_autoptr(DIR) handle = opendir(path); /* of a missing one GLib would tell at length */
        g_autoptr(GPtrArray) files = g_ptr_array_new_with_free_func(g_free);
        const struct dirent *entry;

        while (handle != NULL && (entry = readdir(handle)) != NULL)
                if (g_str_has_suffix(entry->d_name, ".conf"))
                        g_ptr_array_add(files, g_strdup(entry->d_name));
        g_ptr_array_sort(files, compare_texts);
        for (guint i = 0; i < files->len; i++) {
                const char *base = g_ptr_array_index(files, i);
                g_autofree char *full = g_build_filename(path, base, NULL);
                g_autofree char *full_shown = g_build_filename(shown, base, NULL);

                read_file(unit, full, full_shown, found);
        }
}

GPtrArray *nook_drop_ins_of(const NookUnit *unit, const char *root, bool is_user) {
        GPtrArray *found = g_ptr_array_new_with_free_func((GDestroyNotify)nook_drop_in_free);
        g_autoptr(GPtrArray) names = names_of(unit->name);
        const char *const *dirs = is_user ? user_dirs : system_dirs;

        for (guint n = 0; n < names->len; n++)
                for (guint d = 0; dirs[d] != NULL; d++)
                        read_dir(unit, root, dirs[d], g_ptr_array_index(names, n), found);
        return found;
}

bool nook_drop_ins_check(const NookUnit *unit, const char *root, bool is_user, GError **error) {
        g_autoptr(GPtrArray) drop_ins = nook_drop_ins_of(unit, root, is_user);

        for (guint i = 0; i < drop_ins->len; i++) {
                const NookDropIn *drop_in = g_ptr_array_index(drop_ins, i);

                if (drop_in->is_refused)
                        return nook_fail(error, NOOK_ERROR_REFUSED,
                                         "%s:%u: %s=%s would apply to '%s', and %s", drop_in->path,
                                         drop_in->line, drop_in->key, drop_in->value, unit->name,
                                         drop_in->reason);
        }
        return true;
}
