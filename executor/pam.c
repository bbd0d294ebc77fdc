/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "pam.h"

#include <dlfcn.h>
#include <security/pam_appl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"

/* The functions of libpam that are used, by name. */
#define PAM_FUNCTIONS(f)                                                                           \
        f(pam_start) f(pam_end) f(pam_acct_mgmt) f(pam_setcred) f(pam_open_session)                \
                f(pam_close_session) f(pam_set_item) f(pam_getenvlist) f(pam_strerror)

struct NookPam {
        void *library;
        pam_handle_t *handle;
        int result;
        bool is_open;
#define MEMBER(name) __typeof__(name) *name;
        PAM_FUNCTIONS(MEMBER)
#undef MEMBER
};

const char *nook_pam_service_of(const NookPlanTask *task) {
        const NookSetting *setting =
                task->exec != NULL ? nook_unit_find(task->exec, "PAMName") : NULL;
        const char *service = setting != NULL ? g_variant_get_string(setting->value, NULL) : NULL;

        return service != NULL && *service != '\0' ? service : NULL;
}

static bool load_library(NookPam *pam, GError **error) {
        pam->library = dlopen("libpam.so.0", RTLD_NOW | RTLD_LOCAL);
        if (pam->library == NULL)
                return nook_fail(error, NOOK_ERROR_UNSUPPORTED, "PAMName= needs libpam: %s",
                                 dlerror());
#define LOAD(name)                                                                                 \
        *(void **)&pam->name = dlsym(pam->library, #name);                                         \
        if (pam->name == NULL)                                                                     \
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

static bool begin(NookPam *pam, const char *service, const char *user, GError **error) {
        static const struct pam_conv conversation = {.conv = converse};

        pam->result = pam->pam_start(service, user, &conversation, &pam->handle);
        if (pam->result == PAM_SUCCESS && isatty(STDIN_FILENO) && ttyname(STDIN_FILENO) != NULL)
                pam->result = pam->pam_set_item(pam->handle, PAM_TTY, ttyname(STDIN_FILENO));
        if (pam->result == PAM_SUCCESS)
                pam->result = pam->pam_acct_mgmt(pam->handle, PAM_SILENT);
        if (pam->result == PAM_SUCCESS)
                pam->result = pam->pam_setcred(pam->handle, PAM_ESTABLISH_CRED | PAM_SILENT);
        if (pam->result == PAM_SUCCESS)
                pam->result = pam->pam_open_session(pam->handle, PAM_SILENT);
        pam->is_open = pam->result == PAM_SUCCESS;
        return pam->is_open ||
               nook_fail(error, NOOK_ERROR_ACCESS, "open a PAM session '%s' for '%s': %s", service,
                         user, pam->pam_strerror(pam->handle, pam->result));
}

static bool has_variable(char *const *env, const char *entry) {
        gsize size = strcspn(entry, "=") + 1;

        for (; *env != NULL; env++)
                if (strncmp(*env, entry, size) == 0)
                        return true;
        return false;
}

static void take_environment(NookPam *pam, NookPlanTask *task) {
        char **list = pam->pam_getenvlist(pam->handle);
        GPtrArray *entries = g_ptr_array_new();

        for (char **entry = task->env; entry != NULL && *entry != NULL; entry++)
                g_ptr_array_add(entries, g_strdup(*entry));
        for (char **entry = list; entry != NULL && *entry != NULL; entry++) {
                if (task->env == NULL || !has_variable(task->env, *entry))
                        g_ptr_array_add(entries, g_strdup(*entry));
                free(*entry);
        }
        free(list);
        g_ptr_array_add(entries, NULL);
        g_strfreev(task->env);
        task->env = (char **)g_ptr_array_free(entries, FALSE);
}

bool nook_pam_open(NookPlanTask *task, NookPam **ret_pam, GError **error) {
        const char *service = nook_pam_service_of(task);
        g_autoptr(NookPam) pam = NULL;

        *ret_pam = NULL;
        if (service == NULL)
                return true;
        if (task->user->kind == NOOK_USER_DYNAMIC)
                return nook_fail(error, NOOK_ERROR_UNSUPPORTED,
                                 "PAMName= needs a user that the system knows: name one by user = "
                                 "or --uid");
        pam = g_new0(NookPam, 1);
        if (!load_library(pam, error) || !begin(pam, service, task->user->name, error))
                return false;
        take_environment(pam, task);
        *ret_pam = g_steal_pointer(&pam);
        return true;
}

void nook_pam_close(NookPam *pam) {
        if (pam == NULL)
                return;
        if (pam->is_open) {
                pam->result = pam->pam_close_session(pam->handle, PAM_SILENT);
                pam->result = pam->pam_setcred(pam->handle, PAM_DELETE_CRED | PAM_SILENT);
        }
        if (pam->handle != NULL)
                (void)pam->pam_end(pam->handle, pam->result);
        if (pam->library != NULL)
                (void)dlclose(pam->library);
        g_free(pam);
}
