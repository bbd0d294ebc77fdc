# SPDX-License-Identifier: LGPL-2.1-or-later
"""The call that nook makes to start a task's unit: read from the bus, changed, and given to `least` to make it again."""

import copy
import json
import pathlib
import re
import select
import subprocess
import time

import kit

STATE = pathlib.Path("/srv/bench")
LEAST = "/usr/libexec/nook-tests/least"


def first_complete(signature):
    """The length of the first complete type of a D-Bus signature."""
    if signature[0] == "a":
        return 1 + first_complete(signature[1:])
    if signature[0] not in "({":
        return 1
    depth = 0
    for place, letter in enumerate(signature):
        depth += letter in "({"
        depth -= letter in ")}"
        if depth == 0:
            return place + 1
    raise ValueError(signature)


def members(signature):
    while signature:
        size = first_complete(signature)
        yield signature[:size]
        signature = signature[size:]


def lines_of(signature, data):
    """One value of one complete type as the lines that `least` reads."""
    if signature == "v":
        return [f"( v {data['type']}", *lines_of(data["type"], data["data"]), ")"]
    if signature[0] == "a":
        inner = [line for item in data for line in lines_of(signature[1:], item)]
        return [f"( a {signature[1:]}", *inner, ")"]
    if signature[0] == "(":
        inner = [line for kind, item in zip(members(signature[1:-1]), data) for line in lines_of(kind, item)]
        return [f"( r {signature[1:-1]}", *inner, ")"]
    if signature == "h":
        return ["h 1"]
    return [f"{'s' if signature in 'sog' else signature} {int(data) if signature == 'b' else data}"]


class Call:
    """The arguments of one StartTransientUnit: a name, a mode, properties, auxiliary units."""

    def __init__(self, signature, data):
        self.signature, self.data = signature, data

    def properties(self):
        return [name for name, _ in self.data[2]]

    def copy(self):
        return Call(self.signature, copy.deepcopy(self.data))

    def without(self, *names):
        """The same without these properties."""
        other = self.copy()
        other.data[2] = [pair for pair in other.data[2] if pair[0] not in names]
        return other

    def only(self, *names):
        return self.without(*(name for name in self.properties() if name not in names))

    def with_property(self, name, kind, value):
        """The same with one property set, in its place if it was there."""
        other = self.copy()
        pair = [name, {"type": kind, "data": value}]
        places = [i for i, old in enumerate(other.data[2]) if old[0] == name]
        if places:
            other.data[2][places[0]] = pair
        else:
            other.data[2].append(pair)
        return other

    def value(self, name):
        return next(pair[1] for pair in self.data[2] if pair[0] == name)

    def write(self, name):
        """Writes it for `least`; returns the command line."""
        path = STATE / f"{name}.call"
        lines = [line for kind, item in zip(members(self.signature), self.data) for line in lines_of(kind, item)]
        path.write_text("\n".join(lines) + "\n")
        return [LEAST, str(path)]


def move_to_stay(text):
    """The allocation's own directories and files go with it: these stay."""
    text = re.sub(r"/run/nook/env/[^\"]*", str(STATE / "environment"), text)
    return re.sub(r"/(var/lib|run)/nook/(alloc|secrets)/[^\"]*", str(STATE / "own"), text)


def overhear(argv):
    """Runs a program and returns its call of StartTransientUnit, or None if the listener was too late for it."""
    monitor = subprocess.Popen(["timeout", "20", "busctl", "--system", "--json=short", "--match=member='StartTransientUnit'",
                                "monitor"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    time.sleep(1)  # it does not say when it listens
    try:
        subprocess.run(argv, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
        while select.select([monitor.stdout], [], [], 2)[0]:
            message = json.loads(monitor.stdout.readline() or "{}")
            if not message or message.get("member") == "StartTransientUnit":
                return message
        return None
    finally:
        monitor.kill()
        monitor.wait()


def record(argv):
    """Runs nook and returns the call that it made to start its (first) unit."""
    (STATE / "own").mkdir(parents=True, exist_ok=True)
    (STATE / "own").chmod(0o777)
    (STATE / "environment").touch()
    for _ in range(5):
        message = overhear(argv)
        if message:
            break
    else:
        raise SystemExit("bench: the call was not heard on the bus")
    payload = json.loads(move_to_stay(json.dumps(message["payload"])))
    call = Call(payload["type"], payload["data"])
    assert call.data[0].startswith("nook-"), call.data[0]
    # Any of our descriptors does; what it leads to is the caller's matter.
    return call.without("StandardInputFileDescriptor")


def quick(name="bench"):
    """The call for a task that ends at once."""
    return record(["nook", "run", str(kit.task(name, "/bin/true"))])
