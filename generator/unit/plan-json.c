/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "unit/convert.h"
#include "unit/plan-text.h"

/* A plan as JSON. Objects and arrays are written by hand: each item ends with a comma, and the end
 * of the object or array takes the last one back. */

static void begin(GString *out, const char *name, char bracket) {
        if (name != NULL) {
                nook_json_append_string(out, name, -1);
                g_string_append_c(out, ':');
        }
        g_string_append_c(out, bracket);
}

static void end(GString *out, char bracket) {
        if (out->str[out->len - 1] == ',')
                g_string_truncate(out, out->len - 1);
        g_string_append_c(out, bracket);
        g_string_append_c(out, ',');
}

static void item(GString *out, const char *value) {
        nook_json_append_string(out, value, -1);
        g_string_append_c(out, ',');
}

/* A NULL value is left out. */
static void text(GString *out, const char *name, const char *value) {
        if (value == NULL)
                return;
        begin(out, name, '\0');
        g_string_truncate(out, out->len - 1);
        item(out, value);
}

static void number(GString *out, const char *name, guint64 value) {
        nook_json_append_string(out, name, -1);
        g_string_append_printf(out, ":%" G_GUINT64_FORMAT ",", value);
}

/* Only what is true is written. */
static void flag(GString *out, const char *name, bool value) {
        if (!value)
                return;
        nook_json_append_string(out, name, -1);
        g_string_append(out, ":true,");
}

static void list(GString *out, const char *name, char **values) {
        begin(out, name, '[');
        for (; values != NULL && *values != NULL; values++)
                item(out, *values);
        end(out, ']');
}

static void settings(GString *out, const char *name, const NookUnit *unit) {
        static const char *const origins[] = {"wall", "job", "unit block", "nook"};

        begin(out, name, '[');
        for (guint i = 0; i < unit->settings->len; i++) {
                const NookSetting *setting = g_ptr_array_index(unit->settings, i);
                g_autofree char *value = nook_directive_print(setting->directive, setting->value);

                begin(out, NULL, '{');
                text(out, "section",
                     setting->directive->section == NOOK_SECTION_UNIT
                             ? "Unit"
                             : nook_unit_kind_to_section(unit->kind));
                text(out, "key", setting->directive->key);
                text(out, "value", value);
                text(out, "origin", origins[setting->origin]);
                text(out, "class",
                     nook_class_to_text(
                             nook_directive_class_of(setting->directive, setting->value)));
                text(out, "reason", setting->reason);
                end(out, '}');
        }
        end(out, ']');
}

static void unit(GString *out, const char *name, const NookUnit *value) {
        begin(out, name, '{');
        text(out, "name", value->name);
        settings(out, "settings", value);
        end(out, '}');
}

static void user(GString *out, const NookPlanUser *value) {
        static const char *const kinds[] = {"dynamic", "static", "root", "self"};

        begin(out, "user", '{');
        text(out, "kind", kinds[value->kind]);
        text(out, "name", value->name);
        if (value->kind == NOOK_USER_STATIC || value->kind == NOOK_USER_ROOT) {
                number(out, "uid", value->uid);
                number(out, "gid", value->gid);
        }
        end(out, '}');
}

static void mounts(GString *out, const NookPlanTask *task) {
        static const char *const kinds[] = {"root", "bind", "tmpfs",  "proc",
                                            "sys",  "dev",  "hidden", "sealed"};
        static const char *const roles[] = {"system",  "chroot_env", "resolver", "alloc",  "local",
                                            "secrets", "tmp",        "volume",   "helper", "unit"};

        begin(out, "mounts", '[');
        for (guint i = 0; i < task->mounts->len; i++) {
                const NookMount *mount = g_ptr_array_index(task->mounts, i);

                begin(out, NULL, '{');
                text(out, "kind", kinds[mount->kind]);
                text(out, "role", roles[mount->role]);
                text(out, "destination",
                     mount->wanted != NULL ? mount->wanted : mount->destination);
                text(out, "source", mount->source);
                text(out, "options", mount->options);
                flag(out, "read_only", mount->is_read_only);
                flag(out, "optional", mount->is_optional);
                flag(out, "noexec", mount->is_no_exec);
                flag(out, "implied", mount->is_implied);
                end(out, '}');
        }
        end(out, ']');
}

static void skeleton(GString *out, const NookSkeleton *value) {
        if (value == NULL)
                return;
        begin(out, "skeleton", '{');
        text(out, "path", value->path);
        list(out, "directories", value->directories);
        list(out, "files", value->files);
        begin(out, "links", '{');
        for (char **link = value->links; *link != NULL; link += 2)
                text(out, link[0], link[1]);
        end(out, '}');
        end(out, '}');
}

static void directories(GString *out, const GPtrArray *values) {
        begin(out, "directories", '[');
        for (guint i = 0; i < values->len; i++) {
                const NookPlanDirectory *directory = g_ptr_array_index(values, i);
                g_autofree char *mode = g_strdup_printf("%04o", directory->mode);

                begin(out, NULL, '{');
                text(out, "path", directory->path);
                text(out, "mode", mode);
                text(out, "owner", directory->owner == NOOK_OWNER_TASK ? "task" : "root");
                end(out, '}');
        }
        end(out, ']');
}

static void artifacts(GString *out, const NookPlanTask *task) {
        static const char *const modes[] = {"any", "file", "dir"};

        begin(out, "artifacts", '[');
        for (guint i = 0; i < task->artifacts->len; i++) {
                const NookPlanArtifact *artifact = g_ptr_array_index(task->artifacts, i);
                g_autofree char *source = nook_plan_redact_source(artifact->source);

                begin(out, NULL, '{');
                text(out, "source", source);
                text(out, "mode", modes[artifact->mode]);
                text(out, "destination", artifact->destination);
                text(out, "base", artifact->base);
                text(out, "path", artifact->path);
                end(out, '}');
        }
        end(out, ']');
}

static void capabilities(GString *out, guint64 mask) {
        begin(out, "capabilities", '[');
        for (int i = 0; nook_capability_to_text(i) != NULL; i++)
                if ((mask & (G_GUINT64_CONSTANT(1) << i)) != 0)
                        item(out, nook_capability_to_text(i));
        end(out, ']');
}

static void environment(GString *out, const NookPlanTask *task) {
        begin(out, "environment", '[');
        for (char **entry = task->env; *entry != NULL; entry++) {
                g_autofree char *name = g_strndup(*entry, strcspn(*entry, "="));

                item(out, name);
        }
        end(out, ']');
}

static void task_object(GString *out, const NookPlanTask *task) {
        static const char *const how[] = {"plain", "unexpanded", "coded"};

        begin(out, NULL, '{');
        text(out, "name", task->name);
        text(out, "driver", task->is_raw ? "raw_exec" : "exec");
        text(out, "builder", task->builder == NOOK_BUILDER_MANAGER ? "systemd" : "nook");
        text(out, "command", task->command);
        list(out, "argv", task->argv);
        text(out, "argv_travels", how[task->argv_how]);
        list(out, "lookup", task->lookup);
        text(out, "work_dir", task->work_dir);
        user(out, task->user);
        capabilities(out, task->capabilities);
        flag(out, "private_pids", task->has_private_pids);
        unit(out, "unit", task->unit);
        if (task->exec != NULL)
                settings(out, "sandbox", task->exec);
        begin(out, "auxiliary", '[');
        for (guint i = 0; i < task->auxiliary->len; i++)
                unit(out, NULL, g_ptr_array_index(task->auxiliary, i));
        end(out, ']');
        mounts(out, task);
        skeleton(out, task->skeleton);
        directories(out, task->directories);
        artifacts(out, task);
        environment(out, task);
        text(out, "environment_file", task->env_file);
        end(out, '}');
}

static void alloc_object(GString *out, const NookPlanAlloc *alloc) {
        begin(out, NULL, '{');
        text(out, "id", alloc->id);
        text(out, "name", alloc->name);
        number(out, "index", alloc->index);
        text(out, "slice", alloc->slice);
        text(out, "directory", alloc->dir);
        directories(out, alloc->directories);
        begin(out, "tasks", '[');
        for (guint i = 0; i < alloc->tasks->len; i++)
                task_object(out, g_ptr_array_index(alloc->tasks, i));
        end(out, ']');
        end(out, '}');
}

static void remarks(GString *out, const NookPlan *plan) {
        begin(out, "left_out", '[');
        for (guint i = 0; i < plan->left_out->len; i++) {
                const NookLeftOut *left_out = g_ptr_array_index(plan->left_out, i);

                begin(out, NULL, '{');
                text(out, "what", left_out->what);
                text(out, "why", left_out->why);
                end(out, '}');
        }
        end(out, ']');
        begin(out, "notes", '[');
        for (guint i = 0; i < plan->notes->len; i++)
                item(out, g_ptr_array_index(plan->notes, i));
        end(out, ']');
        begin(out, "missing_controllers", '[');
        for (unsigned need = 1; need != 0; need <<= 1)
                if ((plan->missing_limits & need) != 0)
                        item(out, nook_need_to_controller(need));
        end(out, ']');
}

char *nook_plan_to_json(const NookPlan *plan) {
        GString *out = g_string_new(NULL);

        begin(out, NULL, '{');
        text(out, "job", plan->job->id.text);
        begin(out, "allocations", '[');
        for (guint i = 0; i < plan->allocs->len; i++)
                alloc_object(out, g_ptr_array_index(plan->allocs, i));
        end(out, ']');
        remarks(out, plan);
        end(out, '}');
        g_string_truncate(out, out->len - 1);
        return g_string_free(out, FALSE);
}
