/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "exec-job.h"

#include <string.h>

#include "base/diag.h"
#include "base/error.h"

/* --- JSON ------------------------------------------------------------------------------------ */

/* Whether HCL or the run-time references would replace something in a text. */
static bool is_template(const char *text) {
        return strstr(text, "${") || strstr(text, "%{");
}

static void append_string(GString *out, const char *text) {
        g_autoptr(GString) escaped = g_string_new(NULL);

        for (; *text; text++) {
                if ((*text == '$' || *text == '%') && text[1] == '{')
                        g_string_append_c(escaped, *text);
                g_string_append_c(escaped, *text);
        }
        nook_json_append_string(out, escaped->str, (gssize)escaped->len);
}

static void append_key(GString *out, const char *key) {
        if (out->len && !strchr("{[", out->str[out->len - 1]))
                g_string_append_c(out, ',');
        nook_json_append_string(out, key, (gssize)strlen(key));
        g_string_append_c(out, ':');
}

static void append_pair(GString *out, const char *key, const char *value) {
        append_key(out, key);
        append_string(out, value);
}

static void append_comma(GString *out) {
        if (!strchr("{[", out->str[out->len - 1]))
                g_string_append_c(out, ',');
}

static void open_object(GString *out, const char *key) {
        append_key(out, key);
        g_string_append_c(out, '{');
}

static void append_option(GString *out, const NookCli *cli, const char *option, const char *key) {
        const char *value = nook_cli_value(cli, option);

        if (value)
                append_pair(out, key, value);
}

/* --- what the options say -------------------------------------------------------------------- */

/* A word that HCL would change stands for itself by one that is as hard to carry; see finish(). */
static void append_words(GString *out, const NookCli *cli) {
        append_pair(out, "command", cli->args[0]);
        append_key(out, "args");
        g_string_append_c(out, '[');
        for (int i = 1; i < cli->n_args; i++) {
                append_comma(out);
                append_string(out, is_template(cli->args[i]) ? "$;" : cli->args[i]);
        }
        g_string_append_c(out, ']');
}

static void append_list(GString *out, const NookCli *cli, const char *option, const char *key) {
        g_autoptr(GPtrArray) values = nook_cli_values(cli, option);

        if (!values->len)
                return;
        append_key(out, key);
        g_string_append_c(out, '[');
        for (guint i = 0; i < values->len; i++) {
                append_comma(out);
                append_string(out, g_ptr_array_index(values, i));
        }
        g_string_append_c(out, ']');
}

static void append_config(GString *out, const NookCli *cli) {
        g_autofree char *here = nook_cli_has(cli, "same-dir") ? g_get_current_dir() : NULL;
        const char *work_dir = nook_cli_value(cli, "working-directory");

        open_object(out, "config");
        append_words(out, cli);
        if (work_dir || here)
                append_pair(out, "work_dir", work_dir ? work_dir : here);
        append_option(out, cli, "pid-mode", "pid_mode");
        append_list(out, cli, "cap-add", "cap_add");
        g_string_append_c(out, '}');
}

static bool split_pair(const char *text, const char *option, char **ret_name, char **ret_value,
                       GError **error) {
        const char *equals = strchr(text, '=');

        if (!equals || equals == text)
                return nook_fail(error, NOOK_ERROR_USAGE, "--%s: '%s' is not NAME=VALUE", option,
                                 text);
        *ret_name = g_strndup(text, (gsize)(equals - text));
        *ret_value = g_strdup(equals + 1);
        return true;
}

/* NAME alone takes the value that nook itself was started with. */
static bool split_variable(const char *text, char **ret_name, char **ret_value, GError **error) {
        if (strchr(text, '='))
                return split_pair(text, "setenv", ret_name, ret_value, error);
        if (!*text)
                return nook_fail(error, NOOK_ERROR_USAGE, "--setenv: '' is not NAME=VALUE");
        *ret_name = g_strdup(text);
        *ret_value = g_strdup(g_getenv(text) ? g_getenv(text) : "");
        return true;
}

static bool append_env(GString *out, const NookCli *cli, GError **error) {
        g_autoptr(GPtrArray) values = nook_cli_values(cli, "setenv");
        g_autoptr(GHashTable) last = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
        GHashTableIter iter;
        gpointer name, value;

        for (guint i = 0; i < values->len; i++) {
                char *a, *b;

                if (!split_variable(g_ptr_array_index(values, i), &a, &b, error))
                        return false;
                g_hash_table_replace(last, a, b);
        }
        open_object(out, "env");
        g_hash_table_iter_init(&iter, last);
        while (g_hash_table_iter_next(&iter, &name, &value))
                append_pair(out, name, is_template(value) ? "" : value);
        g_string_append_c(out, '}');
        return true;
}

/* "SRC[:DST]" with DST as SRC where it is left out. */
static void append_path_pair(GString *out, const char *text) {
        const char *colon = strchr(text, ':');
        g_autofree char *source = colon ? g_strndup(text, (gsize)(colon - text)) : g_strdup(text);

        append_pair(out, source, colon ? colon + 1 : text);
}

static void append_chroot_env(GString *out, const NookCli *cli) {
        g_autoptr(GPtrArray) values = nook_cli_values(cli, "chroot-env");

        if (!values->len)
                return;
        open_object(out, "chroot_env");
        for (guint i = 0; i < values->len; i++)
                append_path_pair(out, g_ptr_array_index(values, i));
        g_string_append_c(out, '}');
}

/* URL[=DEST]: an URL may have "=" in its query, a destination begins with a letter and has none. */
static void append_artifacts(GString *out, const NookCli *cli) {
        g_autoptr(GPtrArray) values = nook_cli_values(cli, "artifact");

        if (!values->len)
                return;
        append_key(out, "artifact");
        g_string_append_c(out, '[');
        for (guint i = 0; i < values->len; i++) {
                const char *text = g_ptr_array_index(values, i);
                const char *equals = strrchr(text, '=');
                bool has_place = equals && (g_str_has_prefix(equals + 1, "local") ||
                                            g_str_has_prefix(equals + 1, "secrets") ||
                                            g_str_has_prefix(equals + 1, "alloc") ||
                                            g_str_has_prefix(equals + 1, "../alloc"));
                g_autofree char *source =
                        has_place ? g_strndup(text, (gsize)(equals - text)) : g_strdup(text);

                append_comma(out);
                g_string_append_c(out, '{');
                append_pair(out, "source", source);
                if (has_place)
                        append_pair(out, "destination", equals + 1);
                g_string_append_c(out, '}');
        }
        g_string_append_c(out, ']');
}

/* --- rows of the unit ------------------------------------------------------------------------ */

/* Options that are rows by another name. */
static const struct {
        const char *option;
        const char *key;
        bool opens; /* a job file needs the operator's word for it */
} row_options[] = {
        {"bind", "BindPaths", true},
        {"bind-ro", "BindReadOnlyPaths", true},
        {"tmpfs", "TemporaryFileSystem", false},
        {"memory", "MemoryMax", false},
        {"nice", "Nice", false},
};

static void add_row(GHashTable *rows, GPtrArray *order, const char *key, const char *value) {
        GPtrArray *values = g_hash_table_lookup(rows, key);

        if (!values) {
                values = g_ptr_array_new_with_free_func(g_free);
                g_hash_table_insert(rows, g_strdup(key), values);
                g_ptr_array_add(order, g_strdup(key));
        }
        g_ptr_array_add(values, g_strdup(value));
}

static bool collect_rows(const NookCli *cli, GHashTable *rows, GPtrArray *order, GError **error) {
        g_autoptr(GPtrArray) properties = nook_cli_values(cli, "property");

        for (guint i = 0; i < properties->len; i++) {
                g_autofree char *name = NULL, *value = NULL;

                if (!split_pair(g_ptr_array_index(properties, i), "property", &name, &value, error))
                        return false;
                add_row(rows, order, name, value);
        }
        for (gsize k = 0; k < G_N_ELEMENTS(row_options); k++) {
                g_autoptr(GPtrArray) values = nook_cli_values(cli, row_options[k].option);

                for (guint i = 0; i < values->len; i++)
                        add_row(rows, order, row_options[k].key, g_ptr_array_index(values, i));
        }
        return true;
}

static bool append_unit(GString *out, const NookCli *cli, GError **error) {
        g_autoptr(GHashTable) rows = g_hash_table_new_full(g_str_hash, g_str_equal, g_free,
                                                           (GDestroyNotify)g_ptr_array_unref);
        g_autoptr(GPtrArray) order = g_ptr_array_new_with_free_func(g_free);

        if (!collect_rows(cli, rows, order, error))
                return false;
        if (!order->len)
                return true;
        open_object(out, "unit");
        for (guint i = 0; i < order->len; i++) {
                GPtrArray *values = g_hash_table_lookup(rows, g_ptr_array_index(order, i));

                append_key(out, g_ptr_array_index(order, i));
                if (values->len > 1)
                        g_string_append_c(out, '[');
                for (guint k = 0; k < values->len; k++) {
                        if (k)
                                g_string_append_c(out, ',');
                        append_string(out, g_ptr_array_index(values, k));
                }
                if (values->len > 1)
                        g_string_append_c(out, ']');
        }
        g_string_append_c(out, '}');
        return true;
}

const char **nook_exec_job_directives(const NookCli *cli) {
        GPtrArray *keys = g_ptr_array_new();

        for (gsize i = 0; i < G_N_ELEMENTS(row_options); i++)
                if (row_options[i].opens && nook_cli_has(cli, row_options[i].option))
                        g_ptr_array_add(keys, (gpointer)(guintptr)row_options[i].key);
        g_ptr_array_add(keys, NULL);
        return (const char **)(void *)g_ptr_array_free(keys, FALSE);
}

/* --- the whole ------------------------------------------------------------------------------- */

char *nook_exec_job_text(const NookCli *cli, const char *name, GError **error) {
        g_autoptr(GString) out = g_string_new("{");
        const char *network = nook_cli_value(cli, "network");

        open_object(out, "group");
        open_object(out, name);
        if (network) {
                open_object(out, "network");
                append_pair(out, "mode", network);
                g_string_append_c(out, '}');
        }
        open_object(out, "task");
        open_object(out, name);
        append_pair(out, "driver", nook_cli_has(cli, "no-isolation") ? "raw_exec" : "exec");
        append_option(out, cli, "uid", "user");
        append_option(out, cli, "sandbox", "sandbox");
        append_config(out, cli);
        append_chroot_env(out, cli);
        append_artifacts(out, cli);
        if (!append_env(out, cli, error) || !append_unit(out, cli, error))
                return NULL;
        g_string_append(out, "}}}}}\n");
        return g_string_free(g_steal_pointer(&out), FALSE);
}

static void set_variable(NookPlanTask *task, const char *name, const char *value) {
        gsize size = strlen(name);

        for (char **entry = task->env; *entry; entry++) {
                if (strncmp(*entry, name, size) != 0 || (*entry)[size] != '=')
                        continue;
                g_free(*entry);
                *entry = g_strconcat(name, "=", value, NULL);
        }
}

/* The unit's name is the one that was asked for, with the suffix of its kind. */
static void set_unit_name(NookPlanTask *task, const char *name) {
        const char *suffix = nook_unit_kind_to_suffix(task->unit->kind);

        g_free(task->unit->name);
        task->unit->name =
                g_str_has_suffix(name, suffix) ? g_strdup(name) : g_strconcat(name, suffix, NULL);
}

/* A command whose end is waited for and that is given no files leaves none: its own directories are
 * in memory, and go with its mounts. They are counted to it where it has a memory limit. */
static void lighten(NookPlanTask *task, NookPlanAlloc *alloc) {
        for (guint i = 0; i < task->mounts->len; i++) {
                NookMount *mount = g_ptr_array_index(task->mounts, i);

                if (mount->role != NOOK_ROLE_ALLOC && mount->role != NOOK_ROLE_LOCAL &&
                    mount->role != NOOK_ROLE_TMP && mount->role != NOOK_ROLE_SECRETS)
                        continue;
                mount->kind = NOOK_MOUNT_TMPFS;
                g_clear_pointer(&mount->source, g_free);
                g_free(mount->options);
                mount->options = g_strdup(mount->role == NOOK_ROLE_TMP ? "mode=1777,size=25%"
                                                                       : "mode=0777,size=25%");
        }
        g_ptr_array_set_size(task->directories, 0);
        g_ptr_array_set_size(alloc->directories, 0);
}

bool nook_exec_job_is_light(const NookCli *cli, const char *sandbox) {
        if (nook_cli_has(cli, "sandbox"))
                sandbox = nook_cli_value(cli, "sandbox");
        return (nook_cli_has(cli, "scope") || nook_cli_has(cli, "direct") ||
                g_strcmp0(sandbox, "nook") == 0) &&
               !nook_cli_has(cli, "no-isolation") && !nook_cli_has(cli, "artifact") &&
               !nook_cli_has(cli, "no-block");
}

bool nook_exec_job_finish(const NookCli *cli, NookPlanAlloc *alloc, bool is_light, GError **error) {
        NookPlanTask *task = g_ptr_array_index(alloc->tasks, 0);
        g_autoptr(GPtrArray) variables = nook_cli_values(cli, "setenv");
        const char *slice = nook_cli_value(cli, "slice");
        const char *description = nook_cli_value(cli, "description");

        g_strfreev(task->argv);
        task->argv = g_strdupv(cli->args);
        for (guint i = 0; i < variables->len; i++) {
                g_autofree char *name = NULL, *value = NULL;

                if (!split_variable(g_ptr_array_index(variables, i), &name, &value, error))
                        return false;
                if (is_template(value))
                        set_variable(task, name, value);
        }
        if (is_light)
                lighten(task, alloc);
        if (nook_cli_has(cli, "unit"))
                set_unit_name(task, nook_cli_value(cli, "unit"));
        if (slice) {
                g_autofree char *full = g_str_has_suffix(slice, ".slice")
                                                ? g_strdup(slice)
                                                : g_strconcat(slice, ".slice", NULL);
                nook_unit_add_text(task->unit, "Slice", full, NOOK_ORIGIN_JOB, NULL);
        }
        if (description)
                nook_unit_add(task->unit, "Description", g_variant_new_string(description),
                              NOOK_ORIGIN_JOB, NULL, NOOK_RANGE_NONE);
        return true;
}
