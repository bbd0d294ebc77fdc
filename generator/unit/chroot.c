/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "unit/build.h"
#include "unit/convert.h"

/* The entries of chroot_env: which paths of the host a task sees, and where. The operator's list is
 * what a job may have; a job's own list narrows it. */

typedef struct {
        const char *source;
        const char *destination;
        NookRange range;
} Entry;

/* The rest of path below prefix ("" or "/a"), or NULL if it is not below. */
static const char *rest_below(const char *path, const char *prefix) {
        size_t size = g_str_equal(prefix, "/") ? 0 : strlen(prefix);

        if (strncmp(path, prefix, size) != 0 || (path[size] != '\0' && path[size] != '/'))
                return NULL;
        return path + size;
}

/* Whether the operator's list has the pair, or has it as a part of an entry. */
static bool is_allowed(const NookPairs *allowed, const char *source, const char *destination) {
        for (guint i = 0; i < allowed->count; i++) {
                const char *below = rest_below(source, allowed->items[i].key.text);
                const char *also = rest_below(destination, allowed->items[i].value.text);

                if (below != NULL && also != NULL && g_str_equal(below, also))
                        return true;
        }
        return false;
}

/* Whether a link on the host takes a source to where the operator's list does not reach. What lies
 * there may be open to everybody and only be kept by the directories above it, which a bind passes
 * by. The file of the resolver is bound where it is, whoever asks (add_resolver). */
static bool leads_out(NookBuild *build, const char *source) {
        const NookPairs *allowed = &build->config->client->chroot_env;
        const NookHostPath *path = nook_host_path(build->host, source);

        if (path->resolved == NULL || g_str_equal(source, "/etc/resolv.conf"))
                return false;
        for (guint i = 0; i < allowed->count; i++) {
                const char *key = allowed->items[i].key.text;
                const NookHostPath *top = nook_host_path(build->host, key);

                if (rest_below(path->resolved, top->resolved != NULL ? top->resolved : key) != NULL)
                        return false;
        }
        return true;
}

bool nook_build_is_reserved(const char *path) {
        static const char *const whole[] = {"/",    "/alloc", "/local",   "/secrets",
                                            "/tmp", "/run",   "/var/tmp", NULL};
        static const char *const trees[] = {"/proc", "/sys", "/dev", "/.nook"};

        if (nook_convert_is_in(whole, path))
                return true;
        for (gsize i = 0; i < G_N_ELEMENTS(trees); i++)
                if (rest_below(path, trees[i]) != NULL)
                        return true;
        return false;
}

static bool check_entry(NookBuild *build, const NookPair *pair, bool is_of_job) {
        const char *source = pair->key.text, *destination = pair->value.text;

        if (!nook_convert_is_clean_path(source) || g_str_equal(source, "/")) {
                nook_diags_error(build->diags, pair->key.range, "Invalid source in chroot_env",
                                 "\"%s\" is no absolute path without \"..\", or is the whole host.",
                                 source);
                return false;
        }
        if (!nook_convert_is_clean_path(destination) || nook_build_is_reserved(destination)) {
                nook_diags_error(build->diags, pair->value.range,
                                 "Invalid destination in chroot_env",
                                 "\"%s\" is no absolute path without \"..\", or a place that the "
                                 "task's own files or the kernel's are mounted on.",
                                 destination);
                return false;
        }
        if (is_of_job && !is_allowed(&build->config->client->chroot_env, source, destination)) {
                nook_diags_error(build->diags, pair->key.range, "Path not allowed",
                                 "The operator's chroot_env does not have \"%s\"; to allow it, add "
                                 "to client { chroot_env } in /etc/nook: \"%s\" = \"%s\"",
                                 source, source, destination);
                return false;
        }
        if (is_of_job && leads_out(build, source)) {
                nook_diags_error(
                        build->diags, pair->key.range, "Path not allowed",
                        "\"%s\" leads by a link to \"%s\", which the operator's chroot_env "
                        "does not have.",
                        source, nook_host_path(build->host, source)->resolved);
                return false;
        }
        return true;
}

/* Whether the task will see this path of the host under the same name. */
static bool is_seen_at_home(const GArray *entries, const char *path) {
        for (guint i = 0; i < entries->len; i++) {
                const Entry *entry = &g_array_index(entries, Entry, i);

                if (g_str_equal(entry->source, entry->destination) &&
                    rest_below(path, entry->source) != NULL)
                        return true;
        }
        return false;
}

/* A link at the top of a host with merged /usr, whose target the task sees anyway: the skeleton has
 * the same link, and nothing is bound twice. */
static bool add_as_link(NookBuild *build, const GArray *entries, const Entry *entry,
                        const char *resolved) {
        if (strchr(entry->destination + 1, '/') != NULL ||
            !g_str_equal(entry->source, entry->destination) ||
            !is_seen_at_home(entries, resolved) || rest_below(resolved, entry->source) != NULL)
                return false;
        return nook_skeleton_spec_add_link(build->skeleton, entry->destination, resolved + 1);
}

static void add_entry(NookBuild *build, const GArray *entries, const Entry *entry) {
        const NookHostPath *path = nook_host_path(build->host, entry->source);
        NookMount *mount;

        if (path->kind == NOOK_PATH_MISSING) {
                nook_build_leave_out(build, entry->source, "not on this host", entry->range);
                return;
        }
        if (path->resolved == NULL) {
                nook_build_leave_out(build, entry->source, "a link that leads nowhere",
                                     entry->range);
                return;
        }
        if (path->kind == NOOK_PATH_LINK && add_as_link(build, entries, entry, path->resolved))
                return;
        mount = nook_plan_add_mount(build->made, NOOK_MOUNT_BIND, NOOK_ROLE_CHROOT,
                                    entry->destination, path->resolved);
        mount->is_read_only = true;
        mount->is_optional = true;
        mount->is_recursive = true;
        mount->is_file = path->resolved_kind != NOOK_PATH_DIR;
        mount->range = entry->range;
}

/* /etc/resolv.conf is often a link to a file that some daemon of the host writes. Where that file
 * is not among the entries it is bound at its own place, so that the link leads to it. */
static void add_resolver(NookBuild *build, const GArray *entries) {
        const NookHostPath *path = nook_host_path(build->host, "/etc/resolv.conf");
        NookMount *mount;

        if (path->kind != NOOK_PATH_LINK || !is_seen_at_home(entries, "/etc"))
                return;
        if (path->resolved == NULL) {
                nook_build_leave_out(build, "/etc/resolv.conf", "a link that leads nowhere",
                                     NOOK_RANGE_NONE);
                return;
        }
        if (is_seen_at_home(entries, path->resolved))
                return;
        mount = nook_plan_add_mount(build->made, NOOK_MOUNT_BIND, NOOK_ROLE_RESOLV, path->resolved,
                                    path->resolved);
        mount->is_read_only = true;
        mount->is_optional = true;
        mount->is_recursive = true;
        mount->is_file = true;
}

void nook_build_chroot(NookBuild *build) {
        bool is_of_job = build->task->chroot_env.set;
        const NookPairs *pairs =
                is_of_job ? &build->task->chroot_env : &build->config->client->chroot_env;
        g_autoptr(GArray) entries = g_array_new(FALSE, FALSE, sizeof(Entry));

        for (guint i = 0; i < pairs->count; i++) {
                Entry entry = {pairs->items[i].key.text, pairs->items[i].value.text,
                               pairs->items[i].key.range};

                if (check_entry(build, &pairs->items[i], is_of_job))
                        g_array_append_val(entries, entry);
        }
        for (guint i = 0; i < entries->len; i++)
                add_entry(build, entries, &g_array_index(entries, Entry, i));
        add_resolver(build, entries);
}
