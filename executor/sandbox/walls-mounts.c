/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "walls-state.h"

#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

static const guint64 sealed = MOUNT_ATTR_RDONLY;
static const guint64 no_ids = MOUNT_ATTR_NOSUID;
static const guint64 plain = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC;

static void seal(NookWalls *walls, const char *path, guint64 set, guint64 clear, unsigned flags) {
        nook_sandbox_add(walls->sandbox, NOOK_OP_SEAL, .b = path, .x = set, .y = clear,
                         .flags = flags | NOOK_OP_RECURSIVE);
}

static void hide(NookWalls *walls, const char *path, unsigned flags) {
        nook_sandbox_add(walls->sandbox, NOOK_OP_HIDE, .a = walls->options->cover_dir, .b = path,
                         .x = sealed | plain, .flags = flags);
}

/* --- /proc ----------------------------------------------------------------------------------- */

/* What ProtectKernelTunables= seals and hides below /proc. Source: systemd.exec(5). */
static const char *const sealed_below_proc[] = {"/proc/acpi",
                                                "/proc/apm",
                                                "/proc/asound",
                                                "/proc/bus",
                                                "/proc/fs",
                                                "/proc/irq",
                                                "/proc/mtrr",
                                                "/proc/scsi",
                                                "/proc/sysrq-trigger",
                                                "/proc/sys",
                                                "/proc/latency_stats",
                                                "/proc/timer_stats"};
static const char *const hidden_below_proc[] = {"/proc/kallsyms", "/proc/kcore"};

static void add_proc(NookWalls *walls, const char *place) {
        g_autoptr(GString) options = g_string_new(NULL);

        if (walls->protect_proc && strcmp(walls->protect_proc, "default") != 0)
                g_string_append_printf(options, "hidepid=%s", walls->protect_proc);
        if (walls->proc_subset && strcmp(walls->proc_subset, "pid") == 0)
                g_string_append_printf(options, "%ssubset=pid", options->len ? "," : "");
        nook_sandbox_add(walls->sandbox, NOOK_OP_PROC, .b = place,
                         .a = options->len ? options->str : NULL, .x = plain);

        for (gsize i = 0; walls->protects_tunables && i < G_N_ELEMENTS(sealed_below_proc); i++)
                seal(walls, sealed_below_proc[i], sealed, 0, NOOK_OP_OPTIONAL);
        for (gsize i = 0; walls->protects_tunables && i < G_N_ELEMENTS(hidden_below_proc); i++)
                hide(walls, hidden_below_proc[i], NOOK_OP_OPTIONAL);
        if (walls->protects_logs)
                hide(walls, "/proc/kmsg", NOOK_OP_OPTIONAL);
}

/* --- /dev ------------------------------------------------------------------------------------ */

/* Our /dev has this one empty and closed: what a plan has over it is not needed. */
static const char huge_pages[] = "/dev/hugepages";

static const struct {
        const char *name;
        unsigned major;
        unsigned minor;
} devices[] = {{"null", 1, 3},   {"zero", 1, 5},    {"full", 1, 7},
               {"random", 1, 8}, {"urandom", 1, 9}, {"tty", 5, 0}};

static const struct {
        const char *name;
        const char *text;
} device_links[] = {{"ptmx", "pts/ptmx"},          {"fd", "/proc/self/fd"},
                    {"stdin", "/proc/self/fd/0"},  {"stdout", "/proc/self/fd/1"},
                    {"stderr", "/proc/self/fd/2"}, {"log", "/run/systemd/journal/dev-log"}};

/* A user without rights makes no nodes: the host's are bound to empty files. */
static void add_node(NookWalls *walls, const char *path, const char *host, dev_t device) {
        if (walls->options->is_root) {
                nook_sandbox_add(walls->sandbox, NOOK_OP_DEVICE, .b = path, .x = device,
                                 .y = S_IFCHR | 0666);
                return;
        }
        nook_sandbox_add(walls->sandbox, NOOK_OP_DEVICE, .b = path, .y = S_IFREG | 0644);
        nook_sandbox_add(walls->sandbox, NOOK_OP_BIND, .a = host, .b = path,
                         .x = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC);
}

/* Terminals: a task that is alone in its PID namespace has its own; else it sees the host's, where
 * a user finds those that belong to him. */
static void add_terminals(NookWalls *walls) {
        if (walls->options->has_own_pids && !walls->options->has_terminal)
                nook_sandbox_add(walls->sandbox, NOOK_OP_DEVPTS, .b = "/dev/pts",
                                 .a = walls->options->is_root ? "mode=0620,gid=5,ptmxmode=0666"
                                                              : "mode=0620,ptmxmode=0666",
                                 .x = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC);
        else
                nook_sandbox_add(walls->sandbox, NOOK_OP_BIND, .a = "/dev/pts", .b = "/dev/pts",
                                 .x = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC,
                                 .flags = NOOK_OP_OPTIONAL);
}

static void add_dev(NookWalls *walls, const char *place) {
        static const struct {
                const char *path;
                mode_t mode;
        } directories[] = {
                {"/dev/pts", 0755}, {"/dev/shm", 01777}, {"/dev/mqueue", 0755}, {huge_pages, 0000}};

        g_assert(strcmp(place, "/dev") == 0);
        nook_sandbox_add(walls->sandbox, NOOK_OP_TMPFS, .b = place,
                         .a = "mode=0755,size=4M,nr_inodes=64K",
                         .x = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC);
        for (gsize i = 0; i < G_N_ELEMENTS(directories); i++)
                nook_sandbox_add(walls->sandbox, NOOK_OP_DIRECTORY, .b = directories[i].path,
                                 .y = directories[i].mode);
        for (gsize i = 0; i < G_N_ELEMENTS(devices); i++) {
                g_autofree char *path = g_strconcat("/dev/", devices[i].name, NULL);

                add_node(walls, path, path, makedev(devices[i].major, devices[i].minor));
        }
        for (gsize i = 0; i < G_N_ELEMENTS(device_links); i++) {
                g_autofree char *path = g_strconcat("/dev/", device_links[i].name, NULL);

                nook_sandbox_add(walls->sandbox, NOOK_OP_LINK, .a = device_links[i].text,
                                 .b = path);
        }
        add_terminals(walls);
        if (walls->private_ipc) {
                nook_sandbox_add(walls->sandbox, NOOK_OP_MQUEUE, .b = "/dev/mqueue", .x = plain);
        } else {
                nook_sandbox_add(walls->sandbox, NOOK_OP_BIND, .a = "/dev/mqueue",
                                 .b = "/dev/mqueue", .x = plain, .flags = NOOK_OP_OPTIONAL);
                nook_sandbox_add(walls->sandbox, NOOK_OP_BIND, .a = "/dev/shm", .b = "/dev/shm",
                                 .x = plain, .flags = NOOK_OP_OPTIONAL);
        }
        nook_sandbox_add(walls->sandbox, NOOK_OP_SEAL, .b = place, .x = sealed);
}

/* --- the plan's mounts ----------------------------------------------------------------------- */

/* Takes "nosuid", "nodev", "noexec" and "ro" out of mount options: they are the mount's, the rest
 * is the file system's. */
static char *split_options(const char *options, guint64 *ret_attributes) {
        g_auto(GStrv) words = g_strsplit(options ? options : "", ",", -1);
        g_autoptr(GString) rest = g_string_new(NULL);
        static const struct {
                const char *word;
                guint64 attribute;
        } known[] = {{"nosuid", MOUNT_ATTR_NOSUID},
                     {"nodev", MOUNT_ATTR_NODEV},
                     {"noexec", MOUNT_ATTR_NOEXEC},
                     {"ro", MOUNT_ATTR_RDONLY},
                     {"suid", 0},
                     {"dev", 0},
                     {"exec", 0},
                     {"rw", 0}};

        for (char **word = words; *word; word++) {
                gsize i = 0;

                while (i < G_N_ELEMENTS(known) && strcmp(known[i].word, *word) != 0)
                        i++;
                if (i < G_N_ELEMENTS(known))
                        *ret_attributes |= known[i].attribute;
                else if (**word)
                        g_string_append_printf(rest, "%s%s", rest->len ? "," : "", *word);
        }
        return g_string_free(g_steal_pointer(&rest), FALSE);
}

static void add_tmpfs(NookWalls *walls, const NookMount *mount) {
        guint64 attributes = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV;
        g_autofree char *options = split_options(mount->options, &attributes);

        nook_sandbox_add(walls->sandbox, NOOK_OP_TMPFS, .b = mount->destination,
                         .a = *options ? options : NULL,
                         .x = attributes | (mount->is_read_only ? sealed : 0) |
                              (mount->is_no_exec ? MOUNT_ATTR_NOEXEC : 0));
}

/* Places that ProtectHome= is about. */
static const char *const homes[] = {"/home", "/root", "/run/user"};

/* A home that the plan seals is the root's own directory, with nothing mounted in it: read-only as
 * a part of the root. */
static bool is_home(const char *place) {
        for (gsize i = 0; i < G_N_ELEMENTS(homes); i++)
                if (strcmp(homes[i], place) == 0)
                        return true;
        return false;
}

static void add_mount(NookWalls *walls, const NookMount *mount) {
        unsigned flags = mount->is_optional ? NOOK_OP_OPTIONAL : 0;

        switch (mount->kind) {
        case NOOK_MOUNT_ROOT:
                nook_sandbox_add(walls->sandbox, NOOK_OP_ROOT,
                                 .a = mount->source ? mount->source : walls->task->skeleton->path,
                                 .x = sealed | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV);
                break;
        case NOOK_MOUNT_BIND:
                nook_sandbox_add(
                        walls->sandbox, NOOK_OP_BIND, .a = mount->source, .b = mount->destination,
                        .x = no_ids | MOUNT_ATTR_NODEV | (mount->is_read_only ? sealed : 0) |
                             (mount->is_no_exec ? MOUNT_ATTR_NOEXEC : 0),
                        .flags = flags | (mount->is_recursive ? NOOK_OP_RECURSIVE : 0));
                break;
        case NOOK_MOUNT_TMPFS:
                if (strcmp(mount->destination, huge_pages) != 0)
                        add_tmpfs(walls, mount);
                break;
        case NOOK_MOUNT_PROC:
                add_proc(walls, mount->destination);
                break;
        case NOOK_MOUNT_SYS:
                nook_sandbox_add(walls->sandbox, NOOK_OP_BIND, .a = "/sys", .b = mount->destination,
                                 .x = sealed | plain, .flags = NOOK_OP_RECURSIVE);
                break;
        case NOOK_MOUNT_DEV:
                add_dev(walls, mount->destination);
                break;
        case NOOK_MOUNT_HIDDEN:
                if (strcmp(mount->destination, huge_pages) != 0)
                        hide(walls, mount->destination, flags);
                break;
        case NOOK_MOUNT_SEALED:
                if (!is_home(mount->destination))
                        seal(walls, mount->destination, sealed, 0, flags);
                break;
        }
}

/* --- what rows add to them ------------------------------------------------------------------- */

/* Whether the plan has such a mount at a place already. */
static bool has_mount(const NookWalls *walls, NookMountKind kind, const char *place) {
        for (guint i = 0; i < walls->task->mounts->len; i++) {
                const NookMount *mount = g_ptr_array_index(walls->task->mounts, i);

                if (mount->kind == kind && strcmp(mount->destination, place) == 0)
                        return true;
        }
        return false;
}

/* "-+/x": "-" for what may be missing, "+" for "in the root", which is where every path is here. */
static const char *strip_path(const char *path, unsigned *ret_flags) {
        *ret_flags = 0;
        for (; *path == '-' || *path == '+'; path++)
                if (*path == '-')
                        *ret_flags = NOOK_OP_OPTIONAL;
        return path;
}

static void add_paths(NookWalls *walls, const GPtrArray *paths, guint64 set, guint64 clear) {
        for (guint i = 0; i < paths->len; i++) {
                unsigned flags;
                const char *path = strip_path(g_ptr_array_index(paths, i), &flags);

                if (set != sealed || !has_mount(walls, NOOK_MOUNT_SEALED, path))
                        seal(walls, path, set, clear, flags);
        }
}

static void add_home(NookWalls *walls) {
        const char *how = walls->protect_home;

        if (!how || strcmp(how, "no") == 0)
                return;
        for (gsize i = 0; i < G_N_ELEMENTS(homes); i++) {
                if (has_mount(walls, NOOK_MOUNT_SEALED, homes[i]))
                        continue; /* empty in our root, and sealed with it */
                if (strcmp(how, "read-only") == 0)
                        seal(walls, homes[i], sealed, 0, NOOK_OP_OPTIONAL);
                else if (strcmp(how, "tmpfs") == 0)
                        nook_sandbox_add(walls->sandbox, NOOK_OP_TMPFS, .b = homes[i],
                                         .a = "mode=0755", .x = sealed | plain,
                                         .flags = NOOK_OP_OPTIONAL);
                else if (!has_mount(walls, NOOK_MOUNT_HIDDEN, homes[i]))
                        hide(walls, homes[i], NOOK_OP_OPTIONAL);
        }
}

static void add_private_tmp(NookWalls *walls) {
        static const char *const places[] = {"/tmp", "/var/tmp"};

        for (gsize i = 0; walls->private_tmp && i < G_N_ELEMENTS(places); i++)
                if (!has_mount(walls, NOOK_MOUNT_BIND, places[i]))
                        nook_sandbox_add(walls->sandbox, NOOK_OP_TMPFS, .b = places[i],
                                         .a = "mode=1777",
                                         .x = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV,
                                         .flags = NOOK_OP_OPTIONAL);
}

void nook_walls_add_mounts(NookWalls *walls) {
        nook_sandbox_add(walls->sandbox, NOOK_OP_PRIVATE);
        for (guint i = 0; i < walls->task->mounts->len; i++)
                add_mount(walls, g_ptr_array_index(walls->task->mounts, i));

        add_private_tmp(walls);
        add_home(walls);
        if (walls->protects_modules)
                hide(walls, "/usr/lib/modules", NOOK_OP_OPTIONAL);
        add_paths(walls, walls->read_only, sealed, 0);
        add_paths(walls, walls->read_write, 0, sealed);
        add_paths(walls, walls->no_exec, MOUNT_ATTR_NOEXEC, 0);
        add_paths(walls, walls->may_exec, 0, MOUNT_ATTR_NOEXEC);
        for (guint i = 0; i < walls->hidden->len; i++) {
                unsigned flags;
                const char *path = strip_path(g_ptr_array_index(walls->hidden, i), &flags);

                if (!has_mount(walls, NOOK_MOUNT_HIDDEN, path))
                        hide(walls, path, flags);
        }
}
