/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "job/interpolate.h"
#include "unit/build.h"

/* The task's environment, with Nomad's names and precedence; nothing of the environment of whoever
 * runs nook. Source: Nomad's reference of run-time environment settings. */

#define DEFAULT_PATH "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

static bool is_name(const char *name) {
        for (const char *c = name; *c != '\0'; c++)
                if (!(g_ascii_isalpha(*c) || *c == '_' || (c > name && g_ascii_isdigit(*c))))
                        return false;
        return *name != '\0';
}

void nook_build_env_set(NookBuild *build, const char *name, const char *value) {
        if (!g_hash_table_contains(build->env, name))
                g_ptr_array_add(build->env_names, g_strdup(name));
        g_hash_table_insert(build->env, g_strdup(name), g_strdup(value));
}

static void set_int(NookBuild *build, const char *name, gint64 value) {
        g_autofree char *text = g_strdup_printf("%" G_GINT64_FORMAT, value);

        nook_build_env_set(build, name, text);
}

static void set_dirs(NookBuild *build) {
        const NookPlanTask *made = build->made;
        g_autofree char *name = nook_name_for_path(made->name);
        g_autofree char *alloc_dir = g_strdup_printf("%s/alloc", build->alloc->dir);
        g_autofree char *task_dir = g_strdup_printf("%s/%s/local", build->alloc->dir, name);

        nook_build_env_set(build, "PATH", DEFAULT_PATH);
        nook_build_env_set(build, "NOMAD_ALLOC_DIR", made->is_raw ? alloc_dir : "/alloc");
        nook_build_env_set(build, "NOMAD_TASK_DIR", made->is_raw ? task_dir : "/local");
        nook_build_env_set(build, "NOMAD_SECRETS_DIR",
                           made->is_raw ? made->secrets_dir : "/secrets");
}

static void set_limits(NookBuild *build) {
        const NookResources *resources = build->task->resources;

        if (resources == NULL)
                return;
        if (resources->memory_mb.value > 0)
                set_int(build, "NOMAD_MEMORY_LIMIT", resources->memory_mb.value);
        if (resources->memory_max_mb.value > 0)
                set_int(build, "NOMAD_MEMORY_MAX_LIMIT", resources->memory_max_mb.value);
        if (resources->cpu_mhz.value > 0)
                set_int(build, "NOMAD_CPU_LIMIT", resources->cpu_mhz.value);
}

static void set_ids(NookBuild *build) {
        const NookJob *job = build->job;
        g_autofree char *short_id = g_strndup(build->alloc->id, 8);

        nook_build_env_set(build, "NOMAD_ALLOC_ID", build->alloc->id);
        nook_build_env_set(build, "NOMAD_SHORT_ALLOC_ID", short_id);
        nook_build_env_set(build, "NOMAD_ALLOC_NAME", build->alloc->name);
        set_int(build, "NOMAD_ALLOC_INDEX", build->alloc->index);
        nook_build_env_set(build, "NOMAD_TASK_NAME", build->made->name);
        nook_build_env_set(build, "NOMAD_GROUP_NAME", build->group->name.text);
        nook_build_env_set(build, "NOMAD_JOB_ID", job->id.text);
        nook_build_env_set(build, "NOMAD_JOB_NAME",
                           job->name.text != NULL ? job->name.text : job->id.text);
        if (job->parent_id.text != NULL && *job->parent_id.text != '\0')
                nook_build_env_set(build, "NOMAD_JOB_PARENT_ID", job->parent_id.text);
        nook_build_env_set(build, "NOMAD_DC",
                           build->config->datacenter.text ? build->config->datacenter.text : "dc1");
        nook_build_env_set(build, "NOMAD_REGION", job->region.text ? job->region.text : "global");
        nook_build_env_set(build, "NOMAD_NAMESPACE",
                           job->namespace.text ? job->namespace.text : "default");
        nook_build_env_set(build, "NOMAD_PARENT_CGROUP", build->alloc->slice);
}

/* Each key twice: as it is and in upper case, cleaned as Nomad does it. A dot would make the
 * manager drop the variable without a word, so it becomes a dash below as well. */
static void set_meta(NookBuild *build) {
        const NookPairs *meta = &build->task->merged_meta;

        for (guint i = 0; i < meta->count; i++) {
                const NookPair *pair = &meta->items[i];
                g_autofree char *name = g_strconcat("NOMAD_META_", pair->key.text, NULL);
                g_autofree char *upper_key = g_ascii_strup(pair->key.text, -1);
                g_autofree char *upper = g_strconcat("NOMAD_META_", upper_key, NULL);
                g_autofree char *value = nook_build_text(build, pair->value);

                g_strcanon(name, G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "_", '_');
                g_strcanon(upper, G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "_", '_');
                nook_build_env_set(build, name, value);
                nook_build_env_set(build, upper, value);
        }
}

static void set_own(NookBuild *build) {
        const NookPairs *env = &build->task->env;

        for (guint i = 0; i < env->count; i++) {
                const NookPair *pair = &env->items[i];
                g_autofree char *name = nook_build_text(build, pair->key);
                g_autofree char *value = nook_build_text(build, pair->value);

                if (!is_name(name)) {
                        nook_diags_error(build->diags, pair->key.range,
                                         "Invalid name of a variable",
                                         "\"%s\" is made of other characters than letters, digits "
                                         "and underscores, or begins with a digit; systemd would "
                                         "leave it out without a word.",
                                         name);
                        continue;
                }
                if (build->made->is_raw && nook_build_is_denied_variable(build, name))
                        continue;
                nook_build_env_set(build, name, value);
        }
}

static bool matches_any(const NookTexts *patterns, const char *name) {
        for (guint i = 0; i < patterns->count; i++)
                if (g_pattern_match_simple(patterns->items[i].text, name))
                        return true;
        return false;
}

bool nook_build_is_denied_variable(const NookBuild *build, const char *name) {
        return matches_any(&build->config->raw_exec->denied_envvars, name) ||
               matches_any(&build->task->exec.denied_envvars, name);
}

void nook_build_env(NookBuild *build) {
        set_dirs(build);
        set_limits(build);
        set_ids(build);
        set_meta(build);
        set_own(build);
}

void nook_build_env_finish(NookBuild *build) {
        GPtrArray *env = g_ptr_array_new();

        for (guint i = 0; i < build->env_names->len; i++) {
                const char *name = g_ptr_array_index(build->env_names, i);
                const char *value = g_hash_table_lookup(build->env, name);

                g_ptr_array_add(env, g_strdup_printf("%s=%s", name, value));
        }
        g_ptr_array_add(env, NULL);
        build->made->env = (char **)g_ptr_array_free(env, FALSE);
}

/* In double quotes systemd takes everything as it is but these four, which a backslash keeps.
 * Source: systemd.exec(5), "EnvironmentFile="; seen with every byte on 252 and 257. */
char *nook_plan_env_file_text(const NookPlanTask *task) {
        GString *text = g_string_new(NULL);

        for (char **entry = task->env; *entry != NULL; entry++) {
                const char *value = strchr(*entry, '=') + 1;

                g_string_append_len(text, *entry, value - *entry);
                g_string_append_c(text, '"');
                for (const char *c = value; *c != '\0'; c++) {
                        if (strchr("\"\\`$", *c) != NULL)
                                g_string_append_c(text, '\\');
                        g_string_append_c(text, *c);
                }
                g_string_append(text, "\"\n");
        }
        return g_string_free(text, FALSE);
}
