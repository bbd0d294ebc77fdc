#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Bad archives: each is refused with its own message, exit status 125, and nothing is left of it."""

import re
import sys

sys.dont_write_bytecode = True
import fixtures  # noqa: E402
import kit  # noqa: E402
import server  # noqa: E402
import world  # noqa: E402

# What the message says of each, as a regular expression.
REFUSED = {
    "tar-dotdot.tar": r"\.\.",
    "tar-absolute.tar": r"absolute",
    "tar-link-out.tar": r"link",
    "tar-link-absolute.tar": r"link",
    "tar-hardlink-out.tar": r"link",
    "tar-device.tar": r"device",
    "tar-fifo.tar": r"fifo|pipe",
    "tar-through-link.tar": r"link",
    "gzip-trailer.tar.gz": r"gzip|checksum|CRC|trailer|damaged",
    "tar-header.tar": r"header|damaged|checksum",
    "tar-cut.tar.gz": r"[Tt]runcated|ends|cut",
    "zip-dotdot.zip": r"\.\.",
    "zip-absolute.zip": r"absolute",
    "zip-link-out.zip": r"link",
    "zip-device.zip": r"device",
    "zip-directory.zip": r"directory|differs|another name|central",
    "zip-crc.zip": r"CRC|checksum",
    "bomb-ratio.tar.xz": r"ratio|times",
    "bomb-depth.tar": r"deep|depth|names",
}
LIMITED = {
    "bomb-entries.tar.gz": ("decompression_file_count_limit = 1000", r"1,?000"),
    "bomb-ratio.tar.xz": ('decompression_size_limit = "1MB"', r"1 ?M|1,?0"),
    "big.bin": ('http_max_size = "1MB"', r"1 ?M|1,?0"),
}


def job(*names):
    body = "".join(f'  artifact {{\n    source = "http://127.0.0.1:8000/{name}"\n  }}\n' for name in names)
    return kit.task("archive", "/bin/true", body=body)


def check(path, pattern, before, config=None):
    done = kit.nook("run", path, config=config)
    if done.returncode != 125:
        yield f"exit status {done.returncode}, not 125"
    if not re.search(pattern, done.stderr):
        yield f"the message does not say why ({pattern})"
    if len([line for line in done.stderr.splitlines() if line.strip()]) > 6:
        yield "the message is long"
    changes = world.differences(before)
    yield from changes
    if done.returncode != 125 or changes or not re.search(pattern, done.stderr):
        yield f"stderr: {done.stderr.strip()}"


def main():
    tap = kit.Tap(sys.argv[1:])
    www = kit.TOP / "www"
    fixtures.make(www)
    server.start(www)
    kit.nook("run", kit.task("archive", "/bin/true"))
    before = world.snapshot()
    for name, pattern in REFUSED.items():
        if tap.wants(name):
            tap.result(f"{name} is refused", check(job(name), pattern, before))
    for name, (limit, pattern) in LIMITED.items():
        if tap.wants(name):
            config = kit.write("limit.conf.hcl", f"client {{\n  artifact {{\n    {limit}\n  }}\n}}\n")
            tap.result(f"{name} is refused with {limit}", check(job(name), pattern, before, config))
    for name in ("tar-setuid.tar", "zip-setuid.zip"):
        listing = kit.task("archive", "/usr/bin/stat", ["-c", "%A", "/local/su"],
                           f'  artifact {{\n    source = "http://127.0.0.1:8000/{name}"\n  }}\n')
        said = kit.nook("run", listing).stdout.strip()
        tap.result(f"{name} brings its file without the bit",
                   [] if said.startswith("-rwx") and "s" not in said.lower() else [f"mode {said}"])
    planted = kit.task("archive", "/bin/true", body="".join(
        f'  artifact {{\n    source = "http://127.0.0.1:8000/{name}"\n    destination = "{place}"\n  }}\n'
        for name, place in (("planted-link.tar", "local"), ("plain.txt", "local/sub"))))
    tap.result("a link that one artifact brings is no way for the next", check(planted, r"link|sub", before))
    twice = job("plain.txt", "plain.txt")
    tap.result("two artifacts do not overwrite each other", check(twice, r"plain\.txt", before))
    return tap.end()


if __name__ == "__main__":
    sys.exit(main())
