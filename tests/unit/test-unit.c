/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "test.h"

#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#include "unit-samples.h"
#include "unit/unit.h"

static void add(NookUnit *unit, const char *key, const char *text) {
        nook_unit_add_text(unit, key, text, NOOK_ORIGIN_NOOK, NULL);
}

static void a_unit_is_written_by_sections_in_order(void **state) {
        g_autoptr(NookUnit) unit = nook_unit_new("nook-web.service", NOOK_UNIT_SERVICE);
        g_autofree char *text = NULL;

        add(unit, "ExecStart", "/bin/true '100%' 'a b'");
        add(unit, "Description", "50% done");
        add(unit, "MemoryMax", "300M");
        text = nook_unit_to_file_text(unit, "made by nook\nfrom web.hcl");
        assert_string_equal(text, "# made by nook\n"
                                  "# from web.hcl\n"
                                  "\n"
                                  "[Unit]\n"
                                  "Description=50%% done\n"
                                  "\n"
                                  "[Service]\n"
                                  "ExecStart=/bin/true 100%% \"a b\"\n"
                                  "MemoryMax=300M\n");
}

static void a_slice_has_its_own_section(void **state) {
        g_autoptr(NookUnit) unit = nook_unit_new("nook-a.slice", NOOK_UNIT_SLICE);
        g_autofree char *text = NULL;

        add(unit, "StopWhenUnneeded", "yes");
        add(unit, "TasksMax", "10%");
        text = nook_unit_to_file_text(unit, NULL);
        assert_string_equal(text, "[Unit]\nStopWhenUnneeded=yes\n\n[Slice]\nTasksMax=10%\n");
}

static void a_later_value_replaces_an_earlier_one_but_in_lists(void **state) {
        g_autoptr(NookUnit) unit = nook_unit_new("nook-web.service", NOOK_UNIT_SERVICE);
        g_autoptr(GVariant) properties = NULL;
        g_autofree char *printed = NULL;

        add(unit, "Nice", "1");
        add(unit, "SystemCallFilter", "@system-service");
        add(unit, "Nice", "2");
        add(unit, "SystemCallFilter", "~@mount");
        properties = nook_unit_to_properties(unit);
        printed = g_variant_print(properties, FALSE);
        assert_string_equal(printed, "[('SystemCallFilter', <(true, ['@system-service'])>), "
                                     "('Nice', <2>), ('SystemCallFilter', <(false, ['@mount'])>)]");
        assert_string_equal(nook_unit_find(unit, "Nice")->directive->key, "Nice");
        assert_null(nook_unit_find(unit, "MemoryMax"));
        nook_unit_remove(unit, "SystemCallFilter");
        assert_int_equal(unit->settings->len, 1);
}

static void needs_are_those_of_the_rows(void **state) {
        g_autoptr(NookUnit) unit = nook_unit_new("nook-web.service", NOOK_UNIT_SERVICE);

        assert_int_equal(nook_unit_needs(unit), 0);
        add(unit, "MemoryMax", "1G");
        add(unit, "PrivateNetwork", "yes");
        assert_int_equal(nook_unit_needs(unit), NOOK_NEED_MEMORY | NOOK_NEED_NETWORK_NAMESPACE);
}

/* --- systemd's own verifier ----------------------------------------------------------------------
 */

/* Rows that the verifier of this machine's systemd cannot be asked about. */
static bool is_beyond_verifier(const NookDirective *row) {
        static const char *const keys[] = {"Slice",        /* must be that of the unit's place */
                                           "SourcePath",   /* must exist */
                                           "LogNamespace", /* pulls in a socket that is not here */
                                           "PAMName",
                                           "SmackProcessLabel",
                                           "ExecStart",
                                           "Requires",
                                           "Requisite",
                                           "BindsTo", /* units that do not exist */
                                           "Type",
                                           "BusName",
                                           "RootImage",
                                           "ConditionNeedsUpdate",
                                           "AssertNeedsUpdate",
                                           NULL};

        return row->since > 252 || g_strv_contains(keys, row->key);
}

static char *run_verifier(const char *path) {
        const char *argv[] = {"systemd-analyze",       "verify", "--man=no",
                              "--recursive-errors=no", path,     NULL};
        g_autofree char *output = NULL, *errors = NULL;
        int status;

        if (!g_spawn_sync(NULL, (char **)(gpointer)argv, NULL,
                          G_SPAWN_SEARCH_PATH | G_SPAWN_STDOUT_TO_DEV_NULL, NULL, NULL, NULL,
                          &errors, &status, NULL))
                return NULL;
        return g_strdup(errors);
}

/* What systemd says about a unit that holds every row of a kind. */
static char *verify_kind(NookUnitKind kind, const char *directory) {
        g_autofree char *name = g_strconcat("every-row", nook_unit_kind_to_suffix(kind), NULL);
        g_autofree char *path = g_build_filename(directory, name, NULL);
        g_autoptr(NookUnit) unit = nook_unit_new(name, kind);
        g_autofree char *text = NULL;
        gsize count;
        const NookDirective *table = nook_directive_table(&count);

        for (gsize i = 0; i < count; i++)
                if ((table[i].kinds & kind) != 0 && !is_beyond_verifier(&table[i]))
                        add(unit, table[i].key, sample_of(&table[i]));
        if (kind == NOOK_UNIT_SERVICE)
                add(unit, "ExecStart", "/bin/true");
        text = nook_unit_to_file_text(unit, NULL);
        assert_true(g_file_set_contents(path, text, -1, NULL));
        return run_verifier(path);
}

/* Complaints about the machine, not about the syntax. */
static bool is_about_syntax(const char *line) {
        return strstr(line, "Unknown key") != NULL || strstr(line, "Failed to parse") != NULL ||
               strstr(line, "Invalid") != NULL || strstr(line, "ignoring") != NULL ||
               strstr(line, "Unknown") != NULL;
}

static void remove_directory(const char *directory) {
        const char *argv[] = {"rm", "-r", directory, NULL};

        (void)g_spawn_sync(NULL, (char **)(gpointer)argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL,
                           NULL, NULL, NULL, NULL);
}

static void systemd_takes_every_row(void **state) {
        g_autofree char *directory = g_dir_make_tmp("nook-test-XXXXXX", NULL);
        static const NookUnitKind kinds[] = {NOOK_UNIT_SERVICE, NOOK_UNIT_SLICE};
        g_autofree char *program = g_find_program_in_path("systemd-analyze");
        guint n_bad = 0;

        if (program == NULL)
                test_cannot_run("no systemd-analyze");
        for (gsize i = 0; i < G_N_ELEMENTS(kinds); i++) {
                g_autofree char *said = verify_kind(kinds[i], directory);
                g_auto(GStrv) lines = g_strsplit(said, "\n", -1);

                for (char **line = lines; *line != NULL; line++)
                        if (is_about_syntax(*line)) {
                                print_error("%s\n", *line);
                                n_bad++;
                        }
        }
        remove_directory(directory);
        assert_int_equal(n_bad, 0);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_unit_is_written_by_sections_in_order),
                cmocka_unit_test(a_slice_has_its_own_section),
                cmocka_unit_test(a_later_value_replaces_an_earlier_one_but_in_lists),
                cmocka_unit_test(needs_are_those_of_the_rows),
                cmocka_unit_test(systemd_takes_every_row),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
