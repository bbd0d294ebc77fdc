/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* System call filters from the same words that the manager reads: SystemCallFilter= and what the
 * Restrict, Lock and Protect directives mean in system calls. The manager loads one filter for
 * each (36 for the default walls); here all of them are two: one that names the calls there are,
 * one that looks at arguments. Compiling takes some ten milliseconds, so the programs are kept by
 * what they were compiled from. */

#include <glib.h>
#include <stdbool.h>

typedef struct {
        GPtrArray *calls;    /* of char *: "@system-service", "~@keyring", "~ptrace:EPERM"; in
                                order, the first one says whether the list allows or denies */
        int call_errno;      /* SystemCallErrorNumber=; 0: the process is killed */
        bool has_families;   /* RestrictAddressFamilies= */
        bool families_allow; /* the list is of what is allowed */
        GArray *families;    /* of int: AF_* */
        guint64 namespaces_refused; /* RestrictNamespaces=: CLONE_NEW* */
        bool no_set_id;             /* RestrictSUIDSGID= */
        bool no_realtime;           /* RestrictRealtime= */
        bool no_write_execute;      /* MemoryDenyWriteExecute= */
        bool lock_personality;      /* LockPersonality=, at `personality` */
        unsigned long personality;
        bool no_kernel_log; /* ProtectKernelLogs= */
        bool no_modules;    /* ProtectKernelModules= */
        bool no_clock;      /* ProtectClock= */
        bool no_raw_io;     /* PrivateDevices= */
        bool no_hostname;   /* ProtectHostname= */
} NookFilter;

NookFilter *nook_filter_new(void);
void nook_filter_free(NookFilter *filter);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(NookFilter, nook_filter_free)

/* Adds the words of one SystemCallFilter= setting. allows: without "~" in front.
 * Errors: NOOK_ERROR_INVALID for a group that there is not, or an error name. A call that nobody
 * knows is passed over, as the manager does. */
bool nook_filter_add_calls(NookFilter *filter, bool allows, const char *const *words,
                           GError **error);

/* Adds the words of RestrictAddressFamilies=: AF_UNIX, ... Errors: NOOK_ERROR_INVALID. */
bool nook_filter_add_families(NookFilter *filter, bool allows, const char *const *words,
                              GError **error);

/* Whether it filters anything. */
bool nook_filter_is_needed(const NookFilter *filter);

/* The programs (struct sock_filter[]) to be loaded in order, of GBytes; the caller's.
 *   cache_dir  where compiled filters are kept, made if it is not there; NULL: nowhere. It must be
 *              the caller's and nobody else's to write.
 * Errors: NOOK_ERROR_UNSUPPORTED when libseccomp cannot build it. */
GPtrArray *nook_filter_compile(const NookFilter *filter, const char *cache_dir, GError **error);
