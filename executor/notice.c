/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "notice.h"

#include <string.h>
#include <sys/uio.h>
#include <syslog.h>
#include <systemd/sd-journal.h>

/* Ids are for ever: what is no longer sent leaves the table and the catalog, and never comes back
 * with another meaning. A check compares the two. */
static const struct {
        const char *id;
        int priority;
} notices[] = {
        [NOOK_NOTICE_START_REFUSED] = {"e5ba5c7394ec4eb58ab8b132d7faaf94", LOG_ERR},
        [NOOK_NOTICE_START_FAILED] = {"8f173ffef4044b8fbb335ce97f416844", LOG_ERR},
        [NOOK_NOTICE_LEFTOVERS] = {"b8f7fe2dc4484f2ea3e9feb534e71592", LOG_WARNING},
};

#define MAX_FIELDS 5

typedef struct {
        char *texts[MAX_FIELDS];
        int n;
} Fields;

static void add_field(Fields *fields, const char *name, const char *value) {
        if (value == NULL)
                return;
        g_assert(fields->n < MAX_FIELDS);
        fields->texts[fields->n++] = g_strconcat(name, "=", value, NULL);
}

void nook_notice_send(NookNotice notice, NookNoticeSubject subject, const char *format, ...) {
        g_autofree char *message = NULL;
        g_autofree char *priority = NULL;
        struct iovec parts[MAX_FIELDS];
        Fields fields = {.n = 0};
        va_list args;

        g_assert(notice < _NOOK_NOTICE_MAX);
        va_start(args, format);
        message = g_strdup_vprintf(format, args);
        va_end(args);
        priority = g_strdup_printf("%d", notices[notice].priority);
        add_field(&fields, "MESSAGE", message);
        add_field(&fields, "MESSAGE_ID", notices[notice].id);
        add_field(&fields, "PRIORITY", priority);
        add_field(&fields, subject.is_user ? "USER_UNIT" : "UNIT", subject.unit);
        add_field(&fields, "NOOK_TASK", subject.task);
        for (int i = 0; i < fields.n; i++)
                parts[i] = (struct iovec){fields.texts[i], strlen(fields.texts[i])};
        (void)sd_journal_sendv(parts, fields.n);
        for (int i = 0; i < fields.n; i++)
                g_free(fields.texts[i]);
}

void nook_notice_send_leftovers(guint count) {
        if (count > 0)
                nook_notice_send(NOOK_NOTICE_LEFTOVERS, (NookNoticeSubject){NULL},
                                 "Removed %u half-made allocation%s", count, count == 1 ? "" : "s");
}
