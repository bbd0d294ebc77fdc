/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/fd.h"
#include "fake-manager.h"
#include "unit-bus.h"

static int setup(void **state) {
        *state = fake_manager_new();
        return 0;
}

static int teardown(void **state) {
        fake_manager_free(*state);
        return 0;
}

static NookUnit *make_unit(void) {
        NookUnit *unit = nook_unit_new(FAKE_UNIT_NAME, NOOK_UNIT_SERVICE);
        const char *const argv[] = {"/bin/echo", "a b", NULL};

        nook_unit_add_text(unit, "Type", "exec", NOOK_ORIGIN_NOOK, NULL);
        nook_unit_add(unit, "ExecStart", g_variant_new_parsed("[('/bin/echo', %^as, false)]", argv),
                      NOOK_ORIGIN_NOOK, NULL, NOOK_RANGE_NONE);
        nook_unit_add_text(unit, "CPUAffinity", "0 3", NOOK_ORIGIN_JOB, NULL);
        nook_unit_add_text(unit, "TasksMax", "12", NOOK_ORIGIN_JOB, NULL);
        nook_unit_add_text(unit, "PrivateDevices", "yes", NOOK_ORIGIN_WALL, NULL);
        return unit;
}

static void start(FakeManager *fake, const GPtrArray *auxiliary, NookUnitFds fds) {
        g_autoptr(NookUnit) unit = make_unit();
        g_autoptr(NookUnitState) unit_state = nook_unit_state_new(FAKE_UNIT_NAME);
        g_autoptr(sd_bus_message) message = NULL;

        assert_true(nook_unit_bus_start_message(fake->client, unit, auxiliary, fds, true, &message,
                                                NULL));
        assert_true(nook_unit_bus_start(fake->client, message, unit_state, NULL));
        assert_string_equal(unit_state->job_path, FAKE_JOB_PATH);
}

/* Whether the words stand in the request, in this order. */
static void assert_in_order(const FakeManager *fake, const char *const *words) {
        const char *p = fake->request;

        for (; *words != NULL; words++) {
                p = strstr(p, *words);
                if (p == NULL)
                        fail_msg("'%s' is missing (or out of order) in:\n%s", *words,
                                 fake->request);
        }
}

static void every_kind_of_value_arrives_in_the_manager_s_type(void **state) {
        static const char *const words[] = {
                "STRING \"nook-web.service\"",
                "STRING \"replace\"",
                "STRING \"Type\"",
                "STRING \"exec\"",
                "STRING \"ExecStart\"",
                "ARRAY \"(sasb)\"",
                "STRING \"/bin/echo\"",
                "STRING \"a b\"",
                "BOOLEAN false",
                "STRING \"CPUAffinity\"",
                "ARRAY \"y\"",
                "BYTE 9",
                "STRING \"TasksMax\"",
                "UINT64 12",
                "STRING \"PrivateDevices\"",
                "BOOLEAN true",
                NULL,
        };

        start(*state, NULL, NOOK_UNIT_FDS_NONE);
        assert_in_order(*state, words);
}

static void auxiliary_units_and_descriptors_go_along(void **state) {
        static const char *const words[] = {
                "STRING \"StandardOutputFileDescriptor\"",
                "UNIX_FD",
                "ARRAY \"(sa(sv))\"",
                "STRING \"nook-web.slice\"",
                "STRING \"StopWhenUnneeded\"",
                "BOOLEAN true",
                NULL,
        };
        g_autoptr(GPtrArray) auxiliary =
                g_ptr_array_new_with_free_func((GDestroyNotify)nook_unit_free);
        NookUnit *slice = nook_unit_new("nook-web.slice", NOOK_UNIT_SLICE);
        g_auto(NookFd) fd = open("/dev/null", O_WRONLY | O_CLOEXEC);

        nook_unit_add_text(slice, "StopWhenUnneeded", "yes", NOOK_ORIGIN_NOOK, NULL);
        g_ptr_array_add(auxiliary, slice);
        start(*state, auxiliary, (NookUnitFds){-1, fd, -1});
        assert_in_order(*state, words);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(every_kind_of_value_arrives_in_the_manager_s_type,
                                                setup, teardown),
                cmocka_unit_test_setup_teardown(auxiliary_units_and_descriptors_go_along, setup,
                                                teardown),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
