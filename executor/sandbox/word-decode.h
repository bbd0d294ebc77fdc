/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* The other end of base/word.h, for programs that link nothing but the C library. */

#include <stdbool.h>

/* Decodes a coded word where it stands. Returns false, and leaves the word half decoded, for a
 * word that no encoder wrote: "=" without two upper-case hexadecimal digits (but for the lone "="
 * of the empty word), "=00", or a byte that should have been coded. */
bool nook_word_decode(char *word);
