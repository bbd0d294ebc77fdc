/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "unit/convert.h"

#include <string.h>

#include "unit/quote.h"

/* Types that are lists of words: names, paths, variables, filters. Their words are split and quoted
 * as systemd does it; an empty text is an empty list, which makes systemd forget what a list held.
 */

const char nook_filter_syscalls[] = "system calls";
const char nook_filter_families[] = "address families";
const char nook_filter_any[] = "names";
const char nook_filter_open[] = "names, of which all are allowed by default";

static void append_separated(GString *out, const char *word) {
        if (out->len > 0 && out->str[out->len - 1] != '~')
                g_string_append_c(out, ' ');
        nook_quote_append(out, word);
}

/* Splits text and lets `check` judge each word; the words that passed, or NULL. check may be NULL.
 */
static char **split_checked(const char *text, bool (*check)(const char *, GError **),
                            GError **error) {
        g_auto(GStrv) words = nook_quote_split(text, error);

        if (words == NULL)
                return NULL;
        for (char **word = words; *word != NULL && check != NULL; word++)
                if (!check(*word, error))
                        return NULL;
        return g_steal_pointer(&words);
}

static GVariant *strings_parse(const char *text, bool (*check)(const char *, GError **),
                               GError **error) {
        g_auto(GStrv) words = split_checked(text, check, error);

        return words == NULL ? NULL : g_variant_new_strv((const char *const *)words, -1);
}

static void strings_print(const NookDirective *directive, GVariant *value, GString *out) {
        g_autofree const char **words = g_variant_get_strv(value, NULL);
        g_autoptr(GString) text = g_string_new(NULL);

        for (const char **word = words; *word != NULL; word++)
                append_separated(text, *word);
        g_string_append(out, text->str);
}

static bool array_is_safe(const NookDirective *directive, GVariant *value) {
        return g_variant_n_children(value) > 0;
}

/* --- words, variables, paths --------------------------------------------------------------------
 */

static bool check_word(const char *word, GError **error) {
        if (*word != '\0' && nook_quote_is_printable(word))
                return true;
        return nook_fail(error, NOOK_ERROR_INVALID, "'%s' is empty or has control characters",
                         word);
}

static GVariant *words_parse(const NookDirective *directive, const char *text, GError **error) {
        return strings_parse(text, check_word, error);
}

const NookDirectiveType nook_type_words = {.name = "words",
                                           .parse = words_parse,
                                           .print = strings_print,
                                           .is_safe = array_is_safe,
                                           .is_list = true};

/* One word to the end of the line, blanks and all. */
static GVariant *line_parse(const NookDirective *directive, const char *text, GError **error) {
        const char *const words[] = {text, NULL};

        if (!nook_quote_is_printable(text))
                return nook_convert_fail(error, "the text has control characters");
        return g_variant_new_strv(words, *text == '\0' ? 0 : 1);
}

static void line_print(const NookDirective *directive, GVariant *value, GString *out) {
        g_autofree const char **words = g_variant_get_strv(value, NULL);

        g_assert(g_variant_n_children(value) <= 1);
        if (words[0] != NULL)
                nook_quote_append_plain(out, words[0]);
}

const NookDirectiveType nook_type_line = {.name = "one word",
                                          .parse = line_parse,
                                          .print = line_print,
                                          .is_safe = array_is_safe,
                                          .is_list = true};

static bool is_variable_name(const char *name, size_t size) {
        for (size_t i = 0; i < size; i++)
                if (!(g_ascii_isalpha(name[i]) || name[i] == '_' ||
                      (i > 0 && g_ascii_isdigit(name[i]))))
                        return false;
        return size > 0;
}

static bool check_variable(const char *word, GError **error) {
        const char *equals = strchr(word, '=');

        if (equals != NULL && is_variable_name(word, (size_t)(equals - word)))
                return true;
        return nook_fail(error, NOOK_ERROR_INVALID, "'%s' is no NAME=VALUE", word);
}

static GVariant *env_parse(const NookDirective *directive, const char *text, GError **error) {
        return strings_parse(text, check_variable, error);
}

const NookDirectiveType nook_type_env = {.name = "NAME=VALUE words",
                                         .parse = env_parse,
                                         .print = strings_print,
                                         .is_safe = array_is_safe,
                                         .is_list = true};

static bool check_name(const char *word, GError **error) {
        if (is_variable_name(word, strlen(word)))
                return true;
        return nook_fail(error, NOOK_ERROR_INVALID, "'%s' is no name of a variable", word);
}

static GVariant *names_parse(const NookDirective *directive, const char *text, GError **error) {
        return strings_parse(text, check_name, error);
}

const NookDirectiveType nook_type_names = {.name = "names of variables",
                                           .parse = names_parse,
                                           .print = strings_print,
                                           .is_safe = array_is_safe,
                                           .is_list = true};

static bool check_prefixed_path(const char *word, GError **error) {
        const char *path = word;

        if (*path == '-')
                path++;
        if (*path == '+')
                path++;
        if (nook_convert_is_clean_path(path) && nook_quote_is_printable(path))
                return true;
        return nook_fail(error, NOOK_ERROR_INVALID, "'%s' is no absolute path without '..'", word);
}

static GVariant *paths_parse(const NookDirective *directive, const char *text, GError **error) {
        return strings_parse(text, check_prefixed_path, error);
}

const NookDirectiveType nook_type_paths = {.name = "absolute paths",
                                           .parse = paths_parse,
                                           .print = strings_print,
                                           .is_safe = array_is_safe,
                                           .is_list = true};

static bool check_path(const char *word, GError **error) {
        if (nook_convert_is_clean_path(word) && nook_quote_is_printable(word))
                return true;
        return nook_fail(error, NOOK_ERROR_INVALID, "'%s' is no absolute path without '..'", word);
}

static GVariant *plain_paths_parse(const NookDirective *directive, const char *text,
                                   GError **error) {
        return strings_parse(text, check_path, error);
}

const NookDirectiveType nook_type_plain_paths = {.name = "plain absolute paths",
                                                 .parse = plain_paths_parse,
                                                 .print = strings_print,
                                                 .is_safe = array_is_safe,
                                                 .is_list = true};

/* Paths between colons, as in PATH. */
static GVariant *search_path_parse(const NookDirective *directive, const char *text,
                                   GError **error) {
        g_auto(GStrv) paths = g_strsplit(text, ":", -1);

        for (char **path = paths; *path != NULL; path++)
                if (!check_path(*path, error))
                        return NULL;
        return g_variant_new_strv((const char *const *)paths, -1);
}

static void search_path_print(const NookDirective *directive, GVariant *value, GString *out) {
        g_autofree const char **paths = g_variant_get_strv(value, NULL);

        for (const char **path = paths; *path != NULL; path++) {
                if (path != paths)
                        g_string_append_c(out, ':');
                nook_quote_append_plain(out, *path);
        }
}

const NookDirectiveType nook_type_search_path = {.name = "paths between colons",
                                                 .parse = search_path_parse,
                                                 .print = search_path_print,
                                                 .is_safe = array_is_safe,
                                                 .is_list = true};

/* --- environment files: one path to the end of the line -----------------------------------------
 */

static GVariant *env_file_parse(const NookDirective *directive, const char *text, GError **error) {
        g_auto(GVariantBuilder) builder = G_VARIANT_BUILDER_INIT(G_VARIANT_TYPE("a(sb)"));
        const char *path = *text == '-' ? text + 1 : text;

        if (*text == '\0')
                return g_variant_builder_end(&builder);
        if (!nook_convert_is_clean_path(path) || !nook_quote_is_printable(path))
                return nook_convert_fail(error, "'%s' is no absolute path without '..'", path);
        g_variant_builder_add(&builder, "(sb)", path, path != text);
        return g_variant_builder_end(&builder);
}

static void env_file_print(const NookDirective *directive, GVariant *value, GString *out) {
        GVariantIter iter;
        const char *path;
        gboolean is_optional;

        /* A file has one path per line; a value of several would need several lines. */
        g_assert(g_variant_n_children(value) <= 1);
        g_variant_iter_init(&iter, value);
        while (g_variant_iter_next(&iter, "(&sb)", &path, &is_optional)) {
                if (is_optional)
                        g_string_append_c(out, '-');
                nook_quote_append_plain(out, path);
        }
}

const NookDirectiveType nook_type_env_file = {.name = "an absolute path",
                                              .parse = env_file_parse,
                                              .print = env_file_print,
                                              .is_safe = array_is_safe,
                                              .is_list = true};

/* --- filters: [~]WORD... ------------------------------------------------------------------------
 */

/* The sets of systemd 252. A set it does not know fails the start; a single call it does not know
 * is left out by systemd with a line in the journal. */
static const char *const syscall_sets[] = {
        "@aio",        "@basic-io",    "@chown",    "@clock",      "@cpu-emulation",  "@debug",
        "@default",    "@file-system", "@io-event", "@ipc",        "@keyring",        "@known",
        "@memlock",    "@module",      "@mount",    "@network-io", "@obsolete",       "@pkey",
        "@privileged", "@process",     "@raw-io",   "@reboot",     "@resources",      "@sandbox",
        "@setuid",     "@signal",      "@swap",     "@sync",       "@system-service", "@timer",
        NULL};

static bool is_made_of(const char *word, const char *extra) {
        for (const char *c = word; *c != '\0'; c++)
                if (!g_ascii_isalnum(*c) && strchr(extra, *c) == NULL)
                        return false;
        return *word != '\0';
}

static bool check_filter_word(const NookDirective *directive, const char *word, GError **error) {
        if (directive->argument == nook_filter_families) {
                if ((g_str_has_prefix(word, "AF_") && is_made_of(word, "_")) ||
                    g_str_equal(word, "none"))
                        return true;
                return nook_fail(error, NOOK_ERROR_INVALID,
                                 "'%s' is no address family like AF_INET", word);
        }
        if (directive->argument != nook_filter_syscalls)
                return check_word(word, error);
        if (*word == '@') {
                if (nook_convert_is_in(syscall_sets, word))
                        return true;
                return nook_fail(error, NOOK_ERROR_INVALID,
                                 "'%s' is no set of system calls that systemd 252 knows", word);
        }
        if (is_made_of(word, "_:"))
                return true;
        return nook_fail(error, NOOK_ERROR_INVALID, "'%s' is no system call", word);
}

static GVariant *filter_parse(const NookDirective *directive, const char *text, GError **error) {
        g_auto(GStrv) words = NULL;
        bool is_deny;

        text += strspn(text, " ");
        is_deny = *text == '~';
        words = nook_quote_split(text + is_deny, error);
        if (words == NULL)
                return NULL;
        for (char **word = words; *word != NULL; word++)
                if (!check_filter_word(directive, *word, error))
                        return NULL;
        return g_variant_new("(b^as)", !is_deny, words);
}

static void filter_print(const NookDirective *directive, GVariant *value, GString *out) {
        g_autofree const char **words = NULL;
        g_autoptr(GString) text = g_string_new(NULL);
        gboolean is_allow;

        g_variant_get(value, "(b^a&s)", &is_allow, &words);
        if (!is_allow)
                g_string_append_c(text, '~');
        for (const char **word = words; *word != NULL; word++)
                append_separated(text, *word);
        g_string_append(out, text->str);
}

static bool filter_is_safe(const NookDirective *directive, GVariant *value) {
        g_autoptr(GVariant) words = g_variant_get_child_value(value, 1);
        gboolean is_allow;

        g_variant_get_child(value, 0, "b", &is_allow);
        if (g_variant_n_children(words) == 0)
                return false;
        return !is_allow || directive->argument == nook_filter_open;
}

const NookDirectiveType nook_type_filter = {.name = "a filter",
                                            .parse = filter_parse,
                                            .print = filter_print,
                                            .is_safe = filter_is_safe,
                                            .is_list = true};

static GVariant *patterns_parse(const NookDirective *directive, const char *text, GError **error) {
        g_auto(GVariantBuilder) builder = G_VARIANT_BUILDER_INIT(G_VARIANT_TYPE("a(bs)"));
        bool is_deny = *text == '~';
        gsize n_backslashes = 0;

        if (!nook_quote_is_printable(text))
                return nook_convert_fail(error, "the pattern has control characters");
        while (n_backslashes < strlen(text) && text[strlen(text) - 1 - n_backslashes] == '\\')
                n_backslashes++;
        /* It is no pattern, and in a unit file it would take the next line, a wall, into itself. */
        if (n_backslashes % 2 == 1)
                return nook_convert_fail(error, "the pattern '%s' ends in a backslash", text);
        if (*text != '\0')
                g_variant_builder_add(&builder, "(bs)", !is_deny, text + is_deny);
        return g_variant_builder_end(&builder);
}

static void patterns_print(const NookDirective *directive, GVariant *value, GString *out) {
        GVariantIter iter;
        const char *pattern;
        gboolean is_allow;

        g_assert(g_variant_n_children(value) <= 1);
        g_variant_iter_init(&iter, value);
        /* No specifiers here: a pattern goes out as it is. */
        while (g_variant_iter_next(&iter, "(b&s)", &is_allow, &pattern))
                g_string_append_printf(out, "%s%s", is_allow ? "" : "~", pattern);
}

const NookDirectiveType nook_type_patterns = {.name = "a pattern",
                                              .parse = patterns_parse,
                                              .print = patterns_print,
                                              .is_safe = array_is_safe,
                                              .is_list = true};

/* --- fields of the journal, bytes ---------------------------------------------------------------
 */

static bool is_field(const char *word) {
        const char *equals = strchr(word, '=');

        if (equals == NULL || equals == word || equals - word > 64 || *word == '_' ||
            g_ascii_isdigit(*word))
                return false;
        for (const char *c = word; c < equals; c++)
                if (!g_ascii_isupper(*c) && !g_ascii_isdigit(*c) && *c != '_')
                        return false;
        return true;
}

static GVariant *fields_parse(const NookDirective *directive, const char *text, GError **error) {
        g_auto(GVariantBuilder) builder = G_VARIANT_BUILDER_INIT(G_VARIANT_TYPE("aay"));
        g_auto(GStrv) words = nook_quote_split(text, error);

        if (words == NULL)
                return NULL;
        for (char **word = words; *word != NULL; word++) {
                if (!is_field(*word))
                        return nook_convert_fail(
                                error, "'%s' is no FIELD=VALUE with a name of A-Z, 0-9 and _",
                                *word);
                g_variant_builder_add_value(
                        &builder,
                        g_variant_new_fixed_array(G_VARIANT_TYPE_BYTE, *word, strlen(*word), 1));
        }
        return g_variant_builder_end(&builder);
}

static char *bytes_to_text(GVariant *bytes) {
        gsize size;
        const char *data = g_variant_get_fixed_array(bytes, &size, 1);

        return g_strndup(data, size);
}

static void fields_print(const NookDirective *directive, GVariant *value, GString *out) {
        g_autoptr(GString) text = g_string_new(NULL);

        for (gsize i = 0; i < g_variant_n_children(value); i++) {
                g_autoptr(GVariant) bytes = g_variant_get_child_value(value, i);
                g_autofree char *field = bytes_to_text(bytes);

                append_separated(text, field);
        }
        g_string_append(out, text->str);
}

const NookDirectiveType nook_type_fields = {.name = "FIELD=VALUE words",
                                            .parse = fields_parse,
                                            .print = fields_print,
                                            .is_safe = array_is_safe,
                                            .is_list = true};

static GVariant *data_parse(const NookDirective *directive, const char *text, GError **error) {
        g_autofree guchar *bytes = NULL;
        gsize size;

        for (const char *c = text; *c != '\0'; c++)
                if (!g_ascii_isalnum(*c) && strchr("+/= ", *c) == NULL)
                        return nook_convert_fail(error, "'%s' is no base64", text);
        bytes = g_base64_decode(text, &size);
        return g_variant_new_fixed_array(G_VARIANT_TYPE_BYTE, bytes, size, 1);
}

static void data_print(const NookDirective *directive, GVariant *value, GString *out) {
        gsize size;
        const guchar *bytes = g_variant_get_fixed_array(value, &size, 1);
        g_autofree char *text = g_base64_encode(bytes, size);

        g_string_append(out, text);
}

const NookDirectiveType nook_type_data = {.name = "base64",
                                          .parse = data_parse,
                                          .print = data_print,
                                          .is_safe = array_is_safe,
                                          .is_list = true};

/* --- controllers that are delegated -------------------------------------------------------------
 */

static GVariant *delegate_parse(const NookDirective *directive, const char *text, GError **error) {
        g_autoptr(GVariant) as_bool = nook_type_yes_no.parse(directive, text, NULL);

        if (as_bool != NULL)
                return g_steal_pointer(&as_bool);
        return words_parse(directive, text, error);
}

static void delegate_print(const NookDirective *directive, GVariant *value, GString *out) {
        if (g_variant_is_of_type(value, G_VARIANT_TYPE_BOOLEAN))
                nook_type_yes_no.print(directive, value, out);
        else
                strings_print(directive, value, out);
}

static void delegate_emit(const NookDirective *directive, GVariant *value, GVariantBuilder *out) {
        bool is_bool = g_variant_is_of_type(value, G_VARIANT_TYPE_BOOLEAN);

        g_variant_builder_add(out, "(sv)", is_bool ? "Delegate" : "DelegateControllers", value);
}

const NookDirectiveType nook_type_delegate = {.name = "yes, no or controllers",
                                              .parse = delegate_parse,
                                              .print = delegate_print,
                                              .emit = delegate_emit};

/* --- conditions ---------------------------------------------------------------------------------
 */

/* The key is the condition's type: "|" triggers, "!" negates. */
static GVariant *conditions_parse(const NookDirective *directive, const char *text,
                                  GError **error) {
        g_auto(GVariantBuilder) builder = G_VARIANT_BUILDER_INIT(G_VARIANT_TYPE("a(sbbs)"));
        bool is_trigger = *text == '|', is_negated;

        text += is_trigger;
        is_negated = *text == '!';
        text += is_negated;
        if (*text == '\0' || !nook_quote_is_printable(text))
                return nook_convert_fail(error, "the condition is empty or has control characters");
        g_variant_builder_add(&builder, "(sbbs)", directive->key, is_trigger, is_negated, text);
        return g_variant_builder_end(&builder);
}

static void conditions_print(const NookDirective *directive, GVariant *value, GString *out) {
        GVariantIter iter;
        gboolean is_trigger, is_negated;
        const char *key, *text;

        g_assert(g_variant_n_children(value) == 1);
        g_variant_iter_init(&iter, value);
        while (g_variant_iter_next(&iter, "(&sbb&s)", &key, &is_trigger, &is_negated, &text)) {
                g_string_append_printf(out, "%s%s", is_trigger ? "|" : "", is_negated ? "!" : "");
                nook_quote_append_plain(out, text);
        }
}

const NookDirectiveType nook_type_conditions = {.name = "a condition",
                                                .parse = conditions_parse,
                                                .print = conditions_print,
                                                .is_list = true};
