/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "scope.h"

#include <errno.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/error.h"
#include "sandbox.h"
#include "sandboxed.h"

bool nook_scope_launch(const NookLoad *load, const NookPlanTask *task, const int streams[3],
                       NookScopeOptions options, NookLaunch *ret_launch, GError **error) {
        NookSandboxedOptions sandboxed = {.form = NOOK_FORM_SCOPE,
                                          .has_terminal = options.has_terminal,
                                          .dies_with_parent = options.dies_with_parent,
                                          .session = options.session};
        g_autoptr(NookSandbox) sandbox = nook_sandboxed_plan(load, task, sandboxed, error);

        if (sandbox == NULL)
                return false;

        g_autoptr(GBytes) plan = nook_sandbox_to_bytes(sandbox);
        return nook_launch_start(nook_sandboxed_program(), plan, streams, NULL, ret_launch, error);
}

bool nook_scope_let_go(NookLaunch *launch, GError **error) {
        return nook_launch_await_ready(launch, error) && nook_launch_go(launch, error) &&
               nook_launch_finish(launch, error);
}

char *nook_scope_group_directory(const char *control_group) {
        static const char *const roots[] = {"/sys/fs/cgroup", "/sys/fs/cgroup/unified",
                                            "/sys/fs/cgroup/systemd"};

        for (gsize i = 0; control_group != NULL && *control_group != 0 && i < G_N_ELEMENTS(roots);
             i++) {
                g_autofree char *directory = g_build_filename(roots[i], control_group, NULL);
                g_autofree char *file = g_build_filename(directory, "cgroup.procs", NULL);

                if (access(file, R_OK) == 0)
                        return g_steal_pointer(&directory);
        }
        return NULL;
}

char *nook_scope_group_of(pid_t pid) {
        g_autofree char *path = g_strdup_printf("/proc/%d/cgroup", (int)pid);
        g_autofree char *text = NULL;
        char *line;

        if (!g_file_get_contents(path, &text, NULL, NULL))
                return NULL;
        line = g_str_has_prefix(text, "0::") ? text : strstr(text, "\n0::");
        if (line == NULL)
                return NULL;
        line = strstr(line, "::") + 2;
        line[strcspn(line, "\n")] = '\0';
        return nook_scope_group_directory(line);
}

bool nook_scope_group_is_empty(const char *directory) {
        g_autofree char *file = g_build_filename(directory, "cgroup.procs", NULL);
        g_autofree char *text = NULL;

        if (!g_file_get_contents(file, &text, NULL, NULL))
                return access(directory, F_OK) < 0;
        return *text == '\0';
}

bool nook_scope_reap(NookLaunch *launch, int *ret_code, int *ret_status) {
        siginfo_t info = {0};

        if (launch->pid <= 0 ||
            waitid(P_PIDFD, (id_t)launch->pidfd, &info, WEXITED | WNOHANG) < 0 || info.si_pid == 0)
                return false;
        launch->pid = -1;
        *ret_code = info.si_code;
        *ret_status = info.si_status;
        return true;
}
