/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a plan says of an allocation's files, made: see alloc.h. */
#include "alloc.h"

static bool make_planned(NookAlloc *alloc, const GPtrArray *directories, GError **error) {
        for (guint i = 0; i < directories->len; i++) {
                const NookPlanDirectory *d = directories->pdata[i];
                bool is_own = d->owner == NOOK_OWNER_ROOT;

                /* The allocation's own directory is there already: it carries the lock. */
                if (g_str_equal(d->path, nook_alloc_path(alloc)))
                        continue;
                if (!nook_alloc_add_directory(alloc, d->path, d->mode, is_own ? (uid_t)-1 : d->uid,
                                              is_own ? (gid_t)-1 : d->gid, error))
                        return false;
        }
        return true;
}

bool nook_alloc_make(NookAlloc *alloc, const NookPlanAlloc *plan, GError **error) {
        if (!make_planned(alloc, plan->directories, error))
                return false;
        for (guint i = 0; i < plan->tasks->len; i++) {
                const NookPlanTask *task = plan->tasks->pdata[i];
                g_autofree char *env = NULL;

                if (!make_planned(alloc, task->directories, error))
                        return false;
                for (guint k = 0; k < task->links->len; k++) {
                        const NookPlanLink *link = task->links->pdata[k];

                        if (!nook_alloc_add_link(alloc, link->path, link->target, error))
                                return false;
                }
                if (task->env_file == NULL)
                        continue;
                env = nook_plan_env_file_text(task);
                if (!nook_alloc_write_env(alloc, task->env_file, env, error))
                        return false;
        }
        return true;
}
