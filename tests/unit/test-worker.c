/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "test.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fixture-dirs.h"
#include "worker.h"

static const char *probe_program;

/* Somebody to talk to on the host's loopback. */
static int listen_somewhere(uint16_t *ret_port) {
        struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
        socklen_t size = sizeof(address);
        int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

        assert_int_equal(bind(fd, (struct sockaddr *)&address, size), 0);
        assert_int_equal(listen(fd, 8), 0);
        assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &size), 0);
        *ret_port = ntohs(address.sin_port);
        return fd;
}

static void keep_text(const NookAnswer *answer, void *user) {
        char **text = user;

        if (answer->kind == NOOK_ANSWER_ERROR && *text == NULL)
                *text = g_strdup(answer->text);
}

static char *what_the_probe_says(NookWorker *worker) {
        struct pollfd fds[NOOK_WORKER_FDS];
        char *text = NULL;

        while (!nook_worker_listen(worker, keep_text, &text))
                (void)poll(fds, nook_worker_poll_fds(worker, fds), 1000);
        return text != NULL ? text : nook_worker_describe_end(worker);
}

static char *probe(const Fixture *fixture, const char *kind) {
        g_auto(GVariantDict) orders = G_VARIANT_DICT_INIT(NULL);
        g_autofree char *directory = fixture_path(fixture, "stage");
        bool is_unpack = g_str_equal(kind, "unpack");
        NookWorkerSpec spec = {.program = probe_program,
                               .uid = 65534,
                               .gid = 65534,
                               .input_fd = -1,
                               .output_fd = -1,
                               .directory = is_unpack ? directory : NULL,
                               .with_network = !is_unpack,
                               .with_certificates = !is_unpack,
                               .mount_point = fixture->run};
        g_autoptr(NookWorker) worker = NULL;
        g_autoptr(GError) error = NULL;
        uint16_t port;
        int fd = listen_somewhere(&port);
        char *text;

        assert_int_equal(mkdir(directory, 0700), 0);
        if (geteuid() == 0)
                assert_int_equal(chown(directory, 65534, 65534), 0);
        g_variant_dict_insert(&orders, "kind", "s", kind);
        g_variant_dict_insert(&orders, "port", "t", (guint64)port);
        g_variant_dict_insert(&orders, "is-confined", "t", (guint64)1);
        spec.orders = g_variant_dict_end(&orders);
        (void)g_setenv("NOOK_PROBE_SECRET", "1", TRUE);
        worker = nook_worker_start(&spec, &error);
        if (worker == NULL)
                fail_msg("%s", error->message);
        text = what_the_probe_says(worker);
        close(fd);
        return text;
}

static void an_unpacker_has_nothing_but_its_stage(void **state) {
        g_autofree char *text = probe(*state, "unpack");

        assert_string_equal(text, "holes: ");
}

static void a_fetcher_has_nothing_but_the_network(void **state) {
        g_autofree char *text = probe(*state, "fetch");

        assert_string_equal(text, "holes: ");
}

/* The twin of the two above: without walls the probe finds the holes. */
static void the_probe_finds_holes_where_there_are_no_walls(void **state) {
        static const char *const expected[] = {"new-privileges", "processes", "files", "network",
                                               "environment"};
        Fixture *fixture = *state;
        g_auto(GVariantDict) orders = G_VARIANT_DICT_INIT(NULL);
        uint16_t port;
        int listening_fd = listen_somewhere(&port), orders_fd, answers[2], output_fd;
        char text[NOOK_WIRE_LINE_MAX] = "";
        pid_t pid;

        g_variant_dict_insert(&orders, "kind", "s", "unpack");
        g_variant_dict_insert(&orders, "port", "t", (guint64)port);
        orders_fd = nook_wire_seal_orders(g_variant_dict_end(&orders), NULL);
        output_fd = open(fixture->top, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        assert_int_equal(pipe2(answers, O_CLOEXEC), 0);
        (void)g_setenv("NOOK_PROBE_SECRET", "1", TRUE);
        pid = fork();
        if (pid == 0) {
                int spare[] = {fcntl(orders_fd, F_DUPFD, 50), fcntl(answers[1], F_DUPFD, 50),
                               fcntl(output_fd, F_DUPFD, 50)};

                dup2(spare[0], NOOK_WIRE_ORDERS);
                dup2(spare[1], NOOK_WIRE_ANSWERS);
                dup2(spare[2], NOOK_WIRE_OUTPUT);
                execl(probe_program, "probe", NULL);
                _exit(127);
        }
        close(answers[1]);
        assert_true(read(answers[0], text, sizeof(text) - 1) > 0);
        waitpid(pid, NULL, 0);
        close(answers[0]);
        close(orders_fd);
        close(output_fd);
        close(listening_fd);
        for (size_t i = 0; i < G_N_ELEMENTS(expected); i++) {
                if (strstr(text, expected[i]) == NULL)
                        fail_msg("the probe does not find '%s': %s", expected[i], text);
        }
}

static void answers_are_not_believed_further_than_they_go(void **state) {
        static const struct {
                const char *line;
                bool is_answer;
        } rows[] = {
                {"size 12", true},
                {"done 18446744073709551615", true},
                {"end 0", true},
                {"digest 00000000000000000000000000000000", true},
                {"error 12 text", true},
                {"size -1", false},
                {"size 1x", false},
                {"size ", false},
                {"digest ../../etc", false},
                {"digest 0000000000000000000000000000000G", false},
                {"digest 00", false},
                {"error text", false},
                {"hello", false},
                {"", false},
        };

        for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
                NookAnswer answer = {0};

                assert_int_equal(
                        nook_wire_parse_answer(rows[i].line, strlen(rows[i].line), &answer),
                        rows[i].is_answer);
                g_free(answer.text);
        }
}

static void an_error_text_cannot_play_with_the_terminal(void **state) {
        static const char line[] = "error 19 \x1b[2Jgone\xff";
        NookAnswer answer = {0};

        assert_true(nook_wire_parse_answer(line, sizeof(line) - 1, &answer));
        assert_string_equal(answer.text, "\\x1b[2Jgone\\xff");
        /* NOOK_ERROR_CANCELED is not a worker's to say. */
        assert_int_equal(answer.code, NOOK_ERROR_FAILED);
        g_free(answer.text);
}

int main(int argc, char **argv) {
        const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)
                TEST(an_unpacker_has_nothing_but_its_stage),
                TEST(a_fetcher_has_nothing_but_the_network),
                TEST(the_probe_finds_holes_where_there_are_no_walls),
                TEST(answers_are_not_believed_further_than_they_go),
                TEST(an_error_text_cannot_play_with_the_terminal),
        };

        if (argc != 2)
                return 2;
        probe_program = argv[1];
        return cmocka_run_group_tests(tests, NULL, NULL);
}
