/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* White space and characters as people see them, in UTF-8. */

#include <stddef.h>

/* The bytes of white space that text begins with, and the size of text without that at its end. */
size_t hcl_space_leading(const char *text, size_t size);
size_t hcl_space_trimmed(const char *text, size_t size);

/* The number of grapheme clusters in text, and the bytes that its first n take. */
size_t hcl_graphemes_count(const char *text, size_t size);
size_t hcl_graphemes_size(const char *text, size_t size, size_t n);
