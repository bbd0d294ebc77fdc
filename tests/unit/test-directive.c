/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "test.h"

#include <string.h>

#include "base/error.h"
#include "unit-samples.h"
#include "unit/unit.h"

static GVariant *parse(const char *key, const char *text) {
        const NookDirective *directive = nook_directive_find(key);
        g_autoptr(GError) error = NULL;
        GVariant *value;

        assert_non_null(directive);
        value = nook_directive_parse(directive, text, &error);
        if (value == NULL)
                fail_msg("%s=%s: %s", key, text, error->message);
        return value;
}

/* The value, printed by GLib: "key text" -> "'strict'". */
static void assert_value(const char *key, const char *text, const char *expected) {
        g_autoptr(GVariant) value = parse(key, text);
        g_autofree char *printed = g_variant_print(value, FALSE);

        assert_string_equal(printed, expected);
}

static void assert_printed(const char *key, const char *text, const char *expected) {
        g_autoptr(GVariant) value = parse(key, text);
        g_autofree char *printed = nook_directive_print(nook_directive_find(key), value);

        assert_string_equal(printed, expected);
}

static void assert_emitted(const char *key, const char *text, const char *expected) {
        g_autoptr(GVariant) value = parse(key, text), pairs = NULL;
        g_auto(GVariantBuilder) builder = G_VARIANT_BUILDER_INIT(G_VARIANT_TYPE("a(sv)"));
        g_autofree char *printed = NULL;

        nook_directive_emit(nook_directive_find(key), value, &builder);
        pairs = g_variant_ref_sink(g_variant_builder_end(&builder));
        printed = g_variant_print(pairs, TRUE);
        assert_string_equal(printed, expected);
}

static void assert_refused(const char *key, const char *text, const char *message) {
        g_autoptr(GError) error = NULL;

        assert_null(nook_directive_parse(nook_directive_find(key), text, &error));
        assert_true(g_error_matches(error, NOOK_ERROR, NOOK_ERROR_INVALID));
        assert_string_equal(error->message, message);
}

static void assert_class(const char *key, const char *text, NookClass class) {
        g_autoptr(GVariant) value = parse(key, text);

        if (nook_directive_class_of(nook_directive_find(key), value) != class)
                fail_msg("%s=%s is not of class '%s'", key, text, nook_class_to_text(class));
}

static void each_row_is_complete_and_unique(void **state) {
        g_autoptr(GHashTable) keys = g_hash_table_new(g_str_hash, g_str_equal);
        gsize count;
        const NookDirective *table = nook_directive_table(&count);

        for (gsize i = 0; i < count; i++) {
                const NookDirective *row = &table[i];

                assert_true(g_hash_table_add(keys, (gpointer)(gsize)row->key));
                assert_true(g_variant_type_string_is_valid(row->signature));
                assert_in_range(row->class, NOOK_CLASS_TIGHTENS, NOOK_CLASS_OPENS);
                assert_in_range(row->since, 252, 262);
                assert_true(row->kinds != 0 && row->carrier != 0);
                assert_ptr_equal(nook_directive_find(row->key), row);
        }
        assert_null(nook_directive_find("NoSuchThing"));
}

static void each_row_reads_back_what_it_prints(void **state) {
        gsize count;
        const NookDirective *table = nook_directive_table(&count);

        for (gsize i = 0; i < count; i++) {
                const NookDirective *row = &table[i];
                const char *sample = sample_of(row);
                g_autoptr(GVariant) value = NULL;

                if (sample == NULL)
                        fail_msg("%s has no sample", row->key);
                value = parse(row->key, sample);
                if (row->type->emit == NULL &&
                    !g_str_equal(g_variant_get_type_string(value), row->signature))
                        fail_msg("%s is of type %s", row->key, g_variant_get_type_string(value));

                /* Rows whose text has specifiers double the percent sign, which our own parser
                 * takes literally: undo that before reading back. */
                g_autofree char *printed = nook_directive_print(row, value);
                g_auto(GStrv) parts = g_strsplit(printed, "%%", -1);
                g_autofree char *undoubled = g_strjoinv("%", parts);
                g_autoptr(GVariant) again = parse(row->key, undoubled);

                if (!g_variant_equal(value, again))
                        fail_msg("%s: '%s' reads back differently", row->key, printed);
        }
}

static void scalars_become_what_the_bus_takes(void **state) {
        assert_value("RemainAfterExit", "on", "true");
        assert_value("RemainAfterExit", "F", "false");
        assert_value("ProtectSystem", "true", "'yes'");
        assert_value("ProtectSystem", "strict", "'strict'");
        assert_value("UMask", "022", "18");
        assert_printed("UMask", "7", "0007");
        assert_value("Nice", "-5", "-5");
        assert_value("KillSignal", "INT", "2");
        assert_value("KillSignal", "15", "15");
        assert_printed("KillSignal", "RTMAX-1", "SIGRTMIN+29");
        assert_value("SystemCallErrorNumber", "EPERM", "1");
        assert_printed("SystemCallErrorNumber", "38", "ENOSYS");
        assert_printed("SystemCallErrorNumber", "kill", "kill");
        assert_value("SyslogFacility", "daemon", "3");
        assert_value("CPUSchedulingPolicy", "idle", "5");
}

static void times_are_microseconds(void **state) {
        assert_value("TimeoutStopSec", "5", "5000000");
        assert_value("TimeoutStopSec", "1min 30.5s", "90500000");
        assert_value("TimeoutStopSec", "2h", "7200000000");
        assert_value("TimeoutStopSec", "0", "18446744073709551615");
        assert_value("RestartSec", "0", "0");
        assert_printed("RestartSec", "100ms", "100ms");
        assert_printed("RestartSec", "1500us", "1500us");
        assert_printed("RestartSec", "1m", "60s");
        assert_printed("RuntimeMaxSec", "infinity", "infinity");
        assert_value("TimerSlackNSec", "50us", "50000");
        assert_value("TimerSlackNSec", "70", "70");
}

static void sizes_count_in_1024_and_shares_are_their_own_property(void **state) {
        assert_value("MemoryMax", "1.5G", "1610612736");
        assert_printed("MemoryMax", "1536M", "1536M");
        assert_printed("MemoryMax", "4097", "4097");
        assert_emitted("MemoryMax", "64K", "[('MemoryMax', <uint64 65536>)]");
        assert_emitted("MemoryMax", "10%", "[('MemoryMaxScale', <uint32 429496730>)]");
        assert_printed("MemoryMax", "10%", "10%");
        assert_printed("MemoryMax", "0.25%", "0.25%");
        assert_value("MemorySwapMax", "0", "0");
        assert_value("TasksMax", "infinity", "18446744073709551615");
        assert_emitted("TasksMax", "50%", "[('TasksMaxScale', <uint32 2147483648>)]");
        assert_value("CPUQuota", "20%", "200000");
        assert_value("CPUQuota", "250%", "2500000");
        assert_printed("CPUQuota", "12.5%", "12.5%");
        assert_value("CPUWeight", "idle", "0");
        assert_value("IOReadBandwidthMax", "/dev/sda 5M", "[('/dev/sda', 5000000)]");
}

static void limits_are_two_properties(void **state) {
        assert_emitted("LimitNOFILE", "1024:4096",
                       "[('LimitNOFILE', <uint64 4096>), ('LimitNOFILESoft', <uint64 1024>)]");
        assert_value("LimitCORE", "infinity", "(18446744073709551615, 18446744073709551615)");
        assert_value("LimitCPU", "1500ms", "(2, 2)");
        assert_value("LimitNICE", "-5", "(25, 25)");
        assert_printed("LimitMEMLOCK", "64K:1M", "64K:1M");
}

static void sets_become_masks(void **state) {
        assert_value("CapabilityBoundingSet", "", "0");
        assert_value("CapabilityBoundingSet", "CAP_CHOWN net_admin", "4097");
        assert_printed("CapabilityBoundingSet", "CAP_CHOWN net_admin", "CAP_CHOWN CAP_NET_ADMIN");
        assert_printed("CapabilityBoundingSet", "~", "~");
        assert_value("RestrictNamespaces", "yes", "0");
        assert_printed("RestrictNamespaces", "no", "no");
        assert_printed("RestrictNamespaces", "~user", "cgroup ipc net mnt pid uts");
        assert_value("AllowedCPUs", "0-2,9", "[0x07, 0x02]");
        assert_printed("AllowedCPUs", "0 1 2 9", "0-2 9");
        assert_value("SuccessExitStatus", "3 TEMPFAIL TERM", "([3, 75], [15])");
}

static void lists_are_split_and_quoted_as_systemd_does_it(void **state) {
        assert_value("Environment", "A=1 'B=2 3' \"C=\\x41\\n\"", "['A=1', 'B=2 3', 'C=A\\n']");
        assert_printed("Environment", "'A=%n \"q\" \\\\ $x'", "\"A=%%n \\\"q\\\" \\\\ $x\"");
        assert_value("ReadOnlyPaths", "-+/a /b", "['-+/a', '/b']");
        assert_value("SystemCallFilter", "~@mount ptrace", "(false, ['@mount', 'ptrace'])");
        assert_value("RestrictAddressFamilies", "AF_UNIX", "(true, ['AF_UNIX'])");
        assert_value("BindPaths", "-/a:/b /c",
                     "[('/a', '/b', true, 16384), ('/c', '/c', false, 16384)]");
        assert_printed("BindPaths", "/a:/a /b:/b:norbind", "/a /b:/b:norbind");
        assert_value("TemporaryFileSystem", "/dev/shm:mode=1777", "[('/dev/shm', 'mode=1777')]");
        assert_value("DeviceAllow", "/dev/kvm", "[('/dev/kvm', 'rwm')]");
        assert_value("ConditionPathExists", "|!/x", "[('ConditionPathExists', true, true, '/x')]");
        assert_emitted("Delegate", "yes", "[('Delegate', <true>)]");
        assert_emitted("Delegate", "cpu io", "[('DelegateControllers', <['cpu', 'io']>)]");
        assert_value(
                "IPAddressDeny", "10.1.2.3/8 localhost",
                "[(2, [0x0a, 0x00, 0x00, 0x00], 8), (2, [0x7f, 0x00, 0x00, 0x00], 8), "
                "(10, [0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, "
                "0x00, 0x00, 0x00, 0x01], 128)]");
        assert_value("SocketBindDeny", "any", "[(0, 0, 0, 0)]");
        assert_value("SocketBindDeny", "ipv6:udp:53", "[(10, 17, 1, 53)]");
        assert_printed("SocketBindDeny", "tcp", "tcp");
}

static void commands_keep_their_words_and_flags(void **state) {
        assert_value("ExecStart", "/bin/sh -c 'a  b'",
                     "[('/bin/sh', ['/bin/sh', '-c', 'a  b'], false)]");
        assert_emitted("ExecStart", "-/bin/x", "[('ExecStart', <[('/bin/x', ['/bin/x'], true)]>)]");
        assert_emitted("ExecStart", ":/bin/x $A",
                       "[('ExecStartEx', <[('/bin/x', ['/bin/x', '$A'], ['no-env-expand'])]>)]");
        assert_printed("ExecStart", ":@/bin/x y '$A; %n'", ":@/bin/x y \"$A; %%n\"");
        assert_printed("ExecStart", "/bin/x ';' ''", "/bin/x \";\" \"\"");
}

static void output_to_files_is_a_property_of_its_own(void **state) {
        assert_emitted("StandardOutput", "journal", "[('StandardOutput', <'journal'>)]");
        assert_emitted("StandardOutput", "append:/x", "[('StandardOutputFileToAppend', <'/x'>)]");
        assert_emitted("PrivateTmp", "disconnected", "[('PrivateTmpEx', <'disconnected'>)]");
}

static void what_a_row_does_not_take_is_refused_in_a_sentence(void **state) {
        assert_refused("ProtectSystem", "most",
                       "ProtectSystem: 'most' is none of: no, yes, full, strict");
        assert_refused("NoNewPrivileges", "maybe",
                       "NoNewPrivileges: 'maybe' is neither yes nor no");
        assert_refused("MemoryMax", "0", "MemoryMax: the value must be more than zero");
        assert_refused(
                "MemoryMax", "12Q",
                "MemoryMax: '12Q' is neither a size like 512M, nor per cent, nor 'infinity'");
        assert_refused("IOWeight", "0", "IOWeight: '0' is no number from 1 to 10000");
        assert_refused("Nice", "20", "Nice: '20' is no number from -20 to 19");
        assert_refused("KillSignal", "SIGFOO", "KillSignal: 'SIGFOO' is no signal");
        assert_refused("TimeoutStopSec", "5 parsecs",
                       "TimeoutStopSec: '5 parsecs' is no time span like \"90s\", \"1min 30s\" or "
                       "\"infinity\"");
        assert_refused("LimitNOFILE", "9:1",
                       "LimitNOFILE: the soft limit of '9:1' is above the hard one");
        assert_refused("BindPaths", "/a/../b",
                       "BindPaths: '/a/../b' is no SOURCE:DESTINATION of absolute paths without "
                       "blanks, quotes and backslashes");
        assert_refused(
                "SystemCallFilter", "@nope",
                "SystemCallFilter: '@nope' is no set of system calls that systemd 252 knows");
        assert_refused("CapabilityBoundingSet", "CAP_FLY",
                       "CapabilityBoundingSet: 'CAP_FLY' is no capability");
        assert_refused("Environment", "'A=1", "Environment: ''A=1' has a quote that is not closed");
        assert_refused("Environment", "1A=1", "Environment: '1A=1' is no NAME=VALUE");
        assert_refused("Description", "a\nb",
                       "Description: the text has control characters or is not UTF-8");
        assert_refused("LogFilterPatterns", "a\\\\\\",
                       "LogFilterPatterns: the pattern 'a\\\\\\' ends in a backslash");
        assert_refused("UMask", "0888", "UMask: '0888' is no octal mode like 0022");
        assert_refused("ExecStart", "bin/x",
                       "ExecStart: 'bin/x' is neither an absolute path nor a bare name");
}

static void a_value_that_turns_a_wall_off_opens(void **state) {
        assert_class("ProtectHome", "yes", NOOK_CLASS_TIGHTENS);
        assert_class("ProtectHome", "no", NOOK_CLASS_OPENS);
        assert_class("ProtectSystem", "full", NOOK_CLASS_OPENS);
        assert_class("ProtectControlGroups", "strict", NOOK_CLASS_TIGHTENS);
        assert_class("ProtectControlGroups", "private", NOOK_CLASS_OPENS);
        assert_class("FinalKillSignal", "SIGKILL", NOOK_CLASS_NEUTRAL);
        assert_class("FinalKillSignal", "SIGCONT", NOOK_CLASS_OPENS);
        assert_class("KillSignal", "SIGCONT", NOOK_CLASS_NEUTRAL);
        assert_class("ConditionArchitecture", "x86-64", NOOK_CLASS_NEUTRAL);
        assert_class("AssertPathExists", "/root/x", NOOK_CLASS_OPENS);
        assert_class("LogFilterPatterns", "x", NOOK_CLASS_OPENS);
        assert_class("NoNewPrivileges", "no", NOOK_CLASS_OPENS);
        assert_class("NoNewPrivileges", "yes", NOOK_CLASS_TIGHTENS);
        assert_class("BindLogSockets", "yes", NOOK_CLASS_OPENS);
        assert_class("SystemCallFilter", "~@mount", NOOK_CLASS_TIGHTENS);
        assert_class("SystemCallFilter", "@mount", NOOK_CLASS_OPENS);
        assert_class("SystemCallFilter", "", NOOK_CLASS_OPENS);
        assert_class("RestrictAddressFamilies", "AF_PACKET", NOOK_CLASS_OPENS);
        assert_class("RestrictAddressFamilies", "~AF_NETLINK", NOOK_CLASS_TIGHTENS);
        assert_class("RestrictNamespaces", "user", NOOK_CLASS_OPENS);
        assert_class("RestrictFileSystems", "ext4", NOOK_CLASS_TIGHTENS);
        assert_class("ReadOnlyPaths", "", NOOK_CLASS_OPENS);
        assert_class("ReadOnlyPaths", "/x", NOOK_CLASS_TIGHTENS);
        assert_class("KillMode", "none", NOOK_CLASS_OPENS);
        assert_class("KillMode", "control-group", NOOK_CLASS_NEUTRAL);
        assert_class("StandardOutput", "file:/etc/passwd", NOOK_CLASS_OPENS);
        assert_class("StandardOutput", "null", NOOK_CLASS_NEUTRAL);
        assert_class("IOWeight", "50", NOOK_CLASS_NEUTRAL);
        assert_class("LoadCredential", "k:/etc/shadow", NOOK_CLASS_OPENS);
        assert_class("ExecStartPre", "+/bin/true", NOOK_CLASS_OPENS);
        assert_class("EnvironmentFile", "/etc/shadow", NOOK_CLASS_OPENS);
        assert_class("Slice", "system.slice", NOOK_CLASS_OPENS);
        assert_class("SuccessAction", "reboot", NOOK_CLASS_OPENS);
        assert_class("CapabilityBoundingSet", "", NOOK_CLASS_OPENS);
}

static void a_mistyped_key_has_a_suggestion(void **state) {
        assert_string_equal(nook_directive_suggest("ProtectSytem"), "ProtectSystem");
        assert_string_equal(nook_directive_suggest("memorymax"), "MemoryMax");
        assert_null(nook_directive_suggest("Xyzzy"));
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(each_row_is_complete_and_unique),
                cmocka_unit_test(each_row_reads_back_what_it_prints),
                cmocka_unit_test(scalars_become_what_the_bus_takes),
                cmocka_unit_test(times_are_microseconds),
                cmocka_unit_test(sizes_count_in_1024_and_shares_are_their_own_property),
                cmocka_unit_test(limits_are_two_properties),
                cmocka_unit_test(sets_become_masks),
                cmocka_unit_test(lists_are_split_and_quoted_as_systemd_does_it),
                cmocka_unit_test(commands_keep_their_words_and_flags),
                cmocka_unit_test(output_to_files_is_a_property_of_its_own),
                cmocka_unit_test(what_a_row_does_not_take_is_refused_in_a_sentence),
                cmocka_unit_test(a_value_that_turns_a_wall_off_opens),
                cmocka_unit_test(a_mistyped_key_has_a_suggestion),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
