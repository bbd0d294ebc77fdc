/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "unit-state.h"

#include <string.h>

#include "bus.h"

NookUnitState *nook_unit_state_new(const char *name) {
        NookUnitState *state = g_new0(NookUnitState, 1);
        int r;

        state->name = g_strdup(name);
        r = sd_bus_path_encode(NOOK_SYSTEMD_PATH "/unit", name, &state->path);
        g_assert(r >= 0);
        return state;
}

void nook_unit_state_free(NookUnitState *state) {
        if (state == NULL)
                return;
        g_free(state->name);
        g_free(state->path); /* from malloc(), which is g_malloc() since GLib 2.46 */
        g_free(state->job_path);
        g_free(state->job_result);
        g_free(state->result);
        g_free(state);
}

static int read_text(sd_bus_message *message, const char **ret_text) {
        return sd_bus_message_read(message, "v", "s", ret_text);
}

static int read_active_state(NookUnitState *state, sd_bus_message *message) {
        const char *text;
        int r = read_text(message, &text);

        if (r < 0)
                return r;
        if (g_str_equal(text, "inactive"))
                state->active = NOOK_ACTIVE_INACTIVE;
        else if (g_str_equal(text, "failed"))
                state->active = NOOK_ACTIVE_FAILED;
        else
                state->active = NOOK_ACTIVE_OTHER;
        if (state->active == NOOK_ACTIVE_OTHER)
                state->is_started = true;
        return r;
}

/* Newer managers pass through "failed" or "inactive" without a job for a moment before they start
 * a unit again; only the sub-state tells that from an end. */
static int read_sub_state(NookUnitState *state, sd_bus_message *message) {
        const char *text;
        int r = read_text(message, &text);

        if (r < 0)
                return r;
        state->is_before_restart = g_str_has_suffix(text, "-before-auto-restart") ||
                                   g_str_has_prefix(text, "auto-restart");
        return r;
}

static int read_job(NookUnitState *state, sd_bus_message *message) {
        return sd_bus_message_read(message, "v", "(uo)", &state->job_id, NULL);
}

static int read_result(NookUnitState *state, sd_bus_message *message) {
        const char *text;
        int r = read_text(message, &text);

        if (r < 0)
                return r;
        g_free(state->result);
        state->result = g_strdup(text);
        return r;
}

static int read_exit_code(NookUnitState *state, sd_bus_message *message) {
        return sd_bus_message_read(message, "v", "i", &state->exit_code);
}

static int read_exit_status(NookUnitState *state, sd_bus_message *message) {
        return sd_bus_message_read(message, "v", "i", &state->exit_status);
}

static int read_main_pid(NookUnitState *state, sd_bus_message *message) {
        return sd_bus_message_read(message, "v", "u", &state->main_pid);
}

static int read_last_pid(NookUnitState *state, sd_bus_message *message) {
        return sd_bus_message_read(message, "v", "u", &state->last_pid);
}

static int read_restarts(NookUnitState *state, sd_bus_message *message) {
        return sd_bus_message_read(message, "v", "u", &state->n_restarts);
}

static int read_main_start(NookUnitState *state, sd_bus_message *message) {
        return sd_bus_message_read(message, "v", "t", &state->main_start_usec);
}

static int read_main_exit(NookUnitState *state, sd_bus_message *message) {
        return sd_bus_message_read(message, "v", "t", &state->main_exit_usec);
}

static const struct {
        const char *key;
        int (*read)(NookUnitState *state, sd_bus_message *message);
} readers[] = {
        {"ActiveState", read_active_state},
        {"SubState", read_sub_state},
        {"Job", read_job},
        {"Result", read_result},
        {"ExecMainCode", read_exit_code},
        {"ExecMainStatus", read_exit_status},
        {"MainPID", read_main_pid},
        {"ExecMainPID", read_last_pid},
        {"NRestarts", read_restarts},
        {"ExecMainStartTimestamp", read_main_start},
        {"ExecMainExitTimestamp", read_main_exit},
};

static int read_one(NookUnitState *state, sd_bus_message *message, const char *key) {
        for (gsize i = 0; i < G_N_ELEMENTS(readers); i++)
                if (g_str_equal(key, readers[i].key))
                        return readers[i].read(state, message);
        return sd_bus_message_skip(message, "v");
}

int nook_unit_state_read_properties(NookUnitState *state, sd_bus_message *message) {
        const char *interface;
        const char *key;
        int r;

        r = sd_bus_message_read(message, "s", &interface);
        if (r < 0)
                return r;
        if (!g_str_equal(interface, NOOK_SYSTEMD_UNIT) &&
            !g_str_equal(interface, NOOK_SYSTEMD_SERVICE))
                return 0;
        r = sd_bus_message_enter_container(message, 'a', "{sv}");
        while (r >= 0 && (r = sd_bus_message_enter_container(message, 'e', "sv")) > 0) {
                r = sd_bus_message_read(message, "s", &key);
                if (r >= 0)
                        r = read_one(state, message, key);
                if (r >= 0)
                        r = sd_bus_message_exit_container(message);
        }
        return r;
}

void nook_unit_state_read_job_removed(NookUnitState *state, const char *job_path,
                                      const char *result) {
        if (state->is_job_done || g_strcmp0(job_path, state->job_path) != 0)
                return;
        state->is_job_done = true;
        state->job_result = g_strdup(result);
}

bool nook_unit_state_is_ended(const NookUnitState *state) {
        return state->is_job_done && state->active != NOOK_ACTIVE_OTHER && state->job_id == 0 &&
               !state->is_before_restart;
}
