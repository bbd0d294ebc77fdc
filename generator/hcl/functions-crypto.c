/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "hcl/functions-impl.h"

#include <crypt.h>
#include <errno.h>
#include <string.h>
#include <sys/random.h>

#include "hcl/functions-library.h"
#include "hcl/functions-rsa.h"

/* ---- Digests ---- */

static HclValue *digest(HclValue *const *args, GChecksumType type) {
        size_t size;
        const char *text = hcl_arg_text(args, 0, &size);
        g_autofree char *hex = g_compute_checksum_for_data(type, (const guchar *)text, size);

        return hcl_value_string(hex, -1);
}

static HclValue *call_md5(HclCall *call, HclValue *const *args, size_t n_args) {
        return digest(args, G_CHECKSUM_MD5);
}

static HclValue *call_sha1(HclCall *call, HclValue *const *args, size_t n_args) {
        return digest(args, G_CHECKSUM_SHA1);
}

static HclValue *call_sha256(HclCall *call, HclValue *const *args, size_t n_args) {
        return digest(args, G_CHECKSUM_SHA256);
}

static HclValue *call_sha512(HclCall *call, HclValue *const *args, size_t n_args) {
        return digest(args, G_CHECKSUM_SHA512);
}

/* ---- bcrypt ---- */

enum {
        BCRYPT_COST_MIN = 4,
        BCRYPT_COST_DEFAULT = 10,
        BCRYPT_COST_LAST = 31,
        BCRYPT_TEXT_MAX = 72,
};

/* libxcrypt's functions. */
typedef struct {
        __typeof__(crypt_gensalt_rn) *gensalt;
        __typeof__(crypt_rn) *crypt;
} Crypt;

/* Random bytes from the kernel; false if it has none. */
static bool fill_random(unsigned char *bytes, size_t size) {
        return getrandom(bytes, size, 0) == (ssize_t)size;
}

static HclValue *bcrypt(HclCall *call, const char *text, unsigned long cost) {
        static const HclSymbol symbols[] = {HCL_SYMBOL(Crypt, gensalt, crypt_gensalt_rn),
                                            HCL_SYMBOL(Crypt, crypt, crypt_rn)};
        Crypt library;
        const char *why =
                hcl_library_open("libcrypt.so.1", symbols, G_N_ELEMENTS(symbols), &library);
        unsigned char random[16];
        char setting[CRYPT_GENSALT_OUTPUT_SIZE];
        g_autofree struct crypt_data *data = g_new0(struct crypt_data, 1);
        const char *hash;

        if (why != NULL)
                return hcl_call_fail(call, -1, "libcrypt is required: %s", why);
        if (!fill_random(random, sizeof(random)))
                return hcl_call_fail(call, -1, "the system gives no random bytes");
        if (library.gensalt("$2a$", cost, (const char *)random, sizeof(random), setting,
                            sizeof(setting)) == NULL)
                return hcl_call_fail(call, -1, "bcrypt is not supported by this system");
        hash = library.crypt(text, setting, data, sizeof(*data));
        if (hash == NULL || hash[0] == '*')
                return hcl_call_fail(call, -1, "bcrypt failed: %s", g_strerror(errno));
        return hcl_value_string(hash, -1);
}

static HclValue *call_bcrypt(HclCall *call, HclValue *const *args, size_t n_args) {
        int64_t cost = BCRYPT_COST_DEFAULT;
        size_t size;
        const char *text = hcl_arg_text(args, 0, &size);

        if (n_args > 1 && !hcl_call_get_int(call, args, 1, &cost))
                return NULL;
        if (n_args > 2)
                return hcl_call_fail(call, -1, "bcrypt() takes no more than two arguments");
        if (size > BCRYPT_TEXT_MAX)
                return hcl_call_fail(call, 0, "bcrypt hashes at most %d bytes", BCRYPT_TEXT_MAX);
        if (strlen(text) != size)
                return hcl_call_fail(call, 0, "a text with a NUL character cannot be hashed");
        if (cost > BCRYPT_COST_LAST)
                return hcl_call_fail(call, 1, "the cost must be between %d and %d", BCRYPT_COST_MIN,
                                     BCRYPT_COST_LAST);
        if (cost > HCL_BCRYPT_COST_MAX)
                return hcl_call_fail(call, 1, "a cost above %d takes too long here",
                                     HCL_BCRYPT_COST_MAX);
        return bcrypt(call, text,
                      cost < BCRYPT_COST_MIN ? BCRYPT_COST_DEFAULT : (unsigned long)cost);
}

/* ---- RSA ---- */

static HclValue *call_rsadecrypt(HclCall *call, HclValue *const *args, size_t n_args) {
        g_autoptr(GByteArray) cipher = g_byte_array_new();
        g_autoptr(GByteArray) plain = g_byte_array_new();
        const char *why;
        size_t size, key_size;
        const char *text = hcl_arg_text(args, 0, &size);
        const char *key = hcl_arg_text(args, 1, &key_size);

        if (!hcl_base64_decode(text, size, cipher))
                return hcl_call_fail(call, 0,
                                     "failed to decode input: cipher text must be "
                                     "base64-encoded");
        why = hcl_rsa_decrypt(key, key_size, cipher, plain);
        if (why != NULL)
                return hcl_call_fail(call, -1, "%s", why);
        return hcl_value_string(plain->len == 0 ? "" : (const char *)plain->data,
                                (gssize)plain->len);
}

/* ---- UUID ---- */

enum {
        UUID_SIZE = 16,
};

static HclValue *uuid_value(unsigned char bytes[UUID_SIZE], unsigned version) {
        GString *text = g_string_new(NULL);

        bytes[6] = (unsigned char)((bytes[6] & 0x0F) | version << 4);
        bytes[8] = (bytes[8] & 0x3F) | 0x80;
        for (size_t i = 0; i < UUID_SIZE; i++) {
                if (i == 4 || i == 6 || i == 8 || i == 10)
                        g_string_append_c(text, '-');
                g_string_append_printf(text, "%02x", bytes[i]);
        }
        return hcl_value_take_string(text);
}

static HclValue *call_uuidv4(HclCall *call, HclValue *const *args, size_t n_args) {
        unsigned char bytes[UUID_SIZE];

        if (!fill_random(bytes, sizeof(bytes)))
                return hcl_call_fail(call, -1, "the system gives no random bytes");
        return uuid_value(bytes, 4);
}

/* Reads the 32 hexadecimal digits of a UUID, with its dashes or without. */
static bool read_uuid(const char *text, size_t size, unsigned char bytes[UUID_SIZE]) {
        bool dashes = size == 36;
        size_t at = 0;

        if (size != 32 && size != 36)
                return false;
        for (size_t i = 0; i < UUID_SIZE; i++) {
                if (dashes && (i == 4 || i == 6 || i == 8 || i == 10) && text[at++] != '-')
                        return false;
                if (!g_ascii_isxdigit(text[at]) || !g_ascii_isxdigit(text[at + 1]))
                        return false;
                bytes[i] = (unsigned char)(g_ascii_xdigit_value(text[at]) << 4 |
                                           g_ascii_xdigit_value(text[at + 1]));
                at += 2;
        }
        return true;
}

/* The namespace by name, or as a UUID in one of its four notations. */
static bool read_namespace(const char *text, size_t size, unsigned char bytes[UUID_SIZE]) {
        static const struct {
                const char *name;
                const char *uuid;
        } names[] = {
                {"dns", "6ba7b8109dad11d180b400c04fd430c8"},
                {"url", "6ba7b8119dad11d180b400c04fd430c8"},
                {"oid", "6ba7b8129dad11d180b400c04fd430c8"},
                {"x500", "6ba7b8149dad11d180b400c04fd430c8"},
        };

        for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
                if (strcmp(text, names[i].name) == 0)
                        return read_uuid(names[i].uuid, 32, bytes);
        }
        if (size == 45 && g_ascii_strncasecmp(text, "urn:uuid:", 9) == 0)
                return read_uuid(text + 9, 36, bytes);
        if (size == 38) /* in braces; the reader that Nomad uses takes whatever is around it */
                return read_uuid(text + 1, 36, bytes);
        return read_uuid(text, size, bytes);
}

static HclValue *call_uuidv5(HclCall *call, HclValue *const *args, size_t n_args) {
        unsigned char digest_bytes[20], namespace[UUID_SIZE];
        gsize digest_size = sizeof(digest_bytes);
        size_t namespace_size, size;
        const char *namespace_text = hcl_arg_text(args, 0, &namespace_size);
        const char *text = hcl_arg_text(args, 1, &size);
        GChecksum *checksum;

        if (!read_namespace(namespace_text, namespace_size, namespace))
                return hcl_call_fail(call, -1, "uuidv5() doesn't support namespace %s",
                                     namespace_text);
        checksum = g_checksum_new(G_CHECKSUM_SHA1);
        g_checksum_update(checksum, namespace, sizeof(namespace));
        g_checksum_update(checksum, (const guchar *)text, (gssize)size);
        g_checksum_get_digest(checksum, digest_bytes, &digest_size);
        g_checksum_free(checksum);
        return uuid_value(digest_bytes, 5);
}

static const HclParameter one_text[] = {{"str", &hcl_type_string}};
static const HclParameter cost_parameter = {"cost", &hcl_type_number};
static const HclParameter cipher_and_key[] = {{"ciphertext", &hcl_type_string},
                                              {"privatekey", &hcl_type_string}};
static const HclParameter namespace_and_name[] = {{"namespace", &hcl_type_string},
                                                  {"name", &hcl_type_string}};

/* clang-format off */
HCL_FUNCTION_TABLE(hcl_functions_crypto,
        {"bcrypt", HCL_PARAMETERS(one_text), .variadic = &cost_parameter, .call = call_bcrypt},
        {"md5", HCL_PARAMETERS(one_text), .call = call_md5},
        {"rsadecrypt", HCL_PARAMETERS(cipher_and_key), .call = call_rsadecrypt},
        {"sha1", HCL_PARAMETERS(one_text), .call = call_sha1},
        {"sha256", HCL_PARAMETERS(one_text), .call = call_sha256},
        {"sha512", HCL_PARAMETERS(one_text), .call = call_sha512},
        {"uuidv4", .call = call_uuidv4},
        {"uuidv5", HCL_PARAMETERS(namespace_and_name), .call = call_uuidv5});
/* clang-format on */
