#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""check-findings.py NOOK: each mistake in a job file is one finding, with its place, in both forms of `nook validate`."""

import json
import pathlib
import re
import subprocess
import sys
import tempfile

JOB = 'job "j" {\n  group "g" {\n    task "t" {\n      driver = "exec"\n      config { command = "/bin/true" }\n%s    }\n  }\n}\n'

# What stands in the task, or, where it has a job of its own, in the file; and of each finding severity, line:column,
# summary, and a part of the detail.
CASES = (
    ("",),
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
    ("variable \"x\" {\n  defualt = 1\n}\n" + JOB.replace("%s", ""), ("error", "2:3", "Unsupported argument", 'Did you mean "default"?')),
    ("variable \"x\" {\n  type = \"string\"\n  default = \"a\"\n}\n" + JOB.replace("%s", ""),
     ("error", "2:10", "Invalid type specification", "without quotation marks")),
    # A script for a shell: every line of it, not the first alone.
    ("      user = <<E\na ${HOME:-x} b ${A##b}\n${arr[@]}; ${#i} ${NOMAD_TASK_DIR}\n%{bad} ${1+} ${x\n%{ if y\n${'z'}\nE\n",
     ("error", "7:9", "Extra characters after interpolation expression", "write $${HOME:-x}"),
     ("error", "7:16", "Invalid template interpolation", "write $${A##b}"),
     ("error", "8:1", "Invalid template interpolation", "write $${arr[@]}"),
     ("error", "8:12", "Invalid template interpolation", "write $${#i}"),
     ("error", "9:3", "Invalid template control keyword", "write %%{bad}"),
     ("error", "9:12", "Invalid expression", 'found "}"'),
     ("error", "9:14", "Unclosed template sequence", 'escape it: "$${"'),
     ("error", "10:1", "Unclosed template sequence", 'escape it: "%%{"'),
     ("error", "11:1", "Invalid template interpolation", "write $${'z'}")),
    ("      user = \"${a b} ${1+} ${'c'}\"\n",
     ("error", "6:19", "Extra characters after interpolation expression", "write $${a b}"),
     ("error", "6:26", "Invalid expression", 'found "}"'),
     ("error", "6:28", "Invalid template interpolation", "write $${'c'}")),
)

# Templates in every place where an expression may stand, each with a mistake that does not hide the next.
EVERYWHERE = """\
a = [["${x y}"], "${x y}", {k = "${x y}", (1) = ["${x y}"]}, upper("${x y}"), ("${x y}"), x["${x y}"]] # job
b { c = "${x y}" }
c = [for i in ["${x y}"] : "${x y}" if "${x y}"]
d = "${x y}" ? "${x y}" : 1 + "${x y}"
e = o["${x y}"].k[*].l
f = {
  "${x y}" = 1
  g = "${x y} ${x y}"
}
"""
CASES += ((EVERYWHERE, *(("error", f"{line}:{found.start() + 5}", "Extra characters after interpolation expression", "escape it")
                         for line, text in enumerate(EVERYWHERE.splitlines(), 1)
                         for found in re.finditer(r"\${x y}", text))),)


def findings(nook, path):
    """What an editor reads: (severity, place, summary, detail) of each finding."""
    done = subprocess.run([nook, "validate", "--diags=json", path.name], cwd=path.parent, capture_output=True, text=True)
    report = json.loads(done.stderr) if done.stderr.strip() else {"diagnostics": []}
    for found in report["diagnostics"]:
        start = found["subject"]["start"]
        yield found["severity"], f"{start['line']}:{start['column']}", found["summary"], found["detail"]


def check(nook, path, case, *expected):
    path.write_text(case if 'job' in case else JOB.replace("%s", case))
    found = list(findings(nook, path))
    if len(found) != len(expected) or not all(is_meant(*pair) for pair in zip(found, expected)):
        return [f"expected {expected}, found {found}"]
    text = subprocess.run([nook, "validate", path.name], cwd=path.parent, capture_output=True, text=True).stderr
    heads = [f"{path.name}:{place}: {severity}: {summary}: " for severity, place, summary, _ in expected]
    return [f"the text for people has no line {head!r}: {text!r}" for head in heads if head not in text]


def is_meant(found, expected):
    return found[:3] == expected[:3] and expected[3] in found[3]


def main():
    nook, bad = str(pathlib.Path(sys.argv[1]).resolve()), []
    with tempfile.TemporaryDirectory() as folder:
        for case, *expected in CASES:
            bad += [f"{case!r}: {why}" for why in check(nook, pathlib.Path(folder) / "t.hcl", case, *expected)]
    print(*bad, sep="\n")
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main()
