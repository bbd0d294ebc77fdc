/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "base/diag.h"
#include "cli.h"

static void print_options(const NookOption *options, FILE *stream) {
        for (const NookOption *option = options; option->name != NULL; option++) {
                g_autofree char *letter =
                        option->letter != 0 ? g_strdup_printf("-%c", option->letter) : NULL;
                bool optional = option->argument != NULL && option->argument[0] == '[';
                g_autofree char *left = g_strdup_printf(
                        "  %2s --%s%s%s", letter != NULL ? letter : "", option->name,
                        option->argument != NULL && !optional ? "=" : "",
                        option->argument != NULL ? option->argument : "");

                if (strlen(left) > 26)
                        fprintf(stream, "%s\n%27s%s\n", left, "", option->help);
                else
                        fprintf(stream, "%-26s %s\n", left, option->help);
        }
}

static void print_program_help(const NookVerb *const *verbs, FILE *stream) {
        fputs("nook [OPTION...] VERB [ARGUMENT...]\n\n"
              "Run tasks of Nomad's job format as isolated systemd units.\n\nVerbs:\n",
              stream);
        for (; *verbs != NULL; verbs++) {
                g_autofree char *left = g_strdup_printf("  %s %s", (*verbs)->name, (*verbs)->usage);

                if (((*verbs)->flags & NOOK_VERB_HIDDEN) != 0)
                        continue;
                if (strlen(left) > 30)
                        fprintf(stream, "%s\n%31s%s\n", left, "", (*verbs)->summary);
                else
                        fprintf(stream, "%-30s %s\n", left, (*verbs)->summary);
        }
        fputs("\nOptions of every verb:\n", stream);
        print_options(nook_cli_common_options(), stream);
        fputs("\n'nook VERB --help' shows the options of a verb; see nook(1).\n", stream);
}

void nook_cli_print_help(const NookVerb *const *verbs, const NookVerb *verb, FILE *stream) {
        if (verb == NULL) {
                print_program_help(verbs, stream);
                return;
        }
        fprintf(stream, "nook %s [OPTION...] %s\n\n%s.\n", verb->name, verb->usage, verb->summary);
        if (verb->details != NULL)
                fprintf(stream, "\n%s\n", verb->details);
        if (verb->options != NULL) {
                fputs("\nOptions:\n", stream);
                print_options(verb->options, stream);
        }
        fputs("\nOptions of every verb:\n", stream);
        print_options(nook_cli_common_options(), stream);
}

static void append_option_json(GString *out, const NookOption *option, bool first) {
        g_string_append(out, first ? "{\"name\":" : ",{\"name\":");
        nook_json_append_string(out, option->name, -1);
        if (option->letter != 0)
                g_string_append_printf(out, ",\"letter\":\"%c\"", option->letter);
        if (option->argument != NULL) {
                g_string_append(out, ",\"argument\":");
                nook_json_append_string(out, option->argument, -1);
        }
        g_string_append(out, ",\"help\":");
        nook_json_append_string(out, option->help, -1);
        g_string_append_c(out, '}');
}

static void append_options_json(GString *out, const NookOption *options) {
        g_string_append(out, "\"options\":[");
        for (const NookOption *option = options; option != NULL && option->name != NULL; option++)
                append_option_json(out, option, option == options);
        g_string_append_c(out, ']');
}

void nook_cli_print_json_help(const NookVerb *const *verbs, FILE *stream) {
        g_autoptr(GString) out = g_string_new("{");
        bool first = true;

        append_options_json(out, nook_cli_common_options());
        g_string_append(out, ",\"verbs\":[");
        for (; *verbs != NULL; verbs++) {
                if (((*verbs)->flags & NOOK_VERB_HIDDEN) != 0)
                        continue;
                g_string_append(out, first ? "{\"name\":" : ",{\"name\":");
                first = false;
                nook_json_append_string(out, (*verbs)->name, -1);
                g_string_append(out, ",\"usage\":");
                nook_json_append_string(out, (*verbs)->usage, -1);
                g_string_append(out, ",\"summary\":");
                nook_json_append_string(out, (*verbs)->summary, -1);
                g_string_append_c(out, ',');
                append_options_json(out, (*verbs)->options);
                g_string_append_c(out, '}');
        }
        g_string_append(out, "]}\n");
        fputs(out->str, stream);
}
