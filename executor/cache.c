/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cache.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/fd.h"
#include "beneath.h"

G_DEFINE_AUTOPTR_CLEANUP_FUNC(DIR, closedir)

static bool open_cache(const char *cache_dir, int *ret_fd, GError **error) {
        g_autofree char *path = g_build_filename(cache_dir, "artifacts", NULL);
        g_auto(NookFd) fd = -1;
        struct stat st;

        if (g_mkdir_with_parents(path, 0700) < 0)
                return nook_fail_errno(error, errno, "make '%s'", path);
        fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (fd < 0 || fstat(fd, &st) < 0)
                return nook_fail_errno(error, errno, "open '%s'", path);
        if (st.st_uid != geteuid() || (st.st_mode & 0077) != 0)
                return nook_fail(error, NOOK_ERROR_PATH,
                                 "'%s' must belong to uid %u and have mode 0700", path, geteuid());
        *ret_fd = nook_fd_steal(&fd);
        return true;
}

static char *file_name(const char *digest_name, const char *hex) {
        return g_strdup_printf("%s-%s", digest_name, hex);
}

bool nook_cache_open(const char *cache_dir, const char *digest_name, const char *hex, int *ret_fd,
                     GError **error) {
        g_autofree char *name = file_name(digest_name, hex);
        g_auto(NookFd) dir_fd = -1;

        if (!open_cache(cache_dir, &dir_fd, error))
                return false;
        *ret_fd = nook_beneath_open(dir_fd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK, 0,
                                    NOOK_BENEATH_STRICT);
        if (*ret_fd >= 0)
                (void)futimens(*ret_fd,
                               NULL); /* used now: only how long it is kept depends on it */
        return *ret_fd >= 0 || errno == ENOENT ||
               nook_fail_errno(error, errno, "open '%s' of the cache", name);
}

bool nook_cache_new_file(const char *cache_dir, int *ret_fd, GError **error) {
        g_auto(NookFd) dir_fd = -1;

        if (!open_cache(cache_dir, &dir_fd, error))
                return false;
        *ret_fd = openat(dir_fd, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
        return *ret_fd >= 0 || nook_fail_errno(error, errno, "make a file in the cache");
}

bool nook_cache_keep(const char *cache_dir, const char *digest_name, const char *hex, int fd,
                     GError **error) {
        g_autofree char *name = file_name(digest_name, hex);
        g_autofree char *temporary = g_strdup_printf(".new-%d-%s", getpid(), name);
        g_autofree char *proc = g_strdup_printf("/proc/self/fd/%d", fd);
        g_auto(NookFd) dir_fd = -1;

        if (!open_cache(cache_dir, &dir_fd, error))
                return false;
        (void)unlinkat(dir_fd, temporary, 0);
        return (linkat(AT_FDCWD, proc, dir_fd, temporary, AT_SYMLINK_FOLLOW) == 0 &&
                renameat(dir_fd, temporary, dir_fd, name) == 0) ||
               nook_fail_errno(error, errno, "keep '%s' in the cache", name);
}

bool nook_cache_collect(const char *cache_dir, int64_t now_usec, int64_t max_age_usec,
                        GError **error) {
        g_autofree char *path = g_build_filename(cache_dir, "artifacts", NULL);
        g_autoptr(DIR) dir = NULL;
        g_auto(NookFd) dir_fd = -1;
        struct dirent *entry;
        struct stat st;

        if (access(path, F_OK) < 0)
                return true;
        if (!open_cache(cache_dir, &dir_fd, error))
                return false;
        dir = fdopendir(dup(dir_fd));
        if (dir == NULL)
                return nook_fail_errno(error, errno, "read '%s'", path);
        while ((entry = readdir(dir)) != NULL) {
                if (fstatat(dir_fd, entry->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0 ||
                    !S_ISREG(st.st_mode) ||
                    st.st_mtim.tv_sec * G_USEC_PER_SEC > now_usec - max_age_usec)
                        continue;
                if (unlinkat(dir_fd, entry->d_name, 0) < 0 && errno != ENOENT)
                        return nook_fail_errno(error, errno, "remove '%s/%s'", path, entry->d_name);
        }
        return true;
}
