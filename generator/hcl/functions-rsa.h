/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Decrypting with an RSA key (PKCS #1 version 1.5), for rsadecrypt(). Nettle does the arithmetic.
 */

#include <glib.h>

/* Decrypts `cipher` with the private key of a PEM text ("RSA PRIVATE KEY", not encrypted) and
 * appends the result to `plain`. Returns NULL, or why it failed: a static text. */
const char *hcl_rsa_decrypt(const char *pem, gsize pem_size, const GByteArray *cipher,
                            GByteArray *plain);
