# Not HCL at all, in the middle of it.
task "syntax" {
  driver = "exec"

  config {
    command = "/bin/true
  }
}

## exit 125
