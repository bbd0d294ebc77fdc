/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "stage.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pwd.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/fd.h"
#include "beneath.h"
#include "merge.h"
#include "stage-job.h"
#include "tree.h"

enum {
        PARALLEL = 3,
        POLL_MSEC = 1000, /* wake up for the progress display */
};

G_DEFINE_AUTOPTR_CLEANUP_FUNC(DIR, closedir)

NookStageLimits nook_stage_limits_default(void) {
        return (NookStageLimits){
                .timeout_usec = UINT64_C(30) * 60 * G_USEC_PER_SEC,
                .download_max_bytes = UINT64_C(100) * 1000 * 1000 * 1000,
                .unpack_max_bytes = UINT64_C(100) * 1000 * 1000 * 1000,
                .unpack_max_entries = 100000,
                .unpack_max_ratio = 1000,
                .max_depth = 128,
                .parallel = PARALLEL,
        };
}

bool nook_stage_find_worker_user(uid_t *ret_uid, gid_t *ret_gid, GError **error) {
        const struct passwd *user;

        if (geteuid() != 0) {
                *ret_uid = geteuid();
                *ret_gid = getegid();
                return true;
        }
        errno = 0;
        user = getpwnam(NOOK_WORKER_USER);
        if (user == NULL)
                return nook_fail(error, NOOK_ERROR_UNSUPPORTED,
                                 "there is no user '%s' for the programs that download and unpack; "
                                 "`systemd-sysusers` makes it%s%s",
                                 NOOK_WORKER_USER, errno != 0 ? ": " : "",
                                 errno != 0 ? g_strerror(errno) : "");
        if (user->pw_uid == 0)
                return nook_fail(error, NOOK_ERROR_UNSUPPORTED, "the user '%s' is root",
                                 NOOK_WORKER_USER);
        *ret_uid = user->pw_uid;
        *ret_gid = user->pw_gid;
        return true;
}

bool nook_stage_check(const NookStageArtifact *artifact, GError **error) {
        g_autoptr(NookArtifactSource) source = nook_artifact_source_new(artifact, error);

        return source != NULL;
}

/* --- stage directories ----------------------------------------------------------------------- */

/* A stage directory beside a destination's root: renaming works on one file system only, and
 * secrets are on another one than the rest. */
typedef struct {
        char *path;
        NookFd fd;
        NookFd parent_fd;
        dev_t device;
} StageDir;

static void stage_dir_free(StageDir *dir) {
        if (dir == NULL)
                return;
        nook_fd_close(dir->fd);
        nook_fd_close(dir->parent_fd);
        g_free(dir->path);
        g_free(dir);
}

static StageDir *make_stage_dir(const char *parent, GError **error) {
        StageDir *dir = g_new0(StageDir, 1);
        struct stat st;

        dir->path = g_build_filename(parent, ".stage", NULL);
        dir->fd = -1;
        dir->parent_fd = open(parent, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (dir->parent_fd >= 0 && nook_tree_remove(dir->parent_fd, ".stage", dir->path, NULL) &&
            mkdirat(dir->parent_fd, ".stage", 0700) == 0)
                dir->fd = nook_beneath_open(dir->parent_fd, ".stage", O_RDONLY | O_DIRECTORY, 0,
                                            NOOK_BENEATH_STRICT);
        if (dir->fd >= 0 && fstat(dir->fd, &st) == 0) {
                dir->device = st.st_dev;
                return dir;
        }
        (void)nook_fail_errno(error, errno, "make '%s'", dir->path);
        stage_dir_free(dir);
        return NULL;
}

typedef struct {
        NookAlloc *alloc;
        const NookStageSetup *setup;
        GPtrArray *dirs; /* of StageDir; the first is the allocation's */
        GPtrArray *jobs; /* of NookStageJob */
        guint started;   /* how many of them */
        guint running;
        NookStageProgressFunc progress;
        void *user;
        int cancel_fd;
} Stage;

static const StageDir *stage_dir_for(Stage *stage, const NookDirs *dirs,
                                     const NookStageArtifact *artifact, GError **error) {
        g_autofree char *parent = g_path_get_dirname(artifact->root);
        g_autofree char *secrets = g_strdup_printf("%s/secrets/", dirs->run);
        StageDir *dir;
        struct stat st;

        if (lstat(artifact->root, &st) < 0) {
                (void)nook_fail_errno(error, errno, "destination '%s'", artifact->display);
                return NULL;
        }
        for (guint i = 0; i < stage->dirs->len; i++) {
                dir = stage->dirs->pdata[i];
                if (dir->device == st.st_dev)
                        return dir;
        }
        /* Only there is the directory above nook's own; elsewhere strangers could be in it. */
        if (!g_str_has_prefix(parent, secrets)) {
                (void)nook_fail(error, NOOK_ERROR_PATH,
                                "destination '%s' is on another file system than the allocation",
                                artifact->display);
                return NULL;
        }
        dir = make_stage_dir(parent, error);
        if (dir != NULL)
                g_ptr_array_add(stage->dirs, dir);
        return dir;
}

static bool add_job(Stage *stage, const NookDirs *dirs, const NookStageArtifact *artifact,
                    guint index, GError **error) {
        const StageDir *dir = stage_dir_for(stage, dirs, artifact, error);
        NookStageJobSpec spec = {
                .artifact = artifact, .setup = stage->setup, .dirs = dirs, .index = index};
        NookStageJob *job;

        if (dir == NULL)
                return false;
        spec.stage_dir = dir->path;
        spec.stage_fd = dir->fd;
        job = nook_stage_job_new(&spec, error);
        if (job == NULL)
                return false;
        g_ptr_array_add(stage->jobs, job);
        return true;
}

/* --- the loop -------------------------------------------------------------------------------- */

static void report(const Stage *stage, const NookStageJob *job) {
        NookStageProgress progress;

        if (stage->progress == NULL)
                return;
        nook_stage_job_progress(job, &progress);
        stage->progress(&progress, stage->user);
}

static bool start_some(Stage *stage, GError **error) {
        unsigned parallel =
                stage->setup->limits.parallel != 0 ? stage->setup->limits.parallel : PARALLEL;

        while (stage->running < parallel && stage->started < stage->jobs->len) {
                if (!nook_stage_job_start(stage->jobs->pdata[stage->started], error))
                        return false;
                stage->started++;
                stage->running++;
        }
        return true;
}

static bool advance_all(Stage *stage, GError **error) {
        for (guint i = 0; i < stage->started; i++) {
                NookStageJob *job = stage->jobs->pdata[i];

                if (!nook_stage_job_is_running(job))
                        continue;
                if (!nook_stage_job_advance(job, error))
                        return false;
                report(stage, job);
                if (nook_stage_job_is_done(job))
                        stage->running--;
        }
        return true;
}

/* Waits until a worker has something to say. */
static bool wait_for_any(const Stage *stage, GError **error) {
        g_autofree struct pollfd *fds =
                g_new0(struct pollfd, stage->started * NOOK_STAGE_JOB_FDS + 1);
        nfds_t n = 0;

        if (stage->cancel_fd >= 0)
                fds[n++] = (struct pollfd){.fd = stage->cancel_fd, .events = POLLIN};
        for (guint i = 0; i < stage->started; i++)
                n += nook_stage_job_poll_fds(stage->jobs->pdata[i], fds + n);
        if (poll(fds, n, POLL_MSEC) < 0 && errno != EINTR)
                return nook_fail_errno(error, errno, "wait for the workers");
        return stage->cancel_fd < 0 || fds[0].revents == 0 ||
               nook_fail(error, NOOK_ERROR_CANCELED, "staging was canceled");
}

static bool run_jobs(Stage *stage, GError **error) {
        for (;;) {
                if (!start_some(stage, error))
                        return false;
                if (stage->running == 0)
                        return true;
                if (!wait_for_any(stage, error) || !advance_all(stage, error))
                        return false;
        }
}

/* In the order of the job file, so that a conflict always names the same two. */
static bool merge_all(Stage *stage, GError **error) {
        g_autoptr(NookMerge) merge = nook_merge_new(&stage->setup->limits);

        for (guint i = 0; i < stage->jobs->len; i++) {
                const NookStageJob *job = stage->jobs->pdata[i];
                const NookArtifactSource *source = nook_stage_job_source(job);
                bool is_file = source->packing == NOOK_PACKING_NONE ||
                               source->packing == NOOK_PACKING_SINGLE;

                if (!nook_merge_tree(merge, nook_stage_job_tree(job), nook_stage_job_artifact(job),
                                     source->subdirectory, is_file, nook_stage_job_label(job),
                                     error))
                        return false;
        }
        return nook_merge_check(merge, error);
}

static bool stage_all(Stage *stage, const NookDirs *dirs, const NookStageArtifact *artifacts,
                      guint n_artifacts, GError **error) {
        StageDir *own = make_stage_dir(nook_alloc_path(stage->alloc), error);

        if (own == NULL)
                return false;
        g_ptr_array_add(stage->dirs, own);
        for (guint i = 0; i < n_artifacts; i++) {
                if (!add_job(stage, dirs, &artifacts[i], i, error))
                        return false;
        }
        return run_jobs(stage, error) && merge_all(stage, error);
}

/* Empties the stage: after a success nothing of it is wanted, after a failure it makes room. */
static bool clear_stage(const Stage *stage, GError **error) {
        for (guint i = 0; i < stage->dirs->len; i++) {
                const StageDir *dir = stage->dirs->pdata[i];

                if (!nook_tree_remove(dir->parent_fd, ".stage", dir->path, error))
                        return false;
        }
        return true;
}

bool nook_stage_artifacts(NookAlloc *alloc, const NookDirs *dirs,
                          const NookStageArtifact *artifacts, guint n_artifacts,
                          const NookStageSetup *setup, NookStageProgressFunc progress, void *user,
                          int cancel_fd, GError **error) {
        g_autoptr(GPtrArray) stage_dirs =
                g_ptr_array_new_with_free_func((GDestroyNotify)stage_dir_free);
        g_autoptr(GPtrArray) jobs =
                g_ptr_array_new_with_free_func((GDestroyNotify)nook_stage_job_free);
        Stage stage = {.alloc = alloc,
                       .setup = setup,
                       .dirs = stage_dirs,
                       .jobs = jobs,
                       .progress = progress,
                       .user = user,
                       .cancel_fd = cancel_fd};
        bool done;

        if (n_artifacts == 0)
                return true;
        done = stage_all(&stage, dirs, artifacts, n_artifacts, error);
        g_ptr_array_set_size(jobs, 0); /* kills what still runs, before its files go */
        return done ? clear_stage(&stage, error) : (clear_stage(&stage, NULL), false);
}

/* --- a plan's artifacts ---------------------------------------------------------------------- */

static NookStageOwner owner_of(const NookPlanArtifact *artifact, const NookPlanUser *user) {
        if (g_strcmp0(artifact->owner, "root") == 0)
                return (NookStageOwner){.uid = 0, .gid = 0};
        if (user->kind == NOOK_USER_DYNAMIC)
                return (NookStageOwner){.is_dynamic = true};
        if (user->kind == NOOK_USER_SELF)
                return (NookStageOwner){.uid = geteuid(), .gid = getegid()};
        return (NookStageOwner){.uid = user->uid, .gid = user->gid};
}

static NookStageArtifact artifact_of(const NookPlanArtifact *planned, const NookPlanTask *task) {
        static const NookStageMode modes[] = {
                [NOOK_ARTIFACT_ANY] = NOOK_STAGE_ANY,
                [NOOK_ARTIFACT_FILE] = NOOK_STAGE_FILE,
                [NOOK_ARTIFACT_DIR] = NOOK_STAGE_DIR,
        };

        return (NookStageArtifact){
                .source = planned->source,
                .options = (const char *const *)planned->options,
                .headers = (const char *const *)planned->headers,
                .mode = modes[planned->mode],
                .insecure = planned->is_insecure,
                .strip_components = (unsigned)MAX(planned->strip_components, 0),
                .cache = planned->is_cached,
                .root = planned->mount->source,
                .destination = g_str_equal(planned->path, ".") ? "" : planned->path,
                .names_file = planned->is_path_file,
                .display = planned->destination,
                .owner = owner_of(planned, task->user),
                .max_bytes = planned->mount->role == NOOK_ROLE_SECRETS ? task->secrets_bytes : 0,
                .perms = planned->perms != NULL ? (mode_t)g_ascii_strtoull(planned->perms, NULL, 8)
                                                : 0,
        };
}

/* The command of a task that an artifact has brought gets its x bits, where it has r: archives made
 * without Unix modes, and single files, do not carry them. Only the first candidate that is there
 * counts, only a file below a directory of the allocation, and no link. */
static bool make_command_executable(const NookPlanTask *task, GError **error) {
        for (char **path = task->lookup; path != NULL && *path != NULL; path++) {
                const char *rest = NULL;
                const NookMount *mount = nook_plan_mount_of(task, *path, &rest);
                g_auto(NookFd) root_fd = -1, fd = -1;
                struct stat st;

                if (mount == NULL || *rest == '\0' ||
                    (mount->role != NOOK_ROLE_LOCAL && mount->role != NOOK_ROLE_ALLOC))
                        continue;
                root_fd = open(mount->source, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
                if (root_fd >= 0)
                        fd = nook_beneath_open(root_fd, rest, O_RDONLY | O_NONBLOCK | O_NOFOLLOW, 0,
                                               NOOK_BENEATH_STRICT);
                if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
                        continue;
                return fchmod(fd, (st.st_mode & 0777) | (st.st_mode & 0444) >> 2) == 0 ||
                       nook_fail_errno(error, errno, "make '%s' executable", *path);
        }
        return true;
}

bool nook_stage_task(NookAlloc *alloc, const NookDirs *dirs, const NookPlanTask *task,
                     const NookStageSetup *setup, NookStageProgressFunc progress, void *user,
                     int cancel_fd, GError **error) {
        g_autofree NookStageArtifact *artifacts = g_new0(NookStageArtifact, task->artifacts->len);

        for (guint i = 0; i < task->artifacts->len; i++)
                artifacts[i] = artifact_of(task->artifacts->pdata[i], task);
        return nook_stage_artifacts(alloc, dirs, artifacts, task->artifacts->len, setup, progress,
                                    user, cancel_fd, error) &&
               (task->is_raw || make_command_executable(task, error)) &&
               (task->secrets_dir == NULL || task->secrets_bytes == 0 ||
                nook_stage_check_secrets(task->secrets_dir, task->secrets_bytes, error));
}

/* --- secrets --------------------------------------------------------------------------------- */

static bool add_bytes(int fd, uint64_t max_bytes, uint64_t *bytes) {
        g_autoptr(DIR) dir = NULL;
        int own_fd = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        struct dirent *entry;

        dir = own_fd >= 0 ? fdopendir(own_fd) : NULL;
        while (dir != NULL && *bytes <= max_bytes && (entry = readdir(dir)) != NULL) {
                g_auto(NookFd) sub_fd = -1;
                struct stat st;

                if (g_str_equal(entry->d_name, ".") || g_str_equal(entry->d_name, "..") ||
                    fstatat(fd, entry->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0)
                        continue;
                *bytes += (uint64_t)st.st_size;
                if (!S_ISDIR(st.st_mode))
                        continue;
                sub_fd = nook_beneath_open(fd, entry->d_name, O_RDONLY | O_DIRECTORY, 0,
                                           NOOK_BENEATH_STRICT);
                if (sub_fd < 0 || !add_bytes(sub_fd, max_bytes, bytes))
                        return false;
        }
        return dir != NULL;
}

bool nook_stage_check_secrets(const char *path, uint64_t max_bytes, GError **error) {
        g_auto(NookFd) fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        uint64_t bytes = 0;

        if (fd < 0 && errno == ENOENT)
                return true;
        if (fd < 0 || !add_bytes(fd, max_bytes, &bytes))
                return nook_fail_errno(error, errno, "look at '%s'", path);
        return bytes <= max_bytes ||
               nook_fail(error, NOOK_ERROR_LIMIT,
                         "the secrets in '%s' take more than %" G_GUINT64_FORMAT
                         " bytes; resources { secrets } sets the limit",
                         path, max_bytes);
}
