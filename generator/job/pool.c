/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "job/pool.h"

#include <stddef.h>
#include <string.h>

enum {
        CHUNK_FIRST = 4096 - 64, /* bytes; a small job fits into a few pages */
        CHUNK_MAX = 256 * 1024,
};

typedef struct Chunk Chunk;
struct Chunk {
        Chunk *next;
        gsize size;
        gsize used;
        max_align_t data[];
};

typedef struct {
        void *data;
        GDestroyNotify destroy;
} Kept;

struct NookPool {
        Chunk *chunks; /* the newest first; only that one is filled */
        gsize next_size;
        GArray *kept;
};

NookPool *nook_pool_new(void) {
        NookPool *pool = g_new0(NookPool, 1);

        pool->next_size = CHUNK_FIRST;
        pool->kept = g_array_new(FALSE, FALSE, sizeof(Kept));
        return pool;
}

void nook_pool_free(NookPool *pool) {
        if (!pool)
                return;

        for (guint i = pool->kept->len; i > 0; i--) {
                Kept kept = g_array_index(pool->kept, Kept, i - 1);

                kept.destroy(kept.data);
        }
        g_array_free(pool->kept, TRUE);

        while (pool->chunks) {
                Chunk *chunk = pool->chunks;

                pool->chunks = chunk->next;
                g_free(chunk);
        }
        g_free(pool);
}

static void add_chunk(NookPool *pool, gsize least) {
        gsize size = MAX(pool->next_size, least);
        Chunk *chunk = g_malloc(sizeof(Chunk) + size);

        chunk->next = pool->chunks;
        chunk->size = size;
        chunk->used = 0;
        pool->chunks = chunk;
        pool->next_size = MIN(pool->next_size * 2, (gsize)CHUNK_MAX);
}

void *nook_pool_alloc(NookPool *pool, gsize size) {
        const gsize align = _Alignof(max_align_t);
        gsize rounded = (size + align - 1) / align * align;
        char *start;

        g_assert(rounded >= size);
        if (!pool->chunks || pool->chunks->size - pool->chunks->used < rounded)
                add_chunk(pool, rounded);

        start = (char *)pool->chunks->data + pool->chunks->used;
        pool->chunks->used += rounded;
        memset(start, 0, size);
        return start;
}

char *nook_pool_strndup(NookPool *pool, const char *text, gssize size) {
        gsize length = size < 0 ? strlen(text) : (gsize)size;
        char *copy = nook_pool_alloc(pool, length + 1);

        memcpy(copy, text, length);
        return copy;
}

char *nook_pool_printf(NookPool *pool, const char *format, ...) {
        g_autofree char *text = NULL;
        va_list args;

        va_start(args, format);
        text = g_strdup_vprintf(format, args);
        va_end(args);
        return nook_pool_strndup(pool, text, -1);
}

void nook_pool_keep(NookPool *pool, void *data, GDestroyNotify destroy) {
        Kept kept = {data, destroy};

        g_array_append_val(pool->kept, kept);
}
