#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Runs the example job files in this folder through the installed nook and checks the assertions in them;
see casefile.py. Runs as root inside a test machine; prints TAP.

    runner.py [--variant NAME] [PATTERN...]      cases whose name has a PATTERN in it; all without one"""

import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time
import traceback

sys.dont_write_bytecode = True

import casefile  # noqa: E402
import fixtures  # noqa: E402
import server  # noqa: E402
import world  # noqa: E402

HERE = pathlib.Path(__file__).resolve().parent
PORT = 8000
SECONDS = 120


class Runner:
    def __init__(self):
        self.top = pathlib.Path(tempfile.mkdtemp(prefix="cases-", dir="/srv"))
        self.www = self.top / "www"
        fixtures.make(self.www)
        server.start(self.www, PORT)
        # The first run of all leaves the slice that nook ships, and what it found out about the manager.
        (self.top / "first.hcl").write_text('task "first" {\n  driver = "exec"\n  config {\n    command = "/bin/true"\n  }\n}\n')
        subprocess.run(["nook", "run", str(self.top / "first.hcl")], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def environment(self, case, folder):
        config = f" --config={case.config}" if case.config else ""
        return {**os.environ, "FILE": case.file, "NAME": case.name, "DIR": str(folder), "WWW": str(self.www),
                "URL": f"http://127.0.0.1:{PORT}", "OUT": str(folder / "out"), "ERR": str(folder / "err"),
                "CONFIG": config, "SINCE": f"@{time.time():.6f}"}

    def shell(self, case, command, environment, out, err):
        return subprocess.run(["bash", "-c", command], cwd=HERE, env=environment, stdin=subprocess.DEVNULL,
                              stdout=out, stderr=err, timeout=SECONDS).returncode

    def run(self, case):
        """What is wrong, as sentences."""
        folder = pathlib.Path(tempfile.mkdtemp(prefix=f"{case.name}-", dir=self.top))
        environment = self.environment(case, folder)
        wrong, log = [], open(folder / "log", "w+")
        before = world.snapshot()
        try:
            for command in case.commands["setup"]:
                if self.shell(case, command, environment, log, log) != 0:
                    wrong.append(f"setup failed: {command}")
            status = self.run_commands(case, environment)
            if status != case.status:
                wrong.append(f"exit status {status}, not {case.status}")
            out, err = ((folder / name).read_text(errors="replace") for name in ("out", "err"))
            wrong += casefile.check_texts(case, out, err)
            for command in case.commands["check"]:
                if self.shell(case, command, environment, log, log) != 0:
                    wrong.append(f"check failed: {command}")
        except subprocess.TimeoutExpired as error:
            wrong.append(f"still running after {SECONDS} s: {error.cmd[-1]}")
        finally:
            for command in case.commands["cleanup"]:
                self.shell(case, command, environment, log, log)
        wrong += world.differences(before)
        if "NOOK_KEEP_OUTPUT" in os.environ:
            shutil.copy(folder / "err", f"{os.environ['NOOK_RESULTS']}/{case.name}.err")
        if wrong:
            wrong += self.explain(folder, log, environment["SINCE"])
            subprocess.run("systemctl stop 'nook-*'; nook gc", shell=True, stdout=subprocess.DEVNULL,
                           stderr=subprocess.DEVNULL)
        log.close()
        shutil.rmtree(folder)
        return wrong

    def run_commands(self, case, environment):
        commands = case.commands["run"] or ["nook$CONFIG run $FILE"]
        status = 0
        with open(environment["OUT"], "ab") as out, open(environment["ERR"], "ab") as err:
            for command in commands:
                status = self.shell(case, command, environment, out, err)
        return status

    @staticmethod
    def explain(folder, log, since):
        log.seek(0)
        for title, text in (("stdout", (folder / "out")), ("stderr", (folder / "err")), ("log", log)):
            if isinstance(text, pathlib.Path):
                text = open(text, errors="replace") if text.exists() else []
            for line in list(text)[-15:]:
                yield f"{title}: {line.rstrip()}"
        done = subprocess.run(["journalctl", "--no-pager", "-o", "cat", "--since", since, "-n", "12"],
                              stdout=subprocess.PIPE, text=True, errors="replace")
        for line in done.stdout.splitlines():
            yield f"journal: {line}"


def main():
    words = sys.argv[1:]
    variant = words[1] if words[:1] == ["--variant"] else "base"
    patterns = words[2:] if words[:1] == ["--variant"] else words
    version = re.search(r"\d+", subprocess.check_output(["systemctl", "--version"], text=True))[0]
    cases = [case for case in casefile.find_all() if case.variant == variant
             and case.only_on in (None, version)
             and (not patterns or any(pattern in case.name for pattern in patterns))]
    print(f"1..{len(cases)}", flush=True)
    runner, failed = Runner(), 0
    for case in cases:
        try:
            wrong = runner.run(case)
        except Exception:  # a broken case must not hide the others
            wrong = traceback.format_exc().splitlines()
        failed += bool(wrong)
        print(f"{'not ok' if wrong else 'ok'} - {case.name}")
        for line in wrong:
            print(f"# {line}")
        sys.stdout.flush()
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
