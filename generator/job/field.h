/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What the members of the job model are made of. Each value knows whether the user wrote it and
 * where, so that a later rule can point at it. A value that is not set holds its type's zero until
 * nook_job_complete() fills in the default; `set` stays false then, so "written" and "in force"
 * can be told apart.
 *
 * Everything is owned by the job's pool and lives as long as the job: no member is ever freed by
 * itself. Absent lists have a count of 0; absent texts are NULL. */

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/source.h"
#include "hcl/body.h"

typedef struct {
        const char *text; /* UTF-8, no NUL inside; NULL: neither written nor defaulted */
        NookRange range;  /* the expression, or the label */
        bool set;
} NookText;

typedef struct {
        int64_t value;
        NookRange range;
        bool set;
} NookInt;

typedef struct {
        bool value;
        NookRange range;
        bool set;
} NookBool;

/* Nomad counts nanoseconds; systemd microseconds: use nook_duration_usec(). */
typedef struct {
        int64_t nsec;
        NookRange range;
        bool set;
} NookDuration;

/* Rounds up, so that a positive duration never becomes zero; a negative one counts as zero. */
static inline uint64_t nook_duration_usec(NookDuration duration) {
        return duration.nsec <= 0 ? 0 : ((uint64_t)duration.nsec + 999) / 1000;
}

typedef struct {
        NookText *items;
        guint count;
        NookRange range;
        bool set; /* true for `args = []`, too */
} NookTexts;

typedef struct {
        NookText key;
        NookText value;
} NookPair;

/* A map of strings in source order, from a block or from an attribute. Keys are unique. */
typedef struct {
        NookPair *items;
        guint count;
        NookRange range;
        bool set;
} NookPairs;

/* The value of a key, or NULL; borrowed. */
const NookText *nook_pairs_find(const NookPairs *pairs, const char *key);

/* A free-form value: a driver's config of an unknown driver, a scaling policy. */
typedef struct {
        HclValue *value; /* an object */
        HclBody *body;   /* of a RAW block; else NULL */
        /* The attributes and blocks it was read from, for their places; NULL where there were none
         */
        const HclContent *content;
        NookRange range;
        bool set;
} NookAny;

/* Each value above ends in these two members, in this order: the schema tables rely on it.
 * By itself: a block's place. Every struct of job/blocks.def starts with one. */
typedef struct {
        NookRange
                range; /* type and labels: `task "web"`; NOOK_RANGE_NONE where made by a default */
        bool set;      /* false: not written, made by nook_job_complete() */
        bool is_odd;   /* of a block: it holds what does not belong there, so that what seems to be
                        * missing may be misspelt */
} NookBlockHead;

/* One line of a `unit {}` block: a directive of systemd with its values as text, not yet judged
 * (that is the directive table's business). A bool becomes "yes" or "no", a number its shortest
 * text. A list gives one value per element: `ReadOnlyPaths = ["/a", "/b"]`. */
typedef struct {
        NookText key; /* range: the name */
        NookTexts values;
        bool is_list; /* written as a list */
} NookUnitLine;

typedef struct {
        NookUnitLine *items;
        guint count;
        NookRange range;
        bool set;
} NookUnitLines;

/* The C type of each kind of a block list (job/blocks.def). */
#define NOOK_TYPE_TEXT          NookText
#define NOOK_TYPE_REQUIRED_TEXT NookText
#define NOOK_TYPE_INT           NookInt
#define NOOK_TYPE_INT8          NookInt
#define NOOK_TYPE_UINT          NookInt
#define NOOK_TYPE_UINT8         NookInt
#define NOOK_TYPE_UINT16        NookInt
#define NOOK_TYPE_UINT32        NookInt
#define NOOK_TYPE_SIZE          NookInt /* bytes */
#define NOOK_TYPE_BOOL          NookBool
#define NOOK_TYPE_DURATION      NookDuration
#define NOOK_TYPE_TEXTS         NookTexts
#define NOOK_TYPE_INTS          NookAny
#define NOOK_TYPE_MAP           NookPairs
#define NOOK_TYPE_PAIRS         NookPairs
#define NOOK_TYPE_EITHER        NookPairs
#define NOOK_TYPE_PATHS         NookPairs
#define NOOK_TYPE_LISTS         NookAny
#define NOOK_TYPE_ANY           NookAny
#define NOOK_TYPE_RAW           NookAny
#define NOOK_TYPE_CONFIG        NookAny
#define NOOK_TYPE_UNIT          NookUnitLines
