/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "replace.h"

#include "base/error.h"
#include "unit-bus.h"
#include "units.h"

#define LOOK_USEC (2 * 1000)

/* The longest any of the plan's tasks may take to stop, and some more. */
static gint64 patience_usec(const NookPlan *plan) {
        guint64 longest = 5 * G_USEC_PER_SEC;

        for (guint a = 0; a < plan->allocs->len; a++) {
                const NookPlanAlloc *alloc = g_ptr_array_index(plan->allocs, a);

                for (guint t = 0; t < alloc->tasks->len; t++) {
                        const NookPlanTask *task = g_ptr_array_index(alloc->tasks, t);

                        longest = MAX(longest, task->kill_timeout_usec);
                }
        }
        return (gint64)longest + 10 * G_USEC_PER_SEC;
}

/* Whoever still follows the old tasks lets go of them when they have ended. */
static bool wait_until_gone(NookLoad *load, GError **error) {
        gint64 deadline = g_get_monotonic_time() + patience_usec(load->plan);

        for (;;) {
                g_autoptr(GPtrArray) left = nook_units_of_job(load->plan, load->cli->user);

                if (left->len == 0)
                        return true;
                if (g_get_monotonic_time() >= deadline)
                        return nook_fail(error, NOOK_ERROR_BUS,
                                         "replace job '%s': '%s' does not stop", load->job->id.text,
                                         (const char *)g_ptr_array_index(left, 0));
                g_usleep(LOOK_USEC);
        }
}

static void remove_alloc(NookLoad *load, const char *id) {
        g_autoptr(NookAlloc) alloc = nook_alloc_open(&load->dirs, id, NULL);
        g_autoptr(GError) error = NULL;

        /* A nook that still follows it removes it itself. */
        if (alloc != NULL && !nook_alloc_remove(g_steal_pointer(&alloc), &error))
                nook_cli_warn(load->cli, "%s", error->message);
}

static bool stop_and_remove(NookLoad *load, GPtrArray *units, GError **error) {
        g_autoptr(GHashTable) allocs = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
        GHashTableIter iter;
        gpointer id;

        for (guint i = 0; i < units->len; i++) {
                const char *unit = g_ptr_array_index(units, i);
                char *alloc = nook_units_alloc_of(unit, load->cli->user);

                nook_cli_info(load->cli, "Stopping %s", unit);
                if (alloc != NULL)
                        g_hash_table_add(allocs, alloc);
                if (!nook_unit_bus_stop(load->bus, unit, error))
                        return false;
        }
        (void)sd_bus_flush(load->bus->bus);
        if (!wait_until_gone(load, error))
                return false;
        g_hash_table_iter_init(&iter, allocs);
        while (g_hash_table_iter_next(&iter, &id, NULL))
                remove_alloc(load, id);
        return true;
}

/* Whether a loaded unit has come to its end: the manager forgets it a moment after whoever followed
 * it has gone. A unit that it cannot say anything about is taken to run. */
static bool is_ended(NookLoad *load, const char *unit) {
        g_autofree char *path = NULL;
        g_autofree char *state = NULL;

        if (sd_bus_path_encode(NOOK_SYSTEMD_PATH "/unit", unit, &path) < 0 ||
            sd_bus_get_property_string(load->bus->bus, load->bus->is_direct ? NULL : NOOK_SYSTEMD,
                                       path, NOOK_SYSTEMD_UNIT, "ActiveState", NULL, &state) < 0)
                return false;
        return g_str_equal(state, "inactive") || g_str_equal(state, "failed");
}

/* The first unit that really runs; NULL: none. */
static const char *find_running(NookLoad *load, const GPtrArray *units) {
        for (guint i = 0; i < units->len; i++)
                if (!is_ended(load, g_ptr_array_index(units, i)))
                        return g_ptr_array_index(units, i);
        return NULL;
}

bool nook_replace_check(NookLoad *load, bool is_replacing, GError **error) {
        g_autoptr(GPtrArray) units = nook_units_of_job(load->plan, load->cli->user);
        const char *running;

        if (units->len == 0)
                return true;
        if (is_replacing)
                return stop_and_remove(load, units, error);
        running = find_running(load, units);
        if (running == NULL)
                return wait_until_gone(load, error);
        return nook_fail(error, NOOK_ERROR_EXISTS,
                         "Job '%s' is already running (%s): stop it with 'nook stop %s', or use "
                         "--replace",
                         load->job->id.text, running, load->job->id.text);
}
