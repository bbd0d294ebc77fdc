/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "hcl/functions-path.h"

#include <string.h>

char *hcl_path_clean(const char *path) {
        g_auto(GStrv) parts = g_strsplit(path, "/", -1);
        g_autoptr(GPtrArray) kept = g_ptr_array_new();
        bool absolute = path[0] == '/';
        g_autofree char *joined = NULL;

        for (size_t i = 0; parts[i] != NULL; i++) {
                if (parts[i][0] == '\0' || strcmp(parts[i], ".") == 0)
                        continue;
                if (strcmp(parts[i], "..") != 0)
                        g_ptr_array_add(kept, parts[i]);
                else if (kept->len > 0 && strcmp(kept->pdata[kept->len - 1], "..") != 0)
                        g_ptr_array_set_size(kept, (gint)kept->len - 1);
                else if (!absolute)
                        g_ptr_array_add(kept, parts[i]);
        }
        g_ptr_array_add(kept, NULL);
        joined = g_strjoinv("/", (char **)kept->pdata);
        if (absolute)
                return g_strconcat("/", joined, NULL);
        return joined[0] == '\0' ? g_strdup(".") : g_steal_pointer(&joined);
}

char *hcl_path_join(const char *base, const char *path) {
        g_autofree char *joined = NULL;

        if (path[0] == '/')
                return hcl_path_clean(path);
        joined = g_strconcat(base, "/", path, NULL);
        return hcl_path_clean(joined);
}

const char *hcl_path_below(const char *base, const char *path) {
        size_t size = strlen(base);

        if (strcmp(base, path) == 0)
                return ".";
        if (strcmp(base, "/") == 0)
                return path + 1;
        if (strcmp(base, ".") == 0)
                return path[0] == '/' || strcmp(path, "..") == 0 || g_str_has_prefix(path, "../")
                               ? NULL
                               : path;
        return strncmp(base, path, size) == 0 && path[size] == '/' ? path + size + 1 : NULL;
}
