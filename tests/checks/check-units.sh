#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# check-units.sh FILE...: systemd's verifier finds nothing to say about the units that we ship, and those
# given. Without --recursive-errors=no version 252 warns of an unknown key and still exits 0; what it
# prints counts too. The program that a unit starts need not be installed: that alone is let through.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cp units/*.slice units/*.timer units/*.service "$dir" 2>/dev/null || :
for file; do cp "$file" "$dir"; done
bad=0
for unit in "$dir"/*.service "$dir"/*.slice "$dir"/*.timer; do
        [ -e "$unit" ] || continue
        status=0
        said=$(SYSTEMD_UNIT_PATH="$dir:" systemd-analyze verify --man=no --recursive-errors=no "$unit" 2>&1) || status=$?
        left=$(printf '%s\n' "$said" | grep -v -e 'nook is not executable' -e "^$" || :)
        if [ -n "$left" ] || { [ $status -ne 0 ] && [ -z "$said" ]; }; then
                echo "${unit##*/}: $said (status $status)"
                bad=1
        fi
done
exit $bad
