/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "test.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "alloc.h"
#include "base/error.h"
#include "fixture-dirs.h"

#define ID    "0a1b2c3d-0000-4000-8000-000000000001"
#define OTHER "0a1b2c3d-0000-4000-8000-000000000002"

static NookAlloc *create(const Fixture *fixture, const char *id) {
        g_autoptr(GError) error = NULL;
        NookAlloc *alloc = nook_alloc_create(&fixture->dirs, id, &error);

        assert_non_null(alloc);
        return alloc;
}

static void add(NookAlloc *alloc, const char *below, mode_t mode) {
        g_autofree char *path = g_build_filename(nook_alloc_path(alloc), below, NULL);
        g_autoptr(GError) error = NULL;

        assert_true(nook_alloc_add_directory(alloc, path, mode, (uid_t)-1, (gid_t)-1, &error));
}

static mode_t mode_of(const char *path) {
        struct stat st;

        assert_int_equal(lstat(path, &st), 0);
        return st.st_mode & 07777;
}

static char *run_path(const Fixture *fixture, const char *below) {
        return g_build_filename(fixture->run, below, NULL);
}

static void nobody_else_walks_into_an_allocation(void **state) {
        Fixture *fixture = *state;
        mode_t mask = umask(0);
        g_autoptr(NookAlloc) alloc = create(fixture, ID);
        g_autofree char *alloc_dir = g_build_filename(fixture->state, "alloc", NULL);
        g_autofree char *local = g_build_filename(nook_alloc_path(alloc), "web/local", NULL);

        add(alloc, "web", 0755);
        umask(077);
        add(alloc, "web/local", 0777);
        umask(mask);
        assert_int_equal(mode_of(fixture->state), 0700);
        assert_int_equal(mode_of(alloc_dir), 0700);
        assert_int_equal(mode_of(nook_alloc_path(alloc)), 0700);
        assert_int_equal(mode_of(local), 0777);
}

static void an_id_is_taken_once(void **state) {
        Fixture *fixture = *state;
        g_autoptr(NookAlloc) alloc = create(fixture, ID);
        g_autoptr(GError) error = NULL;

        assert_null(nook_alloc_create(&fixture->dirs, ID, &error));
        assert_true(g_error_matches(error, NOOK_ERROR, NOOK_ERROR_EXISTS));
}

static void an_id_is_a_plain_name(void **state) {
        static const char *const ids[] = {"", ".", "..", "../x", "a/b", "-x", ".dead-x", "a.b"};
        Fixture *fixture = *state;

        for (size_t i = 0; i < G_N_ELEMENTS(ids); i++) {
                g_autoptr(GError) error = NULL;

                assert_null(nook_alloc_create(&fixture->dirs, ids[i], &error));
                assert_true(g_error_matches(error, NOOK_ERROR, NOOK_ERROR_PATH));
        }
}

static void directories_stay_inside(void **state) {
        static const char *const bad[] = {("../" OTHER), "web/../../x", ".lock.d", ".committed"};
        Fixture *fixture = *state;
        g_autoptr(NookAlloc) alloc = create(fixture, ID);

        add(alloc, "web", 0755);
        for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
                g_autofree char *path = g_strdup_printf("%s/%s", nook_alloc_path(alloc), bad[i]);

                assert_false(nook_alloc_add_directory(alloc, path, 0700, 0, 0, NULL));
        }
        assert_false(nook_alloc_add_directory(alloc, "/tmp/nook-elsewhere", 0700, 0, 0, NULL));
}

static void a_link_planted_on_the_way_is_not_followed(void **state) {
        Fixture *fixture = *state;
        g_autoptr(NookAlloc) alloc = create(fixture, ID);
        g_autofree char *link = g_build_filename(nook_alloc_path(alloc), "web", NULL);
        g_autofree char *path = g_build_filename(nook_alloc_path(alloc), "web/local", NULL);
        g_autofree char *made = fixture_path(fixture, "local");

        assert_int_equal(symlink(fixture->top, link), 0);
        assert_false(nook_alloc_add_directory(alloc, path, 0777, (uid_t)-1, (gid_t)-1, NULL));
        assert_int_equal(access(made, F_OK), -1);
}

static void secrets_and_environment_go_with_the_allocation(void **state) {
        Fixture *fixture = *state;
        NookAlloc *alloc = create(fixture, ID);
        g_autofree char *parent = run_path(fixture, "secrets/" ID);
        g_autofree char *secrets = run_path(fixture, "secrets/" ID "/web");
        g_autofree char *secret = run_path(fixture, "secrets/" ID "/web/token");
        g_autofree char *env = run_path(fixture, "env/" ID ".web");
        g_autofree char *other = run_path(fixture, "env/" OTHER ".web");
        g_autofree char *link = run_path(fixture, "link/" ID ".web/0");
        g_autoptr(NookAlloc) second = create(fixture, OTHER);
        g_autoptr(GError) error = NULL;

        assert_true(nook_alloc_add_directory(alloc, parent, 0700, (uid_t)-1, (gid_t)-1, &error));
        assert_true(nook_alloc_add_directory(alloc, secrets, 0777, (uid_t)-1, (gid_t)-1, &error));
        assert_true(g_file_set_contents(secret, "x", -1, NULL));
        assert_true(nook_alloc_write_env(alloc, env, "A=\"b\"\n", &error));
        assert_true(nook_alloc_write_env(second, other, "A=\"b\"\n", &error));
        assert_false(nook_alloc_write_env(alloc, other, "A=\"b\"\n", NULL));
        assert_true(nook_alloc_add_link(alloc, link, "/odd: name", &error));
        assert_int_equal(mode_of(env), 0600);
        assert_true(nook_alloc_remove(alloc, &error));
        assert_int_equal(access(parent, F_OK), -1);
        assert_int_equal(access(env, F_OK), -1);
        assert_int_equal(access(link, F_OK), -1);
        assert_int_equal(access(other, F_OK), 0);
}

static void secrets_are_refused_on_a_disk(void **state) {
        Fixture *fixture = *state;
        g_autofree char *run = fixture_path(fixture, "run");
        g_autofree char *secrets = fixture_path(fixture, "run/secrets/" ID);
        NookDirs dirs = {.state = fixture->state, .run = run, .cache = fixture->cache};
        g_autoptr(NookAlloc) alloc = nook_alloc_create(&dirs, ID, NULL);
        g_autoptr(GError) error = NULL;

        assert_non_null(alloc);
        if (nook_alloc_add_directory(alloc, secrets, 0777, (uid_t)-1, (gid_t)-1, &error))
                return; /* /tmp is a tmpfs here */
        assert_true(g_error_matches(error, NOOK_ERROR, NOOK_ERROR_UNSUPPORTED));
}

static void a_record_is_read_after_the_commit_only(void **state) {
        Fixture *fixture = *state;
        g_autoptr(NookAlloc) alloc = create(fixture, ID);
        g_autofree char *text = NULL, *record = NULL, *note = NULL;
        g_autoptr(GError) error = NULL;
        size_t size = 0;

        assert_true(nook_alloc_write_record(alloc, "{\"a\":1}", 7, &error));
        assert_false(nook_alloc_read_record(&fixture->dirs, ID, &text, &size, &error));
        assert_true(g_error_matches(error, NOOK_ERROR, NOOK_ERROR_NOT_FOUND));
        g_clear_error(&error);
        assert_true(nook_alloc_commit(alloc, "one\ntwo\n", &error));
        assert_true(nook_alloc_read_record(&fixture->dirs, ID, &text, &size, &error));
        assert_int_equal(size, 7);
        assert_string_equal(text, "{\"a\":1}");
        assert_true(nook_alloc_read_note(&fixture->dirs, ID, &note, &error));
        assert_string_equal(note, "one\ntwo\n");
        record = g_build_filename(nook_alloc_path(alloc), ".job.json", NULL);
        assert_int_equal(mode_of(record), 0600);

        /* What a power failure leaves of a file that was not flushed. */
        assert_int_equal(truncate(record, 3), 0);
        g_clear_pointer(&text, g_free);
        assert_false(nook_alloc_read_record(&fixture->dirs, ID, &text, &size, &error));
        assert_true(g_error_matches(error, NOOK_ERROR, NOOK_ERROR_IO));
}

static void half_made_ones_are_swept_when_their_maker_is_dead(void **state) {
        Fixture *fixture = *state;
        g_autoptr(NookAlloc) living = create(fixture, OTHER);
        g_autofree char *path = NULL;
        g_autoptr(GError) error = NULL;
        guint count = 0;
        int status;
        pid_t pid = fork();

        if (pid == 0) {
                NookAlloc *alloc = nook_alloc_create(&fixture->dirs, ID, NULL);

                add(alloc, "web", 0755);
                raise(SIGKILL);
        }
        assert_int_equal(waitpid(pid, &status, 0), pid);
        path = g_build_filename(fixture->state, "alloc", ID, NULL);
        assert_int_equal(access(path, F_OK), 0);
        assert_true(nook_alloc_sweep(&fixture->dirs, &count, &error));
        assert_int_equal(count, 1);
        assert_int_equal(access(path, F_OK), -1);
        assert_int_equal(access(nook_alloc_path(living), F_OK), 0);
}

static void a_directory_without_a_lock_is_swept(void **state) {
        Fixture *fixture = *state;
        g_autoptr(NookAlloc) alloc = create(fixture, OTHER);
        g_autofree char *path = g_build_filename(fixture->state, "alloc", ID, NULL);
        guint count = 0;

        assert_int_equal(mkdir(path, 0700), 0);
        assert_true(nook_alloc_sweep(&fixture->dirs, &count, NULL));
        assert_int_equal(count, 1);
}

static void an_interrupted_removal_is_finished(void **state) {
        Fixture *fixture = *state;
        g_autoptr(NookAlloc) alloc = create(fixture, OTHER);
        g_autofree char *dead = g_build_filename(fixture->state, "alloc", ".dead-" ID, NULL);
        g_autofree char *inner = g_build_filename(dead, "web", NULL);
        g_autofree char *env = run_path(fixture, "env");
        g_autofree char *file = run_path(fixture, "env/" ID ".web");

        assert_int_equal(g_mkdir_with_parents(inner, 0700), 0);
        assert_int_equal(mkdir(env, 0700), 0);
        assert_true(g_file_set_contents(file, "A=1\n", -1, NULL));
        assert_true(nook_alloc_sweep(&fixture->dirs, NULL, NULL));
        assert_int_equal(access(dead, F_OK), -1);
        assert_int_equal(access(file, F_OK), -1);
}

static bool is_other(const char *id, void *user) {
        return g_str_equal(id, OTHER);
}

static void gc_removes_what_nothing_uses(void **state) {
        static const char *const ids[] = {ID, OTHER};
        Fixture *fixture = *state;
        g_autoptr(GPtrArray) infos = NULL;
        guint count = 0;

        for (size_t i = 0; i < G_N_ELEMENTS(ids); i++) {
                g_autoptr(NookAlloc) alloc = create(fixture, ids[i]);

                assert_true(nook_alloc_write_record(alloc, "{}", 2, NULL));
                assert_true(nook_alloc_commit(alloc, NULL, NULL));
        }
        {
                /* One that a process works on is kept, whatever the manager says. */
                g_autoptr(NookAlloc) alloc = nook_alloc_open(&fixture->dirs, ID, NULL);

                assert_non_null(alloc);
                assert_null(nook_alloc_open(&fixture->dirs, ID, NULL));
                assert_true(nook_alloc_gc(&fixture->dirs, is_other, NULL, &count, NULL));
                assert_int_equal(count, 0);
        }
        assert_true(nook_alloc_sweep(&fixture->dirs, &count, NULL));
        assert_int_equal(count, 0);
        assert_true(nook_alloc_gc(&fixture->dirs, is_other, NULL, &count, NULL));
        assert_int_equal(count, 1);
        infos = nook_alloc_list(&fixture->dirs, NULL);
        assert_int_equal(infos->len, 1);
        assert_string_equal(((NookAllocInfo *)infos->pdata[0])->id, OTHER);
        assert_true(((NookAllocInfo *)infos->pdata[0])->is_committed);
        assert_false(((NookAllocInfo *)infos->pdata[0])->is_locked);
}

static void one_in_memory_is_found_and_collected_like_the_others(void **state) {
        Fixture *fixture = *state;
        const NookDirs memory = {fixture->run, fixture->run, fixture->cache};
        g_autofree char *text = NULL, *half_made = run_path(fixture, "alloc/half-made");
        g_autoptr(GPtrArray) infos = NULL;
        guint count = 0;

        {
                g_autoptr(NookAlloc) alloc = nook_alloc_create(&memory, ID, NULL);
                g_autoptr(NookAlloc) other = create(fixture, OTHER);

                assert_non_null(alloc);
                assert_true(g_str_has_prefix(nook_alloc_path(alloc), fixture->run));
                assert_true(nook_alloc_write_record(alloc, "{}", 2, NULL));
                assert_true(nook_alloc_commit(alloc, NULL, NULL));
                assert_true(nook_alloc_write_record(other, "{}", 2, NULL));
                assert_true(nook_alloc_commit(other, NULL, NULL));
        }
        infos = nook_alloc_list(&fixture->dirs, NULL);
        assert_int_equal(infos->len, 2);
        assert_true(nook_alloc_read_record(&fixture->dirs, ID, &text, NULL, NULL));
        {
                g_autoptr(NookAlloc) alloc = nook_alloc_open(&fixture->dirs, ID, NULL);

                assert_non_null(alloc);
        }
        assert_int_equal(mkdir(half_made, 0700), 0);
        assert_true(nook_alloc_sweep(&fixture->dirs, &count, NULL));
        assert_int_equal(count, 1);
        assert_true(nook_alloc_gc(&fixture->dirs, is_other, NULL, &count, NULL));
        assert_int_equal(count, 1);
        g_clear_pointer(&text, g_free);
        assert_false(nook_alloc_read_record(&fixture->dirs, ID, &text, NULL, NULL));
        assert_true(nook_alloc_read_record(&fixture->dirs, OTHER, &text, NULL, NULL));
}

static void a_state_that_others_can_write_is_refused(void **state) {
        Fixture *fixture = *state;
        g_autoptr(GError) error = NULL;

        assert_int_equal(mkdir(fixture->state, 0700), 0);
        assert_int_equal(chmod(fixture->state, 0777), 0);
        assert_null(nook_alloc_create(&fixture->dirs, ID, &error));
        assert_true(g_error_matches(error, NOOK_ERROR, NOOK_ERROR_PATH));
}

static void without_a_state_there_is_nothing(void **state) {
        Fixture *fixture = *state;
        g_autoptr(GPtrArray) infos = nook_alloc_list(&fixture->dirs, NULL);
        guint count = 1;

        assert_int_equal(infos->len, 0);
        assert_true(nook_alloc_sweep(&fixture->dirs, &count, NULL));
        assert_int_equal(count, 0);
        assert_int_equal(access(fixture->state, F_OK), -1);
}

int main(void) {
        const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)
                TEST(nobody_else_walks_into_an_allocation),
                TEST(an_id_is_taken_once),
                TEST(an_id_is_a_plain_name),
                TEST(directories_stay_inside),
                TEST(a_link_planted_on_the_way_is_not_followed),
                TEST(secrets_and_environment_go_with_the_allocation),
                TEST(secrets_are_refused_on_a_disk),
                TEST(a_record_is_read_after_the_commit_only),
                TEST(half_made_ones_are_swept_when_their_maker_is_dead),
                TEST(a_directory_without_a_lock_is_swept),
                TEST(an_interrupted_removal_is_finished),
                TEST(gc_removes_what_nothing_uses),
                TEST(one_in_memory_is_found_and_collected_like_the_others),
                TEST(a_state_that_others_can_write_is_refused),
                TEST(without_a_state_there_is_nothing),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
