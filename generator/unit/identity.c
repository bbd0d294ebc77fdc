/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "unit/build.h"
#include "unit/convert.h"

/* Who a task is and which capabilities it keeps. By default a user of its own, that exists as long
 * as the allocation runs, and none. */

/* systemd's range of dynamic users, whom it knows by name like all others: those of other
 * allocations are among them, and their names are no secret. Source: systemd's UIDS-GIDS. */
enum { DYNAMIC_UID_FIRST = 61184, DYNAMIC_UID_LAST = 65519 };

static void set_user(NookBuild *build, NookUserKind kind, const char *name, const char *home) {
        NookPlanUser *user = g_new0(NookPlanUser, 1);

        user->kind = kind;
        user->name = g_strdup(name);
        user->home = g_strdup(home);
        user->shell = g_strdup("/usr/sbin/nologin");
        user->range = build->task->user.range;
        build->made->user = user;
}

/* The login variables win over the job's own where the user has an entry of the host's, as they do
 * in Nomad; a dynamic user has none, so the job may set a better HOME. */
static void set_login(NookBuild *build, bool is_forced) {
        const NookPlanUser *user = build->made->user;
        const char *const login[][2] = {
                {"USER", user->name}, {"LOGNAME", user->name}, {"HOME", user->home}};

        for (gsize i = 0; i < G_N_ELEMENTS(login); i++)
                if (is_forced || !g_hash_table_contains(build->env, login[i][0]))
                        nook_build_env_set(build, login[i][0], login[i][1]);
}

static void use_dynamic_user(NookBuild *build) {
        static const char reason[] = "a user of its own: other tasks' processes and files are "
                                     "out of reach";

        set_user(build, NOOK_USER_DYNAMIC, build->alloc->user_name, "/");
        set_login(build, false);
        nook_build_add_text(build, "DynamicUser", "yes", NOOK_ORIGIN_WALL, reason, NOOK_RANGE_NONE);
        nook_build_add_text(build, "User", build->alloc->user_name, NOOK_ORIGIN_WALL, reason,
                            NOOK_RANGE_NONE);
}

/* detail speaks of "the user" and follows the name. */
static bool refuse(NookBuild *build, const char *name, const char *detail) {
        nook_diags_error(build->diags, build->task->user.range, "User not allowed",
                         "User \"%s\" %s.", name, detail);
        return false;
}

/* Whether the operator lets a job run as this user. */
static bool check_user(NookBuild *build, const NookHostUser *user) {
        const NookHostUser *worker = nook_host_user(build->host, NOOK_WORKER_USER);
        const char *driver = build->task->driver.text;
        const char *name = user->name;

        if (user->uid >= DYNAMIC_UID_FIRST && user->uid <= DYNAMIC_UID_LAST)
                return refuse(build, name,
                              "is the user of its own that another unit has while it runs: what "
                              "that unit keeps to itself would be this task's too");
        if (worker != NULL && worker->uid == user->uid)
                return refuse(build, name,
                              "is who downloads and unpacks artifacts: its tasks could reach into "
                              "the downloads of other jobs");
        if (nook_config_denies_user(build->config, driver, name))
                return refuse(build, name,
                              "is in user.denylist; the operator may set client { options = { "
                              "\"user.denylist\" = \"\" } } in /etc/nook");
        if (user->uid == 0 && !g_str_equal(name, "root") &&
            nook_config_denies_user(build->config, driver, "root"))
                return refuse(build, name, "is another name of root, which is in user.denylist");
        if (nook_config_denies_uid(build->config, driver, user->uid))
                return refuse(build, name, "has a uid that is in denied_host_uids");
        if (nook_config_denies_gid(build->config, driver, user->gid))
                return refuse(build, name, "has a group that is in denied_host_gids");
        for (guint i = 0; i < user->n_groups; i++)
                if (nook_config_denies_gid(build->config, driver, user->groups[i]))
                        return refuse(build, name, "has a group that is in denied_host_gids");
        return true;
}

/* Group 0 reads what ProtectProc= hides from all others. */
static bool has_root_group(const NookHostUser *user) {
        for (guint i = 0; i < user->n_groups; i++)
                if (user->groups[i] == 0)
                        return true;
        return user->gid == 0;
}

static void use_host_user(NookBuild *build, const NookHostUser *host_user, NookRange range) {
        NookPlanUser *user;

        set_user(build, host_user->uid == 0 ? NOOK_USER_ROOT : NOOK_USER_STATIC, host_user->name,
                 host_user->home != NULL && *host_user->home != '\0' ? host_user->home : "/");
        user = build->made->user;
        user->uid = host_user->uid;
        user->gid = host_user->gid;
        user->n_groups = host_user->n_groups;
        if (host_user->n_groups > 0)
                user->groups = g_memdup2(host_user->groups,
                                         host_user->n_groups * sizeof *host_user->groups);
        if (host_user->shell != NULL) {
                g_free(user->shell);
                user->shell = g_strdup(host_user->shell);
        }
        set_login(build, true);
        nook_build_add_text(build, "User", user->name, NOOK_ORIGIN_JOB, "the job's user", range);
}

static void use_named_user(NookBuild *build, const char *name) {
        const NookRange range = build->task->user.range;
        const NookHostUser *user = nook_host_user(build->host, name);

        if (user == NULL) {
                nook_diags_error(build->diags, range, "Unknown user",
                                 "There is no user \"%s\" on this host.", name);
                use_dynamic_user(build);
                return;
        }
        if (!check_user(build, user)) {
                use_dynamic_user(build);
                return;
        }
        if (user->uid != 0 && has_root_group(user)) {
                (void)refuse(build, name, "is in group 0, from which /proc hides nothing");
                use_dynamic_user(build);
                return;
        }
        use_host_user(build, user, range);
        if (user->uid != 0 && !build->made->is_raw)
                nook_build_note(build,
                                "task \"%s\" runs as \"%s\": tasks and processes of that user can "
                                "read each other's environment, files and secrets; without "
                                "`user` each allocation has a user of its own",
                                build->made->name, name);
}

/* --- capabilities -------------------------------------------------------------------------------
 */

/* One name of cap_add; "all" is every one that the operator allows. */
static guint64 granted_by(NookBuild *build, NookText text) {
        int capability;
        guint64 mask = 0;

        if (g_ascii_strcasecmp(text.text, "all") == 0) {
                for (int i = 0; nook_capability_to_text(i) != NULL; i++)
                        if (nook_config_allows_cap(build->config, nook_capability_to_text(i)))
                                mask |= G_GUINT64_CONSTANT(1) << i;
                return mask;
        }
        capability = nook_capability_from_text(text.text);
        if (capability < 0) {
                nook_diags_error(build->diags, text.range, "Unknown capability",
                                 "\"%s\" is no capability.", text.text);
                return 0;
        }
        if (nook_config_allows_cap(build->config, text.text))
                return G_GUINT64_CONSTANT(1) << capability;
        nook_diags_error(
                build->diags, text.range, "Capability not allowed",
                "\"%s\" is not in allow_caps" NOOK_ALLOW_LINES("exec", "allow_caps = [\"%s\"]"),
                text.text, text.text);
        return 0;
}

/* What a job asks back, as far as the operator grants it: Nomad's own default of thirteen
 * capabilities is not taken over. cap_drop can therefore only name what is not there. */
static void set_capabilities(NookBuild *build) {
        const NookExecConfig *exec = &build->task->exec;
        guint64 mask = 0;
        NookOrigin origin = exec->cap_add.count > 0 ? NOOK_ORIGIN_JOB : NOOK_ORIGIN_WALL;
        NookRange range = exec->cap_add.range;

        for (guint i = 0; i < exec->cap_add.count; i++)
                mask |= granted_by(build, exec->cap_add.items[i]);
        for (guint i = 0; i < exec->cap_drop.count; i++)
                if (g_ascii_strcasecmp(exec->cap_drop.items[i].text, "all") != 0 &&
                    nook_capability_from_text(exec->cap_drop.items[i].text) < 0)
                        nook_diags_error(build->diags, exec->cap_drop.items[i].range,
                                         "Unknown capability", "\"%s\" is no capability.",
                                         exec->cap_drop.items[i].text);
        build->made->capabilities = mask;
        if (build->options->is_user)
                return;
        nook_build_add(build, "CapabilityBoundingSet", g_variant_new_uint64(mask), origin,
                       "capabilities that can ever be had", range);
        nook_build_add(build, "AmbientCapabilities",
                       g_variant_new_uint64(build->made->user->kind == NOOK_USER_ROOT ? 0 : mask),
                       origin, "capabilities at the start", range);
}

static void check_raw_user(NookBuild *build) {
        if (nook_config_denies_uid(build->config, "raw_exec", 0))
                nook_diags_error(build->diags, build->task->driver.range, "User not allowed",
                                 "A raw_exec task without `user` runs as root, which "
                                 "denied_host_uids forbids.");
}

void nook_build_identity(NookBuild *build) {
        g_autofree char *name =
                build->task->user.text != NULL ? nook_build_text(build, build->task->user) : NULL;
        bool is_named = name != NULL && *name != '\0';

        if (build->options->is_user) {
                set_user(build, NOOK_USER_SELF, g_get_user_name(), g_get_home_dir());
                set_login(build, true);
                if (is_named && !g_str_equal(name, g_get_user_name()))
                        (void)refuse(build, name, "is not who runs this manager");
        } else if (is_named) {
                use_named_user(build, name);
        } else if (build->made->is_raw) {
                check_raw_user(build);
                set_user(build, NOOK_USER_ROOT, "root", "/root");
                set_login(build, true);
        } else {
                use_dynamic_user(build);
        }
        if (!build->made->is_raw)
                set_capabilities(build);
}
