#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Tasks that are joined to nook's own terminal or pipes, in every form: the window's size, job control, the
keys that leave a task, the terminal put back whatever dies, output to the last byte, signals."""

import hashlib
import os
import re
import signal
import subprocess
import sys
import time

sys.dont_write_bytecode = True
import kit  # noqa: E402
import world  # noqa: E402
from screen import Screen  # noqa: E402

ROUNDS = int(os.environ.get("NOOK_ROUNDS", "25"))
LINES = 200000
TARGET = "nook-terminal-target"


def exec_way(*options):
    return lambda kind, words: ["nook", "-q", "exec", *options, *kind, "--", *words]


def run_way(*options):
    def command(kind, words):
        job = kit.task("terminal", words[0], words[1:])
        return ["nook", "-q", "run", *options, *kind, job]
    return command


def shell_way(kind, words):
    return ["nook", "-q", "shell", *kind, TARGET, "--", *words]


WAYS = {
    "exec, service": exec_way(),
    "exec, service by the sandbox": exec_way("--sandbox", "nook"),
    "exec, service by the sandbox, private pids": exec_way("--sandbox", "nook", "--pid-mode", "private"),
    "exec, scope": exec_way("--scope"),
    "exec, scope, private pids": exec_way("--scope", "--pid-mode", "private"),
    "exec, direct": exec_way("--direct"),
    "run, service": run_way(),
    "run, scope": run_way("--scope"),
    "run, direct": run_way("--direct"),
    "shell": shell_way,
}
PTY, PIPE = ["--pty"], ["--pipe"]


def script(text):
    return ["/bin/sh", "-c", text]


# --- on the terminal ---------------------------------------------------------------------------


def window(command):
    watch = 'stty size; trap "stty size; exit 0" WINCH; echo ready; while :; do sleep 0.05; done'
    with Screen(command(PTY, script(watch))) as screen:
        if not screen.wait_for("ready"):
            yield f"does not get ready: {screen.text()!r}"
        if "37 91" not in screen.text():
            yield f"the size at the start: {screen.text()!r}"
        screen.resize(21, 66)
        if not screen.wait_for("21 66"):
            yield f"after a resize: {screen.text()!r}"
        status = screen.wait()
        if status != 0:
            yield f"status {status}"


def kind_of_terminal(command):
    look = 'echo "[$TERM]"; test -t 0 && test -t 1 && test -t 2 && tty && echo all'
    with Screen(command(PTY, script(look))) as screen:
        status = screen.wait()
        if status != 0 or not re.search(r"\[xterm\]\n/dev/\S+\nall", screen.text()):
            yield f"status {status}: {screen.text()!r}"


def job_control(command):
    """At a shell inside: what runs in front stops, goes on, and is interrupted; the shell stays."""
    with Screen(command(PTY, ["/bin/bash", "--norc", "--noprofile", "-i"])) as screen:
        screen.type("PS1='ok''> '\r")  # before it runs
        if not screen.wait_for("ok> "):
            yield f"no prompt: {screen.text()!r}"
        if "job control" in screen.text():
            yield f"no job control: {screen.text()!r}"
        screen.type("sleep 1000\r")
        time.sleep(0.5)
        screen.type(b"\x1a")
        if not screen.wait_for(r"Stopped +sleep 1000"):
            yield f"^Z does not stop: {screen.text()!r}"
        screen.type("fg\r")
        time.sleep(0.3)
        screen.type(b"\x03")
        time.sleep(0.2)
        screen.type("echo status=$?\r")
        if not screen.wait_for(r"status=130"):
            yield f"^C does not interrupt: {screen.text()!r}"
        screen.type("exit 5\r")
        status = screen.wait()
        if status != 5:
            yield f"status {status}: {screen.text()!r}"
        if screen.modes() != screen.before:
            yield "the terminal is not as it was"


def interrupt_reaches_the_foreground(command):
    with Screen(command(PTY, script("trap 'n=$((n+1))' INT; echo ready; while [ \"$n\" != 1 ]; do sleep 0.05; done; "
                                    "sleep 0.5; echo interrupted $n; exit 7"))) as screen:
        if not screen.wait_for("ready"):
            yield f"does not get ready: {screen.text()!r}"
        screen.type(b"\x03")
        status = screen.wait()
        if status != 7 or "interrupted 1" not in screen.text():
            yield f"status {status}: {screen.text()!r}"


def default_interrupt(command):
    """A task that does nothing about it ends by ^C: 128 + SIGINT."""
    with Screen(command(PTY, script("echo ready; exec sleep 1000"))) as screen:
        screen.wait_for("ready")
        time.sleep(0.2)
        screen.type(b"\x03")
        status = screen.wait()
        if status != 130:
            yield f"status {status}: {screen.text()!r}"


def leave(command):
    with Screen(command(PTY, script("echo ready; exec sleep 1000"))) as screen:
        screen.wait_for("ready")
        for _ in range(3):  # too slow to be meant
            screen.type(b"\x1d")
            time.sleep(0.7)
        if screen.child.poll() is not None:
            yield "three within two seconds leave"
        time.sleep(1.1)
        screen.type(b"\x1d\x1d")
        screen.type(b"\x1d")
        if screen.wait(15) is None:
            yield f"it does not leave: {screen.text()!r}"
        if screen.modes() != screen.before:
            yield "the terminal is not as it was"


# --- the terminal put back -----------------------------------------------------------------------


def is_back(screen):
    """The terminal is as it was, at once or (nook is dead) soon."""
    return kit.wait_for(lambda: screen.modes() == screen.before, 3)


def task_pid(mark):
    """The process of a `sleep` with a number of seconds that nothing else sleeps for."""
    for entry in os.scandir("/proc"):
        if entry.name.isdigit():
            try:
                with open(entry.path + "/cmdline", "rb") as line:
                    words = line.read().split(b"\0")
            except OSError:
                continue
            if words[:2] == [b"sleep", str(mark).encode()]:
                return int(entry.name)
    return None


def put_back_after(command, act, wanted, mark, screen_options=None):
    with Screen(command(PTY, script(f"echo ready; exec sleep {mark}")), **(screen_options or {})) as screen:
        pid = kit.wait_for(lambda: screen.read(0.01) and False or task_pid(mark), 15)
        if pid is None:
            yield f"does not run: {screen.text()!r}"
            return
        if not kit.wait_for(screen.is_raw, 3):
            yield "the terminal is not raw while it runs"
        act(screen, pid)
        status = screen.wait(20)
        if status not in wanted:
            yield f"status {status}, not {wanted}: {screen.text()!r}"
        if not is_back(screen):
            yield "the terminal is not as it was"


def ends(command):
    with Screen(command(PTY, script("stty raw -echo; exit 3"))) as screen:
        if screen.wait() != 3:
            yield f"status {screen.child.returncode}: {screen.text()!r}"
        if not is_back(screen):
            yield "the terminal is not as it was"


def type_ahead(command):
    """What was typed for the shell while the task ended is the shell's."""
    with Screen(command(PTY, script("echo ready; sleep 1"))) as screen:
        screen.wait_for("ready")
        screen.child.wait(30)
        screen.type("later\n")
        time.sleep(0.3)
        ready = os.read(screen.slave, 100) if has_input(screen.slave) else b""
        if ready != b"later\n":
            yield f"read: {ready!r}"


def has_input(fd):
    import select
    return bool(select.select([fd], [], [], 1)[0])


def terminated(command):
    yield from put_back_after(command, lambda screen, pid: screen.child.send_signal(signal.SIGTERM), {143}, 1001)


def hung_up(command):
    yield from put_back_after(command, lambda screen, pid: screen.child.send_signal(signal.SIGHUP), {129}, 1002)


def shell_ends_with_nook(command):
    """A shell at its prompt ignores all but a hang-up."""
    for number, status in ((signal.SIGTERM, 143), (signal.SIGHUP, 129)):
        with Screen(command(PTY, ["/bin/bash", "--norc", "--noprofile", "-i"])) as screen:
            screen.type("echo rea''dy\r")
            screen.wait_for("ready\\n")
            time.sleep(0.5)  # until the prompt is there: bash is deaf for a moment before it
            start = time.monotonic()
            screen.child.send_signal(number)
            if screen.wait(20) != status:
                yield f"{number.name}: status {screen.child.returncode}: {screen.text()!r}"
            if time.monotonic() - start > 3:
                yield f"{number.name}: it took {time.monotonic() - start:.1f} s"
            if not is_back(screen):
                yield f"{number.name}: the terminal is not as it was"


def task_killed(command):
    yield from put_back_after(command, lambda screen, pid: os.kill(pid, signal.SIGKILL), {137}, 1003)


def nook_killed(command):
    """The guard puts the terminal back: it is no part of nook's process."""
    yield from put_back_after(command, lambda screen, pid: screen.child.send_signal(signal.SIGKILL), {137}, 1004)
    left = kit.wait_for(lambda: task_pid(1004) is None, 10)
    if not left:
        yield "the task runs on without its terminal"
        subprocess.run(["systemctl", "stop", "nook-*"], check=False)


def output_closed(command):
    reader, writer = os.pipe()
    words = command(PTY, script("echo ready; sleep 1; while :; do echo more; sleep 0.1; done"))
    with Screen(words, stdout=writer) as screen:
        os.close(writer)
        os.read(reader, 100)
        os.close(reader)
        status = screen.wait(20)
        if status != 141:
            yield f"status {status}: {screen.text()!r}"
        if not is_back(screen):
            yield "the terminal is not as it was"


def terminal_gone(command):
    """The window is closed: the terminal hangs up, the task ends, and so does nook."""
    with Screen(command(PTY, script("echo ready; exec sleep 1005"))) as screen:
        screen.wait_for("ready")
        kit.wait_for(lambda: task_pid(1005), 10)
        os.close(screen.slave)
        os.close(screen.master)
        screen.slave = screen.master = -1
        try:
            screen.child.wait(20)
        except subprocess.TimeoutExpired:
            yield "nook stays"
        if not kit.wait_for(lambda: task_pid(1005) is None, 10):
            yield "the task stays"


# --- output --------------------------------------------------------------------------------------


def long_output(command):
    whole = "".join(f"{n}\n" for n in range(1, LINES + 1))
    with Screen(command(PTY, script(f"seq {LINES}"))) as screen:
        status = screen.wait(120)
        text = screen.text()
        if status != 0 or hashlib.md5(text.encode()).digest() != hashlib.md5(whole.encode()).digest():
            yield f"status {status}, {len(text)} bytes of {len(whole)}, ends with {text[-30:]!r}"


def short_output(command):
    wrong = []
    for number in range(ROUNDS):
        with Screen(command(PTY, ["/bin/echo", f"line {number}"])) as screen:
            status = screen.wait()
            if status != 0 or screen.text() != f"line {number}\n":
                wrong.append(f"{number}: status {status}: {screen.text()!r}")
    yield from wrong[:5]


def wider_output(command):
    """Not nook's terminal but a pipe takes the output of a task that has a terminal."""
    words = [str(word) for word in command(PTY, script(f"seq {LINES}"))]
    done = subprocess.run(words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, timeout=120)
    whole = "".join(f"{n}\n" for n in range(1, LINES + 1)).encode()
    if done.returncode != 0 or done.stdout.replace(b"\r\n", b"\n") != whole:
        yield f"status {done.returncode}, {len(done.stdout)} bytes, ends with {done.stdout[-30:]!r}"


# --- pipes ---------------------------------------------------------------------------------------


def binary(command):
    data = bytes(range(256)) * 4096 + b"no newline at the end"
    words = [str(word) for word in command(PIPE, ["/bin/cat"])]
    done = subprocess.run(words, input=data, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=120)
    if done.returncode != 0 or done.stdout != data:
        yield f"status {done.returncode}, {len(done.stdout)} bytes of {len(data)}: {done.stderr!r}"


def binary_files(command):
    """The same with files on both sides, which the task must not be given themselves."""
    data = bytes(range(255, -1, -1)) * 3000
    (kit.TOP / "in").write_bytes(data)
    words = [str(word) for word in command(PIPE, script("cat; echo error >&2"))]
    with open(kit.TOP / "in", "rb") as source, open(kit.TOP / "out", "wb") as sink, \
            open(kit.TOP / "errors", "wb") as errors:
        done = subprocess.run(words, stdin=source, stdout=sink, stderr=errors, timeout=120)
    out, err = (kit.TOP / "out").read_bytes(), (kit.TOP / "errors").read_bytes()
    if done.returncode != 0 or out != data or err != b"error\n":
        yield f"status {done.returncode}, {len(out)} bytes of {len(data)}, errors {err!r}"


def short_pipes(command):
    wrong = []
    for number in range(ROUNDS):
        words = [str(word) for word in command(PIPE, script(f"echo out {number}; echo err {number} >&2"))]
        done = subprocess.run(words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              text=True, timeout=60)
        if (done.returncode, done.stdout, done.stderr) != (0, f"out {number}\n", f"err {number}\n"):
            wrong.append(f"{number}: {done}")
    yield from wrong[:5]


def task_signals(command):
    for kind in (PTY, PIPE):
        for name, number in (("KILL", 9), ("SEGV", 11), ("TERM", 15), ("HUP", 1), ("PIPE", 13)):
            words = [str(word) for word in command(kind, script(f"trap - {name}; kill -{name} $$; sleep 5"))]
            done = subprocess.run(words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                  timeout=60)
            if done.returncode != 128 + number:
                yield f"{kind[0]}, {name}: status {done.returncode}: {done.stderr!r}"


def signals_reach(command):
    """What nook gets it does not keep to itself: the task is told to stop, and its end is waited for."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        text = ("trap 'echo told; sleep 0.3; echo end; exit 0' INT TERM HUP; echo ready; "
                "while :; do sleep 0.05; done")
        words = [str(word) for word in command(PIPE, script(text))]
        child = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                 text=True)
        first = child.stdout.readline()
        time.sleep(0.2)
        child.send_signal(number)
        try:
            rest, errors = child.communicate(timeout=20)
        except subprocess.TimeoutExpired:
            child.kill()
            rest, errors = child.communicate()
        if first + rest != "ready\ntold\nend\n" or child.returncode not in (128 + number, 0):
            yield f"{number.name}: status {child.returncode}: {first + rest!r} {errors!r}"


TESTS = {
    "the window's size at the start and after a change": window,
    "all three streams are the terminal, of nook's kind": kind_of_terminal,
    "job control at a shell inside": job_control,
    "^C reaches the foreground once": interrupt_reaches_the_foreground,
    "^C ends a task that does nothing about it": default_interrupt,
    "^] three times within a second leaves": leave,
    "the terminal is put back when the task ends": ends,
    "what is typed ahead is kept": type_ahead,
    "the terminal is put back when nook gets SIGTERM": terminated,
    "the terminal is put back when nook gets SIGHUP": hung_up,
    "a shell at its prompt ends with nook": shell_ends_with_nook,
    "the terminal is put back when the task is killed": task_killed,
    "the terminal is put back when nook is killed": nook_killed,
    "the terminal is put back when the output is closed": output_closed,
    "nothing stays when the terminal is gone": terminal_gone,
    "long output is whole": long_output,
    f"short output is whole, {ROUNDS} times": short_output,
    "long output into a pipe is whole": wider_output,
    "binary data through pipes": binary,
    "binary data through files": binary_files,
    f"short output through pipes, {ROUNDS} times": short_pipes,
    "a signal that ends the task is told": task_signals,
    "signals to nook reach the task": signals_reach,
}


def start_target():
    subprocess.run(["nook", "-q", "exec", "--no-block", "--unit", TARGET, "--", "/bin/sleep", "100000"], check=True)
    kit.wait_for(lambda: kit.show(TARGET + ".service", "ActiveState").get("ActiveState") == "active")


def main():
    tap = kit.Tap(sys.argv[1:])
    for words in (["nook", "-q", "exec", "--", "/bin/true"], ["nook", "-q", "exec", "--scope", "--", "/bin/true"]):
        subprocess.run(words, check=True)
    start_target()
    before = world.snapshot()
    for way, command in WAYS.items():
        for name, test in TESTS.items():
            if tap.wants(f"{way}: {name}"):
                tap.result(f"{way}: {name}", test(command))
        if tap.wants(f"{way}: nothing is left behind"):
            subprocess.run(["nook", "-q", "gc"], check=False)  # what was left on purpose
            tap.result(f"{way}: nothing is left behind", world.differences(before, patience=15)[:20])
            before = world.snapshot()
    subprocess.run(["nook", "-q", "stop", TARGET], check=False)
    return tap.end()


if __name__ == "__main__":
    sys.exit(main())
