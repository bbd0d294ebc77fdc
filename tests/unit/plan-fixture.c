/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "test.h"

#include "plan-fixture.h"

static void add_directory(NookHost *host, const char *path) {
        nook_host_add_path(host, path, NOOK_PATH_DIR, NULL, path, NOOK_PATH_DIR);
}

static void add_link(NookHost *host, const char *path, const char *target, const char *resolved,
                     NookPathKind kind) {
        nook_host_add_path(host, path, NOOK_PATH_LINK, target, resolved, kind);
}

static void add_missing(NookHost *host, const char *path) {
        nook_host_add_path(host, path, NOOK_PATH_MISSING, NULL, NULL, NOOK_PATH_MISSING);
}

static NookHost *host_new(void) {
        NookHost *host = nook_host_new();
        static const gid_t games[] = {60};

        add_directory(host, "/usr");
        add_directory(host, "/etc");
        add_directory(host, "/run/systemd/resolve");
        add_missing(host, "/lib32");
        add_missing(host, "/run/resolvconf");
        add_link(host, "/bin", "usr/bin", "/usr/bin", NOOK_PATH_DIR);
        add_link(host, "/sbin", "usr/sbin", "/usr/sbin", NOOK_PATH_DIR);
        add_link(host, "/lib", "usr/lib", "/usr/lib", NOOK_PATH_DIR);
        add_link(host, "/lib64", "usr/lib64", "/usr/lib64", NOOK_PATH_DIR);
        add_link(host, "/etc/resolv.conf", "../run/systemd/resolve/stub-resolv.conf",
                 "/run/systemd/resolve/stub-resolv.conf", NOOK_PATH_FILE);
        nook_host_add_user(host, "root", 0, 0, "/root", "/bin/sh", NULL, 0);
        nook_host_add_user(host, "alice", 1000, 1000, "/home/alice", "/bin/sh", games, 1);
        nook_host_add_user(host, "wheel", 1001, 0, "/home/wheel", "/bin/sh", NULL, 0);
        host->n_cpus = 4;
        return host;
}

PlanFixture *plan_fixture_new(const char *config) {
        PlanFixture *fixture = g_new0(PlanFixture, 1);
        g_autoptr(NookSource) source =
                nook_source_new_text("nook.hcl", config != NULL ? config : "");
        g_autoptr(NookDiags) diags = nook_diags_new();

        fixture->config = nook_config_read_sources(&source, 1, diags);
        if (fixture->config == NULL)
                fail_msg("%s", nook_diags_first_error(diags));
        fixture->host = host_new();
        fixture->options = (NookPlanOptions){.state_dir = "/var/lib/nook",
                                             .run_dir = "/run/nook",
                                             .cache_dir = "/var/cache/nook",
                                             .libexec_dir = "/usr/libexec/nook"};
        return fixture;
}

void plan_fixture_free(PlanFixture *fixture) {
        nook_plan_free(fixture->plan);
        nook_job_free(fixture->job);
        nook_host_free(fixture->host);
        nook_config_free(fixture->config);
        g_free(fixture->findings);
        g_free(fixture);
}

void plan_fixture_read(PlanFixture *fixture, const char *job) {
        g_autoptr(NookDiags) diags = nook_diags_new();

        fixture->job = read_text(job, NULL, &fixture->findings);
        if (fixture->job == NULL)
                fail_msg("%s", fixture->findings);
        fixture->plan = nook_plan_new(fixture->job, fixture->config, fixture->host,
                                      &fixture->options, diags);
        g_free(fixture->findings);
        fixture->findings = findings_text(diags);
}

NookPlanTask *plan_fixture_task(PlanFixture *fixture, const char *job) {
        const NookPlanAlloc *alloc;

        plan_fixture_read(fixture, job);
        if (fixture->plan == NULL)
                fail_msg("%s", fixture->findings);
        alloc = g_ptr_array_index(fixture->plan->allocs, 0);
        return g_ptr_array_index(alloc->tasks, 0);
}

char *plan_setting(const NookUnit *unit, const char *key) {
        GString *text = g_string_new(NULL);

        for (guint i = 0; i < unit->settings->len; i++) {
                const NookSetting *setting = g_ptr_array_index(unit->settings, i);
                g_autofree char *value = NULL;

                if (!g_str_equal(setting->directive->key, key))
                        continue;
                value = nook_directive_print(setting->directive, setting->value);
                g_string_append_printf(text, "%s%s", text->len > 0 ? "\n" : "", value);
        }
        return g_string_free(text, FALSE);
}
