/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "worker/sink.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/fd.h"
#include "beneath.h"
#include "worker/entry.h"

/* Small archives may be packed as well as they like. */
static const uint64_t RATIO_FREE_BYTES = UINT64_C(64) * 1024 * 1024;

struct NookSink {
        int directory_fd;
        NookSinkLimits limits;
        const uint64_t *packed_bytes;
        uint64_t bytes;
        uint64_t entries;

        NookFd file_fd; /* of the open file; -1: its bytes are thrown away */
        bool is_open;
        char *file_name; /* as the archive gave it, for messages */
        mode_t file_mode;
        int64_t file_mtime;
};

NookSink *nook_sink_new(int directory_fd, const NookSinkLimits *limits,
                        const uint64_t *packed_bytes) {
        NookSink *sink = g_new0(NookSink, 1);

        sink->directory_fd = directory_fd;
        sink->limits = *limits;
        sink->packed_bytes = packed_bytes;
        sink->file_fd = -1;
        return sink;
}

void nook_sink_free(NookSink *sink) {
        if (sink == NULL)
                return;
        nook_fd_close(sink->file_fd);
        g_free(sink->file_name);
        g_free(sink);
}

uint64_t nook_sink_bytes(const NookSink *sink) {
        return sink->bytes;
}

uint64_t nook_sink_entries(const NookSink *sink) {
        return sink->entries;
}

/* --- limits ---------------------------------------------------------------------------------- */

bool nook_sink_count_entry(NookSink *sink, GError **error) {
        sink->entries++;
        return sink->limits.max_entries == 0 || sink->entries <= sink->limits.max_entries ||
               nook_fail(error, NOOK_ERROR_LIMIT,
                         "the archive has more than %" G_GUINT64_FORMAT " entries",
                         sink->limits.max_entries);
}

bool nook_sink_count_bytes(NookSink *sink, uint64_t bytes, GError **error) {
        uint64_t max_ratio = sink->limits.max_ratio, packed = *sink->packed_bytes;

        if (bytes > UINT64_MAX - sink->bytes)
                bytes = UINT64_MAX - sink->bytes;
        sink->bytes += bytes;
        if (sink->limits.max_bytes != 0 && sink->bytes > sink->limits.max_bytes)
                return nook_fail(error, NOOK_ERROR_LIMIT,
                                 "the archive unpacks to more than %" G_GUINT64_FORMAT " bytes",
                                 sink->limits.max_bytes);
        if (max_ratio != 0 && sink->bytes > RATIO_FREE_BYTES && sink->bytes / max_ratio > packed)
                return nook_fail(error, NOOK_ERROR_LIMIT,
                                 "the archive unpacks to more than %" G_GUINT64_FORMAT
                                 " times its size",
                                 max_ratio);
        return true;
}

/* What the archive claims is believed when it is bad news. */
static bool check_claim(const NookSink *sink, uint64_t claimed, GError **error) {
        return sink->limits.max_bytes == 0 || claimed <= sink->limits.max_bytes ||
               nook_fail(error, NOOK_ERROR_LIMIT,
                         "the archive unpacks to more than %" G_GUINT64_FORMAT " bytes",
                         sink->limits.max_bytes);
}

/* --- names ----------------------------------------------------------------------------------- */

static bool fail_entry(const char *path, const char *what, GError **error) {
        int errnum = errno;
        g_autofree char *shown = nook_printable(path, -1);

        if (errnum == EEXIST)
                return nook_fail(error, NOOK_ERROR_UNPACK, "entry '%s' occurs twice", shown);
        if (errnum == ELOOP)
                return nook_fail(error, NOOK_ERROR_UNPACK,
                                 "entry '%s' would go through a link of the archive", shown);
        if (errnum == ENOTDIR)
                return nook_fail(error, NOOK_ERROR_UNPACK,
                                 "entry '%s' would go through a file of the archive", shown);
        if (errnum == ENOSPC || errnum == EDQUOT || errnum == EFBIG)
                return nook_fail_errno(error, ENOSPC, "write '%s'", shown);
        return nook_fail(error, NOOK_ERROR_UNPACK, "%s '%s': %s", what, shown, g_strerror(errnum));
}

/* Opens the directory that an entry goes to, with the parents that the archive has not named.
 * A link on the way is never followed, so "a -> b" before "a/x" is refused, not obeyed. */
static bool open_parent(NookSink *sink, const char *path, int *ret_fd, const char **ret_name,
                        GError **error) {
        const char *slash = strrchr(path, '/');
        g_autofree char *parent = slash != NULL ? g_strndup(path, (gsize)(slash - path)) : NULL;
        g_auto(NookFd) fd = nook_beneath_open(sink->directory_fd, parent != NULL ? parent : ".",
                                              O_PATH | O_DIRECTORY, 0, NOOK_BENEATH_STRICT);
        unsigned made = 0;

        if (fd < 0 && errno == ENOENT)
                fd = nook_beneath_make_directories(sink->directory_fd, parent, 0755, &made);
        if (fd < 0)
                return fail_entry(path, "make a directory for", error);
        for (; made > 0; made--) {
                if (!nook_sink_count_entry(sink, error))
                        return false;
        }
        *ret_fd = nook_fd_steal(&fd);
        *ret_name = slash != NULL ? slash + 1 : path;
        return true;
}

/* What every entry begins with. *ret_path NULL: it is stripped away. */
static bool begin(NookSink *sink, const char *name, size_t size, char **ret_path, GError **error) {
        g_assert(!sink->is_open);
        return nook_sink_count_entry(sink, error) &&
               nook_entry_path(name, size, sink->limits.strip_components, sink->limits.max_depth,
                               ret_path, error);
}

/* --- entries --------------------------------------------------------------------------------- */

bool nook_sink_directory(NookSink *sink, const char *name, size_t size, mode_t mode,
                         GError **error) {
        g_autofree char *path = NULL;
        g_auto(NookFd) parent_fd = -1, fd = -1;
        const char *last;

        if (!begin(sink, name, size, &path, error))
                return false;
        if (path == NULL) /* the top: its mode is the destination's business */
                return true;
        if (!open_parent(sink, path, &parent_fd, &last, error))
                return false;
        if (mkdirat(parent_fd, last, 0700) < 0 && errno != EEXIST)
                return fail_entry(path, "make the directory", error);
        fd = nook_beneath_open(parent_fd, last, O_RDONLY | O_DIRECTORY, 0, NOOK_BENEATH_STRICT);
        if (fd < 0 && (errno == ENOTDIR || errno == ELOOP))
                errno = EEXIST; /* a file or a link has that name */
        if (fd < 0 || fchmod(fd, (mode & 0777) | 0700) < 0)
                return fail_entry(path, "make the directory", error);
        return true;
}

bool nook_sink_symlink(NookSink *sink, const char *name, size_t size, const char *target,
                       size_t target_size, GError **error) {
        g_autofree char *path = NULL, *text = NULL;
        g_auto(NookFd) parent_fd = -1;
        const char *last;

        if (!begin(sink, name, size, &path, error))
                return false;
        if (path == NULL)
                return true;
        if (!nook_entry_check_link(path, target, target_size, error) ||
            !open_parent(sink, path, &parent_fd, &last, error))
                return false;
        text = g_strndup(target, target_size);
        return symlinkat(text, parent_fd, last) == 0 || fail_entry(path, "make the link", error);
}

bool nook_sink_hardlink(NookSink *sink, const char *name, size_t size, const char *target,
                        size_t target_size, GError **error) {
        g_autofree char *path = NULL, *to = NULL, *shown = NULL;
        g_auto(NookFd) parent_fd = -1, to_fd = -1;
        const char *last, *to_last = NULL;
        struct stat st;

        if (!begin(sink, name, size, &path, error) ||
            !nook_entry_path(target, target_size, sink->limits.strip_components,
                             sink->limits.max_depth, &to, error))
                return false;
        if (path == NULL)
                return true;
        shown = nook_printable(path, -1);
        if (to == NULL)
                return nook_fail(error, NOOK_ERROR_UNPACK,
                                 "entry '%s' is a hard link to something that is stripped away",
                                 shown);
        to_fd = nook_beneath_open_parent(sink->directory_fd, to, &to_last);
        if (to_fd < 0 || fstatat(to_fd, to_last, &st, AT_SYMLINK_NOFOLLOW) < 0 ||
            !S_ISREG(st.st_mode))
                return nook_fail(error, NOOK_ERROR_UNPACK,
                                 "entry '%s' is a hard link to what is no earlier file", shown);
        if (!open_parent(sink, path, &parent_fd, &last, error))
                return false;
        return linkat(to_fd, to_last, parent_fd, last, 0) == 0 ||
               fail_entry(path, "make the hard link", error);
}

bool nook_sink_open_file(NookSink *sink, const char *name, size_t size, mode_t mode,
                         uint64_t claimed_bytes, int64_t mtime, GError **error) {
        g_autofree char *path = NULL;
        g_auto(NookFd) parent_fd = -1;
        const char *last;

        if (!begin(sink, name, size, &path, error) || !check_claim(sink, claimed_bytes, error))
                return false;
        if (path != NULL) {
                if (!open_parent(sink, path, &parent_fd, &last, error))
                        return false;
                sink->file_fd =
                        nook_beneath_open(parent_fd, last, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW,
                                          0600, NOOK_BENEATH_STRICT);
                if (sink->file_fd < 0)
                        return fail_entry(path, "make the file", error);
        }
        sink->file_name = path != NULL ? g_steal_pointer(&path) : g_strndup(name, size);
        sink->file_mode = (mode & 0777) | 0400;
        sink->file_mtime = mtime;
        sink->is_open = true;
        return true;
}

bool nook_sink_write(NookSink *sink, const void *data, size_t size, GError **error) {
        g_assert(sink->is_open);
        if (!nook_sink_count_bytes(sink, size, error))
                return false;
        return sink->file_fd < 0 || nook_write_all(sink->file_fd, data, size) ||
               fail_entry(sink->file_name, "write", error);
}

bool nook_sink_close_file(NookSink *sink, GError **error) {
        struct timespec times[2] = {{.tv_nsec = UTIME_OMIT}, {.tv_sec = sink->file_mtime}};
        bool done = true;

        g_assert(sink->is_open);
        if (sink->file_fd >= 0) {
                /* A time that the file system cannot hold is no reason to fail. */
                if (sink->file_mtime >= 0)
                        (void)futimens(sink->file_fd, times);
                done = fchmod(sink->file_fd, sink->file_mode) == 0 ||
                       fail_entry(sink->file_name, "set the mode of", error);
        }
        nook_fd_close(nook_fd_steal(&sink->file_fd));
        g_clear_pointer(&sink->file_name, g_free);
        sink->is_open = false;
        return done;
}
