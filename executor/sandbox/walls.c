/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "walls-state.h"

#include <linux/filter.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"

static const guint64 all_capabilities = G_MAXUINT64;

static void walls_init(NookWalls *walls, const NookPlanTask *task,
                       const NookWallsOptions *options) {
        *walls = (NookWalls){
                .task = task,
                .options = options,
                .sandbox = nook_sandbox_new(),
                .filter = nook_filter_new(),
                .bound = all_capabilities,
                .keyring = "private",
                .work_dir = task->work_dir ? task->work_dir : "/",
                .umask = 0022,
                .ignores_pipe = true, /* as systemd has it for who says nothing */
                .unset = g_ptr_array_new(),
                .read_only = g_ptr_array_new(),
                .read_write = g_ptr_array_new(),
                .hidden = g_ptr_array_new(),
                .no_exec = g_ptr_array_new(),
                .may_exec = g_ptr_array_new(),
        };
}

static void walls_clear(NookWalls *walls) {
        nook_sandbox_free(walls->sandbox);
        nook_filter_free(walls->filter);
        g_ptr_array_unref(walls->unset);
        g_ptr_array_unref(walls->read_only);
        g_ptr_array_unref(walls->read_write);
        g_ptr_array_unref(walls->hidden);
        g_ptr_array_unref(walls->no_exec);
        g_ptr_array_unref(walls->may_exec);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(NookWalls, walls_clear)

static bool is_root_task(const NookWalls *walls) {
        return walls->task->user && walls->task->user->kind == NOOK_USER_ROOT;
}

/* --- in the caller's namespaces -------------------------------------------------------------- */

static void add_process_files(NookWalls *walls) {
        g_autofree char *score = g_strdup_printf("%d", walls->oom_score);
        g_autofree char *mask = g_strdup_printf("0x%" G_GINT64_MODIFIER "x", walls->core_filter);

        /* Without rights the score can only be kept or raised. */
        if (walls->options->is_root || walls->oom_score > 0)
                nook_sandbox_add(walls->sandbox, NOOK_OP_PROCESS, .a = "oom_score_adj", .b = score);
        if (walls->has_core_filter)
                nook_sandbox_add(walls->sandbox, NOOK_OP_PROCESS, .a = "coredump_filter",
                                 .b = mask);
}

static void add_limits(NookWalls *walls) {
        const NookWallsSession *session = walls->options->session;
        bool is_set[RLIM_NLIMITS] = {false};

        for (guint i = 0; i < walls->n_limits; i++)
                is_set[walls->limits[i].resource] = true;
        for (int resource = 0; session != NULL && resource < RLIM_NLIMITS; resource++)
                is_set[resource] |= (session->limits_set >> resource & 1) != 0;
        for (int resource = 0; walls->options->limits && resource < RLIM_NLIMITS; resource++)
                if (!is_set[resource])
                        nook_sandbox_add(walls->sandbox, NOOK_OP_LIMIT, .number = resource,
                                         .x = walls->options->limits[resource].rlim_cur,
                                         .y = walls->options->limits[resource].rlim_max);
        for (guint i = 0; i < walls->n_limits; i++)
                if (session == NULL || !(session->limits_set & 1U << walls->limits[i].resource))
                        nook_sandbox_add(walls->sandbox, NOOK_OP_LIMIT,
                                         .number = walls->limits[i].resource,
                                         .x = walls->limits[i].soft, .y = walls->limits[i].hard);
        for (int resource = 0; session != NULL && resource < RLIM_NLIMITS; resource++)
                if (session->limits_set & 1U << resource)
                        nook_sandbox_add(walls->sandbox, NOOK_OP_LIMIT, .number = resource,
                                         .x = session->limits[resource].rlim_cur,
                                         .y = session->limits[resource].rlim_max);
}

/* A mask of CPUs or nodes, padded to the whole words that the kernel reads. */
static void add_mask(NookWalls *walls, NookSandboxOpKind kind, int number, GVariant *bits) {
        guint8 mask[1024] = {0};
        gsize size = 0;
        const void *bytes = bits ? g_variant_get_fixed_array(bits, &size, 1) : NULL;

        size = MIN(size, sizeof mask);
        if (size)
                memcpy(mask, bytes, size);
        nook_sandbox_add(walls->sandbox, kind, .number = number, .blob = mask,
                         .blob_size = (size + 7) / 8 * 8);
}

static void add_scheduling(NookWalls *walls) {
        if (walls->has_cpu_policy)
                nook_sandbox_add(walls->sandbox, NOOK_OP_SCHEDULER, .number = walls->cpu_policy,
                                 .x = (guint64)walls->cpu_priority, .y = walls->cpu_reset_on_fork);
        if (walls->options->session != NULL && walls->options->session->has_nice)
                nook_sandbox_add(walls->sandbox, NOOK_OP_NICE,
                                 .number = walls->options->session->nice);
        else if (walls->has_nice)
                nook_sandbox_add(walls->sandbox, NOOK_OP_NICE, .number = walls->nice);
        if (walls->io_class)
                nook_sandbox_add(walls->sandbox, NOOK_OP_IO_PRIORITY,
                                 .number = walls->io_class << 13 | walls->io_priority);
        if (walls->timer_slack_nsec)
                nook_sandbox_add(walls->sandbox, NOOK_OP_TIMER_SLACK, .x = walls->timer_slack_nsec);
        if (walls->affinity)
                add_mask(walls, NOOK_OP_AFFINITY, 0, walls->affinity);
        if (walls->numa_policy)
                add_mask(walls, NOOK_OP_MEMORY_POLICY, walls->numa_policy, walls->numa_mask);
}

/* --- namespaces ------------------------------------------------------------------------------ */

static guint64 namespace_flags(const NookWalls *walls) {
        guint64 flags = walls->task->is_raw ? 0 : CLONE_NEWNS;

        if (walls->private_ipc)
                flags |= CLONE_NEWIPC;
        if (walls->private_network)
                flags |= CLONE_NEWNET;
        if (walls->own_hostname)
                flags |= CLONE_NEWUTS;
        if (!walls->options->is_root)
                flags |= CLONE_NEWUSER;
        return flags;
}

static void add_namespaces(NookWalls *walls) {
        guint64 flags = namespace_flags(walls);

        if (flags & CLONE_NEWUSER) {
                g_autofree char *uids =
                        g_strdup_printf("%u %u 1\n", (unsigned)getuid(), (unsigned)getuid());
                g_autofree char *gids =
                        g_strdup_printf("%u %u 1\n", (unsigned)getgid(), (unsigned)getgid());

                nook_sandbox_add(walls->sandbox, NOOK_OP_NAMESPACES, .x = flags, .a = uids,
                                 .b = gids);
        } else if (flags) {
                nook_sandbox_add(walls->sandbox, NOOK_OP_NAMESPACES, .x = flags);
        }
        if (walls->private_network)
                nook_sandbox_add(walls->sandbox, NOOK_OP_LOOPBACK);
}

/* A process that waits for its scope must not have forked before: the manager moves it alone. */
static void add_namespaces_and_mounts(NookWalls *walls) {
        bool waits = walls->options->form == NOOK_FORM_SCOPE;

        if (walls->options->join_pid) {
                nook_sandbox_add(walls->sandbox, NOOK_OP_JOIN, .number = walls->options->join_pid,
                                 .x = (guint64)walls->options->join_flags);
                if (waits)
                        nook_sandbox_add(walls->sandbox, NOOK_OP_WAIT);
                if (walls->options->join_flags & CLONE_NEWPID)
                        nook_sandbox_add(walls->sandbox, NOOK_OP_FORK);
                return;
        }

        add_namespaces(walls);
        if (waits && walls->options->has_own_pids)
                nook_sandbox_add(walls->sandbox, NOOK_OP_WAIT);
        if (walls->options->has_own_pids) {
                if (walls->options->dies_with_parent)
                        nook_sandbox_add(walls->sandbox, NOOK_OP_DIE_WITH_PARENT,
                                         .number = SIGKILL);
                nook_sandbox_add(walls->sandbox, NOOK_OP_PID_NAMESPACE);
        }
        if (!walls->task->is_raw) {
                nook_walls_add_mounts(walls);
                nook_sandbox_add(walls->sandbox, NOOK_OP_PIVOT);
        }
        if (walls->options->has_own_pids)
                nook_sandbox_add(walls->sandbox, NOOK_OP_INIT);
}

/* What does not fork waits as late as it can: everything but the filters, which might refuse the
 * waiting, is done while the manager works. */
static void add_late_wait(NookWalls *walls) {
        if (walls->options->form == NOOK_FORM_SCOPE && !walls->options->has_own_pids &&
            !walls->options->join_pid)
                nook_sandbox_add(walls->sandbox, NOOK_OP_WAIT);
}

/* --- rights ---------------------------------------------------------------------------------- */

/* As initgroups() has it: a user's own group is among the supplementary ones too. */
static void add_named_user(NookWalls *walls, const NookPlanUser *user) {
        g_autofree gid_t *groups = g_new(gid_t, user->n_groups + 1);
        gsize n = 0;

        groups[n++] = user->gid;
        for (gsize i = 0; i < user->n_groups; i++)
                if (user->groups[i] != user->gid)
                        groups[n++] = user->groups[i];
        nook_sandbox_add(walls->sandbox, NOOK_OP_USER, .x = user->uid, .y = user->gid,
                         .blob = groups, .blob_size = n * sizeof *groups);
}

static void add_user(NookWalls *walls) {
        const NookPlanUser *user = walls->task->user;

        if (!walls->options->is_root || !user || user->kind == NOOK_USER_SELF)
                return;
        if (user->kind != NOOK_USER_DYNAMIC)
                add_named_user(walls, user);
        else if (walls->options->is_user_managed)
                nook_sandbox_add(walls->sandbox, NOOK_OP_USER, .a = user->name);
        else
                nook_sandbox_add(walls->sandbox, NOOK_OP_USER, .x = walls->options->uid,
                                 .y = walls->options->uid, .blob = &walls->options->uid,
                                 .blob_size = sizeof(gid_t));
}

/* Root regains at execve() what the bounding set holds; others have only what is ambient. */
static void add_rights(NookWalls *walls) {
        guint64 ambient = walls->ambient & walls->bound;

        if (walls->bound != all_capabilities)
                nook_sandbox_add(walls->sandbox, NOOK_OP_BOUND, .x = walls->bound);
        add_user(walls);
        if (is_root_task(walls)) {
                if (walls->bound != all_capabilities)
                        nook_sandbox_add(walls->sandbox, NOOK_OP_CAPS, .x = walls->bound,
                                         .y = ambient);
        } else {
                nook_sandbox_add(walls->sandbox, NOOK_OP_CAPS, .x = ambient, .y = ambient);
        }
        if (walls->options->dies_with_parent)
                nook_sandbox_add(walls->sandbox, NOOK_OP_DIE_WITH_PARENT, .number = SIGKILL);
}

/* A filter can be loaded by who has rights or gains none: as systemd does, the second is implied.
 */
static bool add_filters(NookWalls *walls, GError **error) {
        g_autoptr(GPtrArray) programs = NULL;

        if (nook_filter_is_needed(walls->filter)) {
                programs = nook_filter_compile(walls->filter, walls->options->filter_dir, error);
                if (!programs)
                        return false;
        }
        if (walls->no_new_privileges || programs)
                nook_sandbox_add(walls->sandbox, NOOK_OP_NO_NEW_PRIVILEGES);
        for (guint i = 0; programs && i < programs->len; i++) {
                gsize size;
                const void *program = g_bytes_get_data(g_ptr_array_index(programs, i), &size);

                nook_sandbox_add(walls->sandbox, NOOK_OP_SECCOMP, .blob = program,
                                 .blob_size = size);
        }
        return true;
}

/* --- the program ----------------------------------------------------------------------------- */

static bool has_env(const NookPlanTask *task, const char *name) {
        gsize size = strlen(name);

        for (char **entry = task->env; entry && *entry; entry++)
                if (strncmp(*entry, name, size) == 0 && (*entry)[size] == '=')
                        return true;
        return false;
}

static void add_default(NookWalls *walls, const char *name, const char *value) {
        if (!value || has_env(walls->task, name))
                return;

        g_autofree char *entry = g_strconcat(name, "=", value, NULL);
        nook_sandbox_add(walls->sandbox, NOOK_OP_ENVIRONMENT, .a = entry);
}

/* A manager gives a service with a user these; here nobody else does. */
static void add_login(NookWalls *walls) {
        const NookPlanUser *user = walls->task->user;

        if (!user || (walls->options->form == NOOK_FORM_SERVICE && walls->options->is_user_managed))
                return;
        add_default(walls, "USER", user->name);
        add_default(walls, "LOGNAME", user->name);
        if (user->kind != NOOK_USER_DYNAMIC) {
                add_default(walls, "HOME", user->home);
                add_default(walls, "SHELL", user->shell);
        }
}

static void add_environment(NookWalls *walls) {
        if (walls->options->keeps_environment)
                nook_sandbox_add(walls->sandbox, NOOK_OP_KEEP_ENVIRONMENT);
        for (guint i = 0; i < walls->unset->len; i++)
                nook_sandbox_add(walls->sandbox, NOOK_OP_UNSET,
                                 .a = g_ptr_array_index(walls->unset, i));

        /* A service has its variables from its environment file. */
        if (walls->options->form != NOOK_FORM_SERVICE) {
                for (char **entry = walls->task->env; entry && *entry; entry++)
                        nook_sandbox_add(walls->sandbox, NOOK_OP_ENVIRONMENT, .a = *entry);
                add_default(walls, "PATH",
                            "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
                add_default(walls, "LANG", "C.UTF-8");
        }
        add_login(walls);
}

static void add_program(NookWalls *walls) {
        const NookPlanTask *task = walls->task;

        nook_sandbox_add(walls->sandbox, NOOK_OP_ARGUMENT, .a = task->command);
        for (char **word = task->argv + 1; *word; word++)
                nook_sandbox_add(walls->sandbox, NOOK_OP_ARGUMENT, .a = *word);
        nook_sandbox_add(walls->sandbox, NOOK_OP_EXEC, .a = task->command);
}

NookSandbox *nook_walls_new(const NookPlanTask *task, const NookWallsOptions *options,
                            GError **error) {
        g_auto(NookWalls) walls;

        walls_init(&walls, task, options);
        for (guint i = 0; task->exec && i < task->exec->settings->len; i++)
                if (!nook_walls_read(&walls, g_ptr_array_index(task->exec->settings, i), error))
                        return NULL;
        if (!options->is_root && !task->is_raw && !options->has_own_pids)
                return nook_fail(error, NOOK_ERROR_UNSUPPORTED,
                                 "a user without rights can have a /proc only in a PID namespace "
                                 "of its own"),
                       NULL;

        add_process_files(&walls);
        add_limits(&walls);
        add_scheduling(&walls);
        add_namespaces_and_mounts(&walls);
        nook_sandbox_add(walls.sandbox, options->has_terminal ? NOOK_OP_TERMINAL : NOOK_OP_SESSION);
        if (strcmp(walls.keyring, "inherit") != 0)
                nook_sandbox_add(walls.sandbox, NOOK_OP_KEYRING,
                                 .number = strcmp(walls.keyring, "shared") == 0);
        if (walls.ignores_pipe)
                nook_sandbox_add(walls.sandbox, NOOK_OP_IGNORE_PIPE);
        if (options->session != NULL && options->session->has_umask)
                walls.umask = (int)options->session->umask;
        nook_sandbox_add(walls.sandbox, NOOK_OP_UMASK, .number = walls.umask);
        add_rights(&walls);
        nook_sandbox_add(walls.sandbox, NOOK_OP_DIRECTORY_WORKING, .a = walls.work_dir,
                         .flags = walls.work_dir_is_optional ? NOOK_OP_OPTIONAL : 0);
        add_late_wait(&walls);
        if (!add_filters(&walls, error))
                return NULL;
        add_environment(&walls);
        add_program(&walls);
        return g_steal_pointer(&walls.sandbox);
}
