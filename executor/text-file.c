/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "text-file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/fd.h"

/* NULL after an error. */
static GBytes *read_all(int fd, const char *name, GError **error) {
        g_autoptr(GByteArray) all = g_byte_array_new();
        guint8 buffer[32 * 1024];
        ssize_t n;

        while ((n = read(fd, buffer, sizeof(buffer))) != 0) {
                if (n < 0 && errno == EINTR)
                        continue;
                if (n < 0) {
                        (void)nook_fail_errno(error, errno, "read '%s'", name);
                        return NULL;
                }
                g_byte_array_append(all, buffer, (guint)n);
        }
        return g_byte_array_free_to_bytes(g_steal_pointer(&all));
}

NookSource *nook_text_file_read(const char *path, GError **error) {
        bool is_stdin = strcmp(path, "-") == 0;
        g_auto(NookFd) fd = is_stdin ? -1 : open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
        g_autoptr(GBytes) text = NULL;

        if (!is_stdin && fd < 0) {
                (void)nook_fail_errno(error, errno, "open '%s'", path);
                return NULL;
        }
        text = read_all(is_stdin ? STDIN_FILENO : fd, path, error);
        return text == NULL ? NULL : nook_source_new(is_stdin ? "<stdin>" : path, text);
}
