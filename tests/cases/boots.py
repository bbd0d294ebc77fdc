#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What a boot leaves: task files in /etc/nook/jobs run again by themselves, in the same walls; of what was started by
hand nothing is left that `nook gc` does not clear, and it can be started again. Runs after a first boot, after an
orderly one, and after a cut, in the middle of staging artifacts and of starting tasks; NOOK_BOOT says which."""

import hashlib
import io
import os
import pathlib
import subprocess
import sys
import tarfile

sys.dont_write_bytecode = True
import fast  # noqa: E402
import kit  # noqa: E402
import server  # noqa: E402

BOOT = os.environ.get("NOOK_BOOT", "first")
STORE = pathlib.Path("/var/lib/nook-test-boots")  # outlives the boots
JOBS = pathlib.Path("/etc/nook/jobs")
WANTS = pathlib.Path("/run/systemd/generator/multi-user.target.wants")
BUILDERS = {"manager": "", "sandbox": '      sandbox = "nook"\n'}
PROGRAM = "HOST = {}\n" + fast.PROBE + "import time\ntime.sleep(100000)\n"
SERVE = "import server, threading; server.start({!r}); threading.Event().wait()"
BLOB = bytes(range(256)) * 40


def job_of_file(name, builder):
    return (f'job "boots-{name}" {{\n  group "g" {{\n    task "t" {{\n      driver = "exec"\n{builder}      config {{\n'
            f'        command = "/usr/bin/python3"\n        args = ["-u", "-c", {kit.hcl(PROGRAM)}]\n      }}\n    }}\n  }}\n}}\n')


def artifact(url, data, destination="local/"):
    digest = hashlib.sha256(data).hexdigest()
    return (f'  artifact {{\n    source = "{url}"\n    destination = "{destination}"\n'
            f'    options {{\n      checksum = "sha256:{digest}"\n    }}\n  }}\n')


def archive():
    """The same bytes each time."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        for number in range(200):
            entry = tarfile.TarInfo(f"file-{number}")
            entry.size = len(BLOB)
            tar.addfile(entry, io.BytesIO(BLOB))
    return out.getvalue()


def staged(how):
    """A task that shows the digest of what was staged."""
    return kit.task("staged", "/bin/sh", ["-c", "sha256sum local/blob"],
                    artifact(f"http://127.0.0.1:8000/{how}/blob", BLOB))


def churned():
    return kit.task("churned", "/bin/sh", ["-c", "cat local/tree/file-* | sha256sum"],
                    artifact("http://127.0.0.1:8000/length/tree.tar", archive(), "local/tree"))


def kept():
    return kit.task("kept", "/bin/sh", ["-c", "sha256sum local/blob; sleep 100000"],
                    artifact("http://127.0.0.1:8000/length/blob", BLOB))


def unit_of(name):
    return next((path.name for path in WANTS.glob(f"nook-boots-{name}*")), None) if WANTS.is_dir() else None


def line_of(name):
    """What the task says of its walls since this boot."""
    unit = unit_of(name)
    said = unit and kit.wait_for(lambda: [entry["MESSAGE"] for entry in kit.journal("-b", f"_SYSTEMD_UNIT={unit}")
                                          if entry.get("MESSAGE", "").startswith("WALLS")], 120, 0.5)
    return said[-1].replace(",relatime", "") if said else None  # an early boot mounts some things otherwise


def check_first(tap):
    STORE.mkdir()
    JOBS.mkdir(parents=True, exist_ok=True)
    for name, builder in BUILDERS.items():
        (JOBS / f"{name}.hcl").write_text(job_of_file(name, builder))
    wrong = fast.run("systemctl", "daemon-reload")
    tap.result("the manager makes a unit of each file",
               [wrong] if wrong else [f"none of {name}" for name in BUILDERS if not unit_of(name)])
    for name in BUILDERS:
        wrong = fast.run("systemctl", "start", unit_of(name) or "nothing.service")
        line = line_of(name)
        tap.result(f"{name}: a file's task runs", [wrong or "it says nothing"] if wrong or not line else [])
        (STORE / name).write_text(line or "")


def check_files(tap):
    for name in BUILDERS:
        line, before = line_of(name), (STORE / name).read_text()
        wrong = [] if line == before else [f"before {before}", f"now    {line}"]
        tap.result(f"{name}: after a boot ({BOOT}) a file's task runs by itself, in the same walls", wrong)


def left_over():
    """Allocations of what was started by hand, on disk and in memory, and failed units."""
    for top in ("/var/lib/nook/alloc", "/run/nook/alloc"):
        for path in pathlib.Path(top).glob("*"):
            record = path / ".job.json"
            if not record.exists() or '"boots-' not in record.read_text():
                yield f"{path} is still there: {sorted(entry.name for entry in path.glob('*'))}"
    failed = subprocess.check_output(["systemctl", "list-units", "--failed", "--plain", "--no-legend", "nook*"], text=True)
    if failed:
        yield failed


def check_rest(tap):
    listed = kit.nook("ps")
    names = [word for word in ("kept", "staged", "churned") if word in listed.stdout]
    tap.result(f"after a boot ({BOOT}) nothing that was started by hand runs",
               [listed.stderr] if listed.returncode else [f"nook ps: {listed.stdout}"] if names else [])
    cleared = kit.nook("gc")
    wrong = [f"gc: {cleared.stderr}"] if cleared.returncode else []
    tap.result(f"after a boot ({BOOT}) and nook gc nothing of it is left", wrong + list(left_over()))


def check_runs(tap):
    server.start(STORE / "files", 8001)
    for job, data in ((staged("length"), hashlib.sha256(BLOB)), (churned(), hashlib.sha256(BLOB * 200))):
        job.write_text(job.read_text().replace(":8000/", ":8001/"))
        done = kit.nook("run", job)
        wrong = [] if done.returncode == 0 and data.hexdigest() in done.stdout else [done.stdout, done.stderr]
        tap.result(f"after a boot ({BOOT}) {job.name} is staged anew, whole", wrong)
    kit.nook("-q", "gc")


def lay_traps(tap):
    """Leaves things running that the boot to come interrupts."""
    (STORE / "files").mkdir(exist_ok=True)
    (STORE / "files/blob").write_bytes(BLOB)
    (STORE / "files/tree.tar").write_bytes(archive())
    here = pathlib.Path(__file__).parent
    start = ["systemd-run", "--quiet", "--collect", f"--working-directory={here}"]
    subprocess.run([*start, "--unit=boots-server", "python3", "-B", "-c", SERVE.format(str(STORE / "files"))], check=True)
    kit.wait_for(lambda: subprocess.run(["bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/8000"],
                                        stderr=subprocess.DEVNULL).returncode == 0, 60, 0.2)
    done = kit.nook("-q", "run", "--detach", kept())
    tap.result(f"before the next boot ({BOOT}): a task with an artifact runs",
               [] if done.returncode == 0 and "kept" in kit.nook("ps").stdout else [done.stderr])
    subprocess.run([*start, "--unit=boots-staging", "nook", "run", str(staged("slow"))], check=True)
    subprocess.run([*start, "--unit=boots-churn", "sh", "-c", 'while nook -q run "$0"; do :; done', str(churned())],
                   check=True)
    fetched = kit.wait_for(has_begun, 90, 0.2)
    ran = kit.wait_for(lambda: any("churned" in entry.get("_SYSTEMD_UNIT", "") for entry in kit.journal("-b")), 90, 0.2)
    tap.result(f"before the next boot ({BOOT}): an artifact is on its way, and tasks come and go",
               [] if fetched and ran else [f"fetched {fetched}, ran {ran}"])


def has_begun():
    """Whether some of the slow artifact has come; all around, others come and go."""
    for folder, _, names in os.walk("/var/lib/nook"):
        for name in names:
            try:
                data = pathlib.Path(folder, name).read_bytes()
            except OSError:
                continue
            if 2 < len(data) < len(BLOB) and BLOB.startswith(data):
                return True
    return False


def main():
    tap = kit.Tap()
    if BOOT == "first":
        check_first(tap)
    else:
        check_files(tap)
        check_rest(tap)
        check_runs(tap)
    if int(os.environ.get("NOOK_BOOTS_LEFT", "0")) > 0:
        lay_traps(tap)
    return tap.end()


if __name__ == "__main__":
    sys.exit(main())
