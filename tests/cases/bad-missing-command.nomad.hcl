# A task without a command.
task "nothing" {
  driver = "exec"

  config {
    args = ["x"]
  }
}

## exit 125
