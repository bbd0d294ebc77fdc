/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "pam-session.h"

#include <dlfcn.h>
#include <security/pam_appl.h>
#include <stdlib.h>

#include "base/error.h"

/* The functions of libpam that are used, by name. */
#define PAM_FUNCTIONS(f)                                                                           \
        f(pam_start) f(pam_end) f(pam_acct_mgmt) f(pam_setcred) f(pam_open_session)                \
                f(pam_close_session) f(pam_set_item) f(pam_putenv) f(pam_getenvlist)               \
                        f(pam_strerror)

struct NookPamSession {
        void *library;
        pam_handle_t *handle;
        int result;
        bool has_credentials;
        bool is_open;
#define MEMBER(name) __typeof__(name) *name;
        PAM_FUNCTIONS(MEMBER)
#undef MEMBER
};

static bool load_library(NookPamSession *session, GError **error) {
        session->library = dlopen("libpam.so.0", RTLD_NOW | RTLD_LOCAL);
        if (session->library == NULL)
                return nook_fail(error, NOOK_ERROR_UNSUPPORTED, "PAMName= needs libpam: %s",
                                 dlerror());
#define LOAD(name)                                                                                 \
        *(void **)&session->name = dlsym(session->library, #name);                                 \
        if (session->name == NULL)                                                                 \
                return nook_fail(error, NOOK_ERROR_UNSUPPORTED, "libpam has no " #name "()");
        PAM_FUNCTIONS(LOAD)
#undef LOAD
        return true;
}

/* Nobody is asked anything: a module that wants an answer fails. */
static int converse(int n, const struct pam_message **messages, struct pam_response **responses,
                    void *user_data) {
        return PAM_CONV_ERR;
}

/* What is done, for the message should it fail; NULL when all was. */
static const char *begin(NookPamSession *session, const char *service, const char *user,
                         const char *tty, char *const *env) {
        static const struct pam_conv conversation = {.conv = converse};

        session->result = session->pam_start(service, user, &conversation, &session->handle);
        if (session->result == PAM_SUCCESS && tty != NULL)
                session->result = session->pam_set_item(session->handle, PAM_TTY, tty);
        for (; session->result == PAM_SUCCESS && env != NULL && *env != NULL; env++)
                session->result = session->pam_putenv(session->handle, *env);
        if (session->result != PAM_SUCCESS)
                return "set up PAM";

        session->result = session->pam_acct_mgmt(session->handle, PAM_SILENT);
        if (session->result != PAM_SUCCESS)
                return "ask for the account";
        /* Stacks for those who authenticate nobody often cannot give credentials, as the one that
         * nook ships; the manager goes on without, too. */
        session->has_credentials =
                session->pam_setcred(session->handle, PAM_ESTABLISH_CRED | PAM_SILENT) ==
                PAM_SUCCESS;
        session->result = session->pam_open_session(session->handle, PAM_SILENT);
        session->is_open = session->result == PAM_SUCCESS;
        return session->is_open ? NULL : "open a session";
}

NookPamSession *nook_pam_session_open(const char *service, const char *user, const char *tty,
                                      char *const *env, GError **error) {
        g_autoptr(NookPamSession) session = g_new0(NookPamSession, 1);
        const char *step;

        if (!load_library(session, error))
                return NULL;
        step = begin(session, service, user, tty, env);
        if (step == NULL)
                return g_steal_pointer(&session);
        (void)nook_fail(error, NOOK_ERROR_ACCESS, "the PAM service '%s' refuses to %s for '%s': %s",
                        service, step, user,
                        session->pam_strerror(session->handle, session->result));
        return NULL;
}

char **nook_pam_session_env(const NookPamSession *session) {
        char **list = session->pam_getenvlist(session->handle);
        char **copy = g_strdupv(list);

        for (char **entry = list; entry != NULL && *entry != NULL; entry++)
                free(*entry);
        free(list);
        return copy;
}

void nook_pam_session_close(NookPamSession *session) {
        if (session == NULL)
                return;
        if (session->is_open)
                session->result = session->pam_close_session(session->handle, PAM_SILENT);
        if (session->has_credentials)
                session->result =
                        session->pam_setcred(session->handle, PAM_DELETE_CRED | PAM_SILENT);
        if (session->handle != NULL)
                (void)session->pam_end(session->handle, session->result);
        /* The library stays: modules may have left threads or exit handlers. */
        g_free(session);
}
