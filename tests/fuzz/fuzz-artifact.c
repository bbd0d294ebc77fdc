/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The texts that staging reads: a job's source, a list of checksums from the network, and a
 * worker's answers. */

#include <string.h>

#include "artifact.h"
#include "fuzz.h"
#include "worker/entry.h"
#include "worker/wire.h"

static void read_source(const char *text) {
        NookStageArtifact artifact = {.source = text};
        g_autoptr(NookArtifactSource) source = nook_artifact_source_new(&artifact, NULL);

        /* What is put into a directory is one name. */
        if (source != NULL && source->packing == NOOK_PACKING_NONE)
                g_assert(strchr(source->file_name, '/') == NULL);
}

static void read_list(const char *text, size_t size) {
        g_autofree char *hex = NULL;
        const char *name;

        if (nook_sums_find(text, size, "a.zip", &name, &hex, NULL))
                g_assert_cmpstr(nook_digest_name_of_length(strlen(hex)), ==, name);
}

static void read_answer(const char *text, size_t size) {
        NookAnswer answer = {0};

        if (nook_wire_parse_answer(text, size, &answer))
                g_free(answer.text);
}

static void read_entry(const char *text, size_t size) {
        g_autofree char *path = NULL;

        if (!nook_entry_path(text, size, 1, 8, &path, NULL) || path == NULL)
                return;
        g_assert(*path != '/' && *path != '\0' && !g_str_has_suffix(path, "/"));
        g_assert(strstr(path, "//") == NULL && !g_str_has_prefix(path, "../"));
        (void)nook_entry_check_link(path, text, size, NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        g_autofree char *text = g_strndup((const char *)data, size);

        read_source(text);
        read_list((const char *)data, size);
        read_answer((const char *)data, size);
        read_entry((const char *)data, size);
        return 0;
}
