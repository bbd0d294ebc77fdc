/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What an admin must act on, written to the journal besides what nook says on its terminal: whoever
 * ran nook may be a timer. Each kind has a message id, by which it is found, and an entry in
 * units/nook.catalog, which journalctl -x shows below the line. A machine without a journal gets
 * nothing, silently: the terminal has said it already. */

#include <glib.h>
#include <stdbool.h>

typedef enum {
        NOOK_NOTICE_START_REFUSED, /* the manager did not take the unit */
        NOOK_NOTICE_START_FAILED,  /* it took it, but could not build what the unit asks for */
        NOOK_NOTICE_LEFTOVERS,     /* a nook process died while it made an allocation */
        _NOOK_NOTICE_MAX,
} NookNotice;

/* What a notice is about; NULL members are left out. */
typedef struct {
        const char *unit;
        const char *task;
        bool is_user; /* the unit is one of a user's manager */
} NookNoticeSubject;

/* Sends one entry with MESSAGE_ID=, PRIORITY=, UNIT= (or USER_UNIT=) and NOOK_TASK=.
 * Source: systemd.journal-fields(7); journald's catalog, https://systemd.io/CATALOG. */
void nook_notice_send(NookNotice notice, NookNoticeSubject subject, const char *format, ...)
        G_GNUC_PRINTF(3, 4);

/* The same for allocations that a sweep has removed; nothing for none. */
void nook_notice_send_leftovers(guint count);
