#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""bench.py BUILD [RUNS]: parses generated job files of 1 and 10 MB with nook's HCL and with HashiCorp's (Debian's
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
      template {{
        destination = "local/f{i}"
        data        = <<EOT
line one of {i}
%{{ if true }}line two{{{{ env "X" }}}}%{{ endif }}
EOT
      }}
      resources {{
        cpu    = {i} * 10
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


def run(program, path):
    """CPU seconds of the parser and peak memory in MB."""
    seconds, peak = subprocess.run([program, path], check=True, capture_output=True, text=True).stdout.split()
    return float(seconds), int(peak) / 1024


def main():
    build, runs = pathlib.Path(sys.argv[1]).resolve(), int(sys.argv[2]) if len(sys.argv) > 2 else 5
    with tempfile.TemporaryDirectory() as work:
        theirs = os.path.join(work, "parse-go")
        env = dict(os.environ, GO111MODULE="off", GOPATH="/usr/share/gocode", GOFLAGS="")
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
