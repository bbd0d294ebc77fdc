#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""bench.py BUILD [RUNS]: reads a generated job of 240 lines in fresh processes; then parses generated job files of 1 and 10 MB with nook's HCL and with HashiCorp's (Debian's
golang-github-hashicorp-hcl-v2-dev), in turns, and prints throughput, peak memory and their ratios.

BUILD should be without sanitizers: meson setup --buildtype=release build-bench."""

import os
import pathlib
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent

TASK = """  group "g{i}" {{
    count = {i} + 1
    constraint {{
      attribute = "${{attr.kernel.name}}"
      value     = "linux"
    }}
    task "t{i}" {{
      driver = "exec" # as usual
      config {{
        command = "/bin/sh"
        args    = ["-c", "echo ${{NOMAD_TASK_NAME}} ${{upper("x{i}")}}", "{i}"]
      }}
      env {{
        NAME  = "name-{i}"
        LIST  = jsonencode([for v in [1, 2, {i}] : v * 2 if v > 1])
        OTHER = true ? "a" : "b"
      }}
      meta {{
        owner = "team-{i}"
        note  = <<EOT
line one of {i}
%{{ if true }}line two{{{{ env "X" }}}}%{{ endif }}
EOT
      }}
      resources {{
        cpu    = 100 + {i} * 10
        memory = 128
      }}
    }}
  }}
"""


def generate(path, size):
    with open(path, "w") as out:
        out.write('job "big" {\n  datacenters = ["dc1"]\n')
        i = 0
        while out.tell() < size:
            out.write("".join(TASK.format(i=j) for j in range(i, i + 100)))
            i += 100
        out.write("}\n")


HEAD = """variable "image" {
  type    = string
  default = "registry.example/web"
}

variable "ports" {
  type    = map(number)
  default = { http = 8080, admin = 9090 }
}

locals {
  name = "web-${upper("a")}"
  tags = [for name, port in var.ports : "${name}=${port}"]
}

job "web" {
  datacenters = ["dc1", "dc2"]
  type        = "batch"

  constraint {
    attribute = "${attr.kernel.name}"
    value     = "linux"
  }

"""


def generate_job(path, lines=240):
    """A job file of so many lines, as people write them, with variables, locals, functions and templates."""
    text, i = HEAD, 0
    while (text + TASK.format(i=i)).count("\n") < lines:
        text, i = text + TASK.format(i=i), i + 1
    rest = lines - 3 - text.count("\n")
    text += "  meta {\n" + "".join(f'    key{j} = "${{local.name}}-{j}"\n' for j in range(rest)) + "  }\n}\n"
    with open(path, "w") as out:
        out.write(text)


def bench_job(build, work, runs):
    """Each run is a process of its own: the first reading in it is what a command pays."""
    path = os.path.join(work, "job.nomad.hcl")
    generate_job(path)
    found = []
    for _ in range(runs * 20):
        output = subprocess.run([build / "tests/bench/hcl/job-read", path], check=True, capture_output=True, text=True)
        cold, warm, faults = output.stdout.split()
        found.append((float(cold) * 1000, float(warm) * 1000, int(faults)))
    cold = sorted(c for c, _, _ in found)
    print(f"job of {len(open(path).readlines())} lines, read, evaluated and decoded: {cold[0]:.2f} ms CPU at best, "
          f"{cold[len(cold) // 2]:.2f} in the median of {len(found)} fresh processes ({found[0][2]} page faults); "
          f"{min(w for _, w, _ in found):.2f} once warm")


def run(program, path):
    """CPU seconds of the parser and peak memory in MB."""
    seconds, peak = subprocess.run([program, path], check=True, capture_output=True, text=True).stdout.split()
    return float(seconds), int(peak) / 1024


def main():
    build, runs = pathlib.Path(sys.argv[1]).resolve(), int(sys.argv[2]) if len(sys.argv) > 2 else 5
    with tempfile.TemporaryDirectory() as work:
        theirs = os.path.join(work, "parse-go")
        env = dict(os.environ, GO111MODULE="off", GOPATH="/usr/share/gocode", GOFLAGS="")
        bench_job(build, work, runs)
        subprocess.run(["go", "build", "-o", theirs, "."], cwd=HERE / "parse-go", env=env, check=True)
        ours = build / "tests/bench/hcl/hcl-parse"
        for megabytes in (1, 10):
            path = os.path.join(work, f"{megabytes}mb.hcl")
            generate(path, megabytes * 1_000_000)
            size = os.path.getsize(path) / 1e6
            results = {ours: [], theirs: []}
            for _ in range(runs):
                for program, found in results.items():
                    found.append(run(program, path))
            best = {program: (min(s for s, _ in found), min(m for _, m in found)) for program, found in results.items()}
            (seconds, memory), (go_seconds, go_memory) = best[ours], best[theirs]
            print(f"{size:.1f} MB: nook {size / seconds:.1f} MB/s, {memory:.0f} MB peak; "
                  f"HashiCorp {size / go_seconds:.1f} MB/s, {go_memory:.0f} MB peak; "
                  f"{go_seconds / seconds:.1f} times as fast, 1/{go_memory / memory:.1f} of the memory")


if __name__ == "__main__":
    main()
