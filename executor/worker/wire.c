/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "worker/wire.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "beneath.h"

enum { ORDERS_BYTES_MAX = 1024 * 1024 };

GVariant *nook_wire_read_orders(int fd, GError **error) {
        g_autoptr(GBytes) bytes = NULL;
        g_autofree char *data = NULL;
        struct stat st;
        GVariant *orders;

        if (fstat(fd, &st) < 0 || st.st_size <= 0 || st.st_size > ORDERS_BYTES_MAX) {
                (void)nook_fail(error, NOOK_ERROR_FAILED, "there are no orders to read");
                return NULL;
        }
        data = g_malloc((size_t)st.st_size);
        if (pread(fd, data, (size_t)st.st_size, 0) != st.st_size) {
                (void)nook_fail_errno(error, errno, "read the orders");
                return NULL;
        }
        bytes = g_bytes_new_take(g_steal_pointer(&data), (size_t)st.st_size);
        orders = g_variant_ref_sink(g_variant_new_from_bytes(G_VARIANT_TYPE_VARDICT, bytes, FALSE));
        if (g_variant_is_normal_form(orders))
                return orders;
        g_variant_unref(orders);
        (void)nook_fail(error, NOOK_ERROR_FAILED, "the orders are not well-formed");
        return NULL;
}

const char *nook_wire_string(GVariant *orders, const char *key) {
        const char *text = NULL;

        (void)g_variant_lookup(orders, key, "&s", &text);
        return text;
}

uint64_t nook_wire_number(GVariant *orders, const char *key) {
        guint64 number = 0;

        (void)g_variant_lookup(orders, key, "t", &number);
        return number;
}

int nook_wire_seal_orders(GVariant *orders, GError **error) {
        g_autoptr(GVariant) own = g_variant_ref_sink(orders);
        g_auto(NookFd) fd = memfd_create("nook-orders", MFD_CLOEXEC | MFD_ALLOW_SEALING);

        if (fd < 0 || !nook_write_all(fd, g_variant_get_data(own), g_variant_get_size(own)) ||
            fcntl(fd, F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE) < 0) {
                (void)nook_fail_errno(error, errno, "write a worker's orders");
                return -1;
        }
        return nook_fd_steal(&fd);
}

bool nook_wire_send(int fd, const char *format, ...) {
        g_autofree char *text = NULL;
        va_list args;

        va_start(args, format);
        text = g_strdup_vprintf(format, args);
        va_end(args);
        return nook_write_all(fd, text, strlen(text));
}

void nook_wire_send_error(int fd, const GError *error) {
        g_autofree char *text = g_strndup(error->message, NOOK_WIRE_LINE_MAX - 64);

        g_strdelimit(text, "\r\n", ' ');
        (void)nook_wire_send(fd, "error %d %s\n", error->code, text);
}

/* Only codes that a worker can know about: it cannot claim, say, that the user pressed Ctrl-C. */
static NookErrorCode known_code(guint64 number) {
        static const NookErrorCode codes[] = {
                NOOK_ERROR_FETCH,       NOOK_ERROR_UNPACK,  NOOK_ERROR_LIMIT,  NOOK_ERROR_SPACE,
                NOOK_ERROR_UNSUPPORTED, NOOK_ERROR_TIMEOUT, NOOK_ERROR_INVALID};

        for (size_t i = 0; i < G_N_ELEMENTS(codes); i++) {
                if (codes[i] == number)
                        return codes[i];
        }
        return NOOK_ERROR_FAILED;
}

static bool is_hex(const char *text) {
        size_t length = strlen(text);

        return length >= 32 && length <= 128 && strspn(text, "0123456789abcdef") == length;
}

/* A message of the worker's own making: shown, so made printable. */
static char *printable_text(const char *text) {
        GString *out = g_string_new(NULL);

        while (*text != '\0') {
                g_autofree char *part = nook_printable(text, (gssize)MIN(strlen(text), 256));

                g_string_append(out, part);
                text += MIN(strlen(text), 256);
        }
        return g_string_free(out, FALSE);
}

bool nook_wire_parse_answer(const char *line, size_t size, NookAnswer *ret) {
        static const char *const words[] = {"size ", "done ", "digest ", "error ", "end "};
        g_autofree char *text = g_strndup(line, size);
        const char *rest = NULL;
        NookAnswer answer = {0};
        char *end = NULL;

        for (size_t i = 0; i < G_N_ELEMENTS(words) && rest == NULL; i++) {
                if (g_str_has_prefix(text, words[i])) {
                        answer.kind = (NookAnswerKind)i;
                        rest = text + strlen(words[i]);
                }
        }
        if (rest == NULL || strlen(text) != size)
                return false;
        if (answer.kind == NOOK_ANSWER_DIGEST) {
                if (!is_hex(rest))
                        return false;
                answer.text = g_strdup(rest);
                *ret = answer;
                return true;
        }
        if (!g_ascii_isdigit(*rest))
                return false;
        answer.number = g_ascii_strtoull(rest, &end, 10);
        if (answer.kind == NOOK_ANSWER_ERROR) {
                if (*end != ' ')
                        return false;
                answer.code = known_code(answer.number);
                answer.text = printable_text(end + 1);
        } else if (*end != '\0') {
                return false;
        }
        *ret = answer;
        return true;
}
