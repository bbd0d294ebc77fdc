#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Two jobs at once cannot read each other's environment, secrets, files or processes, nor can a local user
read theirs. Where it can be undone, a twin undoes what keeps them apart and must get through."""

import os
import pathlib
import pwd
import shutil
import subprocess
import sys
import time

sys.dont_write_bytecode = True
import kit  # noqa: E402

SECRET = "hunter2-5f3a"
# Tries every way that leads from one task to another; prints one line for each that worked.
SPY = r"""
import glob, os, re, subprocess
def read(path):
    try:
        return open(path, "rb").read(1 << 20)
    except OSError:
        return b""
found = set()
for entry in os.listdir("/proc"):
    if entry.isdigit() and int(entry) != os.getpid():
        if b"SECRET_WORD" in read(f"/proc/{entry}/environ"):
            found.add("environ")
        command = read(f"/proc/{entry}/cmdline")
        if b"victim-at-work" in command and b"import glob" not in command:
            found.add("cmdline")
            try:
                os.kill(int(entry), 0); found.add("signal")
            except OSError:
                pass
        for path in ("secrets/key", "local/file"):
            if b"SECRET_WORD" in read(f"/proc/{entry}/root/{path}"):
                found.add(path)
for top in ("/secrets", "/local", "/alloc", "/run", "/tmp", "/dev/shm", "/var", "/srv", "/root", "/home"):
    for folder, _, names in os.walk(top):
        for name in names:
            if b"SECRET_WORD" in read(os.path.join(folder, name)):
                found.add("file " + os.path.join(folder, name))
for line in sorted(found):
    print("got", line)
print("spied")
""".replace("SECRET_WORD", SECRET)
VICTIM = (f"echo {SECRET} >/secrets/key; echo {SECRET} >/local/file; echo {SECRET} >/tmp/file; echo {SECRET} >/dev/shm/file;"
          f" echo {SECRET} >/alloc/data/file; echo ready; exec sleep 600 victim-at-work")


def start_victim(extra=""):
    # The word travels in the environment only: a command line would be the task's own doing.
    script = VICTIM.replace(SECRET, "$WORD").replace("exec sleep 600 victim-at-work", "exec python3 -c "
                                                     "'import signal; signal.pause()' victim-at-work")
    job = kit.task("victim", "/bin/sh", ["-c", script], f'  env {{\n    WORD = "{SECRET}"\n  }}\n{extra}')
    since = time.time()
    done = kit.nook("run", "--detach", job)
    if done.returncode != 0:
        return done.stderr
    ready = kit.wait_for(lambda: any(entry["MESSAGE"] == "ready"
                                     for entry in kit.journal("NOOK_TASK=victim", since=since)), 10, 0.1)
    return None if ready else "the victim did not come up"


def spy(extra=""):
    done = kit.nook("run", kit.task("spy", "/usr/bin/python3", ["-c", SPY], extra))
    if "spied" not in done.stdout:
        return [f"the spy did not run: {done.stderr}"]
    return [line for line in done.stdout.splitlines() if line.startswith("got")]


def same_user():
    """The user of the victim's allocation has a name, which everybody can see and systemd resolves."""
    pid = kit.show("nook-victim.service", "MainPID")["MainPID"]
    uid = os.stat(f"/proc/{pid}").st_uid
    try:
        name = pwd.getpwuid(uid).pw_name
    except KeyError:
        name = ""
    if not name.startswith("nook-"):
        return [f"the probe proves nothing: uid {uid} has no name"]
    done = kit.nook("run", kit.task("spy", "/usr/bin/python3", ["-c", SPY], f'  user = "{name}"\n'))
    wrong = [line for line in done.stdout.splitlines() if line.startswith("got")]
    if done.returncode != 125 or "another unit has while it runs" not in done.stderr:
        wrong.append(f"status {done.returncode}: {done.stderr}")
    return wrong


LOCAL_USER = {
    "systemctl show": "systemctl show nook-victim.service",
    "systemctl cat": "systemctl cat nook-victim.service",
    "the unit's file": "cat /run/systemd/transient/nook-victim.service",
    "files of nook": "grep -r hunter2 /run/nook /var/lib/nook /var/cache/nook",
    "the process's environment": "cat /proc/$(systemctl show -P MainPID nook-victim.service)/environ",
    "the process's root": "ls /proc/$(systemctl show -P MainPID nook-victim.service)/root/secrets/",
    "D-Bus properties": "busctl get-property org.freedesktop.systemd1 "
                        "/org/freedesktop/systemd1/unit/nook_2dvictim_2eservice org.freedesktop.systemd1.Service Environment",
    "the journal": "journalctl -q --no-pager NOOK_TASK=victim",
    "any file": "grep -rs hunter2 /run /tmp /var/tmp /dev/shm /var/log /var/lib 2>/dev/null",
}


# Signals that the manager would send at the task's end, sent to everybody on the bus by somebody else.
FORGE = r"""
unit=/org/freedesktop/systemd1/unit/nook_2dforged_2eservice
for name in $(busctl list --no-pager --unique | awk '/^:/ {print $1}'); do
    say() { busctl emit --destination="$name" "$@"; }
    say $unit org.freedesktop.DBus.Properties PropertiesChanged 'sa{sv}as' org.freedesktop.systemd1.Service 2 \
        ExecMainCode i 1 ExecMainStatus i 42 0
    say $unit org.freedesktop.DBus.Properties PropertiesChanged 'sa{sv}as' org.freedesktop.systemd1.Unit 1 ActiveState s inactive 0
    [ "$(busctl status "$name" 2>/dev/null | sed -n 's/^Comm=//p')" = nook ] && echo "told nook"
done
"""


def forge():
    """A local user tells nook that its task has ended, and how; only the manager may."""
    job = kit.task("forged", "/bin/sh", ["-c", "echo begun; sleep 3; exit 7"])
    since = time.time()
    run = subprocess.Popen(["nook", "run", str(job)], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                           stderr=subprocess.DEVNULL)
    begun = kit.wait_for(lambda: any(entry["MESSAGE"] == "begun" for entry in kit.journal("NOOK_TASK=forged", since=since)), 10, 0.1)
    said = kit.as_user("alice", FORGE)
    status = run.wait(timeout=30)
    wrong = [] if begun else ["the task did not begin"]
    if "told nook" not in said:
        wrong.append(f"the probe proves nothing: nook was not on the bus: {said}")
    if status != 7:
        wrong.append(f"nook believed it: status {status}, not 7")
    return wrong


# What the manager would write into the journal, written by somebody else. Its socket is open to all.
WRITE = """
import socket, sys, time
def write(**fields):
    text = "".join(f"{key}={value}\\n" for key, value in fields.items())
    socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM).sendto(text.encode(), "/run/systemd/journal/socket")
unit = sys.argv[1]
end = time.monotonic() + float(sys.argv[2])
while True:
    write(MESSAGE="forged", UNIT=unit, MESSAGE_ID="98e322203f7a4ed290d09fe03c09fe15", EXIT_CODE="exited", EXIT_STATUS="0",
          INVOCATION_ID="f" * 32)
    write(MESSAGE="forged", UNIT=unit, MESSAGE_ID="7ad2d189f7e94e70a38c781354912448", INVOCATION_ID="f" * 32)
    write(MESSAGE="forged: No such file or directory", UNIT=unit, MESSAGE_ID="641257651c1b4ec9a8624d7a40a9e1e7")
    if time.monotonic() > end:
        break
    time.sleep(0.01)
"""


def forge_end():
    """A local user writes into the journal how root's task has ended."""
    since = time.time()
    started = kit.nook("run", "--detach", kit.task("wrote", "/bin/sh", ["-c", "sleep 1; exit 7"]))
    if started.returncode != 0:
        return [f"status {started.returncode}: {started.stderr}"]
    kit.wait_for(lambda: "exited (7)" in kit.nook("status", "wrote").stdout, 10, 0.1)
    before = kit.nook("status", "wrote", "--lines=0").stdout
    kit.as_user("alice", f"python3 -c '{WRITE}' nook-wrote.service 0")
    wrong = []
    if not kit.journal("UNIT=nook-wrote.service", "INVOCATION_ID=" + "f" * 32, since=since):
        wrong.append("the probe proves nothing: it is not in the journal")
    after = kit.nook("status", "wrote", "--lines=0").stdout
    if "exited (7)" not in after or "f" * 32 in after:
        wrong.append(f"nook believed it: {after!r} after {before!r}")
    kit.nook("gc")
    return wrong


def forge_reason():
    """A local user writes into the journal why root's task could not be started."""
    config = kit.write("reason.hcl", 'plugin "exec" {\n  config {\n    allow_directives = ["LoadCredential"]\n  }\n}\n')
    job = kit.task("reason", "/bin/true", [], '  unit {\n    LoadCredential = "key:/srv/no/such/file"\n  }')
    liar = subprocess.Popen(["setpriv", "--reuid=alice", "--regid=alice", "--clear-groups", "python3", "-c", WRITE,
                             "nook-reason.service", "5"])
    time.sleep(0.5)
    done = kit.nook("run", job, config=config)
    liar.wait()
    wrong = [] if done.returncode == 125 else [f"status {done.returncode}, not 125"]
    if "forged" in done.stderr or "Failed at step CREDENTIALS spawning" not in done.stderr:
        wrong.append(done.stderr)
    return wrong


def forge_allocation():
    """A job is named so that another one's allocation seems to be its own, and is replaced."""
    kit.nook("run", "--detach", kit.task("robbed", "/bin/sleep", ["600"]))
    place = kit.nook("path", "robbed").stdout.strip()
    job = kit.task("NOOK_ALLOC_ID=" + place.rsplit("/", 1)[-1], "/bin/sleep", ["600"])
    done = [kit.nook("run", "--detach", *words, job) for words in ([], ["--replace"])]
    wrong = [one.stderr for one in done if one.returncode != 0]
    if not os.path.exists(place):
        wrong.append("the other job's allocation is gone")
    kit.nook("stop", job.name.removesuffix(".nomad.hcl"), "robbed")
    return wrong


def pipe_job():
    """A job from a pipe, whoever wrote it, brings a file of root's into its task."""
    secret = kit.write("roots-secret", SECRET)
    secret.chmod(0o600)
    job = kit.task("piped", "/bin/cat", ["/local/roots-secret"],
                   f'  artifact {{\n    source = "{str(secret)[1:]}"\n  }}')
    done = kit.nook("run", "-", stdin=open(job), cwd="/")
    wrong = ["the job has it"] if SECRET in done.stdout else []
    if done.returncode != 125 or "standard input has no directory" not in done.stderr:
        wrong.append(f"status {done.returncode}: {done.stderr}")
    twin = kit.nook("run", kit.task("named", "/bin/cat", ["/local/roots-secret"],
                                    '  artifact {\n    source = "roots-secret"\n  }'))
    if SECRET not in twin.stdout:
        wrong.append(f"a job file cannot name the file beside it: {twin.stderr}")
    return wrong


# A hostile root, in walls of its own, on the look-out for the process that brings a shell into them.
LURKER = r"""
import os, stat
os.symlink("/proc/self/exe", "/local/self")
os.mkfifo("/local/plan")
print("lurking", flush=True)
seen = set()
while True:
    for pid in os.listdir("/proc"):
        if not pid.isdigit() or int(pid) == os.getpid():
            continue
        try:
            program = os.readlink(f"/proc/{pid}/exe")
            command = open(f"/proc/{pid}/cmdline").read()
            file = os.open(f"/proc/{pid}/exe", os.O_RDONLY)
        except OSError:
            continue
        # A mount that is attached nowhere has no path but its own root.
        if "sandbox" in program or program == "/":
            is_read_only = os.fstatvfs(file).f_flag & os.ST_RDONLY
            line = ("opened", "asked" if "/local/plan" in command else "in passing", "read-only" if is_read_only else "writable")
            if line not in seen:
                seen.add(line)
                print(*line, flush=True)
        os.close(file)
"""


def lurk():
    """A task that is root reaches for the program that brings `nook shell` into its walls."""
    config = kit.write("root.hcl", 'client {\n  options = { "user.denylist" = "" }\n}\n')
    since = time.time()
    started = kit.nook("run", "--detach", kit.task("lurker", "/usr/bin/python3", ["-c", LURKER], '  user = "root"'), config=config)

    def said(word):
        return [entry["MESSAGE"] for entry in kit.journal("NOOK_TASK=lurker", since=since) if word in entry["MESSAGE"]]

    if started.returncode != 0 or not kit.wait_for(lambda: said("lurking"), 10, 0.1):
        return [f"the lurker did not come up: {started.stderr}"]
    for _ in range(20):
        done = kit.nook("shell", "lurker", "--", "/bin/true", config=config)
    wrong = [done.stderr] if done.returncode != 0 else []
    # Now the command itself is nook's program, which waits for its plan until it is killed.
    asked = subprocess.Popen(["nook", f"--config={config}", "shell", "lurker", "--", "/local/self", "/local/plan"],
                             stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    kit.wait_for(lambda: said("asked"), 10, 0.1)
    asked.terminate()
    asked.wait()
    found = said("opened")
    if "opened asked read-only" not in found:
        wrong.append("the probe proves nothing: it has not seen the program")
    kit.nook("stop", "lurker")
    return wrong + [line for line in found if "in passing" in line or "writable" in line]


SCOPE = """      task "%s" {
      driver = "exec"
      kind = "scope"
      restart {
        attempts = 0
      }
      config {
        command = "/bin/sleep"
        args = ["600"]
      }
%s
    }
"""


def enter_scopes():
    """A shell in a scope is its task's user, not that of the group's last task; and what a scope uses is kept."""
    job = kit.write("scopes.nomad.hcl", 'job "scopes" {\n  group "g" {\n' + SCOPE % ("own", "") + SCOPE % ("games", '      user = "games"')
                    + "  }\n}\n")
    started = kit.nook("run", "--detach", job)
    if started.returncode != 0:
        return [started.stderr]
    wrong = []
    for task in ("own", "games"):
        done = kit.nook("shell", f"nook-scopes:g:{task}:0.scope", "--", "/usr/bin/id", "-u")
        is_games = done.stdout.strip() == str(pwd.getpwnam("games").pw_uid)
        if done.returncode != 0 or is_games != (task == "games"):
            wrong.append(f"in '{task}': {done.stdout}{done.stderr}")
    kit.nook("gc")
    place = kit.nook("path", "nook-scopes:g:own:0.scope").stdout.strip()
    if not place or not os.path.exists(place):
        wrong.append("'nook gc' has removed the allocation of a scope that runs")
    kit.nook("stop", "scopes")
    return wrong


def set_user_id():
    """Somebody has made nook set-user-ID, so that users need no sudo."""
    kit.TOP.chmod(0o755)
    program = kit.TOP / "nook-suid"
    shutil.copy("/usr/bin/nook", program)
    wrong = []
    for mode, refused in ((0o755, False), (0o4755, True), (0o2755, True)):
        program.chmod(mode)
        said = kit.as_user("alice", f"{program} --version; echo status $?")
        if refused != ("not made to be set-user-ID" in said and "status 1" in said):
            wrong.append(f"mode {mode:o}: {said}")
    program.unlink()
    return wrong


# Turns a link to and fro, from a configuration of root's to one of one's own.
TURN = """
import os, sys, time
end = time.monotonic() + float(sys.argv[3])
while time.monotonic() < end:
    for target in sys.argv[1:3]:
        os.symlink(target, "/home/alice/new")
        os.rename("/home/alice/new", "/home/alice/link")
"""


def turn_config():
    """A user of sudo names root's configuration by a link, and makes it lead to his own between check and use."""
    os.makedirs("/home/alice", exist_ok=True)
    shutil.chown("/home/alice", "alice")
    pathlib.Path("/etc/strict.hcl").write_text("client {}\n")
    own = pathlib.Path("/home/alice/own.hcl")
    own.write_text('plugin "raw_exec" {\n  config {\n    enabled = true\n  }\n}\n')
    shutil.chown(own, "alice")
    job = kit.write("turned.nomad.hcl", 'task "turned" {\n  driver = "raw_exec"\n  config {\n    command = "/bin/true"\n  }\n}\n')
    wrong = []
    if kit.nook("plan", job, config=own).returncode != 0:
        wrong.append("the probe proves nothing: his configuration does not allow it without sudo either")
    environment = dict(os.environ, SUDO_UID="1000")
    folder = pathlib.Path("/etc/strict.d")
    folder.mkdir(exist_ok=True)
    (folder / "x.hcl").symlink_to(own)
    if kit.nook("plan", job, config=folder, env=environment).returncode == 0:
        wrong.append("a file of his in a directory of root's was read")
    turner = subprocess.Popen(["setpriv", "--reuid=alice", "--regid=alice", "--clear-groups", "python3", "-c", TURN,
                               "/etc/strict.hcl", str(own), "10"])
    kit.wait_for(lambda: os.path.lexists("/home/alice/link"), 5)
    times = sum(kit.nook("plan", job, config="/home/alice/link", env=environment).returncode == 0 for _ in range(300)
                if turner.poll() is None)
    turner.wait()
    shutil.rmtree(folder)
    return wrong + ([f"his configuration was taken {times} times"] if times else [])


def main():
    tap = kit.Tap(sys.argv[1:])
    problem = start_victim()
    tap.result("the victim is started", [problem] if problem else [])
    tap.result("a task gets nothing of a task of another job", spy())
    tap.result("a job cannot name another allocation's own user", same_user())
    for what, script in LOCAL_USER.items():
        seen = kit.as_user("alice", script)
        hits = [line for line in seen.splitlines() if SECRET in line or line.strip() in ("key", "ready")]
        tap.result(f"a local user learns no secret from {what}", hits)
    environment = subprocess.run("tr '\\0' '\\n' </proc/$(systemctl show -P MainPID nook-victim.service)/environ",
                                 shell=True, stdout=subprocess.PIPE, text=True).stdout
    tap.result("root does find the secret in the victim's environment (twin)",
               [] if SECRET in environment else ["the probe proves nothing: the secret is not there"])
    kit.nook("stop", "victim")
    tap.result("a local user cannot tell nook that a task has ended", forge())
    tap.result("a local user cannot write into the journal how a task has ended", forge_end())
    tap.result("a local user cannot write into the journal why a task was not started", forge_reason())
    tap.result("a job's name does not make another one's allocation its own", forge_allocation())
    tap.result("a job from a pipe gets no files of root's", pipe_job())
    tap.result("a configuration given through sudo is root's when it is read too", turn_config())
    tap.result("nook does nothing for others with the rights of its file", set_user_id())
    tap.result("a shell in a scope is that task's user, and its allocation is kept", enter_scopes())
    tap.result("a task that is root cannot change the program that enters its walls", lurk())

    # The twin: one static user for both, and they are one to the kernel.
    problem = start_victim('  user = "games"\n')
    tap.result("a victim with a static user is started", [problem] if problem else [])
    got = spy('  user = "games"\n')
    tap.result("tasks of one static user do reach each other (twin)",
               [] if "got environ" in got else [f"the probe proves nothing: {got}"])
    kit.nook("stop", "victim")
    return tap.end()


if __name__ == "__main__":
    sys.exit(main())
