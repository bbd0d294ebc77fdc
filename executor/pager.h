/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Long output on a terminal goes through a pager, as systemctl does it: $SYSTEMD_PAGER, $PAGER,
 * less; not with --no-pager, --json, or where output is no terminal. Started with somebody else's
 * rights (sudo, pkexec) less is told not to run commands. */

#include "cli.h"

/* From here on standard output goes to the pager, if there is to be one. */
void nook_pager_open(const NookCli *cli);

/* Flushes and waits until the person has left the pager. Without one it does nothing. */
void nook_pager_close(void);
