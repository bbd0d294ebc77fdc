# A property that is text for nook and that only the manager can judge.
task "judged" {
  driver = "exec"

  config {
    command = "/bin/true"
  }

  artifact {
    source = "http://127.0.0.1:8000/consumer.zip"
  }

  unit {
    LogNamespace = "not/a-name"
  }
}

## exit 125
## err nook: start 'nook-judged.service': Log namespace name not valid
## check test "$(busctl call org.freedesktop.systemd1 /org/freedesktop/systemd1 org.freedesktop.systemd1.Manager GetUnit s nook-judged.service 2>&1)" = "Call failed: Unit nook-judged.service not loaded."
## check journalctl --sync; test "$(journalctl -q -o cat --since "$SINCE" MESSAGE_ID=e5ba5c7394ec4eb58ab8b132d7faaf94 UNIT=nook-judged.service NOOK_TASK=judged)" = "Cannot start 'nook-judged.service': Log namespace name not valid"
