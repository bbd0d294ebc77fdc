/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "walls-state.h"

#include <sched.h>
#include <string.h>
#include <linux/capability.h>

#include "base/error.h"

/* One handler a kind of row: it reads the value, which has the type of the manager's D-Bus
 * property, into the state. */
typedef bool (*Handler)(NookWalls *walls, GVariant *value, gsize offset, GError **error);

static bool set_bool(NookWalls *walls, GVariant *value, gsize offset, GError **error) {
        /* Rows that are yes, no or a word: a word is a stricter yes. */
        bool is_on = g_variant_is_of_type(value, G_VARIANT_TYPE_BOOLEAN)
                             ? g_variant_get_boolean(value)
                             : true;

        G_STRUCT_MEMBER(bool, walls, offset) = is_on;
        return true;
}

static bool set_filter_bool(NookWalls *walls, GVariant *value, gsize offset, GError **error) {
        G_STRUCT_MEMBER(bool, walls->filter, offset) = g_variant_get_boolean(value);
        return true;
}

static bool set_text(NookWalls *walls, GVariant *value, gsize offset, GError **error) {
        G_STRUCT_MEMBER(const char *, walls, offset) = g_variant_get_string(value, NULL);
        return true;
}

static bool set_int(NookWalls *walls, GVariant *value, gsize offset, GError **error) {
        G_STRUCT_MEMBER(int, walls, offset) = g_variant_is_of_type(value, G_VARIANT_TYPE_UINT32)
                                                      ? (int)g_variant_get_uint32(value)
                                                      : g_variant_get_int32(value);
        return true;
}

static bool set_uint64(NookWalls *walls, GVariant *value, gsize offset, GError **error) {
        G_STRUCT_MEMBER(guint64, walls, offset) = g_variant_get_uint64(value);
        return true;
}

/* The empty list forgets what came before it, as in a unit file. */
static bool add_paths(NookWalls *walls, GVariant *value, gsize offset, GError **error) {
        GPtrArray *paths = G_STRUCT_MEMBER(GPtrArray *, walls, offset);
        GVariantIter iter;
        const char *path;

        if (g_variant_n_children(value) == 0)
                g_ptr_array_set_size(paths, 0);
        g_variant_iter_init(&iter, value);
        while (g_variant_iter_next(&iter, "&s", &path))
                g_ptr_array_add(paths, (gpointer)(guintptr)path);
        return true;
}

static bool read_filter(GVariant *value, bool *ret_allows, const char ***ret_words) {
        g_autoptr(GVariant) list = NULL;
        gboolean allows;

        g_variant_get(value, "(b@as)", &allows, &list);
        *ret_allows = allows;
        *ret_words = g_variant_get_strv(list, NULL);
        return **ret_words != NULL;
}

static bool add_calls(NookWalls *walls, GVariant *value, gsize offset, GError **error) {
        g_autofree const char **words = NULL;
        bool allows;

        if (!read_filter(value, &allows, &words)) {
                /* An empty allow-list lifts the filter; an empty deny-list adds nothing. */
                if (!allows)
                        g_ptr_array_set_size(walls->filter->calls, 0);
                return true;
        }
        return nook_filter_add_calls(walls->filter, allows, words, error);
}

static bool add_families(NookWalls *walls, GVariant *value, gsize offset, GError **error) {
        g_autofree const char **words = NULL;
        bool allows;

        (void)read_filter(value, &allows, &words);
        return nook_filter_add_families(walls->filter, allows, words, error);
}

static bool set_errno(NookWalls *walls, GVariant *value, gsize offset, GError **error) {
        walls->filter->call_errno = g_variant_get_int32(value);
        return true;
}

/* The value is the mask of what stays allowed. */
static bool set_namespaces(NookWalls *walls, GVariant *value, gsize offset, GError **error) {
        const guint64 all = CLONE_NEWNS | CLONE_NEWIPC | CLONE_NEWNET | CLONE_NEWUTS |
                            CLONE_NEWCGROUP | CLONE_NEWUSER | CLONE_NEWPID;

        walls->filter->namespaces_refused = all & ~g_variant_get_uint64(value);
        return true;
}

static bool check_architectures(NookWalls *walls, GVariant *value, gsize offset, GError **error) {
        GVariantIter iter;
        const char *word;

        g_variant_iter_init(&iter, value);
        while (g_variant_iter_next(&iter, "&s", &word))
                if (strcmp(word, "native") != 0)
                        return nook_fail(error, NOOK_ERROR_UNSUPPORTED,
                                         "'%s': the sandbox's filters are for native calls only",
                                         word);
        return true;
}

static bool check_personality(NookWalls *walls, GVariant *value, gsize offset, GError **error) {
        return nook_fail(error, NOOK_ERROR_UNSUPPORTED,
                         "'%s': the sandbox's filters are for native programs only",
                         g_variant_get_string(value, NULL));
}

/* /sys is read-only with all that is below it, asked for or not. A view of its own of the control
 * groups ("private", "strict") takes a namespace that the sandbox does not make. */
static bool check_control_groups(NookWalls *walls, GVariant *value, gsize offset, GError **error) {
        if (g_variant_is_of_type(value, G_VARIANT_TYPE_BOOLEAN))
                return true;
        return nook_fail(error, NOOK_ERROR_UNSUPPORTED,
                         "'%s': the sandbox makes no namespace of control groups",
                         g_variant_get_string(value, NULL));
}

static bool set_hostname(NookWalls *walls, GVariant *value, gsize offset, GError **error) {
        walls->own_hostname = walls->filter->no_hostname = g_variant_get_boolean(value);
        return true;
}

static bool set_modules(NookWalls *walls, GVariant *value, gsize offset, GError **error) {
        walls->protects_modules = walls->filter->no_modules = g_variant_get_boolean(value);
        if (walls->protects_modules)
                walls->bound &= ~(G_GUINT64_CONSTANT(1) << CAP_SYS_MODULE);
        return true;
}

static bool set_logs(NookWalls *walls, GVariant *value, gsize offset, GError **error) {
        walls->protects_logs = walls->filter->no_kernel_log = g_variant_get_boolean(value);
        if (walls->protects_logs)
                walls->bound &= ~(G_GUINT64_CONSTANT(1) << CAP_SYSLOG);
        return true;
}

static bool set_clock(NookWalls *walls, GVariant *value, gsize offset, GError **error) {
        walls->filter->no_clock = g_variant_get_boolean(value);
        if (walls->filter->no_clock)
                walls->bound &= ~(G_GUINT64_CONSTANT(1) << CAP_SYS_TIME |
                                  G_GUINT64_CONSTANT(1) << CAP_WAKE_ALARM);
        return true;
}

static bool set_devices(NookWalls *walls, GVariant *value, gsize offset, GError **error) {
        walls->filter->no_raw_io = g_variant_get_boolean(value);
        if (walls->filter->no_raw_io)
                walls->bound &= ~(G_GUINT64_CONSTANT(1) << CAP_MKNOD | G_GUINT64_CONSTANT(1)
                                                                               << CAP_SYS_RAWIO);
        return true;
}

static bool set_bound(NookWalls *walls, GVariant *value, gsize offset, GError **error) {
        walls->bound &= g_variant_get_uint64(value);
        return true;
}

static bool set_work_dir(NookWalls *walls, GVariant *value, gsize offset, GError **error) {
        const char *path = g_variant_get_string(value, NULL);

        walls->work_dir_is_optional = *path == '-';
        path += *path == '-';
        if (*path == '~')
                path = walls->task->user && walls->task->user->home ? walls->task->user->home : "/";
        walls->work_dir = path;
        return true;
}

static bool set_policy(NookWalls *walls, GVariant *value, gsize offset, GError **error) {
        walls->has_cpu_policy = true;
        walls->cpu_policy = g_variant_get_int32(value);
        return true;
}

static bool set_nice(NookWalls *walls, GVariant *value, gsize offset, GError **error) {
        walls->has_nice = true;
        walls->nice = g_variant_get_int32(value);
        return true;
}

static bool set_core_filter(NookWalls *walls, GVariant *value, gsize offset, GError **error) {
        walls->has_core_filter = true;
        walls->core_filter = g_variant_get_uint64(value);
        return true;
}

static bool set_value(NookWalls *walls, GVariant *value, gsize offset, GError **error) {
        G_STRUCT_MEMBER(GVariant *, walls, offset) = value;
        return true;
}

static bool set_limit(NookWalls *walls, GVariant *value, gsize resource, GError **error) {
        guint64 soft, hard;

        g_variant_get(value, "(tt)", &soft, &hard);
        g_assert(walls->n_limits < RLIM_NLIMITS);
        walls->limits[walls->n_limits].resource = (int)resource;
        walls->limits[walls->n_limits].soft = soft;
        walls->limits[walls->n_limits++].hard = hard;
        return true;
}

/* Done by other means: the plan's mounts, its user, its environment, the launcher. */
static bool pass(NookWalls *walls, GVariant *value, gsize offset, GError **error) {
        return true;
}

#define STATE(member)  offsetof(NookWalls, member)
#define FILTER(member) offsetof(NookFilter, member)

static const struct {
        const char *key;
        Handler handler;
        gsize offset;
} rows[] = {
        /* the root: the plan's mounts say it */
        {"RootDirectory", pass, 0},
        {"BindPaths", pass, 0},
        {"BindReadOnlyPaths", pass, 0},
        {"TemporaryFileSystem", pass, 0},
        {"MountAPIVFS", pass, 0},
        {"PrivateMounts", pass, 0},
        {"BindLogSockets", pass, 0},
        {"ProtectSystem", pass, 0}, /* the root is read-only, each bind says its own */
        {"ProtectControlGroups", check_control_groups, 0},
        {"ReadOnlyPaths", add_paths, STATE(read_only)},
        {"ReadWritePaths", add_paths, STATE(read_write)},
        {"InaccessiblePaths", add_paths, STATE(hidden)},
        {"NoExecPaths", add_paths, STATE(no_exec)},
        {"ExecPaths", add_paths, STATE(may_exec)},
        {"PrivateTmp", set_bool, STATE(private_tmp)},
        {"PrivateDevices", set_devices, 0},
        {"PrivateNetwork", set_bool, STATE(private_network)},
        {"PrivateIPC", set_bool, STATE(private_ipc)},
        {"ProtectHome", set_text, STATE(protect_home)},
        {"ProtectProc", set_text, STATE(protect_proc)},
        {"ProcSubset", set_text, STATE(proc_subset)},
        {"ProtectHostname", set_hostname, 0},
        {"ProtectKernelTunables", set_bool, STATE(protects_tunables)},
        {"ProtectKernelModules", set_modules, 0},
        {"ProtectKernelLogs", set_logs, 0},
        {"ProtectClock", set_clock, 0},

        /* who it is: the plan's user */
        {"User", pass, 0},
        {"Group", pass, 0},
        {"SupplementaryGroups", pass, 0},
        {"DynamicUser", pass, 0},
        {"RemoveIPC", pass, 0}, /* its IPC namespace goes with it */
        {"PAMName", pass, 0},   /* the launcher's */
        {"UMask", set_int, STATE(umask)},
        {"KeyringMode", set_text, STATE(keyring)},
        {"WorkingDirectory", set_work_dir, 0},

        /* what it may do */
        {"CapabilityBoundingSet", set_bound, 0},
        {"AmbientCapabilities", set_uint64, STATE(ambient)},
        {"NoNewPrivileges", set_bool, STATE(no_new_privileges)},
        {"RestrictSUIDSGID", set_filter_bool, FILTER(no_set_id)},
        {"RestrictNamespaces", set_namespaces, 0},
        {"RestrictRealtime", set_filter_bool, FILTER(no_realtime)},
        {"RestrictAddressFamilies", add_families, 0},
        {"LockPersonality", set_filter_bool, FILTER(lock_personality)},
        {"MemoryDenyWriteExecute", set_filter_bool, FILTER(no_write_execute)},
        {"SystemCallFilter", add_calls, 0},
        {"SystemCallErrorNumber", set_errno, 0},
        {"SystemCallArchitectures", check_architectures, 0},
        {"Personality", check_personality, 0},

        /* limits and scheduling */
        {"LimitCPU", set_limit, RLIMIT_CPU},
        {"LimitFSIZE", set_limit, RLIMIT_FSIZE},
        {"LimitDATA", set_limit, RLIMIT_DATA},
        {"LimitSTACK", set_limit, RLIMIT_STACK},
        {"LimitCORE", set_limit, RLIMIT_CORE},
        {"LimitRSS", set_limit, RLIMIT_RSS},
        {"LimitNOFILE", set_limit, RLIMIT_NOFILE},
        {"LimitAS", set_limit, RLIMIT_AS},
        {"LimitNPROC", set_limit, RLIMIT_NPROC},
        {"LimitMEMLOCK", set_limit, RLIMIT_MEMLOCK},
        {"LimitLOCKS", set_limit, RLIMIT_LOCKS},
        {"LimitSIGPENDING", set_limit, RLIMIT_SIGPENDING},
        {"LimitMSGQUEUE", set_limit, RLIMIT_MSGQUEUE},
        {"LimitNICE", set_limit, RLIMIT_NICE},
        {"LimitRTPRIO", set_limit, RLIMIT_RTPRIO},
        {"LimitRTTIME", set_limit, RLIMIT_RTTIME},
        {"Nice", set_nice, 0},
        {"OOMScoreAdjust", set_int, STATE(oom_score)},
        {"CoredumpFilter", set_core_filter, 0},
        {"TimerSlackNSec", set_uint64, STATE(timer_slack_nsec)},
        {"IgnoreSIGPIPE", set_bool, STATE(ignores_pipe)},
        {"CPUSchedulingPolicy", set_policy, 0},
        {"CPUSchedulingPriority", set_int, STATE(cpu_priority)},
        {"CPUSchedulingResetOnFork", set_bool, STATE(cpu_reset_on_fork)},
        {"CPUAffinity", set_value, STATE(affinity)},
        {"NUMAPolicy", set_int, STATE(numa_policy)},
        {"NUMAMask", set_value, STATE(numa_mask)},
        {"IOSchedulingClass", set_int, STATE(io_class)},
        {"IOSchedulingPriority", set_int, STATE(io_priority)},

        /* environment: the plan's */
        {"Environment", pass, 0},
        {"EnvironmentFile", pass, 0},
        {"UnsetEnvironment", add_paths, STATE(unset)},
};

static gsize find_row(const char *key) {
        gsize i = 0;

        while (i < G_N_ELEMENTS(rows) && strcmp(rows[i].key, key) != 0)
                i++;
        return i;
}

bool nook_walls_carries(const char *key) {
        return find_row(key) < G_N_ELEMENTS(rows);
}

bool nook_walls_read(NookWalls *walls, const NookSetting *setting, GError **error) {
        gsize row = find_row(setting->directive->key);
        g_autoptr(GError) reason = NULL;

        if (row == G_N_ELEMENTS(rows))
                return nook_fail(error, NOOK_ERROR_UNSUPPORTED,
                                 "%s= cannot be had in a scope, with --direct or with "
                                 "sandbox = \"nook\": only the service manager carries it out",
                                 setting->directive->key);
        if (rows[row].handler(walls, setting->value, rows[row].offset, &reason))
                return true;
        return nook_fail(error, (NookErrorCode)reason->code, "%s=: %s", setting->directive->key,
                         reason->message);
}
