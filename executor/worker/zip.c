/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "worker/zip.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "base/error.h"
#include "beneath.h"

enum { BUFFER_BYTES = 256 * 1024 };

/* The content of one entry on its way out. */
typedef struct {
        int fd;
        const NookZipEntry *entry;
        NookSink *sink;
        uint64_t *packed_bytes; /* read so far, of the whole archive */
        unsigned char *input, *output;
        uint64_t taken; /* of the entry's packed bytes */
        uint64_t given; /* of its bytes */
        uLong crc;
        GString *text; /* where a link's target goes; NULL: the sink's file */
} Content;

static bool fail_content(const Content *content, const char *why, GError **error) {
        g_autofree char *shown =
                nook_printable(content->entry->name, (gssize)content->entry->name_size);

        return nook_fail(error, NOOK_ERROR_UNPACK, "entry '%s' of the zip archive is damaged: %s",
                         shown, why);
}

/* Reads the next packed bytes; size 0 when there are no more. */
static bool take_input(Content *content, size_t *ret_size, GError **error) {
        uint64_t left = content->entry->packed_bytes - content->taken;
        ssize_t size;

        do
                size = pread(content->fd, content->input, (size_t)MIN(left, BUFFER_BYTES),
                             (off_t)(content->entry->data_offset + content->taken));
        while (size < 0 && errno == EINTR);
        if (size < 0)
                return nook_fail_errno(error, errno, "read the archive");
        if (size == 0 && left > 0)
                return fail_content(content, "the file has become shorter", error);
        content->taken += (uint64_t)size;
        *content->packed_bytes += (uint64_t)size;
        *ret_size = (size_t)size;
        return true;
}

static bool give_output(Content *content, const unsigned char *data, size_t size, GError **error) {
        content->given += size;
        if (content->given > content->entry->bytes)
                return fail_content(content, "it is longer than the directory says", error);
        content->crc = crc32(content->crc, data, (uInt)size);
        if (content->text == NULL)
                return nook_sink_write(content->sink, data, size, error);
        g_string_append_len(content->text, (const char *)data, (gssize)size);
        return nook_sink_count_bytes(content->sink, size, error);
}

static bool copy_stored(Content *content, GError **error) {
        size_t size;

        for (;;) {
                if (!take_input(content, &size, error))
                        return false;
                if (size == 0)
                        return true;
                if (!give_output(content, content->input, size, error))
                        return false;
        }
}

/* Inflates until the data says that it ends, which must be with the last packed byte. */
static bool inflate_all(Content *content, z_stream *z, GError **error) {
        int status = Z_OK;

        while (status != Z_STREAM_END) {
                size_t size;

                if (z->avail_in == 0) {
                        if (!take_input(content, &size, error))
                                return false;
                        if (size == 0)
                                return fail_content(content, "its data ends too early", error);
                        z->next_in = content->input;
                        z->avail_in = (uInt)size;
                }
                z->next_out = content->output;
                z->avail_out = BUFFER_BYTES;
                status = inflate(z, Z_NO_FLUSH);
                if (status != Z_OK && status != Z_STREAM_END)
                        return fail_content(content, z->msg != NULL ? z->msg : "no progress",
                                            error);
                if (!give_output(content, content->output, BUFFER_BYTES - z->avail_out, error))
                        return false;
        }
        return (z->avail_in == 0 && content->taken == content->entry->packed_bytes) ||
               fail_content(content, "something else follows its data", error);
}

static bool copy_deflated(Content *content, GError **error) {
        z_stream z = {0};
        bool done;

        if (inflateInit2(&z, -MAX_WBITS) != Z_OK)
                return nook_fail(error, NOOK_ERROR_FAILED, "start the inflater");
        done = inflate_all(content, &z, error);
        (void)inflateEnd(&z);
        return done;
}

static bool copy_content(Content *content, GError **error) {
        content->crc = crc32(0, NULL, 0);
        if (content->entry->method == 0 ? !copy_stored(content, error)
                                        : !copy_deflated(content, error))
                return false;
        if (content->given != content->entry->bytes)
                return fail_content(content, "it is shorter than the directory says", error);
        return content->crc == content->entry->crc ||
               fail_content(content, "its checksum is wrong", error);
}

static bool unpack_entry(Content *content, GError **error) {
        const NookZipEntry *entry = content->entry;

        if (S_ISDIR(entry->mode)) {
                if (entry->bytes != 0)
                        return fail_content(content, "it is a directory with content", error);
                return nook_sink_directory(content->sink, entry->name, entry->name_size,
                                           entry->mode, error);
        }
        if (S_ISLNK(entry->mode)) {
                g_autoptr(GString) target = g_string_new(NULL);

                if (entry->bytes >= PATH_MAX)
                        return fail_content(content, "it is a link with an impossible target",
                                            error);
                content->text = target;
                return copy_content(content, error) &&
                       nook_sink_symlink(content->sink, entry->name, entry->name_size, target->str,
                                         target->len, error);
        }
        return nook_sink_open_file(content->sink, entry->name, entry->name_size, entry->mode,
                                   entry->bytes, -1, error) &&
               copy_content(content, error) && nook_sink_close_file(content->sink, error);
}

bool nook_zip_unpack(int fd, uint64_t max_entries, uint64_t *packed_bytes, NookSink *sink,
                     GError **error) {
        g_autoptr(GArray) entries = nook_zip_read_directory(fd, max_entries, error);
        g_autofree unsigned char *input = g_malloc(BUFFER_BYTES), *output = g_malloc(BUFFER_BYTES);

        for (guint i = 0; entries != NULL && i < entries->len; i++) {
                Content content = {.fd = fd,
                                   .entry = &g_array_index(entries, NookZipEntry, i),
                                   .sink = sink,
                                   .packed_bytes = packed_bytes,
                                   .input = input,
                                   .output = output};

                if (!unpack_entry(&content, error))
                        return false;
        }
        return entries != NULL;
}
