#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Usage: check-runner-calls.sh ARCHIVE
# The code between the start of nook-sandbox and the task's execve() may call only what is named
# here: functions that POSIX calls async-signal-safe, thin wrappers of one system call, and
# functions of their arguments alone. Nothing that allocates, locks or buffers.
set -eu

allowed='_Fork _exit chdir close environ errno __errno_location execve fchdir fcntl fcntl64 fstat
fstat64 fsconfig fsmount fsopen geteuid getpid getppid ioctl kill mkdirat mknodat mmap mmap64 mount
mount_setattr move_mount open open64 open_tree personality pipe2 prctl read readlink
sched_setscheduler send sendmsg  sethostname setpriority setrlimit setrlimit64 setsid sigdelset sigemptyset sigfillset
signal sigprocmask sigqueue sigwaitinfo socket statx setns symlinkat syscall umask umount2 unshare waitpid write
writev memcmp memcpy memset strcat strchr strcpy strcspn strerrordesc_np strlen strncmp strnlen
strrchr __stack_chk_fail __memcpy_chk __strcat_chk __strcpy_chk __read_chk __readlink_chk __open_2
__open64_2'

defined=$(nm --defined-only "$1" 2>/dev/null | awk 'NF == 3 { print $3 }')
unknown=$(nm -u "$1" 2>/dev/null | awk '$1 == "U" { print $2 }' | sort -u |
          grep -vxF -e _GLOBAL_OFFSET_TABLE_ -e "$(printf '%s\n' $allowed)" -e "$defined" || true)

if [ -n "$unknown" ]; then
        echo "not known to be safe after fork:" $unknown >&2
        exit 1
fi
