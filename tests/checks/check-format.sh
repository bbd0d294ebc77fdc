#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Every C file is as clang-format 14 would write it. Other versions format differently, so where 14 is not
# installed this fails rather than guess.
set -eu
command -v clang-format-14 >/dev/null || { echo "clang-format-14 is not installed: apt-get install clang-format-14"; exit 1; }
find generator executor tests \( -name '*.c' -o -name '*.h' \) -print0 | xargs -0 clang-format-14 --dry-run --Werror
