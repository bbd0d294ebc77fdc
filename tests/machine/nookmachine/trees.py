# SPDX-License-Identifier: LGPL-2.1-or-later
"""Root trees: made once by mmdebstrap, kept in the cache under a hash of all that goes into them."""

import hashlib
import os
import shutil
import sys
import time

from . import systems
from .host import Lock, MachineError, run

# Changed when a tree is made in another way from the same packages.
RECIPE = "1"


def tree(cache, release, variant="base"):
    """The path of a release's tree in a variant; it is made when the cache has none."""
    packages = systems.base_packages(release)
    words = [RECIPE, release, *packages, *systems.MASKED]
    if variant != "base":
        words += ["+", *systems.variant_packages(release, variant)]
    digest = hashlib.sha256("\n".join(words).encode()).hexdigest()[:12]
    path = cache / "trees" / f"{release}-{variant}-{digest}"
    lock = Lock(cache / "trees" / f".{release}-{variant}.lock")
    try:
        if not path.is_dir():
            making = path.with_suffix(".making")
            shutil.rmtree(making, ignore_errors=True)
            print(f"machine: making the tree {path.name}", file=sys.stderr, flush=True)
            if variant == "base":
                make_base(release, packages, making)
            else:
                make_variant(tree(cache, release), systems.variant_packages(release, variant), making)
            os.rename(making, path)
            remove_unused(path)
        os.utime(path)
    finally:
        lock.release()
    return path


def remove_unused(path):
    """Other trees that nobody has asked for in a week; younger ones may belong to another checkout."""
    for other in path.parent.glob("[a-z]*-*-*"):
        if other != path and other.stat().st_mtime < time.time() - 7 * 86400:
            shutil.rmtree(other, ignore_errors=True)


def make_base(release, packages, path):
    if not shutil.which("mmdebstrap"):
        raise MachineError("mmdebstrap is not installed: apt-get install mmdebstrap")
    run(["mmdebstrap", "--quiet", "--variant=apt", "--include=" + ",".join(packages),
         release, str(path)])
    for unit in systems.MASKED:
        (path / "etc/systemd/system" / unit).symlink_to("/dev/null")
    # Kept on disk, so that the journal of a machine that died can still be read from outside.
    (path / "var/log/journal").mkdir(exist_ok=True)
    (path / "etc/machine-id").write_text("")
    (path / "etc/hostname").write_text("machine\n")
    (path / "etc/hosts").write_text("127.0.0.1 localhost machine\n::1 localhost\n")
    # A login that works everywhere and proves nothing: the machine has no way in from outside.
    run(["chroot", str(path), "useradd", "--create-home", "--uid", "1000", "alice"])
    run(["chroot", str(path), "useradd", "--create-home", "--uid", "1001", "--groups", "games", "bob"])


def make_variant(base, packages, path):
    """A copy of the base tree with packages added, where the copy shares blocks if it can."""
    run(["cp", "-a", "--reflink=auto", str(base), str(path)])
    try:
        shutil.copy("/etc/resolv.conf", path / "etc/resolv.conf")
        with_mounts(path, "export DEBIAN_FRONTEND=noninteractive; apt-get -q update && "
                    "apt-get -q -y -o Dpkg::Options::=--force-unsafe-io install --no-install-recommends "
                    + " ".join(packages) + " && apt-get clean")
    except BaseException:
        shutil.rmtree(path, ignore_errors=True)
        raise


def with_mounts(root, script, binds=()):
    """Runs a shell script in a tree with /proc, /dev and binds; they go with the mount namespace."""
    lines = ["set -e", f"mount --bind {root} {root}", f"mount -t proc proc {root}/proc",
             f"mount --rbind /dev {root}/dev"]
    for source, target, mode in binds:
        lines += [f"mkdir -p {root}{target}", f"mount --bind {source} {root}{target}"]
        if mode == "ro":
            lines += [f"mount -o remount,bind,ro {root}{target}"]
    lines += [f"exec chroot {root} /bin/sh -c \"$SCRIPT\""]
    environment = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
                   "LANG": "C.UTF-8", "HOME": "/root", "SCRIPT": script}
    for name in ("http_proxy", "https_proxy", "no_proxy"):
        if name in os.environ:
            environment[name] = os.environ[name]
    return run(["unshare", "--mount", "--propagation", "private", "/bin/sh", "-c", "\n".join(lines)],
               env=environment)
