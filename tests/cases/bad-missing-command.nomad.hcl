# A task without a command.
task "nothing" {
  driver = "exec"

  ## error 3 Missing required argument: The driver "exec" needs to know what to run: config { command = "..." }.
  config {
    args = ["x"]
  }
}

## exit 125
