/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "job/rules.h"

#include <string.h>

#include "job/duration.h"
#include "job/version.h"

#define SECOND INT64_C(1000000000)

static const char *const job_types[] = {"service", "batch", "system", "sysbatch", NULL};
static const char *const operators[] = {
        "=",
        "==",
        "is",
        "!=",
        "not",
        "<",
        "<=",
        ">",
        ">=",
        "regexp",
        "version",
        "semver",
        "is_set",
        "is_not_set",
        "set_contains",
        "set_contains_all",
        "set_contains_any",
        "distinct_hosts",
        "distinct_property",
        NULL,
};

bool nook_rules_is_one_of(const NookText *text, const char *name, const char *const *words,
                          NookDiags *diags) {
        g_autoptr(GString) list = NULL;

        if (!text->set || g_strv_contains(words, text->text))
                return true;

        list = g_string_new(NULL);
        for (guint i = 0; words[i]; i++)
                g_string_append_printf(list, "%s\"%s\"",
                                       i == 0         ? ""
                                       : words[i + 1] ? ", "
                                                      : " or ",
                                       words[i]);
        nook_diags_error(diags, text->range, "Unsuitable value", "\"%s\" must be %s, not \"%s\".",
                         name, list->str, text->text);
        return false;
}

void nook_rules_check_paths(const NookPairs *paths, NookDiags *diags) {
        for (guint i = 0; i < paths->count; i++) {
                const NookText *both[] = {&paths->items[i].key, &paths->items[i].value};

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

/* ---- Constraints ---- */

static void check_constraint(const NookConstraint *constraint, NookDiags *diags) {
        /* API JSON may leave it empty. */
        bool has_op = constraint->op.text && *constraint->op.text;
        const char *op = has_op ? constraint->op.text : "=";
        const NookText *value = &constraint->value;

        if (has_op && !nook_rules_is_one_of(&constraint->op, "operator", operators, diags))
                return;
        if (!constraint->attribute.set && strcmp(op, "distinct_hosts") != 0) {
                nook_diags_error(diags, constraint->head.range, "Missing required argument",
                                 "A constraint with the operator \"%s\" needs an attribute.", op);
                return;
        }
        if (!value->set || g_str_has_prefix(value->text, "${"))
                return;

        if (strcmp(op, "regexp") == 0) {
                g_autoptr(GError) error = NULL;
                g_autoptr(GRegex) regex = g_regex_new(value->text, 0, 0, &error);

                if (!regex)
                        nook_diags_error(diags, value->range, "Unsuitable value",
                                         "\"%s\" is no regular expression: %s.", value->text,
                                         error->message);
        } else if (strcmp(op, "version") == 0 || strcmp(op, "semver") == 0) {
                bool valid;

                (void)nook_version_satisfies("1.0.0", value->text, op[0] == 's', &valid);
                if (!valid)
                        nook_diags_error(diags, value->range, "Unsuitable value",
                                         "\"%s\" is no constraint on versions; write \">= 1.2, < "
                                         "2.0\" or the like.",
                                         value->text);
        }
}

void nook_rules_check_constraints(const NookConstraintList *constraints, NookDiags *diags) {
        for (guint i = 0; i < constraints->count; i++)
                check_constraint(constraints->items[i], diags);
}

/* ---- Names ---- */

/* Names become parts of unit names, paths and journal fields. */
static void check_name(const NookText *name, const char *what, NookRange place, NookDiags *diags) {
        if (!name->text || *name->text == '\0') {
                nook_diags_error(diags, place, "Missing name", "A %s needs a name.", what);
                return;
        }
        for (const char *p = name->text; *p; p++)
                if (g_ascii_iscntrl(*p)) {
                        nook_diags_error(diags, name->range, "Unsuitable name",
                                         "The name of a %s must not hold control characters.",
                                         what);
                        return;
                }
}

static void check_task_name(const NookTask *task, NookDiags *diags) {
        const char *name = task->name.text;

        check_name(&task->name, "task", task->head.range, diags);
        if (!name)
                return;
        if (strpbrk(name, "/\\"))
                nook_diags_error(diags, task->name.range, "Unsuitable name",
                                 "The name of a task is a directory's name, too: it must not hold "
                                 "a slash or a backslash, but this is \"%s\".",
                                 name);
        else if (strcmp(name, "alloc") == 0 || strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
                nook_diags_error(diags, task->name.range, "Unsuitable name",
                                 "A task cannot be called \"%s\": the name is taken in the "
                                 "allocation's directory.",
                                 name);
}

/* names: text -> const NookText * of those before. */
static void check_unique(GHashTable *names, const NookText *name, const char *what,
                         NookDiags *diags) {
        const NookText *other;
        NookPos pos;

        if (!name->text)
                return;
        other = g_hash_table_lookup(names, name->text);
        if (!other) {
                g_hash_table_insert(names, (void *)(guintptr)name->text, (void *)(guintptr)name);
                return;
        }
        pos = nook_source_pos(other->range.source, other->range.start);
        nook_diags_error(
                diags, name->range, "Duplicate name",
                "There is a %s \"%s\" already, at %s:%" G_GUINT32_FORMAT ":%" G_GUINT32_FORMAT ".",
                what, name->text, nook_source_name(other->range.source), pos.line, pos.column);
}

/* ---- Groups ---- */

static void check_restart(const NookRestart *restart, NookDiags *diags) {
        static const char *const modes[] = {"fail", "delay", NULL};
        int64_t busy;

        (void)nook_rules_is_one_of(&restart->mode, "mode", modes, diags);
        if (restart->attempts.value < 0)
                nook_diags_error(diags, restart->attempts.range, "Unsuitable value",
                                 "\"attempts\" must not be negative, but this is %" G_GINT64_FORMAT
                                 ".",
                                 restart->attempts.value);
        if (restart->interval.set && restart->interval.nsec < 5 * SECOND)
                nook_diags_error(diags, restart->interval.range, "Unsuitable value",
                                 "\"interval\" must be 5s or more.");
        else if (restart->attempts.value > 0 &&
                 (__builtin_mul_overflow(restart->attempts.value, restart->delay.nsec, &busy) ||
                  busy > restart->interval.nsec)) {
                g_autofree char *interval = nook_duration_to_text(restart->interval.nsec);
                g_autofree char *delay = nook_duration_to_text(restart->delay.nsec);

                nook_diags_error(diags, restart->head.range, "Conflicting arguments",
                                 "%" G_GINT64_FORMAT " attempts with a delay of %s do not fit into "
                                 "an interval of %s.",
                                 restart->attempts.value, delay, interval);
        }
}

static void check_network(const NookNetwork *network, NookDiags *diags) {
        const char *mode = network->mode.text;

        if (strcmp(mode, "host") == 0 || strcmp(mode, "none") == 0 || *mode == '\0')
                return;
        if (strcmp(mode, "bridge") == 0 || g_str_has_prefix(mode, "cni/"))
                nook_diags_error(diags, network->mode.range, "Unsupported by nook",
                                 "nook has no network of mode \"%s\"; it has \"host\" and "
                                 "\"none\".",
                                 mode);
        else
                nook_diags_error(diags, network->mode.range, "Unsuitable value",
                                 "\"mode\" must be \"host\" or \"none\", not \"%s\".", mode);
}

static void check_leaders(const NookGroup *group, NookDiags *diags) {
        const NookTask *leader = NULL;

        for (guint i = 0; i < group->tasks.count; i++) {
                const NookTask *task = group->tasks.items[i];

                if (!task->leader.value)
                        continue;
                if (leader)
                        nook_diags_error(diags, task->leader.range, "Conflicting arguments",
                                         "A group has one leader, and \"%s\" is one already.",
                                         leader->name.text);
                leader = task;
        }
}

static void check_volumes(const NookGroup *group, NookDiags *diags) {
        for (guint i = 0; i < group->volumes.count; i++) {
                const NookVolume *volume = group->volumes.items[i];

                if (g_strcmp0(volume->type.text, "host") != 0)
                        nook_diags_error(
                                diags, volume->type.set ? volume->type.range : volume->head.range,
                                "Unsupported by nook", "nook has volumes of type \"host\" only.");
                if (!volume->source.text || *volume->source.text == '\0')
                        nook_diags_error(diags, volume->head.range, "Missing required argument",
                                         "A volume needs a source: the name of a host_volume in "
                                         "the operator's configuration.");
        }
}

static void check_group(const NookJob *job, const NookGroup *group, NookDiags *diags) {
        g_autoptr(GHashTable) names = g_hash_table_new(g_str_hash, g_str_equal);

        check_name(&group->name, "group", group->head.range, diags);
        nook_rules_check_constraints(&group->constraints, diags);
        check_restart(group->restart, diags);
        check_leaders(group, diags);
        check_volumes(group, diags);
        if (group->count.value < 0)
                nook_diags_error(diags, group->count.range, "Unsuitable value",
                                 "\"count\" must not be negative, but this is %" G_GINT64_FORMAT
                                 ".",
                                 group->count.value);
        if (group->networks.count > 1)
                nook_diags_error(diags, group->networks.items[1]->head.range, "Duplicate block",
                                 "Only one network block is allowed in a group.");
        for (guint i = 0; i < group->networks.count; i++)
                check_network(group->networks.items[i], diags);
        if (group->max_run_duration.set && group->max_run_duration.nsec <= 0)
                nook_diags_error(diags, group->max_run_duration.range, "Unsuitable value",
                                 "\"max_run_duration\" must be longer than nothing.");
        if (group->tasks.count == 0 && !group->head.is_odd)
                nook_diags_error(diags, group->head.range, "Missing task",
                                 "A group needs a task to run.");

        for (guint i = 0; i < group->tasks.count; i++) {
                const NookTask *task = group->tasks.items[i];

                check_task_name(task, diags);
                check_unique(names, &task->name, "task", diags);
                if (task->restart->head.set)
                        check_restart(task->restart, diags);
                nook_rules_check_task(job, group, task, diags);
        }
}

void nook_job_check_rules(const NookJob *job, NookDiags *diags) {
        g_autoptr(GHashTable) names = g_hash_table_new(g_str_hash, g_str_equal);

        check_name(&job->id, "job", job->head.range, diags);
        (void)nook_rules_is_one_of(&job->type, "type", job_types, diags);
        nook_rules_check_constraints(&job->constraints, diags);
        if (job->groups.count == 0 && !job->head.is_odd)
                nook_diags_error(diags, job->head.range, "Missing group",
                                 "A job needs a group with a task to run.");

        for (guint i = 0; i < job->groups.count; i++) {
                check_unique(names, &job->groups.items[i]->name, "group", diags);
                check_group(job, job->groups.items[i], diags);
        }
}
