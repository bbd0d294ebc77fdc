/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What is in force where the user wrote nothing. Source: Nomad's documentation of each block, and
 * for a bare task nook's own defaults: batch, no restart, no limit. */

#include <string.h>

#include "job/driver.h"
#include "job/job.h"
#include "job/read.h"
#include "job/rules.h"

#define SECOND INT64_C(1000000000)

static void default_text(NookText *slot, const char *text) {
        if (!slot->set || *slot->text == '\0')
                slot->text = text;
}

static void default_int(NookInt *slot, int64_t value) {
        if (!slot->set)
                slot->value = value;
}

static void default_duration(NookDuration *slot, int64_t nsec) {
        if (!slot->set)
                slot->nsec = nsec;
}

bool nook_job_is_batch(const NookJob *job) {
        return job->type.text &&
               (strcmp(job->type.text, "batch") == 0 || strcmp(job->type.text, "sysbatch") == 0);
}

/* ---- Restart ---- */

static void default_restart(const NookJob *job, NookRestart *restart) {
        bool is_batch = nook_job_is_batch(job);

        default_int(&restart->attempts, job->bare ? 0 : is_batch ? 3 : 2);
        default_duration(&restart->interval, is_batch ? 24 * 3600 * SECOND : 1800 * SECOND);
        default_duration(&restart->delay, 15 * SECOND);
        default_text(&restart->mode, "fail");
}

/* What a task does not say about its restarts, its group says. */
static void inherit_restart(NookRestart *restart, const NookRestart *group) {
        if (!restart->attempts.set)
                restart->attempts = group->attempts;
        if (!restart->interval.set)
                restart->interval = group->interval;
        if (!restart->delay.set)
                restart->delay = group->delay;
        if (!restart->mode.set)
                restart->mode = group->mode;
        if (!restart->render_templates.set)
                restart->render_templates = group->render_templates;
}

static void complete_restart(const NookJob *job, const NookGroup *group, NookTask *task) {
        if (!task->restart)
                task->restart = nook_pool_alloc(job->pool, sizeof *task->restart);
        inherit_restart(task->restart, group->restart);
}

/* ---- Meta ---- */

/* index: key -> its place in `to` plus 1. */
static void add_meta(NookPairs *to, GHashTable *index, const NookPairs *from) {
        for (guint i = 0; i < from->count; i++) {
                const NookPair *pair = &from->items[i];
                guint at = GPOINTER_TO_UINT(g_hash_table_lookup(index, pair->key.text));

                if (at == 0) {
                        at = ++to->count;
                        g_hash_table_insert(index, (void *)(guintptr)pair->key.text,
                                            GUINT_TO_POINTER(at));
                }
                to->items[at - 1] = *pair;
        }
}

static void merge_meta(const NookJob *job, const NookGroup *group, NookTask *task) {
        guint n = job->meta.count + group->meta.count + task->meta.count;
        NookPairs *meta = &task->merged_meta;
        g_autoptr(GHashTable) index = NULL;

        if (n == 0)
                return;
        index = g_hash_table_new(g_str_hash, g_str_equal);
        meta->items = nook_pool_new_array(job->pool, NookPair, n);
        add_meta(meta, index, &job->meta);
        add_meta(meta, index, &group->meta);
        add_meta(meta, index, &task->meta);
}

/* ---- Tasks ---- */

/* A bare task without the block has no limits: zero means none. With the block, and in a job, what
 * it leaves out has Nomad's defaults. */
static void complete_resources(const NookJob *job, NookTask *task) {
        bool is_given = task->resources != NULL;
        NookResources *resources;

        if (!is_given)
                task->resources = nook_pool_alloc(job->pool, sizeof *task->resources);
        if (job->bare && !is_given)
                return;

        resources = task->resources;
        default_int(&resources->cpu_mhz, resources->cores.value > 0 ? 0 : 100);
        default_int(&resources->memory_mb, 300);
}

static void complete_logs(const NookJob *job, NookTask *task) {
        if (!task->logs)
                task->logs = nook_pool_alloc(job->pool, sizeof *task->logs);
        default_int(&task->logs->max_files, 10);
        default_int(&task->logs->max_file_size_mb, 10);
        if (task->logs->enabled.set && !task->logs->disabled.set)
                task->logs->disabled.value = !task->logs->enabled.value;
}

static void complete_artifacts(NookTask *task) {
        for (guint i = 0; i < task->artifacts.count; i++) {
                NookArtifact *artifact = task->artifacts.items[i];

                default_text(&artifact->mode, "any");
                default_text(&artifact->destination, "local/");
        }
}

static void complete_task(const NookJob *job, const NookGroup *group, NookTask *task,
                          NookDiags *diags) {
        NookDecoder decoder = {.pool = job->pool, .diags = diags};

        complete_restart(job, group, task);
        complete_resources(job, task);
        complete_logs(job, task);
        complete_artifacts(task);
        merge_meta(job, group, task);
        default_text(&task->kill_signal, "SIGINT");
        default_duration(&task->kill_timeout, 5 * SECOND);
        default_text(&task->kind, "service");
        if (task->driver.set && nook_driver_is_known(task->driver.text))
                nook_driver_decode(&decoder, task);
}

static void complete_group(const NookJob *job, NookGroup *group, NookDiags *diags) {
        default_int(&group->count, 1);
        if (!group->restart)
                group->restart = nook_pool_alloc(job->pool, sizeof *group->restart);
        default_restart(job, group->restart);
        for (guint i = 0; i < group->networks.count; i++)
                default_text(&group->networks.items[i]->mode, "host");
        for (guint i = 0; i < group->tasks.count; i++)
                complete_task(job, group, group->tasks.items[i], diags);
}

void nook_job_complete(NookJob *job, NookDiags *diags) {
        if (job->completed)
                return;
        job->completed = true;

        default_text(&job->type, job->bare ? "batch" : "service");
        default_text(&job->name, job->id.text);
        default_text(&job->region, "global");
        default_text(&job->namespace, "default");
        default_int(&job->priority, 50);
        for (guint i = 0; i < job->groups.count; i++)
                complete_group(job, job->groups.items[i], diags);

        nook_job_refuse_unsupported(job, diags);
        nook_job_check_rules(job, diags);
}
