/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "unit/build.h"

/* Who builds the walls. Up to here a task's unit is one service with everything in it; where nook's
 * sandbox builds the walls, the rows that it carries out go to a second unit, which is never sent.
 */

static bool is_text(NookText text, const char *word) {
        return text.text != NULL && g_str_equal(text.text, word);
}

static bool wants_private_pids(const NookBuild *build) {
        const NookExecConfig *exec = &build->task->exec;

        if (build->made->is_raw || is_text(exec->pid_mode, "host"))
                return false;
        if (is_text(exec->pid_mode, "private"))
                return true;
        if (build->config->exec->default_pid_mode.set)
                return is_text(build->config->exec->default_pid_mode, "private");
        /* Root sees and signals every process of a PID namespace that it shares. */
        return build->made->user->kind == NOOK_USER_ROOT;
}

static bool wants_sandbox(const NookBuild *build) {
        if (build->made->is_scope || build->options->is_direct || build->made->has_private_pids)
                return true;
        if (build->made->is_raw || is_text(build->task->sandbox, "systemd"))
                return false;
        return is_text(build->task->sandbox, "nook") ||
               is_text(build->config->exec->sandbox, "nook");
}

void nook_build_choose_builder(NookBuild *build) {
        NookPlanTask *made = build->made;

        made->has_private_pids = wants_private_pids(build);
        made->builder = wants_sandbox(build) ? NOOK_BUILDER_SANDBOX : NOOK_BUILDER_MANAGER;
        if (build->options->is_file && made->is_scope)
                nook_diags_error(
                        build->diags, build->task->head.range, "Not possible in a unit file",
                        "Task \"%s\" runs in a scope; systemd reads none from files.", made->name);
}

/* What a scope has no use for: nobody but the manager could carry it out, and the scope does the
 * same in another way or does without. */
static bool is_dispensable(const NookSetting *setting) {
        static const char *const keys[] = {"Type",
                                           "DynamicUser",
                                           "RemoveIPC",
                                           "SyslogIdentifier",
                                           "LogExtraFields",
                                           "StandardOutput",
                                           "StandardError",
                                           "ExecStart",
                                           NULL};

        return setting->origin != NOOK_ORIGIN_BLOCK &&
               g_strv_contains(keys, setting->directive->key);
}

static void refuse_in_scope(NookBuild *build, const NookSetting *setting) {
        const NookRestart *restart = build->task->restart;

        if (g_str_has_prefix(setting->directive->key, "Restart") &&
            setting->origin != NOOK_ORIGIN_BLOCK) {
                if (restart != NULL && restart->head.set)
                        nook_diags_error(build->diags, restart->head.range, "No restart in a scope",
                                         "systemd does not restart scopes, whose processes it did "
                                         "not start; write restart { attempts = 0 }.");
                return;
        }
        nook_diags_error(build->diags, setting->range, "Directive not possible here",
                         "%s= can only be carried out by systemd for a service.",
                         setting->directive->key);
}

static void copy(NookUnit *to, const NookSetting *setting) {
        nook_unit_add(to, setting->directive->key, setting->value, setting->origin, setting->reason,
                      setting->range);
}

/* The manager finds the dynamic user's ids, the sandbox takes them on. */
static bool is_shared(const NookBuild *build, const NookSetting *setting) {
        return g_str_equal(setting->directive->key, "User") && !build->made->is_scope &&
               build->made->user->kind == NOOK_USER_DYNAMIC;
}

static void place(NookBuild *build, const NookSetting *setting) {
        const NookDirective *directive = setting->directive;
        NookUnit *unit = build->made->unit, *exec = build->made->exec;
        bool is_for_sandbox = (directive->carrier & NOOK_CARRIER_SANDBOX) != 0;

        if (is_for_sandbox)
                copy(exec, setting);
        if (is_for_sandbox && !is_shared(build, setting))
                return;
        if ((directive->kinds & unit->kind) != 0)
                copy(unit, setting);
        else if (!is_dispensable(setting))
                refuse_in_scope(build, setting);
}

void nook_build_split(NookBuild *build) {
        NookPlanTask *made = build->made;
        g_autoptr(NookUnit) whole = build->unit;

        build->unit = NULL;
        if (made->builder == NOOK_BUILDER_MANAGER) {
                made->unit = g_steal_pointer(&whole);
                return;
        }
        made->unit = nook_unit_new(build->unit_name,
                                   made->is_scope ? NOOK_UNIT_SCOPE : NOOK_UNIT_SERVICE);
        made->exec = nook_unit_new("nook-sandbox.service", NOOK_UNIT_SERVICE);
        for (guint i = 0; i < whole->settings->len; i++)
                place(build, g_ptr_array_index(whole->settings, i));
}

/* --- the start of a service whose walls the sandbox builds --------------------------------------
 */

char *nook_plan_task_walls_name(const NookPlanTask *task) {
        guint index = 0;

        (void)g_ptr_array_find(task->alloc->tasks, task, &index);
        return g_strdup_printf(".walls.%u", index);
}

char *nook_plan_task_walls_path(const NookPlanTask *task) {
        g_autofree char *name = nook_plan_task_walls_name(task);

        return g_build_filename(task->alloc->dir, name, NULL);
}

/* What the manager does also for a command that runs with all rights: it has the dynamic user, and
 * it reads the environment. */
static void give_rows_to_manager(NookPlanTask *task, bool is_user_managed) {
        static const char *const rows[] = {"Environment", "EnvironmentFile", "UnsetEnvironment"};
        static const char *const user_rows[] = {"User", "Group", "SupplementaryGroups",
                                                "DynamicUser"};

        for (guint i = 0; i < task->exec->settings->len; i++) {
                const NookSetting *setting = g_ptr_array_index(task->exec->settings, i);
                const char *key = setting->directive->key;
                bool is_given = is_user_managed && g_str_equal(key, "User");

                for (gsize k = 0; k < G_N_ELEMENTS(rows); k++)
                        is_given |= g_str_equal(key, rows[k]);
                if (is_given && nook_unit_find(task->unit, key) == NULL)
                        copy(task->unit, setting);
        }
        if (is_user_managed) {
                if (nook_unit_find(task->unit, "User") == NULL)
                        nook_unit_add_text(task->unit, "User", task->user->name, NOOK_ORIGIN_NOOK,
                                           "the manager's dynamic user");
                nook_unit_add_text(task->unit, "DynamicUser", "yes", NOOK_ORIGIN_NOOK,
                                   "the manager's dynamic user");
                return;
        }
        for (gsize i = 0; i < G_N_ELEMENTS(user_rows); i++)
                nook_unit_remove(task->unit, user_rows[i]);
}

/* With a dynamic user the command is one that runs with all rights in spite of it; else the unit
 * has no user, and the plain form says the same and survives everything. */
void nook_plan_task_set_launcher(NookPlanTask *task, const char *program, const char *walls,
                                 bool is_user_managed) {
        const char *argv[] = {program, walls, NULL};
        const char *flags[] = {"privileged", "no-env-expand", NULL};
        GVariant *value;

        give_rows_to_manager(task, is_user_managed);
        if (is_user_managed)
                value = g_variant_new_parsed("[(%s, %^as, %^as)]", argv[0], argv, flags);
        else
                value = g_variant_new_parsed("[(%s, %^as, false)]", argv[0], argv);
        nook_unit_remove(task->unit, "ExecStart");
        nook_unit_add(task->unit, "ExecStart", value, NOOK_ORIGIN_NOOK,
                      "builds the walls, becomes the task", NOOK_RANGE_NONE);
}

void nook_build_file_launcher(NookBuild *build) {
        NookPlanTask *made = build->made;
        g_autofree char *program = NULL, *walls = NULL;

        if (!build->options->is_file || made->builder != NOOK_BUILDER_SANDBOX ||
            made->unit->kind != NOOK_UNIT_SERVICE)
                return;
        program = g_strdup_printf("%s/nook-sandbox", build->options->libexec_dir);
        walls = nook_plan_task_walls_path(made);
        nook_plan_task_set_launcher(made, program, walls, /* is_user_managed= */ false);
}
