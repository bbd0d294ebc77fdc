/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "unit/plan.h"

#include <string.h>

char *nook_argv_code_word(const char *word) {
        GString *coded = g_string_sized_new(strlen(word));

        for (const char *c = word; *c != '\0'; c++)
                if (g_ascii_isalnum(*c) || strchr("_./:,@+-", *c) != NULL)
                        g_string_append_c(coded, *c);
                else
                        g_string_append_printf(coded, "=%02X", (unsigned char)*c);
        return g_string_free(coded, FALSE);
}

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
