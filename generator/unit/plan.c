/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "unit/plan.h"

#include <string.h>

#include "unit/build.h"

void nook_plan_mount_free(gpointer data) {
        NookMount *mount = data;

        g_free(mount->destination);
        g_free(mount->source);
        g_free(mount->sent_source);
        g_free(mount->wanted);
        g_free(mount->options);
        g_free(mount);
}

void nook_plan_link_free(gpointer data) {
        NookPlanLink *link = data;

        g_free(link->path);
        g_free(link->target);
        g_free(link);
}

void nook_plan_directory_free(gpointer data) {
        NookPlanDirectory *directory = data;

        g_free(directory->path);
        g_free(directory);
}

void nook_plan_left_out_free(gpointer data) {
        NookLeftOut *left_out = data;

        g_free(left_out->what);
        g_free(left_out->why);
        g_free(left_out);
}

void nook_plan_artifact_free(gpointer data) {
        NookPlanArtifact *artifact = data;

        g_free(artifact->source);
        g_strfreev(artifact->options);
        g_strfreev(artifact->headers);
        g_free(artifact->perms);
        g_free(artifact->owner);
        g_free(artifact->destination);
        g_free(artifact->base);
        g_free(artifact->path);
        g_free(artifact);
}

static void user_free(NookPlanUser *user) {
        if (user == NULL)
                return;
        g_free(user->name);
        g_free(user->groups);
        g_free(user->home);
        g_free(user->shell);
        g_free(user);
}

void nook_plan_task_free(gpointer data) {
        NookPlanTask *task = data;

        nook_unit_free(task->unit);
        nook_unit_free(task->exec);
        g_ptr_array_unref(task->auxiliary);
        g_ptr_array_unref(task->mounts);
        g_ptr_array_unref(task->links);
        g_ptr_array_unref(task->directories);
        g_ptr_array_unref(task->artifacts);
        user_free(task->user);
        nook_skeleton_free(task->skeleton);
        g_strfreev(task->argv);
        g_strfreev(task->lookup);
        g_strfreev(task->env);
        g_free(task->name);
        g_free(task->argv_program);
        g_free(task->command);
        g_free(task->work_dir);
        g_free(task->env_file);
        g_free(task->stage_dir);
        g_free(task->secrets_dir);
        g_free(task);
}

void nook_plan_alloc_free(gpointer data) {
        NookPlanAlloc *alloc = data;

        g_ptr_array_unref(alloc->tasks);
        g_ptr_array_unref(alloc->directories);
        g_free(alloc->id);
        g_free(alloc->name);
        g_free(alloc->slice);
        g_free(alloc->user_name);
        g_free(alloc->dir);
        g_free(alloc);
}

void nook_plan_free(NookPlan *plan) {
        if (plan == NULL)
                return;
        g_ptr_array_unref(plan->allocs);
        g_ptr_array_unref(plan->left_out);
        g_ptr_array_unref(plan->notes);
        g_free(plan);
}

const NookMount *nook_plan_mount_of(const NookPlanTask *task, const char *path,
                                    const char **ret_rest) {
        const NookMount *found = NULL;
        size_t found_size = 0;

        for (guint i = 0; i < task->mounts->len; i++) {
                const NookMount *mount = g_ptr_array_index(task->mounts, i);
                size_t size = g_str_equal(mount->destination, "/") ? 0 : strlen(mount->destination);

                /* What is sealed or hidden is no mount of anything. */
                if (mount->kind == NOOK_MOUNT_SEALED || mount->kind == NOOK_MOUNT_HIDDEN)
                        continue;
                if (strncmp(path, mount->destination, size) != 0)
                        continue;
                if (path[size] != '/' && path[size] != '\0')
                        continue;
                if (found != NULL && size < found_size)
                        continue;
                found = mount;
                found_size = size;
        }
        if (found != NULL && ret_rest != NULL) {
                *ret_rest = path + found_size;
                while (**ret_rest == '/')
                        (*ret_rest)++;
        }
        return found;
}

void nook_plan_task_default_env(NookPlanTask *task, const char *entry) {
        gsize size = strcspn(entry, "=") + 1;
        guint n = task->env != NULL ? g_strv_length(task->env) : 0;

        for (guint i = 0; i < n; i++)
                if (strncmp(task->env[i], entry, size) == 0)
                        return;
        task->env = g_renew(char *, task->env, n + 2);
        task->env[n] = g_strdup(entry);
        task->env[n + 1] = NULL;
}
