/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* The command line of `nook exec` as a job: what a task file can say in a file, said in options.
 * The options become a job file in HCL's JSON form, which is then read, checked and planned as any
 * other, so that a task has the same walls and the same refusals whichever way it is described.
 * Words and values of variables that HCL would read something into are put back afterwards. */

#include <glib.h>
#include <stdbool.h>

#include "cli.h"
#include "unit/plan.h"

/* The options, for the verb's table; see nook(1). */
#define NOOK_EXEC_OPTIONS                                                                          \
        {"unit", 'u', "NAME", "Name of the unit"},                                                 \
                {"description", 0, "TEXT", "Description of the unit"},                             \
                {"slice", 0, "SLICE", "Slice to run in"},                                          \
                {"property", 'p', "NAME=VALUE", "Set a directive of the unit"},                    \
                {"uid", 0, "USER", "Run as this user"}, {"nice", 0, "NICE", "Nice level"},         \
                {"setenv", 'E', "NAME[=VALUE]", "Set an environment variable"},                    \
                {"working-directory", 0, "PATH", "Directory to start in"},                         \
                {"same-dir", 'd', NULL, "Start in the current directory"},                         \
                {"chroot-env", 0, "SRC[:DST]",                                                     \
                 "What the root is made of, instead of the default"},                              \
                {"bind", 0, "SRC[:DST]", "Bind a path of the host, writable"},                     \
                {"bind-ro", 0, "SRC[:DST]", "Bind a path of the host, read-only"},                 \
                {"tmpfs", 0, "PATH[:OPTIONS]", "An empty file system in memory"},                  \
                {"artifact", 0, "URL[=DEST]", "Fetch an artifact first"},                          \
                {"cap-add", 0, "CAPABILITY", "Grant a capability"},                                \
                {"memory", 0, "SIZE", "Memory limit (512M)"},                                      \
                {"network", 0, "MODE", "\"none\" or \"host\""},                                    \
                {"pid-mode", 0, "MODE", "\"private\" or \"host\""}, {                              \
                "no-isolation", 0, NULL, "No walls (the driver raw_exec)"                          \
        }

/* The job as text. name: of job, group and task.
 * Errors: USAGE, naming the option. */
char *nook_exec_job_text(const NookCli *cli, const char *name, GError **error);

/* Directives that options of this command line stand for and that a job file may use only when the
 * operator has named them: whoever types them here is the operator. NULL-terminated; caller frees
 * the array alone. */
const char **nook_exec_job_directives(const NookCli *cli);

/* Puts words, variables, the unit's name and slice into the plan as they were typed. */
bool nook_exec_job_finish(const NookCli *cli, NookPlanAlloc *alloc, bool is_light, GError **error);

/* Whether the command needs nothing on disk: its own directories are in memory.
 *   sandbox  who builds the walls of a service when no option says so: "systemd" or "nook" */
bool nook_exec_job_is_light(const NookCli *cli, const char *sandbox);
