/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* THE table of directives: every setting of systemd that nook can write, in one place. The writer
 * of unit files, the writer of D-Bus messages, the `unit {}` block of a job, `nook plan` and the
 * sandbox all read this table; a directive that has no row here does not exist for nook.
 *
 * A value is a GVariant of exactly the signature that the manager's D-Bus interface takes, so that
 * sending it is one generic walk and the sandbox reads the same bits that PID 1 would. Text comes
 * in by the row's type (parse) and goes out by it (print); printed text, read back by systemd, is
 * equal to the value. Specifiers are never expanded: a `%` in a job is a percent sign. */

#include <glib.h>
#include <stdbool.h>

/* Kinds of unit, as a mask: a row says which kinds accept it. */
typedef enum {
        NOOK_UNIT_SERVICE = 1 << 0,
        NOOK_UNIT_SCOPE = 1 << 1,
        NOOK_UNIT_SLICE = 1 << 2,
        NOOK_UNIT_ALL = NOOK_UNIT_SERVICE | NOOK_UNIT_SCOPE | NOOK_UNIT_SLICE,
} NookUnitKind;

/* Where a row stands in a unit file: [Unit], or the kind's own [Service], [Scope], [Slice]. */
typedef enum {
        NOOK_SECTION_UNIT,
        NOOK_SECTION_OWN,
} NookSection;

/* Who can carry a row out. A row without the sandbox's bit cannot be had in a scope, unless the
 * scope itself accepts it (kinds), and not with --direct; it is refused by name there. */
typedef enum {
        NOOK_CARRIER_MANAGER = 1 << 0,
        NOOK_CARRIER_SANDBOX = 1 << 1,
        NOOK_CARRIER_BOTH = NOOK_CARRIER_MANAGER | NOOK_CARRIER_SANDBOX,
} NookCarrier;

/* What a row can do to the walls. A job may use the first two freely; one that opens must be named
 * in the operator's allow_directives. There is no zero: a row without a class does not compile. */
typedef enum {
        NOOK_CLASS_TIGHTENS = 1, /* can only take away */
        NOOK_CLASS_NEUTRAL,      /* limits, scheduling, timeouts, text */
        NOOK_CLASS_OPENS, /* host paths, users, capabilities, other units, commands, namespaces */
} NookClass;

/* What a row needs of kernel and manager and what PID 1 would skip without an error where it is
 * missing. The executor asks before it starts anything; walls are refused, limits are named. */
typedef enum {
        NOOK_NEED_SECCOMP = 1 << 0,
        NOOK_NEED_BPF_DEVICES = 1 << 1, /* cgroup device programs */
        NOOK_NEED_BPF_FIREWALL = 1 << 2,
        NOOK_NEED_BPF_LSM = 1 << 3,
        NOOK_NEED_MOUNT_NAMESPACE = 1 << 4,
        NOOK_NEED_NETWORK_NAMESPACE = 1 << 5,
        NOOK_NEED_IPC_NAMESPACE = 1 << 6,
        NOOK_NEED_UTS_NAMESPACE = 1 << 7,
        NOOK_NEED_USER_NAMESPACE = 1 << 8,
        NOOK_NEED_PID_NAMESPACE = 1 << 9,
        NOOK_NEED_BPF_FRAMEWORK = 1 << 10, /* ports and interfaces: not in Debian 12's systemd */
        NOOK_NEED_CPU = 1 << 16,           /* cgroup controllers: limits, not walls */
        NOOK_NEED_CPUSET = 1 << 17,
        NOOK_NEED_IO = 1 << 18,
        NOOK_NEED_MEMORY = 1 << 19,
        NOOK_NEED_PIDS = 1 << 20,
} NookNeed;

#define NOOK_NEED_CONTROLLERS                                                                      \
        (NOOK_NEED_CPU | NOOK_NEED_CPUSET | NOOK_NEED_IO | NOOK_NEED_MEMORY | NOOK_NEED_PIDS)

typedef struct NookDirective NookDirective;

/* How the values of a row are read and written. */
typedef struct {
        const char *name; /* for messages: "a size", "yes or no" */

        /* Text as it stands after the `=` in a unit file (or in a job's `unit {}`) to a value; not
         * floating. The empty text resets a list. Errors: NOOK_ERROR_INVALID, a sentence. */
        GVariant *(*parse)(const NookDirective *directive, const char *text, GError **error);

        /* Appends the text for a unit file: quoted, specifiers doubled, without key and newline. */
        void (*print)(const NookDirective *directive, GVariant *value, GString *out);

        /* Adds (property, value) pairs to a builder of type a(sv), for the few rows that are not
         * one property (limits are two, a size in per cent is another one); NULL: the plain pair.
         */
        void (*emit)(const NookDirective *directive, GVariant *value, GVariantBuilder *out);

        /* Whether this value keeps to the row's class: `ProtectHome=no` does not, though the row
         * tightens. NULL: every value does. */
        bool (*is_safe)(const NookDirective *directive, GVariant *value);

        bool is_list; /* several settings of one row add up; "" forgets the earlier ones */
} NookDirectiveType;

struct NookDirective {
        const char *key;       /* "TimeoutStopSec", as in a unit file */
        const char *property;  /* "TimeoutStopUSec", on D-Bus */
        const char *signature; /* of the value: "t" */
        const NookDirectiveType *type;
        const void *argument; /* the type's own: allowed words, bounds, flag names */
        NookSection section;
        unsigned kinds; /* mask of NookUnitKind */
        unsigned since; /* systemd's version; never below 252, which nook requires */
        NookCarrier carrier;
        NookClass class;
        unsigned needs; /* mask of NookNeed */
};

/* The row of a key ("MemoryMax"); NULL if there is none. Exact, as systemd's own parser is. */
const NookDirective *nook_directive_find(const char *key);

/* All rows in the table's order (by subject). ret_count is set to their number. */
const NookDirective *nook_directive_table(gsize *ret_count);

/* The key nearest to a mistyped one, or NULL; borrowed. */
const char *nook_directive_suggest(const char *key);

/* Text to value by the row's type; the result is the caller's and not floating.
 * Errors: NOOK_ERROR_INVALID with key, text and rule. */
GVariant *nook_directive_parse(const NookDirective *directive, const char *text, GError **error);

/* Value to a unit file's text (without "KEY="). The caller's. */
char *nook_directive_print(const NookDirective *directive, GVariant *value);

/* Adds the D-Bus properties of one value to a builder of type a(sv). */
void nook_directive_emit(const NookDirective *directive, GVariant *value, GVariantBuilder *out);

/* What this very value does to the walls: the row's class, or NOOK_CLASS_OPENS where the value
 * turns a wall off, resets a list (which may be a default wall's) or leaves what is allowed to a
 * row. */
NookClass nook_directive_class_of(const NookDirective *directive, GVariant *value);

/* Words for people: "tightens", "service, scope". Static. */
const char *nook_class_to_text(NookClass class);
const char *nook_unit_kind_to_suffix(NookUnitKind kind);  /* ".service" */
const char *nook_unit_kind_to_section(NookUnitKind kind); /* "Service" */
