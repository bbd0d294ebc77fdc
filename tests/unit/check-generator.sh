#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# nook-generator on a small root of its own: what it writes for a good and a bad job, what it says, and
# that systemd's verifier takes every file.
#   $1  the generator
set -eu
generator=$1
root=$(mktemp -d)
trap 'rm -r "$root"' EXIT
mkdir -p "$root/etc/nook/jobs" "$root/usr/bin" "$root/out"
ln -s usr/bin "$root/bin"
echo 'alice:x:1000:1000::/home/alice:/bin/sh' >"$root/etc/passwd"

cat >"$root/etc/nook/jobs/web.nomad.hcl" <<'END'
job "web" {
  group "g" {
    task "t" {
      driver = "exec"
      user   = "alice"
      config {
        command = "/bin/echo"
        args    = ["100%", "$HOME; \"x\"", "two  blanks"]
      }
    }
    task "u" {
      driver = "exec"
      config { command = "/bin/true" }
    }
  }
}
END
echo 'task "bad" { driver = "docker" }' >"$root/etc/nook/jobs/bad.hcl"
echo 'not a job' >"$root/etc/nook/jobs/README"

fail() {
  echo "$*" >&2
  exit 1
}

status=0
"$generator" --root="$root" "$root/out" 2>"$root/said" || status=$?
[ "$status" = 1 ] || fail "status $status with a bad job"
grep -q '^/etc/nook/jobs/bad.hcl:1:' "$root/said" || fail "the bad job is not named: $(cat "$root/said")"
[ "$(wc -l <"$root/said")" = "$(grep -c bad.hcl "$root/said")" ] || fail "says more: $(cat "$root/said")"

unit="$root/out/nook-web:g:t:0.service"
for line in 'SourcePath=/etc/nook/jobs/web.nomad.hcl' \
  'Requires=nookboot@etc-nook-jobs-web.nomad.hcl.service' \
  'ExecStart=:/bin/echo 100%% "$HOME; \"x\"" "two  blanks"' 'User=alice' 'Restart=always' \
  'ProtectSystem=strict' 'Slice=nook-web.slice'; do
  grep -qxF -- "$line" "$unit" || fail "no line '$line' in $(cat "$unit")"
done
head -n 1 "$unit" | grep -q 'nook-generator from /etc/nook/jobs/web.nomad.hcl' || fail "does not name itself"
[ "$(readlink "$root/out/multi-user.target.wants/nook-web:g:u:0.service")" = '../nook-web:g:u:0.service' ] ||
  fail "is not wanted"
[ "$(find "$root/out" -type f | wc -l)" = 3 ] || fail "other files: $(find "$root/out")"

if command -v systemd-analyze >/dev/null; then
  for file in "$root"/out/*.service; do
    said=$(systemd-analyze verify --man=no --recursive-errors=no "$file" 2>&1 |
      grep -F "$(basename "$file")" | grep -v 'is not executable' || true)
    case $said in
    *nknown* | *ailed\ to\ parse* | *gnoring*) fail "$said" ;;
    esac
  done
fi

# One whose walls nook's sandbox builds starts that, with the file that `nook prepare` will write.
cat >"$root/etc/nook/jobs/fast.hcl" <<'END'
task "fast" {
  driver  = "exec"
  sandbox = "nook"
  config { command = "/bin/true" }
}
END
"$generator" --root="$root" "$root/out" 2>"$root/said" || true
fast="$root/out/nook-fast.service"
grep -qx 'ExecStart=/.*/nook-sandbox /var/lib/nook/alloc/[-0-9a-f]*/\.walls\.0' "$fast" || fail "$(cat "$fast")"
! grep -q '^User=\|^DynamicUser=\|^ProtectSystem=\|^SystemCallFilter=' "$fast" || fail "$(cat "$fast")"
grep -q '^EnvironmentFile=' "$fast" || fail "$(cat "$fast")"

rm "$root/etc/nook/jobs/bad.hcl"
"$generator" --root="$root" "$root/out" "$root/out" "$root/out" || fail "status with good jobs"
! "$generator" 2>/dev/null || fail "runs without directories"
SYSTEMD_SCOPE=user "$generator" --root="$root" /nowhere || fail "works for users"
