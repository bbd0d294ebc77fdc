#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Compares what nook makes of job files with what another reader of them has recorded.

    jobs.py NOOK CORPUS [NAME...]

CORPUS/hcl/jobs holds FILE beside FILE.job.json (the job as API JSON without null members),
FILE.body.json (the evaluated body) and, where it needs values, FILE.vars. Compared are JSON values:
order of members and layout do not count. A third pass reads the job's API JSON back and expects the
same job again.
"""

import json
import os
import pathlib
import subprocess
import sys


def run(nook, *args, text=None):
    env = {"PATH": os.environ["PATH"], "HOME": "/nonexistent",
           "ASAN_OPTIONS": os.environ.get("ASAN_OPTIONS", ""),
           "LSAN_OPTIONS": os.environ.get("LSAN_OPTIONS", "")}
    done = subprocess.run([nook, *args], input=text, capture_output=True, text=True, env=env)
    if done.returncode != 0:
        raise ValueError(f"{' '.join(args)}: exit status {done.returncode}\n{done.stderr.strip()}")
    return json.loads(done.stdout)


def without_null(value):
    if isinstance(value, dict):
        return {k: without_null(v) for k, v in value.items() if v is not None}
    if isinstance(value, list):
        return [without_null(v) for v in value]
    return value


def differences(path, wanted, got):
    """Yields a line for each place where two JSON values differ."""
    if isinstance(wanted, dict) and isinstance(got, dict):
        for key in sorted(wanted.keys() | got.keys()):
            if key not in got:
                yield f"{path}.{key}: missing, wanted {json.dumps(wanted[key])[:120]}"
            elif key not in wanted:
                yield f"{path}.{key}: not wanted, got {json.dumps(got[key])[:120]}"
            else:
                yield from differences(f"{path}.{key}", wanted[key], got[key])
    elif isinstance(wanted, list) and isinstance(got, list) and len(wanted) == len(got):
        for i, (w, g) in enumerate(zip(wanted, got)):
            yield from differences(f"{path}[{i}]", w, g)
    elif wanted != got or isinstance(wanted, bool) != isinstance(got, bool):
        yield f"{path}: wanted {json.dumps(wanted)[:200]}, got {json.dumps(got)[:200]}"


def check(nook, file):
    variables = pathlib.Path(f"{file}.vars")
    options = ["--var-file", str(variables)] if variables.exists() else []
    wanted_job = json.loads(pathlib.Path(f"{file}.job.json").read_text())
    wanted_body = json.loads(pathlib.Path(f"{file}.body.json").read_text())

    full = run(nook, "job", *options, str(file))
    yield from differences("job", without_null(wanted_job), without_null(full))
    compact = run(nook, "job", "--compact", *options, str(file))
    yield from differences("compact", without_null(full), compact)
    again = run(nook, "job", "--json-job", "-", text=json.dumps(full))
    yield from differences("again", full, again)
    yield from differences("body", wanted_body, run(nook, "hcl", *options, str(file)))


def main():
    nook, corpus, names = sys.argv[1], sys.argv[2], sys.argv[3:]
    folder = pathlib.Path(corpus) / "hcl" / "jobs"
    files = [folder / p.name.removesuffix(".job.json") for p in sorted(folder.glob("*.job.json"))]
    if not files:
        print(f"{folder} holds no job to compare")
        return 1
    n_bad = 0
    for file in files:
        if names and file.name not in names:
            continue
        try:
            found = list(check(nook, file))
        except ValueError as error:
            found = [str(error)]
        if found:
            n_bad += 1
            print(f"{file.name}:")
            for line in found:
                print(f"    {line}")
    print(f"{len(files) - n_bad} of {len(files)} jobs are the same")
    return 1 if n_bad else 0


sys.exit(main())
