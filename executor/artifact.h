/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What an artifact's source means: go-getter's words, as Nomad's job files use them, for the
 * schemes that nook has. Pure: text in, a decision out. */

#include <glib.h>
#include <stdbool.h>

#include "stage.h"

typedef enum {
        NOOK_SOURCE_HTTP, /* http, https */
        NOOK_SOURCE_FILE,
} NookSourceKind;

typedef enum {
        NOOK_PACKING_NONE,   /* a file that stays as it is */
        NOOK_PACKING_SINGLE, /* one compressed file */
        NOOK_PACKING_TAR,
        NOOK_PACKING_ZIP,
} NookPacking;

typedef struct {
        NookSourceKind kind;
        char *url;       /* http: to be fetched; options and subdirectory taken out */
        char *path;      /* file: absolute, or relative to the directory of the job file */
        char *name;      /* for messages: without user, password and query */
        char *file_name; /* the last name of the path, or the option `filename` */

        NookPacking packing;
        const char *compression; /* a name as nook_compression_parse() has it */
        char *subdirectory;      /* of the unpacked tree; may be a pattern; NULL: all of it */

        char *digest_name; /* "sha256"; NULL: no checksum */
        char *digest;      /* lower-case hex; NULL while it has to be looked up */
        char *sums_url;    /* http: where it is listed, instead */
        char *sums_path;   /* file: the same */
} NookArtifactSource;

/* Reads a source with its options.
 * Errors: INVALID, UNSUPPORTED for a scheme or an archive that nook does not have. No message
 * holds a password. */
NookArtifactSource *nook_artifact_source_new(const NookStageArtifact *artifact, GError **error);
void nook_artifact_source_free(NookArtifactSource *source);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(NookArtifactSource, nook_artifact_source_free)

/* Whether two URLs are written with the same scheme, host and port, users aside. One that is NULL
 * has no origin. */
bool nook_artifact_is_same_origin(const char *a, const char *b);

/* The kind of a digest by its length in hex digits, or NULL. */
const char *nook_digest_name_of_length(size_t length);

/* Looks up a file in a list of checksums, as md5sum and sha256sum write them (GNU and BSD forms,
 * text and binary marks, escaped names), or in a file that holds one bare checksum.
 *   file_name  its last path component must be this, exactly: "x-NAME" is another file
 *   ret_name   kind of digest; borrowed, static
 *   ret_hex    lower-case; caller's
 * Errors: CHECKSUM when it is not listed, or listed twice with different values. */
bool nook_sums_find(const char *text, size_t size, const char *file_name, const char **ret_name,
                    char **ret_hex, GError **error);
