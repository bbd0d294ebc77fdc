/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "test.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/error.h"
#include "base/fd.h"
#include "cache.h"
#include "fixture-dirs.h"
#include "stage.h"

#define ID "0a1b2c3d-0000-4000-8000-000000000001"

/* From the command line: where the workers, the server and the archives' maker are. */
static const char *libexec_dir, *server_program, *archives_program;

/* What lives as long as the program: the served directory and its server. */
static char *served;
static guint port, tls_port;
static pid_t server_pid;
static int server_stdin;

/* What a test needs besides its fixture. */
typedef struct {
        Fixture *fixture;
        NookAlloc *alloc;
        char *local; /* the task's /local */
        NookStageSetup setup;
} Case;

static pid_t spawn_server(int *ret_stdin, int *ret_stdout) {
        int in[2], out[2];
        pid_t pid;

        assert_int_equal(pipe2(in, O_CLOEXEC), 0);
        assert_int_equal(pipe2(out, O_CLOEXEC), 0);
        pid = fork();
        if (pid == 0) {
                dup2(in[0], 0);
                dup2(out[1], 1);
                execlp("python3", "python3", server_program, served, NULL);
                _exit(127);
        }
        close(in[0]);
        close(out[1]);
        *ret_stdin = in[1];
        *ret_stdout = out[0];
        return pid;
}

static bool start_server(void) {
        g_autofree char *python = g_find_program_in_path("python3");
        g_autofree char *command = NULL;
        int out, status = 0;

        served = g_dir_make_tmp("nook-served-XXXXXX", NULL);
        if (python == NULL || served == NULL)
                return false;
        command = g_strdup_printf("python3 '%s' '%s'", archives_program, served);
        if (!g_spawn_command_line_sync(command, NULL, NULL, &status, NULL) || status != 0)
                return false;
        server_pid = spawn_server(&server_stdin, &out);
        FILE *said = fdopen(out, "r");
        bool is_there = said != NULL && fscanf(said, "%u %u", &port, &tls_port) == 2;
        if (said != NULL)
                fclose(said);
        return is_there;
}

static void stop_server(void) {
        close(server_stdin);
        waitpid(server_pid, NULL, 0);
        fixture_remove(served, NULL);
        g_free(served);
}

static int setup(void **state) {
        Case *c = g_new0(Case, 1);

        if (fixture_setup((void **)&c->fixture) != 0)
                return -1;
        c->alloc = nook_alloc_create(&c->fixture->dirs, ID, NULL);
        c->local = g_build_filename(nook_alloc_path(c->alloc), "local", NULL);
        c->setup = (NookStageSetup){.libexec_dir = libexec_dir,
                                    .worker_uid = geteuid() == 0 ? 65534 : geteuid(),
                                    .worker_gid = geteuid() == 0 ? 65534 : getegid(),
                                    .limits = nook_stage_limits_default(),
                                    .retry_delay_msec = 1};
        if (!nook_alloc_add_directory(c->alloc, c->local, 0777, (uid_t)-1, (gid_t)-1, NULL))
                return -1;
        *state = c;
        return 0;
}

static int teardown(void **state) {
        Case *c = *state;
        Fixture *fixture = c->fixture;

        nook_alloc_free(c->alloc);
        g_free(c->local);
        g_free(c);
        return fixture_teardown((void **)&fixture);
}

/* --- helpers --------------------------------------------------------------------------------- */

static char *url(const char *path) {
        return g_strdup_printf("http://127.0.0.1:%u/%s", port, path);
}

static NookStageArtifact artifact_to(const Case *c, const char *source) {
        return (NookStageArtifact){
                .source = source,
                .root = c->local,
                .destination = "",
                .display = "local/",
                .owner = {.is_dynamic = geteuid() == 0, .uid = geteuid(), .gid = getegid()}};
}

static bool run(Case *c, const NookStageArtifact *artifacts, guint n, GError **error) {
        return nook_stage_artifacts(c->alloc, &c->fixture->dirs, artifacts, n, &c->setup, NULL,
                                    NULL, -1, error);
}

static void assert_nothing_staged(const Case *c) {
        g_autofree char *stage = g_build_filename(nook_alloc_path(c->alloc), ".stage", NULL);

        assert_int_equal(access(stage, F_OK), -1);
}

static void assert_stages(Case *c, const NookStageArtifact *artifact) {
        g_autoptr(GError) error = NULL;

        if (!run(c, artifact, 1, &error))
                fail_msg("%s", error->message);
        assert_nothing_staged(c);
}

/* message may hold %PORT%. */
static void assert_refused(Case *c, const NookStageArtifact *artifacts, guint n, NookErrorCode code,
                           const char *message) {
        g_autofree char *number = g_strdup_printf("%u", port);
        g_auto(GStrv) parts = g_strsplit(message, "%PORT%", -1);
        g_autofree char *expected = g_strjoinv(number, parts);
        g_autoptr(GError) error = NULL;

        assert_false(run(c, artifacts, n, &error));
        assert_string_equal(error->message, expected);
        assert_int_equal(error->code, code);
        assert_nothing_staged(c);
}

static char *in_local(const Case *c, const char *name) {
        return g_build_filename(c->local, name, NULL);
}

static void assert_holds(const Case *c, const char *name, const char *text) {
        g_autofree char *path = in_local(c, name), *content = NULL;

        if (!g_file_get_contents(path, &content, NULL, NULL))
                fail_msg("'%s' is not there", name);
        assert_string_equal(content, text);
}

static void assert_mode(const Case *c, const char *name, mode_t mode) {
        g_autofree char *path = in_local(c, name);
        struct stat st;

        assert_int_equal(lstat(path, &st), 0);
        assert_int_equal(st.st_mode & 07777, mode);
        assert_int_equal(st.st_uid, geteuid());
}

/* The owner's rights are everybody's only where the task's user is dynamic. */
static mode_t mode_for(mode_t owner) {
        return geteuid() == 0 ? owner | owner >> 3 | owner >> 6 : 0;
}

static void assert_exec(const Case *c, const char *name) {
        g_autofree char *path = in_local(c, name);

        assert_int_equal(access(path, X_OK), 0);
        if (geteuid() == 0)
                assert_mode(c, name, mode_for(0700));
}

static void assert_link(const Case *c, const char *name, const char *target) {
        g_autofree char *path = in_local(c, name), *text = g_file_read_link(path, NULL);

        assert_non_null(text);
        assert_string_equal(text, target);
}

static void assert_empty(const Case *c) {
        g_autoptr(GDir) dir = g_dir_open(c->local, 0, NULL);

        assert_null(g_dir_read_name(dir));
}

/* --- what should work ------------------------------------------------------------------------ */

static void every_archive_kind_arrives_whole(void **state) {
        static const char *const names[] = {"good.tar",    "good-gnu.tar",   "good.tar.gz",
                                            "good.tar.xz", "good.tar.bz2",   "good.tar.zst",
                                            "good.zip",    "members.tar.gz", "padded.tar.gz"};
        Case *c = *state;

        for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
                g_autofree char *path = g_strdup_printf("chunked/%s", names[i]);
                g_autofree char *source = url(path);
                g_autofree char *served_path = g_build_filename(served, names[i], NULL);
                g_autofree char *tool = g_strdup_printf("%zu/app-1.0/bin/tool", i);
                g_autofree char *link = g_strdup_printf("%zu/app-1.0/bin/link", i);
                g_autofree char *composed = g_strdup_printf("%zu/app-1.0/\u00e9", i);
                g_autofree char *decomposed = g_strdup_printf("%zu/app-1.0/e\u0301", i);
                g_autofree char *destination = g_strdup_printf("%zu", i);
                NookStageArtifact artifact = artifact_to(c, source);

                if (access(served_path, F_OK) < 0)
                        continue; /* no zstd here to make one */
                artifact.destination = destination;
                assert_stages(c, &artifact);
                assert_holds(c, tool, "#!/bin/sh\necho tool\n");
                assert_exec(c, tool);
                assert_link(c, link, "tool");
                /* Names are bytes: two that look alike stay two. */
                assert_holds(c, composed, "composed\n");
                assert_holds(c, decomposed, "decomposed\n");
        }
}

static void a_file_goes_into_the_destination(void **state) {
        Case *c = *state;
        g_autofree char *source = url("files/setuid.tar?archive=false");
        g_autofree char *named = url("files/setuid.tar?archive=false&filename=other.bin");
        NookStageArtifact artifacts[] = {artifact_to(c, source), artifact_to(c, named),
                                         artifact_to(c, source)};
        g_autoptr(GError) error = NULL;
        struct stat st;
        g_autofree char *path = in_local(c, "other.bin");

        artifacts[1].perms = 0755;
        artifacts[2].mode = NOOK_STAGE_FILE;
        artifacts[2].names_file = true;
        artifacts[2].destination = "deep/down/exact";
        assert_true(run(c, artifacts, 3, &error));
        assert_exec(c, "other.bin");
        assert_int_equal(stat(path, &st), 0);
        path[strlen(path) - strlen("other.bin")] = '\0';
        for (size_t i = 0; i < 2; i++) {
                static const char *const names[] = {"setuid.tar", "deep/down/exact"};
                g_autofree char *other = in_local(c, names[i]);
                struct stat again;

                assert_int_equal(stat(other, &again), 0);
                assert_int_equal(again.st_size, st.st_size);
        }
}

static void a_single_compressed_file_is_unpacked(void **state) {
        Case *c = *state;
        g_autofree char *source = url("files/tool.gz"), *named = url("files/tool.xz");
        NookStageArtifact artifacts[] = {artifact_to(c, source), artifact_to(c, named)};
        g_autoptr(GError) error = NULL;

        artifacts[1].mode = NOOK_STAGE_FILE;
        artifacts[1].names_file = true;
        artifacts[1].destination = "bin/run";
        artifacts[1].perms = 0755;
        assert_true(run(c, artifacts, 2, &error));
        assert_holds(c, "tool", "#!/bin/sh\necho single\n");
        assert_holds(c, "bin/run", "#!/bin/sh\necho single\n");
        assert_exec(c, "bin/run");
}

static void components_are_stripped_and_parts_taken(void **state) {
        Case *c = *state;
        g_autofree char *source = url("files/good.tar.gz"),
                        *part = url("files/good.zip//app-*/bin");
        NookStageArtifact artifacts[] = {artifact_to(c, source), artifact_to(c, part)};
        g_autoptr(GError) error = NULL;

        artifacts[0].strip_components = 1;
        artifacts[0].destination = "stripped";
        artifacts[1].destination = "part";
        assert_true(run(c, artifacts, 2, &error));
        assert_holds(c, "stripped/README", "read me\n");
        assert_holds(c, "stripped/bin/same", "#!/bin/sh\necho tool\n");
        assert_holds(c, "part/tool", "#!/bin/sh\necho tool\n");
}

static void two_archives_merge_into_one_directory(void **state) {
        Case *c = *state;
        g_autofree char *one = url("files/good.tar.gz"), *two = url("files/streamed.zip");
        g_autofree char *three = url("files/zip64.zip");
        NookStageArtifact artifacts[] = {artifact_to(c, one), artifact_to(c, two),
                                         artifact_to(c, three)};
        g_autoptr(GError) error = NULL;

        artifacts[1].destination = "app-1.0/bin";
        assert_true(run(c, artifacts, 3, &error));
        assert_holds(c, "app-1.0/bin/tool", "#!/bin/sh\necho tool\n");
        assert_holds(c, "app-1.0/bin/streamed", "streamed\n");
        assert_exec(c, "app-1.0/bin/streamed");
        assert_holds(c, "big", "big\n");
}

static void rights_that_an_archive_may_not_give_are_dropped(void **state) {
        static const char *const names[] = {"shared.tar", "modes.tar", "mode-0.zip", "setuid.tar",
                                            "setuid.zip"};
        Case *c = *state;

        for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
                g_autofree char *path = g_strdup_printf("files/%s", names[i]);
                g_autofree char *source = url(path), *destination = g_strdup_printf("%zu", i);
                NookStageArtifact artifact = artifact_to(c, source);

                artifact.destination = destination;
                assert_stages(c, &artifact);
        }
        if (geteuid() != 0) /* a user's own tasks are his: nothing has to be opened for others */
                return;
        assert_mode(c, "0/sticky", 0777);
        assert_mode(c, "0/group", 0777);
        assert_mode(c, "1/locked/x", 0444);
        assert_mode(c, "1/locked", 0777);
        assert_mode(c, "2/x", 0666);
        assert_mode(c, "2/d", 0777);
        assert_mode(c, "3/su", 0777);
        assert_mode(c, "4/su", 0777);
}

/* For root only: it gives files away. */
static void a_static_user_owns_what_arrives(void **state) {
        Case *c = *state;
        g_autofree char *source = url("files/good.tar.gz"),
                        *path = in_local(c, "new/app-1.0/README");
        g_autofree char *parent = in_local(c, "new");
        NookStageArtifact artifact = artifact_to(c, source);
        struct stat st;

        artifact.owner = (NookStageOwner){.uid = 23456, .gid = 34567};
        artifact.destination = "new";
        assert_stages(c, &artifact);
        assert_int_equal(stat(path, &st), 0);
        assert_int_equal(st.st_uid, 23456);
        assert_int_equal(st.st_gid, 34567);
        assert_int_equal(st.st_mode & 07777, 0444);
        assert_int_equal(stat(parent, &st), 0);
        assert_int_equal(st.st_uid, 23456);
}

/* --- hostile archives; all of them are in test-unpack.c --------------------------------------- */

static void hostile_archives_leave_nothing(void **state) {
        static const struct {
                const char *name, *message;
                NookErrorCode code;
        } rows[] = {
                {"link-absolute.tar", "entry 'a' is a link to an absolute path", NOOK_ERROR_UNPACK},
                /* Its text alone looks fine; the kernel knows better, once the tree is whole. */
                {"link-through-link.tar", "entry 'out' is a link that leads out",
                 NOOK_ERROR_UNPACK},
                {"bomb.tar.gz", "the archive unpacks to more than 500 times its size",
                 NOOK_ERROR_LIMIT},
                {"trailer-crc.tar.gz", "the gzip data is damaged: incorrect data check",
                 NOOK_ERROR_UNPACK},
                {"hidden.zip",
                 "the zip archive is damaged: entry 'last' comes after bytes that belong to no "
                 "entry",
                 NOOK_ERROR_UNPACK},
        };
        Case *c = *state;

        c->setup.limits.unpack_max_entries = 1000;
        c->setup.limits.unpack_max_ratio = 500;
        c->setup.limits.unpack_max_bytes = 1000 * 1000 * 1000;
        for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
                g_autofree char *path = g_strdup_printf("files/%s", rows[i].name);
                g_autofree char *source = url(path);
                g_autofree char *message =
                        g_strdup_printf("artifact '%s': %s", source, rows[i].message);
                NookStageArtifact artifact = artifact_to(c, source);

                assert_refused(c, &artifact, 1, rows[i].code, message);
                assert_empty(c);
        }
        assert_int_equal(access("/tmp/nook-evil", F_OK), -1);
}

static void stripping_can_turn_a_link_outwards(void **state) {
        Case *c = *state;
        g_autofree char *source = url("files/strip-link.tar");
        NookStageArtifact artifact = artifact_to(c, source);

        assert_stages(c, &artifact);
        artifact.strip_components = 1;
        artifact.destination = "other";
        assert_refused(c, &artifact, 1, NOOK_ERROR_UNPACK,
                       "artifact 'http://127.0.0.1:%PORT%/files/strip-link.tar': entry 'a' is a "
                       "link that leads out");
}

static void a_link_of_one_artifact_is_no_way_for_another(void **state) {
        Case *c = *state;
        g_autofree char *planted = url("files/link-planted.tar"), *into = url("files/into-lib.tar");
        g_autofree char *file = url("files/tool.gz");
        NookStageArtifact artifacts[] = {artifact_to(c, planted), artifact_to(c, into)};
        NookStageArtifact through[] = {artifact_to(c, planted), artifact_to(c, file)};

        assert_refused(c, artifacts, 2, NOOK_ERROR_EXISTS,
                       "artifact 'http://127.0.0.1:%PORT%/files/into-lib.tar': 'lib' has already "
                       "been brought by artifact "
                       "'http://127.0.0.1:%PORT%/files/link-planted.tar'");
        through[0].destination = through[1].destination = "second";
        through[1].destination = "second/lib";
        through[1].display = "local/second/lib";
        assert_refused(c, through, 2, NOOK_ERROR_PATH,
                       "artifact 'http://127.0.0.1:%PORT%/files/tool.gz': destination "
                       "'local/second/lib' leads through something that is no directory of the "
                       "task");
}

static void a_file_that_is_there_is_not_replaced(void **state) {
        Case *c = *state;
        g_autofree char *source = url("files/good.tar.gz"), *path = in_local(c, "app-1.0");
        NookStageArtifact artifact = artifact_to(c, source);

        assert_true(g_file_set_contents(path, "mine", -1, NULL));
        assert_refused(c, &artifact, 1, NOOK_ERROR_EXISTS,
                       "artifact 'http://127.0.0.1:%PORT%/files/good.tar.gz': 'app-1.0' is already "
                       "in the destination 'local/'");
        assert_holds(c, "app-1.0", "mine");
}

/* --- downloads ------------------------------------------------------------------------------- */

static void a_cut_download_is_resumed(void **state) {
        static const char *const ways[] = {"cut-once", "no-range", "flaky", "encoded"};
        Case *c = *state;

        for (size_t i = 0; i < G_N_ELEMENTS(ways); i++) {
                g_autofree char *path = g_strdup_printf("%s/good.tar.gz", ways[i]);
                g_autofree char *source = url(path);
                NookStageArtifact artifact = artifact_to(c, source);

                artifact.destination = ways[i];
                assert_stages(c, &artifact);
        }
        assert_holds(c, "cut-once/app-1.0/README", "read me\n");
        assert_holds(c, "no-range/app-1.0/README", "read me\n");
        assert_holds(c, "flaky/app-1.0/README", "read me\n");
        assert_holds(c, "encoded/app-1.0/README", "read me\n");
}

static void downloads_fail_with_their_reason(void **state) {
        static const struct {
                const char *path, *message;
        } rows[] = {
                {"files/nothing.zip", "the server answered 404 (Not Found)"},
                {"to/file%3A%2F%2F%2Fetc%2Fpasswd?filename=x",
                 "the server redirects to 'file:///etc/passwd', which is not http or https"},
                {"loop", "the server redirects more than 10 times"},
                {"encoded/good.zip", "the server sends it with Content-Encoding 'gzip' though none "
                                     "was asked for"},
                {"changed/good.tar.gz", "2 attempts: it has changed while it was downloaded"},
        };
        Case *c = *state;

        for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
                g_autofree char *source = url(rows[i].path);
                g_autofree char *message = g_strdup_printf(
                        "artifact '%.*s': %s", (int)strcspn(source, "?"), source, rows[i].message);
                NookStageArtifact artifact = artifact_to(c, source);

                assert_refused(c, &artifact, 1, NOOK_ERROR_FETCH, message);
                assert_empty(c);
        }
}

static void a_truncated_body_is_no_artifact(void **state) {
        static const char *const ways[] = {"cut/good.tar", "cut-chunked/good.tar", "cut/good.zip"};
        Case *c = *state;

        for (size_t i = 0; i < G_N_ELEMENTS(ways); i++) {
                g_autofree char *source = url(ways[i]);
                NookStageArtifact artifact = artifact_to(c, source);
                g_autoptr(GError) error = NULL;

                assert_false(run(c, &artifact, 1, &error));
                assert_int_equal(error->code, NOOK_ERROR_FETCH);
                assert_non_null(strstr(error->message, "4 attempts: the body is truncated after"));
                assert_empty(c);
        }
}

static void a_refused_connection_is_named(void **state) {
        Case *c = *state;
        NookStageArtifact artifact = artifact_to(c, "http://user:secret@127.0.0.1:1/a.zip?token=t");
        g_autoptr(GError) error = NULL;

        assert_false(run(c, &artifact, 1, &error));
        assert_int_equal(error->code, NOOK_ERROR_FETCH);
        assert_true(g_str_has_prefix(error->message,
                                     "artifact 'http://127.0.0.1:1/a.zip': 4 attempts: Failed to "
                                     "connect to 127.0.0.1 port 1"));
        assert_null(strstr(error->message, "secret"));
        assert_null(strstr(error->message, "token"));
}

static void sizes_and_times_are_limited(void **state) {
        Case *c = *state;
        g_autofree char *source = url("files/good.tar"), *chunked = url("chunked/good.tar");
        g_autofree char *slow = url("slow/good.tar");
        NookStageArtifact artifact = artifact_to(c, source);

        c->setup.limits.download_max_bytes = 2000;
        assert_refused(c, &artifact, 1, NOOK_ERROR_LIMIT,
                       "artifact 'http://127.0.0.1:%PORT%/files/good.tar': it is larger than 2000 "
                       "bytes");
        artifact = artifact_to(c, chunked);
        assert_refused(c, &artifact, 1, NOOK_ERROR_LIMIT,
                       "artifact 'http://127.0.0.1:%PORT%/chunked/good.tar': it is larger than "
                       "2000 bytes");
        c->setup.limits.download_max_bytes = 0;
        c->setup.limits.timeout_usec = G_USEC_PER_SEC;
        artifact = artifact_to(c, slow);
        assert_refused(c, &artifact, 1, NOOK_ERROR_TIMEOUT,
                       "artifact 'http://127.0.0.1:%PORT%/slow/good.tar': it took longer than 1 s");
        assert_empty(c);
}

static void a_certificate_that_nobody_signed_is_refused(void **state) {
        Case *c = *state;
        g_autofree char *source = g_strdup_printf("https://localhost:%u/files/good.zip", tls_port);
        g_autofree char *back = g_strdup_printf(
                "https://localhost:%u/to/http%%3A%%2F%%2F127.0.0.1:%u%%2Ffiles%%2Fgood.zip?"
                "filename=good.zip",
                tls_port, port);
        NookStageArtifact artifact = artifact_to(c, source);
        g_autoptr(GError) error = NULL;

        if (tls_port == 0)
                return; /* no openssl here to make one */
        assert_false(run(c, &artifact, 1, &error));
        assert_int_equal(error->code, NOOK_ERROR_FETCH);
        assert_non_null(strstr(error->message, "certificate"));
        artifact.insecure = true;
        assert_stages(c, &artifact);
        assert_holds(c, "app-1.0/bin/tool", "#!/bin/sh\necho tool\n");
        g_clear_error(&error);
        artifact.source = back;
        assert_false(run(c, &artifact, 1, &error));
        assert_non_null(strstr(error->message, "the server redirects from https to 'http://"));
}

/* Fetches what the server saw of a request, through a redirect to another name of the same host. */
static char *headers_seen(Case *c, const char *source, const char *destination) {
        static const char *const headers[] = {"X-Token", "secret", "Authorization", "Bearer b",
                                              NULL};
        NookStageArtifact artifact = artifact_to(c, source);
        g_autofree char *path = g_strdup_printf("%s/seen", destination);
        g_autofree char *full = in_local(c, path);
        char *text = NULL;

        artifact.headers = headers;
        artifact.destination = destination;
        assert_stages(c, &artifact);
        assert_true(g_file_get_contents(full, &text, NULL, NULL));
        return text;
}

static void secrets_do_not_follow_a_redirect_elsewhere(void **state) {
        Case *c = *state;
        g_autofree char *direct = url("headers/seen"), *direct_seen = NULL;
        g_autofree char *same = url("to/%2Fheaders%2Fseen?filename=seen"), *same_seen = NULL;
        g_autofree char *elsewhere =
                g_strdup_printf("http://user:password@127.0.0.1:%u/to/"
                                "http%%3A%%2F%%2Flocalhost:%u%%2Fheaders%%2Fseen?filename=seen",
                                port, port);
        g_autofree char *elsewhere_seen = NULL;

        direct_seen = headers_seen(c, direct, "direct");
        assert_non_null(strstr(direct_seen, "\"x-token\": \"secret\""));
        assert_non_null(strstr(direct_seen, "\"accept-encoding\": \"identity\""));
        same_seen = headers_seen(c, same, "same");
        assert_non_null(strstr(same_seen, "\"x-token\": \"secret\""));
        elsewhere_seen = headers_seen(c, elsewhere, "elsewhere");
        assert_null(strstr(elsewhere_seen, "secret"));
        assert_null(strstr(elsewhere_seen, "authorization"));
}

/* --- checksums, cache, local files ----------------------------------------------------------- */

static char *checksum_of(const char *name, GChecksumType type) {
        g_autofree char *path = g_build_filename(served, name, NULL), *data = NULL;
        gsize size;

        assert_true(g_file_get_contents(path, &data, &size, NULL));
        return g_compute_checksum_for_data(type, (const guchar *)data, size);
}

static void every_checksum_is_compared(void **state) {
        static const struct {
                const char *name;
                GChecksumType type;
        } rows[] = {{"md5", G_CHECKSUM_MD5},
                    {"sha1", G_CHECKSUM_SHA1},
                    {"sha256", G_CHECKSUM_SHA256},
                    {"sha384", G_CHECKSUM_SHA384},
                    {"sha512", G_CHECKSUM_SHA512}};
        Case *c = *state;

        for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
                static const char *const names[] = {"good.tar.gz", "good.zip"};
                const char *name = names[i % 2];
                g_autofree char *path = g_strdup_printf("chunked/%s", name), *source = url(path);
                g_autofree char *right = checksum_of(name, rows[i].type), *wrong = g_strdup(right);
                g_autofree char *value = g_strdup_printf("%s:%s", rows[i].name, right);
                g_autofree char *bad = NULL, *message = NULL;
                const char *options[] = {"checksum", value, NULL};
                NookStageArtifact artifact = artifact_to(c, source);

                artifact.destination = rows[i].name;
                artifact.options = options;
                assert_stages(c, &artifact);
                wrong[0] = wrong[0] == '0' ? '1' : '0';
                bad = g_strdup_printf("%s:%s", rows[i].name, wrong);
                options[1] = bad;
                artifact.destination = "wrong";
                message = g_strdup_printf("artifact '%s': its checksum is %s, but must be %s",
                                          source, value, bad);
                assert_refused(c, &artifact, 1, NOOK_ERROR_CHECKSUM, message);
        }
}

static void a_wrong_checksum_explains_a_damaged_archive(void **state) {
        Case *c = *state;
        g_autofree char *source = url("files/trailer-crc.tar.gz");
        g_autofree char *actual = checksum_of("trailer-crc.tar.gz", G_CHECKSUM_SHA256);
        g_autofree char *right = checksum_of("good.tar.gz", G_CHECKSUM_SHA256);
        g_autofree char *value = g_strconcat("sha256:", right, NULL);
        g_autofree char *message =
                g_strdup_printf("artifact '%s': its checksum is sha256:%s, but must be sha256:%s",
                                source, actual, right);
        const char *options[] = {"checksum", value, NULL};
        NookStageArtifact artifact = artifact_to(c, source);

        artifact.options = options;
        assert_refused(c, &artifact, 1, NOOK_ERROR_CHECKSUM, message);
}

static void a_list_of_checksums_is_looked_up(void **state) {
        Case *c = *state;
        g_autofree char *right = checksum_of("good.zip", G_CHECKSUM_SHA256);
        g_autofree char *text = g_strdup_printf("%064d  x-good.zip\n%s *good.zip\n", 0, right);
        g_autofree char *path = g_build_filename(served, "SHA256SUMS", NULL);
        g_autofree char *list = url("files/SHA256SUMS"), *value = g_strconcat("file:", list, NULL);
        g_autofree char *source = url("files/good.zip"), *other = url("files/commented.zip");
        const char *options[] = {"checksum", value, NULL};
        NookStageArtifact artifact = artifact_to(c, source);

        assert_true(g_file_set_contents(path, text, -1, NULL));
        artifact.options = options;
        assert_stages(c, &artifact);
        artifact.source = other;
        assert_refused(c, &artifact, 1, NOOK_ERROR_CHECKSUM,
                       "artifact 'http://127.0.0.1:%PORT%/files/commented.zip': no checksum is "
                       "listed for 'commented.zip'");
}

static guint count_kept(const Case *c) {
        g_autofree char *path = g_build_filename(c->fixture->cache, "artifacts", NULL);
        g_autoptr(GDir) dir = g_dir_open(path, 0, NULL);
        guint count = 0;

        while (g_dir_read_name(dir) != NULL)
                count++;
        return count;
}

static void a_kept_body_is_not_fetched_again(void **state) {
        static const char *const names[] = {"good.tar.gz", "good.zip", "tool.gz", "setuid.tar"};
        Case *c = *state;

        for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
                g_autofree char *hex = checksum_of(names[i], G_CHECKSUM_SHA256);
                g_autofree char *path = g_strdup_printf("files/%s", names[i]), *source = url(path);
                g_autofree char *gone = g_strdup_printf("http://127.0.0.1:1/%s", names[i]);
                g_autofree char *one = g_strdup_printf("one%zu", i);
                g_autofree char *two = g_strdup_printf("two%zu", i);
                const char *options[] = {"checksum", hex, i == 3 ? "archive" : NULL, "false", NULL};
                NookStageArtifact artifact = artifact_to(c, source);

                artifact.options = options;
                artifact.cache = true;
                artifact.destination = one;
                assert_stages(c, &artifact);
                artifact.source = gone;
                artifact.destination = two;
                assert_stages(c, &artifact);
        }
        assert_true(nook_cache_collect(c->fixture->cache, g_get_real_time(), 60 * G_USEC_PER_SEC,
                                       NULL));
        assert_int_equal(count_kept(c), 4);
        assert_true(nook_cache_collect(c->fixture->cache, g_get_real_time() + 2 * G_USEC_PER_SEC, 0,
                                       NULL));
        assert_int_equal(count_kept(c), 0);
        assert_holds(c, "two0/app-1.0/README", "read me\n");
        assert_holds(c, "two1/app-1.0/bin/tool", "#!/bin/sh\necho tool\n");
        assert_holds(c, "two2/tool", "#!/bin/sh\necho single\n");
}

static void local_files_come_from_named_directories_only(void **state) {
        Case *c = *state;
        const char *dirs[] = {served, NULL};
        g_autofree char *link = g_build_filename(served, "passwd.txt", NULL);
        g_autofree char *absolute = g_strdup_printf("file://%s/good.zip", served);
        g_autofree char *message = NULL;
        NookStageArtifact artifacts[] = {artifact_to(c, "good.tar.gz"), artifact_to(c, absolute)};
        NookStageArtifact artifact = artifact_to(c, "/etc/passwd");
        g_autoptr(GError) error = NULL;

        artifacts[1].destination = "zip";
        assert_refused(
                c, artifacts, 1, NOOK_ERROR_REFUSED,
                "artifact 'good.tar.gz': local file 'good.tar.gz': a job from standard input has "
                "no directory of its own, and client { artifact { local_paths = [...] } } "
                "names none");
        c->setup.local_dirs = dirs;
        assert_true(run(c, artifacts, 2, &error));
        assert_holds(c, "zip/app-1.0/bin/tool", "#!/bin/sh\necho tool\n");
        assert_refused(c, &artifact, 1, NOOK_ERROR_PATH,
                       "artifact '/etc/passwd': local file '/etc/passwd' is neither below the job "
                       "file's directory nor below one of client { artifact { local_paths = [...] "
                       "} }");
        assert_int_equal(symlink("/etc/passwd", link), 0);
        message = g_strdup_printf("artifact 'passwd.txt': local file '%s' is neither below the job "
                                  "file's directory nor below one of client { artifact { "
                                  "local_paths = [...] } }",
                                  link);
        artifact.source = "passwd.txt";
        assert_refused(c, &artifact, 1, NOOK_ERROR_PATH, message);
        assert_int_equal(unlink(link), 0);
}

/* --- the whole ------------------------------------------------------------------------------- */

static void it_can_be_canceled(void **state) {
        Case *c = *state;
        g_autofree char *source = url("slow/good.tar");
        NookStageArtifact artifact = artifact_to(c, source);
        g_autoptr(GError) error = NULL;
        int64_t start = g_get_monotonic_time();
        int ends[2];

        assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
        close(ends[1]); /* readable at once */
        assert_false(nook_stage_artifacts(c->alloc, &c->fixture->dirs, &artifact, 1, &c->setup,
                                          NULL, NULL, ends[0], &error));
        close(ends[0]);
        assert_int_equal(error->code, NOOK_ERROR_CANCELED);
        assert_true(g_get_monotonic_time() - start < 5 * G_USEC_PER_SEC);
        assert_nothing_staged(c);
}

static guint count_children_of(pid_t parent) {
        g_autofree char *command = g_strdup_printf("pgrep -c -P %d", (int)parent), *out = NULL;

        (void)g_spawn_command_line_sync(command, &out, NULL, NULL, NULL);
        return out != NULL ? (guint)strtoul(out, NULL, 10) : 0;
}

/* Whether a process is there and not merely waiting to be reaped by somebody. */
static bool is_alive(const char *pid) {
        g_autofree char *path = g_build_filename("/proc", pid, "status", NULL), *text = NULL;

        return g_file_get_contents(path, &text, NULL, NULL) && strstr(text, "State:\tZ") == NULL &&
               strstr(text, "State:\tX") == NULL;
}

static void workers_die_with_nook(void **state) {
        Case *c = *state;
        g_autofree char *source = url("slow/good.tar");
        NookStageArtifact artifact = artifact_to(c, source);
        g_autofree char *pids = NULL, *command = NULL;
        g_auto(GStrv) list = NULL;
        pid_t pid = fork();

        if (pid == 0) {
                (void)run(c, &artifact, 1, NULL);
                _exit(1);
        }
        for (guint i = 0; i < 500 && count_children_of(pid) < 2; i++)
                g_usleep(10000);
        command = g_strdup_printf("pgrep -P %d", (int)pid);
        assert_true(g_spawn_command_line_sync(command, &pids, NULL, NULL, NULL));
        list = g_strsplit(g_strstrip(pids), "\n", -1);
        assert_int_equal(g_strv_length(list), 2);
        g_usleep(200000);
        kill(pid, SIGKILL);
        waitpid(pid, NULL, 0);
        g_usleep(500000);
        for (char **worker = list; *worker != NULL; worker++)
                assert_false(is_alive(*worker));
}

static void a_worker_that_cannot_be_confined_is_not_started(void **state) {
        Case *c = *state;
        g_autofree char *source = url("files/good.tar");
        g_autofree char *missing = in_local(c, "missing");
        NookStageArtifact artifact = artifact_to(c, source);
        NookDirs dirs = {.state = c->fixture->state, .run = missing, .cache = c->fixture->cache};
        g_autoptr(GError) error = NULL;

        assert_false(nook_stage_artifacts(c->alloc, &dirs, &artifact, 1, &c->setup, NULL, NULL, -1,
                                          &error));
        assert_int_equal(error->code, NOOK_ERROR_UNSUPPORTED);
        assert_non_null(strstr(error->message, "confine a worker: make a root: "));
}

static void secrets_have_a_limit_of_their_own(void **state) {
        Case *c = *state;
        g_autofree char *source = url("files/bomb.zip"), *fine = url("files/good.zip");
        NookStageArtifact artifact = artifact_to(c, source);
        g_autofree char *parent = g_build_filename(c->fixture->run, "secrets", ID, NULL);
        g_autofree char *secrets = g_build_filename(parent, "web", NULL);
        g_autofree char *file = g_build_filename(secrets, "app-1.0/README", NULL);

        assert_true(nook_alloc_add_directory(c->alloc, parent, 0700, (uid_t)-1, (gid_t)-1, NULL));
        assert_true(nook_alloc_add_directory(c->alloc, secrets, 0777, (uid_t)-1, (gid_t)-1, NULL));
        artifact.root = secrets;
        artifact.max_bytes = 1024 * 1024;
        assert_refused(c, &artifact, 1, NOOK_ERROR_LIMIT,
                       "artifact 'http://127.0.0.1:%PORT%/files/bomb.zip': the archive unpacks to "
                       "more than 1048576 bytes");
        artifact.source = fine;
        assert_stages(c, &artifact);
        assert_int_equal(access(file, F_OK), 0);
}

/* Runs in a mount namespace of its own, with a very small disk. */
static int stage_on_a_full_disk(Case *c, const char *source) {
        NookStageArtifact artifact = artifact_to(c, source);
        g_autoptr(NookAlloc) alloc = NULL;
        g_autoptr(GError) error = NULL;
        g_autofree char *message = NULL;

        if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
            mount("small", c->fixture->top, "tmpfs", 0, "size=1m") < 0)
                return 77;
        alloc = nook_alloc_create(&c->fixture->dirs, "1", NULL);
        artifact.root = nook_alloc_path(alloc);
        if (nook_stage_artifacts(alloc, &c->fixture->dirs, &artifact, 1, &c->setup, NULL, NULL, -1,
                                 &error))
                return 1;
        message = g_strdup_printf("artifact '%s': write 'zeros': No space left on device", source);
        if (!g_str_equal(error->message, message) || error->code != NOOK_ERROR_SPACE)
                return 2;
        return 0;
}

/* For root only: it mounts. */
static void a_full_disk_is_named(void **state) {
        Case *c = *state;
        g_autofree char *source = url("files/bomb.tar.gz");
        int status;
        pid_t pid;

        pid = fork();
        if (pid == 0)
                _exit(stage_on_a_full_disk(c, source));
        waitpid(pid, &status, 0);
        if (WEXITSTATUS(status) == 77)
                fail_msg("no mount namespace, or no tmpfs in it: nobody may mount here");
        assert_int_equal(status, 0);
}

static void many_artifacts_come_side_by_side(void **state) {
        Case *c = *state;
        NookStageArtifact artifacts[7];
        char *names[7];
        g_autofree char *source = url("chunked/good.tar.gz");
        g_autoptr(GError) error = NULL;

        for (size_t i = 0; i < G_N_ELEMENTS(artifacts); i++) {
                names[i] = g_strdup_printf("n%zu", i);
                artifacts[i] = artifact_to(c, source);
                artifacts[i].destination = names[i];
        }
        if (!run(c, artifacts, G_N_ELEMENTS(artifacts), &error))
                fail_msg("%s", error->message);
        for (size_t i = 0; i < G_N_ELEMENTS(artifacts); i++) {
                g_autofree char *file = g_build_filename(names[i], "app-1.0/README", NULL);

                assert_holds(c, file, "read me\n");
                g_free(names[i]);
        }
}

static void secrets_are_weighed(void **state) {
        Case *c = *state;
        g_autofree char *path = in_local(c, "secret");
        g_autoptr(GError) error = NULL;

        assert_true(g_file_set_contents(path, "0123456789", -1, NULL));
        assert_true(nook_stage_check_secrets(c->local, 10, &error));
        assert_false(nook_stage_check_secrets(c->local, 9, &error));
        assert_int_equal(error->code, NOOK_ERROR_LIMIT);
}

int main(int argc, char **argv) {
        const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
                TEST(every_archive_kind_arrives_whole),
                TEST(a_file_goes_into_the_destination),
                TEST(a_single_compressed_file_is_unpacked),
                TEST(components_are_stripped_and_parts_taken),
                TEST(two_archives_merge_into_one_directory),
                TEST(rights_that_an_archive_may_not_give_are_dropped),
                TEST(hostile_archives_leave_nothing),
                TEST(stripping_can_turn_a_link_outwards),
                TEST(a_link_of_one_artifact_is_no_way_for_another),
                TEST(a_file_that_is_there_is_not_replaced),
                TEST(a_cut_download_is_resumed),
                TEST(downloads_fail_with_their_reason),
                TEST(a_truncated_body_is_no_artifact),
                TEST(a_refused_connection_is_named),
                TEST(sizes_and_times_are_limited),
                TEST(a_certificate_that_nobody_signed_is_refused),
                TEST(secrets_do_not_follow_a_redirect_elsewhere),
                TEST(every_checksum_is_compared),
                TEST(a_wrong_checksum_explains_a_damaged_archive),
                TEST(a_list_of_checksums_is_looked_up),
                TEST(a_kept_body_is_not_fetched_again),
                TEST(local_files_come_from_named_directories_only),
                TEST(it_can_be_canceled),
                TEST(workers_die_with_nook),
                TEST(a_worker_that_cannot_be_confined_is_not_started),
                TEST(secrets_have_a_limit_of_their_own),
                TEST(many_artifacts_come_side_by_side),
                TEST(secrets_are_weighed),
        };
        const struct CMUnitTest of_root[] = {
                TEST(a_static_user_owns_what_arrives),
                TEST(a_full_disk_is_named),
        };
        int failed;

        if (argc != 4)
                return 2;
        libexec_dir = argv[1];
        server_program = argv[2];
        archives_program = argv[3];
        if (!start_server())
                return 1;
        failed = cmocka_run_group_tests(tests, NULL, NULL);
        if (geteuid() == 0)
                failed += cmocka_run_group_tests(of_root, NULL, NULL);
        stop_server();
        return failed;
}
