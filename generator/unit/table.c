/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "unit/convert.h"

#include <sched.h>
#include <sys/mount.h>

/* THE table. One row per directive; columns as in unit/directive.h. The macros below give each
 * subject's section, kinds and carrier, so that a row says only what is its own. The class is the
 * last word of every row; without it the row does not compile.
 *
 * Legacy settings of cgroup v1 (CPUShares=, BlockIO*=, MemoryLimit=) are left out, as is
 * JobTimeoutSec=, which no systemd takes over D-Bus.
 *
 * Source: systemd.exec(5), systemd.resource-control(5), systemd.kill(5), systemd.service(5),
 * systemd.scope(5), systemd.unit(5), org.freedesktop.systemd1(5). */

#define ROW(key_, property_, signature_, type_, argument_, section_, kinds_, since_, carrier_,     \
            needs_, class_)                                                                        \
        {                                                                                          \
                .key = key_, .property = property_, .signature = signature_,                       \
                .type = &nook_type_##type_, .argument = argument_,                                 \
                .section = NOOK_SECTION_##section_, .kinds = kinds_, .since = since_,              \
                .carrier = NOOK_CARRIER_##carrier_, .class = NOOK_CLASS_##class_, .needs = needs_, \
        }

/* systemd.exec: services only; BY_MANAGER for what the sandbox does not carry. */
#define EXEC(key, property, signature, type, argument, since, needs, class)                        \
        ROW(key, property, signature, type, argument, OWN, NOOK_UNIT_SERVICE, since, BOTH, needs,  \
            class)
#define BY_MANAGER(key, property, signature, type, argument, since, needs, class)                  \
        ROW(key, property, signature, type, argument, OWN, NOOK_UNIT_SERVICE, since, MANAGER,      \
            needs, class)

/* systemd.resource-control: a unit's cgroup is the manager's in every form. */
#define CGROUP(key, property, signature, type, argument, since, needs, class)                      \
        ROW(key, property, signature, type, argument, OWN, NOOK_UNIT_ALL, since, MANAGER, needs,   \
            class)

/* systemd.kill, and what services and scopes have in common. */
#define KILL(key, property, signature, type, argument, since, class)                               \
        ROW(key, property, signature, type, argument, OWN, NOOK_UNIT_SERVICE | NOOK_UNIT_SCOPE,    \
            since, MANAGER, 0, class)

#define SERVICE(key, property, signature, type, argument, since, class)                            \
        ROW(key, property, signature, type, argument, OWN, NOOK_UNIT_SERVICE, since, MANAGER, 0,   \
            class)

#define UNIT(key, property, signature, type, argument, since, class)                               \
        ROW(key, property, signature, type, argument, UNIT, NOOK_UNIT_ALL, since, MANAGER, 0, class)
#define CONDITION_OF(key, since, class)                                                            \
        UNIT("Condition" key, "Conditions", "a(sbbs)", conditions, NULL, since, class),            \
                UNIT("Assert" key, "Asserts", "a(sbbs)", conditions, NULL, since, class)
#define CONDITION(key, since) CONDITION_OF(key, since, NEUTRAL)
/* The manager looks at the host's path with all rights, and whether the task starts tells the job
 * what it saw. */
#define PATH_CONDITION(key, since) CONDITION_OF(key, since, OPENS)

#define MOUNTS NOOK_NEED_MOUNT_NAMESPACE

/* --- the rows' arguments ------------------------------------------------------------------------
 */

#define WORDS(...)    ((const char *const[]){__VA_ARGS__, NULL})
#define ONE_OF(...)   (&(const NookWords){.words = WORDS(__VA_ARGS__)})
#define BETWEEN(a, b) (&(const NookBounds){.least = a, .most = b})
#define NAMED(...)    ((const NookNamed[]){__VA_ARGS__, {NULL, 0, false}})

/* Where only some of the words keep to the row's class. */
#define STRICT_OF(all, safe_) (&(const NookWords){.words = all, .safe = safe_})

#define LEVELS                                                                                     \
        NAMED({"emerg", 0, false}, {"alert", 1, false}, {"crit", 2, false}, {"err", 3, false},     \
              {"warning", 4, false}, {"notice", 5, false}, {"info", 6, false},                     \
              {"debug", 7, false})
#define FACILITIES                                                                                 \
        NAMED({"kern", 0, true}, {"user", 1, false}, {"mail", 2, false}, {"daemon", 3, false},     \
              {"auth", 4, false}, {"syslog", 5, false}, {"lpr", 6, false}, {"news", 7, false},     \
              {"uucp", 8, false}, {"cron", 9, false}, {"authpriv", 10, false}, {"ftp", 11, false}, \
              {"local0", 16, false}, {"local1", 17, false}, {"local2", 18, false},                 \
              {"local3", 19, false}, {"local4", 20, false}, {"local5", 21, false},                 \
              {"local6", 22, false}, {"local7", 23, false})
#define ACTIONS                                                                                    \
        ONE_OF("none", "reboot", "reboot-force", "reboot-immediate", "poweroff", "poweroff-force", \
               "poweroff-immediate", "exit", "exit-force")

static const NookDirective table[] = {
        /* What the unit is. */
        UNIT("Description", "Description", "s", string, NULL, 252, NEUTRAL),
        UNIT("Documentation", "Documentation", "as", words, NULL, 252, NEUTRAL),
        UNIT("SourcePath", "SourcePath", "s", path, NULL, 252, OPENS),
        UNIT("CollectMode", "CollectMode", "s", word, ONE_OF("inactive", "inactive-or-failed"), 252,
             NEUTRAL),
        UNIT("DefaultDependencies", "DefaultDependencies", "b", yes_no, &nook_bool_yes, 252,
             NEUTRAL),
        UNIT("StopWhenUnneeded", "StopWhenUnneeded", "b", yes_no, NULL, 252, NEUTRAL),
        UNIT("RefuseManualStart", "RefuseManualStart", "b", yes_no, NULL, 252, NEUTRAL),
        UNIT("RefuseManualStop", "RefuseManualStop", "b", yes_no, &nook_bool_no, 252, NEUTRAL),
        UNIT("AllowIsolate", "AllowIsolate", "b", yes_no, NULL, 252, OPENS),
        UNIT("IgnoreOnIsolate", "IgnoreOnIsolate", "b", yes_no, NULL, 252, NEUTRAL),
        UNIT("SurviveFinalKillSignal", "SurviveFinalKillSignal", "b", yes_no, NULL, 255, OPENS),
        UNIT("StartLimitIntervalSec", "StartLimitIntervalUSec", "t", usec, NULL, 252, NEUTRAL),
        UNIT("StartLimitBurst", "StartLimitBurst", "u", int, BETWEEN(0, G_MAXUINT32), 252, NEUTRAL),
        UNIT("StartLimitAction", "StartLimitAction", "s", word, ACTIONS, 252, OPENS),
        UNIT("FailureAction", "FailureAction", "s", word, ACTIONS, 252, OPENS),
        UNIT("SuccessAction", "SuccessAction", "s", word, ACTIONS, 252, OPENS),
        UNIT("FailureActionExitStatus", "FailureActionExitStatus", "i", int, BETWEEN(0, 255), 252,
             OPENS),
        UNIT("SuccessActionExitStatus", "SuccessActionExitStatus", "i", int, BETWEEN(0, 255), 252,
             OPENS),
        UNIT("RebootArgument", "RebootArgument", "s", string, NULL, 252, OPENS),
        UNIT("JobRunningTimeoutSec", "JobRunningTimeoutUSec", "t", usec, nook_zero_is_infinity, 252,
             NEUTRAL),
        UNIT("OnFailureJobMode", "OnFailureJobMode", "s", string, NULL, 252, OPENS),
        UNIT("OnSuccessJobMode", "OnSuccessJobMode", "s", string, NULL, 252, OPENS),
        UNIT("RequiresMountsFor", "RequiresMountsFor", "as", plain_paths, NULL, 252, OPENS),
        UNIT("WantsMountsFor", "WantsMountsFor", "as", plain_paths, NULL, 256, OPENS),

        /* Other units. */
        UNIT("Requires", "Requires", "as", words, NULL, 252, OPENS),
        UNIT("Requisite", "Requisite", "as", words, NULL, 252, OPENS),
        UNIT("Wants", "Wants", "as", words, NULL, 252, OPENS),
        UNIT("BindsTo", "BindsTo", "as", words, NULL, 252, OPENS),
        UNIT("PartOf", "PartOf", "as", words, NULL, 252, OPENS),
        UNIT("Upholds", "Upholds", "as", words, NULL, 252, OPENS),
        UNIT("Conflicts", "Conflicts", "as", words, NULL, 252, OPENS),
        UNIT("Before", "Before", "as", words, NULL, 252, OPENS),
        UNIT("After", "After", "as", words, NULL, 252, OPENS),
        UNIT("OnFailure", "OnFailure", "as", words, NULL, 252, OPENS),
        UNIT("OnSuccess", "OnSuccess", "as", words, NULL, 252, OPENS),
        UNIT("PropagatesReloadTo", "PropagatesReloadTo", "as", words, NULL, 252, OPENS),
        UNIT("ReloadPropagatedFrom", "ReloadPropagatedFrom", "as", words, NULL, 252, OPENS),
        UNIT("PropagatesStopTo", "PropagatesStopTo", "as", words, NULL, 252, OPENS),
        UNIT("StopPropagatedFrom", "StopPropagatedFrom", "as", words, NULL, 252, OPENS),
        UNIT("JoinsNamespaceOf", "JoinsNamespaceOf", "as", words, NULL, 252, OPENS),

        /* Whether it may start at all. */
        CONDITION("Architecture", 252),
        CONDITION("Virtualization", 252),
        CONDITION("Host", 252),
        CONDITION("KernelCommandLine", 252),
        CONDITION("KernelVersion", 252),
        CONDITION_OF("Credential", 252, OPENS),
        CONDITION_OF("Environment", 252, OPENS),
        CONDITION("Security", 252),
        CONDITION("Capability", 252),
        CONDITION("ACPower", 252),
        CONDITION("NeedsUpdate", 252),
        CONDITION("FirstBoot", 252),
        PATH_CONDITION("PathExists", 252),
        PATH_CONDITION("PathExistsGlob", 252),
        PATH_CONDITION("PathIsDirectory", 252),
        PATH_CONDITION("PathIsSymbolicLink", 252),
        PATH_CONDITION("PathIsMountPoint", 252),
        PATH_CONDITION("PathIsReadWrite", 252),
        PATH_CONDITION("PathIsEncrypted", 252),
        PATH_CONDITION("DirectoryNotEmpty", 252),
        PATH_CONDITION("FileNotEmpty", 252),
        PATH_CONDITION("FileIsExecutable", 252),
        CONDITION("User", 252),
        CONDITION("Group", 252),
        CONDITION("ControlGroupController", 252),
        CONDITION("Memory", 252),
        CONDITION("CPUs", 252),
        CONDITION("CPUFeature", 252),
        CONDITION("OSRelease", 252),
        CONDITION("MemoryPressure", 252),
        CONDITION("CPUPressure", 252),
        CONDITION("IOPressure", 252),

        /* What a service runs. */
        BY_MANAGER("ExecCondition", "ExecCondition", "a(sasb)", exec, NULL, 252, 0, OPENS),
        BY_MANAGER("ExecStartPre", "ExecStartPre", "a(sasb)", exec, NULL, 252, 0, OPENS),
        BY_MANAGER("ExecStart", "ExecStart", "a(sasb)", exec, NULL, 252, 0, OPENS),
        BY_MANAGER("ExecStartPost", "ExecStartPost", "a(sasb)", exec, NULL, 252, 0, OPENS),
        BY_MANAGER("ExecReload", "ExecReload", "a(sasb)", exec, NULL, 252, 0, OPENS),
        BY_MANAGER("ExecStop", "ExecStop", "a(sasb)", exec, NULL, 252, 0, OPENS),
        BY_MANAGER("ExecStopPost", "ExecStopPost", "a(sasb)", exec, NULL, 252, 0, OPENS),
        BY_MANAGER("ExecSearchPath", "ExecSearchPath", "as", search_path, NULL, 252, 0, NEUTRAL),
        SERVICE("Type", "Type", "s", word,
                STRICT_OF(WORDS("simple", "exec", "oneshot", "forking", "notify", "notify-reload",
                                "idle", "dbus"),
                          WORDS("simple", "exec", "oneshot", "notify", "notify-reload", "idle")),
                252, NEUTRAL),
        SERVICE("ExitType", "ExitType", "s", word, ONE_OF("main", "cgroup"), 252, NEUTRAL),
        SERVICE("RemainAfterExit", "RemainAfterExit", "b", yes_no, NULL, 252, NEUTRAL),
        SERVICE("GuessMainPID", "GuessMainPID", "b", yes_no, NULL, 252, NEUTRAL),
        SERVICE("PIDFile", "PIDFile", "s", path, NULL, 252, OPENS),
        SERVICE("BusName", "BusName", "s", string, NULL, 252, OPENS),
        SERVICE("NotifyAccess", "NotifyAccess", "s", word, ONE_OF("none", "main", "exec", "all"),
                252, NEUTRAL),
        SERVICE("NonBlocking", "NonBlocking", "b", yes_no, NULL, 252, NEUTRAL),
        SERVICE("FileDescriptorStoreMax", "FileDescriptorStoreMax", "u", int,
                BETWEEN(0, G_MAXUINT32), 252, NEUTRAL),
        SERVICE("FileDescriptorStorePreserve", "FileDescriptorStorePreserve", "s", word,
                ONE_OF("no", "yes", "restart"), 254, NEUTRAL),
        SERVICE("OpenFile", "OpenFile", "a(sst)", open_file, NULL, 253, OPENS),
        SERVICE("RootDirectoryStartOnly", "RootDirectoryStartOnly", "b", yes_no, NULL, 252, OPENS),

        /* Restart. */
        SERVICE("Restart", "Restart", "s", word,
                ONE_OF("no", "on-success", "on-failure", "on-abnormal", "on-watchdog", "on-abort",
                       "always"),
                252, NEUTRAL),
        SERVICE("RestartMode", "RestartMode", "s", word, ONE_OF("normal", "direct", "debug"), 254,
                NEUTRAL),
        SERVICE("RestartSec", "RestartUSec", "t", usec, NULL, 252, NEUTRAL),
        SERVICE("RestartSteps", "RestartSteps", "u", int, BETWEEN(0, G_MAXUINT32), 254, NEUTRAL),
        SERVICE("RestartMaxDelaySec", "RestartMaxDelayUSec", "t", usec, NULL, 254, NEUTRAL),
        SERVICE("SuccessExitStatus", "SuccessExitStatus", "(aiai)", statuses, NULL, 252, NEUTRAL),
        SERVICE("RestartPreventExitStatus", "RestartPreventExitStatus", "(aiai)", statuses, NULL,
                252, NEUTRAL),
        SERVICE("RestartForceExitStatus", "RestartForceExitStatus", "(aiai)", statuses, NULL, 252,
                NEUTRAL),

        /* Time and end. */
        SERVICE("TimeoutStartSec", "TimeoutStartUSec", "t", usec, nook_zero_is_infinity, 252,
                NEUTRAL),
        KILL("TimeoutStopSec", "TimeoutStopUSec", "t", usec, nook_zero_is_infinity, 252, NEUTRAL),
        SERVICE("TimeoutAbortSec", "TimeoutAbortUSec", "t", usec, NULL, 252, NEUTRAL),
        SERVICE("TimeoutStartFailureMode", "TimeoutStartFailureMode", "s", word,
                ONE_OF("terminate", "abort", "kill"), 252, NEUTRAL),
        SERVICE("TimeoutStopFailureMode", "TimeoutStopFailureMode", "s", word,
                ONE_OF("terminate", "abort", "kill"), 252, NEUTRAL),
        KILL("RuntimeMaxSec", "RuntimeMaxUSec", "t", usec, nook_zero_is_infinity, 252, NEUTRAL),
        KILL("RuntimeRandomizedExtraSec", "RuntimeRandomizedExtraUSec", "t", usec, NULL, 252,
             NEUTRAL),
        SERVICE("WatchdogSec", "WatchdogUSec", "t", usec, NULL, 252, NEUTRAL),
        SERVICE("ReloadSignal", "ReloadSignal", "i", signal, NULL, 253, NEUTRAL),
        KILL("OOMPolicy", "OOMPolicy", "s", word, ONE_OF("continue", "stop", "kill"), 252, NEUTRAL),
        KILL("KillMode", "KillMode", "s", word,
             STRICT_OF(WORDS("control-group", "mixed", "process", "none"),
                       WORDS("control-group", "mixed")),
             252, NEUTRAL),
        KILL("KillSignal", "KillSignal", "i", signal, NULL, 252, NEUTRAL),
        KILL("RestartKillSignal", "RestartKillSignal", "i", signal, NULL, 252, NEUTRAL),
        /* What any other signal leaves alive outlives its unit. */
        KILL("FinalKillSignal", "FinalKillSignal", "i", signal, &nook_signal_kill, 252, NEUTRAL),
        KILL("WatchdogSignal", "WatchdogSignal", "i", signal, NULL, 252, NEUTRAL),
        KILL("SendSIGHUP", "SendSIGHUP", "b", yes_no, NULL, 252, NEUTRAL),
        KILL("SendSIGKILL", "SendSIGKILL", "b", yes_no, &nook_bool_yes, 252, NEUTRAL),

        /* Place in the tree of control groups. */
        ROW("Slice", "Slice", "s", string, NULL, OWN, NOOK_UNIT_SERVICE | NOOK_UNIT_SCOPE, 252,
            MANAGER, 0, OPENS),
        KILL("Delegate", "Delegate", "b", delegate, NULL, 252, OPENS),
        KILL("DelegateSubgroup", "DelegateSubgroup", "s", string, NULL, 254, OPENS),
        CGROUP("DisableControllers", "DisableControllers", "as", words, NULL, 252, 0, NEUTRAL),

        /* Limits of the control group. */
        CGROUP("CPUAccounting", "CPUAccounting", "b", yes_no, NULL, 252, 0, NEUTRAL),
        CGROUP("CPUWeight", "CPUWeight", "t", weight, &nook_weight_idle, 252, NOOK_NEED_CPU,
               NEUTRAL),
        CGROUP("StartupCPUWeight", "StartupCPUWeight", "t", weight, &nook_weight_idle, 252,
               NOOK_NEED_CPU, NEUTRAL),
        CGROUP("CPUQuota", "CPUQuotaPerSecUSec", "t", quota, NULL, 252, NOOK_NEED_CPU, NEUTRAL),
        CGROUP("CPUQuotaPeriodSec", "CPUQuotaPeriodUSec", "t", usec, nook_zero_is_refused, 252,
               NOOK_NEED_CPU, NEUTRAL),
        CGROUP("AllowedCPUs", "AllowedCPUs", "ay", cpus, NULL, 252, NOOK_NEED_CPUSET, NEUTRAL),
        CGROUP("StartupAllowedCPUs", "StartupAllowedCPUs", "ay", cpus, NULL, 252, NOOK_NEED_CPUSET,
               NEUTRAL),
        CGROUP("AllowedMemoryNodes", "AllowedMemoryNodes", "ay", cpus, NULL, 252, NOOK_NEED_CPUSET,
               NEUTRAL),
        CGROUP("StartupAllowedMemoryNodes", "StartupAllowedMemoryNodes", "ay", cpus, NULL, 252,
               NOOK_NEED_CPUSET, NEUTRAL),
        CGROUP("MemoryAccounting", "MemoryAccounting", "b", yes_no, NULL, 252, 0, NEUTRAL),
        CGROUP("MemoryMin", "MemoryMin", "t", size, NULL, 252, NOOK_NEED_MEMORY, NEUTRAL),
        CGROUP("MemoryLow", "MemoryLow", "t", size, NULL, 252, NOOK_NEED_MEMORY, NEUTRAL),
        CGROUP("StartupMemoryLow", "StartupMemoryLow", "t", size, nook_no_percent, 254,
               NOOK_NEED_MEMORY, NEUTRAL),
        CGROUP("DefaultMemoryMin", "DefaultMemoryMin", "t", size, NULL, 252, NOOK_NEED_MEMORY,
               NEUTRAL),
        CGROUP("DefaultMemoryLow", "DefaultMemoryLow", "t", size, NULL, 252, NOOK_NEED_MEMORY,
               NEUTRAL),
        CGROUP("DefaultStartupMemoryLow", "DefaultStartupMemoryLow", "t", size, nook_no_percent,
               254, NOOK_NEED_MEMORY, NEUTRAL),
        CGROUP("MemoryHigh", "MemoryHigh", "t", size, nook_zero_is_refused, 252, NOOK_NEED_MEMORY,
               NEUTRAL),
        CGROUP("StartupMemoryHigh", "StartupMemoryHigh", "t", size, nook_no_percent, 254,
               NOOK_NEED_MEMORY, NEUTRAL),
        CGROUP("MemoryMax", "MemoryMax", "t", size, nook_zero_is_refused, 252, NOOK_NEED_MEMORY,
               NEUTRAL),
        CGROUP("StartupMemoryMax", "StartupMemoryMax", "t", size, nook_no_percent, 254,
               NOOK_NEED_MEMORY, NEUTRAL),
        CGROUP("MemorySwapMax", "MemorySwapMax", "t", size, NULL, 252, NOOK_NEED_MEMORY, NEUTRAL),
        CGROUP("StartupMemorySwapMax", "StartupMemorySwapMax", "t", size, nook_no_percent, 254,
               NOOK_NEED_MEMORY, NEUTRAL),
        CGROUP("MemoryZSwapMax", "MemoryZSwapMax", "t", size, NULL, 253, NOOK_NEED_MEMORY, NEUTRAL),
        CGROUP("StartupMemoryZSwapMax", "StartupMemoryZSwapMax", "t", size, nook_no_percent, 254,
               NOOK_NEED_MEMORY, NEUTRAL),
        CGROUP("MemoryZSwapWriteback", "MemoryZSwapWriteback", "b", yes_no, NULL, 256,
               NOOK_NEED_MEMORY, NEUTRAL),
        CGROUP("TasksAccounting", "TasksAccounting", "b", yes_no, NULL, 252, 0, NEUTRAL),
        CGROUP("TasksMax", "TasksMax", "t", count, nook_zero_is_refused, 252, NOOK_NEED_PIDS,
               NEUTRAL),
        CGROUP("IOAccounting", "IOAccounting", "b", yes_no, NULL, 252, 0, NEUTRAL),
        CGROUP("IOWeight", "IOWeight", "t", weight, NULL, 252, NOOK_NEED_IO, NEUTRAL),
        CGROUP("StartupIOWeight", "StartupIOWeight", "t", weight, NULL, 252, NOOK_NEED_IO, NEUTRAL),
        CGROUP("IODeviceWeight", "IODeviceWeight", "a(st)", device_values, &nook_type_weight, 252,
               NOOK_NEED_IO, NEUTRAL),
        CGROUP("IODeviceLatencyTargetSec", "IODeviceLatencyTargetUSec", "a(st)", device_values,
               &nook_type_usec, 252, NOOK_NEED_IO, NEUTRAL),
        CGROUP("IOReadBandwidthMax", "IOReadBandwidthMax", "a(st)", device_values, NULL, 252,
               NOOK_NEED_IO, NEUTRAL),
        CGROUP("IOWriteBandwidthMax", "IOWriteBandwidthMax", "a(st)", device_values, NULL, 252,
               NOOK_NEED_IO, NEUTRAL),
        CGROUP("IOReadIOPSMax", "IOReadIOPSMax", "a(st)", device_values, NULL, 252, NOOK_NEED_IO,
               NEUTRAL),
        CGROUP("IOWriteIOPSMax", "IOWriteIOPSMax", "a(st)", device_values, NULL, 252, NOOK_NEED_IO,
               NEUTRAL),
        CGROUP("ManagedOOMSwap", "ManagedOOMSwap", "s", word, ONE_OF("auto", "kill"), 252, 0,
               NEUTRAL),
        CGROUP("ManagedOOMMemoryPressure", "ManagedOOMMemoryPressure", "s", word,
               ONE_OF("auto", "kill"), 252, 0, NEUTRAL),
        CGROUP("ManagedOOMMemoryPressureLimit", "ManagedOOMMemoryPressureLimit", "u", percent, NULL,
               252, 0, NEUTRAL),
        CGROUP("ManagedOOMMemoryPressureDurationSec", "ManagedOOMMemoryPressureDurationUSec", "t",
               usec, NULL, 257, 0, NEUTRAL),
        CGROUP("ManagedOOMPreference", "ManagedOOMPreference", "s", word,
               ONE_OF("none", "avoid", "omit"), 252, 0, NEUTRAL),
        CGROUP("MemoryPressureWatch", "MemoryPressureWatch", "s", word,
               ONE_OF("no", "off", "on", "yes", "auto", "skip"), 254, 0, NEUTRAL),
        CGROUP("MemoryPressureThresholdSec", "MemoryPressureThresholdUSec", "t", usec, NULL, 254, 0,
               NEUTRAL),

        /* Devices and network of the control group. */
        CGROUP("DevicePolicy", "DevicePolicy", "s", word,
               STRICT_OF(WORDS("auto", "closed", "strict"), WORDS("closed", "strict")), 252,
               NOOK_NEED_BPF_DEVICES, TIGHTENS),
        CGROUP("DeviceAllow", "DeviceAllow", "a(ss)", devices, NULL, 252, NOOK_NEED_BPF_DEVICES,
               OPENS),
        CGROUP("IPAccounting", "IPAccounting", "b", yes_no, NULL, 252, 0, NEUTRAL),
        CGROUP("IPAddressDeny", "IPAddressDeny", "a(iayu)", addresses, NULL, 252,
               NOOK_NEED_BPF_FIREWALL, TIGHTENS),
        CGROUP("IPAddressAllow", "IPAddressAllow", "a(iayu)", addresses, NULL, 252,
               NOOK_NEED_BPF_FIREWALL, OPENS),
        CGROUP("IPIngressFilterPath", "IPIngressFilterPath", "as", plain_paths, NULL, 252,
               NOOK_NEED_BPF_FIREWALL, OPENS),
        CGROUP("IPEgressFilterPath", "IPEgressFilterPath", "as", plain_paths, NULL, 252,
               NOOK_NEED_BPF_FIREWALL, OPENS),
        CGROUP("SocketBindDeny", "SocketBindDeny", "a(iiqq)", socket_bind, NULL, 252,
               NOOK_NEED_BPF_FRAMEWORK, TIGHTENS),
        CGROUP("SocketBindAllow", "SocketBindAllow", "a(iiqq)", socket_bind, NULL, 252,
               NOOK_NEED_BPF_FRAMEWORK, OPENS),
        CGROUP("RestrictNetworkInterfaces", "RestrictNetworkInterfaces", "(bas)", filter,
               nook_filter_open, 252, NOOK_NEED_BPF_FRAMEWORK, TIGHTENS),

        /* The root and what is mounted in it. */
        EXEC("RootDirectory", "RootDirectory", "s", path, NULL, 252, MOUNTS, OPENS),
        BY_MANAGER("RootImage", "RootImage", "s", path, NULL, 252, MOUNTS, OPENS),
        BY_MANAGER("RootEphemeral", "RootEphemeral", "b", yes_no, NULL, 254, MOUNTS, OPENS),
        EXEC("WorkingDirectory", "WorkingDirectory", "s", work_dir, NULL, 252, 0, NEUTRAL),
        EXEC("BindPaths", "BindPaths", "a(ssbt)", binds, NULL, 252, MOUNTS, OPENS),
        EXEC("BindReadOnlyPaths", "BindReadOnlyPaths", "a(ssbt)", binds, NULL, 252, MOUNTS, OPENS),
        EXEC("TemporaryFileSystem", "TemporaryFileSystem", "a(ss)", tmpfs, NULL, 252, MOUNTS,
             NEUTRAL),
        EXEC("ReadOnlyPaths", "ReadOnlyPaths", "as", paths, NULL, 252, MOUNTS, TIGHTENS),
        EXEC("ReadWritePaths", "ReadWritePaths", "as", paths, NULL, 252, MOUNTS, OPENS),
        EXEC("InaccessiblePaths", "InaccessiblePaths", "as", paths, NULL, 252, MOUNTS, TIGHTENS),
        EXEC("NoExecPaths", "NoExecPaths", "as", paths, NULL, 252, MOUNTS, TIGHTENS),
        EXEC("ExecPaths", "ExecPaths", "as", paths, NULL, 252, MOUNTS, OPENS),
        EXEC("MountAPIVFS", "MountAPIVFS", "b", yes_no, NULL, 252, MOUNTS, TIGHTENS),
        BY_MANAGER("MountFlags", "MountFlags", "t", bits,
                   NAMED({"shared", MS_SHARED, true}, {"slave", MS_SLAVE, false},
                         {"private", MS_PRIVATE, false}),
                   252, MOUNTS, TIGHTENS),
        EXEC("PrivateMounts", "PrivateMounts", "b", yes_no, NULL, 252, MOUNTS, TIGHTENS),
        EXEC("BindLogSockets", "BindLogSockets", "b", yes_no, &nook_bool_no, 257, MOUNTS, TIGHTENS),
        EXEC("PrivateTmp", "PrivateTmp", "b", yes_no_word, ONE_OF("disconnected"), 252, MOUNTS,
             TIGHTENS),
        /* The manager adds a device program to these two and goes without where it cannot. A task
         * that can make no device nodes has no use for it; see nook_build_walls() for others. */
        EXEC("PrivateDevices", "PrivateDevices", "b", yes_no, NULL, 252, MOUNTS, TIGHTENS),
        EXEC("PrivateNetwork", "PrivateNetwork", "b", yes_no, NULL, 252,
             NOOK_NEED_NETWORK_NAMESPACE, TIGHTENS),
        EXEC("PrivateIPC", "PrivateIPC", "b", yes_no, NULL, 252, NOOK_NEED_IPC_NAMESPACE, TIGHTENS),
        BY_MANAGER("PrivateUsers", "PrivateUsers", "b", yes_no_word,
                   STRICT_OF(WORDS("self", "identity", "full"), WORDS("self")), 252,
                   NOOK_NEED_USER_NAMESPACE, TIGHTENS),
        BY_MANAGER("PrivatePIDs", "PrivatePIDs", "s", word,
                   STRICT_OF(WORDS("no", "yes"), WORDS("yes")), 257, NOOK_NEED_PID_NAMESPACE,
                   TIGHTENS),
        BY_MANAGER("NetworkNamespacePath", "NetworkNamespacePath", "s", path, NULL, 252,
                   NOOK_NEED_NETWORK_NAMESPACE, OPENS),
        BY_MANAGER("IPCNamespacePath", "IPCNamespacePath", "s", path, NULL, 252,
                   NOOK_NEED_IPC_NAMESPACE, OPENS),
        EXEC("ProtectSystem", "ProtectSystem", "s", word,
             STRICT_OF(WORDS("no", "yes", "full", "strict"), WORDS("strict")), 252, MOUNTS,
             TIGHTENS),
        EXEC("ProtectHome", "ProtectHome", "s", word,
             STRICT_OF(WORDS("no", "yes", "read-only", "tmpfs"), WORDS("yes", "tmpfs")), 252,
             MOUNTS, TIGHTENS),
        EXEC("ProtectProc", "ProtectProc", "s", word,
             STRICT_OF(WORDS("default", "noaccess", "invisible", "ptraceable"),
                       WORDS("invisible", "ptraceable")),
             252, MOUNTS, TIGHTENS),
        EXEC("ProcSubset", "ProcSubset", "s", word, ONE_OF("all", "pid"), 252, MOUNTS, TIGHTENS),
        EXEC("ProtectHostname", "ProtectHostname", "b", yes_no, NULL, 252, NOOK_NEED_UTS_NAMESPACE,
             TIGHTENS),
        EXEC("ProtectKernelTunables", "ProtectKernelTunables", "b", yes_no, NULL, 252, MOUNTS,
             TIGHTENS),
        EXEC("ProtectKernelModules", "ProtectKernelModules", "b", yes_no, NULL, 252,
             MOUNTS | NOOK_NEED_SECCOMP, TIGHTENS),
        EXEC("ProtectKernelLogs", "ProtectKernelLogs", "b", yes_no, NULL, 252,
             MOUNTS | NOOK_NEED_SECCOMP, TIGHTENS),
        /* "private" shows a tree of its own, but one that can be written. */
        EXEC("ProtectControlGroups", "ProtectControlGroups", "b", yes_no_word,
             STRICT_OF(WORDS("private", "strict"), WORDS("strict")), 252, MOUNTS, TIGHTENS),
        EXEC("ProtectClock", "ProtectClock", "b", yes_no, NULL, 252, NOOK_NEED_SECCOMP, TIGHTENS),

        /* Directories of the host that systemd makes and binds. */
        BY_MANAGER("RuntimeDirectory", "RuntimeDirectory", "as", words, NULL, 252, MOUNTS, OPENS),
        BY_MANAGER("StateDirectory", "StateDirectory", "as", words, NULL, 252, MOUNTS, OPENS),
        BY_MANAGER("CacheDirectory", "CacheDirectory", "as", words, NULL, 252, MOUNTS, OPENS),
        BY_MANAGER("LogsDirectory", "LogsDirectory", "as", words, NULL, 252, MOUNTS, OPENS),
        BY_MANAGER("ConfigurationDirectory", "ConfigurationDirectory", "as", words, NULL, 252,
                   MOUNTS, OPENS),
        BY_MANAGER("RuntimeDirectoryMode", "RuntimeDirectoryMode", "u", octal, NULL, 252, 0, OPENS),
        BY_MANAGER("StateDirectoryMode", "StateDirectoryMode", "u", octal, NULL, 252, 0, OPENS),
        BY_MANAGER("CacheDirectoryMode", "CacheDirectoryMode", "u", octal, NULL, 252, 0, OPENS),
        BY_MANAGER("LogsDirectoryMode", "LogsDirectoryMode", "u", octal, NULL, 252, 0, OPENS),
        BY_MANAGER("ConfigurationDirectoryMode", "ConfigurationDirectoryMode", "u", octal, NULL,
                   252, 0, OPENS),
        BY_MANAGER("RuntimeDirectoryPreserve", "RuntimeDirectoryPreserve", "s", word,
                   ONE_OF("no", "yes", "restart"), 252, 0, OPENS),

        /* Who it is. */
        EXEC("User", "User", "s", string, NULL, 252, 0, OPENS),
        EXEC("Group", "Group", "s", string, NULL, 252, 0, OPENS),
        EXEC("SupplementaryGroups", "SupplementaryGroups", "as", words, NULL, 252, 0, OPENS),
        BY_MANAGER("DynamicUser", "DynamicUser", "b", yes_no, NULL, 252, MOUNTS, OPENS),
        BY_MANAGER("SetLoginEnvironment", "SetLoginEnvironment", "b", yes_no, NULL, 255, 0,
                   NEUTRAL),
        EXEC("PAMName", "PAMName", "s", string, NULL, 252, 0, OPENS),
        EXEC("UMask", "UMask", "u", octal, NULL, 252, 0, NEUTRAL),
        EXEC("KeyringMode", "KeyringMode", "s", word,
             STRICT_OF(WORDS("inherit", "private", "shared"), WORDS("private")), 252, 0, TIGHTENS),
        BY_MANAGER("RemoveIPC", "RemoveIPC", "b", yes_no, NULL, 252, 0, TIGHTENS),
        BY_MANAGER("UtmpIdentifier", "UtmpIdentifier", "s", string, NULL, 252, 0, OPENS),
        BY_MANAGER("UtmpMode", "UtmpMode", "s", word, ONE_OF("init", "login", "user"), 252, 0,
                   OPENS),

        /* What it may do. */
        EXEC("CapabilityBoundingSet", "CapabilityBoundingSet", "t", capabilities, NULL, 252, 0,
             OPENS),
        EXEC("AmbientCapabilities", "AmbientCapabilities", "t", capabilities, NULL, 252, 0, OPENS),
        BY_MANAGER("SecureBits", "SecureBits", "i", bits,
                   NAMED({"keep-caps", 1 << 4, true}, {"keep-caps-locked", 1 << 5, true},
                         {"no-setuid-fixup", 1 << 2, true},
                         {"no-setuid-fixup-locked", 1 << 3, true}, {"noroot", 1 << 0, false},
                         {"noroot-locked", 1 << 1, false}),
                   252, 0, OPENS),
        EXEC("NoNewPrivileges", "NoNewPrivileges", "b", yes_no, NULL, 252, 0, TIGHTENS),
        EXEC("RestrictSUIDSGID", "RestrictSUIDSGID", "b", yes_no, NULL, 252, NOOK_NEED_SECCOMP,
             TIGHTENS),
        EXEC("RestrictNamespaces", "RestrictNamespaces", "t", namespaces, NULL, 252,
             NOOK_NEED_SECCOMP, TIGHTENS),
        EXEC("RestrictRealtime", "RestrictRealtime", "b", yes_no, NULL, 252, NOOK_NEED_SECCOMP,
             TIGHTENS),
        EXEC("RestrictAddressFamilies", "RestrictAddressFamilies", "(bas)", filter,
             nook_filter_families, 252, NOOK_NEED_SECCOMP, TIGHTENS),
        BY_MANAGER("RestrictFileSystems", "RestrictFileSystems", "(bas)", filter, nook_filter_open,
                   252, NOOK_NEED_BPF_LSM, TIGHTENS),
        EXEC("LockPersonality", "LockPersonality", "b", yes_no, NULL, 252, NOOK_NEED_SECCOMP,
             TIGHTENS),
        EXEC("MemoryDenyWriteExecute", "MemoryDenyWriteExecute", "b", yes_no, NULL, 252,
             NOOK_NEED_SECCOMP, TIGHTENS),
        EXEC("SystemCallFilter", "SystemCallFilter", "(bas)", filter, nook_filter_syscalls, 252,
             NOOK_NEED_SECCOMP, TIGHTENS),
        EXEC("SystemCallErrorNumber", "SystemCallErrorNumber", "i", error_name, NULL, 252,
             NOOK_NEED_SECCOMP, NEUTRAL),
        EXEC("SystemCallArchitectures", "SystemCallArchitectures", "as", words, NULL, 252,
             NOOK_NEED_SECCOMP, OPENS),
        BY_MANAGER("SystemCallLog", "SystemCallLog", "(bas)", filter, nook_filter_syscalls, 252,
                   NOOK_NEED_SECCOMP, OPENS),
        EXEC("Personality", "Personality", "s", word,
             ONE_OF("x86-64", "x86", "arm64", "arm", "ppc64", "ppc64-le", "ppc", "s390x", "s390",
                    "riscv64", "riscv32", "loongarch64", "mips64", "mips64-le", "mips", "mips-le"),
             252, 0, NEUTRAL),
        BY_MANAGER("AppArmorProfile", "AppArmorProfile", "(bs)", label, NULL, 252, 0, OPENS),
        BY_MANAGER("SELinuxContext", "SELinuxContext", "s", label, NULL, 252, 0, OPENS),
        BY_MANAGER("SmackProcessLabel", "SmackProcessLabel", "(bs)", label, NULL, 252, 0, OPENS),

        /* Limits and scheduling of the process. */
        EXEC("LimitCPU", "LimitCPU", "(tt)", limit_seconds, NULL, 252, 0, NEUTRAL),
        EXEC("LimitFSIZE", "LimitFSIZE", "(tt)", limit_bytes, NULL, 252, 0, NEUTRAL),
        EXEC("LimitDATA", "LimitDATA", "(tt)", limit_bytes, NULL, 252, 0, NEUTRAL),
        EXEC("LimitSTACK", "LimitSTACK", "(tt)", limit_bytes, NULL, 252, 0, NEUTRAL),
        EXEC("LimitCORE", "LimitCORE", "(tt)", limit_bytes, NULL, 252, 0, NEUTRAL),
        EXEC("LimitRSS", "LimitRSS", "(tt)", limit_bytes, NULL, 252, 0, NEUTRAL),
        EXEC("LimitNOFILE", "LimitNOFILE", "(tt)", limit, NULL, 252, 0, NEUTRAL),
        EXEC("LimitAS", "LimitAS", "(tt)", limit_bytes, NULL, 252, 0, NEUTRAL),
        EXEC("LimitNPROC", "LimitNPROC", "(tt)", limit, NULL, 252, 0, NEUTRAL),
        EXEC("LimitMEMLOCK", "LimitMEMLOCK", "(tt)", limit_bytes, NULL, 252, 0, NEUTRAL),
        EXEC("LimitLOCKS", "LimitLOCKS", "(tt)", limit, NULL, 252, 0, NEUTRAL),
        EXEC("LimitSIGPENDING", "LimitSIGPENDING", "(tt)", limit, NULL, 252, 0, NEUTRAL),
        EXEC("LimitMSGQUEUE", "LimitMSGQUEUE", "(tt)", limit_bytes, NULL, 252, 0, NEUTRAL),
        EXEC("LimitNICE", "LimitNICE", "(tt)", limit_nice, NULL, 252, 0, NEUTRAL),
        EXEC("LimitRTPRIO", "LimitRTPRIO", "(tt)", limit, NULL, 252, 0, NEUTRAL),
        EXEC("LimitRTTIME", "LimitRTTIME", "(tt)", limit_usec, NULL, 252, 0, NEUTRAL),
        EXEC("Nice", "Nice", "i", int, BETWEEN(-20, 19), 252, 0, NEUTRAL),
        EXEC("OOMScoreAdjust", "OOMScoreAdjust", "i", int, BETWEEN(-1000, 1000), 252, 0, NEUTRAL),
        EXEC("CoredumpFilter", "CoredumpFilter", "t", bits,
             NAMED({"private-anonymous", 1 << 0, false}, {"shared-anonymous", 1 << 1, false},
                   {"private-file-backed", 1 << 2, false}, {"shared-file-backed", 1 << 3, false},
                   {"elf-headers", 1 << 4, false}, {"private-huge", 1 << 5, false},
                   {"shared-huge", 1 << 6, false}, {"private-dax", 1 << 7, false},
                   {"shared-dax", 1 << 8, false}),
             252, 0, NEUTRAL),
        EXEC("TimerSlackNSec", "TimerSlackNSec", "t", nsec, NULL, 252, 0, NEUTRAL),
        EXEC("IgnoreSIGPIPE", "IgnoreSIGPIPE", "b", yes_no, NULL, 252, 0, NEUTRAL),
        EXEC("CPUSchedulingPolicy", "CPUSchedulingPolicy", "i", named,
             NAMED({"other", SCHED_OTHER, false}, {"batch", SCHED_BATCH, false},
                   {"idle", SCHED_IDLE, false}, {"fifo", SCHED_FIFO, true}, {"rr", SCHED_RR, true}),
             252, 0, NEUTRAL),
        EXEC("CPUSchedulingPriority", "CPUSchedulingPriority", "i", int, BETWEEN(0, 99), 252, 0,
             NEUTRAL),
        EXEC("CPUSchedulingResetOnFork", "CPUSchedulingResetOnFork", "b", yes_no, NULL, 252, 0,
             NEUTRAL),
        EXEC("CPUAffinity", "CPUAffinity", "ay", cpus, NULL, 252, 0, NEUTRAL),
        EXEC("NUMAPolicy", "NUMAPolicy", "i", named,
             NAMED({"default", 0, false}, {"preferred", 1, false}, {"bind", 2, false},
                   {"interleave", 3, false}, {"local", 4, false}),
             252, 0, NEUTRAL),
        EXEC("NUMAMask", "NUMAMask", "ay", cpus, NULL, 252, 0, NEUTRAL),
        EXEC("IOSchedulingClass", "IOSchedulingClass", "i", named,
             NAMED({"none", 0, false}, {"realtime", 1, false}, {"best-effort", 2, false},
                   {"idle", 3, false}),
             252, 0, NEUTRAL),
        EXEC("IOSchedulingPriority", "IOSchedulingPriority", "i", int, BETWEEN(0, 7), 252, 0,
             NEUTRAL),

        /* Environment and credentials. */
        EXEC("Environment", "Environment", "as", env, NULL, 252, 0, NEUTRAL),
        EXEC("EnvironmentFile", "EnvironmentFiles", "a(sb)", env_file, NULL, 252, 0, OPENS),
        EXEC("UnsetEnvironment", "UnsetEnvironment", "as", names, NULL, 252, 0, NEUTRAL),
        BY_MANAGER("PassEnvironment", "PassEnvironment", "as", names, NULL, 252, 0, OPENS),
        BY_MANAGER("LoadCredential", "LoadCredential", "a(ss)", credential, NULL, 252, MOUNTS,
                   OPENS),
        BY_MANAGER("LoadCredentialEncrypted", "LoadCredentialEncrypted", "a(ss)", credential, NULL,
                   252, MOUNTS, OPENS),
        BY_MANAGER("ImportCredential", "ImportCredential", "as", line, NULL, 254, MOUNTS, OPENS),
        BY_MANAGER("SetCredential", "SetCredential", "a(say)", secret, NULL, 252, MOUNTS, OPENS),

        /* Standard input and output, logging. */
        BY_MANAGER("StandardInput", "StandardInput", "s", stdio,
                   STRICT_OF(WORDS("null", "tty", "tty-force", "tty-fail", "data", "socket"),
                             WORDS("null", "data")),
                   252, 0, NEUTRAL),
        BY_MANAGER("StandardOutput", "StandardOutput", "s", stdio,
                   STRICT_OF(WORDS("inherit", "null", "tty", "journal", "kmsg", "journal+console",
                                   "kmsg+console", "socket"),
                             WORDS("inherit", "null", "journal")),
                   252, 0, NEUTRAL),
        BY_MANAGER("StandardError", "StandardError", "s", stdio,
                   STRICT_OF(WORDS("inherit", "null", "tty", "journal", "kmsg", "journal+console",
                                   "kmsg+console", "socket"),
                             WORDS("inherit", "null", "journal")),
                   252, 0, NEUTRAL),
        BY_MANAGER("StandardInputData", "StandardInputData", "ay", data, NULL, 252, 0, NEUTRAL),
        BY_MANAGER("TTYPath", "TTYPath", "s", path, NULL, 252, 0, OPENS),
        BY_MANAGER("TTYReset", "TTYReset", "b", yes_no, NULL, 252, 0, OPENS),
        BY_MANAGER("TTYVHangup", "TTYVHangup", "b", yes_no, NULL, 252, 0, OPENS),
        BY_MANAGER("TTYVTDisallocate", "TTYVTDisallocate", "b", yes_no, NULL, 252, 0, OPENS),
        BY_MANAGER("SyslogIdentifier", "SyslogIdentifier", "s", string, NULL, 252, 0, NEUTRAL),
        BY_MANAGER("SyslogFacility", "SyslogFacility", "i", named, FACILITIES, 252, 0, NEUTRAL),
        BY_MANAGER("SyslogLevel", "SyslogLevel", "i", named, LEVELS, 252, 0, NEUTRAL),
        BY_MANAGER("SyslogLevelPrefix", "SyslogLevelPrefix", "b", yes_no, NULL, 252, 0, NEUTRAL),
        BY_MANAGER("LogLevelMax", "LogLevelMax", "i", named, LEVELS, 252, 0, NEUTRAL),
        BY_MANAGER("LogExtraFields", "LogExtraFields", "aay", fields, NULL, 252, 0, NEUTRAL),
        BY_MANAGER("LogRateLimitIntervalSec", "LogRateLimitIntervalUSec", "t", usec, NULL, 252, 0,
                   NEUTRAL),
        BY_MANAGER("LogRateLimitBurst", "LogRateLimitBurst", "u", int, BETWEEN(0, G_MAXUINT32), 252,
                   0, NEUTRAL),
        /* The journal matches each line, by a pattern that may take it as long as it likes. */
        BY_MANAGER("LogFilterPatterns", "LogFilterPatterns", "a(bs)", patterns, NULL, 253, 0,
                   OPENS),
        BY_MANAGER("LogNamespace", "LogNamespace", "s", string, NULL, 252, 0, OPENS),
};

const NookDirective *nook_directive_table(gsize *ret_count) {
        *ret_count = G_N_ELEMENTS(table);
        return table;
}
