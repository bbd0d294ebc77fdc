/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "beneath.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

G_STATIC_ASSERT(NOOK_BENEATH_STRICT ==
                (RESOLVE_NO_XDEV | RESOLVE_NO_MAGICLINKS | RESOLVE_NO_SYMLINKS | RESOLVE_BENEATH));

enum { NAME_SHOWN_MAX = 300 };

int nook_beneath_open(int dir_fd, const char *path, int flags, mode_t mode, uint64_t resolve) {
        struct open_how how = {
                .flags = (uint64_t)(flags | O_CLOEXEC),
                .mode = mode,
                .resolve = resolve,
        };
        int fd;

        /* The kernel answers EAGAIN when a rename elsewhere on the host has raced with "..". */
        for (unsigned tries = 0; tries < 64; tries++) {
                fd = (int)syscall(SYS_openat2, dir_fd, *path != '\0' ? path : ".", &how,
                                  sizeof(how));
                if (fd >= 0 || (errno != EAGAIN && errno != EINTR))
                        return fd;
        }
        return -1;
}

int nook_beneath_open_parent(int dir_fd, const char *path, const char **ret_name) {
        const char *slash = strrchr(path, '/');
        const char *name = slash != NULL ? slash + 1 : path;
        g_autofree char *parent = slash != NULL ? g_strndup(path, (gsize)(slash - path)) : NULL;
        int fd;

        if (*name == '\0' || g_str_equal(name, ".") || g_str_equal(name, "..")) {
                errno = EINVAL;
                return -1;
        }
        fd = nook_beneath_open(dir_fd, parent != NULL ? parent : ".", O_PATH | O_DIRECTORY, 0,
                               NOOK_BENEATH_STRICT);
        if (fd >= 0)
                *ret_name = name;
        return fd;
}

/* Opens one directory below dir_fd and makes it first when it is missing. */
static int enter_directory(int dir_fd, const char *name, mode_t mode, unsigned *ret_made) {
        g_auto(NookFd) fd =
                nook_beneath_open(dir_fd, name, O_RDONLY | O_DIRECTORY, 0, NOOK_BENEATH_STRICT);

        if (fd >= 0 || errno != ENOENT)
                return nook_fd_steal(&fd);
        if (mkdirat(dir_fd, name, 0700) < 0 && errno != EEXIST)
                return -1;
        fd = nook_beneath_open(dir_fd, name, O_RDONLY | O_DIRECTORY, 0, NOOK_BENEATH_STRICT);
        if (fd >= 0 && fchmod(fd, mode) < 0)
                return -1;
        if (ret_made != NULL)
                (*ret_made)++;
        return nook_fd_steal(&fd);
}

int nook_beneath_make_directories(int dir_fd, const char *path, mode_t mode, unsigned *ret_made) {
        g_auto(GStrv) names = g_strsplit(path, "/", -1);
        g_auto(NookFd) fd =
                nook_beneath_open(dir_fd, ".", O_RDONLY | O_DIRECTORY, 0, NOOK_BENEATH_STRICT);

        if (fd < 0)
                return -1;
        for (guint i = 0; names[i] != NULL; i++) {
                int next;

                if (*names[i] == '\0' || g_str_equal(names[i], "."))
                        continue;
                next = enter_directory(fd, names[i], mode, ret_made);
                if (next < 0)
                        return -1;
                nook_fd_close(fd);
                fd = next;
        }
        return nook_fd_steal(&fd);
}

bool nook_write_all(int fd, const void *data, size_t size) {
        const char *at = data;

        while (size > 0) {
                ssize_t written = write(fd, at, size);

                if (written < 0 && errno == EINTR)
                        continue;
                if (written < 0)
                        return false;
                at += written;
                size -= (size_t)written;
        }
        return true;
}

bool nook_beneath_replace_file(int dir_fd, const char *name, const void *data, size_t size,
                               mode_t mode) {
        g_autofree char *temporary = g_strdup_printf(".new%s%s", *name == '.' ? "" : ".", name);
        g_auto(NookFd) fd = -1;
        bool written;

        /* What a nook process that died has left: nobody else writes here under our lock. */
        (void)unlinkat(dir_fd, temporary, 0);
        fd = nook_beneath_open(dir_fd, temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0600,
                               NOOK_BENEATH_STRICT);
        if (fd < 0)
                return false;
        written = nook_write_all(fd, data, size) && fchmod(fd, mode) == 0 &&
                  renameat(dir_fd, temporary, dir_fd, name) == 0;
        if (!written) {
                int saved = errno;

                (void)unlinkat(dir_fd, temporary, 0);
                errno = saved;
        }
        return written;
}

bool nook_beneath_read_file(int dir_fd, const char *path, size_t max, char **ret_text,
                            size_t *ret_size) {
        g_autofree char *text = NULL;
        g_auto(NookFd) fd = -1;
        struct stat st;
        size_t size = 0;

        fd = nook_beneath_open(dir_fd, path, O_RDONLY | O_NONBLOCK | O_NOCTTY, 0,
                               NOOK_BENEATH_STRICT);
        if (fd < 0 || fstat(fd, &st) < 0)
                return false;
        if (!S_ISREG(st.st_mode) || st.st_size < 0 || (uint64_t)st.st_size > max) {
                errno = S_ISREG(st.st_mode) ? EFBIG : EINVAL;
                return false;
        }
        text = g_malloc((size_t)st.st_size + 1);
        while (size < (size_t)st.st_size) {
                ssize_t n = read(fd, text + size, (size_t)st.st_size - size);

                if (n < 0 && errno == EINTR)
                        continue;
                if (n < 0)
                        return false;
                if (n == 0)
                        break; /* it has become shorter: what was read is what there is */
                size += (size_t)n;
        }
        text[size] = '\0';
        *ret_text = g_steal_pointer(&text);
        if (ret_size != NULL)
                *ret_size = size;
        return true;
}

char *nook_printable(const char *name, gssize size) {
        GString *out = g_string_new(NULL);
        const char *end = name + (size < 0 ? (gssize)strlen(name) : size);

        while (name < end) {
                gunichar c = g_utf8_get_char_validated(name, end - name);

                if (out->len > NAME_SHOWN_MAX) {
                        g_string_append(out, "...");
                        break;
                }
                if (c == (gunichar)-1 || c == (gunichar)-2 || !g_unichar_isprint(c)) {
                        g_string_append_printf(out, "\\x%02x", (unsigned char)*name);
                        name++;
                } else {
                        g_string_append_unichar(out, c);
                        name += g_unichar_to_utf8(c, NULL);
                }
        }
        return g_string_free(out, FALSE);
}
