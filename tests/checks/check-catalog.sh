#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Each message id that the executor sends has one entry in the catalog, and the reverse; journalctl reads the
# catalog without a complaint, and finds each entry in what it has made of it.
set -eu
bad=0
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
grep -rhoE '"[0-9a-f]{32}"' executor --include='*.[ch]' | tr -d '"' | sort >"$dir/sent"
sed -n 's/^-- \([0-9a-f]\{32\}\)$/\1/p' units/nook.catalog | sort >"$dir/explained"
if ! [ -s "$dir/sent" ] || ! diff -u "$dir/sent" "$dir/explained"; then
        echo "units/nook.catalog: its ids are not those that the executor sends"
        bad=1
fi
if [ -n "$(uniq -d "$dir/explained")" ]; then
        echo "units/nook.catalog: an id stands there twice"
        bad=1
fi
grep -o '@[A-Za-z_]*@' units/nook.catalog | tr -d @ | sort -u >"$dir/fields"
while read -r field; do
        grep -rq "\"$field\"" executor/notice.c || { echo "units/nook.catalog: nobody sends $field"; bad=1; }
done <"$dir/fields"

mkdir -p "$dir/usr/lib/systemd/catalog" "$dir/var/lib/systemd/catalog" "$dir/etc"
cp units/nook.catalog "$dir/usr/lib/systemd/catalog/"
said=$(journalctl --root="$dir" --update-catalog 2>&1) || { echo "journalctl --update-catalog fails"; bad=1; }
if [ -n "$said" ]; then
        echo "$said"
        bad=1
fi
while read -r id; do
        journalctl --root="$dir" --dump-catalog "$id" 2>&1 | grep -q '^Subject: .' ||
                { echo "journalctl has no entry for $id"; bad=1; }
done <"$dir/sent"
exit $bad
