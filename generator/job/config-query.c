/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Questions to the configuration, and finding its files. */

#include <string.h>

#include "job/capability.h"
#include "job/config.h"
#include "job/id-set.h"

const char *nook_config_option(const NookConfig *config, const char *name) {
        const NookText *value = nook_pairs_find(&config->client->options, name);

        return value ? value->text : NULL;
}

static bool list_has(const char *list, const char *word) {
        g_auto(GStrv) words = g_strsplit(list, ",", -1);

        for (char **each = words; *each; each++)
                if (strcmp(g_strstrip(*each), word) == 0)
                        return true;

        return false;
}

bool nook_config_denies_user(const NookConfig *config, const char *driver, const char *name) {
        const char *denied = nook_config_option(config, "user.denylist");
        const char *drivers = nook_config_option(config, "user.checked_drivers");

        return list_has(drivers ? drivers : "exec,qemu,java", driver) &&
               list_has(denied ? denied : "root,Administrator", name);
}

bool nook_config_denies_uid(const NookConfig *config, const char *driver, guint32 uid) {
        const NookText *set = strcmp(driver, "raw_exec") == 0 ? &config->raw_exec->denied_host_uids
                                                              : &config->exec->denied_host_uids;

        return set->text && nook_id_set_contains(set->text, uid);
}

bool nook_config_denies_gid(const NookConfig *config, const char *driver, guint32 gid) {
        const NookText *set = strcmp(driver, "raw_exec") == 0 ? &config->raw_exec->denied_host_gids
                                                              : &config->exec->denied_host_gids;

        return set->text && nook_id_set_contains(set->text, gid);
}

bool nook_config_allows_cap(const NookConfig *config, const char *name) {
        const char *wanted = nook_capability_normalize(name);
        const NookTexts *caps = &config->exec->allow_caps;

        for (guint i = 0; wanted && i < caps->count; i++) {
                const char *cap = nook_capability_normalize(caps->items[i].text);

                if (cap && (strcmp(cap, "ALL") == 0 || strcmp(cap, wanted) == 0))
                        return true;
        }
        return false;
}

static bool texts_have(const NookTexts *texts, const char *word) {
        for (guint i = 0; i < texts->count; i++)
                if (strcmp(texts->items[i].text, word) == 0)
                        return true;

        return false;
}

bool nook_config_allows_host_mode(const NookConfig *config, const char *mode) {
        const NookText *by_default = strcmp(mode, "pid") == 0 ? &config->exec->default_pid_mode
                                                              : &config->exec->default_ipc_mode;

        return strcmp(by_default->text, "host") == 0 ||
               texts_have(&config->exec->allow_host_modes, mode);
}

bool nook_config_allows_directive(const NookConfig *config, const char *key) {
        return texts_have(&config->exec->allow_directives, key);
}

const NookConfigHostVolume *nook_config_host_volume(const NookConfig *config, const char *name) {
        for (guint i = 0; i < config->client->host_volumes.count; i++)
                if (strcmp(config->client->host_volumes.items[i]->name.text, name) == 0)
                        return config->client->host_volumes.items[i];

        return NULL;
}

bool nook_config_has_own_chroot(const NookConfig *config) {
        return config->client->chroot_env.set;
}

/* ---- Files ---- */

static int compare_names(const void *a, const void *b) {
        return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static bool read_file(const char *path, GPtrArray *sources, GError **error) {
        g_autoptr(GError) failure = NULL;
        g_autoptr(GBytes) bytes = NULL;
        char *text;
        gsize size;

        if (!g_file_get_contents(path, &text, &size, &failure))
                return nook_fail(error, NOOK_ERROR_IO, "read the configuration: %s",
                                 failure->message);
        bytes = g_bytes_new_take(text, size);
        g_ptr_array_add(sources, nook_source_new(path, bytes));
        return true;
}

static bool read_directory(const char *path, GPtrArray *sources, GError **error) {
        g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
        g_autoptr(GError) failure = NULL;
        g_autoptr(GDir) dir = g_dir_open(path, 0, &failure);
        const char *name;

        if (!dir)
                return nook_fail(error, NOOK_ERROR_IO, "read the configuration: %s",
                                 failure->message);
        while ((name = g_dir_read_name(dir)))
                if (g_str_has_suffix(name, ".hcl") && name[0] != '.')
                        g_ptr_array_add(names, g_build_filename(path, name, NULL));

        g_ptr_array_sort(names, compare_names);
        for (guint i = 0; i < names->len; i++)
                if (!read_file(names->pdata[i], sources, error))
                        return false;

        return true;
}

NookConfig *nook_config_read(const char *const *paths, bool optional, NookDiags *diags,
                             GPtrArray **ret_sources, GError **error) {
        g_autoptr(GPtrArray) sources =
                g_ptr_array_new_with_free_func((GDestroyNotify)nook_source_unref);
        NookConfig *config;

        for (; *paths; paths++) {
                bool done;

                if (optional && !g_file_test(*paths, G_FILE_TEST_EXISTS))
                        continue;
                done = g_file_test(*paths, G_FILE_TEST_IS_DIR)
                               ? read_directory(*paths, sources, error)
                               : read_file(*paths, sources, error);
                if (!done)
                        return NULL;
        }

        config = nook_config_read_sources((NookSource *const *)sources->pdata, sources->len, diags);
        if (ret_sources)
                *ret_sources = g_ptr_array_ref(sources);
        if (!config)
                (void)nook_fail(error, NOOK_ERROR_INVALID, "the configuration has errors");
        return config;
}
