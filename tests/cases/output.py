#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A task that prints much, fast: of an attached one every line arrives, on nook's output and in the journal. Of a
detached one journald drops what is beyond its rate limit; nook logs and nook status say how many lines."""

import re
import subprocess
import sys
import time

sys.dont_write_bytecode = True
import kit  # noqa: E402

LINES = 200_000
DETACHED_LINES = 50_000


def job(name, script, unit=""):
    body = "  restart {\n    attempts = 0\n    mode = \"fail\"\n  }\n" + (f"  unit {{\n{unit}\n  }}\n" if unit else "")
    return kit.task(name, "/bin/sh", ["-c", script], body)


def in_journal(unit, since):
    subprocess.run(["journalctl", "--sync"], check=True)
    text = subprocess.check_output(["journalctl", "-q", "-o", "cat", f"--since=@{since:.6f}", f"_SYSTEMD_UNIT={unit}"])
    return text.count(b"\n")


def check_attached(tap):
    since = time.time()
    done = kit.nook("run", job("fast", f"seq 1 {LINES}"), timeout=300)
    wrong = [] if done.returncode == 0 else [f"exit {done.returncode}: {done.stderr}"]
    if done.stdout != "".join(f"{n}\n" for n in range(1, LINES + 1)):
        wrong.append(f"{done.stdout.count(chr(10))} lines on nook's output")
    stored = in_journal("nook-fast.service", since)
    tap.result(f"{LINES} lines of an attached task arrive, in order and in the journal",
               wrong + ([] if stored == LINES else [f"{stored} lines in the journal"]))


def check_detached(tap):
    """A small limit, and a last line soon after its interval: with it journald says what it has dropped, unless another unit's
    first line comes between the two, with which it forgets."""
    limit = '    LogRateLimitIntervalSec = "10s"\n    LogRateLimitBurst = 100'
    name = "chatty"
    done = kit.nook("run", "--detach", job(name, f"seq 1 {DETACHED_LINES}; sleep 12; echo last; sleep 1", limit))
    kit.wait_for(lambda: b"last" in subprocess.check_output(["journalctl", "-q", "-n1", "-o", "cat", "NOOK_TASK=chatty"]), 90, 0.5)
    logs, status = kit.nook("logs", name), kit.nook("status", name)
    found = re.search(r"The journal has dropped (\d+) lines of 'nook-chatty.service': they came faster than its rate limit allows",
                      logs.stderr)
    kept = logs.stdout.count("\n")
    print(f"# {kept} lines kept, {found[1] if found else 'none'} reported as dropped")
    tap.result("nook logs says how many lines the journal has dropped",
               [] if found and 0 < kept < DETACHED_LINES and int(found[1]) + kept == DETACHED_LINES + 1 else [done.stderr, f"{kept} lines", logs.stderr])
    tap.result("nook status says it too", [] if found and f"Dropped: {found[1]} lines, by the journal's rate limit" in status.stdout
               else [status.stdout])

    kit.nook("gc")
    kit.nook("run", "--detach", job("calm", "echo one; echo two"))
    kit.wait_for(lambda: kit.nook("logs", "calm").stdout == "one\ntwo\n", 20, 0.2)
    logs, status = kit.nook("logs", "calm"), kit.nook("status", "calm")
    tap.result("of another task they say nothing", [] if "dropped" not in logs.stderr and "Dropped" not in status.stdout
               and logs.stdout == "one\ntwo\n" else [logs.stdout, logs.stderr, status.stdout])


def check_killed(tap):
    """Where a detached task's signal is told, from the journal: the unit is gone by then."""
    kit.nook("run", "--detach", job("shot", "kill -SEGV $$"))
    said = kit.wait_for(lambda: "killed" in (text := kit.nook("status", "shot").stdout) and text, 20, 0.2) or ""
    tap.result("status names the signal that ended a detached task", [] if "killed (SIGSEGV)" in said else [said])


def main():
    tap = kit.Tap(sys.argv[1:])
    check_attached(tap)
    check_detached(tap)
    check_killed(tap)
    return tap.end()


if __name__ == "__main__":
    sys.exit(main())
