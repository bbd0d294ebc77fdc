/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* The types of the directive table: how each kind of value is read from text and written back. One
 * file per family: scalar.c, quantity.c, list.c, set.c, net.c, exec.c. Nothing outside of this
 * folder needs to know them. */

#include <glib.h>

#include "base/error.h"
#include "unit/directive.h"

/* For parse functions: records the finding and is NULL. */
#define nook_convert_fail(error, ...)                                                              \
        (nook_fail((error), NOOK_ERROR_INVALID, __VA_ARGS__), (GVariant *)NULL)

/* The rows' arguments, by type. */

/* nook_type_int: both ends are allowed. */
typedef struct {
        gint64 least;
        gint64 most;
} NookBounds;

/* nook_type_word and its kin: the words a row knows, and those of them that keep to its class
 * (NULL: all do). */
typedef struct {
        const char *const *words;
        const char *const *safe;
} NookWords;

/* nook_type_named: words for numbers; ends with a NULL name. */
typedef struct {
        const char *name;
        int value;
        bool is_unsafe;
} NookNamed;

/* nook_type_yes_no: the only value that keeps to the row's class, where there is one. */
extern const bool nook_bool_yes;
extern const bool nook_bool_no;

/* nook_type_usec and nook_type_size: what zero means. */
extern const char nook_zero_is_infinity[]; /* systemd reads "0" as no limit */
extern const char nook_zero_is_refused[];
extern const char nook_no_percent[]; /* nook_type_size: the bus has no property for a share */

/* scalar.c */
extern const NookDirectiveType nook_type_yes_no;
extern const NookDirectiveType nook_type_yes_no_word; /* b, or a word for the property ...Ex */
extern const NookDirectiveType nook_type_string;
extern const NookDirectiveType nook_type_label;    /* (bs), or s */
extern const NookDirectiveType nook_type_path;     /* absolute and clean */
extern const NookDirectiveType nook_type_work_dir; /* the same, `-` and `~` */
extern const NookDirectiveType nook_type_word;     /* one of some words */
extern const NookDirectiveType nook_type_stdio; /* StandardOutput= and kin: words, and file:PATH */
extern const NookDirectiveType nook_type_int;   /* i, u or t, as the row's signature says */
extern const NookDirectiveType nook_type_octal;
extern const NookDirectiveType nook_type_named;
extern const NookDirectiveType nook_type_signal; /* argument: the only one that is safe, an int */
extern const NookDirectiveType nook_type_error_name;
extern const int nook_signal_kill; /* argument of nook_type_signal */

/* quantity.c */
extern const NookDirectiveType nook_type_usec;
extern const NookDirectiveType nook_type_nsec;
extern const NookDirectiveType nook_type_size;    /* bytes, per cent, infinity */
extern const NookDirectiveType nook_type_count;   /* number, per cent, infinity */
extern const NookDirectiveType nook_type_weight;  /* 1 to 10000; "idle" where the row says so */
extern const NookDirectiveType nook_type_quota;   /* CPUQuota= */
extern const NookDirectiveType nook_type_percent; /* fraction of 2^32 */
extern const NookDirectiveType nook_type_limit;   /* Limit...=: (tt) soft and hard, a count */
extern const NookDirectiveType nook_type_limit_bytes;
extern const NookDirectiveType nook_type_limit_seconds;
extern const NookDirectiveType nook_type_limit_usec;
extern const NookDirectiveType nook_type_limit_nice;
extern const bool nook_weight_idle; /* argument of nook_type_weight */

/* list.c */
extern const NookDirectiveType nook_type_words;         /* as */
extern const NookDirectiveType nook_type_line;          /* as: one word a line */
extern const NookDirectiveType nook_type_paths;         /* as: [-][+]PATH */
extern const NookDirectiveType nook_type_plain_paths;   /* as: PATH */
extern const NookDirectiveType nook_type_search_path;   /* as: PATH:PATH */
extern const NookDirectiveType nook_type_env;           /* as: NAME=VALUE */
extern const NookDirectiveType nook_type_names;         /* as: NAME of variables */
extern const NookDirectiveType nook_type_env_file;      /* a(sb) */
extern const NookDirectiveType nook_type_filter;        /* (bas): [~]WORD... */
extern const NookDirectiveType nook_type_fields;        /* aay: FIELD=VALUE */
extern const NookDirectiveType nook_type_binds;         /* a(ssbt) */
extern const NookDirectiveType nook_type_tmpfs;         /* a(ss) */
extern const NookDirectiveType nook_type_open_file;     /* a(sst) */
extern const NookDirectiveType nook_type_devices;       /* a(ss) */
extern const NookDirectiveType nook_type_device_values; /* a(st); argument: a type for the value */
extern const NookDirectiveType nook_type_conditions;    /* a(sbbs); the row's key is the type */
extern const NookDirectiveType nook_type_credential;    /* a(ss): ID:PATH */
extern const NookDirectiveType nook_type_secret;        /* a(say): ID:VALUE */
extern const NookDirectiveType nook_type_data;          /* ay: base64 */
extern const NookDirectiveType nook_type_delegate;      /* b, or as for DelegateControllers */
extern const NookDirectiveType nook_type_patterns;      /* a(bs): [~]PATTERN */

/* Arguments of nook_type_filter: what its words are. */
extern const char nook_filter_syscalls[];
extern const char nook_filter_families[];
extern const char nook_filter_any[];
/* An added allow-list takes nothing away from a default one: it opens. Rows whose default is "all
 * is allowed" use this argument instead. */
extern const char nook_filter_open[];

/* set.c */
extern const NookDirectiveType nook_type_capabilities; /* t */
extern const NookDirectiveType nook_type_namespaces;   /* t */
extern const NookDirectiveType nook_type_statuses;     /* (aiai) */
extern const NookDirectiveType nook_type_cpus;         /* ay */
extern const NookDirectiveType nook_type_bits;         /* t or i; argument: NookNamed */

/* net.c */
extern const NookDirectiveType nook_type_addresses;   /* a(iayu) */
extern const NookDirectiveType nook_type_socket_bind; /* a(iiqq) */

/* exec.c */
extern const NookDirectiveType nook_type_exec; /* a(sasb), or a(sasas) for the property ...Ex */

/* Shared by the files. */

/* "SIGINT", "INT", "2", "RTMIN+3" to a number; 0 if there is none such. */
int nook_signal_from_text(const char *text);
char *nook_signal_to_text(int signal); /* "SIGINT", "SIGRTMIN+3"; the caller's */

/* "CAP_NET_ADMIN", "net_admin" to the number of the bit, -1 if unknown. */
int nook_capability_from_text(const char *text);
const char *nook_capability_to_text(int capability); /* static; NULL past the last */
guint64 nook_capability_all(void);                   /* those that have a name here */

/* Decimal digits only; false when it is none or does not fit. */
bool nook_convert_uint(const char *text, guint64 most, guint64 *ret_value);

bool nook_convert_is_in(const char *const *list, const char *word);

/* Whether a path is absolute without "//", "." and ".." parts or a slash at the end. */
bool nook_convert_is_clean_path(const char *path);
