/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* nook-fetch: brings the bytes of one artifact to a descriptor. Started by nook, confined
 * (executor/worker.h), never by people. Orders: "url" (otherwise a file that nook has opened is
 * read), "headers", "digest", limits. */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/error.h"
#include "worker/fetch-body.h"
#include "worker/fetch-http.h"
#include "worker/harden.h"
#include "worker/wire.h"

enum { COPY_BYTES = 256 * 1024 };

/* A local file or one of the cache: the same hashing and the same limits. */
static bool copy_file(NookBody *body, GError **error) {
        g_autofree char *buffer = g_malloc(COPY_BYTES);

        for (;;) {
                ssize_t size = read(NOOK_WIRE_INPUT, buffer, COPY_BYTES);

                if (size < 0 && errno == EINTR)
                        continue;
                if (size < 0)
                        return nook_fail_errno(error, errno, "read it");
                if (size == 0)
                        return true;
                if (!nook_body_write(body, buffer, (size_t)size, error))
                        return false;
        }
}

static bool fetch(GVariant *orders, GError **error) {
        g_autofree const char **headers = NULL;
        g_autoptr(NookBody) body = NULL;
        NookHttpRequest request = {
                .url = nook_wire_string(orders, "url"),
                .insecure = nook_wire_number(orders, "insecure") != 0,
                .timeout_usec = nook_wire_number(orders, "timeout-usec"),
                .attempts = (unsigned)MAX(nook_wire_number(orders, "attempts"), 1),
                .retry_delay_usec = nook_wire_number(orders, "retry-delay-usec"),
        };

        (void)g_variant_lookup(orders, "headers", "^a&s", &headers);
        request.headers = headers;
        body = nook_body_new(NOOK_WIRE_OUTPUT, NOOK_WIRE_ANSWERS,
                             nook_wire_string(orders, "digest"),
                             nook_wire_number(orders, "max-bytes"), error);
        if (body == NULL)
                return false;
        if (!(request.url != NULL ? nook_http_fetch(&request, body, error)
                                  : copy_file(body, error)))
                return false;
        return nook_body_finish(body, error);
}

int main(void) {
        g_autoptr(GVariant) orders = NULL;
        g_autoptr(GError) error = NULL;

        (void)signal(SIGPIPE, SIG_IGN); /* a reader that has gone is an error, not the end of us */
        orders = nook_wire_read_orders(NOOK_WIRE_ORDERS, &error);
        if (orders == NULL || !nook_worker_harden(NOOK_WORKER_FETCH, -1, &error) ||
            !fetch(orders, &error)) {
                nook_wire_send_error(NOOK_WIRE_ANSWERS, error);
                return EXIT_FAILURE;
        }
        return EXIT_SUCCESS;
}
