# A destination that leads out of the root.
task "dots" {
  driver = "exec"

  config {
    command = "/bin/true"
  }

  chroot_env {
    ## error 14 Unsuitable path: A path of chroot_env must be absolute and have no "..", but this is "/usr/../../usr".
    "/usr" = "/usr/../../usr"
    ## error 14 Unsuitable path: A path of chroot_env must be absolute and have no "..", but this is "etc".
    "/etc" = "etc"
    "/var" = "/var"
  }
}

## exit 125
