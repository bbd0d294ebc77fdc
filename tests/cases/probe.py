#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What a task is, in its own words: run as the task, prints one JSON object. Compared between the
forms a task can have by tests/machine/suites/builders."""

import ctypes
import json
import os
import resource
import sys

# System calls with arguments that no kernel takes: the error tells how far one got. By number on
# x86_64, since the C library has no names for some.
CALLS = {
    "read": 0, "write": 1, "open": 2, "mmap": 9, "mprotect": 10, "shmget": 29, "socket": 41,
    "sendto": 44, "ptrace": 101, "syslog": 103, "setuid": 105, "chmod": 90, "personality": 135,
    "sched_setscheduler": 144, "pivot_root": 155, "adjtimex": 159, "chroot": 161, "acct": 163,
    "settimeofday": 164, "mount": 165, "umount2": 166, "swapon": 167, "reboot": 169,
    "sethostname": 170, "iopl": 172, "init_module": 175, "delete_module": 176, "quotactl": 179,
    "setxattr": 188, "clock_settime": 227, "mbind": 237, "set_mempolicy": 238, "mq_open": 240,
    "kexec_load": 246, "add_key": 248, "request_key": 249, "keyctl": 250, "ioprio_set": 251,
    "inotify_init": 253, "unshare": 272, "vmsplice": 278, "move_pages": 279,
    "perf_event_open": 298, "fanotify_init": 300, "name_to_handle_at": 303,
    "open_by_handle_at": 304, "clock_adjtime": 305, "setns": 308, "process_vm_readv": 310,
    "kcmp": 312, "finit_module": 313, "seccomp": 317, "memfd_create": 319,
    "kexec_file_load": 320, "bpf": 321, "userfaultfd": 323, "pkey_alloc": 330,
    "io_uring_setup": 425, "open_tree": 428, "fsopen": 430, "clone3": 435, "openat2": 437,
    "pidfd_getfd": 438, "mount_setattr": 442, "landlock_create_ruleset": 444, "no_such_call": 1999,
}


def calls():
    libc = ctypes.CDLL(None, use_errno=True)
    bad = ctypes.c_long(-1)
    answers = {}
    for name, number in CALLS.items():
        if name in ("personality",):
            continue
        sys.stdout.flush()
        child = os.fork()
        if child == 0:
            ctypes.set_errno(0)
            libc.syscall(ctypes.c_long(number), bad, bad, bad, bad, bad, bad)
            os._exit(min(ctypes.get_errno(), 200))
        _, status = os.waitpid(child, 0)
        answers[name] = os.WEXITSTATUS(status) if os.WIFEXITED(status) else -os.WTERMSIG(status)
    return answers


def mounts():
    flags = {}
    with open("/proc/self/mountinfo") as table:
        for line in table:
            words = line.split()
            shown = [f for f in ("ro", "rw", "nosuid", "nodev", "noexec")
                     if f in words[5].split(",")]
            kind = words[words.index("-") + 1]
            flags[words[4]] = " ".join(shown + [kind])
    return flags


def status():
    wanted = ("Cap", "NoNewPrivs", "Seccomp:", "SigIgn")
    with open("/proc/self/status") as lines:
        return {line.split(":")[0]: line.split(":")[1].strip() for line in lines
                if line.startswith(wanted)}


def listing(path):
    try:
        return sorted(os.listdir(path))
    except OSError as error:
        return error.strerror


def descriptors():
    """Their kinds: numbers above 2 are this program's own, if it has any."""
    kinds = {}
    for fd in sorted(int(name) for name in os.listdir("/proc/self/fd")):
        try:
            kinds[str(fd)] = os.readlink(f"/proc/self/fd/{fd}").split(":")[0]
        except OSError:
            pass
    return kinds


def main():
    umask = os.umask(0o22)
    os.umask(umask)
    limits = {name: resource.getrlimit(getattr(resource, name)) for name in dir(resource)
              if name.startswith("RLIMIT_")}
    json.dump({
        "root": listing("/"),
        "mounts": mounts(),
        "pid": os.getpid(),
        "uid": os.getuid() == os.geteuid(), "gid": os.getgid() == os.getuid(),
        "groups": sorted(os.getgroups()) == [os.getgid()],
        "status": status(),
        "namespaces": {name: os.readlink("/proc/self/ns/" + name)
                       for name in ("mnt", "ipc", "net", "uts", "pid", "cgroup", "user")},
        "environment": dict(os.environ),
        "limits": limits,
        "umask": umask,
        "descriptors": descriptors(),
        "proc": [name for name in os.listdir("/proc") if not name.isdigit()],
        "dev": listing("/dev"),
        "cwd": os.getcwd(),
        "nice": os.nice(0),
        "oom": open("/proc/self/oom_score_adj").read().strip(),
        "session": os.getsid(0) == os.getpid(),
        "calls": calls(),
    }, sys.stdout)


main()
