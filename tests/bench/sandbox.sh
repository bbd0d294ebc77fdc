#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# The sandbox's forms against who does the like, rounds interleaved: medians in ms and ratios.
#   sandbox.sh [ROUNDS]      as root on a machine with systemd; bwrap is left out where it is not
# "nook-service" is the same task with its walls built by the manager, from the same plan.
set -eu
rounds=${1-30}
times=$(mktemp)
trap 'rm -f "$times"' EXIT

usr='--ro-bind /etc /etc --ro-bind /usr /usr --symlink usr/bin /bin --symlink usr/lib /lib --symlink usr/lib64 /lib64 --symlink usr/sbin /sbin'
once() { # LABEL COMMAND...
        label=$1
        shift
        start=$(date +%s%N)
        "$@" >/dev/null 2>&1 </dev/null || echo "$label failed" >&2
        echo "$label $(($(date +%s%N) - start))" >>"$times"
}
i=0
while [ $i -lt "$rounds" ]; do
        once systemd-run-scope systemd-run -q --scope /bin/true
        once nook-scope nook -q exec --scope -- /bin/true
        once nook-service nook -q exec -- /bin/true
        once nook-service-by-sandbox nook -q exec --sandbox nook -- /bin/true
        once nook-direct nook -q exec --direct --network none -- /bin/true
        # shellcheck disable=SC2086
        if command -v bwrap >/dev/null; then
                once bwrap bwrap --unshare-all --die-with-parent --proc /proc --dev /dev $usr /bin/true
        fi
        i=$((i + 1))
done

median() { awk -v l="$1" '$1 == l { print $2 }' "$times" | sort -n | awk '{ t[NR] = $1 } END { print t[int((NR + 1) / 2)] / 1000000 }'; }
for label in $(cut -d' ' -f1 "$times" | sort -u); do
        printf '%-26s %8.2f ms\n' "$label" "$(median "$label")"
done
ratio() { printf '%-50s %6.2f\n' "$1 / $2" "$(awk -v a="$(median "$1")" -v b="$(median "$2")" 'BEGIN { print a / b }')"; }
ratio nook-scope systemd-run-scope
ratio nook-service-by-sandbox nook-service
if command -v bwrap >/dev/null; then ratio nook-direct bwrap; fi
