/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <linux/capability.h>
#include <string.h>
#include <sys/mount.h>

#include "unit/build.h"
#include "unit/convert.h"

/* The task's root: an ordered list of mounts on an empty skeleton, and the directives that make the
 * manager mount them. */

#define SHM_OPTIONS   "mode=1777,size=64M,nosuid,nodev,noexec"
#define EMPTY_OPTIONS "ro,mode=0000,size=4k,nosuid,nodev,noexec"
#define ODD_DIRECTORY "/.nook"

static NookMount *add(NookBuild *build, NookMountKind kind, NookMountRole role,
                      const char *destination, const char *source) {
        return nook_plan_add_mount(build->made, kind, role, destination, source);
}

/* What every root has, in the skeleton and from the kernel. */
static void add_system(NookBuild *build) {
        static const char *const directories[] = {
                "/alloc",
                "/dev",
                "/etc",
                "/home",
                "/local",
                "/proc",
                "/root",
                "/run",
                "/secrets",
                "/sys",
                "/tmp",
                "/usr",
                "/var",
                "/var/tmp",
                /* Mount points that the manager makes below /run before it covers it: there from
                 * the beginning, so that no start changes the skeleton. */
                "/run/host",
                "/run/host/.os-release-stage",
                "/run/systemd",
                "/run/systemd/incoming",
                "/run/user",
        };
        static const struct {
                NookMountKind kind;
                const char *destination;
        } api[] = {
                {NOOK_MOUNT_ROOT, "/"},   {NOOK_MOUNT_PROC, "/proc"}, {NOOK_MOUNT_SYS, "/sys"},
                {NOOK_MOUNT_DEV, "/dev"}, {NOOK_MOUNT_TMPFS, "/run"},
        };

        for (gsize i = 0; i < G_N_ELEMENTS(directories); i++)
                (void)nook_skeleton_spec_add_directory(build->skeleton, directories[i]);
        (void)nook_skeleton_spec_add_link(build->skeleton, "/var/run", "../run");
        (void)nook_skeleton_spec_add_link(build->skeleton, "/run/host/os-release",
                                          ".os-release-stage/os-release");
        for (gsize i = 0; i < G_N_ELEMENTS(api); i++) {
                NookMount *mount =
                        add(build, api[i].kind, NOOK_ROLE_SYSTEM, api[i].destination, NULL);

                mount->is_read_only = true;
                mount->is_implied = true;
        }
        if (!build->made->is_host_ipc)
                add(build, NOOK_MOUNT_TMPFS, NOOK_ROLE_SYSTEM, "/dev/shm", NULL)->options =
                        g_strdup(SHM_OPTIONS);
}

/* --- the task's own directories -----------------------------------------------------------------
 */

static void add_own(NookBuild *build, NookMountRole role, const char *destination,
                    const char *source, mode_t mode) {
        const NookPlanUser *user = build->made->user;
        NookPlanDirectory *directory;

        (void)add(build, NOOK_MOUNT_BIND, role, destination, source);
        nook_plan_add_directory(build->made->directories, source, mode);
        directory = g_ptr_array_index(build->made->directories, build->made->directories->len - 1);
        if (user->kind != NOOK_USER_STATIC)
                return;
        directory->owner = NOOK_OWNER_TASK;
        directory->uid = user->uid;
        directory->gid = user->gid;
}

/* The uid of a dynamic user is not known yet, so its directories are everybody's, below parents
 * that are root's alone. */
static void add_own_directories(NookBuild *build) {
        NookPlanTask *made = build->made;
        bool is_dynamic = made->user->kind == NOOK_USER_DYNAMIC;
        g_autofree char *name = nook_name_for_path(made->name);
        g_autofree char *alloc = g_strdup_printf("%s/alloc", build->alloc->dir);
        g_autofree char *own = g_strdup_printf("%s/%s", build->alloc->dir, name);
        g_autofree char *local = g_strdup_printf("%s/local", own);
        g_autofree char *tmp = g_strdup_printf("%s/tmp", own);

        nook_plan_add_directory(made->directories, own, 0700);
        if (made->is_raw) {
                nook_plan_add_directory(made->directories, local, 0755);
                nook_plan_add_directory(made->directories, tmp, 01777);
                nook_plan_add_directory(made->directories, made->secrets_dir, 0700);
                return;
        }
        (void)add(build, NOOK_MOUNT_BIND, NOOK_ROLE_ALLOC, "/alloc", alloc);
        add_own(build, NOOK_ROLE_LOCAL, "/local", local, is_dynamic ? 0777 : 0755);
        if (is_dynamic && made->builder == NOOK_BUILDER_MANAGER &&
            nook_build_version(build) >= 257) {
                /* DynamicUser= brings a tmpfs that covers whatever is bound on /tmp. The directory
                 * is made all the same: a unit file may have been written for another version. */
                nook_plan_add_directory(made->directories, tmp, 01777);
                add(build, NOOK_MOUNT_TMPFS, NOOK_ROLE_TMP, "/tmp", NULL)->is_implied = true;
                nook_build_note(build,
                                "task \"%s\": /tmp is a tmpfs of the manager's (systemd 257 and "
                                "later, with a dynamic user), which counts as memory",
                                made->name);
        } else {
                add_own(build, NOOK_ROLE_TMP, "/tmp", tmp, 01777);
        }
        add_own(build, NOOK_ROLE_SECRETS, "/secrets", made->secrets_dir, is_dynamic ? 0777 : 0700);
        ((NookMount *)g_ptr_array_index(made->mounts, made->mounts->len - 1))->is_no_exec = true;
}

/* --- what is hidden or sealed -------------------------------------------------------------------
 */

static void add_hidden(NookBuild *build, const char *path) {
        add(build, NOOK_MOUNT_HIDDEN, NOOK_ROLE_SYSTEM, path, NULL)->is_optional = true;
}

static bool has_mount_in(const NookPlanTask *made, const char *place) {
        size_t size = strlen(place);

        for (guint i = 0; i < made->mounts->len; i++) {
                const NookMount *mount = g_ptr_array_index(made->mounts, i);
                const char *there = mount->destination;

                if (strncmp(there, place, size) == 0 && (there[size] == '\0' || there[size] == '/'))
                        return true;
        }
        return false;
}

/* Huge pages of the host, whose directory the manager puts into every /dev that it makes. For a
 * file system it would make the mount point, be it in the host's own /dev, so that takes a host
 * which has it. */
static void add_huge_pages(NookBuild *build) {
        static const char place[] = "/dev/hugepages";
        NookMount *mount;

        if (nook_host_path(build->host, place)->kind != NOOK_PATH_DIR ||
            has_mount_in(build->made, place)) {
                add_hidden(build, place);
                return;
        }
        mount = add(build, NOOK_MOUNT_TMPFS, NOOK_ROLE_SYSTEM, place, NULL);
        mount->options = g_strdup(EMPTY_OPTIONS);
        mount->is_read_only = true;
}

static void add_sealed(NookBuild *build, const char *path, bool is_optional) {
        NookMount *mount = add(build, NOOK_MOUNT_SEALED, NOOK_ROLE_SYSTEM, path, NULL);

        mount->is_read_only = true;
        mount->is_optional = is_optional;
}

/* File modes keep these from every other user, and each costs the manager several ms. */
static bool may_override_modes(const NookPlanTask *made) {
        const guint64 overriding = G_GUINT64_CONSTANT(1) << CAP_DAC_OVERRIDE |
                                   G_GUINT64_CONSTANT(1) << CAP_DAC_READ_SEARCH;

        return made->user->kind == NOOK_USER_ROOT || (made->capabilities & overriding) != 0;
}

/* The homes of our root are empty, so all that ProtectHome= has to do is to keep them so. "yes"
 * puts a closed directory over each, for which the manager reads the whole mount table four times.
 * With "tmpfs" a path that is named read-only as well goes before the empty file system, and being
 * a part of a read-only root it takes no mount at all. But only "yes" goes before a bind at the
 * same place, so it stays where the plan has one. */
static void add_homes(NookBuild *build) {
        static const char *const homes[] = {"/home", "/root", "/run/user"};
        const NookSetting *setting = nook_unit_find(build->unit, "ProtectHome");

        if (setting == NULL || setting->origin != NOOK_ORIGIN_WALL)
                return;
        for (gsize i = 0; i < G_N_ELEMENTS(homes); i++)
                if (has_mount_in(build->made, homes[i]))
                        return;
        nook_build_add_text(build, "ProtectHome", "tmpfs", NOOK_ORIGIN_WALL, setting->reason,
                            NOOK_RANGE_NONE);
        /* In a root that nook's sandbox builds, /run is a file system of its own without this one.
         */
        for (gsize i = 0; i < G_N_ELEMENTS(homes); i++)
                add_sealed(build, homes[i], g_str_has_prefix(homes[i], "/run/"));
}

static void add_seals(NookBuild *build) {
        static const char *const secrets[] = {
                "/etc/shadow",        "/etc/gshadow",     "/etc/ssh",
                "/proc/keys",         "/proc/slabinfo",   "/proc/vmallocinfo",
                "/proc/pagetypeinfo", "/proc/timer_list", "/sys/fs/selinux",
        };

        add_sealed(build, "/run", false);
        add_sealed(build, "/var/tmp", true);
        add_huge_pages(build);
        for (gsize i = 0; i < G_N_ELEMENTS(secrets) && may_override_modes(build->made); i++)
                add_hidden(build, secrets[i]);
}

static void add_helper(NookBuild *build) {
        g_autofree char *source = g_strdup_printf("%s/nook-argv", build->options->libexec_dir);
        NookMount *mount;

        if (build->made->argv_how != NOOK_ARGV_HELPER)
                return;
        mount = add(build, NOOK_MOUNT_BIND, NOOK_ROLE_HELPER, NOOK_ARGV_PROGRAM, source);
        mount->is_read_only = true;
        mount->is_file = true;
}

/* --- names that systemd cannot carry ------------------------------------------------------------
 */

/* A transient unit's file writes bind paths without quotes. What is not plainly harmless goes by a
 * clean name. */
static bool is_odd(const char *path) {
        for (const char *c = path; *c != '\0'; c++)
                if (!g_ascii_isalnum(*c) && strchr("_./,@+-=~", *c) == NULL)
                        return true;
        return false;
}

static void clean_source(NookBuild *build, NookMount *mount) {
        NookPlanTask *made = build->made;
        g_autofree char *name = nook_name_for_path(made->name);
        NookPlanLink *link;

        if (mount->source == NULL)
                return;
        if (!is_odd(mount->source)) {
                mount->sent_source = g_strdup(mount->source);
                return;
        }
        link = g_new0(NookPlanLink, 1);
        link->path = g_strdup_printf("%s/link/%s.%s/%u", build->options->run_dir, build->alloc->id,
                                     name, made->links->len);
        link->target = g_strdup(mount->source);
        g_ptr_array_add(made->links, link);
        mount->sent_source = g_strdup(link->path);
}

/* The mount that covers a path among the first n. */
static const NookMount *cover_of(const NookPlanTask *made, const char *path, guint n) {
        const NookMount *found = NULL;
        size_t found_size = 0;

        for (guint i = 0; i < n; i++) {
                const NookMount *mount = g_ptr_array_index(made->mounts, i);
                size_t size = strlen(mount->destination);

                if (mount->kind == NOOK_MOUNT_SEALED || mount->kind == NOOK_MOUNT_HIDDEN)
                        continue;
                if (strncmp(path, mount->destination, size) != 0 ||
                    (size > 1 && path[size] != '/') || size < found_size)
                        continue;
                found = mount;
                found_size = size;
        }
        return found;
}

static void clean_destination(NookBuild *build, NookMount *mount, guint index,
                              const NookMount *cover) {
        g_autofree char *clean = NULL;

        if (!is_odd(mount->destination))
                return;
        if (cover->kind != NOOK_MOUNT_ROOT) {
                nook_diags_error(build->diags, mount->range, "Unsupported destination",
                                 "\"%s\" has characters that systemd cannot carry in a bind, and "
                                 "lies below \"%s\", where no link can be put.",
                                 mount->destination, cover->destination);
                return;
        }
        clean = g_strdup_printf("%s/%u", ODD_DIRECTORY, index);
        if (!nook_skeleton_spec_add_link(build->skeleton, mount->destination, clean))
                nook_diags_error(build->diags, mount->range, "Destination used twice",
                                 "There is already something at \"%s\".", mount->destination);
        mount->wanted = mount->destination;
        mount->destination = g_steal_pointer(&clean);
}

/* A mount point in another bind is made by the manager where it is missing, that is, in the host's
 * own directory. That must not happen to a directory that is not the task's. */
static void check_point_in_bind(NookBuild *build, const NookMount *mount, const NookMount *cover) {
        g_autofree char *on_host =
                g_strconcat(cover->source, mount->destination + strlen(cover->destination), NULL);
        const NookHostPath *path;

        if (!cover->is_read_only && cover->role != NOOK_ROLE_BLOCK)
                return;
        path = nook_host_path(build->host, on_host);
        if (path->kind != NOOK_PATH_MISSING && path->kind != NOOK_PATH_LINK)
                return;
        nook_diags_error(build->diags, mount->range, "Missing mount point",
                         "\"%s\" lies below \"%s\", and \"%s\" is %s on this host; nook makes no "
                         "directories in the host's own.",
                         mount->destination, cover->destination, on_host,
                         path->kind == NOOK_PATH_LINK ? "a link" : "missing");
}

static void add_mount_point(NookBuild *build, NookMount *mount, guint index) {
        const NookMount *cover = cover_of(build->made, mount->destination, index);
        bool is_new;

        if (mount->kind == NOOK_MOUNT_ROOT || mount->kind == NOOK_MOUNT_SEALED ||
            mount->kind == NOOK_MOUNT_HIDDEN)
                return;
        clean_destination(build, mount, index, cover);
        if (cover->kind == NOOK_MOUNT_BIND && mount->wanted == NULL)
                check_point_in_bind(build, mount, cover);
        if (cover->kind != NOOK_MOUNT_ROOT)
                return;
        is_new = mount->is_file
                         ? nook_skeleton_spec_add_file(build->skeleton, mount->destination)
                         : nook_skeleton_spec_add_directory(build->skeleton, mount->destination);
        if (!is_new)
                nook_diags_error(build->diags, mount->range, "Destination used twice",
                                 "There is already something else at \"%s\".", mount->destination);
}

/* --- directives ---------------------------------------------------------------------------------
 */

static void add_binds(NookBuild *build, const char *key, bool is_read_only, const char *reason) {
        const NookPlanTask *made = build->made;
        g_auto(GVariantBuilder) binds = G_VARIANT_BUILDER_INIT(G_VARIANT_TYPE("a(ssbt)"));
        guint n = 0;

        for (guint i = 0; i < made->mounts->len; i++) {
                const NookMount *mount = g_ptr_array_index(made->mounts, i);

                if (mount->kind != NOOK_MOUNT_BIND || mount->is_read_only != is_read_only)
                        continue;
                g_variant_builder_add(&binds, "(ssbt)", mount->sent_source, mount->destination,
                                      (gboolean)mount->is_optional,
                                      (guint64)(mount->is_recursive ? MS_REC : 0));
                n++;
        }
        if (n > 0)
                nook_build_add(build, key, g_variant_builder_end(&binds), NOOK_ORIGIN_WALL, reason,
                               NOOK_RANGE_NONE);
}

static void add_tmpfs(NookBuild *build) {
        const NookPlanTask *made = build->made;
        g_auto(GVariantBuilder) pairs = G_VARIANT_BUILDER_INIT(G_VARIANT_TYPE("a(ss)"));
        guint n = 0;

        for (guint i = 0; i < made->mounts->len; i++) {
                const NookMount *mount = g_ptr_array_index(made->mounts, i);

                if (mount->kind != NOOK_MOUNT_TMPFS || mount->is_implied)
                        continue;
                g_variant_builder_add(&pairs, "(ss)", mount->destination,
                                      mount->options ? mount->options : "");
                n++;
        }
        if (n > 0)
                nook_build_add(build, "TemporaryFileSystem", g_variant_builder_end(&pairs),
                               NOOK_ORIGIN_WALL,
                               "shared memory of its own, no huge pages of the host's",
                               NOOK_RANGE_NONE);
}

/* Path lists need the `+`: without it they name the host's path and do nothing. */
static void add_paths(NookBuild *build, const char *key, NookMountKind kind, bool is_no_exec,
                      const char *reason) {
        const NookPlanTask *made = build->made;
        g_autoptr(GPtrArray) paths = g_ptr_array_new_with_free_func(g_free);

        for (guint i = 0; i < made->mounts->len; i++) {
                const NookMount *mount = g_ptr_array_index(made->mounts, i);

                if (mount->kind != kind || mount->is_no_exec != is_no_exec)
                        continue;
                g_ptr_array_add(paths, g_strdup_printf("%s+%s", mount->is_optional ? "-" : "",
                                                       mount->destination));
        }
        if (paths->len > 0)
                nook_build_add(
                        build, key,
                        g_variant_new_strv((const char *const *)paths->pdata, (gssize)paths->len),
                        NOOK_ORIGIN_WALL, reason, NOOK_RANGE_NONE);
}

static void add_directives(NookBuild *build) {
        nook_build_add_text(build, "RootDirectory", build->made->skeleton->path, NOOK_ORIGIN_WALL,
                            "an empty root that only mount points are in", NOOK_RANGE_NONE);
        add_binds(build, "BindReadOnlyPaths", true, "what the task sees of the host");
        add_binds(build, "BindPaths", false, "the task's own directories");
        add_tmpfs(build);
        add_paths(build, "ReadOnlyPaths", NOOK_MOUNT_SEALED, false,
                  "what ProtectSystem= leaves writable");
        add_paths(build, "InaccessiblePaths", NOOK_MOUNT_HIDDEN, false,
                  "what neither modes nor other walls keep away");
        add_paths(build, "NoExecPaths", NOOK_MOUNT_BIND, true, "secrets are no programs");
}

void nook_build_root(NookBuild *build) {
        NookPlanTask *made = build->made;

        if (made->is_raw) {
                add_own_directories(build);
                return;
        }
        add_system(build);
        nook_build_chroot(build);
        add_own_directories(build);
        nook_build_volumes(build);
        add_helper(build);
        while (build->block_mounts->len > 0)
                g_ptr_array_add(made->mounts, g_ptr_array_steal_index(build->block_mounts, 0));
        add_homes(build);
        add_seals(build);
        for (guint i = 0; i < made->mounts->len; i++) {
                clean_source(build, g_ptr_array_index(made->mounts, i));
                add_mount_point(build, g_ptr_array_index(made->mounts, i), i);
        }
        made->skeleton = nook_skeleton_spec_finish(build->skeleton, build->options->run_dir);
        ((NookMount *)g_ptr_array_index(made->mounts, 0))->source = g_strdup(made->skeleton->path);
        add_directives(build);
}
