/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "unit-samples.h"

#include <string.h>

typedef struct {
        const char *name;
        const char *text;
} Sample;

static const Sample by_key[] = {
        {"Description", "100% of \\ it"},
        {"Documentation", "man:nook(1) https://example.org/%20"},
        {"CollectMode", "inactive-or-failed"},
        {"StartLimitAction", "none"},
        {"FailureAction", "none"},
        {"SuccessAction", "none"},
        {"RebootArgument", "kexec"},
        {"OnFailureJobMode", "replace"},
        {"OnSuccessJobMode", "replace"},
        {"BusName", "org.example.Nook"},
        {"Type", "oneshot"},
        {"ExitType", "main"},
        {"NotifyAccess", "main"},
        {"FileDescriptorStorePreserve", "restart"},
        {"Restart", "on-failure"},
        {"RestartMode", "direct"},
        {"TimeoutStartFailureMode", "abort"},
        {"TimeoutStopFailureMode", "kill"},
        {"OOMPolicy", "kill"},
        {"KillMode", "mixed"},
        {"Slice", "nook.slice"},
        {"DelegateSubgroup", "payload"},
        {"Delegate", "cpu memory"},
        {"DisableControllers", "cpu io"},
        {"ManagedOOMSwap", "kill"},
        {"ManagedOOMMemoryPressure", "auto"},
        {"ManagedOOMPreference", "none"},
        {"MemoryPressureWatch", "auto"},
        {"DevicePolicy", "closed"},
        {"RestrictNetworkInterfaces", "~eth0 lo"},
        {"RestrictAddressFamilies", "AF_UNIX AF_INET6"},
        {"RestrictFileSystems", "ext4 tmpfs"},
        {"SystemCallFilter", "~@keyring io_uring_setup:EPERM"},
        {"SystemCallLog", "@mount"},
        {"SystemCallArchitectures", "native"},
        {"PrivatePIDs", "yes"},
        {"ProtectSystem", "strict"},
        {"ProtectHome", "tmpfs"},
        {"ProtectProc", "invisible"},
        {"ProcSubset", "pid"},
        {"RuntimeDirectory", "a b/c"},
        {"StateDirectory", "a b/c"},
        {"CacheDirectory", "a"},
        {"LogsDirectory", "a"},
        {"ConfigurationDirectory", "a"},
        {"RuntimeDirectoryPreserve", "restart"},
        {"User", "nobody"},
        {"Group", "nogroup"},
        {"SupplementaryGroups", "audio video"},
        {"PAMName", "login"},
        {"KeyringMode", "private"},
        {"UtmpIdentifier", "x1"},
        {"UtmpMode", "user"},
        {"SecureBits", "noroot noroot-locked"},
        {"MountFlags", "slave"},
        {"CoredumpFilter", "private-anonymous elf-headers"},
        {"Personality", "x86-64"},
        {"CPUSchedulingPolicy", "batch"},
        {"NUMAPolicy", "bind"},
        {"IOSchedulingClass", "idle"},
        {"IODeviceWeight", "/dev/null 50"},
        {"IODeviceLatencyTargetSec", "/dev/null 25ms"},
        {"StandardInput", "data"},
        {"StandardOutput", "append:/var/log/x y.log"},
        {"StandardError", "journal"},
        {"SyslogIdentifier", "web"},
        {"SyslogFacility", "local3"},
        {"SyslogLevel", "notice"},
        {"LogLevelMax", "debug"},
        {"LogNamespace", "tasks"},
        {"SELinuxContext", "-system_u:system_r:x:s0"},
        {"PrivateTmp", "yes"},
        {"PrivateUsers", "yes"},
        {"ProtectControlGroups", "yes"},
        {"ConditionArchitecture", "!arm64"},
        {"ConditionVirtualization", "container"},
        {"ConditionKernelVersion", "|>=5.10"},
        {"ConditionSecurity", "audit"},
        {"ConditionCapability", "CAP_SYS_ADMIN"},
        {"ConditionACPower", "true"},
        {"ConditionNeedsUpdate", "/etc"},
        {"ConditionFirstBoot", "no"},
        {"ConditionMemory", ">1G"},
        {"ConditionCPUs", ">=1"},
        {"ConditionControlGroupController", "cpu"},
};

static const Sample by_type[] = {
        {"yes or no", "yes"},
        {"an absolute path", "/srv/100%/a"},
        {"an absolute path or ~", "-/srv/a b"},
        {"an octal mode", "0027"},
        {"a number", "7"},
        {"a signal", "SIGRTMIN+3"},
        {"an error name", "ENOSYS"},
        {"a time span", "1min 30s 5ms"},
        {"a time span in nanoseconds", "50us"},
        {"a size", "12.5%"},
        {"a weight", "123"},
        {"per cent of one CPU", "150.25%"},
        {"per cent", "33.3%"},
        {"a limit", "16:1024"},
        {"a limit in bytes", "1M:infinity"},
        {"a limit in seconds", "1min"},
        {"a limit in microseconds", "5s"},
        {"a nice limit", "-3"},
        {"words", "one two"},
        {"NAME=VALUE words", "'A=1 2' \"B=\\\"q\\\" $x %n\" C=\\n FIELD=x"},
        {"names of variables", "HOME _X1"},
        {"absolute paths", "-+/a%b \"+/c d\""},
        {"plain absolute paths", "/srv/a%b"},
        {"paths between colons", "/usr/bin:/opt/a b"},
        {"FIELD=VALUE words", "NOOK_JOB=x \"A1=b c\""},
        {"SOURCE:DESTINATION words", "/usr -/srv/a:/b:norbind /c:/d"},
        {"PATH:OPTIONS words", "/dev/shm:mode=1777,size=64M /x"},
        {"PATH:NAME:OPTIONS", "/etc/x:name:read-only,graceful"},
        {"a device", "/dev/null rw"},
        {"a device and a value", "/dev/null 5M"},
        {"a pattern", "~secret.*100%"},
        {"a condition", "!/etc/a%b"},
        {"ID:PATH", "key:/etc/key"},
        {"ID:VALUE", "key:a\"b %c"},
        {"base64", "aGVsbG8="},
        {"capabilities", "CAP_NET_BIND_SERVICE CAP_KILL"},
        {"yes, no or namespaces", "~user net"},
        {"exit statuses and signals", "7 TEMPFAIL SIGUSR1"},
        {"a list of CPUs", "0-3,9"},
        {"address ranges", "localhost 10.1.2.3/8 fe80::1"},
        {"a rule for ports", "ipv4:tcp:8000-8080"},
        {"a command", "-@/bin/sh sh -c \"echo $$HOME; %n\" ';' \"\""},
        {"a security label", "-label"},
        {"text", "text"},
};

static const char *find(const Sample *samples, gsize count, const char *name) {
        for (gsize i = 0; i < count; i++)
                if (g_str_equal(samples[i].name, name))
                        return samples[i].text;
        return NULL;
}

const char *sample_of(const NookDirective *directive) {
        const char *own = find(by_key, G_N_ELEMENTS(by_key), directive->key);

        if (own == NULL && g_str_has_prefix(directive->key, "Assert")) {
                g_autofree char *twin = g_strconcat("Condition", directive->key + 6, NULL);

                own = find(by_key, G_N_ELEMENTS(by_key), twin);
        }
        if (own != NULL)
                return own;
        return find(by_type, G_N_ELEMENTS(by_type), directive->type->name);
}
