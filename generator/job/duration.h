/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Quantities as Nomad writes them: durations in Go's notation, sizes with a unit. */

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

/* Reads "1h30m", "500ms", "-1.5h", "0". Units: ns us ms s m h; there are no days.
 *   ret_nsec    set on success only
 *   ret_reason  on failure why, as a clause ("missing unit: write 30s for 30 seconds"); caller's
 * Source: Go's time.ParseDuration. */
bool nook_duration_parse(const char *text, int64_t *ret_nsec, char **ret_reason);

/* The duration in the same notation: "1h30m0s", "1.5s", "0s". Caller's. */
char *nook_duration_to_text(int64_t nsec);

/* Reads "100GB", "1MiB", "4096", "1.5 kB" to bytes: kB MB GB TB are powers of 1000, KiB MiB GiB TiB
 * of 1024; letter case does not count. */
bool nook_size_parse(const char *text, int64_t *ret_bytes);
