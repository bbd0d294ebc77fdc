/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "job/capability.h"

#include <string.h>

#include "base/diag.h"

static const char *const names[] = {
        "CAP_CHOWN",
        "CAP_DAC_OVERRIDE",
        "CAP_DAC_READ_SEARCH",
        "CAP_FOWNER",
        "CAP_FSETID",
        "CAP_KILL",
        "CAP_SETGID",
        "CAP_SETUID",
        "CAP_SETPCAP",
        "CAP_LINUX_IMMUTABLE",
        "CAP_NET_BIND_SERVICE",
        "CAP_NET_BROADCAST",
        "CAP_NET_ADMIN",
        "CAP_NET_RAW",
        "CAP_IPC_LOCK",
        "CAP_IPC_OWNER",
        "CAP_SYS_MODULE",
        "CAP_SYS_RAWIO",
        "CAP_SYS_CHROOT",
        "CAP_SYS_PTRACE",
        "CAP_SYS_PACCT",
        "CAP_SYS_ADMIN",
        "CAP_SYS_BOOT",
        "CAP_SYS_NICE",
        "CAP_SYS_RESOURCE",
        "CAP_SYS_TIME",
        "CAP_SYS_TTY_CONFIG",
        "CAP_MKNOD",
        "CAP_LEASE",
        "CAP_AUDIT_WRITE",
        "CAP_AUDIT_CONTROL",
        "CAP_SETFCAP",
        "CAP_MAC_OVERRIDE",
        "CAP_MAC_ADMIN",
        "CAP_SYSLOG",
        "CAP_WAKE_ALARM",
        "CAP_BLOCK_SUSPEND",
        "CAP_AUDIT_READ",
        "CAP_PERFMON",
        "CAP_BPF",
        "CAP_CHECKPOINT_RESTORE",
};

const char *nook_capability_normalize(const char *name) {
        if (g_ascii_strcasecmp(name, "all") == 0)
                return "ALL";
        for (guint i = 0; i < G_N_ELEMENTS(names); i++)
                if (g_ascii_strcasecmp(name, names[i]) == 0 ||
                    g_ascii_strcasecmp(name, names[i] + strlen("CAP_")) == 0)
                        return names[i];

        return NULL;
}

const char *nook_capability_suggest(const char *name) {
        const char *candidates[G_N_ELEMENTS(names) + 1];
        g_autofree char *upper = g_ascii_strup(name, -1);

        for (guint i = 0; i < G_N_ELEMENTS(names); i++)
                candidates[i] = names[i] + strlen("CAP_");
        candidates[G_N_ELEMENTS(names)] = NULL;
        return nook_suggest(g_str_has_prefix(upper, "CAP_") ? upper + strlen("CAP_") : upper,
                            candidates);
}

void nook_capability_check(const NookTexts *texts, NookDiags *diags) {
        for (guint i = 0; i < texts->count; i++) {
                const char *name = texts->items[i].text, *near;

                if (nook_capability_normalize(name))
                        continue;
                near = nook_capability_suggest(name);
                nook_diags_error(diags, texts->items[i].range, "Unknown capability",
                                 "Linux has no capability \"%s\".%s%s%s", name,
                                 near ? " Did you mean \"" : "", near ? near : "",
                                 near ? "\"?" : "");
        }
}
