/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "test.h"

#include <signal.h>
#include <string.h>

#include "plan-fixture.h"
#include "unit/name.h"
#include "unit/plan-text.h"

#define ALLOW(plugin, line)                                                                        \
        "; the operator allows it by adding to /etc/nook:\n    plugin \"" plugin                   \
        "\" {\n      config {\n        " line "\n      }\n    }"

static void assert_setting(const NookUnit *unit, const char *key, const char *expected) {
        g_autofree char *text = plan_setting(unit, key);

        if (!g_str_equal(text, expected))
                fail_msg("%s=%s instead of '%s'", key, text, expected);
}

static void assert_found(const PlanFixture *fixture, const char *finding) {
        assert_null(fixture->plan);
        assert_string_equal(fixture->findings, finding);
}

static const char *env_of(const NookPlanTask *task, const char *name) {
        return g_environ_getenv(task->env, name);
}

/* --- names --------------------------------------------------------------------------------------
 */

static void a_bare_task_is_named_after_itself(void **state) {
        g_autoptr(PlanFixture) fixture = plan_fixture_new(NULL);
        const NookPlanTask *task = plan_fixture_task(fixture, TASK(""));

        assert_string_equal(task->unit->name, "nook-web.service");
        assert_string_equal(task->alloc->slice, "nook.slice");
        assert_int_equal(task->auxiliary->len, 0);
        assert_string_equal(task->alloc->name, "web.web[0]");
}

static void other_tasks_say_job_group_task_and_index(void **state) {
        g_autoptr(PlanFixture) fixture = plan_fixture_new(NULL);
        const NookPlanAlloc *second;
        const NookPlanTask *task;

        plan_fixture_read(fixture,
                          "job \"a-b\" {\n type = \"batch\"\n group \"g:1\" {\n count = 2\n "
                          "task \"t\u00e4sk\" {\n driver = \"exec\"\n config { command = "
                          "\"/bin/true\" }\n }\n }\n}\n");
        assert_string_equal(fixture->findings, "");
        second = g_ptr_array_index(fixture->plan->allocs, 1);
        task = g_ptr_array_index(second->tasks, 0);
        assert_string_equal(task->unit->name, "nook-a-b:g\\x3a1:t\\xc3\\xa4sk:1.service");
        assert_string_equal(second->slice, "nook-a\\x2db.slice");
        assert_int_equal(task->auxiliary->len, 0);
        assert_string_equal(task->env_file + strlen("/run/nook/env/") + 36, ".t=c3=a4sk");
        task = g_ptr_array_index(
                ((NookPlanAlloc *)g_ptr_array_index(fixture->plan->allocs, 0))->tasks, 0);
        assert_int_equal(task->auxiliary->len, 1);
        assert_string_equal(((NookUnit *)g_ptr_array_index(task->auxiliary, 0))->name,
                            "nook-a\\x2db.slice");
}

static void a_name_that_systemd_cannot_hold_is_refused_with_its_length(void **state) {
        g_autoptr(PlanFixture) fixture = plan_fixture_new(NULL);
        g_autofree char *name = g_strnfill(250, 'x');
        g_autofree char *job = g_strdup_printf(
                "task \"%s\" {\n driver = \"exec\"\n config { command = \"/bin/true\" }\n}\n",
                name);

        plan_fixture_read(fixture, job);
        assert_null(fixture->plan);
        assert_true(g_str_has_prefix(
                fixture->findings,
                "1:6 error: Name too long: The unit's name has 263 bytes, systemd takes 255: "));
}

static void ids_without_a_maker_are_the_same_each_time(void **state) {
        g_autoptr(PlanFixture) fixture = plan_fixture_new(NULL);
        g_autoptr(PlanFixture) again = plan_fixture_new(NULL);
        const NookPlanTask *task = plan_fixture_task(fixture, TASK(""));
        const NookPlanTask *same = plan_fixture_task(again, TASK(""));

        assert_string_equal(task->alloc->id, same->alloc->id);
        assert_int_equal(strlen(task->alloc->id), 36);
        assert_memory_equal(task->alloc->user_name + 5, task->alloc->id, 8);
}

/* The ids that these two names give begin with the same eight digits. */
static void names_that_were_searched_for_share_no_user(void **state) {
        static const char *const texts[] = {
                "task \"job27504\" {\n  driver = \"exec\"\n  config { command = \"/bin/true\" "
                "}\n}\n",
                "task \"job186311\" {\n  driver = \"exec\"\n  config { command = \"/bin/true\" "
                "}\n}\n",
        };
        g_autoptr(PlanFixture) one = plan_fixture_new(NULL);
        g_autoptr(PlanFixture) two = plan_fixture_new(NULL);
        const NookPlanAlloc *first = plan_fixture_task(one, texts[0])->alloc;
        const NookPlanAlloc *second = plan_fixture_task(two, texts[1])->alloc;

        assert_memory_equal(first->id, second->id, 8);
        assert_string_not_equal(first->user_name, second->user_name);
        assert_in_range(strlen(first->user_name), 16, 31);
}

/* --- the walls ----------------------------------------------------------------------------------
 */

static void the_default_walls_are_all_there(void **state) {
        g_autoptr(PlanFixture) fixture = plan_fixture_new(NULL);
        const NookPlanTask *task = plan_fixture_task(fixture, TASK(""));
        const NookUnit *unit = task->unit;
        static const char *const on[] = {"MountAPIVFS",
                                         "PrivateDevices",
                                         "PrivateIPC",
                                         "ProtectHostname",
                                         "ProtectKernelTunables",
                                         "ProtectKernelModules",
                                         "ProtectKernelLogs",
                                         "ProtectControlGroups",
                                         "ProtectClock",
                                         "RestrictSUIDSGID",
                                         "RestrictNamespaces",
                                         "RestrictRealtime",
                                         "LockPersonality",
                                         "RemoveIPC",
                                         "NoNewPrivileges",
                                         "DynamicUser"};

        for (gsize i = 0; i < G_N_ELEMENTS(on); i++)
                assert_setting(unit, on[i], "yes");
        assert_setting(unit, "ProtectSystem", "strict");
        assert_setting(unit, "ProtectProc", "invisible");
        assert_setting(unit, "CapabilityBoundingSet", "");
        assert_setting(unit, "AmbientCapabilities", "");
        assert_setting(unit, "RestrictAddressFamilies", "AF_UNIX AF_INET AF_INET6 AF_NETLINK");
        assert_setting(unit, "SystemCallFilter",
                       "@system-service @pkey\n~@keyring io_uring_setup io_uring_enter "
                       "io_uring_register userfaultfd");
        assert_setting(unit, "SystemCallErrorNumber", "EPERM");
        assert_setting(unit, "SystemCallArchitectures", "native");
        assert_setting(unit, "UMask", "0022");
        assert_setting(unit, "IgnoreSIGPIPE", "no");
        assert_setting(unit, "MemorySwapMax", "0");
        assert_setting(unit, "TasksMax", "4096");
        assert_setting(unit, "KillSignal", "SIGINT");
        assert_setting(unit, "KillMode", "mixed");
        assert_setting(unit, "TimeoutStopSec", "5s");
        assert_setting(unit, "TemporaryFileSystem",
                       "/dev/shm:mode=1777,size=64M,nosuid,nodev,noexec");
        assert_setting(unit, "ReadOnlyPaths", "+/home +/root -+/run/user +/run -+/var/tmp");
        assert_setting(unit, "InaccessiblePaths", "-+/dev/hugepages");
        assert_setting(unit, "ProtectHome", "tmpfs");
        assert_setting(unit, "NoExecPaths", "+/secrets");
        assert_setting(unit, "BindLogSockets", "");
        assert_setting(unit, "ReadWritePaths", "");
        assert_setting(unit, "PrivatePIDs", "");
        assert_setting(unit, "Restart", "");
        assert_setting(unit, "MemoryMax", "");
}

static void newer_managers_get_what_they_know(void **state) {
        g_autoptr(PlanFixture) fixture = plan_fixture_new(NULL);
        const NookPlanTask *task;
        const char *rest;

        fixture->host->manager_version = 257;
        fixture->host->has_namespaces = true;
        fixture->host->manager_features = g_strsplit("+SECCOMP", " ", -1);
        fixture->host->seccomp_actions = g_strsplit("errno", " ", -1);
        task = plan_fixture_task(fixture, TASK(""));
        assert_setting(task->unit, "BindLogSockets", "no");
        assert_int_equal(nook_plan_mount_of(task, "/tmp/x", &rest)->kind, NOOK_MOUNT_TMPFS);
        assert_true(fixture->plan->missing_limits == (NOOK_NEED_MEMORY | NOOK_NEED_PIDS));
}

static void a_wall_that_the_host_cannot_build_is_refused(void **state) {
        g_autoptr(PlanFixture) fixture = plan_fixture_new(NULL);

        fixture->host->manager_version = 251;
        plan_fixture_read(fixture, TASK(""));
        assert_found(
                fixture,
                "0:0 error: systemd too old: nook needs systemd 252; this is 251.\n"
                "0:0 error: Wall cannot be built: system call filters: systemd is built without "
                "seccomp, or the kernel has none.\n"
                "0:0 error: Wall cannot be built: a root and namespaces of its own: namespaces "
                "cannot be made here; in a container they need --privileged or --cap-add "
                "SYS_ADMIN --security-opt seccomp=unconfined.");
}

/* --- the root -----------------------------------------------------------------------------------
 */

#define WALL "0:0 error: Wall cannot be built: "
#define PORTS                                                                                      \
        "port and interface rules (SocketBindDeny=, RestrictNetworkInterfaces=): systemd is "      \
        "built without BPF_FRAMEWORK, as Debian 12's is, or BPF programs cannot be attached here."

/* One thing is turned off, and the rest is there: the refusal names that thing and no other. */
static void each_wall_is_refused_by_its_own_name(void **state) {
        enum {
                NOTHING,
                SECCOMP,
                SECCOMP_ACTION,
                NAMESPACES,
                USERS,
                BPF_DEVICES,
                BPF_ADDRESSES,
                BPF_PORTS,
                BPF_FRAMEWORK,
        };
        static const struct {
                int off;
                const char *finding;
        } cases[] = {
                {NOTHING, ""},
                {SECCOMP, WALL "system call filters: systemd is built without seccomp, or the "
                               "kernel has none."},
                {SECCOMP_ACTION, WALL "system call filters: systemd is built without seccomp, or "
                                      "the kernel has none."},
                {NAMESPACES, WALL "a root and namespaces of its own: namespaces cannot be made "
                                  "here; in a container they need --privileged or --cap-add "
                                  "SYS_ADMIN --security-opt seccomp=unconfined."},
                {USERS, WALL "PrivateUsers=: user namespaces are turned off "
                             "(user.max_user_namespaces)."},
                {BPF_DEVICES, WALL "device rules (DevicePolicy=, DeviceAllow=): BPF programs "
                                   "cannot be attached here."},
                {BPF_ADDRESSES, WALL "address rules (IPAddressDeny= and the like): BPF programs "
                                     "cannot be attached here."},
                {BPF_PORTS, WALL PORTS},
                {BPF_FRAMEWORK, WALL PORTS},
        };

        for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
                g_autoptr(PlanFixture) fixture =
                        plan_fixture_new("plugin \"exec\" {\n config {\n  allow_directives = "
                                         "[\"PrivateUsers\"]\n }\n}\n");
                NookHost *host = fixture->host;
                int off = cases[i].off;

                host->manager_version = 252;
                host->manager_features = g_new0(char *, 3);
                host->manager_features[0] = g_strdup(off == SECCOMP ? "-SECCOMP" : "+SECCOMP");
                host->manager_features[1] =
                        g_strdup(off == BPF_FRAMEWORK ? "-BPF_FRAMEWORK" : "+BPF_FRAMEWORK");
                host->seccomp_actions =
                        g_strsplit(off == SECCOMP_ACTION ? "log" : "errno kill_process", " ", -1);
                host->has_namespaces = off != NAMESPACES;
                host->has_user_namespaces = off != USERS;
                host->has_bpf_devices = off != BPF_DEVICES;
                host->has_bpf_firewall = off != BPF_ADDRESSES;
                host->has_bpf_socket_bind = off != BPF_PORTS;
                plan_fixture_read(fixture, TASK("  unit {\n    PrivateUsers = true\n    "
                                                "IPAddressDeny = \"10.0.0.0/8\"\n    "
                                                "SocketBindDeny = \"any\"\n    "
                                                "DevicePolicy = \"strict\"\n  }"));
                assert_string_equal(fixture->findings, cases[i].finding);
                assert_true((fixture->plan == NULL) == (off != NOTHING));
        }
}

/* Its private /dev and the missing right to make nodes hold a default task; a program is asked for
 * where they do not. */
static void a_task_that_can_make_devices_needs_a_device_program(void **state) {
        static const char *const names[] = {"MKNOD", "SYS_ADMIN", "SYS_CHROOT"};

        for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
                g_autofree char *config = g_strdup_printf(
                        "plugin \"exec\" {\n config {\n allow_caps = [\"%s\"]\n }\n}\n", names[i]);
                g_autofree char *job =
                        g_strdup_printf("task \"web\" {\n driver = \"exec\"\n config {\n command = "
                                        "\"/bin/true\"\n cap_add = [\"%s\"]\n }\n}\n",
                                        names[i]);
                g_autoptr(PlanFixture) fixture = plan_fixture_new(config);
                const NookPlanTask *task;
                bool can_make = !g_str_equal(names[i], "SYS_CHROOT");

                task = plan_fixture_task(fixture, job);
                assert_setting(task->unit, "DevicePolicy", can_make ? "closed" : "");
                assert_true(((task->needs & NOOK_NEED_BPF_DEVICES) != 0) == can_make);
        }
}

static void merged_usr_is_bound_once(void **state) {
        g_autoptr(PlanFixture) fixture = plan_fixture_new(NULL);
        const NookPlanTask *task = plan_fixture_task(fixture, TASK(""));
        g_autofree char *links = g_strjoinv(" ", task->skeleton->links);
        const NookLeftOut *left_out = g_ptr_array_index(fixture->plan->left_out, 0);

        assert_setting(task->unit, "BindReadOnlyPaths", "-/etc -/run/systemd/resolve -/usr");
        assert_string_equal(links,
                            "/bin usr/bin /lib usr/lib /lib64 usr/lib64 /run/host/os-release "
                            ".os-release-stage/os-release /sbin usr/sbin /var/run ../run");
        assert_string_equal(left_out->what, "/lib32");
        assert_string_equal(left_out->why, "not on this host");
        assert_int_equal(fixture->plan->left_out->len, 2);
}

static void tasks_with_equal_mount_points_share_a_skeleton(void **state) {
        g_autoptr(PlanFixture) fixture = plan_fixture_new(NULL);
        g_autoptr(PlanFixture) other = plan_fixture_new(NULL);
        g_autoptr(PlanFixture) third = plan_fixture_new(NULL);
        const NookPlanTask *task = plan_fixture_task(fixture, TASK(""));
        const NookPlanTask *same = plan_fixture_task(other, TASK("  env { A = \"1\" }"));
        const NookPlanTask *less =
                plan_fixture_task(third, TASK("  chroot_env = { \"/usr\" = \"/usr\" }"));

        assert_string_equal(task->skeleton->path, same->skeleton->path);
        assert_string_not_equal(task->skeleton->path, less->skeleton->path);
        assert_setting(less->unit, "BindReadOnlyPaths", "-/usr");
        assert_true(g_str_has_prefix(task->skeleton->path, "/run/nook/root/"));
}

static void a_job_may_only_narrow_the_operators_list(void **state) {
        g_autoptr(PlanFixture) fixture =
                plan_fixture_new("client { chroot_env = { \"/usr\" = \"/usr\" } }");

        plan_fixture_read(fixture, TASK("  chroot_env {\n    \"/usr/lib\" = \"/usr/lib\"\n    "
                                        "\"/home\" = \"/usr/home\"\n  }"));
        assert_found(fixture, "5:5 error: Path not allowed: The operator's chroot_env does not "
                              "have \"/home\"; to allow it, add to client { chroot_env } in "
                              "/etc/nook: \"/home\" = \"/usr/home\"");
}

static void a_job_does_not_leave_the_operators_list_by_a_link(void **state) {
        g_autoptr(PlanFixture) fixture = plan_fixture_new(NULL);
        g_autoptr(PlanFixture) inside = plan_fixture_new(NULL);

        nook_host_add_path(fixture->host, "/etc/out", NOOK_PATH_LINK, "/root/x", "/root/x",
                           NOOK_PATH_FILE);
        plan_fixture_read(fixture, TASK("  chroot_env {\n    \"/etc/out\" = \"/etc/out\"\n  }"));
        assert_found(fixture, "4:5 error: Path not allowed: \"/etc/out\" leads by a link to "
                              "\"/root/x\", which the operator's chroot_env does not have.");

        nook_host_add_path(inside->host, "/etc/in", NOOK_PATH_LINK, "/usr/x", "/usr/x",
                           NOOK_PATH_FILE);
        plan_fixture_read(inside,
                          TASK("  chroot_env {\n    \"/etc/in\" = \"/etc/in\"\n    \"/bin\" = "
                               "\"/bin\"\n    \"/etc/resolv.conf\" = "
                               "\"/etc/resolv.conf\"\n  }"));
        assert_non_null(inside->plan);
}

static void destinations_stay_off_the_tasks_own(void **state) {
        g_autoptr(PlanFixture) fixture = plan_fixture_new(
                "client {\nchroot_env {\n \"/usr\" = \"/tmp\"\n \"/etc\" = \"/proc/x\"\n}\n}");

        plan_fixture_read(fixture, TASK(""));
        assert_found(
                fixture,
                "3:11 error: Invalid destination in chroot_env: \"/tmp\" is no absolute path "
                "without \"..\", or a place that the task's own files or the kernel's are "
                "mounted on.\n"
                "4:11 error: Invalid destination in chroot_env: \"/proc/x\" is no absolute path "
                "without \"..\", or a place that the task's own files or the kernel's are "
                "mounted on.");
}

static void no_directory_is_made_in_the_hosts_own(void **state) {
        g_autoptr(PlanFixture) fixture = plan_fixture_new(
                "client {\nchroot_env {\n \"/usr\" = \"/usr\"\n \"/opt/jvm\" = \"/usr/jvm\"\n}\n}");

        nook_host_add_path(fixture->host, "/opt/jvm", NOOK_PATH_DIR, NULL, "/opt/jvm",
                           NOOK_PATH_DIR);
        nook_host_add_path(fixture->host, "/usr/jvm", NOOK_PATH_MISSING, NULL, NULL,
                           NOOK_PATH_MISSING);
        plan_fixture_read(fixture, TASK(""));
        assert_found(fixture,
                     "4:2 error: Missing mount point: \"/usr/jvm\" lies below \"/usr\", and "
                     "\"/usr/jvm\" is missing on this host; nook makes no directories in "
                     "the host's own.");
}

static void the_resolvers_file_is_bound_where_the_link_leads(void **state) {
        g_autoptr(PlanFixture) fixture = plan_fixture_new(NULL);
        const NookPlanTask *task;

        nook_host_add_path(fixture->host, "/etc/resolv.conf", NOOK_PATH_LINK,
                           "/run/NetworkManager/resolv.conf", "/run/NetworkManager/resolv.conf",
                           NOOK_PATH_FILE);
        task = plan_fixture_task(fixture, TASK(""));
        assert_setting(task->unit, "BindReadOnlyPaths",
                       "-/etc -/run/systemd/resolve -/usr -/run/NetworkManager/resolv.conf");
}

static void odd_names_get_clean_ones(void **state) {
        g_autoptr(PlanFixture) fixture = plan_fixture_new(
                "client { chroot_env = { \"/srv/a b:c\" = \"/data \\\"x\\\"\" } }");
        g_autofree char *expected = NULL, *links = NULL;
        const NookPlanTask *task;
        const NookPlanLink *link;

        nook_host_add_path(fixture->host, "/srv/a b:c", NOOK_PATH_DIR, NULL, "/srv/a b:c",
                           NOOK_PATH_DIR);
        task = plan_fixture_task(fixture, TASK(""));
        link = g_ptr_array_index(task->links, 0);
        assert_string_equal(link->target, "/srv/a b:c");
        assert_true(g_str_has_prefix(link->path, "/run/nook/link/"));
        expected = g_strdup_printf("-%s:/.nook/6", link->path);
        assert_setting(task->unit, "BindReadOnlyPaths", expected);
        links = g_strjoinv(" ", task->skeleton->links);
        assert_string_equal(links, "/data \"x\" /.nook/6 /run/host/os-release "
                                   ".os-release-stage/os-release /var/run ../run");
}

static void a_path_belongs_to_the_deepest_mount(void **state) {
        g_autoptr(PlanFixture) fixture = plan_fixture_new(NULL);
        const NookPlanTask *task = plan_fixture_task(fixture, TASK(""));
        const char *rest;

        assert_string_equal(nook_plan_mount_of(task, "/usr/bin/sh", &rest)->source, "/usr");
        assert_string_equal(rest, "bin/sh");
        assert_int_equal(nook_plan_mount_of(task, "/usrx", &rest)->kind, NOOK_MOUNT_ROOT);
        assert_int_equal(nook_plan_mount_of(task, "/local", &rest)->role, NOOK_ROLE_LOCAL);
        assert_string_equal(rest, "");
        assert_int_equal(nook_plan_mount_of(task, "/run/x", &rest)->kind, NOOK_MOUNT_TMPFS);
}

#define VOLUME(lines)                                                                              \
        "group \"g\" {\n volume \"data\" {\n type = \"host\"\n source = \"db\"\n }\n task "        \
        "\"web\" {\n "                                                                             \
        "driver = \"exec\"\n config { command = \"/bin/true\" }\n volume_mount {\n volume = "      \
        "\"data\"\n " lines "\n }\n }\n}\n"

static void a_volume_is_the_operators_by_name(void **state) {
        g_autoptr(PlanFixture) unknown = plan_fixture_new(NULL);
        g_autoptr(PlanFixture) known =
                plan_fixture_new("client {\n host_volume \"db\" {\n path = \"/srv/db\"\n }\n}");
        const NookPlanTask *task;

        plan_fixture_read(unknown, VOLUME("destination = \"/db\""));
        assert_null(unknown->plan);
        assert_non_null(strstr(unknown->findings,
                               "4:11 error: Unknown host volume: The operator has "
                               "no host_volume \"db\""));
        nook_host_add_path(known->host, "/srv/db", NOOK_PATH_DIR, NULL, "/srv/db", NOOK_PATH_DIR);
        task = plan_fixture_task(known, VOLUME("destination = \"/db\""));
        assert_int_equal(nook_plan_mount_of(task, "/db/x", NULL)->role, NOOK_ROLE_VOLUME);
        assert_false(nook_plan_mount_of(task, "/db/x", NULL)->is_read_only);
}

static void files_start_the_sandbox_too_but_hold_no_scopes(void **state) {
        g_autoptr(PlanFixture) fixture = plan_fixture_new(NULL);
        g_autoptr(PlanFixture) scope = plan_fixture_new(NULL);
        const NookPlanTask *task;
        g_autofree char *walls = NULL, *command = NULL;

        fixture->options.is_file = scope->options.is_file = true;
        task = plan_fixture_task(fixture, TASK("  sandbox = \"nook\""));
        walls = g_strdup_printf("%s/.walls.0", task->alloc->dir);
        command = g_strdup_printf("%s/nook-sandbox %s", fixture->options.libexec_dir, walls);
        assert_setting(task->unit, "ExecStart", command);
        assert_setting(task->unit, "DynamicUser", "");
        assert_setting(task->unit, "User", "");
        assert_setting(task->unit, "ProtectSystem", "");
        assert_non_null(nook_unit_find(task->unit, "EnvironmentFile"));
        plan_fixture_read(scope, TASK("  kind = \"scope\""));
        assert_null(scope->plan);
        assert_non_null(strstr(scope->findings, "1:1 error: Not possible in a unit file: "));
}

/* --- who it is ----------------------------------------------------------------------------------
 */

static void a_static_user_owns_its_directories(void **state) {
        g_autoptr(PlanFixture) fixture = plan_fixture_new(NULL);
        const NookPlanTask *task = plan_fixture_task(fixture, TASK("  user = \"alice\""));
        const NookPlanDirectory *local = g_ptr_array_index(task->directories, 1);

        assert_int_equal(task->user->kind, NOOK_USER_STATIC);
        assert_setting(task->unit, "User", "alice");
        assert_setting(task->unit, "DynamicUser", "");
        assert_int_equal(local->owner, NOOK_OWNER_TASK);
        assert_int_equal(local->uid, 1000);
        assert_string_equal(env_of(task, "HOME"), "/home/alice");
        assert_int_equal(task->user->n_groups, 1);
        assert_int_equal(fixture->plan->notes->len, 1);
}

static void directories_of_a_dynamic_user_are_everybodys_below_roots(void **state) {
        g_autoptr(PlanFixture) fixture = plan_fixture_new(NULL);
        const NookPlanTask *task = plan_fixture_task(fixture, TASK(""));
        const NookPlanDirectory *own = g_ptr_array_index(task->directories, 0);
        const NookPlanDirectory *local = g_ptr_array_index(task->directories, 1);

        assert_int_equal(own->mode, 0700);
        assert_int_equal(local->mode, 0777);
        assert_int_equal(local->owner, NOOK_OWNER_ROOT);
}

static void users_that_the_operator_denies_are_refused(void **state) {
        g_autoptr(PlanFixture) root = plan_fixture_new(NULL);
        g_autoptr(PlanFixture) unknown = plan_fixture_new(NULL);
        g_autoptr(PlanFixture) group = plan_fixture_new(NULL);
        g_autoptr(PlanFixture) worker = plan_fixture_new(NULL);
        g_autoptr(PlanFixture) other = plan_fixture_new(NULL);
        g_autoptr(PlanFixture) uid = plan_fixture_new(
                "plugin \"exec\" {\nconfig { denied_host_uids = \"999-1000\" }\n}");

        plan_fixture_read(root, TASK("  user = \"root\""));
        assert_found(root, "3:10 error: User not allowed: User \"root\" is in user.denylist; the "
                           "operator may set client { options = { \"user.denylist\" = \"\" } } in "
                           "/etc/nook.");
        plan_fixture_read(unknown, TASK("  user = \"bob\""));
        assert_found(unknown, "3:10 error: Unknown user: There is no user \"bob\" on this host.");
        plan_fixture_read(group, TASK("  user = \"wheel\""));
        assert_found(group,
                     "3:10 error: User not allowed: User \"wheel\" is in group 0, from which "
                     "/proc hides nothing.");
        nook_host_add_user(worker->host, "nook-worker", 997, 997, "/", "/bin/false", NULL, 0);
        nook_host_add_user(worker->host, "same", 997, 997, "/", "/bin/false", NULL, 0);
        plan_fixture_read(worker, TASK("  user = \"same\""));
        assert_found(worker, "3:10 error: User not allowed: User \"same\" is who downloads and "
                             "unpacks artifacts: its tasks could reach into the downloads of other "
                             "jobs.");
        nook_host_add_user(other->host, "nook-0ac1cdd5", 63284, 63284, "/", "/bin/false", NULL, 0);
        plan_fixture_read(other, TASK("  user = \"nook-0ac1cdd5\""));
        assert_found(other,
                     "3:10 error: User not allowed: User \"nook-0ac1cdd5\" is the user of its "
                     "own that another unit has while it runs: what that unit keeps to itself "
                     "would be this task's too.");
        plan_fixture_read(uid, TASK("  user = \"alice\""));
        assert_found(uid, "3:10 error: User not allowed: User \"alice\" has a uid that is in "
                          "denied_host_uids.");
}

static void huge_pages_are_covered_where_the_host_has_them(void **state) {
        g_autoptr(PlanFixture) fixture = plan_fixture_new(NULL);
        const NookPlanTask *task;

        nook_host_add_path(fixture->host, "/dev/hugepages", NOOK_PATH_DIR, NULL, "/dev/hugepages",
                           NOOK_PATH_DIR);
        task = plan_fixture_task(fixture, TASK(""));
        assert_setting(task->unit, "InaccessiblePaths", "");
        assert_setting(task->unit, "TemporaryFileSystem",
                       "/dev/shm:mode=1777,size=64M,nosuid,nodev,noexec "
                       "/dev/hugepages:ro,mode=0000,size=4k,nosuid,nodev,noexec");
}

static void homes_are_closed_where_one_is_bound_and_empty_elsewhere(void **state) {
        g_autoptr(PlanFixture) plain = plan_fixture_new(NULL);
        g_autoptr(PlanFixture) bound = plan_fixture_new("client {\n  chroot_env {\n"
                                                        "    \"/srv/data\" = \"/home/data\"\n"
                                                        "  }\n}\n");

        nook_host_add_path(bound->host, "/srv/data", NOOK_PATH_DIR, NULL, "/srv/data",
                           NOOK_PATH_DIR);
        assert_setting(plan_fixture_task(plain, TASK(""))->unit, "ProtectHome", "tmpfs");
        assert_setting(plan_fixture_task(bound, TASK(""))->unit, "ProtectHome", "yes");
}

static void root_gets_a_pid_namespace_and_loses_its_secrets(void **state) {
        g_autoptr(PlanFixture) fixture =
                plan_fixture_new("client { options = { \"user.denylist\" = \"\" } }");
        const NookPlanTask *task = plan_fixture_task(fixture, TASK("  user = \"root\""));

        assert_true(task->has_private_pids);
        assert_int_equal(task->builder, NOOK_BUILDER_SANDBOX);
        assert_setting(task->unit, "ProtectSystem", "");
        assert_setting(task->unit, "ExecStart", "");
        assert_setting(task->exec, "ProtectSystem", "strict");
        assert_setting(task->exec, "InaccessiblePaths",
                       "-+/dev/hugepages -+/etc/shadow -+/etc/gshadow -+/etc/ssh -+/proc/keys "
                       "-+/proc/slabinfo -+/proc/vmallocinfo -+/proc/pagetypeinfo "
                       "-+/proc/timer_list -+/sys/fs/selinux");
        assert_setting(task->exec, "AmbientCapabilities", "");
}

static void capabilities_are_given_as_far_as_allowed(void **state) {
        g_autoptr(PlanFixture) none = plan_fixture_new(NULL);
        g_autoptr(PlanFixture) some =
                plan_fixture_new("plugin \"exec\" {\nconfig { allow_caps = [\"net_bind_service\", "
                                 "\"sys_chroot\"] }\n}");
        const NookPlanTask *task;
        static const char job[] =
                "task \"web\" {\n driver = \"exec\"\n config {\n command = \"/bin/true\"\n "
                "cap_drop = "
                "[\"all\"]\n cap_add = [\"NET_BIND_SERVICE\", \"sys_chroot\"]\n }\n}\n";

        plan_fixture_read(none, job);
        assert_null(none->plan);
        assert_non_null(strstr(none->findings,
                               "6:13 error: Capability not allowed: \"NET_BIND_SERVICE\" is not in "
                               "allow_caps" ALLOW("exec", "allow_caps = [\"NET_BIND_SERVICE\"]")));
        task = plan_fixture_task(some, job);
        assert_setting(task->unit, "CapabilityBoundingSet", "CAP_NET_BIND_SERVICE CAP_SYS_CHROOT");
        assert_setting(task->unit, "AmbientCapabilities", "CAP_NET_BIND_SERVICE CAP_SYS_CHROOT");
        assert_setting(task->unit, "SystemCallFilter",
                       "@system-service @pkey chroot\n~@keyring io_uring_setup io_uring_enter "
                       "io_uring_register userfaultfd");
}

static void raw_exec_needs_the_operators_word(void **state) {
        g_autoptr(PlanFixture) refused = plan_fixture_new(NULL);
        g_autoptr(PlanFixture) allowed =
                plan_fixture_new("plugin \"raw_exec\" {\nconfig { enabled = true }\n}");
        static const char job[] =
                "task \"raw\" {\n driver = \"raw_exec\"\n config { command = \"id\" "
                "}\n}\n";
        const NookPlanTask *task;

        plan_fixture_read(refused, job);
        assert_found(refused,
                     "2:11 error: Driver not enabled: raw_exec runs without any wall" ALLOW(
                             "raw_exec", "enabled = true"));
        task = plan_fixture_task(allowed, job);
        assert_true(task->is_raw);
        assert_setting(task->unit, "ProtectSystem", "");
        assert_setting(task->unit, "RootDirectory", "");
        assert_setting(task->unit, "DynamicUser", "");
        assert_true(g_str_has_prefix(env_of(task, "NOMAD_TASK_DIR"), "/var/lib/nook/alloc/"));
}

/* --- words and environment ----------------------------------------------------------------------
 */

#define ECHO                                                                                       \
        "task \"web\" {\n driver = \"exec\"\n config {\n command = \"echo\"\n args = [\"$HOME; "   \
        "x\"]\n }\n}\n"

static void words_travel_in_the_way_that_keeps_them(void **state) {
        g_autoptr(PlanFixture) plain = plan_fixture_new(NULL);
        g_autoptr(PlanFixture) coded = plan_fixture_new(NULL);
        g_autoptr(PlanFixture) file = plan_fixture_new(NULL);
        NookPlanTask *task = plan_fixture_task(plain, TASK(""));

        assert_setting(task->unit, "ExecStart", "/bin/true");
        task = plan_fixture_task(coded, ECHO);
        assert_int_equal(task->argv_how, NOOK_ARGV_HELPER);
        nook_plan_task_set_command(task, "/usr/bin/echo");
        assert_setting(task->unit, "ExecStart",
                       "/.nook/argv /usr/bin/echo /usr/bin/echo =24HOME=3B=20x");
        assert_string_equal(nook_plan_mount_of(task, "/.nook/argv", NULL)->source,
                            "/usr/libexec/nook/nook-argv");
        file->options.is_file = true;
        task = plan_fixture_task(file, ECHO);
        assert_setting(task->unit, "ExecStart", ":echo \"$HOME; x\"");
}

static void a_command_is_looked_for_in_nomads_order(void **state) {
        g_autoptr(PlanFixture) bare = plan_fixture_new(NULL);
        g_autoptr(PlanFixture) absolute = plan_fixture_new(NULL);
        const NookPlanTask *task = plan_fixture_task(bare, ECHO);
        g_autofree char *names = g_strjoinv(" ", task->lookup), *also = NULL;

        assert_string_equal(names, "/local/echo /echo /usr/local/bin/echo /usr/bin/echo /bin/echo");
        task = plan_fixture_task(absolute, TASK(""));
        also = g_strjoinv(" ", task->lookup);
        assert_string_equal(also, "/local/bin/true /bin/true");
}

static void the_environment_has_nomads_names_and_precedence(void **state) {
        g_autoptr(PlanFixture) fixture = plan_fixture_new(NULL);
        const NookPlanTask *task = plan_fixture_task(
                fixture,
                TASK("  meta { zo-ne = \"a\" }\n  env {\n    X = \"${NOMAD_TASK_NAME}-${nope}\"\n"
                     "    NOMAD_DC = \"mine\"\n    HOME = \"/local\"\n  }"));
        g_autofree char *text = NULL;

        assert_string_equal(env_of(task, "NOMAD_ALLOC_DIR"), "/alloc");
        assert_string_equal(env_of(task, "NOMAD_TASK_DIR"), "/local");
        assert_string_equal(env_of(task, "NOMAD_SECRETS_DIR"), "/secrets");
        assert_string_equal(env_of(task, "NOMAD_ALLOC_ID"), task->alloc->id);
        assert_string_equal(env_of(task, "NOMAD_ALLOC_INDEX"), "0");
        assert_string_equal(env_of(task, "NOMAD_META_zo_ne"), "a");
        assert_string_equal(env_of(task, "NOMAD_META_ZO_NE"), "a");
        assert_string_equal(env_of(task, "X"), "web-${nope}");
        assert_string_equal(env_of(task, "NOMAD_DC"), "mine");
        assert_string_equal(env_of(task, "HOME"), "/local");
        assert_string_equal(env_of(task, "USER"), task->alloc->user_name);
        text = nook_plan_env_file_text(task);
        assert_non_null(strstr(text, "\nX=\"web-\\${nope}\"\n"));
        assert_setting(task->unit, "Environment", "");
}

static void unknown_references_of_nomad_are_refused(void **state) {
        g_autoptr(PlanFixture) fixture = plan_fixture_new(NULL);

        plan_fixture_read(fixture,
                          "task \"web\" {\n driver = \"exec\"\n config {\n command = "
                          "\"/bin/true\"\n args = [\"${NOMAD_PORT_http}\", \"$${HOME}\"]\n "
                          "}\n}\n");
        assert_found(fixture,
                     "5:10 error: Unknown variable: \"${NOMAD_PORT_http}\" has no value for "
                     "this task on this host.");
}

/* --- limits, restart, stop ----------------------------------------------------------------------
 */

#define SERVICE(lines)                                                                             \
        "job \"web\" {\n group \"web\" {\n task \"web\" {\n driver = \"exec\"\n config { command " \
        "= "                                                                                       \
        "\"/bin/true\" }\n" lines "\n}\n}\n}\n"

static void a_job_has_nomads_defaults(void **state) {
        g_autoptr(PlanFixture) fixture = plan_fixture_new(NULL);
        const NookPlanTask *task = plan_fixture_task(fixture, SERVICE(""));

        assert_string_equal(task->unit->name, "nook-web.service");
        assert_setting(task->unit, "MemoryMax", "300M");
        assert_setting(task->unit, "CPUWeight", "17");
        assert_setting(task->unit, "Restart", "always");
        assert_setting(task->unit, "RestartSec", "15s");
        assert_setting(task->unit, "StartLimitIntervalSec", "1800s");
        assert_setting(task->unit, "StartLimitBurst", "3");
}

static void resources_become_limits(void **state) {
        g_autoptr(PlanFixture) fixture = plan_fixture_new(NULL);
        g_autoptr(PlanFixture) cores = plan_fixture_new(NULL);
        const NookPlanTask *task = plan_fixture_task(
                fixture, SERVICE("resources {\n cpu = 1000\n memory = 64\n memory_max = 128\n }\n"
                                 "kill_timeout = \"9s\"\nkill_signal = \"SIGTERM\""));

        assert_setting(task->unit, "CPUWeight", "99");
        assert_setting(task->unit, "MemoryLow", "64M");
        assert_setting(task->unit, "MemoryMax", "128M");
        assert_setting(task->unit, "TimeoutStopSec", "9s");
        assert_setting(task->unit, "KillSignal", "SIGTERM");
        assert_int_equal(task->kill_signal, SIGTERM);
        plan_fixture_read(cores, SERVICE("resources { cores = 9 }"));
        assert_null(cores->plan);
        assert_non_null(strstr(cores->findings, "The task wants 9 cores; this host has 4."));
}

static void network_none_is_a_namespace_that_the_group_shares(void **state) {
        g_autoptr(PlanFixture) fixture = plan_fixture_new(NULL);
        const NookPlanTask *task, *second;

        task = plan_fixture_task(
                fixture,
                "job \"j\" {\n group \"g\" {\n network { mode = \"none\" }\n task \"a\" {\n "
                "driver = \"exec\"\n config { command = \"/bin/true\" }\n }\n task \"b\" {\n "
                "driver = \"exec\"\n leader = true\n config { command = \"/bin/true\" }\n "
                "}\n }\n}\n");
        second = g_ptr_array_index(task->alloc->tasks, 1);
        assert_setting(task->unit, "PrivateNetwork", "yes");
        assert_setting(second->unit, "JoinsNamespaceOf", "nook-j:g:a:0.service");
        assert_setting(task->unit, "BindsTo", "nook-j:g:b:0.service");
        assert_ptr_equal(nook_plan_alloc_first_task(task->alloc), second);
        assert_int_equal(second->auxiliary->len, 1);
        assert_string_equal(task->alloc->slice, "nook-j.slice");
}

/* --- the unit block -----------------------------------------------------------------------------
 */

static void a_unit_block_may_tighten_and_limit(void **state) {
        g_autoptr(PlanFixture) fixture = plan_fixture_new(NULL);
        const NookPlanTask *task = plan_fixture_task(
                fixture,
                TASK("  unit {\n    IOWeight = 50\n    PrivateUsers = true\n    ReadOnlyPaths "
                     "= [\"/local\", \"-/x\"]\n    TasksMax = \"10%\"\n    SystemCallFilter = "
                     "\"~@clock\"\n    TemporaryFileSystem = \"/scratch:size=1M\"\n  }"));

        assert_setting(task->unit, "IOWeight", "50");
        assert_setting(task->unit, "PrivateUsers", "yes");
        assert_setting(task->unit, "TasksMax", "10%");
        assert_setting(task->unit, "ReadOnlyPaths",
                       "+/local\n-+/x\n+/home +/root -+/run/user +/run -+/var/tmp");
        assert_setting(task->unit, "TemporaryFileSystem",
                       "/dev/shm:mode=1777,size=64M,nosuid,nodev,noexec /scratch:size=1M");
        assert_int_equal(nook_plan_mount_of(task, "/scratch/x", NULL)->kind, NOOK_MOUNT_TMPFS);
}

static void what_opens_must_be_named_by_the_operator(void **state) {
        g_autoptr(PlanFixture) refused = plan_fixture_new(NULL);
        g_autoptr(PlanFixture) allowed = plan_fixture_new(
                "plugin \"exec\" {\nconfig { allow_directives = [\"BindPaths\"] }\n}");
        const NookPlanTask *task;

        plan_fixture_read(refused,
                          TASK("  unit {\n    BindPaths = \"/srv:/srv\"\n    ProtectHome = "
                               "false\n    Sliced = 1\n    MemoryMax = \"lots\"\n    User = "
                               "\"root\"\n    MemoryZSwapMax = 1\n    Nice = [\"1\", \"2\"]\n  "
                               "}"));
        assert_found(refused,
                     "4:5 error: Directive not allowed: BindPaths= can open the task's walls" ALLOW(
                             "exec",
                             "allow_directives = [\"BindPaths\"]") "\n"
                                                                   "5:5 error: Directive not "
                                                                   "allowed: ProtectHome= with "
                                                                   "this value opens a wall" ALLOW(
                                                                           "exec", "allow_"
                                                                                   "directives = "
                                                                                   "[\"ProtectHome"
                                                                                   "\"]") "\n"
                                                                                          "6:5 "
                                                                                          "error: "
                                                                                          "Unknown "
                                                                                          "directiv"
                                                                                          "e: "
                                                                                          "systemd "
                                                                                          "has no "
                                                                                          "directiv"
                                                                                          "e "
                                                                                          "\"Sliced"
                                                                                          "\" that "
                                                                                          "nook "
                                                                                          "knows. "
                                                                                          "Did you "
                                                                                          "mean "
                                                                                          "\"Slice"
                                                                                          "\"?\n"
                                                                                          "7:17 "
                                                                                          "error: "
                                                                                          "Invalid "
                                                                                          "value "
                                                                                          "of a "
                                                                                          "directiv"
                                                                                          "e: "
                                                                                          "MemoryMa"
                                                                                          "x: "
                                                                                          "'lots' "
                                                                                          "is "
                                                                                          "neither "
                                                                                          "a size "
                                                                                          "like "
                                                                                          "512M, "
                                                                                          "nor per "
                                                                                          "cent, "
                                                                                          "nor "
                                                                                          "'infinit"
                                                                                          "y'.\n"
                                                                                          "8:5 "
                                                                                          "error: "
                                                                                          "Directiv"
                                                                                          "e set "
                                                                                          "by "
                                                                                          "nook: "
                                                                                          "User= "
                                                                                          "is made "
                                                                                          "from "
                                                                                          "the "
                                                                                          "job; "
                                                                                          "use "
                                                                                          "user.\n"
                                                                                          "9:5 "
                                                                                          "error: "
                                                                                          "Newer "
                                                                                          "systemd "
                                                                                          "needed: "
                                                                                          "MemoryZS"
                                                                                          "wapMax= "
                                                                                          "needs "
                                                                                          "systemd "
                                                                                          "253; "
                                                                                          "this is "
                                                                                          "252.\n"
                                                                                          "10:12 "
                                                                                          "error: "
                                                                                          "Too "
                                                                                          "many "
                                                                                          "values: "
                                                                                          "Nice= "
                                                                                          "takes "
                                                                                          "one "
                                                                                          "value.");
        task = plan_fixture_task(allowed, TASK("  unit { BindPaths = \"/srv:/srv\" }"));
        assert_int_equal(nook_plan_mount_of(task, "/srv/x", NULL)->role, NOOK_ROLE_BLOCK);
}

static void a_unit_block_cannot_say_otherwise_what_nook_or_the_operator_says(void **state) {
        static const char reserved[] =
                "error: Reserved field: Fields that begin with NOOK_ are nook's own.";
        static const char *const spellings[] = {"NOOK_TASK=x", "A=b N\\\\x4fOK_TASK=x",
                                                "${NOMAD_META_no}OK_TASK=x"};

        for (gsize i = 0; i < G_N_ELEMENTS(spellings); i++) {
                g_autoptr(PlanFixture) fixture = plan_fixture_new(NULL);
                g_autofree char *body = g_strdup_printf("  meta {\n    no = \"NO\"\n  }\n  unit "
                                                        "{\n    LogExtraFields = \"%s\"\n  }",
                                                        spellings[i]);
                g_autofree char *text = g_strdup_printf(TASK("%s"), body);

                plan_fixture_read(fixture, text);
                if (strstr(fixture->findings, reserved) == NULL)
                        fail_msg("%s: %s", spellings[i], fixture->findings);
        }

        g_autoptr(PlanFixture) longer = plan_fixture_new("client { max_kill_timeout = \"9s\" }");
        plan_fixture_read(longer, TASK("  unit {\n    TimeoutStopSec = \"10s\"\n  }"));
        assert_found(longer,
                     "4:22 error: Kill timeout too long: The operator's max_kill_timeout is "
                     "9 s.");
}

static void a_unit_block_can_be_judged_without_a_host(void **state) {
        g_autoptr(PlanFixture) fixture = plan_fixture_new(NULL);
        g_autoptr(NookDiags) diags = nook_diags_new();
        g_autofree char *findings = NULL;

        fixture->job = read_text(TASK("  unit {\n    Nise = 1\n    Nice = 99\n    Description = "
                                      "\"${attr.x}\"\n    MemoryZSwapMax = 1\n  }"),
                                 NULL, &fixture->findings);
        nook_plan_check_blocks(fixture->job, fixture->config, diags);
        findings = findings_text(diags);
        assert_string_equal(
                findings,
                "4:5 error: Unknown directive: systemd has no directive \"Nise\" that nook "
                "knows. Did you mean \"Nice\"?\n"
                "5:12 error: Invalid value of a directive: Nice: '99' is no number from "
                "-20 to 19.");
}

static void a_pam_session_is_closed_by_how_the_task_is_stopped(void **state) {
        static const char config[] =
                "plugin \"exec\" {\nconfig { allow_directives = [\"PAMName\"] }\n}";
        static const char pam[] = TASK("  unit { PAMName = \"login\" }");
        g_autoptr(PlanFixture) service = plan_fixture_new(config);
        g_autoptr(PlanFixture) scope = plan_fixture_new(config);
        g_autoptr(PlanFixture) refused = plan_fixture_new(config);
        const NookPlanTask *task = plan_fixture_task(service, pam);

        assert_setting(task->unit, "KillSignal", "SIGTERM");
        assert_setting(task->unit, "KillMode", "control-group");
        assert_int_equal(task->kill_signal, SIGTERM);
        scope->options.is_scope = true;
        assert_setting(plan_fixture_task(scope, pam)->unit, "KillSignal", "SIGINT");
        plan_fixture_read(refused, TASK("  kill_signal = \"SIGUSR1\"\n  unit { PAMName = "
                                        "\"login\" }"));
        assert_null(refused->plan);
        assert_non_null(strstr(refused->findings, "3:17 error: Signal would leave a PAM session "
                                                  "open: "));
}

/* --- scopes -------------------------------------------------------------------------------------
 */

static void a_scope_keeps_what_it_may_have_and_the_sandbox_the_rest(void **state) {
        g_autoptr(PlanFixture) fixture = plan_fixture_new(NULL);
        g_autoptr(PlanFixture) refused = plan_fixture_new(NULL);
        const NookPlanTask *task;

        fixture->options.is_scope = refused->options.is_scope = true;
        task = plan_fixture_task(fixture, TASK("  unit { MemoryMax = \"1M\" }"));
        assert_string_equal(task->unit->name, "nook-web.scope");
        assert_setting(task->unit, "MemoryMax", "1M");
        assert_setting(task->unit, "KillSignal", "SIGINT");
        assert_setting(task->unit, "KillMode", "control-group");
        assert_setting(task->unit, "User", "");
        assert_setting(task->exec, "ProtectSystem", "strict");
        assert_setting(task->exec, "User", task->alloc->user_name);
        for (guint i = 0; i < task->unit->settings->len; i++) {
                const NookSetting *setting = g_ptr_array_index(task->unit->settings, i);

                assert_true((setting->directive->kinds & NOOK_UNIT_SCOPE) != 0);
        }
        plan_fixture_read(refused,
                          TASK("  restart { attempts = 2 }\n  unit { LoadCredential = \"a:/b\" }"));
        assert_null(refused->plan);
        assert_non_null(strstr(refused->findings, "No restart in a scope"));
}

/* --- artifacts, printing ------------------------------------------------------------------------
 */

static void artifacts_go_to_the_mount_that_holds_them(void **state) {
        g_autoptr(PlanFixture) fixture = plan_fixture_new(NULL);
        const NookPlanTask *task = plan_fixture_task(
                fixture,
                TASK("  artifact { source = \"https://u:p@h/a.tgz?x=1\" }\n  artifact {\n source "
                     "= \"https://h/b\"\n mode = \"file\"\n }\n artifact {\n source = "
                     "\"https://h/c\"\n destination = \"${NOMAD_ALLOC_DIR}/data/\"\n }"));
        const NookPlanArtifact *first = g_ptr_array_index(task->artifacts, 0);
        const NookPlanArtifact *second = g_ptr_array_index(task->artifacts, 1);
        const NookPlanArtifact *third = g_ptr_array_index(task->artifacts, 2);
        g_autofree char *shown = nook_plan_redact_source(first->source);

        assert_int_equal(first->mount->role, NOOK_ROLE_LOCAL);
        assert_string_equal(first->path, ".");
        assert_string_equal(second->path, "b");
        assert_true(second->is_path_file);
        assert_int_equal(third->mount->role, NOOK_ROLE_ALLOC);
        assert_string_equal(third->path, "data");
        assert_string_equal(shown, "https://h/a.tgz");
}

static void artifacts_go_nowhere_else(void **state) {
        g_autoptr(PlanFixture) fixture = plan_fixture_new(NULL);

        plan_fixture_read(fixture, TASK("  artifact {\n source = \"https://h/a\"\n destination = "
                                        "\"/usr/bin\"\n }"));
        assert_found(fixture,
                     "5:16 error: Destination not in the task's directories: \"/usr/bin\" is "
                     "\"/usr/bin\" in the task's root, which is read-only or not kept on disk "
                     "there; only local, alloc, secrets and tmp can be written to.");
}

static void a_plan_is_shown_without_secrets(void **state) {
        g_autoptr(PlanFixture) fixture = plan_fixture_new(NULL);
        g_autofree char *text = NULL, *json = NULL;

        (void)plan_fixture_task(fixture,
                                TASK("  env { PASSWORD = \"geheim\" }\n  artifact { source = "
                                     "\"https://u:geheim@h/a.tgz?key=geheim\" }"));
        text = nook_plan_to_text(fixture->plan, false);
        json = nook_plan_to_json(fixture->plan);
        assert_null(strstr(text, "geheim"));
        assert_null(strstr(json, "geheim"));
        assert_non_null(strstr(json, "\"environment\":[\"PATH\","));
        assert_non_null(strstr(text, "nook-web.service\n"));
        assert_non_null(strstr(text,
                               "    NoNewPrivileges=yes                      setuid files give "
                               "nothing\n"));
        assert_non_null(strstr(text, "left out\n  /lib32       not on this host\n"));
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_bare_task_is_named_after_itself),
                cmocka_unit_test(other_tasks_say_job_group_task_and_index),
                cmocka_unit_test(a_name_that_systemd_cannot_hold_is_refused_with_its_length),
                cmocka_unit_test(ids_without_a_maker_are_the_same_each_time),
                cmocka_unit_test(names_that_were_searched_for_share_no_user),
                cmocka_unit_test(the_default_walls_are_all_there),
                cmocka_unit_test(newer_managers_get_what_they_know),
                cmocka_unit_test(a_wall_that_the_host_cannot_build_is_refused),
                cmocka_unit_test(each_wall_is_refused_by_its_own_name),
                cmocka_unit_test(a_task_that_can_make_devices_needs_a_device_program),
                cmocka_unit_test(merged_usr_is_bound_once),
                cmocka_unit_test(tasks_with_equal_mount_points_share_a_skeleton),
                cmocka_unit_test(a_job_may_only_narrow_the_operators_list),
                cmocka_unit_test(a_job_does_not_leave_the_operators_list_by_a_link),
                cmocka_unit_test(destinations_stay_off_the_tasks_own),
                cmocka_unit_test(no_directory_is_made_in_the_hosts_own),
                cmocka_unit_test(the_resolvers_file_is_bound_where_the_link_leads),
                cmocka_unit_test(odd_names_get_clean_ones),
                cmocka_unit_test(a_path_belongs_to_the_deepest_mount),
                cmocka_unit_test(a_volume_is_the_operators_by_name),
                cmocka_unit_test(files_start_the_sandbox_too_but_hold_no_scopes),
                cmocka_unit_test(a_static_user_owns_its_directories),
                cmocka_unit_test(directories_of_a_dynamic_user_are_everybodys_below_roots),
                cmocka_unit_test(users_that_the_operator_denies_are_refused),
                cmocka_unit_test(huge_pages_are_covered_where_the_host_has_them),
                cmocka_unit_test(homes_are_closed_where_one_is_bound_and_empty_elsewhere),
                cmocka_unit_test(root_gets_a_pid_namespace_and_loses_its_secrets),
                cmocka_unit_test(capabilities_are_given_as_far_as_allowed),
                cmocka_unit_test(raw_exec_needs_the_operators_word),
                cmocka_unit_test(words_travel_in_the_way_that_keeps_them),
                cmocka_unit_test(a_command_is_looked_for_in_nomads_order),
                cmocka_unit_test(the_environment_has_nomads_names_and_precedence),
                cmocka_unit_test(unknown_references_of_nomad_are_refused),
                cmocka_unit_test(a_job_has_nomads_defaults),
                cmocka_unit_test(resources_become_limits),
                cmocka_unit_test(network_none_is_a_namespace_that_the_group_shares),
                cmocka_unit_test(a_unit_block_may_tighten_and_limit),
                cmocka_unit_test(what_opens_must_be_named_by_the_operator),
                cmocka_unit_test(a_unit_block_cannot_say_otherwise_what_nook_or_the_operator_says),
                cmocka_unit_test(a_unit_block_can_be_judged_without_a_host),
                cmocka_unit_test(a_pam_session_is_closed_by_how_the_task_is_stopped),
                cmocka_unit_test(a_scope_keeps_what_it_may_have_and_the_sandbox_the_rest),
                cmocka_unit_test(artifacts_go_to_the_mount_that_holds_them),
                cmocka_unit_test(artifacts_go_nowhere_else),
                cmocka_unit_test(a_plan_is_shown_without_secrets),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
