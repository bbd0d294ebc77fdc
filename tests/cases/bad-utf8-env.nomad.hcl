# A value that cannot be a string of the environment.
task "env" {
  driver = "exec"

  config {
    command = "/bin/true"
  }

  env {
    ## error 11 Unsuitable value: "NUL" holds a NUL character, which no path, argument or variable can carry.
    NUL = "a\u0000b"
  }
}

## exit 125
