# Destinations outside the task's own folders.
task "artifact" {
  driver = "exec"

  config {
    command = "/bin/true"
  }

  artifact {
    source      = "http://127.0.0.1:8000/plain.txt"
    destination = "local/../../x"
  }

  artifact {
    source      = "http://127.0.0.1:8000/plain.txt"
    destination = "/etc"
  }
}

## exit 125
