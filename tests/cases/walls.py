#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The default walls, one by one: a probe inside a task tries to get through and says "held" or "open". Each
wall has a twin: the same probe with that wall removed, by the means that an operator has (an allowed
directive, a granted capability, an allowed user or mode), which must then say "open". So a probe that would
never get through anywhere is no proof.

A probe is Python; `tried()` turns a call into the answer. Machines for this suite have all rights, so that it
is nook's wall that holds and not the machine's."""

import pathlib
import re
import subprocess
import sys

sys.dont_write_bytecode = True
import fixtures  # noqa: E402
import kit  # noqa: E402
import server  # noqa: E402

PRELUDE = """
import ctypes, errno, os, socket, stat, sys
libc = ctypes.CDLL(None, use_errno=True)
def tried(call, *args):
    # "open" when the call works; errors other than a refusal are shown, since they prove nothing.
    try:
        call(*args)
    except OSError as error:
        return "held" if error.errno in (errno.EPERM, errno.EACCES, errno.EROFS, errno.ENOENT, errno.ENOSYS) else str(error)
    return "open"
def system_call(number, *args):
    if libc.syscall(number, *args) < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
def write(path, text="x"):
    with open(path, "w") as file:
        file.write(text)
def seen(answer):
    return "open" if answer else "held"
"""

# Places a task may write to; everything else that it finds writable is a hole.
WRITABLE = """
own = ("/alloc", "/local", "/secrets", "/tmp", "/dev/shm", "/dev/mqueue", "/dev/pts", "/proc")
found = set()
points = [line.split()[4] for line in open("/proc/self/mountinfo")]
for path in points + ["/" + name for name in os.listdir("/")] + ["/var/tmp", "/var", "/dev", "/etc", "/run/user"]:
    if path != "/" and any(path == name or path.startswith(name + "/") for name in own):
        continue
    try:
        if stat.S_ISDIR(os.stat(path).st_mode):
            os.close(os.open(path + "/probe", os.O_CREAT | os.O_WRONLY)); os.unlink(path + "/probe")
            found.add(path)
    except OSError:
        pass
print("open" if found else "held", *sorted(found))
"""

# A node of each simple device that the kernel has; some can be opened by everyone who has a node.
MADE_DEVICES = """
made = []
for line in open("/proc/misc"):
    path = "/local/" + line.split()[1]
    if tried(os.mknod, path, stat.S_IFCHR | 0o666, os.makedev(10, int(line.split()[0]))) == "open":
        made.append(tried(os.open, path, os.O_RDONLY))
print(seen("open" in made), *made)
"""

CONNECT = """
try:
    socket.create_connection(("127.0.0.1", 8000), 2)
    print("open")
except OSError as error:
    print("held")
"""

ROOT = {"user": "root"}
CAPS = "cap_add = [{}]"


def directive(**lines):
    return {"unit": lines}


def capability(*names, **lines):
    return {"caps": names, "unit": lines}


# name: (probe, what the task is in both runs, what the twin changes)
WALLS = {
    "the task is not root": ("print(seen(os.getuid() == 0))", {}, ROOT),
    "nothing but its own directories is writable, not even for root": (
        WRITABLE, ROOT, directive(BindPaths="/srv/open:/srv/open")),
    "folders outside chroot_env are not there": (
        "print(tried(os.listdir, '/srv/open'))", {}, {"chroot": ("/srv/open",)}),
    "homes are not there even where they are listed": (
        "try:\n    print(seen('alice' in os.listdir('/home')))\nexcept OSError:\n    print('held')", {"chroot": ("/home",)},
        {"chroot": ("/home",), "unit": {"ProtectHome": False}}),
    "processes of other users are hidden": (
        "print(seen(os.path.exists('/proc/1')))", {}, directive(ProtectProc="default")),
    "devices are not the host's": (
        "print(seen(os.path.exists('/dev/net')))", {}, directive(PrivateDevices=False)),
    "devices that a task can make cannot be opened": (
        MADE_DEVICES, {"caps": ("mknod",)}, directive(DevicePolicy="auto", ProtectClock=False)),
    "/dev/shm is not the host's": (
        "print(seen(os.path.exists('/dev/shm/of-the-host')))", {}, {"config": 'ipc_mode = "host"'}),
    "System V IPC is not the host's": (
        "print(seen(len(open('/proc/sysvipc/shm').readlines()) > 1))", {}, {"config": 'ipc_mode = "host"'}),
    "the kernel's settings cannot be written": (
        "print(tried(write, '/proc/sys/kernel/domainname', open('/proc/sys/kernel/domainname').read()))", ROOT,
        directive(ProtectKernelTunables=False)),
    "control groups cannot be made": (
        "where = '/sys/fs/cgroup/nook.slice/probe'\n"
        "print(tried(os.mkdir, where)); os.path.exists(where) and os.rmdir(where)",
        {"caps": ("dac_override",)}, directive(ProtectControlGroups=False, ProtectKernelTunables=False)),
    "the kernel's log cannot be read": (
        "print(tried(system_call, 103, 3, ctypes.create_string_buffer(64), 64))", ROOT, capability("syslog")),
    "the clock cannot be set": (
        "print(tried(system_call, 164, None, None))", ROOT, capability("sys_time")),
    "the host's name cannot be set": (
        "name = socket.gethostname().encode(); print(tried(system_call, 170, name, len(name)))", ROOT,
        capability("sys_admin", ProtectHostname=False, SystemCallFilter="sethostname")),
    "modules cannot be loaded": (
        "try:\n    system_call(175, b'', 0, b'')\nexcept OSError as error:\n"
        "    print('held' if error.errno == errno.EPERM else 'open')", ROOT, capability("sys_module")),
    "files cannot be given away": (
        "write('/local/mine'); print(tried(os.chown, '/local/mine', 12345, 12345))", ROOT, capability("chown")),
    "namespaces cannot be made": (
        "print(tried(system_call, 272, 0x10000000))", {}, directive(RestrictNamespaces=False)),
    "setuid programs give nothing": (
        "print(seen('NoNewPrivs:\\t0' in open('/proc/self/status').read()))", {}, {"driver": "raw_exec"}),
    "setuid files cannot be made": (
        "write('/local/su'); print(tried(os.chmod, '/local/su', 0o4755))", {"user": "games"},
        directive(RestrictSUIDSGID=False)),
    "realtime scheduling is refused": (
        "print(tried(os.sched_setscheduler, 0, os.SCHED_FIFO, os.sched_param(1)))",
        {}, capability("sys_nice")),
    "the execution domain is locked": (
        "print(tried(system_call, 135, 8))", {}, directive(LockPersonality=False)),
    "rare address families are refused": (
        "try:\n    socket.socket(socket.AF_PACKET, socket.SOCK_RAW)\n    print('open')\nexcept OSError as error:\n"
        "    print('held' if error.errno == errno.EAFNOSUPPORT else 'open')", {},
        directive(RestrictAddressFamilies="AF_PACKET")),
    "raw packets cannot be sent": (
        "print(seen(tried(socket.socket, socket.AF_PACKET, socket.SOCK_RAW) == 'open'))", {}, capability("net_raw")),
    "rings cannot be made": (
        "print(tried(system_call, 425, 4, ctypes.create_string_buffer(120)))", {},
        directive(SystemCallFilter="io_uring_setup")),
    "keyrings are out of reach": (
        "print(tried(system_call, 250, 0, -3, 1))", {}, directive(SystemCallFilter="@keyring")),
    "mounts are refused": (
        "print(tried(system_call, 165, b'none', b'/local', b'tmpfs', 0, None))", ROOT, capability("sys_admin")),
    "root directories cannot be changed": (
        "print(tried(os.chroot, '/local'))", ROOT, capability("sys_chroot")),
    "secrets are no programs": (
        "import subprocess; path = os.environ.get('WHERE', '/secrets') + '/run'\n"
        "write(path, '#!/bin/sh\\n'); os.chmod(path, 0o755); print(tried(subprocess.run, [path]))", {},
        {"env": 'WHERE = "/local"'}),
    "without a network even loopback is one's own": (
        CONNECT, {"network": "none"}, {"network": "host"}),
    "addresses that a job denies itself are out of reach": (
        CONNECT, directive(IPAddressDeny="any"), {"unit": {}}),
    "ports that a job denies itself cannot be bound": (
        "print(tried(socket.socket().bind, ('127.0.0.1', 8123)))", directive(SocketBindDeny="any"), {"unit": {}}),
    "interfaces that a job denies itself carry nothing": (
        CONNECT, directive(RestrictNetworkInterfaces="~lo"), {"unit": {}}),
    "the journal's native socket is not there": (
        "print(seen(os.path.exists('/run/systemd/journal/socket')))", {}, directive(BindLogSockets=True)),
}
SINCE = {"the journal's native socket is not there": 257, "ports that a job denies itself cannot be bound": 257,
         "interfaces that a job denies itself carry nothing": 257}
MOST_EXPOSURE = 1.5
DEFAULT_CHROOT = ("/bin", "/etc", "/lib", "/lib64", "/sbin", "/usr")


def value(what):
    return str(what).lower() if isinstance(what, bool) else f'"{what}"'


def files(probe, what):
    """The job and the operator's configuration for a run."""
    unit = "".join(f"    {name} = {value(text)}\n" for name, text in what.get("unit", {}).items())
    caps = ", ".join(f'"{name}"' for name in what.get("caps", ()))
    text = 'job "probe" {\n  type = "batch"\n  group "probe" {\n    restart {\n      attempts = 0\n      mode = "fail"\n    }\n'
    if "network" in what:
        text += f'    network {{\n      mode = "{what["network"]}"\n    }}\n'
    text += f'    task "probe" {{\n      driver = "{what.get("driver", "exec")}"\n      config {{\n        command = "/usr/bin/python3"\n'
    text += f'        args = ["-c", {kit.hcl(PRELUDE + probe)}]\n'
    text += (f"        {CAPS.format(caps)}\n" if caps else "") + f'        {what.get("config", "")}\n      }}\n      env {{\n        {what.get("env", "")}\n      }}\n'
    text += (f'      user = "{what["user"]}"\n' if "user" in what else "") + (f"      unit {{\n{unit}      }}\n" if unit else "")
    job = kit.write("probe.nomad.hcl", text + "    }\n  }\n}\n")
    allowed = ", ".join(f'"{name}"' for name in what.get("unit", {}))
    entries = "".join(f'    "{path}" = "{path}"\n' for path in (*DEFAULT_CHROOT, *what["chroot"])) if "chroot" in what else ""
    config = kit.write("probe.conf.hcl", 'client {\n  options = {\n    "user.denylist" = ""\n  }\n'
                       + (f"  chroot_env {{\n{entries}  }}\n" if entries else "") + '}\nplugin "exec" {\n  config {\n'
                       f"    allow_directives = [{allowed}]\n    allow_caps = [{caps}]\n    allow_host_modes = [\"ipc\"]\n  }}\n}}\n"
                       'plugin "raw_exec" {\n  config {\n    enabled = true\n  }\n}\n')
    return job, config


def answer(probe, what):
    job, config = files(probe, what)
    done = kit.nook("run", job, config=config)
    lines = done.stdout.splitlines()
    if done.returncode != 0 or not lines:
        return f"exit {done.returncode}: {(done.stderr or done.stdout).strip()}"
    return lines[-1]


def prepare():
    www = kit.TOP / "www"
    fixtures.make(www)
    server.start(www)
    open_folder = pathlib.Path("/srv/open")
    open_folder.mkdir(exist_ok=True)
    open_folder.chmod(0o777)
    pathlib.Path("/dev/shm/of-the-host").touch()
    subprocess.run(["ipcmk", "-M", "4096"], stdout=subprocess.DEVNULL, check=True)


def exposure(job, config=None):
    """What systemd-analyze says of a running task: a figure from 0 to 10, or why there is none."""
    started = kit.nook("run", "--detach", job, config=config)
    unit = re.search(r"Running as unit: ([^;\s]+)", started.stderr)
    if started.returncode != 0 or not unit:
        return f"exit {started.returncode}: {started.stderr.strip()}"
    done = subprocess.run(["systemd-analyze", "security", "--no-pager", unit[1]], stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, errors="replace")
    kit.nook("stop", unit[1])
    found = re.search(rf"exposure level for {re.escape(unit[1])}: ([0-9.]+)", done.stdout)
    return float(found[1]) if found else f"systemd-analyze exits with {done.returncode}: {done.stdout[-300:].strip()}"


def check_exposure(tap):
    name = f"systemd-analyze security gives a default task {MOST_EXPOSURE} or lower"
    if not tap.wants(name):
        return
    said = exposure(kit.task("scored", "/bin/sleep", ["1000"]))
    print(f"# exposure of a default task: {said}")
    tap.result(name, [] if isinstance(said, float) and said <= MOST_EXPOSURE else [f"it says: {said}"])
    said = exposure(*files("import time; time.sleep(1000)", {"driver": "raw_exec"}))
    tap.result(f"{name}: without walls it is higher (twin)",
               [] if isinstance(said, float) and said > MOST_EXPOSURE else [f"it says: {said}"])


def check_direct(tap):
    """Without systemd nobody attaches BPF programs: what asks for one is refused, and runs with systemd (twin)."""
    job = kit.task("ruled", "/bin/true", body='  unit {\n    IPAddressDeny = "any"\n  }')
    name = "--direct refuses a wall that only systemd can build"
    if not tap.wants(name):
        return
    text = ("a wall of this job can only be built by systemd, which --direct goes without: "
            "BPF programs for addresses")
    done = kit.nook("run", "--direct", job)
    tap.result(name, [] if done.returncode == 125 and text in done.stderr else [f"exit {done.returncode}: {done.stderr}"])
    done = kit.nook("run", job)
    tap.result(f"{name}: systemd builds it (twin)", [f"exit {done.returncode}: {done.stderr}"] * (done.returncode != 0))


def main():
    tap = kit.Tap(sys.argv[1:])
    prepare()
    check_exposure(tap)
    check_direct(tap)
    for name, (probe, base, twin) in WALLS.items():
        if not tap.wants(name) or SINCE.get(name, 0) > kit.version():
            continue
        said = answer(probe, base)
        tap.result(name, [] if said.split()[:1] == ["held"] else [f"it says: {said}"])
        said = answer(probe, {**base, **twin})
        tap.result(f"{name}: without the wall it gets through (twin)",
                   [] if said.startswith("open") else [f"it says: {said}"])
    return tap.end()


if __name__ == "__main__":
    sys.exit(main())
