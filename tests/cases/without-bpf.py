#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A machine in which bpf(2) fails, as in many containers: systemd starts units all the same and leaves their
rules for devices, addresses, ports and interfaces out. nook refuses what a job asks for by name, and a default
task's devices are held by its private /dev and by what it may not make."""

import os
import subprocess
import sys

sys.dont_write_bytecode = True
import kit  # noqa: E402
import world  # noqa: E402

CANNOT = "BPF programs cannot be attached here"
REFUSED = {
    "DevicePolicy": ("closed", f"device rules (DevicePolicy=, DeviceAllow=): {CANNOT}."),
    "IPAddressDeny": ("any", f"address rules (IPAddressDeny= and the like): {CANNOT}."),
    "SocketBindDeny": ("any", "port and interface rules (SocketBindDeny=, RestrictNetworkInterfaces=): "
                              f"systemd is built without BPF_FRAMEWORK, as Debian 12's is, or {CANNOT}."),
    "RestrictNetworkInterfaces": ("lo", "port and interface rules (SocketBindDeny=, RestrictNetworkInterfaces=): "
                                        f"systemd is built without BPF_FRAMEWORK, as Debian 12's is, or {CANNOT}."),
}
HARMLESS = {"full", "null", "ptmx", "random", "tty", "urandom", "zero"}

# Every device node that the task can reach by walking, and what it could make of its own.
PROBE = """
import os, stat
for top, folders, names in os.walk("/"):
    folders[:] = [name for name in folders if os.path.join(top, name) not in ("/proc", "/sys", "/dev/pts")]
    for name in names:
        path = os.path.join(top, name)
        mode = os.lstat(path).st_mode
        if stat.S_ISCHR(mode) or stat.S_ISBLK(mode):
            print("sees", path)
for kind in (stat.S_IFCHR, stat.S_IFBLK):
    for folder in ("/local", "/tmp", "/dev/shm", "/alloc"):
        try:
            os.mknod(folder + "/made", kind | 0o666, os.makedev(1, 11))
            print("makes", folder)
        except OSError as error:
            pass
print("done")
"""


def refused(done, text):
    if done.returncode == 125 and text in done.stderr:
        return []
    return [f"exit {done.returncode}, stderr: {done.stderr}"]


def check_refusals(tap):
    before = world.snapshot()
    for key, (value, text) in REFUSED.items():
        done = subprocess.run(["systemd-run", "-q", "--wait", f"-p{key}={value}", "/bin/true"])
        tap.result(f"systemd leaves {key}= out without an error (twin)", [f"exit {done.returncode}"] * (done.returncode != 0))
        job = kit.task("ruled", "/bin/true", body=f'  unit {{\n    {key} = "{value}"\n  }}')
        tap.result(f"{key}= is refused", refused(kit.nook("run", job), "Wall cannot be built: " + text))
    tap.result("a refused job leaves nothing", world.differences(before))


def check_default_task(tap):
    done = kit.nook("run", kit.task("default", "/usr/bin/python3", ["-c", PROBE]))
    lines = done.stdout.splitlines()
    seen = {line.split("/dev/")[-1] for line in lines if line.startswith("sees ")}
    made = [line for line in lines if line.startswith("makes ")]
    wrong = [] if done.returncode == 0 and lines[-1:] == ["done"] else [f"exit {done.returncode}: {done.stderr}"]
    wrong += [f"it sees {name}" for name in seen - HARMLESS] + made + ([] if seen else ["it found no device at all"])
    tap.result("a default task runs, sees harmless devices only and can make no others", wrong)


def check_capable_task(tap):
    config = kit.write("mknod.conf.hcl", 'plugin "exec" {\n  config {\n    allow_caps = ["mknod"]\n  }\n}\n')
    job = kit.write("capable.nomad.hcl", 'task "capable" {\n  driver = "exec"\n  config {\n    command = "/bin/true"\n'
                    '    cap_add = ["mknod"]\n  }\n}\n')
    tap.result("a task that can make devices is refused", refused(kit.nook("run", job, config=config),
                                                                  REFUSED["DevicePolicy"][1]))


def check_doctor(tap):
    said = kit.nook("doctor").stdout
    wanted = ("BPF programs for devices", "BPF programs for addresses", "BPF programs for ports")
    found = {name: line for name in wanted for line in said.splitlines() if line.startswith(name)}
    tap.result("doctor names what is missing", [f"{name}: {found.get(name)}" for name in wanted
                                                if "lacks" not in found.get(name, "")])


def main():
    tap = kit.Tap(sys.argv[1:])
    os.chdir(kit.TOP)
    kit.nook("run", kit.task("first", "/bin/true"))
    for check in (check_refusals, check_default_task, check_capable_task, check_doctor):
        check(tap)
    return tap.end()


if __name__ == "__main__":
    sys.exit(main())
