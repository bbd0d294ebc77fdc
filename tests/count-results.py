#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""count-results.py testlog.json...: prints how many tests passed and failed. A cmocka program counts with each
of its tests, any other program as one; what was skipped, or died half-way, has failed. One that must
fail and does has passed. `--failed` before the logs prints what the failed programs said instead."""

import json
import re
import sys


def counts(entry):
    if entry["result"] == "EXPECTEDFAIL":
        return 1, 0
    text = entry.get("stdout", "") + entry.get("stderr", "")
    passed = sum(map(int, re.findall(r"\[  PASSED  \] (\d+) test", text)))
    failed = sum(map(int, re.findall(r"\[  FAILED  \].*?(\d+) test", text)))
    failed += sum(map(int, re.findall(r"\[  SKIPPED \] (\d+) test", text)))
    if entry["result"] == "OK" and not failed:
        return max(passed, 1), 0
    return passed, max(failed, 1)


def entries(logs):
    for log in logs:
        for line in open(log):
            yield json.loads(line)


def say_failed(logs):
    for entry in entries(logs):
        if counts(entry)[1]:
            text = entry.get("stdout", "") + entry.get("stderr", "")
            said = [line for line in text.splitlines() if not re.match(r"\[ +(RUN|OK) +\]", line)]
            print(f"fail {entry['name']}: {entry['result']}", *said[-30:], sep="\n    ")


def main():
    if sys.argv[1:2] == ["--failed"]:
        say_failed(sys.argv[2:])
        return
    passed = failed = 0
    for entry in entries(sys.argv[1:]):
        good, bad = counts(entry)
        passed, failed = passed + good, failed + bad
    print(passed, failed)


if __name__ == "__main__":
    main()
