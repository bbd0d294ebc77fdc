/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "files-host.h"

#include <grp.h>
#include <limits.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

G_DEFINE_AUTOPTR_CLEANUP_FUNC(FILE, fclose)

static NookPathKind kind_of_mode(mode_t mode) {
        if (S_ISREG(mode))
                return NOOK_PATH_FILE;
        if (S_ISDIR(mode))
                return NOOK_PATH_DIR;
        return S_ISLNK(mode) ? NOOK_PATH_LINK : NOOK_PATH_OTHER;
}

/* The path as it is without the root in front; NULL for one that has left it. */
static char *below_root(const char *path, const char *root) {
        g_autofree char *whole = realpath(*root != '\0' ? root : "/", NULL);
        size_t size = whole != NULL && !g_str_equal(whole, "/") ? strlen(whole) : 0;

        if (path == NULL || whole == NULL || strncmp(path, whole, size) != 0)
                return NULL;
        return g_strdup(path + size);
}

static void probe_path(NookHost *host, const char *path, void *data) {
        const char *root = data;
        g_autofree char *full = g_strconcat(root, path, NULL);
        g_autofree char *resolved = NULL, *inside = NULL;
        char target[PATH_MAX] = "";
        NookPathKind resolved_kind = NOOK_PATH_MISSING;
        struct stat st;
        ssize_t size;
        NookPathKind kind;

        if (lstat(full, &st) < 0) {
                nook_host_add_path(host, path, NOOK_PATH_MISSING, NULL, NULL, NOOK_PATH_MISSING);
                return;
        }
        kind = kind_of_mode(st.st_mode);
        size = kind == NOOK_PATH_LINK ? readlink(full, target, sizeof target - 1) : -1;
        if (size >= 0)
                target[size] = '\0';
        resolved = realpath(full, NULL); /* malloc() is g_malloc() since GLib 2.46 */
        if (resolved != NULL && stat(resolved, &st) == 0)
                resolved_kind = kind_of_mode(st.st_mode);
        inside = below_root(resolved, root);
        nook_host_add_path(host, path, kind, size >= 0 ? target : NULL, inside, resolved_kind);
}

/* Groups that have the user among their members. */
static GArray *groups_of(const char *root, const char *user, gid_t primary) {
        g_autofree char *path = g_strconcat(root, "/etc/group", NULL);
        g_autoptr(FILE) file = fopen(path, "re");
        GArray *groups = g_array_new(FALSE, FALSE, sizeof(gid_t));
        const struct group *entry;

        while (file != NULL && (entry = fgetgrent(file)) != NULL)
                if (entry->gr_gid != primary &&
                    g_strv_contains((const char *const *)entry->gr_mem, user))
                        g_array_append_val(groups, entry->gr_gid);
        return groups;
}

static void probe_user(NookHost *host, const char *name, void *data) {
        const char *root = data;
        g_autofree char *path = g_strconcat(root, "/etc/passwd", NULL);
        g_autoptr(FILE) file = fopen(path, "re");
        const struct passwd *entry;

        while (file != NULL && (entry = fgetpwent(file)) != NULL) {
                g_autoptr(GArray) groups = NULL;

                if (!g_str_equal(entry->pw_name, name))
                        continue;
                groups = groups_of(root, name, entry->pw_gid);
                nook_host_add_user(host, name, entry->pw_uid, entry->pw_gid, entry->pw_dir,
                                   entry->pw_shell, (const gid_t *)(gpointer)groups->data,
                                   groups->len);
                return;
        }
        nook_host_add_missing_user(host, name);
}

NookHost *nook_files_host_new(const char *root) {
        NookHost *host = nook_host_new();

        host->is_system = true;
        host->probe_path = probe_path;
        host->probe_user = probe_user;
        host->probe_data = (void *)(guintptr)root;
        return host;
}
