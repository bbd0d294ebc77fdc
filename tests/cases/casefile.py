# SPDX-License-Identifier: LGPL-2.1-or-later
"""Reads the assertions of an example job file: lines of `## WORD TEXT`, next to what they check.

    ## variant java            only in machines of this variant (without it: base)
    ## on 257                  only on this version of systemd
    ## setup COMMAND           shell, before
    ## run COMMAND             shell, instead of `nook run FILE`; several are run in order
    ## check COMMAND           shell, after; must succeed
    ## cleanup COMMAND         shell, at last, whatever happened
    ## exit N                  exit status of the (last) run; 0 if not given
    ## out TEXT                a line of standard output that is TEXT; `/RE/` a line that RE matches
    ## no-out TEXT             no such line
    ## err, no-err             the same for standard error
    ## error COLUMN TEXT       finding about the next line: FILE:LINE:COLUMN: error: TEXT (or `/RE/`)
    ## warning, note           the same with that severity
    ## error LINE:COLUMN TEXT  finding about another line; `FILE:LINE:COLUMN` in another file

A case fails on an error finding that no assertion names, and when it leaves anything behind.
In commands: $FILE the job file, $NAME its name, $DIR a fresh directory, $WWW what the test's http server serves at
$URL, $OUT and $ERR the files with what the run has printed, $SINCE a time stamp for journalctl.
"""

import pathlib
import re

TEXTS = ("out", "no-out", "err", "no-err")
COMMANDS = ("setup", "run", "check", "cleanup")
FINDINGS = ("error", "warning", "note")
HERE = pathlib.Path(__file__).resolve().parent


class BadCase(Exception):
    """The case file itself is wrong."""


class Case:
    def __init__(self, path):
        self.path = path
        self.file = path.name
        self.name = path.name.split(".")[0]
        self.variant, self.only_on, self.status = "base", None, 0
        self.commands = {word: [] for word in COMMANDS}
        self.texts, self.findings = [], []
        lines = path.read_text(errors="surrogateescape").splitlines()
        for number, line in enumerate(lines, 1):
            found = re.match(r"^\s*##\s+(\S+)\s*(.*)$", line)
            if found:
                self.add(found[1], found[2], number, lines)
        config = path.with_name(self.name + ".conf.hcl")
        self.config = config if config.exists() else None

    def add(self, word, text, number, lines):
        if word in COMMANDS:
            self.commands[word].append(text)
        elif word in TEXTS:
            self.texts.append((word, text))
        elif word in FINDINGS:
            self.findings.append(self.read_finding(word, text, number, lines))
        elif word == "exit":
            self.status = int(text)
        elif word == "variant":
            self.variant = text
        elif word == "on":
            self.only_on = text
        else:
            raise BadCase(f"{self.file}:{number}: no assertion '{word}'")

    def read_finding(self, word, text, number, lines):
        where, _, message = text.partition(" ")
        parts = where.split(":")
        if len(parts) == 1:
            line = number
            while re.match(r"^\s*##\s", lines[line]):
                line += 1
            return f"{self.file}:{line + 1}:{where}: {word}: {message}"
        if len(parts) == 2:
            return f"{self.file}:{where}: {word}: {message}"
        return f"{where}: {word}: {message}"


def find_all():
    return [Case(path) for path in sorted(HERE.iterdir())
            if re.search(r"\.(nomad(\.hcl)?|nomad\.json|json)$", path.name)]


def matches(pattern, line):
    if len(pattern) > 1 and pattern[0] == pattern[-1] == "/":
        return re.search(pattern[1:-1], line) is not None
    return line == pattern


def check_texts(case, out, err):
    """The assertions on output that do not hold, as sentences."""
    for word, pattern in case.texts:
        text = err if word.endswith("err") else out
        there = any(matches(pattern, line) for line in text.splitlines())
        if there == word.startswith("no-"):
            yield f"{word} {pattern}"
    seen = [line for line in err.splitlines() if re.search(r":\d+:\d+: (error|warning|note): ", line)]
    for finding in case.findings:
        if not any(is_finding(finding, line) for line in seen):
            yield f"missing: {finding}"
    for line in seen:
        if ": error: " in line and not any(is_finding(finding, line) for finding in case.findings):
            yield f"unexpected: {line}"


def is_finding(finding, line):
    """The place and severity must be the same; the text too, or it matches `/RE/`."""
    place, severity, text = re.match(r"^(.*?:\d+:\d+: )(\w+: )(.*)$", finding).groups()
    return line.startswith(place + severity) and matches(text, line[len(place + severity):])
