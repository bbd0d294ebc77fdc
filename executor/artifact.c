/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "artifact.h"

#include <string.h>

#include "base/error.h"
#include "beneath.h"

void nook_artifact_source_free(NookArtifactSource *source) {
        if (source == NULL)
                return;
        g_free(source->url);
        g_free(source->path);
        g_free(source->name);
        g_free(source->file_name);
        g_free(source->subdirectory);
        g_free(source->digest_name);
        g_free(source->digest);
        g_free(source->sums_url);
        g_free(source->sums_path);
        g_free(source);
}

/* --- archive kinds --------------------------------------------------------------------------- */

typedef struct {
        const char *extension; /* without the first dot */
        NookPacking packing;
        const char *compression;
} Kind;

/* The longest suffix counts, so those of two parts come first. What is not listed stays a file,
 * .jar among it. */
static const Kind kinds[] = {
        {"tar.gz", NOOK_PACKING_TAR, "gz"}, {"tar.bz2", NOOK_PACKING_TAR, "bz2"},
        {"tar.xz", NOOK_PACKING_TAR, "xz"}, {"tar.zst", NOOK_PACKING_TAR, "zst"},
        {"tgz", NOOK_PACKING_TAR, "gz"},    {"tbz2", NOOK_PACKING_TAR, "bz2"},
        {"txz", NOOK_PACKING_TAR, "xz"},    {"tzst", NOOK_PACKING_TAR, "zst"},
        {"tar", NOOK_PACKING_TAR, "none"},  {"zip", NOOK_PACKING_ZIP, "none"},
        {"gz", NOOK_PACKING_SINGLE, "gz"},  {"bz2", NOOK_PACKING_SINGLE, "bz2"},
        {"xz", NOOK_PACKING_SINGLE, "xz"},  {"zst", NOOK_PACKING_SINGLE, "zst"},
};

static const Kind *kind_of_extension(const char *extension) {
        for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++) {
                if (g_str_equal(kinds[i].extension, extension))
                        return &kinds[i];
        }
        return NULL;
}

static const Kind *kind_of_name(const char *name) {
        for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++) {
                g_autofree char *suffix = g_strconcat(".", kinds[i].extension, NULL);

                if (g_str_has_suffix(name, suffix))
                        return &kinds[i];
        }
        return NULL;
}

static bool choose_packing(NookArtifactSource *source, const char *archive, GError **error) {
        const Kind *kind;

        source->compression = "none";
        if (archive != NULL && (g_str_equal(archive, "false") || g_str_equal(archive, "0")))
                return true;
        if (archive != NULL && *archive != '\0') {
                kind = kind_of_extension(*archive == '.' ? archive + 1 : archive);
                if (kind == NULL)
                        return nook_fail(error, NOOK_ERROR_UNSUPPORTED,
                                         "archive kind \"%s\" is not known; known are tar, tar.gz, "
                                         "tgz, tar.bz2, tbz2, tar.xz, txz, tar.zst, tzst, zip, gz, "
                                         "bz2, xz, zst, and false",
                                         archive);
        } else {
                kind = kind_of_name(source->file_name);
        }
        if (kind == NULL)
                return true;
        source->packing = kind->packing;
        source->compression = kind->compression;
        return true;
}

/* --- checksums ------------------------------------------------------------------------------- */

static const struct {
        const char *name;
        size_t length;
} digests[] = {{"md5", 32},    {"sha1", 40},   {"sha224", 56},
               {"sha256", 64}, {"sha384", 96}, {"sha512", 128}};

const char *nook_digest_name_of_length(size_t length) {
        for (size_t i = 0; i < G_N_ELEMENTS(digests); i++) {
                if (digests[i].length == length)
                        return digests[i].name;
        }
        return NULL;
}

static bool is_hex(const char *text, size_t length) {
        for (size_t i = 0; i < length; i++) {
                if (!g_ascii_isxdigit(text[i]))
                        return false;
        }
        return length > 0;
}

static bool read_digest(NookArtifactSource *source, const char *name, const char *hex,
                        GError **error) {
        const char *expected = nook_digest_name_of_length(strlen(hex));

        if (!is_hex(hex, strlen(hex)) || expected == NULL)
                return nook_fail(error, NOOK_ERROR_INVALID,
                                 "checksum \"%s\" is not the hexadecimal value of an md5, sha1, "
                                 "sha224, sha256, sha384 or sha512",
                                 hex);
        if (name != NULL && !g_str_equal(name, expected))
                return nook_fail(error, NOOK_ERROR_INVALID,
                                 "checksum \"%s:%s\" has %zu digits, which is not what %s gives",
                                 name, hex, strlen(hex), name);
        source->digest_name = g_strdup(expected);
        source->digest = g_ascii_strdown(hex, -1);
        return true;
}

static bool is_http(const char *url) {
        return g_ascii_strncasecmp(url, "http://", 7) == 0 ||
               g_ascii_strncasecmp(url, "https://", 8) == 0;
}

/* "type:hex", "hex", or "file:" and the place of a list. */
static bool read_checksum(NookArtifactSource *source, const char *text, GError **error) {
        const char *colon = strchr(text, ':');
        g_autofree char *name = NULL;

        if (colon == NULL)
                return read_digest(source, NULL, text, error);
        name = g_strndup(text, (gsize)(colon - text));
        if (!g_str_equal(name, "file"))
                return read_digest(source, name, colon + 1, error);
        if (is_http(colon + 1))
                source->sums_url = g_strdup(colon + 1);
        else if (g_str_has_prefix(colon + 1, "file://"))
                source->sums_path = g_strdup(colon + 1 + strlen("file://"));
        else if (strstr(colon + 1, "://") == NULL && colon[1] != '\0')
                source->sums_path = g_strdup(colon + 1);
        else
                return nook_fail(error, NOOK_ERROR_INVALID,
                                 "checksum \"%s\" names no http, https or local file", text);
        return true;
}

/* --- the source ------------------------------------------------------------------------------ */

/* A URL taken apart; pieces are slices of the text that was given. */
typedef struct {
        char *before; /* scheme, user, host: up to the path */
        char *path;
        char *query; /* without '?'; NULL: none */
} Pieces;

static void pieces_clear(Pieces *pieces) {
        g_free(pieces->before);
        g_free(pieces->path);
        g_free(pieces->query);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Pieces, pieces_clear)

static void take_apart(const char *url, Pieces *ret) {
        const char *scheme = strstr(url, "://");
        const char *authority = scheme != NULL ? scheme + 3 : url;
        const char *path = scheme != NULL ? authority + strcspn(authority, "/?#") : url;
        const char *end = path + strcspn(path, "?#");

        ret->before = g_strndup(url, (gsize)(path - url));
        ret->path = g_strndup(path, (gsize)(end - path));
        if (*end == '?')
                ret->query = g_strndup(end + 1, strcspn(end + 1, "#"));
}

/* "scheme://user:password@host" without what stands before the at sign. */
static char *without_user(const char *before) {
        const char *scheme = strstr(before, "://");
        const char *at = strrchr(before, '@');

        if (scheme == NULL || at == NULL || at < scheme)
                return g_strdup(before);
        return g_strdup_printf("%.*s%s", (int)(scheme + 3 - before), before, at + 1);
}

bool nook_artifact_is_same_origin(const char *a, const char *b) {
        g_autofree char *origin_a = NULL, *origin_b = NULL;
        g_auto(Pieces) pieces_a = {0}, pieces_b = {0};

        if (a == NULL || b == NULL)
                return false;
        take_apart(a, &pieces_a);
        take_apart(b, &pieces_b);
        origin_a = without_user(pieces_a.before);
        origin_b = without_user(pieces_b.before);
        return g_ascii_strcasecmp(origin_a, origin_b) == 0;
}

/* Cuts "//subdirectory" off a path. */
static bool take_subdirectory(NookArtifactSource *source, Pieces *pieces, GError **error) {
        char *cut = strstr(pieces->path, "//");
        g_auto(GStrv) names = NULL;

        if (cut == NULL)
                return true;
        names = g_strsplit(cut + 2, "/", -1);
        for (char **name = names; *name != NULL; name++) {
                if (g_str_equal(*name, ".."))
                        return nook_fail(error, NOOK_ERROR_INVALID,
                                         "the subdirectory of source '%s' has \"..\"",
                                         source->name);
        }
        if (cut[2] != '\0')
                source->subdirectory = g_strdup(cut + 2);
        *cut = '\0';
        return true;
}

/* Options that are nook's; all others of a query belong to the server. */
static const char *const own_options[] = {"archive", "checksum", "filename", NULL};

/* Takes nook's options out of the query, and keeps the rest as it was written. */
static void take_options(Pieces *pieces, GHashTable *options) {
        g_auto(GStrv) parts = g_strsplit(pieces->query != NULL ? pieces->query : "", "&", -1);
        g_autoptr(GString) rest = g_string_new(NULL);

        for (char **part = parts; *part != NULL; part++) {
                g_auto(GStrv) pair = g_strsplit(*part, "=", 2);
                g_autofree char *value = NULL;

                if (pair[0] != NULL && g_strv_contains(own_options, pair[0])) {
                        value = g_uri_unescape_string(pair[1] != NULL ? pair[1] : "", NULL);
                        g_hash_table_insert(options, g_strdup(pair[0]),
                                            value != NULL ? g_steal_pointer(&value)
                                                          : g_strdup(pair[1]));
                } else if (**part != '\0') {
                        g_string_append_printf(rest, "%s%s", rest->len > 0 ? "&" : "", *part);
                }
        }
        g_clear_pointer(&pieces->query, g_free);
        if (rest->len > 0)
                pieces->query = g_strdup(rest->str);
}

/* The block's own options; those that are the server's go into the query, as go-getter does. */
static void add_options(Pieces *pieces, GHashTable *options, const char *const *pairs) {
        g_autoptr(GString) query = g_string_new(pieces->query);

        for (; pairs != NULL && pairs[0] != NULL; pairs += 2) {
                if (g_strv_contains(own_options, pairs[0])) {
                        g_hash_table_insert(options, g_strdup(pairs[0]), g_strdup(pairs[1]));
                        continue;
                }
                if (query->len > 0)
                        g_string_append_c(query, '&');
                g_string_append_uri_escaped(query, pairs[0], NULL, FALSE);
                g_string_append_c(query, '=');
                g_string_append_uri_escaped(query, pairs[1], NULL, FALSE);
        }
        g_free(pieces->query);
        pieces->query = query->len > 0 ? g_strdup(query->str) : NULL;
}

/* Finds out which scheme it is. A "word::" before the source forces a getter. */
static bool choose_scheme(NookArtifactSource *source, const char **text, GError **error) {
        static const char *const forced[] = {"http::", "https::", "file::", NULL};
        g_autofree char *scheme = NULL;
        const char *end;

        for (size_t i = 0; forced[i] != NULL; i++) {
                if (g_str_has_prefix(*text, forced[i])) {
                        *text += strlen(forced[i]);
                        break;
                }
        }
        if (is_http(*text)) {
                source->kind = NOOK_SOURCE_HTTP;
                return true;
        }
        source->kind = NOOK_SOURCE_FILE;
        if (g_str_has_prefix(*text, "file://")) {
                *text += strlen("file://");
                return true;
        }
        end = strstr(*text, "::") != NULL ? strstr(*text, "::") : strstr(*text, "://");
        if (end != NULL) {
                scheme = g_strndup(*text, (gsize)(end - *text));
                return nook_fail(error, NOOK_ERROR_UNSUPPORTED,
                                 "source with \"%s\" is not supported; http, https and local files "
                                 "are",
                                 strlen(scheme) < 32 ? scheme : "an unknown scheme");
        }
        if (g_str_has_prefix(*text, "git@") || g_str_has_prefix(*text, "github.com/") ||
            g_str_has_prefix(*text, "gitlab.com/") || g_str_has_prefix(*text, "bitbucket.org/"))
                return nook_fail(error, NOOK_ERROR_UNSUPPORTED,
                                 "a git repository as source is not supported; name an archive of "
                                 "it by https");
        return *(*text) != '\0' || nook_fail(error, NOOK_ERROR_INVALID, "the source is empty");
}

static bool choose_file_name(NookArtifactSource *source, const char *path, const char *option,
                             GError **error) {
        const char *slash = strrchr(path, '/');

        source->file_name = source->kind == NOOK_SOURCE_HTTP
                                    ? g_uri_unescape_string(slash != NULL ? slash + 1 : path, NULL)
                                    : g_strdup(slash != NULL ? slash + 1 : path);
        if (source->file_name == NULL)
                source->file_name = g_strdup("");
        if (option == NULL)
                return true;
        if (*option == '\0' || strchr(option, '/') != NULL || g_str_equal(option, ".") ||
            g_str_equal(option, ".."))
                return nook_fail(error, NOOK_ERROR_INVALID, "filename \"%s\" is no file name",
                                 option);
        g_free(source->file_name);
        source->file_name = g_strdup(option);
        return true;
}

static bool read_source(NookArtifactSource *source, const NookStageArtifact *artifact,
                        GError **error) {
        g_autoptr(GHashTable) options =
                g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
        const char *text = artifact->source, *checksum, *filename;
        g_autofree char *host = NULL;
        g_auto(Pieces) pieces = {0};

        if (!choose_scheme(source, &text, error))
                return false;
        take_apart(text, &pieces);
        host = without_user(pieces.before);
        source->name = g_strconcat(host, pieces.path, NULL);
        if (!take_subdirectory(source, &pieces, error))
                return false;
        take_options(&pieces, options);
        add_options(&pieces, options, artifact->options);
        checksum = g_hash_table_lookup(options, "checksum");
        filename = g_hash_table_lookup(options, "filename");
        /* The archive's kind is told by the source's own name, not by the new one. */
        if (!choose_file_name(source, pieces.path, NULL, error) ||
            !choose_packing(source, g_hash_table_lookup(options, "archive"), error))
                return false;
        g_free(g_steal_pointer(&source->file_name));
        if (!choose_file_name(source, pieces.path, filename, error) ||
            (checksum != NULL && !read_checksum(source, checksum, error)))
                return false;
        if (source->kind == NOOK_SOURCE_FILE)
                source->path = g_steal_pointer(&pieces.path);
        else
                source->url = g_strconcat(pieces.before, pieces.path,
                                          pieces.query != NULL ? "?" : "", pieces.query, NULL);
        return true;
}

/* Rules between the source and the rest of its block. */
static bool check_block(const NookArtifactSource *source, const NookStageArtifact *artifact,
                        GError **error) {
        bool is_tree = source->packing == NOOK_PACKING_TAR || source->packing == NOOK_PACKING_ZIP;

        if (artifact->mode == NOOK_STAGE_DIR && !is_tree)
                return nook_fail(error, NOOK_ERROR_INVALID,
                                 "mode is \"dir\", but '%s' is no archive", source->name);
        if (source->subdirectory != NULL && !is_tree)
                return nook_fail(error, NOOK_ERROR_INVALID,
                                 "source '%s' names a subdirectory, but is no archive",
                                 source->name);
        if (artifact->strip_components > 0 && !is_tree)
                return nook_fail(error, NOOK_ERROR_INVALID,
                                 "strip_components is set, but '%s' is no archive", source->name);
        if (!is_tree && artifact->mode != NOOK_STAGE_FILE &&
            (*source->file_name == '\0' || g_str_equal(source->file_name, ".") ||
             g_str_equal(source->file_name, "..") || strchr(source->file_name, '/') != NULL))
                return nook_fail(error, NOOK_ERROR_INVALID,
                                 "source '%s' ends without a file name: set options.filename",
                                 source->name);
        if (artifact->cache && source->digest == NULL && source->sums_url == NULL &&
            source->sums_path == NULL)
                return nook_fail(error, NOOK_ERROR_INVALID,
                                 "cache needs a checksum, by which the content of '%s' is kept",
                                 source->name);
        return true;
}

static bool check_headers(const char *const *headers, GError **error) {
        static const char *const reserved[] = {"accept-encoding", "content-length",    "if-range",
                                               "range",           "transfer-encoding", NULL};

        for (; headers != NULL && headers[0] != NULL; headers += 2) {
                g_autofree char *name = g_ascii_strdown(headers[0], -1);

                for (const char *c = headers[0]; *c != '\0'; c++) {
                        if (!g_ascii_isalnum(*c) && strchr("!#$%&'*+-.^_`|~", *c) == NULL)
                                return nook_fail(error, NOOK_ERROR_INVALID,
                                                 "header \"%s\" has a character that no header's "
                                                 "name can have",
                                                 headers[0]);
                }
                if (*name == '\0' || g_strv_contains(reserved, name))
                        return nook_fail(error, NOOK_ERROR_INVALID, "header \"%s\" is nook's own",
                                         headers[0]);
                if (strpbrk(headers[1], "\r\n") != NULL)
                        return nook_fail(error, NOOK_ERROR_INVALID,
                                         "the value of header \"%s\" has a line break", headers[0]);
        }
        return true;
}

NookArtifactSource *nook_artifact_source_new(const NookStageArtifact *artifact, GError **error) {
        g_autoptr(NookArtifactSource) source = g_new0(NookArtifactSource, 1);

        if (!read_source(source, artifact, error) || !check_block(source, artifact, error) ||
            !check_headers(artifact->headers, error))
                return NULL;
        return g_steal_pointer(&source);
}
