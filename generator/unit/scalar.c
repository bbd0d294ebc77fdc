/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "unit/convert.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "unit/quote.h"

/* Types with one value: yes or no, text, words, numbers, signals. */

const bool nook_bool_yes = true;
const bool nook_bool_no = false;

bool nook_convert_uint(const char *text, guint64 most, guint64 *ret_value) {
        return g_ascii_isdigit(*text) &&
               g_ascii_string_to_unsigned(text, 10, 0, most, ret_value, NULL);
}

bool nook_convert_is_in(const char *const *list, const char *word) {
        for (; *list != NULL; list++)
                if (g_str_equal(*list, word))
                        return true;
        return false;
}

bool nook_convert_is_clean_path(const char *path) {
        if (*path != '/')
                return false;
        if (path[1] == '\0')
                return true;
        while (*path != '\0') {
                size_t size = strcspn(++path, "/");

                if (size == 0 || (size == 1 && path[0] == '.') ||
                    (size == 2 && path[0] == '.' && path[1] == '.'))
                        return false;
                path += size;
        }
        return true;
}

/* "a, b, c"; the caller's. */
static char *join(const char *const *words) {
        GString *list = g_string_new(words[0]);

        while (*++words != NULL)
                g_string_append_printf(list, ", %s", *words);
        return g_string_free(list, FALSE);
}

/* -1: neither; the words are systemd's. */
static int parse_bool(const char *text) {
        static const char *const yes[] = {"1", "yes", "y", "true", "t", "on", NULL};
        static const char *const no[] = {"0", "no", "n", "false", "f", "off", NULL};
        g_autofree char *lower = g_ascii_strdown(text, -1);

        if (nook_convert_is_in(yes, lower))
                return 1;
        return nook_convert_is_in(no, lower) ? 0 : -1;
}

static GVariant *bool_parse(const NookDirective *directive, const char *text, GError **error) {
        int value = parse_bool(text);

        if (value < 0)
                return nook_convert_fail(error, "'%s' is neither yes nor no", text);
        return g_variant_new_boolean(value == 1);
}

static void bool_print(const NookDirective *directive, GVariant *value, GString *out) {
        g_string_append(out, g_variant_get_boolean(value) ? "yes" : "no");
}

static bool bool_is_safe(const NookDirective *directive, GVariant *value) {
        const bool *safe = directive->argument;
        bool is_on = g_variant_get_boolean(value);

        if (safe != NULL)
                return is_on == *safe;
        return is_on || directive->class != NOOK_CLASS_TIGHTENS;
}

const NookDirectiveType nook_type_yes_no = {
        .name = "yes or no",
        .parse = bool_parse,
        .print = bool_print,
        .is_safe = bool_is_safe,
};

static void emit_as(GVariantBuilder *out, const char *property, const char *suffix,
                    GVariant *value) {
        g_autofree char *name = g_strconcat(property, suffix, NULL);

        g_variant_builder_add(out, "(sv)", name, value);
}

/* --- yes, no, or a word that newer systemd knows ---------------------------------------------- */

static GVariant *bool_or_word_parse(const NookDirective *directive, const char *text,
                                    GError **error) {
        const NookWords *words = directive->argument;
        int value = parse_bool(text);

        if (value >= 0)
                return g_variant_new_boolean(value == 1);
        if (!nook_convert_is_in(words->words, text)) {
                g_autofree char *list = join(words->words);

                return nook_convert_fail(error, "'%s' is none of: yes, no, %s", text, list);
        }
        return g_variant_new_string(text);
}

static void bool_or_word_print(const NookDirective *directive, GVariant *value, GString *out) {
        if (g_variant_is_of_type(value, G_VARIANT_TYPE_BOOLEAN))
                bool_print(directive, value, out);
        else
                g_string_append(out, g_variant_get_string(value, NULL));
}

static void bool_or_word_emit(const NookDirective *directive, GVariant *value,
                              GVariantBuilder *out) {
        bool is_bool = g_variant_is_of_type(value, G_VARIANT_TYPE_BOOLEAN);

        emit_as(out, directive->property, is_bool ? "" : "Ex", value);
}

static bool bool_or_word_is_safe(const NookDirective *directive, GVariant *value) {
        const NookWords *words = directive->argument;

        if (g_variant_is_of_type(value, G_VARIANT_TYPE_BOOLEAN))
                return g_variant_get_boolean(value);
        return words->safe == NULL ||
               nook_convert_is_in(words->safe, g_variant_get_string(value, NULL));
}

const NookDirectiveType nook_type_yes_no_word = {
        .name = "yes, no or a word",
        .parse = bool_or_word_parse,
        .print = bool_or_word_print,
        .emit = bool_or_word_emit,
        .is_safe = bool_or_word_is_safe,
};

/* --- text ---------------------------------------------------------------------------------------
 */

static GVariant *string_parse(const NookDirective *directive, const char *text, GError **error) {
        g_autofree char *stripped = NULL;

        if (!nook_quote_is_printable(text))
                return nook_convert_fail(error, "the text has control characters or is not UTF-8");
        stripped = g_strstrip(g_strdup(text));
        return g_variant_new_string(stripped);
}

static void string_print(const NookDirective *directive, GVariant *value, GString *out) {
        nook_quote_append_plain(out, g_variant_get_string(value, NULL));
}

const NookDirectiveType nook_type_string = {
        .name = "text",
        .parse = string_parse,
        .print = string_print,
};

static GVariant *path_parse(const NookDirective *directive, const char *text, GError **error) {
        if (!nook_quote_is_printable(text) || !nook_convert_is_clean_path(text))
                return nook_convert_fail(error, "'%s' is no absolute path without '..'", text);
        return g_variant_new_string(text);
}

const NookDirectiveType nook_type_path = {
        .name = "an absolute path",
        .parse = path_parse,
        .print = string_print,
};

static GVariant *work_dir_parse(const NookDirective *directive, const char *text, GError **error) {
        const char *path = *text == '-' ? text + 1 : text;

        if (!nook_quote_is_printable(text) ||
            !(g_str_equal(path, "~") || nook_convert_is_clean_path(path)))
                return nook_convert_fail(error, "'%s' is neither an absolute path nor '~'", text);
        return g_variant_new_string(text);
}

const NookDirectiveType nook_type_work_dir = {
        .name = "an absolute path or ~",
        .parse = work_dir_parse,
        .print = string_print,
};

/* A security label; "-" in front: go on without it where it cannot be set. The manager takes one
 * kind (SELinux) as a text, in which it knows no such sign until it reads its files again. */
static GVariant *label_parse(const NookDirective *directive, const char *text, GError **error) {
        bool is_optional = *text == '-';

        if (!nook_quote_is_printable(text))
                return nook_convert_fail(error, "the label has control characters");
        if (g_str_equal(directive->signature, "s"))
                return is_optional
                               ? nook_convert_fail(error, "the label cannot be left out: no \"-\"")
                               : g_variant_new_string(text);
        return g_variant_new("(bs)", (gboolean)is_optional, text + is_optional);
}

static void label_print(const NookDirective *directive, GVariant *value, GString *out) {
        gboolean is_optional;
        const char *label;

        if (g_str_equal(directive->signature, "s")) {
                nook_quote_append_plain(out, g_variant_get_string(value, NULL));
                return;
        }
        g_variant_get(value, "(b&s)", &is_optional, &label);
        if (is_optional)
                g_string_append_c(out, '-');
        nook_quote_append_plain(out, label);
}

const NookDirectiveType nook_type_label = {
        .name = "a security label", .parse = label_parse, .print = label_print};

/* --- one of some words --------------------------------------------------------------------------
 */

static GVariant *word_parse(const NookDirective *directive, const char *text, GError **error) {
        const NookWords *words = directive->argument;
        int as_bool = parse_bool(text);
        g_autofree char *list = NULL;

        if (nook_convert_is_in(words->words, text))
                return g_variant_new_string(text);
        /* Rows that grew from a boolean still take all of its spellings. */
        if (as_bool >= 0 && nook_convert_is_in(words->words, as_bool ? "yes" : "no"))
                return g_variant_new_string(as_bool ? "yes" : "no");
        list = join(words->words);
        return nook_convert_fail(error, "'%s' is none of: %s", text, list);
}

static bool word_is_safe(const NookDirective *directive, GVariant *value) {
        const NookWords *words = directive->argument;

        return words->safe == NULL ||
               nook_convert_is_in(words->safe, g_variant_get_string(value, NULL));
}

const NookDirectiveType nook_type_word = {
        .name = "one of some words",
        .parse = word_parse,
        .print = string_print,
        .is_safe = word_is_safe,
};

/* StandardOutput=file:PATH is three properties beside the plain one. */
static const struct {
        const char *prefix;
        const char *suffix;
} stdio_forms[] = {
        {"file:", "File"},
        {"append:", "FileToAppend"},
        {"truncate:", "FileToTruncate"},
        {"fd:", "FileDescriptorName"},
};

static GVariant *stdio_parse(const NookDirective *directive, const char *text, GError **error) {
        for (gsize i = 0; i < G_N_ELEMENTS(stdio_forms); i++) {
                const char *rest = text + strlen(stdio_forms[i].prefix);

                if (!g_str_has_prefix(text, stdio_forms[i].prefix))
                        continue;
                if (!nook_quote_is_printable(text))
                        return nook_convert_fail(error, "the text has control characters");
                if (stdio_forms[i].prefix[0] != 'f' || stdio_forms[i].prefix[1] != 'd')
                        if (!nook_convert_is_clean_path(rest))
                                return nook_convert_fail(error, "'%s' is no absolute path", rest);
                return g_variant_new_string(text);
        }
        return word_parse(directive, text, error);
}

static void stdio_emit(const NookDirective *directive, GVariant *value, GVariantBuilder *out) {
        const char *text = g_variant_get_string(value, NULL);

        for (gsize i = 0; i < G_N_ELEMENTS(stdio_forms); i++)
                if (g_str_has_prefix(text, stdio_forms[i].prefix)) {
                        const char *rest = text + strlen(stdio_forms[i].prefix);

                        emit_as(out, directive->property, stdio_forms[i].suffix,
                                g_variant_new_string(rest));
                        return;
                }
        emit_as(out, directive->property, "", value);
}

const NookDirectiveType nook_type_stdio = {
        .name = "one of some words, or file:PATH",
        .parse = stdio_parse,
        .print = string_print,
        .emit = stdio_emit,
        .is_safe = word_is_safe,
};

/* --- numbers ------------------------------------------------------------------------------------
 */

static gint64 int_get(GVariant *value) {
        switch (g_variant_classify(value)) {
        case G_VARIANT_CLASS_INT32:
                return g_variant_get_int32(value);
        case G_VARIANT_CLASS_UINT32:
                return g_variant_get_uint32(value);
        default:
                return (gint64)g_variant_get_uint64(value);
        }
}

static GVariant *int_new(const NookDirective *directive, gint64 value) {
        switch (directive->signature[0]) {
        case 'i':
                return g_variant_new_int32((gint32)value);
        case 'u':
                return g_variant_new_uint32((guint32)value);
        default:
                return g_variant_new_uint64((guint64)value);
        }
}

static GVariant *int_parse(const NookDirective *directive, const char *text, GError **error) {
        const NookBounds *bounds = directive->argument;
        gint64 value;

        if (!g_ascii_string_to_signed(text, 10, bounds->least, bounds->most, &value, NULL))
                return nook_convert_fail(
                        error, "'%s' is no number from %" G_GINT64_FORMAT " to %" G_GINT64_FORMAT,
                        text, bounds->least, bounds->most);
        return int_new(directive, value);
}

static void int_print(const NookDirective *directive, GVariant *value, GString *out) {
        g_string_append_printf(out, "%" G_GINT64_FORMAT, int_get(value));
}

const NookDirectiveType nook_type_int = {
        .name = "a number",
        .parse = int_parse,
        .print = int_print,
};

static GVariant *octal_parse(const NookDirective *directive, const char *text, GError **error) {
        guint64 mode;

        if (!g_ascii_isdigit(*text) || !g_ascii_string_to_unsigned(text, 8, 0, 07777, &mode, NULL))
                return nook_convert_fail(error, "'%s' is no octal mode like 0022", text);
        return g_variant_new_uint32((guint32)mode);
}

static void octal_print(const NookDirective *directive, GVariant *value, GString *out) {
        g_string_append_printf(out, "%04o", g_variant_get_uint32(value));
}

const NookDirectiveType nook_type_octal = {
        .name = "an octal mode",
        .parse = octal_parse,
        .print = octal_print,
};

static GVariant *named_parse(const NookDirective *directive, const char *text, GError **error) {
        g_autoptr(GString) list = g_string_new(NULL);
        guint64 number;

        for (const NookNamed *named = directive->argument; named->name != NULL; named++) {
                if (g_str_equal(named->name, text))
                        return int_new(directive, named->value);
                if (nook_convert_uint(text, G_MAXINT32, &number) && named->value == (int)number)
                        return int_new(directive, named->value);
                g_string_append_printf(list, "%s%s", list->len > 0 ? ", " : "", named->name);
        }
        return nook_convert_fail(error, "'%s' is none of: %s", text, list->str);
}

static const NookNamed *named_find(const NookDirective *directive, GVariant *value) {
        for (const NookNamed *named = directive->argument; named->name != NULL; named++)
                if (named->value == int_get(value))
                        return named;
        return NULL;
}

static void named_print(const NookDirective *directive, GVariant *value, GString *out) {
        const NookNamed *named = named_find(directive, value);

        g_assert(named != NULL);
        g_string_append(out, named->name);
}

static bool named_is_safe(const NookDirective *directive, GVariant *value) {
        const NookNamed *named = named_find(directive, value);

        return named != NULL && !named->is_unsafe;
}

const NookDirectiveType nook_type_named = {
        .name = "one of some words",
        .parse = named_parse,
        .print = named_print,
        .is_safe = named_is_safe,
};

/* --- signals and error numbers ------------------------------------------------------------------
 */

int nook_signal_from_text(const char *text) {
        guint64 number;

        if (nook_convert_uint(text, (guint64)SIGRTMAX, &number))
                return (int)number;
        if (g_str_has_prefix(text, "SIG"))
                text += 3;
        if (g_str_equal(text, "RTMIN"))
                return SIGRTMIN;
        if (g_str_equal(text, "RTMAX"))
                return SIGRTMAX;
        if (g_str_has_prefix(text, "RTMIN+") &&
            nook_convert_uint(text + 6, (guint64)(SIGRTMAX - SIGRTMIN), &number))
                return SIGRTMIN + (int)number;
        if (g_str_has_prefix(text, "RTMAX-") &&
            nook_convert_uint(text + 6, (guint64)(SIGRTMAX - SIGRTMIN), &number))
                return SIGRTMAX - (int)number;
        for (int i = 1; i < SIGRTMIN; i++) {
                const char *name = sigabbrev_np(i);

                if (name != NULL && g_str_equal(name, text))
                        return i;
        }
        return 0;
}

char *nook_signal_to_text(int signal) {
        if (signal >= SIGRTMIN)
                return g_strdup_printf("SIGRTMIN+%d", signal - SIGRTMIN);
        if (sigabbrev_np(signal) == NULL)
                return g_strdup_printf("%d", signal);
        return g_strconcat("SIG", sigabbrev_np(signal), NULL);
}

static GVariant *signal_parse(const NookDirective *directive, const char *text, GError **error) {
        int signal = nook_signal_from_text(text);

        if (signal <= 0)
                return nook_convert_fail(error, "'%s' is no signal", text);
        return g_variant_new_int32(signal);
}

static void signal_print(const NookDirective *directive, GVariant *value, GString *out) {
        g_autofree char *name = nook_signal_to_text(g_variant_get_int32(value));

        g_string_append(out, name);
}

static bool signal_is_safe(const NookDirective *directive, GVariant *value) {
        const int *safe = directive->argument;

        return safe == NULL || g_variant_get_int32(value) == *safe;
}

const int nook_signal_kill = SIGKILL;

const NookDirectiveType nook_type_signal = {
        .name = "a signal",
        .parse = signal_parse,
        .print = signal_print,
        .is_safe = signal_is_safe,
};

/* "kill" has this number on D-Bus. Source: systemd.exec(5), "SystemCallErrorNumber=". */
#define ERRNO_KILL (G_MAXINT32 - 1)
#define ERRNO_MOST 4095

static GVariant *errno_parse(const NookDirective *directive, const char *text, GError **error) {
        guint64 number;

        if (g_str_equal(text, "kill"))
                return g_variant_new_int32(ERRNO_KILL);
        if (nook_convert_uint(text, ERRNO_MOST, &number) && number > 0)
                return g_variant_new_int32((gint32)number);
        for (int i = 1; i <= ERRNO_MOST; i++) {
                const char *name = strerrorname_np(i);

                if (name != NULL && g_str_equal(name, text))
                        return g_variant_new_int32(i);
        }
        return nook_convert_fail(error, "'%s' is neither an error name like EPERM nor 'kill'",
                                 text);
}

static void errno_print(const NookDirective *directive, GVariant *value, GString *out) {
        int number = g_variant_get_int32(value);
        const char *name = number == ERRNO_KILL ? "kill" : strerrorname_np(number);

        if (name != NULL)
                g_string_append(out, name);
        else
                g_string_append_printf(out, "%d", number);
}

const NookDirectiveType nook_type_error_name = {
        .name = "an error name",
        .parse = errno_parse,
        .print = errno_print,
};
