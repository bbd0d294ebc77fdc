# A value that cannot be a string of the environment.
task "env" {
  driver = "exec"

  config {
    command = "/bin/true"
  }

  env {
    "A=B" = "x"
    NUL   = "a\u0000b"
  }
}

## exit 125
