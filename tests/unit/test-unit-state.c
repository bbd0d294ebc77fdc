/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/wait.h>

#include <cmocka.h>

#include "fake-manager.h"
#include "unit-state.h"

static int setup(void **state) {
        *state = fake_manager_new();
        return 0;
}

static int teardown(void **state) {
        fake_manager_free(*state);
        return 0;
}

static int on_message(sd_bus_message *message, void *user_data, sd_bus_error *bus_error) {
        NookUnitState *state = user_data;
        const char *job;
        const char *unit;
        const char *result;
        uint32_t id;

        (void)bus_error;
        if (sd_bus_message_is_signal(message, NOOK_DBUS_PROPERTIES, "PropertiesChanged")) {
                assert_true(nook_unit_state_read_properties(state, message) >= 0);
        } else if (sd_bus_message_is_signal(message, NOOK_SYSTEMD_MANAGER, "JobRemoved")) {
                assert_true(sd_bus_message_read(message, "uoss", &id, &job, &unit, &result) >= 0);
                nook_unit_state_read_job_removed(state, job, result);
        }
        return 0;
}

/* Plays a script to a unit's state; ret_ended_at: after how many signals it had ended, 0: never. */
static NookUnitState *play(FakeManager *fake, const FakeSignal *script, unsigned *ret_ended_at) {
        NookUnitState *state = nook_unit_state_new(FAKE_UNIT_NAME);
        g_autoptr(sd_bus_message) call = NULL;
        g_autoptr(sd_bus_message) reply = NULL;
        sd_bus *bus = fake->client->bus;
        unsigned n = 0;
        unsigned total = 0;

        while (script[total].kind != FAKE_END)
                total++;
        fake->script = script;
        *ret_ended_at = 0;
        assert_true(sd_bus_add_filter(bus, NULL, on_message, state) >= 0);
        assert_true(nook_bus_new_call(fake->client, NULL, NULL, "StartTransientUnit", &call, NULL));
        assert_true(sd_bus_message_append(call, "ssa(sv)a(sa(sv))", FAKE_UNIT_NAME, "fail", 0, 0) >=
                    0);
        assert_true(nook_bus_call(fake->client, call, &reply, NULL, "start"));
        state->job_path = g_strdup(FAKE_JOB_PATH);
        while (n < total) {
                sd_bus_message *message = NULL;
                int r = sd_bus_process(bus, &message);

                assert_true(r >= 0);
                if (message != NULL) {
                        n++;
                        if (*ret_ended_at == 0 && nook_unit_state_is_ended(state))
                                *ret_ended_at = n;
                        sd_bus_message_unref(message);
                }
                if (r == 0)
                        assert_true(sd_bus_wait(bus, 5 * G_USEC_PER_SEC) > 0);
        }
        return state;
}

static void a_unit_that_exits_with_3_has_ended_at_its_last_signal(void **state) {
        static const FakeSignal script[] = {
                {FAKE_UNIT, "inactive", "dead", 7},
                {FAKE_UNIT, "activating", "start", 7},
                {FAKE_UNIT, "active", "running", 7},
                {FAKE_JOB, .result = "done"},
                {FAKE_SERVICE, .result = "exit-code", .code = CLD_EXITED, .status = 3},
                {FAKE_UNIT, "failed", "failed", 0},
                {FAKE_END},
        };
        unsigned ended_at;
        g_autoptr(NookUnitState) unit = play(*state, script, &ended_at);

        assert_int_equal(ended_at, 6);
        assert_int_equal(unit->exit_code, CLD_EXITED);
        assert_int_equal(unit->exit_status, 3);
        assert_string_equal(unit->result, "exit-code");
        assert_string_equal(unit->job_result, "done");
}

static void inactive_before_the_job_has_run_is_not_the_end(void **state) {
        static const FakeSignal script[] = {
                {FAKE_UNIT, "inactive", "dead", 0},
                {FAKE_UNIT, "inactive", "dead", 7},
                {FAKE_END},
        };
        unsigned ended_at;
        g_autoptr(NookUnitState) unit = play(*state, script, &ended_at);

        assert_int_equal(ended_at, 0);
        assert_false(unit->is_started);
}

static void a_unit_that_will_be_restarted_has_not_ended(void **state) {
        static const FakeSignal script[] = {
                {FAKE_UNIT, "active", "running", 7},
                {FAKE_JOB, .result = "done"},
                {FAKE_SERVICE, .result = "exit-code", .code = CLD_EXITED, .status = 1},
                {FAKE_UNIT, "failed", "failed-before-auto-restart", 0}, /* 257 */
                {FAKE_UNIT, "activating", "auto-restart", 0},           /* both */
                {FAKE_UNIT, "inactive", "dead", 8},                     /* 252: the restart job */
                {FAKE_UNIT, "active", "running", 0},
                {FAKE_SERVICE, .result = "success", .code = CLD_EXITED, .status = 0},
                {FAKE_UNIT, "inactive", "dead", 0},
                {FAKE_END},
        };
        unsigned ended_at;
        g_autoptr(NookUnitState) unit = play(*state, script, &ended_at);

        assert_int_equal(ended_at, 9);
        assert_int_equal(unit->exit_status, 0);
}

static void a_job_that_ends_with_dependency_ends_a_unit_that_never_ran(void **state) {
        static const FakeSignal script[] = {
                {FAKE_UNIT, "inactive", "dead", 7},
                {FAKE_JOB, .result = "dependency"},
                {FAKE_UNIT, "inactive", "dead", 0},
                {FAKE_END},
        };
        unsigned ended_at;
        g_autoptr(NookUnitState) unit = play(*state, script, &ended_at);

        assert_int_equal(ended_at, 3);
        assert_string_equal(unit->job_result, "dependency");
        assert_int_equal(unit->exit_code, 0);
}

static void the_manager_s_error_keeps_its_code_and_its_words(void **state) {
        FakeManager *fake = *state;
        g_autoptr(GError) error = NULL;
        g_autoptr(sd_bus_message) call = NULL;

        fake->error_name = "org.freedesktop.systemd1.UnitExists";
        fake->error_text = "Unit nook-web.service was already loaded.";
        assert_true(nook_bus_new_call(fake->client, NULL, NULL, "StartTransientUnit", &call, NULL));
        assert_true(sd_bus_message_append(call, "ssa(sv)a(sa(sv))", FAKE_UNIT_NAME, "fail", 0, 0) >=
                    0);
        assert_false(nook_bus_call(fake->client, call, NULL, &error, "start '%s'", FAKE_UNIT_NAME));
        assert_true(g_error_matches(error, NOOK_ERROR, NOOK_ERROR_EXISTS));
        assert_string_equal(error->message, "start 'nook-web.service': Unit nook-web.service was "
                                            "already loaded.");
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(
                        a_unit_that_exits_with_3_has_ended_at_its_last_signal, setup, teardown),
                cmocka_unit_test_setup_teardown(inactive_before_the_job_has_run_is_not_the_end,
                                                setup, teardown),
                cmocka_unit_test_setup_teardown(a_unit_that_will_be_restarted_has_not_ended, setup,
                                                teardown),
                cmocka_unit_test_setup_teardown(
                        a_job_that_ends_with_dependency_ends_a_unit_that_never_ran, setup,
                        teardown),
                cmocka_unit_test_setup_teardown(the_manager_s_error_keeps_its_code_and_its_words,
                                                setup, teardown),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
