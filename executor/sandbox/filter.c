/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "filter.h"

#include <errno.h>
#include <seccomp.h>
#include <string.h>
#include <sys/socket.h>

#include "base/error.h"
#include "filter-compile.h"
#include "filter-store.h"
#include "syscall-groups.h"

NookFilter *nook_filter_new(void) {
        NookFilter *filter = g_new0(NookFilter, 1);

        filter->calls = g_ptr_array_new_with_free_func(g_free);
        filter->families = g_array_new(FALSE, FALSE, sizeof(int));
        filter->call_errno = EPERM;
        return filter;
}

void nook_filter_free(NookFilter *filter) {
        if (!filter)
                return;
        g_ptr_array_unref(filter->calls);
        g_array_unref(filter->families);
        g_free(filter);
}

bool nook_filter_add_calls(NookFilter *filter, bool allows, const char *const *words,
                           GError **error) {
        for (; *words; words++) {
                const char *colon = strchr(*words, ':');
                int number;

                if (**words == '@' && !nook_syscall_group_members(*words))
                        return nook_fail(error, NOOK_ERROR_INVALID,
                                         "there is no group of system calls '%s'", *words);
                if (colon && !nook_errno_from_name(colon + 1, &number))
                        return nook_fail(error, NOOK_ERROR_INVALID, "'%s' names no error number",
                                         *words);
                g_ptr_array_add(filter->calls, g_strconcat(allows ? "" : "~", *words, NULL));
        }
        return true;
}

/* The families that a program may name; the kernel has more, which nobody can be given by name. */
static const struct {
        const char *name;
        int family;
} families[] = {
        {"AF_UNIX", AF_UNIX},       {"AF_LOCAL", AF_LOCAL},       {"AF_INET", AF_INET},
        {"AF_INET6", AF_INET6},     {"AF_NETLINK", AF_NETLINK},   {"AF_PACKET", AF_PACKET},
        {"AF_ALG", AF_ALG},         {"AF_VSOCK", AF_VSOCK},       {"AF_BLUETOOTH", AF_BLUETOOTH},
        {"AF_CAN", AF_CAN},         {"AF_KEY", AF_KEY},           {"AF_TIPC", AF_TIPC},
        {"AF_XDP", AF_XDP},         {"AF_RDS", AF_RDS},           {"AF_SMC", AF_SMC},
        {"AF_AX25", AF_AX25},       {"AF_IPX", AF_IPX},           {"AF_APPLETALK", AF_APPLETALK},
        {"AF_X25", AF_X25},         {"AF_PPPOX", AF_PPPOX},       {"AF_LLC", AF_LLC},
        {"AF_IB", AF_IB},           {"AF_MPLS", AF_MPLS},         {"AF_KCM", AF_KCM},
        {"AF_NFC", AF_NFC},         {"AF_PHONET", AF_PHONET},     {"AF_IEEE802154", AF_IEEE802154},
        {"AF_RXRPC", AF_RXRPC},     {"AF_ISDN", AF_ISDN},         {"AF_CAIF", AF_CAIF},
        {"AF_QIPCRTR", AF_QIPCRTR}, {"AF_NETROM", AF_NETROM},     {"AF_ROSE", AF_ROSE},
        {"AF_ATMPVC", AF_ATMPVC},   {"AF_ATMSVC", AF_ATMSVC},     {"AF_DECnet", AF_DECnet},
        {"AF_BRIDGE", AF_BRIDGE},   {"AF_SECURITY", AF_SECURITY},
};

bool nook_filter_add_families(NookFilter *filter, bool allows, const char *const *words,
                              GError **error) {
        if (!filter->has_families)
                filter->families_allow = allows;
        filter->has_families = true;

        for (; *words; words++) {
                int family = -1;

                for (size_t i = 0; i < G_N_ELEMENTS(families) && family < 0; i++)
                        if (strcmp(families[i].name, *words) == 0)
                                family = families[i].family;
                if (family < 0)
                        return nook_fail(error, NOOK_ERROR_INVALID, "'%s' is no address family",
                                         *words);

                /* The other sense takes away what the list has. */
                for (guint i = filter->families->len; i > 0; i--)
                        if (g_array_index(filter->families, int, i - 1) == family)
                                g_array_remove_index(filter->families, i - 1);
                if (allows == filter->families_allow)
                        g_array_append_val(filter->families, family);
        }
        return true;
}

bool nook_filter_is_needed(const NookFilter *filter) {
        return filter->calls->len || filter->has_families || filter->namespaces_refused ||
               filter->no_set_id || filter->no_realtime || filter->no_write_execute ||
               filter->lock_personality || filter->no_kernel_log || filter->no_modules ||
               filter->no_clock || filter->no_raw_io || filter->no_hostname;
}

/* Everything a program depends on, as text. */
static char *describe(const NookFilter *filter) {
        const struct scmp_version *version = seccomp_version();
        GString *text = g_string_new(NULL);

        g_string_append_printf(text, "nook " NOOK_VERSION " libseccomp %u.%u.%u arch %x\n",
                               version->major, version->minor, version->micro,
                               seccomp_arch_native());
        g_string_append_printf(text, "errno %d", filter->call_errno);
        for (guint i = 0; i < filter->calls->len; i++)
                g_string_append_printf(text, " %s", (char *)g_ptr_array_index(filter->calls, i));
        g_string_append_printf(text, "\nfamilies %d%d", filter->has_families,
                               filter->families_allow);
        for (guint i = 0; i < filter->families->len; i++)
                g_string_append_printf(text, " %d", g_array_index(filter->families, int, i));
        g_string_append_printf(text,
                               "\nnamespaces %" G_GINT64_MODIFIER "x flags %d%d%d%d%d%d%d%d%d "
                               "personality %lx\n",
                               filter->namespaces_refused, filter->no_set_id, filter->no_realtime,
                               filter->no_write_execute, filter->lock_personality,
                               filter->no_kernel_log, filter->no_modules, filter->no_clock,
                               filter->no_raw_io, filter->no_hostname, filter->personality);
        return g_string_free(text, FALSE);
}

GPtrArray *nook_filter_compile(const NookFilter *filter, const char *cache_dir, GError **error) {
        g_autofree char *text = describe(filter);
        g_autofree char *key = g_compute_checksum_for_string(G_CHECKSUM_SHA256, text, -1);
        GPtrArray *programs = cache_dir ? nook_filter_fetch(cache_dir, key) : NULL;

        if (programs)
                return programs;

        programs = nook_filter_build(filter, error);
        if (programs && cache_dir)
                nook_filter_keep(cache_dir, key, programs);
        return programs;
}
