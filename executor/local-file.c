/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "local-file.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/fd.h"
#include "beneath.h"

/* The part of an absolute path below a directory, both without "." and ".."; NULL when it is not
 * there. */
static const char *part_below(const char *path, const char *directory) {
        size_t length = strlen(directory);

        if (g_str_equal(directory, "/"))
                return path + 1;
        return strncmp(path, directory, length) == 0 && path[length] == '/' ? path + length + 1
                                                                            : NULL;
}

/* Opens beneath one directory. Links may be followed, as long as they stay there: the kernel sees
 * to it. */
static int open_beneath(const char *directory, const char *relative) {
        g_auto(NookFd) fd = open(directory, O_PATH | O_DIRECTORY | O_CLOEXEC);

        if (fd < 0)
                return -1;
        return nook_beneath_open(fd, relative, O_RDONLY | O_NONBLOCK | O_NOCTTY, 0,
                                 RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS);
}

bool nook_local_file_open(const char *path, const char *const *dirs, int *ret_fd, GError **error) {
        g_autofree char *full = NULL;
        g_auto(NookFd) fd = -1;
        int errnum = EXDEV;
        struct stat st;

        if (dirs == NULL || dirs[0] == NULL)
                return nook_fail(error, NOOK_ERROR_REFUSED,
                                 "local file '%s': a job from standard input has no directory of "
                                 "its own, and client { artifact { local_paths = [...] } } names "
                                 "none",
                                 path);
        full = g_canonicalize_filename(path, dirs[0]);
        for (size_t i = 0; fd < 0 && dirs[i] != NULL; i++) {
                g_autofree char *directory = g_canonicalize_filename(dirs[i], "/");
                const char *relative = part_below(full, directory);

                if (relative == NULL)
                        continue;
                fd = open_beneath(directory, relative);
                errnum = fd < 0 ? errno : 0;
        }
        if (fd < 0 && errnum == EXDEV)
                return nook_fail(error, NOOK_ERROR_PATH,
                                 "local file '%s' is neither below the job file's directory nor "
                                 "below one of client { artifact { local_paths = [...] } }",
                                 full);
        if (fd < 0)
                return nook_fail_errno(error, errnum, "open '%s'", full);
        if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
                return nook_fail(error, NOOK_ERROR_PATH, "local file '%s' is no regular file",
                                 full);
        *ret_fd = nook_fd_steal(&fd);
        return true;
}
