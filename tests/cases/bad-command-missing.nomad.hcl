# A command that is not in the task's root.
task "missing" {
  driver = "exec"

  config {
    command = "no-such-program"
  }
}

## exit 127
