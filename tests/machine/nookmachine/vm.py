# SPDX-License-Identifier: LGPL-2.1-or-later
"""A throw-away machine in QEMU: a kernel of its own with all cgroup controllers, nothing shared with the host.
Emulated unless NOOK_MACHINE_KVM is set (a nested KVM may hang), so boots take a minute and tests are ten times slower.

The tree is copied into an ext4 image. A small agent in the machine runs one command at a time: it reads
a JSON line from a virtio port and answers `o LINE` for each line of output and `x STATUS` at the end."""

import json
import os
import pathlib
import shutil
import socket
import subprocess
import threading
import time

from .host import MachineError, RunDirectory, die_with_parent, run
from .nspawn import ENVIRONMENT

READY_SECONDS = 600
BOOTS = 3  # how often a machine whose kernel dies while booting, as an emulated one may, is tried
GONE = 255  # the status of a command whose machine is gone
AGENT = """\
import json, os, subprocess, time
path = "/dev/virtio-ports/machine"
while not os.path.exists(path):  # udev may come later
    time.sleep(0.2)
port = open(path, "r+b", buffering=0)
for line in port:
    want = json.loads(line)
    try:
        child = subprocess.Popen(want["argv"], cwd=want["cwd"], env=want["env"], stdin=subprocess.DEVNULL,
                                 stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        for text in child.stdout:
            port.write(b"o " + text.rstrip(b"\\n") + b"\\n")
        status = child.wait()
    except OSError as error:
        port.write(("o " + str(error) + "\\n").encode())
        status = 127
    port.write(("x %d\\n" % (status if status >= 0 else 128 - status)).encode())
"""
UNIT = """\
[Unit]
Description=Test Machine's Agent
After=multi-user.target dbus.socket
[Service]
ExecStart=/usr/bin/python3 /usr/local/lib/machine-agent.py
Delegate=yes
[Install]
WantedBy=multi-user.target
"""


class QemuMachine:
    """Boots on entry, is gone on exit. layers, binds: as for NspawnMachine; what is bound read-only is copied
    in, what is bound writable is an empty folder whose files are lost."""

    def __init__(self, cache, layers, binds=()):
        self.cache, self.layers, self.binds = cache, layers, list(binds)
        self.qemu = self.port = None

    def __enter__(self):
        if not shutil.which("qemu-system-x86_64"):
            raise MachineError("qemu-system-x86_64 is not installed: apt-get install qemu-system-x86")
        self.directory = RunDirectory(self.cache)
        try:
            self.image = self.make_image()
            self.boot_until_it_stays()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        if self.qemu:
            self.qemu.kill()
            self.qemu.wait()
        self.directory.remove()

    def make_image(self):
        root = self.directory.path / "root"
        run(["cp", "-a", "--reflink=auto", str(self.layers[0]), str(root)])
        for layer in self.layers[1:]:
            run(["cp", "-a", f"{layer}/.", str(root)])
        for source, target, mode in self.binds:
            folder = root / target.lstrip("/")
            folder.mkdir(parents=True, exist_ok=True)
            if mode == "ro":
                run(["tar", "-C", str(source), "--exclude=./build*", "--exclude=./.git", "-cf",
                     str(self.directory.path / "bind.tar"), "."])
                run(["tar", "-C", str(folder), "-xf", str(self.directory.path / "bind.tar")])
        (root / "usr/local/lib/machine-agent.py").write_text(AGENT)
        (root / "etc/systemd/system/machine-agent.service").write_text(UNIT)
        run(["systemctl", f"--root={root}", "enable", "machine-agent.service"])
        run(["systemd-sysusers", f"--root={root}"])
        image = self.directory.path / "image"
        run(["mke2fs", "-q", "-t", "ext4", "-d", str(root), str(image), "4G"])
        self.kernel = self.directory.path / "vmlinuz"
        self.initrd = self.directory.path / "initrd"
        shutil.copy(next(iter(sorted(root.glob("boot/vmlinuz-*")))), self.kernel)
        shutil.copy(next(iter(sorted(root.glob("boot/initrd.img-*")))), self.initrd)
        shutil.rmtree(root)
        return image

    def restart(self, cut):
        """Boots again with the same disk: in an orderly way, or as after a loss of power, when what the kernel has
        not written yet is gone."""
        if cut:
            self.qemu.kill()
        else:
            self.capture(["systemctl", "--no-block", "poweroff"])
        try:
            self.qemu.wait(READY_SECONDS)
        except subprocess.TimeoutExpired as error:
            raise MachineError(f"the machine does not go down:\n{self.console()}") from error
        self.boot_until_it_stays()

    def boot_until_it_stays(self):
        for attempt in range(1, BOOTS + 1):
            try:
                return self.boot()
            except MachineError as error:
                if attempt == BOOTS or "Kernel panic" not in str(error):
                    raise
                print(f"machine: the emulated kernel died at boot {attempt} of {BOOTS}: once more", flush=True)

    def boot(self):
        path = self.directory.path / "port"
        path.unlink(missing_ok=True)
        # One processor: a kernel that changes its own code while another one runs it dies now and then when emulated.
        argv = ["qemu-system-x86_64", "-m", "2048", "-smp", "1", "-nodefaults", "-no-reboot", "-display", "none",
                "-serial", f"file:{self.directory.path}/console.log", "-kernel", str(self.kernel), "-initrd",
                str(self.initrd), "-append", "root=/dev/vda rw console=ttyS0 quiet systemd.show_status=no",
                "-drive", f"file={self.image},format=raw,if=virtio,cache=unsafe", "-device", "virtio-serial-pci",
                "-chardev", f"socket,id=port,path={path},server=on,wait=off", "-device",
                "virtserialport,chardev=port,name=machine", "-device", "virtio-rng-pci"]
        argv += (["-enable-kvm", "-cpu", "host,arch-capabilities=off"] if os.environ.get("NOOK_MACHINE_KVM")
                 else ["-accel", "tcg,thread=single", "-cpu", "max"])
        self.qemu = subprocess.Popen(argv, stdin=subprocess.DEVNULL, preexec_fn=die_with_parent)
        end = time.monotonic() + READY_SECONDS
        while not path.exists() and time.monotonic() < end and self.qemu.poll() is None:
            time.sleep(0.1)
        self.socket = socket.socket(socket.AF_UNIX)
        try:
            self.socket.connect(str(path))
        except OSError as error:
            raise MachineError(f"QEMU ended at once: {error.strerror}") from error
        self.port = self.socket.makefile("rb")
        late = threading.Timer(READY_SECONDS, self.qemu.kill)
        late.start()
        try:
            # The first answer comes when the agent is up: what is sent before waits in the port.
            status = self.capture(["systemctl", "is-system-running", "--wait"]).returncode
        finally:
            late.cancel()
        if status == GONE:
            self.qemu.kill()
            self.qemu.wait()
            raise MachineError(f"the machine ended while booting:\n{self.console()}")

    def console(self, lines=40):
        path = self.directory.path / "console.log"
        return "\n".join(path.read_text(errors="replace").splitlines()[-lines:]) if path.exists() else ""

    def popen(self, argv, cwd="/root", environment=None, stdout=None, **_):
        request = {"argv": list(map(str, argv)), "cwd": cwd, "env": {**ENVIRONMENT, **(environment or {})}}
        self.socket.sendall(json.dumps(request).encode() + b"\n")
        return RemoteCommand(self, show=stdout is None)

    def capture(self, argv, timeout=None):
        child = self.popen(argv, stdout=subprocess.PIPE)
        text = "".join(child.stdout)
        return subprocess.CompletedProcess(argv, child.wait(), text)

    def save_journal(self, path):
        text = self.capture(["journalctl", "--no-pager", "-o", "short-precise"]).stdout
        pathlib.Path(path).write_text(text + "\n--- console ---\n" + self.console(1000) + "\n")


class RemoteCommand:
    """What subprocess.Popen is for a local command, as far as the callers need it."""

    def __init__(self, machine, show):
        self.machine, self.show, self.status = machine, show, None
        self.stdout = self.lines()

    def lines(self):
        while self.status is None:
            try:
                line = self.machine.port.readline().decode("utf-8", "replace")
            except ConnectionResetError:
                line = ""
            if line.startswith("x "):
                self.status = int(line[2:])
            elif line.startswith("o "):
                yield line[2:]
            else:
                self.status = GONE

    def wait(self):
        for line in self.stdout:
            if self.show:
                print(line, end="", flush=True)
        return self.status

    def kill(self):
        """A suite that takes too long takes the whole machine with it."""
        if self.status is None:
            self.machine.qemu.kill()
