# SPDX-License-Identifier: LGPL-2.1-or-later
"""The artifacts that test jobs download: good ones, and one for every way an archive can be bad."""

import gzip
import io
import pathlib
import stat
import struct
import tarfile
import zipfile

PROGRAMS = pathlib.Path("/usr/libexec/nook-tests")
CONSUMER = pathlib.Path(__file__).resolve().parent / "programs/consumer.py"


def add(archive, name, data=b"", kind=tarfile.REGTYPE, mode=0o644, link="", size=None):
    entry = tarfile.TarInfo(name)
    entry.type, entry.mode, entry.linkname, entry.mtime = kind, mode, link, 1700000000
    if kind == tarfile.REGTYPE:
        entry.size = len(data) if size is None else size
        archive.addfile(entry, io.BytesIO(data))
    else:
        entry.devmajor, entry.devminor = 1, 3
        archive.addfile(entry)


def tar_bytes(build, compress=""):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.GNU_FORMAT) as archive:
        build(archive)
    return gzip.compress(out.getvalue(), mtime=0) if compress == "gz" else out.getvalue()


def zip_bytes(entries):
    """entries: (name, data, unix mode); the mode's file type makes links and devices."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data, mode in entries:
            info = zipfile.ZipInfo(name, (2023, 11, 14, 0, 0, 0))
            info.create_system, info.external_attr = 3, mode << 16
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, data)
    return out.getvalue()


def data_with_links(archive):
    add(archive, "data", kind=tarfile.DIRTYPE, mode=0o755)
    add(archive, "data/numbers.txt", b"1\n2\n39\n")
    add(archive, "data/current", kind=tarfile.SYMTYPE, link="numbers.txt")
    add(archive, "data/same", kind=tarfile.LNKTYPE, link="data/numbers.txt")


def good(folder):
    regular = stat.S_IFREG
    (folder / "consumer.zip").write_bytes(zip_bytes([
        ("consumer.py", CONSUMER.read_bytes(), regular | 0o644), ("lib/", b"", stat.S_IFDIR | 0o755),
        ("lib/greeting.py", b"TEXT = 'hello'\n", regular | 0o644)]))
    (folder / "data.tar.gz").write_bytes(tar_bytes(data_with_links, "gz"))
    if (PROGRAMS / "consumer").exists():
        program = (PROGRAMS / "consumer").read_bytes()
        (folder / "program.zip").write_bytes(zip_bytes([("consumer", program, regular | 0o755)]))
    (folder / "plain.txt").write_bytes(b"plain\n")


def bad_tars(folder):
    outside = {
        "tar-dotdot": dict(name="../escaped", data=b"x"),
        "tar-absolute": dict(name="/escaped", data=b"x"),
        "tar-link-out": dict(name="link", kind=tarfile.SYMTYPE, link="../../../../etc/passwd"),
        "tar-link-absolute": dict(name="link", kind=tarfile.SYMTYPE, link="/etc/passwd"),
        "tar-hardlink-out": dict(name="hard", kind=tarfile.LNKTYPE, link="../../../etc/passwd"),
        "tar-device": dict(name="null", kind=tarfile.CHRTYPE, mode=0o666),
        "tar-fifo": dict(name="fifo", kind=tarfile.FIFOTYPE),
        "tar-setuid": dict(name="su", data=b"x", mode=0o4755),
    }
    for name, entry in outside.items():
        (folder / f"{name}.tar").write_bytes(tar_bytes(lambda archive, entry=entry: add(archive, **entry)))

    def through_link(archive):
        add(archive, "dir", kind=tarfile.SYMTYPE, link="/tmp")
        add(archive, "dir/escaped", b"x")

    (folder / "tar-through-link.tar").write_bytes(tar_bytes(through_link))
    (folder / "planted-link.tar").write_bytes(tar_bytes(
        lambda archive: add(archive, "sub", kind=tarfile.SYMTYPE, link="data")))
    packed = bytearray(tar_bytes(data_with_links, "gz"))
    packed[-6] ^= 0xff
    (folder / "gzip-trailer.tar.gz").write_bytes(bytes(packed))
    plain = bytearray(tar_bytes(data_with_links))
    plain[512 + 100] ^= 0xff  # the mode of the second header: its checksum is wrong then
    (folder / "tar-header.tar").write_bytes(bytes(plain))
    (folder / "tar-cut.tar.gz").write_bytes(tar_bytes(data_with_links, "gz")[:-20])


def bad_zips(folder):
    regular = stat.S_IFREG | 0o644
    (folder / "zip-dotdot.zip").write_bytes(zip_bytes([("../escaped", b"x", regular)]))
    (folder / "zip-absolute.zip").write_bytes(zip_bytes([("/escaped", b"x", regular)]))
    (folder / "zip-link-out.zip").write_bytes(zip_bytes([("link", b"/etc/passwd", stat.S_IFLNK | 0o777)]))
    (folder / "zip-device.zip").write_bytes(zip_bytes([("null", b"", stat.S_IFCHR | 0o666)]))
    (folder / "zip-setuid.zip").write_bytes(zip_bytes([("su", b"x", stat.S_IFREG | 0o4755)]))
    # The central directory says one name, the entry itself another: readers disagree on what is in it.
    liar = bytearray(zip_bytes([("harmless.txt", b"x", regular)]))
    liar[30:42] = b"../etc/evil."
    (folder / "zip-directory.zip").write_bytes(bytes(liar))
    damaged = bytearray(zip_bytes([("a.txt", b"hello hello hello", regular)]))
    damaged[14:18] = struct.pack("<I", 0xdeadbeef)
    at = damaged.index(b"PK\x01\x02")
    damaged[at + 16:at + 20] = struct.pack("<I", 0xdeadbeef)
    (folder / "zip-crc.zip").write_bytes(bytes(damaged))


def bombs(folder):
    """Small files that would become big or many."""
    with tarfile.open(folder / "bomb-ratio.tar.xz", "w:xz") as archive:
        add(archive, "zeros", bytes(192 << 20))
    with tarfile.open(folder / "bomb-entries.tar.gz", "w:gz", compresslevel=9) as archive:
        for number in range(3000):
            add(archive, f"f{number}")
    (folder / "bomb-depth.tar").write_bytes(tar_bytes(
        lambda archive: add(archive, "/".join(["d"] * 200) + "/f", b"x")))
    (folder / "big.bin").write_bytes(bytes(range(256)) * (8 << 12))


def make(folder):
    folder.mkdir(parents=True, exist_ok=True)
    good(folder)
    bad_tars(folder)
    bad_zips(folder)
    bombs(folder)
