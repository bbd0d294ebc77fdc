/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <glib/gstdio.h>

#include "base/error.h"
#include "launch.h"
#include "test.h"
#include "walls.h"

static const char *program; /* nook-sandbox */

/* A task of the plan, made by hand: /usr and the API file systems on a skeleton. */
typedef struct {
        char *dir;
        NookPlanTask task;
        NookPlanUser user;
        NookSkeleton skeleton;
} Fixture;

static void free_mount(gpointer data) {
        NookMount *mount = data;

        g_free(mount->destination);
        g_free(mount->source);
        g_free(mount->options);
        g_free(mount);
}

static NookMount *add_mount(Fixture *f, NookMountKind kind, const char *destination,
                            const char *source) {
        NookMount *mount = g_new0(NookMount, 1);

        mount->kind = kind;
        mount->destination = g_strdup(destination);
        mount->source = g_strdup(source);
        mount->is_recursive = true;
        mount->is_read_only = true;
        g_ptr_array_add(f->task.mounts, mount);
        return mount;
}

static void make_skeleton(Fixture *f) {
        static const char *const directories[] = {"dev", "proc",  "sys",  "usr",  "etc",
                                                  "run", "local", "root", "home", "tmp"};
        static const char *const links[] = {"bin", "lib", "lib64", "sbin"};

        f->skeleton.path = g_build_filename(f->dir, "root", NULL);
        assert_int_equal(g_mkdir(f->skeleton.path, 0755), 0);
        for (gsize i = 0; i < G_N_ELEMENTS(directories); i++) {
                g_autofree char *path = g_build_filename(f->skeleton.path, directories[i], NULL);
                assert_int_equal(g_mkdir(path, 0755), 0);
        }
        for (gsize i = 0; i < G_N_ELEMENTS(links); i++) {
                g_autofree char *path = g_build_filename(f->skeleton.path, links[i], NULL);
                g_autofree char *text = g_build_filename("usr", links[i], NULL);
                assert_int_equal(symlink(text, path), 0);
        }
}

static int set_up(void **state) {
        Fixture *f = g_new0(Fixture, 1);
        g_autofree char *local = NULL;

        f->dir = g_dir_make_tmp("nook-walls-XXXXXX", NULL);
        assert_int_equal(g_chmod(f->dir, 0755), 0);
        make_skeleton(f);
        local = g_build_filename(f->dir, "local", NULL);
        assert_int_equal(g_mkdir(local, 0777), 0);
        assert_int_equal(g_chmod(local, 0777), 0);

        f->user = (NookPlanUser){
                .kind = geteuid() ? NOOK_USER_SELF : NOOK_USER_STATIC, .uid = 65534, .gid = 65534};
        f->task.user = &f->user;
        f->task.skeleton = &f->skeleton;
        f->task.exec = nook_unit_new("nook-test.service", NOOK_UNIT_SERVICE);
        f->task.mounts = g_ptr_array_new_with_free_func(free_mount);
        add_mount(f, NOOK_MOUNT_ROOT, "/", NULL);
        add_mount(f, NOOK_MOUNT_PROC, "/proc", NULL);
        add_mount(f, NOOK_MOUNT_SYS, "/sys", NULL);
        add_mount(f, NOOK_MOUNT_DEV, "/dev", NULL);
        add_mount(f, NOOK_MOUNT_BIND, "/usr", "/usr");
        add_mount(f, NOOK_MOUNT_BIND, "/etc", "/etc");
        add_mount(f, NOOK_MOUNT_BIND, "/local", local)->is_read_only = false;
        *state = f;
        return 0;
}

static int tear_down(void **state) {
        Fixture *f = *state;
        g_autofree char *command = g_strdup_printf("rm -rf '%s'", f->dir);

        assert_int_equal(system(command), 0);
        nook_unit_free(f->task.exec);
        g_ptr_array_unref(f->task.mounts);
        g_strfreev(f->task.argv);
        g_free(f->task.command);
        g_free(f->skeleton.path);
        g_free(f->dir);
        g_free(f);
        return 0;
}

static void add_default_rows(Fixture *f) {
        static const char *const rows[][2] = {
                {"PrivateDevices", "yes"},
                {"PrivateIPC", "yes"},
                {"ProtectProc", "invisible"},
                {"ProtectHostname", "yes"},
                {"ProtectHome", "yes"},
                {"ProtectKernelTunables", "yes"},
                {"ProtectKernelModules", "yes"},
                {"ProtectKernelLogs", "yes"},
                {"ProtectClock", "yes"},
                {"RestrictSUIDSGID", "yes"},
                {"RestrictRealtime", "yes"},
                {"LockPersonality", "yes"},
                {"NoNewPrivileges", "yes"},
                {"RestrictNamespaces", "yes"},
                {"RestrictAddressFamilies", "AF_UNIX AF_INET AF_INET6 AF_NETLINK"},
                {"SystemCallFilter", "@system-service"},
                {"SystemCallFilter", "@pkey"},
                {"SystemCallFilter", "~@keyring io_uring_setup"},
                {"SystemCallArchitectures", "native"},
                {"CapabilityBoundingSet", ""},
                {"LimitNOFILE", "100:200"},
                {"UMask", "0027"},
                {"IgnoreSIGPIPE", "no"},
        };

        for (gsize i = 0; i < G_N_ELEMENTS(rows); i++)
                nook_unit_add_text(f->task.exec, rows[i][0], rows[i][1], NOOK_ORIGIN_WALL, NULL);
}

static void set_command(Fixture *f, const char *script) {
        const char *argv[] = {"sh", "-c", script, NULL};

        f->task.argv = g_strdupv((char **)(guintptr)argv);
        f->task.command = g_strdup("/usr/bin/sh");
}

/* Starts the task; the caller waits for launch->pid. Returns where its output can be read. */
static int start(Fixture *f, NookWallsOptions options, NookLaunch *launch, GError **error) {
        g_autofree char *cover = g_build_filename(f->dir, "cover", NULL);
        struct rlimit limits[RLIM_NLIMITS];
        int output[2], null = open("/dev/null", O_RDONLY | O_CLOEXEC);

        assert_true(nook_launch_make_covers(cover, NULL));
        nook_launch_limits(limits);
        options.is_root = geteuid() == 0;
        options.has_own_pids |= !options.is_root;
        options.cover_dir = cover;
        options.limits = limits;

        g_autoptr(NookSandbox) sandbox = nook_walls_new(&f->task, &options, error);
        assert_non_null(sandbox);
        g_autoptr(GBytes) plan = nook_sandbox_to_bytes(sandbox);

        assert_int_equal(pipe2(output, O_CLOEXEC), 0);
        const int streams[] = {null, output[1], output[1]};
        bool ok = nook_launch_start(program, plan, streams, NULL, launch, error);
        (void)close(output[1]);
        (void)close(null);
        if (ok && options.form == NOOK_FORM_SCOPE)
                return output[0];
        if (ok && nook_launch_finish(launch, error))
                return output[0];
        (void)close(output[0]);
        return -1;
}

static char *read_all(int fd) {
        GString *out = g_string_new(NULL);
        char piece[4096];

        for (ssize_t n; (n = read(fd, piece, sizeof piece)) > 0;)
                g_string_append_len(out, piece, n);
        (void)close(fd);
        return g_string_free(out, FALSE);
}

static int wait_for(NookLaunch *launch) {
        int status;

        assert_int_equal(waitpid(launch->pid, &status, 0), launch->pid);
        launch->pid = -1;
        return status;
}

/* Runs the task in the form that this user may have. */
static char *run(Fixture *f, NookWallsOptions options, int *ret_status) {
        g_auto(NookLaunch) launch = NOOK_LAUNCH_NONE;
        g_autoptr(GError) error = NULL;
        int fd = start(f, options, &launch, &error);

        if (fd < 0 && error->code == NOOK_ERROR_ACCESS)
                test_cannot_run(error->message);
        if (fd < 0)
                fail_msg("%s", error->message);

        char *output = read_all(fd);
        *ret_status = wait_for(&launch);
        return output;
}

static const NookWallsOptions direct = {.form = NOOK_FORM_DIRECT, .dies_with_parent = true};

static void a_task_sees_its_root_and_nothing_else(void **state) {
        Fixture *f = *state;
        int status;

        add_default_rows(f);
        set_command(f, "echo /*; ls /root 2>&1; echo x > /x; echo x > /usr/x; echo x > /local/x; "
                       "cat /local/x; cat /proc/sys/kernel/ostype; ls /proc/self/fd; "
                       "echo 1 > /proc/sys/kernel/panic; ulimit -n; umask; env");
        g_autofree char *output = run(f, direct, &status);

        if (!strstr(output, "/bin /dev /etc /home /lib /lib64 /local /proc /root /run /sbin /sys "
                            "/tmp /usr\n"))
                fail_msg("%s", output);
        assert_non_null(strstr(output, "cannot create /x: Read-only file system"));
        assert_non_null(strstr(output, "cannot create /usr/x: Read-only file system"));
        if (!strstr(output, "\nx\nLinux\n0\n1\n2\n3\n")) /* 3 is ls's own */
                fail_msg("%s", output);
        assert_non_null(strstr(output, "cannot create /proc/sys/kernel/panic"));
        assert_non_null(strstr(output, "\n100\n0027\n"));
        assert_null(strstr(output, "NOOK_TEST_LEAK"));
        assert_int_equal(status, 0);
}

static void a_task_has_no_rights(void **state) {
        Fixture *f = *state;
        int status;

        add_default_rows(f);
        set_command(f, "grep -E '^(Cap|NoNew|Seccomp:)' /proc/self/status; "
                       "unshare -Ur true 2>&1; mount -t tmpfs x /tmp 2>&1");
        g_autofree char *output = run(f, direct, &status);

        for (const char *set = "Inh\0Prm\0Eff\0Bnd\0Amb\0"; *set; set += 4) {
                g_autofree char *line = g_strdup_printf("Cap%s:\t0000000000000000\n", set);
                if (!strstr(output, line))
                        fail_msg("%s: %s", line, output);
        }
        assert_non_null(strstr(output, "NoNewPrivs:\t1\nSeccomp:\t2\n"));
        assert_non_null(strstr(output, "unshare failed: Operation not permitted"));
}

static void statuses_and_signals_come_through(void **state) {
        Fixture *f = *state;
        int status;

        set_command(f, "exit 3");
        g_free(run(f, direct, &status));
        assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 3);

        g_strfreev(f->task.argv);
        g_free(f->task.command);
        set_command(f, "kill -KILL $$");
        g_free(run(f, direct, &status));
        assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}

static void a_pid_namespace_has_an_init_that_reaps_and_forwards(void **state) {
        Fixture *f = *state;
        NookWallsOptions options = direct;
        int status;

        options.has_own_pids = true;
        set_command(f, "count() { set -- /proc/[0-9]*; echo $#; }; echo pid $$; count; "
                       "sh -c 'sleep 0.1 & exit'; count; sleep 0.3; count; kill -SEGV $$");
        g_autofree char *output = run(f, options, &status);
        /* the init and the shell; an orphan, until the init has reaped it */
        if (strcmp(output, "pid 2\n2\n3\n2\n") != 0)
                fail_msg("%s", output);
        assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV);
}

static void signals_reach_a_task_behind_its_init(void **state) {
        Fixture *f = *state;
        NookWallsOptions options = direct;
        g_auto(NookLaunch) launch = NOOK_LAUNCH_NONE;
        g_autoptr(GError) error = NULL;
        char byte;

        options.has_own_pids = true;
        set_command(f, "trap 'exit 9' TERM; echo; while :; do sleep 0.05; done");
        int fd = start(f, options, &launch, &error);
        if (fd < 0)
                test_cannot_run(error->message);
        assert_int_equal(read(fd, &byte, 1), 1);
        assert_int_equal(kill(launch.pid, SIGTERM), 0);
        int status = wait_for(&launch);
        assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 9);
        (void)close(fd);
}

static void nothing_is_left_when_the_outer_process_is_killed(void **state) {
        Fixture *f = *state;
        NookWallsOptions options = direct;
        g_auto(NookLaunch) launch = NOOK_LAUNCH_NONE;
        g_autoptr(GError) error = NULL;
        char byte;

        options.has_own_pids = true;
        set_command(f, "echo; exec sleep 1000");
        int fd = start(f, options, &launch, &error);
        if (fd < 0)
                test_cannot_run(error->message);
        assert_int_equal(read(fd, &byte, 1), 1);
        assert_int_equal(kill(launch.pid, SIGKILL), 0);
        /* The end of the file: every holder of the pipe is gone. */
        assert_int_equal(read(fd, &byte, 1), 0);
        int status = wait_for(&launch);
        assert_true(WIFSIGNALED(status));
        (void)close(fd);
}

static void a_missing_source_is_named_and_the_task_does_not_run(void **state) {
        Fixture *f = *state;
        g_auto(NookLaunch) launch = NOOK_LAUNCH_NONE;
        g_autoptr(GError) error = NULL;

        add_mount(f, NOOK_MOUNT_BIND, "/run", "/no/such/place");
        set_command(f, "true");
        assert_int_equal(start(f, direct, &launch, &error), -1);
        if (error->code == NOOK_ERROR_ACCESS)
                test_cannot_run(error->message);
        assert_non_null(strstr(error->message, "bind '/no/such/place' on '/run': No such file"));
        assert_int_equal(launch.pid, -1);
}

static void a_missing_command_is_told_from_a_wall(void **state) {
        Fixture *f = *state;
        g_auto(NookLaunch) launch = NOOK_LAUNCH_NONE;
        g_autoptr(GError) error = NULL;

        set_command(f, "true");
        g_free(f->task.command);
        f->task.command = g_strdup("/usr/bin/no-such-thing");
        assert_int_equal(start(f, direct, &launch, &error), -1);
        if (error->code == NOOK_ERROR_ACCESS)
                test_cannot_run(error->message);
        assert_true(g_error_matches(error, NOOK_ERROR, NOOK_ERROR_COMMAND_NOT_FOUND));
}

static void a_task_that_waits_for_its_scope_runs_when_it_is_told_and_not_otherwise(void **state) {
        Fixture *f = *state;
        NookWallsOptions options = {.form = NOOK_FORM_SCOPE};
        g_auto(NookLaunch) launch = NOOK_LAUNCH_NONE;
        g_autoptr(GError) error = NULL;

        set_command(f, "echo run");
        int fd = start(f, options, &launch, &error);
        assert_true(fd >= 0);
        if (!nook_launch_await_ready(&launch, &error))
                test_cannot_run(error->message);
        assert_true(nook_launch_go(&launch, NULL));
        assert_true(nook_launch_finish(&launch, NULL));
        g_autofree char *output = read_all(fd);
        assert_string_equal(output, "run\n");
        assert_int_equal(wait_for(&launch), 0);

        fd = start(f, options, &launch, &error);
        assert_true(nook_launch_await_ready(&launch, &error));
        nook_fd_close(nook_fd_steal(&launch.control_fd)); /* the launcher dies */
        g_autofree char *nothing = read_all(fd);
        assert_string_equal(nothing, "");
        assert_int_equal(WEXITSTATUS(wait_for(&launch)), 219);
}

static void rows_that_only_the_manager_carries_are_refused_by_name(void **state) {
        Fixture *f = *state;
        NookWallsOptions options = {.is_root = true};
        g_autoptr(GError) error = NULL;

        set_command(f, "true");
        nook_unit_add_text(f->task.exec, "RootImage", "/x.img", NOOK_ORIGIN_BLOCK, NULL);
        assert_null(nook_walls_new(&f->task, &options, &error));
        assert_true(g_error_matches(error, NOOK_ERROR, NOOK_ERROR_UNSUPPORTED));
        assert_true(g_str_has_prefix(error->message, "RootImage= "));
}

static void a_word_that_asks_for_more_is_not_taken_for_a_yes(void **state) {
        Fixture *f = *state;
        NookWallsOptions options = {.is_root = true};
        g_autoptr(GError) error = NULL;

        set_command(f, "true");
        nook_unit_add_text(f->task.exec, "ProtectControlGroups", "private", NOOK_ORIGIN_BLOCK,
                           NULL);
        assert_null(nook_walls_new(&f->task, &options, &error));
        assert_true(g_error_matches(error, NOOK_ERROR, NOOK_ERROR_UNSUPPORTED));
        assert_true(g_str_has_prefix(error->message, "ProtectControlGroups=: 'private'"));
}

static void the_table_says_of_each_row_whether_the_sandbox_carries_it(void **state) {
        gsize n;
        const NookDirective *table = nook_directive_table(&n);

        for (gsize i = 0; i < n; i++)
                if (table[i].carrier & NOOK_CARRIER_SANDBOX && !nook_walls_carries(table[i].key))
                        fail_msg("the sandbox does not carry %s", table[i].key);
}

int main(int argc, char **argv) {
        const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
                TEST(a_task_sees_its_root_and_nothing_else),
                TEST(a_task_has_no_rights),
                TEST(statuses_and_signals_come_through),
                TEST(a_pid_namespace_has_an_init_that_reaps_and_forwards),
                TEST(signals_reach_a_task_behind_its_init),
                TEST(nothing_is_left_when_the_outer_process_is_killed),
                TEST(a_missing_source_is_named_and_the_task_does_not_run),
                TEST(a_missing_command_is_told_from_a_wall),
                TEST(a_task_that_waits_for_its_scope_runs_when_it_is_told_and_not_otherwise),
                TEST(rows_that_only_the_manager_carries_are_refused_by_name),
                TEST(a_word_that_asks_for_more_is_not_taken_for_a_yes),
                cmocka_unit_test(the_table_says_of_each_row_whether_the_sandbox_carries_it),
        };

        if (argc != 2)
                return 2;
        program = argv[1];
        (void)g_setenv("NOOK_TEST_LEAK", "1", TRUE);
        return cmocka_run_group_tests(tests, NULL, NULL);
}
