/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* The tree that an archive becomes. All formats write through here, so that limits, names, modes
 * and links have one guard. Limits count work, not only what is kept: entries that are stripped
 * away, implied parent directories and bytes that are thrown away count too. Nothing is replaced: a
 * name that occurs twice is an error, except a directory. */

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

typedef struct {
        uint64_t max_bytes;   /* unpacked; 0: no limit, as below */
        uint64_t max_entries; /* with implied directories */
        uint64_t max_ratio;   /* unpacked to packed, past the first 64 MiB */
        unsigned max_depth;
        unsigned strip_components;
} NookSinkLimits;

typedef struct NookSink NookSink;

/*   directory_fd  the empty stage directory; borrowed
 *   packed_bytes  counts what has been read of the archive; borrowed, read at any time */
NookSink *nook_sink_new(int directory_fd, const NookSinkLimits *limits,
                        const uint64_t *packed_bytes);
void nook_sink_free(NookSink *sink);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(NookSink, nook_sink_free)

/* Counts one more thing to do, without making anything: a header that only describes another. */
bool nook_sink_count_entry(NookSink *sink, GError **error);

/* Names are as in the archive. Modes lose everything but rwx bits: setuid, setgid and sticky ones
 * are dropped, as programs that unpack for others do. The owner can always read a file, and read,
 * write and enter a directory. Errors: UNPACK, LIMIT, SPACE, IO. */
bool nook_sink_directory(NookSink *sink, const char *name, size_t size, mode_t mode,
                         GError **error);
bool nook_sink_symlink(NookSink *sink, const char *name, size_t size, const char *target,
                       size_t target_size, GError **error);
/* target: the name of a regular file that came earlier; it is stripped as names are. */
bool nook_sink_hardlink(NookSink *sink, const char *name, size_t size, const char *target,
                        size_t target_size, GError **error);

/* A file: open, write any number of times, close.
 *   claimed_bytes  what the archive says it will have: over the limit is refused before a byte
 *   mtime          seconds since 1970; negative: now */
bool nook_sink_open_file(NookSink *sink, const char *name, size_t size, mode_t mode,
                         uint64_t claimed_bytes, int64_t mtime, GError **error);
bool nook_sink_write(NookSink *sink, const void *data, size_t size, GError **error);
bool nook_sink_close_file(NookSink *sink, GError **error);

/* Bytes that came out of a decompressor and are not kept. */
bool nook_sink_count_bytes(NookSink *sink, uint64_t bytes, GError **error);

uint64_t nook_sink_bytes(const NookSink *sink);
uint64_t nook_sink_entries(const NookSink *sink);
