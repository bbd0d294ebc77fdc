/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Reads a tar archive: v7, ustar, GNU and pax, as they are written today. Read here and not by
 * libarchive for three reasons: names stay bytes (libarchive converts them, so that two files can
 * become one), a damaged header is an error and not the end of the archive, and owners, extended
 * attributes and access lists have no way in. Whatever this reader does not know for certain it
 * refuses: sparse files, devices, multi-volume parts, hard links with data.
 * Source: tar(5) of libarchive, pax in POSIX.1-2017. */

#include <glib.h>
#include <stdbool.h>

#include "worker/sink.h"
#include "worker/stream.h"

/* Reads the whole stream into the sink, and past the end of the archive, where only zeros may be.
 * Errors: UNPACK, LIMIT, SPACE, IO. */
bool nook_tar_unpack(NookStream *stream, NookSink *sink, GError **error);
