/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>
#include <glib/gstdio.h>

#include "base/error.h"
#include "dropin.h"

static void write_drop_in(const char *root, const char *dir, const char *text) {
        g_autofree char *path = g_build_filename(root, dir, NULL);
        g_autofree char *file = g_build_filename(path, "10-fleet.conf", NULL);

        assert_int_equal(g_mkdir_with_parents(path, 0755), 0);
        assert_true(g_file_set_contents(file, text, -1, NULL));
}

static void remove_drop_in(const char *root, const char *dir) {
        g_autofree char *path = g_build_filename(root, dir, NULL);
        g_autofree char *file = g_build_filename(path, "10-fleet.conf", NULL);

        assert_int_equal(g_unlink(file), 0);
        while (!g_str_equal(path, root) && g_rmdir(path) == 0)
                *strrchr(path, '/') = 0;
}

static NookUnit *make_unit(void) {
        NookUnit *unit = nook_unit_new("nook-a-b.service", NOOK_UNIT_SERVICE);

        nook_unit_add_text(unit, "ProtectSystem", "strict", NOOK_ORIGIN_WALL, NULL);
        return unit;
}

static void assert_judged(const char *dir, const char *text, const char *message) {
        g_autofree char *root = g_dir_make_tmp("nook-test-XXXXXX", NULL);
        g_autoptr(NookUnit) unit = make_unit();
        g_autoptr(GError) error = NULL;

        assert_non_null(root);
        write_drop_in(root, dir, text);
        assert_int_equal(nook_drop_ins_check(unit, root, false, &error), message == NULL);
        if (message != NULL) {
                assert_true(g_error_matches(error, NOOK_ERROR, NOOK_ERROR_REFUSED));
                assert_string_equal(error->message, message);
        }
        remove_drop_in(root, dir);
        (void)g_rmdir(root);
}

static void a_fleet_s_drop_in_that_opens_a_wall_is_refused(void **state) {
        (void)state;
        assert_judged("/etc/systemd/system/service.d", "# ours\n[Service]\nUser=root\n",
                      "/etc/systemd/system/service.d/10-fleet.conf:3: User=root would apply to "
                      "'nook-a-b.service', and it opens a wall");
        assert_judged("/run/systemd/system/nook-a-.service.d", "[Service]\nProtectSystem=no\n",
                      "/run/systemd/system/nook-a-.service.d/10-fleet.conf:2: ProtectSystem=no "
                      "would apply to 'nook-a-b.service', and it replaces a wall of the task");
        assert_judged("/etc/systemd/system/nook-a-b.service.d", "[Service]\nNewThing=1\n",
                      "/etc/systemd/system/nook-a-b.service.d/10-fleet.conf:2: NewThing=1 would "
                      "apply to 'nook-a-b.service', and nook does not know what it does to a "
                      "task's walls");
}

static void limits_and_dependencies_of_a_fleet_may_apply(void **state) {
        (void)state;
        assert_judged("/etc/systemd/system/service.d",
                      "[Unit]\nOnFailure=mail@%n.service\n[Service]\nLimitNOFILE=1024\n"
                      "PrivateNetwork=yes\n",
                      NULL);
        assert_judged("/etc/systemd/system/other-.service.d", "[Service]\nUser=root\n", NULL);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_fleet_s_drop_in_that_opens_a_wall_is_refused),
                cmocka_unit_test(limits_and_dependencies_of_a_fleet_may_apply),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
