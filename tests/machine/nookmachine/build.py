# SPDX-License-Identifier: LGPL-2.1-or-later
"""Builds nook in a release's own tree: libraries have other names there (libunistring 2 and 5), and so
each release's compiler and headers see the source too. What is installed becomes an overlay layer."""

import hashlib
import os
import shutil
import time

from .host import Lock
from .trees import tree, with_mounts

MERGED = ("bin", "sbin", "lib", "lib32", "lib64", "libx32")


def installed(cache, release, source, build_root, sanitize=False):
    """Builds nook from `source` and returns the directory that it is installed in."""
    root = tree(cache, release, "build")
    build = build_root / (release + ("-asan" if sanitize else ""))
    build.mkdir(parents=True, exist_ok=True)
    lock = Lock(build / ".lock")
    fresh = build / "fresh"
    shutil.rmtree(fresh, ignore_errors=True)
    options = "--buildtype=debugoptimized -Dtests=false -Dinstall_tests=true"
    if sanitize:
        options += " -Db_sanitize=address,undefined -Db_lundef=false"
    jobs = os.environ.get("NOOK_MACHINE_JOBS", "2")
    script = f"""
        cd /build && export DESTDIR=/build/fresh
        [ -f build/build.ninja ] || rm -rf build
        [ -d build ] || meson setup {options} build /source || exit
        meson configure {options.replace('--buildtype', '-Dbuildtype')} build || exit
        ninja -j{jobs} -C build && meson install --no-rebuild --quiet -C build
    """
    with_mounts(root, script, [(source, "/source", "ro"), (build, "/build", "rw")])
    merge_usr(fresh)
    destination = keep(fresh)
    lock.release()
    return destination


def keep(fresh):
    """Gives an installation a name by its content: running machines have others as their layer."""
    digest = hashlib.sha256()
    for path in sorted(fresh.rglob("*")):
        digest.update(f"{path.relative_to(fresh)} {path.lstat().st_mode}\n".encode())
        if path.is_file() and not path.is_symlink():
            digest.update(path.read_bytes())
    destination = fresh.with_name("root-" + digest.hexdigest()[:12])
    if destination.exists():
        shutil.rmtree(fresh)
    else:
        fresh.rename(destination)
    os.utime(destination)
    for other in fresh.parent.glob("root-*"):
        if other.stat().st_mtime < time.time() - 3 * 3600:
            shutil.rmtree(other, ignore_errors=True)
    return destination


def merge_usr(root):
    """Moves /lib and its like below /usr: as a layer they would hide the links of a merged tree."""
    for name in MERGED:
        if (root / name).is_dir():
            shutil.copytree(root / name, root / "usr" / name, symlinks=True, dirs_exist_ok=True)
            shutil.rmtree(root / name)
