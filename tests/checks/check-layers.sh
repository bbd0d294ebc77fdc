#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Reads the #include lines and fails on an arrow that the architecture does not have:
#     base <- hcl <- job <- unit <- generator's main;  executor -> generator, never back
# and on a library in the wrong half: the generator links GLib, MPFR and libunistring only, the workers
# alone know libcurl and libarchive.
set -eu
bad=0

complain() {
        echo "$1: includes $2: $3"
        bad=1
}

rank() {
        case $1 in
        base) echo 1 ;;
        hcl) echo 2 ;;
        job) echo 3 ;;
        unit) echo 4 ;;
        *) echo 0 ;;
        esac
}

for file in $(find generator executor -name '*.[ch]'); do
        half=${file%%/*}
        layer=$(echo "$file" | cut -d/ -f2)
        for name in $(sed -n 's/^ *# *include *[<"]\([^>"]*\)[>"].*/\1/p' "$file"); do
                other=${name%%/*}
                case $name in
                systemd/*)
                        [ "$half" = executor ] || complain "$file" "$name" "only the executor talks to systemd" ;;
                curl/*)
                        case $file in */*fetch*) ;; *) complain "$file" "$name" "only nook-fetch uses libcurl" ;; esac ;;
                archive.h | archive_entry.h)
                        case $file in */worker/*fetch*) complain "$file" "$name" "only nook-unpack uses libarchive" ;; */worker/*) ;;
                        *) complain "$file" "$name" "only nook-unpack uses libarchive" ;; esac ;;
                pthread.h | threads.h)
                        complain "$file" "$name" "one thread: a child that is cloned without fork() waits for the others" ;;
                gio/* | glib-object.h)
                        complain "$file" "$name" "GLib's data structures only: no GIO, no GObject" ;;
                seccomp.h | security/* | sys/capability.h)
                        [ "$half" = executor ] || complain "$file" "$name" "the generator is pure" ;;
                esac
                [ "$half" = generator ] || continue
                if [ "$(rank "$layer")" -gt 0 ] && [ "$(rank "$other")" -gt "$(rank "$layer")" ]; then
                        complain "$file" "$name" "$layer may not know $other"
                fi
                if [ -e "executor/$name" ] && [ ! -e "$(dirname "$file")/$name" ]; then
                        complain "$file" "$name" "the generator may not know the executor"
                fi
        done
done
exit $bad
