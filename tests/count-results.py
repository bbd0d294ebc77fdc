#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""count-results.py testlog.json...: prints how many tests passed and failed. A cmocka program counts with each
of its tests, any other program as one; what was skipped, or died half-way, has failed. One that must
fail and does has passed."""

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


def main():
    passed = failed = 0
    for log in sys.argv[1:]:
        for line in open(log):
            good, bad = counts(json.loads(line))
            passed, failed = passed + good, failed + bad
    print(passed, failed)


if __name__ == "__main__":
    main()
