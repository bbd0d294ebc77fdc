/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "hcl/impl.h"

/* Memory of a file comes in chunks that grow up to CHUNK_MAX; nothing is given back one by one. */
enum {
        CHUNK_MIN = 4096,
        CHUNK_MAX = 1 << 20,
        ALIGNMENT = 16,
};

typedef struct Chunk Chunk;
struct Chunk {
        Chunk *next;
        max_align_t memory[];
};

typedef struct {
        void *data;
        GDestroyNotify destroy;
} Kept;

struct HclFile {
        guint refs;
        NookSource *source;
        HclBody *body;
        const HclExpr *expr;
        Chunk *chunks;
        char *at, *end; /* free memory in the newest chunk */
        size_t chunk_size;
        GArray *kept; /* Kept */
};

HclFile *hcl_file_new(NookSource *source) {
        HclFile *file = g_new0(HclFile, 1);

        file->refs = 1;
        file->source = nook_source_ref(source);
        file->chunk_size = CHUNK_MIN;
        return file;
}

HclFile *hcl_file_ref(HclFile *file) {
        if (file)
                file->refs++;
        return file;
}

void hcl_file_unref(HclFile *file) {
        if (!file || --file->refs > 0)
                return;
        for (guint i = 0; file->kept && i < file->kept->len; i++) {
                const Kept *kept = &g_array_index(file->kept, Kept, i);

                kept->destroy(kept->data);
        }
        g_clear_pointer(&file->kept, g_array_unref);
        while (file->chunks) {
                Chunk *chunk = file->chunks;

                file->chunks = chunk->next;
                g_free(chunk);
        }
        nook_source_unref(file->source);
        g_free(file);
}

static void *new_chunk(HclFile *file, size_t size) {
        Chunk *chunk = g_malloc(sizeof(Chunk) + size);

        chunk->next = file->chunks;
        file->chunks = chunk;
        return chunk->memory;
}

/* A chunk is cleared piece by piece as it is handed out: the pages behind are never touched, which
 * for a small file costs more than all else. */
void *hcl_file_alloc(HclFile *file, size_t size) {
        void *memory;

        size = (size + ALIGNMENT - 1) & ~(size_t)(ALIGNMENT - 1);
        if (size > (size_t)(file->end - file->at)) {
                if (size > CHUNK_MAX / 4)
                        return memset(new_chunk(file, size), 0, size);
                file->chunk_size = MIN(file->chunk_size * 2, CHUNK_MAX);
                while (file->chunk_size < size)
                        file->chunk_size *= 2;
                file->at = new_chunk(file, file->chunk_size);
                file->end = file->at + file->chunk_size;
        }
        memory = file->at;
        file->at += size;
        return memset(memory, 0, size);
}

char *hcl_file_strndup(HclFile *file, const char *text, size_t size) {
        char *copy = hcl_file_alloc(file, size + 1);

        if (size > 0)
                memcpy(copy, text, size);
        return copy;
}

const void *hcl_file_memdup(HclFile *file, const void *data, size_t size) {
        void *copy;

        if (size == 0)
                return NULL;
        copy = hcl_file_alloc(file, size);
        memcpy(copy, data, size);
        return copy;
}

void *hcl_file_keep(HclFile *file, void *data, GDestroyNotify destroy) {
        Kept kept = {.data = data, .destroy = destroy};

        if (!file->kept)
                file->kept = g_array_new(FALSE, FALSE, sizeof(Kept));
        g_array_append_val(file->kept, kept);
        return data;
}

void hcl_file_set_body(HclFile *file, HclBody *body) {
        file->body = body;
}

void hcl_file_set_expr(HclFile *file, const HclExpr *expr) {
        file->expr = expr;
}

NookSource *hcl_file_source(const HclFile *file) {
        return file->source;
}

HclBody *hcl_file_body(const HclFile *file) {
        return file->body;
}

const HclExpr *hcl_file_expr(const HclFile *file) {
        return file->expr;
}
