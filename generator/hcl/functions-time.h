/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Points in time as RFC 3339 writes them. GDateTime knows the years 1 to 9999 only and
 * microseconds; results of timeadd() go beyond, so this counts days itself. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct {
        int64_t seconds;     /* since 1970-01-01T00:00:00Z */
        int32_t nanoseconds; /* 0 to 999999999 */
        int32_t offset;      /* seconds east of UTC, for printing */
} HclTime;

/* The same, taken apart in its own offset. */
typedef struct {
        int64_t year;
        int month, day; /* from 1 */
        int hour, minute, second;
        int weekday; /* 0: Sunday */
        int offset;
} HclTimeFields;

/* Reads a time of RFC 3339 strictly. NULL, or what is wrong: a static text. */
const char *hcl_time_parse(const char *text, size_t size, HclTime *ret);

/* Seconds since 1970 of a date, and days in a month. */
int64_t hcl_time_days(int64_t year, int month, int day);
int hcl_time_days_in_month(int64_t year, int month);

HclTimeFields hcl_time_fields(const HclTime *time);

/* Nanoseconds of a duration in Go's notation ("-1h30m", "1.5s"). NULL, or what is wrong. */
const char *hcl_duration_parse(const char *text, size_t size, int64_t *ret_nsec);
