/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "test.h"

#include <elf.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "fixture-dirs.h"
#include "path.h"

/* A host tree in TOP/host, seen in the task's root as /usr, /etc and /local. */
static NookRoot *make_root(const Fixture *fixture) {
        static const char *const names[] = {"usr", "etc", "local"};
        NookRoot *root = nook_root_new();

        for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
                g_autofree char *source = g_build_filename(fixture->top, "host", names[i], NULL);
                g_autofree char *destination = g_strconcat("/", names[i], NULL);

                assert_int_equal(g_mkdir_with_parents(source, 0755), 0);
                assert_true(nook_root_add_mount(root, destination, source, false, NULL));
        }
        assert_true(nook_root_add_link(root, "/bin", "usr/bin", NULL));
        assert_int_equal(chmod(fixture->top, 0755), 0);
        return root;
}

static void link_in(const Fixture *fixture, const char *name, const char *target) {
        g_autofree char *path = fixture_path(fixture, name);
        g_autofree char *parent = g_path_get_dirname(path);

        assert_int_equal(g_mkdir_with_parents(parent, 0755), 0);
        assert_int_equal(symlink(target, path), 0);
}

static void assert_leads(const NookRoot *root, const char *path, const char *expected) {
        g_auto(NookResolved) resolved = {.fd = -1};
        g_autoptr(GError) error = NULL;

        if (!nook_root_resolve(root, path, &resolved, &error))
                fail_msg("%s", error->message);
        assert_string_equal(resolved.path, expected);
}

static void assert_fails(const NookRoot *root, const char *path, NookErrorCode code,
                         const char *message) {
        g_auto(NookResolved) resolved = {.fd = -1};
        g_autoptr(GError) error = NULL;

        assert_false(nook_root_resolve(root, path, &resolved, &error));
        assert_string_equal(error->message, message);
        assert_int_equal(error->code, code);
}

static void links_resolve_in_the_root_and_not_on_the_host(void **state) {
        Fixture *fixture = *state;
        g_autoptr(NookRoot) root = make_root(fixture);

        fixture_write(fixture, "host/usr/lib/jvm/java", "x", 0755);
        link_in(fixture, "host/usr/bin/java", "/etc/alternatives/java");
        link_in(fixture, "host/etc/alternatives/java", "/usr/lib/jvm/java");
        link_in(fixture, "host/usr/bin/up", "../../../../../usr/lib/jvm/java");
        assert_leads(root, "/bin/java", "/usr/lib/jvm/java");
        assert_leads(root, "/bin/../bin/./java", "/usr/lib/jvm/java");
        assert_leads(root, "/usr/bin/up", "/usr/lib/jvm/java");
        assert_leads(root, "/bin", "/usr/bin");
        assert_leads(root, "/", "/");
        assert_leads(root, "/..", "/");
}

static void a_link_out_of_the_root_is_named(void **state) {
        Fixture *fixture = *state;
        g_autoptr(NookRoot) root = make_root(fixture);

        link_in(fixture, "host/usr/bin/tool", "/opt/nook-nowhere/tool");
        assert_fails(root, "/usr/bin/tool", NOOK_ERROR_NOT_FOUND,
                     "'/opt/nook-nowhere/tool' is not in the task's root ('/usr/bin/tool' leads "
                     "there by a link)");
}

static void the_missing_entry_is_named(void **state) {
        Fixture *fixture = *state;
        g_autoptr(NookRoot) root = make_root(fixture);
        g_autofree char *there = fixture_path(fixture, "there"), *message = NULL, *top = NULL;

        fixture_write(fixture, "there", "x", 0755);
        top = g_strndup(there, (gsize)(strchr(there + 1, '/') - there));
        message = g_strdup_printf("'%s' is not in the task's root; the host has it: add \"%s\" = "
                                  "\"%s\" to chroot_env",
                                  top, top, top);
        assert_fails(root, there, NOOK_ERROR_NOT_FOUND, message);
        assert_fails(root, "/usr/none", NOOK_ERROR_NOT_FOUND,
                     "'/usr/none' is not in the task's root");
}

static void loops_and_files_on_the_way_are_errors(void **state) {
        Fixture *fixture = *state;
        g_autoptr(NookRoot) root = make_root(fixture);

        link_in(fixture, "host/usr/a", "b");
        link_in(fixture, "host/usr/b", "a");
        fixture_write(fixture, "host/usr/file", "x", 0755);
        assert_fails(root, "/usr/a", NOOK_ERROR_PATH, "'/usr/a' leads through more than 40 links");
        assert_fails(root, "/usr/file/x", NOOK_ERROR_PATH,
                     "'/usr/file' in the task's root is no directory");
        assert_fails(root, "usr", NOOK_ERROR_PATH,
                     "'usr' is not absolute or is longer than 4095 bytes");
}

static void the_deepest_and_latest_mount_counts(void **state) {
        Fixture *fixture = *state;
        g_autoptr(NookRoot) root = make_root(fixture);
        g_autofree char *one = fixture_path(fixture, "one"), *two = fixture_path(fixture, "two");
        g_autofree char *file = fixture_path(fixture, "one/in-one");

        fixture_write(fixture, "one/in-one", "x", 0644);
        fixture_write(fixture, "two/in-two", "x", 0644);
        fixture_write(fixture, "host/usr/share/hidden", "x", 0644);
        assert_true(nook_root_add_mount(root, "/usr/share", one, false, NULL));
        assert_leads(root, "/usr/share/in-one", "/usr/share/in-one");
        assert_fails(root, "/usr/share/hidden", NOOK_ERROR_NOT_FOUND,
                     "'/usr/share/hidden' is not in the task's root");
        assert_true(nook_root_add_mount(root, "/usr/share", two, false, NULL));
        assert_leads(root, "/usr/share/in-two", "/usr/share/in-two");
        assert_true(nook_root_add_mount(root, "/run/a/b", NULL, false, NULL));
        assert_leads(root, "/run/a/b", "/run/a/b");
        assert_leads(root, "/run/a", "/run/a");
        assert_true(nook_root_add_mount(root, "/etc/resolv.conf", file, false, NULL));
        assert_leads(root, "/etc/resolv.conf", "/etc/resolv.conf");
}

static void destinations_stay_inside(void **state) {
        g_autoptr(NookRoot) root = nook_root_new();
        g_autoptr(GError) error = NULL;

        assert_false(nook_root_add_mount(root, "/usr/../x", "/", false, &error));
        assert_string_equal(error->message, "destination '/usr/../x': it has \"..\"");
        g_clear_error(&error);
        assert_false(nook_root_add_mount(root, "/x", "/nook-nowhere", false, &error));
        assert_true(g_error_matches(error, NOOK_ERROR, NOOK_ERROR_NOT_FOUND));
        assert_string_equal(error->message, "source '/nook-nowhere': No such file or directory");
}

/* --- commands -------------------------------------------------------------------------------- */

static const char *const lookup[] = {"/local/tool",   "/tool",     "/usr/local/bin/tool",
                                     "/usr/bin/tool", "/bin/tool", NULL};

static NookRunAs me(void) {
        return (NookRunAs){.is_dynamic = geteuid() == 0, .uid = geteuid(), .gid = getegid()};
}

static void assert_found(const NookRoot *root, const char *expected) {
        NookRunAs run_as = me();
        g_autofree char *path = NULL;
        g_autoptr(GError) error = NULL;

        if (!nook_root_find_command(root, "tool", lookup, &run_as, &path, &error))
                fail_msg("%s", error->message);
        assert_string_equal(path, expected);
}

static void assert_not_run(const NookRoot *root, NookErrorCode code, const char *message) {
        NookRunAs run_as = me();
        g_autofree char *path = NULL;
        g_autoptr(GError) error = NULL;

        assert_false(nook_root_find_command(root, "tool", lookup, &run_as, &path, &error));
        assert_string_equal(error->message, message);
        assert_int_equal(error->code, code);
}

static void the_first_regular_file_is_taken(void **state) {
        Fixture *fixture = *state;
        g_autoptr(NookRoot) root = make_root(fixture);
        g_autofree char *directory = fixture_path(fixture, "host/local/tool");

        fixture_write(fixture, "host/usr/bin/sh", "\177ELF", 0755);
        fixture_write(fixture, "host/usr/bin/tool", "#!/usr/bin/static\n", 0755);
        assert_not_run(root, NOOK_ERROR_COMMAND_NOT_EXECUTABLE,
                       "command 'tool': '/usr/bin/tool' needs '/usr/bin/static': "
                       "'/usr/bin/static' is not in the task's root");
        assert_int_equal(mkdir(directory, 0755), 0);
        link_in(fixture, "host/usr/bin/static", "/proc-not-here");
        assert_not_run(root, NOOK_ERROR_COMMAND_NOT_EXECUTABLE,
                       "command 'tool': '/usr/bin/tool' needs '/usr/bin/static': "
                       "'/proc-not-here' is not in the task's root ('/usr/bin/static' leads "
                       "there by a link)");
}

static void a_command_that_is_nowhere_says_where_it_was_looked_for(void **state) {
        g_autoptr(NookRoot) root = make_root(*state);

        assert_not_run(root, NOOK_ERROR_COMMAND_NOT_FOUND,
                       "command 'tool' is not in the task's root (looked for /local/tool, /tool, "
                       "/usr/local/bin/tool, /usr/bin/tool, /bin/tool)");
}

/* Copies a program of the host's with its loader's path changed to one in the fixture. */
static void write_elf(const Fixture *fixture, const char *name, const char *loader) {
        g_autofree char *path = fixture_path(fixture, name);
        g_autofree char *parent = g_path_get_dirname(path);
        struct {
                Elf64_Ehdr header;
                Elf64_Phdr program[2];
                char loader[64];
        } image = {0};

        memcpy(image.header.e_ident, ELFMAG, SELFMAG);
        image.header.e_ident[EI_CLASS] = ELFCLASS64;
        image.header.e_ident[EI_DATA] = G_BYTE_ORDER == G_LITTLE_ENDIAN ? ELFDATA2LSB : ELFDATA2MSB;
        image.header.e_phoff = sizeof(Elf64_Ehdr);
        image.header.e_phentsize = sizeof(Elf64_Phdr);
        image.header.e_phnum = loader != NULL ? 2 : 1;
        image.program[0].p_type = PT_LOAD;
        image.program[1].p_type = PT_INTERP;
        image.program[1].p_offset = offsetof(__typeof__(image), loader);
        image.program[1].p_filesz = loader != NULL ? strlen(loader) + 1 : 0;
        g_strlcpy(image.loader, loader != NULL ? loader : "", sizeof(image.loader));
        assert_int_equal(g_mkdir_with_parents(parent, 0755), 0);
        assert_true(g_file_set_contents(path, (const char *)&image, sizeof(image), NULL));
        assert_int_equal(chmod(path, 0755), 0);
}

static void loader_and_interpreter_are_looked_for(void **state) {
        Fixture *fixture = *state;
        g_autoptr(NookRoot) root = make_root(fixture);
        g_autofree char *loader = fixture_path(fixture, "host/usr/lib/ld.so");
        g_autofree char *user = g_strdup_printf("uid %u, gid %u", geteuid(), getegid());
        g_autofree char *message = NULL;

        write_elf(fixture, "host/usr/bin/tool", "/usr/lib/ld.so");
        assert_not_run(root, NOOK_ERROR_COMMAND_NOT_EXECUTABLE,
                       "command 'tool': '/usr/bin/tool' needs '/usr/lib/ld.so': '/usr/lib' is not "
                       "in the task's root");
        write_elf(fixture, "host/usr/lib/ld.so", NULL);
        assert_found(root, "/usr/bin/tool");
        assert_int_equal(chmod(loader, 0644), 0);
        message = g_strdup_printf("command 'tool': '/usr/bin/tool' needs '/usr/lib/ld.so': "
                                  "'/usr/lib/ld.so' is not executable for the task's user (%s) "
                                  "(mode 0644, uid %u, gid %u)",
                                  geteuid() == 0 ? "a dynamic one" : user, geteuid(), getegid());
        assert_not_run(root, NOOK_ERROR_COMMAND_NOT_EXECUTABLE, message);
}

static void a_script_from_windows_is_explained(void **state) {
        Fixture *fixture = *state;
        g_autoptr(NookRoot) root = make_root(fixture);

        write_elf(fixture, "host/usr/bin/sh", NULL);
        fixture_write(fixture, "host/usr/bin/tool", "#! /usr/bin/sh\r\necho\r\n", 0755);
        assert_not_run(root, NOOK_ERROR_COMMAND_NOT_EXECUTABLE,
                       "command 'tool': '/usr/bin/tool' needs '/usr/bin/sh\\x0d': "
                       "'/usr/bin/sh\\x0d' is not in the task's root");
        fixture_write(fixture, "host/usr/bin/tool", "#! /usr/bin/sh -e\n", 0755);
        assert_found(root, "/usr/bin/tool");
}

static void scripts_may_name_scripts_but_not_for_ever(void **state) {
        Fixture *fixture = *state;
        g_autoptr(NookRoot) root = make_root(fixture);

        fixture_write(fixture, "host/usr/bin/tool", "#!/usr/bin/tool\n", 0755);
        assert_not_run(root, NOOK_ERROR_COMMAND_NOT_EXECUTABLE,
                       "command 'tool': '/usr/bin/tool' needs '/usr/bin/tool': "
                       "'/usr/bin/tool' needs '/usr/bin/tool': '/usr/bin/tool' needs "
                       "'/usr/bin/tool': '/usr/bin/tool' needs '/usr/bin/tool': '/usr/bin/tool' "
                       "needs '/usr/bin/tool': '/usr/bin/tool' needs '/usr/bin/tool': "
                       "'/usr/bin/tool' is the end of more than 5 interpreters");
}

static void damaged_programs_are_refused(void **state) {
        Fixture *fixture = *state;
        g_autoptr(NookRoot) root = make_root(fixture);
        static const char *const texts[] = {"\177ELF", "\177ELF\2\1\1 nothing more", "#!", "#!\n",
                                            "#!   \n/bin/sh"};

        for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
                fixture_write(fixture, "host/usr/bin/tool", texts[i], 0755);
                assert_not_run(root, NOOK_ERROR_COMMAND_NOT_EXECUTABLE,
                               "command 'tool': '/usr/bin/tool' is damaged: its ELF header or its "
                               "#! line makes no sense");
        }
}

/* For root only: it takes another user's ids. */
static void the_tasks_user_is_asked_about(void **state) {
        Fixture *fixture = *state;
        g_autoptr(NookRoot) root = make_root(fixture);
        g_autofree char *path = fixture_path(fixture, "host/usr/bin/tool");
        g_autofree char *directory = fixture_path(fixture, "host/usr/bin");
        g_autofree char *found = NULL, *message = NULL;
        g_autoptr(GError) error = NULL;
        gid_t groups[] = {12345};
        NookRunAs run_as = {.uid = 23456, .gid = 23456, .groups = groups, .n_groups = 1};

        write_elf(fixture, "host/usr/bin/tool", NULL);
        assert_int_equal(chmod(path, 0750), 0);
        assert_not_run(root, NOOK_ERROR_COMMAND_NOT_EXECUTABLE,
                       "command 'tool': '/usr/bin/tool' is not executable for the task's user (a "
                       "dynamic one) (mode 0750, uid 0, gid 0)");
        assert_int_equal(chown(path, 0, 12345), 0);
        assert_true(nook_root_find_command(root, "tool", lookup, &run_as, &found, &error));
        assert_int_equal(chmod(directory, 0700), 0);
        g_clear_pointer(&found, g_free);
        assert_false(nook_root_find_command(root, "tool", lookup, &run_as, &found, &error));
        message = g_strdup_printf(
                "command 'tool': '/usr/bin/tool' cannot be reached by the task's user (uid 23456, "
                "gid 23456): the host's directory '%s' gives no search permission",
                directory);
        assert_string_equal(error->message, message);
        /* Nothing was made executable on the way. */
        assert_int_equal(access(path, X_OK), 0);
}

static void a_noexec_mount_is_named(void **state) {
        Fixture *fixture = *state;
        g_autoptr(NookRoot) root = make_root(fixture);
        g_autofree char *source = fixture_path(fixture, "host/local");

        write_elf(fixture, "host/local/tool", NULL);
        assert_found(root, "/local/tool");
        assert_true(nook_root_add_mount(root, "/local", source, true, NULL));
        assert_not_run(root, NOOK_ERROR_COMMAND_NOT_EXECUTABLE,
                       "command 'tool': '/local/tool' is on a mount where nothing can be executed "
                       "(noexec)");
}

int main(void) {
        const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)
                TEST(links_resolve_in_the_root_and_not_on_the_host),
                TEST(a_link_out_of_the_root_is_named),
                TEST(the_missing_entry_is_named),
                TEST(loops_and_files_on_the_way_are_errors),
                TEST(the_deepest_and_latest_mount_counts),
                TEST(destinations_stay_inside),
                TEST(the_first_regular_file_is_taken),
                TEST(a_command_that_is_nowhere_says_where_it_was_looked_for),
                TEST(loader_and_interpreter_are_looked_for),
                TEST(a_script_from_windows_is_explained),
                TEST(scripts_may_name_scripts_but_not_for_ever),
                TEST(damaged_programs_are_refused),
                TEST(a_noexec_mount_is_named),
        };
        const struct CMUnitTest of_root[] = {
                TEST(the_tasks_user_is_asked_about),
        };
        int failed = cmocka_run_group_tests(tests, NULL, NULL);

        return failed + (geteuid() ? 0 : cmocka_run_group_tests(of_root, NULL, NULL));
}
