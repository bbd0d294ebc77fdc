# The manager takes the unit, but cannot set up what it asks for: the program is never run.
task "unbuilt" {
  driver = "exec"

  config {
    command = "/bin/true"
  }

  unit {
    LoadCredential = "key:/srv/no/such/file"
  }
}

## exit 125
## err /^Task .unbuilt. could not be started: systemd failed at step CREDENTIALS: .*Failed at step CREDENTIALS spawning /
## check journalctl --sync; journalctl -q -o json --since "$SINCE" MESSAGE_ID=8f173ffef4044b8fbb335ce97f416844 UNIT=nook-unbuilt.service NOOK_TASK=unbuilt | grep -q '"PRIORITY":"3"'
