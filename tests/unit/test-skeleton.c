/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "test.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/error.h"
#include "fixture-dirs.h"
#include "skeleton.h"

static char *directories[] = {(char[]){"/dev"}, (char[]){"/etc"}, (char[]){"/tmp"},
                              (char[]){"/usr"}, NULL};
static char *files[] = {(char[]){"/etc/resolv.conf"}, NULL};
static char *links[] = {(char[]){"/bin"}, (char[]){"usr/bin"}, NULL};

static NookSkeleton skeleton_at(const Fixture *fixture) {
        return (NookSkeleton){.directories = directories,
                              .files = files,
                              .links = links,
                              .path = g_build_filename(fixture->run, "root", "0123", NULL)};
}

static char *entry(const NookSkeleton *skeleton, const char *name) {
        return g_build_filename(skeleton->path, name, NULL);
}

static ino_t inode_of(const char *path) {
        struct stat st;

        assert_int_equal(lstat(path, &st), 0);
        return st.st_ino;
}

static void it_is_made_once_and_reused(void **state) {
        NookSkeleton skeleton = skeleton_at(*state);
        g_autofree char *path = skeleton.path, *tmp = entry(&skeleton, "tmp");
        g_autofree char *bin = entry(&skeleton, "bin"), *text = NULL;
        g_autoptr(GError) error = NULL;
        struct stat st;
        ino_t inode;

        assert_true(nook_skeleton_ensure(&skeleton, &error));
        inode = inode_of(path);
        assert_true(nook_skeleton_ensure(&skeleton, &error));
        assert_int_equal(inode_of(path), inode);
        assert_int_equal(lstat(tmp, &st), 0);
        assert_int_equal(st.st_mode & 07777, 01777);
        text = g_file_read_link(bin, NULL);
        assert_string_equal(text, "usr/bin");
}

/* Does something to the skeleton, and sees that another one is made in its place. */
static void assert_replaced_after(Fixture *fixture, void (*damage)(const NookSkeleton *),
                                  unsigned times_seen) {
        NookSkeleton skeleton = skeleton_at(fixture);
        g_autofree char *path = skeleton.path, *extra = entry(&skeleton, "etc/extra");
        ino_t inode;

        /* Seen whole twice, some ticks of the clock after it was made, it is looked at less. */
        for (unsigned i = 0; i < times_seen; i++) {
                assert_true(nook_skeleton_ensure(&skeleton, NULL));
                (void)usleep(20 * 1000);
        }
        inode = inode_of(path);
        damage(&skeleton);
        assert_true(nook_skeleton_ensure(&skeleton, NULL));
        assert_int_not_equal(inode_of(path), inode);
        assert_int_equal(access(extra, F_OK), -1);
}

static void add_file(const NookSkeleton *skeleton) {
        g_autofree char *path = entry(skeleton, "etc/extra");

        assert_true(g_file_set_contents(path, "", -1, NULL));
}

static void fill_file(const NookSkeleton *skeleton) {
        g_autofree char *path = entry(skeleton, "etc/resolv.conf");

        assert_int_equal(chmod(path, 0644), 0);
        assert_true(g_file_set_contents(path, "x", -1, NULL));
        assert_int_equal(chmod(path, 0444), 0);
}

static void open_mode(const NookSkeleton *skeleton) {
        g_autofree char *path = entry(skeleton, "usr");

        assert_int_equal(chmod(path, 0777), 0);
}

static void remove_entry(const NookSkeleton *skeleton) {
        g_autofree char *path = entry(skeleton, "dev");

        assert_int_equal(rmdir(path), 0);
}

static void turn_link(const NookSkeleton *skeleton) {
        g_autofree char *path = entry(skeleton, "bin");

        assert_int_equal(unlink(path), 0);
        assert_int_equal(symlink("usr/sbin", path), 0);
}

static void one_that_differs_is_put_aside(void **state) {
        static void (*const damages[])(const NookSkeleton *) = {add_file, fill_file, open_mode,
                                                                remove_entry, turn_link};

        for (size_t i = 0; i < G_N_ELEMENTS(damages); i++) {
                assert_replaced_after(*state, damages[i], 1);
                assert_replaced_after(*state, damages[i], 3);
        }
}

static void a_link_in_its_place_is_not_followed(void **state) {
        Fixture *fixture = *state;
        NookSkeleton skeleton = skeleton_at(fixture);
        g_autofree char *path = skeleton.path, *parent = g_path_get_dirname(path);
        struct stat st;

        assert_int_equal(g_mkdir_with_parents(parent, 0755), 0);
        assert_int_equal(symlink(fixture->top, path), 0);
        assert_true(nook_skeleton_ensure(&skeleton, NULL));
        assert_int_equal(lstat(path, &st), 0);
        assert_true(S_ISDIR(st.st_mode));
}

static void entries_cannot_leave_it(void **state) {
        char bad[][8] = {"/../x", "x", "/a//b"};
        NookSkeleton skeleton = skeleton_at(*state);
        g_autofree char *path = skeleton.path;

        for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
                char *list[] = {bad[i], NULL};
                g_autoptr(GError) error = NULL;

                skeleton.directories = list;
                assert_false(nook_skeleton_ensure(&skeleton, &error));
                assert_true(g_error_matches(error, NOOK_ERROR, NOOK_ERROR_PATH));
        }
}

static void many_at_once_agree_on_one(void **state) {
        NookSkeleton skeleton = skeleton_at(*state);
        g_autofree char *path = skeleton.path, *parent = g_path_get_dirname(path);
        g_autoptr(GDir) dir = NULL;
        guint entries = 0;

        for (unsigned i = 0; i < 16; i++) {
                if (fork() == 0)
                        _exit(nook_skeleton_ensure(&skeleton, NULL) ? 0 : 1);
        }
        for (unsigned i = 0; i < 16; i++) {
                int status;

                assert_true(wait(&status) > 0);
                assert_int_equal(status, 0);
        }
        dir = g_dir_open(parent, 0, NULL);
        while (g_dir_read_name(dir) != NULL)
                entries++;
        assert_int_equal(entries, 1);
}

int main(void) {
        const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)
                TEST(it_is_made_once_and_reused),          TEST(one_that_differs_is_put_aside),
                TEST(a_link_in_its_place_is_not_followed), TEST(entries_cannot_leave_it),
                TEST(many_at_once_agree_on_one),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
