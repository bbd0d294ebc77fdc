/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "path.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "beneath.h"

/* As the kernel: path_resolution(7). */
enum { LINKS_MAX = 40 };

typedef struct {
        char *destination; /* "/" or "/a/b" */
        NookFd fd;         /* O_PATH of the source; -1: empty as far as is known */
        bool no_exec;
} Mount;

struct NookRoot {
        GArray *mounts;    /* of Mount */
        GHashTable *links; /* path -> text */
};

static void mount_clear(void *data) {
        Mount *mount = data;

        g_free(mount->destination);
        nook_fd_close(mount->fd);
}

NookRoot *nook_root_new(void) {
        NookRoot *root = g_new0(NookRoot, 1);
        Mount base = {.destination = g_strdup("/"), .fd = -1};

        root->mounts = g_array_new(FALSE, FALSE, sizeof(Mount));
        g_array_set_clear_func(root->mounts, mount_clear);
        g_array_append_val(root->mounts, base);
        root->links = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
        return root;
}

void nook_root_free(NookRoot *root) {
        if (root == NULL)
                return;
        g_array_unref(root->mounts);
        g_hash_table_unref(root->links);
        g_free(root);
}

bool nook_path_is_clean(const char *path, const char **ret_reason) {
        g_auto(GStrv) names = NULL;

        *ret_reason = NULL;
        if (*path != '/')
                *ret_reason = "it is not absolute";
        else if (strlen(path) >= PATH_MAX)
                *ret_reason = "it is longer than 4095 bytes";
        else if (g_str_equal(path, "/"))
                return true;
        if (*ret_reason != NULL)
                return false;
        names = g_strsplit(path + 1, "/", -1);
        for (char **name = names; *name != NULL; name++) {
                if (g_str_equal(*name, ".."))
                        *ret_reason = "it has \"..\"";
                else if (**name == '\0' || g_str_equal(*name, "."))
                        *ret_reason = "it has an empty name or \".\"";
                else if (strlen(*name) > NAME_MAX)
                        *ret_reason = "it has a name longer than 255 bytes";
        }
        return *ret_reason == NULL;
}

bool nook_root_add_mount(NookRoot *root, const char *destination, const char *source, bool no_exec,
                         GError **error) {
        Mount mount = {.fd = -1, .no_exec = no_exec};
        const char *reason;

        if (!nook_path_is_clean(destination, &reason))
                return nook_fail(error, NOOK_ERROR_PATH, "destination '%s': %s", destination,
                                 reason);
        if (source != NULL) {
                mount.fd = open(source, O_PATH | O_CLOEXEC);
                if (mount.fd < 0)
                        return nook_fail_errno(error, errno, "source '%s'", source);
        }
        mount.destination = g_strdup(destination);
        g_array_append_val(root->mounts, mount);
        return true;
}

bool nook_root_add_link(NookRoot *root, const char *path, const char *target, GError **error) {
        const char *reason;

        if (!nook_path_is_clean(path, &reason))
                return nook_fail(error, NOOK_ERROR_PATH, "link '%s': %s", path, reason);
        g_hash_table_replace(root->links, g_strdup(path), g_strdup(target));
        return true;
}

/* --- a plan's root --------------------------------------------------------------------------- */

static bool is_of_allocation(NookMountRole role) {
        return role == NOOK_ROLE_ALLOC || role == NOOK_ROLE_LOCAL || role == NOOK_ROLE_SECRETS ||
               role == NOOK_ROLE_TMP;
}

/* "file:line:column: " of a finding's place, or "". */
static char *place_text(NookRange range) {
        NookPos pos;

        if (range.source == NULL)
                return g_strdup("");
        pos = nook_source_pos(range.source, range.start);
        return g_strdup_printf("%s:%u:%u: ", nook_source_name(range.source), pos.line, pos.column);
}

static bool add_planned_mount(NookRoot *root, const NookMount *mount, GError **error) {
        g_autoptr(GError) failed = NULL;
        g_autofree char *place = NULL;

        /* A seal changes nothing about what is there; hidden things and what the manager mounts
         * itself hold nothing to be run. */
        if (mount->kind == NOOK_MOUNT_ROOT || mount->kind == NOOK_MOUNT_SEALED)
                return true;
        if (mount->kind != NOOK_MOUNT_BIND)
                return nook_root_add_mount(root, mount->destination, NULL, true, error);
        if (nook_root_add_mount(root, mount->destination, mount->source, mount->is_no_exec,
                                &failed))
                return true;
        if (g_error_matches(failed, NOOK_ERROR, NOOK_ERROR_NOT_FOUND)) {
                if (is_of_allocation(mount->role))
                        return nook_root_add_mount(root, mount->destination, NULL,
                                                   mount->is_no_exec, error);
                if (mount->is_optional)
                        return true;
        }
        place = place_text(mount->range);
        g_propagate_prefixed_error(error, g_steal_pointer(&failed), "%s", place);
        return false;
}

NookRoot *nook_root_new_for_task(const NookPlanTask *task, GError **error) {
        g_autoptr(NookRoot) root = nook_root_new();

        if (task->is_raw) /* no root of its own: the host's */
                return nook_root_add_mount(root, "/", "/", false, error) ? g_steal_pointer(&root)
                                                                         : NULL;
        if (task->skeleton != NULL) {
                for (char **l = task->skeleton->links; l != NULL && *l != NULL; l += 2) {
                        if (!nook_root_add_link(root, l[0], l[1], error))
                                return NULL;
                }
        }
        for (guint i = 0; i < task->mounts->len; i++) {
                if (!add_planned_mount(root, task->mounts->pdata[i], error))
                        return NULL;
        }
        return g_steal_pointer(&root);
}

/* --- the walk -------------------------------------------------------------------------------- */

void nook_resolved_clear(NookResolved *resolved) {
        g_clear_pointer(&resolved->path, g_free);
        nook_fd_close(nook_fd_steal(&resolved->fd));
        g_clear_pointer(&resolved->directories, g_array_unref);
}

static void fd_clear(void *data) {
        nook_fd_close(*(int *)data);
}

/* The part of path below directory ("" for itself), or NULL. */
static const char *part_below(const char *path, const char *directory) {
        size_t length = strlen(directory);

        if (length == 1)
                return path + 1;
        if (strncmp(path, directory, length) != 0 || (path[length] != '\0' && path[length] != '/'))
                return NULL;
        return path[length] == '/' ? path + length + 1 : path + length;
}

/* The deepest mount that covers a path, the last one among equals; there is always the base. */
static const Mount *covering_mount(const NookRoot *root, const char *path, const char **ret_rest) {
        const Mount *best = NULL;

        for (guint i = 0; i < root->mounts->len; i++) {
                const Mount *mount = &g_array_index(root->mounts, Mount, i);
                const char *rest = part_below(path, mount->destination);

                if (rest == NULL ||
                    (best != NULL && strlen(mount->destination) < strlen(best->destination)))
                        continue;
                best = mount;
                *ret_rest = rest;
        }
        return best;
}

/* Whether something is mounted or linked below a path, so that it is a directory of the skeleton.
 */
static bool is_above_something(const NookRoot *root, const char *path) {
        GHashTableIter iter;
        gpointer link;

        for (guint i = 0; i < root->mounts->len; i++) {
                if (part_below(g_array_index(root->mounts, Mount, i).destination, path) != NULL)
                        return true;
        }
        g_hash_table_iter_init(&iter, root->links);
        while (g_hash_table_iter_next(&iter, &link, NULL)) {
                if (part_below(link, path) != NULL)
                        return true;
        }
        return false;
}

/* One place on the way. */
typedef struct {
        NookFd fd;
        struct stat stat;
        bool no_exec;
        char *link; /* text, when it is a link */
} Place;

static void place_clear(Place *place) {
        nook_fd_close(place->fd);
        g_free(place->link);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Place, place_clear)

/* Looks at a path all of whose parents are known to be directories. Errors: errno values. */
static bool look_at(const NookRoot *root, const char *path, Place *ret) {
        const char *rest = NULL, *text = g_hash_table_lookup(root->links, path);
        const Mount *mount = covering_mount(root, path, &rest);
        char buffer[PATH_MAX];
        ssize_t length;

        ret->no_exec = mount->no_exec;
        ret->stat.st_mode = S_IFDIR | 0755;
        if (mount->fd < 0) {
                ret->link = g_strdup(text);
                if (text != NULL || *rest == '\0' || is_above_something(root, path))
                        return true;
                errno = ENOENT;
                return false;
        }
        ret->fd = nook_beneath_open(mount->fd, rest, O_PATH | O_NOFOLLOW, 0,
                                    RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS);
        if (ret->fd < 0 && errno == ENOTDIR && *rest == '\0') /* a mounted file has no "." */
                ret->fd = fcntl(mount->fd, F_DUPFD_CLOEXEC, 3);
        if (ret->fd < 0)
                return errno == ENOENT && is_above_something(root, path);
        if (fstat(ret->fd, &ret->stat) < 0)
                return false;
        if (!S_ISLNK(ret->stat.st_mode))
                return true;
        length = readlinkat(ret->fd, "", buffer, sizeof(buffer));
        if (length < 0 || (size_t)length == sizeof(buffer)) {
                errno = length < 0 ? errno : ENAMETOOLONG;
                return false;
        }
        ret->link = g_strndup(buffer, (gsize)length);
        return true;
}

/* A walk under way. */
typedef struct {
        const NookRoot *root;
        const char *wanted; /* the path asked for */
        GString *done;      /* "" for the root, else "/a/b": no links in it */
        GQueue *todo;       /* names still to go; owned strings */
        unsigned links;
        bool has_strayed; /* a link that is none of the skeleton's has been followed */
        GArray *directories;
} Walk;

static void walk_clear(Walk *walk) {
        g_string_free(walk->done, TRUE);
        g_queue_free_full(walk->todo, g_free);
        if (walk->directories != NULL)
                g_array_unref(walk->directories);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Walk, walk_clear)

/* Puts a path's names before what is still to go. */
static void push_names(Walk *walk, const char *path) {
        g_auto(GStrv) names = g_strsplit(path, "/", -1);

        for (guint i = g_strv_length(names); i > 0; i--) {
                if (*names[i - 1] != '\0' && !g_str_equal(names[i - 1], "."))
                        g_queue_push_head(walk->todo, g_strdup(names[i - 1]));
        }
}

static void go_up(Walk *walk) {
        const char *slash = strrchr(walk->done->str, '/');

        g_string_truncate(walk->done, slash != NULL ? (gsize)(slash - walk->done->str) : 0);
}

/* The entry that would bring a path: what lies directly in the root as a whole, unless that is a
 * directory that nobody would want to hand over as a whole; then the file's own directory. */
static char *suggest_entry(const char *path) {
        static const char *const wide[] = {"home", "mnt", "opt", "root", "run", "srv", "var", NULL};
        const char *slash = strchr(path + 1, '/');
        g_autofree char *top =
                slash != NULL ? g_strndup(path + 1, (gsize)(slash - path - 1)) : g_strdup(path + 1);

        if (g_strv_contains(wide, top))
                return g_path_get_dirname(path);
        return g_strconcat("/", top, NULL);
}

static bool fail_missing(const Walk *walk, const char *missing, GError **error) {
        g_autofree char *shown = nook_printable(missing, -1);
        g_autofree char *wanted = nook_printable(walk->wanted, -1);
        g_autoptr(GString) full = g_string_new(missing);
        g_autofree char *entry = NULL, *by_link = NULL, *hint = NULL;
        const char *rest = NULL;

        for (GList *l = walk->todo->head; l != NULL; l = l->next)
                g_string_append_printf(full, "/%s", (const char *)l->data);
        entry = suggest_entry(full->str);
        if (walk->has_strayed)
                by_link = g_strdup_printf(" ('%s' leads there by a link)", wanted);
        /* Only where nothing of the host is mounted can an entry help. */
        if (covering_mount(walk->root, missing, &rest)->fd < 0 && access(full->str, F_OK) == 0)
                hint = g_strdup_printf("; the host has it: add \"%s\" = \"%s\" to chroot_env",
                                       entry, entry);
        return nook_fail(error, NOOK_ERROR_NOT_FOUND, "'%s' is not in the task's root%s%s",
                         walk->has_strayed ? full->str : shown, by_link != NULL ? by_link : "",
                         hint != NULL ? hint : "");
}

/* Goes one name further. */
static bool step(Walk *walk, const char *name, GError **error) {
        g_auto(Place) place = {.fd = -1};
        g_autofree char *path = NULL;

        if (g_str_equal(name, "..")) {
                go_up(walk);
                return true;
        }
        path = g_strdup_printf("%s/%s", walk->done->str, name);
        if (!look_at(walk->root, path, &place)) {
                if (errno == ENOENT)
                        return fail_missing(walk, path, error);
                return nook_fail_errno(error, errno, "'%s' in the task's root", path);
        }
        if (place.link != NULL) {
                if (++walk->links > LINKS_MAX)
                        return nook_fail(error, NOOK_ERROR_PATH,
                                         "'%s' leads through more than %d links", walk->wanted,
                                         LINKS_MAX);
                walk->has_strayed = walk->has_strayed || place.fd >= 0;
                if (*place.link == '/')
                        g_string_truncate(walk->done, 0);
                push_names(walk, place.link);
                return true;
        }
        if (!S_ISDIR(place.stat.st_mode) && !g_queue_is_empty(walk->todo))
                return nook_fail(error, NOOK_ERROR_PATH, "'%s' in the task's root is no directory",
                                 path);
        if (S_ISDIR(place.stat.st_mode) && place.fd >= 0) {
                int fd = nook_fd_steal(&place.fd);

                g_array_append_val(walk->directories, fd);
        }
        g_string_assign(walk->done, path);
        return true;
}

bool nook_root_resolve(const NookRoot *root, const char *path, NookResolved *ret, GError **error) {
        g_auto(Walk) walk = {.root = root,
                             .wanted = path,
                             .done = g_string_new(NULL),
                             .todo = g_queue_new(),
                             .directories = g_array_new(FALSE, FALSE, sizeof(int))};
        g_auto(Place) place = {.fd = -1};

        g_array_set_clear_func(walk.directories, fd_clear);
        if (*path != '/' || strlen(path) >= PATH_MAX)
                return nook_fail(error, NOOK_ERROR_PATH,
                                 "'%s' is not absolute or is longer than 4095 bytes", path);
        push_names(&walk, path);
        while (!g_queue_is_empty(walk.todo)) {
                g_autofree char *name = g_queue_pop_head(walk.todo);

                if (!step(&walk, name, error))
                        return false;
        }
        if (walk.done->len == 0)
                g_string_assign(walk.done, "/");
        if (!look_at(root, walk.done->str, &place))
                return nook_fail_errno(error, errno, "'%s' in the task's root", walk.done->str);
        *ret = (NookResolved){.path = g_strdup(walk.done->str),
                              .fd = nook_fd_steal(&place.fd),
                              .stat = place.stat,
                              .no_exec = place.no_exec,
                              .directories = g_steal_pointer(&walk.directories)};
        return true;
}
