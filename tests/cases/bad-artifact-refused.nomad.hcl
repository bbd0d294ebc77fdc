# A server that is not there.
task "artifact" {
  driver = "exec"

  config {
    command = "/bin/true"
  }

  artifact {
    source = "http://127.0.0.1:9/file"
  }
}

## exit 125
