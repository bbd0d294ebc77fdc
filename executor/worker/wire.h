/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What nook and its workers say to each other. The worker gets its orders as a GVariant dictionary
 * in a sealed memory file, never on its command line or in its environment, where other processes
 * could read a password. It answers in lines on a pipe:
 *
 *     size N          bytes that will come, when known
 *     done N          bytes so far
 *     digest HEX      of the whole body
 *     error CODE TEXT what went wrong; CODE is a NookErrorCode
 *     end N           success; N bytes in all
 *
 * The answers come from a program that has read hostile bytes: the reader believes no more than
 * that a download or an archive failed. */

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

/* Descriptors a worker is started with; 0 and 1 are /dev/null, 2 is a pipe to nook. */
enum {
        NOOK_WIRE_ORDERS = 3, /* the dictionary */
        NOOK_WIRE_ANSWERS,    /* the lines */
        NOOK_WIRE_INPUT,      /* bytes to read: a local file, or what a fetcher writes */
        NOOK_WIRE_OUTPUT,     /* bytes to write; of nook-unpack: the stage directory */
        NOOK_WIRE_COUNT,
};

enum { NOOK_WIRE_LINE_MAX = 4096 };

/* Worker: reads the orders. NULL and an error when they are no dictionary. */
GVariant *nook_wire_read_orders(int fd, GError **error);

/* Typed look-ups with defaults. Strings are borrowed from the dictionary. */
const char *nook_wire_string(GVariant *orders, const char *key);
uint64_t nook_wire_number(GVariant *orders, const char *key);

/* Nook: writes orders into a sealed memory file; -1 and an error on failure. orders is consumed if
 * floating. */
int nook_wire_seal_orders(GVariant *orders, GError **error);

/* Worker: sends one line; false when nobody listens any more. */
bool nook_wire_send(int fd, const char *format, ...) G_GNUC_PRINTF(2, 3);

/* Worker: sends an error, line breaks made visible. */
void nook_wire_send_error(int fd, const GError *error);

typedef enum {
        NOOK_ANSWER_SIZE,
        NOOK_ANSWER_DONE,
        NOOK_ANSWER_DIGEST,
        NOOK_ANSWER_ERROR,
        NOOK_ANSWER_END,
} NookAnswerKind;

typedef struct {
        NookAnswerKind kind;
        uint64_t number;    /* size, done, end */
        NookErrorCode code; /* error: FETCH, UNPACK, LIMIT, SPACE, TIMEOUT, UNSUPPORTED, INVALID or
                               FAILED */
        char *text;         /* digest (lower-case hex), error (printable); caller's, g_free() */
} NookAnswer;

/* Nook: reads one line without its newline; pure. False for anything that is no answer. */
bool nook_wire_parse_answer(const char *line, size_t size, NookAnswer *ret);
