/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "unit/build.h"
#include "unit/convert.h"

/* Host volumes: a job names a volume of the operator's list and where it is to be, never a path of
 * the host. */

static const NookVolume *find_volume(const NookBuild *build, const char *name) {
        for (guint i = 0; i < build->group->volumes.count; i++)
                if (g_str_equal(build->group->volumes.items[i]->name.text, name))
                        return build->group->volumes.items[i];
        return NULL;
}

/* The operator's entry; per_alloc adds the instance's index to the name, as in Nomad. */
static const NookConfigHostVolume *find_host_volume(NookBuild *build, const NookVolume *volume) {
        g_autofree char *source = nook_build_text(build, volume->source);
        g_autofree char *name = volume->per_alloc.value
                                        ? g_strdup_printf("%s[%u]", source, build->alloc->index)
                                        : g_strdup(source);
        const NookConfigHostVolume *found = nook_config_host_volume(build->config, name);

        if (found == NULL)
                nook_diags_error(
                        build->diags, volume->source.range, "Unknown host volume",
                        "The operator has no host_volume \"%s\"; it is declared by adding to "
                        "/etc/nook:\n    client {\n      host_volume \"%s\" {\n        path = "
                        "\"/...\"\n      }\n    }",
                        name, name);
        return found;
}

static char *read_destination(NookBuild *build, NookText text) {
        g_autofree char *written = nook_build_text(build, text);
        g_autofree char *place =
                *written == '/' ? g_strdup(written) : g_strconcat("/", written, NULL);

        if (nook_convert_is_clean_path(place) && !nook_build_is_reserved(place))
                return g_steal_pointer(&place);
        nook_diags_error(
                build->diags, text.range, "Invalid destination of a volume",
                "\"%s\" has \"..\", or is a place that the task's own files or the kernel's "
                "are mounted on.",
                written);
        return NULL;
}

static void add_volume(NookBuild *build, const NookVolumeMount *wanted) {
        const NookVolume *volume = find_volume(build, wanted->volume.text);
        const NookConfigHostVolume *host_volume =
                volume != NULL ? find_host_volume(build, volume) : NULL;
        g_autofree char *destination = read_destination(build, wanted->destination);
        const char *mode = wanted->propagation_mode.text;
        const NookHostPath *path;
        NookMount *mount;

        if (mode != NULL && g_str_equal(mode, "bidirectional"))
                nook_diags_error(build->diags, wanted->propagation_mode.range,
                                 "Unsupported propagation",
                                 "What a task mounts cannot reach the host from a unit.");
        if (host_volume == NULL || destination == NULL)
                return;
        path = nook_host_path(build->host, host_volume->path.text);
        if (path->resolved == NULL) {
                nook_diags_error(build->diags, host_volume->path.range, "Missing path of a volume",
                                 "\"%s\" is not on this host.", host_volume->path.text);
                return;
        }
        mount = nook_plan_add_mount(build->made, NOOK_MOUNT_BIND, NOOK_ROLE_VOLUME, destination,
                                    path->resolved);
        mount->is_recursive = true;
        mount->is_file = path->resolved_kind != NOOK_PATH_DIR;
        mount->is_read_only =
                host_volume->read_only.value || volume->read_only.value || wanted->read_only.value;
        mount->range = wanted->head.range;
}

void nook_build_volumes(NookBuild *build) {
        for (guint i = 0; i < build->task->volume_mounts.count; i++)
                add_volume(build, build->task->volume_mounts.items[i]);
}
