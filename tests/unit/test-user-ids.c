/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include <glib/gstdio.h>
#include <cmocka.h>

#include "base/fd.h"
#include "user-ids.h"

typedef struct {
        char *dir, *uids, *allocs, *brief, *locks, *marks;
        NookUserIds ids;
} Fixture;

static int set_up(void **state) {
        Fixture *f = g_new0(Fixture, 1);

        f->dir = g_dir_make_tmp("nook-ids-XXXXXX", NULL);
        f->uids = g_build_filename(f->dir, "uid", NULL);
        f->allocs = g_build_filename(f->dir, "alloc", NULL);
        f->brief = g_build_filename(f->dir, "brief", NULL);
        f->locks = g_build_filename(f->dir, "locks", NULL);
        f->marks = g_build_filename(f->dir, "marks", NULL);
        f->ids = (NookUserIds){f->uids, f->allocs, f->brief, f->locks, f->marks};
        *state = f;
        return g_mkdir(f->allocs, 0700) || g_mkdir(f->brief, 0700) || g_mkdir(f->locks, 0700) ||
               g_mkdir(f->marks, 0700);
}

static int tear_down(void **state) {
        Fixture *f = *state;
        g_autofree char *command = g_strdup_printf("rm -rf '%s'", f->dir);

        g_free(f->uids);
        g_free(f->locks);
        g_free(f->marks);
        g_free(f->allocs);
        g_free(f->brief);
        g_free(f->dir);
        g_free(f);
        return system(command);
}

/* An allocation whose name begins with "brief" lies in memory. */
static uid_t take(Fixture *f, const char *id, bool with_directory) {
        g_autofree char *path =
                g_build_filename(g_str_has_prefix(id, "brief") ? f->brief : f->allocs, id, NULL);
        uid_t uid = 0;
        int lock = -1;

        if (with_directory)
                (void)g_mkdir(path, 0700);
        assert_true(nook_user_ids_take(&f->ids, id, &uid, &lock, NULL));
        nook_fd_close(lock); /* as when the process that took it ends */
        assert_in_range(uid, NOOK_UID_FIRST, NOOK_UID_LAST);
        return uid;
}

static void allocations_have_ids_of_their_own_and_keep_them(void **state) {
        Fixture *f = *state;
        g_autoptr(GHashTable) seen = g_hash_table_new(NULL, NULL);

        for (int i = 0; i < 300; i++) {
                g_autofree char *id = g_strdup_printf(i % 2 ? "alloc-%d" : "brief-%d", i);
                assert_true(g_hash_table_add(seen, GUINT_TO_POINTER(take(f, id, true))));
        }
        assert_int_equal(take(f, "alloc-7", true), take(f, "alloc-7", true));
}

static void an_id_is_free_when_it_is_given_back_or_its_allocation_is_gone(void **state) {
        Fixture *f = *state;
        g_autofree char *path = NULL, *other = NULL;
        uid_t uid = take(f, "one", true);

        path = g_strdup_printf("%s/%u", f->uids, uid);
        nook_user_ids_give_back(&f->ids, "two"); /* not the owner */
        assert_true(g_file_test(path, G_FILE_TEST_EXISTS));
        nook_user_ids_give_back(&f->ids, "one");
        assert_false(g_file_test(path, G_FILE_TEST_EXISTS));

        /* Somebody whose allocation is no more has the id that "one" looks for first. */
        assert_true(g_file_set_contents(path, "dead", -1, NULL));
        assert_int_equal(take(f, "one", true), uid);

        /* Somebody who lives keeps it. */
        assert_true(g_file_set_contents(path, "alive", -1, NULL));
        other = g_build_filename(f->allocs, "alive", NULL);
        assert_int_equal(g_mkdir(other, 0700), 0);
        assert_int_not_equal(take(f, "one", true), uid);
}

static void an_id_without_an_allocation_belongs_to_who_holds_it(void **state) {
        Fixture *f = *state;
        uid_t uid = 0, other = 0;
        int lock = -1, second = -1;

        assert_true(nook_user_ids_take(&f->ids, "one", &uid, &lock, NULL));
        /* The same id is where the search for "one" begins for another process, too. */
        g_autofree char *path = g_strdup_printf("%s/%u", f->uids, uid);
        assert_true(
                g_file_set_contents_full(path, "two", -1, G_FILE_SET_CONTENTS_NONE, 0600, NULL));
        nook_fd_close(lock);
        assert_true(nook_user_ids_take(&f->ids, "one", &other, &second, NULL));
        assert_int_equal(other, uid); /* nobody held it any more */

        lock = open(path, O_RDONLY);
        assert_true(flock(lock, LOCK_EX | LOCK_NB) < 0);
        nook_fd_close(lock);
        nook_fd_close(second);
}

static void what_nobody_has_any_more_is_swept_away(void **state) {
        Fixture *f = *state;
        uid_t uids[3] = {0};
        int locks[3] = {-1, -1, -1};
        static const char *const ids[] = {"held", "on-disk", "dead"};

        for (int i = 0; i < 3; i++)
                assert_true(nook_user_ids_take(&f->ids, ids[i], &uids[i], &locks[i], NULL));
        g_autofree char *alloc = g_build_filename(f->allocs, "on-disk", NULL);
        assert_int_equal(g_mkdir(alloc, 0700), 0);
        nook_fd_close(locks[1]);
        nook_fd_close(locks[2]);
        nook_user_ids_sweep(&f->ids);

        for (int i = 0; i < 3; i++) {
                g_autofree char *path = g_strdup_printf("%s/%u", f->uids, uids[i]);
                g_autofree char *mark = g_strdup_printf("%s/nook-uid-%u", f->marks, uids[i]);

                assert_int_equal(g_file_test(path, G_FILE_TEST_EXISTS), i < 2);
                assert_int_equal(g_file_test(mark, G_FILE_TEST_EXISTS), i < 2);
        }
        nook_fd_close(locks[0]);
}

/* What the manager looks at before it takes an id itself: a lock, and who owns shared memory. */
static void the_manager_and_nook_keep_out_of_each_other_s_way(void **state) {
        Fixture *f = *state;
        uid_t uid = take(f, "one", true);
        g_autofree char *mark = g_strdup_printf("%s/nook-uid-%u", f->marks, uid);
        g_autofree char *lock = g_strdup_printf("%s/%u", f->locks, uid);
        struct stat what;

        assert_int_equal(stat(mark, &what), 0);
        if (geteuid() == 0)
                assert_int_equal(what.st_uid, uid);
        assert_false(g_file_test(lock, G_FILE_TEST_EXISTS));
        nook_user_ids_give_back(&f->ids, "one");
        assert_false(g_file_test(mark, G_FILE_TEST_EXISTS));

        int fd = open(lock, O_RDWR | O_CREAT, 0600);
        assert_int_equal(flock(fd, LOCK_EX), 0);
        assert_int_not_equal(take(f, "one", true), uid);
        (void)close(fd);
}

static void what_others_put_in_the_way_is_put_aside(void **state) {
        Fixture *f = *state;
        uid_t uid = take(f, "one", true);
        g_autofree char *mark = g_strdup_printf("%s/nook-uid-%u", f->marks, uid);
        g_autofree char *inside = g_build_filename(mark, "full", NULL);

        nook_user_ids_give_back(&f->ids, "one");
        assert_int_equal(g_mkdir(mark, 0700) || g_mkdir(inside, 0700), 0);
        assert_int_equal(take(f, "one", true), uid);
        assert_true(g_file_test(mark, G_FILE_TEST_IS_REGULAR));

        nook_user_ids_give_back(&f->ids, "one");
        assert_int_equal(symlink("/nonexistent", mark), 0);
        assert_int_equal(take(f, "one", true), uid);
        assert_true(g_file_test(mark, G_FILE_TEST_IS_REGULAR));
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(an_id_without_an_allocation_belongs_to_who_holds_it,
                                                set_up, tear_down),
                cmocka_unit_test_setup_teardown(allocations_have_ids_of_their_own_and_keep_them,
                                                set_up, tear_down),
                cmocka_unit_test_setup_teardown(
                        an_id_is_free_when_it_is_given_back_or_its_allocation_is_gone, set_up,
                        tear_down),
                cmocka_unit_test_setup_teardown(what_nobody_has_any_more_is_swept_away, set_up,
                                                tear_down),
                cmocka_unit_test_setup_teardown(what_others_put_in_the_way_is_put_aside, set_up,
                                                tear_down),
                cmocka_unit_test_setup_teardown(the_manager_and_nook_keep_out_of_each_other_s_way,
                                                set_up, tear_down),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
