#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The fast way, sandbox = "nook": the task has the same walls after it has been restarted by the manager or by hand,
after the manager has read its units anew or executed itself again, and, from a file, after a boot; and it is told who
builds them. What the task says of its walls is one line, compared as a whole."""

import os
import pathlib
import shutil
import stat
import subprocess
import sys
import time

sys.dont_write_bytecode = True
import kit  # noqa: E402
import world  # noqa: E402

# The line ends up in the journal; namespaces are only told apart from the host's, for each start has its own.
PROBE = r"""
import os, resource
status = dict(line.split(":", 1) for line in open("/proc/self/status").read().splitlines())
host = HOST
mounts = sorted(" ".join(line.split()[4:6]) + " " + line.split(" - ")[1].split()[0] for line in open("/proc/self/mountinfo"))
def tried(path):
    try:
        open(path, "w").close()
        return "open"
    except OSError as error:
        return error.strerror
def closed(number):
    import ctypes
    libc = ctypes.CDLL(None, use_errno=True)
    return "open" if libc.syscall(number, 0, 0, 0) >= 0 else os.strerror(ctypes.get_errno())
print("WALLS", {
    "namespaces": {n: os.readlink("/proc/self/ns/" + n) == host[n] for n in host},
    "ids": [os.getuid() > 60000 or os.getuid(), os.getgid() > 60000 or os.getgid(), len(os.getgroups())],
    "caps": [status[n].strip() for n in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb")],
    "more": [status["NoNewPrivs"].strip(), status["Seccomp"].strip(), os.umask(0)],
    "limits": [resource.getrlimit(getattr(resource, n)) for n in ("RLIMIT_NOFILE", "RLIMIT_CORE", "RLIMIT_NPROC", "RLIMIT_MEMLOCK")],
    "root": sorted(os.listdir("/")), "mounts": mounts, "env": os.environ.get("MINE"), "nomad": os.environ.get("NOMAD_TASK_NAME"),
    "tried": [tried("/x"), tried("/usr/x"), tried("/etc/x"), tried("/local/x"), tried("/proc/sys/kernel/x"), tried("/sys/x")],
    "calls": [closed(n) for n in (165, 272, 298, 321, 425)],
}, flush=True)
"""
NAMESPACES = ("mnt", "ipc", "net", "uts", "pid", "user", "cgroup")

KINDS = {
    "a dynamic user": "",
    "a person": '  user = "alice"\n',
    "private pids": "",
}


def program():
    host = {name: os.readlink("/proc/self/ns/" + name) for name in NAMESPACES}
    return f"HOST = {host!r}\n" + PROBE + "import time\ntime.sleep(100000)\n"


def job(kind, name="fast", where=None):
    name = name_of(kind, name)
    pids = '    pid_mode = "private"\n' if kind == "private pids" else ""
    text = (f'job "{name}" {{\n  group "g" {{\n    restart {{\n      attempts = 20\n      interval = "1h"\n      delay = "0s"\n'
            f'      mode = "delay"\n    }}\n    task "{name}" {{\n  driver = "exec"\n  sandbox = "nook"\n{KINDS[kind]}'
            f'  env {{\n    MINE = "yes"\n  }}\n  config {{\n    command = "/usr/bin/python3"\n    args = ["-u", "-c", {kit.hcl(program())}]\n'
            f"{pids}  }}\n    }}\n  }}\n}}\n")
    path = pathlib.Path(where) if where else kit.TOP / f"{name}.nomad.hcl"
    path.write_text(text)
    return path


def name_of(kind, name="fast"):
    return f"{name}-{list(KINDS).index(kind)}"


def unit_name(name="fast"):
    lines = subprocess.check_output(["systemctl", "list-units", "--all", "--plain", "--no-legend", f"nook-{name}*"], text=True)
    return lines.split()[0] if lines.split() else None


def lines(unit):
    return [entry["MESSAGE"] for entry in kit.journal(f"_SYSTEMD_UNIT={unit}") if entry.get("MESSAGE", "").startswith("WALLS")]


def next_line(unit, count):
    """Waits for one more than there were."""
    return kit.wait_for(lambda: lines(unit)[count:], 15, 0.2)


def act_and_compare(unit, what, act):
    """The task says its walls again after something has happened, and they are what they were."""
    before = lines(unit)
    wrong = act()
    if wrong:
        yield f"{what}: {wrong}"
    after = next_line(unit, len(before))
    if not after:
        yield f"{what}: the task does not start again: {kit.show(unit, 'ActiveState', 'SubState', 'Result')}"
    elif after[-1] != before[0]:
        yield f"{what}: before {before[0]}"
        yield f"{what}: after  {after[-1]}"


def kill_main(unit):
    pid = int(kit.show(unit, "MainPID")["MainPID"])
    if pid:
        os.kill(pid, 9)


def run(*words):
    done = subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=60)
    return done.stdout if done.returncode else None


def reload_and_kill(unit):
    wrong = run("systemctl", "daemon-reload")
    kill_main(unit)
    return wrong


def execute_again_and_kill(unit):
    wrong = run("systemctl", "daemon-reexec")
    kit.wait_for(lambda: subprocess.run(["systemctl", "is-active", unit], stdout=subprocess.DEVNULL).returncode == 0, 10)
    kill_main(unit)
    return wrong


def keeps_its_walls(kind):
    done = kit.nook("-q", "run", "--detach", job(kind))
    if done.returncode != 0:
        yield done.stderr
        return
    unit = unit_name()
    first = next_line(unit, 0)
    if not first:
        yield f"it does not say what it sees: {kit.show(unit, 'ActiveState', 'Result')}"
        return
    for word in ("'more': ['1', '2', 18]", "'env': 'yes'", "'mnt': False", "'local'"):
        if word not in first[0]:
            yield f"no {word} in {first[0]}"
    yield from act_and_compare(unit, "killed, and restarted by the manager", lambda: kill_main(unit))
    yield from act_and_compare(unit, "restarted by hand", lambda: run("systemctl", "restart", unit))
    yield from act_and_compare(unit, "after daemon-reload", lambda: reload_and_kill(unit))
    yield from act_and_compare(unit, "after daemon-reexec", lambda: execute_again_and_kill(unit))
    yield from act_and_compare(unit, "nook restart", lambda: kit.nook("-q", "restart", name_of(kind)).stderr)
    kit.nook("-q", "stop", name_of(kind))
    kit.nook("-q", "gc")


def tells_who_builds(tap):
    path = job("a dynamic user", "told")
    plan = kit.nook("plan", path).stdout
    wrong = [] if "built by nook's sandbox" in plan else [plan]
    steps = kit.nook("plan", "--sandbox", path).stdout
    wrong += [] if "pivot" in steps and "seccomp" in steps else [steps]
    tap.result("nook plan tells who builds, and how", wrong)
    kit.nook("-q", "run", "--detach", path)
    unit = unit_name("told")
    shown = kit.show(unit, "ExecStart", "ProtectKernelTunables", "SystemCallFilter", "RootDirectory")
    command = shown.pop("ExecStart", "")
    wrong = [] if "/nook-sandbox" in command and "/.walls.0" in command else [command]
    wrong += [f"{name}={value}" for name, value in shown.items() if value not in ("", "no", "~")]
    tap.result("systemctl show has the sandbox as its command, and no walls of the manager's", wrong)
    walls = command.split("argv[]=")[1].split()[1] if "argv[]=" in command else "/"
    state = os.stat(walls)
    tap.result("the file of the walls is root's alone",
               [] if stat.S_IMODE(state.st_mode) == 0o600 and state.st_uid == 0 else [oct(state.st_mode)])
    os.chmod(walls, 0o666)
    kill_main(unit)
    refused = kit.wait_for(lambda: any("others can write to it" in entry.get("MESSAGE", "")
                                       for entry in kit.journal(f"_SYSTEMD_UNIT={unit}")), 10, 0.2)
    tap.result("a file of walls that others can write to starts nothing", [] if refused else ["not refused"])
    kit.nook("-q", "stop", name_of("a dynamic user", "told"))
    kit.nook("-q", "gc")


def boots(kind):
    """From a file in /etc/nook/jobs: nook-generator writes the unit, `nook prepare` the walls. A boot clears /run."""
    jobs = pathlib.Path("/etc/nook/jobs")
    jobs.mkdir(parents=True, exist_ok=True)
    path = job(kind, "boot", jobs / "fast.hcl")
    wrong = run("systemctl", "daemon-reload")
    if wrong:
        yield wrong
    wanted = pathlib.Path("/run/systemd/generator/multi-user.target.wants")
    unit = next((p.name for p in wanted.glob("nook-boot*")), None) if wanted.is_dir() else None
    if not unit:
        yield "the generator has made no unit: " + kit.nook("generate", path).stderr
        return
    said = len(lines(unit))
    wrong = run("systemctl", "start", unit)
    first = next_line(unit, said)
    if wrong or not first:
        yield f"it does not start: {wrong} {kit.show(unit, 'ActiveState', 'Result', 'ExecStart')}"
        return
    before = first[0]
    yield from act_and_compare(unit, "file: killed", lambda: kill_main(unit))
    yield from act_and_compare(unit, "file: after daemon-reload", lambda: reload_and_kill(unit))
    yield from act_and_compare(unit, "file: after daemon-reexec", lambda: execute_again_and_kill(unit))
    run("systemctl", "stop", unit)
    # As after a boot: what lies in /run is gone, the manager is new, the generator has run.
    shutil.rmtree("/run/nook")
    for mark in pathlib.Path("/dev/shm").glob("nook-uid-*"):
        mark.unlink()
    run("systemctl", "daemon-reexec")
    said = len(lines(unit))
    wrong = run("systemctl", "start", unit)
    after = next_line(unit, said)
    if wrong or not after:
        yield f"it does not start after a boot: {wrong} {kit.show(unit, 'ActiveState', 'Result')}"
    elif after[-1] != before:
        yield f"before the boot {before}"
        yield f"after it        {after[-1]}"
    path.unlink()
    run("systemctl", "stop", unit)
    run("systemctl", "daemon-reload")
    kit.nook("-q", "gc")


def main():
    tap = kit.Tap(sys.argv[1:])
    kit.nook("-q", "exec", "--sandbox", "nook", "--", "/bin/true")
    kit.nook("-q", "gc")
    ignored = ("/run/nook/", "/var/cache/nook", "/etc/nook", "/sys/fs/cgroup/system.slice/system-nookboot")
    before = world.snapshot(ignored)
    for kind in KINDS:
        if tap.wants(f"{kind}: over restarts and reloads"):
            tap.result(f"{kind}: over restarts and reloads the walls stay", keeps_its_walls(kind))
        if tap.wants(f"{kind}: from a file"):
            tap.result(f"{kind}: from a file, and over a boot, the walls stay", boots(kind))
    tells_who_builds(tap)
    kit.nook("-q", "gc")
    time.sleep(0.5)
    tap.result("nothing is left behind",
               world.differences(before, ignored, patience=15)[:20])
    return tap.end()


if __name__ == "__main__":
    sys.exit(main())
