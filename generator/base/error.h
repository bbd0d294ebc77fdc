/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* "The world said no": one GError domain for the whole program. A function that can fail returns
 * bool (or a pointer) and has `GError **error` last; it makes the error with one of the macros
 * below, which also log the place of origin at debug level. What is wrong in a user's file is not
 * an error of this kind but a finding (base/diag.h); what is our own bug is g_assert(). */

#include <glib.h>
#include <stdbool.h>

#define NOOK_ERROR (nook_error_quark())
GQuark nook_error_quark(void);

/* Why something failed, as far as a caller or an exit status tells cases apart. The exit status
 * of each code stands in nook_error_exit_status() and in nook(1). */
typedef enum {
        NOOK_ERROR_FAILED,  /* none of the others */
        NOOK_ERROR_USAGE,   /* command line */
        NOOK_ERROR_INVALID, /* the job file or the configuration has findings (already printed) */
        NOOK_ERROR_REFUSED, /* the operator's configuration forbids it */
        NOOK_ERROR_UNSUPPORTED, /* kernel or systemd lacks what a wall needs */
        NOOK_ERROR_NOT_FOUND,   /* no such unit, job or task */
        NOOK_ERROR_EXISTS,      /* already running, already there */
        NOOK_ERROR_ACCESS,      /* permission denied, interactive authorization required */
        NOOK_ERROR_PATH,        /* a path leaves the root, or is not what it must be */
        NOOK_ERROR_COMMAND_NOT_FOUND,
        NOOK_ERROR_COMMAND_NOT_EXECUTABLE,
        NOOK_ERROR_FETCH,  /* download */
        NOOK_ERROR_UNPACK, /* archive */
        NOOK_ERROR_CHECKSUM,
        NOOK_ERROR_LIMIT, /* size, entries, depth, ratio */
        NOOK_ERROR_SPACE, /* disk full, quota */
        NOOK_ERROR_BUS,   /* D-Bus, manager not there */
        NOOK_ERROR_JOB,   /* systemd's job ended with something else than "done" */
        NOOK_ERROR_TIMEOUT,
        NOOK_ERROR_CANCELED, /* SIGINT, SIGTERM */
        NOOK_ERROR_IO,       /* errno from a system call, otherwise unclassified */
        _NOOK_ERROR_MAX,
} NookErrorCode;

/* The exit status that `nook run` has for this code: 125 to 127, 124, 130. Other domains: 125. */
int nook_error_exit_status(const GError *error);

/* All return false, so that a caller can write `return nook_fail(...)`. The message says what we
 * did to which object, then why: "open '/etc/nook': Permission denied". */
#define nook_fail(error, code, ...)                                                                \
        (nook_error_set((error), (code), 0, __FILE__, __LINE__, __func__, __VA_ARGS__))

/* The same with errno: appends ": " and its text; EEXIST, EACCES, EPERM, ENOENT, ENOSPC and EDQUOT
 * choose their own code. errnum is positive or negative. */
#define nook_fail_errno(error, errnum, ...)                                                        \
        (nook_error_set((error), nook_error_code_of_errno(errnum), (errnum), __FILE__, __LINE__,   \
                        __func__, __VA_ARGS__))

NookErrorCode nook_error_code_of_errno(int errnum);
bool nook_error_set(GError **error, NookErrorCode code, int errnum, const char *file, int line,
                    const char *function, const char *format, ...) G_GNUC_PRINTF(7, 8);
