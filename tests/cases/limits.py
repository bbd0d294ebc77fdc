#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Limits that the kernel keeps: what a task is given in the job file is in its control group, holds when the
task goes beyond it, and is told; and it is still there after the manager has read its files again or has been
executed again. Needs every cgroup controller, so this suite runs in a virtual machine. A twin with more room
shows that it is the limit which held."""

import pathlib
import re
import subprocess
import sys
import time

sys.dont_write_bytecode = True
import kit  # noqa: E402
import walls  # noqa: E402
import world  # noqa: E402

FILL = """
data = bytearray()
for _ in range(120):
    data += bytes(1024 * 1024)
print("filled")
"""
FORK = """
import os, time
children = 0
try:
    while children < 60:
        if os.fork() == 0:
            time.sleep(20)
            os._exit(0)
        children += 1
except OSError as error:
    print(error.strerror)
print("children", children)
"""
# The share of one CPU that a busy loop gets in four seconds.
BURN = """
import time
begin, used = time.monotonic(), time.process_time()
while time.monotonic() - begin < 4:
    pass
print("share", (time.process_time() - used) / (time.monotonic() - begin))
"""


def python_job(name, program, resources="", unit=""):
    body = "  restart {\n    attempts = 0\n    mode = \"fail\"\n  }\n"
    body += f"  resources {{\n{resources}\n  }}\n" if resources else ""
    body += f"  unit {{\n{unit}\n  }}\n" if unit else ""
    return kit.task(name, "/usr/bin/python3", ["-c", program], body)


def cgroup(unit):
    return pathlib.Path("/sys/fs/cgroup" + kit.show(unit, "ControlGroup")["ControlGroup"])


def group_files(unit, *names):
    return {name: (cgroup(unit) / name).read_text().split() for name in names}


def check_host(tap):
    done = kit.nook("doctor")
    line = next((line for line in done.stdout.splitlines() if line.startswith("cgroup controllers")), "")
    tap.result("doctor finds every controller", [] if " ok " in line else [line])
    done = kit.nook("run", "--strict-limits", python_job("strict", "print('ran')", "memory = 64"))
    tap.result("--strict-limits has nothing to refuse, and nothing is said of limits",
               [] if done.returncode == 0 and done.stdout == "ran\n" and "limits" not in done.stderr
               else [f"exit {done.returncode}: {done.stderr}"])


def check_memory(tap):
    name = "a task over its memory is killed, and nook says why"
    if not tap.wants(name):
        return
    done = kit.nook("run", python_job("hungry", FILL, "memory = 64"))
    tap.result(name, [] if done.returncode == 137 and "Task 'hungry' was killed by SIGKILL: out of memory" in done.stderr
               and "filled" not in done.stdout else [f"exit {done.returncode}, stdout {done.stdout}, stderr {done.stderr}"])
    done = kit.nook("run", python_job("fed", FILL, "memory = 300"))
    tap.result(f"{name}: with more of it the same task ends well (twin)",
               [] if (done.returncode, done.stdout) == (0, "filled\n") else [f"exit {done.returncode}: {done.stderr}"])

    started = kit.nook("run", "--detach", "--keep", python_job("later", "import time\ntime.sleep(3)\n" + FILL, "memory = 64"))
    kit.wait_for(lambda: kit.show("nook-later.service", "ActiveState")["ActiveState"] not in ("active", "activating"), 60)
    said = kit.nook("status", "later").stdout
    tap.result("status says of a detached task that it was out of memory",
               [] if "killed (SIGKILL: out of memory)" in said else [started.stderr, said])
    kit.nook("gc")


def check_tasks(tap):
    name = "no more processes than TasksMax= are made"
    if not tap.wants(name):
        return
    def children(limit):
        done = kit.nook("run", python_job("many", FORK, unit=f"    TasksMax = {limit}"))
        found = re.search(r"children (\d+)", done.stdout)
        return int(found[1]) if found else -1, done
    count, done = children(10)
    tap.result(name, [] if count == 9 and "Resource temporarily unavailable" in done.stdout else [f"{count}: {done.stdout}{done.stderr}"])
    count, done = children(100)
    tap.result(f"{name}: more room, more processes (twin)", [] if count == 60 else [f"{count}: {done.stdout}{done.stderr}"])


def check_cpu(tap):
    name = "a task gets no more CPU than its quota"
    if not tap.wants(name):
        return
    def share(unit):
        done = kit.nook("run", python_job("busy", BURN, unit=unit))
        found = re.search(r"share ([0-9.]+)", done.stdout)
        return float(found[1]) if found else done.stderr
    held, free = share('    CPUQuota = "20%"'), share("")
    print(f"# share of a CPU: {held} with a quota of 20%, {free} without")
    tap.result(name, [] if isinstance(held, float) and held <= 0.25 else [f"it had {held}"])
    tap.result(f"{name}: without one it gets more (twin)", [] if isinstance(free, float) and free >= 0.4 else [f"it had {free}"])


LIMITS = {"memory.max": ["67108864"], "memory.high": ["max"], "memory.swap.max": ["0"], "pids.max": ["50"],
          "cpu.weight": ["77"], "cpu.max": ["30000", "100000"], "io.weight": ["default", "55"]}


def check_files(tap):
    """What is in the control group, at once, after daemon-reload and after daemon-reexec; and the process stays."""
    job = python_job("limited", "import time\ntime.sleep(1000)", "memory = 64",
                     '    TasksMax = 50\n    CPUWeight = 77\n    CPUQuota = "30%"\n    IOWeight = 55')
    unit = "nook-limited.service"
    started = kit.nook("run", "--detach", job)
    if started.returncode != 0:
        tap.result("a task with every limit starts", [started.stderr])
        return
    pid = kit.show(unit, "MainPID")["MainPID"]
    for when, command in (("when it has started", ["true"]), ("after daemon-reload", ["systemctl", "daemon-reload"]),
                          ("after daemon-reexec", ["systemctl", "daemon-reexec"])):
        subprocess.run(command, check=True)
        got = group_files(unit, *LIMITS)
        wrong = [f"{name} is {got[name]}, not {want}" for name, want in LIMITS.items() if got[name] != want]
        if kit.show(unit, "MainPID")["MainPID"] != pid or not pathlib.Path(f"/proc/{pid}").exists():
            wrong.append("the task's process is another")
        tap.result(f"a task's limits are in its control group {when}", wrong)
    kit.nook("restart", "limited")
    got = group_files(unit, *LIMITS)
    wrong = [f"{name} is {got[name]}, not {want}" for name, want in LIMITS.items() if got[name] != want]
    tap.result("a restarted task has its limits again", wrong)
    kit.nook("stop", "limited")
    kit.nook("gc")


def check_devices(tap):
    name = "devices that a task can make cannot be opened"
    if not tap.wants(name):
        return
    probe, base, twin = walls.WALLS[name]
    said = walls.answer(probe, base)
    tap.result(f"{name}, on a kernel of one's own", [] if said.split()[:1] == ["held"] else [said])
    said = walls.answer(probe, {**base, **twin})
    tap.result(f"{name}, on a kernel of one's own: without the wall they can (twin)", [] if said.startswith("open") else [said])


def main():
    tap = kit.Tap(sys.argv[1:])
    kit.nook("run", kit.task("first", "/bin/true"))
    before = world.snapshot()
    for check in (check_host, check_memory, check_tasks, check_cpu, check_files, check_devices):
        began = time.monotonic()
        check(tap)
        print(f"# {check.__name__}: {time.monotonic() - began:.0f} s")
    tap.result("nothing is left behind", world.differences(before, patience=30)[:20])
    return tap.end()


if __name__ == "__main__":
    sys.exit(main())
