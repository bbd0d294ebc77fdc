/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* The operator's configuration: /etc/nook/ *.hcl, read in the order of their names and merged. Its
 * words are those of a Nomad client's configuration; the structs come from job/config.def in the
 * way job/job.h explains. It guards against mistakes and is no boundary against root.
 *
 * client, client->artifact, exec and raw_exec are never NULL, and every value in force is filled
 * in, with `set` false where the operator wrote nothing. */

#include <glib.h>
#include <stdbool.h>

#include "base/diag.h"
#include "base/error.h"
#include "job/field.h"

#include "job/blocks-names.h"
#include "job/config.def"
#include "job/blocks-end.h"

#include "job/blocks-struct.h"
#include "job/config.def"
#include "job/blocks-end.h"

/* The defaults alone: no file read. */
NookConfig *nook_config_new(void);
void nook_config_free(NookConfig *config);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(NookConfig, nook_config_free)

/* Reads sources in order; a later one overrides values and adds to maps and lists of blocks, as a
 * Nomad agent merges its files (a chroot_env given in any of them replaces the default one).
 *   sources  n texts; referenced
 *   diags    findings; words of a Nomad agent that nook does not use are notes
 * Returns NULL if an error was found. Caller's. */
NookConfig *nook_config_read_sources(NookSource *const *sources, guint n, NookDiags *diags);

/* Opens and reads files. A path that is a directory stands for its *.hcl files in name order (as
 * strcmp() orders them); one that does not exist is an error unless optional.
 *   ret_sources  the sources read, for whoever prints findings; caller's (GPtrArray of NookSource)
 * Returns NULL with error set when a file cannot be read, or (NOOK_ERROR_INVALID) with findings. */
NookConfig *nook_config_read(const char *const *paths, bool optional, NookDiags *diags,
                             GPtrArray **ret_sources, GError **error);

/* client.options, or NULL. */
const char *nook_config_option(const NookConfig *config, const char *name);

/* Whether `user = "name"` is refused for a driver by user.denylist (default: root, Administrator)
 * where user.checked_drivers (default: exec, qemu, java) has the driver. */
bool nook_config_denies_user(const NookConfig *config, const char *driver, const char *name);

/* Whether denied_host_uids / denied_host_gids of the driver holds the id. */
bool nook_config_denies_uid(const NookConfig *config, const char *driver, guint32 uid);
bool nook_config_denies_gid(const NookConfig *config, const char *driver, guint32 gid);

/* Whether plugin "exec" allow_caps has the capability ("NET_ADMIN", any case, CAP_ or not) or
 * "all". */
bool nook_config_allows_cap(const NookConfig *config, const char *name);

/* Whether a job may ask for the host's namespace: mode is "pid" or "ipc". */
bool nook_config_allows_host_mode(const NookConfig *config, const char *mode);

/* Whether allow_directives names the directive (exact spelling). */
bool nook_config_allows_directive(const NookConfig *config, const char *key);

/* A host volume by name, or NULL. */
const NookConfigHostVolume *nook_config_host_volume(const NookConfig *config, const char *name);

/* Whether a chroot_env was written, rather than the default list used. Every value of the
 * configuration that has a default is filled in; data_dir, alloc_dir and name are NULL if unset. */
bool nook_config_has_own_chroot(const NookConfig *config);
