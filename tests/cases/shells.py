#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""nook shell: a command in a running task's place is as the task, in all that makes up a place: namespaces, root,
user, groups, rights, filters, limits, umask, environment. Only its control group is its own, beside the task's,
and goes with it."""

import json
import os
import pathlib
import subprocess
import sys
import time

sys.dont_write_bytecode = True
import kit  # noqa: E402
import world  # noqa: E402

TARGET = "nook-shell-target"

# As the task says it at its start, and as the command in its place says it.
PROBE = r"""
import json, os, resource, sys
status = dict(line.split(":", 1) for line in open("/proc/self/status").read().splitlines())
mask = os.umask(0); os.umask(mask)
print(json.dumps({
    "namespaces": {name: os.readlink("/proc/self/ns/" + name) for name in ("mnt", "ipc", "net", "uts", "pid", "user", "cgroup")},
    "ids": [os.getresuid(), os.getresgid(), sorted(os.getgroups())],
    "capabilities": {name: status[name].strip() for name in status if name.startswith("Cap")},
    "no_new_privs": status["NoNewPrivs"].strip(),
    "seccomp": status["Seccomp"].strip(),
    "root": sorted(os.listdir("/")),
    "root_inode": os.stat("/").st_ino,
    "local": os.path.exists("/local/mine"),
    "umask": mask,
    "limits": {name: resource.getrlimit(getattr(resource, name)) for name in dir(resource) if name.startswith("RLIMIT_")},
    "environment": {k: v for k, v in os.environ.items() if k not in ("TERM", "PWD", "OLDPWD", "SHLVL", "_", "LC_CTYPE")},
    "cwd": os.getcwd(),
    "nice": os.nice(0),
    "oom": open("/proc/self/oom_score_adj").read().strip(),
}), flush=True)
"""
TASK = PROBE + "open('/local/mine', 'w').close()\nimport time\ntime.sleep(100000)\n"

FORMS = {
    "service": [],
    "service by the sandbox": ["--sandbox", "nook"],
    "service by the sandbox, private pids": ["--sandbox", "nook", "--pid-mode", "private"],
    "scope": ["--scope"],
    "scope, private pids": ["--scope", "--pid-mode", "private"],
}
KINDS = {
    "a task": [],
    "a task of a person": ["--uid", "bob"],
    "a task of root": ["--uid", "root"],
    "a task with settings": ["--network", "none", "-E", "MINE=${x} 'y' \"z\"", "--nice", "4", "-p", "UMask=0077", "-p", "LimitNOFILE=555:777",
                             "-p", "OOMScoreAdjust=300", "--bind-ro", "/srv:/srv", "--cap-add", "net_bind_service",
                             "--working-directory", "/usr", "-p", "PrivateIPC=yes", "-p", "ProtectHostname=yes"],
}


def start(form, kind, target=TARGET):
    """Returns nook's process and what the task says of itself."""
    child = subprocess.Popen(["nook", "-q", "exec", *FORMS[form], *KINDS[kind], "-u", target, "--", "/usr/bin/python3", "-u", "-c",
                              TASK], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    line = child.stdout.readline()
    if not line:
        return child, {"error": child.communicate()[1]}
    kit.wait_for(lambda: kit.nook("-q", "shell", "--pipe", target, "--", "/usr/bin/test", "-e", "/local/mine").returncode == 0, 10)
    return child, dict(json.loads(line), local=True)


def stop(child):
    if child.poll() is None:
        child.terminate()
    child.communicate(timeout=30)


def differences(task, shell):
    for field in sorted(set(task) | set(shell)):
        a, b = task.get(field), shell.get(field)
        if isinstance(a, dict) and isinstance(b, dict):
            for name in sorted(set(a) | set(b)):
                if a.get(name) != b.get(name):
                    yield f"{field}.{name}: task {a.get(name)!r}, shell {b.get(name)!r}"
        elif a != b:
            yield f"{field}: task {a!r}, shell {b!r}"


def is_as_the_task(form, kind):
    child, task = start(form, kind)
    try:
        if "error" in task:
            yield task["error"]
            return
        done = kit.nook("shell", "--pipe", TARGET, "--", "/usr/bin/python3", "-c", PROBE)
        if done.returncode != 0:
            yield f"status {done.returncode}: {done.stderr}"
            return
        yield from differences(task, json.loads(done.stdout))
    finally:
        stop(child)


def has_a_scope_of_its_own(form):
    child, _ = start(form, "a task")
    look = "read x </proc/self/cgroup; echo $x; exit 6"
    done = kit.nook("-q", "shell", "--pipe", TARGET, "--", "/bin/sh", "-c", look)
    unit = TARGET + (".scope" if form.startswith("scope") else ".service")
    if done.returncode != 6:
        yield f"status {done.returncode}: {done.stderr}"
    running = subprocess.Popen(["nook", "-q", "shell", "--pipe", TARGET, "--", "/bin/sleep", "1111"], stdin=subprocess.DEVNULL)
    pids = kit.wait_for(lambda: subprocess.run(["pgrep", "-f", "^/bin/sleep 1111"], stdout=subprocess.PIPE, text=True).stdout.split())
    group = pathlib.Path(f"/proc/{pids[0]}/cgroup").read_text() if pids else ""
    if "/nook.slice/nook-shell-" not in group or ".scope" not in group:
        yield f"its control group: {group!r}"
    if kit.show(unit, "ActiveState").get("ActiveState") != "active":
        yield "the task does not run"
    running.terminate()
    if running.wait(20) != 143:
        yield f"stopped: status {running.returncode}"
    if kit.show(unit, "ActiveState").get("ActiveState") != "active":
        yield "the task ended with the shell"
    stop(child)


def ends_whole(form):
    """What is left behind in the shell's scope ends with it; the task does not."""
    child, _ = start(form, "a task")
    done = kit.nook("-q", "shell", "--pipe", TARGET, "--", "/bin/sh", "-c", "setsid sleep 2222 >/dev/null 2>&1 </dev/null & echo left")
    if done.stdout != "left\n" or done.returncode != 0:
        yield f"{done}"
    gone = kit.wait_for(lambda: not subprocess.run(["pgrep", "-f", "^sleep 2222"], stdout=subprocess.PIPE).stdout, 8)
    if not gone:
        yield "a process of the shell stays"
        subprocess.run(["pkill", "-f", "^sleep 2222"], check=False)
    if child.poll() is not None:
        yield "the task ended"
    stop(child)


def survives_its_killer(form):
    """nook shell is killed: the command goes with it, for it dies with its parent."""
    child, _ = start(form, "a task")
    shell = subprocess.Popen(["nook", "-q", "shell", "--pipe", TARGET, "--", "/bin/sleep", "3333"], stdin=subprocess.DEVNULL)
    kit.wait_for(lambda: subprocess.run(["pgrep", "-f", "^/bin/sleep 3333"], stdout=subprocess.PIPE).stdout)
    shell.kill()
    shell.wait()
    if not kit.wait_for(lambda: not subprocess.run(["pgrep", "-f", "^/bin/sleep 3333"], stdout=subprocess.PIPE).stdout, 5):
        yield "the command stays"
        subprocess.run(["pkill", "-f", "^/bin/sleep 3333"], check=False)
    if child.poll() is not None:
        yield "the task ended"
    stop(child)


def commands(form):
    """Statuses, words, commands without a path, and what is not there."""
    child, _ = start(form, "a task")
    for words, status, out in ((["/bin/sh", "-c", "exit 3"], 3, ""), (["/bin/sh", "-c", "kill -SEGV $$"], 139, ""),
                               (["/bin/echo", "a  b", "$x", "${y}"], 0, "a  b $x ${y}\n"), (["echo", "found"], 0, "found\n"),
                               (["/no/such"], 127, ""), (["/etc/passwd"], 126, "")):
        done = kit.nook("-q", "shell", "--pipe", TARGET, "--", *words)
        if done.returncode != status or done.stdout != out:
            yield f"{words}: status {done.returncode}, {done.stdout!r} {done.stderr}"
    done = kit.nook("-q", "shell", "--pipe", TARGET, stdin=None, input="echo from input; exit 9\n")
    if done.returncode != 9 or done.stdout != "from input\n":
        yield f"a shell without a command: {done}"
    stop(child)


def messages(tap):
    done = kit.nook("shell", "nobody-runs-this", "--", "/bin/true")
    tap.result("a task that does not run is refused by its name",
               [] if done.returncode == 125 and "nobody-runs-this" in done.stderr else [str(done)])
    child = subprocess.Popen(["nook", "-q", "exec", "--direct", "-u", "nook-direct-target", "--", "/bin/sleep", "5"],
                             stdin=subprocess.DEVNULL)
    time.sleep(1)
    done = kit.nook("shell", "nook-direct-target", "--", "/bin/true")
    tap.result("a task without a manager is nobody's to find",
               [] if done.returncode == 125 and "nook-direct-target" in done.stderr else [str(done)])
    child.wait()


def job_task(tap):
    """A task of a file, by its job's name and by its unit; the allocation's directories are there."""
    job = kit.task("inside", "/bin/sh", ["-c", "echo mine >/local/mine; exec sleep 100000"], '  env {\n    A = "b"\n  }\n')
    for options in ([], ["--scope"]):
        done = kit.nook("-q", "run", "--detach", *options, job)
        wrong = [] if done.returncode == 0 else [done.stderr]
        kit.wait_for(lambda: kit.nook("-q", "shell", "--pipe", "inside", "--", "/usr/bin/test", "-e", "/local/mine").returncode == 0, 10)
        for name in ("inside", "nook-inside" + (".scope" if options else ".service")):
            seen = kit.nook("-q", "shell", "--pipe", name, "--", "/bin/sh", "-c", "cat /local/mine; echo $A $NOMAD_TASK_NAME; echo shell >/local/shell")
            if seen.stdout != "mine\nb inside\n":
                wrong.append(f"{name}: {seen}")
        kit.nook("-q", "stop", "inside")
        tap.result(f"run {' '.join(options)}: a shell in a task of a file", wrong)
    job = kit.write("whole.nomad.hcl", 'job "whole" {\n  group "g" {\n    task "t" {\n      driver = "exec"\n      config {\n'
                    '        command = "/bin/sleep"\n        args = ["1000"]\n      }\n    }\n  }\n}\n')
    done = kit.nook("-q", "run", "--detach", "--scope", job)
    seen = kit.nook("-q", "shell", "--pipe", "whole", "--", "/bin/sh", "-c", "echo $NOMAD_TASK_NAME")
    tap.result("a shell in a scope whose job leaves its restarts to the defaults",
               [] if (done.returncode, seen.stdout) == (0, "t\n") else [str(done), str(seen)])
    kit.nook("-q", "stop", "whole")


TESTS = {
    "a scope of its own, beside the task": has_a_scope_of_its_own,
    "what it leaves behind ends with it": ends_whole,
    "it ends when nook is killed, the task does not": survives_its_killer,
    "statuses and words": commands,
}


def main():
    tap = kit.Tap(sys.argv[1:])
    pathlib.Path("/etc/nook").mkdir(exist_ok=True)
    pathlib.Path("/etc/nook/shell.hcl").write_text(
        'client {\n  options = { "user.denylist" = "" }\n}\nplugin "exec" {\n  config {\n'
        '    allow_directives = ["OOMScoreAdjust"]\n  }\n}\n')
    for form in FORMS:
        stop(start(form, "a task")[0])
    kept = ("/run/nook/filter/",)
    before = world.snapshot(kept)
    for form in FORMS:
        for kind in KINDS:
            if tap.wants(f"{form}: {kind}"):
                tap.result(f"{form}: {kind}: the command is as the task", is_as_the_task(form, kind))
        for name, test in TESTS.items():
            if tap.wants(f"{form}: {name}"):
                tap.result(f"{form}: {name}", test(form))
    messages(tap)
    job_task(tap)
    kit.nook("-q", "gc")
    tap.result("nothing is left behind", world.differences(before, kept, patience=15)[:20])
    return tap.end()


if __name__ == "__main__":
    sys.exit(main())
