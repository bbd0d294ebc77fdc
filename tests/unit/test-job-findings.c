/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "job-text.h"

/* One bad file for each finding: its exact text, line and column. */
typedef struct {
        const char *text;
        const char *wanted;
} Case;

static void check(const Case *cases, gsize n) {
        for (gsize i = 0; i < n; i++) {
                g_autofree char *findings = NULL;
                g_autoptr(NookJob) job = read_text(cases[i].text, NULL, &findings);

                assert_string_equal(findings, cases[i].wanted);
                assert_true((job == NULL) == (strstr(cases[i].wanted, " error: ") != NULL));
        }
}

#define CHECK(...)                                                                                 \
        do {                                                                                       \
                const Case cases[] = {__VA_ARGS__};                                                \
                                                                                                   \
                check(cases, G_N_ELEMENTS(cases));                                                 \
        } while (0)

static void the_shape_of_a_file(void **state) {
        CHECK({"",
               "1:1 error: Missing job block: The file holds nothing to run: a job, a group or a "
               "task is required."},
              {"locals { a = 1 }\n", "1:1 error: Missing job block: The file holds variables and "
                                     "locals only: a job, a group or a task is required."},
              {"job \"a\" {}\njob \"b\" {}\n",
               "2:1 error: Duplicate block: A file holds one job; \"b\" would be a second one.\n"
               "1:1 error: Missing group: A job needs a group with a task to run."},
              {"job \"a\" {\n  group \"g\" {\n" TASK("") "}\n}\ntask \"t\" {}\n",
               "10:1 error: Misplaced block: A task beside a job belongs to nothing. Put it into "
               "the "
               "job."},
              {"group \"g\" {\n" TASK("") "}\ntask \"t\" {}\n",
               "8:1 error: Misplaced block: A file without a job holds either one group or "
               "tasks."});
}

static void names(void **state) {
        CHECK({"task \"a/b\" {\n  driver = \"exec\"\n  config { command = \"x\" }\n}\n",
               "1:6 error: Unsuitable name: The name of a task is a directory's name, too: it must "
               "not "
               "hold a slash or a backslash, but this is \"a/b\"."},
              {"task \"alloc\" {\n  driver = \"exec\"\n  config { command = \"x\" }\n}\n",
               "1:6 error: Unsuitable name: A task cannot be called \"alloc\": the name is taken "
               "in "
               "the allocation's directory."},
              {TASK("") TASK(""), "6:6 error: Duplicate name: There is a task \"web\" already, at "
                                  "job.hcl:1:6."},
              {"task \"\" {\n  driver = \"exec\"\n  config { command = \"x\" }\n}\n",
               "1:1 error: Missing name: A job needs a name.\n"
               "1:1 error: Missing name: A group needs a name.\n"
               "1:1 error: Missing name: A task needs a name."},
              {"job \"j\" {\n  group \"g\" {\n" TASK("") "}\n  group \"g\" {\n" TASK("") "}\n}\n",
               "9:9 error: Duplicate name: There is a group \"g\" already, at job.hcl:2:9."},
              {"job \"j\" {\n  group \"g\" {}\n}\n",
               "2:3 error: Missing task: A group needs a task to run."});
}

static void unknown_words_with_a_suggestion(void **state) {
        CHECK({TASK("  usr = \"x\""),
               "3:3 error: Unsupported argument: An argument named \"usr\" is "
               "not expected here. Did you mean \"user\"?"},
              {TASK("  artefact {}"), "3:3 error: Unsupported block type: Blocks of type "
                                      "\"artefact\" are not expected here. Did you mean "
                                      "\"artifact\"?"});
}

static void values_of_the_wrong_type(void **state) {
        CHECK({TASK("  user = [\"x\"]"),
               "3:10 error: Unsuitable value: \"user\" must be a string, but this is a list."},
              {TASK("  user = null"),
               "3:10 error: Unsuitable value: \"user\" must not be null; leave "
               "the line out instead."},
              {TASK("  user = \"a\\u0000b\""), "3:10 error: Unsuitable value: \"user\" holds a NUL "
                                               "character, which no path, argument "
                                               "or variable can carry."},
              {TASK("  leader = \"yes\""),
               "3:12 error: Unsuitable value: \"leader\" must be true or "
               "false, but this is the string \"yes\". Did you mean true?"},
              {TASK("  resources {\n    cpu = \"many\"\n  }"),
               "4:11 error: Unsuitable value: \"cpu\" must be a whole number, but this is the "
               "string "
               "\"many\"."},
              {TASK("  resources {\n    cpu = 1.5\n  }"),
               "4:11 error: Unsuitable value: \"cpu\" must be a whole number, but "
               "this is the number 1.5."},
              {TASK("  env = [\"A\"]"), "3:9 error: Unsuitable value: \"env\" must be a map of "
                                        "strings, but this is a list."},
              {TASK("  env {\n    A = [1]\n  }"),
               "4:9 error: Unsuitable value: \"A\" must be a string, but this is a list."},
              {TASK("  env = { A = [1] }"),
               "3:15 error: Unsuitable value: \"A\" must be a string, but this is a list."},
              {TASK("  unit = 3"), "3:10 error: Unsuitable value: \"unit\" must be a block of "
                                   "directives, such as unit { IOWeight = 50 }."},
              {TASK("  \"user\" = \"x\""),
               "3:3 error: Invalid argument name: Argument names must not be quoted."});
}

static void lists_point_at_their_element(void **state) {
        CHECK({"task \"t\" {\n  driver = \"exec\"\n  config {\n    command = \"x\"\n"
               "    args = [\"a\", {}]\n  }\n}\n",
               "5:18 error: Unsuitable value: \"args[1]\" must be a string, but this is an "
               "object."});
}

static void an_object_is_no_list(void **state) {
        CHECK({"task \"t\" {\n  driver = \"exec\"\n  config {\n    command = \"x\"\n"
               "    args = { a = 1 }\n  }\n}\n",
               "5:12 error: Unsuitable value: \"args\" must be a list of strings, but this is an "
               "object."});
}

static void durations(void **state) {
        CHECK({TASK("  kill_timeout = \"30\""),
               "3:18 error: Unsuitable duration: \"kill_timeout\" must be a duration such as "
               "\"30s\" "
               "or \"1h30m\", but of \"30\" a unit is missing: write \"30s\" for seconds."},
              {TASK("  kill_timeout = 30"), "3:18 warning: Duration without a unit: The number 30 "
                                            "means 30 nanoseconds here. For "
                                            "seconds write \"30s\"."},
              {TASK("  kill_timeout = null"),
               "3:18 error: Unsuitable value: \"kill_timeout\" must not "
               "be null; leave the line out instead."},
              {TASK("  kill_timeout = true"),
               "3:18 error: Unsuitable value: \"kill_timeout\" must be "
               "a duration such as \"30s\", but this is true."},
              {TASK("  kill_timeout = \"-1s\""),
               "3:18 error: Unsuitable value: \"kill_timeout\" must not be negative."});
}

static void repeated_blocks(void **state) {
        CHECK({TASK("  resources {}\n  resources {}"),
               "4:3 error: Duplicate block: Only one resources block is allowed here. Another was "
               "defined at job.hcl:3:3."},
              {TASK("  env { A = 1 }\n  env = { B = 2 }"),
               "3:3 error: Duplicate block: Only one env block is allowed here. Another was "
               "defined "
               "at job.hcl:4:9."});
}

static void driver_options(void **state) {
        CHECK({"task \"t\" {\n  config { command = \"x\" }\n}\n",
               "1:1 error: Missing required argument: A task needs a driver: \"exec\", or "
               "\"raw_exec\" where the operator allows it."},
              {"task \"t\" {\n  driver = \"docker\"\n}\n",
               "2:12 error: Unsupported by nook: nook has no driver \"docker\"; its drivers are "
               "exec "
               "and raw_exec."},
              {"task \"t\" {\n  driver = \"exec\"\n}\n",
               "1:1 error: Missing required argument: The driver \"exec\" needs to know what to "
               "run: "
               "config { command = \"...\" }."},
              {"task \"t\" {\n  driver = \"exec\"\n  config { command = \"\" }\n}\n",
               "3:22 error: Unsuitable value: \"command\" must not be empty."},
              {"task \"t\" {\n  driver = \"exec\"\n  config {\n    comand = \"x\"\n  }\n}\n",
               "4:5 error: Unsupported argument: The driver \"exec\" has no option \"comand\". Did "
               "you mean \"command\"?\n"
               "3:3 error: Missing required argument: The driver \"exec\" needs to know what to "
               "run: "
               "config { command = \"...\" }."},
              {"task \"t\" {\n  driver = \"exec\"\n  config {\n    command = \"x\"\n"
               "    oom_score_adj = 5\n  }\n}\n",
               "5:5 error: Unsupported argument: The driver \"exec\" has no option "
               "\"oom_score_adj\"; \"raw_exec\" has it."},
              {"task \"t\" {\n  driver = \"exec\"\n  config {\n    command = [\"x\"]\n  }\n}\n",
               "4:15 error: Unsuitable value: \"command\" must be a string, but this is a list."},
              {"task \"t\" {\n  driver = \"exec\"\n  config {\n    command = \"x\"\n"
               "    work_dir = \"tmp\"\n    pid_mode = \"none\"\n    cap_add = [\"net_rawr\"]\n  "
               "}\n}\n",
               "5:16 error: Unsuitable path: \"work_dir\" must be absolute, but this is \"tmp\".\n"
               "6:16 error: Unsuitable value: \"pid_mode\" must be \"private\" or \"host\", not "
               "\"none\".\n"
               "7:16 error: Unknown capability: Linux has no capability \"net_rawr\". Did you mean "
               "\"NET_RAW\"?"},
              {"task \"t\" {\n  driver = \"raw_exec\"\n  config {\n    command = \"x\"\n"
               "    oom_score_adj = -1\n    cgroup_v2_override = \"a\"\n"
               "    cgroup_v1_override { cpu = \"b\" }\n  }\n}\n",
               "5:21 error: Unsuitable value: \"oom_score_adj\" must be from 0 to 1000, not -1.\n"
               "6:26 error: Conflicting arguments: Only one of cgroup_v1_override and "
               "cgroup_v2_override may be set."});
}

static void resources(void **state) {
        CHECK({TASK("  resources {\n    cpu = 100\n    cores = 2\n  }"),
               "5:13 error: Conflicting arguments: A task has either \"cpu\" or \"cores\"."},
              {TASK("  resources {\n    cpu = 0\n    memory = 9\n    cores = -1\n  }"),
               "4:11 error: Unsuitable value: \"cpu\" must be 1 MHz or more, but this is 0.\n"
               "6:13 error: Unsuitable value: \"cores\" must not be negative, but this is -1.\n"
               "5:14 error: Unsuitable value: \"memory\" must be 10 MiB or more, but this is 9."},
              {TASK("  resources {\n    memory_max = 200\n    secrets = 301\n  }"),
               "4:18 error: Conflicting arguments: \"memory_max\" must be \"memory\" (300) or "
               "more, or "
               "-1 for no limit, but this is 200.\n"
               "5:15 error: Unsuitable value: \"secrets\" must be from 1 MiB up to \"memory\", but "
               "this is 301."});
}

static void restarts(void **state) {
        CHECK({TASK("  restart {\n    mode = \"never\"\n    attempts = -1\n    interval = \"1s\"\n "
                    " }"),
               "4:12 error: Unsuitable value: \"mode\" must be \"fail\" or \"delay\", not "
               "\"never\".\n"
               "5:16 error: Unsuitable value: \"attempts\" must not be negative, but this is -1.\n"
               "6:16 error: Unsuitable value: \"interval\" must be 5s or more."},
              {TASK("  restart {\n    attempts = 10\n    interval = \"1m\"\n  }"),
               "3:3 error: Conflicting arguments: 10 attempts with a delay of 15s do not fit into "
               "an "
               "interval of 1m0s."});
}

static void words_of_a_task(void **state) {
        CHECK({TASK("  kill_signal = \"SIGTERN\""),
               "3:17 error: Unsuitable value: Linux has no signal "
               "\"SIGTERN\". Did you mean \"SIGTERM\"?"},
              {TASK("  kind = \"pod\"\n  sandbox = \"docker\""),
               "3:10 error: Unsuitable value: \"kind\" must be \"service\", \"scope\" or \"\", not "
               "\"pod\".\n"
               "4:13 error: Unsuitable value: \"sandbox\" must be \"systemd\" or \"nook\", not "
               "\"docker\"."},
              {TASK("  env = { \"A=B\" = 1 }"),
               "3:11 error: Unsuitable name: \"A=B\" cannot be the "
               "name of an environment variable."},
              {TASK("  chroot_env {\n    \"bin\" = \"/bin\"\n    \"/a\" = \"/b/../c\"\n  }"),
               "4:5 error: Unsuitable path: A path of chroot_env must be absolute and have no "
               "\"..\", but this is \"bin\".\n"
               "5:12 error: Unsuitable path: A path of chroot_env must be absolute and have no "
               "\"..\", but this is \"/b/../c\"."},
              {TASK("  volume_mount {\n    volume = \"v\"\n  }\n  volume_mount {\n    volume = "
                    "\"v\"\n"
                    "    destination = \"/d\"\n    propagation_mode = \"up\"\n  }"),
               "3:3 error: Missing required argument: A volume_mount needs \"volume\" and "
               "\"destination\".\n"
               "9:24 error: Unsuitable value: \"propagation_mode\" must be \"private\", "
               "\"host-to-task\" or \"bidirectional\", not \"up\".\n"
               "7:14 error: Unknown volume: The group has no volume \"v\"."},
              {TASK("  leader = true") TASK("  leader = true"),
               "8:12 error: Conflicting arguments: A group has one leader, and \"web\" is one "
               "already.\n"
               "6:6 error: Duplicate name: There is a task \"web\" already, at job.hcl:1:6."});
}

static void artifacts(void **state) {
        CHECK({TASK("  artifact {}"),
               "3:3 error: Missing required argument: An artifact needs a source."},
              {TASK("  artifact {\n    source = \"http://x/y\"\n    mode = \"tree\"\n"
                    "    destination = \"local/../../x\"\n    perms = \"4755\"\n"
                    "    owner = \"me\"\n    archive = \"rar\"\n    strip_components = -1\n"
                    "    options { checksum = \"sha256:abc\" }\n  }"),
               "5:12 error: Unsuitable value: \"mode\" must be \"any\", \"file\" or \"dir\", not "
               "\"tree\".\n"
               "8:13 error: Unsuitable value: \"owner\" must be \"root\" or \"task\", not \"me\".\n"
               "9:15 error: Unsuitable value: \"archive\" must be \"true\", \"false\", \"zip\", "
               "\"tar\", \"tar.gz\", \"tgz\", \"tar.bz2\", \"tbz2\", \"tar.xz\", \"txz\", "
               "\"tar.zst\", "
               "\"tzst\", \"gz\", \"bz2\", \"xz\" or \"zst\", not \"rar\".\n"
               "6:19 error: Unsuitable path: The destination \"local/../../x\" leaves the "
               "allocation "
               "directory.\n"
               "11:26 error: Unsuitable checksum: A checksum of type sha256 has 64 hexadecimal "
               "digits.\n"
               "7:13 error: Unsuitable value: \"perms\" must not set the setuid, setgid or sticky "
               "bit.\n"
               "10:24 error: Unsuitable value: \"strip_components\" must be from 0 to 64, not -1."},
              {TASK("  artifact {\n    source = \"http://x/y\"\n    options { checksum = \"abc\" "
                    "}\n"
                    "    perms = \"rwx\"\n  }"),
               "5:26 error: Unsuitable checksum: A checksum is written \"TYPE:HEX\" with one of "
               "the "
               "types md5, sha1, sha256, sha512.\n"
               "6:13 error: Unsuitable value: \"perms\" must be three or four octal digits such as "
               "\"0755\", not \"rwx\"."},
              {TASK("  artifact {\n    source = \"http://x/y\"\n"
                    "    options { checksum = \"crc:abc\" }\n  }"),
               "5:26 error: Unsuitable checksum: A checksum has the type md5, sha1, sha256 or "
               "sha512, "
               "not \"crc\"."});
}

static void constraints(void **state) {
        CHECK({TASK("  constraint {\n    attribute = \"${attr.a}\"\n    operator = \"resembles\"\n "
                    " }"),
               "5:16 error: Unsuitable value: \"operator\" must be \"=\", \"==\", \"is\", \"!=\", "
               "\"not\", \"<\", \"<=\", \">\", \">=\", \"regexp\", \"version\", \"semver\", "
               "\"is_set\", "
               "\"is_not_set\", \"set_contains\", \"set_contains_all\", \"set_contains_any\", "
               "\"distinct_hosts\" or \"distinct_property\", not \"resembles\"."},
              {TASK("  constraint {\n    version = \"> x\"\n  }"),
               "3:3 error: Missing required argument: A constraint with the operator \"version\" "
               "needs an attribute."},
              {TASK("  constraint {\n    attribute = \"${attr.a}\"\n    version = \"> x\"\n  }"),
               "5:15 error: Unsuitable value: \"> x\" is no constraint on versions; write \">= "
               "1.2, < "
               "2.0\" or the like."});
}

static void groups(void **state) {
        CHECK({"group \"g\" {\n  count = -1\n  max_run_duration = \"0s\"\n"
               "  network { mode = \"bridge\" }\n  network { mode = \"hots\" }\n"
               "  volume \"v\" {\n    type = \"csi\"\n  }\n" TASK("") "}\n",
               "7:12 error: Unsupported by nook: nook has volumes of type \"host\" only.\n"
               "6:3 error: Missing required argument: A volume needs a source: the name of a "
               "host_volume in the operator's configuration.\n"
               "2:11 error: Unsuitable value: \"count\" must not be negative, but this is -1.\n"
               "5:3 error: Duplicate block: Only one network block is allowed in a group.\n"
               "4:20 error: Unsupported by nook: nook has no network of mode \"bridge\"; it has "
               "\"host\" and \"none\".\n"
               "5:20 error: Unsuitable value: \"mode\" must be \"host\" or \"none\", not "
               "\"hots\".\n"
               "3:22 error: Unsuitable value: \"max_run_duration\" must be longer than nothing."},
              {"job \"j\" {\n  type = \"daemon\"\n  group \"g\" {\n" TASK("") "}\n}\n",
               "2:10 error: Unsuitable value: \"type\" must be \"service\", \"batch\", \"system\" "
               "or "
               "\"sysbatch\", not \"daemon\"."},
              {"job \"j\" {\n  group \"g\" {\n    scaling {\n      type = \"up\"\n    }\n" TASK(
                       "") "}\n}\n",
               "4:14 error: Invalid group scaling type: A group's scaling has the type "
               "\"horizontal\", not \"up\".\n"
               "3:5 error: Missing required argument: The argument \"max\" is required in "
               "scaling."},
              {TASK("  scaling \"disk\" {}\n  scaling \"cpu\" { type = \"up\" }"),
               "3:11 error: Invalid scaling policy name: A task's scaling is \"cpu\" or \"mem\", "
               "not "
               "\"disk\".\n"
               "4:26 error: Invalid scaling policy type: The type of scaling \"cpu\" is "
               "\"vertical_cpu\", not \"up\"."});
}

static void what_one_host_cannot_do(void **state) {
        CHECK({TASK("  vault { role = \"r\" }"), "3:3 error: Unsupported by nook: nook cannot "
                                                 "honour \"vault\", and without it the task "
                                                 "would be another one."},
              {"job \"j\" {\n  vault {}\n  group \"g\" {\n" TASK("")
                       TASK("  user = \"a\"") "}\n}\n",
               "2:3 error: Unsupported by nook: nook cannot honour \"vault\", and without it the "
               "task "
               "would be another one.\n"
               "9:6 error: Duplicate name: There is a task \"web\" already, at job.hcl:4:6."},
              {"job \"j\" {\n  periodic { cron = \"@daily\" }\n  group \"g\" {\n"
               "    network {\n      port \"p\" { static = 80 }\n    }\n" TASK("") "}\n}\n",
               "5:7 error: Unsupported by nook: nook cannot honour \"reserved_ports\", and without "
               "it "
               "the task would be another one.\n"
               "2:3 error: Unsupported by nook: nook cannot honour \"periodic\", and without it "
               "the "
               "task would be another one."});
}

static void several_mistakes_at_once(void **state) {
        CHECK({"task \"t\" {\n  driver = \"exec\"\n  usr = 1\n  kill_timeout = \"1d\"\n"
               "  config { comand = \"x\" }\n}\n",
               "3:3 error: Unsupported argument: An argument named \"usr\" is not expected here. "
               "Did "
               "you mean \"user\"?\n"
               "4:18 error: Unsuitable duration: \"kill_timeout\" must be a duration such as "
               "\"30s\" "
               "or \"1h30m\", but of \"1d\" there is no unit \"d\": the largest is \"h\", hours.\n"
               "5:12 error: Unsupported argument: The driver \"exec\" has no option \"comand\". "
               "Did "
               "you mean \"command\"?\n"
               "5:3 error: Missing required argument: The driver \"exec\" needs to know what to "
               "run: "
               "config { command = \"...\" }."});
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(the_shape_of_a_file),
                cmocka_unit_test(names),
                cmocka_unit_test(unknown_words_with_a_suggestion),
                cmocka_unit_test(values_of_the_wrong_type),
                cmocka_unit_test(lists_point_at_their_element),
                cmocka_unit_test(an_object_is_no_list),
                cmocka_unit_test(durations),
                cmocka_unit_test(repeated_blocks),
                cmocka_unit_test(driver_options),
                cmocka_unit_test(resources),
                cmocka_unit_test(restarts),
                cmocka_unit_test(words_of_a_task),
                cmocka_unit_test(artifacts),
                cmocka_unit_test(constraints),
                cmocka_unit_test(groups),
                cmocka_unit_test(what_one_host_cannot_do),
                cmocka_unit_test(several_mistakes_at_once),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
