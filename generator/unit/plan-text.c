/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "unit/plan-text.h"

#include <string.h>

#include "base/printable.h"
#include "unit/convert.h"

typedef struct {
        GString *out;
        bool colour;
} Text;

static void heading(Text *text, const char *words) {
        g_string_append_printf(text->out, text->colour ? "\033[1m%s\033[0m\n" : "%s\n", words);
}

static void line(Text *text, const char *name, const char *format, ...) G_GNUC_PRINTF(3, 4);

static void line(Text *text, const char *name, const char *format, ...) {
        g_autofree char *raw = NULL, *value = NULL;
        va_list args;

        va_start(args, format);
        raw = g_strdup_vprintf(format, args);
        va_end(args);
        value = nook_printable_text(raw, -1);
        g_string_append_printf(text->out, "  %-12s %s\n", name, value);
}

char *nook_plan_redact_source(const char *source) {
        g_autofree char *plain = g_strndup(source, strcspn(source, "?"));
        char *start = strstr(plain, "://");
        size_t host;

        if (start == NULL)
                return g_steal_pointer(&plain);
        start += 3;
        host = strcspn(start, "/");
        for (size_t i = host; i > 0; i--)
                if (start[i - 1] == '@') {
                        memmove(start, start + i, strlen(start + i) + 1);
                        break;
                }
        return g_steal_pointer(&plain);
}

/* A word as a shell would take it, so that a command line can be read. */
static void append_word(GString *out, const char *word) {
        g_autofree char *quoted = NULL;
        bool is_plain = *word != '\0';

        for (const char *c = word; *c != '\0'; c++)
                if (!g_ascii_isalnum(*c) && strchr("_./:,@%+=-", *c) == NULL)
                        is_plain = false;
        quoted = is_plain ? g_strdup(word) : g_shell_quote(word);
        /* Here newline and tab are to be seen as well; the rest is the line's. */
        for (const char *c = quoted; *c != '\0'; c++)
                if (*c == '\n' || *c == '\t')
                        g_string_append_printf(out, "\\x%02x", (unsigned char)*c);
                else
                        g_string_append_c(out, *c);
}

static char *command_line(const NookPlanTask *task) {
        GString *out = g_string_new(NULL);

        append_word(out, task->command);
        for (char **word = task->argv + 1; *word != NULL; word++) {
                g_string_append_c(out, ' ');
                append_word(out, *word);
        }
        return g_string_free(out, FALSE);
}

/* --- the parts of a task ------------------------------------------------------------------------
 */

static void print_user(Text *text, const NookPlanTask *task) {
        const NookPlanUser *user = task->user;

        switch (user->kind) {
        case NOOK_USER_DYNAMIC:
                line(text, "as", "%s, a user of this allocation alone", user->name);
                break;
        case NOOK_USER_STATIC:
                line(text, "as", "%s (uid %u, gid %u and %u groups), a user of the host",
                     user->name, user->uid, user->gid, user->n_groups);
                break;
        case NOOK_USER_ROOT:
                line(text, "as", "root");
                break;
        case NOOK_USER_SELF:
                line(text, "as", "%s, who runs this", user->name);
                break;
        }
        if (task->is_raw)
                return;
        for (int i = 0; nook_capability_to_text(i) != NULL; i++)
                if ((task->capabilities & (G_GUINT64_CONSTANT(1) << i)) != 0)
                        line(text, "may", "CAP_%s", nook_capability_to_text(i));
}

static void print_how(Text *text, const NookPlanTask *task) {
        static const char *const how[] = {
                [NOOK_ARGV_PLAIN] = NULL,
                [NOOK_ARGV_EX] = "words with $ or ; go unexpanded (ExecStartEx)",
                [NOOK_ARGV_HELPER] = "words with $ or ; go coded through nook-argv",
        };
        g_autofree char *command = command_line(task);

        line(text, "runs", "%s", command);
        if (how[task->argv_how] != NULL)
                line(text, "", "%s", how[task->argv_how]);
        if (!g_str_equal(task->work_dir, "/"))
                line(text, "in", "%s", task->work_dir);
}

static void print_mount(Text *text, const NookMount *mount) {
        const char *where = mount->wanted != NULL ? mount->wanted : mount->destination;
        g_autoptr(GString) what = g_string_new(NULL);

        switch (mount->kind) {
        case NOOK_MOUNT_BIND:
                g_string_append_printf(what, "%s%s", mount->source,
                                       mount->is_read_only ? "" : " (writable)");
                break;
        case NOOK_MOUNT_TMPFS:
                g_string_append_printf(what, "tmpfs, empty%s",
                                       mount->is_read_only ? "" : " (writable)");
                break;
        case NOOK_MOUNT_PROC:
        case NOOK_MOUNT_SYS:
        case NOOK_MOUNT_DEV:
                g_string_append(what, "the kernel's, reduced");
                break;
        case NOOK_MOUNT_HIDDEN:
                g_string_append(what, "inaccessible");
                break;
        case NOOK_MOUNT_ROOT:
        case NOOK_MOUNT_SEALED:
                return;
        }
        if (mount->is_no_exec)
                g_string_append(what, ", nothing in it can be run");
        g_autofree char *shown_where = nook_printable_text(where, -1);
        g_autofree char *shown_what = nook_printable_text(what->str, -1);
        g_string_append_printf(text->out, "    %-24s %s\n", shown_where, shown_what);
}

static void print_root(Text *text, const NookPlanTask *task) {
        if (task->is_raw) {
                line(text, "root", "the host's: raw_exec has no walls");
                return;
        }
        line(text, "root", "%s, shared and read-only", task->skeleton->path);
        for (guint i = 0; i < task->mounts->len; i++)
                print_mount(text, g_ptr_array_index(task->mounts, i));
        for (char **link = task->skeleton->links; *link != NULL; link += 2) {
                g_autofree char *where = nook_printable_text(link[0], -1);
                g_autofree char *target = nook_printable_text(link[1], -1);

                g_string_append_printf(text->out, "    %-24s -> %s\n", where, target);
        }
}

static void print_artifacts(Text *text, const NookPlanTask *task) {
        for (guint i = 0; i < task->artifacts->len; i++) {
                const NookPlanArtifact *artifact = g_ptr_array_index(task->artifacts, i);
                g_autofree char *source = nook_plan_redact_source(artifact->source);

                line(text, i == 0 ? "artifacts" : "", "%s -> %s", source, artifact->destination);
        }
}

static void print_settings(Text *text, const NookUnit *unit, NookOrigin origin) {
        for (guint i = 0; i < unit->settings->len; i++) {
                const NookSetting *setting = g_ptr_array_index(unit->settings, i);
                g_autofree char *raw = NULL, *value = NULL, *assignment = NULL;

                if (setting->origin != origin)
                        continue;
                raw = nook_directive_print(setting->directive, setting->value);
                value = nook_printable_text(raw, -1);
                assignment = g_strdup_printf("%s=%s", setting->directive->key, value);
                if (setting->reason == NULL)
                        g_string_append_printf(text->out, "    %s\n", assignment);
                else if (strlen(assignment) <= 40)
                        g_string_append_printf(text->out, "    %-40s %s\n", assignment,
                                               setting->reason);
                else
                        g_string_append_printf(text->out, "    %s\n    %-40s %s\n", assignment, "",
                                               setting->reason);
        }
}

static bool has_origin(const NookUnit *unit, NookOrigin origin) {
        for (guint i = 0; unit != NULL && i < unit->settings->len; i++)
                if (((NookSetting *)g_ptr_array_index(unit->settings, i))->origin == origin)
                        return true;
        return false;
}

static void print_origin(Text *text, const NookPlanTask *task, NookOrigin origin, const char *name,
                         const char *words) {
        if (!has_origin(task->unit, origin) && !has_origin(task->exec, origin))
                return;
        line(text, name, "%s", words);
        print_settings(text, task->unit, origin);
        if (task->exec != NULL)
                print_settings(text, task->exec, origin);
}

static void print_auxiliary(Text *text, const NookPlanTask *task) {
        for (guint i = 0; i < task->auxiliary->len; i++) {
                const NookUnit *unit = g_ptr_array_index(task->auxiliary, i);

                line(text, "brings", "%s", unit->name);
                for (NookOrigin origin = NOOK_ORIGIN_WALL; origin <= NOOK_ORIGIN_NOOK; origin++)
                        print_settings(text, unit, origin);
        }
}

static void print_task(Text *text, const NookPlanTask *task) {
        heading(text, task->unit->name);
        line(text, "task", "%s of allocation %s (%s)", task->name, task->alloc->id,
             task->alloc->name);
        print_how(text, task);
        print_user(text, task);
        print_root(text, task);
        print_artifacts(text, task);
        line(text, "environment", "%u variables, by a file that only root reads",
             g_strv_length(task->env));
        print_origin(text, task, NOOK_ORIGIN_WALL, "walls",
                     task->builder == NOOK_BUILDER_MANAGER ? "built by systemd"
                                                           : "built by nook's sandbox");
        print_origin(text, task, NOOK_ORIGIN_JOB, "job", "what the job says");
        print_origin(text, task, NOOK_ORIGIN_BLOCK, "unit block", "what the job says to systemd");
        print_origin(text, task, NOOK_ORIGIN_NOOK, "nook", "what nook needs");
        print_auxiliary(text, task);
}

/* --- the whole ----------------------------------------------------------------------------------
 */

static bool is_repetition(const NookPlan *plan, guint index) {
        const NookPlanAlloc *alloc = g_ptr_array_index(plan->allocs, index);

        return alloc->index > 0;
}

static void print_names(Text *text, const NookPlanAlloc *alloc) {
        for (guint i = 0; i < alloc->tasks->len; i++) {
                const NookPlanTask *task = g_ptr_array_index(alloc->tasks, i);

                heading(text, task->unit->name);
                line(text, "like", "the first of its group, as allocation %s", alloc->id);
        }
}

static void print_remarks(Text *text, const NookPlan *plan) {
        if (plan->left_out->len > 0)
                heading(text, "left out");
        for (guint i = 0; i < plan->left_out->len; i++) {
                const NookLeftOut *left_out = g_ptr_array_index(plan->left_out, i);

                line(text, left_out->what, "%s", left_out->why);
        }
        if (plan->notes->len > 0 || plan->missing_limits != 0)
                heading(text, "notes");
        for (guint i = 0; i < plan->notes->len; i++)
                g_string_append_printf(text->out, "  %s\n",
                                       (const char *)g_ptr_array_index(plan->notes, i));
        for (unsigned need = 1; need != 0; need <<= 1)
                if ((plan->missing_limits & need) != 0)
                        g_string_append_printf(
                                text->out,
                                "  this host has no \"%s\" controller for tasks: limits of that "
                                "kind are not kept\n",
                                nook_need_to_controller(need));
}

char *nook_plan_to_text(const NookPlan *plan, bool colour) {
        Text text = {g_string_new(NULL), colour};

        for (guint i = 0; i < plan->allocs->len; i++) {
                const NookPlanAlloc *alloc = g_ptr_array_index(plan->allocs, i);

                if (is_repetition(plan, i)) {
                        print_names(&text, alloc);
                        continue;
                }
                for (guint j = 0; j < alloc->tasks->len; j++)
                        print_task(&text, g_ptr_array_index(alloc->tasks, j));
        }
        print_remarks(&text, plan);
        return g_string_free(text.out, FALSE);
}

void nook_plan_print(const NookPlan *plan, FILE *stream, bool colour) {
        g_autofree char *text = nook_plan_to_text(plan, colour);

        (void)fputs(text, stream);
}
