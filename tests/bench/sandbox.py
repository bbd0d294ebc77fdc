#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The sandbox's forms side by side with who does the like, rounds interleaved.

    sandbox.py [--rounds N] [--mounts N] [--pause MS] [PART...]    parts: scope service direct short resident

As root on a machine with systemd, of the variant that has bwrap and crun. Prints medians of wall time, of the
CPU time of the launcher and what it waited for, and of peak memory, with ratios to the peer named in each
part; it judges nothing. --mounts makes so many mounts on the host first."""

import argparse
import json
import os
import pathlib
import re
import statistics
import subprocess
import sys
import time

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "cases"))
import kit  # noqa: E402
import launch  # noqa: E402

TRUE = "/bin/true"
QUICK = ["nook", "-q", "exec"]
DIRECT = [*QUICK, "--direct", "--network", "none"]
SCOPE = ["systemd-run", "--quiet", "--scope"]
SERVICE = ["systemd-run", "--quiet", "--wait", "--pipe", "--collect", "--service-type=exec"]
# Walls that are made of system call filters, each said not to be wanted; an operator must allow that.
NO_FILTER = {"SystemCallFilter": "", "SystemCallArchitectures": "", "RestrictAddressFamilies": "", "RestrictNamespaces": "no",
             "RestrictSUIDSGID": "no", "RestrictRealtime": "no", "LockPersonality": "no", "ProtectHostname": "no",
             "ProtectKernelModules": "no", "ProtectKernelLogs": "no", "ProtectClock": "no"}
BINDS = {"/etc": "/etc", "/usr": "/usr"}
LINKS = ("bin", "lib", "lib64", "sbin")


PAUSE = 0.0


def compare(title, contenders, peers, rounds):
    """contenders: name -> argv; peers: the names that the others are divided by."""
    samples = {name: [] for name in contenders}
    for _ in range(rounds):
        for name, argv in contenders.items():
            time.sleep(PAUSE)
            samples[name].append(launch.measure(argv))
    medians = {name: [statistics.median(column) for column in zip(*rows)] for name, rows in samples.items()}
    for name, (took, cpu, rss) in medians.items():
        ends = statistics.quantiles([row[0] for row in samples[name]], n=20, method="inclusive")
        ratios = "".join(f"  {took / medians[peer][0]:.2f} of {peer}" for peer in peers if name not in peers)
        print(f"{title:18} {name:34} {took:7.2f} ms (5%: {ends[0]:.2f}, 95%: {ends[-1]:.2f}) {cpu:6.2f} ms CPU "
              f"{rss / 1024:5.1f} MiB{ratios}", flush=True)


def part_scope(rounds):
    compare("scope", {"nook exec --scope, all walls": [*QUICK, "--scope", "--", TRUE],
                      "the same with --pipe, no journal": [*QUICK, "--scope", "--pipe", "--", TRUE],
                      "systemd-run --scope, no walls": [*SCOPE, TRUE]}, ["systemd-run --scope, no walls"], rounds)


def same_directives():
    """systemd-run's words for the directives that the manager's way asks for."""
    _, asleep = launch.bench_job()
    return launch.directives(asleep, None)


def part_service(rounds):
    peer = "systemd-run, the same directives"
    compare("service", {"nook exec --sandbox nook": [*QUICK, "--sandbox", "nook", "--", TRUE],
                        "nook exec --sandbox systemd": [*QUICK, "--sandbox", "systemd", "--", TRUE],
                        peer: [*SERVICE, *same_directives(), TRUE]}, [peer], rounds)


# --- without a manager -----------------------------------------------------------------------------

def bwrap():
    words = ["bwrap", "--unshare-all", "--die-with-parent", "--proc", "/proc", "--dev", "/dev"]
    for source, place in BINDS.items():
        words += ["--ro-bind", source, place]
    for name in LINKS:
        words += ["--symlink", f"usr/{name}", f"/{name}"]
    return [*words, TRUE]


def crun_bundle():
    """The bundle that `crun spec` writes, with the binds of the others and without a filter."""
    bundle = launch.kit.TOP / "bundle"
    bundle.mkdir()
    subprocess.run(["crun", "spec"], cwd=bundle, check=True)
    root = bundle / "rootfs"
    root.mkdir()
    for name in ("etc", "usr", "proc", "dev", "sys"):
        (root / name).mkdir()
    for name in LINKS:
        (root / name).symlink_to(f"usr/{name}")
    spec = json.loads((bundle / "config.json").read_text())
    spec["process"].update(terminal=False, args=[TRUE])
    spec["linux"].pop("seccomp", None)
    spec["linux"].pop("resources", None)
    spec["mounts"] = [mount for mount in spec["mounts"] if mount["type"] != "cgroup"]
    spec["mounts"] += [{"destination": place, "type": "bind", "source": source, "options": ["bind", "ro", "nosuid", "nodev"]}
                       for source, place in BINDS.items()]
    (bundle / "config.json").write_text(json.dumps(spec))
    return bundle


def crun(bundle):
    return ["crun", "--cgroup-manager=disabled", "run", "--no-new-keyring", f"--bundle={bundle}", "bench"]


def floor():
    """What the kernel takes for the same namespaces and binds: one static program that does nothing else."""
    program = launch.kit.TOP / "floor"
    subprocess.run(["gcc", "-O2", "-static", "-o", program, pathlib.Path(__file__).with_name("floor.c")], check=True)
    return [str(program), TRUE]


def part_direct(rounds):
    keys = ", ".join(f'"{key}"' for key in NO_FILTER)
    config = kit.write("unfiltered.hcl", f'plugin "exec" {{\n  config {{\n    allow_directives = [{keys}]\n  }}\n}}\n')
    unfiltered = [word for key, value in NO_FILTER.items() for word in ("-p", f"{key}={value}")]
    compare("direct", {"nook exec --direct, all walls": [*DIRECT, "--", TRUE],
                       "the same with an operator's file": ["nook", f"--config={config}", *DIRECT[1:], "--", TRUE],
                       "and without filters": ["nook", f"--config={config}", *DIRECT[1:], *unfiltered, "--", TRUE],
                       "nook --version, its start": ["nook", "--version"],
                       "kernel's floor": floor(),
                       "bwrap --unshare-all": bwrap(),
                       "crun run": crun(crun_bundle())}, ["bwrap --unshare-all", "crun run"], rounds)


# --- many, and what stays --------------------------------------------------------------------------

def many(builder, count):
    text = ('job "many-%s" {\n  type = "batch"\n  group "g" {\n    count = %d\n    restart {\n      attempts = 0\n      mode = "fail"\n    }\n'
            '    task "t" {\n      driver = "exec"\n      sandbox = "%s"\n      config {\n        command = "/bin/true"\n      }\n    }\n  }\n}\n'
            % (builder, count, builder))
    return ["nook", "-q", "run", str(kit.write(f"many-{builder}.nomad.hcl", text))]


def part_short(rounds, count=500):
    times = {"nook": [], "systemd": []}
    for _ in range(max(1, min(rounds // 10, 5))):
        for builder in times:
            times[builder].append(launch.measure(many(builder, count))[0])
    medians = {builder: statistics.median(column) for builder, column in times.items()}
    for builder, took in medians.items():
        print(f"short              {count} tasks, walls by {builder:8} {took:9.0f} ms, {count / took * 1000:6.1f}/s", flush=True)
    print(f"short              the sandbox's way / the manager's: {medians['nook'] / medians['systemd']:.2f}", flush=True)


def processes():
    """Number -> (name, proportional memory in KiB) of the processes of nook."""
    found = {}
    for entry in pathlib.Path("/proc").iterdir():
        try:
            name = (entry / "comm").read_text().strip()
            if entry.name.isdigit() and name.startswith("nook"):
                pss = re.search(r"^Pss:\s+(\d+)", (entry / "smaps_rollup").read_text(), re.M)
                found[int(entry.name)] = (name, int(pss[1]))
        except (OSError, ValueError):
            continue
    return found


def part_resident(_):
    """What of nook stays for each running task."""
    sleep = ["--", "/bin/sleep", "600"]
    for name, words in {"scope": ["--scope", "--no-block", "-u", "stays"], "service by the sandbox":
                        ["--sandbox", "nook", "--no-block", "-u", "stays"], "direct": ["--direct"]}.items():
        child = subprocess.Popen([*QUICK, *words, *sleep], stdin=subprocess.DEVNULL)
        if name != "direct":
            child.wait()
        kit.wait_for(lambda: subprocess.run(["pgrep", "-x", "sleep"], stdout=subprocess.DEVNULL).returncode == 0)
        time.sleep(0.5)
        stays = processes()
        print(f"resident           {name:24} {len(stays)} processes of nook: "
              f"{', '.join(f'{who} {pss} KiB' for who, pss in stays.values()) or 'none'}", flush=True)
        if name == "direct":
            child.terminate()
            child.wait()
        else:
            subprocess.run(["systemctl", "stop", "stays.scope" if name == "scope" else "stays.service"], check=True)


PARTS = {"scope": part_scope, "service": part_service, "direct": part_direct, "short": part_short, "resident": part_resident}


def make_mounts(wanted):
    top = pathlib.Path("/srv/mounts")
    there = len(pathlib.Path("/proc/self/mountinfo").read_text().splitlines())
    made = len(list(top.iterdir())) if top.exists() else 0
    for number in range(made, made + max(0, wanted - there)):
        folder = top / str(number)
        folder.mkdir(parents=True)
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4k", "tmpfs", str(folder)], check=True)
    return max(wanted, there)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=40)
    parser.add_argument("--mounts", type=int, default=0)
    parser.add_argument("--pause", type=int, default=0, metavar="MS")
    parser.add_argument("part", nargs="*", choices=[*PARTS, []])
    options = parser.parse_args()
    global PAUSE
    PAUSE = options.pause / 1000
    pathlib.Path("/srv/bench").mkdir(exist_ok=True)
    os.chmod("/srv/bench", 0o777)
    mounts = make_mounts(options.mounts)
    print(f"systemd {kit.version()}, {mounts} mounts on the host, {options.rounds} rounds, {options.pause} ms of rest, medians", flush=True)
    for name in options.part or PARTS:
        PARTS[name](options.rounds)
    return 0


if __name__ == "__main__":
    sys.exit(main())
