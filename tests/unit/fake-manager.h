/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* A service manager on the other end of a socketpair: an sd-bus server in a thread that takes
 * StartTransientUnit, keeps the message as text, answers, and then emits the signals that its
 * script names. Real messages on a real connection; only PID 1 is not real. */

#include <glib.h>

#include "bus.h"

typedef enum {
        FAKE_UNIT,    /* PropertiesChanged of the Unit interface */
        FAKE_SERVICE, /* PropertiesChanged of the Service interface */
        FAKE_JOB,     /* JobRemoved */
        FAKE_END,
} FakeKind;

typedef struct {
        FakeKind kind;
        const char *active; /* Unit: ActiveState */
        const char *sub;    /* Unit: SubState */
        guint32 job;        /* Unit: id of the queued job */
        const char *result; /* Service: Result; Job: its result */
        int code;           /* Service: ExecMainCode */
        int status;         /* Service: ExecMainStatus */
} FakeSignal;

typedef struct {
        const char *error_name; /* StartTransientUnit fails with it; NULL: it succeeds */
        const char *error_text;
        const FakeSignal *script; /* ends with FAKE_END; NULL: nothing is emitted */

        NookBus *client; /* what the code under test talks to */
        char *request;   /* StartTransientUnit as sd-bus prints it; complete after an answer */
        sd_bus *server;
        GThread *thread;
} FakeManager;

#define FAKE_UNIT_NAME "nook-web.service"
#define FAKE_JOB_PATH  "/org/freedesktop/systemd1/job/7"

FakeManager *fake_manager_new(void);
void fake_manager_free(FakeManager *fake);
