/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Staging: a task's artifacts are downloaded and unpacked by confined workers (nook-fetch and
 * nook-unpack), verified, and only then moved into the task's directories, entry by entry, without
 * replacing anything. Whatever fails, the caller removes the allocation. The workers hold no
 * privileges, see no file of the host but libraries and certificates, and die with this process. */

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "alloc.h"

typedef enum {
        NOOK_STAGE_ANY,  /* an archive is unpacked into the destination, a file put into it */
        NOOK_STAGE_FILE, /* it must come to one file */
        NOOK_STAGE_DIR,  /* only an archive will do */
} NookStageMode;

/* Who will own what arrives. */
typedef struct {
        bool is_dynamic; /* the uid is not known before the start: root's, with the owner's rights
                            for all (go=u) */
        uid_t uid;       /* otherwise */
        gid_t gid;
} NookStageOwner;

/* One artifact block, interpolated. Strings are borrowed. */
typedef struct {
        const char *source;         /* as written: "https://host/a.tar.gz//bin?archive=tgz" */
        const char *const *options; /* name, value, name, value, NULL; or NULL */
        const char *const *headers; /* the same: HTTP headers */
        NookStageMode mode;
        bool insecure;             /* do not check TLS certificates */
        unsigned strip_components; /* leading names to take off every entry */
        bool cache;                /* keep the body by its checksum; needs a checksum */
        const char *root;          /* host directory that must hold the destination: that of
                                      the mount which covers it */
        const char *destination;   /* below root, relative, "" for root itself */
        bool names_file; /* mode FILE: the destination is the file's own path, not its directory */
        const char *display;  /* the destination as the job wrote it, for messages */
        NookStageOwner owner; /* of what arrives */
        uint64_t max_bytes; /* all it may become, where less is allowed than by NookStageLimits; 0:
                               no such limit */
        mode_t perms;       /* bits for every file (a directory gets x where r is); 0:
                               the archive's own */
} NookStageArtifact;

/* Operator's limits; zero means none unless said otherwise. */
typedef struct {
        uint64_t timeout_usec; /* of one download */
        uint64_t download_max_bytes;
        uint64_t unpack_max_bytes; /* all that one archive becomes */
        uint64_t unpack_max_entries;
        uint64_t unpack_max_ratio; /* unpacked to packed size, past the first 64 MiB */
        unsigned max_depth;        /* names in a path */
        unsigned parallel;         /* downloads at once; zero: 3 */
} NookStageLimits;

/* 30 min, 100 GB, 100 GB, 100,000 entries, 1,000 to 1 (zeros reach 1,032 by deflate), 128 names, 3
 * at once. */
NookStageLimits nook_stage_limits_default(void);

/* What the caller has decided about the workers. */
typedef struct {
        const char *libexec_dir; /* where nook-fetch and nook-unpack are */
        uid_t worker_uid;        /* an unprivileged user; nook_stage_find_worker_user() */
        gid_t worker_gid;
        const char *const *local_dirs; /* local files may be taken from below these; NULL: none */
        NookStageLimits limits;
        unsigned retry_delay_msec; /* before the second try, doubled each time; 0: 500 */
} NookStageSetup;

/* Ids of the user "nook-worker". Not root: the caller's own, since a user namespace is used.
 * Errors: UNSUPPORTED when the user is missing (systemd-sysusers makes it). */
bool nook_stage_find_worker_user(uid_t *ret_uid, gid_t *ret_gid, GError **error);

typedef struct {
        guint artifact;   /* index */
        const char *name; /* without credentials */
        uint64_t done_bytes;
        uint64_t total_bytes; /* 0: not known */
        bool is_complete;
} NookStageProgress;

typedef void (*NookStageProgressFunc)(const NookStageProgress *progress, void *user);

/* Checks what can be known without the network: scheme, options, checksum, archive kind,
 * destination; message without credentials. Errors: INVALID, UNSUPPORTED, PATH. */
bool nook_stage_check(const NookStageArtifact *artifact, GError **error);

/* Stages the artifacts of a plan's task, makes its command executable if one of them has brought
 * it, and checks the size of its secrets. alloc      locked, its directories made; its .stage is
 * used and emptied progress   called often while bytes arrive; may be NULL cancel_fd  staging ends
 * with CANCELED when it becomes readable; -1 for none Errors: FETCH, UNPACK, CHECKSUM, LIMIT,
 * SPACE, PATH, EXISTS (two artifacts bring the same file), UNSUPPORTED (a wall around the workers
 * cannot be built), CANCELED, TIMEOUT. */
bool nook_stage_task(NookAlloc *alloc, const NookDirs *dirs, const NookPlanTask *task,
                     const NookStageSetup *setup, NookStageProgressFunc progress, void *user,
                     int cancel_fd, GError **error);

/* The same for artifacts without a plan. */
bool nook_stage_artifacts(NookAlloc *alloc, const NookDirs *dirs,
                          const NookStageArtifact *artifacts, guint n_artifacts,
                          const NookStageSetup *setup, NookStageProgressFunc progress, void *user,
                          int cancel_fd, GError **error);

/* Refuses a secrets directory that holds more than max_bytes (1 MiB unless the job says so).
 * Errors: LIMIT. */
bool nook_stage_check_secrets(const char *path, uint64_t max_bytes, GError **error);
