/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <linux/magic.h>
#include <unistd.h>

#include "cli.h"
#include "host-probe.h"
#include "journal-stream.h"
#include "load.h"
#include "needs.h"
#include "stage.h"
#include "table.h"
#include "verbs.h"

/* More mounts than that are felt: each bind makes the manager read them all (0.04 ms a mount). */
#define MANY_MOUNTS 200

/* More units than that in one slice are felt: the manager walks them all at each start. */
#define MANY_UNITS 500

typedef enum { GOOD, SLOW, LACKING, BROKEN } Grade;

static const char *const grade_texts[] = {"ok", "slow", "lacks", "broken"};

typedef struct {
        NookTable *table;
        bool is_broken;
} Report;

static void report(Report *self, const char *what, Grade grade, const char *detail,
                   const char *cure) {
        nook_table_add(self->table, what);
        nook_table_add(self->table, grade_texts[grade]);
        nook_table_mark(self->table, grade == BROKEN);
        nook_table_add(self->table, detail);
        nook_table_add(self->table, cure);
        self->is_broken = self->is_broken || grade == BROKEN;
}

static NookHost *check_manager(Report *self, NookLoad *load) {
        g_autoptr(GError) error = NULL;
        g_autofree char *detail = NULL;
        NookHost *host;

        if (!nook_load_bus(load, &error)) {
                report(self, "service manager", BROKEN, error->message,
                       "boot with systemd, or use --direct");
                return nook_host_probe(
                        NULL, load->config,
                        (NookProbeOptions){.is_user = load->cli->user, .wants_all = true}, NULL);
        }
        host = nook_host_probe(load->bus, load->config,
                               (NookProbeOptions){.is_user = load->cli->user, .wants_all = true},
                               &error);
        if (host == NULL) {
                report(self, "service manager", BROKEN, error->message, NULL);
                return NULL;
        }
        detail = g_strdup_printf("systemd %u%s", host->manager_version,
                                 load->bus->is_direct ? ", by its own socket: no bus answers" : "");
        report(self, "service manager", host->manager_version >= 252 ? GOOD : BROKEN, detail,
               host->manager_version >= 252 ? NULL : "nook needs systemd 252");
        return host;
}

static void check_walls(Report *self, const NookHost *host) {
        static const struct {
                unsigned need;
                const char *cure;
        } walls[] = {
                {NOOK_NEED_SECCOMP, "a kernel with CONFIG_SECCOMP_FILTER, systemd with +SECCOMP"},
                {NOOK_NEED_MOUNT_NAMESPACE, "a kernel with CONFIG_NAMESPACES"},
                {NOOK_NEED_NETWORK_NAMESPACE, "a kernel with CONFIG_NET_NS"},
                {NOOK_NEED_IPC_NAMESPACE, "a kernel with CONFIG_IPC_NS"},
                {NOOK_NEED_UTS_NAMESPACE, "a kernel with CONFIG_UTS_NS"},
                {NOOK_NEED_PID_NAMESPACE, "a kernel with CONFIG_PID_NS"},
                {NOOK_NEED_USER_NAMESPACE, "sysctl user.max_user_namespaces"},
                {NOOK_NEED_BPF_DEVICES, "a container that may use bpf(2)"},
                {NOOK_NEED_BPF_FIREWALL, "a container that may use bpf(2)"},
                {NOOK_NEED_BPF_FRAMEWORK, "systemd with +BPF_FRAMEWORK, as Debian 13's"},
        };

        for (gsize i = 0; i < G_N_ELEMENTS(walls); i++) {
                bool is_met = nook_needs_missing(host, walls[i].need) == 0;

                report(self, nook_need_to_text(walls[i].need), is_met ? GOOD : LACKING,
                       is_met ? NULL : "tasks that need it are refused",
                       is_met ? NULL : walls[i].cure);
        }
}

static void check_limits(Report *self, const NookHost *host) {
        unsigned missing = nook_needs_missing(host, NOOK_NEED_CONTROLLERS);
        g_autoptr(GString) names = g_string_new(NULL);

        for (unsigned need = NOOK_NEED_CPU; need <= NOOK_NEED_PIDS; need <<= 1)
                if ((missing & need) != 0)
                        g_string_append_printf(names, "%s%s", names->len > 0 ? " " : "",
                                               nook_need_to_text(need));
        if (missing == 0) {
                report(self, "cgroup controllers", GOOD, NULL, NULL);
                return;
        }
        g_string_prepend(names, "not there: ");
        report(self, "cgroup controllers", LACKING, names->str,
               "boot with systemd.unified_cgroup_hierarchy=1");
}

static void check_journal(Report *self) {
        if (access(NOOK_JOURNAL_SOCKET, W_OK) < 0)
                report(self, "journal", BROKEN, "no stream socket",
                       "systemctl start systemd-journald.socket");
        else if (access("/var/log/journal", F_OK) < 0)
                report(self, "journal", GOOD, "kept until the next boot only",
                       "mkdir /var/log/journal");
        else
                report(self, "journal", GOOD, NULL, NULL);
}

static void check_program(Report *self, const char *name) {
        g_autofree char *path = g_build_filename(NOOK_LIBEXEC_DIR, name, NULL);

        if (access(path, X_OK) < 0)
                report(self, name, BROKEN, path, "install nook again");
}

static void check_workers(Report *self) {
        g_autoptr(GError) error = NULL;
        uid_t uid;
        gid_t gid;

        check_program(self, "nook-fetch");
        check_program(self, "nook-unpack");
        check_program(self, "nook-argv");
        if (!nook_stage_find_worker_user(&uid, &gid, &error))
                report(self, "workers' user", BROKEN, error->message, "systemd-sysusers");
        else
                report(self, "workers' user", GOOD, NULL, NULL);
}

static void check_run_dir(Report *self, const NookLoad *load) {
        struct statfs fs;

        if (statfs(load->run_dir, &fs) < 0 && statfs("/run", &fs) < 0)
                return;
        if (fs.f_type == TMPFS_MAGIC)
                report(self, "secrets", GOOD, NULL, NULL);
        else
                report(self, "secrets", BROKEN, "the run-time directory is not on a tmpfs",
                       "mount a tmpfs on /run");
}

static void check_mounts(Report *self, const NookHost *host) {
        g_autofree char *detail =
                g_strdup_printf("%" G_GUINT64_FORMAT " on this host", host->n_mounts);

        report(self, "mounts", host->n_mounts > MANY_MOUNTS ? SLOW : GOOD, detail,
               host->n_mounts > MANY_MOUNTS ? "umount what is not needed, or sandbox = \"nook\""
                                            : NULL);
}

/* Moving a process into a cgroup waits for all processors once, unless the mount option says
 * otherwise: 7 to 20 ms of each start. */
static void check_cgroup_mount(Report *self) {
        g_autofree char *text = NULL;
        g_auto(GStrv) lines = NULL;

        if (!g_file_get_contents("/proc/self/mountinfo", &text, NULL, NULL))
                return;
        lines = g_strsplit(text, "\n", -1);
        for (guint i = 0; lines[i] != NULL; i++) {
                if (strstr(lines[i], " - cgroup2 ") == NULL)
                        continue;
                if (strstr(lines[i], "favordynmods") != NULL)
                        report(self, "cgroup2 mount", GOOD, "favordynmods", NULL);
                else
                        report(self, "cgroup2 mount", SLOW, "without favordynmods",
                               "mount -o remount,favordynmods /sys/fs/cgroup");
                return;
        }
        report(self, "cgroup2 mount", LACKING, "no cgroup2 file system",
               "boot with systemd.unified_cgroup_hierarchy=1");
}

static void check_slice(Report *self, const char *slice) {
        g_autofree char *path = g_build_filename("/sys/fs/cgroup", slice, NULL);
        g_autoptr(GDir) dir = g_dir_open(path, 0, NULL);
        g_autofree char *detail = NULL;
        guint n = 0;
        const char *name;

        while (dir != NULL && (name = g_dir_read_name(dir)) != NULL)
                n += g_str_has_suffix(name, ".service") || g_str_has_suffix(name, ".scope");
        if (dir == NULL || n <= MANY_UNITS)
                return;
        detail = g_strdup_printf("%u units in %s", n, slice);
        report(self, "slices", SLOW, detail, "spread them over slices of their own");
}

static int verb_doctor(NookCli *cli, GError **error) {
        static const char *const columns[] = {"WHAT", "STATE", "DETAIL", "CURE", NULL};
        g_autoptr(NookLoad) load = NULL;
        g_autoptr(NookHost) host = NULL;
        g_autoptr(NookTable) table = nook_table_new(columns);
        Report self = {.table = table};

        if (!nook_load_new(cli, &load, error))
                return -1;
        host = check_manager(&self, load);
        if (host != NULL) {
                check_walls(&self, host);
                check_limits(&self, host);
                check_mounts(&self, host);
        }
        check_journal(&self);
        check_workers(&self);
        check_run_dir(&self, load);
        check_cgroup_mount(&self);
        check_slice(&self, "system.slice");
        check_slice(&self, "nook.slice");
        nook_table_print(table, cli, stdout);
        return self.is_broken ? 1 : 0;
}

const NookVerb nook_verb_doctor = {
        .name = "doctor",
        .min_args = 0,
        .max_args = 0,
        .run = verb_doctor,
        .usage = "",
        .summary = "Tell what this host can do, and what slows it",
        .details = "ok: as it should be. slow: works, but starts take longer. lacks: tasks that\n"
                   "need it are refused. broken: nothing runs. The exit status is 1 when\n"
                   "something is broken.",
};
