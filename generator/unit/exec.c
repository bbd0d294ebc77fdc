/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "unit/convert.h"

#include <string.h>

#include "unit/quote.h"

/* The type of command lines. A value is a(sasb) where its flags can be said so, else a(sasas) for
 * the property ...Ex. The words are kept as systemd keeps them: `$` is expanded at the start unless
 * the flag no-env-expand stands. */

static const struct {
        char prefix;
        const char *flag;
} exec_flags[] = {
        {'-', "ignore-failure"},
        {'+', "privileged"},
        {'!', "no-setuid"},
        {':', "no-env-expand"},
};

/* Reads the prefixes at *p. */
static GPtrArray *read_flags(const char **p, bool *ret_has_name) {
        GPtrArray *flags = g_ptr_array_new();

        *ret_has_name = false;
        for (;; (*p)++) {
                bool is_known = **p == '@';

                if (**p == '@')
                        *ret_has_name = true;
                for (gsize i = 0; i < G_N_ELEMENTS(exec_flags); i++)
                        if (**p == exec_flags[i].prefix) {
                                is_known = true;
                                g_ptr_array_add(flags, (gpointer)(gsize)exec_flags[i].flag);
                        }
                if (!is_known)
                        return flags;
        }
}

static bool is_only_ignore_failure(const GPtrArray *flags) {
        return flags->len == 0 ||
               (flags->len == 1 && g_str_equal(g_ptr_array_index(flags, 0), "ignore-failure"));
}

static GVariant *exec_new(const char *path, const char *const *argv, GPtrArray *flags) {
        g_auto(GVariantBuilder) builder;

        if (is_only_ignore_failure(flags)) {
                g_variant_builder_init(&builder, G_VARIANT_TYPE("a(sasb)"));
                g_variant_builder_add(&builder, "(s^asb)", path, argv, (gboolean)(flags->len == 1));
                return g_variant_builder_end(&builder);
        }
        g_ptr_array_add(flags, NULL);
        g_variant_builder_init(&builder, G_VARIANT_TYPE("a(sasas)"));
        g_variant_builder_add(&builder, "(s^as^as)", path, argv, (char **)flags->pdata);
        return g_variant_builder_end(&builder);
}

static GVariant *exec_parse(const NookDirective *directive, const char *text, GError **error) {
        g_autoptr(GPtrArray) flags = NULL;
        g_auto(GStrv) words = NULL;
        bool has_name;

        text += strspn(text, " ");
        if (*text == '\0')
                return g_variant_new_array(G_VARIANT_TYPE("(sasb)"), NULL, 0);
        flags = read_flags(&text, &has_name);
        words = nook_quote_split(text, error);
        if (words == NULL)
                return NULL;
        if (words[0] == NULL || (has_name && words[1] == NULL))
                return nook_convert_fail(error, "the command is missing");
        if (strchr(words[0], '/') != NULL && !nook_convert_is_clean_path(words[0]))
                return nook_convert_fail(error, "'%s' is neither an absolute path nor a bare name",
                                         words[0]);
        return exec_new(words[0], (const char *const *)(has_name ? words + 1 : words), flags);
}

static void print_words(const char *path, const char *const *argv, const char *prefixes,
                        GString *out) {
        bool has_name = argv[0] == NULL || !g_str_equal(argv[0], path);

        g_string_append(out, prefixes);
        if (has_name)
                g_string_append_c(out, '@');
        nook_quote_append(out, path);
        for (const char *const *word = has_name ? argv : argv + 1; *word != NULL; word++) {
                g_string_append_c(out, ' ');
                nook_quote_append(out, *word);
        }
}

static void print_simple(GVariant *command, GString *out) {
        g_autofree const char **argv = NULL;
        const char *path;
        gboolean is_ignored;

        g_variant_get(command, "(&s^a&sb)", &path, &argv, &is_ignored);
        print_words(path, argv, is_ignored ? "-" : "", out);
}

static void print_flagged(GVariant *command, GString *out) {
        g_autofree const char **argv = NULL, **flags = NULL;
        g_autoptr(GString) prefixes = g_string_new(NULL);
        const char *path;

        g_variant_get(command, "(&s^a&s^a&s)", &path, &argv, &flags);
        for (gsize i = 0; i < G_N_ELEMENTS(exec_flags); i++)
                if (nook_convert_is_in(flags, exec_flags[i].flag))
                        g_string_append_c(prefixes, exec_flags[i].prefix);
        print_words(path, argv, prefixes->str, out);
}

static void exec_print(const NookDirective *directive, GVariant *value, GString *out) {
        g_autoptr(GVariant) command = NULL;

        g_assert(g_variant_n_children(value) <= 1);
        if (g_variant_n_children(value) == 0)
                return;
        command = g_variant_get_child_value(value, 0);
        if (g_variant_is_of_type(command, G_VARIANT_TYPE("(sasb)")))
                print_simple(command, out);
        else
                print_flagged(command, out);
}

static void exec_emit(const NookDirective *directive, GVariant *value, GVariantBuilder *out) {
        bool is_simple = g_variant_is_of_type(value, G_VARIANT_TYPE("a(sasb)"));
        g_autofree char *property = g_strconcat(directive->property, is_simple ? "" : "Ex", NULL);

        g_variant_builder_add(out, "(sv)", property, value);
}

const NookDirectiveType nook_type_exec = {.name = "a command",
                                          .parse = exec_parse,
                                          .print = exec_print,
                                          .emit = exec_emit,
                                          .is_list = true};
