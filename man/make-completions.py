#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""make-completions.py NOOK bash|zsh: prints a completion script made from the program's own table of verbs
and options (`nook help --json=short`). The scripts beside this file were made so; check-help.py says when
they are out of date."""

import json
import subprocess
import sys

FILE_VERBS = {"run", "plan", "validate", "generate", "job", "hcl", "fmt"}
TASK_VERBS = {"status", "logs", "stop", "restart", "signal", "shell", "path"}


def table(program):
    return json.loads(subprocess.check_output([program, "help", "--json=short"]))


def words(options):
    for option in options:
        yield f"--{option['name']}"
        if "letter" in option:
            yield f"-{option['letter']}"


def with_argument(options):
    for option in options:
        if option.get("argument", "[")[0] != "[":
            yield from words([option])


def bash(data):
    common = data["options"]
    lines = ["# SPDX-License-Identifier: LGPL-2.1-or-later", "# bash completion for nook; made by make-completions.py", "",
             "_nook() {", "        local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} verb= options= valued= i",
             f"        local common='{' '.join(words(common))}'", f"        local common_valued=' {' '.join(with_argument(common))} '",
             "        for ((i = 1; i < COMP_CWORD; i++)); do",
             "                if [[ ${COMP_WORDS[i]} != -* && $common_valued != *\" ${COMP_WORDS[i-1]} \"* ]]; then",
             "                        verb=${COMP_WORDS[i]}", "                        break", "                fi", "        done",
             "        case $verb in"]
    for verb in data["verbs"]:
        valued = " ".join(with_argument(verb["options"]))
        lines += [f"        {verb['name']}) options='{' '.join(words(verb['options']))}' valued=' {valued} ' ;;"]
    verbs = " ".join(verb["name"] for verb in data["verbs"])
    files, tasks = (" | ".join(verb["name"] for verb in data["verbs"] if verb["name"] in kind)
                    for kind in (FILE_VERBS, TASK_VERBS))
    lines += ["        esac", "        if [[ $common_valued$valued == *\" $before \"* ]]; then", "                COMPREPLY=($(compgen -f -- \"$word\"))",
              "                return", "        fi", "        if [[ $word == -* ]]; then",
              "                COMPREPLY=($(compgen -W \"$common $options\" -- \"$word\"))", "                return", "        fi",
              "        case $verb in", f"        '') COMPREPLY=($(compgen -W '{verbs} help' -- \"$word\")) ;;",
              f"        help) COMPREPLY=($(compgen -W '{verbs}' -- \"$word\")) ;;"]
    if files:
        lines += [f"        {files}) COMPREPLY=($(compgen -f -- \"$word\")) ;;"]
    if tasks:
        lines += [f"        {tasks}) COMPREPLY=($(compgen -W \"$(nook ps --no-legend 2>/dev/null | awk '{{print $1}}')\" -- \"$word\")) ;;"]
    return lines + ["        esac", "}", "complete -o filenames -F _nook nook"]


def quote(text):
    return text.replace("'", "'\\''").replace("[", "\\[").replace("]", "\\]").replace(":", "\\:")


def zsh_option(option, indent):
    value = f":{quote(option['argument']).lower()}:_files" if "argument" in option else ""
    for word in words([option]):
        equal = "=" if "argument" in option and word.startswith("--") else ""
        yield f"{indent}'*{word}{equal}[{quote(option['help'])}]{value}'"


def zsh(data):
    lines = ["#compdef nook", "# SPDX-License-Identifier: LGPL-2.1-or-later", "# zsh completion for nook; made by make-completions.py", "",
             "_nook_tasks() {", "        local -a names", "        names=(${(f)\"$(nook ps --no-legend 2>/dev/null | awk '{print $1}')\"})",
             "        compadd -a names", "}", "", "_nook() {", "        local -a common verbs options", "        local context state line",
             "        common=("]
    for option in data["options"]:
        lines += zsh_option(option, " " * 16)
    lines += ["        )", "        verbs=("]
    lines += [f"                '{verb['name']}:{quote(verb['summary'])}'" for verb in data["verbs"]]
    lines += ["                'help:Show help'", "        )", "        _arguments -C $common '1: :->verb' '*:: :->rest'",
              "        case $state in", "        verb) _describe verb verbs ;;", "        rest)", "                case $line[1] in"]
    for verb in data["verbs"]:
        rest = "_files" if verb["name"] in FILE_VERBS else "_nook_tasks" if verb["name"] in TASK_VERBS else "_default"
        lines += [f"                {verb['name']})", "                        options=("]
        for option in verb["options"]:
            lines += zsh_option(option, " " * 32)
        lines += ["                        )", f"                        _arguments $common $options '*:argument:{rest}'", "                        ;;"]
    return lines + ["                help) _describe verb verbs ;;", "                esac", "                ;;", "        esac", "}", "", "_nook \"$@\""]


if __name__ == "__main__":
    print("\n".join({"bash": bash, "zsh": zsh}[sys.argv[2]](table(sys.argv[1]))))
