/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* attr.* as a Nomad client fills them, for constraints and interpolation. */

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "host-probe.h"

static void set_number(NookHost *host, const char *name, guint64 value) {
        g_autofree char *text = g_strdup_printf("%" G_GUINT64_FORMAT, value);

        nook_host_set_attr(host, name, text);
}

/* Go's names, which Nomad uses for attr.cpu.arch. */
static const char *go_architecture(const char *machine) {
        static const struct {
                const char *machine;
                const char *name;
        } names[] = {
                {"x86_64", "amd64"}, {"aarch64", "arm64"}, {"i686", "386"},
                {"i386", "386"},     {"armv7l", "arm"},    {"armv6l", "arm"},
        };

        for (gsize i = 0; i < G_N_ELEMENTS(names); i++)
                if (g_str_equal(machine, names[i].machine))
                        return names[i].name;
        return machine;
}

static void probe_kernel_names(NookHost *host) {
        struct utsname names;

        if (uname(&names) < 0)
                return;
        nook_host_set_attr(host, "kernel.name", "linux");
        nook_host_set_attr(host, "kernel.version", names.release);
        nook_host_set_attr(host, "kernel.arch", names.machine);
        nook_host_set_attr(host, "cpu.arch", go_architecture(names.machine));
        nook_host_set_attr(host, "arch", go_architecture(names.machine));
        nook_host_set_attr(host, "unique.hostname", names.nodename);
        if (g_hash_table_lookup(host->node, "unique.name") == NULL)
                nook_host_set_node(host, "unique.name", names.nodename);
        nook_host_set_attr(host, "os.cgroups.version",
                           access("/sys/fs/cgroup/cgroup.controllers", F_OK) == 0 ? "2" : "1");
}

/* The value of KEY=value or KEY="value"; caller's, or NULL. */
static char *os_release_value(const char *text, const char *key) {
        g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
        gsize size = strlen(key);

        for (guint i = 0; lines[i] != NULL; i++)
                if (strncmp(lines[i], key, size) == 0 && lines[i][size] == '=')
                        return g_shell_unquote(lines[i] + size + 1, NULL);
        return NULL;
}

static void probe_os(NookHost *host) {
        g_autofree char *text = NULL;
        g_autofree char *id = NULL;
        g_autofree char *version = NULL;

        if (!g_file_get_contents("/etc/os-release", &text, NULL, NULL) &&
            !g_file_get_contents("/usr/lib/os-release", &text, NULL, NULL))
                return;
        id = os_release_value(text, "ID");
        version = os_release_value(text, "VERSION_ID");
        if (id != NULL)
                nook_host_set_attr(host, "os.name", id);
        if (version != NULL)
                nook_host_set_attr(host, "os.version", version);
}

static guint64 megahertz_of_cpufreq(void) {
        g_autofree char *text = NULL;

        if (!g_file_get_contents("/sys/devices/system/cpu/cpu0/cpufreq/cpuinfo_max_freq", &text,
                                 NULL, NULL))
                return 0;
        return g_ascii_strtoull(text, NULL, 10) / 1000;
}

static void probe_processor(NookHost *host) {
        g_autofree char *text = NULL;
        guint64 megahertz = megahertz_of_cpufreq();
        g_auto(GStrv) lines = NULL;
        bool has_model = false;

        (void)g_file_get_contents("/proc/cpuinfo", &text, NULL, NULL);
        lines = g_strsplit(text != NULL ? text : "", "\n", -1);
        for (guint i = 0; lines[i] != NULL && lines[i][0] != 0; i++) {
                const char *colon = strchr(lines[i], ':');

                if (colon == NULL)
                        continue;
                if (g_str_has_prefix(lines[i], "model name") && !has_model) {
                        nook_host_set_attr(host, "cpu.modelname", colon + 2);
                        has_model = true;
                }
                if (g_str_has_prefix(lines[i], "cpu MHz") && megahertz == 0)
                        megahertz = (guint64)g_ascii_strtod(colon + 1, NULL);
        }
        host->cpu_mhz_total = megahertz * host->n_cpus;
        set_number(host, "cpu.numcores", host->n_cpus);
        set_number(host, "cpu.frequency", megahertz);
        set_number(host, "cpu.totalcompute", host->cpu_mhz_total);
        set_number(host, "cpu.usablecompute", host->cpu_mhz_total);
}

/* The first address that others could reach, as Nomad takes that of the default interface. */
static void probe_address(NookHost *host) {
        struct ifaddrs *first = NULL;

        if (getifaddrs(&first) < 0)
                return;
        for (const struct ifaddrs *entry = first; entry != NULL; entry = entry->ifa_next) {
                char text[INET_ADDRSTRLEN];
                struct sockaddr_in address;

                if (entry->ifa_addr == NULL || entry->ifa_addr->sa_family != AF_INET ||
                    (entry->ifa_flags & IFF_LOOPBACK) != 0 || (entry->ifa_flags & IFF_UP) == 0)
                        continue;
                memcpy(&address, entry->ifa_addr, sizeof address);
                if (inet_ntop(AF_INET, &address.sin_addr, text, sizeof text) == NULL)
                        continue;
                nook_host_set_attr(host, "unique.network.ip-address", text);
                break;
        }
        freeifaddrs(first);
}

static void probe_storage(NookHost *host) {
        struct statvfs st;

        if (statvfs("/var/lib", &st) < 0)
                return;
        set_number(host, "unique.storage.bytestotal", (guint64)st.f_blocks * st.f_frsize);
        set_number(host, "unique.storage.bytesfree", (guint64)st.f_bavail * st.f_frsize);
}

/* A stable id of the machine: what Nomad calls node id is made by its servers. */
static void probe_machine_id(NookHost *host) {
        g_autofree char *text = NULL;

        if (!g_file_get_contents("/etc/machine-id", &text, NULL, NULL))
                return;
        g_strstrip(text);
        nook_host_set_node(host, "unique.id", text);
        nook_host_set_attr(host, "unique.host_id", text);
}

static void probe_mounts(NookHost *host) {
        g_autofree char *text = NULL;

        if (!g_file_get_contents("/proc/self/mountinfo", &text, NULL, NULL))
                return;
        for (const char *p = text; *p != 0; p++)
                host->n_mounts += *p == '\n';
}

void nook_host_probe_attributes(NookHost *host) {
        probe_kernel_names(host);
        probe_os(host);
        probe_processor(host);
        set_number(host, "memory.totalbytes", host->memory_bytes);
        probe_address(host);
        probe_storage(host);
        probe_machine_id(host);
        probe_mounts(host);
        nook_host_set_attr(host, "driver.exec", "1");
        nook_host_set_attr(host, "nook.version", NOOK_VERSION);
        if (host->manager_version != 0)
                set_number(host, "systemd.version", host->manager_version);
}
