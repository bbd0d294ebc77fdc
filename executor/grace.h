/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Lets the kernel's grace period begin early. The manager puts the first process of each unit into
 * its control group by a write to cgroup.procs. Who is the first to take the kernel's lock for that
 * waits for an RCU grace period (10 to 18 ms on a host that is at rest); who takes it within the
 * next milliseconds does not wait. The wait needs no processor, so nook begins it when it begins
 * itself, and it is over when the manager would have begun it.
 *
 * Nothing is changed by it: the process moves into the control group that it is in. Where that may
 * not be written, nothing happens. */

/* Begins a grace period in a process of its own, which ends with it and stays a zombie until nook
 * ends. Returns at once. A thread would do it for less, but a process that has one cannot be cloned
 * without fork(): glibc's setresuid() in the child then waits for a thread that is not there. */
void nook_grace_begin(void);
