/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "filter-store.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <linux/filter.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"

/* The file: for each program its size in bytes (guint64), then the program. */
enum { FILE_MAX = 16 * BPF_MAXINSNS * 8 };

static bool is_ours(int fd, mode_t type) {
        struct stat what;

        return fstat(fd, &what) == 0 && (what.st_mode & S_IFMT) == type &&
               what.st_uid == geteuid() && !(what.st_mode & (S_IWGRP | S_IWOTH));
}

static int open_store(const char *cache_dir) {
        g_auto(NookFd) dir = open(cache_dir, O_PATH | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);

        return dir >= 0 && is_ours(dir, S_IFDIR) ? nook_fd_steal(&dir) : -1;
}

static GPtrArray *split(const guint8 *bytes, gsize size) {
        g_autoptr(GPtrArray) programs =
                g_ptr_array_new_with_free_func((GDestroyNotify)g_bytes_unref);

        while (size) {
                guint64 length;

                if (size < sizeof length)
                        return NULL;
                memcpy(&length, bytes, sizeof length);
                bytes += sizeof length;
                size -= sizeof length;
                if (!length || length > size || length % sizeof(struct sock_filter))
                        return NULL;
                g_ptr_array_add(programs, g_bytes_new(bytes, length));
                bytes += length;
                size -= length;
        }
        return programs->len ? g_steal_pointer(&programs) : NULL;
}

GPtrArray *nook_filter_fetch(const char *cache_dir, const char *key) {
        g_auto(NookFd) dir = open_store(cache_dir);
        g_auto(NookFd) fd = dir < 0 ? -1 : openat(dir, key, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
        struct stat what;

        if (fd < 0 || !is_ours(fd, S_IFREG) || fstat(fd, &what) < 0 || what.st_size > FILE_MAX)
                return NULL;

        gsize size = (gsize)what.st_size;
        g_autofree guint8 *bytes = g_malloc(size + 1);
        if (read(fd, bytes, size + 1) != (ssize_t)size)
                return NULL;
        return split(bytes, size);
}

void nook_filter_keep(const char *cache_dir, const char *key, const GPtrArray *programs) {
        if (g_mkdir_with_parents(cache_dir, 0700) < 0)
                return;

        g_auto(NookFd) dir = open_store(cache_dir);
        g_autofree char *draft = g_strdup_printf(".%s.%d", key, (int)getpid());
        g_auto(NookFd) fd =
                dir < 0 ? -1
                        : openat(dir, draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW,
                                 0600);
        if (fd < 0)
                return;

        g_autoptr(GByteArray) bytes = g_byte_array_new();
        for (guint i = 0; i < programs->len; i++) {
                gsize size;
                const guint8 *data = g_bytes_get_data(g_ptr_array_index(programs, i), &size);
                guint64 length = size;

                g_byte_array_append(bytes, (const guint8 *)&length, sizeof length);
                g_byte_array_append(bytes, data, (guint)size);
        }
        if (write(fd, bytes->data, bytes->len) != (ssize_t)bytes->len ||
            renameat(dir, draft, dir, key) < 0)
                (void)unlinkat(dir, draft, 0);
}
