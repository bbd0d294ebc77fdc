#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Compares what nook makes of small odd job files with what Nomad's own parser made of them.

    job-cases.py NOOK [NUMBER...]

Each line of job-cases.jsonl is one case: the text of a job file, perhaps the text of a variable
file, and the job as API JSON without null members, or null where the file is refused. Where nook
does something else on purpose, "nook" is its own result and "why" the reason.
"""

import json
import os
import pathlib
import subprocess
import sys
import tempfile


def without_null(value):
    if isinstance(value, dict):
        return {k: without_null(v) for k, v in value.items() if v is not None}
    if isinstance(value, list):
        return [without_null(v) for v in value]
    return value


def run(nook, folder, case):
    """The job, or None if nook refuses the file; anything but these two is a failure."""
    job = folder / "job.hcl"
    job.write_text(case["text"], encoding="utf-8")
    options = []
    if "vars" in case:
        (folder / "vars.hcl").write_text(case["vars"], encoding="utf-8")
        options = ["--var-file", str(folder / "vars.hcl")]
    env = {k: v for k, v in os.environ.items() if not k.startswith("NOMAD_VAR_")}
    done = subprocess.run([nook, "job", "--compact", *options, str(job)], capture_output=True,
                          text=True, env=env)
    if done.returncode == 1 and not done.stdout:
        return None
    if done.returncode != 0:
        raise ValueError(f"exit status {done.returncode}: {done.stderr.strip()}")
    return without_null(json.loads(done.stdout))


def main():
    nook, numbers = sys.argv[1], {int(n) for n in sys.argv[2:]}
    lines = (pathlib.Path(__file__).parent / "job-cases.jsonl").read_text(encoding="utf-8")
    n_bad = n = 0
    with tempfile.TemporaryDirectory() as name:
        for number, line in enumerate(lines.splitlines(), 1):
            if numbers and number not in numbers:
                continue
            case = json.loads(line)
            wanted = case["nook"] if "why" in case else case["job"]
            try:
                got = run(nook, pathlib.Path(name), case)
                found = None if got == wanted else f"wanted {wanted}\n     got {got}"
            except ValueError as error:
                found = str(error)
            n += 1
            if found:
                n_bad += 1
                print(f"case {number}:\n{case['text']}\n  {found}")
    print(f"{n - n_bad} of {n} cases are as expected")
    return 1 if n_bad else 0


sys.exit(main())
