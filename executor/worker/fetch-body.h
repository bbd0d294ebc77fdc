/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* The body that a fetch brings: written out, counted, limited and hashed as it comes. Hashing is
 * libcrypto's: libcurl has it in the process anyway, and it is five times as fast as GChecksum. */

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

typedef struct NookBody NookBody;

/*   output_fd    a pipe or a regular file, borrowed
 *   answers_fd   where progress is sent
 *   digest_name  "md5" "sha1" "sha256" "sha512" ..., or NULL for none
 *   max_bytes    more is an error; 0: no limit
 * Errors: INVALID for a digest that libcrypto does not have (or a policy forbids). */
NookBody *nook_body_new(int output_fd, int answers_fd, const char *digest_name, uint64_t max_bytes,
                        GError **error);
void nook_body_free(NookBody *body);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(NookBody, nook_body_free)

/* Takes the next bytes. Errors: LIMIT, SPACE; FAILED when the reader of a pipe has gone:
 * then the reader knows why. */
bool nook_body_write(NookBody *body, const void *data, size_t size, GError **error);

/* Starts over, for a server that sends from the beginning instead of going on. A file is emptied;
 * into a pipe the first bytes were already sent, so the same ones must come again: they are
 * compared, and not written twice. */
bool nook_body_restart(NookBody *body, GError **error);

/* Bytes so far, of this attempt. */
uint64_t nook_body_bytes(const NookBody *body);

/* Tells nook how many bytes there will be; refuses more than the limit. 0 or less: not known. */
bool nook_body_expect(NookBody *body, int64_t bytes, GError **error);

/* Ends the body: sends the last count and the digest. */
bool nook_body_finish(NookBody *body, GError **error);
