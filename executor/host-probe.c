/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "host-probe.h"

#include <errno.h>
#include <grp.h>
#include <limits.h>
#include <linux/bpf.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/fd.h"

/* What is kept in RUN/manager; a change of its meaning changes the first word. */
#define KEPT_FORMAT "nook-manager-2"

static NookPathKind kind_of_mode(mode_t mode) {
        if (S_ISREG(mode))
                return NOOK_PATH_FILE;
        if (S_ISDIR(mode))
                return NOOK_PATH_DIR;
        if (S_ISLNK(mode))
                return NOOK_PATH_LINK;
        return NOOK_PATH_OTHER;
}

void nook_host_probe_path(NookHost *host, const char *path) {
        char target[PATH_MAX];
        g_autofree char *resolved = NULL;
        NookPathKind resolved_kind = NOOK_PATH_MISSING;
        struct stat st;
        ssize_t size = -1;
        NookPathKind kind;

        if (g_hash_table_contains(host->paths, path))
                return;
        if (lstat(path, &st) < 0) {
                nook_host_add_path(host, path, NOOK_PATH_MISSING, NULL, NULL, NOOK_PATH_MISSING);
                return;
        }
        kind = kind_of_mode(st.st_mode);
        if (kind == NOOK_PATH_LINK)
                size = readlink(path, target, sizeof target - 1);
        if (size >= 0)
                target[size] = 0;
        resolved = realpath(path, NULL); /* malloc() is g_malloc() since GLib 2.46 */
        if (resolved != NULL && stat(resolved, &st) == 0)
                resolved_kind = kind_of_mode(st.st_mode);
        nook_host_add_path(host, path, kind, size >= 0 ? target : NULL, resolved, resolved_kind);
}

void nook_host_probe_user(NookHost *host, const char *name) {
        struct passwd *entry;
        int n_groups = 0;
        g_autofree gid_t *groups = NULL;
        guint kept = 0;

        if (g_hash_table_contains(host->users, name))
                return;
        entry = getpwnam(name);
        if (entry == NULL) {
                nook_host_add_missing_user(host, name);
                return;
        }
        (void)getgrouplist(name, entry->pw_gid, NULL, &n_groups);
        groups = g_new(gid_t, (gsize)MAX(n_groups, 1));
        if (getgrouplist(name, entry->pw_gid, groups, &n_groups) < 0)
                n_groups = 0;
        for (int i = 0; i < n_groups; i++)
                if (groups[i] != entry->pw_gid)
                        groups[kept++] = groups[i];
        nook_host_add_user(host, name, entry->pw_uid, entry->pw_gid, entry->pw_dir, entry->pw_shell,
                           groups, kept);
}

static void probe_merged_usr(NookHost *host) {
        static const char *const places[] = {"/bin",   "/sbin",  "/lib",
                                             "/lib32", "/lib64", "/libx32"};

        for (gsize i = 0; i < G_N_ELEMENTS(places); i++) {
                char target[PATH_MAX];
                ssize_t size = readlink(places[i], target, sizeof target - 1);

                if (size <= 0)
                        continue;
                target[size] = 0;
                if (g_str_has_prefix(target, "usr/") || g_str_has_prefix(target, "/usr/"))
                        nook_host_add_merged_usr(host, places[i], target);
        }
}

static char **read_words(const char *path) {
        g_autofree char *text = NULL;
        char **words;
        guint kept = 0;

        if (!g_file_get_contents(path, &text, NULL, NULL))
                return NULL;
        words = g_strsplit_set(g_strstrip(text), " \n", -1);
        for (guint i = 0; words[i] != NULL; i++) {
                if (words[i][0] != 0)
                        words[kept++] = words[i];
                else
                        g_free(words[i]);
        }
        words[kept] = NULL;
        return words;
}

/* The controllers at the top: what the manager can hand down to units. */
static char **read_controllers(void) {
        char **words = read_words("/sys/fs/cgroup/cgroup.controllers");

        if (words == NULL)
                words = read_words("/sys/fs/cgroup/unified/cgroup.controllers");
        return words != NULL ? words : g_new0(char *, 1);
}

/* Whether a program for cgroups can be loaded: what PID 1 must do for DevicePolicy= and
 * IPAddressDeny=, and would skip without a word. The program allows everything and is dropped at
 * once. */
static bool can_load_bpf(enum bpf_prog_type type, enum bpf_attach_type attach) {
        static const char license[] = "GPL";
        const struct bpf_insn program[] = {
                {.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = 1},
                {.code = BPF_JMP | BPF_EXIT},
        };
        union bpf_attr attributes;
        g_auto(NookFd) fd = -1;

        memset(&attributes, 0, sizeof attributes);
        attributes.prog_type = type;
        attributes.expected_attach_type = attach;
        attributes.insns = (uint64_t)(uintptr_t)program;
        attributes.insn_cnt = G_N_ELEMENTS(program);
        attributes.license = (uint64_t)(uintptr_t)license;
        fd = (int)syscall(SYS_bpf, BPF_PROG_LOAD, &attributes, sizeof attributes);
        return fd >= 0;
}

/* Only a yes is remembered: a no may be that of a process with fewer rights than the manager. */
static void probe_bpf(NookHost *host) {
        host->has_bpf_devices = host->has_bpf_devices ||
                                can_load_bpf(BPF_PROG_TYPE_CGROUP_DEVICE, BPF_CGROUP_DEVICE);
        host->has_bpf_firewall = host->has_bpf_firewall ||
                                 can_load_bpf(BPF_PROG_TYPE_CGROUP_SKB, BPF_CGROUP_INET_INGRESS);
        host->has_bpf_socket_bind =
                host->has_bpf_socket_bind ||
                can_load_bpf(BPF_PROG_TYPE_CGROUP_SOCK_ADDR, BPF_CGROUP_INET4_BIND);
}

static bool has_namespace(const char *name) {
        g_autofree char *path = g_strdup_printf("/proc/self/ns/%s", name);

        return access(path, F_OK) == 0;
}

static bool has_user_namespaces(void) {
        g_autofree char *text = NULL;

        if (!has_namespace("user"))
                return false;
        return !g_file_get_contents("/proc/sys/user/max_user_namespaces", &text, NULL, NULL) ||
               strtol(text, NULL, 10) > 0;
}

static void probe_kernel(NookHost *host) {
        host->seccomp_actions = read_words("/proc/sys/kernel/seccomp/actions_avail");
        host->controllers = read_controllers();
        host->has_namespaces = has_namespace("mnt") && has_namespace("net");
        host->has_user_namespaces = has_user_namespaces();
}

/* --- the manager ----------------------------------------------------------------------------- */

static bool get_text(NookBus *bus, const char *property, char **ret_value, GError **error) {
        g_auto(sd_bus_error) bus_error = SD_BUS_ERROR_NULL;
        int r = sd_bus_get_property_string(bus->bus, bus->is_direct ? NULL : NOOK_SYSTEMD,
                                           NOOK_SYSTEMD_PATH, NOOK_SYSTEMD_MANAGER, property,
                                           &bus_error, ret_value);

        if (r < 0)
                return nook_fail_bus(error, r, &bus_error, "ask the manager for its %s", property);
        return true;
}

static void set_manager(NookHost *host, const char *version, const char *features) {
        /* "257.13-1~deb13u1", "v252" */
        while (*version != 0 && !g_ascii_isdigit(*version))
                version++;
        host->manager_version = (guint)strtoul(version, NULL, 10);
        host->manager_features = g_strsplit(features, " ", -1);
}

static bool ask_manager(NookHost *host, NookBus *bus, GError **error) {
        g_autofree char *version = NULL;
        g_autofree char *features = NULL;

        if (!get_text(bus, "Version", &version, error) ||
            !get_text(bus, "Features", &features, error))
                return false;
        set_manager(host, version, features);
        return true;
}

/* Another program as PID 1 (after an update and daemon-reexec) is another manager. NULL: its
 * program cannot be seen, so nothing is kept. */
static char *manager_identity(void) {
        struct stat st;

        if (stat("/proc/1/exe", &st) < 0)
                return NULL;
        return g_strdup_printf("%lu:%lu:%ld", (unsigned long)st.st_dev, (unsigned long)st.st_ino,
                               (long)st.st_mtim.tv_sec);
}

/* Lines: format, identity, version, features, BPF answers ("110"). */
static bool read_kept(NookHost *host, const char *path, const char *identity) {
        g_autofree char *text = NULL;
        g_auto(GStrv) lines = NULL;

        if (!g_file_get_contents(path, &text, NULL, NULL))
                return false;
        lines = g_strsplit(text, "\n", -1);
        if (g_strv_length(lines) < 5 || !g_str_equal(lines[0], KEPT_FORMAT) ||
            !g_str_equal(lines[1], identity) || strlen(lines[4]) != 3)
                return false;
        set_manager(host, lines[2], lines[3]);
        host->has_bpf_devices = lines[4][0] == '1';
        host->has_bpf_firewall = lines[4][1] == '1';
        host->has_bpf_socket_bind = lines[4][2] == '1';
        probe_bpf(host);
        return true;
}

static void keep(const NookHost *host, const char *path, const char *identity) {
        g_autofree char *features = g_strjoinv(" ", host->manager_features);
        g_autofree char *text = g_strdup_printf(
                "%s\n%s\n%u\n%s\n%d%d%d\n", KEPT_FORMAT, identity, host->manager_version, features,
                host->has_bpf_devices, host->has_bpf_firewall, host->has_bpf_socket_bind);

        /* Only saves time: where it cannot be written, the manager is asked again next time. */
        (void)g_file_set_contents_full(path, text, -1, G_FILE_SET_CONTENTS_CONSISTENT, 0644, NULL);
}

static bool probe_manager(NookHost *host, NookBus *bus, NookProbeOptions options, GError **error) {
        g_autofree char *identity = options.is_user ? NULL : manager_identity();
        g_autofree char *path = NULL;

        if (identity != NULL && options.run_dir != NULL)
                path = g_build_filename(options.run_dir, "manager", NULL);
        if (path != NULL && read_kept(host, path, identity))
                return true;
        if (bus == NULL)
                return true;
        if (!ask_manager(host, bus, error))
                return false;
        if (!options.is_user)
                probe_bpf(host);
        if (path != NULL)
                keep(host, path, identity);
        return true;
}

/* --- the rest --------------------------------------------------------------------------------- */

static void probe_config(NookHost *host, const NookConfig *config) {
        const NookConfigClient *client = config->client;

        for (guint i = 0; i < client->meta.count; i++)
                nook_host_set_meta(host, client->meta.items[i].key.text,
                                   client->meta.items[i].value.text);
        nook_host_set_node(host, "class",
                           client->node_class.text != NULL ? client->node_class.text : "");
        nook_host_set_node(host, "pool",
                           client->node_pool.text != NULL ? client->node_pool.text : "default");
        nook_host_set_node(host, "datacenter",
                           config->datacenter.text != NULL ? config->datacenter.text : "dc1");
        nook_host_set_node(host, "region",
                           config->region.text != NULL ? config->region.text : "global");
        if (config->name.text != NULL)
                nook_host_set_node(host, "unique.name", config->name.text);
}

/* Paths and users are looked up when the plan asks for them. */
static void on_path(NookHost *host, const char *path, void *user) {
        (void)user;
        nook_host_probe_path(host, path);
}

static void on_user(NookHost *host, const char *name, void *user) {
        (void)user;
        nook_host_probe_user(host, name);
}

static void probe_basics(NookHost *host) {
        host->n_cpus = (guint)MAX(sysconf(_SC_NPROCESSORS_ONLN), 1);
        host->memory_bytes = (guint64)sysconf(_SC_PHYS_PAGES) * (guint64)sysconf(_SC_PAGESIZE);
        probe_merged_usr(host);
        probe_kernel(host);
        host->has_dynamic_user = true;
}

NookHost *nook_host_probe(NookBus *bus, const NookConfig *config, NookProbeOptions options,
                          GError **error) {
        g_autoptr(NookHost) host = nook_host_new();

        host->is_system = !options.is_user;
        host->probe_path = on_path;
        host->probe_user = on_user;
        if (!probe_manager(host, bus, options, error))
                return NULL;
        probe_basics(host);
        if (options.wants_all)
                nook_host_probe_attributes(host);
        if (config != NULL)
                probe_config(host, config);
        return g_steal_pointer(&host);
}
