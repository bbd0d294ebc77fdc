/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <glib/gstdio.h>
#include <cmocka.h>

#include "filter.h"

/* The system call's error under the filter (0: none), tried in a child that loads it. */
static int try_call(const GPtrArray *programs, long call, long a, long b, long c, long d) {
        pid_t child = fork();

        if (child == 0) {
                if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
                        _exit(250);
                for (guint i = 0; i < programs->len; i++) {
                        gsize size;
                        const void *data = g_bytes_get_data(g_ptr_array_index(programs, i), &size);
                        struct sock_fprog program = {
                                .len = (unsigned short)(size / sizeof(struct sock_filter)),
                                .filter = (struct sock_filter *)(uintptr_t)data};
                        if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) < 0)
                                _exit(251);
                }
                errno = 0;
                long r = syscall(call, a, b, c, d, 0, 0);
                syscall(SYS_exit_group, r < 0 ? errno : 0);
        }

        int status;
        assert_int_equal(waitpid(child, &status, 0), child);
        return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
}

static GPtrArray *compile(const NookFilter *filter) {
        g_autoptr(GError) error = NULL;
        GPtrArray *programs = nook_filter_compile(filter, NULL, &error);

        assert_null(error);
        assert_non_null(programs);
        return programs;
}

static NookFilter *filter_of_the_default_walls(void) {
        NookFilter *filter = nook_filter_new();
        static const char *const service[] = {"@system-service", "@pkey", NULL};
        static const char *const without[] = {"@keyring",       "io_uring_setup",
                                              "io_uring_enter", "io_uring_register",
                                              "userfaultfd",    NULL};
        static const char *const families[] = {"AF_UNIX", "AF_INET", "AF_INET6", "AF_NETLINK",
                                               NULL};

        assert_true(nook_filter_add_calls(filter, true, service, NULL));
        assert_true(nook_filter_add_calls(filter, false, without, NULL));
        assert_true(nook_filter_add_families(filter, true, families, NULL));
        filter->namespaces_refused = CLONE_NEWNS | CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET |
                                     CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWCGROUP;
        filter->no_set_id = filter->no_realtime = filter->lock_personality = true;
        return filter;
}

static void the_default_walls_refuse_what_they_shall_and_nothing_else(void **state) {
        g_autoptr(NookFilter) filter = filter_of_the_default_walls();
        g_autoptr(GPtrArray) programs = compile(filter);
        char path[] = "/tmp/nook-filter-XXXXXX";
        int fd = mkstemp(path);

        assert_true(fd >= 0);
        assert_int_equal(programs->len, 2);
        assert_int_equal(try_call(programs, SYS_getpid, 0, 0, 0, 0), 0);
        assert_int_equal(try_call(programs, SYS_socket, AF_INET, SOCK_STREAM, 0, 0), 0);
        assert_int_equal(try_call(programs, SYS_socket, AF_UNIX, SOCK_STREAM, 0, 0), 0);
        assert_int_equal(try_call(programs, SYS_socket, AF_PACKET, SOCK_RAW, 0, 0), EAFNOSUPPORT);
        assert_int_equal(try_call(programs, SYS_socket, AF_ALG, SOCK_SEQPACKET, 0, 0),
                         EAFNOSUPPORT);
        assert_int_equal(try_call(programs, SYS_socket, 200, SOCK_STREAM, 0, 0), EAFNOSUPPORT);
        assert_int_equal(try_call(programs, SYS_keyctl, 0, 0, 0, 0), EPERM);
        assert_int_equal(try_call(programs, SYS_mount, 0, 0, 0, 0), EPERM);
        assert_int_equal(try_call(programs, SYS_ptrace, 0, 0, 0, 0), EPERM);
        assert_int_equal(try_call(programs, SYS_bpf, 0, 0, 0, 0), EPERM);
        assert_int_equal(try_call(programs, SYS_io_uring_setup, 1, 0, 0, 0), EPERM);
        assert_int_equal(try_call(programs, SYS_unshare, CLONE_NEWUSER, 0, 0, 0), EPERM);
        assert_int_equal(try_call(programs, SYS_clone, CLONE_NEWUSER | SIGCHLD, 0, 0, 0), EPERM);
        assert_int_equal(try_call(programs, SYS_clone3, 0, 0, 0, 0), ENOSYS);
        assert_int_equal(try_call(programs, SYS_personality, 0x0008, 0, 0, 0), EPERM);
        assert_int_equal(try_call(programs, SYS_fchmod, fd, 04755, 0, 0), EPERM);
        assert_int_equal(try_call(programs, SYS_fchmod, fd, 02755, 0, 0), EPERM);
        assert_int_equal(try_call(programs, SYS_fchmod, fd, 0700, 0, 0), 0);
        assert_int_equal(try_call(programs, SYS_sched_setscheduler, 0, SCHED_FIFO, 0, 0), EPERM);
        /* Calls that nobody knew when the list was made. */
        assert_int_equal(try_call(programs, 1999, 0, 0, 0, 0), ENOSYS);
        (void)close(fd);
        (void)g_unlink(path);
}

static void memory_is_writable_or_executable(void **state) {
        g_autoptr(NookFilter) filter = nook_filter_new();

        filter->no_write_execute = true;
        g_autoptr(GPtrArray) programs = compile(filter);
        assert_int_equal(try_call(programs, SYS_mprotect, 0, 0, PROT_EXEC, 0), EPERM);
        assert_int_equal(try_call(programs, SYS_mmap, 0, 4096, PROT_WRITE | PROT_EXEC,
                                  MAP_PRIVATE | MAP_ANONYMOUS),
                         EPERM);
        assert_int_equal(try_call(programs, SYS_mprotect, 0, 0, PROT_READ, 0), 0);
}

static void a_deny_list_allows_the_rest_and_names_its_own_errors(void **state) {
        g_autoptr(NookFilter) filter = nook_filter_new();
        static const char *const calls[] = {"@keyring", "sync:ENOSPC", NULL};
        static const char *const back[] = {"add_key", NULL};

        assert_true(nook_filter_add_calls(filter, false, calls, NULL));
        assert_true(nook_filter_add_calls(filter, true, back, NULL));
        g_autoptr(GPtrArray) programs = compile(filter);
        assert_int_equal(try_call(programs, SYS_keyctl, 0, 0, 0, 0), EPERM);
        assert_int_equal(try_call(programs, SYS_sync, 0, 0, 0, 0), ENOSPC);
        assert_int_equal(try_call(programs, SYS_add_key, 0, 0, 0, 0), EFAULT);
        assert_int_equal(try_call(programs, SYS_getpid, 0, 0, 0, 0), 0);
}

static void without_an_error_number_the_process_dies(void **state) {
        g_autoptr(NookFilter) filter = nook_filter_new();
        static const char *const calls[] = {"@keyring", NULL};

        filter->call_errno = 0;
        assert_true(nook_filter_add_calls(filter, false, calls, NULL));
        g_autoptr(GPtrArray) programs = compile(filter);
        assert_int_equal(try_call(programs, SYS_keyctl, 0, 0, 0, 0), 1000 + SIGSYS);
}

static void words_that_mean_nothing_are_refused(void **state) {
        g_autoptr(NookFilter) filter = nook_filter_new();
        static const char *const group[] = {"@no-such", NULL}, *const error_name[] = {"sync:EX",
                                                                                      NULL};
        static const char *const family[] = {"AF_NOPE", NULL};

        assert_false(nook_filter_add_calls(filter, true, group, NULL));
        assert_false(nook_filter_add_calls(filter, true, error_name, NULL));
        assert_false(nook_filter_add_families(filter, true, family, NULL));
}

static void a_kept_filter_is_the_compiled_one_unless_others_could_write_it(void **state) {
        g_autoptr(NookFilter) filter = filter_of_the_default_walls();
        g_autoptr(GPtrArray) compiled = compile(filter);
        g_autofree char *dir = g_dir_make_tmp("nook-filter-XXXXXX", NULL);
        g_autoptr(GPtrArray) first = nook_filter_compile(filter, dir, NULL);
        g_autoptr(GDir) entries = g_dir_open(dir, 0, NULL);
        g_autofree char *path = g_build_filename(dir, g_dir_read_name(entries), NULL);

        g_autoptr(GPtrArray) second = nook_filter_compile(filter, dir, NULL);
        for (guint i = 0; i < 2; i++) {
                assert_true(
                        g_bytes_equal(g_ptr_array_index(compiled, i), g_ptr_array_index(first, i)));
                assert_true(g_bytes_equal(g_ptr_array_index(compiled, i),
                                          g_ptr_array_index(second, i)));
        }

        /* Somebody's own filter under our name, in a file that he can write. */
        guint64 forged[] = {8, 0x7fff000000000006};
        assert_true(g_file_set_contents(path, (const char *)forged, sizeof forged, NULL));
        assert_int_equal(g_chmod(path, 0666), 0);
        g_autoptr(GPtrArray) third = nook_filter_compile(filter, dir, NULL);
        assert_int_equal(third->len, 2);

        assert_int_equal(g_chmod(path, 0600), 0);
        assert_int_equal(g_unlink(path), 0);
        assert_int_equal(g_rmdir(dir), 0);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(the_default_walls_refuse_what_they_shall_and_nothing_else),
                cmocka_unit_test(memory_is_writable_or_executable),
                cmocka_unit_test(a_deny_list_allows_the_rest_and_names_its_own_errors),
                cmocka_unit_test(without_an_error_number_the_process_dies),
                cmocka_unit_test(words_that_mean_nothing_are_refused),
                cmocka_unit_test(a_kept_filter_is_the_compiled_one_unless_others_could_write_it),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
