/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "hcl/functions-impl.h"

#include <arpa/inet.h>
#include <string.h>

/* An IP network; the bytes behind the prefix are zero. */
typedef struct {
        unsigned char address[16];
        size_t size; /* 4 or 16 bytes */
        int prefix;  /* bits */
} Network;

static int address_bits(const Network *network) {
        return (int)network->size * 8;
}

/* Clears the bits behind the prefix, or sets them. */
static void fill_host_bits(Network *network, bool set) {
        for (int bit = network->prefix; bit < address_bits(network); bit++) {
                unsigned char mask = (unsigned char)(0x80 >> bit % 8);

                if (set)
                        network->address[bit / 8] |= mask;
                else
                        network->address[bit / 8] &= (unsigned char)~mask;
        }
}

static bool read_prefix(const char *text, Network *network) {
        int prefix = 0;

        if (text[0] == '\0')
                return false;
        for (; *text != '\0'; text++) {
                if (!g_ascii_isdigit(*text))
                        return false;
                prefix = MIN(prefix * 10 + (*text - '0'), 1000);
        }
        network->prefix = prefix;
        return prefix <= address_bits(network);
}

/* Reads ADDRESS/BITS, strictly: no leading zeros in IPv4, no zone. */
static bool read_network(const char *text, size_t size, Network *ret) {
        g_autofree char *address = NULL;
        const char *slash = strchr(text, '/');
        Network network = {.size = 4};

        if (slash == NULL || strlen(text) != size)
                return false;
        address = g_strndup(text, (gsize)(slash - text));
        if (strchr(address, ':') != NULL)
                network.size = 16;
        if (inet_pton(network.size == 4 ? AF_INET : AF_INET6, address, network.address) != 1 ||
            !read_prefix(slash + 1, &network))
                return false;
        fill_host_bits(&network, false);
        *ret = network;
        return true;
}

static bool get_network(HclCall *call, HclValue *const *args, Network *ret) {
        size_t size;
        const char *text = hcl_arg_text(args, 0, &size);

        if (read_network(text, size, ret))
                return true;
        hcl_call_fail(call, 0,
                      "invalid CIDR expression: \"%s\" is not an address with a prefix "
                      "length, such as 10.0.0.0/8",
                      text);
        return false;
}

/* An IPv4 address that is mapped into IPv6 is written as IPv4, as Go does. */
static bool is_mapped(const Network *network) {
        static const unsigned char start[12] = {[10] = 0xFF, [11] = 0xFF};

        return network->size == 16 && memcmp(network->address, start, sizeof(start)) == 0;
}

static const char *print_address(const Network *network, char *buffer, size_t size) {
        if (is_mapped(network))
                return inet_ntop(AF_INET, network->address + 12, buffer, (socklen_t)size);
        return inet_ntop(network->size == 4 ? AF_INET : AF_INET6, network->address, buffer,
                         (socklen_t)size);
}

static HclValue *address_value(const Network *network) {
        char buffer[INET6_ADDRSTRLEN];

        return hcl_value_string(print_address(network, buffer, sizeof(buffer)), -1);
}

static HclValue *network_value(const Network *network) {
        char buffer[INET6_ADDRSTRLEN];
        int prefix = is_mapped(network) ? network->prefix - 96 : network->prefix;

        return hcl_value_string_printf("%s/%d", print_address(network, buffer, sizeof(buffer)),
                                       prefix);
}

/* Ors a number, whose last bit stands at bit `end`, into the address. */
static void insert_number(Network *network, uint64_t number, int end) {
        for (int bit = end - 1; bit >= 0 && number != 0; bit--, number >>= 1) {
                if (number & 1)
                        network->address[bit / 8] |= (unsigned char)(0x80 >> bit % 8);
        }
}

static HclValue *call_cidrhost(HclCall *call, HclValue *const *args, size_t n_args) {
        Network network;
        int64_t number;
        int host_bits;

        if (!hcl_call_get_int(call, args, 1, &number) || !get_network(call, args, &network))
                return NULL;
        host_bits = address_bits(&network) - network.prefix;
        if (host_bits < 63 &&
            (number >= INT64_C(1) << host_bits || number < -(INT64_C(1) << host_bits)))
                return hcl_call_fail(
                        call, -1,
                        "prefix of %d does not accommodate a host numbered %" G_GINT64_FORMAT,
                        network.prefix, number);
        if (number >= 0) {
                insert_number(&network, (uint64_t)number, address_bits(&network));
        } else {
                /* Counted from the end: all ones, less what is missing. */
                uint64_t below = ~(uint64_t)number; /* -number - 1 */

                fill_host_bits(&network, true);
                for (int bit = address_bits(&network) - 1; below != 0; bit--, below >>= 1) {
                        if (below & 1)
                                network.address[bit / 8] &= (unsigned char)~(0x80 >> bit % 8);
                }
        }
        return address_value(&network);
}

static HclValue *call_cidrnetmask(HclCall *call, HclValue *const *args, size_t n_args) {
        Network network;

        if (!get_network(call, args, &network))
                return NULL;
        memset(network.address, 0xFF, sizeof(network.address));
        fill_host_bits(&network, false);
        return address_value(&network);
}

static HclValue *call_cidrsubnet(HclCall *call, HclValue *const *args, size_t n_args) {
        Network network;
        int64_t bits, number;

        if (!hcl_call_get_int(call, args, 1, &bits) || !hcl_call_get_int(call, args, 2, &number) ||
            !get_network(call, args, &network))
                return NULL;
        if (bits > 32)
                return hcl_call_fail(call, 1, "may not extend prefix by more than 32 bits");
        if (number < 0)
                return hcl_call_fail(call, 2, "subnet number must not be negative");
        if (bits < 0)
                return hcl_call_fail(call, 1, "may not extend prefix by less than 0 bits");
        if (network.prefix + bits > address_bits(&network))
                return hcl_call_fail(call, -1,
                                     "insufficient address space to extend prefix of %d by %d",
                                     network.prefix, (int)bits);
        if (number >= INT64_C(1) << bits)
                return hcl_call_fail(call, -1,
                                     "prefix extension of %d does not accommodate a subnet "
                                     "numbered %" G_GINT64_FORMAT,
                                     (int)bits, number);
        network.prefix += (int)bits;
        insert_number(&network, (uint64_t)number, network.prefix);
        return network_value(&network);
}

/* Adds one to an address; false if it went round to zero. */
static bool increment(Network *network) {
        for (size_t i = network->size; i > 0; i--) {
                if (++network->address[i - 1] != 0)
                        return true;
        }
        return false;
}

static bool contains(const Network *outer, const Network *inner) {
        Network start = *inner;

        start.prefix = outer->prefix;
        fill_host_bits(&start, false);
        return memcmp(start.address, outer->address, outer->size) == 0;
}

/* The first network of `prefix` bits whose addresses all come after those of *after. */
static bool next_network(const Network *after, int prefix, Network *ret) {
        Network next = *after;

        fill_host_bits(&next, true);
        next.prefix = prefix;
        fill_host_bits(&next, true);
        if (!increment(&next))
                return false;
        fill_host_bits(&next, false);
        *ret = next;
        return true;
}

/* Checks a number of further bits. */
static bool get_new_bits(HclCall *call, HclValue *const *args, int arg, const Network *network,
                         int *ret) {
        int64_t bits;

        if (!hcl_call_get_int(call, args, arg, &bits))
                return false;
        if (bits < 1)
                hcl_call_fail(call, arg, "must extend prefix by at least one bit");
        else if (bits > 32)
                hcl_call_fail(call, arg, "may not extend prefix by more than 32 bits");
        else if (network->prefix + bits > address_bits(network))
                hcl_call_fail(call, arg,
                              "would extend prefix to %d bits, which is too long for an %s address",
                              network->prefix + (int)bits, network->size == 4 ? "IPv4" : "IPv6");
        else {
                *ret = network->prefix + (int)bits;
                return true;
        }
        return false;
}

static HclValue *call_cidrsubnets(HclCall *call, HclValue *const *args, size_t n_args) {
        g_autoptr(GPtrArray) subnets = hcl_value_array_new();
        Network network, current = {0};

        if (!get_network(call, args, &network))
                return NULL;
        for (size_t i = 1; i < n_args; i++) {
                char buffer[INET6_ADDRSTRLEN];
                int prefix;
                bool fits = true;

                if (!get_new_bits(call, args, (int)i, &network, &prefix))
                        return NULL;
                if (i == 1) {
                        current = network;
                        current.prefix = prefix;
                } else {
                        fits = next_network(&current, prefix, &current);
                }
                if (!fits || !contains(&network, &current))
                        return hcl_call_fail(call, (int)i,
                                             "not enough remaining address space for a subnet "
                                             "with a prefix of %d bits after %s/%d",
                                             prefix,
                                             print_address(&current, buffer, sizeof(buffer)),
                                             current.prefix);
                g_ptr_array_add(subnets, network_value(&current));
        }
        return hcl_value_list_of_strings(subnets);
}

static const HclParameter one_prefix[] = {{"prefix", &hcl_type_string}};
static const HclParameter prefix_and_host[] = {{"prefix", &hcl_type_string},
                                               {"hostnum", &hcl_type_number}};
static const HclParameter prefix_and_subnet[] = {
        {"prefix", &hcl_type_string}, {"newbits", &hcl_type_number}, {"netnum", &hcl_type_number}};
static const HclParameter new_bits = {"newbits", &hcl_type_number};

/* clang-format off */
HCL_FUNCTION_TABLE(hcl_functions_cidr,
        {"cidrhost", HCL_PARAMETERS(prefix_and_host), .call = call_cidrhost},
        {"cidrnetmask", HCL_PARAMETERS(one_prefix), .call = call_cidrnetmask},
        {"cidrsubnet", HCL_PARAMETERS(prefix_and_subnet), .call = call_cidrsubnet},
        {"cidrsubnets", HCL_PARAMETERS(one_prefix), .variadic = &new_bits, .call = call_cidrsubnets});
/* clang-format on */
