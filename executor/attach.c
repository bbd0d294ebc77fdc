/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "attach.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/fd.h"
#include "feed.h"
#include "pty.h"
#include "pump.h"

struct NookAttach {
        NookAttachHandler handler;
        void *user_data;
        NookPty *pty;
        NookFeed *feed;
        NookPump *pumps[2];
        int streams[3]; /* the task's ends; with a terminal all are its */
        bool is_finishing;
};

static void on_pty(NookPtyEvent event, void *user_data) {
        NookAttach *attach = user_data;
        static const NookAttachEvent events[] = {
                [NOOK_PTY_DRAINED] = NOOK_ATTACH_DONE,
                [NOOK_PTY_LEFT] = NOOK_ATTACH_LEFT,
                [NOOK_PTY_LOST] = NOOK_ATTACH_LOST,
        };

        attach->handler(events[event], attach->user_data);
}

static void on_pump(bool is_broken, void *user_data) {
        NookAttach *attach = user_data;

        if (is_broken && !attach->is_finishing)
                attach->handler(NOOK_ATTACH_LOST, attach->user_data);
}

static bool open_null(int *ret_fd, GError **error) {
        *ret_fd = open("/dev/null", O_RDWR | O_CLOEXEC);
        return *ret_fd >= 0 || nook_fail_errno(error, errno, "open '/dev/null'");
}

static bool open_copy(int fd, int *ret_fd, GError **error) {
        *ret_fd = fcntl(fd, F_DUPFD_CLOEXEC, 3);
        return *ret_fd >= 0 || nook_fail_errno(error, errno, "copy a descriptor");
}

static bool open_pipes(NookAttach *attach, sd_event *event, const char *label, bool takes_input,
                       GError **error) {
        if (!takes_input || !nook_feed_is_wanted(STDIN_FILENO)) {
                if (!open_null(&attach->streams[0], error))
                        return false;
        } else if (nook_pump_is_harmless(STDIN_FILENO)) {
                if (!open_copy(STDIN_FILENO, &attach->streams[0], error))
                        return false;
        } else if (!nook_feed_new(event, STDIN_FILENO, &attach->feed, &attach->streams[0], error)) {
                return false;
        }

        for (int i = 0; i < 2; i++) {
                int own = i == 0 ? STDOUT_FILENO : STDERR_FILENO;
                int *end = &attach->streams[i + 1];

                if (label == NULL && nook_pump_is_harmless(own)) {
                        if (!open_copy(own, end, error))
                                return false;
                } else if (!nook_pump_new(event, own, label, on_pump, attach, &attach->pumps[i],
                                          end, error)) {
                        return false;
                }
        }
        return true;
}

bool nook_attach_new(sd_event *event, NookAttachKind kind, const char *label, bool takes_input,
                     NookAttachHandler handler, void *user_data, NookAttach **ret_attach,
                     GError **error) {
        g_autoptr(NookAttach) attach = g_new0(NookAttach, 1);

        attach->handler = handler;
        attach->user_data = user_data;
        for (int i = 0; i < 3; i++)
                attach->streams[i] = -1;
        if (kind == NOOK_ATTACH_TERMINAL) {
                if (!nook_pty_new(event, on_pty, attach, &attach->pty, error))
                        return false;
        } else if (!open_pipes(attach, event, label, takes_input, error)) {
                return false;
        }
        *ret_attach = g_steal_pointer(&attach);
        return true;
}

void nook_attach_free(NookAttach *attach) {
        if (attach == NULL)
                return;
        nook_pty_free(attach->pty);
        nook_feed_free(attach->feed);
        nook_pump_free(attach->pumps[0]);
        nook_pump_free(attach->pumps[1]);
        nook_attach_handed_over(attach);
        g_free(attach);
}

void nook_attach_streams(const NookAttach *attach, int ret_streams[3]) {
        for (int i = 0; i < 3; i++)
                ret_streams[i] =
                        attach->pty != NULL ? nook_pty_task_fd(attach->pty) : attach->streams[i];
}

/* The end of a terminal stays: without anybody who has it open it hangs up before the task, which
 * the manager starts later, has it. */
void nook_attach_handed_over(NookAttach *attach) {
        for (int i = 0; i < 3; i++)
                nook_fd_close(nook_fd_steal(&attach->streams[i]));
}

void nook_attach_started(NookAttach *attach) {
        if (attach->pty != NULL)
                nook_pty_started(attach->pty);
}

void nook_attach_tell_kind(NookPlanTask *task) {
        const char *kind = g_getenv("TERM");
        g_autofree char *entry = g_strconcat("TERM=", kind != NULL ? kind : "dumb", NULL);

        nook_plan_task_default_env(task, entry);
}

const char *nook_attach_terminal(const NookAttach *attach) {
        return attach->pty != NULL ? nook_pty_path(attach->pty) : NULL;
}

void nook_attach_finish(NookAttach *attach) {
        attach->is_finishing = true;
        if (attach->pty != NULL) {
                nook_pty_finish(attach->pty);
                return;
        }
        for (int i = 0; i < 2; i++)
                if (attach->pumps[i] != NULL)
                        nook_pump_finish(attach->pumps[i]);
        attach->handler(NOOK_ATTACH_DONE, attach->user_data);
}
