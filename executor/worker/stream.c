/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "worker/stream.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include "base/error.h"

enum {
        BUFFER_BYTES = 256 * 1024,
        /* inflateInit2(): the largest window, and a gzip header with its trailer checked. */
        GZIP_WINDOW_BITS = 15 + 16,
};

struct NookStream {
        int fd;
        NookCompression compression;
        uint64_t *packed_bytes;

        unsigned char *input; /* BUFFER_BYTES */
        size_t input_size;    /* bytes of it that are valid */
        size_t input_at;      /* the first that has not been used */
        bool input_ended;
        bool ended; /* of the decompressed data */

        z_stream inflater;
        bool has_inflater;

        struct archive *archive; /* as a decompressor only */
        GError *read_error;      /* from inside libarchive's callback */
};

bool nook_compression_parse(const char *name, NookCompression *ret) {
        static const char *const names[] = {"none", "gz", "xz", "zst", "bz2"};

        for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
                if (g_str_equal(name, names[i])) {
                        *ret = (NookCompression)i;
                        return true;
                }
        }
        return false;
}

/* --- input ----------------------------------------------------------------------------------- */

/* Refills the input buffer when it is used up. */
static bool fill(NookStream *stream, GError **error) {
        ssize_t size;

        if (stream->input_at < stream->input_size || stream->input_ended)
                return true;
        do
                size = read(stream->fd, stream->input, BUFFER_BYTES);
        while (size < 0 && errno == EINTR);
        if (size < 0)
                return nook_fail_errno(error, errno, "read the archive");
        stream->input_at = 0;
        stream->input_size = (size_t)size;
        stream->input_ended = size == 0;
        *stream->packed_bytes += (uint64_t)size;
        return true;
}

/* Reads what follows the last member; tapes pad with zeros. */
static bool expect_end(NookStream *stream, GError **error) {
        for (;;) {
                if (!fill(stream, error))
                        return false;
                if (stream->input_ended)
                        return true;
                while (stream->input_at < stream->input_size) {
                        if (stream->input[stream->input_at++] != 0)
                                return nook_fail(error, NOOK_ERROR_UNPACK,
                                                 "something else follows the compressed data");
                }
        }
}

/* --- gzip ------------------------------------------------------------------------------------ */

static bool fail_gzip(const NookStream *stream, int status, GError **error) {
        const char *why = stream->inflater.msg;

        if (why == NULL)
                why = status == Z_NEED_DICT ? "it needs a dictionary" : "no progress";
        return nook_fail(error, NOOK_ERROR_UNPACK, "the gzip data is damaged: %s", why);
}

/* A member has ended, its trailer was right. Another one may follow. */
static bool end_member(NookStream *stream, GError **error) {
        if (!fill(stream, error))
                return false;
        if (stream->input_ended || stream->input[stream->input_at] != 0x1f) {
                stream->ended = true;
                return expect_end(stream, error);
        }
        if (inflateReset(&stream->inflater) != Z_OK)
                return nook_fail(error, NOOK_ERROR_FAILED, "reset the inflater");
        return true;
}

static bool read_gzip(NookStream *stream, void *buffer, size_t size, size_t *ret_size,
                      GError **error) {
        z_stream *z = &stream->inflater;
        int status;

        z->next_out = buffer;
        z->avail_out = (uInt)size;
        while (z->avail_out > 0 && !stream->ended) {
                if (!fill(stream, error))
                        return false;
                if (stream->input_ended)
                        return nook_fail(error, NOOK_ERROR_UNPACK,
                                         "the gzip data ends too early: it is truncated");
                z->next_in = stream->input + stream->input_at;
                z->avail_in = (uInt)(stream->input_size - stream->input_at);
                status = inflate(z, Z_NO_FLUSH);
                stream->input_at = stream->input_size - z->avail_in;
                if (status != Z_OK && status != Z_STREAM_END)
                        return fail_gzip(stream, status, error);
                if (status == Z_STREAM_END && !end_member(stream, error))
                        return false;
        }
        *ret_size = size - z->avail_out;
        return true;
}

/* --- xz, zstd, bzip2: libarchive as a decompressor ------------------------------------------- */

static la_ssize_t give_input(struct archive *archive, void *user, const void **ret_buffer) {
        NookStream *stream = user;

        stream->input_at = stream->input_size;
        if (stream->read_error != NULL || !fill(stream, &stream->read_error)) {
                archive_set_error(archive, EIO, "read error");
                return -1;
        }
        *ret_buffer = stream->input;
        return (la_ssize_t)(stream->input_ended ? 0 : stream->input_size);
}

static bool fail_filter(NookStream *stream, GError **error) {
        const char *why = archive_error_string(stream->archive);

        if (stream->read_error != NULL) {
                g_propagate_error(error, g_steal_pointer(&stream->read_error));
                return false;
        }
        return nook_fail(error, NOOK_ERROR_UNPACK, "the compressed data is damaged: %s",
                         why != NULL ? why : "no reason given");
}

static bool open_filter(NookStream *stream, GError **error) {
        struct archive_entry *entry;
        int status = ARCHIVE_FATAL;

        stream->archive = archive_read_new();
        if (stream->compression == NOOK_COMPRESSION_XZ)
                status = archive_read_support_filter_xz(stream->archive);
        else if (stream->compression == NOOK_COMPRESSION_ZSTD)
                status = archive_read_support_filter_zstd(stream->archive);
        else
                status = archive_read_support_filter_bzip2(stream->archive);
        if (status != ARCHIVE_OK)
                return nook_fail(error, NOOK_ERROR_UNSUPPORTED,
                                 "this libarchive cannot decompress it itself");
        /* "raw": one entry that holds whatever comes out of the filter. */
        if (archive_read_support_format_raw(stream->archive) != ARCHIVE_OK ||
            archive_read_open(stream->archive, stream, NULL, give_input, NULL) != ARCHIVE_OK ||
            archive_read_next_header(stream->archive, &entry) != ARCHIVE_OK)
                return fail_filter(stream, error);
        /* The filter bids for the data; without one the bytes would come as they are. */
        if (archive_filter_count(stream->archive) < 2)
                return nook_fail(error, NOOK_ERROR_UNPACK,
                                 "the data is not compressed as its name says");
        return true;
}

/* libarchive ends bzip2 at the first thing that is none, without a word. */
static bool end_filter(NookStream *stream, GError **error) {
        uint64_t used = (uint64_t)archive_filter_bytes(stream->archive, -1);

        stream->ended = true;
        stream->input_at = stream->input_size;
        while (!stream->input_ended) {
                if (!fill(stream, error))
                        return false;
                stream->input_at = stream->input_size;
        }
        return used == *stream->packed_bytes ||
               nook_fail(error, NOOK_ERROR_UNPACK, "something else follows the compressed data");
}

static bool read_filter(NookStream *stream, void *buffer, size_t size, size_t *ret_size,
                        GError **error) {
        size_t got = 0;

        while (got < size && !stream->ended) {
                la_ssize_t n = archive_read_data(stream->archive, (char *)buffer + got, size - got);

                if (n < 0)
                        return fail_filter(stream, error);
                if (n == 0 && !end_filter(stream, error))
                        return false;
                got += (size_t)n;
        }
        *ret_size = got;
        return true;
}

/* --- all ------------------------------------------------------------------------------------- */

static bool read_plain(NookStream *stream, void *buffer, size_t size, size_t *ret_size,
                       GError **error) {
        size_t got = 0;

        while (got < size) {
                size_t part;

                if (!fill(stream, error))
                        return false;
                if (stream->input_ended)
                        break;
                part = MIN(size - got, stream->input_size - stream->input_at);
                memcpy((char *)buffer + got, stream->input + stream->input_at, part);
                stream->input_at += part;
                got += part;
        }
        *ret_size = got;
        return true;
}

NookStream *nook_stream_new(int fd, NookCompression compression, uint64_t *packed_bytes,
                            GError **error) {
        g_autoptr(NookStream) stream = g_new0(NookStream, 1);

        stream->fd = fd;
        stream->compression = compression;
        stream->packed_bytes = packed_bytes;
        stream->input = g_malloc(BUFFER_BYTES);
        if (compression == NOOK_COMPRESSION_NONE)
                return g_steal_pointer(&stream);
        if (compression != NOOK_COMPRESSION_GZIP)
                return open_filter(stream, error) ? g_steal_pointer(&stream) : NULL;
        if (inflateInit2(&stream->inflater, GZIP_WINDOW_BITS) != Z_OK) {
                (void)nook_fail(error, NOOK_ERROR_FAILED, "start the inflater");
                return NULL;
        }
        stream->has_inflater = true;
        return g_steal_pointer(&stream);
}

void nook_stream_free(NookStream *stream) {
        if (stream == NULL)
                return;
        if (stream->has_inflater)
                (void)inflateEnd(&stream->inflater);
        if (stream->archive != NULL)
                (void)archive_read_free(stream->archive);
        g_clear_error(&stream->read_error);
        g_free(stream->input);
        g_free(stream);
}

bool nook_stream_read(NookStream *stream, void *buffer, size_t size, size_t *ret_size,
                      GError **error) {
        g_assert(size <= G_MAXUINT);
        switch (stream->compression) {
        case NOOK_COMPRESSION_NONE:
                return read_plain(stream, buffer, size, ret_size, error);
        case NOOK_COMPRESSION_GZIP:
                return read_gzip(stream, buffer, size, ret_size, error);
        default:
                return read_filter(stream, buffer, size, ret_size, error);
        }
}
