/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "test.h"

#include "needs.h"

/* A host that has everything that a host value can speak of. */
static NookHost *host_with_everything(void) {
        NookHost *host = nook_host_new();

        host->manager_version = 252;
        host->manager_features = g_strsplit("+SECCOMP +BPF_FRAMEWORK", " ", -1);
        host->seccomp_actions = g_strsplit("errno kill_process", " ", -1);
        host->controllers = g_strsplit("cpu cpuset io memory pids", " ", -1);
        host->has_bpf_devices = true;
        host->has_bpf_firewall = true;
        host->has_bpf_socket_bind = true;
        host->has_namespaces = true;
        host->has_user_namespaces = true;
        return host;
}

static void set_texts(char ***texts, const char *text) {
        g_strfreev(*texts);
        *texts = text != NULL ? g_strsplit(text, " ", -1) : NULL;
}

#define OF_THE_HOST                                                                                \
        (NOOK_NEED_SECCOMP | NOOK_NEED_BPF_DEVICES | NOOK_NEED_BPF_FIREWALL |                      \
         NOOK_NEED_BPF_FRAMEWORK | NOOK_NEED_MOUNT_NAMESPACE | NOOK_NEED_NETWORK_NAMESPACE |       \
         NOOK_NEED_USER_NAMESPACE | NOOK_NEED_CONTROLLERS)

static void a_host_with_everything_lacks_nothing(void **state) {
        g_autoptr(NookHost) host = host_with_everything();

        assert_int_equal(nook_needs_missing(host, OF_THE_HOST), 0);
}

static void system_call_filters_need_manager_kernel_and_both_answers(void **state) {
        g_autoptr(NookHost) host = host_with_everything();

        set_texts(&host->manager_features, "-SECCOMP +BPF_FRAMEWORK");
        assert_int_equal(nook_needs_missing(host, OF_THE_HOST), NOOK_NEED_SECCOMP);
        set_texts(&host->manager_features, "+SECCOMP +BPF_FRAMEWORK");
        set_texts(&host->seccomp_actions, NULL);
        assert_int_equal(nook_needs_missing(host, OF_THE_HOST), NOOK_NEED_SECCOMP);
        set_texts(&host->seccomp_actions, "errno");
        assert_int_equal(nook_needs_missing(host, OF_THE_HOST), NOOK_NEED_SECCOMP);
        /* Only what is asked for is missing. */
        assert_int_equal(nook_needs_missing(host, NOOK_NEED_CPU), 0);
}

static void each_thing_that_is_turned_off_is_missed(void **state) {
        g_autoptr(NookHost) host = host_with_everything();

        host->has_bpf_devices = false;
        assert_int_equal(nook_needs_missing(host, OF_THE_HOST), NOOK_NEED_BPF_DEVICES);
        host->has_bpf_devices = true;
        host->has_bpf_firewall = false;
        assert_int_equal(nook_needs_missing(host, OF_THE_HOST), NOOK_NEED_BPF_FIREWALL);
        host->has_bpf_firewall = true;
        host->has_bpf_socket_bind = false;
        assert_int_equal(nook_needs_missing(host, OF_THE_HOST), NOOK_NEED_BPF_FRAMEWORK);
        host->has_bpf_socket_bind = true;
        set_texts(&host->manager_features, "+SECCOMP -BPF_FRAMEWORK");
        assert_int_equal(nook_needs_missing(host, OF_THE_HOST), NOOK_NEED_BPF_FRAMEWORK);
        set_texts(&host->manager_features, "+SECCOMP +BPF_FRAMEWORK");
        host->has_namespaces = false;
        assert_int_equal(nook_needs_missing(host, OF_THE_HOST),
                         NOOK_NEED_MOUNT_NAMESPACE | NOOK_NEED_NETWORK_NAMESPACE);
        host->has_namespaces = true;
        host->has_user_namespaces = false;
        assert_int_equal(nook_needs_missing(host, OF_THE_HOST), NOOK_NEED_USER_NAMESPACE);
}

static void each_controller_is_missed_by_itself(void **state) {
        static const struct {
                const char *others;
                unsigned need;
        } cases[] = {
                {"cpuset io memory pids", NOOK_NEED_CPU}, {"cpu io memory pids", NOOK_NEED_CPUSET},
                {"cpu cpuset memory pids", NOOK_NEED_IO}, {"cpu cpuset io pids", NOOK_NEED_MEMORY},
                {"cpu cpuset io memory", NOOK_NEED_PIDS},
        };
        g_autoptr(NookHost) host = host_with_everything();

        for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
                set_texts(&host->controllers, cases[i].others);
                assert_int_equal(nook_needs_missing(host, OF_THE_HOST), cases[i].need);
        }
}

static void every_need_has_a_name(void **state) {
        for (unsigned need = NOOK_NEED_SECCOMP; need <= NOOK_NEED_BPF_FRAMEWORK; need <<= 1)
                assert_true(nook_need_to_text(need)[0] != 0);
        for (unsigned need = NOOK_NEED_CPU; need <= NOOK_NEED_PIDS; need <<= 1)
                assert_true(nook_need_to_text(need)[0] != 0);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_host_with_everything_lacks_nothing),
                cmocka_unit_test(system_call_filters_need_manager_kernel_and_both_answers),
                cmocka_unit_test(each_thing_that_is_turned_off_is_missed),
                cmocka_unit_test(each_controller_is_missed_by_itself),
                cmocka_unit_test(every_need_has_a_name),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
