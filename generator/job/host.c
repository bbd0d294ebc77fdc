/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "job/host.h"

#include <string.h>

static void free_user(void *data) {
        NookHostUser *user = data;

        if (!user)
                return;
        g_free(user->name);
        g_free(user->home);
        g_free(user->shell);
        g_free(user->groups);
        g_free(user);
}

static void free_path(void *data) {
        NookHostPath *path = data;

        g_free(path->target);
        g_free(path->resolved);
        g_free(path);
}

static GHashTable *new_texts(void) {
        return g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
}

NookHost *nook_host_new(void) {
        NookHost *host = g_new0(NookHost, 1);

        host->users = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, free_user);
        host->paths = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, free_path);
        host->merged_usr = new_texts();
        host->attr = new_texts();
        host->node = new_texts();
        host->meta = new_texts();
        return host;
}

void nook_host_free(NookHost *host) {
        if (!host)
                return;

        g_hash_table_unref(host->users);
        g_hash_table_unref(host->paths);
        g_hash_table_unref(host->merged_usr);
        g_hash_table_unref(host->attr);
        g_hash_table_unref(host->node);
        g_hash_table_unref(host->meta);
        g_strfreev(host->manager_features);
        g_strfreev(host->controllers);
        g_strfreev(host->seccomp_actions);
        g_free(host);
}

void nook_host_add_user(NookHost *host, const char *name, uid_t uid, gid_t gid, const char *home,
                        const char *shell, const gid_t *groups, guint n_groups) {
        NookHostUser *user = g_new0(NookHostUser, 1);

        user->name = g_strdup(name);
        user->uid = uid;
        user->gid = gid;
        user->home = g_strdup(home);
        user->shell = g_strdup(shell);
        user->groups = g_memdup2(groups, n_groups * sizeof *groups);
        user->n_groups = n_groups;
        g_hash_table_replace(host->users, g_strdup(name), user);
}

void nook_host_add_missing_user(NookHost *host, const char *name) {
        g_hash_table_replace(host->users, g_strdup(name), NULL);
}

void nook_host_add_path(NookHost *host, const char *path, NookPathKind kind, const char *target,
                        const char *resolved, NookPathKind resolved_kind) {
        NookHostPath *entry = g_new0(NookHostPath, 1);

        entry->kind = kind;
        entry->target = g_strdup(target);
        entry->resolved = g_strdup(resolved);
        entry->resolved_kind = resolved_kind;
        g_hash_table_replace(host->paths, g_strdup(path), entry);
}

void nook_host_add_merged_usr(NookHost *host, const char *path, const char *target) {
        g_hash_table_replace(host->merged_usr, g_strdup(path), g_strdup(target));
}

void nook_host_set_attr(NookHost *host, const char *name, const char *value) {
        g_hash_table_replace(host->attr, g_strdup(name), g_strdup(value));
}

void nook_host_set_node(NookHost *host, const char *name, const char *value) {
        g_hash_table_replace(host->node, g_strdup(name), g_strdup(value));
}

void nook_host_set_meta(NookHost *host, const char *name, const char *value) {
        g_hash_table_replace(host->meta, g_strdup(name), g_strdup(value));
}

/* The probe may write to the tables of a host that is const to who asks: they are a cache. */
static void ask(const NookHost *host, GHashTable *table, NookHostProbe probe, const char *name) {
        if (probe && !g_hash_table_contains(table, name))
                probe((NookHost *)(guintptr)host, name, host->probe_data);
}

const NookHostUser *nook_host_user(const NookHost *host, const char *name) {
        ask(host, host->users, host->probe_user, name);
        return g_hash_table_lookup(host->users, name);
}

const NookHostPath *nook_host_path(const NookHost *host, const char *path) {
        static const NookHostPath missing = {
                .kind = NOOK_PATH_MISSING,
                .resolved_kind = NOOK_PATH_MISSING,
        };
        const NookHostPath *entry;

        ask(host, host->paths, host->probe_path, path);
        entry = g_hash_table_lookup(host->paths, path);
        return entry ? entry : &missing;
}

bool nook_host_has_feature(const NookHost *host, const char *name) {
        for (char **feature = host->manager_features; feature && *feature; feature++)
                if ((*feature)[0] == '+' && strcmp(*feature + 1, name) == 0)
                        return true;

        return false;
}

static bool holds(char **list, const char *name) {
        return list && g_strv_contains((const char *const *)list, name);
}

bool nook_host_has_controller(const NookHost *host, const char *name) {
        return holds(host->controllers, name);
}

bool nook_host_has_seccomp_action(const NookHost *host, const char *name) {
        return holds(host->seccomp_actions, name);
}
