/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "scope.h"

#include <errno.h>
#include <sys/wait.h>

#include "base/error.h"
#include "sandbox.h"
#include "sandboxed.h"

bool nook_scope_launch(const NookLoad *load, const NookPlanTask *task, const int streams[3],
                       NookScopeOptions options, NookLaunch *ret_launch, GError **error) {
        NookSandboxedOptions sandboxed = {.form = NOOK_FORM_SCOPE,
                                          .has_terminal = options.has_terminal,
                                          .dies_with_parent = options.dies_with_parent};
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
