/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "stage-start.h"

#include "artifact.h"

enum {
        ATTEMPTS = 4,
        RETRY_DELAY_MSEC = 500,
};

/* The smaller of two limits of which zero means none. */
static uint64_t smaller(uint64_t a, uint64_t b) {
        return a == 0 ? b : b == 0 ? a : MIN(a, b);
}

uint64_t nook_stage_max_body_bytes(const NookStageJobSpec *job, const NookArtifactSource *source) {
        uint64_t limit = job->setup->limits.download_max_bytes;

        /* A file that stays as it is takes as much room as it has bytes. */
        return source->packing == NOOK_PACKING_NONE ? smaller(limit, job->artifact->max_bytes)
                                                    : limit;
}

static char *program_path(const NookStageJobSpec *job, const char *name) {
        return g_build_filename(job->setup->libexec_dir, name, NULL);
}

static void add_number(GVariantDict *orders, const char *key, uint64_t number) {
        g_variant_dict_insert(orders, key, "t", (guint64)number);
}

static void add_http_orders(const NookStageJobSpec *job, const NookArtifactSource *source,
                            const char *url, GVariantDict *orders) {
        const NookStageArtifact *artifact = job->artifact;
        const NookStageSetup *setup = job->setup;
        unsigned delay = setup->retry_delay_msec != 0 ? setup->retry_delay_msec : RETRY_DELAY_MSEC;

        g_variant_dict_insert(orders, "url", "s", url);
        /* A list of checksums may be on another host, for which the headers are not. */
        if (artifact->headers != NULL && nook_artifact_is_same_origin(url, source->url))
                g_variant_dict_insert(orders, "headers", "^as", artifact->headers);
        add_number(orders, "insecure", artifact->insecure ? 1 : 0);
        add_number(orders, "timeout-usec", setup->limits.timeout_usec);
        add_number(orders, "attempts", ATTEMPTS);
        add_number(orders, "retry-delay-usec", (uint64_t)delay * 1000);
}

bool nook_stage_start_fetch(NookStageSide *side, const NookStageJobSpec *job,
                            const NookArtifactSource *source, const NookStageFetch *what,
                            GError **error) {
        g_autofree char *program = program_path(job, "nook-fetch");
        g_auto(GVariantDict) orders = G_VARIANT_DICT_INIT(NULL);
        NookWorkerSpec spec = {
                .program = program,
                .uid = job->setup->worker_uid,
                .gid = job->setup->worker_gid,
                .input_fd = what->input_fd,
                .output_fd = what->output_fd,
                .with_network = what->input_fd < 0,
                .with_certificates = what->input_fd < 0,
                .mount_point = job->dirs->run,
        };

        if (what->input_fd < 0)
                add_http_orders(job, source, what->url, &orders);
        if (what->digest_name != NULL)
                g_variant_dict_insert(&orders, "digest", "s", what->digest_name);
        add_number(&orders, "max-bytes", what->max_bytes);
        spec.orders = g_variant_dict_end(&orders);
        return nook_stage_side_start(side, &spec, error);
}

/* The name that a compressed file unpacks to: without the last extension, unless the job says. */
static char *single_name(const NookArtifactSource *source) {
        const char *name = source->file_name;
        g_autofree char *suffix = g_strconcat(".", source->compression, NULL);
        size_t length = strlen(name);

        if (g_str_has_suffix(name, suffix) && length > strlen(suffix))
                return g_strndup(name, length - strlen(suffix));
        return g_strdup(name);
}

bool nook_stage_start_unpack(NookStageSide *side, const NookStageJobSpec *job,
                             const NookArtifactSource *source, int input_fd, GError **error) {
        static const char *const kinds[] = {"", "single", "tar", "zip"};
        const NookStageLimits *limits = &job->setup->limits;
        g_autofree char *program = program_path(job, "nook-unpack");
        g_autofree char *directory = g_strdup_printf("%s/%u", job->stage_dir, job->index);
        g_autofree char *name = single_name(source);
        g_auto(GVariantDict) orders = G_VARIANT_DICT_INIT(NULL);
        NookWorkerSpec spec = {
                .program = program,
                .uid = job->setup->worker_uid,
                .gid = job->setup->worker_gid,
                .input_fd = input_fd,
                .output_fd = -1,
                .directory = directory,
                .mount_point = job->dirs->run,
                .max_file_bytes = smaller(limits->unpack_max_bytes, job->artifact->max_bytes),
        };

        g_variant_dict_insert(&orders, "kind", "s", kinds[source->packing]);
        g_variant_dict_insert(&orders, "compression", "s", source->compression);
        g_variant_dict_insert(&orders, "name", "^ay", name);
        add_number(&orders, "max-bytes", spec.max_file_bytes);
        add_number(&orders, "max-entries", limits->unpack_max_entries);
        add_number(&orders, "max-ratio", limits->unpack_max_ratio);
        add_number(&orders, "max-depth", limits->max_depth != 0 ? limits->max_depth : 1024);
        add_number(&orders, "strip-components", job->artifact->strip_components);
        add_number(&orders, "drain", source->digest != NULL ? 1 : 0);
        spec.orders = g_variant_dict_end(&orders);
        return nook_stage_side_start(side, &spec, error);
}
