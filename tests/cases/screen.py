# SPDX-License-Identifier: LGPL-2.1-or-later
"""A terminal with a program on it, as somebody sits at it: what is typed, what is seen, the window's
size, and the modes that the program leaves the terminal in."""

import fcntl
import os
import re
import select
import signal
import struct
import subprocess
import termios
import time


class Screen:
    def __init__(self, command, rows=37, columns=91, environment=None, **options):
        self.master, self.slave = os.openpty()
        self.resize(rows, columns)
        self.before = self.modes()
        self.seen = b""
        self.end = None
        for stream in ("stdin", "stdout", "stderr"):
            options.setdefault(stream, self.slave)
        self.child = subprocess.Popen([str(word) for word in command], preexec_fn=self.take_terminal,
                                      env=dict(os.environ, TERM="xterm", **(environment or {})), **options)

    def take_terminal(self):
        os.setsid()
        fcntl.ioctl(self.slave, termios.TIOCSCTTY, 0)

    def modes(self):
        return termios.tcgetattr(self.slave)

    def is_raw(self):
        return not self.modes()[3] & termios.ICANON

    def resize(self, rows, columns):
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("4H", rows, columns, 0, 0))

    def type(self, keys):
        os.write(self.master, keys.encode() if isinstance(keys, str) else keys)

    def read(self, seconds):
        """Takes what is there within some time; false when there was nothing."""
        ready, _, _ = select.select([self.master], [], [], seconds)
        if not ready:
            return False
        try:
            data = os.read(self.master, 65536)
        except OSError:  # all have hung up
            return False
        self.seen += data
        return bool(data)

    def text(self):
        return self.seen.decode("utf-8", "replace").replace("\r\n", "\n")

    def wait_for(self, pattern, seconds=15):
        """Whether what is seen comes to match."""
        end = time.monotonic() + seconds
        while not re.search(pattern, self.text()):
            if time.monotonic() > end:
                return False
            self.read(0.1)
        return True

    def wait(self, seconds=30):
        """The program's status, as a shell has it; None: it has not ended."""
        end = time.monotonic() + seconds
        while self.child.poll() is None and time.monotonic() < end:
            self.read(0.05)
        while self.read(0.02):
            pass
        code = self.child.returncode
        return 128 - code if code is not None and code < 0 else code

    def close(self):
        if self.child.poll() is None:
            self.child.send_signal(signal.SIGKILL)
            self.child.wait()
        for name in ("master", "slave"):
            if getattr(self, name) >= 0:
                os.close(getattr(self, name))
                setattr(self, name, -1)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
