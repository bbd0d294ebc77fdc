/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* The canonical layout of HCL: two blanks for each level, one between words, `=` and comments of
 * neighbouring lines below each other. Nothing but the blanks between tokens changes; the insides
 * of strings, heredocs and comments stay as they are. The result is that of hclfmt and nomad fmt.
 *
 * Source: hclwrite's format.go, of which the rules are taken. */

#include <glib.h>
#include <stddef.h>

/* Lays a text out anew. It should be free of errors: what cannot be read as tokens is kept, but
 * its neighbourhood may look odd. The result is the caller's. */
GString *hcl_format(const char *text, size_t size);
