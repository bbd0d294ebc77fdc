/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "unit/convert.h"

#include <arpa/inet.h>
#include <string.h>
#include <sys/socket.h>

#include "unit/quote.h"

/* Types about the network: address ranges and ports. */

/* --- IPAddressAllow=, IPAddressDeny= ------------------------------------------------------------
 */

static const struct {
        const char *name;
        const char *ranges[3];
} address_names[] = {
        {"any", {"0.0.0.0/0", "::/0", NULL}},
        {"localhost", {"127.0.0.0/8", "::1/128", NULL}},
        {"link-local", {"169.254.0.0/16", "fe80::/64", NULL}},
        {"multicast", {"224.0.0.0/4", "ff00::/8", NULL}},
};

static bool add_range(GVariantBuilder *builder, const char *text) {
        g_auto(GStrv) parts = g_strsplit(text, "/", 2);
        guint8 address[16];
        int family = strchr(parts[0] ? parts[0] : "", ':') != NULL ? AF_INET6 : AF_INET;
        gsize size = family == AF_INET6 ? 16 : 4;
        guint64 prefix = size * 8;

        if (parts[0] == NULL || inet_pton(family, parts[0], address) != 1)
                return false;
        if (parts[1] != NULL && !nook_convert_uint(parts[1], size * 8, &prefix))
                return false;
        /* Bits behind the prefix mean nothing; the manager clears them, so that we do as well. */
        for (guint64 i = prefix; i < size * 8; i++)
                address[i / 8] &= (guint8) ~(0x80 >> (i % 8));
        g_variant_builder_add(builder, "(i@ayu)", family,
                              g_variant_new_fixed_array(G_VARIANT_TYPE_BYTE, address, size, 1),
                              (guint32)prefix);
        return true;
}

static bool add_address(GVariantBuilder *builder, const char *word) {
        for (gsize i = 0; i < G_N_ELEMENTS(address_names); i++) {
                if (!g_str_equal(word, address_names[i].name))
                        continue;
                for (const char *const *range = address_names[i].ranges; *range != NULL; range++)
                        (void)add_range(builder, *range);
                return true;
        }
        return add_range(builder, word);
}

static GVariant *addresses_parse(const NookDirective *directive, const char *text, GError **error) {
        g_auto(GVariantBuilder) builder = G_VARIANT_BUILDER_INIT(G_VARIANT_TYPE("a(iayu)"));
        g_auto(GStrv) words = nook_quote_split(text, error);

        if (words == NULL)
                return NULL;
        for (char **word = words; *word != NULL; word++)
                if (!add_address(&builder, *word))
                        return nook_convert_fail(error,
                                                 "'%s' is neither an address range nor any, "
                                                 "localhost, link-local, multicast",
                                                 *word);
        return g_variant_builder_end(&builder);
}

static void addresses_print(const NookDirective *directive, GVariant *value, GString *out) {
        GVariantIter iter;
        gint32 family;
        GVariant *bytes;
        guint32 prefix;
        gsize start = out->len;

        g_variant_iter_init(&iter, value);
        while (g_variant_iter_loop(&iter, "(i@ayu)", &family, &bytes, &prefix)) {
                char text[INET6_ADDRSTRLEN];
                gsize size;
                const void *address = g_variant_get_fixed_array(bytes, &size, 1);

                g_assert(inet_ntop(family, address, text, sizeof text) != NULL);
                g_string_append_printf(out, "%s%s/%u", out->len > start ? " " : "", text, prefix);
        }
}

static bool addresses_is_safe(const NookDirective *directive, GVariant *value) {
        return g_variant_n_children(value) > 0;
}

const NookDirectiveType nook_type_addresses = {.name = "address ranges",
                                               .parse = addresses_parse,
                                               .print = addresses_print,
                                               .is_safe = addresses_is_safe,
                                               .is_list = true};

/* --- SocketBindAllow=, SocketBindDeny=: [ipv4|ipv6:][tcp|udp:][PORT[-PORT]|any] ------------------
 */

static bool read_ports(const char *text, guint16 *ret_count, guint16 *ret_first) {
        g_auto(GStrv) ends = g_strsplit(text, "-", 2);
        guint64 first, last;

        if (ends[0] == NULL || !nook_convert_uint(ends[0], G_MAXUINT16, &first) || first == 0)
                return false;
        last = first;
        if (ends[1] != NULL && !nook_convert_uint(ends[1], G_MAXUINT16, &last))
                return false;
        if (last < first)
                return false;
        *ret_count = (guint16)(last - first + 1);
        *ret_first = (guint16)first;
        return true;
}

static GVariant *socket_bind_parse(const NookDirective *directive, const char *text,
                                   GError **error) {
        g_auto(GVariantBuilder) builder = G_VARIANT_BUILDER_INIT(G_VARIANT_TYPE("a(iiqq)"));
        g_auto(GStrv) parts = g_strsplit(text, ":", 3);
        gint32 family = AF_UNSPEC, protocol = 0;
        guint16 count = 0, first = 0;
        char **part = parts;

        if (*text == '\0')
                return g_variant_builder_end(&builder);
        if (*part != NULL && (g_str_equal(*part, "ipv4") || g_str_equal(*part, "ipv6")))
                family = g_str_equal(*part++, "ipv4") ? AF_INET : AF_INET6;
        if (*part != NULL && (g_str_equal(*part, "tcp") || g_str_equal(*part, "udp")))
                protocol = g_str_equal(*part++, "tcp") ? IPPROTO_TCP : IPPROTO_UDP;
        if (*part != NULL && !g_str_equal(*part, "any") && !read_ports(*part, &count, &first))
                return nook_convert_fail(error, "'%s' is no rule like \"ipv4:tcp:8080-8090\"",
                                         text);
        if (*part != NULL && part[1] != NULL)
                return nook_convert_fail(error, "'%s' has too many parts", text);
        g_variant_builder_add(&builder, "(iiqq)", family, protocol, count, first);
        return g_variant_builder_end(&builder);
}

static void append_bind_rule(GString *out, gint32 family, gint32 protocol, guint16 count,
                             guint16 first) {
        gsize start = out->len;

        if (family != AF_UNSPEC)
                g_string_append(out, family == AF_INET ? "ipv4" : "ipv6");
        if (protocol != 0)
                g_string_append_printf(out, "%s%s", out->len > start ? ":" : "",
                                       protocol == IPPROTO_TCP ? "tcp" : "udp");
        if (count == 0 && out->len > start)
                return;
        g_string_append(out, out->len > start ? ":" : "");
        if (count == 0)
                g_string_append(out, "any");
        else if (count == 1)
                g_string_append_printf(out, "%u", first);
        else
                g_string_append_printf(out, "%u-%u", first, first + count - 1u);
}

static void socket_bind_print(const NookDirective *directive, GVariant *value, GString *out) {
        GVariantIter iter;
        gint32 family, protocol;
        guint16 count, first;

        g_assert(g_variant_n_children(value) <= 1);
        g_variant_iter_init(&iter, value);
        while (g_variant_iter_next(&iter, "(iiqq)", &family, &protocol, &count, &first))
                append_bind_rule(out, family, protocol, count, first);
}

const NookDirectiveType nook_type_socket_bind = {.name = "a rule for ports",
                                                 .parse = socket_bind_parse,
                                                 .print = socket_bind_print,
                                                 .is_safe = addresses_is_safe,
                                                 .is_list = true};
