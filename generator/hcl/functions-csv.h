/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Comma-separated values (RFC 4180, as strict as Go's encoding/csv) as a list of objects. */

#include "hcl/value.h"

/* The rows below the header line, each an object of strings. NULL with *ret_error (caller's) saying
 * what is wrong. */
HclValue *hcl_value_from_csv(const char *text, size_t size, char **ret_error);
