# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the suites that are programs share: TAP, job files made on the spot, waiting, the journal."""

import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time

TOP = pathlib.Path(tempfile.mkdtemp(prefix="suite-", dir="/srv"))


class Tap:
    """Results as TAP; patterns choose tests by name."""

    def __init__(self, patterns=()):
        self.patterns, self.failed, self.count = patterns, 0, 0

    def wants(self, name):
        return not self.patterns or any(pattern in name for pattern in self.patterns)

    def result(self, name, wrong):
        """wrong: sentences; none means that the test has passed."""
        wrong = list(wrong)
        self.count += 1
        self.failed += bool(wrong)
        print(f"{'not ok' if wrong else 'ok'} - {name}")
        for line in wrong:
            for part in str(line).splitlines():
                print(f"# {part}")
        sys.stdout.flush()

    def end(self):
        print(f"1..{self.count}", flush=True)
        return 1 if self.failed else 0


def hcl(text):
    """A string literal: everything but letters and digits as an escape, so that no byte is read as syntax."""
    return '"' + "".join(c if c.isascii() and c.isalnum() else f"\\U{ord(c):08x}" for c in text) + '"'


def write(name, text):
    path = TOP / name
    path.write_text(text)
    return path


def task(name, command, args=(), body=""):
    """A task file; `body` is put into the task block."""
    words = ", ".join(hcl(word) for word in args)
    text = (f'task "{name}" {{\n  driver = "exec"\n  config {{\n    command = {hcl(command)}\n'
            f"    args = [{words}]\n  }}\n{body}\n}}\n")
    return write(f"{name}.nomad.hcl", text)


def nook(*words, config=None, timeout=120, **options):
    argv = ["nook", *([f"--config={config}"] if config else []), *map(str, words)]
    options.setdefault("stdin", subprocess.DEVNULL)
    return subprocess.run(argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                          errors="surrogateescape", timeout=timeout, **options)


def show(unit, *properties):
    argv = ["systemctl", "show", unit, *[f"-p{name}" for name in properties]]
    lines = subprocess.check_output(argv, text=True).splitlines()
    return dict(line.split("=", 1) for line in lines if "=" in line)


def wait_for(condition, seconds=10, step=0.02):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        value = condition()
        if value:
            return value
        time.sleep(step)
    return None


def journal(*matches, since=None):
    argv = ["journalctl", "-q", "--no-pager", "-o", "json", "--all", *matches]
    if since:
        argv.append(f"--since=@{since:.6f}")
    subprocess.run(["journalctl", "--sync"], check=False)
    found = []
    for line in subprocess.check_output(argv, text=True, errors="replace").splitlines():
        entry = json.loads(line)
        message = entry.get("MESSAGE")
        if isinstance(message, list):
            entry["MESSAGE"] = bytes(message).decode("utf-8", "replace")
        found.append(entry)
    return found


def version():
    return int(re.search(r"\d+", subprocess.check_output(["systemctl", "--version"], text=True))[0])


def as_user(name, script):
    """Runs a shell script as a local user and returns what it printed, errors too."""
    return subprocess.run(["setpriv", "--reuid", name, "--regid", name, "--init-groups", "sh", "-c", script],
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace",
                          stdin=subprocess.DEVNULL, cwd="/", env={"PATH": os.environ["PATH"]}).stdout
