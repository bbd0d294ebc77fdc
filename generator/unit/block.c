/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>
#include <sys/mount.h>

#include "job/interpolate.h"
#include "unit/build.h"

/* The job's `unit {}`: directives of systemd by name, checked against the table. What tightens or
 * is neutral may be used freely; what opens must be named by the operator. */

/* Rows that say in other words what the job itself says; the second column is where. */
static const struct {
        const char *key;
        const char *instead;
} own_rows[] = {
        {"ExecStart", "config { command, args }"},
        {"User", "user"},
        {"Group", "user"},
        {"DynamicUser", "user"},
        {"RootDirectory", "chroot_env"},
        {"RootImage", "chroot_env"},
        {"CapabilityBoundingSet", "config { cap_add }"},
        {"AmbientCapabilities", "config { cap_add }"},
        {"CollectMode", "nothing: nook collects its units"},
};

static const char *instead_of(const char *key) {
        for (gsize i = 0; i < G_N_ELEMENTS(own_rows); i++)
                if (g_str_equal(own_rows[i].key, key))
                        return own_rows[i].instead;
        return NULL;
}

static const NookDirective *find_row(NookBuild *build, const NookUnitLine *line,
                                     NookUnitKind kind) {
        const NookDirective *directive = nook_directive_find(line->key.text);
        const char *suggestion, *instead = instead_of(line->key.text);
        guint version = nook_build_version(build);

        if (directive == NULL) {
                suggestion = nook_directive_suggest(line->key.text);
                nook_diags_error(build->diags, line->key.range, "Unknown directive",
                                 "systemd has no directive \"%s\" that nook knows.%s%s%s",
                                 line->key.text, suggestion ? " Did you mean \"" : "",
                                 suggestion ? suggestion : "", suggestion ? "\"?" : "");
                return NULL;
        }
        if ((directive->kinds & kind) == 0) {
                nook_diags_error(build->diags, line->key.range, "Unsupported directive",
                                 "A %s takes no %s=.", nook_unit_kind_to_suffix(kind) + 1,
                                 directive->key);
                return NULL;
        }
        if (instead != NULL) {
                nook_diags_error(build->diags, line->key.range, "Directive set by nook",
                                 "%s= is made from the job; use %s.", directive->key, instead);
                return NULL;
        }
        if (directive->since > version) {
                nook_diags_error(build->diags, line->key.range, "Newer systemd needed",
                                 "%s= needs systemd %u; this is %u.", directive->key,
                                 directive->since, version);
                return NULL;
        }
        return directive;
}

/* Path lists name the host's paths unless they begin with `+`; in a task's root only those make
 * sense. */
static char *rooted_paths(const NookDirective *directive, const char *text) {
        static const char *const keys[] = {"ReadOnlyPaths", "ReadWritePaths", "InaccessiblePaths",
                                           "NoExecPaths",   "ExecPaths",      NULL};
        g_auto(GStrv) words = NULL;
        GString *rooted;

        if (!g_strv_contains(keys, directive->key))
                return g_strdup(text);
        words = g_strsplit(text, " ", -1);
        rooted = g_string_new(NULL);
        for (char **word = words; *word != NULL; word++) {
                const char *path = **word == '-' ? *word + 1 : *word;

                if (**word == '\0')
                        continue;
                g_string_append_printf(rooted, "%s%s%s%s", rooted->len > 0 ? " " : "",
                                       path != *word ? "-" : "", *path == '+' ? "" : "+", path);
        }
        return g_string_free(rooted, FALSE);
}

static bool check_class(NookBuild *build, const NookDirective *directive, GVariant *value,
                        const NookUnitLine *line) {
        if (nook_directive_class_of(directive, value) != NOOK_CLASS_OPENS ||
            nook_config_allows_directive(build->config, directive->key))
                return true;
        nook_diags_error(build->diags, line->key.range, "Directive not allowed",
                         "%s= %s" NOOK_ALLOW_LINES("exec", "allow_directives = [\"%s\"]"),
                         directive->key,
                         directive->class == NOOK_CLASS_OPENS ? "can open the task's walls"
                                                              : "with this value opens a wall",
                         directive->key);
        return false;
}

/* Fields that nook's own commands look for may not be forged from here. The value tells, not its
 * text, in which they can be spelled with escapes and references. */
static bool check_fields(NookBuild *build, const NookDirective *directive, GVariant *value,
                         NookRange range) {
        static const char reserved[] = "NOOK_";

        if (!g_str_equal(directive->key, "LogExtraFields"))
                return true;
        for (gsize i = 0; i < g_variant_n_children(value); i++) {
                g_autoptr(GVariant) field = g_variant_get_child_value(value, i);
                gsize size;
                const char *bytes = g_variant_get_fixed_array(field, &size, 1);

                if (size < strlen(reserved) || memcmp(bytes, reserved, strlen(reserved)) != 0)
                        continue;
                nook_diags_error(build->diags, range, "Reserved field",
                                 "Fields that begin with NOOK_ are nook's own.");
                return false;
        }
        return true;
}

/* The operator's limit holds for this way to say kill_timeout too. */
static bool check_stop_time(NookBuild *build, const NookDirective *directive, GVariant *value,
                            NookRange range) {
        NookDuration most = build->config->client->max_kill_timeout;

        if (!g_str_equal(directive->key, "TimeoutStopSec") || most.nsec <= 0 ||
            g_variant_get_uint64(value) <= nook_duration_usec(most) ||
            nook_config_allows_directive(build->config, directive->key))
                return true;
        nook_diags_error(build->diags, range, "Kill timeout too long",
                         "The operator's max_kill_timeout is %" G_GUINT64_FORMAT " s.",
                         nook_duration_usec(most) / G_USEC_PER_SEC);
        return false;
}

static void add_block_bind(NookBuild *build, GVariant *binds, bool is_read_only, NookRange range) {
        GVariantIter iter;
        const char *source, *destination;
        gboolean is_optional;
        guint64 flags;

        g_variant_iter_init(&iter, binds);
        while (g_variant_iter_next(&iter, "(&s&sbt)", &source, &destination, &is_optional,
                                   &flags)) {
                NookMount *mount = g_new0(NookMount, 1);
                const NookHostPath *path = nook_host_path(build->host, source);

                mount->kind = NOOK_MOUNT_BIND;
                mount->role = NOOK_ROLE_BLOCK;
                mount->destination = g_strdup(destination);
                mount->source = g_strdup(source);
                mount->is_read_only = is_read_only;
                mount->is_optional = is_optional;
                mount->is_recursive = flags != 0;
                mount->is_file = path->resolved != NULL && path->resolved_kind != NOOK_PATH_DIR;
                mount->range = range;
                g_ptr_array_add(build->block_mounts, mount);
        }
}

static void add_block_tmpfs(NookBuild *build, GVariant *pairs, NookRange range) {
        GVariantIter iter;
        const char *destination, *options;

        g_variant_iter_init(&iter, pairs);
        while (g_variant_iter_next(&iter, "(&s&s)", &destination, &options)) {
                NookMount *mount = g_new0(NookMount, 1);

                mount->kind = NOOK_MOUNT_TMPFS;
                mount->role = NOOK_ROLE_BLOCK;
                mount->destination = g_strdup(destination);
                mount->options = g_strdup(options);
                mount->range = range;
                g_ptr_array_add(build->block_mounts, mount);
        }
}

/* Mounts become a part of the virtual root, which writes their directives itself. */
static bool take_as_mounts(NookBuild *build, const NookDirective *directive, GVariant *value,
                           NookRange range) {
        if (g_str_equal(directive->key, "BindPaths"))
                add_block_bind(build, value, false, range);
        else if (g_str_equal(directive->key, "BindReadOnlyPaths"))
                add_block_bind(build, value, true, range);
        else if (g_str_equal(directive->key, "TemporaryFileSystem"))
                add_block_tmpfs(build, value, range);
        else
                return false;
        return true;
}

/* NULL after a finding. */
static GVariant *parse_value(NookBuild *build, const NookDirective *directive, const char *text,
                             NookRange range) {
        g_autoptr(GError) error = NULL;
        GVariant *value = nook_directive_parse(directive, text, &error);

        if (value == NULL)
                nook_diags_error(build->diags, range, "Invalid value of a directive", "%s.",
                                 error->message);
        return value;
}

static bool check_count(NookBuild *build, const NookDirective *directive,
                        const NookUnitLine *line) {
        if (line->values.count <= 1 || directive->type->is_list)
                return true;
        nook_diags_error(build->diags, line->values.range, "Too many values",
                         "%s= takes one value.", directive->key);
        return false;
}

static void add_value(NookBuild *build, NookUnit *unit, const NookDirective *directive,
                      const NookUnitLine *line, NookText text) {
        bool has_root = unit->kind == NOOK_UNIT_SERVICE && !build->made->is_raw;
        g_autofree char *interpolated = nook_build_text(build, text);
        g_autofree char *rooted =
                has_root ? rooted_paths(directive, interpolated) : g_strdup(interpolated);
        g_autoptr(GVariant) value = parse_value(build, directive, rooted, text.range);

        if (value == NULL)
                return;
        if (!check_class(build, directive, value, line) ||
            !check_fields(build, directive, value, text.range) ||
            !check_stop_time(build, directive, value, text.range))
                return;
        if (has_root && take_as_mounts(build, directive, value, text.range))
                return;
        nook_unit_add(unit, directive->key, value, NOOK_ORIGIN_BLOCK, "the job's unit block",
                      text.range);
}

static void add_line(NookBuild *build, NookUnit *unit, const NookUnitLine *line) {
        const NookDirective *directive = find_row(build, line, unit->kind);

        if (directive == NULL || !check_count(build, directive, line))
                return;
        for (guint i = 0; i < line->values.count; i++)
                add_value(build, unit, directive, line, line->values.items[i]);
}

void nook_build_block(NookBuild *build) {
        for (guint i = 0; i < build->task->unit.count; i++)
                add_line(build, build->unit, &build->task->unit.items[i]);
}

void nook_build_group_block(NookBuild *build, NookUnit *slice) {
        for (guint i = 0; i < build->group->unit.count; i++)
                add_line(build, slice, &build->group->unit.items[i]);
}

/* --- without a host -----------------------------------------------------------------------------
 */

static void check_line(NookBuild *build, const NookUnitLine *line, NookUnitKind kind) {
        const NookDirective *directive = find_row(build, line, kind);

        if (directive == NULL || !check_count(build, directive, line))
                return;
        for (guint i = 0; i < line->values.count; i++) {
                NookText text = line->values.items[i];
                g_autofree char *rooted = rooted_paths(directive, text.text);
                g_autoptr(GVariant) value = NULL;

                /* What a reference stands for is known on the host alone. */
                if (nook_interpolate_is_needed(text.text))
                        continue;
                value = parse_value(build, directive, rooted, text.range);
                if (value != NULL && check_class(build, directive, value, line) &&
                    check_fields(build, directive, value, text.range))
                        (void)check_stop_time(build, directive, value, text.range);
        }
}

void nook_plan_check_blocks(const NookJob *job, const NookConfig *config, NookDiags *diags) {
        const NookPlanOptions options = {.file_version = G_MAXUINT};
        NookBuild build = {.options = &options, .job = job, .config = config, .diags = diags};

        for (guint g = 0; g < job->groups.count; g++) {
                const NookGroup *group = job->groups.items[g];

                for (guint i = 0; i < group->unit.count; i++)
                        check_line(&build, &group->unit.items[i], NOOK_UNIT_SLICE);
                for (guint t = 0; t < group->tasks.count; t++)
                        for (guint i = 0; i < group->tasks.items[t]->unit.count; i++)
                                check_line(&build, &group->tasks.items[t]->unit.items[i],
                                           NOOK_UNIT_SERVICE);
        }
}
