/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <linux/capability.h>
#include <string.h>

#include "unit/build.h"

/* The default walls of an exec task that are neither mounts (root.c) nor its user (identity.c).
 * Each has been seen to hold, and to let sh, python, node, a JVM and static programs run. */

typedef struct {
        const char *key;
        const char *text;
        const char *reason;
        guint since;      /* of systemd; 0: all that nook supports */
        guint64 given_up; /* capabilities that make no sense behind this wall: a task that is
                             granted one of them goes without it */
} Wall;

#define CAP(name) (G_GUINT64_CONSTANT(1) << CAP_##name)

static const Wall walls[] = {
        {"MountAPIVFS", "yes", "/proc, /sys, /dev and an empty /run of its own", 0, 0},
        {"ProtectSystem", "strict", "every mount is read-only but the task's own directories", 0,
         0},
        {"ProtectHome", "yes", "/home, /root, /run/user are empty", 0, 0},
        {"PrivateDevices", "yes", "no devices but null, zero, full, random, tty", 0,
         CAP(MKNOD) | CAP(SYS_RAWIO)},
        {"ProtectProc", "invisible", "processes of other users are not in /proc", 0, 0},
        {"ProtectKernelTunables", "yes", "/proc/sys and /sys are read-only", 0, 0},
        {"ProtectKernelModules", "yes", "no kernel modules", 0, CAP(SYS_MODULE)},
        {"ProtectKernelLogs", "yes", "no kernel log", 0, CAP(SYSLOG)},
        {"ProtectControlGroups", "yes", "the control group tree is read-only", 0, 0},
        {"ProtectClock", "yes", "the clock cannot be set", 0, CAP(SYS_TIME) | CAP(WAKE_ALARM)},
        {"ProtectHostname", "yes", "the host's name cannot be set", 0, 0},
        {"PrivateIPC", "yes", "System V IPC and message queues of its own", 0, 0},
        {"RemoveIPC", "yes", "IPC objects of the user go with the unit", 0, 0},
        {"NoNewPrivileges", "yes", "setuid files give nothing", 0, 0},
        {"RestrictSUIDSGID", "yes", "no setuid files can be made", 0, 0},
        {"RestrictNamespaces", "yes", "no namespaces", 0, CAP(SYS_ADMIN)},
        {"RestrictRealtime", "yes", "no realtime scheduling", 0, CAP(SYS_NICE)},
        {"LockPersonality", "yes", "no other execution domain", 0, 0},
        {"RestrictAddressFamilies", "AF_UNIX AF_INET AF_INET6 AF_NETLINK",
         "no raw packets, no rare protocols", 0, 0},
        {"SystemCallArchitectures", "native", "no system calls of another architecture", 0, 0},
        {"BindLogSockets", "no", "the journal's fields cannot be forged", 257, 0},
        {"UMask", "0022", "as Nomad has it", 0, 0},
        {"IgnoreSIGPIPE", "no", "a broken pipe ends a program, as in a shell", 0, 0},
        {"MemorySwapMax", "0", "memory limits hold: no swap", 0, 0},
        {"TasksMax", "4096", "no fork bombs", 0, 0},
};

/* Sets of system calls that a granted capability is of no use without. */
static const struct {
        guint64 capabilities;
        const char *words;
} calls_of_capabilities[] = {
        {CAP(SYS_CHROOT), "chroot"},
        {CAP(SYS_PTRACE), "ptrace process_vm_readv process_vm_writev"},
        {CAP(SYS_TIME), "@clock"},
        {CAP(SYS_MODULE), "@module"},
        {CAP(SYS_BOOT), "@reboot"},
        {CAP(SYS_RAWIO), "@raw-io"},
        {CAP(SYS_ADMIN), "@mount"},
        {CAP(SYSLOG), "syslog"},
        {CAP(BPF) | CAP(PERFMON), "bpf perf_event_open"},
        {CAP(SYS_PACCT), "acct"},
};

/* An io_uring makes sockets that RestrictAddressFamilies= refuses; userfaultfd helps to win races
 * against the kernel; keyrings are not the user's alone. */
#define DENIED_CALLS "~@keyring io_uring_setup io_uring_enter io_uring_register userfaultfd"

static void add_filter(NookBuild *build, const char *text, const char *reason) {
        nook_build_add_text(build, "SystemCallFilter", text, NOOK_ORIGIN_WALL, reason,
                            NOOK_RANGE_NONE);
}

static void add_filters(NookBuild *build) {
        g_autoptr(GString) allowed = g_string_new("@system-service @pkey");

        for (gsize i = 0; i < G_N_ELEMENTS(calls_of_capabilities); i++)
                if ((build->made->capabilities & calls_of_capabilities[i].capabilities) != 0)
                        g_string_append_printf(allowed, " %s", calls_of_capabilities[i].words);
        add_filter(build, allowed->str, "the system calls that services use, and no others");
        add_filter(build, DENIED_CALLS,
                   "keyrings, io_uring and userfaultfd lead round other walls");
        nook_build_add_text(build, "SystemCallErrorNumber", "EPERM", NOOK_ORIGIN_WALL,
                            "a refused call fails, it does not kill", NOOK_RANGE_NONE);
}

/* --- what the job asks back: pid_mode, ipc_mode, CAP_NET_RAW -------------------------------------
 */

static bool is_mode_allowed(NookBuild *build, NookText mode, const char *name) {
        const NookTexts *allowed = &build->config->exec->allow_host_modes;

        for (guint i = 0; i < allowed->count; i++)
                if (g_str_equal(allowed->items[i].text, name))
                        return true;
        nook_diags_error(build->diags, mode.range, "Host namespace not allowed",
                         "%s_mode = \"host\" shares a namespace of the host" NOOK_ALLOW_LINES(
                                 "exec", "allow_host_modes = [\"%s\"]"),
                         name, name);
        return false;
}

/* Whether the job shares a namespace of the host; an unset mode is the operator's default. */
static bool is_host_mode(NookBuild *build, NookText mode, NookText fallback, const char *name) {
        if (mode.text != NULL)
                return g_str_equal(mode.text, "host") && is_mode_allowed(build, mode, name);
        return fallback.set && g_str_equal(fallback.text, "host");
}

static bool is_left_away(const NookBuild *build, const Wall *wall) {
        if (wall->since > nook_build_version(build))
                return true;
        if ((wall->given_up & build->made->capabilities) != 0)
                return true;
        if (g_str_equal(wall->key, "ProtectProc"))
                return build->made->is_host_pid;
        if (g_str_equal(wall->key, "PrivateIPC"))
                return build->made->is_host_ipc;
        return build->options->is_user && g_str_equal(wall->key, "RemoveIPC");
}

/* A task sees six harmless devices and can make or mount no others, so its /dev is wall enough.
 * With one of these capabilities it could; then the device program holds alone, and is asked for by
 * name: whoever builds the other walls, and refused where it cannot be attached. */
static void add_device_rule(NookBuild *build) {
        if ((build->made->capabilities & (CAP(MKNOD) | CAP(SYS_ADMIN))) != 0)
                nook_build_add_text(build, "DevicePolicy", "closed", NOOK_ORIGIN_WALL,
                                    "a device node that the task makes cannot be opened",
                                    NOOK_RANGE_NONE);
}

void nook_build_walls(NookBuild *build) {
        const NookConfigExec *config = build->config->exec;
        NookPlanTask *made = build->made;
        const NookExecConfig *exec = &build->task->exec;

        made->is_host_pid = is_host_mode(build, exec->pid_mode, config->default_pid_mode, "pid");
        made->is_host_ipc = is_host_mode(build, exec->ipc_mode, config->default_ipc_mode, "ipc");
        for (gsize i = 0; i < G_N_ELEMENTS(walls); i++) {
                if (is_left_away(build, &walls[i]))
                        continue;
                nook_build_add_text(build, walls[i].key, walls[i].text, NOOK_ORIGIN_WALL,
                                    walls[i].reason, NOOK_RANGE_NONE);
        }
        if ((made->capabilities & CAP(NET_RAW)) != 0)
                nook_build_add_text(build, "RestrictAddressFamilies", "AF_PACKET", NOOK_ORIGIN_JOB,
                                    "CAP_NET_RAW was granted", exec->cap_add.range);
        add_filters(build);
        add_device_rule(build);
        /* Below 254 a user's manager ignores most walls unless it has a user namespace. */
        if (build->options->is_user)
                nook_build_add_text(build, "PrivateUsers", "yes", NOOK_ORIGIN_WALL,
                                    "what lets a user's manager build the other walls",
                                    NOOK_RANGE_NONE);
}
