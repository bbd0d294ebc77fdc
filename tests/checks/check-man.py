#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""check-man.py BUILD: each program and each unit that `meson install` installs has a manual page of its own, or
is spoken of by name in one; and each unit names a page of ours that exists."""

import json
import pathlib
import re
import subprocess
import sys

UNIT = re.compile(r"\.(service|timer|slice|socket|target)$")


def installed(build):
    """{path in the build or source: where it goes}"""
    plan = json.loads(subprocess.check_output(["meson", "introspect", "--installed", build], text=True))
    return {pathlib.Path(source): pathlib.Path(target) for source, target in plan.items()}


def main():
    files = installed(sys.argv[1])
    pages = {path.name.removesuffix(".scd"): path.read_text() for path in pathlib.Path("man").glob("*.scd")}
    names = {page.rsplit(".", 1)[0] for page in pages}
    wrong, n = [], 0
    for source, target in files.items():
        is_unit = bool(UNIT.search(target.name))
        is_program = target.parent.name in ("bin", "sbin", "system-generators") or (
            "libexec" in target.parts and target.parent.name == "nook")
        if not is_unit and not is_program:
            continue
        n += 1
        if target.name not in names and not any(re.search(rf"(?<![\w-]){re.escape(target.name)}(?![\w-])", text.replace("\\_", "_"))
                                                for text in pages.values()):
            wrong.append(f"no manual page speaks of {target.name}")
        if is_unit and source.is_file():
            found = re.findall(r"^Documentation=man:(.+)\((\d)\)$", source.read_text(), re.MULTILINE)
            if not found:
                wrong.append(f"{target.name} names no manual page in Documentation=")
            wrong += [f"{target.name} names {name}({section}), which is not there"
                      for name, section in found if f"{name}.{section}" not in pages]
    for page in re.findall(r"'([\w.-]+\.\d)'", pathlib.Path("man/meson.build").read_text()):
        if page not in pages:
            wrong.append(f"man/meson.build names {page}, which is not there")
    for page in set(pages) - set(re.findall(r"'([\w.-]+\.\d)'", pathlib.Path("man/meson.build").read_text())):
        wrong.append(f"{page} is not installed")
    if n < 8:
        wrong.append(f"only {n} programs and units were found: the list of what is installed is not read well")
    print("\n".join(wrong) or f"{n} programs and units have a manual page")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
