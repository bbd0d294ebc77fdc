/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Versions and version constraints as Nomad compares them. Two dialects:
 *   version  lenient: "v1.2", "1.2.3beta"; a pre-release satisfies an ordering constraint only
 *            where the constraint names a pre-release of the same numbers; has "~>"
 *   semver   pre-releases need their dash and are ordered as Semantic Versioning 2.0 does
 * Source: Nomad's documentation of `operator`; HashiCorp's go-version. */

#include <glib.h>
#include <stdbool.h>

/* Whether the version satisfies a constraint such as ">= 1.2, < 2.0".
 *   ret_valid  false where version or constraint cannot be read (then the result is false) */
bool nook_version_satisfies(const char *version, const char *constraint, bool semver,
                            bool *ret_valid);
