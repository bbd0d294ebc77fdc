/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <math.h>
#include <signal.h>
#include <string.h>

#include "unit/build.h"
#include "unit/convert.h"

/* Resources, restart, stop, logs and network of a task. */

static void add_u64(NookBuild *build, const char *key, guint64 value, const char *reason,
                    NookRange range) {
        nook_build_add(build, key, g_variant_new_uint64(value), NOOK_ORIGIN_JOB, reason, range);
}

/* --- resources ----------------------------------------------------------------------------------
 */

/* Nomad's way from MHz to a weight, the one that runc takes from the older CPU shares: 100 MHz are
 * 17, 1000 MHz 99. */
static guint64 weight_of_mhz(gint64 mhz) {
        double l = log2((double)MAX(mhz, 2));
        double weight = ceil(pow(10, (l * l + 125 * l) / 612 - 7.0 / 34));

        return (guint64)CLAMP(weight, 1, 10000);
}

static void add_cores(NookBuild *build, NookInt cores) {
        if (build->host->n_cpus > 0 && cores.value > build->host->n_cpus) {
                nook_diags_error(build->diags, cores.range, "Too many cores",
                                 "The task wants %" G_GINT64_FORMAT " cores; this host has %u.",
                                 cores.value, build->host->n_cpus);
                return;
        }
        add_u64(build, "CPUQuota", (guint64)cores.value * G_USEC_PER_SEC,
                "the time of that many cores", cores.range);
        nook_build_note(build,
                        "task \"%s\": `cores` gives the time of %" G_GINT64_FORMAT
                        " cores, but reserves none of them: use unit { AllowedCPUs = \"...\" } to "
                        "bind it to some",
                        build->made->name, cores.value);
}

static void add_memory(NookBuild *build, const NookResources *resources) {
        const guint64 mib = 1024 * 1024;
        NookInt memory = resources->memory_mb, most = resources->memory_max_mb;

        if (memory.value <= 0 && most.value == 0)
                return;
        if (most.value == 0) {
                add_u64(build, "MemoryMax", (guint64)memory.value * mib, "resources.memory",
                        memory.range);
                return;
        }
        if (memory.value > 0)
                add_u64(build, "MemoryLow", (guint64)memory.value * mib, "resources.memory",
                        memory.range);
        add_u64(build, "MemoryMax", most.value < 0 ? G_MAXUINT64 : (guint64)most.value * mib,
                "resources.memory_max", most.range);
}

static void add_resources(NookBuild *build) {
        const NookResources *resources = build->task->resources;

        if (resources == NULL)
                return;
        if (resources->cores.value > 0)
                add_cores(build, resources->cores);
        else if (resources->cpu_mhz.value > 0)
                add_u64(build, "CPUWeight", weight_of_mhz(resources->cpu_mhz.value),
                        "resources.cpu, a share and no limit", resources->cpu_mhz.range);
        add_memory(build, resources);
        if (build->task->exec.oom_score_adj.set)
                nook_build_add(build, "OOMScoreAdjust",
                               g_variant_new_int32((gint32)build->task->exec.oom_score_adj.value),
                               NOOK_ORIGIN_JOB, "oom_score_adj",
                               build->task->exec.oom_score_adj.range);
}

/* --- restart ------------------------------------------------------------------------------------
 */

static void add_restart(NookBuild *build) {
        const NookRestart *restart = build->task->restart;
        bool is_batch = nook_job_is_batch(build->job), is_delay;
        NookRange range = restart != NULL ? restart->head.range : NOOK_RANGE_NONE;

        if (restart == NULL)
                return;
        is_delay = restart->mode.text != NULL && g_str_equal(restart->mode.text, "delay");
        if (restart->attempts.value <= 0 && !is_delay)
                return;
        nook_build_add_text(build, "Restart", is_batch ? "on-failure" : "always", NOOK_ORIGIN_JOB,
                            is_batch ? "a batch task ends with exit status 0"
                                     : "a service is to run for ever",
                            range);
        /* Nomad counts a death by any signal as a failure, systemd does not count these four. */
        if (is_batch)
                nook_build_add_text(build, "RestartForceExitStatus",
                                    "SIGHUP SIGINT SIGTERM SIGPIPE", NOOK_ORIGIN_JOB,
                                    "a death by a signal is a failure", range);
        add_u64(build, "RestartSec", nook_duration_usec(restart->delay), "restart.delay",
                restart->delay.range);
        if (is_delay) {
                add_u64(build, "StartLimitIntervalSec", 0, "restart.mode is \"delay\"",
                        restart->mode.range);
                nook_build_note(
                        build,
                        "task \"%s\": with restart mode \"delay\" systemd goes on restarting "
                        "after `delay`; it does not wait for the end of `interval`",
                        build->made->name);
                return;
        }
        add_u64(build, "StartLimitIntervalSec", nook_duration_usec(restart->interval),
                "restart.interval", restart->interval.range);
        nook_build_add(build, "StartLimitBurst",
                       g_variant_new_uint32((guint32)restart->attempts.value + 1), NOOK_ORIGIN_JOB,
                       "restart.attempts and the first start", restart->attempts.range);
}

/* --- stop ---------------------------------------------------------------------------------------
 */

static int kill_signal_of(NookBuild *build) {
        NookText text = build->task->kill_signal;
        g_autofree char *name = NULL;
        int signal;

        if (text.text == NULL || *text.text == '\0')
                return SIGINT;
        name = nook_build_text(build, text);
        signal = nook_signal_from_text(name);
        if (signal > 0)
                return signal;
        nook_diags_error(build->diags, text.range, "Unknown signal", "\"%s\" is no signal.", name);
        return SIGINT;
}

static guint64 kill_timeout_of(NookBuild *build) {
        NookDuration timeout = build->task->kill_timeout;
        NookDuration most = build->config->client->max_kill_timeout;
        guint64 usec = nook_duration_usec(timeout);

        if (timeout.nsec == 0)
                usec = 5 * (guint64)G_USEC_PER_SEC;
        if (most.nsec <= 0 || usec <= nook_duration_usec(most))
                return usec;
        nook_diags_warning(build->diags, timeout.range, "Kill timeout cut",
                           "The operator's max_kill_timeout is %" G_GUINT64_FORMAT " s.",
                           nook_duration_usec(most) / G_USEC_PER_SEC);
        return nook_duration_usec(most);
}

/* The manager's process that holds a PAM session closes it at SIGTERM. Any other signal ends it
 * before, and so does "mixed", which kills what is not the main process. Found on 252 and 257. */
void nook_build_pam_stop(NookBuild *build) {
        NookPlanTask *made = build->made;
        const NookSetting *pam = nook_unit_find(build->unit, "PAMName");

        if (pam == NULL || *g_variant_get_string(pam->value, NULL) == '\0' || made->is_scope ||
            build->options->is_direct)
                return;
        /* SIGINT is Nomad's default: in a job's record it stands as if it had been asked for. */
        if (made->kill_signal != SIGTERM && made->kill_signal != SIGINT) {
                nook_diags_error(build->diags, build->task->kill_signal.range,
                                 "Signal would leave a PAM session open",
                                 "The manager closes the session of PAMName= at SIGTERM only: "
                                 "leave kill_signal out, set it to SIGTERM, or use a scope.");
                return;
        }
        made->kill_signal = SIGTERM;
        nook_unit_remove(build->unit, "KillSignal");
        nook_unit_remove(build->unit, "KillMode");
        nook_build_add(build, "KillSignal", g_variant_new_int32(SIGTERM), NOOK_ORIGIN_NOOK,
                       "closes the PAM session", NOOK_RANGE_NONE);
        nook_build_add_text(build, "KillMode", "control-group", NOOK_ORIGIN_NOOK,
                            "closes the PAM session", NOOK_RANGE_NONE);
}

static void add_stop(NookBuild *build) {
        NookPlanTask *made = build->made;
        NookDuration most = build->group->max_run_duration;

        made->kill_signal = kill_signal_of(build);
        made->kill_timeout_usec = kill_timeout_of(build);
        nook_build_add(build, "KillSignal", g_variant_new_int32(made->kill_signal), NOOK_ORIGIN_JOB,
                       "kill_signal", build->task->kill_signal.range);
        /* A scope has no main process: "mixed" would kill all of it at once. */
        if (made->is_scope)
                nook_build_add_text(build, "KillMode", "control-group", NOOK_ORIGIN_JOB,
                                    "a scope has no main process to begin with", NOOK_RANGE_NONE);
        else
                nook_build_add_text(build, "KillMode", "mixed", NOOK_ORIGIN_JOB,
                                    "the main process first, then all", NOOK_RANGE_NONE);
        add_u64(build, "TimeoutStopSec", made->kill_timeout_usec, "kill_timeout",
                build->task->kill_timeout.range);
        if (most.nsec > 0) {
                made->max_run_usec = nook_duration_usec(most);
                add_u64(build, "RuntimeMaxSec", made->max_run_usec, "max_run_duration", most.range);
        }
        if (build->task->shutdown_delay.nsec > 0 || build->group->shutdown_delay.nsec > 0)
                nook_diags_note(build->diags,
                                build->task->shutdown_delay.nsec > 0
                                        ? build->task->shutdown_delay.range
                                        : build->group->shutdown_delay.range,
                                "No effect on one host",
                                "shutdown_delay waits for a deregistration from a service "
                                "registry, which nook does not use.");
}

/* --- logs, network, place -----------------------------------------------------------------------
 */

static void add_field(GVariantBuilder *fields, const char *name, const char *value) {
        g_autofree char *field = g_strdup_printf("%s=%s", name, value);

        g_variant_builder_add_value(
                fields, g_variant_new_fixed_array(G_VARIANT_TYPE_BYTE, field, strlen(field), 1));
}

static void add_logs(NookBuild *build) {
        const NookLogs *logs = build->task->logs;
        g_auto(GVariantBuilder) fields = G_VARIANT_BUILDER_INIT(G_VARIANT_TYPE("aay"));
        bool is_off = logs != NULL &&
                      (logs->disabled.value || (logs->enabled.set && !logs->enabled.value));

        nook_build_add_text(build, "SyslogIdentifier", build->made->name, NOOK_ORIGIN_NOOK,
                            "journalctl -t", NOOK_RANGE_NONE);
        add_field(&fields, "NOOK_JOB", build->job->id.text);
        add_field(&fields, "NOOK_GROUP", build->group->name.text);
        add_field(&fields, "NOOK_TASK", build->made->name);
        add_field(&fields, "NOOK_ALLOC_ID", build->alloc->id);
        nook_build_add(build, "LogExtraFields", g_variant_builder_end(&fields), NOOK_ORIGIN_NOOK,
                       "journalctl NOOK_TASK=", NOOK_RANGE_NONE);
        if (!is_off)
                return;
        nook_build_add_text(build, "StandardOutput", "null", NOOK_ORIGIN_JOB, "logs.disabled",
                            logs->head.range);
        nook_build_add_text(build, "StandardError", "null", NOOK_ORIGIN_JOB, "logs.disabled",
                            logs->head.range);
}

/* The first task's unit of the allocation, which the others share the namespace of. */
static void add_network(NookBuild *build) {
        for (guint i = 0; i < build->group->networks.count; i++) {
                const NookNetwork *network = build->group->networks.items[i];
                const char *mode = network->mode.text;

                if (mode == NULL || *mode == '\0' || g_str_equal(mode, "host"))
                        continue;
                if (!g_str_equal(mode, "none")) {
                        nook_diags_error(build->diags, network->mode.range,
                                         "Unsupported network mode",
                                         "\"%s\" is neither \"host\" nor \"none\".", mode);
                        continue;
                }
                nook_build_add_text(build, "PrivateNetwork", "yes", NOOK_ORIGIN_JOB,
                                    "no network but a loopback of its own", network->mode.range);
                if (build->alloc->tasks->len > 0) {
                        const NookPlanTask *first = g_ptr_array_index(build->alloc->tasks, 0);

                        nook_build_add_text(build, "JoinsNamespaceOf", first->unit->name,
                                            NOOK_ORIGIN_JOB, "the group's loopback is shared",
                                            network->mode.range);
                }
        }
}

void nook_build_limits(NookBuild *build) {
        nook_build_add_text(build, "Slice", build->alloc->slice, NOOK_ORIGIN_NOOK,
                            "its place in the tree of control groups", NOOK_RANGE_NONE);
        add_resources(build);
        add_restart(build);
        add_stop(build);
        add_logs(build);
        if (!build->made->is_raw)
                add_network(build);
}
