/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* A unit as data: a name and its settings in order, each a row of the directive table with a value.
 * It can be written as a unit file, sent as a StartTransientUnit message, or be read by the
 * sandbox; all three say the same. */

#include <glib.h>

#include "base/diag.h"
#include "base/source.h"
#include "unit/directive.h"

/* Why a setting is there; `nook plan` groups by it. */
typedef enum {
        NOOK_ORIGIN_WALL,  /* a default wall */
        NOOK_ORIGIN_JOB,   /* translated from a field of the job */
        NOOK_ORIGIN_BLOCK, /* the job's `unit {}` */
        NOOK_ORIGIN_NOOK,  /* what nook itself needs: slice, identifiers, environment file */
} NookOrigin;

typedef struct {
        const NookDirective *directive; /* static */
        GVariant *value;                /* owned, not floating */
        NookOrigin origin;
        const char *reason; /* static: what it is for, in a few words; or NULL */
        NookRange range;    /* where the job says so; NOOK_RANGE_NONE for defaults */
} NookSetting;

typedef struct {
        char *name; /* with its suffix: "nook-web.service" */
        NookUnitKind kind;
        GPtrArray *settings; /* of NookSetting */
} NookUnit;

/* name is copied and must end in the kind's suffix. */
NookUnit *nook_unit_new(const char *name, NookUnitKind kind);
void nook_unit_free(NookUnit *unit);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(NookUnit, nook_unit_free)

/* Appends a setting. value: sunk and referenced, must have a signature the row accepts. The row
 * must exist and accept the unit's kind; anything else is our bug (asserted). For a row that is no
 * list an earlier setting of the same key is replaced in place. reason: static text or NULL. */
void nook_unit_add(NookUnit *unit, const char *key, GVariant *value, NookOrigin origin,
                   const char *reason, NookRange range);

/* The same from text that is known to be right (ours): a text that does not parse is asserted. */
void nook_unit_add_text(NookUnit *unit, const char *key, const char *text, NookOrigin origin,
                        const char *reason);

/* Drops all settings of a key. */
void nook_unit_remove(NookUnit *unit, const char *key);

/* The last setting of a key, or NULL; borrowed. A list may have several: walk unit->settings. */
const NookSetting *nook_unit_find(const NookUnit *unit, const char *key);

/* Union of the rows' needs (mask of NookNeed). */
unsigned nook_unit_needs(const NookUnit *unit);

/* All settings as the `a(sv)` of StartTransientUnit, in order; not floating, the caller's. File
 * descriptors (type h) are not in it: the executor adds those itself. */
GVariant *nook_unit_to_properties(const NookUnit *unit);

/* The unit as a unit file. comment: lines put in front, each with "# "; or NULL. The caller's. */
char *nook_unit_to_file_text(const NookUnit *unit, const char *comment);
