/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "unit/convert.h"

#include <string.h>
#include <sys/mount.h>

#include "unit/quote.h"

/* Types that are lists of tuples: bind mounts, tmpfs mounts, devices, credentials. */

/* An item of a tuple may hold no blank, colon, quote or backslash: the manager writes transient
 * units without quoting them, and reads something else back at daemon-reload. */
static bool is_plain_item(const char *text) {
        return *text != '\0' && nook_quote_is_printable(text) && strpbrk(text, " :\"'\\") == NULL;
}

static bool is_plain_path(const char *path) {
        return is_plain_item(path) && nook_convert_is_clean_path(path);
}

static void append_blank(GString *out, gsize start) {
        if (out->len > start)
                g_string_append_c(out, ' ');
}

static bool array_is_safe(const NookDirective *directive, GVariant *value) {
        return g_variant_n_children(value) > 0;
}

/* --- [-]SOURCE[:DESTINATION[:rbind|norbind]] ----------------------------------------------------
 */

static bool add_bind(GVariantBuilder *builder, const char *word, GError **error) {
        bool is_optional = *word == '-';
        g_auto(GStrv) parts = g_strsplit(word + is_optional, ":", 3);
        guint n = g_strv_length(parts);
        guint64 flags = MS_REC;

        if (n == 0 || !is_plain_path(parts[0]) || (n > 1 && !is_plain_path(parts[1])))
                return nook_fail(error, NOOK_ERROR_INVALID,
                                 "'%s' is no SOURCE:DESTINATION of absolute paths without blanks, "
                                 "quotes and backslashes",
                                 word);
        if (n > 2 && g_str_equal(parts[2], "norbind"))
                flags = 0;
        else if (n > 2 && !g_str_equal(parts[2], "rbind"))
                return nook_fail(error, NOOK_ERROR_INVALID, "'%s' is neither rbind nor norbind",
                                 parts[2]);
        g_variant_builder_add(builder, "(ssbt)", parts[0], n > 1 ? parts[1] : parts[0], is_optional,
                              flags);
        return true;
}

static GVariant *binds_parse(const NookDirective *directive, const char *text, GError **error) {
        g_auto(GVariantBuilder) builder = G_VARIANT_BUILDER_INIT(G_VARIANT_TYPE("a(ssbt)"));
        g_auto(GStrv) words = nook_quote_split(text, error);

        if (words == NULL)
                return NULL;
        for (char **word = words; *word != NULL; word++)
                if (!add_bind(&builder, *word, error))
                        return NULL;
        return g_variant_builder_end(&builder);
}

static void binds_print(const NookDirective *directive, GVariant *value, GString *out) {
        GVariantIter iter;
        const char *source, *destination;
        gboolean is_optional;
        guint64 flags;
        gsize start = out->len;

        g_variant_iter_init(&iter, value);
        while (g_variant_iter_next(&iter, "(&s&sbt)", &source, &destination, &is_optional,
                                   &flags)) {
                append_blank(out, start);
                if (is_optional)
                        g_string_append_c(out, '-');
                nook_quote_append(out, source);
                if (g_str_equal(source, destination) && flags != 0)
                        continue;
                g_string_append_c(out, ':');
                nook_quote_append(out, destination);
                if (flags == 0)
                        g_string_append(out, ":norbind");
        }
}

const NookDirectiveType nook_type_binds = {.name = "SOURCE:DESTINATION words",
                                           .parse = binds_parse,
                                           .print = binds_print,
                                           .is_safe = array_is_safe,
                                           .is_list = true};

/* --- pairs: PATH:OPTIONS, ID:PATH ---------------------------------------------------------------
 */

static GVariant *tmpfs_parse(const NookDirective *directive, const char *text, GError **error) {
        g_auto(GVariantBuilder) builder = G_VARIANT_BUILDER_INIT(G_VARIANT_TYPE("a(ss)"));
        g_auto(GStrv) words = nook_quote_split(text, error);

        if (words == NULL)
                return NULL;
        for (char **word = words; *word != NULL; word++) {
                g_auto(GStrv) parts = g_strsplit(*word, ":", 2);

                if (parts[0] == NULL || !is_plain_path(parts[0]))
                        return nook_convert_fail(error, "'%s' is no PATH:OPTIONS", *word);
                if (parts[1] != NULL && !is_plain_item(parts[1]))
                        return nook_convert_fail(error, "'%s' are no mount options", parts[1]);
                g_variant_builder_add(&builder, "(ss)", parts[0], parts[1] ? parts[1] : "");
        }
        return g_variant_builder_end(&builder);
}

static void pairs_print(GVariant *value, char separator, GString *out) {
        GVariantIter iter;
        const char *first, *second;
        gsize start = out->len;

        g_variant_iter_init(&iter, value);
        while (g_variant_iter_next(&iter, "(&s&s)", &first, &second)) {
                append_blank(out, start);
                nook_quote_append(out, first);
                if (*second == '\0')
                        continue;
                g_string_append_c(out, separator);
                nook_quote_append(out, second);
        }
}

static void tmpfs_print(const NookDirective *directive, GVariant *value, GString *out) {
        pairs_print(value, ':', out);
}

const NookDirectiveType nook_type_tmpfs = {.name = "PATH:OPTIONS words",
                                           .parse = tmpfs_parse,
                                           .print = tmpfs_print,
                                           .is_safe = array_is_safe,
                                           .is_list = true};

static GVariant *devices_parse(const NookDirective *directive, const char *text, GError **error) {
        g_auto(GVariantBuilder) builder = G_VARIANT_BUILDER_INIT(G_VARIANT_TYPE("a(ss)"));
        g_auto(GStrv) words = nook_quote_split(text, error);
        guint n = words == NULL ? 0 : g_strv_length(words);

        if (words == NULL)
                return NULL;
        if (n == 0)
                return g_variant_builder_end(&builder);
        if (n > 2 || !(g_str_has_prefix(words[0], "/dev/") || g_str_has_prefix(words[0], "char-") ||
                       g_str_has_prefix(words[0], "block-")))
                return nook_convert_fail(error, "'%s' is no device like \"/dev/kvm rw\"", text);
        if (n == 2 && strspn(words[1], "rwm") != strlen(words[1]))
                return nook_convert_fail(error, "'%s' is made of other letters than r, w, m",
                                         words[1]);
        g_variant_builder_add(&builder, "(ss)", words[0], n == 2 ? words[1] : "rwm");
        return g_variant_builder_end(&builder);
}

static void devices_print(const NookDirective *directive, GVariant *value, GString *out) {
        g_assert(g_variant_n_children(value) <= 1);
        pairs_print(value, ' ', out);
}

const NookDirectiveType nook_type_devices = {.name = "a device",
                                             .parse = devices_parse,
                                             .print = devices_print,
                                             .is_safe = array_is_safe,
                                             .is_list = true};

static bool split_credential(const char *text, char ***ret_parts, GError **error) {
        g_auto(GStrv) parts = g_strsplit(text, ":", 2);

        if (g_strv_length(parts) == 0 || !is_plain_item(parts[0]) || strchr(parts[0], '/') != NULL)
                return nook_fail(error, NOOK_ERROR_INVALID, "'%s' does not begin with ID:", text);
        *ret_parts = g_steal_pointer(&parts);
        return true;
}

static GVariant *credential_parse(const NookDirective *directive, const char *text,
                                  GError **error) {
        g_auto(GVariantBuilder) builder = G_VARIANT_BUILDER_INIT(G_VARIANT_TYPE("a(ss)"));
        g_auto(GStrv) parts = NULL;

        if (*text == '\0')
                return g_variant_builder_end(&builder);
        if (!split_credential(text, &parts, error))
                return NULL;
        if (parts[1] != NULL && !nook_quote_is_printable(parts[1]))
                return nook_convert_fail(error, "the path has control characters");
        g_variant_builder_add(&builder, "(ss)", parts[0], parts[1] ? parts[1] : parts[0]);
        return g_variant_builder_end(&builder);
}

const NookDirectiveType nook_type_credential = {
        .name = "ID:PATH", .parse = credential_parse, .print = tmpfs_print, .is_list = true};

static GVariant *secret_parse(const NookDirective *directive, const char *text, GError **error) {
        g_auto(GVariantBuilder) builder = G_VARIANT_BUILDER_INIT(G_VARIANT_TYPE("a(say)"));
        g_auto(GStrv) parts = NULL;
        g_autofree char *bytes = NULL;

        if (*text == '\0')
                return g_variant_builder_end(&builder);
        if (!split_credential(text, &parts, error))
                return NULL;
        if (parts[1] == NULL)
                return nook_convert_fail(error, "'%s' has no value after ID:", text);
        bytes = nook_quote_unescape(parts[1], error);
        if (bytes == NULL)
                return NULL;
        g_variant_builder_add(
                &builder, "(s@ay)", parts[0],
                g_variant_new_fixed_array(G_VARIANT_TYPE_BYTE, bytes, strlen(bytes), 1));
        return g_variant_builder_end(&builder);
}

/* The value is one unquoted C-escaped text to the end of the line. */
static void secret_print(const NookDirective *directive, GVariant *value, GString *out) {
        GVariantIter iter;
        const char *id;
        GVariant *bytes;

        g_assert(g_variant_n_children(value) <= 1);
        g_variant_iter_init(&iter, value);
        while (g_variant_iter_loop(&iter, "(&s@ay)", &id, &bytes)) {
                gsize size;
                const guchar *data = g_variant_get_fixed_array(bytes, &size, 1);

                nook_quote_append(out, id);
                g_string_append_c(out, ':');
                for (gsize i = 0; i < size; i++)
                        if (g_ascii_isalnum(data[i]) || strchr("_-./,+=@", data[i]) != NULL)
                                g_string_append_c(out, (char)data[i]);
                        else
                                g_string_append_printf(out, "\\x%02x", data[i]);
        }
}

const NookDirectiveType nook_type_secret = {
        .name = "ID:VALUE", .parse = secret_parse, .print = secret_print, .is_list = true};

/* PATH[:NAME[:read-only,append,truncate,graceful]] */
static const NookNamed open_flags[] = {
        {"read-only", 1 << 0, false}, {"append", 1 << 1, false}, {"truncate", 1 << 2, false},
        {"graceful", 1 << 3, false},  {NULL, 0, false},
};

static bool read_open_flags(const char *text, guint64 *ret_flags) {
        g_auto(GStrv) words = g_strsplit(text, ",", -1);
        guint64 flags = 0;

        for (char **word = words; *word != NULL; word++) {
                const NookNamed *named = open_flags;

                while (named->name != NULL && !g_str_equal(named->name, *word))
                        named++;
                if (named->name == NULL)
                        return false;
                flags |= (guint64)named->value;
        }
        *ret_flags = flags;
        return true;
}

static GVariant *open_file_parse(const NookDirective *directive, const char *text, GError **error) {
        g_auto(GVariantBuilder) builder = G_VARIANT_BUILDER_INIT(G_VARIANT_TYPE("a(sst)"));
        g_auto(GStrv) parts = g_strsplit(text, ":", 3);
        guint n = g_strv_length(parts);
        g_autofree char *name = NULL;
        guint64 flags = 0;

        if (n == 0)
                return g_variant_builder_end(&builder);
        if (!is_plain_path(parts[0]) || (n > 2 && !read_open_flags(parts[2], &flags)))
                return nook_convert_fail(error, "'%s' is no PATH:NAME:OPTIONS", text);
        name = n > 1 && *parts[1] != '\0' ? g_strdup(parts[1]) : g_path_get_basename(parts[0]);
        g_variant_builder_add(&builder, "(sst)", parts[0], name, flags);
        return g_variant_builder_end(&builder);
}

static void open_file_print(const NookDirective *directive, GVariant *value, GString *out) {
        GVariantIter iter;
        const char *path, *name;
        guint64 flags;

        g_assert(g_variant_n_children(value) <= 1);
        g_variant_iter_init(&iter, value);
        while (g_variant_iter_next(&iter, "(&s&st)", &path, &name, &flags)) {
                char separator = ':';

                nook_quote_append(out, path);
                g_string_append_c(out, ':');
                nook_quote_append(out, name);
                for (const NookNamed *named = open_flags; named->name != NULL; named++)
                        if ((flags & (guint64)named->value) != 0) {
                                g_string_append_printf(out, "%c%s", separator, named->name);
                                separator = ',';
                        }
        }
}

const NookDirectiveType nook_type_open_file = {.name = "PATH:NAME:OPTIONS",
                                               .parse = open_file_parse,
                                               .print = open_file_print,
                                               .is_list = true};

/* --- a device and a value -----------------------------------------------------------------------
 */

/* Bandwidths count in units of 1000, unlike memory. */
static bool parse_rate(const char *text, guint64 *ret_rate) {
        static const char suffixes[] = "KMGT";
        size_t size = strspn(text, "0123456789");
        g_autofree char *digits = g_strndup(text, size);
        guint64 unit = 1;

        if (g_str_equal(text, "infinity")) {
                *ret_rate = G_MAXUINT64;
                return true;
        }
        if (text[size] != '\0') {
                const char *found = strchr(suffixes, text[size]);

                if (found == NULL || text[size + 1] != '\0')
                        return false;
                for (const char *c = suffixes; c <= found; c++)
                        unit *= 1000;
        }
        return nook_convert_uint(digits, G_MAXUINT64 / unit, ret_rate) &&
               g_uint64_checked_mul(ret_rate, *ret_rate, unit) && *ret_rate > 0;
}

/* The argument is the type of the value: a weight, a time span, or NULL for a rate. */
static bool parse_device_value(const NookDirective *directive, const char *text, guint64 *ret_value,
                               GError **error) {
        const NookDirectiveType *type = directive->argument;
        NookDirective plain = *directive;
        g_autoptr(GVariant) value = NULL;

        if (type == NULL) {
                if (parse_rate(text, ret_value))
                        return true;
                return nook_fail(error, NOOK_ERROR_INVALID, "'%s' is no rate like 5M", text);
        }
        plain.argument = NULL;
        value = type->parse(&plain, text, error);
        if (value == NULL)
                return false;
        *ret_value = g_variant_get_uint64(value);
        return true;
}

static GVariant *device_values_parse(const NookDirective *directive, const char *text,
                                     GError **error) {
        g_auto(GVariantBuilder) builder = G_VARIANT_BUILDER_INIT(G_VARIANT_TYPE("a(st)"));
        g_auto(GStrv) words = nook_quote_split(text, error);
        guint n = words == NULL ? 0 : g_strv_length(words);
        guint64 number;

        if (words == NULL)
                return NULL;
        if (n == 0)
                return g_variant_builder_end(&builder);
        if (n != 2 || !is_plain_path(words[0]))
                return nook_convert_fail(error, "'%s' is no \"/DEVICE VALUE\"", text);
        if (!parse_device_value(directive, words[1], &number, error))
                return NULL;
        g_variant_builder_add(&builder, "(st)", words[0], number);
        return g_variant_builder_end(&builder);
}

static void device_values_print(const NookDirective *directive, GVariant *value, GString *out) {
        const NookDirectiveType *type = directive->argument;
        GVariantIter iter;
        const char *device;
        guint64 number;

        g_assert(g_variant_n_children(value) <= 1);
        g_variant_iter_init(&iter, value);
        while (g_variant_iter_next(&iter, "(&st)", &device, &number)) {
                g_autoptr(GVariant) plain = g_variant_ref_sink(g_variant_new_uint64(number));

                nook_quote_append(out, device);
                g_string_append_c(out, ' ');
                if (type != NULL)
                        type->print(directive, plain, out);
                else if (number == G_MAXUINT64)
                        g_string_append(out, "infinity");
                else
                        g_string_append_printf(out, "%" G_GUINT64_FORMAT, number);
        }
}

const NookDirectiveType nook_type_device_values = {.name = "a device and a value",
                                                   .parse = device_values_parse,
                                                   .print = device_values_print,
                                                   .is_safe = array_is_safe,
                                                   .is_list = true};
