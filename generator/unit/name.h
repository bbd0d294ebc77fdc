/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Names: what a job's units, slices, users and directories are called. All are functions of the
 * job's own names and the allocation's id, so that any nook process finds them again. */

#include <glib.h>

#include "job/job.h"
#include "unit/directive.h"

/* The longest name of a unit that systemd takes, in bytes. Source: systemd.unit(5). */
#define NOOK_UNIT_NAME_MOST 255

/* A part of a service's or scope's name: what systemd forbids and `: @ \` become \xHH; a dash
 * stays. The caller's. */
char *nook_name_escape(const char *text);

/* A part of a slice's name, where a dash means "below": it becomes \x2d as well. The caller's. */
char *nook_name_escape_slice(const char *text);

/* A path as the instance of a template, as `systemd-escape --path` has it. The caller's. */
char *nook_name_escape_path(const char *path);

/* A directory's or file's name for a job's or task's own: letters, digits, `_ . -` stay, all else
 * and a leading dot become =HH. Never empty. The caller's. */
char *nook_name_for_path(const char *text);

/* "nook-web.service" where the job is one task in all and their names agree, else
 * "nook-JOB:GROUP:TASK:INDEX.service". May be too long: the caller checks. The caller's. */
char *nook_name_of_task(const NookJob *job, const NookGroup *group, const NookTask *task,
                        guint index, NookUnitKind kind);

/* "nook-JOB.slice", and below it "nook-JOB-ALLOC.slice" with eight digits of the id. The caller's.
 */
char *nook_name_of_job_slice(const NookJob *job);
char *nook_name_of_alloc_slice(const NookJob *job, const char *alloc_id);

/* "nook-0a1b2c3d4e5f8071": the dynamic user of an allocation. The caller's. */
char *nook_name_of_user(const char *alloc_id);

/* "JOB.GROUP[INDEX]", as Nomad calls an allocation. The caller's. */
char *nook_name_of_alloc(const NookJob *job, const NookGroup *group, guint index);

/* A UUID (version 8) that depends on these names alone. The caller's. */
char *nook_name_derive_id(const NookJob *job, const char *group, guint index);
