/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sandboxed.h"

#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "launch.h"
#include "pam.h"
#include "sandbox.h"
#include "user-ids.h"

/* A manager of this version or a later one keeps, over daemon-reload, that a service's command
 * runs with all rights although the unit has a dynamic user. Below it nook takes an id itself, as
 * for unit files, whose writer does not know the manager. */
#define KEEPS_PRIVILEGED 257

const char *nook_sandboxed_program(void) {
        return NOOK_LIBEXEC_DIR "/nook-sandbox";
}

bool nook_sandboxed_is(const NookPlanTask *task) {
        return task->builder == NOOK_BUILDER_SANDBOX;
}

bool nook_sandboxed_has_own_pids(const NookPlanTask *task, NookForm form) {
        return !task->is_raw && (form == NOOK_FORM_DIRECT || task->has_private_pids);
}

static bool is_user_managed(const NookLoad *load, const NookPlanTask *task,
                            NookSandboxedOptions options) {
        return options.form == NOOK_FORM_SERVICE && !options.is_file &&
               task->user->kind == NOOK_USER_DYNAMIC &&
               load->host->manager_version >= KEEPS_PRIVILEGED;
}

/* Where the ids of dynamic users are noted that no manager has; the paths in it are freed with it.
 */
typedef struct {
        NookUserIds ids;
        char *paths[3];
} Places;

static void places_clear(Places *places) {
        for (gsize i = 0; i < G_N_ELEMENTS(places->paths); i++)
                g_free(places->paths[i]);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Places, places_clear)

static void find_places(const NookLoad *load, Places *ret_places) {
        char *uids = g_build_filename(load->run_dir, "uid", NULL);
        char *allocs = g_build_filename(load->state_dir, "alloc", NULL);
        char *brief = g_build_filename(load->run_dir, "alloc", NULL);

        *ret_places = (Places){.ids = {.uid_dir = uids,
                                       .alloc_dir = allocs,
                                       .brief_dir = brief,
                                       .lock_dir = NOOK_UID_LOCKS,
                                       .mark_dir = NOOK_UID_MARKS},
                               .paths = {uids, allocs, brief}};
}

static bool take_uid(const NookLoad *load, const NookPlanTask *task, uid_t *ret_uid,
                     GError **error) {
        g_auto(Places) places;
        int lock_fd; /* held until nook ends */

        find_places(load, &places);
        return nook_user_ids_take(&places.ids, task->alloc->id, ret_uid, &lock_fd, error);
}

NookSandbox *nook_sandboxed_plan(const NookLoad *load, const NookPlanTask *task,
                                 NookSandboxedOptions options, GError **error) {
        g_autofree char *cover_dir = g_build_filename(load->run_dir, "cover", NULL);
        g_autofree char *filter_dir = g_build_filename(load->run_dir, "filter", NULL);
        struct rlimit limits[RLIM_NLIMITS];
        NookWallsOptions walls = {
                .form = options.form,
                .is_root = geteuid() == 0,
                .is_user_managed = is_user_managed(load, task, options),
                .has_own_pids = nook_sandboxed_has_own_pids(task, options.form),
                .has_terminal = options.has_terminal,
                .dies_with_parent = options.dies_with_parent,
                .keeps_environment = options.keeps_environment,
                .join_pid = options.join_pid,
                .join_flags = options.join_flags,
                .session = options.session,
                .uid = options.join_uid,
                .cover_dir = cover_dir,
                .filter_dir = filter_dir,
        };

        if (!nook_launch_make_covers(cover_dir, error))
                return NULL;
        if (task->user->kind == NOOK_USER_DYNAMIC && !options.join_pid && !walls.is_user_managed &&
            walls.is_root && !take_uid(load, task, &walls.uid, error))
                return NULL;
        /* A service has its manager's limits, but not from every version where its command runs
         * with all rights. */
        if (options.form != NOOK_FORM_SERVICE || walls.is_user_managed) {
                nook_launch_limits(limits);
                walls.limits = limits;
        }
        return nook_walls_new(task, &walls, error);
}

/* --- services -------------------------------------------------------------------------------- */

bool nook_sandboxed_make_service(const NookLoad *load, NookAlloc *alloc, NookPlanTask *task,
                                 NookSandboxedService service, GError **error) {
        NookSandboxedOptions options = {.form = NOOK_FORM_SERVICE,
                                        .has_terminal = service.has_terminal,
                                        .is_file = service.is_file,
                                        .keeps_environment = true};

        if (nook_pam_service_of(task) != NULL)
                return nook_fail(error, NOOK_ERROR_UNSUPPORTED,
                                 "task '%s': PAMName= of a service takes the manager's sandbox: "
                                 "sandbox = \"systemd\"",
                                 task->name);
        g_autoptr(NookSandbox) sandbox = nook_sandboxed_plan(load, task, options, error);

        if (sandbox == NULL)
                return false;

        g_autoptr(GBytes) bytes = nook_sandbox_to_bytes(sandbox);
        g_autofree char *name = nook_plan_task_walls_name(task);
        g_autofree char *path = g_build_filename(nook_alloc_path(alloc), name, NULL);
        gsize size;
        const char *data = g_bytes_get_data(bytes, &size);
        if (!nook_alloc_write_file(alloc, name, data, size, error))
                return false;

        nook_plan_task_set_launcher(task, nook_sandboxed_program(), path,
                                    is_user_managed(load, task, options));
        return true;
}

void nook_sandboxed_forget(const NookLoad *load, const NookPlanAlloc *alloc) {
        g_auto(Places) places;

        find_places(load, &places);
        nook_user_ids_give_back(&places.ids, alloc->id);
}

void nook_sandboxed_sweep(const NookLoad *load) {
        g_auto(Places) places;

        find_places(load, &places);
        nook_user_ids_sweep(&places.ids);
}
