/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* A plan: everything that will be done for a job, as data, decided before anything is done. It is
 * made from the job, the operator's configuration and what is known of the host; it does no I/O and
 * can be tested and printed without rights. The executor carries it out.
 *
 * All structs below belong to their plan and are read-only to everyone else, except where a
 * function here changes them. The job, the configuration and the host must outlive the plan. */

#include <glib.h>
#include <stdbool.h>
#include <sys/types.h>

#include "base/diag.h"
#include "base/source.h"
#include "job/config.h"
#include "job/host.h"
#include "job/job.h"
#include "unit/unit.h"

/* Who the programs are that download and unpack artifacts; no task is. */
#define NOOK_WORKER_USER "nook-worker"

/* --- directories, links, skeleton ------------------------------------------------------------ */

/* Who shall own a directory that nook makes. */
typedef enum {
        NOOK_OWNER_ROOT, /* who runs nook: root, or the user in user mode */
        NOOK_OWNER_TASK, /* a static user's ids: see NookPlanUser; never used with a dynamic user,
                            whose uid nobody knows before the start: there the mode is 0777 */
} NookOwner;

/* A directory on the host, to be made before the start. Parents stand before their children. */
typedef struct {
        char *path; /* absolute, clean */
        mode_t mode;
        NookOwner owner;
        uid_t uid; /* with NOOK_OWNER_TASK; else unset */
        gid_t gid;
} NookPlanDirectory;

/* A symbolic link on the host, to be made before the start: the clean name of a bind source that
 * holds a blank, colon, quote or backslash, which a transient unit's file cannot carry. */
typedef struct {
        char *path;   /* below RUN/link/ALLOC.TASK */
        char *target; /* the source itself, absolute */
} NookPlanLink;

/* The empty root directory that a task starts from: made once, owned by root, shared by all tasks
 * with an equal specification, read-only for each of them. */
typedef struct {
        char **directories; /* absolute in the root, sorted, parents first: "/dev", "/etc", ... all
                               0755 root but "/tmp" and "/var/tmp" (01777) */
        char **files;       /* empty files as mount points, 0444 */
        char **links;       /* pairs: path, text ("/bin", "usr/bin") */
        char *hash;         /* 32 hex digits over the above: the directory's name */
        char *path;         /* RUN/root/HASH, for RootDirectory= */
} NookSkeleton;

/* --- mounts: the virtual root ---------------------------------------------------------------- */

typedef enum {
        NOOK_MOUNT_ROOT,  /* "/": the skeleton, read-only; always the first */
        NOOK_MOUNT_BIND,  /* source on the host */
        NOOK_MOUNT_TMPFS, /* empty at the start; options as for mount(8) */
        NOOK_MOUNT_PROC,  /* what MountAPIVFS= and the Private/Protect directives make: /proc */
        NOOK_MOUNT_SYS,   /* /sys, read-only */
        NOOK_MOUNT_DEV, /* /dev with PrivateDevices=: null zero full random urandom tty ptmx ... */
        NOOK_MOUNT_HIDDEN, /* InaccessiblePaths=: nobody gets in */
        NOOK_MOUNT_SEALED, /* ReadOnlyPaths=: what is there, made read-only */
} NookMountKind;

/* What a mount is in the job's words. */
typedef enum {
        NOOK_ROLE_SYSTEM,  /* API file systems, the skeleton, seals */
        NOOK_ROLE_CHROOT,  /* an entry of chroot_env */
        NOOK_ROLE_RESOLV,  /* the file that /etc/resolv.conf leads to */
        NOOK_ROLE_ALLOC,   /* /alloc */
        NOOK_ROLE_LOCAL,   /* /local */
        NOOK_ROLE_SECRETS, /* /secrets */
        NOOK_ROLE_TMP,     /* /tmp */
        NOOK_ROLE_VOLUME,  /* volume_mount */
        NOOK_ROLE_HELPER,  /* nook-argv */
        NOOK_ROLE_BLOCK,   /* from the job's `unit {}`: BindPaths=, TemporaryFileSystem=, ... */
} NookMountRole;

/* One mount. The list of them in order IS the task's root: a path belongs to the deepest mount that
 * covers it, and among equals to the last one. */
typedef struct {
        NookMountKind kind;
        NookMountRole role;
        char *destination; /* absolute in the root, clean, no odd characters; where it is mounted */
        char *source;      /* bind: absolute on the host, as it is to be opened; else NULL */
        char *sent_source; /* bind: what the directive says: source itself, or a NookPlanLink */
        char *wanted;  /* what the job called the destination, if that is an odd name: the skeleton
                          has  a link from there to `destination`; else NULL */
        char *options; /* tmpfs: "mode=1777,size=64M,nosuid,nodev"; else NULL */
        bool is_read_only;
        bool is_optional;   /* a missing source is left out, not an error */
        bool is_file;       /* the source is no directory, as far as the host value tells */
        guint file_version; /* with is_file: the systemd that they are for; 0: the host\'s */
        bool is_recursive;  /* mounts below the source come along */
        bool is_no_exec;
        bool is_implied; /* the manager makes it by itself as a part of another directive: no bind
                            or tmpfs directive is sent for it */
        NookRange range; /* the chroot_env entry, the volume_mount; or none */
} NookMount;

/* --- user ------------------------------------------------------------------------------------ */

typedef enum {
        NOOK_USER_DYNAMIC, /* name is ours, ids are unknown before the start */
        NOOK_USER_STATIC,
        NOOK_USER_ROOT,
        NOOK_USER_SELF, /* user mode, or no manager and no rights: who runs nook */
} NookUserKind;

typedef struct {
        NookUserKind kind;
        char *name;    /* "nook-0a1b2c3d4e5f8071", "www-data", "root" */
        uid_t uid;     /* static, root */
        gid_t gid;     /* static, root: primary group */
        gid_t *groups; /* static: supplementary, without the primary */
        guint n_groups;
        char *home; /* "/" for a dynamic user */
        char *shell;
        NookRange range;
} NookPlanUser;

/* --- artifacts ------------------------------------------------------------------------------- */

typedef enum {
        NOOK_ARTIFACT_ANY, /* archives are unpacked, all else is a file */
        NOOK_ARTIFACT_FILE,
        NOOK_ARTIFACT_DIR,
} NookArtifactMode;

/* An artifact with everything interpolated and its destination resolved to a mount. */
typedef struct {
        char *source; /* URL or path, as the job says; may hold credentials: never print it whole */
        char **options; /* pairs name, value, sorted: checksum, archive, filename, ... */
        char **headers; /* pairs name, value */
        NookArtifactMode mode;
        bool is_insecure; /* no TLS verification */
        bool is_chown;    /* owner becomes the task's user */
        int strip_components;
        bool is_cached;
        char *perms;            /* octal for files, or NULL */
        char *owner;            /* "root", "task", or NULL for the default (task) */
        char *destination;      /* as the job says, interpolated: "local/x"; for messages */
        const NookMount *mount; /* a writable bind of role local, alloc, secrets or tmp; NULL for
                                   raw_exec */
        char *base;        /* the directory on the host that `path` is below: the mount's source */
        char *path;        /* relative to `base`, clean, without ".."; "." for itself; in
                              mode file with a name in it the file's own path */
        bool is_path_file; /* path names the file itself, not the directory it goes to */
        NookRange range;   /* of the block; findings about fetching point here */
        NookRange source_range;
        NookRange destination_range;
} NookPlanArtifact;

/* --- tasks, allocations, plan ---------------------------------------------------------------- */

/* How argv travels unchanged through the manager, daemon-reload and restart. */
typedef enum {
        NOOK_ARGV_PLAIN,  /* ExecStart a(sasb): no word has `$` or `;` */
        NOOK_ARGV_EX,     /* ExecStartEx with no-env-expand: systemd 257 and later */
        NOOK_ARGV_HELPER, /* nook-argv, bound into the root at /.nook/argv, with coded words */
} NookArgvHow;

typedef struct {
        char *what; /* "/lib32" */
        char *why;  /* "not on this host" */
        NookRange range;
} NookLeftOut;

/* Who builds the walls. */
typedef enum {
        NOOK_BUILDER_MANAGER, /* PID 1, from the unit's directives */
        NOOK_BUILDER_SANDBOX, /* nook's sandbox, from `exec`, `mounts` and the rest of the plan */
} NookBuilder;

typedef struct NookPlanAlloc NookPlanAlloc;

typedef struct {
        const NookPlanAlloc *alloc;
        const NookTask *task; /* of the job */
        char *name;           /* the task's */
        bool is_raw;          /* raw_exec: no root of its own, no walls; mounts, skeleton empty */

        NookBuilder builder;
        bool is_scope;
        bool is_leader; /* its end stops the group's other tasks: it is to be sent before them */
        bool has_private_pids; /* a PID namespace of its own, by the sandbox */
        bool is_host_pid;      /* pid_mode = "host", and the operator allows it */
        bool is_host_ipc;

        NookUnit *unit; /* what is sent. With the sandbox as builder it holds only what the manager
                           carries out, and no ExecStart */
        NookUnit *exec; /* what the sandbox carries out (kind service, never sent); NULL with the
                           manager as builder */
        GPtrArray *auxiliary; /* of NookUnit: slices sent with this task's call (StopWhenUnneeded).
                                 A slice is named once in a plan: tasks are to be sent in order */

        char **argv; /* as the job says, interpolated; argv[0] is `command` */
        NookRange command_range;
        NookArgvHow argv_how;
        char **lookup; /* where the command is looked for, absolute in the root, in order; nothing
                          of the job's PATH is in it. For raw_exec: on the host */
        char *argv_program; /* where nook-argv is in the root (raw_exec: on the host) */
        char *command; /* absolute in the root: set by nook_plan_task_set_command(); before that the
                          best guess */
        char *work_dir; /* absolute in the root */
        NookRange work_dir_range;

        char **env;     /* NAME=VALUE, in order of rising precedence, each name once, UTF-8 */
        char *env_file; /* RUN/env/ALLOC.TASK: the executor writes it (0600 root) before the start
                           by nook_plan_env_file_text() */

        NookPlanUser *user;
        guint64 capabilities; /* bit mask granted: bounding and, for other users than root, ambient
                               */

        GPtrArray *mounts; /* of NookMount: the virtual root */
        NookSkeleton *skeleton;
        GPtrArray *links;       /* of NookPlanLink */
        GPtrArray *directories; /* of NookPlanDirectory: the task's own, after the allocation's */
        GPtrArray *artifacts;   /* of NookPlanArtifact, in the job's order */
        char *stage_dir;   /* ALLOC_DIR/.stage, or the task's part of it: STATE/alloc/ID/.stage/TASK
                            */
        char *secrets_dir; /* RUN/secrets/ALLOC/TASK: on a tmpfs */
        guint64 secrets_bytes; /* the most that staging may put there */

        unsigned needs; /* mask of NookNeed: of unit and exec */
        int kill_signal;
        guint64 kill_timeout_usec;
        guint64 max_run_usec; /* 0: none */
} NookPlanTask;

struct NookPlanAlloc {
        char *id;    /* UUID */
        char *name;  /* JOB.GROUP[INDEX] */
        guint index; /* from 0 */
        const NookGroup *group;
        char *slice;            /* the slice its tasks are in */
        char *user_name;        /* of the dynamic user: "nook-" and 16 hex digits */
        char *dir;              /* STATE/alloc/ID */
        GPtrArray *directories; /* of NookPlanDirectory: shared ones, to be made first */
        GPtrArray *tasks;       /* of NookPlanTask, in the job's order */
};

typedef struct {
        const NookJob *job;
        const NookConfig *config;
        const NookHost *host;
        GPtrArray *allocs;       /* of NookPlanAlloc */
        GPtrArray *left_out;     /* of NookLeftOut */
        GPtrArray *notes;        /* of char *: sentences that an administrator should read once */
        unsigned needs;          /* union over the tasks */
        unsigned missing_limits; /* those of the needs that are limits and this host cannot keep */
} NookPlan;

typedef struct {
        const char *state_dir;   /* "/var/lib/nook" */
        const char *run_dir;     /* "/run/nook" */
        const char *cache_dir;   /* "/var/cache/nook" */
        const char *libexec_dir; /* where nook-argv and nook-init are installed */
        bool is_user;            /* for a user's manager */
        bool is_scope;           /* --scope: every task in a scope */
        bool is_direct; /* --direct: no manager; what only a manager can do is left out and noted */
        bool wants_own_slice; /* a lone task is put into a slice of its job as well: where
                                 nook.slice holds so many units that they slow each start */
        bool is_file;         /* the units will be written as unit files, not be sent */
        guint file_version;   /* with is_file: the systemd that they are for; 0: the host\'s */
        bool is_strict;       /* --strict-limits: a missing cgroup controller is an error */

        /* A new allocation id (UUID, the caller's to g_free) for an instance of a group. NULL: ids
         * are derived from job, group and index, the same at each call: for `nook plan`, `nook
         * generate` and the boot generator. */
        char *(*new_alloc_id)(const NookJob *job, const char *group, guint index, void *user_data);
        void *user_data;
} NookPlanOptions;

/* Makes the plan, or NULL when a rule is broken: then diags has at least one new error. Notes and
 * warnings go to diags as well. */
NookPlan *nook_plan_new(const NookJob *job, const NookConfig *config, const NookHost *host,
                        const NookPlanOptions *options, NookDiags *diags);
void nook_plan_free(NookPlan *plan);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(NookPlan, nook_plan_free)

/* Judges the `unit {}` blocks of a job without a host: keys, kinds, values that hold no references,
 * classes. Versions are not judged. For `nook validate`; nook_plan_new() finds the same and more.
 */
void nook_plan_check_blocks(const NookJob *job, const NookConfig *config, NookDiags *diags);

/* The command's place in the root is known now (the path check found it): ExecStart is written
 * anew, argv[0] is this path as Nomad has it. path: absolute in the root; copied. */
void nook_plan_task_set_command(NookPlanTask *task, const char *path);

/* Where the walls of a service lie that nook's sandbox builds: a file in its allocation's
 * directory. Its name, and its path where the allocation is on disk; the caller's. */
char *nook_plan_task_walls_name(const NookPlanTask *task);
char *nook_plan_task_walls_path(const NookPlanTask *task);

/* Makes a service whose walls nook's sandbox builds start the sandbox, and gives the manager the
 * rows that it carries out for that.
 *   program          path of nook-sandbox
 *   walls            path of the file that it reads
 *   is_user_managed  the manager has the dynamic user; else the walls name the user */
void nook_plan_task_set_launcher(NookPlanTask *task, const char *program, const char *walls,
                                 bool is_user_managed);

/* Adds a variable, unless the task has one of that name. entry: NAME=VALUE; copied. Of use before
 * the allocation is prepared: a service reads its variables from a file. */
void nook_plan_task_default_env(NookPlanTask *task, const char *entry);

/* The task that is to be sent first: the leader, or the first in the file. Of the allocation. */
NookPlanTask *nook_plan_alloc_first_task(const NookPlanAlloc *alloc);

/* The cgroup controller of a need ("memory"), NULL for other needs. Static. */
const char *nook_need_to_controller(NookNeed need);

/* The environment file's content: every value comes out of systemd's parser unchanged. Caller's. */
char *nook_plan_env_file_text(const NookPlanTask *task);

/* The mount that covers an absolute clean path in the task's root; never NULL for a task with a
 * root. ret_rest: the part of the path below the mount ("" or "a/b"), pointing into path. */
const NookMount *nook_plan_mount_of(const NookPlanTask *task, const char *path,
                                    const char **ret_rest);
