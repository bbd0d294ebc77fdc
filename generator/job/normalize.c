/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What Nomad's parser sets in a job right after decoding it; `nook job` shows these as if they had
 * been written. Source: Nomad's job parser (jobspec2). */

#include <string.h>

#include "job/read.h"

static NookText written(const char *text) {
        return (NookText){.text = text, .set = true};
}

static void text_unless_set(NookText *slot, const char *text) {
        if (!slot->set)
                *slot = written(text);
}

static void bool_unless_set(NookBool *slot, bool value) {
        if (!slot->set)
                *slot = (NookBool){.value = value, .set = true};
}

static void duration_unless_set(NookDuration *slot, int64_t nsec) {
        if (!slot->set)
                *slot = (NookDuration){.nsec = nsec, .set = true};
}

/* ---- Short forms of constraints ---- */

/* `version = "> 1"` for operator and value; the last that is written here wins, as there. */
static void fold(NookText *op, NookText *value, const NookText *form, const char *name) {
        if (!form->set || *form->text == '\0')
                return;
        *op = (NookText){.text = name, .range = form->range, .set = true};
        *value = *form;
}

/* Nomad knows these words as short forms, but then does not look at them. */
static void warn_without_effect(const NookText *form, const char *name, NookDiags *diags) {
        if (form->set && *form->text)
                nook_diags_warning(diags, form->range, "Argument without effect",
                                   "In a constraint Nomad passes over the short form \"%s\". Write "
                                   "operator = \"%s\".",
                                   name, name);
}

static void fold_constraint(NookConstraint *constraint, NookDiags *diags) {
        NookText *op = &constraint->op, *value = &constraint->value;

        fold(op, value, &constraint->version, "version");
        fold(op, value, &constraint->semver, "semver");
        fold(op, value, &constraint->regexp, "regexp");
        fold(op, value, &constraint->set_contains, "set_contains");
        if (constraint->distinct_hosts.set) {
                *op = written("distinct_hosts");
                *value = written(constraint->distinct_hosts.value ? "true" : "false");
                value->range = constraint->distinct_hosts.range;
        }
        fold(op, &constraint->attribute, &constraint->distinct_property, "distinct_property");
        warn_without_effect(&constraint->set_contains_all, "set_contains_all", diags);
        warn_without_effect(&constraint->set_contains_any, "set_contains_any", diags);
        warn_without_effect(&constraint->is_set, "is_set", diags);
        warn_without_effect(&constraint->is_not_set, "is_not_set", diags);
        if (!op->set || *op->text == '\0')
                *op = written("=");
}

static void fold_affinity(NookAffinity *affinity) {
        NookText *op = &affinity->op, *value = &affinity->value;

        fold(op, value, &affinity->version, "version");
        fold(op, value, &affinity->semver, "semver");
        fold(op, value, &affinity->regexp, "regexp");
        fold(op, value, &affinity->set_contains_any, "set_contains_any");
        fold(op, value, &affinity->set_contains_all, "set_contains_all");
        fold(op, value, &affinity->set_contains, "set_contains");
        if (!op->set || *op->text == '\0')
                *op = written("=");
}

static void fold_all(NookConstraintList *constraints, NookAffinityList *affinities,
                     NookDiags *diags) {
        for (guint i = 0; i < constraints->count; i++)
                fold_constraint(constraints->items[i], diags);
        for (guint i = 0; i < affinities->count; i++)
                fold_affinity(affinities->items[i]);
}

/* ---- Ports ---- */

/* Ports with a number are reserved ones. */
static void split_ports(NookPool *pool, NookNetwork *network) {
        NookPortList dynamic = {0}, reserved = {0};

        if (network->ports.count == 0)
                return;
        dynamic.items = nook_pool_new_array(pool, NookPort *, network->ports.count);
        reserved.items = nook_pool_new_array(pool, NookPort *, network->ports.count);
        for (guint i = 0; i < network->ports.count; i++) {
                NookPort *port = network->ports.items[i];

                if (port->static_port.value > 0)
                        reserved.items[reserved.count++] = port;
                else
                        dynamic.items[dynamic.count++] = port;
        }
        network->ports = dynamic.count > 0 ? dynamic : (NookPortList){0};
        network->reserved_ports = reserved.count > 0 ? reserved : (NookPortList){0};
}

static void split_all_ports(NookPool *pool, NookNetworkList *networks) {
        for (guint i = 0; i < networks->count; i++)
                split_ports(pool, networks->items[i]);
}

/* ---- Parts of a task ---- */

static void normalize_template(NookTemplate *template) {
        NookChangeScript *script = template->change_script;

        text_unless_set(&template->change_mode, "restart");
        text_unless_set(&template->perms, "0644");
        duration_unless_set(&template->splay, 5 * INT64_C(1000000000));
        bool_unless_set(&template->error_on_missing_key, false);
        if (!script)
                return;
        script->args.set = true;
        duration_unless_set(&script->timeout, 5 * INT64_C(1000000000));
        bool_unless_set(&script->fail_on_error, false);
        bool_unless_set(&script->run_on_first_render, false);
}

static void normalize_vault(NookVault *vault) {
        if (!vault)
                return;
        bool_unless_set(&vault->env, true);
        bool_unless_set(&vault->disable_file, false);
        text_unless_set(&vault->change_mode, "restart");
}

/* The identity without a name, or named "default", stands apart from the others. A list that it
 * leaves empty prints as [], not as null, since its items stay. */
static void split_identity(NookTask *task) {
        for (guint i = 0; i < task->identities.count; i++) {
                NookIdentity *identity = task->identities.items[i];

                if (identity->name.text && *identity->name.text &&
                    strcmp(identity->name.text, "default") != 0)
                        continue;
                task->identity = identity;
                for (guint j = i + 1; j < task->identities.count; j++)
                        task->identities.items[j - 1] = task->identities.items[j];
                task->identities.count--;
                return;
        }
}

static void append_secrets(NookPool *pool, NookSecretList *to, const NookSecretList *from) {
        NookSecretList all = {
                .items = nook_pool_new_array(pool, NookSecret *, to->count + from->count)};

        for (guint i = 0; i < to->count; i++)
                all.items[all.count++] = to->items[i];
        for (guint i = 0; i < from->count; i++)
                all.items[all.count++] = from->items[i];
        *to = all;
}

static void report_second_scaling(const NookTaskScalingList *list, guint index, NookDiags *diags) {
        const NookTaskScaling *scaling = list->items[index];

        for (guint i = 0; i < index; i++)
                if (g_ascii_strcasecmp(list->items[i]->resource.text, scaling->resource.text) == 0)
                        nook_diags_error(diags, scaling->head.range, "Duplicate block",
                                         "Only one scaling \"%s\" block is allowed in a task.",
                                         scaling->resource.text);
}

static void name_scaling(NookTaskScalingList *list, NookDiags *diags) {
        static const char *const resources[] = {"cpu", "mem"};
        static const char *const types[] = {"vertical_cpu", "vertical_mem"};

        for (guint i = 0; i < list->count; i++) {
                NookTaskScaling *scaling = list->items[i];
                guint which = 0;

                if (!scaling->resource.text)
                        continue; /* API JSON gives the type itself */
                report_second_scaling(list, i, diags);
                while (which < 2 &&
                       g_ascii_strcasecmp(resources[which], scaling->resource.text) != 0)
                        which++;
                if (which == 2)
                        nook_diags_error(diags, scaling->resource.range,
                                         "Invalid scaling policy name",
                                         "A task's scaling is \"cpu\" or \"mem\", not \"%s\".",
                                         scaling->resource.text);
                else if (!scaling->type.set || *scaling->type.text == '\0')
                        scaling->type = written(types[which]);
                else if (strcmp(scaling->type.text, types[which]) != 0)
                        nook_diags_error(diags, scaling->type.range, "Invalid scaling policy type",
                                         "The type of scaling \"%s\" is \"%s\", not \"%s\".",
                                         scaling->resource.text, types[which], scaling->type.text);
        }
}

static void fold_devices(NookTask *task, NookDiags *diags) {
        for (guint i = 0; task->resources && i < task->resources->devices.count; i++)
                fold_all(&task->resources->devices.items[i]->constraints,
                         &task->resources->devices.items[i]->affinities, diags);
}

static void normalize_task(const NookJob *job, const NookGroup *group, NookTask *task,
                           NookDiags *diags) {
        fold_all(&task->constraints, &task->affinities, diags);
        fold_devices(task, diags);
        name_scaling(&task->scaling, diags);
        if (task->resources)
                split_all_ports(job->pool, &task->resources->networks);
        for (guint i = 0; i < task->templates.count; i++)
                normalize_template(task->templates.items[i]);

        if (!task->vault)
                task->vault = group->vault ? group->vault : job->vault;
        if (group->secrets.count > 0)
                append_secrets(job->pool, &task->secrets, &group->secrets);
        if (job->secrets.count > 0)
                append_secrets(job->pool, &task->secrets, &job->secrets);
        split_identity(task);
}

/* ---- The job ---- */

/* Volumes are a map by name: of two with one name the later one counts. */
static void merge_volumes(NookVolumeList *volumes, NookDiags *diags) {
        guint n = 0;

        for (guint i = 0; i < volumes->count; i++) {
                NookVolume *volume = volumes->items[i];
                guint at = 0;

                while (at < n && strcmp(volumes->items[at]->name.text, volume->name.text) != 0)
                        at++;
                if (at < n)
                        nook_diags_warning(diags, volume->head.range, "Duplicate name",
                                           "There is a volume \"%s\" already; this one replaces "
                                           "it.",
                                           volume->name.text);
                volumes->items[at] = volume;
                n = MAX(n, at + 1);
        }
        volumes->count = n;
}

static void normalize_scaling(NookScaling *scaling, NookDiags *diags) {
        if (!scaling)
                return;
        if (!scaling->type.set || *scaling->type.text == '\0')
                scaling->type = written("horizontal");
        else if (strcmp(scaling->type.text, "horizontal") != 0)
                nook_diags_error(diags, scaling->type.range, "Invalid group scaling type",
                                 "A group's scaling has the type \"horizontal\", not \"%s\".",
                                 scaling->type.text);
        if (!scaling->max.set)
                nook_diags_error(diags, scaling->head.range, "Missing required argument",
                                 "The argument \"max\" is required in scaling.");
}

/* Tasks right in a job are groups of one each, and come first. */
static void wrap_lone_tasks(NookJob *job) {
        NookGroupList all;

        if (job->tasks.count == 0)
                return;
        all.count = 0;
        all.items =
                nook_pool_new_array(job->pool, NookGroup *, job->tasks.count + job->groups.count);
        for (guint i = 0; i < job->tasks.count; i++) {
                NookGroup *group = nook_pool_alloc(job->pool, sizeof *group);
                NookTask *task = job->tasks.items[i];

                group->head = task->head;
                group->name = task->name;
                group->tasks.items = nook_pool_new_array(job->pool, NookTask *, 1);
                group->tasks.items[group->tasks.count++] = task;
                all.items[all.count++] = group;
        }
        for (guint i = 0; i < job->groups.count; i++)
                all.items[all.count++] = job->groups.items[i];
        job->groups = all;
        job->tasks.count = 0;
}

void nook_job_normalize(NookJob *job, NookDiags *diags) {
        if (!job->name.set)
                job->name = job->label;
        if (!job->id.set)
                job->id = job->label;
        if (job->periodic && (job->periodic->cron.set || job->periodic->crons.set))
                text_unless_set(&job->periodic->spec_type, "cron");

        fold_all(&job->constraints, &job->affinities, diags);
        wrap_lone_tasks(job);
        normalize_vault(job->vault);
        for (guint i = 0; i < job->groups.count; i++) {
                NookGroup *group = job->groups.items[i];

                fold_all(&group->constraints, &group->affinities, diags);
                split_all_ports(job->pool, &group->networks);
                merge_volumes(&group->volumes, diags);
                normalize_scaling(group->scaling, diags);
                normalize_vault(group->vault);
                for (guint j = 0; j < group->tasks.count; j++) {
                        normalize_vault(group->tasks.items[j]->vault);
                        normalize_task(job, group, group->tasks.items[j], diags);
                }
        }
}
