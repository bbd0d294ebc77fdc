/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "units.h"

#include <stdlib.h>
#include <string.h>

#include "base/diag.h"
#include "base/error.h"
#include "job/job.h"

void nook_unit_entry_free(NookUnitEntry *entry) {
        if (entry == NULL)
                return;
        g_free(entry->unit);
        g_free(entry->job);
        g_free(entry->group);
        g_free(entry->task);
        g_free(entry->alloc_id);
        g_free(entry->active_state);
        g_free(entry->sub_state);
        g_free(entry->result);
        g_free(entry->invocation);
        g_free(entry->slice);
        g_free(entry->control_group);
        g_free(entry);
}

static NookUnitEntry *entry_new(const char *unit) {
        NookUnitEntry *entry = g_new0(NookUnitEntry, 1);

        entry->unit = g_strdup(unit);
        entry->memory_bytes = UINT64_MAX;
        entry->cpu_nsec = UINT64_MAX;
        entry->n_tasks = UINT64_MAX;
        return entry;
}

/* --- the manager's own directory -------------------------------------------------------------- */

static char *transient_dir(bool is_user) {
        const char *runtime = g_getenv("XDG_RUNTIME_DIR");

        if (!is_user)
                return g_strdup("/run/systemd/transient");
        return g_build_filename(runtime != NULL ? runtime : "/nonexistent", "systemd/transient",
                                NULL);
}

/* "nook-web" of "nook-web.service" and of "nook-web:group:task:0.service". */
static char *stem_of(const char *unit) {
        const char *colon = strchr(unit, ':');
        const char *dot = strrchr(unit, '.');

        return g_strndup(unit, (gsize)((colon != NULL ? colon : dot) - unit));
}

static bool is_task_unit(const char *name) {
        return g_str_has_prefix(name, "nook-") &&
               (g_str_has_suffix(name, ".service") || g_str_has_suffix(name, ".scope"));
}

GPtrArray *nook_units_of_job(const NookPlan *plan, bool is_user) {
        GPtrArray *found = g_ptr_array_new_with_free_func(g_free);
        const NookPlanAlloc *first = g_ptr_array_index(plan->allocs, 0);
        const NookPlanTask *task = g_ptr_array_index(first->tasks, 0);
        g_autofree char *stem = stem_of(task->unit->name);
        g_autofree char *path = transient_dir(is_user);
        g_autoptr(GDir) dir = g_dir_open(path, 0, NULL);
        const char *name;

        while (dir != NULL && (name = g_dir_read_name(dir)) != NULL) {
                g_autofree char *other = NULL;

                if (!is_task_unit(name))
                        continue;
                other = stem_of(name);
                if (g_str_equal(other, stem))
                        g_ptr_array_add(found, g_strdup(name));
        }
        return found;
}

char *nook_units_alloc_of(const char *unit, bool is_user) {
        /* At the beginning of a line: the same words may be in a job's names and texts. */
        static const char field[] = "\nLogExtraFields=NOOK_ALLOC_ID=";
        g_autofree char *dir = transient_dir(is_user);
        g_autofree char *path = g_build_filename(dir, unit, NULL);
        g_autofree char *text = NULL;
        const char *id;

        if (!g_file_get_contents(path, &text, NULL, NULL))
                return NULL;
        id = strstr(text, field);
        if (id == NULL)
                return NULL;
        id += strlen(field);
        return g_strndup(id, strspn(id, "0123456789abcdef-"));
}

char *nook_units_invocation_of(const char *unit, bool is_user) {
        g_autofree char *path = g_strdup_printf("/run/systemd/units/invocation:%s", unit);

        return is_user ? NULL : g_file_read_link(path, NULL);
}

/* --- allocations ------------------------------------------------------------------------------ */

char *nook_units_list_text(const NookPlan *plan, const NookPlanAlloc *alloc) {
        GString *text = g_string_new(NULL);

        for (guint t = 0; t < alloc->tasks->len; t++) {
                const NookPlanTask *task = g_ptr_array_index(alloc->tasks, t);

                g_string_append_printf(text, "%s\t%s\t%s\t%s\t%u\n", task->unit->name,
                                       plan->job->id.text, alloc->group->name.text, task->name,
                                       alloc->index);
        }
        return g_string_free(text, FALSE);
}

static NookUnitEntry *entry_of_line(const char *line, const char *alloc_id) {
        g_auto(GStrv) words = g_strsplit(line, "\t", -1);
        NookUnitEntry *entry;

        if (g_strv_length(words) != 5)
                return NULL;
        entry = entry_new(words[0]);
        entry->job = g_strdup(words[1]);
        entry->group = g_strdup(words[2]);
        entry->task = g_strdup(words[3]);
        entry->index = (guint)strtoul(words[4], NULL, 10);
        entry->alloc_id = g_strdup(alloc_id);
        entry->is_alloc_there = true;
        return entry;
}

static bool is_listed(const GPtrArray *entries, const NookUnitEntry *wanted) {
        for (guint i = 0; i < entries->len; i++) {
                NookUnitEntry *entry = g_ptr_array_index(entries, i);

                if (g_str_equal(entry->unit, wanted->unit) &&
                    g_strcmp0(entry->alloc_id, wanted->alloc_id) == 0) {
                        entry->is_alloc_there = true;
                        return true;
                }
        }
        return false;
}

static void take_text(char **place, const char *text) {
        g_free(*place);
        *place = g_strdup(text);
}

/* Whether an allocation's list has the unit; if so the entry learns what the list says of it. */
static bool take_from_alloc(const NookDirs *dirs, const NookAllocInfo *info, NookUnitEntry *entry) {
        g_autofree char *text = NULL;
        g_auto(GStrv) lines = NULL;

        if (!nook_alloc_read_note(dirs, info->id, &text, NULL))
                return false;
        lines = g_strsplit(text, "\n", -1);
        for (guint i = 0; lines[i] != NULL; i++) {
                g_autoptr(NookUnitEntry) line = entry_of_line(lines[i], info->id);

                if (line == NULL || !g_str_equal(line->unit, entry->unit))
                        continue;
                take_text(&entry->job, line->job);
                take_text(&entry->group, line->group);
                take_text(&entry->task, line->task);
                take_text(&entry->alloc_id, info->id);
                entry->index = line->index;
                entry->start_usec = info->created_usec;
                return true;
        }
        return false;
}

/* Whose a scope is, the manager has no field to say; allocations come in the order of their age. */
static void complete_scopes(const NookDirs *dirs, const GPtrArray *allocs, GPtrArray *entries) {
        for (guint i = 0; i < entries->len; i++) {
                NookUnitEntry *entry = g_ptr_array_index(entries, i);

                for (guint a = allocs->len; a > 0 && entry->alloc_id == NULL; a--)
                        if (take_from_alloc(dirs, g_ptr_array_index(allocs, a - 1), entry))
                                break;
        }
}

static bool has_nameless(const GPtrArray *entries) {
        for (guint i = 0; i < entries->len; i++)
                if (((NookUnitEntry *)g_ptr_array_index(entries, i))->alloc_id == NULL)
                        return true;
        return false;
}

static void add_of_alloc(const NookDirs *dirs, const NookAllocInfo *info, GPtrArray *entries) {
        g_autofree char *text = NULL;
        g_auto(GStrv) lines = NULL;

        if (!nook_alloc_read_note(dirs, info->id, &text, NULL))
                return;
        lines = g_strsplit(text, "\n", -1);
        for (guint i = 0; lines[i] != NULL; i++) {
                NookUnitEntry *entry = entry_of_line(lines[i], info->id);

                if (entry != NULL && !is_listed(entries, entry)) {
                        entry->start_usec = info->created_usec;
                        g_ptr_array_add(entries, entry);
                } else {
                        nook_unit_entry_free(entry);
                }
        }
}

/* --- loaded units ------------------------------------------------------------------------------
 */

/* LogExtraFields=: "NOOK_TASK=web" and the like. */
static int read_extra_fields(NookUnitEntry *entry, sd_bus_message *message) {
        int r = sd_bus_message_enter_container(message, 'v', "aay");

        if (r >= 0)
                r = sd_bus_message_enter_container(message, 'a', "ay");
        while (r >= 0) {
                const void *data;
                size_t size;
                g_autofree char *field = NULL;

                r = sd_bus_message_read_array(message, 'y', &data, &size);
                if (r <= 0)
                        break;
                field = g_strndup(data, size);
                if (g_str_has_prefix(field, "NOOK_JOB="))
                        take_text(&entry->job, field + 9);
                else if (g_str_has_prefix(field, "NOOK_GROUP="))
                        take_text(&entry->group, field + 11);
                else if (g_str_has_prefix(field, "NOOK_TASK="))
                        take_text(&entry->task, field + 10);
                else if (g_str_has_prefix(field, "NOOK_ALLOC_ID="))
                        take_text(&entry->alloc_id, field + 14);
        }
        if (r >= 0)
                r = sd_bus_message_exit_container(message);
        return r >= 0 ? sd_bus_message_exit_container(message) : r;
}

static int read_invocation(NookUnitEntry *entry, sd_bus_message *message) {
        const void *data;
        size_t size;
        int r = sd_bus_message_enter_container(message, 'v', "ay");

        if (r >= 0)
                r = sd_bus_message_read_array(message, 'y', &data, &size);
        if (r >= 0 && size == 16) {
                GString *text = g_string_new(NULL);

                for (size_t i = 0; i < size; i++)
                        g_string_append_printf(text, "%02x", ((const guint8 *)data)[i]);
                g_free(entry->invocation);
                entry->invocation = g_string_free(text, FALSE);
        }
        return r >= 0 ? sd_bus_message_exit_container(message) : r;
}

static int read_property(NookUnitEntry *entry, sd_bus_message *message, const char *key) {
        const struct {
                const char *key;
                const char *type;
                void *place;
        } plain[] = {
                {"ActiveState", "s", &entry->active_state},
                {"SubState", "s", &entry->sub_state},
                {"Result", "s", &entry->result},
                {"Slice", "s", &entry->slice},
                {"ControlGroup", "s", &entry->control_group},
                {"MainPID", "u", &entry->main_pid},
                {"NRestarts", "u", &entry->n_restarts},
                {"ExecMainCode", "i", &entry->exit_code},
                {"ExecMainStatus", "i", &entry->exit_status},
                {"ExecMainStartTimestamp", "t", &entry->start_usec},
                {"ExecMainExitTimestamp", "t", &entry->end_usec},
                {"MemoryCurrent", "t", &entry->memory_bytes},
                {"CPUUsageNSec", "t", &entry->cpu_nsec},
                {"TasksCurrent", "t", &entry->n_tasks},
        };

        if (g_str_equal(key, "LogExtraFields"))
                return read_extra_fields(entry, message);
        if (g_str_equal(key, "InvocationID"))
                return read_invocation(entry, message);
        for (gsize i = 0; i < G_N_ELEMENTS(plain); i++) {
                const char *text;
                int r;

                if (!g_str_equal(key, plain[i].key))
                        continue;
                if (plain[i].type[0] != 's')
                        return sd_bus_message_read(message, "v", plain[i].type, plain[i].place);
                r = sd_bus_message_read(message, "v", "s", &text);
                if (r >= 0)
                        take_text(plain[i].place, text);
                return r;
        }
        return sd_bus_message_skip(message, "v");
}

static int read_properties(NookUnitEntry *entry, sd_bus_message *message) {
        const char *key;
        int r = sd_bus_message_enter_container(message, 'a', "{sv}");

        while (r >= 0 && (r = sd_bus_message_enter_container(message, 'e', "sv")) > 0) {
                r = sd_bus_message_read(message, "s", &key);
                if (r >= 0)
                        r = read_property(entry, message, key);
                if (r >= 0)
                        r = sd_bus_message_exit_container(message);
        }
        return r;
}

static bool ask_unit(NookBus *bus, const char *unit, const char *path, GPtrArray *entries,
                     GError **error) {
        g_autoptr(sd_bus_message) message = NULL;
        g_autoptr(sd_bus_message) reply = NULL;
        NookUnitEntry *entry;
        int r;

        if (!nook_bus_new_call(bus, path, NOOK_DBUS_PROPERTIES, "GetAll", &message, error))
                return false;
        r = sd_bus_message_append(message, "s", "");
        if (r < 0)
                return nook_fail_bus(error, r, NULL, "ask for '%s'", unit);
        if (!nook_bus_call(bus, message, &reply, error, "ask for '%s'", unit))
                return false;
        entry = entry_new(unit);
        entry->is_loaded = true;
        g_ptr_array_add(entries, entry);
        r = read_properties(entry, reply);
        if (r < 0)
                return nook_fail_bus(error, r, NULL, "read the state of '%s'", unit);
        return true;
}

static bool list_loaded(NookBus *bus, GPtrArray *entries, GError **error) {
        g_autoptr(sd_bus_message) message = NULL;
        g_autoptr(sd_bus_message) reply = NULL;
        const char *unit;
        const char *path;
        int r;

        if (!nook_bus_new_call(bus, NULL, NULL, "ListUnitsByPatterns", &message, error))
                return false;
        r = sd_bus_message_append(message, "asas", 0, 2, "nook-*.service", "nook-*.scope");
        if (r < 0)
                return nook_fail_bus(error, r, NULL, "list units");
        if (!nook_bus_call(bus, message, &reply, error, "list units"))
                return false;
        r = sd_bus_message_enter_container(reply, 'a', "(ssssssouso)");
        while (r >= 0 && (r = sd_bus_message_read(reply, "(ssssssouso)", &unit, NULL, NULL, NULL,
                                                  NULL, NULL, &path, NULL, NULL, NULL)) > 0) {
                g_autoptr(GError) gone = NULL;

                /* One that ended in between is not there any more. */
                if (!ask_unit(bus, unit, path, entries, &gone) &&
                    !g_error_matches(gone, NOOK_ERROR, NOOK_ERROR_NOT_FOUND)) {
                        g_propagate_error(error, g_steal_pointer(&gone));
                        return false;
                }
        }
        return r >= 0 || nook_fail_bus(error, r, NULL, "read the list of units");
}

static gint compare_entries(gconstpointer a, gconstpointer b) {
        const NookUnitEntry *x = *(NookUnitEntry *const *)a;
        const NookUnitEntry *y = *(NookUnitEntry *const *)b;
        int order = strcmp(x->unit, y->unit);

        return order != 0 ? order
                          : (x->start_usec > y->start_usec) - (x->start_usec < y->start_usec);
}

GPtrArray *nook_units_list(NookBus *bus, const NookDirs *dirs, bool want_ended, GError **error) {
        g_autoptr(GPtrArray) entries =
                g_ptr_array_new_with_free_func((GDestroyNotify)nook_unit_entry_free);
        g_autoptr(GPtrArray) allocs = NULL;

        if (!list_loaded(bus, entries, error))
                return NULL;
        /* Who may not look at the allocations sees what the manager says. */
        if (want_ended || has_nameless(entries)) {
                allocs = nook_alloc_list(dirs, want_ended ? error : NULL);
                if (allocs == NULL && want_ended)
                        return NULL;
        }
        if (allocs != NULL)
                complete_scopes(dirs, allocs, entries);
        for (guint i = 0; want_ended && i < allocs->len; i++)
                add_of_alloc(dirs, g_ptr_array_index(allocs, i), entries);
        g_ptr_array_sort(entries, compare_entries);
        return g_steal_pointer(&entries);
}

/* --- names --------------------------------------------------------------------------------------
 */

static bool is_unit_name(const NookUnitEntry *entry, const char *name) {
        g_autofree char *service = g_strdup_printf("nook-%s.service", name);
        g_autofree char *scope = g_strdup_printf("nook-%s.scope", name);
        gsize size = strlen(name);

        return g_str_equal(entry->unit, name) || g_str_equal(entry->unit, service) ||
               g_str_equal(entry->unit, scope) ||
               (strncmp(entry->unit, name, size) == 0 && entry->unit[size] == '.');
}

static bool is_job(const NookUnitEntry *entry, const char *name) {
        return g_strcmp0(entry->job, name) == 0;
}

static bool is_full_name(const NookUnitEntry *entry, const char *name) {
        g_autofree char *full =
                g_strdup_printf("%s:%s:%s:%u", entry->job, entry->group, entry->task, entry->index);

        return g_str_equal(full, name);
}

static bool is_alloc(const NookUnitEntry *entry, const char *name) {
        return strlen(name) >= 8 && entry->alloc_id != NULL &&
               g_str_has_prefix(entry->alloc_id, name);
}

static bool is_task(const NookUnitEntry *entry, const char *name) {
        return g_strcmp0(entry->task, name) == 0;
}

static bool (*const meanings[])(const NookUnitEntry *entry, const char *name) = {
        is_unit_name, is_job, is_full_name, is_alloc, is_task,
};

static bool fail_unknown(const GPtrArray *entries, const char *name, GError **error) {
        g_autoptr(GPtrArray) names = g_ptr_array_new();
        const char *nearest;

        for (guint i = 0; i < entries->len; i++) {
                const NookUnitEntry *entry = g_ptr_array_index(entries, i);

                if (entry->job != NULL)
                        g_ptr_array_add(names, entry->job);
                if (entry->task != NULL)
                        g_ptr_array_add(names, entry->task);
        }
        g_ptr_array_add(names, NULL);
        nearest = nook_suggest(name, (const char *const *)names->pdata);
        if (nearest != NULL)
                return nook_fail(error, NOOK_ERROR_NOT_FOUND,
                                 "No task or job '%s'; did you mean '%s'?", name, nearest);
        return nook_fail(error, NOOK_ERROR_NOT_FOUND, "No task or job '%s'; see 'nook ps -a'",
                         name);
}

GPtrArray *nook_units_find(NookBus *bus, const NookDirs *dirs, const char *name, bool want_ended,
                           GError **error) {
        g_autoptr(GPtrArray) entries = nook_units_list(bus, dirs, want_ended, error);
        g_autoptr(GPtrArray) found =
                g_ptr_array_new_with_free_func((GDestroyNotify)nook_unit_entry_free);

        if (entries == NULL)
                return NULL;
        for (gsize m = 0; m < G_N_ELEMENTS(meanings) && found->len == 0; m++)
                for (guint i = 0; i < entries->len;) {
                        if (meanings[m](g_ptr_array_index(entries, i), name))
                                g_ptr_array_add(found, g_ptr_array_steal_index(entries, i));
                        else
                                i++;
                }
        if (found->len == 0) {
                (void)fail_unknown(entries, name, error);
                return NULL;
        }
        return g_steal_pointer(&found);
}
