/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "fixture-dirs.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "base/fd.h"
#include "test.h"
#include "tree.h"

int fixture_setup(void **state) {
        Fixture *fixture = g_new0(Fixture, 1);

        fixture->top = g_dir_make_tmp("nook-test-XXXXXX", NULL);
        fixture->run = g_strdup("/dev/shm/nook-test-XXXXXX");
        if (fixture->top == NULL || g_mkdtemp(fixture->run) == NULL)
                return -1;
        fixture->state = g_build_filename(fixture->top, "state", NULL);
        fixture->cache = g_build_filename(fixture->top, "cache", NULL);
        fixture->dirs =
                (NookDirs){.state = fixture->state, .run = fixture->run, .cache = fixture->cache};
        *state = fixture;
        return 0;
}

bool fixture_remove(const char *path, GError **error) {
        g_autofree char *parent = g_path_get_dirname(path), *name = g_path_get_basename(path);
        g_auto(NookFd) fd = open(parent, O_PATH | O_DIRECTORY | O_CLOEXEC);

        return nook_tree_remove(fd, name, path, error);
}

int fixture_teardown(void **state) {
        Fixture *fixture = *state;
        bool removed = fixture_remove(fixture->top, NULL) && fixture_remove(fixture->run, NULL);

        g_free(fixture->top);
        g_free(fixture->run);
        g_free(fixture->state);
        g_free(fixture->cache);
        g_free(fixture);
        return removed ? 0 : -1;
}

char *fixture_path(const Fixture *fixture, const char *name) {
        return g_build_filename(fixture->top, name, NULL);
}

void fixture_write(const Fixture *fixture, const char *name, const char *text, unsigned mode) {
        g_autofree char *path = fixture_path(fixture, name);
        g_autofree char *parent = g_path_get_dirname(path);

        assert_int_equal(g_mkdir_with_parents(parent, 0755), 0);
        assert_true(g_file_set_contents(path, text, -1, NULL));
        assert_int_equal(chmod(path, mode), 0);
}
