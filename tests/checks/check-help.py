#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""check-help.py NOOK [--write]: help, man pages and completions say the same.

Every verb and every option of `nook help --json` stands in nook(1), under its verb; nook(1) names no option
that is not there; the completions are what make-completions.py makes (--write brings them up to date); help
fits 80 columns and goes to standard output. Every honoured key of a job file or of the operator's
configuration stands in nook-job(5) or nook.conf(5)."""

import json
import pathlib
import re
import subprocess
import sys

TOP = pathlib.Path(__file__).resolve().parent.parent.parent
MAN = TOP / "man"


def man_sections(text):
    """nook(1) as {verb or '': its text}: a verb's part begins with a line `*verb* ...` under # VERBS."""
    parts, verb, inside = {"": ""}, "", False
    for line in text.splitlines():
        if line.startswith("# "):
            inside, verb = line == "# VERBS", ""
        found = re.match(r"^\*([a-z]+)\*", line)
        if inside and found:
            verb = found[1]
        parts[verb] = parts.get(verb, "") + line + "\n"
    return parts


def option_names(text):
    return set(re.findall(r"\*(--[a-z][a-z-]*)", text))


def check_man(data):
    parts = man_sections((MAN / "nook.1.scd").read_text())
    common = {f"--{option['name']}" for option in data["options"]}
    groups = [("", data["options"])] + [(verb["name"], verb["options"]) for verb in data["verbs"]]
    for name, options in groups:
        where = name or "OPTIONS"
        if name not in parts:
            yield f"nook(1) lacks the verb {name}"
            continue
        wanted, there = {f"--{option['name']}" for option in options}, option_names(parts[name])
        yield from (f"nook(1), {where}: lacks {option}" for option in sorted(wanted - there))
        if name:
            yield from (f"nook(1), {where}: no such option {option}" for option in sorted(there - wanted - common))
        for option in options:
            if "letter" in option and f"*-{option['letter']}*" not in parts[name]:
                yield f"nook(1), {where}: lacks -{option['letter']}"
    verbs = {verb["name"] for verb in data["verbs"]}
    yield from (f"nook(1) has a verb {name} that nook has not" for name in sorted(set(parts) - verbs - {""}))


def check_completions(program, write):
    for shell, path in (("bash", MAN / "completions/nook"), ("zsh", MAN / "completions/_nook")):
        made = subprocess.check_output([sys.executable, str(MAN / "make-completions.py"), program, shell], text=True)
        if write:
            path.write_text(made)
        elif not path.exists() or path.read_text() != made:
            yield f"{path.relative_to(TOP)} is out of date: tests/checks/check-help.py NOOK --write"


def check_output(program, data):
    for words in [["--help"]] + [[verb["name"], "--help"] for verb in data["verbs"]]:
        done = subprocess.run([program, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        what = f"nook {' '.join(words)}"
        if done.returncode != 0 or done.stderr or not done.stdout:
            yield f"{what}: help goes to standard output and succeeds"
        yield from (f"{what}: wider than 80 columns: {line}" for line in done.stdout.splitlines() if len(line) > 80)
    done = subprocess.run([program, "--no-such-option"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    if done.returncode == 0 or done.stdout or len(done.stderr.splitlines()) != 1 or "--no-such-option" not in done.stderr:
        yield "a wrong option is one line on standard error that names it"


def honoured(path, blocks):
    """Names of the fields that are honoured in these blocks of a .def file."""
    block, names = None, set()
    for line in path.read_text().splitlines():
        found = re.match(r"^BLOCK\((\w+)\)", line)
        if found:
            block = found[1]
        found = re.match(r'^(?:FIELD|ONE|MANY)\(\w+, \w+, "(\w+)", .*, YES\)', line)
        if found and (blocks is None or block in blocks):
            names.add(found[1])
    return names


def check_keys():
    job, conf = ((MAN / name).read_text() for name in ("nook-job.5.scd", "nook.conf.5.scd"))
    blocks = {"Job", "Group", "Task", "Artifact", "Resources", "Restart", "Constraint", "Logs", "Network"}
    for name in sorted(honoured(TOP / "generator/job/blocks.def", blocks)):
        if not re.search(rf"[*_]{name}[*_]", job):
            yield f"nook-job(5) lacks {name}"
    for name in sorted(honoured(TOP / "generator/job/config.def", None)):
        if not re.search(rf"\*{name}\*", conf):
            yield f"nook.conf(5) lacks {name}"


def main():
    program = sys.argv[1]
    data = json.loads(subprocess.check_output([program, "help", "--json=short"]))
    wrong = [*check_man(data), *check_completions(program, "--write" in sys.argv), *check_output(program, data), *check_keys()]
    for line in wrong:
        print(line)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
