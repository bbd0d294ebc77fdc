# A file that the server does not have.
task "artifact" {
  driver = "exec"

  config {
    command = "/bin/true"
  }

  artifact {
    source = "http://127.0.0.1:8000/status/404"
  }
}

## exit 125
## err nook: artifact 'http://127.0.0.1:8000/status/404': the server answered 404 (Not Found)
