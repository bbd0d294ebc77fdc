/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* The groups of system calls ("@system-service") that SystemCallFilter= knows by name. A group may
 * name others. "@known" is every call that some group or systemd's own list names: a filter answers
 * ENOSYS to the rest, as to a call that the kernel does not have. */

/* The members of a group: names, each ended by a NUL, an empty one after the last. NULL for a name
 * that is no group. Source: systemd.exec(5), "SystemCallFilter=". */
const char *nook_syscall_group_members(const char *name);
