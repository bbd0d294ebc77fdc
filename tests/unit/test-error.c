/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "test.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/error.h"
#include "base/fd.h"

static void errno_gets_its_text_and_code(void **state) {
        g_autoptr(GError) error = NULL;

        assert_false(nook_fail_errno(&error, -ENOSPC, "write '%s'", "x"));
        assert_true(g_error_matches(error, NOOK_ERROR, NOOK_ERROR_SPACE));
        assert_string_equal(error->message, "write 'x': No space left on device");
}

static void each_code_has_its_exit_status(void **state) {
        const struct {
                NookErrorCode code;
                int status;
        } table[] = {
                {NOOK_ERROR_FAILED, 125},
                {NOOK_ERROR_COMMAND_NOT_EXECUTABLE, 126},
                {NOOK_ERROR_COMMAND_NOT_FOUND, 127},
                {NOOK_ERROR_TIMEOUT, 124},
                {NOOK_ERROR_CANCELED, 130},
        };

        for (size_t i = 0; i < G_N_ELEMENTS(table); i++) {
                g_autoptr(GError) error = NULL;

                assert_false(nook_fail(&error, table[i].code, "x"));
                assert_int_equal(nook_error_exit_status(error), table[i].status);
        }
}

static void a_descriptor_closes_at_the_end_of_its_scope_unless_handed_over(void **state) {
        int closed, kept;

        {
                g_auto(NookFd) a = open("/dev/null", O_RDONLY | O_CLOEXEC);
                g_auto(NookFd) b = open("/dev/null", O_RDONLY | O_CLOEXEC);

                closed = a;
                kept = nook_fd_steal(&b);
                assert_int_equal(b, -1);
        }
        assert_int_equal(fcntl(closed, F_GETFD), -1);
        assert_int_not_equal(fcntl(kept, F_GETFD), -1);
        nook_fd_close(kept);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(errno_gets_its_text_and_code),
                cmocka_unit_test(each_code_has_its_exit_status),
                cmocka_unit_test(a_descriptor_closes_at_the_end_of_its_scope_unless_handed_over),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
