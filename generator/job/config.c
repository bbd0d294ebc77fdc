/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "job/config.h"

#include <string.h>

#include "hcl/hcl.h"
#include "job/config-parts.h"
#include "job/decode.h"

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

/* ---- Reading ---- */

NookConfig *nook_config_new(void) {
        NookPool *pool = nook_pool_new();
        NookConfig *config = nook_pool_alloc(pool, sizeof *config);

        config->pool = pool;
        nook_config_apply_defaults(config);
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
        nook_config_apply_defaults(config);
        nook_config_check_rules(config, diags);
        if (nook_diags_count_errors(diags) > n_errors)
                return NULL;

        (void)g_steal_pointer(&pool);
        return config;
}
