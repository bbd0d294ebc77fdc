/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Reads a zip archive from a file, by its directory. A zip says everything twice, in the directory
 * at its end and in a header before each file, and programs differ in which they believe; here both
 * must agree, entries may not overlap, and every byte of the file must belong to something. Names
 * stay bytes. Modes and links come from the directory, which is why a zip cannot be streamed.
 * Methods: stored and deflate. Source: PKWARE's APPNOTE.TXT 6.3.10. */

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "worker/sink.h"

typedef struct {
        char *name; /* bytes; may hold a NUL, which the sink refuses */
        size_t name_size;
        uint16_t flags;
        uint16_t method;
        uint32_t crc;
        uint64_t packed_bytes;
        uint64_t bytes;
        uint64_t header_offset; /* of the local header */
        uint64_t data_offset;   /* behind it */
        mode_t mode;            /* with its type; 0 where the archive has no Unix modes */
} NookZipEntry;

/* Reads and checks the directory: array of NookZipEntry, in its order.
 *   max_entries  more is refused before memory is taken for them; 0: 10 million
 * Errors: UNPACK for anything that disagrees, LIMIT, IO. */
GArray *nook_zip_read_directory(int fd, uint64_t max_entries, GError **error);

/* Reads the whole archive into the sink.
 *   packed_bytes  counts the bytes read, for the sink's ratio */
bool nook_zip_unpack(int fd, uint64_t max_entries, uint64_t *packed_bytes, NookSink *sink,
                     GError **error);
