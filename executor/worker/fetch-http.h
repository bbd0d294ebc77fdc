/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* One download over HTTP. Only 200 is a body (206 when a resume was asked for). Redirects are
 * followed here and not by libcurl: at most ten, never from https to http, and what was meant for
 * one origin (headers, a password) is not shown to another. An interrupted body is resumed if the
 * server can prove that it is still the same one (If-Range), and started over otherwise. */

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "worker/fetch-body.h"

typedef struct {
        const char *url;            /* http or https; may hold user and password */
        const char *const *headers; /* name, value, ..., NULL; or NULL */
        bool insecure;              /* do not check certificates */
        uint64_t timeout_usec;      /* of everything; 0: none */
        unsigned attempts;          /* at least 1 */
        uint64_t retry_delay_usec;  /* before the second attempt; doubled each time */
} NookHttpRequest;

/* Errors: FETCH with the reason (a status, a refused connection, a truncated body ...), TIMEOUT,
 * and those of the body. */
bool nook_http_fetch(const NookHttpRequest *request, NookBody *body, GError **error);
