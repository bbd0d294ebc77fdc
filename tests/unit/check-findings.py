#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""check-findings.py NOOK: one mistake in a job file is one finding, with its place, in both forms of `nook validate`."""

import json
import pathlib
import subprocess
import sys
import tempfile

JOB = 'job "j" {\n  group "g" {\n    task "t" {\n      driver = "exec"\n      config { command = "/bin/true" }\n%s    }\n  }\n}\n'

# What stands in the task, or, where it has a job of its own, in the file; severity, line:column, summary, and a part
# of the detail.
CASES = (
    ("", None),
    ("      usre = \"root\"\n", ("error", "6:7", "Unsupported argument", 'Did you mean "user"?')),
    ("      leader = yes\n", ("error", "6:16", "Unsuitable value", "Did you mean true?")),
    ("      user = root\n", ("warning", "6:14", "Unknown reference", 'put it in quotes: "root"')),
    ("      kill_timeout = 30\n", ("warning", "6:22", "Duration without a unit", '"30s"')),
    ("      kill_timeout = 30s\n", ("error", "6:24", "Missing newline after argument", '"30s"')),
    ("      user = \"${NOMAD_X\"\n", ("error", "6:15", "Unclosed template interpolation sequence", "no closing brace")),
    ("      user = tostring(1)\n", ("error", "6:14", "Call to unknown function", "convert(value, string)")),
    ("      user = length(\"abc\")\n", ("error", "6:14", "Error in function call", "strlen()")),
    ("      resources { cpu = 1 / 0 }\n", ("error", "6:25", "Unsuitable value", "divided by zero")),
    ("job {\n}\n", ("error", "1:5", "Missing name for job", "1 label (name)")),
    ("jobs \"j\" {\n}\n", ("error", "1:1", "Unsupported block type", 'Did you mean "job"?')),
    ("job \"j\" {\n  group {\n  }\n}\n", ("error", "2:9", "Missing name for group", "1 label (name)")),
    ("job \"j\" {\n  dynamic \"grup\" {\n    for_each = []\n    content {}\n  }\n}\n",
     ("error", "2:11", "Unsupported block type", 'Did you mean "group"?')),
    ("variable \"x\" {\n  defualt = 1\n}\n" + JOB % "", ("error", "2:3", "Unsupported argument", 'Did you mean "default"?')),
    ("variable \"x\" {\n  type = \"string\"\n  default = \"a\"\n}\n" + JOB % "",
     ("error", "2:10", "Invalid type specification", "without quotation marks")),
)


def findings(nook, path):
    """What an editor reads: (severity, place, summary, detail) of each finding."""
    done = subprocess.run([nook, "validate", "--diags=json", path.name], cwd=path.parent, capture_output=True, text=True)
    report = json.loads(done.stderr) if done.stderr.strip() else {"diagnostics": []}
    for found in report["diagnostics"]:
        start = found["subject"]["start"]
        yield found["severity"], f"{start['line']}:{start['column']}", found["summary"], found["detail"]


def check(nook, path, case, expected):
    path.write_text(case if 'job' in case else JOB % case)
    found = list(findings(nook, path))
    if expected is None:
        return [] if not found else [f"no finding expected, but {found}"]
    if len(found) != 1 or found[0][:3] != expected[:3] or expected[3] not in found[0][3]:
        return [f"expected {expected}, found {found}"]
    text = subprocess.run([nook, "validate", path.name], cwd=path.parent, capture_output=True, text=True).stderr
    head = f"{path.name}:{expected[1]}: {expected[0]}: {expected[2]}: "
    return [] if text.startswith(head) else [f"the text for people does not begin with {head!r}: {text!r}"]


def main():
    nook, bad = str(pathlib.Path(sys.argv[1]).resolve()), []
    with tempfile.TemporaryDirectory() as folder:
        for case, expected in CASES:
            bad += [f"{case!r}: {why}" for why in check(nook, pathlib.Path(folder) / "t.hcl", case, expected)]
    print(*bad, sep="\n")
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main()
