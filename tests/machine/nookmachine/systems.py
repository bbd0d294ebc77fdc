# SPDX-License-Identifier: LGPL-2.1-or-later
"""The systems that nook is tested on, and what is installed in their root trees.

A system is a Debian release, chosen for its systemd: bookworm has 252, the least version that nook
supports, trixie has 257. Each has a tree per variant; a variant is the base tree and some packages
more, so that a big package (a JVM, a compiler) is not in the way of the tests that do without it.
"""

import pathlib

SYSTEMS = {"bookworm": "252", "trixie": "257"}

# What a booted machine and nook itself need, and what tests look at the machine with.
BASE = """
    systemd systemd-sysv dbus libnss-systemd libpam-systemd
    python3 nodejs busybox-static openssl ca-certificates
    passwd procps iproute2 acl strace bubblewrap
    libglib2.0-0 libmpfr6 libcap2 libseccomp2 libpam0g libcurl4 libyaml-0-2 libgmp10
    libpcre2-8-0 libcrypt1 zstd xz-utils bzip2
""".split()

# Libraries whose package name carries a version that differs between the releases.
LIBRARIES = {
    "bookworm": ["libunistring2", "libarchive13", "libhogweed6"],
    "trixie": ["libunistring5", "libarchive13t64", "libhogweed6t64"],
}

# What a build needs; the trees of this variant are never booted.
BUILD = [line for line in (pathlib.Path(__file__).resolve().parents[2] / "build-packages").read_text().split("\n")
         if line and not line.startswith("#")]

VARIANTS = {
    "base": [],
    "build": BUILD,
    "java": ["default-jre-headless"],
    "bench": ["crun", "gcc", "libc6-dev", "libsystemd-dev", "pkg-config"],
    "vm": ["linux-image-cloud-amd64", "initramfs-tools", "udev"],
}

# Packages that only one release has or needs in a variant.
ONLY = {("trixie", "build"): ["systemd-dev"]}

# Units that do nothing for a test and cost boot time or wake up in the middle of a measurement.
MASKED = """
    apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer e2scrub_all.timer fstrim.timer
    getty.target console-getty.service systemd-networkd-wait-online.service
    systemd-update-utmp.service systemd-timesyncd.service
""".split()


def resolve(name):
    """The releases that NAME means: a release, the number of its systemd, or 'all'."""
    if name == "all":
        return list(SYSTEMS)
    for release, version in SYSTEMS.items():
        if name in (release, version):
            return [release]
    known = ", ".join(f"{release} ({version})" for release, version in SYSTEMS.items())
    raise SystemExit(f"machine: no system '{name}'; there are {known} and all")


def base_packages(release):
    return sorted(BASE + LIBRARIES[release])


def variant_packages(release, variant):
    return sorted(VARIANTS[variant] + ONLY.get((release, variant), []))
