/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* A PAM session in the process that calls this: modules change what is the process's own (limits,
 * umask, keyring), so that process should be there for the session alone. libpam is loaded when it
 * is wanted: hardly a task asks for it, and each would pay for it. */

#include <glib.h>
#include <stdbool.h>

typedef struct NookPamSession NookPamSession;

/* Asks whether the account may be used, establishes credentials where the service has any, and
 * opens a session.
 *   service  file in /etc/pam.d
 *   user     its name
 *   tty      path of the terminal that it was asked for at; NULL: none
 *   env      NAME=VALUE..., NULL at the end: what modules may look at and change; NULL: nothing
 * Errors: ACCESS when a module refuses; UNSUPPORTED without libpam. */
NookPamSession *nook_pam_session_open(const char *service, const char *user, const char *tty,
                                      char *const *env, GError **error);

/* The environment with what the modules have made of it; g_strfreev(). */
char **nook_pam_session_env(const NookPamSession *session);

/* Closes the session, deletes the credentials, frees. NULL is fine. */
void nook_pam_session_close(NookPamSession *session);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(NookPamSession, nook_pam_session_close)
