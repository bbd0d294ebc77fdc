#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Each option of `nook exec`, in every form that has it, by what the task sees or what the manager says
of its unit. A test runs without the option as well wherever the answer must then be another one."""

import os
import pathlib
import re
import subprocess
import sys
import time

sys.dont_write_bytecode = True
import fixtures  # noqa: E402
import kit  # noqa: E402
import server  # noqa: E402
import world  # noqa: E402

FORMS = {
    "service": [],
    "service by the sandbox": ["--sandbox", "nook"],
    "scope": ["--scope"],
    "direct": ["--direct"],
}
MANAGED = ("service", "service by the sandbox", "scope")
HOST = pathlib.Path("/srv/given")


def run(form, *words, **options):
    """words: options of exec, "--", the command."""
    return kit.nook("-q", "exec", *FORMS[form], *words, **options)


def sh(form, text, *options, **more):
    return run(form, *options, "--", "/bin/sh", "-c", text, **more)


def says(done, wanted, status=0):
    if done.returncode != status or done.stdout != wanted:
        yield f"status {done.returncode}, {done.stdout!r}, not {wanted!r}: {done.stderr}"


def refuses(done, pattern):
    if done.returncode != 125 or not re.search(pattern, done.stderr):
        yield f"status {done.returncode}: {done.stdout}{done.stderr}"


def in_background(form, *words):
    argv = ["nook", "-q", "exec", *FORMS[form], *words]
    return subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def unit_of(form, name):
    return name + (".scope" if form == "scope" else ".service")


# --- what the root is made of --------------------------------------------------------------------


def chroot_env(form):
    root = [word for path in ("/bin", "/lib", "/lib64", "/usr") for word in ("--chroot-env", path)]
    done = sh(form, "cat /data/file; test ! -e /etc/passwd && echo narrow; echo x 2>/dev/null >>/data/file || echo sealed",
              *root, "--chroot-env", f"{HOST}:/data")
    yield from says(done, "given\nnarrow\nsealed\n")
    yield from says(sh(form, "cat /srv/given/file", *root, "--chroot-env", str(HOST)), "given\n")
    done = sh(form, "true", *root, "--chroot-env", str(HOST), env=dict(os.environ, SUDO_UID="1000"))
    yield from refuses(done, "Path not allowed")


def chroot_env_narrows(form):
    """A root of one directory: what is not given is not there."""
    done = run(form, "--chroot-env", "/bin/busybox:/bin/busybox", "--", "/bin/busybox", "sh", "-c",
               "test ! -e /usr/bin/env && test ! -e /etc/passwd && echo narrow")
    yield from says(done, "narrow\n")


def bind(form):
    done = sh(form, "cat /into/file; echo more >>/into/file && echo written; ls -d /srv/given 2>&1 | tail -c 10",
              "--bind", f"{HOST}:/into")
    if not done.stdout.startswith("given\nwritten\n") or "srv/given" in done.stdout:
        yield f"{done.stdout!r} {done.stderr}"
    if (HOST / "file").read_text() != "given\nmore\n":
        yield "nothing has arrived on the host"
    (HOST / "file").write_text("given\n")
    yield from says(sh(form, "test -e /into || echo none"), "none\n")


def bind_same(form):
    yield from says(sh(form, f"cat {HOST}/file", "--bind", str(HOST)), "given\n")


def bind_ro(form):
    done = sh(form, "cat /into/file; echo more 2>/dev/null >>/into/file || echo refused", "--bind-ro", f"{HOST}:/into")
    yield from says(done, "given\nrefused\n")
    if (HOST / "file").read_text() != "given\n":
        yield "it was written to"


def tmpfs(form):
    done = sh(form, "grep ' /scratch ' /proc/self/mounts | cut -d' ' -f3,4; echo x >/scratch/x && cat /scratch/x",
              "--tmpfs", "/scratch:size=1M,mode=1777")
    if not re.match(r"tmpfs rw,\S*size=1024k\S*\nx\n$", done.stdout):
        yield f"{done.stdout!r} {done.stderr}"
    yield from says(sh(form, "test -e /scratch || echo none"), "none\n")


def artifact(form):
    yield from says(sh(form, "cat /local/plain.txt; cat /local/data/numbers.txt /local/in/plain.txt",
                       "--artifact", "http://127.0.0.1:8000/plain.txt=local",
                       "--artifact", "http://127.0.0.1:8000/data.tar.gz",
                       "--artifact", "http://127.0.0.1:8000/plain.txt?a=b=local/in/"),
                    "plain\n1\n2\n39\nplain\n")


def artifact_missing(form):
    yield from refuses(sh(form, "echo started", "--artifact", "http://127.0.0.1:8000/none"), "404")


def no_isolation(form):
    if form == "service by the sandbox":
        yield from refuses(sh(form, "true", "--no-isolation"), "exclude each other")
        return
    done = sh(form, "ls -di / | cut -d' ' -f1; id -u", "--no-isolation", "--uid", "root")
    yield from says(done, f"{os.stat('/').st_ino}\n0\n")


# --- who and where -------------------------------------------------------------------------------


def uid(form):
    yield from says(sh(form, "id -u; id -g; id -G; echo $HOME $USER", "--uid", "bob"),
                    "1001\n1001\n1001 60\n/home/bob bob\n")
    yield from says(sh(form, "id -u", "--uid", "root"), "0\n")
    done = sh(form, "id -u")
    if not 61184 <= int(done.stdout or 0) <= 65519:
        yield f"without: {done.stdout!r}"
    yield from refuses(sh(form, "id -u", "--uid", "nobody-here"), "nobody-here")


def cap_add(form):
    look = "grep CapEff /proc/self/status | cut -f2"
    yield from says(sh(form, look, "--cap-add", "net_bind_service"), "0000000000000400\n")
    yield from says(sh(form, look), "0000000000000000\n")
    done = sh(form, look, "--cap-add", "net_admin", env=dict(os.environ, SUDO_UID="1000"))
    yield from refuses(done, "allow_caps")


def nice(form):
    yield from says(sh(form, "nice", "--nice", "7"), "7\n")


def memory(form):
    if form == "direct":
        done = kit.nook("exec", "--direct", "--memory", "40M", "--", "/bin/true")
        if "no limits of memory" not in done.stderr:
            yield f"says nothing of it: {done.stderr}"
        yield from refuses(run(form, "--memory", "40M", "--strict-limits", "--", "/bin/true"), "[Mm]emory")
        return
    unit = unit_of(form, "nook-given-memory")
    child = in_background(form, "--memory", "40M", "-u", "nook-given-memory", "--", "/bin/sleep", "3")
    kit.wait_for(lambda: kit.show(unit, "ActiveState").get("ActiveState") == "active")
    if kit.show(unit, "MemoryMax").get("MemoryMax") != str(40 << 20):
        yield f"{kit.show(unit, 'MemoryMax')}"
    child.communicate(timeout=30)


def network(form):
    look = "grep -c : /proc/net/dev; readlink /proc/self/ns/net"
    own = os.readlink("/proc/self/ns/net")
    done = sh(form, look, "--network", "none")
    if done.returncode != 0 or own in done.stdout or not done.stdout.startswith("1\n"):
        yield f"none: {done.stdout!r} {done.stderr}"
    if own not in sh(form, look, "--network", "host").stdout:
        yield "host: not the host's"


def pid_mode(form):
    look = "ls /proc | grep -c '^[0-9]'; readlink /proc/self/ns/pid"
    own = os.readlink("/proc/self/ns/pid")
    done = sh(form, look, "--pid-mode", "private")
    if own in done.stdout or int(done.stdout.split()[0]) > 5:
        yield f"private: {done.stdout!r} {done.stderr}"
    if form != "direct" and own not in sh(form, look, "--pid-mode", "host").stdout:
        yield "host: not the host's"


def environment(form):
    done = sh(form, 'echo "$A|$B|$C|$D"', "-E", "A=one two", "-E", "B", "--setenv", "C=${C}%{D}$$\"'\\", "-E", "D=1", "-E", "D=2",
              env=dict(os.environ, B="the caller's"))
    yield from says(done, "one two|the caller's|${C}%{D}$$\"'\\|2\n")
    done = sh(form, 'echo "[$SECRET]"', env=dict(os.environ, SECRET="the caller's"))
    yield from says(done, "[]\n")


def working_directory(form):
    yield from says(sh(form, "pwd", "--working-directory", "/usr/bin"), "/usr/bin\n")
    yield from says(run(form, "--same-dir", "--", "/bin/pwd", cwd="/usr/lib"), "/usr/lib\n")
    yield from says(run(form, "-d", "--", "/bin/pwd", cwd="/usr/share"), "/usr/share\n")
    done = run(form, "--same-dir", "--", "/bin/pwd", cwd="/srv/given")
    if done.returncode == 0:
        yield f"a directory that is not in the root: {done.stdout!r}"


# --- the unit ------------------------------------------------------------------------------------


def unit_name(form):
    name = "nook-given-name"
    child = in_background(form, "-u", name, "--slice", "given", "--description", "A given description", "--", "/bin/sleep", "3")
    if form == "direct":
        _, errors = child.communicate(timeout=30)
        if child.returncode != 0:
            yield errors
        return
    unit = unit_of(form, name)
    kit.wait_for(lambda: kit.show(unit, "ActiveState").get("ActiveState") == "active")
    seen = kit.show(unit, "Slice", "Description", "ActiveState", "CollectMode")
    wanted = {"Slice": "given.slice", "Description": "A given description", "ActiveState": "active",
              "CollectMode": "inactive-or-failed"}
    if seen != wanted:
        yield f"{seen}"
    child.communicate(timeout=30)
    subprocess.run(["systemctl", "stop", "given.slice"], check=False)


def properties(form):
    """Rows of different kinds: limits and filters that the task sees, settings that the manager has."""
    done = sh(form, "ulimit -n; umask; cat /proc/self/timerslack_ns 2>/dev/null; cat /proc/self/oom_score_adj; "
              "cat /proc/sys/kernel/hostname >/dev/null; chmod 4755 /local/x 2>/dev/null || echo no-suid; nice",
              "-p", "LimitNOFILE=333:444", "-p", "UMask=0077", "-p", "OOMScoreAdjust=321", "-p", "Nice=5",
              "-p", "RestrictSUIDSGID=yes")
    lines = done.stdout.split()
    for wanted in ("333", "0077", "321", "no-suid", "5"):
        if wanted not in lines:
            yield f"no {wanted} in {lines}: {done.stderr}"
    yield from refuses(sh(form, "true", "-p", "Nise=5"), "Nise")
    yield from refuses(sh(form, "true", "-p", "Nice=99"), "Nice")
    yield from refuses(sh(form, "true", "-p", "Nice"), "NAME=VALUE")
    if form == "direct":
        return
    name = "nook-given-rows"
    child = in_background(form, "-u", name, "-p", "CPUWeight=33", "-p", "TasksMax=77", "-p", "MemoryHigh=20M", "-p",
                          "RuntimeMaxSec=100", "--", "/bin/sleep", "3")
    unit = unit_of(form, name)
    kit.wait_for(lambda: kit.show(unit, "ActiveState").get("ActiveState") == "active")
    seen = kit.show(unit, "CPUWeight", "TasksMax", "MemoryHigh", "RuntimeMaxUSec")
    wanted = {"CPUWeight": "33", "TasksMax": "77", "MemoryHigh": str(20 << 20), "RuntimeMaxUSec": "1min 40s"}
    if seen != wanted:
        yield f"{seen}"
    child.communicate(timeout=30)


def bad_filter(form):
    """Calls that are taken away by a word of systemd's are not there for the task."""
    yield from says(sh(form, "mkdir /local/d 2>/dev/null || echo refused", "-p", "SystemCallFilter=~mkdir mkdirat"), "refused\n")
    yield from says(sh(form, "mkdir /local/d && echo made"), "made\n")


def no_block(form):
    if form == "direct":
        yield from refuses(run(form, "--no-block", "--", "/bin/true"), "exclude each other")
        return
    name = "nook-given-block"
    start = time.monotonic()
    done = run(form, "--no-block", "-u", name, "--", "/bin/sleep", "20")
    if done.returncode != 0 or time.monotonic() - start > 10:
        yield f"status {done.returncode} after {time.monotonic() - start:.1f} s: {done.stderr}"
    unit = unit_of(form, name)
    if kit.show(unit, "ActiveState").get("ActiveState") != "active":
        yield f"it does not run: {kit.show(unit, 'ActiveState')}"
    subprocess.run(["systemctl", "stop", unit], check=False)


def wait(form):
    start = time.monotonic()
    done = sh(form, "sleep 1; exit 42", "--wait")
    if done.returncode != 42 or time.monotonic() - start < 1:
        yield f"status {done.returncode} after {time.monotonic() - start:.1f} s"


def collect(form):
    """A unit that fails is forgotten, with the option and without."""
    if form == "direct":
        yield from says(sh(form, "exit 3", "--collect"), "", 3)
        return
    for options in ([], ["--collect"], ["-G"]):
        done = sh(form, "exit 3", "-u", "nook-given-fail", *options)
        if done.returncode != 3:
            yield f"status {done.returncode}: {done.stderr}"
        unit = unit_of(form, "nook-given-fail")
        if not kit.wait_for(lambda: kit.show(unit, "LoadState").get("LoadState") == "not-found", 5):
            yield f"it is still known: {kit.show(unit, 'ActiveState')}"


def die_with_parent(form):
    if form.startswith("service"):
        yield from refuses(run(form, "--die-with-parent", "--", "/bin/true"), "needs --scope or --direct")
        return
    for pids in ([], ["--pid-mode", "private"]):
        child = in_background(form, "--die-with-parent", *pids, "--", "/bin/sh", "-c", "echo runs; exec sleep 1234")
        child.stdout.readline()
        if not kit.wait_for(lambda: subprocess.run(["pgrep", "-f", "sleep 1234"], stdout=subprocess.PIPE).stdout, 5):
            yield f"{pids}: it does not run"
        child.kill()
        child.wait()
        if not kit.wait_for(lambda: not subprocess.run(["pgrep", "-f", "sleep 1234"], stdout=subprocess.PIPE).stdout, 5):
            yield f"{pids}: it lives on"
            subprocess.run(["pkill", "-f", "sleep 1234"], check=False)


def control_groups(form):
    """/sys/fs/cgroup is for looking, whatever directives say."""
    look = "test -w /sys/fs/cgroup && echo writable || echo sealed"
    yield from says(sh(form, look, "--uid", "root"), "sealed\n")
    if form != "service":  # nook-sandbox(8) says so
        done = sh(form, look, "--uid", "root", "-p", "ProtectControlGroups=no", "-p", "ProtectKernelTunables=no")
        yield from says(done, "sealed\n")


def conflicts(form):
    del form
    for pair in (["--scope", "--direct"], ["--pty", "--pipe"], ["--wait", "--no-block"], ["--pty", "--no-block"],
                 ["--direct", "--no-block"], ["--scope", "--sandbox", "nook"],
                 ["--same-dir", "--working-directory", "/usr"]):
        yield from refuses(kit.nook("exec", *pair, "--", "/bin/true"), "exclude each other")
    yield from refuses(kit.nook("exec", "--no-such-option", "--", "/bin/true"), "no-such-option")
    done = kit.nook("exec", "/bin/echo", "--pty", "--unit")
    yield from says(done, "--pty --unit\n")


TESTS = {
    "--chroot-env": chroot_env,
    "--chroot-env of one file": chroot_env_narrows,
    "--bind": bind,
    "--bind of one path": bind_same,
    "--bind-ro": bind_ro,
    "--tmpfs": tmpfs,
    "--artifact": artifact,
    "--artifact that is not there": artifact_missing,
    "--no-isolation": no_isolation,
    "--uid": uid,
    "--cap-add": cap_add,
    "--nice": nice,
    "--memory": memory,
    "--network": network,
    "--pid-mode": pid_mode,
    "-E": environment,
    "--working-directory and --same-dir": working_directory,
    "-u, --slice, --description": unit_name,
    "-p": properties,
    "-p SystemCallFilter": bad_filter,
    "--no-block": no_block,
    "--wait": wait,
    "--collect": collect,
    "--die-with-parent": die_with_parent,
    "control groups are sealed": control_groups,
}


def main():
    tap = kit.Tap(sys.argv[1:])
    HOST.mkdir(mode=0o777)
    os.chmod(HOST, 0o777)
    (HOST / "file").write_text("given\n")
    os.chmod(HOST / "file", 0o666)
    www = kit.TOP / "www"
    fixtures.make(www)
    server.start(www)
    pathlib.Path("/etc/nook").mkdir(exist_ok=True)
    pathlib.Path("/etc/nook/exec.hcl").write_text(
        'client {\n  options = { "user.denylist" = "" }\n}\nplugin "exec" {\n  config {\n'
        '    allow_directives = ["OOMScoreAdjust", "Nice", "RestrictSUIDSGID", "ProtectControlGroups", "ProtectKernelTunables"]\n  }\n}\n')
    for form in FORMS:
        sh(form, "true")
    kept = ("/run/nook/filter/",)  # compiled filters, the newest of them
    before = world.snapshot(kept)
    for form in FORMS:
        for name, test in TESTS.items():
            if tap.wants(f"{form}: {name}"):
                tap.result(f"{form}: {name}", test(form))
    tap.result("options that exclude each other are refused", conflicts(None))
    subprocess.run(["nook", "-q", "gc"], check=False)
    tap.result("nothing is left behind", world.differences(before, ignore_files=kept, patience=15)[:20])
    return tap.end()


if __name__ == "__main__":
    sys.exit(main())
