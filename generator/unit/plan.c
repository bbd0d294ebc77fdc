/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "unit/plan.h"

#include <string.h>

const NookMount *nook_plan_mount_of(const NookPlanTask *task, const char *path,
                                    const char **ret_rest) {
        const NookMount *found = NULL;
        size_t found_size = 0;

        for (guint i = 0; i < task->mounts->len; i++) {
                const NookMount *mount = g_ptr_array_index(task->mounts, i);
                size_t size = g_str_equal(mount->destination, "/") ? 0 : strlen(mount->destination);

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
