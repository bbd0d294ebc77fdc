/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <glib/gstdio.h>

#include "job-text.h"

static NookConfig *read_config(const char *const *texts, guint n, char **ret_findings) {
        g_autoptr(NookDiags) diags = nook_diags_new();
        g_autoptr(GPtrArray) sources =
                g_ptr_array_new_with_free_func((GDestroyNotify)nook_source_unref);
        NookConfig *config;

        for (guint i = 0; i < n; i++)
                g_ptr_array_add(sources, nook_source_new_text("nook.hcl", texts[i]));
        config = nook_config_read_sources((NookSource *const *)sources->pdata, n, diags);
        *ret_findings = findings_text(diags);
        return config;
}

static NookConfig *read_good(const char *text) {
        g_autofree char *findings = NULL;
        NookConfig *config = read_config(&text, 1, &findings);

        assert_string_equal(findings, "");
        assert_non_null(config);
        return config;
}

static void check_findings(const char *text, const char *wanted) {
        g_autofree char *findings = NULL;
        g_autoptr(NookConfig) config = read_config(&text, 1, &findings);

        assert_string_equal(findings, wanted);
        assert_true((config == NULL) == (strstr(wanted, " error: ") != NULL));
}

static void without_a_file_the_defaults_hold(void **state) {
        g_autoptr(NookConfig) config = nook_config_new();

        assert_false(nook_config_has_own_chroot(config));
        assert_int_equal(config->client->chroot_env.count, 9);
        assert_string_equal(nook_pairs_find(&config->client->chroot_env, "/usr")->text, "/usr");
        assert_int_equal(config->client->max_kill_timeout.nsec, 30 * INT64_C(1000000000));
        assert_int_equal(config->client->artifact->decompression_file_count_limit.value, 4096);
        assert_int_equal(config->client->artifact->http_max_size.value, INT64_C(100000000000));
        assert_false(config->raw_exec->enabled.value);
        assert_string_equal(config->exec->default_pid_mode.text, "private");
        assert_null(config->data_dir.text);
        assert_false(nook_config_allows_cap(config, "NET_RAW"));
        assert_false(nook_config_allows_directive(config, "PAMName"));
        assert_false(nook_config_allows_host_mode(config, "pid"));
        assert_true(nook_config_denies_user(config, "exec", "root"));
        assert_false(nook_config_denies_user(config, "raw_exec", "root"));
        assert_false(nook_config_denies_user(config, "exec", "web"));
        assert_false(nook_config_denies_uid(config, "exec", 0));
}

static void a_nomad_clients_file_is_read_as_it_is(void **state) {
        g_autofree char *findings = NULL;
        const char *text =
                "datacenter = \"north\"\ndata_dir = \"/opt/nomad\"\nbind_addr = \"0.0.0.0\"\n"
                "server {\n  enabled = true\n  bootstrap_expect = 1\n}\n"
                "client {\n  enabled = true\n  servers = [\"10.0.0.1\"]\n"
                "  options {\n    \"user.denylist\" = \"root,web\"\n  }\n"
                "  meta {\n    \"rack\" = \"r1\"\n  }\n"
                "  chroot_env {\n    \"/bin\" = \"/bin\"\n    \"/vagrant\" = \"/vagrant\"\n  }\n"
                "  host_volume \"data\" {\n    path = \"/srv/data\"\n    read_only = true\n  }\n"
                "  artifact {\n    http_read_timeout = \"5m\"\n    http_max_size = \"1GB\"\n  }\n"
                "  max_kill_timeout = \"1m\"\n}\n"
                "plugin \"raw_exec\" {\n  config {\n    enabled = true\n  }\n}\n"
                "plugin \"exec\" {\n  config {\n    allow_caps = [\"net_raw\", \"CAP_KILL\"]\n"
                "    denied_host_uids = \"0,10-15\"\n    allow_directives = [\"PAMName\"]\n  }\n}\n"
                "plugin \"docker\" {}\ntelemetry {}\n";
        g_autoptr(NookConfig) config = read_config(&text, 1, &findings);

        assert_non_null(config);
        assert_string_equal(findings, "3:1 note: Not used: \"bind_addr\" is a setting of a Nomad "
                                      "agent that nook has no use "
                                      "for.\n"
                                      "4:1 note: Not used: \"server\" is a setting of a Nomad "
                                      "agent that nook has no use for.\n"
                                      "44:1 note: Not used: \"telemetry\" is a setting of a Nomad "
                                      "agent that nook has no use "
                                      "for.\n"
                                      "43:1 note: Not used: nook has no driver \"docker\"; its "
                                      "drivers are exec and raw_exec.\n"
                                      "10:3 note: Not used: \"servers\" is a setting of a Nomad "
                                      "agent that nook has no use "
                                      "for.\n"
                                      "9:13 note: Not used: \"enabled\" is a setting of a Nomad "
                                      "agent that nook has no use "
                                      "for.");
        assert_string_equal(config->datacenter.text, "north");
        assert_string_equal(config->data_dir.text, "/opt/nomad");
        assert_true(nook_config_has_own_chroot(config));
        assert_int_equal(config->client->chroot_env.count, 2);
        assert_string_equal(nook_pairs_find(&config->client->meta, "rack")->text, "r1");
        assert_string_equal(nook_config_host_volume(config, "data")->path.text, "/srv/data");
        assert_null(nook_config_host_volume(config, "other"));
        assert_int_equal(config->client->artifact->http_max_size.value, 1000000000);
        assert_int_equal(config->client->max_kill_timeout.nsec, 60 * INT64_C(1000000000));
        assert_true(config->raw_exec->enabled.value);
        assert_true(nook_config_denies_user(config, "exec", "web"));
        assert_true(nook_config_allows_cap(config, "NET_RAW"));
        assert_true(nook_config_allows_cap(config, "cap_kill"));
        assert_false(nook_config_allows_cap(config, "SYS_ADMIN"));
        assert_true(nook_config_allows_directive(config, "PAMName"));
        assert_true(nook_config_denies_uid(config, "exec", 12));
        assert_false(nook_config_denies_uid(config, "exec", 16));
        assert_false(nook_config_denies_uid(config, "raw_exec", 12));
}

static void later_files_override_and_add(void **state) {
        static const char *const texts[] = {
                "client {\n  meta {\n    a = \"1\"\n    b = \"1\"\n  }\n  node_class = \"x\"\n"
                "  chroot_env {\n    \"/bin\" = \"/bin\"\n  }\n"
                "  host_volume \"v\" {\n    path = \"/a\"\n  }\n  artifact {\n    max_depth = 3\n  "
                "}\n}\n"
                "plugin \"exec\" {\n  config {\n    allow_caps = [\"kill\"]\n  }\n}\n",
                "client {\n  meta = { b = \"2\" }\n  chroot_env = { \"/usr\" = \"/usr\" }\n"
                "  host_volume \"v\" {\n    path = \"/b\"\n  }\n  host_volume \"w\" {\n    path = "
                "\"/c\"\n  }\n"
                "  artifact {\n    max_ratio = 7\n  }\n}\n"
                "plugin \"exec\" {\n  config {\n    default_pid_mode = \"host\"\n  }\n}\n",
        };
        g_autofree char *findings = NULL;
        g_autoptr(NookConfig) config = read_config(texts, 2, &findings);

        assert_string_equal(findings, "");
        assert_string_equal(nook_pairs_find(&config->client->meta, "a")->text, "1");
        assert_string_equal(nook_pairs_find(&config->client->meta, "b")->text, "2");
        assert_string_equal(config->client->node_class.text, "x");
        assert_int_equal(config->client->chroot_env.count, 2);
        assert_int_equal(config->client->host_volumes.count, 2);
        assert_string_equal(nook_config_host_volume(config, "v")->path.text, "/b");
        assert_int_equal(config->client->artifact->max_depth.value, 3);
        assert_int_equal(config->client->artifact->max_ratio.value, 7);
        assert_true(nook_config_allows_cap(config, "kill"));
        assert_true(nook_config_allows_host_mode(config, "pid"));
        assert_false(nook_config_allows_host_mode(config, "ipc"));
}

static void all_capabilities_can_be_allowed_at_once(void **state) {
        g_autoptr(NookConfig) config =
                read_good("plugin \"exec\" {\n  config {\n    allow_caps = [\"all\"]\n"
                          "    allow_host_modes = [\"ipc\"]\n  }\n}\n");

        assert_true(nook_config_allows_cap(config, "SYS_ADMIN"));
        assert_false(nook_config_allows_cap(config, "no_such_cap"));
        assert_true(nook_config_allows_host_mode(config, "ipc"));
}

static void mistakes_are_found_with_their_place(void **state) {
        check_findings("clinet {}\n", "1:1 error: Unsupported setting: There is no setting named "
                                      "\"clinet\" here. Did you mean \"client\"?");
        check_findings("clients {}\n", "1:1 error: Unsupported setting: There is no setting named "
                                       "\"clients\" here. Did you mean \"client\"?");
        check_findings(
                "client {\n  chroot_envs {}\n}\n",
                "2:3 error: Unsupported setting: There is no setting named \"chroot_envs\" here. "
                "Did you mean \"chroot_env\"?");
        check_findings(
                "client {\n  artifact {\n    http_max = \"1\"\n  }\n}\n",
                "3:5 error: Unsupported argument: An argument named \"http_max\" is not expected "
                "here.");
        check_findings(
                "client {\n  chroot_env {\n    \"bin\" = \"/bin\"\n    \"/a\" = \"/../a\"\n  "
                "}\n}\n",
                "3:5 error: Unsuitable path: A path of chroot_env must be absolute and have no "
                "\"..\", but this is \"bin\".\n"
                "4:12 error: Unsuitable path: A path of chroot_env must be absolute and have no "
                "\"..\", but this is \"/../a\".");
        check_findings("client {\n  host_volume \"v\" {}\n}\n",
                       "2:3 error: Unsuitable path: Host volume \"v\" needs an absolute path.");
        check_findings("client {\n  artifact {\n    http_max_size = \"much\"\n  }\n}\n",
                       "3:21 error: Unsuitable value: \"http_max_size\" must be a size such as "
                       "\"100MB\" or \"1GiB\", but this is the string \"much\".");
        check_findings(
                "plugin \"exec\" {\n  config {\n    allow_cap = []\n  }\n}\n",
                "3:5 error: Unsupported argument: An argument named \"allow_cap\" is not expected "
                "here. Did you mean \"allow_caps\"?");
        check_findings(
                "plugin \"exec\" {\n  config {\n    default_pid_mode = \"none\"\n"
                "    allow_caps = [\"net_rawr\"]\n    allow_host_modes = [\"net\"]\n"
                "    denied_host_uids = \"5-1\"\n    denied_host_gids = \"x\"\n  }\n}\n",
                "3:24 error: Unsuitable value: \"default_pid_mode\" must be \"private\" or "
                "\"host\", not \"none\".\n"
                "4:19 error: Unknown capability: Linux has no capability \"net_rawr\". Did you "
                "mean \"NET_RAW\"?\n"
                "5:25 error: Unsuitable value: \"allow_host_modes\" must be \"pid\" or \"ipc\", "
                "not \"net\".\n"
                "6:24 error: Unsuitable value: \"denied_host_uids\" must hold ids and ranges such "
                "as \"0,10-15\": the lower bound of \"5-1\" is greater than the upper one.\n"
                "7:24 error: Unsuitable value: \"denied_host_gids\" must hold ids and ranges such "
                "as \"0,10-15\": \"x\" is neither an id nor a range.");
}

static void a_folder_is_read_in_name_order(void **state) {
        g_autofree char *dir = g_dir_make_tmp("nook-config-XXXXXX", NULL);
        const char *const paths[] = {dir, NULL};
        const char *const missing[] = {"/nonexistent/nook", NULL};
        const char *const names[] = {"20.hcl", "10.hcl", "30.txt"};
        g_autoptr(NookDiags) diags = nook_diags_new();
        g_autoptr(GPtrArray) sources = NULL;
        g_autoptr(GError) error = NULL;
        g_autoptr(NookConfig) config = NULL, none = NULL, optional = NULL;

        for (guint i = 0; i < 3; i++) {
                g_autofree char *path = g_build_filename(dir, names[i], NULL);
                g_autofree char *text = g_strdup_printf("region = \"%s\"\n", names[i]);

                assert_true(g_file_set_contents(path, text, -1, NULL));
        }
        config = nook_config_read(paths, false, diags, &sources, &error);
        assert_null(error);
        assert_string_equal(config->region.text, "20.hcl");
        assert_int_equal(sources->len, 2);

        optional = nook_config_read(missing, true, diags, NULL, &error);
        assert_non_null(optional);
        none = nook_config_read(missing, false, diags, NULL, &error);
        assert_null(none);
        assert_true(g_error_matches(error, NOOK_ERROR, NOOK_ERROR_IO));

        for (guint i = 0; i < 3; i++) {
                g_autofree char *path = g_build_filename(dir, names[i], NULL);

                (void)g_remove(path);
        }
        (void)g_rmdir(dir);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(without_a_file_the_defaults_hold),
                cmocka_unit_test(a_nomad_clients_file_is_read_as_it_is),
                cmocka_unit_test(later_files_override_and_add),
                cmocka_unit_test(all_capabilities_can_be_allowed_at_once),
                cmocka_unit_test(mistakes_are_found_with_their_place),
                cmocka_unit_test(a_folder_is_read_in_name_order),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
