/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "job/config.h"

#include <string.h>

#include "hcl/hcl.h"
#include "job/capability.h"
#include "job/config-merge.h"
#include "job/decode.h"
#include "job/id-set.h"

/* What else may stand in a Nomad agent's file, at its top and in `client`. */
static const char *const agent_words[] = {
        "acl",
        "addresses",
        "advertise",
        "audit",
        "autopilot",
        "bind_addr",
        "consul",
        "disable_anonymous_signature",
        "disable_update_check",
        "enable_debug",
        "enable_syslog",
        "eventlog",
        "http_api_response_headers",
        "keyring",
        "leave_on_interrupt",
        "leave_on_terminate",
        "limits",
        "log_file",
        "log_include_location",
        "log_json",
        "log_level",
        "log_rotate_bytes",
        "log_rotate_duration",
        "log_rotate_max_files",
        "plugin_dir",
        "ports",
        "reporting",
        "rpc",
        "sentinel",
        "server",
        "syslog_facility",
        "telemetry",
        "tls",
        "ui",
        "vault",
        NULL,
};

static const char *const client_words[] = {
        "alloc_mounts_dir",
        "bind_wildcard_default_host_network",
        "bridge_network_hairpin_mode",
        "bridge_network_name",
        "bridge_network_subnet",
        "bridge_network_subnet_ipv6",
        "cgroup_parent",
        "client_max_port",
        "client_min_port",
        "cni_config_dir",
        "cni_path",
        "common_plugin_dir",
        "cpu_disable_dmidecode",
        "default_ineligible",
        "disk_free_mb",
        "disk_total_mb",
        "drain_on_shutdown",
        "fingerprint",
        "gc_disk_usage_threshold",
        "gc_inode_usage_threshold",
        "gc_parallel_destroys",
        "gc_volumes_on_node_gc",
        "host_network",
        "host_volume_plugin_dir",
        "host_volumes_dir",
        "log_file",
        "max_dynamic_port",
        "min_dynamic_port",
        "network_interface",
        "network_speed",
        "no_host_uuid",
        "node_max_allocs",
        "nomad_service_discovery",
        "preferred_address_family",
        "reservable_cores",
        "reserved",
        "server_join",
        "servers",
        "state_dir",
        "template",
        "users",
        NULL,
};

/* The words of both lists, for a suggestion. */
static const char *suggest(const NookSchema *schema, const char *const *others, const char *name) {
        g_autoptr(GPtrArray) all = g_ptr_array_new();

        for (guint i = 0; i < schema->n_fields; i++)
                if (schema->fields[i].name)
                        g_ptr_array_add(all, (void *)(guintptr)schema->fields[i].name);
        for (; *others; others++)
                g_ptr_array_add(all, (void *)(guintptr)*others);
        g_ptr_array_add(all, NULL);
        return nook_suggest(name, (const char *const *)all->pdata);
}

/* One word that nook has no use for: passed over if a Nomad agent knows it. */
static void judge_word(const NookSchema *schema, const char *const *known, const char *name,
                       NookRange range, NookDiags *diags) {
        const char *near;

        if (g_strv_contains(known, name)) {
                nook_diags_note(diags, range, "Not used",
                                "\"%s\" is a setting of a Nomad agent that nook has no use for.",
                                name);
                return;
        }
        near = suggest(schema, known, name);
        nook_diags_error(diags, range, "Unsupported setting",
                         "There is no setting named \"%s\" here.%s%s%s", name,
                         near ? " Did you mean \"" : "", near ? near : "", near ? "\"?" : "");
}

static void judge_rest(const NookSchema *schema, const char *const *known, HclBody *rest,
                       NookDiags *diags) {
        const HclContent *content = hcl_body_everything(rest, diags);

        for (size_t i = 0; i < content->n_attributes; i++)
                judge_word(schema, known, content->attributes[i]->name,
                           content->attributes[i]->name_range, diags);
        for (size_t i = 0; i < content->n_blocks; i++)
                judge_word(schema, known, content->blocks[i]->type, content->blocks[i]->type_range,
                           diags);
}

/* Settings of a block that only a Nomad client acts on. */
static void note_unused(const NookSchema *schema, const void *block, NookDiags *diags) {
        for (guint i = 0; i < schema->n_fields; i++) {
                const NookSchemaField *field = &schema->fields[i];

                if (field->honour == NOOK_HONOUR_NOTE && nook_schema_is_set(field, block))
                        nook_diags_note(diags, nook_schema_range(field, block), "Not used",
                                        "\"%s\" is a setting of a Nomad agent that nook has no use "
                                        "for.",
                                        field->name);
        }
}

static void decode_plugin(NookDecoder *decoder, const NookConfigPlugin *plugin,
                          NookConfig *config) {
        const char *name = plugin->name.text;

        if (strcmp(name, "exec") == 0) {
                config->exec = nook_pool_alloc(decoder->pool, sizeof *config->exec);
                config->exec->head = plugin->head;
                if (plugin->config.body)
                        nook_decode_body(decoder, nook_schema_ConfigExec(), plugin->config.body,
                                         config->exec);
        } else if (strcmp(name, "raw_exec") == 0) {
                config->raw_exec = nook_pool_alloc(decoder->pool, sizeof *config->raw_exec);
                config->raw_exec->head = plugin->head;
                if (plugin->config.body)
                        nook_decode_body(decoder, nook_schema_ConfigRawExec(), plugin->config.body,
                                         config->raw_exec);
                note_unused(nook_schema_ConfigRawExec(), config->raw_exec, decoder->diags);
        } else
                nook_diags_note(decoder->diags, plugin->head.range, "Not used",
                                "nook has no driver \"%s\"; its drivers are exec and raw_exec.",
                                name);
}

/* `client` is taken out of the table's hands, because it may hold more than nook knows. */
static void decode_client(NookDecoder *decoder, NookConfig *config, HclBody *body) {
        HclBody *rest = NULL;

        nook_decode_body_partly(decoder, nook_schema_ConfigClient(), body, config->client, &rest);
        judge_rest(nook_schema_ConfigClient(), client_words, rest, decoder->diags);
        note_unused(nook_schema_ConfigClient(), config->client, decoder->diags);
        if (config->client->artifact)
                note_unused(nook_schema_ConfigArtifact(), config->client->artifact, decoder->diags);
}

static NookConfig *decode_source(NookDecoder *decoder, HclBody *body) {
        NookConfig *config = nook_pool_alloc(decoder->pool, sizeof *config);
        HclBody *rest = NULL;

        config->head.set = true;
        nook_decode_body_partly(decoder, nook_schema_Config(), body, config, &rest);
        judge_rest(nook_schema_Config(), agent_words, rest, decoder->diags);
        for (guint i = 0; i < config->plugins.count; i++)
                decode_plugin(decoder, config->plugins.items[i], config);
        if (config->client_block.set) {
                config->client = nook_pool_alloc(decoder->pool, sizeof *config->client);
                config->client->head.set = true;
                config->client->head.range = config->client_block.range;
                decode_client(decoder, config, config->client_block.body);
        }
        return config;
}

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

static void apply_defaults(NookConfig *config) {
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

static void check_words(const NookText *text, const char *name, const char *const *words,
                        NookDiags *diags) {
        g_autofree char *list = NULL;

        if (!text->set || g_strv_contains(words, text->text))
                return;
        list = g_strjoinv("\" or \"", (char **)(guintptr)words);
        nook_diags_error(diags, text->range, "Unsuitable value",
                         "\"%s\" must be \"%s\", not \"%s\".", name, list, text->text);
}

static void check_ids(const NookText *text, const char *name, NookDiags *diags) {
        g_autofree char *reason = NULL;

        if (text->set && !nook_id_set_check(text->text, &reason))
                nook_diags_error(diags, text->range, "Unsuitable value",
                                 "\"%s\" must hold ids and ranges such as \"0,10-15\": %s.", name,
                                 reason);
}

static void check_paths(const NookPairs *pairs, NookDiags *diags) {
        for (guint i = 0; i < pairs->count; i++) {
                const NookPair *pair = &pairs->items[i];
                const NookText *both[] = {&pair->key, &pair->value};

                for (guint j = 0; j < 2; j++) {
                        g_auto(GStrv) parts = g_strsplit(both[j]->text, "/", -1);

                        if (both[j]->text[0] == '/' &&
                            !g_strv_contains((const char *const *)parts, ".."))
                                continue;
                        nook_diags_error(
                                diags, both[j]->range, "Unsuitable path",
                                "A path of chroot_env must be absolute and have no \"..\", "
                                "but this is \"%s\".",
                                both[j]->text);
                }
        }
}

static void check_caps(const NookTexts *caps, NookDiags *diags) {
        for (guint i = 0; i < caps->count; i++) {
                const NookText *cap = &caps->items[i];
                const char *near;

                if (nook_capability_normalize(cap->text))
                        continue;
                near = nook_capability_suggest(cap->text);
                nook_diags_error(diags, cap->range, "Unknown capability",
                                 "Linux has no capability \"%s\".%s%s%s", cap->text,
                                 near ? " Did you mean \"" : "", near ? near : "",
                                 near ? "\"?" : "");
        }
}

static void check_host_modes(const NookTexts *modes, NookDiags *diags) {
        for (guint i = 0; i < modes->count; i++)
                check_words(&modes->items[i], "allow_host_modes",
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

static void check_rules(const NookConfig *config, NookDiags *diags) {
        static const char *const modes[] = {"private", "host", NULL};

        check_paths(&config->client->chroot_env, diags);
        check_volumes(&config->client->host_volumes, diags);
        check_words(&config->exec->default_pid_mode, "default_pid_mode", modes, diags);
        check_words(&config->exec->default_ipc_mode, "default_ipc_mode", modes, diags);
        check_words(&config->exec->sandbox, "sandbox",
                    (const char *const[]){"systemd", "nook", NULL}, diags);
        check_caps(&config->exec->allow_caps, diags);
        check_host_modes(&config->exec->allow_host_modes, diags);
        check_ids(&config->exec->denied_host_uids, "denied_host_uids", diags);
        check_ids(&config->exec->denied_host_gids, "denied_host_gids", diags);
        check_ids(&config->raw_exec->denied_host_uids, "denied_host_uids", diags);
        check_ids(&config->raw_exec->denied_host_gids, "denied_host_gids", diags);
}

/* ---- Reading ---- */

NookConfig *nook_config_new(void) {
        NookPool *pool = nook_pool_new();
        NookConfig *config = nook_pool_alloc(pool, sizeof *config);

        config->pool = pool;
        apply_defaults(config);
        return config;
}

void nook_config_free(NookConfig *config) {
        if (config)
                nook_pool_free(config->pool);
}

NookConfig *nook_config_read_sources(NookSource *const *sources, guint n, NookDiags *diags) {
        g_autoptr(NookPool) pool = nook_pool_new();
        NookDecoder decoder = {.pool = pool, .diags = diags, .allow_quoted = true};
        NookConfig *config = nook_pool_alloc(pool, sizeof *config);
        guint n_errors = nook_diags_count_errors(diags);

        config->pool = pool;
        for (guint i = 0; i < n; i++) {
                HclFile *file = hcl_parse_with(sources[i], HCL_PARSE_QUOTED_NAMES, diags);

                nook_pool_keep(pool, file, (GDestroyNotify)hcl_file_unref);
                nook_config_merge(pool, config, decode_source(&decoder, hcl_file_body(file)));
        }
        apply_defaults(config);
        check_rules(config, diags);
        if (nook_diags_count_errors(diags) > n_errors)
                return NULL;

        (void)g_steal_pointer(&pool);
        return config;
}
