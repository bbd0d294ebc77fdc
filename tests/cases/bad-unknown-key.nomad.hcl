# A key that nobody knows, with what was probably meant.
task "typo" {
  driver = "exec"

  config {
    comand = "/bin/true"
    command = "/bin/true"
  }

  recources {
    memory = 64
  }
}

## exit 125
