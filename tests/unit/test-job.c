/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "job-text.h"

#define SECOND INT64_C(1000000000)

/* A job that must be without findings. */
static NookJob *read_good(const char *text, const NookJobOptions *options) {
        g_autofree char *findings = NULL;
        NookJob *job = read_text(text, options, &findings);

        assert_string_equal(findings, "");
        assert_non_null(job);
        return job;
}

static const NookTask *first_task(const NookJob *job) {
        return job->groups.items[0]->tasks.items[0];
}

static void a_bare_task_is_a_batch_job_without_limits_and_restarts(void **state) {
        g_autoptr(NookJob) job = read_good(TASK(""), NULL);
        const NookGroup *group = job->groups.items[0];
        const NookTask *task = first_task(job);

        assert_true(job->bare);
        assert_string_equal(job->id.text, "web");
        assert_string_equal(job->name.text, "web");
        assert_string_equal(group->name.text, "web");
        assert_string_equal(job->type.text, "batch");
        assert_true(nook_job_is_batch(job));
        assert_int_equal(group->count.value, 1);
        assert_int_equal(task->restart->attempts.value, 0);
        assert_int_equal(task->resources->memory_mb.value, 0);
        assert_int_equal(task->resources->cpu_mhz.value, 0);
        assert_int_equal(task->kill_timeout.nsec, 5 * SECOND);
        assert_string_equal(task->kill_signal.text, "SIGINT");
        assert_string_equal(task->kind.text, "service");
        assert_string_equal(task->exec.command.text, "/bin/true");
        assert_false(task->kill_signal.set);
}

static void a_bare_task_with_resources_has_nomads_defaults_for_the_rest(void **state) {
        g_autoptr(NookJob) job = read_good(TASK("  resources {\n    cpu = 500\n  }"), NULL);

        assert_int_equal(first_task(job)->resources->cpu_mhz.value, 500);
        assert_int_equal(first_task(job)->resources->memory_mb.value, 300);
}

static void bare_tasks_share_one_group(void **state) {
        g_autoptr(NookJob) job = read_good(
                TASK("") "task \"db\" {\n  driver = \"exec\"\n  config { command = \"x\" }\n}\n",
                NULL);

        assert_int_equal(job->groups.count, 1);
        assert_int_equal(job->groups.items[0]->tasks.count, 2);
        assert_string_equal(job->id.text, "web");
        assert_string_equal(job->groups.items[0]->tasks.items[1]->name.text, "db");
}

static void a_job_has_nomads_defaults(void **state) {
        g_autoptr(NookJob) job =
                read_good("job \"j\" {\n  group \"g\" {\n" TASK("") "  }\n}\n", NULL);
        const NookTask *task = first_task(job);

        assert_false(job->bare);
        assert_string_equal(job->type.text, "service");
        assert_string_equal(job->region.text, "global");
        assert_string_equal(job->namespace.text, "default");
        assert_int_equal(task->restart->attempts.value, 2);
        assert_int_equal(task->restart->interval.nsec, 1800 * SECOND);
        assert_int_equal(task->restart->delay.nsec, 15 * SECOND);
        assert_string_equal(task->restart->mode.text, "fail");
        assert_int_equal(task->resources->cpu_mhz.value, 100);
        assert_int_equal(task->resources->memory_mb.value, 300);
        assert_int_equal(task->logs->max_files.value, 10);
}

static void a_batch_job_restarts_three_times_a_day(void **state) {
        g_autoptr(NookJob) job = read_good(
                "job \"j\" {\n  type = \"batch\"\n  group \"g\" {\n" TASK("") "  }\n}\n", NULL);

        assert_int_equal(first_task(job)->restart->attempts.value, 3);
        assert_int_equal(first_task(job)->restart->interval.nsec, 24 * 3600 * SECOND);
}

static void cores_take_the_place_of_cpu(void **state) {
        g_autoptr(NookJob) job = read_good(TASK("  resources {\n    cores = 2\n  }"), NULL);

        assert_int_equal(first_task(job)->resources->cores.value, 2);
        assert_int_equal(first_task(job)->resources->cpu_mhz.value, 0);
}

static void a_task_inherits_restart_and_meta_member_by_member(void **state) {
        g_autoptr(NookJob) job =
                read_good("job \"j\" {\n"
                          "  meta {\n    a = \"job\"\n    b = \"job\"\n  }\n"
                          "  group \"g\" {\n"
                          "    restart {\n      attempts = 5\n      mode = \"delay\"\n    }\n"
                          "    meta {\n      b = \"group\"\n      c = 1\n    }\n" TASK(
                                  "    restart {\n      attempts = 1\n    }\n"
                                  "    meta = { \"c\" = \"task\", \"d.e\" = true }") "  }\n}\n",
                          NULL);
        const NookTask *task = first_task(job);

        assert_int_equal(task->restart->attempts.value, 1);
        assert_string_equal(task->restart->mode.text, "delay");
        assert_int_equal(task->merged_meta.count, 4);
        assert_string_equal(nook_pairs_find(&task->merged_meta, "a")->text, "job");
        assert_string_equal(nook_pairs_find(&task->merged_meta, "b")->text, "group");
        assert_string_equal(nook_pairs_find(&task->merged_meta, "c")->text, "task");
        assert_string_equal(nook_pairs_find(&task->merged_meta, "d.e")->text, "true");
        assert_null(nook_pairs_find(&task->merged_meta, "x"));
}

static void a_lone_task_in_a_job_is_a_group_of_its_own(void **state) {
        g_autoptr(NookJob) job =
                read_good("job \"j\" {\n  group \"g\" {\n" TASK("") "  }\n" TASK("") "}\n", NULL);

        assert_int_equal(job->groups.count, 2);
        assert_string_equal(job->groups.items[0]->name.text, "web");
        assert_string_equal(job->groups.items[1]->name.text, "g");
}

static NookPos pos_of(NookRange range) {
        return nook_source_pos(range.source, range.start);
}

static void every_value_knows_its_place(void **state) {
        g_autoptr(NookJob) job =
                read_good("task \"t\" {\n  driver = \"exec\"\n  config {\n    command = \"x\"\n"
                          "    args = [\"a\", \"b\"]\n  }\n  env {\n    A = \"1\"\n  }\n}\n",
                          NULL);
        const NookTask *task = first_task(job);

        assert_int_equal(pos_of(task->name.range).column, 6);
        assert_int_equal(pos_of(task->driver.range).line, 2);
        assert_int_equal(pos_of(task->exec.command.range).line, 4);
        assert_int_equal(pos_of(task->exec.command.range).column, 15);
        assert_int_equal(pos_of(task->exec.args.items[1].range).line, 5);
        assert_int_equal(pos_of(task->exec.args.items[1].range).column, 18);
        assert_int_equal(pos_of(task->env.items[0].key.range).line, 8);
        assert_int_equal(pos_of(task->env.items[0].key.range).column, 5);
        assert_int_equal(pos_of(task->env.items[0].value.range).column, 9);
        assert_int_equal(pos_of(task->head.range).line, 1);
}

static void a_unit_block_keeps_directives_as_text(void **state) {
        g_autoptr(NookJob) job = read_good(
                TASK("  unit {\n    IOWeight = 50\n    NoNewPrivileges = true\n    CPUQuota = "
                     "\"20%\"\n"
                     "    ReadOnlyPaths = [\"/a\", \"/b\"]\n    \"LimitCORE\" = 1.5\n  }"),
                NULL);
        const NookUnitLines *unit = &first_task(job)->unit;

        assert_int_equal(unit->count, 5);
        assert_string_equal(unit->items[0].key.text, "IOWeight");
        assert_string_equal(unit->items[0].values.items[0].text, "50");
        assert_false(unit->items[0].is_list);
        assert_string_equal(unit->items[1].values.items[0].text, "yes");
        assert_string_equal(unit->items[2].values.items[0].text, "20%");
        assert_true(unit->items[3].is_list);
        assert_int_equal(unit->items[3].values.count, 2);
        assert_string_equal(unit->items[3].values.items[1].text, "/b");
        assert_string_equal(unit->items[4].values.items[0].text, "1.5");
        assert_int_equal(pos_of(unit->items[0].key.range).line, 4);
        assert_int_equal(pos_of(unit->items[3].values.items[1].range).column, 28);
}

static void chroot_env_takes_quoted_paths_in_both_forms(void **state) {
        g_autoptr(NookJob) block =
                read_good(TASK("  chroot_env {\n    \"/bin\" = \"/bin\"\n  }"), NULL);
        g_autoptr(NookJob) map =
                read_good(TASK("  chroot_env = {\n    \"/bin\" = \"/bin\"\n  }"), NULL);

        assert_string_equal(first_task(block)->chroot_env.items[0].key.text, "/bin");
        assert_string_equal(first_task(map)->chroot_env.items[0].value.text, "/bin");
}

static void artifacts_have_defaults_and_extensions(void **state) {
        g_autoptr(NookJob) job = read_good(
                TASK("  artifact {\n    source = \"http://x/y.tgz\"\n    strip_components = 1\n"
                     "    cache = true\n    owner = \"root\"\n    perms = \"0750\"\n"
                     "    archive = \"tar.gz\"\n    options {\n      checksum = "
                     "\"md5:d41d8cd98f00b204e9800998ecf8427e\"\n    }\n  }"),
                NULL);
        const NookArtifact *artifact = first_task(job)->artifacts.items[0];

        assert_string_equal(artifact->destination.text, "local/");
        assert_string_equal(artifact->mode.text, "any");
        assert_int_equal(artifact->strip_components.value, 1);
        assert_true(artifact->cache.value);
        assert_string_equal(artifact->perms.text, "0750");
        assert_string_equal(nook_pairs_find(&artifact->options, "checksum")->text,
                            "md5:d41d8cd98f00b204e9800998ecf8427e");
}

static void short_forms_of_constraints_are_written_out(void **state) {
        g_autoptr(NookJob) job =
                read_good(TASK("  constraint {\n    attribute = \"${attr.os.version}\"\n    "
                               "version = \">= 12\"\n  }\n"
                               "  constraint {\n    distinct_hosts = true\n  }\n"
                               "  constraint {\n    attribute = \"a\"\n    value = \"b\"\n  }"),
                          NULL);
        const NookConstraintList *constraints = &first_task(job)->constraints;

        assert_string_equal(constraints->items[0]->op.text, "version");
        assert_string_equal(constraints->items[0]->value.text, ">= 12");
        assert_string_equal(constraints->items[1]->op.text, "distinct_hosts");
        assert_string_equal(constraints->items[1]->value.text, "true");
        assert_string_equal(constraints->items[2]->op.text, "=");
}

static void ports_with_a_number_are_reserved(void **state) {
        NookJobOptions raw = {.raw = true};
        g_autoptr(NookJob) job =
                read_good("job \"j\" {\n  group \"g\" {\n    network {\n"
                          "      port \"a\" {}\n      port \"b\" {\n        static = 80\n      }\n"
                          "    }\n  }\n}\n",
                          &raw);
        const NookNetwork *network = job->groups.items[0]->networks.items[0];

        assert_int_equal(network->ports.count, 1);
        assert_string_equal(network->ports.items[0]->label.text, "a");
        assert_string_equal(network->reserved_ports.items[0]->label.text, "b");
}

static void dynamic_blocks_become_what_they_stand_for(void **state) {
        g_autoptr(NookJob) job =
                read_good("group \"g\" {\n  dynamic \"task\" {\n"
                          "    for_each = [\"a\", \"b\"]\n"
                          "    labels = [\"t-${task.value}\"]\n"
                          "    content {\n      driver = \"exec\"\n"
                          "      config {\n        command = \"/bin/${task.value}\"\n"
                          "      }\n    }\n  }\n}\n",
                          NULL);

        assert_int_equal(job->groups.items[0]->tasks.count, 2);
        assert_string_equal(job->groups.items[0]->tasks.items[1]->name.text, "t-b");
        assert_string_equal(job->groups.items[0]->tasks.items[1]->exec.command.text, "/bin/b");
}

static void raw_exec_has_its_own_options(void **state) {
        g_autoptr(NookJob) job = read_good("task \"t\" {\n  driver = \"raw_exec\"\n  config {\n"
                                           "    command = \"x\"\n    oom_score_adj = 100\n"
                                           "    cgroup_v1_override {\n      cpu = \"a\"\n    }\n"
                                           "    denied_envvars = [\"AWS_*\"]\n  }\n}\n",
                                           NULL);
        const NookExecConfig *exec = &first_task(job)->exec;

        assert_int_equal(exec->oom_score_adj.value, 100);
        assert_string_equal(nook_pairs_find(&exec->cgroup_v1_override, "cpu")->text, "a");
        assert_string_equal(exec->denied_envvars.items[0].text, "AWS_*");
}

static void what_has_no_effect_is_noted_once_each(void **state) {
        g_autoptr(NookJob) job =
                read_good("job \"j\" {\n  datacenters = [\"dc1\"]\n  priority = 70\n  update {}\n"
                          "  group \"g\" {\n    spread {\n      weight = 5\n    }\n" TASK(
                                  "    resources {\n      disk = 5\n    }") "  }\n}\n",
                          NULL);
        g_autoptr(NookDiags) diags = nook_diags_new();
        g_autofree char *notes = NULL;

        nook_job_note_unused(job, diags);
        notes = findings_text(diags);
        assert_string_equal(
                notes,
                "3:14 note: No effect on one host: \"priority\" is for the scheduler of a "
                "cluster.\n"
                "2:17 note: No effect on one host: \"datacenters\" is for the scheduler of a "
                "cluster.\n"
                "12:14 note: No effect on one host: \"disk\" is for the scheduler of a cluster.\n"
                "6:5 note: No effect on one host: \"spread\" is for the scheduler of a cluster.\n"
                "4:3 note: No effect on one host: \"update\" is for the scheduler of a cluster.");
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_bare_task_is_a_batch_job_without_limits_and_restarts),
                cmocka_unit_test(a_bare_task_with_resources_has_nomads_defaults_for_the_rest),
                cmocka_unit_test(bare_tasks_share_one_group),
                cmocka_unit_test(a_job_has_nomads_defaults),
                cmocka_unit_test(a_batch_job_restarts_three_times_a_day),
                cmocka_unit_test(cores_take_the_place_of_cpu),
                cmocka_unit_test(a_task_inherits_restart_and_meta_member_by_member),
                cmocka_unit_test(a_lone_task_in_a_job_is_a_group_of_its_own),
                cmocka_unit_test(every_value_knows_its_place),
                cmocka_unit_test(a_unit_block_keeps_directives_as_text),
                cmocka_unit_test(chroot_env_takes_quoted_paths_in_both_forms),
                cmocka_unit_test(artifacts_have_defaults_and_extensions),
                cmocka_unit_test(short_forms_of_constraints_are_written_out),
                cmocka_unit_test(ports_with_a_number_are_reserved),
                cmocka_unit_test(dynamic_blocks_become_what_they_stand_for),
                cmocka_unit_test(raw_exec_has_its_own_options),
                cmocka_unit_test(what_has_no_effect_is_noted_once_each),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
