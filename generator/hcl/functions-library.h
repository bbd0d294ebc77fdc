/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Libraries that few files need (YAML, bcrypt, RSA) are opened when a function first wants them:
 * loading them took a fifth of the time and memory of a start of nook. A library is a struct of
 * pointers to its functions, filled from a table of their names. */

#include <glib.h>
#include <stddef.h>

typedef struct {
        const char *name;
        size_t offset; /* of the pointer in the struct */
} HclSymbol;

/* An entry of such a table; `symbol` may be a macro that the library's header defines. */
#define HCL_SYMBOL(Library, member, symbol)                                                        \
        { G_STRINGIFY(symbol), offsetof(Library, member) }

/* Opens the library, which stays open, and fills in the pointers. Returns NULL, or why it cannot:
 * a static text of the loader, to be used at once. */
const char *hcl_library_open(const char *soname, const HclSymbol *symbols, size_t n_symbols,
                             void *library);
