/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Units over D-Bus: a NookUnit becomes one StartTransientUnit call. The directive table holds each
 * value in the manager's own D-Bus type, so sending it is a generic walk over the value and no
 * property is named here, except those that only exist in a running process: descriptors and the
 * reference that keeps a unit until its log has been read.
 *
 * Signals are asked for before the call and without waiting: everything after the call comes in
 * order on the same connection. */

#include <glib.h>
#include <stdbool.h>
#include <sys/types.h>

#include "bus.h"
#include "unit-state.h"
#include "unit/unit.h"

/* Descriptors that become a service's standard streams, -1: left to the unit; or the process that
 * a scope begins with, by its descriptor where there is one. Borrowed. */
typedef struct {
        int stdin_fd;
        int stdout_fd;
        int stderr_fd;
        pid_t pid;  /* 0: none */
        int pid_fd; /* of it; -1: the manager (before 255) takes only the number */
} NookUnitFds;

#define NOOK_UNIT_FDS_NONE ((NookUnitFds){-1, -1, -1, 0, -1})

/* Appends any value to a message. Returns 0 or a negative errno. */
int nook_bus_append_value(sd_bus_message *message, GVariant *value);

/* The call that starts a unit, mode "fail": a unit of the name must not be loaded.
 *   auxiliary  array of NookUnit that are created with it (slices); NULL: none
 *   is_held    the manager keeps the unit, and sends its signals, until we let go of it or
 *              disconnect; without effect on a manager's own socket */
bool nook_unit_bus_start_message(NookBus *bus, const NookUnit *unit, const GPtrArray *auxiliary,
                                 NookUnitFds fds, bool is_held, sd_bus_message **ret_message,
                                 GError **error);

/* Asks for the signals about one unit, or (unit NULL) about all. */
bool nook_unit_bus_watch(NookBus *bus, const NookUnitState *unit, GError **error);

/* Waits for the answer of the manager: for `--detach` and tests. */
bool nook_unit_bus_start(NookBus *bus, sd_bus_message *message, NookUnitState *state,
                         GError **error);

/* Lets go of a held unit, so that the manager may forget it. No answer is waited for. */
void nook_unit_bus_release(NookBus *bus, const char *name);

/* Stops a unit the way its settings say; the end is reported by signals. No answer is waited for.
 */
bool nook_unit_bus_stop(NookBus *bus, const char *name, GError **error);

/* The same, and waits for the answer: the manager looks at the process of who asks, so that one who
 * asks and ends at once may not be heard. */
bool nook_unit_bus_stop_heard(NookBus *bus, const char *name, GError **error);

/* Sends a signal. whom: "all", "main". Waits for the answer. */
bool nook_unit_bus_kill(NookBus *bus, const char *name, const char *whom, int signal,
                        GError **error);
