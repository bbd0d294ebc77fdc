#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""nook is killed with SIGKILL at one system call after the other of a run with artifacts. Its workers are gone
within a second. Before the start the next nook command clears up; after it the task runs on and is found.

strace delivers the signal: first a whole run is recorded, then each run dies at the entry of the Nth
of the calls that change something."""

import os
import pathlib
import subprocess
import sys
import time

sys.dont_write_bytecode = True
import fixtures  # noqa: E402
import kit  # noqa: E402
import server  # noqa: E402
import world  # noqa: E402

CALLS = ("mkdirat,mkdir,renameat2,renameat,rename,symlinkat,symlink,linkat,unlinkat,unlink,rmdir,openat2,"
         "fchownat,fchown,fchmod,fchmodat,mount,clone,clone3,vfork,fork,sendmsg,fsync,ftruncate,flock,wait4,waitid")
MOST = int(os.environ.get("NOOK_KILLS", "40"))
UNIT = "nook-interrupted.service"


def strace(job, *options):
    return subprocess.run(["strace", "-qq", "-o", str(kit.TOP / "strace"), *options, "nook", "run", str(job)],
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                          timeout=60)


def workers():
    names = []
    for entry in os.scandir("/proc"):
        try:
            name = pathlib.Path(entry.path, "comm").read_text().strip() if entry.name.isdigit() else ""
        except OSError:
            continue
        if name.startswith("nook"):
            names.append(name)
    return names


def check_kill(job, number, before):
    """What is wrong after nook was killed at its call of that number."""
    strace(job, "-e", f"trace={CALLS}", "-e", f"inject={CALLS}:signal=SIGKILL:when={number}")
    last = (kit.TOP / "strace").read_text().splitlines()[-2:]
    left = None if kit.wait_for(lambda: not workers(), 1) else workers()
    if left:
        yield f"still there after a second: {left}"
    if kit.show(UNIT, "ActiveState").get("ActiveState") == "active":
        if kit.nook("status", "interrupted").returncode != 0:
            yield "the task runs on, but status does not find it"
        stopped = kit.nook("stop", "interrupted")
        if stopped.returncode != 0:
            yield f"the task runs on, but stop fails: {stopped.stderr}"
    cleared = kit.nook("gc")
    if cleared.returncode != 0:
        yield f"gc: {cleared.stderr}"
    changes = world.differences(before, patience=3)
    yield from changes
    if left or changes:
        yield f"killed at: {' '.join(last)}"


def main():
    tap = kit.Tap(sys.argv[1:])
    www = kit.TOP / "www"
    fixtures.make(www)
    server.start(www)
    body = "".join(f'  artifact {{\n    source = "http://127.0.0.1:8000/{name}"\n  }}\n'
                   for name in ("consumer.zip", "data.tar.gz"))
    job = kit.task("interrupted", "/bin/sh", ["-c", "sleep 3"], body)
    kit.nook("run", job)
    before = world.snapshot()
    strace(job, "-e", f"trace={CALLS}")
    count = len((kit.TOP / "strace").read_text().splitlines())
    tap.result("a run makes calls to be killed at", [] if count > 10 else [f"only {count}"])
    step = max(1, count // MOST)
    for number in range(1, count + 1, step):
        name = f"killed at call {number} of {count} it leaves nothing that the next command does not clear"
        if tap.wants(name):
            tap.result(name, check_kill(job, number, before))
    time.sleep(0.1)
    return tap.end()


if __name__ == "__main__":
    sys.exit(main())
