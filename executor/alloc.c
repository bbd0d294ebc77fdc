/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "alloc.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <linux/magic.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "alloc-private.h"
#include "base/error.h"
#include "base/fd.h"
#include "beneath.h"
#include "tree.h"

enum {
        ID_LENGTH_MAX = 64,
        RECORD_BYTES_MAX = 64 * 1024 * 1024,
};

struct NookAlloc {
        char *id;
        char *path;
        char *run;     /* RUN */
        char *state;   /* STATE */
        NookFd all_fd; /* STATE/alloc */
        NookFd fd;     /* STATE/alloc/ID */
        NookFd lock_fd;
};

G_DEFINE_AUTOPTR_CLEANUP_FUNC(DIR, closedir)

/* --- the directories above ------------------------------------------------------------------- */

/* Opens one of nook's own directories, made when it is missing. Its owner and mode are checked on
 * the descriptor: state that root trusts never lies where somebody else can write. */
static bool open_own(const char *path, bool make, mode_t mode, int *ret_fd, GError **error) {
        g_auto(NookFd) fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        struct stat st;

        if (fd < 0 && errno == ENOENT && make) {
                if (g_mkdir_with_parents(path, mode) < 0)
                        return nook_fail_errno(error, errno, "make '%s'", path);
                fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        }
        if (fd < 0 && errno == ENOENT && !make) {
                *ret_fd = -1;
                return true;
        }
        if (fd < 0 || fstat(fd, &st) < 0)
                return nook_fail_errno(error, errno, "open '%s'", path);
        if (st.st_uid != geteuid() || (st.st_mode & 0022) != 0)
                return nook_fail(error, NOOK_ERROR_PATH,
                                 "'%s' belongs to uid %u and has mode %04o; it must belong to uid "
                                 "%u and be writable by nobody else",
                                 path, st.st_uid, st.st_mode & 07777, geteuid());
        *ret_fd = nook_fd_steal(&fd);
        return true;
}

/* Opens RUN/NAME, 0700. */
static bool open_run_part(const char *run, const char *name, bool make, int *ret_fd,
                          GError **error) {
        g_autofree char *path = g_build_filename(run, name, NULL);
        g_auto(NookFd) run_fd = -1;

        if (make && !open_own(run, true, 0755, &run_fd, error))
                return false;
        return open_own(path, make, 0700, ret_fd, error);
}

bool nook_alloc_open_all(const NookDirs *dirs, bool make, int *ret_fd, GError **error) {
        g_autofree char *path = g_build_filename(dirs->state, "alloc", NULL);
        g_auto(NookFd) state_fd = -1;

        if (!open_own(dirs->state, make, 0700, &state_fd, error))
                return false;
        if (state_fd < 0) {
                *ret_fd = -1;
                return true;
        }
        return open_own(path, make, 0700, ret_fd, error);
}

bool nook_alloc_take_gate(int all_fd, int *ret_fd, GError **error) {
        g_auto(NookFd) fd = openat(all_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

        if (fd < 0)
                return nook_fail_errno(error, errno, "open the allocations");
        while (flock(fd, LOCK_EX) < 0) {
                if (errno != EINTR)
                        return nook_fail_errno(error, errno, "lock the allocations");
        }
        *ret_fd = nook_fd_steal(&fd);
        return true;
}

bool nook_alloc_id_is_valid(const char *id) {
        size_t length = strlen(id);

        if (length == 0 || length > ID_LENGTH_MAX || *id == '-')
                return false;
        for (const char *c = id; *c != '\0'; c++) {
                if (!g_ascii_isalnum(*c) && *c != '-')
                        return false;
        }
        return true;
}

/* --- one allocation -------------------------------------------------------------------------- */

static NookAlloc *new_alloc(const NookDirs *dirs, const char *id) {
        NookAlloc *alloc = g_new0(NookAlloc, 1);

        alloc->id = g_strdup(id);
        alloc->path = g_strdup_printf("%s/alloc/%s", dirs->state, id);
        alloc->run = g_strdup(dirs->run);
        alloc->state = g_strdup(dirs->state);
        alloc->all_fd = -1;
        alloc->fd = -1;
        alloc->lock_fd = -1;
        return alloc;
}

void nook_alloc_free(NookAlloc *alloc) {
        if (alloc == NULL)
                return;
        nook_fd_close(alloc->lock_fd);
        nook_fd_close(alloc->fd);
        nook_fd_close(alloc->all_fd);
        g_free(alloc->id);
        g_free(alloc->path);
        g_free(alloc->run);
        g_free(alloc->state);
        g_free(alloc);
}

const char *nook_alloc_id(const NookAlloc *alloc) {
        return alloc->id;
}

const char *nook_alloc_path(const NookAlloc *alloc) {
        return alloc->path;
}

int nook_alloc_fd(const NookAlloc *alloc) {
        return alloc->fd;
}

/* Locks a directory by a description of its own. Returns it; -1 with errno. */
static int lock_directory(int fd) {
        g_auto(NookFd) lock_fd = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

        if (lock_fd < 0 || flock(lock_fd, LOCK_EX | LOCK_NB) < 0)
                return -1;
        return nook_fd_steal(&lock_fd);
}

/* Makes the directory and locks it, which nobody else can have done yet. Called behind the gate, so
 * that a sweep never sees it unlocked while the maker lives. */
static bool make_locked(NookAlloc *alloc, GError **error) {
        if (mkdirat(alloc->all_fd, alloc->id, 0700) < 0)
                return nook_fail_errno(error, errno, "make the allocation '%s'", alloc->path);
        alloc->fd = nook_beneath_open(alloc->all_fd, alloc->id, O_RDONLY | O_DIRECTORY, 0,
                                      NOOK_BENEATH_STRICT);
        if (alloc->fd >= 0)
                alloc->lock_fd = lock_directory(alloc->fd);
        if (alloc->lock_fd < 0) {
                (void)nook_fail_errno(error, errno, "lock the allocation '%s'", alloc->path);
                (void)unlinkat(alloc->all_fd, alloc->id, AT_REMOVEDIR);
                return false;
        }
        return true;
}

NookAlloc *nook_alloc_create(const NookDirs *dirs, const char *id, GError **error) {
        g_autoptr(NookAlloc) alloc = new_alloc(dirs, id);
        g_auto(NookFd) gate_fd = -1, run_fd = -1;

        if (!nook_alloc_id_is_valid(id)) {
                (void)nook_fail(error, NOOK_ERROR_PATH, "'%s' cannot be an allocation's id", id);
                return NULL;
        }
        if (!open_own(dirs->run, true, 0755, &run_fd, error) ||
            !nook_alloc_open_all(dirs, true, &alloc->all_fd, error) ||
            !nook_alloc_take_gate(alloc->all_fd, &gate_fd, error) || !make_locked(alloc, error))
                return NULL;
        return g_steal_pointer(&alloc);
}

bool nook_alloc_try_lock(int fd, int *ret_fd, GError **error) {
        *ret_fd = lock_directory(fd);
        return *ret_fd >= 0 || errno == EWOULDBLOCK ||
               nook_fail_errno(error, errno, "lock an allocation");
}

/* The directories with the home that an allocation lies in. */
static NookDirs find_home(const NookDirs *dirs, const char *id) {
        g_autofree char *path = g_strdup_printf("%s/alloc/%s", dirs->run, id);

        return nook_alloc_id_is_valid(id) && access(path, F_OK) == 0 ? nook_alloc_in_memory(dirs)
                                                                     : *dirs;
}

NookAlloc *nook_alloc_open(const NookDirs *dirs, const char *id, GError **error) {
        const NookDirs home = find_home(dirs, id);
        g_autoptr(NookAlloc) alloc = new_alloc(&home, id);
        g_auto(NookFd) gate_fd = -1;

        if (!nook_alloc_open_all(&home, false, &alloc->all_fd, error))
                return NULL;
        if (alloc->all_fd >= 0 && !nook_alloc_take_gate(alloc->all_fd, &gate_fd, error))
                return NULL;
        if (alloc->all_fd >= 0 && nook_alloc_id_is_valid(id))
                alloc->fd = nook_beneath_open(alloc->all_fd, id, O_RDONLY | O_DIRECTORY, 0,
                                              NOOK_BENEATH_STRICT);
        if (alloc->fd < 0 || faccessat(alloc->fd, NOOK_ALLOC_COMMIT, F_OK, 0) < 0) {
                (void)nook_fail(error, NOOK_ERROR_NOT_FOUND, "there is no allocation '%s'", id);
                return NULL;
        }
        if (!nook_alloc_try_lock(alloc->fd, &alloc->lock_fd, error))
                return NULL;
        if (alloc->lock_fd < 0) {
                (void)nook_fail(error, NOOK_ERROR_EXISTS,
                                "another nook process works on the allocation '%s'", id);
                return NULL;
        }
        return g_steal_pointer(&alloc);
}

/* --- its directories, links, environment ------------------------------------------------------ */

/* The part of path below directory, or NULL. */
static const char *part_below(const char *path, const char *directory) {
        size_t length = strlen(directory);

        if (strncmp(path, directory, length) != 0 || path[length] != '/' ||
            path[length + 1] == '\0')
                return NULL;
        return path + length + 1;
}

/* Whether a name of RUN/{secrets,env,link} is this allocation's: ID or ID.TASK. */
static bool is_named_for(const char *name, const char *id) {
        size_t length = strlen(id);

        return strncmp(name, id, length) == 0 &&
               (name[length] == '\0' || name[length] == '/' || name[length] == '.');
}

/* Makes a directory whose parents are there. Neither umask nor a name planted meanwhile counts:
 * owner and mode are set on the descriptor of what was made. */
static bool make_directory(int base_fd, const char *relative, const char *path, mode_t mode,
                           uid_t uid, gid_t gid, GError **error) {
        g_auto(NookFd) parent_fd = -1, fd = -1;
        const char *name = NULL;

        parent_fd = nook_beneath_open_parent(base_fd, relative, &name);
        if (parent_fd < 0 || mkdirat(parent_fd, name, 0700) < 0)
                return nook_fail_errno(error, errno, "make '%s'", path);
        fd = nook_beneath_open(parent_fd, name, O_RDONLY | O_DIRECTORY, 0, NOOK_BENEATH_STRICT);
        if (fd < 0 || (uid != (uid_t)-1 && fchown(fd, uid, gid) < 0) || fchmod(fd, mode) < 0)
                return nook_fail_errno(error, errno, "make '%s'", path);
        return true;
}

/* Secrets never reach a disk: not even by a RUN that somebody has moved. */
static bool check_is_memory(int fd, const char *path, GError **error) {
        struct statfs fs;

        if (fstatfs(fd, &fs) < 0)
                return nook_fail_errno(error, errno, "look at '%s'", path);
        if (fs.f_type != TMPFS_MAGIC && fs.f_type != RAMFS_MAGIC)
                return nook_fail(error, NOOK_ERROR_UNSUPPORTED,
                                 "'%s' is not on a tmpfs: secrets would reach a disk", path);
        return true;
}

bool nook_alloc_add_directory(NookAlloc *alloc, const char *path, mode_t mode, uid_t uid, gid_t gid,
                              GError **error) {
        g_autofree char *secrets = g_build_filename(alloc->run, "secrets", NULL);
        const char *relative = part_below(path, alloc->path);
        g_auto(NookFd) fd = -1;

        if (relative != NULL) {
                if (*relative == '.' && !is_named_for(relative, ".stage"))
                        return nook_fail(error, NOOK_ERROR_PATH,
                                         "'%s' is a name that nook keeps for itself", path);
                return make_directory(alloc->fd, relative, path, mode, uid, gid, error);
        }
        relative = part_below(path, secrets);
        if (relative == NULL || !is_named_for(relative, alloc->id))
                return nook_fail(error, NOOK_ERROR_PATH,
                                 "'%s' is no directory of the allocation '%s'", path, alloc->id);
        return open_run_part(alloc->run, "secrets", true, &fd, error) &&
               check_is_memory(fd, secrets, error) &&
               make_directory(fd, relative, path, mode, uid, gid, error);
}

bool nook_alloc_add_link(NookAlloc *alloc, const char *path, const char *target, GError **error) {
        g_autofree char *links = g_build_filename(alloc->run, "link", NULL);
        const char *relative = part_below(path, links);
        g_autofree char *directory = relative != NULL ? g_path_get_dirname(relative) : NULL;
        g_autofree char *name = relative != NULL ? g_path_get_basename(relative) : NULL;
        g_auto(NookFd) links_fd = -1, fd = -1;

        if (relative == NULL || !is_named_for(relative, alloc->id) || g_str_equal(directory, "."))
                return nook_fail(error, NOOK_ERROR_PATH, "'%s' is no link of the allocation '%s'",
                                 path, alloc->id);
        if (!open_run_part(alloc->run, "link", true, &links_fd, error))
                return false;
        fd = nook_beneath_make_directories(links_fd, directory, 0700, NULL);
        if (fd < 0 || symlinkat(target, fd, name) < 0)
                return nook_fail_errno(error, errno, "make the link '%s'", path);
        return true;
}

bool nook_alloc_write_env(NookAlloc *alloc, const char *path, const char *text, GError **error) {
        g_autofree char *env = g_build_filename(alloc->run, "env", NULL);
        const char *name = part_below(path, env);
        g_auto(NookFd) fd = -1;

        if (name == NULL || strchr(name, '/') != NULL || !is_named_for(name, alloc->id))
                return nook_fail(error, NOOK_ERROR_PATH,
                                 "'%s' is no environment file of the allocation '%s'", path,
                                 alloc->id);
        if (!open_run_part(alloc->run, "env", true, &fd, error))
                return false;
        return nook_beneath_replace_file(fd, name, text, strlen(text), 0600) ||
               nook_fail_errno(error, errno, "write '%s'", path);
}

/* --- record and commit mark ------------------------------------------------------------------ */

bool nook_alloc_write_file(NookAlloc *alloc, const char *name, const char *text, size_t size,
                           GError **error) {
        g_assert(*name == '.' && strchr(name, '/') == NULL);
        return nook_beneath_replace_file(alloc->fd, name, text, size, 0600) ||
               nook_fail_errno(error, errno, "write '%s/%s'", alloc->path, name);
}

bool nook_alloc_write_record(NookAlloc *alloc, const char *text, size_t size, GError **error) {
        return nook_alloc_write_file(alloc, NOOK_ALLOC_RECORD, text, size, error);
}

bool nook_alloc_read_file(const NookDirs *dirs, const char *id, const char *name, char **ret_text,
                          size_t *ret_size, GError **error) {
        const NookDirs home = find_home(dirs, id);
        g_autofree char *path = g_build_filename(id, name, NULL);
        g_auto(NookFd) all_fd = -1;

        if (!nook_alloc_open_all(&home, false, &all_fd, error))
                return false;
        if (all_fd < 0 || !nook_alloc_id_is_valid(id))
                return nook_fail(error, NOOK_ERROR_NOT_FOUND, "there is no allocation '%s'", id);
        return nook_beneath_read_file(all_fd, path, RECORD_BYTES_MAX, ret_text, ret_size) ||
               nook_fail_errno(error, errno, "read '%s/alloc/%s'", home.state, path);
}

/* What the commit mark says of the record. It stands for an fsync() of both: after a power failure
 * a transient unit is gone anyway, so all that matters is that a record which did not reach the
 * disk is never taken for a whole one. A flush would cost each start several milliseconds. */
static char *record_mark(const char *text, size_t size) {
        g_autofree char *digest =
                g_compute_checksum_for_data(G_CHECKSUM_SHA256, (const guchar *)text, size);

        return g_strconcat(digest, "\n", NULL);
}

bool nook_alloc_commit(NookAlloc *alloc, const char *note, GError **error) {
        g_autofree char *text = NULL, *mark = NULL, *whole = NULL;
        size_t size;

        if (!nook_beneath_read_file(alloc->fd, NOOK_ALLOC_RECORD, RECORD_BYTES_MAX, &text, &size))
                return nook_fail_errno(error, errno, "read '%s/%s'", alloc->path,
                                       NOOK_ALLOC_RECORD);
        mark = record_mark(text, size);
        whole = g_strconcat(mark, note, NULL);
        return nook_alloc_write_file(alloc, NOOK_ALLOC_COMMIT, whole, strlen(whole), error);
}

bool nook_alloc_read_note(const NookDirs *dirs, const char *id, char **ret_note, GError **error) {
        g_autofree char *whole = NULL;
        const char *end;

        if (!nook_alloc_read_file(dirs, id, NOOK_ALLOC_COMMIT, &whole, NULL, error))
                return false;
        end = strchr(whole, '\n');
        *ret_note = g_strdup(end != NULL ? end + 1 : "");
        return true;
}

bool nook_alloc_read_record(const NookDirs *dirs, const char *id, char **ret_text, size_t *ret_size,
                            GError **error) {
        g_autofree char *text = NULL, *mark = NULL, *expected = NULL;
        size_t size;

        if (!nook_alloc_read_file(dirs, id, NOOK_ALLOC_COMMIT, &mark, NULL, error) ||
            !nook_alloc_read_file(dirs, id, NOOK_ALLOC_RECORD, &text, &size, error))
                return false;
        expected = record_mark(text, size);
        if (!g_str_has_prefix(mark, expected))
                return nook_fail(error, NOOK_ERROR_IO,
                                 "the record of the allocation '%s' is damaged", id);
        *ret_text = g_steal_pointer(&text);
        if (ret_size != NULL)
                *ret_size = size;
        return true;
}

/* --- removal --------------------------------------------------------------------------------- */

/* Removes RUN/PART/ID and RUN/PART/ID.*. */
static bool remove_run_part(const char *run, const char *part, const char *id, GError **error) {
        g_autofree char *path = g_build_filename(run, part, NULL);
        g_autoptr(GError) first = NULL;
        g_autoptr(DIR) dir = NULL;
        g_auto(NookFd) fd = -1;
        struct dirent *entry;

        if (!open_run_part(run, part, false, &fd, error))
                return false;
        if (fd < 0)
                return true;
        dir = fdopendir(dup(fd));
        if (dir == NULL)
                return nook_fail_errno(error, errno, "read '%s'", path);
        while ((entry = readdir(dir)) != NULL) {
                g_autofree char *entry_path = g_build_filename(path, entry->d_name, NULL);

                if (is_named_for(entry->d_name, id) &&
                    !nook_tree_remove(fd, entry->d_name, entry_path, first == NULL ? &first : NULL))
                        continue;
        }
        if (first == NULL)
                return true;
        g_propagate_error(error, g_steal_pointer(&first));
        return false;
}

bool nook_alloc_remove_dead(const NookDirs *dirs, int all_fd, const char *id, GError **error) {
        g_autofree char *name = g_strconcat(NOOK_ALLOC_DEAD, id, NULL);
        g_autofree char *path = g_strdup_printf("%s/alloc/%s", dirs->state, name);

        return remove_run_part(dirs->run, "env", id, error) &&
               remove_run_part(dirs->run, "link", id, error) &&
               remove_run_part(dirs->run, "secrets", id, error) &&
               nook_tree_remove(all_fd, name, path, error);
}

bool nook_alloc_remove(NookAlloc *alloc, GError **error) {
        g_autoptr(NookAlloc) own = alloc;
        g_autofree char *dead = g_strconcat(NOOK_ALLOC_DEAD, alloc->id, NULL);
        NookDirs dirs = {.state = alloc->state, .run = alloc->run};
        g_auto(NookFd) gate_fd = -1;

        if (!nook_alloc_take_gate(alloc->all_fd, &gate_fd, error))
                return false;
        if (renameat(alloc->all_fd, alloc->id, alloc->all_fd, dead) < 0)
                return nook_fail_errno(error, errno, "remove the allocation '%s'", alloc->path);
        nook_fd_close(nook_fd_steal(&gate_fd));
        return nook_alloc_remove_dead(&dirs, alloc->all_fd, alloc->id, error);
}
