# SPDX-License-Identifier: LGPL-2.1-or-later
"""What a start must leave as it was: units, cgroups, mounts, processes and files. A snapshot is a set of
lines; two of them are compared."""

import os
import pathlib
import re
import subprocess
import time

FOLDERS = ("/run/nook", "/var/lib/nook", "/var/cache/nook", "/run/systemd/transient", "/var/lib/private",
           "/var/log/private", "/tmp", "/var/tmp", "/etc", "/root", "/home", "/dev/shm")
# Kept for the next start on purpose, empty and root's; `nook gc` removes it.
SKELETON = re.compile(r"^file /run/nook/root/")
# What systemd itself starts and stops at times of its own.
VOLATILE = re.compile(r"^\(?(systemd|sd-|agetty|dbus)")


def units():
    done = subprocess.run(["systemctl", "list-units", "--all", "--plain", "--no-legend", "--full", "nook*"],
                          stdout=subprocess.PIPE, text=True, check=True)
    return {f"unit {line.split()[0]}" for line in done.stdout.splitlines()}


def cgroups():
    return {f"cgroup {folder}" for folder, _, _ in os.walk("/sys/fs/cgroup") if "nook" in folder}


def mounts():
    lines = pathlib.Path("/proc/1/mountinfo").read_text().splitlines()
    return {"mount " + " ".join(line.split()[3:6]) for line in lines}


def processes():
    """Those of other users and of other roots, and every nook program: the runner's own are neither."""
    found = set()
    for entry in os.scandir("/proc"):
        if not entry.name.isdigit():
            continue
        try:
            status = pathlib.Path(entry.path, "status").read_text()
            name = re.search(r"^Name:\s*(.*)$", status, re.M)[1]
            uid = re.search(r"^Uid:\s*(\d+)", status, re.M)[1]
            root = os.readlink(entry.path + "/root")
        except OSError:
            continue
        if VOLATILE.match(name):
            continue
        if uid != "0" or root != "/" or name.startswith("nook"):
            found.add(f"process {entry.name} {name} uid={uid} root={root}")
    return found


def files():
    found = set()
    for top in FOLDERS:
        for folder, names, others in os.walk(top):
            for name in names + others:
                path = os.path.join(folder, name)
                if "/systemd-private-" in path:
                    continue
                try:
                    state = os.lstat(path)
                except OSError:
                    continue
                found.add(f"file {path} {state.st_mode:o} {state.st_uid}:{state.st_gid}")
    return found


def snapshot(ignore_files=()):
    lines = units() | cgroups() | mounts() | processes() | files()
    return {line for line in lines if not SKELETON.match(line)
            and not any(f" {path}" in line for path in ignore_files)}


def settle(patience=10.0):
    """Waits until the manager has collected the units of tasks that have ended: before a first snapshot."""
    end = time.monotonic() + patience
    while any(unit.startswith("unit nook-") for unit in units()) and time.monotonic() < end:
        time.sleep(0.05)


def differences(before, ignore_files=(), patience=5.0):
    """What is different now; the manager is given some seconds to collect what has just ended."""
    end = time.monotonic() + patience
    while True:
        now = snapshot(ignore_files)
        changes = [f"left behind: {line}" for line in sorted(now - before)]
        changes += [f"gone: {line}" for line in sorted(before - now)]
        if not changes or time.monotonic() > end:
            return changes
        time.sleep(0.1)
