# Values of another type than the key has.
task "types" {
  driver = "exec"

  config {
    command = "/bin/true"
    args    = { a = 1 }
  }

  resources {
    memory = "lots"
  }

  kill_timeout = "soon"
}

## exit 125
