#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Launches: nook side by side with `systemd-run --wait --pipe` given the same directives, rounds interleaved.

    launch.py [--rounds N] [PART...]     parts: launch mounts throughput footprint walls; all without one

The directives for systemd-run are read from the unit that nook's task got, by `systemctl cat`, so that both
ask the manager for the same; `least` (tests/programs) makes the very call that nook made. Prints a table of
medians and ratios; it judges nothing."""

import argparse
import os
import pathlib
import re
import statistics
import subprocess
import sys
import time

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "cases"))
import calls  # noqa: E402
import kit  # noqa: E402

# What systemd-run sets by its own options, or what cannot be given as a property.
OWN = ("ExecStart", "ExecStartEx", "StandardInput", "StandardOutput", "StandardError", "Type", "CollectMode",
       "Description", "AddRef", "DefaultDependencies", "Slice", "RootDirectory", "User", "EnvironmentFile")
NEUTRAL = {name: "false" for name in (
    "PrivateDevices", "PrivateIPC", "ProtectHostname", "ProtectKernelTunables", "ProtectKernelModules", "ProtectKernelLogs",
    "ProtectControlGroups", "ProtectClock", "RestrictSUIDSGID", "RestrictRealtime", "LockPersonality", "RestrictNamespaces")}
NEUTRAL.update(ProtectSystem="false", ProtectHome="false", ProtectProc="default", SystemCallFilter="[]",
               SystemCallArchitectures="[]", RestrictAddressFamilies='["~"]')


def directives(job, config):
    """The -p words for systemd-run that ask for what nook asked for."""
    unit = "nook-bench.service"
    done = kit.nook("run", "--detach", job, config=config)
    if done.returncode != 0:
        raise SystemExit(f"bench: {done.stderr}")
    text = subprocess.check_output(["systemctl", "cat", "--no-pager", unit], text=True)
    root = kit.show(unit, "RootDirectory")["RootDirectory"]
    kit.nook("stop", "bench")
    words = [f"-pRootDirectory={root}"]
    for line in text.splitlines():
        found = re.match(r"^([A-Z][A-Za-z0-9]+)=(.*)$", line)
        if not found or found[1] in OWN:
            continue
        # The allocation's directories are gone with it: bound from ones that stay.
        value = re.sub(r"/(var/lib|run)/nook/(alloc|secrets)/[^: ]*", "/srv/bench", found[2])
        words.append(f"-p{found[1]}={value}")
    return words


def measure(argv):
    """Wall time in ms, own CPU in ms, peak RSS in KiB of one command."""
    done = subprocess.run(["/usr/libexec/nook-tests/measure", *argv], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
    if done.returncode != 0:
        raise SystemExit(f"bench: '{' '.join(argv[:4])} ...' ended with {done.returncode}")
    wall, cpu, rss = map(int, done.stdout.split())
    return wall / 1000, cpu / 1000, rss


def compare(title, contenders, rounds):
    """contenders: name -> argv, the one to compare with last."""
    samples = {name: [] for name in contenders}
    for _ in range(rounds):
        for name, argv in contenders.items():
            samples[name].append(measure(argv))
    medians = {name: [statistics.median(column) for column in zip(*rows)] for name, rows in samples.items()}
    base = list(medians)[-1]
    if LEAST in medians:
        above = statistics.median(nook[0] - least[0] for nook, least in zip(samples["nook run"], samples[LEAST]))
        print(f"{title:34} nook run is {above:.1f} ms above the {LEAST} (median of the rounds' differences)")
    for name, (took, cpu, rss) in medians.items():
        ratios = [value / other for value, other in zip((took, cpu, rss), medians[base])]
        print(f"{title:34} {name:22} {took:8.1f} ms {cpu:7.1f} ms CPU {rss / 1024:6.1f} MiB   "
              f"ratios {ratios[0]:.2f} {ratios[1]:.2f} {ratios[2]:.2f}", flush=True)


LEAST = "least client, the same"


def bench_job(body=""):
    """The job to time, and the same asleep, to read its directives from."""
    job = kit.task("bench", "/bin/true", body=body)
    quick = job.rename(kit.TOP / f"quick-{len(body)}.nomad.hcl")
    return quick, kit.task("bench", "/bin/sleep", ["600"], body)


def contenders(body="", config=None):
    quick, asleep = bench_job(body)
    words = directives(asleep, config)
    run = ["systemd-run", "--quiet", "--wait", "--pipe", "--collect", "--service-type=exec"]
    nook = ["nook", *([f"--config={config}"] if config else []), "run", str(quick)]
    least = calls.record(nook).write(f"bench-{len(body)}")
    return {"nook run": nook, LEAST: least, "systemd-run, the same": [*run, *words, "/bin/true"]}


def part_launch(rounds):
    compare("all default walls", contenders(), rounds)
    opens = ", ".join(f'"{name}"' for name in NEUTRAL)
    config = kit.write("bench.conf.hcl", f'plugin "exec" {{\n  config {{\n    allow_directives = [{opens}]\n  }}\n}}\n')
    lines = "".join(f"    {name} = {value if value in ('true', 'false') or value[0] == '[' else chr(34) + value + chr(34)}\n"
                    for name, value in NEUTRAL.items())
    try:
        compare("root and binds only", contenders(f"  unit {{\n{lines}  }}\n", config), rounds)
    except SystemExit as error:
        print(f"root and binds only: {error}")
    compare("no walls: systemd-run alone", {"systemd-run": ["systemd-run", "--quiet", "--wait", "--pipe", "--collect", "/bin/true"]},
            rounds)


def part_mounts(rounds):
    both = contenders()
    del both[LEAST]
    top = pathlib.Path("/srv/mounts")
    for count in (400, 800):
        for number in range(len(list(top.iterdir())) if top.exists() else 0, count):
            folder = top / str(number)
            folder.mkdir(parents=True)
            subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4k", "tmpfs", str(folder)], check=True)
        mounts = len(pathlib.Path("/proc/self/mountinfo").read_text().splitlines())
        compare(f"{mounts} mounts on the host", both, rounds)
    subprocess.run("umount /srv/mounts/*", shell=True, check=True)


def part_throughput(rounds, tasks=200):
    text = ('job "many" {\n  type = "batch"\n  group "g" {\n    count = %d\n    restart {\n      attempts = 0\n      mode = "fail"\n    }\n'
            '    task "t" {\n      driver = "exec"\n      config {\n        command = "/bin/true"\n      }\n    }\n  }\n}\n' % tasks)
    job = kit.write("many.nomad.hcl", text)
    run = contenders()["systemd-run, the same"]
    times = {"nook": [], "systemd-run": []}
    for _ in range(max(1, min(rounds // 5, 5))):
        times["nook"].append(measure(["nook", "run", str(job)])[0])
        started = time.perf_counter()
        subprocess.run(["xargs", "-P8", "-I{}", "sh", "-c", '"$@" </dev/null', "sh", *run],
                       input="\n".join(map(str, range(tasks))), text=True, check=True)
        times["systemd-run"].append((time.perf_counter() - started) * 1000)
    nook, other = (statistics.median(column) for column in times.values())
    print(f"{tasks} tasks: nook {tasks / nook * 1000:.1f}/s, systemd-run 8 at a time {tasks / other * 1000:.1f}/s, "
          f"ratio {other / nook:.2f}", flush=True)


def count_inodes():
    return sum(len(names) + len(files) for top in ("/run/nook", "/var/lib/nook", "/var/cache/nook")
               for _, names, files in os.walk(top))


def part_footprint(rounds):
    _, asleep = bench_job()
    kit.nook("run", "--detach", asleep)
    kit.nook("stop", "bench")
    kit.nook("gc")
    before = count_inodes()
    kit.nook("run", "--detach", asleep)
    alloc = sum(len(names) + len(files) for _, names, files in os.walk("/var/lib/nook"))
    left = subprocess.run(["pgrep", "-c", "^nook"], stdout=subprocess.PIPE, text=True).stdout.strip()
    print(f"inodes of a running task: {count_inodes() - before} in all, {alloc} in its allocation; processes of nook: {left}")
    kit.nook("stop", "bench")
    whole = calls.quick()
    samples = {}
    for name, call in (("root", whole.only(*PLUMBING, "RootDirectory", "BindReadOnlyPaths")), ("no root", whole.only(*PLUMBING))):
        argv = call.write(f"footprint-{name.replace(' ', '-')}")
        samples[name] = statistics.median(measure(argv)[0] for _ in range(rounds))
    print(f"making a root of binds: {samples['root'] - samples['no root']:.1f} ms (a start with it {samples['root']:.1f}, "
          f"without {samples['no root']:.1f})")
    store = pathlib.Path("/srv/links")
    store.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "nr_inodes=0,size=6G", "tmpfs", str(store)], check=True)
    subprocess.run(["cp", "-a", "/usr", "/etc", str(store)], check=True)
    times = []
    for number in range(3):
        started = time.perf_counter()
        subprocess.run(f"mkdir {store}/root{number} && cp -al {store}/usr {store}/etc {store}/root{number}", shell=True, check=True)
        times.append((time.perf_counter() - started) * 1000)
    made = sum(1 + len(names) for _, names, _ in os.walk(store / "root0"))
    print(f"hard-linking /usr and /etc on a tmpfs: {statistics.median(times):.0f} ms, {made} directories for each task")
    subprocess.run(["umount", str(store)], check=True)


# What goes together: a user, a filter and what it answers, and the walls that are filters of system calls and nothing else.
FILTERS = ("RestrictSUIDSGID", "RestrictNamespaces", "RestrictRealtime", "LockPersonality", "RestrictAddressFamilies",
           "SystemCallArchitectures", "SystemCallFilter", "SystemCallErrorNumber", "ProtectClock", "ProtectKernelModules",
           "ProtectKernelLogs", "ProtectHostname")
TOGETHER = {"DynamicUser": ("DynamicUser", "User"), "SystemCallFilter": ("SystemCallFilter", "SystemCallErrorNumber"),
            "all that only filter": FILTERS}
PLUMBING = ("AddRef", "CollectMode", "Type", "ExecStart", "StandardOutputFileDescriptor", "StandardErrorFileDescriptor", "Slice")
NO_WALLS = (*PLUMBING, "Description", "User", "CapabilityBoundingSet", "AmbientCapabilities", "UMask", "IgnoreSIGPIPE", "MemorySwapMax",
            "TasksMax", "SystemCallErrorNumber", "KillSignal", "KillMode", "TimeoutStopUSec", "SyslogIdentifier", "LogExtraFields",
            "RootDirectory", "BindReadOnlyPaths", "EnvironmentFiles", "LogRateLimitIntervalUSec", "RemoveIPC", "NoNewPrivileges")


def manager_cpu():
    """CPU time in ms of the manager and of what it has reaped: its children build the walls."""
    fields = pathlib.Path("/proc/1/stat").read_text().rsplit(")", 1)[1].split()
    return sum(map(int, fields[11:15])) * 1000 / os.sysconf("SC_CLK_TCK")


def part_walls(rounds, block=5):
    """What each wall costs: the same call without it."""
    whole = calls.quick()
    kinds = {"all walls": whole}
    for name in dict.fromkeys([*whole.properties(), *TOGETHER]):
        if name not in NO_WALLS:
            kinds[f"without {name}"] = whole.without(*TOGETHER.get(name, (name,)))
    kinds["root and binds only"] = whole.only(*PLUMBING, "RootDirectory", "BindReadOnlyPaths")
    kinds["no walls"] = whole.only(*PLUMBING)
    lines = {name: call.write(f"wall-{number}") for number, (name, call) in enumerate(kinds.items())}
    times, cpus = ({name: [] for name in kinds} for _ in range(2))
    for _ in range(max(1, rounds // block)):
        for name, argv in lines.items():
            before = manager_cpu()
            times[name] += [measure(argv)[0] for _ in range(block)]
            cpus[name].append((manager_cpu() - before) / block)
    took = {name: statistics.median(values) for name, values in times.items()}
    cpu = {name: statistics.mean(values) for name, values in cpus.items()}
    for name in kinds:
        print(f"{name:38} {took[name]:7.1f} ms ({took[name] - took['all walls']:+6.1f})   manager and its children "
              f"{cpu[name]:6.1f} ms CPU ({cpu[name] - cpu['all walls']:+6.1f})", flush=True)


PARTS = {"launch": part_launch, "mounts": part_mounts, "throughput": part_throughput, "footprint": part_footprint,
         "walls": part_walls}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=40)
    parser.add_argument("part", nargs="*", choices=[*PARTS, []])
    options = parser.parse_args()
    pathlib.Path("/srv/bench").mkdir(exist_ok=True)
    os.chmod("/srv/bench", 0o777)
    print(f"systemd {kit.version()}, {options.rounds} rounds, medians; ratios are to the last of each group", flush=True)
    for name in options.part or PARTS:
        PARTS[name](options.rounds)
    return 0


if __name__ == "__main__":
    sys.exit(main())
