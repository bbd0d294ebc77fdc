/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The readers of nook-unpack: tar with each decompressor, and zip with its directory. The first
 * byte says which. Nothing may appear outside the stage directory, whatever the bytes are. */

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "beneath.h"
#include "fuzz.h"
#include "tree.h"
#include "worker/sink.h"
#include "worker/stream.h"
#include "worker/tar.h"
#include "worker/zip.h"

enum {
        BLOCK = 512,
        TAR_FIXED = 5, /* a tar whose header checksums are made right first */
        ZIP = 6,
        KINDS,
};

static const NookSinkLimits limits = {.max_bytes = 1024 * 1024,
                                      .max_entries = 64,
                                      .max_ratio = 100,
                                      .max_depth = 16,
                                      .strip_components = 0};

/* Lets the fuzzer get past the checksum, which it would never guess. */
static void fix_checksums(uint8_t *data, size_t size) {
        for (size_t at = 0; at + BLOCK <= size; at += BLOCK) {
                char text[8];
                unsigned sum = 0;

                if (data[at] == 0)
                        continue;
                memset(data + at + 148, ' ', 8);
                for (size_t i = 0; i < BLOCK; i++)
                        sum += data[at + i];
                (void)snprintf(text, sizeof(text), "%06o", sum);
                memcpy(data + at + 148, text, 7);
        }
}

static void unpack(int fd, unsigned kind, int stage_fd) {
        uint64_t packed_bytes = 0;
        g_autoptr(NookSink) sink = nook_sink_new(stage_fd, &limits, &packed_bytes);
        g_autoptr(NookStream) stream = NULL;

        if (kind == ZIP) {
                (void)nook_zip_unpack(fd, limits.max_entries, &packed_bytes, sink, NULL);
        } else {
                stream = nook_stream_new(
                        fd, kind == TAR_FIXED ? NOOK_COMPRESSION_NONE : (NookCompression)kind,
                        &packed_bytes, NULL);
                if (stream != NULL)
                        (void)nook_tar_unpack(stream, sink, NULL);
        }
        /* One write may cross the limit before it is noticed, but by no more than a buffer. */
        g_assert(nook_sink_bytes(sink) <= limits.max_bytes + 256 * 1024);
}

static unsigned count_entries(const char *path) {
        DIR *dir = opendir(path);
        unsigned count = 0;

        g_assert(dir != NULL);
        while (readdir(dir) != NULL)
                count++;
        closedir(dir);
        return count;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        g_autofree char *top = g_strdup("/dev/shm/nook-fuzz-XXXXXX");
        g_auto(NookFd) input_fd = memfd_create("input", MFD_CLOEXEC), top_fd = -1, stage_fd = -1;
        g_autofree uint8_t *copy = NULL;
        unsigned kind;

        if (size < 2)
                return 0;
        kind = data[0] % KINDS;
        copy = g_memdup2(data + 1, size - 1);
        if (kind == TAR_FIXED)
                fix_checksums(copy, size - 1);
        g_assert(nook_write_all(input_fd, copy, size - 1) && lseek(input_fd, 0, SEEK_SET) == 0);
        g_assert(g_mkdtemp(top) != NULL);
        top_fd = open(top, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        g_assert(mkdirat(top_fd, "stage", 0700) == 0);
        stage_fd = openat(top_fd, "stage", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        unpack(input_fd, kind, stage_fd);
        g_assert(count_entries(top) == 3); /* ".", "..", "stage" */
        g_assert(nook_tree_remove(top_fd, "stage", "stage", NULL));
        g_assert(rmdir(top) == 0);
        return 0;
}
