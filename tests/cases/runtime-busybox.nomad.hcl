# A root with nothing but one static program in it, given by the task itself: a list narrows the operator's.
task "busybox" {
  driver = "exec"

  config {
    command = "/usr/bin/busybox"
    args    = ["sh", "-c", "busybox ls / /usr/bin; busybox ls /etc"]
  }

  chroot_env {
    "/usr/bin/busybox" = "/usr/bin/busybox"
  }
}

## exit 0
## out busybox
## no-out /passwd|python3/
