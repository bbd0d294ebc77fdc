/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "job-text.h"

#include "job/json-writer.h"

static char *convert(const char *text, NookJobJsonFlags flags, const NookJobOptions *options) {
        g_autofree char *findings = NULL;
        g_autoptr(NookJob) job = read_text(text, options, &findings);

        assert_string_equal(findings, "");
        assert_non_null(job);
        return nook_job_to_json(job, flags);
}

static const NookJobOptions raw = {.raw = true};
static const NookJobOptions api = {.raw = true, .format = NOOK_JOB_FORMAT_API_JSON};

static void compact_output_holds_what_was_written(void **state) {
        g_autofree char *json = convert("job \"j\" {\n  type = \"batch\"\n  group \"g\" {\n" TASK(
                                                "    kill_timeout = \"1m\"\n    env {\n      B = "
                                                "2\n      A = \"<&>\"\n    }") "}\n}\n",
                                        NOOK_JOB_JSON_COMPACT, &raw);

        assert_string_equal(
                json,
                "{\"Job\":{\"ID\":\"j\",\"Name\":\"j\",\"Type\":\"batch\",\"TaskGroups\":[{"
                "\"Name\":\"g\","
                "\"Tasks\":[{\"Name\":\"web\",\"Driver\":\"exec\",\"User\":\"\",\"Config\":{"
                "\"command\":"
                "\"/bin/"
                "true\"},\"Env\":{\"A\":\"\\u003c\\u0026\\u003e\",\"B\":\"2\"},\"KillTimeout\":"
                "60000000000,\"Leader\":false,\"ShutdownDelay\":0,\"KillSignal\":\"\",\"Kind\":"
                "\"\"}]}],"
                "\"Dispatched\":false}}\n");
}

static void full_output_has_nulls_and_four_blanks(void **state) {
        g_autofree char *json = convert("job \"j\" {}\n", 0, &raw);

        assert_true(g_str_has_prefix(json, "{\n    \"Job\": {\n        \"Region\": null,\n        "
                                           "\"Namespace\": null,\n        \"ID\": \"j\",\n"));
        assert_true(g_str_has_suffix(json, "        \"VersionTag\": null\n    }\n}\n"));
}

static void numbers_of_a_config_print_as_go_prints_them(void **state) {
        g_autofree char *json =
                convert("job \"j\" {\n  group \"g\" {\n    task \"t\" {\n      config {\n"
                        "        a = [1.0, 1.5, 1e21, 1e20, 1.5e-7, 0.000001, -0.25]\n"
                        "        b = { c = [] }\n        d \"e\" { f = null }\n"
                        "        g = null\n      }\n    }\n  }\n}\n",
                        NOOK_JOB_JSON_COMPACT, &raw);

        assert_non_null(
                strstr(json, "\"Config\":{\"a\":[1,1.5,1e+21,100000000000000000000,1.5e-7,"
                             "0.000001,-0.25],\"b\":[{\"c\":[]}],\"d\":[{\"e\":[{\"f\":null}]}]}"));
}

/* What is written in API JSON reads back to the same. */
static void output_reads_back_to_itself(void **state) {
        static const char *const texts[] = {
                "job \"j\" {\n  region = \"r\"\n  group \"g\" {\n    count = 3\n"
                "    volume \"v\" {\n      type = \"host\"\n    }\n    network {\n      port \"p\" "
                "{\n"
                "        static = 80\n      }\n    }\n" TASK(
                        "    kill_timeout = \"1.5s\"\n    template {\n      data = \"x\"\n    }\n"
                        "    identity {}\n    vault {}\n    constraint {\n      version = \"> "
                        "1\"\n    }") "}\n}\n",
                TASK("  unit {\n    IOWeight = 50\n    ReadOnlyPaths = [\"/a\"]\n  }\n"
                     "  chroot_env = { \"/bin\" = \"/bin\" }\n  kind = \"scope\"\n"
                     "  artifact {\n    source = \"s\"\n    strip_components = 2\n  }"),
        };

        for (guint i = 0; i < G_N_ELEMENTS(texts); i++) {
                g_autofree char *once = convert(texts[i], 0, &raw);
                g_autofree char *twice = convert(once, 0, &api);
                g_autofree char *chosen = convert(once, 0, &raw);

                assert_string_equal(once, twice);
                assert_string_equal(once, chosen);
        }
}

static void a_bare_task_comes_back_as_one(void **state) {
        g_autofree char *json = convert(TASK(""), 0, &raw);
        g_autofree char *findings = NULL;
        g_autoptr(NookJob) job = read_text(json, NULL, &findings);

        assert_string_equal(findings, "");
        assert_true(job->bare);
        assert_string_equal(job->type.text, "batch");
        assert_int_equal(job->groups.items[0]->tasks.items[0]->resources->memory_mb.value, 0);
        assert_string_equal(job->groups.items[0]->tasks.items[0]->exec.command.text, "/bin/true");
}

static void effective_output_writes_defaults_out(void **state) {
        g_autofree char *json = convert("job \"j\" {\n  group \"g\" {\n" TASK("") "}\n}\n",
                                        NOOK_JOB_JSON_COMPACT | NOOK_JOB_JSON_EFFECTIVE, NULL);

        assert_non_null(strstr(json, "\"Type\":\"service\""));
        assert_non_null(strstr(json, "\"RestartPolicy\":{\"Interval\":1800000000000,\"Attempts\":2,"
                                     "\"Delay\":15000000000,\"Mode\":\"fail\"}"));
        assert_non_null(strstr(json, "\"Resources\":{\"CPU\":100,\"MemoryMB\":300}"));
        assert_non_null(strstr(json, "\"KillSignal\":\"SIGINT\""));
}

static void names_may_be_in_any_letter_case_and_the_last_one_counts(void **state) {
        g_autofree char *json =
                convert("{\"job\": {\"id\": \"a\", \"NAME\": \"b\", \"iD\": \"c\"}}",
                        NOOK_JOB_JSON_COMPACT, &api);

        assert_string_equal(json, "{\"Job\":{\"ID\":\"c\",\"Name\":\"b\",\"Dispatched\":false}}\n");
}

static void check_findings(const char *text, const char *wanted) {
        g_autofree char *findings = NULL;
        g_autoptr(NookJob) job = read_text(text, &api, &findings);

        assert_string_equal(findings, wanted);
}

static void mistakes_are_found_with_their_place(void **state) {
        check_findings(
                "{\"Job\": {\"ID\": \"a\",\n \"Typ\": \"batch\"}}",
                "2:2 warning: Unknown name: \"Typ\" is no member of a Job and is passed over. "
                "Did you mean \"Type\"?");
        check_findings(
                "{\"Job\": {\"ID\": 5}}",
                "1:16 error: Unsuitable value: \"ID\" must be a string, but this is a number.");
        check_findings(
                "{\"Job\": {\"Priority\": 1.5}}",
                "1:22 error: Unsuitable value: \"Priority\" must be a whole number, but this is "
                "1.5.");
        check_findings("{\"Job\": {\"AllAtOnce\": \"x\"}}",
                       "1:23 error: Unsuitable value: "
                       "\"AllAtOnce\" must be true or false, but "
                       "this is a string.");
        check_findings("{\"Job\": {\"Meta\": [1]}}",
                       "1:18 error: Unsuitable value: \"Meta\" must be an "
                       "object of strings, but this is an array.");
        check_findings(
                "{\"Job\": {\"Datacenters\": [1]}}",
                "1:26 error: Unsuitable value: \"Datacenters\" must be a string, but this is a "
                "number.");
        check_findings(
                "{\"Job\": {\"TaskGroups\": {}}}",
                "1:24 error: Unsuitable value: \"TaskGroups\" must be an array of objects, but "
                "this is an object.");
        check_findings(
                "{\"Job\": {\"TaskGroups\": [{\"Volumes\": []}]}}",
                "1:37 error: Unsuitable value: \"Volumes\" must be an object of objects, but this "
                "is an array.");
        check_findings(
                "{\"Job\": {\"TaskGroups\": [{\"ShutdownDelay\": \"1d\"}]}}",
                "1:43 error: Unsuitable duration: \"ShutdownDelay\" must be nanoseconds or a "
                "duration such as \"30s\", but of \"1d\" there is no unit \"d\": the largest is "
                "\"h\", hours.");
        check_findings("{\"Job\": {\"ID\": \"a\\u0000\"}}",
                       "1:16 error: Unsuitable value: \"ID\" holds a NUL character, which no path, "
                       "argument or variable can carry.");
        check_findings("[]", "1:1 error: Missing job: A job in API JSON is an object, or {\"Job\": "
                             "{...}}.");
}

static void api_json_is_told_from_hcl_json(void **state) {
        g_autofree char *hcl =
                convert("{\"job\": {\"j\": {\"type\": \"batch\"}}}", NOOK_JOB_JSON_COMPACT, &raw);
        g_autofree char *bare_api =
                convert("{\"ID\": \"j\", \"TaskGroups\": []}", NOOK_JOB_JSON_COMPACT, &raw);

        assert_string_equal(hcl, "{\"Job\":{\"ID\":\"j\",\"Name\":\"j\",\"Type\":\"batch\","
                                 "\"Dispatched\":false}}\n");
        assert_string_equal(bare_api, "{\"Job\":{\"ID\":\"j\",\"TaskGroups\":[],"
                                      "\"Dispatched\":false}}\n");
}

static void a_body_is_printed_with_everything_evaluated(void **state) {
        g_autoptr(NookSource) source = nook_source_new_text(
                "job.hcl", "variable \"a\" {\n  default = 2\n}\njob \"j\" {\n  x = var.a + 1\n"
                           "  dynamic \"b\" {\n    for_each = [\"p\"]\n    labels = [b.value]\n"
                           "    content {\n      y = \"${NOMAD_X}\"\n    }\n  }\n}\n");
        g_autoptr(NookDiags) diags = nook_diags_new();
        g_autofree char *json = nook_job_body_to_json(source, NULL, diags);

        g_autofree char *findings = findings_text(diags);

        assert_string_equal(findings, "");
        assert_string_equal(json, "{\n    \"attributes\": {},\n    \"blocks\": [\n        {\n"
                                  "            \"type\": \"job\",\n            \"labels\": [\n"
                                  "                \"j\"\n            ],\n"
                                  "            \"attributes\": {\n                \"x\": 3\n"
                                  "            },\n            \"blocks\": [\n                {\n"
                                  "                    \"type\": \"b\",\n"
                                  "                    \"labels\": [\n"
                                  "                        \"p\"\n                    ],\n"
                                  "                    \"attributes\": {\n"
                                  "                        \"y\": \"${NOMAD_X}\"\n"
                                  "                    },\n                    \"blocks\": []\n"
                                  "                }\n            ]\n        }\n    ]\n}\n");
}

/* The body of a file, from the job's type on, which stands first in both. Caller's. */
static char *body_of(const char *name, const char *text) {
        g_autoptr(NookSource) source = nook_source_new_text(name, text);
        g_autoptr(NookDiags) diags = nook_diags_new();
        g_autofree char *json = nook_job_body_to_json(source, NULL, diags);
        g_autofree char *findings = findings_text(diags);

        return json ? g_steal_pointer(&json) : g_steal_pointer(&findings);
}

static void a_body_is_the_same_in_json_syntax(void **state) {
        g_autofree char *native = body_of(
                "job.hcl", "job \"j\" {\n  type = \"batch\"\n  group \"g\" {\n    count = 1 + 1\n"
                           "    network {\n      port \"http\" {\n        to = 80\n      }\n    }\n"
                           "    dynamic \"volume\" {\n      for_each = [\"p\"]\n"
                           "      labels = [volume.value]\n      content {\n"
                           "        type = \"host\"\n      }\n    }\n"
                           "    task \"t\" {\n      config {\n        o = { k = 1 }\n      }\n"
                           "    }\n  }\n}\n");
        g_autofree char *json = body_of(
                "job.hcl.json", "{\"job\": {\"j\": {\"type\": \"batch\", \"group\": [{\"g\": "
                                "{\"count\": \"${1 + 1}\","
                                "\"network\": {\"port\": {\"http\": {\"to\": 80}}},"
                                "\"dynamic\": {\"volume\": {\"for_each\": [\"p\"], \"labels\": "
                                "[\"${volume.value}\"],"
                                "\"content\": {\"type\": \"host\"}}},"
                                "\"task\": {\"t\": {\"config\": {\"o\": {\"k\": 1}}}}}}]}}}");
        g_autofree char *misspelt =
                body_of("job.hcl.json", "{\"job\": {\"j\": {\"group\": {\"g\": {\"cuont\": 2}}}}}");

        assert_string_equal(json, native);
        assert_string_equal(misspelt, "1:32 error: Extraneous JSON object property: No argument or "
                                      "block type is named \"cuont\". Did you mean \"count\"?");
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(compact_output_holds_what_was_written),
                cmocka_unit_test(full_output_has_nulls_and_four_blanks),
                cmocka_unit_test(numbers_of_a_config_print_as_go_prints_them),
                cmocka_unit_test(output_reads_back_to_itself),
                cmocka_unit_test(a_bare_task_comes_back_as_one),
                cmocka_unit_test(effective_output_writes_defaults_out),
                cmocka_unit_test(names_may_be_in_any_letter_case_and_the_last_one_counts),
                cmocka_unit_test(mistakes_are_found_with_their_place),
                cmocka_unit_test(api_json_is_told_from_hcl_json),
                cmocka_unit_test(a_body_is_printed_with_everything_evaluated),
                cmocka_unit_test(a_body_is_the_same_in_json_syntax),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
