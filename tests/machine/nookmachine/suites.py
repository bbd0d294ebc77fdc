# SPDX-License-Identifier: LGPL-2.1-or-later
"""Test suites: programs that run inside a machine and print TAP.

A suite is an executable file in tests/machine/suites/. A comment line `# machine: WORD...` says what
it needs: `variant=java`, `open` (all capabilities, no filter of the container's), `timeout=SECONDS`,
`without-calls=NAME,...` (system calls that fail in the machine with EPERM),
`without-nook`, `on=RELEASE,...` (on these only), `backend=qemu` (a kernel of its own), `on-request`;
`boots=first,orderly,cut`: the program runs once after each of these boots of the same machine, which NOOK_BOOT names;
NOOK_BOOTS_LEFT says how many follow.
Each suite gets a freshly booted machine."""

import re
import subprocess
import sys
import threading
import time

SOURCE, RESULTS = "/srv/nook", "/srv/results"
TAP = re.compile(r"^(not )?ok\b(?:\s+\d+)?\s*(?:-\s*)?(.*)$")
SKIP = re.compile(r"#\s*(skip|todo)\b", re.IGNORECASE)
PLAN = re.compile(r"^1\.\.(\d+)")


class Suite:
    def __init__(self, path):
        self.path, self.name = path, path.stem
        self.variant, self.open_rights, self.timeout, self.default = "base", False, 900, True
        self.without_calls, self.with_nook, self.releases, self.backend = [], True, None, None
        self.boots = ["first"]
        for line in path.read_text(errors="replace").splitlines()[:40]:
            if line.startswith("# machine:"):
                self.read_needs(line.split(":", 1)[1].split())

    def read_needs(self, words):
        for word in words:
            key, _, value = word.partition("=")
            if key == "variant":
                self.variant = value
            elif key == "timeout":
                self.timeout = int(value)
            elif key == "backend":
                self.backend = value
            elif key == "boots":
                self.boots = value.split(",")
            elif key == "without-nook":
                self.with_nook = False
            elif key == "on":
                self.releases = value.split(",")
            elif key == "without-calls":
                self.without_calls = value.split(",")
            elif key == "open":
                self.open_rights = True
            elif key == "on-request":
                self.default = False
            else:
                raise SystemExit(f"machine: {self.path}: unknown need '{word}'")


def find_all(source):
    folder = source / "tests/machine/suites"
    return {suite.name: suite for suite in
            (Suite(path) for path in sorted(folder.iterdir()) if path.is_file() and path.stat().st_mode & 0o100)}


class Outcome:
    """Counts results and prints one line for each: `pass|fail SYSTEM SUITE TEST`, then why."""

    def __init__(self, release, suite, log):
        self.release, self.suite, self.log = release, suite, log
        self.passed = self.failed = 0

    def add(self, good, test, why=""):
        word = "pass" if good else "fail"
        self.passed, self.failed = self.passed + good, self.failed + (not good)
        print(f"{word} {self.release} {self.suite} {test}", flush=True)
        for line in why.splitlines():
            print(f"    {line}", flush=True)


def run(suite, machine, patterns, outcome):
    """Runs a suite's program in a machine, after each of the boots that it asks for."""
    started = time.monotonic()
    for number, boot in enumerate(suite.boots, 1):
        if boot != "first":
            machine.restart(cut=boot == "cut")
        boots = {"NOOK_BOOT": boot, "NOOK_BOOTS_LEFT": str(len(suite.boots) - number)}
        run_once(suite, machine, patterns, outcome, boots)
    print(f"machine: {outcome.release} {suite.name}: {time.monotonic() - started:.0f} s", file=sys.stderr)


def run_once(suite, machine, patterns, outcome, boots):
    """Turns what the program prints into results."""
    where = f"{SOURCE}/tests/machine/suites/{suite.path.name}"
    started = time.monotonic()
    child = machine.popen([where, *patterns], cwd=SOURCE, stdin=subprocess.DEVNULL,
                          environment={"NOOK_SOURCE": SOURCE, "NOOK_RESULTS": RESULTS,
                                       "NOOK_SYSTEM": outcome.release, "PYTHONDONTWRITEBYTECODE": "1", **boots},
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace")
    late = threading.Timer(suite.timeout, child.kill)
    late.start()
    planned, seen = None, 0
    try:
        for line in child.stdout:
            outcome.log.write(line)
            outcome.log.flush()
            found, plan = TAP.match(line.rstrip("\n")), PLAN.match(line)
            if found:
                seen += 1
                skipped = SKIP.search(found[2])
                outcome.add(found[1] is None and not skipped, found[2] or f"test {seen}",
                            "it was skipped: a test that cannot run has failed" if skipped else "")
            elif plan:
                planned = int(plan[1])
            elif line.startswith("#") or not line.strip():
                print("    " + line.rstrip("\n"), flush=True)
        status = child.wait()
    finally:
        late.cancel()
        child.kill()
    seconds = time.monotonic() - started
    if seconds >= suite.timeout:
        outcome.add(False, "the suite ends in time", f"still running after {suite.timeout} s: killed")
    elif status != 0 and outcome.failed == 0:
        outcome.add(False, "the suite's program succeeds", f"it ended with {status}")
    if planned is not None and planned != seen:
        outcome.add(False, "the suite runs all of its tests", f"{seen} of {planned} were run")
    if seen == 0:
        outcome.add(False, "the suite runs a test", "it printed no result")
