/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "unit-bus.h"

#include <errno.h>
#include <string.h>

/* Arrays of numbers go as one block; everything else item by item. */
static int append_array(sd_bus_message *message, GVariant *value) {
        const char *element = g_variant_get_type_string(value) + 1;
        gsize n = g_variant_n_children(value);
        int r;

        if (strlen(element) == 1 && strchr("ynqiuxtd", element[0]) != NULL) {
                gsize size = g_str_equal(element, "y")          ? 1
                             : strchr("nq", element[0]) != NULL ? 2
                             : strchr("iu", element[0]) != NULL ? 4
                                                                : 8;
                const void *data = g_variant_get_fixed_array(value, &n, size);

                return sd_bus_message_append_array(message, element[0], data, n * size);
        }
        r = sd_bus_message_open_container(message, 'a', element);
        for (gsize i = 0; r >= 0 && i < n; i++) {
                g_autoptr(GVariant) child = g_variant_get_child_value(value, i);

                r = nook_bus_append_value(message, child);
        }
        return r < 0 ? r : sd_bus_message_close_container(message);
}

/* Structures and entries of dictionaries: "(sas)" is opened with its contents "sas". */
static int append_members(sd_bus_message *message, GVariant *value, char container) {
        const char *type = g_variant_get_type_string(value);
        g_autofree char *contents = g_strndup(type + 1, strlen(type) - 2);
        gsize n = g_variant_n_children(value);
        int r;

        r = sd_bus_message_open_container(message, container, contents);
        for (gsize i = 0; r >= 0 && i < n; i++) {
                g_autoptr(GVariant) child = g_variant_get_child_value(value, i);

                r = nook_bus_append_value(message, child);
        }
        return r < 0 ? r : sd_bus_message_close_container(message);
}

static int append_variant(sd_bus_message *message, GVariant *value) {
        g_autoptr(GVariant) inner = g_variant_get_variant(value);
        int r;

        r = sd_bus_message_open_container(message, 'v', g_variant_get_type_string(inner));
        if (r >= 0)
                r = nook_bus_append_value(message, inner);
        return r < 0 ? r : sd_bus_message_close_container(message);
}

int nook_bus_append_value(sd_bus_message *message, GVariant *value) {
        GVariantClass class = g_variant_classify(value);
        int boolean;

        switch (class) {
        case G_VARIANT_CLASS_STRING:
        case G_VARIANT_CLASS_OBJECT_PATH:
        case G_VARIANT_CLASS_SIGNATURE:
                return sd_bus_message_append_basic(message, (char)class,
                                                   g_variant_get_string(value, NULL));
        case G_VARIANT_CLASS_BOOLEAN:
                boolean = g_variant_get_boolean(value); /* sd-bus wants an int */
                return sd_bus_message_append_basic(message, 'b', &boolean);
        case G_VARIANT_CLASS_BYTE:
        case G_VARIANT_CLASS_INT16:
        case G_VARIANT_CLASS_UINT16:
        case G_VARIANT_CLASS_INT32:
        case G_VARIANT_CLASS_UINT32:
        case G_VARIANT_CLASS_INT64:
        case G_VARIANT_CLASS_UINT64:
        case G_VARIANT_CLASS_DOUBLE:
                return sd_bus_message_append_basic(message, (char)class, g_variant_get_data(value));
        case G_VARIANT_CLASS_ARRAY:
                return append_array(message, value);
        case G_VARIANT_CLASS_TUPLE:
                return append_members(message, value, 'r');
        case G_VARIANT_CLASS_DICT_ENTRY:
                return append_members(message, value, 'e');
        case G_VARIANT_CLASS_VARIANT:
                return append_variant(message, value);
        default:
                return -EINVAL;
        }
}

static int append_fds(sd_bus_message *message, NookUnitFds fds) {
        const struct {
                const char *property;
                int fd;
        } streams[] = {
                {"StandardInputFileDescriptor", fds.stdin_fd},
                {"StandardOutputFileDescriptor", fds.stdout_fd},
                {"StandardErrorFileDescriptor", fds.stderr_fd},
        };
        int r = 0;

        for (gsize i = 0; r >= 0 && i < G_N_ELEMENTS(streams); i++)
                if (streams[i].fd >= 0)
                        r = sd_bus_message_append(message, "(sv)", streams[i].property, "h",
                                                  streams[i].fd);
        return r;
}

/* A number can be another process's by the time it is read; a descriptor cannot. */
static int append_process(sd_bus_message *message, NookUnitFds fds) {
        if (fds.pid <= 0)
                return 0;
        if (fds.pid_fd >= 0)
                return sd_bus_message_append(message, "(sv)", "PIDFDs", "ah", 1, fds.pid_fd);
        return sd_bus_message_append(message, "(sv)", "PIDs", "au", 1, (uint32_t)fds.pid);
}

static int append_properties(sd_bus_message *message, const NookUnit *unit, NookUnitFds fds,
                             bool is_held) {
        g_autoptr(GVariant) properties = nook_unit_to_properties(unit);
        gsize n = g_variant_n_children(properties);
        int r;

        r = sd_bus_message_open_container(message, 'a', "(sv)");
        if (r >= 0 && is_held)
                r = sd_bus_message_append(message, "(sv)", "AddRef", "b", true);
        for (gsize i = 0; r >= 0 && i < n; i++) {
                g_autoptr(GVariant) pair = g_variant_get_child_value(properties, i);

                r = nook_bus_append_value(message, pair);
        }
        if (r >= 0)
                r = append_fds(message, fds);
        if (r >= 0)
                r = append_process(message, fds);
        return r < 0 ? r : sd_bus_message_close_container(message);
}

/* They are held as well: a slice that becomes empty between two starts stops, and would come back
 * without its settings (and stay for ever) if the manager had forgotten it. */
static int append_auxiliary(sd_bus_message *message, const GPtrArray *auxiliary, bool is_held) {
        int r = sd_bus_message_open_container(message, 'a', "(sa(sv))");

        for (guint i = 0; r >= 0 && auxiliary != NULL && i < auxiliary->len; i++) {
                const NookUnit *unit = g_ptr_array_index(auxiliary, i);

                r = sd_bus_message_open_container(message, 'r', "sa(sv)");
                if (r >= 0)
                        r = sd_bus_message_append(message, "s", unit->name);
                if (r >= 0)
                        r = append_properties(message, unit, NOOK_UNIT_FDS_NONE, is_held);
                if (r >= 0)
                        r = sd_bus_message_close_container(message);
        }
        return r < 0 ? r : sd_bus_message_close_container(message);
}

bool nook_unit_bus_start_message(NookBus *bus, const NookUnit *unit, const GPtrArray *auxiliary,
                                 NookUnitFds fds, bool is_held, sd_bus_message **ret_message,
                                 GError **error) {
        g_autoptr(sd_bus_message) message = NULL;
        int r;

        if (!nook_bus_new_call(bus, NULL, NULL, "StartTransientUnit", &message, error))
                return false;
        /* "replace" may undo only the stop of the slice, which became empty a moment ago because
         * its tasks were short; a unit of this name that is there is refused in any mode. */
        r = sd_bus_message_append(message, "ss", unit->name, "replace");
        is_held = is_held && !bus->is_direct;
        if (r >= 0)
                r = append_properties(message, unit, fds, is_held);
        if (r >= 0)
                r = append_auxiliary(message, auxiliary, is_held);
        if (r < 0)
                return nook_fail_bus(error, r, NULL, "describe '%s' to the manager", unit->name);
        *ret_message = g_steal_pointer(&message);
        return true;
}

bool nook_unit_bus_watch(NookBus *bus, const NookUnitState *unit, GError **error) {
        g_autofree char *jobs = NULL;
        g_autofree char *properties = NULL;

        if (unit != NULL) {
                jobs = g_strdup_printf(
                        "type='signal',sender='" NOOK_SYSTEMD "',path='" NOOK_SYSTEMD_PATH
                        "',interface='" NOOK_SYSTEMD_MANAGER "',member='JobRemoved',arg2='%s'",
                        unit->name);
                properties = g_strdup_printf("type='signal',sender='" NOOK_SYSTEMD
                                             "',path='%s',interface='" NOOK_DBUS_PROPERTIES
                                             "',member='PropertiesChanged'",
                                             unit->path);
        } else {
                jobs = g_strdup("type='signal',sender='" NOOK_SYSTEMD "',path='" NOOK_SYSTEMD_PATH
                                "',interface='" NOOK_SYSTEMD_MANAGER "',member='JobRemoved'");
                properties = g_strdup(
                        "type='signal',sender='" NOOK_SYSTEMD "',path_namespace='" NOOK_SYSTEMD_PATH
                        "/unit',interface='" NOOK_DBUS_PROPERTIES "',member='PropertiesChanged'");
        }
        return nook_bus_watch_manager(bus, error) && nook_bus_add_match(bus, jobs, error) &&
               nook_bus_add_match(bus, properties, error);
}

bool nook_unit_bus_start(NookBus *bus, sd_bus_message *message, NookUnitState *state,
                         GError **error) {
        g_autoptr(sd_bus_message) reply = NULL;
        const char *job;
        int r;

        if (!nook_bus_call(bus, message, &reply, error, "start '%s'", state->name))
                return false;
        r = sd_bus_message_read(reply, "o", &job);
        if (r < 0)
                return nook_fail_bus(error, r, NULL, "read the manager's answer");
        state->job_path = g_strdup(job);
        return true;
}

void nook_unit_bus_release(NookBus *bus, const char *name) {
        g_autoptr(sd_bus_message) message = NULL;

        if (bus->is_direct || !nook_bus_new_call(bus, NULL, NULL, "UnrefUnit", &message, NULL))
                return;
        (void)sd_bus_message_append(message, "s", name);
        (void)sd_bus_message_set_expect_reply(message, false);
        /* What cannot be sent now is undone when the connection ends. */
        (void)sd_bus_send(bus->bus, message, NULL);
}

bool nook_unit_bus_stop(NookBus *bus, const char *name, GError **error) {
        g_autoptr(sd_bus_message) message = NULL;
        int r;

        if (!nook_bus_new_call(bus, NULL, NULL, "StopUnit", &message, error))
                return false;
        r = sd_bus_message_append(message, "ss", name, "replace");
        if (r >= 0)
                r = sd_bus_message_set_expect_reply(message, false);
        if (r >= 0)
                r = sd_bus_send(bus->bus, message, NULL);
        if (r < 0)
                return nook_fail_bus(error, r, NULL, "stop '%s'", name);
        return true;
}

bool nook_unit_bus_stop_heard(NookBus *bus, const char *name, GError **error) {
        g_autoptr(sd_bus_message) message = NULL;
        int r;

        if (!nook_bus_new_call(bus, NULL, NULL, "StopUnit", &message, error))
                return false;
        r = sd_bus_message_append(message, "ss", name, "replace");
        if (r < 0)
                return nook_fail_bus(error, r, NULL, "describe a stop to the manager");
        return nook_bus_call(bus, message, NULL, error, "stop '%s'", name);
}

bool nook_unit_bus_kill(NookBus *bus, const char *name, const char *whom, int signal,
                        GError **error) {
        g_autoptr(sd_bus_message) message = NULL;
        int r;

        if (!nook_bus_new_call(bus, NULL, NULL, "KillUnit", &message, error))
                return false;
        r = sd_bus_message_append(message, "ssi", name, whom, signal);
        if (r < 0)
                return nook_fail_bus(error, r, NULL, "describe a signal to the manager");
        return nook_bus_call(bus, message, NULL, error, "send signal %d to '%s'", signal, name);
}
