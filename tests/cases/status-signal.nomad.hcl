# A task that dies on a signal: 128 and the signal's number.
task "dies" {
  driver = "exec"

  config {
    command = "/bin/sh"
    args    = ["-c", "kill -SEGV $$"]
  }
}

## exit 139
