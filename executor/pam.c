/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "pam.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/error.h"
#include "base/fd.h"
#include "launch.h"
#include "pam-session.h"

struct NookPam {
        pid_t keeper;
        NookFd fd; /* to the keeper */
        NookWallsSession marks;
};

/* What the keeper says when the session is open, or is not: this, and then so many bytes, strings
 * with a zero byte each: the environment, or the reason. */
typedef struct {
        int error_code; /* NOOK_ERROR_...; -1: the session is open */
        guint32 size;
        NookWallsSession marks;
} Answer;

enum { KEEPER_FD = 3 };

const char *nook_pam_service_of(const NookPlanTask *task) {
        const NookSetting *setting =
                task->exec != NULL ? nook_unit_find(task->exec, "PAMName") : NULL;
        const char *service = setting != NULL ? g_variant_get_string(setting->value, NULL) : NULL;

        return service != NULL && *service != '\0' ? service : NULL;
}

static bool read_all(int fd, void *buffer, gsize size) {
        char *next = buffer;

        while (size > 0) {
                ssize_t n = read(fd, next, size);

                if (n < 0 && errno == EINTR)
                        continue;
                if (n <= 0)
                        return false;
                next += n;
                size -= (gsize)n;
        }
        return true;
}

static void send_all(int fd, const void *data, gsize size) {
        const char *next = data;

        while (size > 0) {
                ssize_t n = send(fd, next, size, MSG_NOSIGNAL);

                if (n < 0 && errno == EINTR)
                        continue;
                if (n <= 0)
                        return; /* nook is gone, which is seen when its word is waited for */
                next += n;
                size -= (gsize)n;
        }
}

/* --- the keeper ------------------------------------------------------------------------------ */

/* Nothing of nook's stays open in it, and no key or signal of nook's terminal is meant for it. */
static void stand_apart(int fd) {
        sigset_t all;
        int null = open("/dev/null", O_RDWR | O_CLOEXEC);

        (void)sigfillset(&all);
        (void)sigprocmask(SIG_SETMASK, &all, NULL);
        (void)setsid();
        for (int stream = STDIN_FILENO; null >= 0 && stream <= STDERR_FILENO; stream++)
                (void)dup2(null, stream);
        (void)dup3(fd, KEEPER_FD, O_CLOEXEC);
        (void)close_range(KEEPER_FD + 1, ~0U, 0);
}

static void read_marks(NookWallsSession *ret_marks) {
        for (int resource = 0; resource < RLIM_NLIMITS; resource++)
                (void)getrlimit((__rlimit_resource_t)resource, &ret_marks->limits[resource]);
        ret_marks->umask = umask(0022);
        (void)umask(ret_marks->umask);
        ret_marks->nice = getpriority(PRIO_PROCESS, 0);
}

/* As a service's process is when its manager opens the session. */
static void begin_as_service(void) {
        struct rlimit limits[RLIM_NLIMITS];

        nook_launch_limits(limits);
        for (int resource = 0; resource < RLIM_NLIMITS; resource++)
                (void)setrlimit((__rlimit_resource_t)resource, &limits[resource]);
        (void)umask(0022);
}

static void compare_marks(const NookWallsSession *before, NookWallsSession *after) {
        for (int resource = 0; resource < RLIM_NLIMITS; resource++)
                if (before->limits[resource].rlim_cur != after->limits[resource].rlim_cur ||
                    before->limits[resource].rlim_max != after->limits[resource].rlim_max)
                        after->limits_set |= 1U << resource;
        after->has_umask = before->umask != after->umask;
        after->has_nice = before->nice != after->nice;
}

static void answer(const NookPamSession *session, const GError *error, Answer *answer) {
        g_autoptr(GString) text = g_string_new(NULL);

        answer->error_code = error != NULL ? error->code : -1;
        if (session != NULL) {
                g_auto(GStrv) env = nook_pam_session_env(session);

                for (char **entry = env; entry != NULL && *entry != NULL; entry++)
                        g_string_append_len(text, *entry, (gssize)strlen(*entry) + 1);
        } else {
                g_string_append_len(text, error->message, (gssize)strlen(error->message) + 1);
        }
        answer->size = (guint32)text->len;
        send_all(KEEPER_FD, answer, sizeof *answer);
        send_all(KEEPER_FD, text->str, text->len);
}

/* Waits for nook's word to close, which comes with no descriptor; the one that comes before is of
 * the task. A nook that is gone leaves the waiting for the task's end to us. */
static void wait_for_the_end(void) {
        g_auto(NookFd) task = -1;

        for (;;) {
                union {
                        struct cmsghdr head;
                        char bytes[CMSG_SPACE(sizeof(int))];
                } control = {0};
                char word;
                struct iovec part = {&word, 1};
                struct msghdr message = {.msg_iov = &part,
                                         .msg_iovlen = 1,
                                         .msg_control = &control,
                                         .msg_controllen = sizeof control};
                ssize_t n = recvmsg(KEEPER_FD, &message, MSG_CMSG_CLOEXEC);

                if (n < 0 && errno == EINTR)
                        continue;
                if (n <= 0)
                        break;
                if (CMSG_FIRSTHDR(&message) == NULL)
                        return;
                memcpy(&task, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof task);
        }
        while (task >= 0) {
                struct pollfd ended = {.fd = task, .events = POLLIN};

                if (poll(&ended, 1, -1) >= 0 || errno != EINTR)
                        break;
        }
}

static G_NORETURN void keep(int fd, const char *service, const char *user, const char *tty,
                            char *const *env) {
        g_autoptr(GError) error = NULL;
        NookPamSession *session;
        NookWallsSession before = {0};
        Answer said = {0};

        stand_apart(fd);
        begin_as_service();
        read_marks(&before);
        session = nook_pam_session_open(service, user, tty, env, &error);
        read_marks(&said.marks);
        compare_marks(&before, &said.marks);
        answer(session, error, &said);
        if (session != NULL)
                wait_for_the_end();
        nook_pam_session_close(session);
        _exit(0);
}

/* --- nook ------------------------------------------------------------------------------------ */

static bool take_answer(NookPam *pam, NookPlanTask *task, GError **error) {
        Answer said;
        g_autofree char *text = NULL;

        if (!read_all(pam->fd, &said, sizeof said))
                return nook_fail(error, NOOK_ERROR_FAILED,
                                 "open a PAM session: its process ended without a word");
        text = g_malloc0((gsize)said.size + 1);
        if (!read_all(pam->fd, text, said.size))
                return nook_fail(error, NOOK_ERROR_FAILED,
                                 "open a PAM session: its process did not finish its answer");
        if (said.error_code >= 0)
                return nook_fail(error, said.error_code, "%s", text);

        GPtrArray *entries = g_ptr_array_new();
        for (const char *entry = text; entry < text + said.size; entry += strlen(entry) + 1)
                g_ptr_array_add(entries, g_strdup(entry));
        g_ptr_array_add(entries, NULL);
        g_strfreev(task->env);
        task->env = (char **)g_ptr_array_free(entries, FALSE);
        pam->marks = said.marks;
        return true;
}

bool nook_pam_open(NookPlanTask *task, NookPam **ret_pam, GError **error) {
        const char *service = nook_pam_service_of(task);
        const char *tty = isatty(STDIN_FILENO) ? ttyname(STDIN_FILENO) : NULL;
        int ends[2];

        *ret_pam = NULL;
        if (service == NULL)
                return true;
        if (task->user->kind == NOOK_USER_DYNAMIC)
                return nook_fail(error, NOOK_ERROR_UNSUPPORTED,
                                 "PAMName= needs a user that the system knows: name one by user = "
                                 "or --uid");
        if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
                return nook_fail_errno(error, errno, "make a socket pair");

        g_autoptr(NookPam) pam = g_new0(NookPam, 1);
        pam->fd = ends[0];
        pam->keeper = fork();
        if (pam->keeper == 0)
                keep(ends[1], service, task->user->name, tty, task->env);
        (void)close(ends[1]);
        if (pam->keeper < 0)
                return nook_fail_errno(error, errno, "start a process for the PAM session");
        if (!take_answer(pam, task, error))
                return false;
        *ret_pam = g_steal_pointer(&pam);
        return true;
}

const NookWallsSession *nook_pam_marks(const NookPam *pam) {
        return pam != NULL ? &pam->marks : NULL;
}

void nook_pam_set_task(NookPam *pam, int pidfd) {
        union {
                struct cmsghdr head;
                char bytes[CMSG_SPACE(sizeof(int))];
        } control = {.head = {.cmsg_len = CMSG_LEN(sizeof(int)),
                              .cmsg_level = SOL_SOCKET,
                              .cmsg_type = SCM_RIGHTS}};
        char word = 'T';
        struct iovec part = {&word, 1};
        struct msghdr message = {.msg_iov = &part,
                                 .msg_iovlen = 1,
                                 .msg_control = &control,
                                 .msg_controllen = sizeof control};

        if (pam == NULL)
                return;
        memcpy(CMSG_DATA(&control.head), &pidfd, sizeof pidfd);
        (void)sendmsg(pam->fd, &message, MSG_NOSIGNAL);
}

void nook_pam_close(NookPam *pam) {
        if (pam == NULL)
                return;
        (void)send(pam->fd, "C", 1, MSG_NOSIGNAL);
        nook_fd_close(pam->fd);
        while (pam->keeper > 0 && waitpid(pam->keeper, NULL, 0) < 0 && errno == EINTR)
                ;
        g_free(pam);
}
