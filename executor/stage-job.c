/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "stage-job.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/fd.h"
#include "beneath.h"
#include "cache.h"
#include "local-file.h"
#include "stage-side.h"
#include "stage-start.h"

enum {
        SUMS_BYTES_MAX = 1024 * 1024,
        PIPE_BYTES = 1024 * 1024, /* lets download and decompression overlap */
};

typedef enum {
        STATE_NEW,
        STATE_SUMS,   /* a list of checksums is coming */
        STATE_BODY,   /* the body is coming; a tar is unpacked meanwhile */
        STATE_UNPACK, /* the body is stored and right */
        STATE_DONE,
} State;

struct NookStageJob {
        NookStageJobSpec spec;
        NookArtifactSource *source;
        char *label;
        State state;
        NookStageSide fetch, unpack;
        NookFd tree_fd;
        NookFd body_fd;  /* the stored body */
        NookFd input_fd; /* a local file, or the body of the cache */
        bool is_cached;  /* input_fd is the cache's */
        NookFd sums_fd;
};

NookStageJob *nook_stage_job_new(const NookStageJobSpec *spec, GError **error) {
        NookArtifactSource *source = nook_artifact_source_new(spec->artifact, error);
        NookStageJob *job;

        if (source == NULL)
                return NULL;
        job = g_new0(NookStageJob, 1);
        job->spec = *spec;
        job->source = source;
        job->label = g_strdup_printf("artifact '%s'", source->name);
        job->tree_fd = job->body_fd = job->input_fd = job->sums_fd = -1;
        return job;
}

void nook_stage_job_free(NookStageJob *job) {
        if (job == NULL)
                return;
        nook_stage_side_clear(&job->fetch);
        nook_stage_side_clear(&job->unpack);
        nook_fd_close(job->tree_fd);
        nook_fd_close(job->body_fd);
        nook_fd_close(job->input_fd);
        nook_fd_close(job->sums_fd);
        nook_artifact_source_free(job->source);
        g_free(job->label);
        g_free(job);
}

/* --- files ----------------------------------------------------------------------------------- */

/* Makes .stage/N, which the unpacking worker may write. */
static bool make_tree(NookStageJob *job, GError **error) {
        g_autofree char *name = g_strdup_printf("%u", job->spec.index);
        bool is_root = geteuid() == 0;

        if (mkdirat(job->spec.stage_fd, name, 0700) < 0)
                return nook_fail_errno(error, errno, "make a directory for it");
        job->tree_fd = nook_beneath_open(job->spec.stage_fd, name, O_RDONLY | O_DIRECTORY, 0,
                                         NOOK_BENEATH_STRICT);
        if (job->tree_fd < 0 ||
            (is_root && job->source->packing != NOOK_PACKING_NONE &&
             fchown(job->tree_fd, job->spec.setup->worker_uid, job->spec.setup->worker_gid) < 0))
                return nook_fail_errno(error, errno, "make a directory for it");
        return true;
}

/* Where the body is stored: in the tree when it is the artifact itself, else without a name. */
static bool open_body(NookStageJob *job, GError **error) {
        const NookArtifactSource *source = job->source;
        const char *name = *source->file_name != '\0' ? source->file_name : "file";

        if (job->spec.artifact->cache && !job->is_cached && source->digest != NULL)
                return nook_cache_new_file(job->spec.dirs->cache, &job->body_fd, error);
        if (source->packing == NOOK_PACKING_NONE)
                job->body_fd = nook_beneath_open(job->tree_fd, name, O_RDWR | O_CREAT | O_EXCL,
                                                 0644, NOOK_BENEATH_STRICT);
        else
                job->body_fd =
                        openat(job->spec.stage_fd, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
        return (job->body_fd >= 0 && fchmod(job->body_fd, 0644) == 0) ||
               nook_fail_errno(error, errno, "make a file for it");
}

/* Opens what the body comes from, if that is a file. */
static bool open_input(NookStageJob *job, GError **error) {
        const NookArtifactSource *source = job->source;

        if (source->kind == NOOK_SOURCE_FILE)
                return nook_local_file_open(source->path, job->spec.setup->local_dirs,
                                            &job->input_fd, error);
        if (!job->spec.artifact->cache || source->digest == NULL)
                return true;
        if (!nook_cache_open(job->spec.dirs->cache, source->digest_name, source->digest,
                             &job->input_fd, error))
                return false;
        job->is_cached = job->input_fd >= 0;
        return true;
}

/* --- steps ----------------------------------------------------------------------------------- */

static bool start_sums(NookStageJob *job, GError **error) {
        g_auto(NookFd) list_fd = -1;

        job->state = STATE_SUMS;
        job->sums_fd = memfd_create("nook-sums", MFD_CLOEXEC);
        if (job->sums_fd < 0)
                return nook_fail_errno(error, errno, "make room for a list of checksums");
        if (job->source->sums_path != NULL &&
            !nook_local_file_open(job->source->sums_path, job->spec.setup->local_dirs, &list_fd,
                                  error))
                return false;
        const NookStageFetch list = {.url = job->source->sums_url,
                                     .input_fd = list_fd,
                                     .output_fd = job->sums_fd,
                                     .max_bytes = SUMS_BYTES_MAX};
        return nook_stage_start_fetch(&job->fetch, &job->spec, job->source, &list, error);
}

static bool fetch_body(NookStageJob *job, int output_fd, GError **error) {
        const NookStageFetch body = {
                .url = job->source->url,
                .input_fd = job->input_fd,
                .output_fd = output_fd,
                .digest_name = job->source->digest_name,
                .max_bytes = nook_stage_max_body_bytes(&job->spec, job->source),
        };

        return nook_stage_start_fetch(&job->fetch, &job->spec, job->source, &body, error);
}

static bool start_unpack(NookStageJob *job, int input_fd, GError **error) {
        return nook_stage_start_unpack(&job->unpack, &job->spec, job->source, input_fd, error);
}

/* Streams the body through a pipe into nook-unpack. */
static bool start_streamed(NookStageJob *job, GError **error) {
        g_auto(NookFd) read_fd = -1, write_fd = -1;
        int ends[2];

        if (pipe2(ends, O_CLOEXEC) < 0)
                return nook_fail_errno(error, errno, "make a pipe");
        read_fd = ends[0];
        write_fd = ends[1];
        (void)fcntl(write_fd, F_SETPIPE_SZ, PIPE_BYTES); /* a smaller one is only slower */
        return start_unpack(job, read_fd, error) && fetch_body(job, write_fd, error);
}

static bool start_body(NookStageJob *job, GError **error) {
        NookPacking packing = job->source->packing;
        bool is_stored;

        job->state = STATE_BODY;
        if (!make_tree(job, error) || !open_input(job, error))
                return false;
        is_stored = packing == NOOK_PACKING_NONE || packing == NOOK_PACKING_ZIP ||
                    (job->spec.artifact->cache && !job->is_cached);
        if (!is_stored)
                return start_streamed(job, error);
        if (!open_body(job, error))
                return false;
        return fetch_body(job, job->body_fd, error);
}

bool nook_stage_job_start(NookStageJob *job, GError **error) {
        bool needs_sums = job->source->sums_url != NULL || job->source->sums_path != NULL;

        if (needs_sums ? start_sums(job, error) : start_body(job, error))
                return true;
        g_prefix_error(error, "%s: ", job->label);
        return false;
}

/* The list of checksums is there. */
static bool finish_sums(NookStageJob *job, GError **error) {
        g_autofree char *text = g_malloc(SUMS_BYTES_MAX);
        const char *slash, *name;
        ssize_t size = pread(job->sums_fd, text, SUMS_BYTES_MAX, 0);
        g_autofree char *own_name = NULL;

        if (size < 0)
                return nook_fail_errno(error, errno, "read the list of checksums");
        /* The list names the file as the server does, whatever the job calls it. */
        slash = strrchr(job->source->name, '/');
        own_name = g_uri_unescape_string(slash != NULL ? slash + 1 : job->source->name, NULL);
        if (own_name == NULL)
                own_name = g_strdup(job->source->file_name);
        if (!nook_sums_find(text, (size_t)size, own_name, &name, &job->source->digest, error))
                return false;
        job->source->digest_name = g_strdup(name);
        return start_body(job, error);
}

/* Compares the checksum of the whole body. */
static bool check_digest(const NookStageJob *job, GError **error) {
        const NookArtifactSource *source = job->source;

        if (source->digest == NULL || g_strcmp0(job->fetch.digest, source->digest) == 0)
                return true;
        return nook_fail(error, NOOK_ERROR_CHECKSUM, "its checksum is %s:%s, but must be %s:%s",
                         source->digest_name,
                         job->fetch.digest != NULL ? job->fetch.digest : "(none)",
                         source->digest_name, source->digest);
}

/* A file that was stored for the cache becomes the artifact by a copy: the cache keeps its own. */
static bool copy_to_tree(NookStageJob *job, GError **error) {
        g_auto(NookFd) from_fd = nook_fd_steal(&job->body_fd);
        off_t offset = 0;
        struct stat st;

        job->is_cached = true; /* it is now */
        if (fstat(from_fd, &st) < 0 || !open_body(job, error))
                return false;
        while (offset < st.st_size) {
                ssize_t size = copy_file_range(from_fd, &offset, job->body_fd, NULL,
                                               (size_t)(st.st_size - offset), 0);

                if (size <= 0 && errno != EINTR)
                        return nook_fail_errno(error, errno, "copy it out of the cache");
        }
        return true;
}

/* The whole body is there and right. */
static bool finish_body(NookStageJob *job, GError **error) {
        const NookArtifactSource *source = job->source;
        bool is_kept = job->spec.artifact->cache && !job->is_cached && job->body_fd >= 0 &&
                       source->digest != NULL;

        if (is_kept && !nook_cache_keep(job->spec.dirs->cache, source->digest_name, source->digest,
                                        job->body_fd, error))
                return false;
        if (source->packing == NOOK_PACKING_NONE) {
                job->state = STATE_DONE;
                return !is_kept || copy_to_tree(job, error);
        }
        if (job->unpack.has_ended) { /* it was streamed */
                job->state = STATE_DONE;
                return true;
        }
        job->state = STATE_UNPACK;
        if (lseek(job->body_fd, 0, SEEK_SET) < 0)
                return nook_fail_errno(error, errno, "go to the start of its body");
        return start_unpack(job, job->body_fd, error);
}

/* --- listening ------------------------------------------------------------------------------- */

/* Whether a fetcher failed for a reason of its own, and not because its reader had gone. */
static bool has_own_reason(const NookStageSide *fetch) {
        return fetch->said != NULL && fetch->said->code != NOOK_ERROR_FAILED;
}

static bool give_up(GError *said, GError **error) {
        g_propagate_error(error, g_error_copy(said));
        return false;
}

/* Both sides have ended. What counts, in this order: the download's own failure; a wrong checksum,
 * for then the archive is not the one that was meant; what is wrong with the archive. */
static bool judge(const NookStageJob *job, GError **error) {
        if (has_own_reason(&job->fetch))
                return give_up(job->fetch.said, error);
        if (job->state != STATE_SUMS && job->fetch.worker != NULL && job->fetch.ended_well &&
            !check_digest(job, error))
                return false;
        if (job->unpack.said != NULL)
                return give_up(job->unpack.said, error);
        if (job->fetch.said != NULL)
                return give_up(job->fetch.said, error);
        return true;
}

static bool go_on(NookStageJob *job, GError **error) {
        if (!judge(job, error))
                return false;
        switch (job->state) {
        case STATE_SUMS:
                return finish_sums(job, error);
        case STATE_BODY:
                return finish_body(job, error);
        case STATE_UNPACK:
                job->state = STATE_DONE;
                return true;
        case STATE_NEW:
        case STATE_DONE:
                break;
        }
        return true;
}

bool nook_stage_job_advance(NookStageJob *job, GError **error) {
        bool fetched, unpacked;

        if (!nook_stage_job_is_running(job))
                return true;
        fetched = nook_stage_side_listen(&job->fetch, NOOK_ERROR_FETCH);
        unpacked = nook_stage_side_listen(&job->unpack, NOOK_ERROR_UNPACK);
        if (!fetched || !unpacked)
                return true;
        if (go_on(job, error))
                return true;
        g_prefix_error(error, "%s: ", job->label);
        return false;
}

guint nook_stage_job_poll_fds(const NookStageJob *job, struct pollfd *ret_fds) {
        guint n = nook_stage_side_poll_fds(&job->fetch, ret_fds);

        return n + nook_stage_side_poll_fds(&job->unpack, ret_fds + n);
}

bool nook_stage_job_is_running(const NookStageJob *job) {
        return job->state != STATE_NEW && job->state != STATE_DONE;
}

bool nook_stage_job_is_done(const NookStageJob *job) {
        return job->state == STATE_DONE;
}

int nook_stage_job_tree(const NookStageJob *job) {
        return job->tree_fd;
}

const NookStageArtifact *nook_stage_job_artifact(const NookStageJob *job) {
        return job->spec.artifact;
}

const NookArtifactSource *nook_stage_job_source(const NookStageJob *job) {
        return job->source;
}

const char *nook_stage_job_label(const NookStageJob *job) {
        return job->label;
}

void nook_stage_job_progress(const NookStageJob *job, NookStageProgress *ret) {
        *ret = (NookStageProgress){
                .artifact = job->spec.index,
                .name = job->source->name,
                .done_bytes = job->fetch.done,
                .total_bytes = job->fetch.total,
                .is_complete = job->state == STATE_DONE,
        };
}
