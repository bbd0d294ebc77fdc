/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* From a NookFilter to BPF programs, by libseccomp. Inside the filter module only. */

#include "filter.h"

/* The programs, of GBytes; the caller's. Errors: NOOK_ERROR_UNSUPPORTED. */
GPtrArray *nook_filter_build(const NookFilter *filter, GError **error);

/* "EPERM" or "1" to 1. */
bool nook_errno_from_name(const char *name, int *ret_number);
