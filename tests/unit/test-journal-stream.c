/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>
#include <glib/gstdio.h>

#include "base/error.h"
#include "base/fd.h"
#include "journal-stream.h"

/* journald's side of one stream. */
typedef struct {
        char *dir;
        char *path;
        NookFd listening;
        NookFd stream; /* nook's end */
        NookFd accepted;
} Fixture;

static int setup(void **state) {
        Fixture *fixture = g_new0(Fixture, 1);
        struct sockaddr_un address = {.sun_family = AF_UNIX};

        fixture->dir = g_dir_make_tmp("nook-test-XXXXXX", NULL);
        fixture->path = g_build_filename(fixture->dir, "stdout", NULL);
        fixture->listening = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        strcpy(address.sun_path, fixture->path);
        assert_int_equal(bind(fixture->listening, (struct sockaddr *)&address, sizeof address), 0);
        assert_int_equal(listen(fixture->listening, 1), 0);
        assert_true(nook_journal_stream_open(fixture->path, "web", "nook-web.service", 6,
                                             &fixture->stream, NULL));
        fixture->accepted = accept4(fixture->listening, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
        assert_true(fixture->accepted >= 0);
        *state = fixture;
        return 0;
}

static int teardown(void **state) {
        Fixture *fixture = *state;

        nook_fd_close(fixture->accepted);
        nook_fd_close(fixture->stream);
        nook_fd_close(fixture->listening);
        (void)g_unlink(fixture->path);
        (void)g_rmdir(fixture->dir);
        g_free(fixture->path);
        g_free(fixture->dir);
        g_free(fixture);
        return 0;
}

static void assert_reads(Fixture *fixture, const char *expected) {
        char buffer[256];
        ssize_t n = read(fixture->accepted, buffer, sizeof buffer - 1);

        assert_true(n >= 0);
        buffer[n] = 0;
        assert_string_equal(buffer, expected);
}

static void a_stream_begins_with_what_journald_must_know(void **state) {
        assert_reads(*state, "web\nnook-web.service\n6\n0\n0\n0\n0\n");
}

static void the_barrier_is_over_only_when_two_rounds_were_read(void **state) {
        Fixture *fixture = *state;
        NookStreamBarrier barrier = {.fd = fixture->stream};

        assert_true(nook_journal_stream_unread(fixture->stream) > 0);
        assert_false(nook_stream_barrier_advance(&barrier));
        assert_int_equal(barrier.n_sent, 0);
        assert_reads(fixture, "web\nnook-web.service\n6\n0\n0\n0\n0\n");
        assert_int_equal(write(fixture->stream, "last line", 9), 9);
        assert_false(nook_stream_barrier_advance(&barrier));
        assert_reads(fixture, "last line");
        assert_false(nook_stream_barrier_advance(&barrier));
        assert_reads(fixture, "\n");
        assert_false(nook_stream_barrier_advance(&barrier));
        assert_reads(fixture, "\n");
        assert_true(nook_stream_barrier_advance(&barrier));
}

static void a_journald_that_is_gone_ends_the_barrier(void **state) {
        Fixture *fixture = *state;
        NookStreamBarrier barrier = {.fd = fixture->stream};

        nook_fd_close(nook_fd_steal(&fixture->accepted));
        assert_true(nook_stream_barrier_advance(&barrier));
}

static void without_a_journal_there_is_an_error(void **state) {
        Fixture *fixture = *state;
        g_autofree char *missing = g_build_filename(fixture->dir, "none", NULL);
        g_autoptr(GError) error = NULL;
        int fd = -1;

        assert_false(nook_journal_stream_open(missing, "web", "nook-web.service", 6, &fd, &error));
        assert_true(g_error_matches(error, NOOK_ERROR, NOOK_ERROR_NOT_FOUND));
        assert_int_equal(fd, -1);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(a_stream_begins_with_what_journald_must_know, setup,
                                                teardown),
                cmocka_unit_test_setup_teardown(the_barrier_is_over_only_when_two_rounds_were_read,
                                                setup, teardown),
                cmocka_unit_test_setup_teardown(a_journald_that_is_gone_ends_the_barrier, setup,
                                                teardown),
                cmocka_unit_test_setup_teardown(without_a_journal_there_is_an_error, setup,
                                                teardown),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
