/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* The connection to a service manager: the bus, or the manager's own socket where there is no bus.
 * Requests are made with sd-bus; this module only opens the connection and turns D-Bus errors into
 * ours, keeping the cases apart that a caller or a person must tell apart. Every blocking call has
 * a deadline. Objects of sd-bus are dead after fork(). */

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>
#include <systemd/sd-bus.h>

#include "base/error.h"

#define NOOK_SYSTEMD           "org.freedesktop.systemd1"
#define NOOK_SYSTEMD_PATH      "/org/freedesktop/systemd1"
#define NOOK_SYSTEMD_MANAGER   "org.freedesktop.systemd1.Manager"
#define NOOK_SYSTEMD_UNIT      "org.freedesktop.systemd1.Unit"
#define NOOK_SYSTEMD_SERVICE   "org.freedesktop.systemd1.Service"
#define NOOK_DBUS_PROPERTIES   "org.freedesktop.DBus.Properties"
#define NOOK_BUS_DEADLINE_USEC (25 * G_USEC_PER_SEC)

G_DEFINE_AUTOPTR_CLEANUP_FUNC(sd_bus, sd_bus_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(sd_bus_message, sd_bus_message_unref)
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(sd_bus_error, sd_bus_error_free)

typedef struct {
        sd_bus *bus;
        bool is_direct; /* the manager's own socket: no bus names, no AddRef, all signals come */
        bool is_user;   /* a user's manager */
        bool is_manager_watched;
        char *manager; /* who owns the manager's name now, once that is watched; NULL: nobody */
} NookBus;

/* Connects to the system's manager or to the caller's own. As root, where no bus answers, the
 * manager's private socket is taken; likewise in user mode.
 * Errors: NOOK_ERROR_BUS, with the way out where systemd is not there. */
bool nook_bus_open(bool is_user, NookBus **ret_bus, GError **error);

/* Takes over a connection that is already set up: for tests. */
NookBus *nook_bus_new_take(sd_bus *bus, bool is_direct);

/* Flushes, closes and frees; NULL is fine. */
void nook_bus_free(NookBus *bus);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(NookBus, nook_bus_free)

/* A new method call to the manager.
 *   path, interface  of the object; NULL: the manager's own */
bool nook_bus_new_call(NookBus *bus, const char *path, const char *interface, const char *member,
                       sd_bus_message **ret_message, GError **error);

/* Sends a call and waits for its answer.
 *   ret_reply  the answer; NULL: not wanted
 * Errors: as nook_fail_bus(); the text says what was to be done, then why not. */
bool nook_bus_call(NookBus *bus, sd_bus_message *message, sd_bus_message **ret_reply,
                   GError **error, const char *doing, ...) G_GNUC_PRINTF(5, 6);

/* Asks for signals without waiting for the answer: what comes later on this connection is
 * matched. Nothing is sent to a manager's own socket, which sends all signals anyway. */
bool nook_bus_add_match(NookBus *bus, const char *rule, GError **error);

/* Learns who the manager is on the bus and keeps that up to date, which its re-execution changes.
 * Does not wait: the bus answers before it passes on anything that a later call brings about. Once
 * is enough; later calls do nothing. Nothing is to be done for a manager's own socket.
 * Errors: as nook_fail_bus(). */
bool nook_bus_watch_manager(NookBus *bus, GError **error);

/* Whether the manager itself has sent a message. On a bus everybody may send a signal straight to
 * us, past the rules that we gave for it (dbus-daemon(1), "eavesdropping" and the default policy of
 * the system bus), so what is believed about a unit must be checked to come from the manager.
 * After nook_bus_watch_manager(). */
bool nook_bus_is_from_manager(const NookBus *bus, sd_bus_message *message);

/* The code for the name of a D-Bus error ("org.freedesktop.systemd1.UnitExists"). */
NookErrorCode nook_bus_error_code(const char *name);

/* Fails with a D-Bus error or, where there is none, with errno. errnum is negative or positive. */
#define nook_fail_bus(error, errnum, bus_error, ...)                                               \
        (nook_bus_error_set((error), (errnum), (bus_error), __FILE__, __LINE__, __func__,          \
                            __VA_ARGS__))

bool nook_bus_error_set(GError **error, int errnum, const sd_bus_error *bus_error, const char *file,
                        int line, const char *function, const char *format, ...)
        G_GNUC_PRINTF(7, 8);
