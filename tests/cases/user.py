#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""nook --user, by a user with a manager of his own and no rights. With --direct his task has its walls. By his
manager it has them too or is not started: in a container, whose /proc is partly covered, the manager
cannot build them, and nothing runs and nothing is left."""

import pathlib
import subprocess
import sys

sys.dont_write_bytecode = True
import kit  # noqa: E402

SCRIPT = "id -un; grep -E '^(CapEff|NoNewPrivs|Seccomp):' /proc/self/status; echo /home/*; touch /usr/x 2>&1; touch /local/x && exit 3"
WALLS = ["alice", "CapEff:\t0000000000000000", "NoNewPrivs:\t1", "Seccomp:\t2", "/home/*",
         "touch: cannot touch '/usr/x': Read-only file system"]


def nook(*words):
    return subprocess.run(
        ["setpriv", "--reuid=alice", "--regid=alice", "--init-groups", "env", "-i", "PATH=/usr/bin:/bin", "HOME=/home/alice",
         "XDG_RUNTIME_DIR=/run/user/1000", "nook", "--user", *map(str, words)], cwd="/home/alice", text=True, timeout=120,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def left():
    tops = [pathlib.Path("/home/alice/.local/state/nook/alloc"), pathlib.Path("/run/user/1000/nook/env"),
            pathlib.Path("/run/user/1000/nook/secrets")]
    found = [str(path) for top in tops if top.is_dir() for path in top.iterdir()]
    units = subprocess.run(["systemctl", "--user", "--machine=alice@.host", "list-units", "--all", "--plain", "--no-legend", "nook-*"],
                           stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True).stdout.splitlines()
    return found + units


def main():
    tap = kit.Tap(sys.argv[1:])
    subprocess.run(["systemctl", "start", "user@1000.service"], check=True)
    kit.TOP.chmod(0o755)
    job = kit.task("own", "/bin/sh", ["-c", SCRIPT], "  restart {\n    attempts = 0\n    mode = \"fail\"\n  }")
    done = nook("run", "--direct", job)
    tap.result("a user's task has its walls with --direct",
               [] if (done.returncode, done.stdout.splitlines()) == (3, WALLS) else [f"exit {done.returncode}", done.stdout, done.stderr])
    done = nook("run", job)
    held = (done.returncode, done.stdout.splitlines()) == (3, WALLS)
    refused = done.returncode == 125 and done.stdout == "" and "Failed at step NAMESPACE" in done.stderr
    tap.result("by the user's manager it has them too, or is not started", [] if held or refused
               else [f"exit {done.returncode}", done.stdout, done.stderr])
    print(f"# by the manager here: {'it runs' if held else 'not started: ' + done.stderr.strip().splitlines()[-1]}")
    job = kit.task("own", "/bin/true", body='  unit {\n    IPAddressDeny = "any"\n  }')
    done = nook("run", job)
    tap.result("a rule that a user's manager leaves out is refused",
               [] if done.returncode == 125 and "BPF programs cannot be attached here" in done.stderr else [f"exit {done.returncode}: {done.stderr}"])
    tap.result("nothing is left behind", left())
    return tap.end()


if __name__ == "__main__":
    sys.exit(main())
