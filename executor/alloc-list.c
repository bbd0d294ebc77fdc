/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "alloc.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "alloc-private.h"
#include "base/error.h"
#include "base/fd.h"
#include "beneath.h"
#include "cache.h"

/* How long a body that nobody asks for is kept. */
static const int64_t CACHE_AGE_USEC = INT64_C(30) * 24 * 3600 * G_USEC_PER_SEC;

G_DEFINE_AUTOPTR_CLEANUP_FUNC(DIR, closedir)

void nook_alloc_info_free(NookAllocInfo *info) {
        if (info == NULL)
                return;
        g_free(info->id);
        g_free(info);
}

/* Names in STATE/alloc that begin with prefix; what follows it must be an id. */
static GPtrArray *list_ids(int all_fd, const char *prefix, GError **error) {
        g_autoptr(GPtrArray) ids = g_ptr_array_new_with_free_func(g_free);
        g_autoptr(DIR) dir = NULL;
        int fd = openat(all_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        struct dirent *entry;

        dir = fd >= 0 ? fdopendir(fd) : NULL;
        if (dir == NULL) {
                (void)nook_fail_errno(error, errno, "read the allocations");
                return NULL;
        }
        while ((entry = readdir(dir)) != NULL) {
                if (g_str_has_prefix(entry->d_name, prefix) &&
                    nook_alloc_id_is_valid(entry->d_name + strlen(prefix)))
                        g_ptr_array_add(ids, g_strdup(entry->d_name + strlen(prefix)));
        }
        return g_steal_pointer(&ids);
}

static bool is_committed(int all_fd, const char *id) {
        g_autofree char *mark = g_build_filename(id, NOOK_ALLOC_COMMIT, NULL);

        return faccessat(all_fd, mark, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

/* NULL without an error: it has gone meanwhile. */
static NookAllocInfo *look_at(int all_fd, const char *id, GError **error) {
        g_auto(NookFd) fd =
                nook_beneath_open(all_fd, id, O_RDONLY | O_DIRECTORY, 0, NOOK_BENEATH_STRICT);
        g_auto(NookFd) lock_fd = -1;
        NookAllocInfo *info;
        struct stat st;

        if (fd < 0)
                return NULL;
        if (!nook_alloc_try_lock(fd, &lock_fd, error))
                return NULL;
        if (fstatat(fd, NOOK_ALLOC_COMMIT, &st, AT_SYMLINK_NOFOLLOW) < 0 && fstat(fd, &st) < 0)
                return NULL;
        info = g_new0(NookAllocInfo, 1);
        info->id = g_strdup(id);
        info->is_committed = is_committed(all_fd, id);
        info->is_locked = lock_fd < 0;
        info->created_usec =
                (uint64_t)st.st_mtim.tv_sec * G_USEC_PER_SEC + (uint64_t)st.st_mtim.tv_nsec / 1000;
        return info;
}

static int compare_age(const void *a, const void *b) {
        const NookAllocInfo *x = *(NookAllocInfo *const *)a, *y = *(NookAllocInfo *const *)b;

        if (x->created_usec != y->created_usec)
                return x->created_usec < y->created_usec ? -1 : 1;
        return strcmp(x->id, y->id);
}

static bool list_home(const NookDirs *dirs, GPtrArray *infos, GError **error) {
        g_autoptr(GPtrArray) ids = NULL;
        g_auto(NookFd) all_fd = -1, gate_fd = -1;

        if (!nook_alloc_open_all(dirs, false, &all_fd, error))
                return false;
        if (all_fd < 0)
                return true;
        /* Behind the gate, so that the locks tried here are in nobody's way. */
        if (!nook_alloc_take_gate(all_fd, &gate_fd, error))
                return false;
        ids = list_ids(all_fd, "", error);
        if (ids == NULL)
                return false;
        for (guint i = 0; i < ids->len; i++) {
                g_autoptr(GError) failed = NULL;
                NookAllocInfo *info = look_at(all_fd, ids->pdata[i], &failed);

                if (failed != NULL) {
                        g_propagate_error(error, g_steal_pointer(&failed));
                        return false;
                }
                if (info != NULL)
                        g_ptr_array_add(infos, info);
        }
        return true;
}

GPtrArray *nook_alloc_list(const NookDirs *dirs, GError **error) {
        g_autoptr(GPtrArray) infos =
                g_ptr_array_new_with_free_func((GDestroyNotify)nook_alloc_info_free);
        const NookDirs memory = nook_alloc_in_memory(dirs);

        if (!list_home(dirs, infos, error) || !list_home(&memory, infos, error))
                return NULL;
        g_ptr_array_sort(infos, compare_age);
        return g_steal_pointer(&infos);
}

/* Renames an allocation away when nobody holds its lock. Behind the gate. */
static bool bury(int all_fd, const char *id, bool *ret_is_dead, GError **error) {
        g_autofree char *dead = g_strconcat(NOOK_ALLOC_DEAD, id, NULL);
        g_auto(NookFd) fd =
                nook_beneath_open(all_fd, id, O_RDONLY | O_DIRECTORY, 0, NOOK_BENEATH_STRICT);
        g_auto(NookFd) lock_fd = -1;

        *ret_is_dead = false;
        if (fd < 0)
                return errno == ENOENT || nook_fail_errno(error, errno, "open allocation '%s'", id);
        if (!nook_alloc_try_lock(fd, &lock_fd, error))
                return false;
        if (lock_fd < 0)
                return true;
        if (renameat(all_fd, id, all_fd, dead) < 0)
                return nook_fail_errno(error, errno, "remove the allocation '%s'", id);
        *ret_is_dead = true;
        return true;
}

typedef struct {
        const NookDirs *dirs;
        NookAllocIsUsed is_used; /* NULL: committed ones are kept */
        void *user;
        guint count;
        GError *error; /* the first one */
} Sweep;

static GError **first_error(Sweep *sweep) {
        return sweep->error == NULL ? &sweep->error : NULL;
}

/* Renames what nobody needs; its removal, which may take long, comes after the gate. */
static void bury_unneeded(Sweep *sweep, int all_fd) {
        g_autoptr(GPtrArray) ids = NULL;
        g_auto(NookFd) gate_fd = -1;

        if (!nook_alloc_take_gate(all_fd, &gate_fd, first_error(sweep)))
                return;
        ids = list_ids(all_fd, "", first_error(sweep));
        for (guint i = 0; ids != NULL && i < ids->len; i++) {
                const char *id = ids->pdata[i];
                bool is_dead;

                if (is_committed(all_fd, id) &&
                    (sweep->is_used == NULL || sweep->is_used(id, sweep->user)))
                        continue;
                if (bury(all_fd, id, &is_dead, first_error(sweep)) && is_dead)
                        sweep->count++;
        }
}

static void sweep_home(Sweep *sweep, const NookDirs *dirs) {
        g_autoptr(GPtrArray) ids = NULL;
        g_auto(NookFd) all_fd = -1;

        if (!nook_alloc_open_all(dirs, false, &all_fd, first_error(sweep)) || all_fd < 0)
                return;
        bury_unneeded(sweep, all_fd);
        ids = list_ids(all_fd, NOOK_ALLOC_DEAD, first_error(sweep));
        for (guint i = 0; ids != NULL && i < ids->len; i++)
                (void)nook_alloc_remove_dead(dirs, all_fd, ids->pdata[i], first_error(sweep));
}

static bool sweep_all(Sweep *sweep, guint *ret_count, GError **error) {
        const NookDirs memory = nook_alloc_in_memory(sweep->dirs);

        sweep_home(sweep, sweep->dirs);
        sweep_home(sweep, &memory);
        if (ret_count != NULL)
                *ret_count = sweep->count;
        if (sweep->error == NULL)
                return true;
        g_propagate_error(error, g_steal_pointer(&sweep->error));
        return false;
}

bool nook_alloc_sweep(const NookDirs *dirs, guint *ret_count, GError **error) {
        Sweep sweep = {.dirs = dirs};

        return sweep_all(&sweep, ret_count, error);
}

bool nook_alloc_gc(const NookDirs *dirs, NookAllocIsUsed is_used, void *user, guint *ret_count,
                   GError **error) {
        Sweep sweep = {.dirs = dirs, .is_used = is_used, .user = user};

        g_assert(is_used != NULL);
        return sweep_all(&sweep, ret_count, error) &&
               nook_cache_collect(dirs->cache, g_get_real_time(), CACHE_AGE_USEC, error);
}
