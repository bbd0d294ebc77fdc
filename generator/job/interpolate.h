/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Run-time references: ${NOMAD_TASK_DIR}, ${attr.kernel.name}, ${meta.zone}. They survive the
 * reading of a job as text and are replaced when a task is made ready, as Nomad's client does it:
 * exactly "${", then characters of A-Z a-z 0-9 _ - . , then "}". What is not known stays as it is.
 * The replacement is not looked at again. */

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

#include "job/host.h"

/* Looks a name up ("NOMAD_TASK_DIR", "attr.kernel.name"): borrowed text, or NULL where unknown. */
typedef const char *(*NookLookup)(const char *name, void *user);

/* The text with its references replaced; caller's. ret_unknown: the first name that was not found,
 * or NULL; caller's; may be NULL itself. */
char *nook_interpolate(const char *text, NookLookup lookup, void *user, char **ret_unknown);

/* The same for a driver's `config`, which Nomad's client evaluates as HCL: there `${ X }` and
 * `${env["X"]}` count as well. */
char *nook_interpolate_config(const char *text, NookLookup lookup, void *user, char **ret_unknown);

/* Calls found(name) for each reference of the text that has the form above. */
void nook_interpolate_each(const char *text, void (*found)(const char *name, void *user),
                           void *user);

bool nook_interpolate_is_needed(const char *text);

/* attr.*, node.* and meta.* from the host; NULL for other names. */
const char *nook_host_lookup(const NookHost *host, const char *name);

/* A lookup over a task's environment (name -> value), then the host; user is a NookTaskLookup. */
typedef struct {
        GHashTable *env;      /* text -> text; may be NULL */
        const NookHost *host; /* may be NULL */
} NookTaskLookup;
const char *nook_task_lookup(const char *name, void *user);

/* True for a name that Nomad's client sets: NOMAD_TASK_DIR, NOMAD_PORT_http, NOMAD_META_x ... */
bool nook_is_nomad_variable(const char *name);

/* The name that was perhaps meant by an unknown NOMAD_ name; NULL for none. Borrowed. */
const char *nook_suggest_nomad_variable(const char *name);
