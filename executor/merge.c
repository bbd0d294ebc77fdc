/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "merge.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/fd.h"
#include "beneath.h"

G_DEFINE_AUTOPTR_CLEANUP_FUNC(DIR, closedir)

struct NookMerge {
        NookStageLimits limits;
        GHashTable *brought; /* "ROOT\nPATH" -> label: what was moved, by its topmost name */
        GHashTable *roots;   /* set of destinations' roots */
};

NookMerge *nook_merge_new(const NookStageLimits *limits) {
        NookMerge *merge = g_new0(NookMerge, 1);

        merge->limits = *limits;
        merge->brought = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
        merge->roots = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
        return merge;
}

void nook_merge_free(NookMerge *merge) {
        if (merge == NULL)
                return;
        g_hash_table_unref(merge->brought);
        g_hash_table_unref(merge->roots);
        g_free(merge);
}

/* One move under way. */
typedef struct {
        NookMerge *merge;
        const NookStageArtifact *artifact;
        const char *label;
        int root_fd; /* of the staged tree: what its links may not leave */
        uint64_t entries;
} Move;

/* --- directories ----------------------------------------------------------------------------- */

static DIR *open_listing(int fd) {
        int own_fd = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        DIR *dir = own_fd >= 0 ? fdopendir(own_fd) : NULL;

        if (dir == NULL)
                nook_fd_close(own_fd);
        return dir;
}

static int compare_names(const void *a, const void *b) {
        return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The names in a directory, sorted, so that messages do not depend on the file system. NULL on
 * failure, with errno. */
static GPtrArray *list_names(int fd) {
        g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
        g_autoptr(DIR) dir = open_listing(fd);
        struct dirent *entry;

        if (dir == NULL)
                return NULL;
        while ((entry = readdir(dir)) != NULL) {
                if (!g_str_equal(entry->d_name, ".") && !g_str_equal(entry->d_name, ".."))
                        g_ptr_array_add(names, g_strdup(entry->d_name));
        }
        g_ptr_array_sort(names, compare_names);
        return g_steal_pointer(&names);
}

static int open_directory(int fd, const char *path) {
        return nook_beneath_open(fd, path, O_RDONLY | O_DIRECTORY, 0, NOOK_BENEATH_STRICT);
}

static char *join(const char *path, const char *name) {
        return *path == '\0' ? g_strdup(name) : g_strconcat(path, "/", name, NULL);
}

/* --- owner and mode -------------------------------------------------------------------------- */

/* The mode of a staged entry. Nothing but rwx bits survives. With a dynamic user nobody knows the
 * owner yet, so that what the owner may do is what all may: the directories above are 0700. */
static mode_t final_mode(const NookStageArtifact *artifact, const struct stat *st) {
        mode_t mode = st->st_mode & 0777;

        if (artifact->perms != 0) {
                mode = artifact->perms & 0777;
                if (S_ISDIR(st->st_mode))
                        mode |= 0700 | (mode & 0444) >> 2;
        }
        if (artifact->owner.is_dynamic)
                mode = (mode & 0700) | (mode & 0700) >> 3 | (mode & 0700) >> 6;
        return mode;
}

static bool needs_chown(const NookStageArtifact *artifact) {
        /* Who is not root owns everything anyway. */
        return geteuid() == 0 || (!artifact->owner.is_dynamic && artifact->owner.uid != geteuid());
}

static bool set_owner(const NookStageArtifact *artifact, int fd) {
        uid_t uid = artifact->owner.is_dynamic ? 0 : artifact->owner.uid;
        gid_t gid = artifact->owner.is_dynamic ? 0 : artifact->owner.gid;

        return !needs_chown(artifact) || fchown(fd, uid, gid) == 0;
}

static bool set_link_owner(const NookStageArtifact *artifact, int dir_fd, const char *name) {
        uid_t uid = artifact->owner.is_dynamic ? 0 : artifact->owner.uid;
        gid_t gid = artifact->owner.is_dynamic ? 0 : artifact->owner.gid;

        return !needs_chown(artifact) || fchownat(dir_fd, name, uid, gid, AT_SYMLINK_NOFOLLOW) == 0;
}

/* --- looking at a staged tree again ----------------------------------------------------------- */

static bool fail_entry(const Move *move, const char *path, const char *why, GError **error) {
        g_autofree char *shown = nook_printable(path, -1);

        return nook_fail(error, NOOK_ERROR_UNPACK, "%s: entry '%s' %s", move->label, shown, why);
}

/* Whether a link, once more by the kernel and with all links on its way there, stays beneath a
 * directory. One that leads nowhere is fine. */
static bool link_stays_beneath(int root_fd, const char *path) {
        g_auto(NookFd) fd = nook_beneath_open(root_fd, path, O_PATH, 0,
                                              RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS);

        return fd >= 0 || errno == ENOENT || errno == ENOTDIR || errno == EACCES;
}

static bool prepare_directory(Move *move, int fd, const char *path, unsigned depth, GError **error);

static bool prepare_entry(Move *move, int dir_fd, const char *name, const char *path,
                          unsigned depth, GError **error) {
        const NookStageLimits *limits = &move->merge->limits;
        g_auto(NookFd) fd = -1;
        struct stat st;

        if (limits->unpack_max_entries != 0 && ++move->entries > limits->unpack_max_entries)
                return nook_fail(error, NOOK_ERROR_LIMIT,
                                 "%s: there are more than %" G_GUINT64_FORMAT " entries",
                                 move->label, limits->unpack_max_entries);
        if (fstatat(dir_fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
                return nook_fail_errno(error, errno, "%s: look at '%s'", move->label, path);
        if (S_ISLNK(st.st_mode))
                return (link_stays_beneath(move->root_fd, path) ||
                        fail_entry(move, path, "is a link that leads out", error)) &&
                       (set_link_owner(move->artifact, dir_fd, name) ||
                        nook_fail_errno(error, errno, "%s: give '%s' its owner", move->label,
                                        path));
        if (!S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode))
                return fail_entry(move, path, "is neither file nor directory nor link", error);
        fd = nook_beneath_open(dir_fd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK, 0,
                               NOOK_BENEATH_STRICT);
        if (fd < 0)
                return nook_fail_errno(error, errno, "%s: open '%s'", move->label, path);
        if (S_ISDIR(st.st_mode) && !prepare_directory(move, fd, path, depth + 1, error))
                return false;
        return (set_owner(move->artifact, fd) &&
                fchmod(fd, final_mode(move->artifact, &st)) == 0) ||
               nook_fail_errno(error, errno, "%s: give '%s' its owner and mode", move->label, path);
}

static bool prepare_directory(Move *move, int fd, const char *path, unsigned depth,
                              GError **error) {
        g_autoptr(GPtrArray) names = NULL;

        if (move->merge->limits.max_depth != 0 && depth > move->merge->limits.max_depth)
                return nook_fail(error, NOOK_ERROR_LIMIT, "%s: it is more than %u directories deep",
                                 move->label, move->merge->limits.max_depth);
        names = list_names(fd);
        if (names == NULL)
                return nook_fail_errno(error, errno, "%s: read '%s'", move->label, path);
        for (guint i = 0; i < names->len; i++) {
                g_autofree char *entry = join(path, names->pdata[i]);

                if (!prepare_entry(move, fd, names->pdata[i], entry, depth, error))
                        return false;
        }
        return true;
}

/* --- the part that is wanted ------------------------------------------------------------------ */

/* Collects the paths that match a pattern, name by name; a link is never looked through. */
static void match_names(int fd, const char *path, char **pattern, GPtrArray *matches) {
        g_autoptr(GPtrArray) names = NULL;

        if (*pattern == NULL) {
                g_ptr_array_add(matches, g_strdup(path));
                return;
        }
        if (**pattern == '\0' || g_str_equal(*pattern, ".")) {
                match_names(fd, path, pattern + 1, matches);
                return;
        }
        names = list_names(fd);
        for (guint i = 0; names != NULL && i < names->len; i++) {
                g_autofree char *entry = join(path, names->pdata[i]);
                g_auto(NookFd) next_fd = -1;

                if (fnmatch(*pattern, names->pdata[i], FNM_PERIOD) != 0)
                        continue;
                next_fd = open_directory(fd, names->pdata[i]);
                if (next_fd >= 0)
                        match_names(next_fd, entry, pattern + 1, matches);
        }
}

static bool open_part(int tree_fd, const char *subdirectory, const char *label, int *ret_fd,
                      GError **error) {
        g_autoptr(GPtrArray) matches = g_ptr_array_new_with_free_func(g_free);
        g_auto(GStrv) pattern = NULL;
        const char *path = "";

        if (subdirectory != NULL) {
                pattern = g_strsplit(subdirectory, "/", -1);
                match_names(tree_fd, "", pattern, matches);
                if (matches->len != 1)
                        return nook_fail(error, NOOK_ERROR_UNPACK,
                                         "%s: subdirectory '%s' matches %u directories of the "
                                         "archive; it must match one",
                                         label, subdirectory, matches->len);
                path = matches->pdata[0];
        }
        *ret_fd = open_directory(tree_fd, path);
        return *ret_fd >= 0 || nook_fail_errno(error, errno, "%s: open '%s'", label, path);
}

/* --- moving ---------------------------------------------------------------------------------- */

static char *brought_key(const NookStageArtifact *artifact, const char *path) {
        return g_strdup_printf("%s\n%s", artifact->root, path);
}

/* Who has brought a path or a directory above it; NULL when nobody here has. */
static const char *who_brought(const Move *move, const char *path) {
        g_autofree char *at = g_strdup(path);

        for (;;) {
                g_autofree char *key = brought_key(move->artifact, at);
                const char *label = g_hash_table_lookup(move->merge->brought, key);
                char *slash = strrchr(at, '/');

                if (label != NULL || slash == NULL)
                        return label;
                *slash = '\0';
        }
}

static bool fail_conflict(const Move *move, const char *path, GError **error) {
        const char *other = who_brought(move, path);
        g_autofree char *shown = nook_printable(path, -1);

        if (other == NULL)
                return nook_fail(error, NOOK_ERROR_EXISTS,
                                 "%s: '%s' is already in the destination '%s'", move->label, shown,
                                 move->artifact->display);
        return nook_fail(error, NOOK_ERROR_EXISTS, "%s: '%s' has already been brought by %s",
                         move->label, shown, other);
}

static bool move_names(Move *move, int from_fd, int to_fd, const char *path, GError **error);

/* Moves one entry. One that is there already is only met where both are directories. */
static bool move_entry(Move *move, int from_fd, const char *name, int to_fd, const char *to_name,
                       const char *path, GError **error) {
        g_auto(NookFd) from_sub_fd = -1, to_sub_fd = -1;

        if (renameat2(from_fd, name, to_fd, to_name, RENAME_NOREPLACE) == 0) {
                g_hash_table_replace(move->merge->brought, brought_key(move->artifact, path),
                                     g_strdup(move->label));
                return true;
        }
        if (errno != EEXIST)
                return nook_fail_errno(error, errno, "%s: move '%s' to its destination",
                                       move->label, path);
        from_sub_fd = open_directory(from_fd, name);
        to_sub_fd = open_directory(to_fd, to_name);
        if (from_sub_fd < 0 || to_sub_fd < 0)
                return fail_conflict(move, path, error);
        return move_names(move, from_sub_fd, to_sub_fd, path, error);
}

static bool move_names(Move *move, int from_fd, int to_fd, const char *path, GError **error) {
        g_autoptr(GPtrArray) names = list_names(from_fd);

        if (names == NULL)
                return nook_fail_errno(error, errno, "%s: read '%s'", move->label, path);
        for (guint i = 0; i < names->len; i++) {
                g_autofree char *entry = join(path, names->pdata[i]);

                if (!move_entry(move, from_fd, names->pdata[i], to_fd, names->pdata[i], entry,
                                error))
                        return false;
        }
        return true;
}

/* Opens the directory things go to. What is missing of it is made, and belongs to the task. */
static bool open_destination(const Move *move, const char *path, int *ret_fd, GError **error) {
        const NookStageArtifact *artifact = move->artifact;
        g_auto(GStrv) names = g_strsplit(path, "/", -1);
        g_auto(NookFd) fd = open(artifact->root, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

        for (char **name = names; fd >= 0 && *name != NULL; name++) {
                g_auto(NookFd) next_fd = -1;
                unsigned made = 0;

                if (**name == '\0' || g_str_equal(*name, "."))
                        continue;
                next_fd = nook_beneath_make_directories(
                        fd, *name, artifact->owner.is_dynamic ? 0777 : 0755, &made);
                if (next_fd >= 0 && made > 0 && !set_owner(artifact, next_fd))
                        nook_fd_close(nook_fd_steal(&next_fd));
                nook_fd_close(fd);
                fd = nook_fd_steal(&next_fd);
        }
        if (fd >= 0) {
                *ret_fd = nook_fd_steal(&fd);
                return true;
        }
        if (errno == ELOOP || errno == EXDEV || errno == ENOTDIR)
                return nook_fail(error, NOOK_ERROR_PATH,
                                 "%s: destination '%s' leads through something that is no "
                                 "directory of the task",
                                 move->label, artifact->display);
        return nook_fail_errno(error, errno, "%s: open the destination '%s'", move->label,
                               artifact->display);
}

/* Moves the only file of a tree: into the destination, or to it. */
static bool move_file(Move *move, int from_fd, GError **error) {
        const NookStageArtifact *artifact = move->artifact;
        bool is_path = artifact->mode == NOOK_STAGE_FILE && artifact->names_file;
        g_autoptr(GPtrArray) names = list_names(from_fd);
        g_autofree char *directory = NULL, *name = NULL, *path = NULL;
        g_auto(NookFd) to_fd = -1;
        struct stat st;

        if (names == NULL || names->len != 1 ||
            fstatat(from_fd, names->pdata[0], &st, AT_SYMLINK_NOFOLLOW) < 0 || !S_ISREG(st.st_mode))
                return nook_fail(error, NOOK_ERROR_UNPACK,
                                 "%s: mode is \"file\", but it is not exactly one file",
                                 move->label);
        directory = is_path ? g_path_get_dirname(artifact->destination)
                            : g_strdup(artifact->destination);
        name = is_path ? g_path_get_basename(artifact->destination) : g_strdup(names->pdata[0]);
        if (is_path && (*artifact->destination == '\0' || g_str_equal(name, ".")))
                return nook_fail(error, NOOK_ERROR_PATH,
                                 "%s: mode is \"file\", so the destination '%s' must name a file",
                                 move->label, artifact->display);
        path = join(g_str_equal(directory, ".") ? "" : directory, name);
        return open_destination(move, directory, &to_fd, error) &&
               move_entry(move, from_fd, names->pdata[0], to_fd, name, path, error);
}

bool nook_merge_tree(NookMerge *merge, int tree_fd, const NookStageArtifact *artifact,
                     const char *subdirectory, bool is_file, const char *label, GError **error) {
        Move move = {.merge = merge, .artifact = artifact, .label = label};
        g_auto(NookFd) from_fd = -1, to_fd = -1;

        g_hash_table_add(merge->roots, g_strdup(artifact->root));
        if (!open_part(tree_fd, subdirectory, label, &from_fd, error))
                return false;
        move.root_fd = from_fd;
        if (!prepare_directory(&move, from_fd, "", 0, error))
                return false;
        if (is_file || artifact->mode == NOOK_STAGE_FILE)
                return move_file(&move, from_fd, error);
        return open_destination(&move, artifact->destination, &to_fd, error) &&
               move_names(&move, from_fd, to_fd,
                          g_str_equal(artifact->destination, ".") ? "" : artifact->destination,
                          error);
}

/* --- the last look --------------------------------------------------------------------------- */

static bool check_links(int root_fd, int fd, const char *path, GError **error) {
        g_autoptr(DIR) dir = open_listing(fd);
        struct dirent *entry;

        if (dir == NULL)
                return nook_fail_errno(error, errno, "look at '%s' again", path);
        while ((entry = readdir(dir)) != NULL) {
                g_autofree char *entry_path = NULL, *shown = NULL;
                g_auto(NookFd) sub_fd = -1;
                struct stat st;

                if (g_str_equal(entry->d_name, ".") || g_str_equal(entry->d_name, ".."))
                        continue;
                entry_path = join(path, entry->d_name);
                shown = nook_printable(entry_path, -1);
                if (fstatat(fd, entry->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0)
                        return nook_fail_errno(error, errno, "look at '%s' again", shown);
                if (S_ISLNK(st.st_mode) && !link_stays_beneath(root_fd, entry_path))
                        return nook_fail(error, NOOK_ERROR_UNPACK,
                                         "the artifacts together make the link '%s' lead out of "
                                         "the task's directory",
                                         shown);
                if (!S_ISDIR(st.st_mode))
                        continue;
                sub_fd = open_directory(fd, entry->d_name);
                if (sub_fd < 0)
                        return nook_fail_errno(error, errno, "look at '%s' again", shown);
                if (!check_links(root_fd, sub_fd, entry_path, error))
                        return false;
        }
        return true;
}

bool nook_merge_check(NookMerge *merge, GError **error) {
        GHashTableIter iter;
        gpointer root;

        g_hash_table_iter_init(&iter, merge->roots);
        while (g_hash_table_iter_next(&iter, &root, NULL)) {
                g_auto(NookFd) fd = open(root, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

                if (fd < 0)
                        return nook_fail_errno(error, errno, "open '%s'", (const char *)root);
                if (!check_links(fd, fd, "", error))
                        return false;
        }
        return true;
}
