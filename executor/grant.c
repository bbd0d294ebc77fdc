/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "grant.h"

#include "job/pool.h"

void nook_grant_texts(NookConfig *config, NookTexts *allowed, const char *const *texts, guint n) {
        NookText *items = nook_pool_new_array(config->pool, NookText, allowed->count + n);

        for (guint i = 0; i < allowed->count + n; i++)
                items[i] = i < allowed->count ? allowed->items[i]
                                              : (NookText){.text = texts[i - allowed->count]};
        allowed->items = items;
        allowed->count += n;
}

void nook_grant_path(NookConfig *config, const char *source, const char *destination) {
        NookPairs *allowed = &config->client->chroot_env;
        NookPair *items = nook_pool_new_array(config->pool, NookPair, allowed->count + 1);

        for (guint i = 0; i < allowed->count; i++)
                items[i] = allowed->items[i];
        items[allowed->count] = (NookPair){.key.text = source, .value.text = destination};
        allowed->items = items;
        allowed->count++;
}

static void grant_task(NookConfig *config, const NookTask *task) {
        const NookTexts *capabilities = &task->exec.cap_add;

        for (guint i = 0; i < task->unit.count; i++)
                nook_grant_texts(config, &config->exec->allow_directives,
                                 &task->unit.items[i].key.text, 1);
        for (guint i = 0; i < capabilities->count; i++)
                nook_grant_texts(config, &config->exec->allow_caps, &capabilities->items[i].text,
                                 1);
        for (guint i = 0; i < task->chroot_env.count; i++)
                nook_grant_path(config, task->chroot_env.items[i].key.text,
                                task->chroot_env.items[i].value.text);
}

void nook_grant_job(NookConfig *config, const NookJob *job) {
        static const char *const modes[] = {"pid", "ipc"};

        nook_grant_texts(config, &config->exec->allow_host_modes, modes, G_N_ELEMENTS(modes));
        config->raw_exec->enabled.value = true;
        for (guint g = 0; g < job->groups.count; g++) {
                const NookGroup *group = job->groups.items[g];

                for (guint t = 0; t < group->tasks.count; t++)
                        grant_task(config, group->tasks.items[t]);
        }
}
