/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "job/driver.h"
#include "job/rules.h"
#include "job/signal-name.h"

/* Source: Nomad's resources block: least values and what excludes what. */
static void check_resources(const NookResources *resources, NookDiags *diags) {
        const NookInt *max = &resources->memory_max_mb;

        if (resources->cpu_mhz.set && resources->cores.set && resources->cores.value > 0)
                nook_diags_error(diags, resources->cores.range, "Conflicting arguments",
                                 "A task has either \"cpu\" or \"cores\".");
        if (resources->cpu_mhz.set && resources->cpu_mhz.value < 1)
                nook_diags_error(diags, resources->cpu_mhz.range, "Unsuitable value",
                                 "\"cpu\" must be 1 MHz or more, but this is %" G_GINT64_FORMAT ".",
                                 resources->cpu_mhz.value);
        if (resources->cores.set && resources->cores.value < 0)
                nook_diags_error(diags, resources->cores.range, "Unsuitable value",
                                 "\"cores\" must not be negative, but this is %" G_GINT64_FORMAT
                                 ".",
                                 resources->cores.value);
        if (resources->memory_mb.set && resources->memory_mb.value < 10)
                nook_diags_error(diags, resources->memory_mb.range, "Unsuitable value",
                                 "\"memory\" must be 10 MiB or more, but this is %" G_GINT64_FORMAT
                                 ".",
                                 resources->memory_mb.value);
        if (max->set && max->value != 0 && max->value != -1 &&
            max->value < resources->memory_mb.value)
                nook_diags_error(diags, max->range, "Conflicting arguments",
                                 "\"memory_max\" must be \"memory\" (%" G_GINT64_FORMAT
                                 ") or more, or -1 for no limit, but this is %" G_GINT64_FORMAT ".",
                                 resources->memory_mb.value, max->value);
        if (resources->secrets_mb.set &&
            (resources->secrets_mb.value < 1 ||
             (resources->memory_mb.value > 0 &&
              resources->secrets_mb.value > resources->memory_mb.value)))
                nook_diags_error(diags, resources->secrets_mb.range, "Unsuitable value",
                                 "\"secrets\" must be from 1 MiB up to \"memory\", but this is "
                                 "%" G_GINT64_FORMAT ".",
                                 resources->secrets_mb.value);
}

static void check_driver(const NookTask *task, NookDiags *diags) {
        if (!task->driver.set || *task->driver.text == '\0')
                nook_diags_error(diags, task->head.range, "Missing required argument",
                                 "A task needs a driver: \"exec\", or \"raw_exec\" where the "
                                 "operator allows it.");
        else if (!nook_driver_is_known(task->driver.text))
                nook_diags_error(diags, task->driver.range, "Unsupported by nook",
                                 "nook has no driver \"%s\"; its drivers are exec and raw_exec.",
                                 task->driver.text);
}

static void check_signal(const NookTask *task, NookDiags *diags) {
        const char *near;

        if (nook_signal_number(task->kill_signal.text) != 0)
                return;
        near = nook_signal_suggest(task->kill_signal.text);
        nook_diags_error(diags, task->kill_signal.range, "Unsuitable value",
                         "Linux has no signal \"%s\".%s%s%s", task->kill_signal.text,
                         near ? " Did you mean \"" : "", near ? near : "", near ? "\"?" : "");
}

static void check_env(const NookPairs *env, NookDiags *diags) {
        for (guint i = 0; i < env->count; i++) {
                const NookText *key = &env->items[i].key;

                if (*key->text == '\0' || strchr(key->text, '='))
                        nook_diags_error(diags, key->range, "Unsuitable name",
                                         "\"%s\" cannot be the name of an environment variable.",
                                         key->text);
        }
}

static void check_lifecycle(const NookTask *task, NookDiags *diags) {
        static const char *const hooks[] = {"prestart", "poststart", "poststop", NULL};

        if (task->lifecycle)
                (void)nook_rules_is_one_of(&task->lifecycle->hook, "hook", hooks, diags);
}

static void check_durations(const NookTask *task, NookDiags *diags) {
        const NookDuration *durations[] = {&task->kill_timeout, &task->shutdown_delay};
        const char *const names[] = {"kill_timeout", "shutdown_delay"};

        for (guint i = 0; i < 2; i++)
                if (durations[i]->nsec < 0)
                        nook_diags_error(diags, durations[i]->range, "Unsuitable value",
                                         "\"%s\" must not be negative.", names[i]);
}

static const NookVolume *find_volume(const NookGroup *group, const char *name) {
        for (guint i = 0; i < group->volumes.count; i++)
                if (g_strcmp0(group->volumes.items[i]->name.text, name) == 0)
                        return group->volumes.items[i];

        return NULL;
}

static void check_mounts(const NookGroup *group, const NookTask *task, NookDiags *diags) {
        static const char *const modes[] = {"private", "host-to-task", "bidirectional", NULL};

        for (guint i = 0; i < task->volume_mounts.count; i++) {
                const NookVolumeMount *mount = task->volume_mounts.items[i];

                (void)nook_rules_is_one_of(&mount->propagation_mode, "propagation_mode", modes,
                                           diags);
                if (!mount->volume.set || !mount->destination.set)
                        nook_diags_error(diags, mount->head.range, "Missing required argument",
                                         "A volume_mount needs \"volume\" and \"destination\".");
                else if (!find_volume(group, mount->volume.text))
                        nook_diags_error(diags, mount->volume.range, "Unknown volume",
                                         "The group has no volume \"%s\".", mount->volume.text);
        }
}

void nook_rules_check_task(const NookJob *job, const NookGroup *group, const NookTask *task,
                           NookDiags *diags) {
        static const char *const kinds[] = {"service", "scope", "", NULL};
        static const char *const sandboxes[] = {"systemd", "nook", NULL};

        check_driver(task, diags);
        check_resources(task->resources, diags);
        check_signal(task, diags);
        check_durations(task, diags);
        check_env(&task->env, diags);
        nook_rules_check_paths(&task->chroot_env, diags);
        check_lifecycle(task, diags);
        check_mounts(group, task, diags);
        nook_rules_check_constraints(&task->constraints, diags);
        (void)nook_rules_is_one_of(&task->kind, "kind", kinds, diags);
        (void)nook_rules_is_one_of(&task->sandbox, "sandbox", sandboxes, diags);
        for (guint i = 0; i < task->artifacts.count; i++)
                nook_rules_check_artifact(task->artifacts.items[i], diags);
}
