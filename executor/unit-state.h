/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What is known of a unit from the manager's signals alone: whether its start job is done, whether
 * it has ended, and how. No question is ever asked: the manager sends the Service properties with
 * the result before the final Unit properties, so when a unit is seen to have ended its result is
 * there already.
 *
 * Limits: a unit is followed from its StartTransientUnit on; one that is found running is not.
 * Source: systemd's org.freedesktop.systemd1(5), and src/core/dbus-unit.c for the order. */

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>
#include <systemd/sd-bus.h>

typedef enum {
        NOOK_ACTIVE_INACTIVE,
        NOOK_ACTIVE_FAILED,
        NOOK_ACTIVE_OTHER, /* activating, active, deactivating, reloading, ... */
} NookActiveState;

typedef struct {
        char *name;     /* "nook-web.service" */
        char *path;     /* its object on the bus */
        char *job_path; /* of the start job, known from the answer; NULL before */
        bool is_job_done;
        char *job_result; /* "done", "failed", "dependency", "timeout", "canceled"; NULL before */

        NookActiveState active;
        uint32_t job_id;        /* of whatever job is queued for the unit; 0: none */
        bool is_before_restart; /* "failed" or "dead", but the manager will start it again */
        bool is_started;        /* was seen in another state than inactive */

        char *result; /* "success", "exit-code", "signal", "timeout", "oom-kill", ... or NULL */
        int32_t exit_code;   /* CLD_EXITED, CLD_KILLED, CLD_DUMPED; 0: no main process has ended */
        int32_t exit_status; /* exit status or signal number */
        int32_t main_pid;
        int32_t last_pid; /* of the main process even when it has ended; 0: there was none */
        uint32_t n_restarts;
        uint64_t main_start_usec; /* CLOCK_REALTIME; 0: unknown */
        uint64_t main_exit_usec;
} NookUnitState;

NookUnitState *nook_unit_state_new(const char *name);
void nook_unit_state_free(NookUnitState *state);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(NookUnitState, nook_unit_state_free)

/* Takes in a PropertiesChanged signal of the unit's object, Unit or Service part; the message is
 * read from its current place. Returns 0 or a negative errno for an ill-formed message. */
int nook_unit_state_read_properties(NookUnitState *state, sd_bus_message *message);

/* Takes in the end of a job of this unit; jobs other than its start job are ignored. */
void nook_unit_state_read_job_removed(NookUnitState *state, const char *job_path,
                                      const char *result);

/* Whether the unit has come to its final end: its start job is gone, it is inactive or failed, and
 * no other job (a restart) is queued for it. */
bool nook_unit_state_is_ended(const NookUnitState *state);
