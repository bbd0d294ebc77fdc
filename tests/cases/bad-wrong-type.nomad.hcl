# Values of another type than the key has.
task "types" {
  driver = "exec"

  config {
    command = "/bin/true"
    ## error 15 Unsuitable value: "args" must be a list of strings, but this is an object.
    args    = { a = 1 }
  }

  resources {
    ## error 14 Unsuitable value: "memory" must be a whole number, but this is the string "lots".
    memory = "lots"
  }

  ## error 18 Unsuitable duration: "kill_timeout" must be a duration such as "30s" or "1h30m", but of "soon" a number is missing.
  kill_timeout = "soon"
}

## exit 125
