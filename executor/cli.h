/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* The command line as data: every verb and every option of nook stands in a table, and help,
 * completions and man pages can be compared with it. Parsing fills a NookCli; a verb asks it for
 * its options by name. Conventions are systemctl's: options may stand after arguments (but for
 * verbs that run somebody else's command line), data goes to stdout, messages go to stderr, colour
 * is for terminals. No verb keeps anything outside its NookCli. */

#include <glib.h>
#include <stdbool.h>
#include <stdio.h>

typedef enum {
        NOOK_JSON_OFF,
        NOOK_JSON_SHORT,  /* one line */
        NOOK_JSON_PRETTY, /* indented, for people */
} NookJsonMode;

typedef struct {
        const char *name;     /* the long option without its dashes */
        char letter;          /* the short one, or 0 */
        const char *argument; /* what help calls its argument; NULL: the option takes none. In
                                 brackets: may be left out ("[MODE]") */
        const char *help;     /* one line, no full stop */
} NookOption;

typedef enum {
        NOOK_VERB_STOP_AT_ARGUMENT = 1 << 0, /* options end at the first argument: exec, shell */
        NOOK_VERB_RUNS_TASKS = 1 << 1,       /* exit statuses 124 to 127 and 130 mean what env(1)
                                                and timeout(1) made of them; others fail with 1 */
        NOOK_VERB_HIDDEN = 1 << 2,           /* works, but is not listed */
} NookVerbFlags;

typedef struct NookCli NookCli;

typedef struct {
        const char *name;
        int min_args; /* arguments besides options; too few or too many are a usage error */
        int max_args; /* G_MAXINT: any number */
        unsigned flags;
        /* Returns the exit status, or -1 with an error set: main() prints it and maps its code. */
        int (*run)(NookCli *cli, GError **error);
        const char *usage;         /* arguments as help shows them: "FILE|-" */
        const char *summary;       /* one line, no full stop */
        const NookOption *options; /* ends with a NULL name; NULL: only the common ones */
        const char *details;       /* further paragraphs of the verb's help, or NULL */
} NookVerb;

struct NookCli {
        const NookVerb *verb;
        char **args; /* the verb's arguments, NULL-terminated; borrowed from argv */
        int n_args;

        /* options that every verb takes */
        NookJsonMode json;
        bool no_legend; /* no header and no summary lines */
        bool no_pager;
        bool quiet;              /* only errors and data */
        bool user;               /* the caller's own manager instead of the system's */
        GPtrArray *config_paths; /* --config, in order; empty: the default place */
        bool colour_stdout;
        bool colour_stderr;

        GPtrArray *given;     /* options of the verb as they came: see nook_cli_has() */
        GPtrArray *spelt_out; /* words of argv that were given in Nomad's spelling */
};

/* Options that every verb takes; ends with a NULL name. */
const NookOption *nook_cli_common_options(void);

NookCli *nook_cli_new(void);
void nook_cli_free(NookCli *cli);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(NookCli, nook_cli_free)

/* Parses argv into cli; cli->verb is chosen from `verbs` (NULL-terminated). With --help or
 * --version (and for the verb "help") it prints to stdout and sets *ret_done: then there is
 * nothing left to do.
 * Errors: NOOK_ERROR_USAGE with one line that names the option or verb, and for a mistyped verb
 * or option the nearest right one. */
bool nook_cli_parse(NookCli *cli, const NookVerb *const *verbs, int argc, char **argv,
                    bool *ret_done, GError **error);

/* Whether an option of the verb was given; asserts that the verb has it. */
bool nook_cli_has(const NookCli *cli, const char *option);

/* The last value given for an option, borrowed; NULL when it was not given (or has no value). */
const char *nook_cli_value(const NookCli *cli, const char *option);

/* All values of an option that may repeat, in order. Caller frees the array; values are borrowed.
 */
GPtrArray *nook_cli_values(const NookCli *cli, const char *option);

/* Prints the help of one verb or, with NULL, of the program. */
void nook_cli_print_help(const NookVerb *const *verbs, const NookVerb *verb, FILE *stream);

/* The whole table as JSON, for the tests that compare it with man pages and completions. */
void nook_cli_print_json_help(const NookVerb *const *verbs, FILE *stream);

/* One line for people on stderr, unless --quiet: "Running as unit: nook-web.service". */
void nook_cli_info(const NookCli *cli, const char *format, ...) G_GNUC_PRINTF(2, 3);

/* The same for what a person must see even with --quiet. */
void nook_cli_warn(const NookCli *cli, const char *format, ...) G_GNUC_PRINTF(2, 3);
