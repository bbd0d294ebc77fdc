/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "hcl/functions-rsa.h"

#include <gmp.h>
#include <nettle/rsa.h>
#include <string.h>

#include "hcl/functions-impl.h"
#include "hcl/functions-library.h"

enum {
        KEY_BITS_MAX = 16384,
        KEY_BYTES_MIN = 11 + 1, /* the padding of PKCS #1 and a byte */
};

/* Nettle's functions for public keys. */
typedef struct {
        __typeof__(rsa_public_key_init) *public_init;
        __typeof__(rsa_public_key_clear) *public_clear;
        __typeof__(rsa_private_key_init) *private_init;
        __typeof__(rsa_private_key_clear) *private_clear;
        __typeof__(rsa_keypair_from_der) *from_der;
        __typeof__(rsa_decrypt) *decrypt;
} Hogweed;

/* A part of a text. */
typedef struct {
        const char *text;
        gsize size;
} Part;

/* Finds the first block of a PEM text and what kind it is of. */
static bool find_block(Part pem, Part *ret_kind, Part *ret_body) {
        static const char begin[] = "-----BEGIN ", end[] = "-----END ";
        const char *start = memmem(pem.text, pem.size, begin, strlen(begin));
        const char *stop, *close;
        const char *limit = pem.text + pem.size;

        if (start == NULL)
                return false;
        start += strlen(begin);
        close = memmem(start, (gsize)(limit - start), "-----", 5);
        if (close == NULL)
                return false;
        *ret_kind = (Part){start, (gsize)(close - start)};
        start = close + 5;
        stop = memmem(start, (gsize)(limit - start), end, strlen(end));
        if (stop == NULL)
                return false;
        *ret_body = (Part){start, (gsize)(stop - start)};
        return true;
}

/* Headers ("Name: value" lines) end with an empty line. */
static bool has_headers(Part body) {
        return memchr(body.text, ':', body.size) != NULL;
}

static const char *read_key(const Hogweed *hogweed, const char *pem, gsize pem_size,
                            struct rsa_public_key *public, struct rsa_private_key *private) {
        g_autoptr(GByteArray) der = g_byte_array_new();
        g_autoptr(GString) digits = g_string_new(NULL);
        Part kind, body;

        if (!find_block((Part){pem, pem_size}, &kind, &body))
                return "failed to parse key: no key found";
        if (has_headers(body))
                return "failed to parse key: password protected keys are not supported; decrypt "
                       "the key prior to use";
        for (gsize i = 0; i < body.size; i++) {
                if (!g_ascii_isspace(body.text[i]))
                        g_string_append_c(digits, body.text[i]);
        }
        if (!hcl_base64_decode(digits->str, digits->len, der))
                return "failed to parse key: no key found";
        if (!hogweed->from_der(public, private, KEY_BITS_MAX, der->len, der->data))
                return "failed to parse key: it is no RSA private key in PKCS #1 form";
        return NULL;
}

static const char *decrypt(const Hogweed *hogweed, const struct rsa_private_key *key,
                           const GByteArray *cipher, GByteArray *plain) {
        size_t size = key->size;
        g_autofree uint8_t *message = g_malloc(size);
        mpz_t number;
        int done;

        if (cipher->len != key->size || key->size < KEY_BYTES_MIN)
                return "decryption error: the cipher text does not have the size of the key";
        mpz_init(number);
        mpz_import(number, cipher->len, 1, 1, 1, 0, cipher->data);
        done = hogweed->decrypt(key, &size, message, number);
        mpz_clear(number);
        if (!done)
                return "decryption error";
        g_byte_array_append(plain, message, (guint)size);
        return NULL;
}

static const char *open_hogweed(Hogweed *hogweed) {
        static const HclSymbol symbols[] = {
                HCL_SYMBOL(Hogweed, public_init, rsa_public_key_init),
                HCL_SYMBOL(Hogweed, public_clear, rsa_public_key_clear),
                HCL_SYMBOL(Hogweed, private_init, rsa_private_key_init),
                HCL_SYMBOL(Hogweed, private_clear, rsa_private_key_clear),
                HCL_SYMBOL(Hogweed, from_der, rsa_keypair_from_der),
                HCL_SYMBOL(Hogweed, decrypt, rsa_decrypt),
        };

        return hcl_library_open("libhogweed.so.6", symbols, G_N_ELEMENTS(symbols), hogweed);
}

const char *hcl_rsa_decrypt(const char *pem, gsize pem_size, const GByteArray *cipher,
                            GByteArray *plain) {
        Hogweed hogweed;
        const char *why = open_hogweed(&hogweed);
        struct rsa_public_key public;
        struct rsa_private_key private;

        if (why != NULL)
                return why;
        hogweed.public_init(&public);
        hogweed.private_init(&private);
        why = read_key(&hogweed, pem, pem_size, &public, &private);
        if (why == NULL)
                why = decrypt(&hogweed, &private, cipher, plain);
        hogweed.public_clear(&public);
        hogweed.private_clear(&private);
        return why;
}
