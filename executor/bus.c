/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "bus.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#define DBUS      "org.freedesktop.DBus"
#define DBUS_PATH "/org/freedesktop/DBus"

static const struct {
        const char *name;
        NookErrorCode code;
} error_codes[] = {
        {"org.freedesktop.DBus.Error.AccessDenied", NOOK_ERROR_ACCESS},
        {"org.freedesktop.DBus.Error.InteractiveAuthorizationRequired", NOOK_ERROR_ACCESS},
        {"org.freedesktop.DBus.Error.AuthFailed", NOOK_ERROR_ACCESS},
        {"org.freedesktop.systemd1.NoSuchUnit", NOOK_ERROR_NOT_FOUND},
        {"org.freedesktop.DBus.Error.UnknownObject", NOOK_ERROR_NOT_FOUND},
        {"org.freedesktop.systemd1.UnitExists", NOOK_ERROR_EXISTS},
        {"org.freedesktop.systemd1.UnitMasked", NOOK_ERROR_REFUSED},
        {"org.freedesktop.systemd1.OnlyByDependency", NOOK_ERROR_REFUSED},
        {"org.freedesktop.DBus.Error.PropertyReadOnly", NOOK_ERROR_UNSUPPORTED},
        {"org.freedesktop.systemd1.BadUnitSetting", NOOK_ERROR_UNSUPPORTED},
};

NookErrorCode nook_bus_error_code(const char *name) {
        for (gsize i = 0; i < G_N_ELEMENTS(error_codes); i++)
                if (g_str_equal(name, error_codes[i].name))
                        return error_codes[i].code;
        return NOOK_ERROR_BUS;
}

bool nook_bus_error_set(GError **error, int errnum, const sd_bus_error *bus_error, const char *file,
                        int line, const char *function, const char *format, ...) {
        g_autofree char *doing = NULL;
        const char *why;
        NookErrorCode code = NOOK_ERROR_BUS;
        va_list args;

        va_start(args, format);
        doing = g_strdup_vprintf(format, args);
        va_end(args);
        if (bus_error != NULL && bus_error->name != NULL) {
                code = nook_bus_error_code(bus_error->name);
                why = bus_error->message != NULL ? bus_error->message : bus_error->name;
        } else {
                if (abs(errnum) == EACCES || abs(errnum) == EPERM)
                        code = NOOK_ERROR_ACCESS;
                why = g_strerror(abs(errnum));
        }
        return nook_error_set(error, code, 0, file, line, function, "%s: %s", doing, why);
}

NookBus *nook_bus_new_take(sd_bus *bus, bool is_direct) {
        NookBus *self = g_new0(NookBus, 1);

        self->bus = bus;
        self->is_direct = is_direct;
        return self;
}

void nook_bus_free(NookBus *bus) {
        if (bus == NULL)
                return;
        sd_bus_flush_close_unref(bus->bus);
        g_free(bus->manager);
        g_free(bus);
}

/* Returns 0 or a negative errno: the caller tries several addresses. */
static int open_address(const char *address, bool is_direct, sd_bus **ret_bus) {
        g_autoptr(sd_bus) bus = NULL;
        int r;

        r = sd_bus_new(&bus);
        if (r < 0)
                return r;
        r = sd_bus_set_address(bus, address);
        if (r < 0)
                return r;
        (void)sd_bus_set_bus_client(bus, !is_direct);
        (void)sd_bus_negotiate_fds(bus, true);
        (void)sd_bus_set_allow_interactive_authorization(bus, geteuid() != 0);
        (void)sd_bus_set_method_call_timeout(bus, NOOK_BUS_DEADLINE_USEC);
        r = sd_bus_start(bus);
        if (r < 0)
                return r;
        *ret_bus = g_steal_pointer(&bus);
        return 0;
}

static char *system_address(void) {
        const char *address = geteuid() == 0 ? NULL : g_getenv("DBUS_SYSTEM_BUS_ADDRESS");

        return g_strdup(address != NULL ? address : "unix:path=/run/dbus/system_bus_socket");
}

static char *user_address(void) {
        const char *address = g_getenv("DBUS_SESSION_BUS_ADDRESS");
        const char *runtime = g_getenv("XDG_RUNTIME_DIR");

        if (address != NULL)
                return g_strdup(address);
        return runtime != NULL ? g_strdup_printf("unix:path=%s/bus", runtime) : NULL;
}

/* The manager's own socket; NULL where the caller may not use it. */
static char *direct_address(bool is_user) {
        const char *runtime = g_getenv("XDG_RUNTIME_DIR");

        if (!is_user)
                return geteuid() == 0 ? g_strdup("unix:path=/run/systemd/private") : NULL;
        return runtime != NULL ? g_strdup_printf("unix:path=%s/systemd/private", runtime) : NULL;
}

bool nook_bus_open(bool is_user, NookBus **ret_bus, GError **error) {
        g_autofree char *address = is_user ? user_address() : system_address();
        g_autofree char *direct = direct_address(is_user);
        g_autoptr(sd_bus) bus = NULL;
        bool is_direct = false;
        int r = -ENOENT;

        if (address != NULL)
                r = open_address(address, false, &bus);
        if (r < 0 && direct != NULL && open_address(direct, true, &bus) >= 0) {
                is_direct = true;
                r = 0;
        }
        if (r < 0 && is_user)
                return nook_fail_bus(error, r, NULL, "connect to your service manager");
        if (r < 0 && access("/run/systemd/system", F_OK) < 0)
                return nook_fail(error, NOOK_ERROR_BUS,
                                 "connect to the service manager: systemd is not running here "
                                 "(--direct runs a task without it)");
        if (r < 0)
                return nook_fail_bus(error, r, NULL, "connect to the system bus");
        *ret_bus = nook_bus_new_take(g_steal_pointer(&bus), is_direct);
        (*ret_bus)->is_user = is_user;
        return true;
}

bool nook_bus_new_call(NookBus *bus, const char *path, const char *interface, const char *member,
                       sd_bus_message **ret_message, GError **error) {
        int r = sd_bus_message_new_method_call(
                bus->bus, ret_message, bus->is_direct ? NULL : NOOK_SYSTEMD,
                path != NULL ? path : NOOK_SYSTEMD_PATH,
                interface != NULL ? interface : NOOK_SYSTEMD_MANAGER, member);

        if (r < 0)
                return nook_fail_bus(error, r, NULL, "make the call %s", member);
        return true;
}

bool nook_bus_call(NookBus *bus, sd_bus_message *message, sd_bus_message **ret_reply,
                   GError **error, const char *doing, ...) {
        g_auto(sd_bus_error) bus_error = SD_BUS_ERROR_NULL;
        g_autofree char *text = NULL;
        va_list args;
        int r;

        r = sd_bus_call(bus->bus, message, NOOK_BUS_DEADLINE_USEC, &bus_error, ret_reply);
        if (r >= 0)
                return true;
        va_start(args, doing);
        text = g_strdup_vprintf(doing, args);
        va_end(args);
        return nook_fail_bus(error, r, &bus_error, "%s", text);
}

bool nook_bus_add_match(NookBus *bus, const char *rule, GError **error) {
        int r;

        if (bus->is_direct)
                return true;
        r = sd_bus_call_method_async(bus->bus, NULL, DBUS, DBUS_PATH, DBUS, "AddMatch", NULL, NULL,
                                     "s", rule);
        if (r < 0)
                return nook_fail_bus(error, r, NULL, "ask the bus for signals");
        return true;
}

/* --- who the manager is ----------------------------------------------------------------------- */

static int on_owner(sd_bus_message *reply, void *user_data, sd_bus_error *bus_error) {
        NookBus *bus = user_data;
        const char *owner;

        (void)bus_error;
        /* An error says that nobody owns the name: a manager that comes is announced. */
        if (!sd_bus_message_is_method_error(reply, NULL) &&
            sd_bus_message_read(reply, "s", &owner) >= 0) {
                g_free(bus->manager);
                bus->manager = g_strdup(owner);
        }
        return 0;
}

static int on_owner_changed(sd_bus_message *message, void *user_data, sd_bus_error *bus_error) {
        NookBus *bus = user_data;
        const char *name, *old, *owner;

        (void)bus_error;
        /* Nobody but the bus itself can send under its name. */
        if (g_strcmp0(sd_bus_message_get_sender(message), DBUS) != 0 ||
            sd_bus_message_read(message, "sss", &name, &old, &owner) < 0 ||
            !g_str_equal(name, NOOK_SYSTEMD))
                return 0;
        g_free(bus->manager);
        bus->manager = *owner != '\0' ? g_strdup(owner) : NULL;
        return 0;
}

bool nook_bus_watch_manager(NookBus *bus, GError **error) {
        int r;

        if (bus->is_direct || bus->is_manager_watched)
                return true;
        r = sd_bus_add_match_async(bus->bus, NULL,
                                   "type='signal',sender='" DBUS "',path='" DBUS_PATH
                                   "',interface='" DBUS
                                   "',member='NameOwnerChanged',arg0='" NOOK_SYSTEMD "'",
                                   on_owner_changed, NULL, bus);
        if (r >= 0)
                r = sd_bus_call_method_async(bus->bus, NULL, DBUS, DBUS_PATH, DBUS, "GetNameOwner",
                                             on_owner, bus, "s", NOOK_SYSTEMD);
        if (r < 0)
                return nook_fail_bus(error, r, NULL, "ask the bus who the manager is");
        bus->is_manager_watched = true;
        return true;
}

bool nook_bus_is_from_manager(const NookBus *bus, sd_bus_message *message) {
        return bus->is_direct || (bus->manager != NULL &&
                                  g_strcmp0(sd_bus_message_get_sender(message), bus->manager) == 0);
}
