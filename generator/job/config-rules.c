/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What is in force where the operator wrote nothing, and what must hold between settings. */

#include "job/capability.h"
#include "job/config-parts.h"
#include "job/id-set.h"
#include "job/rules.h"

/* ---- Defaults ---- */

static void default_text(NookText *slot, const char *text) {
        if (!slot->text)
                slot->text = text;
}

static void default_int(NookInt *slot, int64_t value) {
        if (!slot->set)
                slot->value = value;
}

static void default_duration(NookDuration *slot, int64_t seconds) {
        if (!slot->set)
                slot->nsec = seconds * INT64_C(1000000000);
}

/* Source: Nomad's exec driver, "Chroot". */
static void default_chroot(NookPool *pool, NookPairs *slot) {
        static const char *const paths[] = {
                "/bin",
                "/etc",
                "/lib",
                "/lib32",
                "/lib64",
                "/run/resolvconf",
                "/run/systemd/resolve",
                "/sbin",
                "/usr",
        };

        if (slot->set)
                return;
        slot->items = nook_pool_new_array(pool, NookPair, G_N_ELEMENTS(paths));
        slot->count = G_N_ELEMENTS(paths);
        for (guint i = 0; i < slot->count; i++)
                slot->items[i].key.text = slot->items[i].value.text = paths[i];
}

void nook_config_apply_defaults(NookConfig *config) {
        NookPool *pool = config->pool;
        NookConfigArtifact *artifact;

        if (!config->client)
                config->client = nook_pool_alloc(pool, sizeof *config->client);
        if (!config->client->artifact)
                config->client->artifact = nook_pool_alloc(pool, sizeof *config->client->artifact);
        if (!config->exec)
                config->exec = nook_pool_alloc(pool, sizeof *config->exec);
        if (!config->raw_exec)
                config->raw_exec = nook_pool_alloc(pool, sizeof *config->raw_exec);

        default_text(&config->region, "global");
        default_text(&config->datacenter, "dc1");
        default_chroot(pool, &config->client->chroot_env);
        default_duration(&config->client->max_kill_timeout, 30);
        default_text(&config->client->node_class, "");
        default_text(&config->client->node_pool, "default");
        default_int(&config->client->gc_max_allocs, 50);

        artifact = config->client->artifact;
        default_duration(&artifact->http_read_timeout, 1800);
        default_int(&artifact->http_max_size, INT64_C(100000000000));
        default_int(&artifact->decompression_size_limit, INT64_C(100000000000));
        default_int(&artifact->decompression_file_count_limit, 4096);
        default_int(&artifact->max_ratio, 1000);
        default_int(&artifact->max_depth, 128);

        default_text(&config->exec->default_pid_mode, "private");
        default_text(&config->exec->default_ipc_mode, "private");
        default_text(&config->exec->sandbox, "systemd");
}

/* ---- Rules ---- */

static void check_ids(const NookText *text, const char *name, NookDiags *diags) {
        g_autofree char *reason = NULL;

        if (text->set && !nook_id_set_check(text->text, &reason))
                nook_diags_error(diags, text->range, "Unsuitable value",
                                 "\"%s\" must hold ids and ranges such as \"0,10-15\": %s.", name,
                                 reason);
}

static void check_host_modes(const NookTexts *modes, NookDiags *diags) {
        for (guint i = 0; i < modes->count; i++)
                (void)nook_rules_is_one_of(&modes->items[i], "allow_host_modes",
                                           (const char *const[]){"pid", "ipc", NULL}, diags);
}

static void check_volumes(const NookConfigHostVolumeList *volumes, NookDiags *diags) {
        for (guint i = 0; i < volumes->count; i++) {
                const NookConfigHostVolume *volume = volumes->items[i];

                if (!volume->path.text || volume->path.text[0] != '/')
                        nook_diags_error(
                                diags, volume->path.set ? volume->path.range : volume->head.range,
                                "Unsuitable path", "Host volume \"%s\" needs an absolute path.",
                                volume->name.text);
        }
}

void nook_config_check_rules(const NookConfig *config, NookDiags *diags) {
        static const char *const modes[] = {"private", "host", NULL};

        nook_rules_check_paths(&config->client->chroot_env, diags);
        check_volumes(&config->client->host_volumes, diags);
        (void)nook_rules_is_one_of(&config->exec->default_pid_mode, "default_pid_mode", modes,
                                   diags);
        (void)nook_rules_is_one_of(&config->exec->default_ipc_mode, "default_ipc_mode", modes,
                                   diags);
        (void)nook_rules_is_one_of(&config->exec->sandbox, "sandbox",
                                   (const char *const[]){"systemd", "nook", NULL}, diags);
        nook_capability_check(&config->exec->allow_caps, diags);
        check_host_modes(&config->exec->allow_host_modes, diags);
        check_ids(&config->exec->denied_host_uids, "denied_host_uids", diags);
        check_ids(&config->exec->denied_host_gids, "denied_host_gids", diags);
        check_ids(&config->raw_exec->denied_host_uids, "denied_host_uids", diags);
        check_ids(&config->raw_exec->denied_host_gids, "denied_host_gids", diags);
}
