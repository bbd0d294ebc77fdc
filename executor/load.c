/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "load.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "host-probe.h"

extern char **environ;

#define DEFAULT_CONFIG "/etc/nook"

/* From so many units in nook.slice on, a slice of its own costs a start less (24 against 10 ms with
 * 2,000 in it; the slice itself is 1 to 2 ms). */
#define CROWDED_SLICE 200

/* --- directories and configuration ------------------------------------------------------------ */

static char *user_dir(const char *variable, const char *below_home) {
        const char *value = g_getenv(variable);

        if (value != NULL && value[0] == '/')
                return g_build_filename(value, "nook", NULL);
        return g_build_filename(g_get_home_dir(), below_home, "nook", NULL);
}

/* A Nomad agent's data_dir is only shared, never taken over: its own "alloc" lies in there. */
static void choose_dirs(NookLoad *load) {
        const char *data_dir = load->config->data_dir.text;
        const char *runtime = g_getenv("XDG_RUNTIME_DIR");

        if (load->cli->user) {
                load->state_dir = user_dir("XDG_STATE_HOME", ".local/state");
                load->cache_dir = user_dir("XDG_CACHE_HOME", ".cache");
                load->run_dir = runtime != NULL ? g_build_filename(runtime, "nook", NULL)
                                                : g_build_filename(load->state_dir, "run", NULL);
        } else {
                load->state_dir = data_dir != NULL && load->config->data_dir.set
                                          ? g_build_filename(data_dir, "nook", NULL)
                                          : g_strdup("/var/lib/nook");
                load->cache_dir = g_strdup("/var/cache/nook");
                load->run_dir = g_strdup("/run/nook");
        }
        load->dirs = (NookDirs){load->state_dir, load->run_dir, load->cache_dir};
}

/* Whoever may write the file or a directory above it decides what root will do. */
static bool check_is_roots(const char *path, const char *resolved, GError **error) {
        g_autofree char *current = g_strdup(resolved);

        for (;;) {
                struct stat st;
                char *slash;

                if (stat(current, &st) < 0)
                        return nook_fail_errno(error, errno, "read the configuration '%s'", path);
                if (st.st_uid != 0 || (st.st_mode & 0022) != 0)
                        return nook_fail(error, NOOK_ERROR_REFUSED,
                                         "--config '%s': '%s' can be changed by others than root, "
                                         "and nook was started through sudo",
                                         path, current);
                if (g_str_equal(current, "/"))
                        return true;
                slash = strrchr(current, '/');
                slash[slash == current ? 1 : 0] = 0;
        }
}

/* Where a path leads by links that are anybody's, to something that is root's with all that is read
 * of it: whoever owns the links may turn them elsewhere meanwhile, so only this path is read.
 * The caller's; NULL with error set. */
static char *resolve_to_roots(const char *path, GError **error) {
        g_autofree char *resolved = realpath(path, NULL);
        g_autoptr(GDir) dir = NULL;
        const char *name;

        if (resolved == NULL) {
                (void)nook_fail_errno(error, errno, "read the configuration '%s'", path);
                return NULL;
        }
        if (!check_is_roots(path, resolved, error))
                return NULL;
        dir = g_dir_open(resolved, 0, NULL);
        while (dir != NULL && (name = g_dir_read_name(dir)) != NULL) {
                g_autofree char *entry = g_build_filename(resolved, name, NULL);
                g_autofree char *file = realpath(entry, NULL);

                if (g_str_has_suffix(name, ".hcl") && file != NULL &&
                    !check_is_roots(path, file, error))
                        return NULL;
        }
        return g_steal_pointer(&resolved);
}

static bool is_lent_root(void) {
        return geteuid() == 0 && (g_getenv("SUDO_UID") != NULL || g_getenv("PKEXEC_UID") != NULL);
}

static bool read_config(NookLoad *load, GError **error) {
        static const char *const default_paths[] = {DEFAULT_CONFIG, NULL};
        const GPtrArray *given = load->cli->config_paths;
        g_auto(GStrv) paths = g_new0(char *, given->len + 1);

        for (guint i = 0; i < given->len; i++) {
                const char *path = g_ptr_array_index(given, i);

                paths[i] = is_lent_root() ? resolve_to_roots(path, error) : g_strdup(path);
                if (paths[i] == NULL)
                        return false;
        }
        load->config = nook_config_read(given->len > 0 ? (const char *const *)paths : default_paths,
                                        given->len == 0, load->diags, &load->config_sources, error);
        if (load->config != NULL)
                return true;
        nook_load_print_findings(load);
        return false;
}

/* Verbs that read no job have no --diags. */
static bool takes_diags(const NookCli *cli) {
        for (const NookOption *option = cli->verb->options; option && option->name; option++)
                if (strcmp(option->name, "diags") == 0)
                        return true;

        return false;
}

bool nook_load_new(const NookCli *cli, NookLoad **ret_load, GError **error) {
        g_autoptr(NookLoad) load = g_new0(NookLoad, 1);
        const char *form = takes_diags(cli) ? nook_cli_value(cli, "diags") : NULL;

        if (form && strcmp(form, "json") != 0 && strcmp(form, "text") != 0)
                return nook_fail(error, NOOK_ERROR_USAGE, "--diags=%s: it is text or json", form);
        load->is_diags_json = g_strcmp0(form, "json") == 0;
        load->cli = cli;
        load->diags = nook_diags_new();
        load->sources = g_ptr_array_new_with_free_func((GDestroyNotify)nook_source_unref);
        if (!read_config(load, error))
                return false;
        choose_dirs(load);
        *ret_load = g_steal_pointer(&load);
        return true;
}

void nook_load_free(NookLoad *load) {
        if (load == NULL)
                return;
        nook_plan_free(load->plan);
        nook_host_free(load->host);
        nook_job_free(load->job);
        nook_config_free(load->config);
        nook_bus_free(load->bus);
        nook_diags_free(load->diags);
        g_clear_pointer(&load->config_sources, g_ptr_array_unref);
        g_clear_pointer(&load->sources, g_ptr_array_unref);
        g_free(load->state_dir);
        g_free(load->run_dir);
        g_free(load->cache_dir);
        g_free(load->base_dir);
        g_free(load);
}

void nook_load_print_findings(NookLoad *load) {
        guint n_errors = nook_diags_count_errors(load->diags);

        if (load->is_diags_json)
                nook_diags_print_json(load->diags, stderr);
        else if (load->cli->json != NOOK_JSON_OFF && n_errors > 0)
                nook_diags_print_json(load->diags, stdout);
        else if (nook_diags_count(load->diags) > 0 && (n_errors > 0 || !load->cli->quiet))
                nook_diags_print(load->diags, stderr, load->cli->colour_stderr);
        nook_diags_truncate(load->diags, 0);
}

/* --- the job --------------------------------------------------------------------------------- */

static bool read_standard_input(GBytes **ret_text, GError **error) {
        g_autoptr(GByteArray) all = g_byte_array_new();
        guint8 buffer[16 * 1024];
        ssize_t n;

        while ((n = read(STDIN_FILENO, buffer, sizeof buffer)) != 0) {
                if (n < 0 && errno == EINTR)
                        continue;
                if (n < 0)
                        return nook_fail_errno(error, errno, "read standard input");
                g_byte_array_append(all, buffer, (guint)n);
        }
        *ret_text = g_byte_array_free_to_bytes(g_steal_pointer(&all));
        return true;
}

static NookSource *read_source(const char *path, GError **error) {
        g_autoptr(GBytes) text = NULL;
        g_autoptr(GError) cause = NULL;
        char *content;
        gsize size;

        if (g_str_equal(path, "-")) {
                if (!read_standard_input(&text, error))
                        return NULL;
                return nook_source_new("<stdin>", text);
        }
        if (!g_file_get_contents(path, &content, &size, &cause)) {
                int code = g_error_matches(cause, G_FILE_ERROR, G_FILE_ERROR_NOENT)
                                   ? NOOK_ERROR_NOT_FOUND
                                   : NOOK_ERROR_IO;

                (void)nook_fail(error, code, "%s", cause->message);
                return NULL;
        }
        text = g_bytes_new_take(content, size);
        return nook_source_new(path, text);
}

/* The sources of --var-file, NULL-terminated; they stay with load. */
static bool read_var_files(NookLoad *load, GPtrArray *ret_files, GError **error) {
        g_autoptr(GPtrArray) paths = nook_cli_values(load->cli, "var-file");

        for (guint i = 0; i < paths->len; i++) {
                NookSource *source = read_source(g_ptr_array_index(paths, i), error);

                if (source == NULL)
                        return false;
                g_ptr_array_add(load->sources, source);
                g_ptr_array_add(ret_files, source);
        }
        g_ptr_array_add(ret_files, NULL);
        return true;
}

bool nook_load_job(NookLoad *load, const char *path, GError **error) {
        g_autoptr(GPtrArray) vars = nook_cli_values(load->cli, "var");
        g_autoptr(GPtrArray) var_files = g_ptr_array_new();
        NookJobOptions options = {.env = (const char *const *)environ};
        NookSource *source = read_source(path, error);

        if (source == NULL)
                return false;
        g_ptr_array_add(load->sources, source);
        /* A job from a pipe may come from anywhere: it reads no files, wherever nook is run. */
        load->base_dir = g_str_equal(path, "-") ? NULL : g_path_get_dirname(path);
        if (!read_var_files(load, var_files, error))
                return false;
        g_ptr_array_add(vars, NULL);
        options.vars = (const char *const *)vars->pdata;
        options.var_files = (NookSource *const *)var_files->pdata;
        options.base_dir = load->base_dir;
        options.raw = load->wants_raw_job;
        if (nook_cli_has(load->cli, "json-job"))
                options.format = NOOK_JOB_FORMAT_API_JSON;
        load->job = nook_job_read(source, &options, load->diags);
        if (load->job != NULL)
                return true;
        nook_load_print_findings(load);
        return nook_fail(error, NOOK_ERROR_INVALID, "%s", "");
}

bool nook_load_job_text(NookLoad *load, const char *name, const char *text, GError **error) {
        NookJobOptions options = {0};
        NookSource *source = nook_source_new_text(name, text);

        g_ptr_array_add(load->sources, source);
        load->base_dir = g_get_current_dir();
        options.base_dir = load->base_dir;
        load->job = nook_job_read(source, &options, load->diags);
        if (load->job != NULL)
                return true;
        nook_load_print_findings(load);
        return nook_fail(error, NOOK_ERROR_INVALID, "%s", "");
}

/* --- the plan -------------------------------------------------------------------------------- */

bool nook_load_bus(NookLoad *load, GError **error) {
        return load->bus != NULL || nook_bus_open(load->cli->user, &load->bus, error);
}

char *nook_load_new_uuid(void) {
        guint8 b[16];

        if (getrandom(b, sizeof b, 0) != (ssize_t)sizeof b)
                g_error("getrandom: %s", g_strerror(errno));
        b[6] = (guint8)((b[6] & 0x0f) | 0x40); /* version 4, RFC 4122 */
        b[8] = (guint8)((b[8] & 0x3f) | 0x80);
        return g_strdup_printf(
                "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x", b[0], b[1],
                b[2], b[3], b[4], b[5], b[6], b[7], b[8], b[9], b[10], b[11], b[12], b[13], b[14],
                b[15]);
}

static char *new_alloc_id(const NookJob *job, const char *group, guint index, void *user_data) {
        (void)job;
        (void)group;
        (void)index;
        (void)user_data;
        return nook_load_new_uuid();
}

/* Whether the job asks for facts that cost time to find: constraints, or a reference to them. */
static bool mentions_host_facts(const NookLoad *load) {
        static const char *const words[] = {"attr.", "node.", "constraint", "cpu", "cores"};

        for (guint i = 0; i < load->sources->len; i++) {
                uint32_t size;
                const char *text = nook_source_text(g_ptr_array_index(load->sources, i), &size);

                for (gsize w = 0; w < G_N_ELEMENTS(words); w++)
                        if (memmem(text, size, words[w], strlen(words[w])) != NULL)
                                return true;
        }
        return false;
}

/* The manager walks the units of a slice at each start in it. A control group's link count is that
 * of any directory: two and one for each below it. */
static bool is_slice_crowded(void) {
        struct stat st;

        return stat("/sys/fs/cgroup/nook.slice", &st) == 0 && st.st_nlink > CROWDED_SLICE + 2;
}

bool nook_load_plan(NookLoad *load, NookLoadPlanOptions options, GError **error) {
        NookProbeOptions probe = {.run_dir = load->run_dir,
                                  .is_user = load->cli->user,
                                  .wants_all = mentions_host_facts(load)};
        NookPlanOptions plan = {.state_dir = options.is_in_memory ? load->run_dir : load->state_dir,
                                .run_dir = load->run_dir,
                                .cache_dir = load->cache_dir,
                                .libexec_dir = NOOK_LIBEXEC_DIR,
                                .is_user = load->cli->user,
                                .is_scope = options.is_scope,
                                .is_strict = options.is_strict,
                                .is_file = options.is_file,
                                .wants_own_slice = is_slice_crowded(),
                                .is_direct = options.is_direct};

        load->host = nook_host_probe(load->bus, load->config, probe, error);
        if (load->host == NULL)
                return false;
        if (!options.has_stable_ids)
                plan.new_alloc_id = new_alloc_id;
        load->plan = nook_plan_new(load->job, load->config, load->host, &plan, load->diags);
        nook_load_print_findings(load);
        return load->plan != NULL || nook_fail(error, NOOK_ERROR_INVALID, "%s", "");
}
