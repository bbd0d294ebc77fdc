# A destination that leads out of the root.
task "dots" {
  driver = "exec"

  config {
    command = "/bin/true"
  }

  chroot_env {
    "/usr" = "/usr/../../usr"
    "/etc" = "etc"
    "/var" = "/var"
  }
}

## exit 125
