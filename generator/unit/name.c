/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "unit/name.h"

#include <string.h>

static char *escape(const char *text, const char *kept, const char *form) {
        GString *escaped = g_string_new(NULL);

        for (const char *c = text; *c != '\0'; c++)
                if (g_ascii_isalnum(*c) || strchr(kept, *c) != NULL)
                        g_string_append_c(escaped, *c);
                else
                        g_string_append_printf(escaped, "%s%02x", form, (unsigned char)*c);
        return g_string_free(escaped, FALSE);
}

char *nook_name_escape(const char *text) {
        return escape(text, "_.-", "\\x");
}

char *nook_name_escape_slice(const char *text) {
        return escape(text, "_.", "\\x");
}

/* Source: systemd.unit(5), "String escaping for inclusion in unit names". */
char *nook_name_escape_path(const char *path) {
        g_auto(GStrv) parts = g_strsplit(path + strspn(path, "/"), "/", -1);

        for (char **part = parts; *part != NULL; part++) {
                char *escaped = escape(*part, ":_.", "\\x");

                g_free(*part);
                *part = escaped;
        }
        return g_strjoinv("-", parts);
}

char *nook_name_for_path(const char *text) {
        g_autofree char *name = escape(text, "_.-", "=");

        if (*name == '\0')
                return g_strdup("=");
        if (*name == '.')
                return g_strconcat("=2e", name + 1, NULL);
        return g_steal_pointer(&name);
}

static bool is_single_task(const NookJob *job, const NookGroup *group, const NookTask *task) {
        return job->groups.count == 1 && group->tasks.count == 1 && group->count.value == 1 &&
               g_str_equal(job->id.text, task->name.text) &&
               g_str_equal(group->name.text, task->name.text);
}

char *nook_name_of_task(const NookJob *job, const NookGroup *group, const NookTask *task,
                        guint index, NookUnitKind kind) {
        g_autofree char *job_part = nook_name_escape(job->id.text);
        g_autofree char *group_part = nook_name_escape(group->name.text);
        g_autofree char *task_part = nook_name_escape(task->name.text);
        const char *suffix = nook_unit_kind_to_suffix(kind);

        if (is_single_task(job, group, task))
                return g_strdup_printf("nook-%s%s", task_part, suffix);
        return g_strdup_printf("nook-%s:%s:%s:%u%s", job_part, group_part, task_part, index,
                               suffix);
}

char *nook_name_of_job_slice(const NookJob *job) {
        g_autofree char *part = nook_name_escape_slice(job->id.text);

        return g_strdup_printf("nook-%s.slice", part);
}

char *nook_name_of_alloc_slice(const NookJob *job, const char *alloc_id) {
        g_autofree char *part = nook_name_escape_slice(job->id.text);

        return g_strdup_printf("nook-%s-%.8s.slice", part, alloc_id);
}

/* Units whose dynamic users have one name have one user. Ids that are derived from names can be
 * searched for, so eight digits would not do: a name that gives the same eight is soon found. A
 * user's name has 31 characters at most. */
char *nook_name_of_user(const char *alloc_id) {
        GString *name = g_string_new("nook-");

        for (const char *c = alloc_id; *c != '\0' && name->len < strlen("nook-") + 16; c++)
                if (*c != '-')
                        g_string_append_c(name, *c);
        return g_string_free(name, FALSE);
}

char *nook_name_of_alloc(const NookJob *job, const NookGroup *group, guint index) {
        return g_strdup_printf("%s.%s[%u]", job->id.text, group->name.text, index);
}

/* Source: RFC 9562, section 5.8 (version 8: the bits are the maker's). */
char *nook_name_derive_id(const NookJob *job, const char *group, guint index) {
        g_autofree char *names = g_strdup_printf("%s\n%s\n%u", job->id.text, group, index);
        g_autofree char *hash = g_compute_checksum_for_string(G_CHECKSUM_SHA256, names, -1);

        hash[12] = '8';
        hash[16] = "89ab"[g_ascii_xdigit_value(hash[16]) & 3];
        return g_strdup_printf("%.8s-%.4s-%.4s-%.4s-%.12s", hash, hash + 8, hash + 12, hash + 16,
                               hash + 20);
}
