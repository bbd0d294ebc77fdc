# SPDX-License-Identifier: LGPL-2.1-or-later
"""What a machine takes from the host: a mount namespace, a cgroup, a directory. Nothing of it outlives
the process, whichever way that ends: mounts go with the namespace, and a guardian, a child that waits
for its parent's end, kills what is in the cgroup and removes the directory. Where the guardian was
killed too, the next run does it, when nobody holds the directory's lock."""

import ctypes
import fcntl
import os
import pathlib
import shutil
import signal
import subprocess
import time

CLONE_NEWNS = 0x00020000
MS_REC, MS_PRIVATE = 0x4000, 1 << 18
MNT_DETACH = 2
PR_SET_PDEATHSIG = 1
libc = ctypes.CDLL(None, use_errno=True)

GRANT = ("this needs root and the right to mount; in a container start it with --privileged, or with "
         "--cap-add SYS_ADMIN --security-opt seccomp=unconfined and a writable cgroup2")


class MachineError(Exception):
    """Something the machine needs is not there, or did not work; the text says what and why."""


def die_with_parent():
    """For preexec_fn: the child is killed when the thread that started it ends."""
    libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


def run(argv, **options):
    """subprocess.run() for a step that must succeed; its output is shown only when it does not."""
    options.setdefault("stdin", subprocess.DEVNULL)
    done = subprocess.run(argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          errors="replace", preexec_fn=die_with_parent, **options)
    if done.returncode != 0:
        tail = "\n".join(done.stdout.splitlines()[-40:])
        raise MachineError(f"'{' '.join(map(str, argv))}' ended with {done.returncode}:\n{tail}")
    return done.stdout


def enter_private_mounts():
    """From here on this process and its children have mounts of their own."""
    if os.geteuid() != 0 or libc.unshare(CLONE_NEWNS) != 0:
        raise MachineError(GRANT)
    if libc.mount(b"none", b"/", None, MS_REC | MS_PRIVATE, None) != 0:
        raise MachineError(GRANT)


def cache_directory():
    if "NOOK_MACHINE_CACHE" in os.environ:
        return pathlib.Path(os.environ["NOOK_MACHINE_CACHE"]).absolute()
    home = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    return pathlib.Path(home) / "nook-machine"


class Lock:
    """An exclusive lock on a file, held until the process ends or release() is called."""

    def __init__(self, path, wait=True):
        path.parent.mkdir(parents=True, exist_ok=True)
        self.fd = os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self.fd, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError:
            os.close(self.fd)
            raise

    def release(self):
        os.close(self.fd)


def cgroup2_mount():
    """Where cgroup2 is mounted: at /sys/fs/cgroup, or beside the old hierarchies."""
    for line in open("/proc/self/mountinfo"):
        before, after = line.rstrip("\n").split(" - ", 1)
        if after.split()[0] == "cgroup2":
            return pathlib.Path(before.split()[4])
    raise MachineError(f"no cgroup2 is mounted here; {GRANT}")


class Cgroup:
    """A cgroup of its own for one machine: two machines in one would mix units of equal names."""

    def __init__(self, name):
        own = next((line.rstrip("\n").split("::", 1)[1] for line in open("/proc/self/cgroup")
                    if line.startswith("0::")), "/")
        mount = cgroup2_mount()
        parent = mount / own.lstrip("/")
        self.path = (parent if parent.is_dir() else mount) / name
        try:
            self.path.mkdir()
        except OSError as error:
            raise MachineError(f"make the cgroup {self.path}: {error.strerror}; {GRANT}") from error

    def join(self):
        (self.path / "cgroup.procs").write_text(str(os.getpid()))


def remove_cgroup(path):
    """Kills what is left in a cgroup and removes it with everything below."""
    if not path.is_dir():
        return
    kill = path / "cgroup.kill"
    if kill.exists():
        kill.write_text("1")
    for _ in range(100):
        for folder, _, _ in os.walk(path, topdown=False):
            try:
                os.rmdir(folder)
            except OSError:
                pass
        if not path.exists():
            return
        time.sleep(0.05)


class RunDirectory:
    """A directory and a cgroup for one running machine, locked while they are in use."""

    PREFIX = "nook-machine-"

    def __init__(self, cache):
        self.top = cache / "run"
        self.top.mkdir(parents=True, exist_ok=True)
        gate = Lock(self.top / ".gate")
        self.collect_stale()
        self.name = f"{self.PREFIX}{os.getpid()}"
        self.path = self.top / self.name
        self.path.mkdir(mode=0o700)
        self.lock = Lock(self.path / "lock")
        gate.release()
        self.cgroup = None
        try:
            self.cgroup = Cgroup(self.name)
        finally:
            self.start_guardian()
            if not self.cgroup:
                self.remove()

    def start_guardian(self):
        reader, self.alive = os.pipe()
        self.guardian = os.fork()
        if self.guardian != 0:
            os.close(reader)
            return
        try:
            os.close(self.alive)
            os.setsid()
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            os.read(reader, 1)  # returns when the parent has closed its end or is no more
            if self.cgroup:
                remove_cgroup(self.cgroup.path)
            self.clear()
        finally:
            os._exit(0)

    def clear(self):
        """Unmounts what is mounted in the directory, the last first, and removes the directory."""
        mounted = [line.split()[4] for line in open("/proc/self/mountinfo")]
        for target in reversed([path for path in mounted if path.startswith(f"{self.path}/")]):
            libc.umount2(target.encode(), MNT_DETACH)
        shutil.rmtree(self.path, ignore_errors=True)

    def collect_stale(self):
        """What a run whose guardian was killed has left."""
        for path in self.top.iterdir():
            if not path.is_dir():
                continue
            try:
                Lock(path / "lock", wait=False).release()
            except BlockingIOError:
                continue
            for cgroup in cgroup2_mount().glob(f"**/{path.name}"):
                remove_cgroup(cgroup)
            shutil.rmtree(path, ignore_errors=True)

    def remove(self):
        os.close(self.alive)
        os.waitpid(self.guardian, 0)
        self.lock.release()
