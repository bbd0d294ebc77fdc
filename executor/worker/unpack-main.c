/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* nook-unpack: turns one archive into a tree. Started by nook, confined (executor/worker.h), never
 * by people. Orders: "kind" (tar, zip, single), "compression", "name" (of a single file), limits.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "worker/harden.h"
#include "worker/sink.h"
#include "worker/stream.h"
#include "worker/tar.h"
#include "worker/wire.h"
#include "worker/zip.h"

enum { COPY_BYTES = 256 * 1024 };

/* A compressed file that is no archive: "tool.gz" becomes "tool". */
static bool unpack_single(NookStream *stream, NookSink *sink, const char *name, GError **error) {
        g_autofree char *buffer = g_malloc(COPY_BYTES);
        size_t size = COPY_BYTES;

        if (name == NULL)
                return nook_fail(error, NOOK_ERROR_FAILED, "the orders name no file");
        if (!nook_sink_open_file(sink, name, strlen(name), 0644, 0, -1, error))
                return false;
        while (size == COPY_BYTES) {
                if (!nook_stream_read(stream, buffer, COPY_BYTES, &size, error) ||
                    !nook_sink_write(sink, buffer, size, error))
                        return false;
        }
        return nook_sink_close_file(sink, error);
}

static bool unpack_stream(GVariant *orders, NookSink *sink, uint64_t *packed_bytes,
                          GError **error) {
        const char *kind = nook_wire_string(orders, "kind");
        const char *compression_name = nook_wire_string(orders, "compression");
        const char *name = NULL; /* bytes: a server's name need not be UTF-8 */
        g_autoptr(NookStream) stream = NULL;
        NookCompression compression;

        if (kind == NULL || compression_name == NULL ||
            !nook_compression_parse(compression_name, &compression))
                return nook_fail(error, NOOK_ERROR_FAILED, "the orders make no sense");
        stream = nook_stream_new(NOOK_WIRE_INPUT, compression, packed_bytes, error);
        if (stream == NULL)
                return false;
        if (g_str_equal(kind, "tar"))
                return nook_tar_unpack(stream, sink, error);
        (void)g_variant_lookup(orders, "name", "^&ay", &name);
        return unpack_single(stream, sink, name, error);
}

static bool unpack(GVariant *orders, uint64_t *ret_bytes, GError **error) {
        NookSinkLimits limits = {
                .max_bytes = nook_wire_number(orders, "max-bytes"),
                .max_entries = nook_wire_number(orders, "max-entries"),
                .max_ratio = nook_wire_number(orders, "max-ratio"),
                .max_depth = (unsigned)nook_wire_number(orders, "max-depth"),
                .strip_components = (unsigned)nook_wire_number(orders, "strip-components"),
        };
        uint64_t packed_bytes = 0;
        g_autoptr(NookSink) sink = nook_sink_new(NOOK_WIRE_OUTPUT, &limits, &packed_bytes);
        bool is_zip = g_strcmp0(nook_wire_string(orders, "kind"), "zip") == 0;

        if (is_zip ? !nook_zip_unpack(NOOK_WIRE_INPUT, limits.max_entries, &packed_bytes, sink,
                                      error)
                   : !unpack_stream(orders, sink, &packed_bytes, error))
                return false;
        *ret_bytes = nook_sink_bytes(sink);
        return true;
}

/* Reads on to the end after a failure, so that the checksum of the whole can still be told: a wrong
 * one explains a damaged archive. Not for a bomb. */
static void drain(GVariant *orders, const GError *error) {
        char buffer[64 * 1024];

        if (nook_wire_number(orders, "drain") == 0 || error->code != NOOK_ERROR_UNPACK)
                return;
        while (read(NOOK_WIRE_INPUT, buffer, sizeof(buffer)) > 0)
                continue;
}

int main(void) {
        g_autoptr(GVariant) orders = NULL;
        g_autoptr(GError) error = NULL;
        uint64_t bytes;

        orders = nook_wire_read_orders(NOOK_WIRE_ORDERS, &error);
        if (orders == NULL || !nook_worker_harden(NOOK_WORKER_UNPACK, NOOK_WIRE_OUTPUT, &error) ||
            !unpack(orders, &bytes, &error)) {
                if (orders != NULL)
                        drain(orders, error);
                nook_wire_send_error(NOOK_WIRE_ANSWERS, error);
                return EXIT_FAILURE;
        }
        return nook_wire_send(NOOK_WIRE_ANSWERS, "end %" G_GUINT64_FORMAT "\n", bytes)
                       ? EXIT_SUCCESS
                       : EXIT_FAILURE;
}
