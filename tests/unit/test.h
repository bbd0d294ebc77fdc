/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What each test program includes: cmocka with the headers that it wants before itself. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <glib.h>

/* Ends a test that cannot run here, before it holds anything that must be given back: skip() jumps.
 * Where NOOK_TESTS_MUST_RUN is set, as tests/run sets it, that is a failure: what did not run has
 * shown nothing.
 *   what   what is missing, as the rest of "cannot run here: " */
static inline void test_cannot_run(const char *what) {
        if (g_getenv("NOOK_TESTS_MUST_RUN"))
                fail_msg("cannot run here: %s", what);
        print_message("cannot run here: %s\n", what);
        skip();
}
