/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Every row of the directive table against a real manager: sent over D-Bus and read back, written
 * as a unit file and read back, and read back once more after a daemon-reload. All three must
 * agree. Prints TAP. To be run as root in a throw-away machine: it makes a unit per row. */

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bus.h"
#include "unit-bus.h"
#include "unit-samples.h"

#define FILES "/run/systemd/system"

static guint n_tests;

static void result(bool is_ok, NookUnitKind kind, const NookDirective *row, const char *why) {
        g_autofree char *line = g_strdelimit(g_strdup(why), "\n", ' ');

        printf("%sok - %s= in a %s\n", is_ok ? "" : "not ", row->key,
               nook_unit_kind_to_suffix(kind) + 1);
        if (!is_ok)
                printf("# %s\n", line);
        n_tests++;
}

static NookUnit *unit_of(const NookDirective *row, NookUnitKind kind, const char *prefix) {
        g_autofree char *name =
                g_strdup_printf("%s-%s%s", prefix, row->key, nook_unit_kind_to_suffix(kind));
        g_autofree char *safe =
                g_strdelimit(g_strdup(name), kind == NOOK_UNIT_SLICE ? "-" : "", '_');
        NookUnit *unit = nook_unit_new(safe, kind);

        if (kind == NOOK_UNIT_SERVICE && !g_str_equal(row->key, "ExecStart"))
                nook_unit_add_text(unit, "ExecStart", "/bin/sleep 1000", NOOK_ORIGIN_NOOK, NULL);
        if (g_str_equal(row->key, "ExecStart"))
                nook_unit_add_text(unit, "ExecStart", "/bin/sleep 1000 %n", NOOK_ORIGIN_NOOK, NULL);
        else
                nook_unit_add_text(unit, row->key, sample_of(row), NOOK_ORIGIN_NOOK, NULL);
        return unit;
}

/* --- reading back -------------------------------------------------------------------------------
 */

static const char *interface_of(const NookDirective *row, NookUnitKind kind) {
        if (row->section == NOOK_SECTION_UNIT)
                return NOOK_SYSTEMD_UNIT;
        switch (kind) {
        case NOOK_UNIT_SCOPE:
                return "org.freedesktop.systemd1.Scope";
        case NOOK_UNIT_SLICE:
                return "org.freedesktop.systemd1.Slice";
        default:
                return NOOK_SYSTEMD_SERVICE;
        }
}

/* Times and states in what is read back say when a thing ran, not what was asked for. */
static char *without_numbers(const char *dump) {
        g_auto(GStrv) lines = g_strsplit(dump, "\n", -1);
        GString *kept = g_string_new(NULL);

        for (char **line = lines; *line != NULL; line++) {
                const char *start = *line + strspn(*line, " ");

                if (!g_str_has_prefix(start, "INT32") && !g_str_has_prefix(start, "UINT"))
                        g_string_append_printf(kept, "%s\n", *line);
        }
        return g_string_free(kept, FALSE);
}

static gint compare_lines(gconstpointer a, gconstpointer b) {
        return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Dependencies and addresses come in any order. */
static char *in_order(const char *dump) {
        g_auto(GStrv) lines = g_strsplit(dump, "\n", -1);

        qsort(lines, g_strv_length(lines), sizeof *lines, compare_lines);
        return g_strjoinv("\n", lines);
}

static char *dump_property(NookBus *bus, const char *path, const char *interface,
                           const char *property) {
        g_autoptr(sd_bus_message) reply = NULL;
        g_auto(sd_bus_error) bus_error = SD_BUS_ERROR_NULL;
        char *text = NULL;
        size_t size;
        FILE *stream;

        if (sd_bus_call_method(bus->bus, NOOK_SYSTEMD, path, NOOK_DBUS_PROPERTIES, "Get",
                               &bus_error, &reply, "ss", interface, property) < 0) {
                printf("# %s of %s: %s\n", property, path, bus_error.message);
                return NULL;
        }
        stream = open_memstream(&text, &size);
        (void)sd_bus_message_dump(reply, stream, SD_BUS_MESSAGE_DUMP_SUBTREE_ONLY);
        (void)fclose(stream);
        return text;
}

static char *unit_path(const char *name) {
        char *path = NULL;

        g_assert(sd_bus_path_encode(NOOK_SYSTEMD_PATH "/unit", name, &path) >= 0);
        return path;
}

/* What the manager has for a property that we sent; some are read under another name. */
static char *read_back(NookBus *bus, const NookUnit *unit, const NookDirective *row,
                       const char *property) {
        static const char *const suffixes[] = {"", "Scale", "File", "FileToAppend",
                                               "FileToTruncate"};
        g_autofree char *path = unit_path(unit->name);

        for (gsize i = 0; i < G_N_ELEMENTS(suffixes); i++) {
                g_autofree char *name = NULL, *text = NULL;

                if (!g_str_has_suffix(property, suffixes[i]))
                        continue;
                name = g_strndup(property, strlen(property) - strlen(suffixes[i]));
                text = dump_property(bus, path, interface_of(row, unit->kind), name);
                if (text == NULL) {
                        /* A manager with hundreds of fresh units may lose the bus for a moment. */
                        g_usleep(G_USEC_PER_SEC / 5);
                        text = dump_property(bus, path, interface_of(row, unit->kind), name);
                }
                if (text == NULL)
                        continue;
                if (g_str_has_prefix(row->signature, "a(sas") ||
                    g_str_equal(row->signature, "a(sbbs)"))
                        return without_numbers(text);
                if ((row->section == NOOK_SECTION_UNIT && g_str_equal(row->signature, "as")) ||
                    g_str_equal(row->signature, "a(iayu)"))
                        return in_order(text);
                return g_steal_pointer(&text);
        }
        return NULL;
}

/* The properties of the row itself: the last ones that the unit sends. */
static char *read_all(NookBus *bus, const NookUnit *unit, const NookDirective *row) {
        g_auto(GVariantBuilder) builder = G_VARIANT_BUILDER_INIT(G_VARIANT_TYPE("a(sv)"));
        g_autoptr(GVariant) pairs = NULL;
        GString *all = g_string_new(NULL);
        GVariantIter iter;
        const char *property;

        nook_directive_emit(row, nook_unit_find(unit, row->key)->value, &builder);
        pairs = g_variant_ref_sink(g_variant_builder_end(&builder));
        g_variant_iter_init(&iter, pairs);
        while (g_variant_iter_next(&iter, "(&sv)", &property, NULL)) {
                g_autofree char *text = read_back(bus, unit, row, property);

                g_string_append_printf(all, "%s: %s", property, text ? text : "not readable\n");
        }
        return g_string_free(all, FALSE);
}

/* A unit that has ended keeps nothing of what it was. */
static bool is_running(NookBus *bus, const char *name) {
        g_autofree char *path = unit_path(name), *state = NULL;

        return sd_bus_get_property_string(bus->bus, NOOK_SYSTEMD, path, NOOK_SYSTEMD_UNIT,
                                          "ActiveState", NULL, &state) >= 0 &&
               (g_str_equal(state, "active") || g_str_equal(state, "activating"));
}

/* What systemd's own writer of transient units loses at a daemon-reload: it does not double the
 * percent sign of some paths, nor quote blanks in fields, forgets one time span, and escapes `$`
 * and `;` in commands. nook sends none of these, or only where they survive. */
static bool is_lost_by_systemd(const NookDirective *row) {
        static const char *const keys[] = {"Documentation",
                                           "RequiresMountsFor",
                                           "WantsMountsFor",
                                           "LogExtraFields",
                                           "IPIngressFilterPath",
                                           "IPEgressFilterPath",
                                           "MemoryPressureThresholdSec",
                                           NULL};

        return g_strv_contains(keys, row->key) || g_str_has_prefix(row->signature, "a(sas");
}

/* Values that the manager fills in only when it carries out the start, which it does some time
 * after it has answered that it will. */
static bool is_only_of_running(const NookDirective *row) {
        return g_str_equal(row->key, "WatchdogSec");
}

static bool wait_running(NookBus *bus, const char *name) {
        for (int tries = 0; tries < 100; tries++) {
                if (is_running(bus, name))
                        return true;
                g_usleep(G_USEC_PER_SEC / 20);
        }
        return false;
}

/* --- one row in one kind ------------------------------------------------------------------------
 */

typedef struct {
        const NookDirective *row;
        NookUnitKind kind;
        NookUnit *sent;
        NookUnit *filed;
        char *seen;
        pid_t pid;
} Trial;

static void trial_free(gpointer data) {
        Trial *trial = data;

        nook_unit_free(trial->sent);
        nook_unit_free(trial->filed);
        g_free(trial->seen);
        g_free(trial);
}

static bool start(NookBus *bus, Trial *trial, GError **error) {
        g_autoptr(sd_bus_message) message = NULL;
        NookUnitFds fds = NOOK_UNIT_FDS_NONE;

        if (trial->kind == NOOK_UNIT_SCOPE) {
                trial->pid = fork();
                if (trial->pid == 0) {
                        (void)pause();
                        _exit(0);
                }
                fds.pid = trial->pid;
        }
        if (!nook_unit_bus_start_message(bus, trial->sent, NULL, fds, true, &message, error))
                return false;
        return nook_bus_call(bus, message, NULL, error, "start '%s'", trial->sent->name);
}

static void write_file(const Trial *trial) {
        g_autofree char *text = nook_unit_to_file_text(trial->filed, NULL);
        g_autofree char *path = g_build_filename(FILES, trial->filed->name, NULL);

        g_assert(g_file_set_contents(path, text, -1, NULL));
}

static void begin(NookBus *bus, GPtrArray *trials, const NookDirective *row, NookUnitKind kind) {
        Trial *trial = g_new0(Trial, 1);
        g_autoptr(GError) error = NULL;

        trial->row = row;
        trial->kind = kind;
        trial->sent = unit_of(row, kind, "sent");
        trial->filed = unit_of(row, kind, "filed");
        g_ptr_array_add(trials, trial);
        if (kind != NOOK_UNIT_SCOPE)
                write_file(trial);
        if (start(bus, trial, &error) &&
            (!is_only_of_running(row) || wait_running(bus, trial->sent->name)))
                trial->seen = read_all(bus, trial->sent, row);
        else
                result(false, kind, row, error ? error->message : "it does not come to run");
}

static bool load(NookBus *bus, const Trial *trial) {
        const char *name = trial->filed->name;

        if (is_only_of_running(trial->row))
                return sd_bus_call_method(bus->bus, NOOK_SYSTEMD, NOOK_SYSTEMD_PATH,
                                          NOOK_SYSTEMD_MANAGER, "StartUnit", NULL, NULL, "ss", name,
                                          "replace") >= 0 &&
                       wait_running(bus, name);
        return sd_bus_call_method(bus->bus, NOOK_SYSTEMD, NOOK_SYSTEMD_PATH, NOOK_SYSTEMD_MANAGER,
                                  "LoadUnit", NULL, NULL, "s", name) >= 0;
}

static void judge(NookBus *bus, Trial *trial) {
        g_autofree char *again = NULL, *filed = NULL, *why = NULL;

        if (trial->seen == NULL)
                return;
        again = is_running(bus, trial->sent->name) && !is_lost_by_systemd(trial->row)
                        ? read_all(bus, trial->sent, trial->row)
                        : g_strdup(trial->seen);
        if (trial->kind != NOOK_UNIT_SCOPE && load(bus, trial))
                filed = read_all(bus, trial->filed, trial->row);
        if (!g_str_equal(trial->seen, again))
                why = g_strdup_printf("sent %s, after reload %s", trial->seen, again);
        else if (trial->kind != NOOK_UNIT_SCOPE && filed == NULL)
                why = g_strdup("its file is not loaded");
        else if (filed != NULL && !g_str_equal(trial->seen, filed))
                why = g_strdup_printf("sent %s, from file %s", trial->seen, filed);
        else if (strstr(trial->seen, "not readable") != NULL)
                why = g_strdup_printf("%s", trial->seen);
        result(why == NULL, trial->kind, trial->row, why ? why : "");
}

static guint version_of(NookBus *bus) {
        g_autofree char *version = NULL;

        if (sd_bus_get_property_string(bus->bus, NOOK_SYSTEMD, NOOK_SYSTEMD_PATH,
                                       NOOK_SYSTEMD_MANAGER, "Version", NULL, &version) < 0)
                return 0;
        return (guint)g_ascii_strtoull(version, NULL, 10);
}

int main(void) {
        static const NookUnitKind kinds[] = {NOOK_UNIT_SERVICE, NOOK_UNIT_SCOPE, NOOK_UNIT_SLICE};
        g_autoptr(NookBus) bus = NULL;
        g_autoptr(GError) error = NULL;
        g_autoptr(GPtrArray) trials = g_ptr_array_new_with_free_func(trial_free);
        gsize count;
        const NookDirective *table = nook_directive_table(&count);
        guint version;

        if (!nook_bus_open(false, &bus, &error)) {
                printf("Bail out! %s\n", error->message);
                return 1;
        }
        version = version_of(bus);
        for (gsize i = 0; i < count; i++)
                for (gsize k = 0; k < G_N_ELEMENTS(kinds); k++)
                        if ((table[i].kinds & kinds[k]) != 0 && table[i].since <= version)
                                begin(bus, trials, &table[i], kinds[k]);
        if (sd_bus_call_method(bus->bus, NOOK_SYSTEMD, NOOK_SYSTEMD_PATH, NOOK_SYSTEMD_MANAGER,
                               "Reload", NULL, NULL, NULL) < 0)
                printf("Bail out! no daemon-reload\n");
        for (guint i = 0; i < trials->len; i++)
                judge(bus, g_ptr_array_index(trials, i));
        for (guint i = 0; i < trials->len; i++) {
                const Trial *trial = g_ptr_array_index(trials, i);

                if (trial->pid > 0)
                        (void)kill(trial->pid, SIGKILL);
        }
        printf("1..%u\n", n_tests);
        return 0;
}
