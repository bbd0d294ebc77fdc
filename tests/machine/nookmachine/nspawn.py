# SPDX-License-Identifier: LGPL-2.1-or-later
"""A throw-away machine in systemd-nspawn: an overlay over a tree, booted, then thrown away."""

import os
import pathlib
import shutil
import signal
import subprocess
import time

from .host import MachineError, RunDirectory, die_with_parent, run

READY_SECONDS = 120
ENVIRONMENT = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
               "HOME": "/root", "LANG": "C.UTF-8", "SHELL": "/bin/bash"}


class NspawnMachine:
    """Boots on entry, is gone on exit.

    layers      directories, the lowest first: the tree, then what is installed over it
    binds       (source, target, "ro" or "rw")
    open_rights all capabilities and no system call filter of nspawn's own: for tests of walls, which
                must not be held up by the machine's
    network     "private" (loopback only) or "host"

    without_calls may be set before it boots: names of system calls that fail with EPERM in the machine,
    open_rights or not."""

    def __init__(self, cache, layers, binds=(), open_rights=False, network="private"):
        self.cache, self.layers, self.binds = cache, layers, list(binds)
        self.open_rights, self.network, self.without_calls = open_rights, network, ()
        self.spawn = self.leader = None

    def __enter__(self):
        self.directory = RunDirectory(self.cache)
        try:
            self.root = self.mount_root()
            self.boot()
            self.wait_ready()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_):
        self.close()

    def mount_root(self):
        """The overlay. Its upper layer is on the cache's file system, so that all files of the machine
        have one st_dev; where that file system cannot carry one (an overlay itself), on a tmpfs."""
        top = self.directory.path
        lower = ":".join(str(layer) for layer in reversed(self.layers))
        for attempt in ("disk", "tmpfs"):
            store = top / attempt
            store.mkdir()
            if attempt == "tmpfs":
                run(["mount", "-t", "tmpfs", "-o", "mode=0755", "tmpfs", str(store)])
            for name in ("upper", "work", "root"):
                (store / name).mkdir(mode=0o755)
            options = f"lowerdir={lower},upperdir={store}/upper,workdir={store}/work"
            try:
                run(["mount", "-t", "overlay", "-o", options, "overlay", str(store / "root")])
            except MachineError:
                if attempt == "tmpfs":
                    raise
                continue
            self.upper = store / "upper"
            return store / "root"

    def boot(self):
        run(["systemd-sysusers", f"--root={self.root}"])
        name = self.directory.name.replace("nook-machine", "nook")
        argv = ["systemd-nspawn", "--quiet", "--register=no", "--keep-unit", "-M", name, "-b",
                "-D", str(self.root), "--console=pipe", "--link-journal=no", "--resolv-conf=off",
                "--timezone=off"]
        if self.network == "private":
            argv += ["--private-network"]
        environment = {**ENVIRONMENT, "SYSTEMD_NSPAWN_UNIFIED_HIERARCHY": "1"}
        if self.open_rights:
            argv += ["--capability=all"]
        if self.without_calls:
            argv += ["--system-call-filter=~" + " ".join(self.without_calls)]
        elif self.open_rights:
            environment["SYSTEMD_SECCOMP"] = "0"
        for source, target, mode in self.binds:
            argv += [f"--bind{'-ro' if mode == 'ro' else ''}={source}:{target}"]
        argv += ["systemd.unified_cgroup_hierarchy=1"]

        def prepare():
            die_with_parent()
            self.directory.cgroup.join()

        with open(self.directory.path / "console.log", "wb") as console:
            self.spawn = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=console, stderr=console,
                                          env=environment, preexec_fn=prepare, start_new_session=True)

    def restart(self, cut):
        """Boots again with the same disk: in an orderly way, or after everything in it was killed at once."""
        if cut:
            os.kill(self.leader, signal.SIGKILL)
        else:
            self.capture(["systemctl", "--no-block", "reboot"])
        try:
            self.spawn.wait(READY_SECONDS)
        except subprocess.TimeoutExpired as error:
            raise MachineError(f"the machine does not go down:\n{self.console()}") from error
        self.leader = None
        self.boot()
        self.wait_ready()

    def console(self, lines=40):
        text = (self.directory.path / "console.log").read_text(errors="replace")
        return "\n".join(text.splitlines()[-lines:])

    def find_leader(self):
        """The container's PID 1: the child of nspawn that is process 1 of its own namespace."""
        pid = self.spawn.pid
        for child in pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
            status = pathlib.Path(f"/proc/{child}/status").read_text()
            for line in status.splitlines():
                if line.startswith("NSpid:") and len(line.split()) > 2 and line.split()[-1] == "1":
                    return int(child)
        return None

    def wait_ready(self):
        end = time.monotonic() + READY_SECONDS
        while time.monotonic() < end:
            if self.spawn.poll() is not None:
                raise MachineError(f"the machine ended while booting:\n{self.console()}")
            try:
                self.leader = self.leader or self.find_leader()
            except (FileNotFoundError, ProcessLookupError):
                self.leader = None
            if self.leader and pathlib.Path(f"/proc/{self.leader}/root/run/dbus/system_bus_socket").exists():
                state = self.capture(["systemctl", "is-system-running"]).stdout.strip()
                if state in ("running", "degraded"):
                    return
            time.sleep(0.1)
        raise MachineError(f"the machine was not up after {READY_SECONDS} s:\n{self.console()}")

    def command(self, argv, cwd="/root", environment=None):
        """The command line that runs `argv` in the machine, and what prepares the child for it."""
        words = [f"{key}={value}" for key, value in {**ENVIRONMENT, **(environment or {})}.items()]
        line = ["nsenter", "-t", str(self.leader), "-a", "--", "env", "-i", "-C", cwd, *words, *argv]
        payload = pathlib.Path(f"/proc/{self.leader}/cgroup").read_text()
        inside = next(text.split("::", 1)[1] for text in payload.splitlines() if text.startswith("0::"))
        mount = next(p for p in self.directory.cgroup.path.parents if (p / inside.lstrip("/")).is_dir())
        own = (mount / inside.lstrip("/")).parent / "machine-test"
        own.mkdir(exist_ok=True)

        def prepare():
            die_with_parent()
            (own / "cgroup.procs").write_text(str(os.getpid()))

        return line, prepare

    def capture(self, argv, timeout=60):
        line, prepare = self.command(argv)
        return subprocess.run(line, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, errors="replace", timeout=timeout,
                              preexec_fn=prepare)

    def popen(self, argv, cwd="/root", environment=None, **options):
        line, prepare = self.command(argv, cwd, environment)
        return subprocess.Popen(line, preexec_fn=prepare, **options)

    def save_journal(self, path):
        """The whole journal as text: asked of the machine, or read from its disk when it is dead."""
        try:
            text = self.capture(["journalctl", "--no-pager", "-o", "short-precise"]).stdout
        except (subprocess.TimeoutExpired, OSError, StopIteration):
            directory = str(self.upper / "var/log/journal")
            text = subprocess.run(["journalctl", "--no-pager", "-o", "short-precise", "-D", directory],
                                  stdout=subprocess.PIPE, text=True, errors="replace").stdout
        path.write_text(text + "\n--- console ---\n" + self.console(1000) + "\n")

    def close(self):
        """Kills the machine: nothing in it is worth an orderly shutdown."""
        self.directory.remove()
        if self.spawn:
            self.spawn.wait()


def require():
    if not shutil.which("systemd-nspawn"):
        raise MachineError("systemd-nspawn is not installed: apt-get install systemd-container")
