/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "job/signal-name.h"

#include <glib.h>
#include <signal.h>
#include <string.h>

#include "base/diag.h"

static const struct {
        const char *name;
        int number;
} signals[] = {
        {"SIGABRT", SIGABRT},   {"SIGALRM", SIGALRM},     {"SIGBUS", SIGBUS},
        {"SIGCHLD", SIGCHLD},   {"SIGCONT", SIGCONT},     {"SIGFPE", SIGFPE},
        {"SIGHUP", SIGHUP},     {"SIGILL", SIGILL},       {"SIGINT", SIGINT},
        {"SIGIO", SIGIO},       {"SIGIOT", SIGIOT},       {"SIGKILL", SIGKILL},
        {"SIGPIPE", SIGPIPE},   {"SIGPROF", SIGPROF},     {"SIGPWR", SIGPWR},
        {"SIGQUIT", SIGQUIT},   {"SIGSEGV", SIGSEGV},     {"SIGSTOP", SIGSTOP},
        {"SIGSYS", SIGSYS},     {"SIGTERM", SIGTERM},     {"SIGTRAP", SIGTRAP},
        {"SIGTSTP", SIGTSTP},   {"SIGTTIN", SIGTTIN},     {"SIGTTOU", SIGTTOU},
        {"SIGURG", SIGURG},     {"SIGUSR1", SIGUSR1},     {"SIGUSR2", SIGUSR2},
        {"SIGXCPU", SIGXCPU},   {"SIGVTALRM", SIGVTALRM}, {"SIGXFSZ", SIGXFSZ},
        {"SIGWINCH", SIGWINCH},
};

int nook_signal_number(const char *name) {
        for (guint i = 0; i < G_N_ELEMENTS(signals); i++)
                if (g_ascii_strcasecmp(signals[i].name, name) == 0 ||
                    g_ascii_strcasecmp(signals[i].name + strlen("SIG"), name) == 0)
                        return signals[i].number;

        return 0;
}

const char *nook_signal_suggest(const char *name) {
        const char *names[G_N_ELEMENTS(signals) + 1];
        g_autofree char *upper = g_ascii_strup(name, -1);

        for (guint i = 0; i < G_N_ELEMENTS(signals); i++)
                names[i] = signals[i].name;
        names[G_N_ELEMENTS(signals)] = NULL;
        return nook_suggest(upper, names);
}
