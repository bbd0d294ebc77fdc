# No service manager to be found.
task "alone" {
  driver = "exec"

  config {
    command = "/bin/true"
  }
}

## run unshare --mount sh -c 'mount -t tmpfs tmpfs /run/dbus && mount -t tmpfs tmpfs /run/systemd && nook run $FILE'
## exit 125
## err nook: connect to the service manager: systemd is not running here (--direct runs a task without it)
