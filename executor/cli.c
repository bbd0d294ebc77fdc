/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli.h"

#include <getopt.h>
#include <string.h>
#include <unistd.h>

#include "base/diag.h"
#include "base/error.h"
#include "base/printable.h"

typedef struct {
        const NookOption *option;
        const char *value;
} Given;

/* GPtrArray knows no const; these arrays only ever lend what they hold. */
static gpointer lend(const void *pointer) {
        return (gpointer)(uintptr_t)pointer;
}

static const NookOption common_options[] = {
        {"help", 'h', NULL, "Show this help"},
        {"version", 0, NULL, "Show the version"},
        {"user", 0, NULL, "Use your own service manager"},
        {"system", 0, NULL, "Use the system's service manager (the default)"},
        {"config", 0, "PATH", "Operator configuration: file or folder of *.hcl"},
        {"json", 0, "MODE", "Print JSON: short, pretty, or off"},
        {"no-legend", 0, NULL, "Print no header and no summary"},
        {"no-pager", 0, NULL, "Do not pipe long output into a pager"},
        {"quiet", 'q', NULL, "Print errors and data only"},
        {NULL},
};

const NookOption *nook_cli_common_options(void) {
        return common_options;
}

NookCli *nook_cli_new(void) {
        NookCli *cli = g_new0(NookCli, 1);

        cli->config_paths = g_ptr_array_new();
        cli->given = g_ptr_array_new_with_free_func(g_free);
        cli->spelt_out = g_ptr_array_new_with_free_func(g_free);
        return cli;
}

void nook_cli_free(NookCli *cli) {
        if (cli == NULL)
                return;
        g_ptr_array_unref(cli->config_paths);
        g_ptr_array_unref(cli->given);
        g_ptr_array_unref(cli->spelt_out);
        g_free(cli);
}

/* Appends getopt's form of the options; `val` is an index into `table`, from 1000 up. */
static void collect_options(const NookOption *options, GArray *longs, GString *shorts,
                            GPtrArray *table) {
        for (; options != NULL && options->name != NULL; options++) {
                bool optional = options->argument != NULL && options->argument[0] == '[';
                struct option entry = {
                        .name = options->name,
                        .has_arg = options->argument == NULL ? no_argument
                                   : optional                ? optional_argument
                                                             : required_argument,
                        .val = 1000 + (int)table->len,
                };

                g_array_append_val(longs, entry);
                g_ptr_array_add(table, lend(options));
                if (options->letter == 0)
                        continue;
                g_string_append_c(shorts, options->letter);
                if (options->argument != NULL)
                        g_string_append(shorts, optional ? "::" : ":");
        }
}

static const NookOption *option_by_letter(GPtrArray *table, int letter) {
        for (guint i = 0; i < table->len; i++) {
                const NookOption *option = g_ptr_array_index(table, i);

                if (option->letter == letter)
                        return option;
        }
        return NULL;
}

static bool is_common(const NookOption *option) {
        return option >= common_options && option < common_options + G_N_ELEMENTS(common_options);
}

static bool parse_json_mode(NookCli *cli, const char *value, GError **error) {
        if (g_str_equal(value, "short"))
                cli->json = NOOK_JSON_SHORT;
        else if (g_str_equal(value, "pretty"))
                cli->json = NOOK_JSON_PRETTY;
        else if (g_str_equal(value, "off"))
                cli->json = NOOK_JSON_OFF;
        else
                return nook_fail(error, NOOK_ERROR_USAGE,
                                 "--json: '%s' is not one of short, pretty, off", value);
        return true;
}

static bool apply_common(NookCli *cli, const NookOption *option, const char *value, bool *ret_help,
                         bool *ret_version, GError **error) {
        const char *name = option->name;

        if (g_str_equal(name, "help"))
                *ret_help = true;
        else if (g_str_equal(name, "version"))
                *ret_version = true;
        else if (g_str_equal(name, "user"))
                cli->user = true;
        else if (g_str_equal(name, "system"))
                cli->user = false;
        else if (g_str_equal(name, "config"))
                g_ptr_array_add(cli->config_paths, lend(value));
        else if (g_str_equal(name, "json"))
                return parse_json_mode(cli, value, error);
        else if (g_str_equal(name, "no-legend"))
                cli->no_legend = true;
        else if (g_str_equal(name, "no-pager"))
                cli->no_pager = true;
        else if (g_str_equal(name, "quiet"))
                cli->quiet = true;
        else
                g_assert_not_reached();
        return true;
}

static bool fail_unknown_option(const char *word, GPtrArray *table, GError **error) {
        g_autoptr(GPtrArray) names = g_ptr_array_new();
        g_autofree char *plain = NULL;
        const char *nearest;

        if (!g_str_has_prefix(word, "--"))
                return nook_fail(error, NOOK_ERROR_USAGE, "Unknown option '%s'", word);
        for (guint i = 0; i < table->len; i++)
                g_ptr_array_add(names,
                                lend(((const NookOption *)g_ptr_array_index(table, i))->name));
        g_ptr_array_add(names, NULL);
        plain = g_strndup(word + 2, strcspn(word + 2, "="));
        nearest = nook_suggest(plain, (const char *const *)names->pdata);
        if (nearest != NULL)
                return nook_fail(error, NOOK_ERROR_USAGE,
                                 "Unknown option '--%s'; did you mean '--%s'?", plain, nearest);
        return nook_fail(error, NOOK_ERROR_USAGE, "Unknown option '--%s'", plain);
}

/* Reads the options in argv[1...]; optind is left at the first argument. */
static bool parse_options(NookCli *cli, const NookOption *verb_options, bool stop, int argc,
                          char **argv, bool *ret_help, bool *ret_version, GError **error) {
        g_autoptr(GArray) longs = g_array_new(TRUE, TRUE, sizeof(struct option));
        g_autoptr(GString) shorts = g_string_new(stop ? "+:" : ":");
        g_autoptr(GPtrArray) table = g_ptr_array_new();
        int c;

        collect_options(verb_options, longs, shorts, table);
        collect_options(common_options, longs, shorts, table);
        optind = 0;
        opterr = 0;
        while ((c = getopt_long(argc, argv, shorts->str, (struct option *)longs->data, NULL)) !=
               -1) {
                const NookOption *option;

                if (c == ':')
                        return nook_fail(error, NOOK_ERROR_USAGE, "Option '%s' needs an argument",
                                         argv[optind - 1]);
                if (c == '?' && optopt > 0 && optopt < 1000) {
                        char letter[] = {'-', (char)optopt, 0};

                        return fail_unknown_option(letter, table, error);
                }
                if (c == '?' && optopt >= 1000)
                        return nook_fail(error, NOOK_ERROR_USAGE, "Option '%s' takes no argument",
                                         argv[optind - 1]);
                if (c == '?')
                        return fail_unknown_option(argv[optind - 1], table, error);
                option = c >= 1000 ? g_ptr_array_index(table, (guint)c - 1000)
                                   : option_by_letter(table, c);
                if (is_common(option)) {
                        if (!apply_common(cli, option, optarg, ret_help, ret_version, error))
                                return false;
                } else {
                        Given *given = g_new(Given, 1);

                        *given = (Given){option, optarg};
                        g_ptr_array_add(cli->given, given);
                }
        }
        return true;
}

/* Nomad's own spelling of two options, with one dash, as its users' fingers know it: -var x=1. To
 * be read as ours, in argv up to `--`. */
static void spell_out(NookCli *cli, int argc, char **argv) {
        static const char *const names[] = {"-var", "-var-file"};

        for (int i = 1; i < argc && !g_str_equal(argv[i], "--"); i++)
                for (size_t k = 0; k < G_N_ELEMENTS(names); k++) {
                        size_t length = strlen(names[k]);

                        if (strncmp(argv[i], names[k], length) != 0 ||
                            (argv[i][length] != '\0' && argv[i][length] != '='))
                                continue;
                        argv[i] = g_strconcat("-", argv[i], NULL);
                        g_ptr_array_add(cli->spelt_out, argv[i]);
                }
}

/* The option of a verb with this name, or NULL. */
static const NookOption *find_option(const NookVerb *verb, const char *name) {
        const NookOption *option = verb->options;

        for (; option != NULL && option->name != NULL; option++)
                if (g_str_equal(option->name, name))
                        return option;
        return NULL;
}

static const NookVerb *find_verb(const NookVerb *const *verbs, const char *name) {
        for (; *verbs != NULL; verbs++)
                if (g_str_equal((*verbs)->name, name))
                        return *verbs;
        return NULL;
}

static bool fail_unknown_verb(const NookVerb *const *verbs, const char *name, GError **error) {
        g_autoptr(GPtrArray) names = g_ptr_array_new();
        const char *nearest;

        for (; *verbs != NULL; verbs++)
                if (((*verbs)->flags & NOOK_VERB_HIDDEN) == 0)
                        g_ptr_array_add(names, lend((*verbs)->name));
        g_ptr_array_add(names, lend("help"));
        g_ptr_array_add(names, NULL);
        nearest = nook_suggest(name, (const char *const *)names->pdata);
        if (nearest != NULL)
                return nook_fail(error, NOOK_ERROR_USAGE, "Unknown verb '%s'; did you mean '%s'?",
                                 name, nearest);
        return nook_fail(error, NOOK_ERROR_USAGE, "Unknown verb '%s'; see 'nook --help'", name);
}

static bool parse_help_verb(NookCli *cli, const NookVerb *const *verbs, int argc, char **argv,
                            GError **error) {
        bool help = false;
        bool version = false;
        const NookVerb *about = NULL;

        if (!parse_options(cli, NULL, false, argc, argv, &help, &version, error))
                return false;
        if (optind < argc) {
                about = find_verb(verbs, argv[optind]);
                if (about == NULL)
                        return fail_unknown_verb(verbs, argv[optind], error);
        }
        if (cli->json != NOOK_JSON_OFF)
                nook_cli_print_json_help(verbs, stdout);
        else
                nook_cli_print_help(verbs, about, stdout);
        return true;
}

static bool check_count(const NookVerb *verb, int n_args, GError **error) {
        if (n_args < verb->min_args)
                return nook_fail(error, NOOK_ERROR_USAGE,
                                 "Too few arguments: nook %s [OPTION...] %s", verb->name,
                                 verb->usage);
        if (n_args > verb->max_args)
                return nook_fail(error, NOOK_ERROR_USAGE,
                                 "Too many arguments: nook %s [OPTION...] %s", verb->name,
                                 verb->usage);
        return true;
}

bool nook_cli_parse(NookCli *cli, const NookVerb *const *verbs, int argc, char **argv,
                    bool *ret_done, GError **error) {
        bool help = false;
        bool version = false;
        bool stop;

        cli->colour_stdout = isatty(STDOUT_FILENO) && g_getenv("NO_COLOR") == NULL;
        cli->colour_stderr = isatty(STDERR_FILENO) && g_getenv("NO_COLOR") == NULL;
        *ret_done = true;
        if (!parse_options(cli, NULL, true, argc, argv, &help, &version, error))
                return false;
        if (version) {
                puts("nook " NOOK_VERSION);
                return true;
        }
        if (help) {
                nook_cli_print_help(verbs, NULL, stdout);
                return true;
        }
        if (optind >= argc)
                return nook_fail(error, NOOK_ERROR_USAGE, "Which verb? See 'nook --help'");
        argc -= optind;
        argv += optind;
        if (g_str_equal(argv[0], "help"))
                return parse_help_verb(cli, verbs, argc, argv, error);
        cli->verb = find_verb(verbs, argv[0]);
        if (cli->verb == NULL)
                return fail_unknown_verb(verbs, argv[0], error);
        if (find_option(cli->verb, "var") != NULL)
                spell_out(cli, argc, argv);
        stop = (cli->verb->flags & NOOK_VERB_STOP_AT_ARGUMENT) != 0;
        if (!parse_options(cli, cli->verb->options, stop, argc, argv, &help, &version, error))
                return false;
        if (help) {
                nook_cli_print_help(verbs, cli->verb, stdout);
                return true;
        }
        if (version) {
                puts("nook " NOOK_VERSION);
                return true;
        }
        cli->args = argv + optind;
        cli->n_args = argc - optind;
        *ret_done = false;
        return check_count(cli->verb, cli->n_args, error);
}

static const NookOption *option_by_name(const NookCli *cli, const char *name) {
        const NookOption *option = find_option(cli->verb, name);

        g_assert(option != NULL);
        return option;
}

bool nook_cli_has(const NookCli *cli, const char *option) {
        const NookOption *wanted = option_by_name(cli, option);

        for (guint i = 0; i < cli->given->len; i++)
                if (((Given *)g_ptr_array_index(cli->given, i))->option == wanted)
                        return true;
        return false;
}

GPtrArray *nook_cli_values(const NookCli *cli, const char *option) {
        const NookOption *wanted = option_by_name(cli, option);
        GPtrArray *values = g_ptr_array_new();

        for (guint i = 0; i < cli->given->len; i++) {
                const Given *given = g_ptr_array_index(cli->given, i);

                if (given->option == wanted)
                        g_ptr_array_add(values, lend(given->value));
        }
        return values;
}

const char *nook_cli_value(const NookCli *cli, const char *option) {
        g_autoptr(GPtrArray) values = nook_cli_values(cli, option);

        return values->len > 0 ? g_ptr_array_index(values, values->len - 1) : NULL;
}

static void print_line(const NookCli *cli, const char *colour, const char *format, va_list args)
        G_GNUC_PRINTF(3, 0);
static void print_line(const NookCli *cli, const char *colour, const char *format, va_list args) {
        g_autofree char *raw = g_strdup_vprintf(format, args);
        g_autofree char *text = nook_printable_text(raw, -1);

        if (cli->colour_stderr && colour != NULL)
                fprintf(stderr, "%s%s\033[0m\n", colour, text);
        else
                fprintf(stderr, "%s\n", text);
}

void nook_cli_info(const NookCli *cli, const char *format, ...) {
        va_list args;

        if (cli->quiet)
                return;
        va_start(args, format);
        print_line(cli, NULL, format, args);
        va_end(args);
}

void nook_cli_warn(const NookCli *cli, const char *format, ...) {
        va_list args;

        va_start(args, format);
        print_line(cli, "\033[33m", format, args);
        va_end(args);
}
