/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "base/word.h"
#include "job/interpolate.h"
#include "unit/build.h"
#include "unit/convert.h"

/* The command line, where its program is looked for, and how its words get through the manager
 * unchanged. */

static const char *lookup_variable(const char *name, void *user) {
        const NookBuild *build = user;
        NookTaskLookup lookup = {build->env, build->host};

        return nook_task_lookup(name, &lookup);
}

/* In a driver's config Nomad refuses unknown references. Here those are refused that can be nothing
 * else; `${HOME}` in a shell's line may be meant for the shell. */
static void check_unknown(NookBuild *build, const char *unknown, NookRange range) {
        if (unknown == NULL)
                return;
        if (!g_str_has_prefix(unknown, "NOMAD_") && !g_str_has_prefix(unknown, "attr.") &&
            !g_str_has_prefix(unknown, "node.") && !g_str_has_prefix(unknown, "meta."))
                return;
        nook_diags_error(build->diags, range, "Unknown variable",
                         "\"${%s}\" has no value for this task on this host.", unknown);
}

char *nook_build_text(NookBuild *build, NookText text) {
        g_autofree char *unknown = NULL;
        char *replaced = nook_interpolate(text.text, lookup_variable, build, &unknown);

        check_unknown(build, unknown, text.range);
        return replaced;
}

static char *config_text(NookBuild *build, NookText text) {
        g_autofree char *unknown = NULL;
        char *replaced = nook_interpolate_config(text.text, lookup_variable, build, &unknown);

        check_unknown(build, unknown, text.range);
        return replaced;
}

/* --- where the program is looked for ------------------------------------------------------------
 */

static bool has_dots(const char *path) {
        g_auto(GStrv) parts = g_strsplit(path, "/", -1);

        return g_strv_contains((const char *const *)parts, "..");
}

static void add_candidate(GPtrArray *lookup, const char *base, const char *path) {
        g_autofree char *joined = g_strdup_printf("%s/%s", base, path + strspn(path, "/"));

        g_ptr_array_add(lookup, g_canonicalize_filename(joined, "/"));
}

/* Nomad's order, but in the task's root, and never by the job's PATH. Source: Nomad's exec driver.
 */
static char **make_lookup(NookBuild *build, const char *command) {
        static const char *const directories[] = {"/usr/local/bin", "/usr/bin", "/bin"};
        const NookPlanTask *made = build->made;
        GPtrArray *lookup = g_ptr_array_new();
        g_autofree char *name = nook_name_for_path(made->name);
        g_autofree char *task_dir =
                made->is_raw ? g_strdup_printf("%s/%s", build->alloc->dir, name) : g_strdup("");
        g_autofree char *local = g_strdup_printf("%s/local", task_dir);

        add_candidate(lookup, local, command);
        add_candidate(lookup, task_dir, command);
        if (made->is_raw && *command == '/')
                add_candidate(lookup, "", command);
        for (gsize i = 0; i < G_N_ELEMENTS(directories) && strchr(command, '/') == NULL; i++)
                add_candidate(lookup, directories[i], command);
        g_ptr_array_add(lookup, NULL);
        return (char **)g_ptr_array_free(lookup, FALSE);
}

/* What is likely, until the paths are looked at: as written, below the root. */
static char *guess_command(const char *command) {
        if (*command == '/' || strchr(command, '/') == NULL)
                return g_strdup(command);
        return g_canonicalize_filename(command, "/");
}

/* --- words --------------------------------------------------------------------------------------
 */

static void read_argv(NookBuild *build) {
        const NookExecConfig *exec = &build->task->exec;
        GPtrArray *argv = g_ptr_array_new();

        g_ptr_array_add(argv, config_text(build, exec->command));
        for (guint i = 0; i < exec->args.count; i++)
                g_ptr_array_add(argv, config_text(build, exec->args.items[i]));
        g_ptr_array_add(argv, NULL);
        build->made->argv = (char **)g_ptr_array_free(argv, FALSE);
}

/* `$` and `;` do not survive a daemon-reload in every version: seen. */
static bool is_plain(char **argv) {
        for (char **word = argv; *word != NULL; word++)
                if (strpbrk(*word, "$;") != NULL)
                        return false;
        return true;
}

static NookArgvHow choose_how(const NookBuild *build) {
        const NookPlanTask *made = build->made;

        if (is_plain(made->argv) || made->builder == NOOK_BUILDER_SANDBOX)
                return NOOK_ARGV_PLAIN;
        if (build->options->is_file || nook_build_version(build) >= 257)
                return NOOK_ARGV_EX;
        return NOOK_ARGV_HELPER;
}

static void read_work_dir(NookBuild *build) {
        NookPlanTask *made = build->made;
        NookText text = build->task->exec.work_dir;
        g_autofree char *name = nook_name_for_path(made->name);

        made->work_dir_range = text.range;
        if (text.text == NULL || *text.text == '\0') {
                made->work_dir = made->is_raw ? g_strdup_printf("%s/%s", build->alloc->dir, name)
                                              : g_strdup("/");
        } else {
                made->work_dir = config_text(build, text);
                if (!nook_convert_is_clean_path(made->work_dir))
                        nook_diags_error(build->diags, text.range, "Invalid working directory",
                                         "work_dir must be an absolute path without \"..\", but is "
                                         "\"%s\".",
                                         made->work_dir);
        }
        if (nook_convert_is_clean_path(made->work_dir) && !g_str_equal(made->work_dir, "/"))
                nook_build_add_text(build, "WorkingDirectory", made->work_dir, NOOK_ORIGIN_JOB,
                                    "work_dir", text.range);
}

void nook_build_command(NookBuild *build) {
        NookPlanTask *made = build->made;
        NookText command = build->task->exec.command;

        made->command_range = command.range;
        if (command.text == NULL || *command.text == '\0') {
                nook_diags_error(build->diags, build->task->head.range, "Missing command",
                                 "A task of the driver \"%s\" needs config { command = \"...\" }.",
                                 build->task->driver.text);
                made->argv = g_strdupv((char *[]){(char[]){"/"}, NULL});
        } else {
                read_argv(build);
        }
        if (has_dots(made->argv[0]))
                nook_diags_error(build->diags, command.range, "Invalid command",
                                 "\"%s\" has a part \"..\".", made->argv[0]);
        made->argv_how = choose_how(build);
        made->lookup = make_lookup(build, made->argv[0]);
        made->command = guess_command(made->argv[0]);
        read_work_dir(build);
}

/* --- ExecStart ----------------------------------------------------------------------------------
 */

static GVariant *simple_command(const char *path, char **argv) {
        g_auto(GVariantBuilder) builder = G_VARIANT_BUILDER_INIT(G_VARIANT_TYPE("a(sasb)"));

        g_variant_builder_add(&builder, "(s^asb)", path, argv, FALSE);
        return g_variant_builder_end(&builder);
}

static GVariant *unexpanded_command(const char *path, char **argv) {
        static const char *const flags[] = {"no-env-expand", NULL};
        g_auto(GVariantBuilder) builder = G_VARIANT_BUILDER_INIT(G_VARIANT_TYPE("a(sasas)"));

        g_variant_builder_add(&builder, "(s^as^as)", path, argv, flags);
        return g_variant_builder_end(&builder);
}

static GVariant *command_value(const NookPlanTask *task) {
        g_auto(GStrv) argv = g_strdupv(task->argv);
        g_auto(GStrv) coded = NULL;

        /* As Nomad has it: the program's name is its path in the root. */
        g_free(argv[0]);
        argv[0] = g_strdup(task->command);
        switch (task->argv_how) {
        case NOOK_ARGV_PLAIN:
                return simple_command(task->command, argv);
        case NOOK_ARGV_EX:
                return unexpanded_command(task->command, argv);
        case NOOK_ARGV_HELPER:
                coded = nook_word_encode_command(task->argv_program, task->command,
                                                 (const char *const *)argv);
                return simple_command(task->argv_program, coded);
        }
        g_assert_not_reached();
}

void nook_plan_task_set_command(NookPlanTask *task, const char *path) {
        if (path != task->command) {
                g_free(task->command);
                task->command = g_strdup(path);
        }
        if (task->builder == NOOK_BUILDER_SANDBOX)
                return;
        nook_unit_remove(task->unit, "ExecStart");
        nook_unit_add(task->unit, "ExecStart", command_value(task), NOOK_ORIGIN_JOB,
                      "config.command and args", task->command_range);
}
