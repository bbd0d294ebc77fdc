/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "unit/convert.h"

#include <sched.h>
#include <string.h>

#include "unit/quote.h"

/* Types that are sets of a fixed range: capabilities, namespaces, exit statuses, CPUs, flags. */

/* --- capabilities -------------------------------------------------------------------------------
 */

/* By number, as in linux/capability.h; the last is of Linux 5.9. */
static const char *const capabilities[] = {"chown",
                                           "dac_override",
                                           "dac_read_search",
                                           "fowner",
                                           "fsetid",
                                           "kill",
                                           "setgid",
                                           "setuid",
                                           "setpcap",
                                           "linux_immutable",
                                           "net_bind_service",
                                           "net_broadcast",
                                           "net_admin",
                                           "net_raw",
                                           "ipc_lock",
                                           "ipc_owner",
                                           "sys_module",
                                           "sys_rawio",
                                           "sys_chroot",
                                           "sys_ptrace",
                                           "sys_pacct",
                                           "sys_admin",
                                           "sys_boot",
                                           "sys_nice",
                                           "sys_resource",
                                           "sys_time",
                                           "sys_tty_config",
                                           "mknod",
                                           "lease",
                                           "audit_write",
                                           "audit_control",
                                           "setfcap",
                                           "mac_override",
                                           "mac_admin",
                                           "syslog",
                                           "wake_alarm",
                                           "block_suspend",
                                           "audit_read",
                                           "perfmon",
                                           "bpf",
                                           "checkpoint_restore"};

int nook_capability_from_text(const char *text) {
        g_autofree char *name = g_ascii_strdown(text, -1);
        const char *bare = g_str_has_prefix(name, "cap_") ? name + 4 : name;

        for (gsize i = 0; i < G_N_ELEMENTS(capabilities); i++)
                if (g_str_equal(bare, capabilities[i]))
                        return (int)i;
        return -1;
}

const char *nook_capability_to_text(int capability) {
        if (capability < 0 || capability >= (int)G_N_ELEMENTS(capabilities))
                return NULL;
        return capabilities[capability];
}

guint64 nook_capability_all(void) {
        return (G_GUINT64_CONSTANT(1) << G_N_ELEMENTS(capabilities)) - 1;
}

static GVariant *capabilities_parse(const NookDirective *directive, const char *text,
                                    GError **error) {
        bool is_inverted = *text == '~';
        g_auto(GStrv) words = nook_quote_split(text + is_inverted, error);
        guint64 mask = 0;

        if (words == NULL)
                return NULL;
        for (char **word = words; *word != NULL; word++) {
                int capability = nook_capability_from_text(*word);

                if (capability < 0)
                        return nook_convert_fail(error, "'%s' is no capability", *word);
                mask |= G_GUINT64_CONSTANT(1) << capability;
        }
        return g_variant_new_uint64(is_inverted ? nook_capability_all() & ~mask : mask);
}

static void capabilities_print(const NookDirective *directive, GVariant *value, GString *out) {
        guint64 mask = g_variant_get_uint64(value);
        gsize start = out->len;

        if ((mask & nook_capability_all()) == nook_capability_all()) {
                g_string_append_c(out, '~');
                return;
        }
        for (gsize i = 0; i < G_N_ELEMENTS(capabilities); i++) {
                g_autofree char *upper = NULL;

                if ((mask & (G_GUINT64_CONSTANT(1) << i)) == 0)
                        continue;
                upper = g_ascii_strup(capabilities[i], -1);
                g_string_append_printf(out, "%sCAP_%s", out->len > start ? " " : "", upper);
        }
}

const NookDirectiveType nook_type_capabilities = {
        .name = "capabilities", .parse = capabilities_parse, .print = capabilities_print};

/* --- namespaces ---------------------------------------------------------------------------------
 */

static const NookNamed namespaces[] = {
        {"cgroup", CLONE_NEWCGROUP}, {"ipc", CLONE_NEWIPC},
        {"net", CLONE_NEWNET},       {"mnt", CLONE_NEWNS},
        {"pid", CLONE_NEWPID},       {"user", CLONE_NEWUSER},
        {"uts", CLONE_NEWUTS},       {NULL, 0},
};

static guint64 namespaces_all(void) {
        guint64 all = 0;

        for (const NookNamed *named = namespaces; named->name != NULL; named++)
                all |= (guint64)(guint)named->value;
        return all;
}

/* The value is the set of namespaces that stay allowed. */
static GVariant *namespaces_parse(const NookDirective *directive, const char *text,
                                  GError **error) {
        g_autoptr(GVariant) as_bool = nook_type_yes_no.parse(directive, text, NULL);
        bool is_inverted = *text == '~';
        g_auto(GStrv) words = NULL;
        guint64 mask = 0;

        if (as_bool != NULL) {
                g_variant_ref_sink(as_bool);
                return g_variant_new_uint64(g_variant_get_boolean(as_bool) ? 0 : namespaces_all());
        }
        words = nook_quote_split(text + is_inverted, error);
        if (words == NULL)
                return NULL;
        for (char **word = words; *word != NULL; word++) {
                const NookNamed *named = namespaces;

                while (named->name != NULL && !g_str_equal(named->name, *word))
                        named++;
                if (named->name == NULL)
                        return nook_convert_fail(error, "'%s' is no namespace", *word);
                mask |= (guint64)(guint)named->value;
        }
        return g_variant_new_uint64(is_inverted ? namespaces_all() & ~mask : mask);
}

static void namespaces_print(const NookDirective *directive, GVariant *value, GString *out) {
        guint64 mask = g_variant_get_uint64(value);
        gsize start = out->len;

        if (mask == 0) {
                g_string_append(out, "yes");
                return;
        }
        if (mask == namespaces_all()) {
                g_string_append(out, "no");
                return;
        }
        for (const NookNamed *named = namespaces; named->name != NULL; named++)
                if ((mask & (guint64)(guint)named->value) != 0)
                        g_string_append_printf(out, "%s%s", out->len > start ? " " : "",
                                               named->name);
}

static bool namespaces_is_safe(const NookDirective *directive, GVariant *value) {
        return g_variant_get_uint64(value) == 0;
}

const NookDirectiveType nook_type_namespaces = {.name = "yes, no or namespaces",
                                                .parse = namespaces_parse,
                                                .print = namespaces_print,
                                                .is_safe = namespaces_is_safe};

/* --- exit statuses and signals ------------------------------------------------------------------
 */

/* Names of the LSB and of sysexits.h. Source: systemd.exec(5), "Process exit codes". */
static const NookNamed statuses[] = {
        {"SUCCESS", 0},      {"FAILURE", 1},      {"INVALIDARGUMENT", 2}, {"NOTIMPLEMENTED", 3},
        {"NOPERMISSION", 4}, {"NOTINSTALLED", 5}, {"NOTCONFIGURED", 6},   {"NOTRUNNING", 7},
        {"USAGE", 64},       {"DATAERR", 65},     {"NOINPUT", 66},        {"NOUSER", 67},
        {"NOHOST", 68},      {"UNAVAILABLE", 69}, {"SOFTWARE", 70},       {"OSERR", 71},
        {"OSFILE", 72},      {"CANTCREAT", 73},   {"IOERR", 74},          {"TEMPFAIL", 75},
        {"PROTOCOL", 76},    {"NOPERM", 77},      {"CONFIG", 78},         {NULL, 0},
};

static bool status_from_text(const char *text, gint32 *ret_status) {
        guint64 number;

        if (nook_convert_uint(text, 255, &number)) {
                *ret_status = (gint32)number;
                return true;
        }
        for (const NookNamed *named = statuses; named->name != NULL; named++)
                if (g_str_equal(named->name, text)) {
                        *ret_status = named->value;
                        return true;
                }
        return false;
}

static GVariant *statuses_parse(const NookDirective *directive, const char *text, GError **error) {
        g_auto(GVariantBuilder) codes = G_VARIANT_BUILDER_INIT(G_VARIANT_TYPE("ai"));
        g_auto(GVariantBuilder) signals = G_VARIANT_BUILDER_INIT(G_VARIANT_TYPE("ai"));
        g_auto(GStrv) words = nook_quote_split(text, error);

        if (words == NULL)
                return NULL;
        for (char **word = words; *word != NULL; word++) {
                gint32 status;

                if (status_from_text(*word, &status)) {
                        g_variant_builder_add(&codes, "i", status);
                        continue;
                }
                status = nook_signal_from_text(*word);
                if (status == 0)
                        return nook_convert_fail(
                                error, "'%s' is neither an exit status nor a signal", *word);
                g_variant_builder_add(&signals, "i", status);
        }
        return g_variant_new("(aiai)", &codes, &signals);
}

static void statuses_print(const NookDirective *directive, GVariant *value, GString *out) {
        g_autoptr(GVariantIter) codes = NULL, signals = NULL;
        gsize start = out->len;
        gint32 number;

        g_variant_get(value, "(aiai)", &codes, &signals);
        while (g_variant_iter_next(codes, "i", &number))
                g_string_append_printf(out, "%s%d", out->len > start ? " " : "", number);
        while (g_variant_iter_next(signals, "i", &number)) {
                g_autofree char *name = nook_signal_to_text(number);

                g_string_append_printf(out, "%s%s", out->len > start ? " " : "", name);
        }
}

const NookDirectiveType nook_type_statuses = {.name = "exit statuses and signals",
                                              .parse = statuses_parse,
                                              .print = statuses_print,
                                              .is_list = true};

/* --- CPUs and memory nodes ----------------------------------------------------------------------
 */

#define CPUS_MOST 8192

static bool read_range(const char *word, guint64 *ret_first, guint64 *ret_last) {
        g_auto(GStrv) ends = g_strsplit(word, "-", 2);

        if (ends[0] == NULL || !nook_convert_uint(ends[0], CPUS_MOST - 1, ret_first))
                return false;
        if (ends[1] == NULL)
                *ret_last = *ret_first;
        else if (!nook_convert_uint(ends[1], CPUS_MOST - 1, ret_last))
                return false;
        return *ret_first <= *ret_last;
}

/* A bitmap, least byte first, no longer than it must be. */
static GVariant *cpus_parse(const NookDirective *directive, const char *text, GError **error) {
        g_autofree char *spaced = g_strdelimit(g_strdup(text), ",", ' ');
        g_auto(GStrv) words = nook_quote_split(spaced, error);
        guint8 map[CPUS_MOST / 8] = {0};
        gsize size = 0;

        if (words == NULL)
                return NULL;
        for (char **word = words; *word != NULL; word++) {
                guint64 first, last;

                if (!read_range(*word, &first, &last))
                        return nook_convert_fail(error, "'%s' is no list of CPUs like 0-3,8", text);
                for (guint64 i = first; i <= last; i++)
                        map[i / 8] |= (guint8)(1 << (i % 8));
                size = MAX(size, last / 8 + 1);
        }
        return g_variant_new_fixed_array(G_VARIANT_TYPE_BYTE, map, size, 1);
}

static void cpus_print(const NookDirective *directive, GVariant *value, GString *out) {
        gsize size, start = out->len;
        const guint8 *map = g_variant_get_fixed_array(value, &size, 1);

        for (gsize i = 0; i < size * 8; i++) {
                gsize last = i;

                if ((map[i / 8] & (1 << (i % 8))) == 0)
                        continue;
                while (last + 1 < size * 8 && (map[(last + 1) / 8] & (1 << ((last + 1) % 8))) != 0)
                        last++;
                g_string_append_printf(out, "%s%" G_GSIZE_FORMAT, out->len > start ? " " : "", i);
                if (last > i)
                        g_string_append_printf(out, "-%" G_GSIZE_FORMAT, last);
                i = last;
        }
}

const NookDirectiveType nook_type_cpus = {
        .name = "a list of CPUs", .parse = cpus_parse, .print = cpus_print};

/* --- flags by name ------------------------------------------------------------------------------
 */

static GVariant *bits_parse(const NookDirective *directive, const char *text, GError **error) {
        g_auto(GStrv) words = nook_quote_split(text, error);
        guint64 mask = 0;

        if (words == NULL)
                return NULL;
        for (char **word = words; *word != NULL; word++) {
                const NookNamed *named = directive->argument;

                while (named->name != NULL && !g_str_equal(named->name, *word))
                        named++;
                if (named->name == NULL)
                        return nook_convert_fail(error, "'%s' is no flag of %s=", *word,
                                                 directive->key);
                mask |= (guint64)(guint)named->value;
        }
        if (directive->signature[0] == 'i')
                return g_variant_new_int32((gint32)mask);
        return g_variant_new_uint64(mask);
}

static void bits_print(const NookDirective *directive, GVariant *value, GString *out) {
        guint64 mask = directive->signature[0] == 'i' ? (guint64)g_variant_get_int32(value)
                                                      : g_variant_get_uint64(value);
        gsize start = out->len;

        for (const NookNamed *named = directive->argument; named->name != NULL; named++) {
                guint64 bits = (guint64)(guint)named->value;

                if ((mask & bits) != bits)
                        continue;
                mask &= ~bits;
                g_string_append_printf(out, "%s%s", out->len > start ? " " : "", named->name);
        }
}

static bool bits_is_safe(const NookDirective *directive, GVariant *value) {
        guint64 mask = directive->signature[0] == 'i' ? (guint64)g_variant_get_int32(value)
                                                      : g_variant_get_uint64(value);

        for (const NookNamed *named = directive->argument; named->name != NULL; named++)
                if (named->is_unsafe && (mask & (guint64)(guint)named->value) != 0)
                        return false;
        return true;
}

const NookDirectiveType nook_type_bits = {
        .name = "flags", .parse = bits_parse, .print = bits_print, .is_safe = bits_is_safe};
