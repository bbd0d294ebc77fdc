#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The exit status of nook is the task's, every time: many runs of four endings. After them nothing is left:
no unit, slice, cgroup, skeleton entry, environment file or allocation."""

import collections
import concurrent.futures
import os
import subprocess
import sys
import time

sys.dont_write_bytecode = True
import kit  # noqa: E402
import world  # noqa: E402

ENDINGS = {"0": ("exit 0", 0), "3": ("exit 3", 3), "SIGKILL": ("kill -KILL $$", 137), "SIGSEGV": ("kill -SEGV $$", 139)}
RUNS = int(os.environ.get("NOOK_RUNS", "250"))
AT_ONCE = 4


def reexecute():
    """The manager executes itself again while a task runs: its name on the bus is then another's."""
    job = kit.task("again", "/bin/sh", ["-c", "echo begun; sleep 3; echo ended; exit 7"])
    since = time.time()
    run = subprocess.Popen(["nook", "run", str(job)], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                           text=True)
    begun = kit.wait_for(lambda: any(entry["MESSAGE"] == "begun" for entry in kit.journal("NOOK_TASK=again", since=since)), 10, 0.1)
    subprocess.run(["systemctl", "daemon-reexec"], check=True)
    out, err = run.communicate(timeout=60)
    return ([] if begun else ["the task did not begin before the manager was told to"]) + (
        [] if (run.returncode, out) == (7, "begun\nended\n") else [f"status {run.returncode}, output {out!r}: {err}"])


def main():
    tap = kit.Tap(sys.argv[1:])
    jobs = {name: kit.write(f"{name}.nomad.hcl", 'variable "n" {}\njob "end-%s" {\n  name = "end-%s"\n  id = "end-%s-${var.n}"\n'
                            '  type = "batch"\n  group "g" {\n    restart {\n      attempts = 0\n      mode = "fail"\n    }\n'
                            '    task "t" {\n      driver = "exec"\n      config {\n        command = "/bin/sh"\n'
                            '        args = ["-c", "echo said; %s"]\n      }\n    }\n  }\n}\n' % (name, name, name, script))
            for name, (script, _) in ENDINGS.items()}
    kit.nook("run", "--var", "n=first", jobs["0"])
    kit.nook("exec", "--sandbox", "nook", "--", "/bin/true")
    world.settle()
    before = world.snapshot()
    for name, (_, status) in ENDINGS.items():
        if not tap.wants(name):
            continue
        with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
            done = list(pool.map(lambda n: kit.nook("run", "--var", f"n={n}", jobs[name]), range(RUNS)))
        wrong = collections.Counter(run.returncode for run in done if run.returncode != status)
        silent = sum(run.stdout != "said\n" for run in done)
        errors = collections.Counter(run.stderr for run in done if run.returncode != status)
        tap.result(f"{RUNS} runs that end with {name} are reported so",
                   [f"{count} runs with {got}" for got, count in wrong.items()]
                   + [f"{count} x {text}" for text, count in errors.most_common(3)]
                   + ([f"{silent} runs without the task's output"] if silent else []))
    if tap.wants("manager"):
        tap.result("a run outlasts the manager's re-execution", reexecute())
    if tap.wants("short"):
        # Those that start first have all ended, and their slice is about to stop, when others start.
        many = kit.write("short.nomad.hcl", 'job "short" {\n  type = "batch"\n  group "g" {\n    count = 60\n    restart {\n'
                         '      attempts = 0\n      mode = "fail"\n    }\n    task "t" {\n      driver = "exec"\n'
                         '      sandbox = "nook"\n      config {\n        command = "/bin/true"\n      }\n    }\n  }\n}\n')
        done = kit.nook("run", many)
        tap.result("60 short tasks of one job all run", [done.stderr] if done.returncode != 0 else [])
    tap.result("nothing is left behind", world.differences(before, patience=15)[:20])
    return tap.end()


if __name__ == "__main__":
    sys.exit(main())
