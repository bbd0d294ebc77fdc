/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "follow.h"

#include <errno.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "base/fd.h"
#include "journal-stream.h"
#include "journal.h"

/* After the first sign of output the journal is read a little later: a short task has ended by
 * then, and its lines are read once instead of twice. */
#define FIRST_READ_USEC   (20 * 1000)
#define BARRIER_USEC      (5 * G_USEC_PER_SEC) /* in which journald must have read something */
#define BARRIER_POLL_USEC (10 * 1000)
#define SETTLE_MSEC       50

/* Beyond so many units the journal is not asked for each of them by name. */
#define MAX_UNIT_MATCHES 4

typedef struct {
        NookFollow *follow;
        char *unit;
        char *label;
        NookStreamBarrier streams[2]; /* output, error */
        bool has_output;
        bool is_finishing;
        uint64_t deadline_usec; /* CLOCK_MONOTONIC, once finishing */
        int n_unread;           /* bytes, when it was last looked at */
        NookFollowDone done;
        void *user_data;
} Followed;

struct NookFollow {
        sd_event *event;
        NookFollowOptions options;
        char *narrow;
        GHashTable *units; /* name -> Followed */
        GPtrArray *finishing;
        int epoll_fd; /* of the duplicates: edges when journald has read */
        sd_event_source *streams_source;
        sd_event_source *timer;
        sd_event_source *journal_source;
        NookJournal *journal;
        GError *error;
        bool is_broken;
        bool is_incomplete;
};

static void followed_free(gpointer pointer) {
        Followed *followed = pointer;

        for (int i = 0; i < 2; i++)
                nook_fd_close(followed->streams[i].fd);
        g_free(followed->unit);
        g_free(followed->label);
        g_free(followed);
}

/* --- from the journal to the terminal -------------------------------------------------------- */

static void write_line(NookFollow *follow, const Followed *followed, const NookJournalLine *line) {
        FILE *stream = line->priority <= NOOK_PRIORITY_STDERR ? stderr : stdout;

        if (follow->options.is_labelled)
                fprintf(stream, "%s | ", followed->label);
        (void)fwrite(line->message, 1, line->message_size, stream);
        if (!line->is_unterminated || follow->options.is_labelled)
                (void)fputc('\n', stream);
}

static bool open_journal(NookFollow *follow) {
        NookJournalOptions options = {.is_user = follow->options.is_user,
                                      .is_system_only = follow->options.is_system_only};

        if (!nook_journal_open(options, &follow->journal, &follow->error))
                return false;
        if (g_hash_table_size(follow->units) <= MAX_UNIT_MATCHES || follow->narrow == NULL) {
                GHashTableIter iter;
                gpointer unit;

                g_hash_table_iter_init(&iter, follow->units);
                while (g_hash_table_iter_next(&iter, &unit, NULL))
                        nook_journal_want_unit(follow->journal, unit);
        } else {
                nook_journal_want_field(follow->journal, follow->narrow);
        }
        nook_journal_require(follow->journal, "_TRANSPORT=stdout");
        return nook_journal_seek_monotonic(follow->journal, follow->options.start_usec,
                                           &follow->error);
}

static void drain(NookFollow *follow) {
        NookJournalLine line;

        if (follow->error != NULL || (follow->journal == NULL && !open_journal(follow)))
                return;
        if (follow->journal_source != NULL)
                nook_journal_process(follow->journal);
        while (nook_journal_next(follow->journal, &line, &follow->error)) {
                const Followed *followed =
                        line.unit != NULL ? g_hash_table_lookup(follow->units, line.unit) : NULL;

                if (followed != NULL)
                        write_line(follow, followed, &line);
        }
        if (fflush(stdout) != 0 || fflush(stderr) != 0)
                follow->is_broken = true;
}

static int on_journal(sd_event_source *source, int fd, uint32_t events, void *user_data) {
        NookFollow *follow = user_data;

        (void)source;
        (void)fd;
        (void)events;
        drain(follow);
        return 0;
}

/* From now on the journal itself says when it grows. */
static void watch_journal(NookFollow *follow) {
        int fd;

        if (follow->journal == NULL || follow->journal_source != NULL)
                return;
        fd = nook_journal_fd(follow->journal);
        if (fd >= 0 && sd_event_add_io(follow->event, &follow->journal_source, fd, EPOLLIN,
                                       on_journal, follow) >= 0)
                /* What came between the last reading and the watch. */
                drain(follow);
}

/* --- the streams ----------------------------------------------------------------------------- */

static void set_timer(NookFollow *follow, uint64_t delay_usec) {
        (void)sd_event_source_set_time_relative(follow->timer, delay_usec);
        (void)sd_event_source_set_enabled(follow->timer, SD_EVENT_ONESHOT);
}

static uint64_t now_usec(NookFollow *follow) {
        uint64_t usec = 0;

        (void)sd_event_now(follow->event, CLOCK_MONOTONIC, &usec);
        return usec;
}

/* A busy journald needs long for much output; it is given up only when it reads no more. */
static bool is_at_rest(Followed *followed) {
        bool is_over = true;
        int n_unread = 0;

        for (int i = 0; i < 2; i++) {
                if (!nook_stream_barrier_advance(&followed->streams[i]))
                        is_over = false;
                n_unread += nook_journal_stream_unread(followed->streams[i].fd);
        }
        if (is_over)
                return true;
        if (n_unread != followed->n_unread)
                followed->deadline_usec = now_usec(followed->follow) + BARRIER_USEC;
        followed->n_unread = n_unread;
        if (now_usec(followed->follow) < followed->deadline_usec)
                return false;
        followed->follow->is_incomplete = true;
        return true;
}

static void complete(NookFollow *follow, Followed *followed) {
        NookFollowDone done = followed->done;
        void *user_data = followed->user_data;

        g_ptr_array_remove_fast(follow->finishing, followed);
        if (followed->has_output)
                drain(follow);
        g_hash_table_remove(follow->units, followed->unit);
        done(user_data);
}

static void advance_finishing(NookFollow *follow) {
        for (guint i = follow->finishing->len; i > 0; i--) {
                Followed *followed = g_ptr_array_index(follow->finishing, i - 1);

                if (is_at_rest(followed))
                        complete(follow, followed);
        }
        if (follow->finishing->len > 0)
                set_timer(follow, BARRIER_POLL_USEC);
}

/* Takes what the kernel has noticed; the streams are edge-triggered. */
static void take_edges(NookFollow *follow) {
        struct epoll_event events[32];
        int n;

        while ((n = epoll_wait(follow->epoll_fd, events, G_N_ELEMENTS(events), 0)) > 0)
                for (int i = 0; i < n; i++)
                        ((Followed *)events[i].data.ptr)->has_output = true;
}

static int on_streams(sd_event_source *source, int fd, uint32_t events, void *user_data) {
        NookFollow *follow = user_data;

        (void)source;
        (void)fd;
        (void)events;
        take_edges(follow);
        if (follow->finishing->len > 0)
                advance_finishing(follow);
        else if (follow->journal_source == NULL)
                set_timer(follow, FIRST_READ_USEC);
        return 0;
}

static int on_timer(sd_event_source *source, uint64_t usec, void *user_data) {
        NookFollow *follow = user_data;

        (void)source;
        (void)usec;
        if (follow->finishing->len > 0)
                advance_finishing(follow);
        else if (follow->journal_source == NULL) {
                drain(follow);
                watch_journal(follow);
        }
        return 0;
}

bool nook_follow_new(sd_event *event, NookFollowOptions options, NookFollow **ret_follow,
                     GError **error) {
        g_autoptr(NookFollow) follow = g_new0(NookFollow, 1);
        int r;

        follow->event = sd_event_ref(event);
        follow->options = options;
        follow->narrow = g_strdup(options.narrow);
        follow->units = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, followed_free);
        follow->finishing = g_ptr_array_new();
        follow->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
        if (follow->epoll_fd < 0)
                return nook_fail_errno(error, errno, "watch the journal's streams");
        r = sd_event_add_io(event, &follow->streams_source, follow->epoll_fd, EPOLLIN, on_streams,
                            follow);
        if (r >= 0)
                r = sd_event_add_time_relative(event, &follow->timer, CLOCK_MONOTONIC, 0, 0,
                                               on_timer, follow);
        if (r >= 0)
                r = sd_event_source_set_enabled(follow->timer, SD_EVENT_OFF);
        if (r < 0)
                return nook_fail_errno(error, r, "watch the journal's streams");
        *ret_follow = g_steal_pointer(&follow);
        return true;
}

void nook_follow_free(NookFollow *follow) {
        if (follow == NULL)
                return;
        sd_event_source_disable_unref(follow->streams_source);
        sd_event_source_disable_unref(follow->timer);
        sd_event_source_disable_unref(follow->journal_source);
        g_hash_table_unref(follow->units);
        g_ptr_array_unref(follow->finishing);
        nook_fd_close(follow->epoll_fd);
        nook_journal_free(follow->journal);
        sd_event_unref(follow->event);
        g_clear_error(&follow->error);
        g_free(follow->narrow);
        g_free(follow);
}

static bool is_unread(const Followed *followed) {
        return nook_journal_stream_unread(followed->streams[0].fd) > 0 ||
               nook_journal_stream_unread(followed->streams[1].fd) > 0;
}

/* Waits until journald has read what the streams begin with. A later sign of reading is then the
 * task's; else it could not be told from the beginning's, and the journal would be opened and
 * waited for to find nothing. Almost always it has been read by now. */
static void settle(NookFollow *follow, Followed *followed) {
        gint64 end = g_get_monotonic_time() + SETTLE_MSEC * 1000;
        struct epoll_event event;

        while (is_unread(followed) && g_get_monotonic_time() < end)
                if (epoll_wait(follow->epoll_fd, &event, 1, SETTLE_MSEC) == 1 &&
                    event.data.ptr != followed)
                        ((Followed *)event.data.ptr)->has_output = true;
}

void nook_follow_add(NookFollow *follow, const char *unit, const char *label, int stdout_fd,
                     int stderr_fd) {
        Followed *followed = g_new0(Followed, 1);
        struct epoll_event event = {.events = EPOLLOUT | EPOLLET, .data.ptr = followed};
        bool is_blind = false;

        *followed = (Followed){.follow = follow,
                               .unit = g_strdup(unit),
                               .label = g_strdup(label),
                               .streams = {{.fd = stdout_fd}, {.fd = stderr_fd}}};
        g_hash_table_insert(follow->units, followed->unit, followed);
        for (int i = 0; i < 2; i++)
                if (epoll_ctl(follow->epoll_fd, EPOLL_CTL_ADD, followed->streams[i].fd, &event) < 0)
                        is_blind = true;
        if (!is_blind)
                settle(follow, followed);
        /* A stream is reported once when it is added, which says nothing. One that cannot be
         * watched, or whose beginning journald has still not read, is taken to have printed. */
        take_edges(follow);
        followed->has_output = is_blind || is_unread(followed);
}

void nook_follow_finish(NookFollow *follow, const char *unit, NookFollowDone done,
                        void *user_data) {
        Followed *followed = g_hash_table_lookup(follow->units, unit);

        g_assert(followed != NULL && !followed->is_finishing);
        followed->done = done;
        followed->user_data = user_data;
        followed->is_finishing = true;
        followed->deadline_usec = now_usec(follow) + BARRIER_USEC;
        g_ptr_array_add(follow->finishing, followed);
        take_edges(follow);
        for (int i = 0; i < 2; i++)
                if (nook_journal_stream_unread(followed->streams[i].fd) > 0)
                        followed->has_output = true;
        if (!followed->has_output)
                complete(follow, followed);
        else
                advance_finishing(follow);
}

bool nook_follow_is_broken(const NookFollow *follow) {
        return follow->is_broken;
}

bool nook_follow_is_incomplete(const NookFollow *follow) {
        return follow->is_incomplete;
}

const GError *nook_follow_error(const NookFollow *follow) {
        return follow->error;
}
