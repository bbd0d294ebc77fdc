#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""nook is killed with SIGKILL at one system call after the other of a start, a run and an end, in each form. Either
the task does not run, and nothing of it does; or it runs in its unit, is found and can be stopped (never so with
--direct, whose tasks end with nook). A unit never stays without its task. What is left on disk the next nook command
clears.

strace delivers the signal: first a whole run is recorded, then each run dies at the entry of the Nth of its calls."""

import os
import pathlib
import subprocess
import sys

sys.dont_write_bytecode = True
import kit  # noqa: E402
import world  # noqa: E402

# What changes or waits for something, and not the many calls of the loader and of reading files.
CALLS = ("mkdirat,mkdir,renameat2,renameat,rename,unlinkat,unlink,rmdir,openat2,fchownat,fchown,fchmod,fchmodat,mount,"
         "clone,clone3,vfork,fork,execve,sendmsg,sendto,recvmsg,recvfrom,socketpair,pipe2,memfd_create,pidfd_open,"
         "pidfd_send_signal,epoll_ctl,epoll_wait,epoll_pwait2,ppoll,poll,flock,ftruncate,fsync,wait4,waitid,kill,write,"
         "signalfd4,setsockopt,close_range")
MOST = int(os.environ.get("NOOK_KILLS", "6"))  # of each form
SECONDS = "2.125"
NAME = "nook-killed"


def exec_form(*options):
    return lambda: ["nook", "-q", "exec", *options, "-u", NAME, "--", "/bin/sleep", SECONDS]


def run_form(*options, body=""):
    def command():
        return ["nook", "-q", "run", *options, str(kit.task("killed", "/bin/sleep", [SECONDS], body))]
    return command


FORMS = {
    "exec, service": exec_form(),
    "exec, service by the sandbox": exec_form("--sandbox", "nook"),
    "exec, service by the sandbox, private pids": exec_form("--sandbox", "nook", "--pid-mode", "private"),
    "exec, scope": exec_form("--scope"),
    "exec, scope, private pids": exec_form("--scope", "--pid-mode", "private"),
    "exec, scope with a PAM session": exec_form("--scope", "--uid", "alice", "-p", "PAMName=nook"),
    "exec, direct": exec_form("--direct"),
    "exec, direct with a PAM session": exec_form("--direct", "--uid", "alice", "-p", "PAMName=nook"),
    "exec, scope on a terminal": exec_form("--scope", "--pty"),
    "run, service by the sandbox": run_form(body='  sandbox = "nook"\n'),
    "run, scope": run_form("--scope"),
    "run, direct": run_form("--direct"),
}


def strace(command, *options):
    subprocess.run(["strace", "-qq", "-o", str(kit.TOP / "strace"), *options, *command], stdin=subprocess.DEVNULL,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=60)
    return (kit.TOP / "strace").read_text().splitlines()


def processes():
    """(of nook, of the task)"""
    ours, task = [], []
    for entry in os.scandir("/proc"):
        if not entry.name.isdigit():
            continue
        try:
            name = pathlib.Path(entry.path, "comm").read_text().strip()
            words = pathlib.Path(entry.path, "cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        if SECONDS.encode() in words and b"sleep" in words[0]:
            task.append(entry.name)
        elif name.startswith("nook"):
            ours.append(f"{name}[{entry.name}]")
    return ours, task


def units():
    lines = subprocess.check_output(["systemctl", "list-units", "--plain", "--no-legend", "--state=active", "nook-*.service",
                                     "nook-*.scope"], text=True).splitlines()
    return [line.split()[0] for line in lines]


def is_settled(has_manager):
    """Nothing runs, or the task does in its unit."""
    ours, task = processes()
    if task:
        return has_manager and bool(units())
    return not ours and not units()


def check_kill(form, command, number, before):
    calls = strace(command, "-e", f"trace={CALLS}", "-e", f"inject={CALLS}:signal=SIGKILL:when={number}")
    wrong = []
    if not kit.wait_for(lambda: is_settled("direct" not in form), 1):
        wrong.append(f"a second after it: {processes()}, units {units()}")
    if processes()[1]:
        name = "killed" if form.startswith("run") else NAME
        if kit.nook("status", name).returncode != 0:
            wrong.append("the task runs on, but status does not find it")
        stopped = kit.nook("stop", name)
        if stopped.returncode != 0 and processes()[1]:
            wrong.append(f"the task runs on, but stop fails: {stopped.stderr}")
        if not kit.wait_for(lambda: is_settled(False), 5):
            wrong.append(f"stopped: {processes()}, units {units()}")
    cleared = kit.nook("gc")
    if cleared.returncode != 0:
        wrong.append(f"gc: {cleared.stderr}")
    wrong += world.differences(before, ("/run/nook/filter/",), patience=3)
    if wrong:
        wrong.append("killed at: " + " ".join(calls[-2:]))
        subprocess.run(["systemctl", "stop", *units()], check=False)
    return wrong


def main():
    tap = kit.Tap(sys.argv[1:])
    pathlib.Path("/etc/nook").mkdir(exist_ok=True)
    pathlib.Path("/etc/nook/killed.hcl").write_text(
        'plugin "exec" {\n  config {\n    allow_directives = ["PAMName"]\n  }\n}\n')
    for form, command in FORMS.items():
        if not tap.wants(form):
            continue
        subprocess.run(command(), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, check=True)
        kit.nook("gc")
        before = world.snapshot(("/run/nook/filter/",))
        count = len(strace(command(), "-e", f"trace={CALLS}"))
        tap.result(f"{form}: it makes calls to be killed at", [] if count > 30 else [f"only {count}"])
        wrong = []
        numbers = range(1, count + 1, max(1, count // MOST))
        for number in numbers:
            for line in check_kill(form, command(), number, before):
                wrong.append(f"call {number}: {line}")
        tap.result(f"{form}: killed at {len(numbers)} of {count} calls it leaves nothing that the next command does not clear",
                   wrong[:30])
    return tap.end()


if __name__ == "__main__":
    sys.exit(main())
