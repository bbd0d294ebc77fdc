/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What the header of an http response says, as far as it matters for a download. */

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

typedef struct {
        long status;
        char *reason; /* of the status line */
        char *etag;
        char *last_modified;
        char *encoding;
        char *range;
        char *location;
        int64_t retry_after; /* seconds; -1: not said */
        int64_t length;      /* -1: not said */
        bool is_accepted;    /* its bytes go to the body */
} NookHttpResponse;

/* To "nothing said yet". */
void nook_http_response_clear(NookHttpResponse *response);

/* Takes one line of the header. A status line begins a new response: one of 100 may come before
 * the real one. Source: RFC 9110, RFC 9112. */
void nook_http_response_read_line(NookHttpResponse *response, const char *data, size_t size);

/* Refuses a Content-Encoding, though none was asked for. Servers that mean "this file is
 * compressed" say it of files whose names say it too: those bytes are the file. Anything else would
 * have to be undone to get the file, and nobody can tell the two apart later.
 * Errors: NOOK_ERROR_FETCH. */
bool nook_http_response_check_encoding(const NookHttpResponse *response, const char *url,
                                       GError **error);
