/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "job/interpolate.h"

#include <string.h>

#include "base/diag.h"

static bool is_name_char(char c) {
        return g_ascii_isalnum(c) || c == '_' || c == '-' || c == '.';
}

static gsize name_length(const char *text) {
        gsize n = 0;

        while (is_name_char(text[n]))
                n++;
        return n;
}

/* A reference that starts at `text`: how long it is with its brackets, 0 if it is none; its name.
 */
typedef gsize (*Match)(const char *text, const char **ret_name, gsize *ret_length);

static gsize match_plain(const char *text, const char **ret_name, gsize *ret_length) {
        gsize length;

        if (text[0] != '$' || text[1] != '{')
                return 0;
        length = name_length(text + 2);
        if (length == 0 || text[2 + length] != '}')
                return 0;

        *ret_name = text + 2;
        *ret_length = length;
        return length + 3;
}

static const char *skip_blanks(const char *p) {
        while (*p == ' ' || *p == '\t')
                p++;
        return p;
}

/* Allows blanks inside of the brackets, and env["NAME"]. */
static gsize match_config(const char *text, const char **ret_name, gsize *ret_length) {
        const char *p, *name;
        gsize length;

        if (text[0] != '$' || text[1] != '{')
                return 0;
        p = skip_blanks(text + 2);
        if (strncmp(p, "env[\"", 5) == 0) {
                name = p + 5;
                length = strcspn(name, "\"\\");
                p = name + length;
                if (p[0] != '"' || p[1] != ']')
                        return 0;
                p += 2;
        } else {
                name = p;
                length = name_length(name);
                p = name + length;
        }
        p = skip_blanks(p);
        if (length == 0 || *p != '}')
                return 0;

        *ret_name = name;
        *ret_length = length;
        return (gsize)(p + 1 - text);
}

static char *replace(const char *text, Match match, NookLookup lookup, void *user,
                     char **ret_unknown) {
        GString *out = g_string_new(NULL);

        if (ret_unknown)
                *ret_unknown = NULL;
        while (*text) {
                const char *dollar = strchr(text, '$'), *start = NULL, *value;
                gsize length = 0, size;
                g_autofree char *name = NULL;

                if (!dollar) {
                        g_string_append(out, text);
                        break;
                }
                g_string_append_len(out, text, dollar - text);
                size = match(dollar, &start, &length);
                if (size == 0) {
                        g_string_append_c(out, '$');
                        text = dollar + 1;
                        continue;
                }

                name = g_strndup(start, length);
                value = lookup(name, user);
                if (value)
                        g_string_append(out, value);
                else
                        g_string_append_len(out, dollar, (gssize)size);
                if (!value && ret_unknown && !*ret_unknown)
                        *ret_unknown = g_steal_pointer(&name);
                text = dollar + size;
        }
        return g_string_free(out, FALSE);
}

char *nook_interpolate(const char *text, NookLookup lookup, void *user, char **ret_unknown) {
        return replace(text, match_plain, lookup, user, ret_unknown);
}

char *nook_interpolate_config(const char *text, NookLookup lookup, void *user, char **ret_unknown) {
        return replace(text, match_config, lookup, user, ret_unknown);
}

void nook_interpolate_each(const char *text, void (*found)(const char *name, void *user),
                           void *user) {
        const char *name;
        gsize length;

        for (; (text = strchr(text, '$')) != NULL; text++)
                if (match_plain(text, &name, &length) > 0) {
                        g_autofree char *copy = g_strndup(name, length);

                        found(copy, user);
                }
}

bool nook_interpolate_is_needed(const char *text) {
        return strstr(text, "${") != NULL;
}

const char *nook_host_lookup(const NookHost *host, const char *name) {
        if (g_str_has_prefix(name, "attr."))
                return g_hash_table_lookup(host->attr, name + strlen("attr."));
        if (g_str_has_prefix(name, "node."))
                return g_hash_table_lookup(host->node, name + strlen("node."));
        if (g_str_has_prefix(name, "meta."))
                return g_hash_table_lookup(host->meta, name + strlen("meta."));
        return NULL;
}

const char *nook_task_lookup(const char *name, void *user) {
        const NookTaskLookup *lookup = user;
        const char *value = lookup->env ? g_hash_table_lookup(lookup->env, name) : NULL;

        if (value)
                return value;
        return lookup->host ? nook_host_lookup(lookup->host, name) : NULL;
}

/* Sources: Nomad's reference of run-time environment settings. */
static const char *const nomad_names[] = {
        "NOMAD_ALLOC_DIR",
        "NOMAD_TASK_DIR",
        "NOMAD_SECRETS_DIR",
        "NOMAD_MEMORY_LIMIT",
        "NOMAD_MEMORY_MAX_LIMIT",
        "NOMAD_CPU_LIMIT",
        "NOMAD_CPU_CORES",
        "NOMAD_ALLOC_ID",
        "NOMAD_SHORT_ALLOC_ID",
        "NOMAD_ALLOC_NAME",
        "NOMAD_ALLOC_INDEX",
        "NOMAD_TASK_NAME",
        "NOMAD_GROUP_NAME",
        "NOMAD_JOB_ID",
        "NOMAD_JOB_NAME",
        "NOMAD_JOB_PARENT_ID",
        "NOMAD_DC",
        "NOMAD_REGION",
        "NOMAD_NAMESPACE",
        "NOMAD_PARENT_CGROUP",
        "NOMAD_UNIX_ADDR",
        "NOMAD_TOKEN",
        NULL,
};

static const char *const nomad_prefixes[] = {
        "NOMAD_ADDR_",       "NOMAD_IP_",
        "NOMAD_PORT_",       "NOMAD_HOST_ADDR_",
        "NOMAD_HOST_IP_",    "NOMAD_HOST_PORT_",
        "NOMAD_ALLOC_PORT_", "NOMAD_ALLOC_IP_",
        "NOMAD_ALLOC_ADDR_", "NOMAD_ALLOC_INTERFACE_",
        "NOMAD_META_",       "NOMAD_UPSTREAM_",
        "NOMAD_IPv4_",       "NOMAD_IPv6_",
        "NOMAD_TOKEN_",
};

bool nook_is_nomad_variable(const char *name) {
        if (g_strv_contains(nomad_names, name))
                return true;
        for (guint i = 0; i < G_N_ELEMENTS(nomad_prefixes); i++)
                if (g_str_has_prefix(name, nomad_prefixes[i]))
                        return true;

        return false;
}

/* What all names begin with says nothing about how near two of them are. */
const char *nook_suggest_nomad_variable(const char *name) {
        const gsize prefix = strlen("NOMAD_");
        const char *rests[G_N_ELEMENTS(nomad_names)] = {NULL};
        const char *near;

        if (!g_str_has_prefix(name, "NOMAD_"))
                return NULL;
        for (guint i = 0; nomad_names[i]; i++)
                rests[i] = nomad_names[i] + prefix;
        near = nook_suggest(name + prefix, rests);
        return near ? near - prefix : NULL;
}
