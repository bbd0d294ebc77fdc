/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* The bytes of an archive, decompressed while they come. gzip is inflated here, member by member,
 * with its checksum and length verified (libarchive's filter checks neither); the other formats
 * carry checksums that their libraries verify. The end is exact: what follows the last member is
 * nothing or zeros, and the input is read to its end. */

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

typedef enum {
        NOOK_COMPRESSION_NONE,
        NOOK_COMPRESSION_GZIP,
        NOOK_COMPRESSION_XZ,
        NOOK_COMPRESSION_ZSTD,
        NOOK_COMPRESSION_BZIP2,
} NookCompression;

typedef struct NookStream NookStream;

/* Names: "none" "gz" "xz" "zst" "bz2". */
bool nook_compression_parse(const char *name, NookCompression *ret);

/*   fd            borrowed; a pipe or a file
 *   packed_bytes  kept up to date with what has been read of fd; borrowed */
NookStream *nook_stream_new(int fd, NookCompression compression, uint64_t *packed_bytes,
                            GError **error);
void nook_stream_free(NookStream *stream);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(NookStream, nook_stream_free)

/* Reads exactly size bytes, fewer only at the end of the data.
 * Errors: UNPACK for damage, IO. */
bool nook_stream_read(NookStream *stream, void *buffer, size_t size, size_t *ret_size,
                      GError **error);
