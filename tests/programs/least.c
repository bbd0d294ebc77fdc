/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The least client that can start a transient unit and wait for its end: one call, its matches sent
 * ahead, then signals alone. What any program on sd-bus takes above this is its own; what the two
 * have in common is the manager's. Measured beside nook with the message that nook sent.
 *
 * usage: least FILE
 * FILE has the call's arguments, a line each: a letter, a blank, the value. "(" opens a container:
 * "( a (sv)", "( r sv", "( v s"; ")" closes it; other letters are D-Bus's basic types, of which "h"
 * is the number of one of our own descriptors. The first line is the unit's name. Exit status: the
 * unit's; 125 for what failed before. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-bus.h>

#define DESTINATION "org.freedesktop.systemd1"
#define MANAGER     "/org/freedesktop/systemd1"

static struct {
        char name[256];
        char *path;
        int status;
        int has_run;
        int is_ended;
} unit;

static void check(int r, const char *doing) {
        if (r >= 0)
                return;
        fprintf(stderr, "least: %s: %s\n", doing, strerror(-r));
        exit(125);
}

static int append_basic(sd_bus_message *message, char type, const char *text) {
        long long number = atoll(text);
        union {
                unsigned char y;
                int i;
                uint32_t u;
                int64_t x;
                uint64_t t;
        } value;

        if (type == 's')
                return sd_bus_message_append_basic(message, 's', text);
        if (type == 'y')
                value.y = (unsigned char)number;
        else if (type == 'x')
                value.x = number;
        else if (type == 't')
                value.t = strtoull(text, NULL, 10);
        else if (type == 'u')
                value.u = (uint32_t)strtoul(text, NULL, 10);
        else if (type == 'b' || type == 'i' || type == 'h')
                value.i = (int)number;
        else
                return -EINVAL;
        return sd_bus_message_append_basic(message, type, &value);
}

static int append_line(sd_bus_message *message, char *line) {
        line[strcspn(line, "\n")] = 0;
        if (line[0] == ')')
                return sd_bus_message_close_container(message);
        if (line[0] == 0 || line[1] != ' ')
                return -EINVAL;
        if (line[0] == '(')
                return sd_bus_message_open_container(message, line[2], line + 4);
        if (unit.name[0] == 0)
                snprintf(unit.name, sizeof unit.name, "%s", line + 2);
        return append_basic(message, line[0], line + 2);
}

static void read_call(const char *path, sd_bus_message *message) {
        static char line[64 * 1024];
        FILE *file = fopen(path, "re");

        if (file == NULL)
                check(-errno, path);
        while (fgets(line, sizeof line, file) != NULL)
                check(append_line(message, line), line);
        (void)fclose(file);
}

/* The time of entering "inactive" tells the end from the state before the start. */
static int read_property(sd_bus_message *message, const char *key, const char **ret_state) {
        uint64_t usec;
        int r;

        if (strcmp(key, "ActiveState") == 0)
                return sd_bus_message_read(message, "v", "s", ret_state);
        if (strcmp(key, "ExecMainStatus") == 0)
                return sd_bus_message_read(message, "v", "i", &unit.status);
        if (strcmp(key, "InactiveEnterTimestampMonotonic") != 0)
                return sd_bus_message_skip(message, "v");
        r = sd_bus_message_read(message, "v", "t", &usec);
        unit.has_run = unit.has_run || (r >= 0 && usec != 0);
        return r;
}

static void read_properties(sd_bus_message *message) {
        const char *interface;
        const char *state = NULL;
        const char *key;

        check(sd_bus_message_read(message, "s", &interface), "read a signal");
        check(sd_bus_message_enter_container(message, 'a', "{sv}"), "read a signal");
        while (sd_bus_message_enter_container(message, 'e', "sv") > 0) {
                check(sd_bus_message_read(message, "s", &key), "read a signal");
                check(read_property(message, key, &state), key);
                check(sd_bus_message_exit_container(message), "read a signal");
        }
        if (state != NULL && unit.has_run &&
            (strcmp(state, "inactive") == 0 || strcmp(state, "failed") == 0))
                unit.is_ended = 1;
}

static int on_message(sd_bus_message *message, void *user_data, sd_bus_error *error) {
        const char *path = sd_bus_message_get_path(message);

        (void)user_data;
        (void)error;
        if (path != NULL && strcmp(path, unit.path) == 0)
                read_properties(message);
        return 0;
}

static int on_reply(sd_bus_message *message, void *user_data, sd_bus_error *error) {
        const sd_bus_error *why = sd_bus_message_get_error(message);

        (void)user_data;
        (void)error;
        if (why == NULL)
                return 0;
        fprintf(stderr, "least: %s: %s\n", unit.name, why->message);
        exit(125);
}

static void watch(sd_bus *bus) {
        char rule[1024];

        snprintf(rule, sizeof rule,
                 "type='signal',sender='" DESTINATION "',path='%s',"
                 "interface='org.freedesktop.DBus.Properties',member='PropertiesChanged'",
                 unit.path);
        check(sd_bus_call_method_async(bus, NULL, "org.freedesktop.DBus", "/org/freedesktop/DBus",
                                       "org.freedesktop.DBus", "AddMatch", NULL, NULL, "s", rule),
              "ask for signals");
}

int main(int argc, char **argv) {
        sd_bus_message *message = NULL;
        sd_bus *bus = NULL;
        int r;

        if (argc != 2)
                return 2;
        check(sd_bus_new(&bus), "make a bus");
        check(sd_bus_set_address(bus, "unix:path=/run/dbus/system_bus_socket"), "choose the bus");
        check(sd_bus_set_bus_client(bus, 1), "choose the bus");
        check(sd_bus_negotiate_fds(bus, 1), "choose the bus");
        check(sd_bus_start(bus), "connect to the bus");
        check(sd_bus_add_filter(bus, NULL, on_message, NULL), "listen");
        check(sd_bus_message_new_method_call(bus, &message, DESTINATION, MANAGER,
                                             DESTINATION ".Manager", "StartTransientUnit"),
              "make the call");
        read_call(argv[1], message);
        check(sd_bus_path_encode(MANAGER "/unit", unit.name, &unit.path), "name the unit");
        watch(bus);
        check(sd_bus_call_async(bus, NULL, message, on_reply, NULL, 0), "call");
        while (!unit.is_ended) {
                r = sd_bus_process(bus, NULL);
                check(r, "read the bus");
                if (r == 0)
                        check(sd_bus_wait(bus, UINT64_MAX), "wait");
        }
        return unit.status;
}
