/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/error.h"
#include "cli.h"

static int nothing(NookCli *cli, GError **error) {
        (void)cli;
        (void)error;
        return 0;
}

static const NookOption run_options[] = {
        {"detach", 'd', NULL, "Return early"},
        {"var", 0, "NAME=VALUE", "Set a variable"},
        {NULL},
};

static const NookVerb run_verb = {.name = "run",
                                  .min_args = 1,
                                  .max_args = 1,
                                  .run = nothing,
                                  .usage = "FILE",
                                  .summary = "Run",
                                  .options = run_options};
static const NookVerb exec_verb = {.name = "exec",
                                   .min_args = 1,
                                   .max_args = G_MAXINT,
                                   .flags = NOOK_VERB_STOP_AT_ARGUMENT,
                                   .run = nothing,
                                   .usage = "COMMAND...",
                                   .summary = "Execute"};
static const NookVerb *const verbs[] = {&run_verb, &exec_verb, NULL};

static bool parse(NookCli *cli, char *line, GError **error) {
        char *argv[16];
        int argc = 0;
        bool done;

        for (char *word = strtok(line, " "); word != NULL; word = strtok(NULL, " "))
                argv[argc++] = word;
        argv[argc] = NULL;
        return nook_cli_parse(cli, verbs, argc, argv, &done, error);
}

static void assert_refused(const char *line, const char *message) {
        g_autoptr(NookCli) cli = nook_cli_new();
        g_autoptr(GError) error = NULL;
        g_autofree char *copy = g_strdup(line);

        assert_false(parse(cli, copy, &error));
        assert_true(g_error_matches(error, NOOK_ERROR, NOOK_ERROR_USAGE));
        assert_string_equal(error->message, message);
}

static void options_may_stand_after_arguments(void **state) {
        g_autoptr(NookCli) cli = nook_cli_new();
        char line[] = "nook run a.hcl -d --var x=1 --var y=2 --quiet";
        g_autoptr(GPtrArray) vars = NULL;

        (void)state;
        assert_true(parse(cli, line, NULL));
        assert_int_equal(cli->n_args, 1);
        assert_string_equal(cli->args[0], "a.hcl");
        assert_true(nook_cli_has(cli, "detach"));
        assert_true(cli->quiet);
        vars = nook_cli_values(cli, "var");
        assert_int_equal(vars->len, 2);
        assert_string_equal(nook_cli_value(cli, "var"), "y=2");
}

static void variables_may_be_spelt_as_nomad_spells_them(void **state) {
        g_autoptr(NookCli) cli = nook_cli_new();
        char line[] = "nook run -var x=1 a.hcl -var=y=2 -d";
        g_autoptr(GPtrArray) vars = NULL;

        (void)state;
        assert_true(parse(cli, line, NULL));
        vars = nook_cli_values(cli, "var");
        assert_int_equal(vars->len, 2);
        assert_string_equal(vars->pdata[0], "x=1");
        assert_string_equal(vars->pdata[1], "y=2");
        assert_true(nook_cli_has(cli, "detach"));
        assert_refused("nook run -vax x=1 a.hcl", "Unknown option '-v'");
}

static void options_of_a_command_are_left_to_it(void **state) {
        g_autoptr(NookCli) cli = nook_cli_new();
        char line[] = "nook exec -q ls --quiet -l";

        (void)state;
        assert_true(parse(cli, line, NULL));
        assert_int_equal(cli->n_args, 3);
        assert_string_equal(cli->args[1], "--quiet");
}

static void mistakes_are_named_in_one_line(void **state) {
        (void)state;
        assert_refused("nook ruun a", "Unknown verb 'ruun'; did you mean 'run'?");
        assert_refused("nook run a --detcah",
                       "Unknown option '--detcah'; did you mean '--detach'?");
        assert_refused("nook run a -x", "Unknown option '-x'");
        assert_refused("nook run", "Too few arguments: nook run [OPTION...] FILE");
        assert_refused("nook run a b", "Too many arguments: nook run [OPTION...] FILE");
        assert_refused("nook run a --var", "Option '--var' needs an argument");
        assert_refused("nook --json=x run a", "--json: 'x' is not one of short, pretty, off");
        assert_refused("nook", "Which verb? See 'nook --help'");
}

static void assert_fits(const char *text) {
        g_auto(GStrv) lines = g_strsplit(text, "\n", -1);

        for (guint i = 0; lines[i] != NULL; i++)
                if (strlen(lines[i]) > 80)
                        fail_msg("wider than 80 columns: %s", lines[i]);
}

static void help_fits_80_columns(void **state) {
        char *text = NULL;
        size_t size;
        FILE *stream = open_memstream(&text, &size);

        (void)state;
        nook_cli_print_help(verbs, NULL, stream);
        nook_cli_print_help(verbs, &run_verb, stream);
        fclose(stream);
        assert_fits(text);
        free(text);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(options_may_stand_after_arguments),
                cmocka_unit_test(variables_may_be_spelt_as_nomad_spells_them),
                cmocka_unit_test(options_of_a_command_are_left_to_it),
                cmocka_unit_test(mistakes_are_named_in_one_line),
                cmocka_unit_test(help_fits_80_columns),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
