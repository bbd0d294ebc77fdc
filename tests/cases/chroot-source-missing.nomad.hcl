# A source in chroot_env that this host does not have is left out, and the plan says so.
task "left-out" {
  driver = "exec"

  config {
    command = "/bin/sh"
    args    = ["-c", "ls -d /opt/absent /usr/bin 2>&1"]
  }
}

## run nook$CONFIG plan $FILE
## run nook$CONFIG run $FILE
## exit 2
## out /\/opt\/absent.*not on this host/
## out /usr/bin
