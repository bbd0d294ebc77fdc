/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What the files of a run share: nobody else includes this. run.c prepares, sets up the loop and
 * sums up; run-start.c starts tasks; run-watch.c follows them to their end; run-stop.c ends them
 * early. */

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>
#include <systemd/sd-bus.h>
#include <systemd/sd-event.h>

#include "attach.h"
#include "base/fd.h"
#include "feed.h"
#include "follow.h"
#include "notice.h"
#include "outcome.h"
#include "pam.h"
#include "run.h"
#include "scope.h"
#include "unit-state.h"

typedef enum {
        PHASE_WAITING, /* not started yet */
        PHASE_STARTING,
        PHASE_RUNNING,
        PHASE_ENDING, /* ended; its last lines are awaited */
        PHASE_DONE,
} Phase;

/* One allocation of the run. It is made before its first task starts and removed when its last one
 * is done, while others still come and go. */
typedef struct {
        const NookPlanAlloc *plan;
        NookAlloc *alloc; /* NULL: not made yet, or removed */
        guint n_left;     /* tasks that are not done */
} RunAlloc;

typedef struct {
        struct Run *run;
        RunAlloc *home;
        NookPlanTask *task;
        NookUnitState *state;
        Phase phase;
        NookOutcome outcome;
        uint64_t start_usec; /* CLOCK_REALTIME */
        NookLaunch launch;   /* of a scope's task; else nothing */
        sd_event_source *launch_end;
        NookPam *pam;      /* likewise */
        char *group;       /* the scope's control group */
        NookFd streams[2]; /* into the journal; -1: not open, or handed on */
} RunTask;

typedef struct Run {
        NookLoad *load;
        NookRunOptions options;
        sd_event *event;
        NookFollow *follow;
        NookFeed *feed;
        NookAttach *attach;
        GPtrArray *tasks;  /* of RunTask, in the plan's order: that of the file */
        GPtrArray *order;  /* the same in the order of their starts: leaders first */
        GPtrArray *allocs; /* of RunAlloc, as in the plan */
        char *record;      /* the job as it is kept beside its allocations */
        GHashTable *by_path;
        GHashTable *by_name;
        NookFd signal_fd;
        guint n_next; /* first of order that is still waiting */
        guint n_starting;
        guint n_done;
        int stop_signal; /* the first one that came; 0: none */
        bool is_stopping;
        bool is_time_over;
        bool is_left;   /* by the keys that leave a task alone */
        bool is_unsure; /* a task may run on without us: its files stay */
        GError *error;  /* a task could not be started, or the manager is lost */
} Run;

/* For messages and for whose manager it is; borrowed. */
static inline const NookCli *nook_run_cli(const Run *run) {
        return run->load->cli;
}

/* Whom a notice in the journal is about; borrowed. */
static inline NookNoticeSubject nook_run_subject_of(const RunTask *task) {
        return (NookNoticeSubject){task->state->name, task->task->name,
                                   nook_run_cli(task->run)->user};
}

/* --- run-alloc.c ------------------------------------------------------------------------------ */

/* The allocations of the plan, none of them made. */
void nook_run_collect_allocs(Run *run);

/* Makes those that have to be whole before anything starts: the first, and all with artifacts. The
 * others are made while the manager works on earlier ones.
 * Errors: those of nook_prepare_alloc(). */
bool nook_run_prepare(Run *run, GError **error);

/* Makes one, if that is not done yet. */
bool nook_run_make_alloc(Run *run, RunAlloc *home, GError **error);

/* A task of it is done: removes it with the last one, if it is not to stay. */
void nook_run_leave_alloc(Run *run, RunAlloc *home);

/* Removes all that are left. */
void nook_run_remove_allocs(Run *run);

/* --- run-start.c ------------------------------------------------------------------------------ */

/* Whether a single task is joined to our own streams instead of the journal. */
bool nook_run_is_attached(const Run *run);

/* Opens the task's streams into the journal, if they are not open yet.
 * Errors: those of nook_journal_stream_open(). */
bool nook_run_open_streams(RunTask *task, GError **error);

/* Starts tasks, in order, until the window of starts in flight is full. One that cannot be started
 * fails the run and stops the others. */
void nook_run_start_more(Run *run);

/* --- run-watch.c ------------------------------------------------------------------------------ */

/* Filter of the manager's bus: brings the states of the tasks up to date and acts on what is new.
 *   user_data  the Run */
int nook_run_on_message(sd_bus_message *message, void *user_data, sd_bus_error *bus_error);

/* Nothing more is awaited from the task: lets go of its unit; the loop ends with the last task. */
void nook_run_finish_task(RunTask *task);

/* --- run-stop.c ------------------------------------------------------------------------------- */

/* Keeps the run's first error, which conduct() reports; frees a later one. Stops nothing. */
void nook_run_fail_take(Run *run, GError *error);

/* Stops the tasks that were started, gives up those still waiting, and returns at once: their ends
 * are followed by the loop. Once only; later calls do nothing. */
void nook_run_stop_all(Run *run);

/* From here on signals are read from run->signal_fd, also while artifacts are staged; a detached
 * run leaves them as they are. SIGPIPE is ignored in either case.
 * Errors: as errno has it, IO as a rule. */
bool nook_run_take_signals(Run *run, GError **error);

/* Adds to the loop what stops a run from outside: signals, the time limit, an output that nobody
 * reads.
 * Errors: as errno has it, IO as a rule. */
bool nook_run_watch_stops(Run *run, GError **error);
