#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Writes archives, good and hostile, into a directory: archives.py DIR.

Each is named after what is wrong with it. What nook says of each stands in
tests/unit/test-stage.c; nothing here knows about nook.
"""
import bz2
import gzip
import io
import lzma
import os
import struct
import subprocess
import sys
import tarfile
import zipfile
import zlib

out = None


def write(name, data):
    with open(os.path.join(out, name), "wb") as f:
        f.write(data)


# --- tar ---------------------------------------------------------------------------------------


def member(name, kind=tarfile.REGTYPE, data=b"", mode=0o644, target="", **more):
    info = tarfile.TarInfo(name)
    info.type = kind
    info.mode = mode
    info.size = len(data)
    info.linkname = target
    info.mtime = 1000000000
    for key, value in more.items():
        setattr(info, key, value)
    return info, data


def tar(*members, fmt=tarfile.PAX_FORMAT):
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=fmt, encoding="utf-8",
                      errors="surrogateescape") as archive:
        for info, data in members:
            archive.addfile(info, io.BytesIO(data))
    return buffer.getvalue()


def file(name, data=b"x", mode=0o644, **more):
    return member(name, data=data, mode=mode, **more)


def directory(name, mode=0o755):
    return member(name, tarfile.DIRTYPE, mode=mode)


def symlink(name, target):
    return member(name, tarfile.SYMTYPE, target=target)


def hardlink(name, target):
    return member(name, tarfile.LNKTYPE, target=target)


def fix_checksum(header):
    header = bytearray(header)
    header[148:156] = b" " * 8
    header[148:156] = b"%06o\0 " % sum(header)
    return bytes(header)


def patch_header(data, offset, at, value, fix=True):
    """Changes bytes of the header at offset."""
    header = bytearray(data[offset:offset + 512])
    header[at:at + len(value)] = value
    header = fix_checksum(header) if fix else bytes(header)
    return data[:offset] + header + data[offset + 512:]


def good_members():
    return [
        directory("app-1.0"),
        directory("app-1.0/bin"),
        file("app-1.0/bin/tool", b"#!/bin/sh\necho tool\n", 0o755),
        file("app-1.0/README", b"read me\n", 0o444),
        symlink("app-1.0/bin/link", "tool"),
        symlink("app-1.0/current", "bin/../bin"),
        hardlink("app-1.0/bin/same", "app-1.0/bin/tool"),
        file("app-1.0/" + "n" * 150, b"long\n"),
        file("app-1.0/\u00e9", b"composed\n"),
        file("app-1.0/e\u0301", b"decomposed\n"),
    ]


def write_tars():
    good = tar(*good_members())
    write("good.tar", good)
    write("good-gnu.tar", tar(*good_members(), fmt=tarfile.GNU_FORMAT))
    write("good.tar.gz", gzip.compress(good))
    write("good.tar.xz", lzma.compress(good))
    write("good.tar.bz2", bz2.compress(good))
    try:
        zst = subprocess.run(["zstd", "-q", "-c"], input=good, stdout=subprocess.PIPE, check=True)
        write("good.tar.zst", zst.stdout)
    except (OSError, subprocess.CalledProcessError):
        pass
    write("members.tar.gz", gzip.compress(good[:2048]) + gzip.compress(good[2048:]))
    write("padded.tar.gz", gzip.compress(good) + bytes(1024))
    write("tool.gz", gzip.compress(b"#!/bin/sh\necho single\n"))
    write("tool.xz", lzma.compress(b"#!/bin/sh\necho single\n"))

    write("dotdot.tar", tar(file("ok"), file("a/../../evil")))
    write("absolute.tar", tar(file("/tmp/nook-evil")))
    write("link-out.tar", tar(symlink("a", "../../etc")))
    write("link-absolute.tar", tar(symlink("a", "/etc")))
    write("link-through-link.tar", tar(directory("d"), symlink("d/up", ".."),
                                       symlink("out", "d/up/../x")))
    write("through-link.tar", tar(symlink("a", "b"), directory("b"), file("a/x")))
    write("through-file.tar", tar(file("a"), file("a/x")))
    write("hardlink-out.tar", tar(hardlink("a", "../../etc/passwd")))
    write("hardlink-missing.tar", tar(hardlink("a", "nothing")))
    write("hardlink-to-link.tar", tar(symlink("l", "x"), hardlink("a", "l")))
    write("link-planted.tar", tar(symlink("lib", "other"), directory("other")))
    write("into-lib.tar", tar(directory("lib"), file("lib/x")))
    write("strip-link.tar", tar(directory("app"), symlink("app/a", "../b"), file("b")))
    write("device.tar", tar(member("null", tarfile.CHRTYPE, devmajor=1, devminor=3)))
    write("fifo.tar", tar(member("pipe", tarfile.FIFOTYPE)))
    write("setuid.tar", tar(file("su", b"x", 0o4755)))
    write("setgid.tar", tar(file("sg", b"x", 0o2755)))
    write("shared.tar", tar(directory("sticky", 0o1777), directory("group", 0o2775)))
    write("modes.tar", tar(directory("./", 0o700), directory("locked", 0), file("locked/x", b"x", 0)))
    write("twice.tar", tar(file("x", b"1"), file("x", b"2")))
    write("link-over-file.tar", tar(file("x", b"1"), symlink("x", "y")))
    write("deep.tar", tar(file("/".join(["d"] * 200) + "/x")))
    write("many.tar", tar(*[file("f%d" % i, b"") for i in range(2000)]))
    write("implied.tar", tar(*[file("d%d/f" % i, b"") for i in range(600)]))
    write("same-directory.tar", tar(*[directory("d") for _ in range(2000)]))
    write("bomb.tar.gz", gzip.compress(tar(file("zeros", bytes(80 * 1024 * 1024))), 9))
    write("after-bomb.tar.gz", gzip.compress(tar(file("x")) + bytes(80 * 1024 * 1024), 9))
    write("claims.tar", patch_header(tar(file("x")), 0, 124, b"77777777777\0"))

    two = tar(file("one", b"1"), file("two", b"2"), file("three", b"3"))
    write("damaged-middle.tar", patch_header(two, 1024, 148, b"000000\0 ", fix=False))
    write("zeroed-middle.tar", two[:1024] + bytes(512) + two[1536:])
    write("truncated.tar", two[:1024 + 100])
    write("truncated-file.tar", tar(file("one", b"1" * 2000))[:1024])
    write("no-end.tar", two[:3 * 1024])
    write("after-end.tar", two + b"more" + bytes(508))
    write("sparse.tar", patch_header(tar(file("one", b"1")), 0, 156, b"S"))
    write("sparse-pax.tar", tar(file("one", b"1", pax_headers={"GNU.sparse.major": "1"})))
    write("pax-nul.tar", tar(file("one", b"1", pax_headers={"path": "a\0b"})))
    write("unknown-type.tar", patch_header(tar(file("one", b"1")), 0, 156, b"Z"))
    write("link-with-data.tar", patch_header(tar(file("one", b"1")), 0, 156, b"2"))

    damaged = bytearray(gzip.compress(good))
    damaged[-8] ^= 0xff
    write("trailer-crc.tar.gz", bytes(damaged))
    damaged = bytearray(gzip.compress(good))
    damaged[-1] ^= 0x01
    write("trailer-length.tar.gz", bytes(damaged))
    write("truncated.tar.gz", gzip.compress(good)[:-9])
    write("no-trailer.tar.gz", gzip.compress(good)[:-8])
    write("garbage-after.tar.gz", gzip.compress(good) + b"\x1e\x01\x02")
    write("garbage-after.tar.bz2", bz2.compress(good) + b"garbage after")
    write("not-gzip.tar.gz", good)
    write("not-xz.tar.xz", good)
    damaged = bytearray(lzma.compress(good))
    damaged[len(damaged) // 2] ^= 0xff
    write("damaged.tar.xz", bytes(damaged))
    write("truncated.tar.xz", lzma.compress(good)[:-40])


# --- zip ---------------------------------------------------------------------------------------


def zip_info(name, mode, method=zipfile.ZIP_DEFLATED):
    info = zipfile.ZipInfo(name, (2001, 9, 9, 1, 46, 40))
    info.create_system = 3
    info.external_attr = mode << 16
    info.compress_type = method
    return info


def make_zip(*entries, comment=b""):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, mode, data in entries:
            archive.writestr(zip_info(name, mode), data)
        archive.comment = comment
    return buffer.getvalue()


def directory_of(data):
    """Offset of the end record and of the directory."""
    end = data.rindex(b"PK\x05\x06")
    return end, struct.unpack_from("<I", data, end + 16)[0]


def patch(data, at, value):
    return data[:at] + value + data[at + len(value):]


S_REG, S_DIR, S_LNK, S_CHR = 0o100000, 0o040000, 0o120000, 0o020000


def raw_zip(entries, names=None):
    """A zip from scratch: entries are (local name, directory name, data, local offset or None)."""
    body, directory = b"", b""
    for local, listed, data, offset in entries:
        crc = zlib.crc32(data)
        if offset is None:
            offset = len(body)
            body += struct.pack("<IHHHHHIIIHH", 0x04034b50, 20, 0, 0, 0, 0x2a21, crc, len(data),
                                len(data), len(local), 0) + local + data
        directory += struct.pack("<IHHHHHHIIIHHHHHII", 0x02014b50, 0x0314, 20, 0, 0, 0, 0x2a21,
                                 crc, len(data), len(data), len(listed), 0, 0, 0, 0,
                                 (S_REG | 0o644) << 16, offset) + listed
    return body + directory + struct.pack("<IHHHHIIH", 0x06054b50, 0, 0, len(entries),
                                          len(entries), len(directory), len(body), 0)


def write_zips():
    good = make_zip(("app-1.0/", S_DIR | 0o755, b""),
                    ("app-1.0/bin/tool", S_REG | 0o755, b"#!/bin/sh\necho tool\n"),
                    ("app-1.0/README", S_REG | 0o444, b"read me\n" * 100),
                    ("app-1.0/bin/link", S_LNK | 0o777, b"tool"),
                    ("app-1.0/\u00e9", S_REG | 0o644, b"composed\n"),
                    ("app-1.0/e\u0301", S_REG | 0o644, b"decomposed\n"))
    write("good.zip", good)
    write("commented.zip", make_zip(("x", S_REG | 0o644, b"x"), comment=b"a comment"))
    write("empty.zip", make_zip())

    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", allowZip64=True) as archive:
        with archive.open(zip_info("big", S_REG | 0o644), "w", force_zip64=True) as f:
            f.write(b"big\n")
    write("zip64.zip", buffer.getvalue())

    class Unseekable(io.BytesIO):
        """Makes zipfile write its sizes behind the data."""

        def seek(self, *a):
            raise OSError

        def tell(self):
            raise OSError

    buffer = Unseekable()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(zip_info("streamed", S_REG | 0o755), b"streamed\n")
        archive.writestr(zip_info("second", S_REG | 0o644), b"second\n")
    write("streamed.zip", buffer.getvalue())

    write("dotdot.zip", make_zip(("../evil", S_REG | 0o644, b"x")))
    write("absolute.zip", make_zip(("/tmp/nook-evil", S_REG | 0o644, b"x")))
    write("link-out.zip", make_zip(("a", S_LNK | 0o777, b"../../etc")))
    write("device.zip", make_zip(("null", S_CHR | 0o666, b"")))
    write("setuid.zip", make_zip(("su", S_REG | 0o6755, b"x")))
    write("mode-0.zip", make_zip(("x", 0, b"x"), ("d/", 0, b"")))
    write("nul.zip", raw_zip([(b"a\0b", b"a\0b", b"x", None)]))
    write("bomb.zip", make_zip(("zeros", S_REG | 0o644, bytes(80 * 1024 * 1024))))

    write("other-name.zip", raw_zip([(b"good", b"evil", b"x", None)]))
    write("overlap.zip", raw_zip([(b"a", b"a", b"x" * 100, None), (b"a", b"a", b"x" * 100, 0)]))
    hidden = raw_zip([(b"seen", b"seen", b"1", None), (b"hidden", b"hidden", b"2", None),
                      (b"last", b"last", b"3", None)])
    end, start = directory_of(hidden)
    size = 46 + len("hidden")
    first = start + 46 + len("seen")
    without = hidden[:first] + hidden[first + size:end]
    write("hidden.zip", without + struct.pack("<IHHHHIIH", 0x06054b50, 0, 0, 2, 2,
                                              end - start - size, start, 0))
    one = make_zip(("x", S_REG | 0o644, b"hello" * 100))
    end, start = directory_of(one)
    write("other-size.zip", patch(one, start + 24, struct.pack("<I", 400)))
    write("wrong-count.zip", patch(one, end + 8, struct.pack("<HH", 2, 2)))
    write("fewer.zip", patch(patch(good, directory_of(good)[0] + 8, struct.pack("<HH", 1, 1)), 0,
                             b"PK"))
    crc = struct.unpack_from("<I", one, start + 16)[0] ^ 1
    write("wrong-crc.zip", patch(patch(one, start + 16, struct.pack("<I", crc)), 14,
                                 struct.pack("<I", crc)))
    write("no-directory.zip", one[:start])
    write("truncated.zip", one[:-5])
    write("prefixed.zip", b"#!/bin/sh\n" + one)
    write("encrypted.zip", patch(patch(one, start + 8, b"\x01\x00"), 6, b"\x01\x00"))
    write("method.zip", patch(patch(one, start + 10, b"\x0e\x00"), 8, b"\x0e\x00"))
    second = make_zip(("y", S_REG | 0o644, b"y"))
    both = patch(second, directory_of(second)[0] + 20, b"")
    write("two-directories.zip", patch(one, end + 20, struct.pack("<H", len(both))) + both)


def main():
    global out
    out = sys.argv[1]
    write_tars()
    write_zips()


main()
