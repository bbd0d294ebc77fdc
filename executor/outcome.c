/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "outcome.h"

#include <signal.h>
#include <string.h>
#include <sys/wait.h>

#include "base/error.h"

static const struct {
        int status;
        const char *step;
} spawn_steps[] = {
        {200, "CHDIR"},
        {201, "NICE"},
        {202, "FDS"},
        {203, "EXEC"},
        {204, "MEMORY"},
        {205, "LIMITS"},
        {206, "OOM_ADJUST"},
        {207, "SIGNAL_MASK"},
        {208, "STDIN"},
        {209, "STDOUT"},
        {210, "CHROOT"},
        {211, "IOPRIO"},
        {212, "TIMERSLACK"},
        {213, "SECUREBITS"},
        {214, "SETSCHEDULER"},
        {215, "CPUAFFINITY"},
        {216, "GROUP"},
        {217, "USER"},
        {218, "CAPABILITIES"},
        {219, "CGROUP"},
        {220, "SETSID"},
        {221, "CONFIRM"},
        {222, "STDERR"},
        {224, "PAM"},
        {225, "NETWORK"},
        {226, "NAMESPACE"},
        {227, "NO_NEW_PRIVILEGES"},
        {228, "SECCOMP"},
        {229, "SELINUX"},
        {230, "PERSONALITY"},
        {231, "APPARMOR"},
        {232, "FAMILIES"},
        {233, "RUNTIME_DIRECTORY"},
        {235, "CHOWN"},
        {236, "KEYRING"},
        {237, "SMACK_LABEL"},
        {238, "STATE_DIRECTORY"},
        {239, "CACHE_DIRECTORY"},
        {240, "LOGS_DIRECTORY"},
        {241, "CONFIGURATION_DIRECTORY"},
        {242, "NUMA_POLICY"},
        {243, "CREDENTIALS"},
        {244, "BPF"},
        {245, "KSM"},
};

const char *nook_outcome_spawn_step(int status) {
        for (gsize i = 0; i < G_N_ELEMENTS(spawn_steps); i++)
                if (spawn_steps[i].status == status)
                        return spawn_steps[i].step;
        return NULL;
}

int nook_outcome_spawn_status(int status, const char *reason) {
        if (status != 203)
                return 125;
        if (reason != NULL && strstr(reason, g_strerror(2 /* ENOENT */)) != NULL)
                return 127;
        return 126;
}

void nook_outcome_clear(NookOutcome *outcome) {
        g_clear_pointer(&outcome->text, g_free);
}

static char *signal_text(int number) {
        const char *name = sigabbrev_np(number);

        return name != NULL ? g_strdup_printf("SIG%s", name) : g_strdup_printf("signal %d", number);
}

static void outcome_of_signal(const NookUnitState *state, NookOutcome *outcome) {
        g_autofree char *name = signal_text(state->exit_status);
        bool is_oom = g_strcmp0(state->result, "oom-kill") == 0;

        outcome->status = 128 + state->exit_status;
        outcome->text = g_strdup_printf("was killed by %s%s%s", name,
                                        state->exit_code == CLD_DUMPED ? ", memory dumped" : "",
                                        is_oom ? ": out of memory" : "");
}

/* The start job fails while a main process has ended only when systemd's own child could not
 * execute the command: units are of Type=exec. */
static bool is_spawn_failure(const NookUnitState *state) {
        return state->exit_code == CLD_EXITED && g_strcmp0(state->job_result, "failed") == 0 &&
               nook_outcome_spawn_step(state->exit_status) != NULL;
}

void nook_outcome_of_unit(const NookUnitState *state, bool has_time_limit,
                          NookOutcome *ret_outcome) {
        NookOutcome outcome = {.status = 125};

        if (is_spawn_failure(state)) {
                outcome.is_spawn_failure = true;
                outcome.status = nook_outcome_spawn_status(state->exit_status, NULL);
                outcome.text = g_strdup_printf("could not be started: systemd failed at step %s",
                                               nook_outcome_spawn_step(state->exit_status));
        } else if (has_time_limit && g_strcmp0(state->result, "timeout") == 0) {
                outcome.status = 124;
                outcome.text = g_strdup("was stopped: its time was over");
        } else if (state->exit_code == CLD_EXITED) {
                outcome.status = state->exit_status;
                outcome.is_clean = true;
        } else if (state->exit_code == CLD_KILLED || state->exit_code == CLD_DUMPED) {
                outcome_of_signal(state, &outcome);
        } else if (g_strcmp0(state->job_result, "done") != 0) {
                outcome.text = g_strdup_printf("was not started: systemd's job ended with '%s'%s%s",
                                               state->job_result != NULL ? state->job_result : "?",
                                               state->result != NULL ? ", the unit with " : "",
                                               state->result != NULL ? state->result : "");
        } else {
                outcome.text = g_strdup_printf("ended without an exit status (%s)",
                                               state->result != NULL ? state->result : "unknown");
        }
        *ret_outcome = outcome;
}
