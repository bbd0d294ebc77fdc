#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Every byte from 0x01 to 0x7f and a letter of several bytes reach the task unchanged: as a word of its
command line, as a value of its environment, in the source and the destination of a bind; at the start,
and after a daemon-reload and a restart."""

import json
import pathlib
import shutil
import subprocess
import sys
import time

sys.dont_write_bytecode = True
import kit  # noqa: E402

BYTES = [chr(code) for code in range(1, 128)]
WORDS = ([f"<{byte}>" for byte in BYTES] + BYTES
         + ["<" + "".join(BYTES) + ">", "Zoë ☃ 🎈", "", "-", "--", "$HOME $$ %n %% $", "a;b ; c", ";", "\\x41\\n",
            "'", '"', "@/bin/false", "+x", "!x", ":x", "  two  blanks "])
NAMES = {f"V{ord(byte):02x}": f"<{byte}>" for byte in BYTES}
NAMES.update(ALL="".join(BYTES), LETTER="Zoë ☃ 🎈", EMPTY="", BLANK=" x ", DOLLAR="$HOME $$ %n $", LAST="\\")
# A name in a directory has no slash; and one that begins or ends oddly is worth a path of its own.
ODD = ["odd" + "".join(byte for byte in BYTES if byte != "/"), "blank ", "co:lon", 'quo"te', "ba\\ck", "new\nline",
       "Zoë", "per%cent", "$dollar", "a,b", "plus+x", "#hash", "semi;colon"]

PROBE = """
import json, os, sys
seen = {}
for path in json.load(open("/local/paths.json")):
    try:
        seen[path] = open(path + "/file").read()
    except OSError as error:
        seen[path] = str(error)
print("WORDS " + json.dumps(sys.argv[1:]))
print("NAMES " + json.dumps(dict(os.environb and {k.decode(): v.decode() for k, v in os.environb.items()})))
print("PATHS " + json.dumps(seen))
sys.stdout.flush()
import signal
signal.pause()
"""


def differences(what, wanted, got):
    if isinstance(wanted, list):
        if len(wanted) != len(got):
            yield f"{what}: {len(got)} words, not {len(wanted)}"
        wanted, got = dict(enumerate(wanted)), dict(enumerate(got))
    for key, value in wanted.items():
        if got.get(key) != value:
            yield f"{what} {key!r}: {got.get(key)!r}, not {value!r}"


def printed(since):
    """The three lines of one start, or None while they are not all there."""
    lines = [entry["MESSAGE"] for entry in kit.journal("NOOK_TASK=words", since=since)]
    found = {line.split(" ", 1)[0]: line.split(" ", 1)[1] for line in lines if " " in line}
    if all(key in found for key in ("WORDS", "NAMES", "PATHS")):
        return {key: json.loads(found[key]) for key in ("WORDS", "NAMES", "PATHS")}
    return None


def check(tap, when, since):
    found = kit.wait_for(lambda: printed(since), 15, 0.2)
    if not found:
        tap.result(f"the task speaks {when}", ["it printed nothing"])
        return
    tap.result(f"words of the command line arrive {when}", differences("word", WORDS, found["WORDS"]))
    tap.result(f"values of the environment arrive {when}", differences("variable", NAMES, found["NAMES"]))
    paths = {f"/seen/{name}": f"content of {number}" for number, name in enumerate(ODD)}
    tap.result(f"binds with odd paths are there {when}", differences("path", paths, found["PATHS"]))


def main():
    tap = kit.Tap()
    for number, name in enumerate(ODD):
        folder = pathlib.Path("/srv/source") / name
        folder.mkdir(parents=True)
        (folder / "file").write_text(f"content of {number}")
    entries = "".join(f"    {kit.hcl(f'/srv/source/{name}')} = {kit.hcl(f'/seen/{name}')}\n" for name in ODD)
    config = kit.write("words.conf.hcl", 'client {\n  chroot_env {\n    "/usr" = "/usr"\n    "/bin" = "/bin"\n'
                       f'    "/lib" = "/lib"\n    "/lib64" = "/lib64"\n    "/etc" = "/etc"\n{entries}  }}\n}}\n')
    (kit.TOP / "paths.json").write_text(json.dumps([f"/seen/{name}" for name in ODD]))
    variables = "".join(f"    {name} = {kit.hcl(value)}\n" for name, value in NAMES.items())
    job = kit.task("words", "/usr/bin/python3", ["-c", PROBE, *WORDS],
                   f"  env {{\n{variables}  }}\n  artifact {{\n    source = \"paths.json\"\n  }}\n")
    since = time.time()
    done = kit.nook("run", "--detach", job, config=config)
    tap.result("the task is started", [] if done.returncode == 0 else [f"exit {done.returncode}", done.stderr])
    if done.returncode == 0:
        check(tap, "at the start", since)
        subprocess.run(["systemctl", "daemon-reload"], check=True)
        since = time.time()
        subprocess.run(["systemctl", "restart", "nook-words.service"], check=True)
        check(tap, "after a reload and a restart", since)
        kit.nook("stop", "words")
    shutil.rmtree("/srv/source")
    return tap.end()


if __name__ == "__main__":
    sys.exit(main())
