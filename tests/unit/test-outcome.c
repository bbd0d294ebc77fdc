/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/wait.h>

#include <cmocka.h>

#include "outcome.h"

static void assert_outcome(const char *job, const char *result, int code, int status,
                           bool has_time_limit, int expected, const char *text) {
        NookUnitState state = {.job_result = g_strdup(job),
                               .result = g_strdup(result),
                               .exit_code = code,
                               .exit_status = status};
        g_auto(NookOutcome) outcome = {0};

        nook_outcome_of_unit(&state, has_time_limit, &outcome);
        assert_int_equal(outcome.status, expected);
        assert_int_equal(outcome.is_clean, text == NULL);
        if (text != NULL)
                assert_string_equal(outcome.text, text);
        g_free(state.job_result);
        g_free(state.result);
}

static void a_task_s_own_status_is_passed_on(void **state) {
        (void)state;
        assert_outcome("done", "success", CLD_EXITED, 0, false, 0, NULL);
        assert_outcome("done", "exit-code", CLD_EXITED, 3, false, 3, NULL);
        /* A task may end with a status that systemd uses, too: it ran, so it is its own. */
        assert_outcome("done", "exit-code", CLD_EXITED, 203, false, 203, NULL);
}

static void a_signal_becomes_128_and_its_number(void **state) {
        (void)state;
        assert_outcome("done", "signal", CLD_KILLED, SIGKILL, false, 137, "was killed by SIGKILL");
        assert_outcome("done", "core-dump", CLD_DUMPED, SIGSEGV, false, 139,
                       "was killed by SIGSEGV, memory dumped");
        assert_outcome("done", "oom-kill", CLD_KILLED, SIGKILL, false, 137,
                       "was killed by SIGKILL: out of memory");
        assert_outcome("done", "success", CLD_KILLED, SIGTERM, false, 143, "was killed by SIGTERM");
}

static void the_time_limit_becomes_124(void **state) {
        (void)state;
        assert_outcome("done", "timeout", CLD_KILLED, SIGINT, true, 124,
                       "was stopped: its time was over");
        assert_outcome("done", "timeout", CLD_KILLED, SIGKILL, false, 137, "was killed by SIGKILL");
}

static void what_never_ran_becomes_125(void **state) {
        (void)state;
        assert_outcome("dependency", NULL, 0, 0, false, 125,
                       "was not started: systemd's job ended with 'dependency'");
        assert_outcome("failed", "resources", 0, 0, false, 125,
                       "was not started: systemd's job ended with 'failed', the unit with "
                       "resources");
        assert_outcome("done", "success", 0, 0, false, 125,
                       "ended without an exit status (success)");
}

static void a_failed_spawn_is_told_from_the_task_s_own_status(void **state) {
        NookUnitState unit = {.job_result = (char[]){"failed"},
                              .result = (char[]){"exit-code"},
                              .exit_code = CLD_EXITED,
                              .exit_status = 203};
        g_auto(NookOutcome) outcome = {0};

        (void)state;
        nook_outcome_of_unit(&unit, false, &outcome);
        assert_true(outcome.is_spawn_failure);
        assert_string_equal(outcome.text, "could not be started: systemd failed at step EXEC");
        assert_int_equal(nook_outcome_spawn_status(203, "... No such file or directory"), 127);
        assert_int_equal(nook_outcome_spawn_status(203, "... Permission denied"), 126);
        assert_int_equal(nook_outcome_spawn_status(226, "... No such file or directory"), 125);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_task_s_own_status_is_passed_on),
                cmocka_unit_test(a_signal_becomes_128_and_its_number),
                cmocka_unit_test(the_time_limit_becomes_124),
                cmocka_unit_test(what_never_ran_becomes_125),
                cmocka_unit_test(a_failed_spawn_is_told_from_the_task_s_own_status),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
