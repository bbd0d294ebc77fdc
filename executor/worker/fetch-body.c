/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "worker/fetch-body.h"

#include <errno.h>
#include <openssl/evp.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "beneath.h"
#include "worker/wire.h"

enum { REPORT_USEC = 100 * 1000 }; /* between two progress lines */

G_DEFINE_AUTOPTR_CLEANUP_FUNC(EVP_MD_CTX, EVP_MD_CTX_free)

struct NookBody {
        int output_fd;
        int answers_fd;
        uint64_t max_bytes;
        bool is_file;

        EVP_MD_CTX *digest; /* the one asked for; NULL: none */
        EVP_MD_CTX *prefix; /* SHA-256 over the same bytes: to compare after a restart */
        uint64_t bytes;     /* of this attempt */

        /* After a restart into a pipe: what the first bytes must come to. */
        uint64_t sent_bytes;
        unsigned char sent_digest[EVP_MAX_MD_SIZE];

        int64_t reported_usec;
};

static bool fail_crypto(GError **error) {
        return nook_fail(error, NOOK_ERROR_FAILED, "compute a checksum");
}

static EVP_MD_CTX *new_digest(const char *name) {
        g_autoptr(EVP_MD_CTX) context = EVP_MD_CTX_new();
        const EVP_MD *kind = EVP_get_digestbyname(name);

        if (context == NULL || kind == NULL || EVP_DigestInit_ex(context, kind, NULL) != 1)
                return NULL;
        return g_steal_pointer(&context);
}

NookBody *nook_body_new(int output_fd, int answers_fd, const char *digest_name, uint64_t max_bytes,
                        GError **error) {
        g_autoptr(NookBody) body = g_new0(NookBody, 1);
        struct stat st;

        body->output_fd = output_fd;
        body->answers_fd = answers_fd;
        body->max_bytes = max_bytes;
        body->is_file = fstat(output_fd, &st) == 0 && S_ISREG(st.st_mode);
        if (digest_name != NULL)
                body->digest = new_digest(digest_name);
        if (!body->is_file)
                body->prefix = new_digest("sha256");
        if (digest_name != NULL && body->digest == NULL) {
                (void)nook_fail(error, NOOK_ERROR_INVALID,
                                "this host's libcrypto offers no checksum '%s'", digest_name);
                return NULL;
        }
        if (!body->is_file && body->prefix == NULL) {
                (void)fail_crypto(error);
                return NULL;
        }
        return g_steal_pointer(&body);
}

void nook_body_free(NookBody *body) {
        if (body == NULL)
                return;
        EVP_MD_CTX_free(body->digest);
        EVP_MD_CTX_free(body->prefix);
        g_free(body);
}

uint64_t nook_body_bytes(const NookBody *body) {
        return body->bytes;
}

static bool fail_limit(const NookBody *body, GError **error) {
        return nook_fail(error, NOOK_ERROR_LIMIT, "it is larger than %" G_GUINT64_FORMAT " bytes",
                         body->max_bytes);
}

bool nook_body_expect(NookBody *body, int64_t bytes, GError **error) {
        if (bytes <= 0)
                return true;
        if (body->max_bytes != 0 && (uint64_t)bytes > body->max_bytes)
                return fail_limit(body, error);
        return nook_wire_send(body->answers_fd, "size %" G_GINT64_FORMAT "\n", bytes) ||
               nook_fail_errno(error, errno, "report to nook");
}

static bool update(const NookBody *body, const void *data, size_t size, GError **error) {
        if ((body->digest != NULL && EVP_DigestUpdate(body->digest, data, size) != 1) ||
            (body->prefix != NULL && EVP_DigestUpdate(body->prefix, data, size) != 1))
                return fail_crypto(error);
        return true;
}

/* The value of the prefix digest so far; it goes on counting. */
static bool peek_prefix(const NookBody *body, unsigned char *ret_value, GError **error) {
        g_autoptr(EVP_MD_CTX) copy = EVP_MD_CTX_new();

        return (copy != NULL && EVP_MD_CTX_copy_ex(copy, body->prefix) == 1 &&
                EVP_DigestFinal_ex(copy, ret_value, NULL) == 1) ||
               fail_crypto(error);
}

static bool write_out(NookBody *body, const void *data, size_t size, GError **error) {
        if (nook_write_all(body->output_fd, data, size))
                return true;
        if (errno == EPIPE)
                return nook_fail(error, NOOK_ERROR_FAILED, "nobody reads it any more");
        return nook_fail_errno(error, errno == EFBIG ? ENOSPC : errno, "store it");
}

/* Bytes that were sent before a restart: they only have to be the same. */
static bool skip_known(NookBody *body, const char **data, size_t *size, GError **error) {
        unsigned char value[EVP_MAX_MD_SIZE] = {0};
        size_t known = (size_t)MIN(body->sent_bytes - body->bytes, (uint64_t)*size);

        if (!update(body, *data, known, error))
                return false;
        body->bytes += known;
        *data += known;
        *size -= known;
        if (body->bytes < body->sent_bytes)
                return true;
        return peek_prefix(body, value, error) &&
               (memcmp(value, body->sent_digest, sizeof(value)) == 0 ||
                nook_fail(error, NOOK_ERROR_FETCH, "it has changed while it was downloaded"));
}

bool nook_body_write(NookBody *body, const void *data, size_t size, GError **error) {
        const char *at = data;
        int64_t now = g_get_monotonic_time();

        if (body->bytes < body->sent_bytes && !skip_known(body, &at, &size, error))
                return false;
        if (body->max_bytes != 0 && size > body->max_bytes - MIN(body->bytes, body->max_bytes))
                return fail_limit(body, error);
        if (size > 0 && (!update(body, at, size, error) || !write_out(body, at, size, error)))
                return false;
        body->bytes += size;
        if (now - body->reported_usec < REPORT_USEC)
                return true;
        body->reported_usec = now;
        return nook_wire_send(body->answers_fd, "done %" G_GUINT64_FORMAT "\n", body->bytes) ||
               nook_fail_errno(error, errno, "report to nook");
}

/* Starts a digest again, with the algorithm that it has. */
static bool reset(EVP_MD_CTX *digest) {
        return digest == NULL || EVP_DigestInit_ex(digest, NULL, NULL) == 1;
}

bool nook_body_restart(NookBody *body, GError **error) {
        if (body->is_file &&
            (ftruncate(body->output_fd, 0) < 0 || lseek(body->output_fd, 0, SEEK_SET) < 0))
                return nook_fail_errno(error, errno, "start the download again");
        if (!body->is_file && body->bytes > body->sent_bytes) {
                memset(body->sent_digest, 0, sizeof(body->sent_digest));
                if (!peek_prefix(body, body->sent_digest, error))
                        return false;
                body->sent_bytes = body->bytes;
        }
        body->bytes = 0;
        return (reset(body->digest) && reset(body->prefix)) || fail_crypto(error);
}

bool nook_body_finish(NookBody *body, GError **error) {
        unsigned char value[EVP_MAX_MD_SIZE];
        unsigned size = 0;

        if (body->bytes < body->sent_bytes)
                return nook_fail(error, NOOK_ERROR_FETCH, "it has changed while it was downloaded");
        if (body->digest != NULL) {
                g_autoptr(GString) hex = g_string_new(NULL);

                if (EVP_DigestFinal_ex(body->digest, value, &size) != 1)
                        return fail_crypto(error);
                for (unsigned i = 0; i < size; i++)
                        g_string_append_printf(hex, "%02x", value[i]);
                if (!nook_wire_send(body->answers_fd, "digest %s\n", hex->str))
                        return nook_fail_errno(error, errno, "report to nook");
        }
        return nook_wire_send(body->answers_fd, "end %" G_GUINT64_FORMAT "\n", body->bytes) ||
               nook_fail_errno(error, errno, "report to nook");
}
