# Destinations outside the task's own folders.
task "artifact" {
  driver = "exec"

  config {
    command = "/bin/true"
  }

  artifact {
    source      = "http://127.0.0.1:8000/plain.txt"
    ## error 19 Unsuitable path: The destination "local/../../x" leaves the allocation directory.
    destination = "local/../../x"
  }

  artifact {
    source      = "http://127.0.0.1:8000/plain.txt"
    destination = "/etc"
  }
}

## exit 125
