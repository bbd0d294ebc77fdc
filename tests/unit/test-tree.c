/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "test.h"

#include <fcntl.h>
#include <linux/fs.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/error.h"
#include "fixture-dirs.h"
#include "tree.h"

static void assert_removed(const Fixture *fixture, const char *name) {
        g_autofree char *path = fixture_path(fixture, name);
        g_autoptr(GError) error = NULL;

        assert_true(fixture_remove(path, &error));
        assert_int_equal(access(path, F_OK), -1);
}

static void a_missing_tree_is_removed_already(void **state) {
        assert_removed(*state, "nothing");
}

static void links_are_removed_and_not_followed(void **state) {
        Fixture *fixture = *state;
        g_autofree char *precious = fixture_path(fixture, "precious/file");
        g_autofree char *directory = fixture_path(fixture, "precious");
        g_autofree char *link = fixture_path(fixture, "tree/sub/link");
        g_autofree char *to_file = fixture_path(fixture, "tree/sub/file-link");

        fixture_write(fixture, "precious/file", "x", 0600);
        fixture_write(fixture, "tree/sub/file", "x", 0600);
        assert_int_equal(symlink(directory, link), 0);
        assert_int_equal(symlink(precious, to_file), 0);
        assert_removed(fixture, "tree");
        assert_int_equal(access(precious, F_OK), 0);
}

static void the_top_may_be_a_link_or_a_file(void **state) {
        Fixture *fixture = *state;
        g_autofree char *precious = fixture_path(fixture, "precious/file");
        g_autofree char *directory = fixture_path(fixture, "precious");
        g_autofree char *link = fixture_path(fixture, "link");

        fixture_write(fixture, "precious/file", "x", 0600);
        assert_int_equal(symlink(directory, link), 0);
        assert_removed(fixture, "link");
        assert_int_equal(access(precious, F_OK), 0);
        assert_removed(fixture, "precious/file");
}

static void depth_costs_neither_descriptors_nor_stack(void **state) {
        Fixture *fixture = *state;
        int fd = open(fixture->top, O_RDONLY | O_DIRECTORY);

        /* Deeper than PATH_MAX allows to name, and wide at one place on the way. */
        for (unsigned i = 0; i < 3000; i++) {
                int next;

                assert_int_equal(mkdirat(fd, "d", 0700), 0);
                if (i == 40 || i == 2999) {
                        for (unsigned k = 0; k < 50; k++) {
                                g_autofree char *name = g_strdup_printf("n%u", k);

                                assert_int_equal(mkdirat(fd, name, 0700), 0);
                        }
                }
                next = openat(fd, "d", O_RDONLY | O_DIRECTORY);
                assert_true(next >= 0);
                close(fd);
                fd = next;
        }
        close(fd);
        assert_removed(fixture, "d");
}

static void odd_names_and_modes_do_not_matter(void **state) {
        Fixture *fixture = *state;
        g_autofree char *locked = fixture_path(fixture, "tree/locked");
        g_autofree char *fifo = fixture_path(fixture, "tree/fifo");

        fixture_write(fixture, "tree/-rf", "x", 0);
        fixture_write(fixture, "tree/a\nb\xff\x01", "x", 0);
        fixture_write(fixture, "tree/.nook-deep-0/x", "x", 0);
        fixture_write(fixture, "tree/locked/x", "x", 0);
        assert_int_equal(mkfifo(fifo, 0), 0);
        assert_int_equal(chmod(locked, 0), 0);
        assert_removed(fixture, "tree");
}

/* False where the file system has no such flag, or we have not the right to set it. */
static bool make_immutable(const char *path) {
        int fd = open(path, O_RDONLY), flags = 0;
        bool made;

        made = ioctl(fd, FS_IOC_GETFLAGS, &flags) == 0;
        flags |= FS_IMMUTABLE_FL;
        made = made && ioctl(fd, FS_IOC_SETFLAGS, &flags) == 0;
        close(fd);
        return made;
}

static bool remove_immutable(const Fixture *fixture) {
        g_autofree char *path = fixture_path(fixture, "tree/sub/fixed");
        bool made;

        fixture_write(fixture, "tree/sub/fixed", "x", 0600);
        made = make_immutable(path);
        assert_removed(fixture, "tree");
        return made;
}

/* For root only: nobody else can set the flag. */
static void an_immutable_file_is_made_mutable(void **state) {
        if (!remove_immutable(*state))
                test_cannot_run("no file in $TMPDIR can be made immutable");
}

/* Runs in a mount namespace, where a test may mount: as root, or as the root of a user namespace.
 */
static bool remove_around_mount(const Fixture *fixture) {
        g_autofree char *mounted = fixture_path(fixture, "tree/mounted");
        g_autofree char *below = fixture_path(fixture, "tree/mounted/below");
        int status;
        pid_t pid;

        fixture_write(fixture, "tree/mounted/below", "x", 0600);
        fixture_write(fixture, "tree/other", "x", 0600);
        pid = fork();
        if (pid == 0) {
                g_autoptr(GError) error = NULL;
                int top = open(fixture->top, O_PATH | O_DIRECTORY);

                if (unshare(CLONE_NEWNS | (geteuid() ? CLONE_NEWUSER : 0)) < 0 ||
                    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
                    mount("none", mounted, "tmpfs", 0, NULL) < 0)
                        _exit(77);
                if (nook_tree_remove(top, "tree", "tree", &error) ||
                    !g_error_matches(error, NOOK_ERROR, NOOK_ERROR_PATH) ||
                    !g_str_equal(error->message, "remove 'tree': 'mounted' in it is a mount point"))
                        _exit(1);
                /* What lies under the mount was not touched either. */
                _exit(umount(mounted) == 0 && access(below, F_OK) == 0 ? 0 : 2);
        }
        assert_int_equal(waitpid(pid, &status, 0), pid);
        if (WEXITSTATUS(status) != 77)
                assert_int_equal(status, 0);
        assert_removed(fixture, "tree");
        return WEXITSTATUS(status) != 77;
}

static void a_mount_is_reported_and_not_entered(void **state) {
        if (!remove_around_mount(*state))
                test_cannot_run("no mount namespace");
}

int main(void) {
        const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)
                TEST(a_missing_tree_is_removed_already),
                TEST(links_are_removed_and_not_followed),
                TEST(the_top_may_be_a_link_or_a_file),
                TEST(depth_costs_neither_descriptors_nor_stack),
                TEST(odd_names_and_modes_do_not_matter),
                TEST(a_mount_is_reported_and_not_entered),
        };
        const struct CMUnitTest of_root[] = {
                TEST(an_immutable_file_is_made_mutable),
        };
        int failed = cmocka_run_group_tests(tests, NULL, NULL);

        return failed + (geteuid() ? 0 : cmocka_run_group_tests(of_root, NULL, NULL));
}
