# A file that the server does not have.
task "artifact" {
  driver = "exec"

  config {
    command = "/bin/true"
  }

  artifact {
    ## error 14 Download failed: artifact 'http://127.0.0.1:8000/status/404': the server answered 404 (Not Found).
    source = "http://127.0.0.1:8000/status/404"
  }
}

## exit 125
