/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "unit/build.h"

/* What the manager would skip without an error where kernel or systemd lack it. Walls are refused,
 * all at once and by name; limits are named. A host value without a manager (a plan on another
 * machine) is not judged. */

static const struct {
        NookNeed need;
        const char *name; /* of the cgroup controller */
} controllers[] = {
        {NOOK_NEED_CPU, "cpu"},       {NOOK_NEED_CPUSET, "cpuset"}, {NOOK_NEED_IO, "io"},
        {NOOK_NEED_MEMORY, "memory"}, {NOOK_NEED_PIDS, "pids"},
};

const char *nook_need_to_controller(NookNeed need) {
        for (gsize i = 0; i < G_N_ELEMENTS(controllers); i++)
                if (controllers[i].need == need)
                        return controllers[i].name;
        return NULL;
}

static void refuse(NookDiags *diags, const char *what, const char *cure) {
        nook_diags_error(diags, NOOK_RANGE_NONE, "Wall cannot be built", "%s: %s.", what, cure);
}

static void check_bpf(unsigned needs, const NookHost *host, NookDiags *diags) {
        if ((needs & NOOK_NEED_BPF_DEVICES) != 0 && !host->has_bpf_devices)
                refuse(diags, "device rules (DevicePolicy=, DeviceAllow=)",
                       "BPF programs cannot be attached here");
        if ((needs & NOOK_NEED_BPF_FIREWALL) != 0 && !host->has_bpf_firewall)
                refuse(diags, "address rules (IPAddressDeny= and the like)",
                       "BPF programs cannot be attached here");
        if ((needs & NOOK_NEED_BPF_FRAMEWORK) != 0 &&
            (!host->has_bpf_socket_bind || !nook_host_has_feature(host, "BPF_FRAMEWORK")))
                refuse(diags,
                       "port and interface rules (SocketBindDeny=, RestrictNetworkInterfaces=)",
                       "systemd is built without BPF_FRAMEWORK, as Debian 12's is, or BPF programs "
                       "cannot be attached here");
}

static void check_walls(unsigned needs, const NookHost *host, NookDiags *diags) {
        if (host->manager_version < 252)
                nook_diags_error(diags, NOOK_RANGE_NONE, "systemd too old",
                                 "nook needs systemd 252; this is %u.", host->manager_version);
        if ((needs & NOOK_NEED_SECCOMP) != 0 && (!nook_host_has_feature(host, "SECCOMP") ||
                                                 !nook_host_has_seccomp_action(host, "errno")))
                refuse(diags, "system call filters",
                       "systemd is built without seccomp, or the kernel has none");
        if ((needs & (NOOK_NEED_MOUNT_NAMESPACE | NOOK_NEED_NETWORK_NAMESPACE |
                      NOOK_NEED_IPC_NAMESPACE | NOOK_NEED_UTS_NAMESPACE)) != 0 &&
            !host->has_namespaces)
                refuse(diags, "a root and namespaces of its own",
                       "namespaces cannot be made here; in a container they need --privileged or "
                       "--cap-add SYS_ADMIN --security-opt seccomp=unconfined");
        if ((needs & NOOK_NEED_USER_NAMESPACE) != 0 && !host->has_user_namespaces)
                refuse(diags, "PrivateUsers=",
                       "user namespaces are turned off (user.max_user_namespaces)");
        check_bpf(needs, host, diags);
}

void nook_build_check_host(NookPlan *plan, const NookPlanOptions *options, NookDiags *diags) {
        const NookHost *host = plan->host;

        if (host->manager_version == 0)
                return;
        check_walls(plan->needs, host, diags);
        for (gsize i = 0; i < G_N_ELEMENTS(controllers); i++) {
                if ((plan->needs & controllers[i].need) == 0 ||
                    nook_host_has_controller(host, controllers[i].name))
                        continue;
                plan->missing_limits |= controllers[i].need;
                if (options->is_strict)
                        nook_diags_error(diags, NOOK_RANGE_NONE, "Limit cannot be kept",
                                         "This host has no \"%s\" controller for tasks.",
                                         controllers[i].name);
        }
}
