/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "unit/build.h"

/* The specification of a skeleton. Equal specifications have equal hashes, whatever the order in
 * which they were put together, so that tasks share the directory. */

struct NookSkeletonSpec {
        GTree *entries; /* path to entry, sorted: parents come before children */
};

/* 'd', 'f', or 'l' and the link's text. */
static char *entry_new(char kind, const char *text) {
        return g_strdup_printf("%c%s", kind, text);
}

static gint compare_paths(gconstpointer a, gconstpointer b, gpointer data) {
        return strcmp(a, b);
}

NookSkeletonSpec *nook_skeleton_spec_new(void) {
        NookSkeletonSpec *spec = g_new0(NookSkeletonSpec, 1);

        spec->entries = g_tree_new_full(compare_paths, NULL, g_free, g_free);
        return spec;
}

void nook_skeleton_spec_free(NookSkeletonSpec *spec) {
        if (spec == NULL)
                return;
        g_tree_unref(spec->entries);
        g_free(spec);
}

static bool add(NookSkeletonSpec *spec, const char *path, char kind, const char *text) {
        g_autofree char *wanted = entry_new(kind, text);
        const char *found = g_tree_lookup(spec->entries, path);
        const char *slash = strrchr(path, '/');

        if (g_str_equal(path, "/"))
                return kind == 'd';
        if (found != NULL)
                return g_str_equal(found, wanted);
        if (slash > path) {
                g_autofree char *parent = g_strndup(path, (gsize)(slash - path));

                if (!add(spec, parent, 'd', ""))
                        return false;
        }
        g_tree_insert(spec->entries, g_strdup(path), g_steal_pointer(&wanted));
        return true;
}

bool nook_skeleton_spec_add_directory(NookSkeletonSpec *spec, const char *path) {
        return add(spec, path, 'd', "");
}

bool nook_skeleton_spec_add_file(NookSkeletonSpec *spec, const char *path) {
        return add(spec, path, 'f', "");
}

bool nook_skeleton_spec_add_link(NookSkeletonSpec *spec, const char *path, const char *target) {
        return add(spec, path, 'l', target);
}

typedef struct {
        GPtrArray *directories;
        GPtrArray *files;
        GPtrArray *links;
        GChecksum *checksum;
} Finish;

static gboolean finish_entry(gpointer key, gpointer value, gpointer data) {
        const char *path = key, *entry = value;
        Finish *finish = data;

        switch (*entry) {
        case 'd':
                g_ptr_array_add(finish->directories, g_strdup(path));
                break;
        case 'f':
                g_ptr_array_add(finish->files, g_strdup(path));
                break;
        default:
                g_ptr_array_add(finish->links, g_strdup(path));
                g_ptr_array_add(finish->links, g_strdup(entry + 1));
        }
        /* With their final NUL bytes, so that no two lists read the same. */
        g_checksum_update(finish->checksum, (const guchar *)path, (gssize)strlen(path) + 1);
        g_checksum_update(finish->checksum, (const guchar *)entry, (gssize)strlen(entry) + 1);
        return FALSE;
}

static char **finish_list(GPtrArray *list) {
        g_ptr_array_add(list, NULL);
        return (char **)g_ptr_array_free(list, FALSE);
}

NookSkeleton *nook_skeleton_spec_finish(const NookSkeletonSpec *spec, const char *run_dir) {
        NookSkeleton *skeleton = g_new0(NookSkeleton, 1);
        g_autoptr(GChecksum) checksum = g_checksum_new(G_CHECKSUM_SHA256);
        Finish finish = {g_ptr_array_new(), g_ptr_array_new(), g_ptr_array_new(), checksum};

        g_tree_foreach(spec->entries, finish_entry, &finish);
        skeleton->directories = finish_list(finish.directories);
        skeleton->files = finish_list(finish.files);
        skeleton->links = finish_list(finish.links);
        skeleton->hash = g_strndup(g_checksum_get_string(checksum), 32);
        skeleton->path = g_strdup_printf("%s/root/%s", run_dir, skeleton->hash);
        return skeleton;
}

void nook_skeleton_free(NookSkeleton *skeleton) {
        if (skeleton == NULL)
                return;
        g_strfreev(skeleton->directories);
        g_strfreev(skeleton->files);
        g_strfreev(skeleton->links);
        g_free(skeleton->hash);
        g_free(skeleton->path);
        g_free(skeleton);
}
