/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "needs.h"

#include <string.h>
#include <unistd.h>

static bool has_namespace(const char *name) {
        g_autofree char *path = g_strdup_printf("/proc/self/ns/%s", name);

        return access(path, F_OK) == 0;
}

static bool has_seccomp(const NookHost *host) {
        return nook_host_has_feature(host, "SECCOMP") &&
               nook_host_has_seccomp_action(host, "errno") &&
               nook_host_has_seccomp_action(host, "kill_process");
}

static bool has_bpf_devices(const NookHost *host) {
        return host->has_bpf_devices;
}

static bool has_bpf_firewall(const NookHost *host) {
        return host->has_bpf_firewall;
}

static bool has_bpf_framework(const NookHost *host) {
        return nook_host_has_feature(host, "BPF_FRAMEWORK") && host->has_bpf_socket_bind;
}

static bool has_bpf_lsm(const NookHost *host) {
        g_autofree char *modules = NULL;

        return nook_host_has_feature(host, "BPF_FRAMEWORK") &&
               g_file_get_contents("/sys/kernel/security/lsm", &modules, NULL, NULL) &&
               strstr(modules, "bpf") != NULL;
}

static bool has_mounts(const NookHost *host) {
        return host->has_namespaces;
}

static bool has_network(const NookHost *host) {
        return host->has_namespaces;
}

static bool has_ipc(const NookHost *host) {
        (void)host;
        return has_namespace("ipc");
}

static bool has_uts(const NookHost *host) {
        (void)host;
        return has_namespace("uts");
}

static bool has_user(const NookHost *host) {
        return host->has_user_namespaces;
}

static bool has_pid(const NookHost *host) {
        (void)host;
        return has_namespace("pid");
}

static bool has_cpu(const NookHost *host) {
        return nook_host_has_controller(host, "cpu");
}

static bool has_cpuset(const NookHost *host) {
        return nook_host_has_controller(host, "cpuset");
}

static bool has_io(const NookHost *host) {
        return nook_host_has_controller(host, "io");
}

static bool has_memory(const NookHost *host) {
        return nook_host_has_controller(host, "memory");
}

static bool has_pids(const NookHost *host) {
        return nook_host_has_controller(host, "pids");
}

static const struct {
        unsigned need;
        const char *text;
        bool (*is_met)(const NookHost *host);
} needs_table[] = {
        {NOOK_NEED_SECCOMP, "system call filters (seccomp)", has_seccomp},
        {NOOK_NEED_BPF_DEVICES, "BPF programs for devices", has_bpf_devices},
        {NOOK_NEED_BPF_FIREWALL, "BPF programs for addresses", has_bpf_firewall},
        {NOOK_NEED_BPF_FRAMEWORK, "BPF programs for ports", has_bpf_framework},
        {NOOK_NEED_BPF_LSM, "the BPF security module", has_bpf_lsm},
        {NOOK_NEED_MOUNT_NAMESPACE, "mount namespaces", has_mounts},
        {NOOK_NEED_NETWORK_NAMESPACE, "network namespaces", has_network},
        {NOOK_NEED_IPC_NAMESPACE, "IPC namespaces", has_ipc},
        {NOOK_NEED_UTS_NAMESPACE, "UTS namespaces", has_uts},
        {NOOK_NEED_USER_NAMESPACE, "user namespaces", has_user},
        {NOOK_NEED_PID_NAMESPACE, "PID namespaces", has_pid},
        {NOOK_NEED_CPU, "cpu", has_cpu},
        {NOOK_NEED_CPUSET, "cpuset", has_cpuset},
        {NOOK_NEED_IO, "io", has_io},
        {NOOK_NEED_MEMORY, "memory", has_memory},
        {NOOK_NEED_PIDS, "pids", has_pids},
};

unsigned nook_needs_missing(const NookHost *host, unsigned needs) {
        unsigned missing = 0;

        for (gsize i = 0; i < G_N_ELEMENTS(needs_table); i++)
                if ((needs & needs_table[i].need) != 0 && !needs_table[i].is_met(host))
                        missing |= needs_table[i].need;
        return missing;
}

const char *nook_need_to_text(unsigned need) {
        for (gsize i = 0; i < G_N_ELEMENTS(needs_table); i++)
                if (needs_table[i].need == need)
                        return needs_table[i].text;
        g_assert_not_reached();
}

static char *names_of(unsigned missing) {
        g_autoptr(GString) text = g_string_new(NULL);

        for (gsize i = 0; i < G_N_ELEMENTS(needs_table); i++)
                if ((missing & needs_table[i].need) != 0)
                        g_string_append_printf(text, "%s%s", text->len > 0 ? ", " : "",
                                               needs_table[i].text);
        return g_string_free(g_steal_pointer(&text), FALSE);
}

void nook_needs_tell(const NookLoad *load) {
        g_autofree char *names = NULL;

        if (load->plan->missing_limits == 0)
                return;
        names = names_of(load->plan->missing_limits);
        nook_cli_info(load->cli, "No cgroup controller %s here: those limits have no effect",
                      names);
}

bool nook_needs_check(const NookLoad *load, GError **error) {
        const unsigned judged_here = NOOK_NEED_BPF_LSM | NOOK_NEED_PID_NAMESPACE;
        g_autofree char *names = NULL;
        unsigned missing;

        if (load->host->manager_version == 0)
                return true;
        missing = nook_needs_missing(load->host, load->plan->needs & judged_here);
        if (missing == 0)
                return true;
        names = names_of(missing);
        return nook_fail(error, NOOK_ERROR_UNSUPPORTED,
                         "a wall of this job needs what is not there: %s", names);
}

bool nook_needs_check_direct(const NookPlan *plan, GError **error) {
        const unsigned by_manager = NOOK_NEED_BPF_DEVICES | NOOK_NEED_BPF_FIREWALL |
                                    NOOK_NEED_BPF_FRAMEWORK | NOOK_NEED_BPF_LSM;
        g_autofree char *names = names_of(plan->needs & by_manager);

        return names[0] == 0 ||
               nook_fail(error, NOOK_ERROR_UNSUPPORTED,
                         "a wall of this job can only be built by systemd, which --direct goes "
                         "without: %s",
                         names);
}
