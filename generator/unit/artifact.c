/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "unit/build.h"
#include "unit/convert.h"

/* Artifacts: everything interpolated, and each destination found in the virtual root. */

/* A destination is said relative to the task's directory; ".." leads from there to the
 * allocation's, where only the shared `alloc` is within reach. Gives a path in the task's root, or
 * NULL. */
static char *place_in_root(const char *destination) {
        g_auto(GStrv) parts = g_strsplit(destination, "/", -1);
        g_autoptr(GPtrArray) kept = g_ptr_array_new();
        bool is_above = false;

        for (char **part = parts; *part != NULL; part++) {
                if (**part == '\0' || g_str_equal(*part, "."))
                        continue;
                if (!g_str_equal(*part, "..")) {
                        g_ptr_array_add(kept, *part);
                        continue;
                }
                if (kept->len > 0)
                        g_ptr_array_set_size(kept, (gint)kept->len - 1);
                else if (is_above || *destination == '/')
                        return NULL;
                else
                        is_above = true;
        }
        if (is_above && (kept->len == 0 || !g_str_equal(g_ptr_array_index(kept, 0), "alloc")))
                return NULL;
        g_ptr_array_add(kept, NULL);
        {
                g_autofree char *joined = g_strjoinv("/", (char **)kept->pdata);

                return g_strconcat("/", joined, NULL);
        }
}

/* The file's name in a URL or path. */
static char *base_name(const char *source) {
        g_autofree char *path = g_strndup(source, strcspn(source, "?#"));

        return g_path_get_basename(path);
}

static char **read_pairs(NookBuild *build, const NookPairs *pairs) {
        GPtrArray *list = g_ptr_array_new();

        for (guint i = 0; i < pairs->count; i++) {
                g_ptr_array_add(list, nook_build_text(build, pairs->items[i].key));
                g_ptr_array_add(list, nook_build_text(build, pairs->items[i].value));
        }
        g_ptr_array_add(list, NULL);
        return (char **)g_ptr_array_free(list, FALSE);
}

static void append_pair(char ***pairs, const char *name, const char *value) {
        guint n = g_strv_length(*pairs);

        *pairs = g_renew(char *, *pairs, n + 3);
        (*pairs)[n] = g_strdup(name);
        (*pairs)[n + 1] = g_strdup(value);
        (*pairs)[n + 2] = NULL;
}

static NookArtifactMode read_mode(NookBuild *build, NookText text) {
        if (text.text == NULL || g_str_equal(text.text, "any"))
                return NOOK_ARTIFACT_ANY;
        if (g_str_equal(text.text, "file"))
                return NOOK_ARTIFACT_FILE;
        if (!g_str_equal(text.text, "dir"))
                nook_diags_error(build->diags, text.range, "Invalid artifact mode",
                                 "\"%s\" is none of \"any\", \"file\", \"dir\".", text.text);
        return NOOK_ARTIFACT_DIR;
}

/* Without a root the task's directory itself is the base, but for the shared one. */
static void read_raw_place(NookBuild *build, NookPlanArtifact *made, const char *place) {
        g_autofree char *name = nook_name_for_path(build->made->name);
        bool is_shared = g_str_equal(place, "/alloc") || g_str_has_prefix(place, "/alloc/");

        made->base = is_shared ? g_strdup(build->alloc->dir)
                               : g_strdup_printf("%s/%s", build->alloc->dir, name);
        made->path = g_strdup(place[1] == '\0' ? "." : place + 1);
}

static void read_destination(NookBuild *build, const NookArtifact *artifact,
                             NookPlanArtifact *made) {
        g_autofree char *place = NULL;
        const char *rest = NULL;

        if (artifact->destination.set && *artifact->destination.text != '\0')
                made->destination = nook_build_text(build, artifact->destination);
        else if (made->mode == NOOK_ARTIFACT_FILE) {
                g_autofree char *name = base_name(made->source);

                made->destination = g_strconcat("local/", name, NULL);
        } else
                made->destination = g_strdup("local/");
        made->destination_range =
                artifact->destination.set ? artifact->destination.range : artifact->source.range;
        place = place_in_root(made->destination);
        if (place == NULL) {
                nook_diags_error(build->diags, made->destination_range,
                                 "Destination outside of the allocation",
                                 "\"%s\" escapes the allocation directory.", made->destination);
                return;
        }
        if (build->made->is_raw) {
                read_raw_place(build, made, place);
                return;
        }
        made->mount = nook_plan_mount_of(build->made, place, &rest);
        if (made->mount->kind != NOOK_MOUNT_BIND || made->mount->is_read_only ||
            made->mount->role == NOOK_ROLE_BLOCK) {
                nook_diags_error(build->diags, made->destination_range,
                                 "Destination not in the task's directories",
                                 "\"%s\" is \"%s\" in the task's root, which is read-only or not "
                                 "kept on disk there; only local, alloc, secrets and tmp can be "
                                 "written to.",
                                 made->destination, place);
                return;
        }
        made->base = g_strdup(made->mount->source);
        made->path = g_strdup(*rest == '\0' ? "." : rest);
}

static void check_words(NookBuild *build, const NookArtifact *artifact) {
        guint64 mode;

        if (artifact->perms.text != NULL &&
            !g_ascii_string_to_unsigned(artifact->perms.text, 8, 0, 0777, &mode, NULL))
                nook_diags_error(build->diags, artifact->perms.range, "Invalid permissions",
                                 "\"%s\" is no octal mode from 0 to 777.", artifact->perms.text);
        if (artifact->owner.text != NULL && !g_str_equal(artifact->owner.text, "root") &&
            !g_str_equal(artifact->owner.text, "task"))
                nook_diags_error(build->diags, artifact->owner.range, "Invalid owner",
                                 "\"%s\" is neither \"root\" nor \"task\".", artifact->owner.text);
        if (artifact->strip_components.set &&
            (artifact->strip_components.value < 0 || artifact->strip_components.value > 64))
                nook_diags_error(build->diags, artifact->strip_components.range,
                                 "Invalid strip_components", "It must be from 0 to 64.");
}

static void add_artifact(NookBuild *build, const NookArtifact *artifact) {
        NookPlanArtifact *made = g_new0(NookPlanArtifact, 1);

        g_ptr_array_add(build->made->artifacts, made);
        made->range = artifact->head.range;
        made->source_range = artifact->source.range;
        if (artifact->source.text == NULL || *artifact->source.text == '\0') {
                nook_diags_error(build->diags, artifact->head.range, "Missing source",
                                 "An artifact needs a source.");
                return;
        }
        check_words(build, artifact);
        made->source = nook_build_text(build, artifact->source);
        made->options = read_pairs(build, &artifact->options);
        if (artifact->archive.text != NULL)
                append_pair(&made->options, "archive", artifact->archive.text);
        made->headers = read_pairs(build, &artifact->headers);
        made->mode = read_mode(build, artifact->mode);
        made->is_path_file = made->mode == NOOK_ARTIFACT_FILE;
        made->is_insecure = artifact->insecure.value;
        made->is_chown = artifact->chown.value;
        made->is_cached = artifact->cache.value;
        made->strip_components = (int)artifact->strip_components.value;
        made->perms = g_strdup(artifact->perms.text);
        made->owner = g_strdup(artifact->owner.text);
        read_destination(build, artifact, made);
}

void nook_build_artifacts(NookBuild *build) {
        for (guint i = 0; i < build->task->artifacts.count; i++)
                add_artifact(build, build->task->artifacts.items[i]);
}
